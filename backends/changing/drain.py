"""What draining a node does: which tasks go where, how long they are away, what does not go with them."""

from __future__ import annotations

from dataclasses import dataclass

from backends.model import Mode, Node, Service, Snapshot
from backends.state.placement import placement
from backends.state.relations import relations
from backends.state.wording import listing, plural


@dataclass(frozen=True, slots=True)
class Moving:
    """The tasks of one service on the node."""

    service: str
    tasks: int
    total: int
    """Tasks of the service that run, on all nodes."""
    likely: tuple[str, ...]
    """Nodes that may take them; empty is none."""
    ends: bool = False
    """Whether they end instead of moving (a global service)."""
    stays: tuple[str, ...] = ()
    """Local volumes that stay behind."""
    ports: tuple[int, ...] = ()
    """Host-mode ports that are published where the task is."""

    @property
    def stranded(self) -> bool:
        """Whether no other node may take them."""
        return not self.ends and not self.likely

    @property
    def pause(self) -> str:
        """Who serves meanwhile."""
        rest = self.total - self.tasks
        if self.ends:
            return "ends here"
        return f"{rest} of {self.total} go on meanwhile" if rest else "none serves meanwhile"


def moving(snapshot: Snapshot, node: Node) -> tuple[Moving, ...]:
    """What a drain moves, worst first. Resources are looked at as far as tasks are known."""
    index = relations(snapshot)
    held: dict[str, int] = {}
    for task in snapshot.tasks.values():
        if task.node_id == node.id and not task.is_over and task.desired_state == "running":
            held[task.service_id] = held.get(task.service_id, 0) + 1
    found: list[Moving] = []
    for service_id, count in held.items():
        service = snapshot.services.get(service_id)
        if service is None:
            found.append(Moving(service_id[:12], count, count, ()))
            continue
        live = [t for t in index.tasks_of(service_id) if t.state == "running" and t.desired_state == "running"]
        fitting = [other.name for other in placement(service, snapshot).fitting if other.id != node.id]
        ends = service.mode in (Mode.GLOBAL, Mode.GLOBAL_JOB)
        total = max(count, len(live))
        ports = tuple(port.published or port.target for port in service.ports if port.mode == "host")
        found.append(Moving(service.name, count, total, tuple(fitting), ends, _volumes(service), ports))
    return tuple(sorted(found, key=lambda m: (not m.stranded, not m.stays, m.service)))


def _volumes(service: Service) -> tuple[str, ...]:
    """Named volumes and folders of the node; what a driver shares over the network cannot be told from here."""
    return tuple(
        mount.source or mount.target for mount in service.mounts if mount.type in ("volume", "bind") and mount.target
    )


def sentence(node: Node, rows: tuple[Moving, ...]) -> str:
    """The drain in one sentence."""
    count = sum(row.tasks for row in rows)
    if not count:
        return f"No task runs on {node.name}; none will be placed there."
    stranded = [row.service for row in rows if row.stranded]
    where = f" No other node may take those of {listing(stranded)}." if stranded else ""
    return f"The Swarm stops {plural(count, 'task')} on {node.name} and starts them on other nodes.{where}"
