"""``docker service``: from a request to what the CLI sends."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable
from typing import Any

from backends.change import service_tables
from backends.change.flag_error import FlagError, Refused, refuse
from backends.change.flags import FlagTable
from backends.change.options import Options
from backends.change.part import Build, Part, Spec, reach, sub
from backends.change.requests import ServiceCreate, ServiceRemove, ServiceRollback, ServiceScale, ServiceUpdate
from backends.change.service_lookups import attach, network_id, resolve_image, settle_configs, tag_image
from backends.change.steps import Compiled, Recorder, Target, named, query, segment
from backends.change.surroundings import Surroundings, newer

_JOBS = ("ReplicatedJob", "GlobalJob")


def new_spec(request: ServiceCreate, around: Surroundings) -> Build:
    """The spec as far as it is known without the engine. Raises ``Refused`` with all that is wrong."""
    _need_image(request.image, "IMAGE")
    container: Spec = {"Image": request.image, "Init": False, "DNSConfig": {}}
    if request.command:
        container["Args"] = list(request.command)
    spec: Spec = {
        "Labels": {},
        "TaskTemplate": {
            "ContainerSpec": container,
            "Resources": {"Limits": {}, "Reservations": {}},
            "Placement": {},
            "ForceUpdate": 0,
        },
        "Mode": {"Replicated": {}},
        "EndpointSpec": {"Mode": "vip"},
    }
    build = Build(spec, around)
    _apply(build, service_tables.CREATE, request.options)
    if any(key in spec["Mode"] for key in _JOBS) and ("UpdateConfig" in spec or "RollbackConfig" in spec):
        flag = next(name for name in request.options if name.startswith(("update-", "rollback-")))
        raise refuse("update and rollback configuration is not supported for jobs", flag, "leave it out")
    return build


def _need_image(image: str, flag: str) -> None:
    if not image.strip():
        raise refuse("An image is needed.", flag, "such as nginx:1.27")


def _apply(build: Build, table: FlagTable, options: Options) -> None:
    given = options.parsed(table)
    errors: list[FlagError] = []
    for part in table.parts():
        own = {name: values for name, values in given.items() if table[name].part is part}
        if own:
            try:
                _write(part, build, own)
            except Refused as refused:
                errors += refused.errors
    if errors:
        raise Refused(*errors)


def _write(part: Part, build: Build, given: dict[str, list[Any]]) -> None:
    if build.updating:
        part.update(build, given)
    else:
        part.create(build, given)


async def create(request: ServiceCreate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``service create``. Raises ``Refused`` and ``backends.errors``."""
    build = new_spec(request, around)
    attached = await attach(build, recorder, "network")
    if attached:
        build.task["Networks"] = sorted(attached, key=_target)
    await settle_configs(build, recorder)
    auth = await _auth(request.image, request.options, around)
    tag_image(build)
    if _resolves(request.options, recorder):
        await resolve_image(build, recorder, auth)
    recorder.write("POST", "/services/create", build.spec, {"X-Registry-Auth": auth} if auth else None)
    return Compiled(request, tuple(recorder.steps), tuple(build.warnings))


async def _auth(image: str, options: Options, around: Surroundings) -> str:
    return await asyncio.to_thread(around.credentials, image) if options.flag("with-registry-auth") else ""


def _resolves(options: Options, recorder: Recorder) -> bool:
    """Engines before API 1.30 have no registry to be asked through."""
    return not options.flag("no-resolve-image") and not newer("1.30", recorder.api_version)


def _target(attachment: Spec) -> str:
    return str(attachment.get("Target", ""))


