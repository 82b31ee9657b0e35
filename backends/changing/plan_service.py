"""What changes of services would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from backends.change import service_tables
from backends.change.flag_error import BadValue, FlagError
from backends.change.part import Spec
from backends.change.requests import (
    Request,
    ServiceCreate,
    ServiceRemove,
    ServiceRollback,
    ServiceScale,
    ServiceUpdate,
)
from backends.changing.told import Grade, Told, first_error
from backends.changing.told import service as find_service
from backends.model import Mode, Service, Snapshot
from backends.state.placement import placement
from backends.state.wording import image_change, listing, plural, short_image

#: Flags of ``service update`` that leave tasks as they are.
_QUIET = ("label-", "update-", "rollback-", "detach", "quiet", "with-registry-auth", "no-resolve-image", "replicas")


def restarts(before: Spec, after: Spec) -> bool:
    """Whether a spec in place of another restarts tasks (swarmkit ``manager/orchestrator/task.go``,
    ``IsTaskDirty``: a task is replaced where its template or the endpoint spec differs)."""
    return any(
        (before.get(key) or {}) != (after.get(key) or {}) for key in ("TaskTemplate", "EndpointSpec", "Networks")
    )


def _scale(request: ServiceScale, snapshot: Snapshot) -> Told | FlagError:
    parts: list[str] = []
    warnings: list[str] = []
    facts: list[tuple[str, str]] = []
    grade = Grade.ADDS
    for name, count in request.replicas:
        service = find_service(snapshot, name)
        if isinstance(service, FlagError):
            return service
        if service.mode not in (Mode.REPLICATED, Mode.REPLICATED_JOB):
            return FlagError(
                f"{service.name} is {service.mode.value}: it runs once on each node that its constraints allow.",
                "SERVICE",
            )
        part, asks = _scaled(service, count)
        parts.append(part)
        grade = max(grade, asks, key=list(Grade).index)
        if count > (service.replicas or 0):
            fitting = placement(service, snapshot)
            if fitting.fitting:
                facts.append(("room", f"may run on {listing([node.name for node in fitting.fitting], 6)}"))
            elif snapshot.nodes:
                warnings.append(f"No node may run it now: {fitting.summary}. Its tasks would wait.")
    names = listing([name for name, _ in request.replicas])
    return Told(f"Scale {names}", f"{'; '.join(parts)}.", grade, tuple(warnings), tuple(facts))


def _scaled(service: Service, count: int) -> tuple[str, Grade]:
    now = service.replicas or 0
    if count > now:
        more = plural(count - now, "more task")
        return f"Starts {more} of {service.name}, {now} → {count}; nothing restarts", Grade.ADDS
    if count == now:
        return f"{service.name} has {plural(now, 'replica')} already; nothing changes", Grade.ADDS
    if count == 0:
        return f"Stops all {plural(now, 'task')} of {service.name}: nothing serves it then", Grade.LOSES
    return f"Stops {now - count} of {plural(now, 'task')} of {service.name}, {now} → {count}", Grade.STOPS


def _update(request: ServiceUpdate, snapshot: Snapshot) -> Told | FlagError:
    service = find_service(snapshot, request.name)
    if isinstance(service, FlagError):
        return service
    options = request.options
    if options.flag("rollback"):
        return _back(service)
    what: list[str] = []
    if "image" in options:
        what.append(f"image {image_change(service.image, options.text('image'))}")
    what += [f"{name} {text}".strip() for name, texts in options.items for text in texts if name not in _SAID]
    grade, facts = Grade.ADDS, []
    if "replicas" in options:
        try:
            count = int(service_tables.UPDATE["replicas"].type.parse(options.text("replicas")))
        except (BadValue, ValueError, TypeError):
            count = service.replicas or 0
        part, grade = _scaled(service, count)
        what.append(part[0].lower() + part[1:])
    forced = options.flag("force")
    if not what and not forced:
        return FlagError(
            f"Nothing of {service.name} would change.", "", instead="name a flag, such as --image nginx:1.27"
        )
    dirty = forced or any(not name.startswith(_QUIET) for name, _ in options.items)
    detail = f": {', '.join(what)}" if what else ""
    if not dirty:
        sentence = f"Changes {service.name} without restarting it{detail}."
        return Told(f"Update {service.name}", sentence, grade)
    if "image" in options:
        facts.append(("was", short_image(service.image)))
    facts += _pace(service)
    verb = "Restart" if forced and not what else "Update"
    sentence = f"Restarts the {plural(_tasks(service), 'task')} of {service.name}{_slowly(service)}{detail}."
    return Told(f"{verb} {service.name}", sentence, max(grade, Grade.STOPS, key=list(Grade).index), (), tuple(facts))


_SAID = frozenset({"image", "replicas", "force", "detach", "quiet", "with-registry-auth", "no-resolve-image"})


def _tasks(service: Service) -> int:
    return service.desired or service.running or service.replicas or 0


def _slowly(service: Service) -> str:
    pace = service.update_config
    at_once = 1 if pace is None else pace.parallelism
    return f", {at_once} at a time" if at_once else ", all at once"


def _pace(service: Service) -> list[tuple[str, str]]:
    pace = service.update_config
    action = pace.failure_action if pace is not None else "pause"
    words = {
        "pause": "pauses after the first task that fails; rolling back takes it back",
        "rollback": "is rolled back when tasks fail",
        "continue": "goes on when tasks fail",
    }
    return [("failing", words.get(action, action))]


def _rollback(request: ServiceRollback, snapshot: Snapshot) -> Told | FlagError:
    service = find_service(snapshot, request.name)
    return service if isinstance(service, FlagError) else _back(service)


def _back(service: Service) -> Told | FlagError:
    if not service.previous_image:
        return FlagError(f"{service.name} has no spec before this one to go back to.", "SERVICE")
    image = ""
    if short_image(service.previous_image) != short_image(service.image):
        image = f": image {image_change(service.image, service.previous_image)}"
    sentence = f"Puts {service.name} back to its spec before the last change{image}."
    return Told(f"Roll back {service.name}", sentence, Grade.STOPS)


def _remove(request: ServiceRemove, snapshot: Snapshot) -> Told | FlagError:
    found = [find_service(snapshot, name) for name in request.names]
    error = first_error(found)
    if error is not None:
        return error
    services = [one for one in found if isinstance(one, Service)]
    tasks = sum(_tasks(one) for one in services)
    ports = sorted({port.published for one in services for port in one.ports if port.published})
    closed = f" {_ports(ports)} then." if ports else ""
    names = listing([one.name for one in services])
    sentence = f"Removes {names} and stops {plural(tasks, 'task')}.{closed}"
    volumes = sorted({mount.source for one in services for mount in one.mounts if mount.type == "volume"} - {""})
    facts = [("undo", "none: it has to be created anew")]
    if volumes:
        facts.append(("stays", f"volumes {listing(volumes)}, on the nodes they are on"))
    return Told(f"Remove {names}", sentence, Grade.LOSES, (), tuple(facts))


def _ports(ports: list[int]) -> str:
    if len(ports) == 1:
        return f"Port {ports[0]} is free"
    return f"Ports {listing([str(port) for port in ports])} are free"


def _create(request: ServiceCreate, snapshot: Snapshot) -> Told | FlagError:
    options = request.options
    name = options.text("name")
    if name and any(one.name == name for one in snapshot.services.values()):
        return FlagError(f"There is a service {name} already.", "name", instead="another name, or service update")
    spec = _intended(request)
    ports: list[Any] = (spec.get("EndpointSpec") or {}).get("Ports") or []
    for port in ports:
        clash = _clash(snapshot, port)
        if clash is not None:
            return clash
    for network in options.values("network"):
        wanted = network.partition("name=")[2].partition(",")[0] if "name=" in network else network
        if snapshot.networks and not any(wanted in (n.name, n.id) for n in snapshot.networks.values()):
            if any(n.id.startswith(wanted) for n in snapshot.networks.values()):
                continue
            return FlagError(f"network {wanted} not found", "network", instead="the name of a network that exists")
    mode = options.text("mode") or "replicated"
    count = options.text("replicas") or "1"
    tasks = "one task on each node that may run it" if mode.startswith("global") else f"{plural(_int(count), 'task')}"
    on = f" on {listing(list(options.values('network')))}" if options.values("network") else ""
    published = [f"{p.get('PublishedPort')} → {p.get('TargetPort')}" for p in ports if p.get("PublishedPort")]
    taken = f", port {listing(published)}" if published else ""
    title = f"Create service {name}" if name else "Create a service"
    warnings, facts = _where(spec, snapshot)
    sentence = f"Starts {tasks} of {request.image}{f' as {name}' if name else ''}{on}{taken}."
    return Told(title, sentence, Grade.ADDS, warnings, facts)


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 1


def _intended(request: ServiceCreate) -> Spec:
    from backends.change.compile_service import new_spec
    from backends.change.flag_error import Refused
    from backends.change.surroundings import Surroundings

    def unread(path: str) -> bytes:
        raise FileNotFoundError(2, path)

    try:
        return new_spec(request, Surroundings(environ={}, read_file=unread)).spec
    except Refused:
        return {}  # what is wrong is said where it is compiled


def _clash(snapshot: Snapshot, port: Mapping[str, Any]) -> FlagError | None:
    number, protocol, mode = port.get("PublishedPort"), port.get("Protocol", "tcp"), port.get("PublishMode", "ingress")
    if not number or mode != "ingress":
        return None
    taken = {(p.published, p.protocol): s.name for s in snapshot.services.values() for p in s.ports}
    holder = taken.get((int(number), protocol))
    if holder is None:
        return None
    free = next(n for n in range(int(number) + 1, 65536 + int(number)) if (n, protocol) not in taken)
    return FlagError(f"{number} is published by {holder}.", "publish", instead=f"free next to it: {free}")


def _where(spec: Spec, snapshot: Snapshot) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    constraints = ((spec.get("TaskTemplate") or {}).get("Placement") or {}).get("Constraints") or []
    service = msgspec.structs.replace(Service(id=""), constraints=tuple(map(str, constraints)))
    if not snapshot.nodes:
        return (), ()
    found = placement(service, snapshot)
    if found.fitting:
        return (), (("room", f"may run on {listing([node.name for node in found.fitting], 6)}"),)
    return (f"No node may run it now: {found.summary}. Its tasks would wait.",), ()


TELLERS: Mapping[type[Request], Callable[[Any, Snapshot], Told | FlagError]] = MappingProxyType(
    {
        ServiceCreate: _create,
        ServiceUpdate: _update,
        ServiceScale: _scale,
        ServiceRollback: _rollback,
        ServiceRemove: _remove,
    }
)
