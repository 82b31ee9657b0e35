"""LocalCluster on a scripted engine: loss and return, and a Swarm that cannot answer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.api import Interest
from backends.errors import BadAddress, NoQuorum, PermissionRefused, TimedOut, Unreachable
from backends.model import (
    EventSource,
    Key,
    Kind,
    LinkState,
    Network,
)
from tests.unit.scripted import NODE, START, HandClock, ScriptedEngine, container, populate, running, state


@pytest.fixture
def engine() -> ScriptedEngine:
    made = ScriptedEngine(HandClock())
    populate(made)
    return made


async def test_a_lost_stream_is_replayed_without_loss_or_doubles(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.event("container", "die", "c0", exitCode="1")
        await engine.clock.advance(1.0)
        # WHEN the engine is out of reach while things happen
        engine.kill()
        await engine.clock.advance(0.2)
        assert state(cluster) == LinkState.STALE
        assert cluster.snapshot.link.problem
        engine.event("container", "start", "c0")
        engine.event("container", "pause", "c1")
        engine.revive()
        await engine.clock.advance(5.0)
        # THEN both are there once, between the marks, and no gap
        told = [(e.source.value, e.action) for e in cluster.events.tail(20) if e.type != "task"]
        assert told.count(("engine", "start")) == 1
        assert told.count(("engine", "pause")) == 1
        assert told.count(("engine", "die")) == 1
        assert ("stream", "ended") in told
        assert ("stream", "back") in told
        assert not any(source == "gap" for source, _ in told)
        assert state(cluster) == LinkState.LIVE


async def test_a_restart_that_forgot_its_events_leaves_a_gap(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.event("container", "die", "c0", exitCode="1")
        await engine.clock.advance(1.0)
        engine.kill()
        engine.ring.clear()
        await engine.clock.advance(2.0)
        engine.revive()
        await engine.clock.advance(8.0)
        gaps = [e for e in cluster.events.tail(20) if e.source is EventSource.GAP]
        assert len(gaps) == 1
        assert float(gaps[0].attributes["start"]) <= START + 3.1


async def test_more_events_than_the_engine_keeps_leave_a_gap(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.event("container", "die", "c0", exitCode="1")
        await engine.clock.advance(1.0)
        engine.kill()
        await engine.clock.advance(1.0)
        for i in range(300):
            engine.event("container", f"exec_create: {i}", "c0")
        engine.revive()
        await engine.clock.advance(8.0)
        assert [e.source for e in cluster.events.tail(400)].count(EventSource.GAP) == 1


async def test_all_is_listed_anew_after_a_loss(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.kill()
        await engine.clock.advance(1.0)
        engine.drop(Key(Kind.CONTAINER, "c3"))
        engine.revive()
        await engine.clock.advance(5.0)
        assert "c3" not in cluster.snapshot.containers


async def test_waits_grow_and_retry_ends_them(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.kill()
        await engine.clock.advance(20.0)
        link = cluster.snapshot.link
        assert link.attempt >= 4
        assert link.next_try is not None
        assert 0 < link.next_try - engine.clock.now <= 4.0
        assert link.hint == "Start it."
        assert link.fresh == pytest.approx(START + 3.0, abs=1.5)
        engine.revive()
        cluster.retry()
        await engine.clock.advance(0.01)
        assert state(cluster) == LinkState.LIVE


async def test_never_answered_is_unreachable(engine: ScriptedEngine) -> None:
    engine.down = Unreachable("No such socket.", hint="Start dockerd.")
    async with running(engine) as cluster:
        assert state(cluster) == LinkState.UNREACHABLE
        assert cluster.snapshot.link.problem == "No such socket."
        assert cluster.events.total == 0


async def test_refused_permission_is_denied(engine: ScriptedEngine) -> None:
    engine.down = PermissionRefused("You may not.", hint="Join group docker.")
    async with running(engine) as cluster:
        assert state(cluster) == LinkState.DENIED
        engine.revive()
        await engine.clock.advance(11.0)
        assert state(cluster) == LinkState.LIVE


async def test_a_worker_is_never_asked_about_the_swarm() -> None:
    engine = ScriptedEngine(HandClock(), manager=False)
    populate(engine)
    async with running(engine, seconds=5.0) as cluster:
        assert len(cluster.snapshot.containers) == 5
        assert "worker" in cluster.snapshot.manager_problem
        for kind in ("service", "node", "task"):
            assert engine.count(f"list {kind}") == 0
        # WHEN it is promoted THEN that is noticed
        engine.membership(control_available=True)
        await engine.clock.advance(12.0)
        assert cluster.snapshot.manager_problem == ""
        assert set(cluster.snapshot.services) == {"s1"}


async def test_no_quorum_keeps_what_was_known_and_probes_gently(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        lost = NoQuorum("The Swarm has no leader.", status=500)
        for what in ("list service", "list node", "list task", "swarm"):
            engine.fails[what] = lost
        await engine.clock.advance(2.0)
        assert "no leader" in cluster.snapshot.manager_problem
        assert set(cluster.snapshot.services) == {"s1"}
        at = engine.clock.now
        await engine.clock.advance(30.0)
        asked = [w for w in engine.requests(at) if w in engine.fails]
        assert len(asked) <= 6
        # WHEN the leader is back
        engine.fails.clear()
        await engine.clock.advance(20.0)
        assert cluster.snapshot.manager_problem == ""


async def test_networks_of_the_swarm_survive_a_lost_quorum(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        # GIVEN an engine that leaves them out without a word, and says why in its info only
        engine.drop(Key(Kind.NETWORK, "n1"))
        engine.put(Network(id="br", name="bridge", node_id=NODE))
        engine.membership(error="The swarm does not have a leader.")
        for what in ("list service", "list node", "swarm"):
            engine.fails[what] = NoQuorum("The Swarm has no leader.", status=500)
        cluster.refresh()
        await engine.clock.advance(2.0)
        assert set(cluster.snapshot.networks) == {"n1", "br"}
        assert "leader" in cluster.snapshot.manager_problem


async def test_a_hanging_swarm_does_not_hold_up_containers(engine: ScriptedEngine) -> None:
    engine.hangs = {"list service", "list node", "list task", "swarm", "list network"}
    async with running(engine) as cluster:
        assert len(cluster.snapshot.containers) == 5
        assert state(cluster) == LinkState.LIVE


async def test_a_swarm_that_times_out_is_trouble_not_loss(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.fails = {w: TimedOut("too slow") for w in ("list service", "list node", "swarm", "info")}
        await engine.clock.advance(5.0)
        assert state(cluster) == LinkState.LIVE
        assert "do not answer" in cluster.snapshot.manager_problem


async def test_an_engine_that_hangs_goes_stale(engine: ScriptedEngine) -> None:
    async with running(engine, Interest()) as cluster:
        engine.down = TimedOut("no answer")
        await engine.clock.advance(40.0)
        assert state(cluster) == LinkState.STALE


async def test_leaving_the_swarm_forgets_its_objects(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.membership(state="inactive", control_available=False, node_id="")
        engine.event("daemon", "reload", "x")
        await engine.clock.advance(6.0)
        assert "has left the Swarm, or is being stopped" in cluster.snapshot.manager_problem
        await engine.clock.advance(18.0)
        s = cluster.snapshot
        assert s.services == {}
        assert s.nodes == {}
        assert "not part of a Swarm" in s.manager_problem
        assert {c.node_id for c in s.containers.values()} == {""}
        assert len(s.containers) == 5


async def test_an_engine_that_is_being_stopped_forgets_nothing(engine: ScriptedEngine) -> None:
    # GIVEN an engine that says it is in no Swarm while it stops, and is back soon
    async with running(engine) as cluster:
        engine.membership(state="inactive", control_available=False, node_id="")
        engine.event("daemon", "reload", "x")
        await engine.clock.advance(1.5)
        engine.kill()
        await engine.clock.advance(1.0)
        assert set(cluster.snapshot.services) == {"s1"}
        assert cluster.snapshot.manager_problem == ""
        engine.membership(state="active", control_available=True, node_id=NODE)
        engine.revive()
        await engine.clock.advance(5.0)
        assert set(cluster.snapshot.services) == {"s1"}
        assert len(cluster.snapshot.containers) == 5


async def test_an_engine_whose_clock_is_set_back_is_believed(engine: ScriptedEngine) -> None:
    # GIVEN an engine an hour behind what it said before
    async with running(engine) as cluster:
        died = engine.event("container", "die", "c0", exitCode="1")
        await engine.clock.advance(0.1)
        for stream in engine.streams:
            late = replace(died, time=died.time - 3600, time_nano=died.time_nano - 3600 * 10**9, id="c1")
            stream.put_nowait([late])
        await engine.clock.advance(0.1)
        assert cluster.snapshot.containers["c1"].state == "exited"
        # AND its own are listed again
        at = engine.clock.now
        engine.put(container("c9"))
        await engine.clock.advance(2.0)
        assert engine.count("list container", at) == 1
        assert "c9" in cluster.snapshot.containers


async def test_an_address_that_makes_no_sense_is_tried_by_hand_only(engine: ScriptedEngine) -> None:
    engine.down = BadAddress("There is no docker context nowhere.")
    async with running(engine) as cluster:
        assert state(cluster) == LinkState.UNREACHABLE
        # WHEN much time goes by
        await engine.clock.advance(120.0)
        # THEN it was asked once
        assert cluster.snapshot.link.attempt == 1
        assert cluster.snapshot.link.next_try is None
        # WHEN somebody asks for it
        engine.revive()
        cluster.retry()
        await engine.clock.advance(0.1)
        assert state(cluster) == LinkState.LIVE
