"""The event log and the store."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.api import EventLog
from backends.model import EMPTY, Changes, Container, Event, EventSource, Key, Kind
from backends.state.events import EventRing
from backends.state.inputs import EngineEvents, Listing
from backends.state.store import Store

N = "node-1"


def event(nano: int, action: str = "start", id: str = "c1", node: str = N) -> Event:
    return Event(time=nano / 1e9, time_nano=nano, type="container", action=action, id=id, node_id=node)


def test_a_ring_is_an_event_log() -> None:
    log: EventLog = EventRing()
    assert (log.total, list(log.tail(5)), list(log.after(0))) == (0, [], [])


def test_late_events_come_where_they_belong() -> None:
    ring = EventRing()
    ring.add([event(3), event(1)])
    ring.add([event(2)])
    assert [e.time_nano for e in ring.tail(9)] == [1, 2, 3]
    assert [e.time_nano for e in ring.after(2)] == [2]
    assert ring.total == 3


def test_doubles_are_dropped_whichever_node_told_them() -> None:
    ring = EventRing()
    assert ring.add([event(1), event(1), event(1, node="node-2"), event(1, "die")]) == 2
    assert ring.has(event(1, node="node-3"))
    assert not ring.has(event(2))


def test_only_the_newest_are_kept() -> None:
    ring = EventRing(capacity=10)
    for i in range(1, 101):
        ring.add([event(i)])
    assert [e.time_nano for e in ring.tail(1000)] == list(range(91, 101))
    assert ring.total == 100
    assert [e.time_nano for e in ring.after(95)] == list(range(96, 101))
    assert len(ring.after(0)) == 10


def test_doubles_are_known_longer_than_they_are_kept() -> None:
    ring = EventRing(capacity=10)
    ring.add([event(i) for i in range(1, 501)])
    assert ring.add([event(1)]) == 0


@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from("ab")), max_size=60), st.integers(1, 8))
def test_the_log_is_sorted_bounded_and_without_doubles(given_: list[tuple[int, str]], capacity: int) -> None:
    ring = EventRing(capacity=capacity)
    added = sum(ring.add([event(nano, action)]) for nano, action in given_)
    tail = ring.tail(1000)
    assert [e.time_nano for e in tail] == sorted(e.time_nano for e in tail)
    assert len(tail) <= capacity
    assert added == ring.total == len(set(given_))


def test_a_store_tells_what_changed_and_counts_new_events() -> None:
    store, heard = Store(), list[Changes]()
    store.subscribe(heard.append)
    store.apply([Listing(Kind.CONTAINER, (Container(id="c1", node_id=N, state="running"),), 0.5, N)])
    store.apply([EngineEvents([event(10**9, "pause"), event(10**9, "pause")])])
    store.apply([EngineEvents([event(10**9, "pause")])])
    assert heard == [
        Changes(frozenset({Key(Kind.CONTAINER, "c1")}), frozenset({Kind.CONTAINER})),
        Changes(frozenset({Key(Kind.CONTAINER, "c1")}), frozenset({Kind.CONTAINER}), False, 1),
    ]
    assert store.snapshot.containers["c1"].state == "paused"


def test_a_broken_listener_keeps_nobody_else_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    store, heard = Store(), list[Changes]()

    def broken(changes: Changes) -> None:
        raise ValueError("bug")

    store.subscribe(broken)
    end = store.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        store.apply([Listing(Kind.SECRET, (), 1.0)])
    assert len(heard) == 1
    assert "a listener failed" in caplog.text
    end()
    end()


def test_marks_go_into_the_log_untouched() -> None:
    store = Store()
    mark = Event(time=1.0, source=EventSource.GAP, text="unreadable")
    store.apply([EngineEvents([mark])])
    assert list(store.events.tail(1)) == [mark]
    assert store.snapshot is EMPTY
