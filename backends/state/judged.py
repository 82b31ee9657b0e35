"""The health of all services of a snapshot, remembered while nothing of theirs changes."""

from __future__ import annotations

from collections.abc import Mapping

from backends.model import Kind, Service, Snapshot, Task
from backends.state.relations import relations
from backends.state.service_health import ServiceHealth, service_health


def services_health(snapshot: Snapshot, now: float) -> Mapping[str, ServiceHealth]:
    """Health of every service by id. Cheap to call for every frame: a service is judged anew only when it,
    its tasks or the nodes changed, or time alone changes the answer."""
    return _SERVICES.of(snapshot, now)


def health_of(service: Service, snapshot: Snapshot, now: float) -> ServiceHealth:
    """Health of one service of the snapshot."""
    return services_health(snapshot, now)[service.id]


def listed_tasks(service: Service, snapshot: Snapshot) -> tuple[Task, ...] | None:
    """The tasks of a service where they were ever listed, else ``None``."""
    if not _tasks_read(service, snapshot):
        return None
    return relations(snapshot).tasks_of(service.id)


def _tasks_read(service: Service, snapshot: Snapshot) -> float:
    return max(snapshot.tasks_of.get(service.id, 0.0), snapshot.listed.get(Kind.TASK, 0.0))


def _counts_read(service: Service, snapshot: Snapshot) -> float:
    if not service.has_counts:
        return 0.0
    return max(snapshot.listed.get(Kind.SERVICE, 0.0), snapshot.as_of.get(service.key, 0.0))


_Judged = tuple[Service, tuple[Task, ...] | None, object, ServiceHealth, bool]


class _Services:
    """Remembers each service's health with what it was judged from."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._until = 0.0
        self._all: Mapping[str, ServiceHealth] = {}
        self._each: dict[str, _Judged] = {}

    def of(self, snapshot: Snapshot, now: float) -> Mapping[str, ServiceHealth]:
        s = snapshot
        seen = (s.services, s.tasks, s.nodes, s.listed, s.tasks_of)
        same = len(seen) == len(self._seen) and all(a is b for a, b in zip(seen, self._seen, strict=True))
        if same and now < self._until:
            return self._all
        each: dict[str, _Judged] = {}
        until = float("inf")
        # Everything that is the same for all is looked up once: there may be a thousand, at each frame.
        nodes, before, tasks_of = s.nodes, self._each, relations(s).tasks_of
        all_tasks, read_of = s.listed.get(Kind.TASK, 0.0), s.tasks_of
        for id, service in s.services.items():
            read = all_tasks or id in read_of
            tasks = tasks_of(id) if read else None
            newer = bool(read) and _counts_read(service, s) > _tasks_read(service, s)
            known = before.get(id)
            if (
                known is None
                or known[0] is not service
                or known[1] is not tasks
                or known[2] is not nodes
                or known[4] != newer
                or ((soon := known[3].until) is not None and now >= soon)
            ):
                health = service_health(service, tasks, nodes, now, counts_newer=newer)
                known = (service, tasks, nodes, health, newer)
            each[id] = known
            soon = known[3].until
            if soon is not None and soon < until:
                until = soon
        if len(each) != len(self._each) or any(self._each.get(i) is not k for i, k in each.items()):
            self._all = {i: k[3] for i, k in each.items()}
        self._seen, self._until, self._each = seen, until, each
        return self._all


_SERVICES = _Services()
