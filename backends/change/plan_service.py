"""Plans of ``docker service``."""

from __future__ import annotations

from collections.abc import Iterator

from backends.change.check_service import subject
from backends.change.checks import find_service
from backends.change.compile_service import new_spec
from backends.change.flag_error import Refused
from backends.change.requests import (
    Request,
    ServiceCreate,
    ServiceRemove,
    ServiceRollback,
    ServiceScale,
    ServiceUpdate,
)
from backends.change.restarts import Effect, FieldChange, changes, restarts
from backends.change.steps import Compiled
from backends.change.story import Danger, Story
from backends.change.surroundings import Surroundings
from backends.model import Mode, Service, Snapshot
from backends.state.placement import placement
from backends.state.relations import relations
from backends.state.wording import listing, plural, short_image


def plan_service(request: Request, snapshot: Snapshot, compiled: Compiled | None) -> Story | None:
    """The story of a request about services; ``None`` for others."""
    if isinstance(request, ServiceCreate):
        return _create(request, snapshot)
    if isinstance(request, ServiceUpdate):
        return _update(request, snapshot, compiled)
    if isinstance(request, ServiceScale):
        return _scale(request, snapshot)
    if isinstance(request, ServiceRollback):
        return _rollback(request, snapshot)
    return _remove(request, snapshot) if isinstance(request, ServiceRemove) else None


def _create(request: ServiceCreate, snapshot: Snapshot) -> Story:
    name = request.options.text("name")
    title = f"Create service {name}" if name else f"Create a service of {request.image}"
    try:
        build = new_spec(request, Surroundings(environ={}, read_file=lambda _: b""))
    except Refused:
        return Story(title, (), Danger.NONE)
    build.task["Networks"] = build.networks
    service = subject(build.spec).service
    return Story(title, tuple(_runs(service, snapshot)), Danger.NONE)


def _runs(service: Service, snapshot: Snapshot) -> Iterator[str]:
    """Where it runs, on which networks, and whom it will reach."""
    image = short_image(service.image)
    nodes = len(snapshot.nodes)
    where = placement(service, snapshot) if nodes else None
    fits = f", {len(where.fitting)} of {plural(nodes, 'node')} would take it" if where is not None else ""
    if service.mode is Mode.REPLICATED:
        yield f"{plural(service.replicas or 0, 'task')} of {image}{fits}."
    elif service.mode is Mode.GLOBAL:
        yield f"One task of {image} on each node{fits}."
    else:
        count = "one task on each node" if service.mode is Mode.GLOBAL_JOB else plural(service.replicas or 1, "task")
        yield f"A job of {image}: {count}, run to their end{fits}."
    index = relations(snapshot)
    for attachment in service.networks:
        network = index.network(attachment.target)
        if network is None:
            continue
        others = [s.name for s in index.services_on(network)]
        address = f" ({listing(network.subnets)})" if network.subnets else ""
        reach = f": it reaches {listing(others)}" if others else ": nobody else is on it yet"
        yield f"On network {network.name}{address}{reach}."
    for port in service.ports:
        number = f"port {port.published}" if port.published else "a port that the Swarm chooses"
        place = "on every node" if port.mode == "ingress" else "on each node that runs a task"
        yield f"Answers at {number}/{port.protocol} {place}."


def _update(request: ServiceUpdate, snapshot: Snapshot, compiled: Compiled | None) -> Story:
    if request.options.flag("rollback"):
        return _rollback(ServiceRollback(name=request.name, options=request.options), snapshot)
    service = find_service(snapshot, request.name)
    title = f"Update service {request.name}"
    if compiled is None or not compiled.targets:
        return Story(title, (), Danger.STOPS)
    target = compiled.targets[0]
    found = changes(_dict(target.before), _dict(target.after))
    effect = restarts(found)
    names = {id: network.name for id, network in snapshot.networks.items()}
    lines = [_changed(change, names) for change in found]
    if not found:
        lines.append("Nothing changes.")
    lines += _effect(effect, service, snapshot)
    danger = Danger.NONE if effect is Effect.NONE else Danger.STOPS
    if any(change.path == ("Mode", "Replicated", "Replicas") and _fewer(change) for change in found):
        danger = Danger.STOPS
    return Story(title, tuple(lines), danger, found)


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _fewer(change: FieldChange) -> bool:
    return isinstance(change.before, int) and isinstance(change.after, int) and change.after < change.before


