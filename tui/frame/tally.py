"""How many objects are how, kept up cheaply: what row 0 counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backends.model import Kind, Service, Snapshot, Task
from backends.state.health import node_health, service_health
from backends.state.relations import relations
from backends.state.severity import rank, severity

#: Colour classes that row 0 speaks of; the rest is quiet.
_LOUD = frozenset({"err", "warn", "chg"})


@dataclass(frozen=True, slots=True)
class Counts:
    """Objects by state word, loud words only, worst first, as (word, colour class, how many)."""

    nodes: tuple[tuple[str, str, int], ...] = ()
    services: tuple[tuple[str, str, int], ...] = ()


@dataclass(slots=True)
class _Known:
    service: Service
    tasks: tuple[Task, ...] | None
    word: str
    until: float | None = None


@dataclass(slots=True)
class Tally:
    """Counts of a snapshot; only what differs from the snapshot before is judged again."""

    _services: dict[str, _Known] = field(default_factory=dict)
    _of: tuple[object, ...] = ()
    _due: float = 0.0
    _last: Counts = Counts()

    def count(self, snapshot: Snapshot, now: float) -> Counts:
        """The counts at ``now`` (seconds since the epoch)."""
        parts = (snapshot.services, snapshot.tasks, snapshot.nodes, snapshot.tasks_of, snapshot.listed)
        same = len(parts) == len(self._of) and all(new is old for new, old in zip(parts, self._of, strict=True))
        if same and now < self._due:
            return self._last
        nodes_differ = not self._of or snapshot.nodes is not self._of[2]
        self._of = parts
        self._last = Counts(
            _loud(node_health(node).word for node in snapshot.nodes.values()),
            _loud(self._words(snapshot, now, nodes_differ)),
        )
        self._due = min((one.until for one in self._services.values() if one.until is not None), default=float("inf"))
        return self._last

    def _words(self, snapshot: Snapshot, now: float, nodes_differ: bool) -> list[str]:
        known, fresh = self._services, {}
        related = relations(snapshot)
        whole = Kind.TASK in snapshot.listed
        words = []
        for id_, service in snapshot.services.items():
            tasks = related.tasks_of(id_) if whole or id_ in snapshot.tasks_of else None
            old = known.get(id_)
            if (
                old is None
                or old.service is not service
                or old.tasks is not tasks
                or nodes_differ
                or (old.until is not None and now >= old.until)
            ):
                health = service_health(service, tasks, snapshot.nodes, now)
                old = _Known(service, tasks, health.word, health.until)
            fresh[id_] = old
            words.append(old.word)
        self._services = fresh
        return words


def _loud(words: Iterable[str]) -> tuple[tuple[str, str, int], ...]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    loud = [(word, str(severity(word)), count) for word, count in counts.items() if severity(word) in _LOUD]
    return tuple(sorted(loud, key=lambda item: (rank(item[0]), item[0])))


def by_class(counts: tuple[tuple[str, str, int], ...]) -> Mapping[str, int]:
    """How many of each colour class, worst first."""
    out: dict[str, int] = {}
    for _, tone, count in counts:
        out[tone] = out.get(tone, 0) + count
    return out
