"""Shorthands for declaring flags that come in threes, and flags that are one value at one place."""

from __future__ import annotations

from backends.change import value_types as types
from backends.change.flags import Flag, Section, Source, ValueType
from backends.change.part import Part
from backends.change.scalar_parts import Scalar

#: Paths of a service's spec.
CONTAINER = ("TaskTemplate", "ContainerSpec")
RESOURCES = ("TaskTemplate", "Resources")


def listed(
    name: str,
    type: ValueType,
    section: Section,
    part: Part,
    texts: tuple[str, str, str],
    *,
    short: str = "",
    removal: ValueType = types.LIST,
    since: str = "",
    update_since: str = "",
    add_since: str = "",
    source: Source = Source.NONE,
) -> tuple[Flag, Flag, Flag]:
    """``--NAME`` of create, ``--NAME-add`` and ``--NAME-rm`` of update."""
    later = update_since or since
    return (
        Flag(name, type, texts[0], section, part, short, True, since=since, source=source),
        Flag(f"{name}-rm", removal, texts[2], section, part, "", True, since=later, source=source),
        Flag(f"{name}-add", type, texts[1], section, part, "", True, since=add_since or later, source=source),
    )


def scalar(
    name: str,
    type: ValueType,
    section: Section,
    path: tuple[str, ...],
    help: str,
    *,
    short: str = "",
    default: str = "",
    since: str = "",
    source: Source = Source.NONE,
    choices: tuple[str, ...] = (),
    kept: bool = False,
    lowered: bool = False,
    kind: type[Scalar] = Scalar,
) -> Flag:
    """A flag that writes one value at ``path``; see ``Scalar`` for ``kept`` and ``lowered``."""
    part = kind(name, path, type.show, kept, lowered)
    return Flag(name, type, help, section, part, short, default=default, since=since, source=source, choices=choices)
