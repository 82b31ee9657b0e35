"""One command on a machine, run to its end: bytes in, bytes out, exit code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.errors import BackendError, Disconnected, TimedOut, Unreachable
from backends.ssh import problems
from backends.ssh.channels import open_session
from backends.ssh.link import Link

if TYPE_CHECKING:
    from asyncssh.channel import SSHChannel

#: Bytes of each stream that are kept; what comes after is counted only.
DEFAULT_CAP = 256 * 1024


@dataclass(frozen=True, slots=True)
class Completed:
    """What became of a command. ``status`` is -1 where a signal ended it; ``skipped`` are bytes past the cap."""

    status: int
    stdout: bytes
    stderr: bytes
    skipped: int = 0


class Collector:
    """Stands in for ``asyncssh.SSHClientSession``: keeps what a command writes, up to a cap for each stream."""

    def __init__(self, cap: int = DEFAULT_CAP, enough: bytes | None = None) -> None:
        """``enough`` ends the waiting as soon as stdout holds it."""
        self._cap, self._enough = cap, enough
        self._streams = (bytearray(), bytearray())
        self.skipped = 0
        self.status: int | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_end: Callable[[], None] | None = None

    @property
    def stdout(self) -> bytes:
        """What came so far."""
        return bytes(self._streams[0])

    @property
    def stderr(self) -> bytes:
        """What came so far."""
        return bytes(self._streams[1])

    def connection_made(self, chan: SSHChannel[bytes]) -> None:
        """The channel is being opened."""

    def session_started(self) -> None:
        """The command runs."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output; ``datatype`` says that it is stderr."""
        stream = self._streams[0 if datatype is None else 1]
        room = self._cap - len(stream)
        stream += data[:room]
        self.skipped += max(0, len(data) - room)
        if self._enough is not None and datatype is None and self._enough in stream:
            self._finish(None)

    def eof_received(self) -> bool:
        """It writes no more."""
        return True

    def pause_writing(self) -> None:
        """It takes no more input for now; what is written is short here."""

    def resume_writing(self) -> None:
        """It does again."""

    def exit_status_received(self, status: int) -> None:
        """It has ended."""
        self.status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """It was killed."""
        self.status = -1

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel has ended."""
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()
        self._finish(exc)

    def _finish(self, error: Exception | None) -> None:
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
                self.done.exception()  # nobody may be waiting any more


async def run(
    link: Link, command: str, *, stdin: bytes = b"", limit: float = 30.0, cap: int = DEFAULT_CAP
) -> Completed:
    """Runs ``command`` in the login shell there. Raises ``TimedOut`` after ``limit`` seconds, else what the
    connection says; a command that fails is no error."""
    collector = Collector(cap)
    await ask(link, command, collector, stdin=stdin, limit=limit, end_input=True)
    if collector.status is None:
        raise Disconnected(f"The connection to {link.target.host} ended before the command did.")
    return Completed(collector.status, collector.stdout, collector.stderr, collector.skipped)


async def ask(link: Link, command: str, collector: Collector, *, stdin: bytes, limit: float, end_input: bool) -> None:
    """Runs ``command`` until the collector is done, then ends it."""
    import asyncssh

    try:
        channel = await open_session(link, collector, command)
    except asyncssh.ChannelOpenError as error:
        raise Unreachable(
            f"{link.target.host} runs no commands for {link.target.user}.",
            hint="Its sshd_config may forbid it (ForceCommand, MaxSessions 0, a restricted key).",
            original=str(error),
        ) from error
    try:
        async with asyncio.timeout(limit):
            with contextlib.suppress(OSError):  # it may have ended already, without reading
                if stdin:
                    channel.write(stdin)
                if end_input:
                    channel.write_eof()
            await collector.done
    except TimeoutError as error:
        raise TimedOut(f"{link.target.host} did not finish within {limit:g} s: {command}.") from error
    except BackendError:
        raise
    except (OSError, asyncssh.Error) as error:
        raise problems.lost(link.target, error) from error
    finally:
        channel.close()
