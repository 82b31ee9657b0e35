"""The agenda: what is asked when, decided without any clock."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from backends.api import Interest
from backends.model import EMPTY, Container, Kind, Network, Service, Snapshot, Value, Volume
from backends.state.agenda import Agenda
from backends.state.asks import Ask
from backends.state.fold import fold
from backends.state.inputs import Dirty, Listing, Scope
from backends.state.pace import COUNTS, REPAIR, TASKS, Share

N = "node-1"


class Round:
    """Plays an engine that answers everything at once."""

    def __init__(self, *kinds: Kind, manager: bool = True, services: Iterable[str] = ()) -> None:
        self.agenda = Agenda()
        self.agenda.manager = manager
        self.agenda.watch(Interest(kinds=frozenset(kinds), services=frozenset(services)))
        self.now = 0.0
        self.snapshot: Snapshot = EMPTY
        self.sizes: dict[Kind, int] = {}

    def know(self, kind: Kind, *values: Value) -> None:
        self.snapshot = fold(self.snapshot, [Listing(kind, values, self.now, N)]).snapshot

    def run(self, seconds: float) -> list[tuple[float, Ask]]:
        """What is asked until then."""
        end, asked = self.now + seconds, list[tuple[float, Ask]]()
        while True:
            soonest, asks = self.agenda.next(self.now, self.snapshot)
            for ask in asks:
                asked.append((round(self.now, 2), ask))
                self.agenda.asked(ask, self.now)
                self.agenda.answered(ask, self.now, self.sizes.get(ask.kind, 100), 1)
            if not asks:
                if soonest is None or soonest > end:
                    self.now = end
                    return asked
                self.now = soonest


def of(kind: Kind, asked: list[tuple[float, Ask]]) -> list[tuple[float, Scope | None]]:
    return [(at, ask.scope) for at, ask in asked if ask.kind is kind]


def test_shares() -> None:
    assert Share(100.0, 2.0, 30.0).interval(10) == 2.0
    assert Share(100.0, 2.0, 30.0).interval(1000) == 10.0
    assert Share(100.0, 2.0, 30.0).interval(10**9) == 30.0


def test_a_wanted_kind_is_listed_at_once_and_then_repaired() -> None:
    asked = of(Kind.CONTAINER, Round(Kind.CONTAINER).run(100))
    assert asked == [(0.0, None), (30.0, None), (60.0, None), (90.0, None)]


def test_large_kinds_are_repaired_less_often() -> None:
    round = Round(Kind.CONTAINER)
    round.sizes[Kind.CONTAINER] = 13_000_000
    assert of(Kind.CONTAINER, round.run(299)) == [(0.0, None)]


def test_counts_are_polled_by_their_size() -> None:
    small, large = Round(Kind.SERVICE), Round(Kind.SERVICE)
    for one in (small, large):
        one.know(Kind.SERVICE, Service(id="s"))
    large.sizes[Kind.SERVICE] = 3_000_000
    assert len(of(Kind.SERVICE, small.run(10))) == 11
    assert len(of(Kind.SERVICE, large.run(100))) == 2
    assert COUNTS.interval(3_000_000) == 75.0


def test_dirty_ids_are_gathered_into_one_request() -> None:
    round = Round(Kind.CONTAINER)
    round.run(10)
    round.agenda.mark([Dirty(Kind.CONTAINER, "id", f"c{i}") for i in range(50)], round.snapshot, 10.0)
    round.run(0.05)
    round.agenda.mark([Dirty(Kind.CONTAINER, "id", "late")], round.snapshot, 10.05)
    asked = of(Kind.CONTAINER, round.run(5))
    assert [(at, len(scope.ids)) for at, scope in asked if scope] == [(10.15, 51)]


def test_what_is_told_again_just_before_a_question_is_asked_for_once_more() -> None:
    # GIVEN a container and a network that were told of, and are due
    round = Round(Kind.CONTAINER)
    round.agenda.watch(Interest(kinds=frozenset({Kind.CONTAINER}), networks=frozenset({"n"})))
    round.know(Kind.NETWORK, Network(id="n", name="n"))
    round.run(10)
    told = [Dirty(Kind.CONTAINER, "id", "c"), Dirty(Kind.NETWORK, "endpoints", "n")]
    round.agenda.mark(told, round.snapshot, 10.0)
    round.run(0.14)
    # WHEN events tell of them once more, a moment before they are asked for: the answer may not have that yet
    round.agenda.mark(told, round.snapshot, 10.14)
    asked = round.run(5)
    # THEN they are asked for twice, and no more
    assert [at for at, scope in of(Kind.CONTAINER, asked) if scope] == [10.15, 11.15]
    assert [at for at, ask in asked if ask.network == "n"] == [10.15, 11.15]


def test_what_is_told_again_just_before_a_whole_listing_is_listed_once_more() -> None:
    # GIVEN networks whose whole list an event calls for, due at 10.15
    round = Round(Kind.NETWORK)
    round.run(10)
    told = [Dirty(Kind.NETWORK, "whole")]
    round.agenda.mark(told, round.snapshot, 10.0)
    round.run(0.14)
    # WHEN another one comes a moment before it is asked for: the answer may not have that yet
    round.agenda.mark(told, round.snapshot, 10.14)
    asked = round.run(5)
    # THEN it is listed twice, and no more
    assert of(Kind.NETWORK, asked) == [(10.15, None), (11.15, None)]


def test_what_was_told_in_time_is_listed_once() -> None:
    # GIVEN two events that call for a whole list, both of well before it is due
    round = Round(Kind.NETWORK)
    round.run(10)
    for moment in (10.0, 10.05):
        round.agenda.mark([Dirty(Kind.NETWORK, "whole")], round.snapshot, moment)
    # THEN one list answers both
    assert of(Kind.NETWORK, round.run(5)) == [(10.15, None)]


def test_a_kind_is_asked_for_once_a_second_at_most() -> None:
    round = Round(Kind.CONTAINER)
    round.run(10)
    for i in range(100):
        round.agenda.mark([Dirty(Kind.CONTAINER, "id", f"c{i}")], round.snapshot, round.now)
        round.run(0.03)
    times = [at for at, _ in of(Kind.CONTAINER, round.run(3))]
    assert all(b - a >= 0.99 for a, b in pairwise(times))


def test_what_is_not_on_screen_waits_until_it_is() -> None:
    round = Round(Kind.CONTAINER)
    round.run(1)
    round.agenda.watch(Interest())
    round.agenda.mark([Dirty(Kind.CONTAINER, "id", "c1")], round.snapshot, 1.0)
    assert of(Kind.CONTAINER, round.run(10)) == []
    round.agenda.watch(Interest(kinds=frozenset({Kind.CONTAINER})))
    assert of(Kind.CONTAINER, round.run(1)) == [(11.0, Scope(ids=frozenset({"c1"})))]


def test_very_many_dirty_ids_make_a_whole_listing() -> None:
    round = Round(Kind.CONTAINER)
    round.run(5)
    round.agenda.mark([Dirty(Kind.CONTAINER, "id", f"c{i}") for i in range(1000)], round.snapshot, 5.0)
    assert of(Kind.CONTAINER, round.run(2)) == [(5.15, None)]


def test_containers_that_went_are_not_asked_for() -> None:
    round = Round(Kind.CONTAINER)
    round.know(Kind.CONTAINER, Container(id="c1", node_id=N))
    round.run(5)
    round.snapshot = fold(round.snapshot, [Listing(Kind.CONTAINER, (), 3.0, N, Scope(ids=frozenset({"c1"})))]).snapshot
    assert "c1" not in round.snapshot.containers


def test_a_failure_is_asked_again_later_and_later() -> None:
    agenda = Agenda()
    agenda.watch(Interest(kinds=frozenset({Kind.IMAGE})))
    now, times = 0.0, list[float]()
    while len(times) < 5:
        soonest, asks = agenda.next(now, EMPTY)
        for ask in asks:
            agenda.asked(ask, now)
            if ask.kind is Kind.IMAGE:
                times.append(now)
                agenda.failed(ask, now)
            else:
                agenda.answered(ask, now, 1, 1)
        if not asks and soonest is not None:
            now = soonest
    gaps = [b - a for a, b in pairwise(times)]
    assert gaps == [2.0, 4.0, 8.0, 16.0]


def test_short_services_are_followed_with_less_and_less_patience() -> None:
    round = Round(Kind.SERVICE)
    round.know(
        Kind.SERVICE,
        Service(id="s", replicas=2, running=1, has_counts=True),
        Service(id="ok", replicas=1, running=1, has_counts=True),
    )
    round.sizes[Kind.TASK] = 10_000
    asked = of(Kind.TASK, round.run(60))
    assert asked[0] == (0.0, Scope(services=frozenset({"s"})))
    assert 10 <= len(asked) <= 21


def test_tasks_of_services_on_screen_are_read_every_second_where_small() -> None:
    round = Round(Kind.SERVICE, services=["s"])
    round.know(Kind.SERVICE, Service(id="s", replicas=1, running=1, has_counts=True))
    asked = of(Kind.TASK, round.run(10))
    assert len(asked) == 11
    # AND then the counts of all need not be
    assert len(of(Kind.SERVICE, round.run(10))) <= 1


def test_a_rollout_is_followed_for_a_while() -> None:
    round = Round()
    round.know(Kind.SERVICE, Service(id="s", replicas=1, running=1, has_counts=True))
    round.run(5)
    round.agenda.mark([Dirty(Kind.TASK, "service", "s")], round.snapshot, 5.0)
    asked = of(Kind.TASK, round.run(60))
    assert asked[0][0] == 5.15
    assert 10 <= len(asked) <= 17


def test_the_whole_task_list_comes_rarely_where_it_is_large() -> None:
    round = Round(Kind.TASK)
    round.sizes[Kind.TASK] = 30_000_000
    assert of(Kind.TASK, round.run(250)) == [(0.0, None)]
    assert TASKS.interval(100_000) == 2.0


def test_a_worker_is_asked_for_its_own_only() -> None:
    asked = Round(*Kind, manager=False).run(20)
    assert {ask.kind for _, ask in asked} == {Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME, Kind.IMAGE, Kind.ENGINE}


def test_without_a_leader_one_question_at_a_time_finds_out() -> None:
    round = Round(Kind.SERVICE, Kind.NODE, Kind.TASK, Kind.CONTAINER)
    round.agenda.trouble = True
    swarm = [ask.kind for _, ask in round.run(30) if ask.kind not in (Kind.CONTAINER, Kind.ENGINE)]
    assert set(swarm) == {Kind.SWARM}
    assert len(swarm) <= 7
    round.agenda.trouble = False
    round.agenda.recovered(round.now)
    assert {ask.kind for _, ask in round.run(1)} >= {Kind.SERVICE, Kind.NODE, Kind.TASK}


def test_endpoints_are_asked_for_one_network_at_a_time() -> None:
    round = Round()
    round.know(Kind.NETWORK, *(Network(id=f"n{i}", node_id=N) for i in range(3)))
    round.agenda.watch(Interest(networks=frozenset({"n0", "n1", "n2"})))
    asked = [(at, ask.network) for at, ask in round.run(5) if ask.network]
    assert [at for at, _ in asked] == [0.0, 1.0, 2.0]
    assert {name for _, name in asked} == {"n0", "n1", "n2"}
    round.agenda.mark([Dirty(Kind.NETWORK, "endpoints", "n1")], round.snapshot, 5.0)
    assert [(at, ask.network) for at, ask in round.run(3) if ask.network] == [(5.15, "n1")]


def test_after_a_loss_all_that_was_listed_is_wanted() -> None:
    round = Round(Kind.CONTAINER, Kind.NODE)
    round.run(5)
    round.agenda.lost()
    assert {ask.kind for _, ask in round.run(0.5)} >= {Kind.CONTAINER, Kind.NODE}


def test_filters_are_in_the_engines_words() -> None:
    assert Ask(Kind.CONTAINER).filters is None
    assert Ask(Kind.CONTAINER, Scope(ids=frozenset({"b", "a"}))).filters == {"id": ["a", "b"]}
    assert Ask(Kind.TASK, Scope(services=frozenset({"s"}))).filters == {"service": ["s"]}
    assert Ask(Kind.VOLUME, Scope(ids=frozenset({Volume(name="v", node_id=N).id}))).filters == {"name": ["v"]}


def test_every_kind_with_a_listing_has_a_pace() -> None:
    listed = {Kind.NODE, Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME, Kind.IMAGE, Kind.CONFIG, Kind.SECRET}
    assert listed <= REPAIR.keys()
