"""Standard input and output as bytes, without ever blocking the event loop or changing the descriptors' flags.

Each descriptor has a daemon thread: a reader or writer that is stuck must not keep the program from ending, and
files, pipes and terminals all behave the same that way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import select
import threading
from collections.abc import Callable

_CHUNK = 64 * 1024
#: Chunks that may wait for the other side.
_AHEAD = 8


class Outlet:
    """Writes to a descriptor; ``put`` waits while it does not take more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._chunks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(_AHEAD)
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self._failed: OSError | None = None
        threading.Thread(target=self._run, name=f"outlet {descriptor}", daemon=True).start()

    async def put(self, chunk: bytes) -> None:
        """Writes, soon. Raises ``OSError`` (``BrokenPipeError``) where an earlier chunk could not be written."""
        await self._room.acquire()
        if self._failed is not None:
            raise self._failed
        self._chunks.put(chunk)

    async def finish(self) -> None:
        """Waits until all is written. Raises ``OSError`` where that failed."""
        self._chunks.put(None)
        await self._done.wait()
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            if self._failed is None:
                try:
                    self._write(chunk)
                except OSError as error:
                    self._failed = error
            self._tell(self._room.release)
        self._tell(self._done.set)

    def _write(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:  # somebody else made it non-blocking
                select.select([], [self._descriptor], [])

    def _tell(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            self._loop.call_soon_threadsafe(call)


class Inlet:
    """Reads a descriptor, a few chunks ahead."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(_AHEAD)
        threading.Thread(target=self._run, name=f"inlet {descriptor}", daemon=True).start()

    async def read(self) -> bytes:
        """The next bytes; ``b""`` at the end, which is read once."""
        data = await self._chunks.get()
        self._room.release()
        return data

    def _run(self) -> None:
        data = b"-"
        while data:
            self._room.acquire()
            data = self._read()
            try:
                self._loop.call_soon_threadsafe(self._chunks.put_nowait, data)
            except RuntimeError:
                return  # the loop has ended

    def _read(self) -> bytes:
        while True:
            try:
                return os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                select.select([self._descriptor], [], [])
            except OSError:
                return b""
