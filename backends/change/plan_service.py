"""Plans of ``docker service``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backends.change.check_service import subject
from backends.change.compile_service import new_spec
from backends.change.find import find_service
from backends.change.flag_error import BadValue, Refused
from backends.change.options import Options
from backends.change.part import as_object
from backends.change.plan_update import changed_values, effect_line, tasks_of
from backends.change.redaction import redacted_text
from backends.change.requests import (
    Request,
    ServiceCreate,
    ServiceRemove,
    ServiceRollback,
    ServiceScale,
    ServiceUpdate,
)
from backends.change.restarts import Effect, changes, restarts
from backends.change.service_tables import UPDATE
from backends.change.steps import Compiled
from backends.change.story import Danger, Story
from backends.change.surroundings import Surroundings
from backends.model import Mode, Service, Snapshot
from backends.state.placement import placement
from backends.state.relations import relations
from backends.state.wording import image_change, listing, plural, short_image


def plan_service(request: Request, snapshot: Snapshot, compiled: Compiled | None) -> Story | None:
    """The story of a request about services; ``None`` for others."""
    if isinstance(request, ServiceCreate):
        return _create(request, snapshot)
    if isinstance(request, ServiceUpdate):
        return _update(request, snapshot, compiled)
    if isinstance(request, ServiceScale):
        return _scale(request, snapshot)
    if isinstance(request, ServiceRollback):
        return _rollback(request.name, snapshot)
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
    return Story(title, tuple(_runs(service, snapshot)), Danger.NONE, facts=_room(service, snapshot))


def _runs(service: Service, snapshot: Snapshot) -> Iterator[str]:
    """What starts, on which networks, and whom it will reach."""
    image = short_image(service.image)
    named = f" as {service.name}" if service.name else ""
    if service.mode is Mode.REPLICATED:
        yield f"Starts {plural(service.replicas or 0, 'task')} of {image}{named}."
    elif service.mode is Mode.GLOBAL:
        yield f"Starts one task of {image}{named} on each node that may run it."
    else:
        count = "one task on each node" if service.mode is Mode.GLOBAL_JOB else plural(service.replicas or 1, "task")
        yield f"Starts a job of {image}{named}: {count}, run to their end."
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


def _room(service: Service, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    if not snapshot.nodes:
        return ()
    names = [node.name for node in placement(service, snapshot).fitting]
    return (("room", f"{len(names)} of {plural(len(snapshot.nodes), 'node')}: {listing(names, 6)}"),) if names else ()


def _update(request: ServiceUpdate, snapshot: Snapshot, compiled: Compiled | None) -> Story:
    if request.options.flag("rollback"):
        return _rollback(request.name, snapshot)
    service = find_service(snapshot, request.name)
    title = f"Update {request.name}"
    if compiled is None or not compiled.targets:
        return _foreseen(request, service, snapshot, title)
    target = compiled.targets[0]
    found = changes(as_object(target.before), as_object(target.after))
    if not found:
        return Story(title, ("Nothing changes.", "No task restarts."), Danger.NONE)
    effect = restarts(found)
    title = f"Restart {request.name}" if request.options.flag("force") and len(found) == 1 else title
    names = {id: network.name for id, network in snapshot.networks.items()}
    lines = [effect_line(effect, service, request.name, snapshot)]
    danger = Danger.NONE if effect is Effect.NONE else Danger.STOPS
    for change in found:
        if change.path == ("Mode", "Replicated", "Replicas"):
            count = change.after if isinstance(change.after, int) else 0
            was = change.before if isinstance(change.before, int) else 0
            lines.append(_scaled(request.name, was, count))
            danger = max(danger, _scale_danger(was, count))
    facts = _pace(service) if effect is Effect.RESTARTS else ()
    return Story(title, tuple(lines), danger, found, facts=facts, values=changed_values(found, names))


#: Flags of ``service update`` that leave tasks as they are.
_QUIET = ("label-", "update-", "rollback-", "detach", "quiet", "with-registry-auth", "no-resolve-image", "replicas")
#: Flags that say how it is sent, or are told apart.
_SAID = frozenset({"image", "replicas", "force", "detach", "quiet", "with-registry-auth", "no-resolve-image"})


def _foreseen(request: ServiceUpdate, service: Service | None, snapshot: Snapshot, title: str) -> Story:
    """As much as the flags tell before the service's spec was read."""
    options, name = request.options, request.name
    what: list[str] = []
    if "image" in options:
        image = options.text("image")
        what.append(f"image {image_change(service.image, image) if service is not None else image}")
    what += [redacted_text(f"{n} {text}".strip()) for n, texts in options.items for text in texts if n not in _SAID]
    forced = options.flag("force")
    detail = f": {', '.join(what)}" if what else ""
    dirty = forced or any(not n.startswith(_QUIET) for n, _ in options.items)
    lines = []
    if dirty:
        lines.append(effect_line(Effect.RESTARTS, service, name, snapshot).rstrip(".") + f"{detail}.")
    elif what:
        lines.append(f"Changes {name} without restarting it{detail}.")
    danger = Danger.STOPS if dirty else Danger.NONE
    count, was = _replicas(options), service.replicas if service is not None else None
    if count is not None:
        lines.append(_scaled(name, was, count))
        danger = max(danger, _scale_danger(was, count))
    title = f"Restart {name}" if forced and not what and count is None else title
    return Story(title, tuple(lines), danger)


