"""LocalCluster on a real Swarm: what is done with the plain docker CLI shows."""

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
from backends.model import EventSource, Kind, LinkState
from backends.transport import transport_for
from tests.lab.lab import Lab

pytestmark = pytest.mark.lab
KINDS = frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK})


async def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for a condition; fails after a deadline."""
    end = time.monotonic() + 60.0
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it never came to pass: {what}")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(lab: Lab) -> AsyncIterator[LocalCluster]:
    cluster = LocalCluster(
        SdkEngine(transport_for(EndpointSpec(f"unix://{lab.manager.socket}"))), interest=Interest(kinds=KINDS)
    )
    await cluster.start()
    try:
        await until(lambda: cluster.snapshot.listed.keys() >= KINDS, "the first listings")
        yield cluster
    finally:
        await cluster.aclose()


async def docker(lab: Lab, *words: str) -> str:
    return (await asyncio.to_thread(lab.manager.docker, *words)).strip()


async def test_a_container_comes_is_killed_and_goes(lab: Lab) -> None:
    async with watching(lab) as cluster:
        id = await docker(lab, "run", "-d", "--name", "state-test", "lab/box:1", "sleep", "1000")
        try:
            await until(lambda: id in cluster.snapshot.containers, "the container")

            def addressed() -> bool:
                return any(a.ipv4 for a in cluster.snapshot.containers[id].networks)

            await until(addressed, "its address")
            await docker(lab, "kill", id)
            await until(lambda: cluster.snapshot.containers[id].state == "exited", "its end")
            assert cluster.snapshot.containers[id].exit_code == 137
            assert any(
                e.action == "die" and e.id == id and e.text.startswith("exit 137") for e in cluster.events.tail(500)
            )
        finally:
            await docker(lab, "rm", "-f", id)
        await until(lambda: id not in cluster.snapshot.containers, "its removal")


async def test_a_scaled_service_shows_with_its_tasks(lab: Lab) -> None:
    async with watching(lab) as cluster:
        web = next(s for s in cluster.snapshot.services.values() if s.name == "web")
        before = web.replicas or 0
        await docker(lab, "service", "update", "-d", "--replicas", str(before + 1), "web")
        try:
            await until(lambda: cluster.snapshot.services[web.id].replicas == before + 1, "the number")
            await until(lambda: cluster.snapshot.services[web.id].running == before + 1, "the replica")
        finally:
            await docker(lab, "service", "update", "-d", "--replicas", str(before), "web")


async def test_a_killed_engine_is_missed_and_comes_back_with_a_gap(lab: Lab) -> None:
    async with watching(lab) as cluster:
        await docker(lab, "run", "--rm", "lab/box:1", "true")
        await until(lambda: any(e.action == "destroy" for e in cluster.events.tail(500)), "an event")
        await asyncio.to_thread(lab.manager.kill_engine)
        await until(lambda: cluster.snapshot.link.state is LinkState.STALE, "the loss")
        assert cluster.snapshot.services
        await asyncio.to_thread(lab.manager.start_engine)
        await until(lambda: cluster.snapshot.link.state is LinkState.LIVE, "the return")

        def marks() -> list[str]:
            found = cluster.events.tail(500)
            return [e.action for e in found if e.source in (EventSource.STREAM, EventSource.GAP)]

        await until(lambda: "gap" in marks(), "the gap: a new process has forgotten the events of the old")
        assert marks().count("ended") >= 1
        await until(lambda: cluster.snapshot.manager_problem == "", "the Swarm's answer")
    await asyncio.to_thread(lab.wait_ready)
