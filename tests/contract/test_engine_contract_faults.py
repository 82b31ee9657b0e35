"""What must become of an engine that fails, lies, hangs or hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.errors import ApiError, BackendError, BadAnswer, Disconnected, NoQuorum, NotManager, TimedOut
from backends.fake.faults import Trouble
from backends.fake.server import FakeServer
from backends.model import Kind
from tests.contract.conftest import connectable
from tests.contract.support import gather_events


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer("demo") as made:
        yield made


@pytest.fixture
async def engine(server: FakeServer) -> AsyncIterator[SdkEngine]:
    made = connectable(server.socket_path, Timeouts(read=0.5, listing=0.5, stream=0.5))
    await made.connect()
    await made.info()
    yield made
    await made.aclose()


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ("hang", TimedOut),
        ("error", ApiError),
        ("malformed", BadAnswer),
        ("cut", Disconnected),
        ("refuse", Disconnected),
    ],
)
async def test_trouble_with_a_listing_has_a_name_and_passes(
    server: FakeServer, engine: SdkEngine, trouble: Trouble, kind: type[BackendError]
) -> None:
    # GIVEN an engine in trouble
    server.faults.set("/containers/json", trouble)
    # WHEN it is asked, THEN the trouble has its own kind and words
    with pytest.raises(kind) as caught:
        await engine.list(Kind.CONTAINER)
    assert type(caught.value) is kind
    assert str(caught.value).endswith(".")
    # AND when it is well again, so are we
    server.faults.clear()
    assert await engine.list(Kind.CONTAINER)


@pytest.mark.parametrize(
    ("trouble", "kind"), [("hang", TimedOut), ("error", ApiError), ("cut", Disconnected), ("refuse", Disconnected)]
)
async def test_trouble_with_the_events(
    server: FakeServer, engine: SdkEngine, trouble: Trouble, kind: type[BackendError]
) -> None:
    server.faults.set("/events", trouble)
    with pytest.raises(kind):
        await gather_events(engine, None, "never", asyncio.Event())


async def test_a_restart_is_a_loss_that_connect_mends(server: FakeServer, engine: SdkEngine) -> None:
    ready = asyncio.Event()
    listening = asyncio.create_task(gather_events(engine, None, "never", ready))
    await ready.wait()
    await server.restart()
    with pytest.raises(Disconnected):
        await listening
    await engine.connect()
    assert await engine.list(Kind.NODE)


@pytest.mark.parametrize(("scenario", "kind"), [("worker", NotManager), ("plain", NotManager), ("no-quorum", NoQuorum)])
async def test_an_engine_that_cannot_speak_for_a_swarm(scenario: str, kind: type[BackendError]) -> None:
    async with FakeServer(scenario) as server:
        engine = connectable(server.socket_path)
        await engine.connect()
        for asked in (Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.SWARM):
            with pytest.raises(kind) as caught:
                await engine.list(asked)
            assert caught.value.hint
        await engine.list(Kind.CONTAINER)
        await engine.aclose()
