"""Where a shell can be opened: the containers of an object, those of other nodes too where they can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.model import Container, Key, Kind, LinkState, Snapshot, Task
from backends.state.relations import relations
from backends.state.wording import listing
from tui.actions.objects import is_here, name_of, node_name
from tui.details.container import container_name

#: What has containers.
HELD = frozenset({Kind.CONTAINER, Kind.TASK, Kind.SERVICE})
#: The healthy first; a container without a health check has the empty word.
_FIRST = ("healthy", "", "starting", "unhealthy")


@dataclass(frozen=True, slots=True)
class Entrance:
    """One container that a shell can be opened in."""

    key: Key
    """The container's; its task's where the container is not listed yet."""
    name: str
    """As short as people say it: ``webapp1.2``."""
    node_id: str = ""
    health: str = ""
    """``healthy``, ``starting``, ``unhealthy``; empty where there is no health check, or it is not known."""
    slot: int = 0
    address: str = ""
    """On the network it is found by, without prefix length; empty where it is not known."""


def entrances(snapshot: Snapshot, key: Key, *, reaching: bool) -> tuple[Entrance, ...] | str:
    """All containers that ``key`` means, the best first: the healthy ones, then this engine's. ``reaching`` says
    that other nodes are connected to on demand. A sentence part where there is none, which says where it runs."""
    name = name_of(snapshot, key)
    match key.kind:
        case Kind.CONTAINER:
            container = snapshot.containers.get(key.id)
            found = f"{name} is gone" if container is None else _of_container(snapshot, container, name, reaching)
        case Kind.TASK:
            found = _of_task(snapshot, key, name, reaching)
        case Kind.SERVICE:
            return _of_service(snapshot, key, name, reaching)
        case _:
            return f"a {key.kind.value} has no shell; a container, task, service or node has"
    return found if isinstance(found, str) else (found,)


def left_out(snapshot: Snapshot, key: Key, found: Sequence[Entrance], *, reaching: bool) -> tuple[str, ...]:
    """Replicas of a service that run but are not among ``found``, each with the reason as a sentence part."""
    if key.kind is not Kind.SERVICE:
        return ()
    known = relations(snapshot)
    held = {one.key.id for one in found}
    rows: list[str] = []
    for task in known.tasks_of(key.id):
        if task.state != "running" or task.desired_state in ("shutdown", "remove"):
            continue
        if task.id not in held and task.container_id not in held:
            why = entrances(snapshot, task.key, reaching=reaching)
            rows.append(why if isinstance(why, str) else known.task_name(task))
    return tuple(sorted(rows))


def unread(snapshot: Snapshot, key: Key) -> bool:
    """Whether it is not known yet where a service runs: its tasks have not been listed."""
    service = snapshot.services.get(key.id) if key.kind is Kind.SERVICE else None
    return service is not None and Kind.TASK not in snapshot.listed and key.id not in snapshot.tasks_of


def why_not_reached(snapshot: Snapshot, node_id: str, reaching: bool) -> str:
    """Why the engine of a node cannot be asked now; empty where it can, or may be once it is connected."""
    if is_here(snapshot, node_id):
        return ""
    name = node_name(snapshot, node_id)
    link = snapshot.links.get(node_id)
    if not reaching:
        known = link.problem.removesuffix(".") if link is not None else ""
        return f"{name}, which is not reached from here" + (f": {known}" if known else "")
    if link is None or link.state is LinkState.CONNECTING:
        return ""
    problem = link.problem.removesuffix(".") or "it does not answer"
    return f"{name}, which is not reached: {problem}"


def _of_container(snapshot: Snapshot, container: Container, name: str, reaching: bool) -> Entrance | str:
    why = why_not_reached(snapshot, container.node_id, reaching)
    if why:
        return f"{name} runs on {why}"
    if container.state != "running":
        return f"{name} is {container.state}; a shell needs it running"
    task = relations(snapshot).task_of(container)
    return _entrance(snapshot, task, container, name)


def _of_task(snapshot: Snapshot, key: Key, name: str, reaching: bool) -> Entrance | str:
    task = snapshot.tasks.get(key.id)
    if task is None:
        return f"{name} is gone"
    if task.is_over or not task.container_id:
        return f"{name} is {task.state}; a shell needs it running"
    container = relations(snapshot).container_of(task)
    if container is not None:
        return _of_container(snapshot, container, name, reaching)
    why = why_not_reached(snapshot, task.node_id, reaching)
    if why:
        return f"{name} runs on {why}"
    if task.state != "running":
        return f"{name} is {task.state}; a shell needs it running"
    return _entrance(snapshot, task, None, name)


def _of_service(snapshot: Snapshot, key: Key, name: str, reaching: bool) -> tuple[Entrance, ...] | str:
    service = snapshot.services.get(key.id)
    if service is None:
        return f"{name} is gone"
    known = relations(snapshot)
    found: dict[str, Entrance] = {}
    for container in known.containers_of(key.id):
        one = _of_container(snapshot, container, container_name(container, snapshot), reaching)
        if isinstance(one, Entrance):
            task = known.task_of(container)
            found[container.id] = one if task is None else _entrance(snapshot, task, container, known.task_name(task))
    away: set[str] = set()
    for task in known.tasks_of(key.id):
        if task.state != "running" or task.desired_state in ("shutdown", "remove") or task.container_id in found:
            continue
        one = _of_task(snapshot, task.key, known.task_name(task), reaching)
        if isinstance(one, Entrance):
            found[task.container_id] = one
        elif task.node_id and not is_here(snapshot, task.node_id):
            away.add(task.node_id)
    if found:
        return tuple(sorted(found.values(), key=lambda one: _rank(snapshot, one)))
    if away:
        if len(away) == 1:
            return f"{name} runs on {why_not_reached(snapshot, away.pop(), False)}"
        where = listing(sorted(node_name(snapshot, node_id) for node_id in away))
        return f"{name} runs on {where}, which are not reached from here"
    if service.running:
        return f"{name} has no replica on a node that is reached from here"
    return f"no replica of {name} runs"


def _entrance(snapshot: Snapshot, task: Task | None, container: Container | None, name: str) -> Entrance:
    addresses = [a.addresses[0] for a in task.networks if a.addresses and a.network_name != "ingress"] if task else []
    if not addresses and container is not None:
        addresses = [a.ipv4 for a in container.networks if a.ipv4]
    return Entrance(
        key=container.key if container is not None else task.key if task is not None else Key(Kind.TASK, ""),
        name=name,
        node_id=container.node_id if container is not None else task.node_id if task is not None else "",
        health=container.health if container is not None else "",
        slot=task.slot if task is not None else 0,
        address=addresses[0].partition("/")[0] if addresses else "",
    )


def _rank(snapshot: Snapshot, one: Entrance) -> tuple[int, bool, bool, int, str, str]:
    health = _FIRST.index(one.health) if one.health in _FIRST else len(_FIRST)
    link = snapshot.links.get(one.node_id)
    open_now = is_here(snapshot, one.node_id) or (link is not None and link.state is LinkState.LIVE)
    here = one.node_id in ("", snapshot.node_id)
    return (health, not here, not open_now, one.slot, one.name, one.key.id)
