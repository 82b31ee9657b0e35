"""LocalCluster on the real engine client and the simulated Engine: requests per event, loss, restart.

Counts are exact where they do not depend on time; where an engine is asked once a second, the bound is by the
time that passed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from backends.api import Interest
from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.fake import FakeServer
from backends.fake.clock import SystemClock
from backends.model import Event, EventSource, Kind, LinkState
from backends.transport import transport_for

DEADLINE = 60.0


async def until(condition: Callable[[], bool], what: str = "") -> None:
    """Waits for a condition; fails after a deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it never came to pass: {what}")
        await asyncio.sleep(0.01)


@asynccontextmanager
async def cluster_on(server: FakeServer, *kinds: Kind) -> AsyncIterator[LocalCluster]:
    engine = SdkEngine(transport_for(EndpointSpec(f"unix://{server.socket_path}")))
    cluster = LocalCluster(engine, interest=Interest(kinds=frozenset(kinds)), chance=lambda: 0.0)
    await cluster.start()
    try:
        await until(lambda: frozenset(kinds) <= cluster.snapshot.listed.keys(), "the first listings")
        await until(lambda: server.counters.requests.get("/events", 0) > 0, "the stream of events")
        yield cluster
    finally:
        await cluster.aclose()


def told(cluster: LocalCluster, source: EventSource = EventSource.ENGINE) -> list[Event]:
    return [e for e in cluster.events.tail(5000) if e.source is source]


async def test_a_flood_of_starts_and_ends_causes_no_listing() -> None:
    async with FakeServer("synthetic", count=100) as server, cluster_on(server, Kind.CONTAINER) as cluster:
        world, host = server.world, server.api.host
        boxes = list(host.containers.values())
        # GIVEN a stream that is heard: an engine replays 256 events at most to one that is only being opened
        world.tell_container(host, boxes[0], "exec_create: first")
        await until(lambda: any(e.action.startswith("exec_create") for e in told(cluster)), "the first event")
        server.counters.reset()
        # WHEN many containers end and start
        for i in range(250):
            world.tell_container(host, boxes[i % len(boxes)], "die", exitCode="1")
            world.tell_container(host, boxes[i % len(boxes)], "start")
        await until(lambda: sum(1 for e in told(cluster) if e.action == "start") >= 250, "all of them")
        # AND then something happens that no event describes THEN that is the first request
        world.tell(host, "network", "connect", "n" * 64, container=boxes[0]["Id"], name="x")
        await until(lambda: server.counters.requests.get("/containers/json", 0) > 0, "the listing")
        assert server.counters.requests["/containers/json"] == 1


async def test_a_killed_container_shows_at_once() -> None:
    async with FakeServer("demo") as server, cluster_on(server, Kind.CONTAINER, Kind.SERVICE) as cluster:
        victim = next(c for c in cluster.snapshot.containers.values() if c.state == "running" and not c.task_id)
        await cluster._primary.engine.call("POST", f"/containers/{victim.id}/kill")
        await until(lambda: cluster.snapshot.containers[victim.id].state == "exited", "the end")
        assert any(e.action == "die" and e.id == victim.id for e in told(cluster))


async def test_a_service_scaled_from_outside_shows_with_its_tasks() -> None:
    async with FakeServer("demo") as server, cluster_on(server, Kind.SERVICE, Kind.NODE) as cluster:
        service = next(s for s in cluster.snapshot.services.values() if s.name == "webapp1")
        assert service.replicas == 3
        server.scene.orchestrator.scale(server.world.find("service", "webapp1"), 5)
        await until(lambda: cluster.snapshot.services[service.id].replicas == 5, "the new count")

        def running() -> bool:
            tasks = [t for t in cluster.snapshot.tasks.values() if t.service_id == service.id]
            return sum(1 for t in tasks if t.state == "running" and t.desired_state == "running") == 5

        await until(running, "five running tasks")


