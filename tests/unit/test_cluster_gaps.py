"""LocalCluster on a scripted engine: whether a return shows that events were lost."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.api import Cluster
from backends.model import EventSource, LinkState
from tests.unit.scripted import HandClock, ScriptedEngine, populate, running, state


@pytest.fixture
def engine() -> ScriptedEngine:
    made = ScriptedEngine(HandClock())
    populate(made)
    return made


def gaps(cluster: Cluster) -> int:
    return [e.source for e in cluster.events.tail(400)].count(EventSource.GAP)


async def test_a_restart_that_tells_old_events_of_the_swarm_again_leaves_a_gap(engine: ScriptedEngine) -> None:
    # A restarted manager reads the Swarm's log and tells of its newest changes once more, at the times of then.
    async with running(engine) as cluster:
        engine.event("container", "die", "c0", exitCode="1")
        engine.event("service", "update", "s1", scope="swarm")
        await engine.clock.advance(1.0)
        engine.kill()
        engine.ring = [e for e in engine.ring if e.scope == "swarm"]
        engine.event("network", "create", "n1")
        await engine.clock.advance(2.0)
        engine.revive()
        await engine.clock.advance(8.0)
        assert gaps(cluster) == 1


async def test_a_restart_is_told_where_only_events_of_the_swarm_were_heard(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.event("service", "update", "s1", scope="swarm")
        await engine.clock.advance(1.0)
        engine.kill()
        await engine.clock.advance(2.0)
        engine.revive()
        await engine.clock.advance(8.0)
        assert gaps(cluster) == 1


async def test_a_restart_is_told_where_nothing_was_heard_before(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.kill()
        await engine.clock.advance(2.0)
        engine.revive()
        await engine.clock.advance(8.0)
        assert gaps(cluster) == 1


@pytest.mark.parametrize("told", ["nothing", "swarm", "own", "own, then much of the swarm"])
async def test_a_cut_stream_of_the_same_process_leaves_no_gap(engine: ScriptedEngine, told: str) -> None:
    async with running(engine) as cluster:
        if "own" in told:
            engine.event("container", "die", "c0", exitCode="1")
        for _ in range({"nothing": 0, "own": 0, "swarm": 1}.get(told, 300)):
            engine.event("service", "update", "s1", scope="swarm")
        await engine.clock.advance(1.0)
        engine.cut()
        await engine.clock.advance(0.2)
        engine.event("container", "start", "c0")
        await engine.clock.advance(8.0)
        assert state(cluster) == LinkState.LIVE
        assert gaps(cluster) == 0


async def test_an_own_event_far_behind_those_of_the_swarm_is_replayed(engine: ScriptedEngine) -> None:
    # The leader's clock may go before the engine's own.
    async with running(engine) as cluster:
        engine.event("container", "die", "c0", exitCode="1")
        ahead = replace(engine.event("service", "update", "s1", scope="swarm"), time=engine.clock.now + 60.0)
        engine.ring = [*engine.ring[:-1], replace(ahead, time_nano=int(ahead.time * 1e9))]
        await engine.clock.advance(30.0)
        engine.cut()
        await engine.clock.advance(8.0)
        assert gaps(cluster) == 0
