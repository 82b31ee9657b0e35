"""What to ask of one engine, and when. Decides only: it neither asks nor looks at a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from backends.api import Interest
from backends.model import Key, Kind, Snapshot
from backends.state.asks import NEVER, Ask, Turn
from backends.state.inputs import LOCAL_KINDS, SWARM_KINDS, Dirty, Scope
from backends.state.pace import (
    COUNTS,
    COUNTS_ASIDE,
    DEBOUNCE,
    EACH,
    GAP,
    MOST_IDS,
    PROBE_FIRST,
    PROBE_LAST,
    REPAIR,
    ROLE,
    TASKS,
    TYPICAL,
    UNHEARD,
    worth_all,
)
from backends.state.task_polls import TaskPolls

#: What is due this soon is due now: a wait so short would only be rounded away.
_SLACK = 0.001
#: Known on every screen of a manager: the counts of what is wrong are always shown.
BASE = frozenset({Kind.NODE, Kind.SERVICE, Kind.SWARM, Kind.ENGINE})
#: Kinds of which only a manager with quorum can tell.
_MANAGED = SWARM_KINDS | {Kind.SWARM}


def _when(candidate: tuple[float, Ask]) -> float:
    return candidate[0]


class Agenda:
    """The plan for one engine. ``manager`` is whether it can tell of the Swarm, ``trouble`` whether the Swarm
    cannot answer just now. Times are monotonic seconds."""

    def __init__(self, *, primary: bool = True, crowd: Callable[[], int] = lambda: 1) -> None:
        """``crowd`` is how many engines are followed: each of many is asked the less often."""
        self._crowd = crowd
        self.manager = False
        self.trouble = False
        self.unheard = False
        """Whether no events come: all that they would tell has to be listed."""
        self.primary = primary
        self.interest = Interest()
        self.tasks = TaskPolls()
        self._kinds = {kind: Turn() for kind in (*REPAIR, Kind.SERVICE, Kind.TASK)}
        self._endpoints = Turn()
        self._inspected: dict[str, float] = {}
        self._seen: frozenset[str] = frozenset()
        self._seen_counted = NEVER
        """When the counts of the services on screen were asked for."""

    # -- being told -------------------------------------------------------------------------------------

    def watch(self, interest: Interest) -> None:
        """What the screen needs now."""
        self.interest = interest

    def mark(self, dirty: Iterable[Dirty], snapshot: Snapshot, now: float) -> None:
        """Events told that these changed."""
        for one in dirty:
            if one.kind is Kind.TASK:
                self._mark_tasks(one, snapshot, now)
            elif one.scope == "endpoints":
                self._endpoints.happened(one.id, now)
            elif one.kind in self._kinds:
                kind = self._kinds[one.kind]
                if one.scope == "whole":
                    kind.want(now)
                else:
                    kind.happened(one.id, now)

    def _mark_tasks(self, one: Dirty, snapshot: Snapshot, now: float) -> None:
        if one.scope == "service":
            self.tasks.happened((one.id,), now)
        elif one.scope == "node":
            affected = {t.service_id for t in snapshot.tasks.values() if t.node_id == one.id and t.service_id}
            self.tasks.happened(affected, now)
            # Where tasks are not listed, the counts say which services are affected.
            self._kinds[Kind.SERVICE].want(now)

    def refresh(self, now: float) -> None:
        """Everything on screen is wanted anew."""
        for name, kind in self._kinds.items():
            if self._wanted(name):
                kind.want(now)
                kind.not_before = NEVER
        self.tasks.again()
        self._inspected.clear()

    def relist(self, now: float) -> None:
        """What was listed of this engine's own is wanted anew."""
        for name in LOCAL_KINDS:
            if self._kinds[name].whole > NEVER:
                self._kinds[name].want(now)

    def lost(self) -> None:
        """The connection was lost: all that was listed is wanted anew once it is back, nothing is under way."""
        for kind in (*self._kinds.values(), self._endpoints):
            kind.busy = False
            kind.clean()
            kind.not_before = NEVER
            kind.asked = NEVER
            if kind.whole > NEVER:
                kind.again = True
        self.tasks.again()
        self._inspected.clear()

    def left_swarm(self) -> None:
        """What was listed of the Swarm was forgotten."""
        for name in _MANAGED:
            self._kinds[name].whole = NEVER
            self._kinds[name].clean()

    def recovered(self, now: float) -> None:
        """The Swarm answers again."""
        for name in _MANAGED:
            self._kinds[name].want(now)
            self._kinds[name].not_before = NEVER

    def size_of(self, kind: Kind) -> int:
        """Bytes of the last whole listing; 0 where there was none."""
        return self._kinds[kind].size

    # -- deciding ---------------------------------------------------------------------------------------

    def next(self, now: float, snapshot: Snapshot) -> tuple[float | None, list[Ask]]:
        """(when to look again, what to ask now). Requests under way are counted as asked."""
        asks: list[Ask] = []
        soonest: float | None = None
        for when, ask in self._candidates(now, snapshot):
            if when <= now + _SLACK:
                asks.append(ask)
            elif soonest is None or when < soonest:
                soonest = when
        return soonest, asks

    def _candidates(self, now: float, snapshot: Snapshot) -> list[tuple[float, Ask]]:
        found: list[tuple[float, Ask]] = []
        for name, kind in self._kinds.items():
            if kind.busy or not self._wanted(name):
                continue
            floor = max(kind.asked + GAP, kind.not_before)
            candidate = self._tasks(now, snapshot) if name is Kind.TASK else self._kind(name, kind, snapshot)
            if candidate is not None:
                found.append((max(floor, candidate[0]), candidate[1]))
        if (one := self._network(snapshot)) is not None:
            found.append(one)
        return found

    def _wanted(self, name: Kind) -> bool:
        if name in _MANAGED:
            if not self.manager or not self.primary:
                return False
            # Without a leader every question hangs: one of them at a time finds out when that is over.
            if self.trouble:
                return name is Kind.SWARM
            return name in BASE or name is Kind.TASK or name in self.interest.kinds
        return name in BASE or name in self.interest.kinds

    def _kind(self, name: Kind, kind: Turn, snapshot: Snapshot) -> tuple[float, Ask]:
        if kind.whole == NEVER:
            return kind.not_before, Ask(name)
        if kind.again:
            return kind.again_since + (DEBOUNCE if kind.again_since > NEVER else 0.0), Ask(name)
        repair = (kind.whole + self._interval(name, kind, snapshot), Ask(name))
        seen = self.interest.services & snapshot.services.keys()
        if name is Kind.SERVICE and seen and not self._counted_by_tasks(snapshot):
            # Counts of many services come rarely; those on screen are asked for by themselves meanwhile.
            pace = COUNTS.interval(TYPICAL[name] * len(seen))
            self._seen = seen
            repair = min(repair, (self._seen_counted + pace, Ask(name, Scope(ids=seen))), key=_when)
        if not kind.dirty:
            return repair
        due = min(kind.dirty.values()) + DEBOUNCE
        if name in (Kind.IMAGE, Kind.SWARM, Kind.ENGINE) or worth_all(len(kind.dirty), TYPICAL[name], kind.size):
            return due, Ask(name)
        # Those that went meanwhile need no question.
        as_of = snapshot.as_of
        known = snapshot.containers if name is Kind.CONTAINER else None
        ids = frozenset(id for id in kind.dirty if known is None or id in known or Key(name, id) not in as_of)
        for id in [i for i in kind.dirty if i not in ids]:
            del kind.dirty[id]
            kind.newest.pop(id, None)
        if len(ids) > MOST_IDS:
            ids = frozenset(sorted(ids, key=kind.dirty.__getitem__)[:MOST_IDS])
        return min((due, Ask(name, Scope(ids=ids))), repair, key=_when) if ids else repair

    @property
    def aside(self) -> float:
        """The least seconds between two questions of a kind that nothing calls for; 0 for the primary one."""
        return 0.0 if self.primary else EACH * self._crowd()

    def _interval(self, name: Kind, kind: Turn, snapshot: Snapshot) -> float:
        if not self.primary:
            # What part it takes in the Swarm, its managers tell; what changed on it, its events do.
            return max(self.aside, (UNHEARD if self.unheard else REPAIR[name]).interval(kind.size))
        if name is Kind.SERVICE:
            aside = Kind.SERVICE not in self.interest.kinds or self._counted_by_tasks(snapshot)
            return (COUNTS_ASIDE if aside else COUNTS).interval(kind.size)
        if name is Kind.ENGINE and (not self.manager or self.trouble):
            return ROLE
        if name is Kind.SWARM and self.trouble:
            return PROBE_FIRST
        return (UNHEARD if self.unheard else REPAIR[name]).interval(kind.size)

    def _counted_by_tasks(self, snapshot: Snapshot) -> bool:
        """Whether tasks of all services are read so often that counts need not be."""
        if Kind.TASK in self.interest.kinds:
            return TASKS.interval(self._kinds[Kind.TASK].size) <= 2 * TASKS.shortest
        if not self.interest.services >= snapshot.services.keys():
            return False
        return self.tasks.pace(len(snapshot.services)) <= TASKS.shortest

    def _tasks(self, now: float, snapshot: Snapshot) -> tuple[float, Ask] | None:
        kind = self._kinds[Kind.TASK]
        whole: float | None = None
        if Kind.TASK in self.interest.kinds:
            listed = kind.whole == NEVER or kind.again
            whole = kind.not_before if listed else kind.whole + TASKS.interval(kind.size)
        when, services = self.tasks.due(now, snapshot, self.interest.services)
        if when is not None and (whole is None or when < whole):
            return when, Ask(Kind.TASK, Scope(services=frozenset(services)))
        return None if whole is None else (whole, Ask(Kind.TASK))

    def _network(self, snapshot: Snapshot) -> tuple[float, Ask] | None:
        """The network on screen whose endpoints are the longest not asked for."""
        if self._endpoints.busy:
            return None
        floor = max(self._endpoints.asked + GAP, self._endpoints.not_before)
        best: tuple[float, Ask] | None = None
        for id in self.interest.networks:
            if id not in snapshot.networks:
                continue
            when = self._inspected.get(id, NEVER) + REPAIR[Kind.NETWORK].shortest
            if id in self._endpoints.dirty:
                when = min(when, self._endpoints.dirty[id] + DEBOUNCE)
            if best is None or when < best[0]:
                best = (when, Ask(Kind.NETWORK, None, id))
        return None if best is None else (max(floor, best[0]), best[1])

    # -- what became of it ------------------------------------------------------------------------------

    def asked(self, ask: Ask, now: float) -> None:
        """The request goes out now."""
        kind = self._endpoints if ask.network else self._kinds[ask.kind]
        kind.busy, kind.asked = True, now
        # An event from just before may not be in the answer yet: the engine tells of a change about when it
        # writes it down.
        settled = now - DEBOUNCE / 5
        if ask.network:
            self._inspected[ask.network] = now
            kind.settle((ask.network,), settled)
        elif ask.kind is Kind.TASK and ask.scope is not None:
            self.tasks.asked(ask.scope.services, now)
        elif ask.scope is not None:
            if ask.kind is Kind.SERVICE and ask.scope.ids >= self._seen:
                self._seen_counted = now
            kind.settle(ask.scope.ids, settled)
        else:
            kind.settle_whole(settled)
            if ask.kind is Kind.SERVICE:
                self._seen_counted = now

    def answered(self, ask: Ask, asked: float, size: int, count: int) -> None:
        """It was answered with ``count`` objects; ``size`` is in bytes, 0 where it could not be measured."""
        kind = self._endpoints if ask.network else self._kinds[ask.kind]
        kind.busy, kind.failures, kind.not_before = False, 0, NEVER
        if ask.scope is None and not ask.network:
            kind.whole = asked
            kind.size = size or count * TYPICAL.get(ask.kind, 2_000)

    def failed(self, ask: Ask, now: float) -> None:
        """It was not; the same is asked again later and later."""
        kind = self._endpoints if ask.network else self._kinds[ask.kind]
        kind.busy = False
        kind.failures += 1
        if ask.kind is Kind.SWARM and self.trouble:
            kind.not_before = now + min(PROBE_LAST, PROBE_FIRST * kind.failures)
        else:
            kind.not_before = now + min(60.0, 2.0 ** min(kind.failures, 6))
        if ask.network:
            self._endpoints.dirty.setdefault(ask.network, now)
        elif ask.scope is None:
            kind.again = True
        elif ask.kind is not Kind.TASK:
            for id in ask.scope.ids:
                kind.dirty.setdefault(id, now)
