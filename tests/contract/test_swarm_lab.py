"""A real Swarm over SSH: nodes are lost and come back, everything else goes on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest

from backends.errors import BackendError
from backends.model import EventSource, LinkState, Snapshot
from backends.ssh.target import NodeMapping
from backends.swarm import SwarmCluster
from tests.lab.lab import Lab
from tests.lab.swarm import opened

pytestmark = pytest.mark.lab


async def until(condition: Callable[[], bool], what: str) -> float:
    """Waits for a condition; returns how long that took, fails at a deadline far beyond any aim."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + 90:
            pytest.fail(f"it never came to pass: {what}")
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def id_of(snapshot: Snapshot, name: str) -> str:
    return next((n.id for n in snapshot.nodes.values() if n.hostname == name), "")


def live(cluster: SwarmCluster, *names: str) -> bool:
    links = cluster.snapshot.links
    ids = [id_of(cluster.snapshot, name) for name in names]
    return all(i in links and links[i].state is LinkState.LIVE for i in ids)


def names_on(cluster: SwarmCluster, node: str) -> set[str]:
    wanted = id_of(cluster.snapshot, node)
    return {c.name for c in cluster.snapshot.containers.values() if c.node_id == wanted}


@pytest.fixture
async def cluster(lab: Lab) -> AsyncIterator[SwarmCluster]:
    """The three nodes, all reached."""
    async with opened(lab) as (made, _):
        await until(lambda: live(made, "worker1", "worker2"), "both workers")
        await until(lambda: bool(names_on(made, "worker1") and names_on(made, "worker2")), "their containers")
        yield made


@contextlib.asynccontextmanager
async def lost(cluster: SwarmCluster, node: str) -> AsyncIterator[None]:
    """Waits for a node to be noticed as lost; then looks that nothing else was."""
    wanted = id_of(cluster.snapshot, node)
    await until(lambda: cluster.snapshot.links[wanted].state is LinkState.STALE, f"{node} noticed as lost")
    link = cluster.snapshot.links[wanted]
    assert link.problem
    assert link.fresh > 0
    assert names_on(cluster, node), "what was known of it stays"
    yield
    await until(lambda: live(cluster, node), f"{node} back")


async def test_a_cut_link_is_noticed_and_comes_back(lab: Lab, cluster: SwarmCluster) -> None:
    # GIVEN a worker whose cable is pulled
    worker = lab.nodes["worker1"]
    await asyncio.to_thread(worker.cut_link)
    try:
        async with lost(cluster, "worker1"):
            # THEN the other worker is still followed
            assert live(cluster, "worker2")
            id = (await docker(lab, "worker2", "run", "-d", "--name", "meanwhile", "lab/box:1", "sleep", "99")).strip()
            await until(lambda: id in cluster.snapshot.containers, "a container of the other worker")
            await docker(lab, "worker2", "rm", "-f", id)
            # WHEN the cable is back, THEN it comes back by itself
            await asyncio.to_thread(worker.restore_link)
    finally:
        await asyncio.to_thread(worker.restore_link)
    # THEN both ends of the gap are told as events of that node
    told = [(e.source, e.action) for e in cluster.events.tail(500) if e.node_id == id_of(cluster.snapshot, "worker1")]
    assert (EventSource.STREAM, "ended") in told
    assert (EventSource.STREAM, "back") in told


async def test_an_sshd_that_is_stopped_and_started(lab: Lab, cluster: SwarmCluster) -> None:
    worker = lab.nodes["worker1"]
    await asyncio.to_thread(worker.stop_sshd)
    try:
        async with lost(cluster, "worker1"):
            assert live(cluster, "worker2")
            await asyncio.to_thread(worker.start_sshd)
    finally:
        await asyncio.to_thread(worker.start_sshd)


async def test_an_engine_that_is_killed_while_its_machine_stays(lab: Lab, cluster: SwarmCluster) -> None:
    # GIVEN an engine that ends: streams end in good order, the SSH connection stands
    worker = lab.nodes["worker1"]
    await asyncio.to_thread(worker.kill_engine)
    async with lost(cluster, "worker1"):
        assert live(cluster, "worker2")
        await asyncio.to_thread(worker.start_engine)
    # THEN it is followed as before
    id = (await docker(lab, "worker1", "run", "-d", "--name", "after", "lab/box:1", "sleep", "99")).strip()
    await until(lambda: id in cluster.snapshot.containers, "a container after the return")
    await docker(lab, "worker1", "rm", "-f", id)


async def test_a_container_of_a_worker_appears_with_its_node(lab: Lab, cluster: SwarmCluster) -> None:
    # WHEN the worker's own docker CLI starts one
    id = (await docker(lab, "worker1", "run", "-d", "--name", "by-hand", "lab/box:1", "sleep", "99")).strip()
    try:
        await until(lambda: id in cluster.snapshot.containers, "the container")
        assert cluster.snapshot.containers[id].node_id == id_of(cluster.snapshot, "worker1")
        await until(lambda: any(e.id == id and e.action == "start" for e in cluster.events.tail(100)), "its event")
        told = [e for e in cluster.events.tail(100) if e.id == id and e.action == "start"]
        assert [e.node_id for e in told] == [id_of(cluster.snapshot, "worker1")]
    finally:
        await docker(lab, "worker1", "rm", "-f", id)


async def test_an_address_that_leads_to_another_node_is_refused(lab: Lab) -> None:
    # GIVEN a mapping with a slip: worker1 leads to worker2
    slip = {"worker1": NodeMapping(host=lab.nodes["worker2"].address)}
    async with opened(lab, mappings=slip) as (cluster, _):
        await until(lambda: live(cluster, "worker2"), "worker2")
        wanted = id_of(cluster.snapshot, "worker1")
        gone = (LinkState.UNREACHABLE, LinkState.STALE)
        await until(
            lambda: wanted in cluster.snapshot.links and cluster.snapshot.links[wanted].state in gone, "refusal"
        )
        # THEN it is said which node answers, and nothing of it stands under the wrong name
        assert "the engine of worker2, not of worker1" in cluster.snapshot.links[wanted].problem
        assert not names_on(cluster, "worker1")
        # THEN nobody is led to the wrong machine
        with pytest.raises(BackendError, match="worker2"):
            await cluster.run(wanted, "hostname")


async def docker(lab: Lab, node: str, *words: str) -> str:
    return await asyncio.to_thread(lab.nodes[node].docker, *words)