async def update(request: ServiceUpdate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``service update``. Raises ``Refused`` and ``backends.errors``."""
    service = await _service(request.name, recorder)
    options = request.options
    params = {"version": str(reach(service, "Version", "Index"))}
    if options.flag("rollback"):
        if set(options) - {"rollback", "detach", "quiet"}:
            raise refuse("other flags may not be combined with --rollback", "rollback", "leave the others out")
        params["rollback"] = "previous"
    build = edited(service.get("Spec") or {}, options, around)
    if build.networks or build.networks_removed:
        await _networks(build, recorder)
    await settle_configs(build, recorder)
    auth = await _auth(str(build.container.get("Image", "")), options, around)
    if "image" in options:
        _need_image(options.text("image"), "image")
        tag_image(build)
        if _resolves(options, recorder):
            await resolve_image(build, recorder, auth)
    if not auth:
        params["registryAuthFrom"] = "spec"
    return _replace(request, service, build, recorder, params, auth)


def edited(before: Spec, options: Options, around: Surroundings) -> Build:
    """A copy of a spec with the flags of ``service update`` applied, as far as the engine need not be asked.
    What the flags do not name stays as it was, unknown fields and the order of lists included."""
    build = Build(copy.deepcopy(before), around, updating=True)
    _apply(build, service_tables.UPDATE, options)
    if options.flag("force"):
        build.task["ForceUpdate"] = int(build.task.get("ForceUpdate") or 0) + 1
    return build


async def _networks(build: Build, recorder: Recorder) -> None:
    """Attachments after ``--network-rm`` and ``--network-add``; old specs keep them outside the task template,
    from where they move."""
    before = build.task.get("Networks") or build.spec.get("Networks") or []
    build.spec.pop("Networks", None)
    gone = [await network_id(name, recorder, "network-rm") for name in build.networks_removed]
    kept = [attachment for attachment in before if attachment.get("Target") not in gone]
    names = [attachment["Target"] for attachment in build.networks]
    for name, attachment in zip(names, await attach(build, recorder, "network-add"), strict=True):
        if any(_target(other) == attachment["Target"] for other in kept):
            raise refuse(f"service is already attached to network {name}", "network-add", "leave it out")
        kept.append(attachment)
    if kept:
        build.task["Networks"] = sorted(kept, key=_target)
    else:
        build.task.pop("Networks", None)


async def _service(name: str, recorder: Recorder) -> Spec:
    return await recorder.get(f"/services/{named('service', name)}{query(insertDefaults='false')}")


def _replace(
    request: ServiceUpdate | ServiceScale | ServiceRollback,
    service: Spec,
    build: Build,
    recorder: Recorder,
    params: dict[str, str],
    auth: str = "",
) -> Compiled:
    id = str(service.get("ID", ""))
    path = f"/services/{segment(id)}/update{query(**params)}"
    recorder.write("POST", path, build.spec, {"X-Registry-Auth": auth} if auth else None)
    return Compiled(request, tuple(recorder.steps), tuple(build.warnings), (_as_target(service, build.spec),))


def _as_target(service: Spec, after: Spec) -> Target:
    before = service.get("Spec") or {}
    return Target(
        "service",
        str(service.get("ID", "")),
        str(before.get("Name", "")),
        int(reach(service, "Version", "Index") or 0),
        before,
        after,
    )


async def rollback(request: ServiceRollback, recorder: Recorder, around: Surroundings) -> Compiled:
    """``service rollback``: the engine puts the previous spec in place of the one that is sent."""
    service = await _service(request.name, recorder)
    build = Build(copy.deepcopy(service.get("Spec") or {}), around, updating=True)
    params = {"version": str(reach(service, "Version", "Index")), "rollback": "previous"}
    return _replace(request, service, build, recorder, params)


async def scale(request: ServiceScale, recorder: Recorder, around: Surroundings) -> Compiled:
    """``service scale``, one service after the other."""
    targets: list[Target] = []
    for name, count in request.replicas:
        service = await _service(name, recorder)
        spec = copy.deepcopy(service.get("Spec") or {})
        mode = sub(spec, "Mode")
        if isinstance(mode.get("Replicated"), dict):
            mode["Replicated"]["Replicas"] = count
        elif isinstance(mode.get("ReplicatedJob"), dict):
            mode["ReplicatedJob"]["TotalCompletions"] = count
        else:
            sentence = f"{name}: scale can only be used with replicated or replicated-job mode"
            raise refuse(sentence, "SERVICE", "a global service runs once on each node that its constraints allow")
        version = str(reach(service, "Version", "Index"))
        recorder.write("POST", f"/services/{segment(str(service.get('ID', '')))}/update{query(version=version)}", spec)
        targets.append(_as_target(service, spec))
    return Compiled(request, tuple(recorder.steps), (), tuple(targets))


async def remove(request: ServiceRemove, recorder: Recorder, around: Surroundings) -> Compiled:
    """``service rm``."""
    return deletions(request, "services", request.names, recorder)


def deletions(request: Any, collection: str, names: Iterable[str], recorder: Recorder, tail: str = "") -> Compiled:
    """One ``DELETE`` for each name."""
    for name in names:
        recorder.write("DELETE", f"/{collection}/{named(collection.removesuffix('s'), name)}{tail}")
    return Compiled(request, tuple(recorder.steps))
