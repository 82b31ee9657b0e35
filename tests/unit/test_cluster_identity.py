"""Several engines in one cluster: each node's rows come from that node's own engine, or from none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from backends.api import Interest
from backends.cluster import LocalCluster
from backends.errors import WrongEngine
from backends.model import Container, EventSource, Key, Kind, LinkState, Node, SwarmMembership
from tests.unit.scripted import NODE, HandClock, ScriptedEngine, container, populate

WORKER, OTHER = "node-2", "node-3"


@dataclass
class Two:
    """A manager, and what answers where its worker should."""

    cluster: LocalCluster
    worker: ScriptedEngine
    clock: HandClock

    def link(self) -> tuple[LinkState, str]:
        found = self.cluster.snapshot.links[WORKER]
        return found.state, found.problem

    def on(self, node_id: str) -> set[str]:
        return {c.id for c in self.cluster.snapshot.containers.values() if c.node_id == node_id}


@asynccontextmanager
async def two(change: Callable[[ScriptedEngine], None] = lambda _: None) -> AsyncIterator[Two]:
    clock = HandClock()
    manager, worker = ScriptedEngine(clock), ScriptedEngine(clock, manager=False, node_id=WORKER)
    populate(manager)
    manager.put(Node(id=WORKER, hostname="worker1"), Node(id=OTHER, hostname="worker2"))
    worker.put(replace(container("w0"), node_id=WORKER))
    change(worker)
    interest = Interest(kinds=frozenset({Kind.NODE, Kind.CONTAINER}))
    cluster = LocalCluster(manager, clock=clock, interest=interest, chance=lambda: 0.0)
    await cluster.start()
    await clock.advance(1.0)
    cluster.add(WORKER, worker)
    await clock.advance(1.0)
    try:
        yield Two(cluster, worker, clock)
    finally:
        await cluster.aclose()


def become(engine: ScriptedEngine, node_id: str, state: str = "active") -> None:
    engine.info_value = replace(engine.info_value, swarm=SwarmMembership(node_id=node_id, state=state))


async def test_the_engine_that_was_meant_feeds_its_rows() -> None:
    async with two() as here:
        assert here.link() == (LinkState.LIVE, "")
        assert here.on(WORKER) == {"w0"}


@pytest.mark.parametrize(
    ("node_id", "state", "words"),
    [
        (OTHER, "active", "the engine of worker2, not of worker1"),
        ("foreign", "active", "of another Swarm, not worker1"),
        ("", "inactive", "in no Swarm, not worker1's"),
        ("", "locked", "is locked"),
    ],
)
async def test_another_engine_is_refused_with_who_it_is(node_id: str, state: str, words: str) -> None:
    # GIVEN an address of a node that leads to another engine
    async with two(lambda engine: become(engine, node_id, state)) as here:
        # THEN nothing of it is listed, under no name
        assert here.link()[0] is LinkState.UNREACHABLE
        assert words in here.link()[1]
        assert "w0" not in here.cluster.snapshot.containers
        # THEN nobody is led to it
        with pytest.raises(WrongEngine):
            await here.cluster.inspect(Key(Kind.VOLUME, f"{WORKER}/data"))


async def test_an_old_entry_of_a_machine_that_joined_anew_is_told_as_such() -> None:
    async with two() as here:
        # GIVEN a machine that left and joined anew, and now has two entries of one name
        here.cluster._primary.engine.put(Node(id="node-2b", hostname="worker1"))  # type: ignore[attr-defined]
        here.cluster.refresh()
        await here.clock.advance(3.0)
        become(here.worker, "node-2b")
        here.worker.kill()
        here.worker.revive()
        await here.clock.advance(6.0)
        # THEN the old one is not taken for the new one
        state, problem = here.link()
        assert state is LinkState.STALE
        assert "another node of the name worker1" in problem


async def test_an_engine_that_becomes_another_node_is_let_go_with_its_rows_as_they_were() -> None:
    async with two() as here:
        # WHEN the engine joins another Swarm while we listen, and has other containers
        become(here.worker, "foreign")
        here.worker.put(container("x0"))
        here.cluster.refresh()
        await here.clock.advance(90.0)
        # THEN what was known of the node stays, told as old, and nothing is mixed in
        assert here.link()[0] is LinkState.STALE
        assert here.on(WORKER) >= {"w0"}
        assert not here.on("foreign")


async def test_the_right_engine_is_taken_when_it_comes_back() -> None:
    async with two(lambda engine: become(engine, OTHER)) as here:
        become(here.worker, WORKER)
        await here.clock.advance(10.0)
        assert here.link() == (LinkState.LIVE, "")
        assert {c.id for c in here.cluster.snapshot.containers.values() if isinstance(c, Container)} >= {"w0"}


async def test_what_several_managers_tell_of_the_swarm_is_there_once() -> None:
    def manage(engine: ScriptedEngine) -> None:
        engine.info_value = replace(
            engine.info_value, swarm=SwarmMembership(node_id=WORKER, state="active", control_available=True)
        )

    async with two(manage) as here:
        first: ScriptedEngine = here.cluster._primary.engine  # type: ignore[assignment]
        # GIVEN two managers whose clocks differ by 2 s
        for engine, late in ((here.worker, 2.0), (first, 0.0)):
            changed = here.clock.now
            engine.event("service", "update", "s0", scope="swarm", at=changed)
            engine.event("service", "remove", "s1", scope="swarm", at=changed + 1.0 + late)
            engine.event("container", "die", "c0" if engine is first else "w0", at=changed + late)
        await here.clock.advance(1.0)
        told = [(e.type, e.action, e.id) for e in here.cluster.events.tail(100) if e.source is EventSource.ENGINE]
        # THEN what both told is there once, also where each gave it its own time
        assert told.count(("service", "update", "s0")) == 1
        assert told.count(("service", "remove", "s1")) == 1
        # THEN what happened on each is there with its node, in the order of time
        mine = [e for e in here.cluster.events.tail(100) if e.action == "die"]
        assert [(e.id, e.node_id) for e in mine] == [("c0", NODE), ("w0", WORKER)]
        times = [e.time for e in here.cluster.events.tail(100)]
        assert times == sorted(times)
