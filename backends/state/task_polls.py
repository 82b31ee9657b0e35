"""Which services' tasks are read next. Tasks send no events: they are polled where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backends.model import Kind, Service, Snapshot
from backends.state.asks import NEVER
from backends.state.pace import DEBOUNCE, TASKS_HOT, TASKS_SEEN, TASKS_SHORT, TYPICAL, Share

#: Services in one request.
MOST_SERVICES = 50
#: Services that are followed closely at most; of more the first reading has to do.
MOST_HOT = 100
#: Services to which something happened that are read at once; where it happens to more, at a measured pace.
CROWD = 10
#: Seconds for which a service's tasks are followed closely after something happened to it.
ROLLOUT = 15.0
#: Polls that fall due this soon are made together with the one that is due.
_TOGETHER = 0.4


class TaskPolls:
    """Keeps when each service's tasks were read, and which are followed closely."""

    def __init__(self) -> None:
        self._read: dict[str, float] = {}
        self._hot: dict[str, float] = {}
        self._asked_for: dict[str, float] = {}
        """Services of which an event told, with the time from which they are due."""
        self._newest: dict[str, float] = {}
        """Of these, when the newest event came."""
        self._crowd_asked = float("-inf")
        self._short_of: Mapping[str, Service] = {}
        self._short: frozenset[str] = frozenset()
        """Those of ``_short_of`` that are short of replicas."""
        self._unchanged: dict[str, int] = {}
        self._size = 0.0
        """Bytes of the tasks of one service, on average."""

    def happened(self, services: Iterable[str], now: float) -> None:
        """Something happened to these services: their tasks are read soon, and often for a while."""
        for id in services:
            if len(self._hot) < MOST_HOT or id in self._hot:
                self._hot[id] = now + ROLLOUT
            self._unchanged.pop(id, None)
            self._asked_for.setdefault(id, now + DEBOUNCE)
            self._newest[id] = now

    def pace(self, services: int, share: Share = TASKS_SEEN) -> float:
        """Seconds between two reads of the tasks of so many services on screen."""
        size = (self._size or 5.0 * TYPICAL[Kind.TASK]) * min(services, MOST_SERVICES)
        return share.interval(int(size))

    def due(self, now: float, snapshot: Snapshot, seen: frozenset[str]) -> tuple[float | None, tuple[str, ...]]:
        """(when the next poll is due, the services to ask for then); ``(None, ())`` where there is nothing to
        poll. ``seen`` are the services whose tasks are on screen."""
        self._hot = {id: end for id, end in self._hot.items() if end > now}
        services = snapshot.services
        on_screen, seen = seen, seen & services.keys() - self._hot.keys()
        if self._short_of is not services:
            self._short_of, self._short = services, frozenset(s.id for s in services.values() if _short(s))
        short = self._short - seen - self._hot.keys()
        when: dict[str, float] = {}
        for share, members in ((TASKS_HOT, self._hot.keys()), (TASKS_SEEN, seen), (TASKS_SHORT, short)):
            pace, read = self.pace(len(members), share), self._read
            if members is not short:
                step = min(share.longest, pace)
                when.update({id: read.get(id, NEVER) + step for id in members})
                continue
            for id in members:
                # What has been short for long without any change is looked at less and less.
                patience = 1 + self._unchanged.get(id, 0) // 4
                when[id] = read.get(id, NEVER) + min(share.longest, pace * patience)
        # What happened to a few is asked for at once; what happens to many all the time, at the pace of a rollout.
        if len(self._asked_for) > CROWD:
            hold = self._crowd_asked + self.pace(len(self._asked_for), TASKS_HOT)
            when.update(dict.fromkeys(self._asked_for, max(hold, min(self._asked_for.values()))))
            when.update({id: self._asked_for[id] for id in on_screen & self._asked_for.keys()})
        else:
            when.update(self._asked_for)
        # One that is gone fails the request for all others with it; a new one is listed in a moment.
        when = {id: at for id, at in when.items() if id in services}
        if not when:
            return None, ()
        first = min(when.values())
        limit = max(first, now) + _TOGETHER
        soon = sorted([(at, id) for id, at in when.items() if at <= limit])
        return first, tuple(id for _, id in soon[:MOST_SERVICES])

    def asked(self, services: Iterable[str], now: float) -> None:
        """A request for their tasks is under way."""
        services = tuple(services)
        if len(self._asked_for) > CROWD and not self._asked_for.keys().isdisjoint(services):
            self._crowd_asked = now
        for id in services:
            self._read[id] = now
        self._settle(services, now)

    def answered(self, services: tuple[str, ...], size: int, changed: frozenset[str], now: float) -> None:
        """Their tasks came; ``changed`` are those of them whose tasks differ from before."""
        if services:
            self._size = size / len(services)
        for id in services:
            if id in changed:
                self._unchanged.pop(id, None)
                if self._hot.get(id, 0.0) < now + ROLLOUT / 2:
                    self._hot[id] = now + ROLLOUT / 2
            else:
                self._unchanged[id] = self._unchanged.get(id, 0) + 1

    def all_read(self, snapshot: Snapshot, now: float) -> None:
        """The whole task list came that was asked for at ``now``."""
        for id in snapshot.services:
            self._read[id] = now
        self._settle(tuple(self._asked_for), now)

    def _settle(self, services: Iterable[str], asked: float) -> None:
        """What was told before it was asked is in the answer; what was told just before, or since, may not be."""
        for id in services:
            newest = self._newest.pop(id, NEVER)
            if newest > asked - DEBOUNCE / 5:
                self._newest[id], self._asked_for[id] = newest, newest + DEBOUNCE
            else:
                self._asked_for.pop(id, None)

    def forget(self, known: Mapping[str, Service]) -> None:
        """Drops what is remembered of services that are gone."""
        for store in (self._asked_for, self._newest, self._read, self._unchanged):
            told = store is self._asked_for or store is self._newest
            for id in [i for i in store if i not in known and (told or i not in self._hot)]:
                del store[id]

    def again(self) -> None:
        """Nothing that was read counts any more: the connection was lost meanwhile."""
        self._read.clear()


def _short(service: Service) -> bool:
    if service.is_job:
        wanted = service.replicas if service.replicas is not None else service.desired
        return service.has_counts and service.completed < wanted
    wanted = service.replicas if service.replicas is not None else service.desired
    return service.has_counts and service.running < wanted
