"""All that would go wrong with a request, as far as it can be known before it is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backends.change import check_membership, check_network, check_swarm
from backends.change.check_service import Subject, check_spec, subject
from backends.change.check_values import check_values
from backends.change.check_versions import check_flags, check_mounts
from backends.change.compile_service import new_spec
from backends.change.find import find_service
from backends.change.finding import Finding, Severity
from backends.change.flag_error import FlagError, Refused
from backends.change.near import meant
from backends.change.part import Spec, reach
from backends.change.requests import (
    NetworkConnect,
    NetworkCreate,
    NetworkDisconnect,
    NetworkRemove,
    NodeDemote,
    NodePromote,
    NodeRemove,
    NodeUpdate,
    Request,
    ServiceCreate,
    ServiceRemove,
    ServiceRollback,
    ServiceScale,
    ServiceUpdate,
    SwarmInit,
    SwarmJoin,
    SwarmLeave,
    SwarmUpdate,
)
from backends.change.subnets import Route
from backends.change.surroundings import Surroundings
from backends.change.verbs import verb_of
from backends.model import Kind, Mode, Service, Snapshot


def check(
    request: Request,
    snapshot: Snapshot,
    *,
    before: Spec | None = None,
    after: Spec | None = None,
    around: Surroundings | None = None,
    routes: Sequence[Route] = (),
) -> tuple[Finding, ...]:
    """Findings, the worst first.

    ``before`` and ``after`` are a service's specs where it is an update; what was wrong before is left out.
    ``routes`` are those of all nodes that could be asked. Without ``around`` nothing outside is read.
    """
    around = around or Surroundings(environ={})
    found = [*_general(request, around), *_of(request, snapshot, before, after, around, routes)]
    unique = {(finding.flag, finding.sentence): finding for finding in found}
    return tuple(sorted(unique.values(), key=lambda finding: -finding.severity))


def worst(found: Iterable[Finding]) -> Severity | None:
    """The worst severity of some findings."""
    return max((finding.severity for finding in found), default=None)


def as_finding(refused: FlagError) -> Finding:
    """What cannot be compiled, as a finding of its field."""
    return Finding(refused.sentence, refused.flag, Severity.ERROR, refused.instead)


def _general(request: Request, around: Surroundings) -> Iterator[Finding]:
    table = verb_of(request).table
    yield from check_flags(request.options, table, around.api_version)
    if not isinstance(request, NetworkCreate):
        yield from check_values(request.options, table)


def _of(
    request: Request,
    snapshot: Snapshot,
    before: Spec | None,
    after: Spec | None,
    around: Surroundings,
    routes: Sequence[Route],
) -> Iterator[Finding]:
    if isinstance(request, ServiceCreate):
        yield from _create(request, snapshot, around)
    elif isinstance(request, ServiceUpdate | ServiceScale | ServiceRollback | ServiceRemove):
        yield from _known_services(request, snapshot)
        if before is not None and after is not None:
            yield from _update(before, after, snapshot, around)
    elif isinstance(request, NetworkCreate):
        yield from check_network.check_create(request, snapshot, routes)
    elif isinstance(request, NetworkConnect):
        yield from check_membership.check_connect(request, snapshot)
    elif isinstance(request, NetworkDisconnect):
        yield from check_membership.check_disconnect(request, snapshot)
    elif isinstance(request, NetworkRemove):
        yield from check_membership.check_remove(request, snapshot)
    elif isinstance(request, SwarmInit):
        yield from check_swarm.check_init(request, snapshot, routes)
    elif isinstance(request, SwarmJoin):
        yield from check_swarm.check_join(request, snapshot)
    elif isinstance(request, SwarmLeave):
        yield from check_swarm.check_leave(request, snapshot)
    elif isinstance(request, SwarmUpdate):
        yield from check_swarm.check_update(request, snapshot)
    elif isinstance(request, NodeUpdate | NodePromote | NodeDemote | NodeRemove):
        yield from check_swarm.check_nodes(request, snapshot)


def _create(request: ServiceCreate, snapshot: Snapshot, around: Surroundings) -> Iterator[Finding]:
    try:
        build = new_spec(request, around)
    except Refused as refused:
        yield from map(as_finding, refused.errors)
        return
    if build.networks:
        build.task["Networks"] = build.networks
    for warned in build.warnings:
        yield Finding(warned, _flag_in(warned), Severity.WARNING)
    yield from check_mounts(build.container.get("Mounts"), around.api_version)
    yield from check_spec(subject(build.spec), snapshot)


def _flag_in(sentence: str) -> str:
    """The flag that a warning begins with."""
    word = sentence.partition(" ")[0]
    return word.removeprefix("--") if word.startswith("--") else ""


def _update(before: Spec, after: Spec, snapshot: Snapshot, around: Surroundings) -> Iterator[Finding]:
    service = find_service(snapshot, str(after.get("Name", "")))
    id = service.id if service is not None else ""
    old, new = subject(before, id, updating=True), subject(after, id, updating=True)
    known = {finding.sentence for finding in _all(old, snapshot, around)}
    yield from (finding for finding in _all(new, snapshot, around) if finding.sentence not in known)


def _all(found: Subject, snapshot: Snapshot, around: Surroundings) -> Iterator[Finding]:
    mounts = reach(found.spec, "TaskTemplate", "ContainerSpec", "Mounts")
    yield from check_mounts(mounts, around.api_version, found.flag("mount"))
    yield from check_spec(found, snapshot)


def _known_services(
    request: ServiceUpdate | ServiceScale | ServiceRollback | ServiceRemove, snapshot: Snapshot
) -> Iterator[Finding]:
    if Kind.SERVICE not in snapshot.listed:
        return
    names = [name for name, _ in request.replicas] if isinstance(request, ServiceScale) else list(request.arguments)
    back = isinstance(request, ServiceRollback) or request.options.flag("rollback")
    for name in names:
        service = find_service(snapshot, name)
        if service is not None and isinstance(request, ServiceScale):
            yield from _scales(service)
        if service is not None and back and not service.previous_image:
            sentence = f"{service.name} has no spec before this one to go back to."
            yield Finding(sentence, "SERVICE", Severity.ERROR, "docker service update changes it")
        if service is None:
            known = meant(name, (s.name for s in snapshot.services.values()))
            yield Finding(f"service {name} not found", "SERVICE", Severity.ERROR, known)


def _scales(service: Service) -> Iterator[Finding]:
    if service.mode not in (Mode.REPLICATED, Mode.REPLICATED_JOB):
        sentence = f"{service.name} is {service.mode}: it runs once on each node that its constraints allow."
        yield Finding(sentence, "SERVICE", Severity.ERROR, "constraints say on which")
