"""Standard input and output as bytes, without ever blocking the event loop or changing the descriptors' flags.

Each descriptor has a daemon thread: a reader or writer that is stuck must not keep the program from ending, and
files, pipes and terminals all behave the same that way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import threading
from collections.abc import Callable

_CHUNK = 64 * 1024
#: Chunks that may be read ahead, and bytes that may wait to be written.
_AHEAD, _MOST = 8, 1024 * 1024


class Outlet:
    """Writes to a descriptor; ``put`` waits while it does not take more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._chunks: list[bytes] = []
        self._waiting = 0
        """Bytes that are put and not written; only the loop's thread counts them."""
        self._finishing = False
        self._handed = threading.Condition()
        self._room = asyncio.Event()
        self._room.set()
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self._failed: OSError | None = None
        threading.Thread(target=self._run, name=f"outlet {descriptor}", daemon=True).start()

    async def put(self, chunk: bytes) -> None:
        """Writes, soon. Raises ``OSError`` (``BrokenPipeError``) where an earlier chunk could not be written."""
        await self._room.wait()
        if self._failed is not None:
            raise self._failed
        self._waiting += len(chunk)
        if self._waiting >= _MOST:
            self._room.clear()
        with self._handed:
            self._chunks.append(chunk)
            self._handed.notify()

    async def finish(self) -> None:
        """Waits until all is written. Raises ``OSError`` where that failed."""
        with self._handed:
            self._finishing = True
            self._handed.notify()
        await self._done.wait()
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        while chunks := self._next():
            if self._failed is None:
                try:
                    self._write(chunks)
                except OSError as error:
                    self._failed = error
            size = sum(map(len, chunks))
            self._tell(lambda size=size: self._wrote(size))  # type: ignore[misc]
        self._tell(self._done.set)

    def _next(self) -> list[bytes]:
        """All that waits: an engine's frames are small, and each would cost a change between the threads."""
        with self._handed:
            while not self._chunks and not self._finishing:
                self._handed.wait()
            chunks, self._chunks = self._chunks, []
            return chunks

    def _write(self, chunks: list[bytes]) -> None:
        view = memoryview(chunks[0] if len(chunks) == 1 else b"".join(chunks))
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:  # somebody else made it non-blocking
                select.select([], [self._descriptor], [])

    def _wrote(self, size: int) -> None:
        self._waiting -= size
        if self._waiting < _MOST:
            self._room.set()

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
