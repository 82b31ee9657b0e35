"""A service's spec for a form that edits or copies it: read, edited, compared."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from backends.api import Cluster
from backends.change.compile_service import edited
from backends.change.edit import SENDING, update_of
from backends.change.flag_error import BadValue, FlagError, Refused
from backends.change.options import Options
from backends.change.part import Names, Spec, reach
from backends.change.readback import as_create, network_names
from backends.change.requests import Request, ServiceCreate, ServiceUpdate
from backends.change.restarts import FieldChange, changes
from backends.change.service_tables import UPDATE
from backends.change.steps import query, segment
from backends.change.surroundings import Surroundings
from backends.errors import BackendError
from backends.model import Key, Snapshot
from tui.forms.service_create import SPEC
from tui.forms.spec import FormView
from tui.forms.values import values_of


@dataclass(frozen=True, slots=True)
class Read:
    """A service as it was read, nothing filled in by the engine."""

    id: str
    name: str
    version: int
    spec: Spec
    names: Names


async def read(cluster: Cluster, key: Key) -> Read | str:
    """A service without the engine's defaults, or why it cannot be had, as a sentence."""
    try:
        found = await cluster.engine.call("GET", f"/services/{segment(key.id)}{query(insertDefaults='false')}")
    except BackendError as error:
        return f"{error} {error.hint}".strip()
    spec = found.get("Spec") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(spec, dict):
        return "The engine's answer holds no service."
    names = network_names(cluster.snapshot.networks)
    version = int(reach(found, "Version", "Index") or 0)
    return Read(str(found.get("ID", key.id)), str(spec.get("Name", "")), version, spec, names)


def base(view: FormView) -> Read | None:
    """What the form edits."""
    found = view.subject.base if view.subject is not None else None
    return found if isinstance(found, Read) else None


def update(view: FormView, wanted: Request) -> Request | tuple[FlagError, ...]:
    """The ``service update`` that makes of the service what the fields hold."""
    found = base(view)
    if found is None or not isinstance(wanted, ServiceCreate):
        return (FlagError("The service is not read yet."),)
    made = update_of(found.name, found.spec, wanted, found.names)
    if isinstance(made, ServiceUpdate) and "force" in view.values:
        return ServiceUpdate(name=made.name, options=made.options.with_values(UPDATE, "force", ("true",)))
    return made


def pair(view: FormView, wanted: Request) -> tuple[Spec, Spec] | None:
    """(spec before, spec after), networks by ID where they are known; ``None`` while it cannot be told."""
    found = base(view)
    made = update(view, wanted)
    if found is None or not isinstance(made, ServiceUpdate):
        return None
    try:
        return found.spec, applied(found, made.options, view.around, view.snapshot)
    except (Refused, BadValue):
        return None


def applied(found: Read, options: Options, around: Surroundings, snapshot: Snapshot) -> Spec:
    """The spec after flags of ``service update``. Raises ``Refused`` and ``BadValue``."""
    build = edited(found.spec, options, around)
    spec = build.spec
    ids = {network.name: network.id for network in snapshot.networks.values()}
    if build.networks or build.networks_removed:
        task = spec.setdefault("TaskTemplate", {})
        before = task.get("Networks") or spec.pop("Networks", None) or []
        gone = {ids.get(name, name) for name in build.networks_removed} | set(build.networks_removed)
        added = [{**n, "Target": ids.get(n.get("Target", ""), n.get("Target", ""))} for n in build.networks]
        task["Networks"] = [n for n in before if n.get("Target") not in gone] + copy.deepcopy(added)
        if not task["Networks"]:
            del task["Networks"]
    for key, more in (("Secrets", build.secrets), ("Configs", build.configs)):
        if more:
            build.container[key] = [*(build.container.get(key) or ()), *more]
    return spec


def changed(view: FormView) -> tuple[FieldChange, ...]:
    """What differs, with what each does to tasks."""

    def make() -> tuple[FieldChange, ...]:
        found = pair(view, view.request) if view.request is not None else None
        return changes(*found) if found is not None else ()

    found: tuple[FieldChange, ...] = view.once("changes", make)
    return found


def values_after(view: FormView, request: Request) -> dict[str, Any] | str:
    """What the fields hold once a pasted ``service update`` is taken in, or why they cannot."""
    found = base(view)
    if found is None:
        return "The service is not read yet."
    if not isinstance(request, ServiceUpdate):
        return "That line is no docker service update."
    try:
        spec = applied(found, request.options, view.around, view.snapshot)
    except Refused as refused:
        return refused.errors[0].sentence
    except BadValue as error:
        return str(error)
    wanted = as_create(spec, found.names)
    if "image" in request.options:
        wanted = ServiceCreate(image=request.options.text("image"), command=wanted.command, options=wanted.options)
    values: dict[str, Any] = values_of(SPEC, wanted)
    for name in ("force", *SENDING):
        if name in request.options:
            values[name] = request.options.values(name)
    return values
