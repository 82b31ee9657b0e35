"""A snapshot being changed: each map that is touched is copied once, however many inputs touch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from backends.model import (
    Changes,
    ClockOffset,
    Config,
    Container,
    Event,
    Key,
    Kind,
    Network,
    Node,
    Secret,
    Service,
    Snapshot,
    Task,
    Value,
)
from backends.state.inputs import Dirty
from backends.state.stacks import stacks_of

K = TypeVar("K")
V = TypeVar("V")

#: Where a snapshot keeps each kind.
FIELDS = {
    Kind.NODE: "nodes",
    Kind.SERVICE: "services",
    Kind.TASK: "tasks",
    Kind.CONTAINER: "containers",
    Kind.NETWORK: "networks",
    Kind.VOLUME: "volumes",
    Kind.IMAGE: "images",
    Kind.CONFIG: "configs",
    Kind.SECRET: "secrets",
}
_STACKED = frozenset({Kind.SERVICE, Kind.NETWORK, Kind.CONFIG, Kind.SECRET})


def writable(source: Mapping[K, V]) -> dict[K, V]:
    """A copy to change; fast for the proxies that snapshots are made of."""
    return source.copy() if isinstance(source, MappingProxyType) else dict(source)


class Draft:
    """Collects changes to one snapshot, and what they leave to be told and asked."""

    def __init__(self, base: Snapshot) -> None:
        self.base = base
        self.events: list[Event] = []
        self.dirty: set[Dirty] = set()
        self.replaying = False
        """Whether the events being folded are older than the session."""
        self._maps: dict[str, dict[Any, Any]] = {}
        self._values: dict[str, Any] = {}
        self._keys: set[Key] = set()
        self._kinds: set[Kind] = set()
        self._links = False
        self._restack = False

    # -- reading ----------------------------------------------------------------------------------------

    def field(self, name: str) -> Any:
        """A field of the snapshot as it would be now."""
        if name in self._maps:
            return self._maps[name]
        return self._values[name] if name in self._values else getattr(self.base, name)

    def all(self, kind: Kind) -> Mapping[str, Value]:
        """The objects of a kind by id."""
        return cast(Mapping[str, Value], self.field(FIELDS[kind]))

    def get(self, kind: Kind, id: str) -> Value | None:
        """One object."""
        return self.all(kind).get(id)

    @property
    def containers(self) -> Mapping[str, Container]:
        """Containers by id."""
        return cast(Mapping[str, Container], self.field("containers"))

    @property
    def networks(self) -> Mapping[str, Network]:
        """Networks by id."""
        return cast(Mapping[str, Network], self.field("networks"))

    @property
    def services(self) -> Mapping[str, Service]:
        """Services by id."""
        return cast(Mapping[str, Service], self.field("services"))

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by id."""
        return cast(Mapping[str, Node], self.field("nodes"))

    @property
    def tasks(self) -> Mapping[str, Task]:
        """Tasks by id."""
        return cast(Mapping[str, Task], self.field("tasks"))

    def told(self, key: Key) -> float | None:
        """When an object was last told of by itself; see ``Snapshot.as_of``."""
        return cast(Mapping[Key, float], self.field("as_of")).get(key)

    def listed(self, kind: Kind, node_id: str, swarm: bool = False) -> float | None:
        """When what ``node_id`` has of a kind (``swarm``: what belongs to all) was last listed whole."""
        if swarm:
            return cast(Mapping[Kind, float], self.field("listed")).get(kind)
        return cast(Mapping[tuple[Kind, str], float], self.field("listed_on")).get((kind, node_id))

    def ahead(self, node_id: str) -> float:
        """By how many seconds the clock of a node is ahead of ours, as far as that is known."""
        clock = cast(Mapping[str, ClockOffset], self.field("clocks")).get(node_id)
        return clock.counted if clock is not None else 0.0

    # -- changing ---------------------------------------------------------------------------------------

    def map(self, name: str) -> dict[Any, Any]:
        """A map of the snapshot, to be changed."""
        found = self._maps.get(name)
        if found is None:
            found = self._maps[name] = writable(getattr(self.base, name))
        return found

    def set(self, name: str, value: object) -> None:
        """Replaces a field that is no map."""
        if self.field(name) != value:
            self._values[name] = value

    def put(self, kind: Kind, id: str, value: Value, *, quiet: bool = False) -> None:
        """Stores an object. ``quiet`` is for differences that are not worth telling."""
        old = self.get(kind, id)
        if old is value:
            return
        self.map(FIELDS[kind])[id] = value
        if not quiet:
            self.changed(Key(kind, id))
        if kind in _STACKED and not self._restack:
            self._restack = _stack_of(old) != _stack_of(value)

    def fill(self, kind: Kind, items: Sequence[Value]) -> None:
        """Stores objects of a kind of which there was none."""
        found: dict[str, Value] = {item.id: item for item in items}  # type: ignore[attr-defined]
        self.map(FIELDS[kind]).update(found)
        self._keys.update([Key(kind, id) for id in found])
        if found:
            self._kinds.add(kind)
        if kind in _STACKED and any(_stack_of(item)[0] for item in found.values()):
            self._restack = True

    def drop(self, kind: Kind, id: str) -> None:
        """Removes an object, if it is there."""
        if id in self.all(kind):
            old = self.map(FIELDS[kind]).pop(id)
            self.changed(Key(kind, id))
            if kind in _STACKED and _stack_of(old)[0]:
                self._restack = True

    def mark(self, key: Key, at: float) -> None:
        """Remembers that ``key`` was told of by itself at that time."""
        known = self.told(key)
        if known is None or known < at:
            self.map("as_of")[key] = at

    def changed(self, key: Key) -> None:
        """Notes that an object differs."""
        self._keys.add(key)
        self._kinds.add(key.kind)

    def listed_first(self, kind: Kind) -> None:
        """Notes that a kind was listed for the first time, even if there is none of it."""
        self._kinds.add(kind)

    def linked(self) -> None:
        """Notes that a link, the engine's info or the manager's trouble differs."""
        self._links = True

    def touch(self, at: float) -> None:
        """The snapshot is at least as new as ``at``."""
        if at > self.field("taken"):
            self._values["taken"] = at

    # -- the result -------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The changed snapshot; the very same one where nothing changed."""
        if self._restack:
            self._stack()
        fields: dict[str, Any] = {name: MappingProxyType(found) for name, found in self._maps.items()}
        fields |= self._values
        if not fields.keys() - {"taken"}:
            return self.base
        return replace(self.base, **fields)

    def changes(self) -> Changes:
        """What differs. Call after ``snapshot``."""
        return Changes(frozenset(self._keys), frozenset(self._kinds), self._links, len(self.events))

    def _stack(self) -> None:
        new = stacks_of(
            self.services.values(),
            self.networks.values(),
            cast(Mapping[str, Config], self.field("configs")).values(),
            cast(Mapping[str, Secret], self.field("secrets")).values(),
        )
        old = self.base.stacks
        for name in old.keys() | new.keys():
            if old.get(name) != new.get(name):
                self.changed(Key(Kind.STACK, name))
            elif name in old:
                new[name] = old[name]
        if any(old.get(name) is not stack for name, stack in new.items()) or len(old) != len(new):
            self._maps["stacks"] = new


def _stack_of(value: Value | None) -> tuple[str, float | None]:
    if value is None:
        return ("", None)
    stack = getattr(value, "stack", "")
    return (stack, getattr(value, "created", None)) if stack else ("", None)
