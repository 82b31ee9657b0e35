"""``ProxyCommand``: a shell command whose input and output are the way to the machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket

_MOST_WORDS = 2048


class Proxy:
    """One such command. asyncssh could run it too, but would take what it says on stderr for the server's words."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self.words = ""
        """The last line that it said on stderr."""

    async def start(self) -> socket.socket:
        """Runs it; returns our end. Raises ``OSError``."""
        ours, theirs = socket.socketpair()
        try:
            ours.setblocking(False)
            self._process = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                f"exec {self._command}",
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._listening = asyncio.create_task(self._listen(self._process), name=f"proxy command {self._process.pid}")
        return ours

    def end(self) -> None:
        """Ends it with all that it started."""
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGTERM)

    async def finish(self) -> None:
        """Ends it, and waits until it has."""
        if self._listening is None or self._process is None:
            return
        self.end()
        done, _ = await asyncio.wait([self._listening], timeout=1.0)
        if not done:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._listening

    async def settled(self) -> None:
        """Waits a moment for its last words, where it is ending."""
        if self._listening is not None:
            await asyncio.wait([self._listening], timeout=0.5)

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        said = b""
        while data := await process.stderr.read(_MOST_WORDS):
            said = (said + data)[-_MOST_WORDS:]
            lines = said.decode("utf-8", "replace").strip().splitlines()
            self.words = lines[-1].strip() if lines else ""
        await process.wait()
