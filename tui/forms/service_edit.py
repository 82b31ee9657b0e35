"""``docker service update`` as a form, which begins from the stored spec; and a copy of a service as a new one."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from backends.api import Cluster
from backends.change.edit import FIXED
from backends.change.find import find_service
from backends.change.outcome import Outcome
from backends.change.readback import as_create, network_names, unexpressed
from backends.change.requests import Request, ServiceUpdate
from backends.change.service_tables import UPDATE
from backends.change.spec_fields import words
from backends.model import Key, Kind, Snapshot
from backends.state.wording import listing
from tui.forms import service_create as create
from tui.forms import service_facts as facts
from tui.forms.service_edit_side import price, side
from tui.forms.service_side import side as create_side
from tui.forms.service_spec import Read, base, pair, read, update, values_after
from tui.forms.spec import FormView, Gathered, Subject
from tui.forms.values import values_of
from tui.places import Place
from tui.text.ago import number


async def _gather(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    found = await read(cluster, scope[-1]) if scope else "There is no service under the cursor."
    if isinstance(found, str):
        return Gathered(problem=found)
    return Gathered(subject=subject_of(found, cluster.engine.api_version))


def subject_of(found: Read, api: str) -> Subject:
    """What the form begins with."""
    values = values_of(create.SPEC, as_create(found.spec, found.names))
    note = (
        "What is not changed here is kept as it is: also the order of mounts, and what this program has no field for.\n"
        f"Read at version {number(found.version)} without defaults{f', API {api}' if api else ''}: nothing restarts by "
        "itself.\nName and mode cannot be changed. D makes a copy as a new one."
    )
    return Subject(found.name, values, found, found.version, note)


async def _copied(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    found = await read(cluster, scope[-1]) if scope else "There is no service under the cursor."
    if isinstance(found, str):
        return Gathered(problem=found)
    values = values_of(create.SPEC, as_create(found.spec, found.names))
    values.pop("name", None)
    lost = sorted({words(path) for path in unexpressed(found.spec, found.names)})
    note = f"No flag can say, and the copy will not have: {listing(lost, 8)}." if lost else ""
    return Gathered(values=values, note=note, extra=found.name)


def _done(view: FormView, outcome: Outcome) -> Place:
    found = base(view)
    return Place("services", cursor=Key(Kind.SERVICE, found.id) if found is not None else None)


def _read(view: FormView) -> Any:
    found = base(view)
    return found.spec if found is not None else None


def _rebase(view: FormView, spec: Any, version: int) -> Subject:
    found = base(view)
    id, name = (found.id, found.name) if found is not None else ("", "")
    now = Read(id, str(spec.get("Name", name)), version, spec, network_names(view.snapshot.networks))
    return subject_of(now, view.known.api_version)


def key_of(request: Request, snapshot: Snapshot) -> Key | None:
    """The service that a line is about."""
    found = find_service(snapshot, request.name) if isinstance(request, ServiceUpdate) else None
    return found.key if found is not None else None


SPEC = replace(
    create.SPEC,
    id="service-edit",
    title="edit",
    button="Update",
    fixed=FIXED,
    extra=(UPDATE["force"],),
    hidden=frozenset({"env-file"}),
    labels=MappingProxyType({**create.LABELS, "force": "Restart all the same"}),
    verdicts=MappingProxyType({name: one for name, one in create.VERDICTS.items() if name != "name"}),
    offers=MappingProxyType({"IMAGE": facts.image_offer, "publish": facts.publish_offer}),
    side=side,
    price=price,
    build=update,
    pair=pair,
    gather=_gather,
    done=_done,
    fill=values_after,
    key_of=key_of,
    rebase=_rebase,
    read=_read,
)

DUPLICATE = replace(
    create.SPEC,
    id="service-duplicate",
    title="duplicate",
    gather=_copied,
    side=create_side,
    first="name",
)
