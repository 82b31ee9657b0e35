"""A login shell on this machine itself, on a terminal of its own: as ``backends.ssh.shell`` on others."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import pwd
import signal
import struct
import termios

from backends.errors import Disconnected, Unreachable

#: Seconds that a shell has to end by itself after its terminal was taken away.
_GRACE = 1.0
_PIECE = 65536


def login_shell() -> str:
    """The shell of our own user, as a login would start it."""
    try:
        named = pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        named = ""
    found = (path for path in (os.environ.get("SHELL", ""), named) if path and os.access(path, os.X_OK))
    return next(found, "/bin/sh")


def _home() -> str:
    home = os.path.expanduser("~")
    return home if os.path.isdir(home) else "/"


class LocalShell:
    """Implements ``backends.api.ExecSession``."""

    def __init__(self, master: int, process: asyncio.subprocess.Process, command: tuple[str, ...]) -> None:
        self._master, self._process, self._command = master, process, command
        self._readable, self._writable = asyncio.Event(), asyncio.Event()
        self._closed = False
        asyncio.get_running_loop().add_reader(master, self._readable.set)

    @property
    def command(self) -> tuple[str, ...]:
        """What was started; empty for the login shell."""
        return self._command

    async def read(self) -> bytes:
        """The next bytes of its output; ``b""`` at the end."""
        while not self._closed:
            try:
                return os.read(self._master, _PIECE)
            except BlockingIOError:
                self._readable.clear()
                await self._readable.wait()
            except OSError:
                return b""  # EIO: nobody holds the other end any more
        return b""

    async def write(self, data: bytes) -> None:
        """Sends input; waits while the shell does not take it. Raises ``Disconnected`` where it has ended."""
        view, loop = memoryview(data), asyncio.get_running_loop()
        while view:
            if self._closed:
                raise Disconnected("The shell takes no more input: it has ended.")
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                self._writable.clear()
                loop.add_writer(self._master, self._writable.set)
                try:
                    await self._writable.wait()
                finally:
                    loop.remove_writer(self._master)
            except OSError as error:
                raise Disconnected("The shell takes no more input: it has ended.", original=str(error)) from error

    async def write_eof(self) -> None:
        """A terminal's end of input is a character."""
        await self.write(b"\x04")

    async def resize(self, columns: int, rows: int) -> None:
        """Tells it the new window size."""
        if not self._closed and columns > 0 and rows > 0:
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def wait(self) -> int:
        """Its exit code; 128 and the signal's number where one killed it."""
        code = await self._process.wait()
        return code if code >= 0 else 128 - code

    async def close(self) -> None:
        """Takes the terminal away, at which the shell gets a hang-up; what does not heed it is killed."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        self._readable.set()
        self._writable.set()
        os.close(self._master)
        try:
            async with asyncio.timeout(_GRACE):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


async def open_local_shell(
    command: str, *, size: tuple[int, int] = (80, 24), term: str = "xterm-256color"
) -> LocalShell:
    """The login shell of our own user, or ``command`` in it, on a terminal of ``size`` (columns, rows). Raises
    ``Unreachable`` where none can be started."""
    shell = login_shell()
    # A login shell is told that it is one by a dash before its name (login(1)).
    name = f"-{os.path.basename(shell)}"
    arguments = [name, "-c", command] if command else [name]
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.set_blocking(master, False)
        process = await asyncio.create_subprocess_exec(
            *arguments,
            executable=shell,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=_home(),
            env={**os.environ, "TERM": term},
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
    except OSError as error:
        os.close(master)
        raise Unreachable(f"{shell} cannot be started here: {error.strerror}.", original=str(error)) from error
    finally:
        os.close(slave)
    return LocalShell(master, process, (command,) if command else ())


def _take_terminal() -> None:
    """In the new process: its input becomes its controlling terminal, so that ctrl+c and job control work. They do
    also where we were started with those signals ignored, which a login would not hand on either."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP, signal.SIGTTOU):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