def _replicas(options: Options) -> int | None:
    try:
        return int(UPDATE["replicas"].type.parse(options.text("replicas"))) if "replicas" in options else None
    except (BadValue, ValueError, TypeError):
        return None


def _pace(service: Service | None) -> tuple[tuple[str, str], ...]:
    """What happens where the new tasks fail."""
    pace = service.update_config if service is not None else None
    action = pace.failure_action if pace is not None else "pause"
    words = {
        "pause": "it pauses at the first task that fails; rolling back takes it back",
        "rollback": "the Swarm rolls it back by itself",
        "continue": "it goes on over tasks that fail",
    }
    return (("on failure", words.get(action, action)),)


def _scale(request: ServiceScale, snapshot: Snapshot) -> Story:
    lines: list[str] = []
    facts: list[tuple[str, str]] = []
    danger = Danger.NONE
    for name, count in request.replicas:
        service = find_service(snapshot, name)
        was = service.replicas if service is not None else None
        lines.append(_scaled(name, was, count))
        danger = max(danger, _scale_danger(was, count))
        if service is not None and was is not None and count > was:
            facts += _room(service, snapshot)
    names = listing([name for name, _ in request.replicas])
    return Story(f"Scale {names}", tuple(lines), danger, facts=tuple(facts))


def _scale_danger(was: int | None, count: int) -> Danger:
    """Nothing runs of a service that is scaled to zero: what its tasks hold themselves is lost."""
    if count == 0 and was != 0:
        return Danger.LOSES
    return Danger.STOPS if was is None or count < was else Danger.NONE


def _scaled(name: str, was: int | None, count: int) -> str:
    if was is None:
        return f"{name} gets {plural(count, 'task')}."
    if count > was:
        return f"Starts {plural(count - was, 'more task')} of {name}, {was} → {count}; nothing restarts."
    if count == was:
        return f"{name} has {plural(was, 'replica')} already; nothing changes."
    if count == 0:
        return f"Stops all {plural(was, 'task')} of {name}: it does not answer any more."
    return f"Stops {was - count} of {plural(was, 'task')} of {name}, {was} → {count}."


def _rollback(name: str, snapshot: Snapshot) -> Story:
    service = find_service(snapshot, name)
    image = ""
    if service is not None and service.previous_image and service.previous_image != service.image:
        image = f": image {image_change(service.image, service.previous_image)}"
    lines = [f"Puts {name} back to its spec before the last change{image}.", "Its tasks restart where they differ."]
    # The engine swaps the two specs: a second rollback brings back what the first one took away.
    rolled = service is not None and service.update is not None and service.update.state == "rollback_completed"
    know = (f"{name} is rolled back already: this brings back the change that was taken back.",) if rolled else ()
    return Story(f"Roll back {name}", tuple(lines), Danger.LOSES if rolled else Danger.STOPS, know=know)


def _remove(request: ServiceRemove, snapshot: Snapshot) -> Story:
    services = [s for s in (find_service(snapshot, name) for name in request.names) if s is not None]
    names = listing([service.name for service in services] or list(request.names))
    tasks = sum(tasks_of(service, snapshot) for service in services)
    lines = [f"Removes {names} and stops {plural(tasks, 'task')}, for good.{_freed(services)}"]
    facts = []
    volumes = sorted({m.source for service in services for m in service.mounts if m.type == "volume"} - {""})
    if volumes:
        facts.append(("stays", f"volume {listing(volumes)}, on the nodes it is on"))
    know = [
        f"{service.name} belongs to stack {service.stack}: the next deploy makes it again."
        for service in services
        if service.stack
    ]
    return Story(f"Remove {names}", tuple(lines), Danger.LOSES, know=tuple(know), facts=tuple(facts))


def _freed(services: Sequence[Service]) -> str:
    ports = sorted({port.published for service in services for port in service.ports if port.published})
    if not ports:
        return ""
    return f" Port{'s' if len(ports) > 1 else ''} {listing([str(port) for port in ports])} {_are(ports)} free then."


def _are(things: Sequence[object]) -> str:
    return "is" if len(things) == 1 else "are"
