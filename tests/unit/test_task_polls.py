"""Whose tasks are read when: at once after an event, at a measured pace in a flood of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from msgspec.structs import replace as msgspec_replace

from backends.model import Service, Snapshot
from backends.state.pace import DEBOUNCE, worth_all
from backends.state.task_polls import CROWD, TaskPolls


def snapshot(count: int, **fields: Any) -> Snapshot:
    services = {f"s{number}": Service(id=f"s{number}", name=f"s{number}", **fields) for number in range(count)}
    return Snapshot(services=MappingProxyType(services))


def test_what_an_event_told_is_asked_for_at_once() -> None:
    # GIVEN polls that have just asked for other services
    polls, state = TaskPolls(), snapshot(5)
    polls.happened(["s1"], 100.0)
    polls.asked(["s1"], 100.2)
    # WHEN something happens to one, THEN its tasks are due
    polls.happened(["s2"], 100.3)
    when, services = polls.due(100.3, state, frozenset())
    assert when == 100.3 + DEBOUNCE
    assert services == ("s2",)


def test_what_is_told_just_before_or_while_it_is_read_is_asked_for_once_more() -> None:
    # GIVEN a service whose tasks are due, and one on which nothing happened
    polls, state = TaskPolls(), snapshot(2)
    polls.happened(["s0"], 100.0)
    # WHEN something happens to it a moment before they are asked for
    polls.happened(["s0"], 100.14)
    polls.asked(["s0"], 100.15)
    # THEN they are due once more, and then no more
    assert polls._asked_for == {"s0": 100.14 + DEBOUNCE}
    polls.asked(["s0"], 101.15)
    assert polls._asked_for == {}
    # WHEN something happens while the whole list is on its way THEN that list does not answer it
    polls.happened(["s0"], 110.0)
    polls.happened(["s1"], 110.5)
    polls.all_read(state, 110.2)
    assert polls._asked_for == {"s1": 110.5 + DEBOUNCE}


def test_a_flood_of_updates_is_followed_at_a_pace() -> None:
    # GIVEN events of very many services
    polls, state = TaskPolls(), snapshot(200)
    polls.happened(list(state.services), 100.0)
    when, first = polls.due(101.0, state, frozenset())
    assert when is not None
    assert when <= 101.0
    # WHEN some of them were asked for
    polls.asked(first, 101.0)
    # THEN the next come later, but those on screen at once
    when, _ = polls.due(101.0, state, frozenset())
    assert when is not None
    assert when > 102.0
    seen = next(id for id in state.services if id not in first)
    when, services = polls.due(101.0, state, frozenset({seen}))
    assert when is not None
    assert when <= 101.0
    assert seen in services
    # AND in the end all were asked for
    asked, now = set(first), 101.0
    while len(asked) < 200:
        when, services = polls.due(now, state, frozenset())
        assert when is not None
        assert services
        now = max(now, when)
        polls.asked(services, now)
        asked |= set(services)
    assert len(polls._asked_for) <= CROWD


def test_who_is_short_is_looked_for_once_a_state() -> None:
    # GIVEN services that have all their replicas
    polls = TaskPolls()
    state = snapshot(3, replicas=2, running=2, has_counts=True)
    assert polls.due(1.0, state, frozenset()) == (None, ())
    # WHEN one loses a replica
    services = {**state.services, "s1": msgspec_replace(state.services["s1"], running=1)}
    # THEN its tasks are read
    assert polls.due(1.0, Snapshot(services=MappingProxyType(services)), frozenset())[1] == ("s1",)


def test_a_whole_listing_has_to_be_worth_it() -> None:
    assert not worth_all(100, 1_300, 0)
    assert worth_all(400, 1_300, 1_300_000)
    assert not worth_all(400, 1_300, 13_000_000)
    assert worth_all(3_000, 1_300, 13_000_000)


def test_a_service_that_is_gone_is_not_asked_for_and_holds_up_no_other() -> None:
    # GIVEN events of a service that is there, of one that was removed since, and of one that is not listed yet
    polls, state = TaskPolls(), snapshot(2)
    polls.happened(["s1", "gone", "new"], 100.0)
    # WHEN it is time THEN only that which is there is asked for: an engine answers 404 to all of a request otherwise
    assert polls.due(101.0, state, frozenset())[1] == ("s1",)
    # WHEN the new one is listed THEN it is asked for as well
    new = Service(id="new", name="new")
    listed = Snapshot(services=MappingProxyType({**state.services, "new": new}))
    assert polls.due(101.0, listed, frozenset())[1] == ("new", "s1")
    # THEN what is not listed is forgotten in the end
    polls.forget(listed.services)
    assert set(polls._asked_for) == {"s1", "new"}
