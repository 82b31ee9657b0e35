"""The machine that we run on, as one on which commands can be run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from backends.errors import Disconnected, Unreachable
from backends.local_run import run_here

if TYPE_CHECKING:
    from backends.ssh.run import Completed


class Here:
    """Implements ``backends.joining.machine.Machine``."""

    sudo = False
    python = sys.executable

    def __init__(self, name: str = "this machine") -> None:
        self.name = name

    async def run(self, command: str, *, limit: float = 30.0) -> Completed:
        """One command of the shell, run to its end."""
        return await run_here(command, limit)

    async def start(self, command: str) -> LocalSession:
        """A command that goes on. Raises ``Unreachable`` where it cannot be started."""
        try:
            process = await asyncio.create_subprocess_exec(
                "sh",
                "-c",
                command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise Unreachable(f"sh cannot be started here: {error.strerror}.", original=str(error)) from error
        return LocalSession(process, command)


class LocalSession:
    """Implements ``backends.api.ExecSession`` on a process of ours."""

    def __init__(self, process: asyncio.subprocess.Process, command: str) -> None:
        self._process = process
        self.command = (command,)

    async def read(self) -> bytes:
        """The next bytes of its output; ``b""`` at the end."""
        assert self._process.stdout is not None
        return await self._process.stdout.read(65536)

    async def write(self, data: bytes) -> None:
        """Sends input. Raises ``Disconnected`` where it has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            await self._process.stdin.drain()
        except OSError as error:
            raise Disconnected("The command takes no more input: it has ended.", original=str(error)) from error

    async def write_eof(self) -> None:
        """Closes its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def resize(self, columns: int, rows: int) -> None:
        """It has no window."""

    async def wait(self) -> int:
        """Its exit code."""
        return await self._process.wait()

    async def close(self) -> None:
        """Ends it with all that it started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