def _changed(change: FieldChange, names: dict[str, str]) -> str:
    what, (old, new) = change.what(names), change.values
    if change.before is None:
        return f"{what} is added" + (f": {new}." if new else ".")
    if change.after is None:
        return f"{what} is taken out" + (f" (was {old})." if old else ".")
    return f"{what}: {old or 'empty'} → {new or 'empty'}."


def _effect(effect: Effect, service: Service | None, snapshot: Snapshot) -> Iterator[str]:
    if effect is Effect.NONE:
        yield "No task restarts."
        return
    count = _running(service, snapshot) if service is not None else 0
    tasks = f"{plural(count, 'task')}" if count else "its tasks"
    if effect is Effect.MOVES:
        yield f"Of {tasks} only those restart whose node does not fit any more."
        return
    config = service.update_config if service is not None else None
    at_once = config.parallelism if config is not None else 1
    how = "all at once" if at_once == 0 else "one after the other" if at_once == 1 else f"{at_once} at a time"
    first = "starting the new one first" if config is not None and config.order == "start-first" else "stopping first"
    yield f"Restarts {tasks}, {how}, {first}."


def _running(service: Service, snapshot: Snapshot) -> int:
    tasks = [t for t in relations(snapshot).tasks_of(service.id) if not t.is_over and t.desired_state == "running"]
    return len(tasks) or service.running


def _scale(request: ServiceScale, snapshot: Snapshot) -> Story:
    lines: list[str] = []
    danger = Danger.NONE
    for name, count in request.replicas:
        service = find_service(snapshot, name)
        was = service.replicas if service is not None else None
        if was is None:
            lines.append(f"{name}: {plural(count, 'task')}.")
            danger = max(danger, Danger.STOPS)
            continue
        lines.append(f"{name}: {was} → {plural(count, 'task')}.")
        if count < was:
            danger = Danger.STOPS
            lines.append(f"{plural(was - count, 'task')} of {name} stop{'s' if was - count == 1 else ''}.")
        if count == 0 and was:
            lines.append(f"{name} does not answer any more.")
    names = listing([name for name, _ in request.replicas])
    return Story(f"Scale {names}", tuple(lines), danger)


def _rollback(request: ServiceRollback, snapshot: Snapshot) -> Story:
    service = find_service(snapshot, request.name)
    lines = ["The specification before the last change comes back; its tasks restart where they differ."]
    if service is not None and service.previous_image and service.previous_image != service.image:
        lines.insert(0, f"image: {short_image(service.image)} → {short_image(service.previous_image)}.")
    if service is not None and not service.previous_image:
        lines.append("No earlier specification is known here: the engine may refuse.")
    return Story(f"Roll back service {request.name}", tuple(lines), Danger.STOPS)


def _remove(request: ServiceRemove, snapshot: Snapshot) -> Story:
    lines: list[str] = []
    for name in request.names:
        service = find_service(snapshot, name)
        if service is None:
            continue
        lines.append(f"{plural(_running(service, snapshot), 'task')} of {service.name} stop, for good.")
        ports = listing([f"{p.published}/{p.protocol}" for p in service.ports if p.published])
        if ports:
            lines.append(f"Port {ports} does not answer any more.")
        volumes = [m.source for m in service.mounts if m.type == "volume" and m.source]
        if volumes:
            lines.append(f"Volume {listing(volumes)} stays on its nodes.")
        if service.stack:
            lines.append(f"{service.name} belongs to stack {service.stack}: the next deploy makes it again.")
    lines.append("Its definition is gone: copy its docker line first to be able to make it again.")
    return Story(f"Remove service {listing(request.names)}", tuple(lines), Danger.LOSES)
