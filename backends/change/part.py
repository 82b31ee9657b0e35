"""A part of a spec that a few flags write together, and what they write it into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from backends.change.surroundings import Surroundings

#: A spec as the engine's JSON; built and edited in place inside this package, never handed out half done.
Spec = dict[str, Any]
#: Parsed values of the flags that were given, by flag name.
Given = Mapping[str, Sequence[Any]]


@dataclass(slots=True)
class Build:
    """A service's spec while it is written. What needs the engine is only noted here and looked up later."""

    spec: Spec
    around: Surroundings
    updating: bool = False
    warnings: list[str] = field(default_factory=list)
    """What the CLI would swallow in silence."""
    networks: list[Spec] = field(default_factory=list)
    """Attachments to add, with names as targets, in the order typed."""
    networks_removed: list[str] = field(default_factory=list)
    secrets: list[Spec] = field(default_factory=list)
    """References to add, without IDs."""
    configs: list[Spec] = field(default_factory=list)

    @property
    def task(self) -> Spec:
        """``TaskTemplate``."""
        return sub(self.spec, "TaskTemplate")

    @property
    def container(self) -> Spec:
        """``TaskTemplate.ContainerSpec``."""
        return sub(self.task, "ContainerSpec")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of IDs that a spec holds, for reading it back."""

    networks: Mapping[str, str] = field(default_factory=dict)

    def network(self, target: str) -> str:
        """A network's name, or the target as it stands."""
        return self.networks.get(target, target)


class Part(Protocol):
    """Writes some flags of ``service create`` and ``update`` into the spec, and reads them back."""

    def create(self, build: Build, given: Given) -> None:
        """Writes into a new spec. ``given`` holds only this part's flags, at least one. May raise ``Refused``."""
        ...

    def update(self, build: Build, given: Given) -> None:
        """Edits an existing spec, leaving alone what was not given. May raise ``Refused``."""
        ...

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Flags of ``service create`` that would make this part of the spec."""
        ...


def sub(spec: Spec, key: str) -> Spec:
    """The object at ``key``, made where there is none."""
    found = spec.get(key)
    if not isinstance(found, dict):
        found = spec[key] = {}
    return found


def reach(spec: Spec, *keys: str) -> Any:
    """What is at a path, ``None`` where any of it is missing."""
    at: Any = spec
    for key in keys:
        if not isinstance(at, dict):
            return None
        at = at.get(key)
    return at


def as_object(value: Any) -> Spec:
    """What the engine said where it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def assign(spec: Spec, key: str, value: Any) -> None:
    """Sets, or takes out what is empty, as Go's ``omitempty`` does."""
    if value:
        spec[key] = value
    else:
        spec.pop(key, None)
