"""How often a kind is listed: from its size, so that what we ask of the engine stays small.

The budget, idle, on a Swarm of 10,000 tasks of 1,000 services: one request and 100 kB a second. A kind's share
is its bytes per second below; small answers may come often, large ones must be rare.
"""

from __future__ import annotations

from typing import NamedTuple

from backends.model import Kind

#: Between two requests for one kind, whatever asks for them.
GAP = 1.0
#: Between the first event that makes something dirty and the request, so that one request serves many.
DEBOUNCE = 0.15
#: Ids in one filtered request, some 70 kB of a header; an engine takes 1 MB (Go's ``http.DefaultMaxHeaderBytes``).
MOST_IDS = 1000
#: Up to so many ids no whole listing is worth asking for.
FEW_IDS = 300


class Share(NamedTuple):
    """How a kind is repaired: ``rate`` bytes a second, between ``shortest`` and ``longest`` seconds."""

    rate: float
    shortest: float
    longest: float

    def interval(self, size: int) -> float:
        """Seconds between two whole listings of ``size`` bytes."""
        return min(self.longest, max(self.shortest, size / self.rate))


#: Kinds whose changes come as events are listed whole only to repair what was missed.
REPAIR = {
    Kind.NODE: Share(5_000, 30.0, 120.0),
    Kind.CONTAINER: Share(20_000, 30.0, 300.0),
    Kind.NETWORK: Share(5_000, 30.0, 120.0),
    Kind.VOLUME: Share(5_000, 60.0, 300.0),
    Kind.IMAGE: Share(5_000, 60.0, 300.0),
    Kind.CONFIG: Share(5_000, 60.0, 300.0),
    Kind.SECRET: Share(5_000, 60.0, 300.0),
    Kind.SWARM: Share(1_000, 120.0, 300.0),
    Kind.ENGINE: Share(1_000, 30.0, 60.0),
}
#: The same while no events are heard.
UNHEARD = Share(20_000, 5.0, 300.0)
#: No event tells that a replica died on another node: counts are polled, as fast as their size allows.
COUNTS = Share(40_000, 1.0, 120.0)
#: The same while no list of services is on screen, or while tasks that are read anyway give the counts.
COUNTS_ASIDE = Share(20_000, 15.0, 120.0)
#: The whole task list, which only a view of tasks asks for.
TASKS = Share(80_000, 2.0, 300.0)
#: Tasks of services to which something happened just now.
TASKS_HOT = Share(40_000, 1.0, 10.0)
#: Tasks of services on screen.
TASKS_SEEN = Share(40_000, 1.0, 30.0)
#: Tasks of services that are short of replicas, elsewhere.
TASKS_SHORT = Share(15_000, 3.0, 30.0)
#: Where this engine is no manager, or the managers have no leader, someone may mend that at any time.
ROLE = 10.0
PROBE_FIRST, PROBE_LAST = 5.0, 15.0

#: Seconds between two repairs of a kind, or two signs of life, for each engine of a Swarm that is followed, so that
#: 300 nodes together are asked no more than some three questions a second.
EACH = 1.0

#: Bytes of one object where no listing was measured yet.
TYPICAL = {
    Kind.NODE: 3_000,
    Kind.SERVICE: 3_000,
    Kind.TASK: 3_000,
    Kind.CONTAINER: 1_300,
    Kind.NETWORK: 800,
    Kind.VOLUME: 350,
    Kind.IMAGE: 600,
    Kind.CONFIG: 700,
    Kind.SECRET: 400,
}


def worth_all(ids: int, typical: int, whole: int) -> bool:
    """Whether a whole listing, of ``whole`` bytes as far as known, is no dearer than one of so many objects of
    ``typical`` bytes: an engine that filters looks at all of them, too."""
    return ids > FEW_IDS and ids * typical * 4 > whole
