"""How many objects are how, kept up cheaply: what row 0 counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backends.model import Snapshot
from backends.state.health import node_health
from backends.state.judged import services_health
from backends.state.severity import rank, severity

#: Colour classes that row 0 speaks of; the rest is quiet.
_LOUD = frozenset({"err", "warn", "chg"})


@dataclass(frozen=True, slots=True)
class Counts:
    """Objects by state word, loud words only, worst first, as (word, colour class, how many)."""

    nodes: tuple[tuple[str, str, int], ...] = ()
    services: tuple[tuple[str, str, int], ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts of a snapshot; made anew only where health differs from the snapshot before."""

    _of: tuple[object, object] = (None, None)
    _last: Counts = Counts()

    def count(self, snapshot: Snapshot, now: float) -> Counts:
        """The counts at ``now`` (seconds since the epoch)."""
        services = services_health(snapshot, now)
        if self._of[0] is not services or self._of[1] is not snapshot.nodes:
            self._of = (services, snapshot.nodes)
            self._last = Counts(
                _loud(node_health(node).word for node in snapshot.nodes.values()),
                _loud(health.word for health in services.values()),
            )
        return self._last


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
