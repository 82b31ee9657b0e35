"""A command in a container as an object: bytes both ways, window size, exit code.

``POST /exec/ID/start`` is sent on a connection of our own with ``Upgrade: tcp``, and whatever came in the same
segment as the answer's header is kept: through the SDK those first bytes are lost now and then, since they
stay in a buffer below it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from backends.api import ExecRequest, Json
from backends.engine.chunks import STDOUT, Frames
from backends.engine.hijack import CHUNK, hijack
from backends.engine.paths import segment
from backends.errors import ApiError, BackendError, Disconnected, NotFound, TimedOut

#: Tried in this order.
SHELLS = ("bash", "ash", "sh")
#: The engine holds back the first key of its detach sequence until the next one comes; its own begins with
#: ctrl-p, the shell's way to the last command. NUL is typed by nobody.
_DETACH_KEYS = "ctrl-@,ctrl-],ctrl-@,ctrl-]"
_START_LIMIT = 15.0
_PROBE_LIMIT = 10.0
#: Seconds after the end of its output in which a command has ended too: its pipes are kept open as long as it runs.
_LATE = 5.0
#: Seconds between tries to size the terminal of a command that is being started.
_UNTIL_STARTED = (0.02, 0.05, 0.1, 0.2, 0.4)
#: Seconds that a shell has after ctrl-c and after each ctrl-d: it drops what is typed before it has its prompt again.
_AFTER_KEY = (0.15, 0.2, 0.3, 0.5)


class NoShell(BackendError):
    """The container has none of the shells that were looked for."""


class ContainerGone(BackendError):
    """The container stopped or was removed while the command ran; its exit code is unknown."""


class Caller(Protocol):
    """What is needed of an engine: ``SdkEngine`` is one."""

    @property
    def socket_path(self) -> str:
        """The private unix socket that reaches the engine."""
        ...

    @property
    def api_version(self) -> str:
        """The negotiated API version."""
        ...

    async def call(self, method: str, path: str, *, body: Json = None, timeout: float | None = None) -> Json:
        """One request."""
        ...


class HijackedExec:
    """Implements ``backends.api.ExecSession``."""

    def __init__(
        self,
        engine: Caller,
        exec_id: str,
        command: tuple[str, ...],
        tty: bool,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._engine, self._id, self._command, self._tty = engine, exec_id, command, tty
        self._reader, self._writer = reader, writer
        self._frames = None if tty else Frames()
        self._pieces: deque[tuple[str, bytes]] = deque()
        self._ended = asyncio.Event()
        self._code: int | None = None
        self._closed = False
        self._listeners: list[Callable[[], None]] = []

    @property
    def command(self) -> tuple[str, ...]:
        """What was started."""
        return self._command

    @property
    def exec_id(self) -> str:
        """The engine's id of it."""
        return self._id

    def on_close(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` once, when ``close`` is called."""
        self._listeners.append(listener)

    async def read(self) -> bytes:
        """The next bytes of its output; ``b""`` at the end. Raises ``BadAnswer`` for a garbled stream."""
        return (await self.read_stream())[1]

    async def read_stream(self) -> tuple[str, bytes]:
        """The next bytes with the stream they came from, ``stdout`` or ``stderr`` (with a terminal all is
        ``stdout``); ``("stdout", b"")`` at the end."""
        while not self._pieces:
            try:
                data = await self._reader.read(CHUNK)
            except OSError:
                data = b""  # the engine dropped the connection: the exit code tells how it ended
            if not data:
                self._ended.set()
                return STDOUT, b""
            if self._frames is None:
                return STDOUT, data
            self._pieces.extend(frame for frame in self._frames.feed(data) if frame[1])
        return self._pieces.popleft()

    async def write(self, data: bytes) -> None:
        """Sends input with back pressure. Raises ``Disconnected`` where nobody takes it any more."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise Disconnected("The command takes no more input: it has ended.", original=str(error)) from error

    async def write_eof(self) -> None:
        """Closes its input, and only that."""
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    async def resize(self, columns: int, rows: int) -> None:
        """Tells it the new window size. A command that is only just being started has no terminal yet, so a refusal is
        tried again for a moment, as the docker CLI does; then it is swallowed, since the command may have ended."""
        if columns <= 0 or rows <= 0:
            return
        for pause in _UNTIL_STARTED:
            try:
                await self._engine.call("POST", f"/exec/{self._id}/resize?h={rows}&w={columns}", timeout=_START_LIMIT)
                return
            except ApiError:
                await asyncio.sleep(pause)
                if self._ended.is_set():
                    return
            except BackendError:
                return

    async def wait(self) -> int:
        """Its exit code, once it has ended. Raises ``ContainerGone`` where that can never be known, ``Disconnected``
        where the output ended and the command has not: its connection was lost, though the engine may be back."""
        pause, waited = 0.01, 0.0
        while self._code is None:
            state = await self._state()
            code = state.get("ExitCode")
            if not state.get("Running") and isinstance(code, int):
                self._code = code
                break
            if self._ended.is_set():
                if waited > _LATE:
                    raise Disconnected("The connection to the command was lost, and it runs on there.")
                await asyncio.sleep(pause)  # the engine closes the output a moment before it notes the code
                waited += pause
                pause = min(pause * 2, 1.0)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._ended.wait()
        return self._code

    async def close(self) -> None:
        """Drops the connection. Engines send no hang-up then, and would let the command run on for ever; so a
        terminal that is still open gets what a person types to leave: ctrl-c, and ctrl-d until it has ended, for a
        second at most."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._tty and not self._ended.is_set() and not self._writer.is_closing():
                await self._leave()
        finally:
            self._ended.set()
            if self._writer.transport.get_write_buffer_size():
                self._writer.transport.abort()  # nobody takes it: a plain close would wait for that for ever
            else:
                self._writer.close()
            for listener in self._listeners:
                listener()

    async def _leave(self) -> None:
        for number, seconds in enumerate(_AFTER_KEY):
            self._writer.write(b"\x04" if number else b"\x03")
            try:
                async with asyncio.timeout(seconds):
                    while await self._reader.read(CHUNK):
                        pass
                return
            except TimeoutError:
                continue
            except OSError:
                return  # the engine has dropped the connection

    async def _state(self) -> dict[str, Json]:
        try:
            state = await self._engine.call("GET", f"/exec/{self._id}/json")
        except NotFound as error:
            raise ContainerGone("The container is gone, and the command with it.", original=error.original) from error
        except ApiError as error:
            if "not running" in error.original or "not running" in str(error):
                raise ContainerGone("The container stopped while the command ran.", original=error.original) from error
            raise
        return state if isinstance(state, dict) else {}


async def start(engine: Caller, container_id: str, request: ExecRequest) -> HijackedExec:
    """Starts what ``request`` says, or the first shell that is there. Raises ``NoShell``, ``NotFound``,
    ``Conflict`` (the container does not run) and what else the engine says."""
    command = request.command or (await find_shell(engine, container_id, user=request.user),)
    return await _start(engine, container_id, request, command)


async def find_shell(engine: Caller, container_id: str, *, user: str = "") -> str:
    """The first of bash, ash and sh that can be run. Raises ``NoShell``.

    One question to ``sh`` answers for nearly all containers; only where there is none are the others tried one by
    one.
    """
    names = " || ".join(f"command -v {name}" for name in SHELLS)
    code, output = await _probe(engine, container_id, ("sh", "-c", names), user)
    found = output.strip().rpartition("/")[2]
    if code == 0 and found in SHELLS:
        return found
    for name in SHELLS:
        code, _ = await _probe(engine, container_id, (name, "-c", "exit 0"), user)
        if code == 0:
            return name
    raise NoShell(
        f"There is no shell in this container: none of {', '.join(SHELLS)} is in its path.",
        hint="Name a program that it has, look at its logs or its files, or debug it from another container.",
    )


async def _probe(engine: Caller, container_id: str, command: tuple[str, ...], user: str) -> tuple[int, str]:
    """(exit code, output) of a short command; 127 where the engine says at once that it is not there."""
    request = ExecRequest(command, tty=False, stdin=False, user=user)
    try:
        async with asyncio.timeout(_PROBE_LIMIT):
            session = await _start(engine, container_id, request, command)
            try:
                output = b""
                while len(output) < 4096 and (data := await session.read()):
                    output += data
                return await session.wait(), output.decode("utf-8", "replace")
            finally:
                await session.close()
    except TimeoutError as error:
        raise TimedOut("The container did not answer while a shell was looked for.") from error
    except ApiError as error:
        if "executable file not found" in error.original or "no such file or directory" in error.original:
            return 127, ""
        raise


async def _start(engine: Caller, container_id: str, request: ExecRequest, command: tuple[str, ...]) -> HijackedExec:
    columns, rows = request.size
    sized = request.tty and columns > 0 and rows > 0
    spec: dict[str, Json] = {
        "AttachStdin": request.stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": request.tty,
        "Cmd": list(command),
        "Privileged": request.privileged,
    }
    if request.tty:
        spec["DetachKeys"] = _DETACH_KEYS
    if request.user:
        spec["User"] = request.user
    if request.workdir:
        spec["WorkingDir"] = request.workdir
    if request.env:
        spec["Env"] = list(request.env)
    start_spec: dict[str, Json] = {"Detach": False, "Tty": request.tty}
    if sized and _has_console_size(engine.api_version):
        spec["ConsoleSize"] = start_spec["ConsoleSize"] = [rows, columns]
    made = await engine.call("POST", f"/containers/{segment(container_id)}/exec", body=spec)
    exec_id = made.get("Id") if isinstance(made, dict) else None
    if not isinstance(exec_id, str) or not exec_id:
        raise Disconnected("The engine made no exec instance.", original=str(made)[:400])
    path = f"/v{engine.api_version}/exec/{segment(exec_id)}/start"
    reader, writer = await hijack(engine.socket_path, path, msgspec.json.encode(start_spec), _START_LIMIT)
    session = HijackedExec(engine, exec_id, command, request.tty, reader, writer)
    if sized and not _has_console_size(engine.api_version):
        await session.resize(columns, rows)
    return session


def _has_console_size(version: str) -> bool:
    """``ConsoleSize`` came with API 1.42; before, the size is set after the start."""
    major, _, minor = version.partition(".")
    return (int(major), int(minor)) >= (1, 42)
