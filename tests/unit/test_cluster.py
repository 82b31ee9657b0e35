"""LocalCluster on a scripted engine: what is asked when, what is known when, loss and return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from backends.api import Cluster, Interest
from backends.cluster import LocalCluster
from backends.errors import ApiError, NoQuorum, PermissionRefused, TimedOut, Unreachable
from backends.model import (
    Attachment,
    Changes,
    Container,
    EventSource,
    Key,
    Kind,
    LinkState,
    Network,
    Node,
    Service,
    Task,
)
from tests.unit.scripted import NODE, START, HandClock, ScriptedEngine

ALL = Interest(kinds=frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK}))


def container(id: str, **more: object) -> Container:
    return Container(**{"id": id, "name": id, "node_id": NODE, "state": "running", **more})  # type: ignore[arg-type]


def state(cluster: Cluster) -> LinkState:
    return cluster.snapshot.link.state


def populate(engine: ScriptedEngine) -> None:
    engine.put(
        Node(id=NODE, hostname="m1", role="manager", state="ready"),
        Service(id="s1", name="web", replicas=2, running=2, desired=2, has_counts=True),
        Task(id="t1", service_id="s1", slot=1, node_id=NODE, state="running"),
        Task(id="t2", service_id="s1", slot=2, node_id=NODE, state="running"),
        Network(id="n1", name="net", scope="swarm", driver="overlay"),
        *(container(f"c{i}") for i in range(5)),
    )


@asynccontextmanager
async def running(
    engine: ScriptedEngine, interest: Interest = ALL, seconds: float = 3.0
) -> AsyncIterator[LocalCluster]:
    cluster = LocalCluster(engine, clock=engine.clock, interest=interest, chance=lambda: 0.0)
    await cluster.start()
    await engine.clock.advance(seconds)
    try:
        yield cluster
    finally:
        await cluster.aclose()


@pytest.fixture
def engine() -> ScriptedEngine:
    made = ScriptedEngine(HandClock())
    populate(made)
    return made


def test_it_is_a_cluster(engine: ScriptedEngine) -> None:
    cluster: Cluster = LocalCluster(engine)
    assert state(cluster) == LinkState.CONNECTING


async def test_start_lists_what_is_wanted(engine: ScriptedEngine) -> None:
    # GIVEN a manager WHEN the cluster starts THEN all wanted kinds are there after one request each
    async with running(engine, seconds=0.5) as cluster:
        s = cluster.snapshot
        assert s.link.state is LinkState.LIVE
        assert set(s.containers) == {f"c{i}" for i in range(5)}
        assert set(s.services) == {"s1"}
        assert set(s.nodes) == {NODE}
        assert s.swarm is not None
        for kind in ("container", "service", "node", "network"):
            assert engine.count(f"list {kind}") == 1
        assert engine.count("info") == 1
        assert engine.count("list image") == 0


async def test_events_that_carry_the_state_cause_no_listing(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        before = len(engine.asked)
        for i in range(250):
            engine.event("container", "die", f"c{i % 5}", exitCode="1")
            engine.event("container", "start", f"c{i % 5}")
        await engine.clock.advance(0.9)
        assert engine.count("list container", START + 3.0) == 0
        assert [w for _, w, _ in engine.asked[before:] if w != "list service"] == []
        assert cluster.snapshot.containers["c0"].started == pytest.approx(START + 3.0, abs=0.1)
        assert len(cluster.events.tail(1000)) == 500


async def test_exec_events_dirty_nothing(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        for i in range(500):
            engine.event("container", f"exec_create: sh {i}", f"c{i % 5}")
        await engine.clock.advance(0.5)
        assert engine.count("list container") == 1
        assert cluster.events.total == 500


async def test_many_connects_cause_one_listing_a_second(engine: ScriptedEngine) -> None:
    async with running(engine):
        at = engine.clock.now
        for i in range(100):
            engine.event("network", "connect", "n1", container=f"c{i % 5}", name="net")
            await engine.clock.advance(0.01)
        await engine.clock.advance(1.0)
        listed = [(t, f) for t, name, f in engine.asked if name == "list container" and t > at]
        assert 1 <= len(listed) <= 2
        assert listed[0][1] == {"id": ["c0", "c1", "c2", "c3", "c4"]} or len(listed[0][1]["id"]) <= 5
        assert engine.count("list network", at) == 0


async def test_a_new_container_is_listed_alone(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        at = engine.clock.now
        engine.put(container("new", networks=(Attachment(network="net", network_id="n1", ipv4="10.0.0.9"),)))
        engine.event("container", "create", "new")
        engine.event("container", "start", "new")
        await engine.clock.advance(1.0)
        assert cluster.snapshot.containers["new"].networks[0].ipv4 == "10.0.0.9"
        asked = [f for t, name, f in engine.asked if name == "list container" and t > at]
        assert asked == [{"id": ["new"]}]


async def test_a_container_that_came_and_went_is_not_asked_for(engine: ScriptedEngine) -> None:
    async with running(engine):
        at = engine.clock.now
        engine.event("container", "create", "brief")
        engine.event("container", "destroy", "brief")
        await engine.clock.advance(2.0)
        assert engine.count("list container", at) == 0


async def test_a_service_changed_from_outside_shows_within_a_second(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.put(Service(id="s1", name="web", replicas=5, running=2, desired=5, has_counts=True, version=2))
        engine.event("service", "update", "s1", name="web", scope="swarm")
        await engine.clock.advance(1.0)
        assert cluster.snapshot.services["s1"].replicas == 5
        # AND its tasks are followed
        assert any(f == {"service": ["s1"]} for _, name, f in engine.asked if name == "list task")


async def test_replicas_that_die_elsewhere_show_within_about_a_second(engine: ScriptedEngine) -> None:
    # GIVEN no event at all, as when a container dies on another node
    async with running(engine) as cluster:
        engine.put(Service(id="s1", name="web", replicas=2, running=1, desired=2, has_counts=True))
        await engine.clock.advance(1.3)
        assert cluster.snapshot.services["s1"].running == 1


async def test_a_failed_task_becomes_an_event(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.put(Service(id="s1", name="web", replicas=2, running=1, desired=2, has_counts=True))
        await engine.clock.advance(2.5)
        failed = Task(
            id="t2", service_id="s1", slot=2, node_id=NODE, state="failed", error="boom " * 50, since=START + 4
        )
        engine.put(failed)
        await engine.clock.advance(4.0)
        derived = [e for e in cluster.events.tail(10) if e.source is EventSource.DERIVED]
        assert [(e.name, e.action, e.text) for e in derived] == [("web.2", "failed", "boom " * 50)]


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
        assert cluster.snapshot.manager_problem == "The Swarm has no leader."
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


async def test_a_broken_answer_is_shown_and_asked_again_later(engine: ScriptedEngine) -> None:
    engine.fails["list container"] = ApiError("The engine broke.", status=500)
    async with running(engine) as cluster:
        assert state(cluster) == LinkState.LIVE
        assert cluster.snapshot.link.problem == "The engine broke."
        engine.fails.clear()
        await engine.clock.advance(10.0)
        assert cluster.snapshot.link.problem == ""
        assert len(cluster.snapshot.containers) == 5


async def test_an_unexpected_exception_is_shown_not_swallowed(engine: ScriptedEngine) -> None:
    engine.fails["list container"] = ValueError("bug")
    async with running(engine) as cluster:
        assert "bug" in cluster.snapshot.link.problem


async def test_a_new_interest_lists_only_what_was_never_listed(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        at = engine.clock.now
        cluster.watch(Interest(kinds=ALL.kinds | {Kind.IMAGE}))
        await engine.clock.advance(0.5)
        asked = [w for w in engine.requests(at) if w != "list service"]
        assert asked == ["list image"]


async def test_tasks_are_listed_whole_only_while_wanted(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        assert engine.count("list task") == 0
        cluster.watch(Interest(kinds=frozenset({Kind.TASK})))
        await engine.clock.advance(5.0)
        assert set(cluster.snapshot.tasks) == {"t1", "t2"}
        whole = [t for t, name, f in engine.asked if name == "list task" and f is None]
        assert 2 <= len(whole) <= 4
        cluster.watch(ALL)
        at = engine.clock.now
        await engine.clock.advance(10.0)
        assert [f for t, n, f in engine.asked if n == "list task" and t > at and f is None] == []


async def test_leaving_the_swarm_forgets_its_objects(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        engine.membership(state="inactive", control_available=False, node_id="")
        for c in list(engine.objects[Kind.CONTAINER].values()):
            assert isinstance(c, Container)
        engine.event("daemon", "reload", "x")
        await engine.clock.advance(3.0)
        s = cluster.snapshot
        assert s.services == {}
        assert s.nodes == {}
        assert "not part of a Swarm" in s.manager_problem
        assert {c.node_id for c in s.containers.values()} == {""}
        assert len(s.containers) == 5


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


async def test_listeners_hear_of_changes_once(engine: ScriptedEngine) -> None:
    heard: list[Changes] = []
    async with running(engine) as cluster:
        end = cluster.subscribe(heard.append)
        engine.event("container", "pause", "c1")
        await engine.clock.advance(0.1)
        assert heard == [Changes(frozenset({Key(Kind.CONTAINER, "c1")}), frozenset({Kind.CONTAINER}), False, 1)]
        end()
        engine.event("container", "unpause", "c1")
        await engine.clock.advance(0.1)
        assert len(heard) == 1


async def test_idle_on_a_large_swarm_keeps_the_budget() -> None:
    # GIVEN 1,000 services of 10 tasks, 3 kB each, 30 nodes, 1,000 containers here
    engine = ScriptedEngine(HandClock())
    engine.bytes_of = {Kind.SERVICE: 3000, Kind.TASK: 3000, Kind.CONTAINER: 1300, Kind.NODE: 3000}
    engine.put(*(Node(id=f"n{i}", hostname=f"n{i}", state="ready") for i in range(30)))
    engine.put(*(Service(id=f"s{i}", replicas=10, running=10, desired=10, has_counts=True) for i in range(1000)))
    engine.put(*(Service(id=f"x{i}", replicas=3, running=2, desired=3, has_counts=True) for i in range(3)))
    engine.put(*(Task(id=f"t{i}", service_id=f"s{i // 10}", slot=i % 10, state="running") for i in range(10_000)))
    engine.put(*(Task(id=f"u{i}", service_id=f"x{i % 3}", slot=i, state="running") for i in range(6)))
    engine.put(*(container(f"c{i}") for i in range(1000)))
    async with running(engine, seconds=60.0) as cluster:
        before = cluster.budget
        await engine.clock.advance(300.0)
        after = cluster.budget
        # WHEN nothing happens for five minutes THEN at most 1 request and 100 kB a second
        assert after.requests - before.requests <= 300
        assert after.bytes - before.bytes <= 300 * 100_000
        assert not [f for _, n, f in engine.asked if n == "list task" and f is None]


async def test_closing_is_complete(engine: ScriptedEngine) -> None:
    async with running(engine):
        pass
    assert engine.closed
    assert engine.streams == []
