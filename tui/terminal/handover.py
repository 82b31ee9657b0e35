"""Lends the real terminal to an exec session: raw bytes both ways, window size following, one key to leave.

The event loop goes on all the while, and with it event streams and keepalives: input comes by a reader on the
loop, output leaves through a thread of its own, since a slow or stopped (``^S``) terminal blocks a write.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import termios
import threading
import tty
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass

from backends.api import ExecSession
from backends.errors import BackendError

#: ``ctrl+]``, as telnet and others have it.
LEAVE = b"\x1d"
#: Leave key, ctrl+c and ctrl+d; carriage return and line feed.
_BACK, _ENTER = b"\x1d\x03\x04", b"\r\n"
_INPUT_LIMIT = 65536


@dataclass(frozen=True, slots=True)
class Ending:
    """How a hand-over ended."""

    left: bool = False
    """Whether the person left by the leave key while the command still ran."""
    problem: str = ""
    """Why the connection was lost, if it was."""


class _Output:
    """Writes to the terminal in a thread; ``put`` waits while more than a few chunks are due."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._chunks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(8)
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        threading.Thread(target=self._run, name="handover-output", daemon=True).start()

    def _run(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            view = memoryview(chunk)
            while view:
                try:
                    view = view[os.write(self._descriptor, view) :]
                except OSError:
                    break  # the terminal is gone; the input side notices too
            self._tell(self._room.release)
        self._tell(self._done.set)

    def _tell(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            self._loop.call_soon_threadsafe(call)

    async def put(self, chunk: bytes) -> None:
        await self._room.acquire()
        self._chunks.put(chunk)

    async def finish(self) -> None:
        """Waits until all is written, but not for ever: the terminal may be stopped."""
        self._chunks.put(None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), 2)


@contextlib.contextmanager
def raw(descriptor: int) -> Iterator[None]:
    """The terminal in raw mode, and afterwards exactly as it was found."""
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)


@contextlib.contextmanager
def _size_changes(call: Callable[[], None]) -> Iterator[None]:
    """Calls when the window changes its size. Signal handlers can be set from the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGWINCH, lambda *_: loop.call_soon_threadsafe(call))
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)


def window(descriptor: int) -> tuple[int, int]:
    """(columns, rows) of the terminal."""
    try:
        size = os.get_terminal_size(descriptor)
    except OSError:
        return 80, 24
    return size.columns or 80, size.lines or 24


class _Loan:
    """One hand-over: three pumps that end together."""

    def __init__(self, session: ExecSession, source: int, sink: int) -> None:
        self._session = session
        self._source = source
        self._sink = sink
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._due = 0
        self._resizing = self._size_due = False
        self._tasks: set[asyncio.Task[None]] = set()

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _resized(self) -> None:
        self._size_due = True
        if not self._resizing:
            self._resizing = True
            self._spawn(self._resize(), "handover-resize")

    async def _resize(self) -> None:
        """Tells the size as it is, one after the other: of two on their way at once the older might come last."""
        try:
            while self._size_due:
                self._size_due = False
                await self._session.resize(*window(self._sink))
        finally:
            self._resizing = False

    def _readable(self) -> None:
        try:
            data = os.read(self._source, 4096)
        except OSError:
            data = b""
        self._typed.put_nowait(data)
        self._due += len(data)
        if self._due > _INPUT_LIMIT or not data:
            asyncio.get_running_loop().remove_reader(self._source)

    async def _input(self) -> bool:
        """Passes on what is typed; ``True`` when the leave key came."""
        loop = asyncio.get_running_loop()
        while data := await self._typed.get():
            before, leave, _ = data.partition(LEAVE)
            if before:
                await self._session.write(before)
            if leave:
                return True
            full = self._due > _INPUT_LIMIT
            self._due -= len(data)
            if full and self._due <= _INPUT_LIMIT:
                loop.add_reader(self._source, self._readable)
        return True  # the terminal is gone: nobody can type any more

    async def _output(self, output: _Output) -> None:
        while data := await self._session.read():
            await output.put(data)

    async def run(self) -> Ending:
        loop = asyncio.get_running_loop()
        output = _Output(self._sink)
        typing = asyncio.create_task(self._input(), name="handover-input")
        showing = asyncio.create_task(self._output(output), name="handover-show")
        loop.add_reader(self._source, self._readable)
        try:
            with _size_changes(self._resized):
                self._resized()
                await asyncio.wait({typing, showing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(self._source)
            for task in (typing, showing, *self._tasks):
                task.cancel()
            results = await asyncio.gather(typing, showing, return_exceptions=True)
            await output.finish()
        for result in results:
            if isinstance(result, BackendError):
                return Ending(problem=str(result))
            if isinstance(result, Exception):
                raise result
        return Ending(left=results[0] is True)


async def hand_over(session: ExecSession, *, source: int = 0, sink: int = 1) -> Ending:
    """Connects a session with the terminal at these descriptors until it ends or the leave key is typed.

    The application must have let go of the terminal before (``App.suspend``). The session is not closed.
    """
    with raw(source):
        return await _Loan(session, source, sink).run()


async def hold(*, source: int = 0) -> None:
    """Swallows what is typed until somebody means to come back: by the leave key, ``ctrl+c`` or ``ctrl+d``, or by
    ``enter`` with nothing typed before it. Whoever types into a shell that was lost meant that shell, and the keys
    of the application are commands. Also returns where the terminal is gone."""
    loop = asyncio.get_running_loop()
    back = asyncio.Event()
    typed = False

    def readable() -> None:
        nonlocal typed
        try:
            data = os.read(source, 4096)
        except OSError:
            data = b""
        if not data or any(byte in _BACK for byte in data):
            back.set()
        for byte in data:
            if byte not in _ENTER:
                typed = True
            elif typed:
                typed = False
            else:
                back.set()

    with raw(source):
        with contextlib.suppress(termios.error):
            termios.tcflush(source, termios.TCIFLUSH)
        loop.add_reader(source, readable)
        try:
            await back.wait()
        finally:
            loop.remove_reader(source)
