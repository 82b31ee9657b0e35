"""Transports that lead to no engine of anybody's: to the reason why there is none, and to the simulated one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from backends.errors import BackendError

if TYPE_CHECKING:
    from backends.fake import ThreadedFakeServer


class Refused:
    """A transport to nowhere: what was named makes no sense, and that is shown where an engine would be."""

    def __init__(self, endpoint: str, error: BackendError) -> None:
        self._endpoint = endpoint
        self._error = error

    @property
    def endpoint(self) -> str:
        """What was asked for."""
        return self._endpoint

    async def open(self) -> str:
        """Raises the reason."""
        raise self._error

    async def close(self) -> None:
        """Nothing was opened."""


class Demo:
    """A transport to the simulated engine, which lives in a thread of this process."""

    endpoint = "the built-in demo"

    def __init__(self, scene: str) -> None:
        self._scene = scene
        self._server: ThreadedFakeServer | None = None

    async def open(self) -> str:
        """Builds the made-up Swarm the first time; answers the path of its socket."""
        if self._server is None:
            self._server = await asyncio.to_thread(self._start)
        return self._server.socket_path

    def _start(self) -> ThreadedFakeServer:
        from backends.fake import ThreadedFakeServer

        return ThreadedFakeServer(self._scene).start()

    async def close(self) -> None:
        """Nothing of it stays."""
        if self._server is not None:
            server, self._server = self._server, None
            await asyncio.to_thread(server.stop)
