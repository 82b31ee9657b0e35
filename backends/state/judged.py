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
    """The tasks of a service where they are listed, and no older than its own counts by more than the pace
    at which they are read; else ``None``: then the engine's counts are truer."""
    at = max(snapshot.tasks_of.get(service.id, 0.0), snapshot.listed.get(Kind.TASK, 0.0))
    if not at:
        return None
    tasks = relations(snapshot).tasks_of(service.id)
    if service.has_counts and snapshot.listed.get(Kind.SERVICE, 0.0) - at > 15.0:
        live = sum(1 for t in tasks if t.state == "running" and t.desired_state == "running")
        if live != service.running:
            return None
    return tasks


class _Services:
    """Remembers each service's health with what it was judged from."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._until = 0.0
        self._all: Mapping[str, ServiceHealth] = {}
        self._each: dict[str, tuple[Service, tuple[Task, ...] | None, object, ServiceHealth]] = {}

    def of(self, snapshot: Snapshot, now: float) -> Mapping[str, ServiceHealth]:
        s = snapshot
        seen = (s.services, s.tasks, s.nodes, s.listed, s.tasks_of)
        same = len(seen) == len(self._seen) and all(a is b for a, b in zip(seen, self._seen, strict=True))
        if same and now < self._until:
            return self._all
        each: dict[str, tuple[Service, tuple[Task, ...] | None, object, ServiceHealth]] = {}
        until = float("inf")
        for service in s.services.values():
            tasks = listed_tasks(service, s)
            known = self._each.get(service.id)
            if (
                known is None
                or known[0] is not service
                or known[1] is not tasks
                or known[2] is not s.nodes
                or (known[3].until is not None and now >= known[3].until)
            ):
                known = (service, tasks, s.nodes, service_health(service, tasks, s.nodes, now))
            each[service.id] = known
            if known[3].until is not None:
                until = min(until, known[3].until)
        if len(each) != len(self._each) or any(self._each.get(i) is not k for i, k in each.items()):
            self._all = {i: k[3] for i, k in each.items()}
        self._seen, self._until, self._each = seen, until, each
        return self._all


_SERVICES = _Services()
