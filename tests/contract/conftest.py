"""The engines that the contract is held against: the simulated one, and the lab's real daemons."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.engine.exec import NoShell, find_shell
from backends.engine.limits import Timeouts
from backends.errors import BackendError
from backends.model import Container, Kind
from backends.transport import transport_for
from backends.transport.pipe import PlainPipe, relay


def connectable(socket_path: str, timeouts: Timeouts | None = None) -> SdkEngine:
    """An engine on a socket, not connected yet."""
    return SdkEngine(transport_for(EndpointSpec(f"unix://{socket_path}")), timeouts=timeouts)


@dataclass
class Target:
    """One engine under test, connected."""

    engine: SdkEngine
    real: bool

    async def running(self) -> list[Container]:
        """Its running containers, the oldest first: the youngest may belong to a service that keeps failing."""
        found = await self.engine.list(Kind.CONTAINER)
        running = [c for c in found if isinstance(c, Container) and c.state == "running"]
        return sorted(running, key=lambda container: container.created or 0.0)

    async def with_shell(self) -> str:
        """Id of a running container that has a shell."""
        for container in await self.running():
            with contextlib.suppress(BackendError):
                await find_shell(self.engine, container.id)
                return container.id
        raise AssertionError("no running container has a shell")

    async def without_shell(self) -> str:
        """Id of a running container that has none."""
        for container in await self.running():
            try:
                await find_shell(self.engine, container.id)
            except NoShell:
                return container.id
        pytest.skip("every container here has a shell")


@pytest.fixture(params=["fake", "fake of API 1.41", "fake over tcp", pytest.param("lab", marks=pytest.mark.lab)])
async def target(request: pytest.FixtureRequest) -> AsyncIterator[Target]:
    """The same test on each kind of engine."""
    async with contextlib.AsyncExitStack() as stack:
        if request.param == "lab":
            url = f"unix://{request.getfixturevalue('lab').manager.socket}"
        else:
            api = "1.41" if request.param == "fake of API 1.41" else ""
            url = f"unix://{await stack.enter_async_context(simulated(api))}"
        if request.param == "fake over tcp":
            url = await stack.enter_async_context(over_tcp(url.removeprefix("unix://")))
        engine = SdkEngine(transport_for(EndpointSpec(url)))
        stack.push_async_callback(engine.aclose)
        await engine.connect()
        yield Target(engine, request.param == "lab")


@contextlib.asynccontextmanager
async def simulated(api: str = "") -> AsyncIterator[str]:
    """The simulated Engine on a socket of its own; ``api`` is the highest version that it speaks."""
    from backends.fake.server import FakeServer

    async with FakeServer("demo", api=api) as server:
        yield server.socket_path


@contextlib.asynccontextmanager
async def over_tcp(socket_path: str) -> AsyncIterator[str]:
    """What is behind a unix socket, on a TCP port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        client = PlainPipe(reader, writer)
        engine = PlainPipe(*await asyncio.open_unix_connection(socket_path))
        try:
            await relay(client, engine)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            client.close()
            engine.close()
            tasks.discard(task)

    tasks: set[asyncio.Task[None]] = set()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=2)
