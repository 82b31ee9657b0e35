"""A login shell, or a command with or without a terminal, on a machine itself: bytes both ways, nothing decoded.

The default of asyncssh, text in UTF-8, would end the whole connection with all its channels at the first byte that
is not; and handing it a descriptor would leave the person's terminal non-blocking for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backends.errors import Disconnected, Unreachable
from backends.ssh import problems
from backends.ssh.channels import open_session
from backends.ssh.link import Link
from backends.ssh.pool import Pool
from backends.ssh.run import DEFAULT_CAP, Completed, run
from backends.ssh.sessions import Use
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHClientChannel

#: Bytes that may wait for the reader before the other side is stopped.
_HIGH_WATER = 512 * 1024


class Shell:
    """Implements ``backends.api.ExecSession``."""

    def __init__(self, link: Link, command: tuple[str, ...], stack: contextlib.AsyncExitStack) -> None:
        self._link, self._command, self._stack = link, command, stack
        self._channel: SSHClientChannel[bytes] | None = None
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._stopped = False
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._ended = asyncio.Event()
        self._code: int | None = None
        self._error: Exception | None = None
        self.on_end: Callable[[], None] | None = None

    @property
    def command(self) -> tuple[str, ...]:
        """What was started; empty for the login shell."""
        return self._command

    async def read(self) -> bytes:
        """The next bytes of its output; ``b""`` at the end."""
        while not self._pieces:
            if self._ended.is_set():
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        data = self._pieces.popleft()
        self._waiting -= len(data)
        if self._stopped and self._waiting < _HIGH_WATER // 2 and self._channel is not None:
            self._stopped = False
            self._channel.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Sends input; waits while the other side does not take it. Raises ``Disconnected`` where nobody does any
        more."""
        await self._room.wait()
        if self._channel is None or self._ended.is_set():
            raise Disconnected("The shell takes no more input: it has ended.")
        try:
            self._channel.write(data)
        except OSError as error:
            raise Disconnected("The shell takes no more input: it has ended.", original=str(error)) from error

    async def write_eof(self) -> None:
        """Closes its input, and only that."""
        if self._channel is not None:
            with contextlib.suppress(OSError):
                self._channel.write_eof()

    async def resize(self, columns: int, rows: int) -> None:
        """Tells it the new window size."""
        if self._channel is not None and columns > 0 and rows > 0:
            with contextlib.suppress(OSError):
                self._channel.change_terminal_size(columns, rows)

    async def wait(self) -> int:
        """Its exit code, once it has ended; 128 and the signal's number where one killed it. Raises
        ``Disconnected`` where the connection was lost before."""
        await self._ended.wait()
        if self._code is None:
            raise problems.lost(self._link.target, self._error)
        return self._code

    async def close(self) -> None:
        """Drops the channel, at which the shell gets a hang-up, and lets the connection go."""
        if self._channel is not None:
            self._channel.close()
        await self._stack.aclose()

    async def start(self, columns: int, rows: int, term: str) -> None:
        """Opens the channel; ``term`` empty gives it no terminal. Raises ``BackendError``."""
        import asyncssh

        options: dict[str, Any] = {"request_pty": False}
        if term:
            options = {"term_type": term, "term_size": (columns, rows)}
        try:
            command = self._command[0] if self._command else None
            self._channel = await open_session(self._link, self, command, Use.LONG, **options)
        except asyncssh.ChannelOpenError as error:
            target = self._link.target
            raise Unreachable(
                f"{target.host} gives {target.user} no {'terminal' if term else 'session'}.",
                hint="Its sshd_config may forbid it (PermitTTY, ForceCommand, MaxSessions 0).",
                original=str(error),
            ) from error

    # -- called by asyncssh -----------------------------------------------------------------------------

    def connection_made(self, chan: SSHClientChannel[bytes]) -> None:
        """The channel is being opened; data may come before ``start`` has it."""
        self._channel = chan

    def session_started(self) -> None:
        """It runs."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output of either stream."""
        self._pieces.append(data)
        self._waiting += len(data)
        self._arrived.set()
        if not self._stopped and self._waiting >= _HIGH_WATER and self._channel is not None:
            self._stopped = True
            self._channel.pause_reading()

    def eof_received(self) -> bool:
        """It writes no more."""
        return True

    def pause_writing(self) -> None:
        """It takes no more for now."""
        self._room.clear()

    def resume_writing(self) -> None:
        """It does again."""
        self._room.set()

    def xon_xoff_requested(self, client_can_do: bool) -> None:
        """Ours to ignore: the terminal here is raw."""

    def exit_status_received(self, status: int) -> None:
        """It has ended."""
        self._code = status

    def exit_signal_received(self, name: str, core_dumped: bool, msg: str, lang: str) -> None:
        """It was killed."""
        number = getattr(signal, f"SIG{name}", None)
        self._code = 128 + int(number) if number is not None else 255

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel has ended."""
        self._error = exc or self._link.ended_for
        self._ended.set()
        self._arrived.set()
        self._room.set()
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()


async def open_shell(
    pool: Pool,
    target: Target,
    *,
    command: str = "",
    size: tuple[int, int] = (80, 24),
    term: str = "xterm-256color",
) -> Shell:
    """A login shell on a machine, or a command there in its place, over the connection that is shared with its
    engine. ``size`` is (columns, rows); ``term`` empty gives it no terminal. Raises ``BackendError``."""
    async with contextlib.AsyncExitStack() as stack:
        link = await stack.enter_async_context(pool.lease(target))
        await link.up()
        shell = Shell(link, (command,) if command else (), stack.pop_all())
    try:
        await shell.start(*size, term)
    except BaseException:
        await shell.close()
        raise
    return shell


async def run_on(
    pool: Pool, target: Target, command: str, *, stdin: bytes = b"", limit: float = 30.0, cap: int = DEFAULT_CAP
) -> Completed:
    """One command on a machine, run to its end. Raises ``BackendError``; a command that fails is no error."""
    async with pool.lease(target) as link:
        await link.up()
        return await run(link, command, stdin=stdin, limit=limit, cap=cap)