async def test_a_broken_connection_loses_and_doubles_nothing() -> None:
    async with FakeServer("quiet", clock=SystemClock()) as server, cluster_on(server, Kind.CONTAINER) as cluster:
        world, host = server.world, server.api.host
        boxes = list(host.containers.values())

        def tell(i: int) -> None:
            world.tell_container(host, boxes[0], f"exec_create: step {i}")

        for i in range(20):
            tell(i)
        await until(lambda: len([e for e in told(cluster) if "step" in e.action]) == 20, "the first twenty")
        await server.hang_up()
        await until(lambda: cluster.snapshot.link.state is LinkState.STALE, "the loss")
        for i in range(20, 120):
            tell(i)
        await server.listen()
        cluster.retry()
        await until(lambda: cluster.snapshot.link.state is LinkState.LIVE, "the return")
        for i in range(120, 130):
            tell(i)
        await until(lambda: len([e for e in told(cluster) if "step" in e.action]) == 130, "all of them")
        steps = [e.action for e in told(cluster) if "step" in e.action]
        assert steps == [f"exec_create: step {i}" for i in range(130)]
        assert told(cluster, EventSource.GAP) == []
        assert [e.action for e in told(cluster, EventSource.STREAM)] == ["ended", "back"]


async def test_an_engine_that_forgot_its_events_leaves_a_gap() -> None:
    async with FakeServer("quiet") as server, cluster_on(server, Kind.CONTAINER) as cluster:
        host = server.api.host
        server.world.tell_container(host, next(iter(host.containers.values())), "exec_create: before")
        await until(lambda: any("before" in e.action for e in told(cluster)), "an event")
        await server.hang_up()
        await until(lambda: cluster.snapshot.link.state is LinkState.STALE, "the loss")
        host.bus.ring.clear()
        await server.listen()
        cluster.retry()
        await until(lambda: len(told(cluster, EventSource.GAP)) == 1, "the gap")


@pytest.mark.parametrize("trouble", ["error", "malformed", "cut"])
async def test_answers_that_cannot_be_used_are_a_state_not_an_end(trouble: str) -> None:
    async with FakeServer("quiet") as server, cluster_on(server, Kind.CONTAINER) as cluster:
        server.faults.set("/images/json", trouble)  # type: ignore[arg-type]
        cluster.watch(Interest(kinds=frozenset({Kind.CONTAINER, Kind.IMAGE})))
        await until(lambda: cluster.snapshot.link.problem != "", "a problem that is told")
        assert cluster.snapshot.link.state is LinkState.LIVE
        server.faults.clear()
        await until(lambda: Kind.IMAGE in cluster.snapshot.listed, "the listing")
        await until(lambda: cluster.snapshot.link.problem == "", "the end of the problem")


async def test_a_worker_and_a_manager_without_leader_still_show_their_containers() -> None:
    for scene in ("worker", "no-quorum", "plain"):
        async with FakeServer(scene) as server, cluster_on(server, Kind.CONTAINER) as cluster:
            await until(lambda s=cluster: s.snapshot.manager_problem != "", f"the trouble of {scene}")  # type: ignore[misc]
            assert cluster.snapshot.containers
            assert cluster.snapshot.link.state is LinkState.LIVE


async def test_closing_while_the_engine_hangs_is_quick() -> None:
    async with FakeServer("quiet") as server:
        server.faults.set("/services", "hang")
        async with cluster_on(server, Kind.CONTAINER):
            pass
        server.faults.clear()


async def test_a_stream_of_events_that_is_never_opened_is_noticed() -> None:
    async with FakeServer("synthetic", count=20) as server:
        server.faults.set("/events", "hang")
        async with cluster_on(server, Kind.CONTAINER) as cluster:
            await until(lambda: "Events are not heard" in cluster.snapshot.link.problem, "that it is said")
            assert cluster.snapshot.link.state is LinkState.LIVE
            server.faults.clear()
            await until(lambda: not cluster.snapshot.link.problem, "the stream")
