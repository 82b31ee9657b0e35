"""LocalCluster on a scripted engine: what is asked when, and what is known when."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.api import Cluster, Interest
from backends.cluster import LocalCluster
from backends.errors import ApiError, NotFound, Unreachable
from backends.model import (
    STACK_LABEL,
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
from tests.unit.scripted import ALL, NODE, START, HandClock, ScriptedEngine, container, populate, running, state


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


async def test_a_broken_answer_is_shown_and_asked_again_later(engine: ScriptedEngine) -> None:
    engine.fails["list container"] = ApiError("The engine broke.", status=500)
    async with running(engine) as cluster:
        assert state(cluster) == LinkState.LIVE
        assert cluster.snapshot.link.problem == "The list of containers cannot be read: The engine broke."
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


# -- engines of other nodes -----------------------------------------------------------------------------


async def test_engines_of_other_nodes_feed_the_same_store(engine: ScriptedEngine) -> None:
    # GIVEN another node's engine, which knows its own containers and nothing of the Swarm
    other = ScriptedEngine(engine.clock, manager=False, node_id="node-2")
    other.put(Container(id="far", name="far", node_id="node-2", state="running"))
    other.put(Network(id="n1", name="net", scope="swarm", driver="overlay"))
    async with running(engine) as cluster:
        cluster.add("node-2", other)
        await engine.clock.advance(3.0)
        s = cluster.snapshot
        assert {c.node_id for c in s.containers.values()} == {NODE, "node-2"}
        assert s.links["node-2"].state is LinkState.LIVE
        assert s.engines["node-2"].name == "host"
        assert s.manager_problem == ""
        assert set(s.services) == {"s1"}
        # WHEN its event comes THEN it is folded, and told with its node
        other.event("container", "die", "far", exitCode="1")
        await engine.clock.advance(0.1)
        assert cluster.snapshot.containers["far"].state == "exited"
        assert cluster.events.tail(1)[0].node_id == "node-2"
        # AND what is asked of its containers goes there
        await cluster.inspect(Key(Kind.CONTAINER, "far"))
        assert other.count("inspect") == 1
        # AND its loss is its own
        other.kill()
        await engine.clock.advance(1.0)
        assert cluster.snapshot.links["node-2"].state is LinkState.STALE
        assert cluster.snapshot.link.state is LinkState.LIVE
        await cluster.remove("node-2")
    assert other.closed


async def test_a_swarm_event_told_by_two_managers_is_one(engine: ScriptedEngine) -> None:
    other = ScriptedEngine(engine.clock, node_id="node-2")
    async with running(engine) as cluster:
        cluster.add("node-2", other)
        await engine.clock.advance(3.0)
        before = cluster.events.total
        told = engine.event("service", "update", "s1", scope="swarm")
        for stream in other.streams:
            stream.put_nowait([replace(told, node_id="node-2")])
        await engine.clock.advance(0.2)
        assert cluster.events.total == before + 1


async def test_a_node_that_is_not_reached_is_said_so(engine: ScriptedEngine) -> None:
    engine.put(Task(id="t9", service_id="s1", slot=9, node_id="node-9", container_id="c99", state="running"))
    engine.put(Node(id="node-9", hostname="worker-9"))
    async with running(engine, Interest(kinds=frozenset({Kind.TASK, Kind.NODE}))) as cluster:
        with pytest.raises(Unreachable, match="worker-9"):
            cluster.stats(Key(Kind.TASK, "t9"))
        with pytest.raises(NotFound):
            cluster.stats(Key(Kind.TASK, "gone"))


async def test_a_stack_is_told_from_its_parts_and_tokens_are_kept(engine: ScriptedEngine) -> None:
    engine.put(Service(id="s2", name="shop_web", labels={STACK_LABEL: "shop"}))
    async with running(engine) as cluster:
        told = await cluster.inspect(Key(Kind.STACK, "shop"))
        assert isinstance(told, dict)
        assert told["Services"] == ["shop_web"]
        engine.answers["GET /swarm"] = {"ID": "x", "JoinTokens": {"Worker": "SWMTKN-1"}}
        assert await cluster.inspect(Key(Kind.SWARM, "x")) == {"ID": "x"}
