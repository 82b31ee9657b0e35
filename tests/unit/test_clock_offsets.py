"""Clocks that are off: how far is measured, events of all nodes are put in order by it, and nothing else changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.api import Interest
from backends.cluster import LocalCluster
from backends.engine.clocks import measured, offset
from backends.model import EMPTY, ClockOffset, Event, EventSource, Key, Kind, ManagerStatus, Node, Task
from backends.state.events import EventRing
from backends.state.fold import fold
from backends.state.inputs import ClockMeasured, EngineEvents, Gap, Listing
from backends.state.offsets import better, stamped_by
from tests.unit.scripted import NODE, HandClock, ScriptedEngine, container, populate

WORKER = "node-2"
times = st.floats(1e9, 2e9)
spans = st.floats(0.0, 30.0)


def node(id: str, leader: bool = False) -> Node:
    return Node(id=id, hostname=id, manager=ManagerStatus(leader=leader) if leader else None)


def event(time: float, node_id: str = NODE, **more: str) -> Event:
    told = {"type": "container", "action": "start", "id": f"{node_id}@{time}", "node_id": node_id, **more}
    return Event(time=time, time_nano=int(time * 1e9), **told)  # type: ignore[arg-type]


def clock(ahead: float, error: float = 0.05, at: float = 0.0) -> ClockOffset:
    return ClockOffset(ahead=ahead, error=error, at=at)


# -- measuring ------------------------------------------------------------------------------------------


@given(asked=times, ahead=st.floats(-1e6, 1e6), there=spans, back=spans)
def test_the_true_offset_is_within_the_error(asked: float, ahead: float, there: float, back: float) -> None:
    # GIVEN a clock that is ahead, and an answer that took as long as it liked on each way
    found = measured(asked + there + ahead, asked, asked + there + back)
    # THEN the truth is no farther from what was measured than the error says
    assert abs(found.ahead - ahead) <= found.error + 1e-5


@given(asked=times, ahead=st.floats(-1e6, 1e6), there=spans, back=spans)
def test_whole_seconds_of_a_header_are_part_of_the_error(asked: float, ahead: float, there: float, back: float) -> None:
    found = measured(float(int(asked + there + ahead)), asked, asked + there + back, grain=1.0)
    assert abs(found.ahead - ahead) <= found.error + 1e-5
    assert found.error >= 0.5


@given(asked=times, there=spans, back=spans)
def test_a_clock_that_is_right_is_never_corrected(asked: float, there: float, back: float) -> None:
    assert measured(asked + there, asked, asked + there + back).counted == 0.0


def test_an_answer_that_says_no_time_is_measured_by_its_header() -> None:
    # GIVEN an engine that says nothing of its time
    found = offset(None, "Tue, 14 Nov 2023 22:14:20 GMT", 1_700_000_000.0, 1_700_000_000.2)
    # THEN what its answer was stamped with tells, as far as whole seconds can: 60.4 s, give or take 0.6
    assert found is not None
    assert (round(found.ahead, 3), round(found.error, 3)) == (60.4, 0.601)
    # AND without a sensible header nothing is said
    assert offset(None, "", 1.0, 2.0) is None
    assert offset(None, "yesterday", 1.0, 2.0) is None


def test_a_measurement_stays_until_a_better_one_or_a_clock_that_was_set() -> None:
    known = clock(37.0, 0.05)
    assert better(None, known) is known
    # GIVEN one that fits and is about as good THEN the order of events stays as it is
    assert better(known, clock(37.02, 0.04, 60.0)) is known
    # GIVEN one that is far better THEN that counts
    assert better(known, clock(37.03, 0.01, 60.0)).ahead == 37.03
    # GIVEN one that cannot be true of the same clock, however rough THEN the clock was set
    assert better(known, clock(0.0, 2.0, 60.0)).ahead == 0.0
    # GIVEN a day in between THEN what a clock drifts by counts as well
    assert better(known, clock(40.0, 0.2, 86_400.0)).ahead == 40.0
    assert better(known, clock(40.0, 6.0, 86_400.0)) is known


def test_an_offset_within_the_error_does_not_count() -> None:
    assert clock(0.4, 0.5).counted == 0.0
    assert clock(-0.4, 0.3).counted == -0.4


# -- whose clock ----------------------------------------------------------------------------------------


def test_the_leader_stamps_what_changes_in_the_swarm() -> None:
    # GIVEN events of the Swarm that a manager tells, THEN of what was removed it is its own time
    update = event(1.0, NODE, type="service", action="update", scope="swarm")
    assert stamped_by(update, "leader") == "leader"
    assert stamped_by(replace(update, action="remove"), "leader") == NODE
    # AND an engine's own are stamped by itself, tasks by the node they are on
    assert stamped_by(event(1.0, WORKER), "leader") == WORKER
    task = event(1.0, WORKER, type="task", action="running", scope="swarm")
    assert stamped_by(task, "leader") == WORKER
    assert stamped_by(replace(task, action="created"), "leader") == "leader"


# -- in order -------------------------------------------------------------------------------------------


@given(
    happened=st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from([NODE, WORKER, "n3"])), max_size=40),
    offsets=st.fixed_dictionaries({NODE: st.integers(-900, 900), WORKER: st.integers(-900, 900), "n3": st.just(0)}),
)
def test_events_of_all_nodes_are_in_the_order_they_happened(
    happened: list[tuple[int, str]], offsets: dict[str, int]
) -> None:
    # GIVEN nodes whose clocks are off by whole seconds, and what happened on each, stamped by those
    clocks = [ClockMeasured(clock(float(ahead)), id) for id, ahead in offsets.items()]
    base = fold(EMPTY, clocks).snapshot
    ring = EventRing()
    events = [event(1e6 + at + offsets[id], id, id=f"c{number}") for number, (at, id) in enumerate(happened)]
    # WHEN each engine tells its own, twice
    for id in offsets:
        told = [e for e in events if e.node_id == id]
        for _ in range(2):
            ring.add(fold(base, [EngineEvents(told)]).events)
    # THEN they stand in the order in which they happened, each once, with the stamp that it was given
    kept = ring.tail(100)
    assert [e.at for e in kept] == sorted(1e6 + at for at, _ in happened)
    assert {(e.id, e.time, e.time_nano) for e in kept} == {(e.id, e.time, e.time_nano) for e in events}


def test_events_of_the_swarm_are_corrected_by_the_leaders_clock() -> None:
    # GIVEN a leader that is 90 s ahead, whose events another manager tells
    base = fold(
        EMPTY,
        [
            Listing(Kind.NODE, [node(NODE), node(WORKER, leader=True)], 1.0),
            ClockMeasured(clock(90.0), WORKER),
            Listing(Kind.TASK, [], 1.0),
        ],
    ).snapshot
    (told,) = fold(base, [EngineEvents([event(1090.0, NODE, type="service", action="update", scope="swarm")])]).events
    assert told.at == 1000.0
    # AND what a task says of itself is by the clock of its node, that it was made by the leader's
    task = Task(id="t", service_id="s", slot=1, node_id=NODE, state="running", since=1001.0, created=1090.0)
    made, runs = fold(base, [Listing(Kind.TASK, [task], 1002.0)]).events
    assert (made.action, made.at, runs.action, runs.at) == ("created", 1000.0, "running", 1001.0)
    # AND a gap, which is told by an engine's clock, stands where it was
    (gap,) = fold(base, [Gap(1080.0, 1095.0, WORKER)]).events
    assert gap.at == 1005.0


def test_a_measurement_is_told_only_where_people_see_it() -> None:
    # GIVEN a clock that is 37 s ahead
    first = fold(EMPTY, [ClockMeasured(clock(37.0), WORKER)])
    assert first.changes.links
    # WHEN it is measured again with nearly the same result THEN nobody is woken
    again = fold(first.snapshot, [ClockMeasured(clock(37.01), WORKER)])
    assert again.snapshot.clocks[WORKER].ahead == 37.01
    assert not again.changes
    # AND the very same makes no new snapshot
    assert fold(again.snapshot, [ClockMeasured(clock(37.01), WORKER)]).snapshot is again.snapshot


# -- all together ---------------------------------------------------------------------------------------


async def test_a_worker_with_a_wrong_clock_is_merged_where_it_belongs() -> None:
    hand = HandClock()
    manager, worker = ScriptedEngine(hand), ScriptedEngine(hand, manager=False, node_id=WORKER)
    populate(manager)
    manager.put(node(WORKER))
    worker.put(replace(container("w0"), node_id=WORKER))
    # GIVEN a worker whose clock is 37 s ahead, as its answers say
    worker.info_value = replace(worker.info_value, clock=clock(37.0, at=hand.now))
    cluster = LocalCluster(manager, clock=hand, interest=Interest(kinds=frozenset({Kind.CONTAINER})))
    await cluster.start()
    await hand.advance(1.0)
    cluster.add(WORKER, worker)
    await hand.advance(1.0)
    # WHEN things happen in turn on both
    for number, engine in enumerate((manager, worker, manager, worker)):
        ahead = 37.0 if engine is worker else 0.0
        engine.event("container", "exec_start", f"x{number}", at=hand.now + ahead)
        await hand.advance(1.0)
    # THEN they are told in turn, and with the stamps they came with
    told = [e for e in cluster.events.tail(99) if e.source is EventSource.ENGINE]
    assert [e.id for e in told] == ["x0", "x1", "x2", "x3"]
    assert [round(e.time - e.at) for e in told] == [0, 37, 0, 37]
    # AND a reconnect, which replays them, doubles none
    worker.cut()
    await hand.advance(10.0)
    assert [e.id for e in cluster.events.tail(99) if e.source is EventSource.ENGINE] == ["x0", "x1", "x2", "x3"]
    # AND what events tell of a container still is folded by the engine's own time
    worker.event("container", "die", "w0", at=hand.now + 37.0, exitCode="1")
    await hand.advance(1.0)
    assert cluster.snapshot.containers["w0"].state == "exited"
    assert Key(Kind.CONTAINER, "w0") in cluster.snapshot.as_of
    await cluster.aclose()
