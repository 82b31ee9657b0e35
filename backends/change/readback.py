"""A running service as a request: for duplicating it, and for a form that edits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backends.change import service_tables
from backends.change.compile_service import new_spec
from backends.change.flag_error import Refused
from backends.change.image_reference import with_tag
from backends.change.options import Options
from backends.change.part import Names, reach
from backends.change.requests import ServiceCreate
from backends.change.spec_fields import Path, fields
from backends.change.surroundings import Surroundings

#: What the engine adds to a spec that it was not sent, and what only counts for one image or one service.
_OF_THE_ENGINE = frozenset(
    {
        ("TaskTemplate", "Runtime"),
        ("TaskTemplate", "ForceUpdate"),
        ("TaskTemplate", "ContainerSpec", "Isolation"),
        ("TaskTemplate", "ContainerSpec", "Image"),
        ("TaskTemplate", "Placement", "Platforms"),
    }
)


def as_create(spec: Mapping[str, Any], names: Names | None = None) -> ServiceCreate:
    """The ``service create`` that makes a service like this one. The image is named by its tag: its digest is
    looked up anew."""
    found = dict(spec)
    given: dict[str, list[str]] = {}
    for part in service_tables.CREATE.parts():
        for flag, texts in part.read(found, names or Names()).items():
            given.setdefault(flag, []).extend(texts)
    # What the engine adds, and what create sends without being asked.
    for flag, text in (("init", "false"), ("endpoint-mode", "vip"), ("isolation", "default")):
        if given.get(flag) == [text]:
            del given[flag]
    container = reach(found, "TaskTemplate", "ContainerSpec") or {}
    image = str(container.get("Image", ""))
    tagged = image.partition("@")[0] if "@" in image and with_tag(image.partition("@")[0]) else image
    command = tuple(str(word) for word in container.get("Args") or ())
    return ServiceCreate(image=tagged, command=command, options=Options.of(service_tables.CREATE, given))


def duplicate(spec: Mapping[str, Any], name: str, names: Names | None = None) -> ServiceCreate:
    """The same under another name; published ports stay in it, so that their conflict is seen and solved."""
    request = as_create(spec, names)
    return replace(request, options=request.options.with_values(service_tables.CREATE, "name", (name,)))


def unexpressed(spec: Mapping[str, Any], names: Names | None = None) -> tuple[Path, ...]:
    """Fields of a spec that no flag of ``service create`` can write: a duplicate would lose them. Zero values are what
    the engine takes for none."""
    request = as_create(spec, names)
    around = Surroundings(environ={})
    try:
        build = new_spec(request, around)
    except Refused:
        return ()
    made = build.spec
    if build.networks:
        made["TaskTemplate"]["Networks"] = reach(dict(spec), "TaskTemplate", "Networks") or spec.get("Networks")
    for key in ("Secrets", "Configs"):
        given = reach(dict(spec), "TaskTemplate", "ContainerSpec", key)
        if given:
            made["TaskTemplate"]["ContainerSpec"][key] = given
    there = fields(made)
    return tuple(
        path
        for path, value in fields(dict(spec)).items()
        if value and there.get(path) != value and path not in _OF_THE_ENGINE and path[:1] != ("Networks",)
    )


def network_names(snapshot_networks: Mapping[str, Any]) -> Names:
    """Names of networks by ID, from ``Snapshot.networks``."""
    return Names({id: network.name for id, network in snapshot_networks.items()})
