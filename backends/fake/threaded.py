"""The same server in a thread of its own, so that the demo never stalls the user interface's loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from backends.fake.clock import Clock
from backends.fake.scenario import Scene
from backends.fake.server import FakeServer

_T = TypeVar("_T")


class ThreadedFakeServer:
    """A ``FakeServer`` whose loop runs in a daemon thread: ``with ThreadedFakeServer("demo") as server``."""

    def __init__(
        self,
        scenario: str | Scene = "demo",
        path: str | Path | None = None,
        *,
        node: str = "",
        clock: Clock | None = None,
        seed: int = 1,
        api: str = "",
        count: int = 100,
        rate: float = 0.0,
    ) -> None:
        def make() -> FakeServer:
            return FakeServer(scenario, path, node=node, clock=clock, seed=seed, api=api, count=count, rate=rate)

        self._make = make
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._server: FakeServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="fake-engine", daemon=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        async with self._make() as server:
            self._server = server
            self._ready.set()
            await self._end.wait()

    def start(self) -> ThreadedFakeServer:
        """Starts it; returns when it listens. Raises what kept it from starting."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Ends it; returns when its thread has ended."""
        if self._loop is not None and self._end is not None and self._thread.is_alive():
            try:
                self._loop.call_soon_threadsafe(self._end.set)
            except RuntimeError:
                pass
        self._thread.join(timeout=5)

    def __enter__(self) -> ThreadedFakeServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def server(self) -> FakeServer:
        """The server itself; touch it only through ``call``, except for reading counters."""
        if self._server is None:
            raise RuntimeError("the server was not started")
        return self._server

    @property
    def socket_path(self) -> str:
        """Where it listens."""
        return self.server.socket_path

    def call(self, function: Callable[[FakeServer], _T]) -> _T:
        """Runs ``function(server)`` in the server's loop, for example to change the world; returns its result."""
        if self._loop is None:
            raise RuntimeError("the server was not started")

        async def inside() -> _T:
            return function(self.server)

        return asyncio.run_coroutine_threadsafe(inside(), self._loop).result()
