"""The whole known state at one moment, as an immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from backends.model.base import Key, Kind, Value
from backends.model.clock_offset import ClockOffset
from backends.model.container import Container
from backends.model.network import Network
from backends.model.node import Node
from backends.model.service import Service
from backends.model.stack import Stack
from backends.model.storage import Config, Image, Secret, Volume
from backends.model.swarm import EngineInfo, Swarm
from backends.model.task import Task

_T = TypeVar("_T")


class LinkState(StrEnum):
    """How we stand with one engine."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    """It answered before and does not now; what we show is as of ``since``."""
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    """It has never answered in this session."""


class Link(Value, frozen=True, kw_only=True):
    """Our connection to one engine."""

    endpoint: str
    """How it is addressed, for people: ``unix:///var/run/docker.sock``."""
    node_id: str = ""
    state: LinkState = LinkState.CONNECTING
    since: float = 0.0
    """When it came into this state."""
    fresh: float = 0.0
    """When it last told us anything."""
    problem: str = ""
    """One sentence: why it is not live."""
    hint: str = ""
    """What would help."""
    attempt: int = 0
    next_try: float | None = None


def _none(_: type[_T]) -> Mapping[str, _T]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot:
    """All we know, keyed by ``Key.id`` per kind. Compared by identity; replaced, never changed."""

    taken: float = 0.0
    link: Link = field(default_factory=lambda: Link(endpoint=""))
    """The engine we are started on."""
    links: Mapping[str, Link] = field(default_factory=lambda: _none(Link))
    """Engines of other nodes by node id (none before SSH is there)."""
    engine: EngineInfo | None = None
    engines: Mapping[str, EngineInfo] = field(default_factory=lambda: _none(EngineInfo))
    """What the engines of other nodes say of themselves, by node id."""
    clocks: Mapping[str, ClockOffset] = field(default_factory=lambda: _none(ClockOffset))
    """How far the clocks of the engines that answered are from ours, by node id (empty on a plain engine)."""
    swarm: Swarm | None = None
    manager_problem: str = ""
    """Why the Swarm's own objects cannot be read or are old: a worker, no quorum, locked; else empty."""
    nodes: Mapping[str, Node] = field(default_factory=lambda: _none(Node))
    services: Mapping[str, Service] = field(default_factory=lambda: _none(Service))
    tasks: Mapping[str, Task] = field(default_factory=lambda: _none(Task))
    containers: Mapping[str, Container] = field(default_factory=lambda: _none(Container))
    networks: Mapping[str, Network] = field(default_factory=lambda: _none(Network))
    volumes: Mapping[str, Volume] = field(default_factory=lambda: _none(Volume))
    images: Mapping[str, Image] = field(default_factory=lambda: _none(Image))
    configs: Mapping[str, Config] = field(default_factory=lambda: _none(Config))
    secrets: Mapping[str, Secret] = field(default_factory=lambda: _none(Secret))
    stacks: Mapping[str, Stack] = field(default_factory=lambda: _none(Stack))
    """Derived from labels by the fold."""
    listed: Mapping[Kind, float] = field(default_factory=lambda: MappingProxyType({}))
    """When each kind was last listed whole; a kind that is absent was never asked for."""
    tasks_of: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """When the tasks of a service (by id) were last listed."""
    listed_on: Mapping[tuple[Kind, str], float] = field(default_factory=lambda: MappingProxyType({}))
    """When the engine of a node (by id) last listed a kind whole, for kinds that each node has its own of."""
    as_of: Mapping[Key, float] = field(default_factory=lambda: MappingProxyType({}))
    """When an object was last told of by itself, by an event or a partial listing, where that is later than the
    last whole listing. Objects that went are kept until then, so that an answer that was under way does not
    bring them back."""

    @property
    def node_id(self) -> str:
        """This node's id in the Swarm, or empty."""
        return self.engine.swarm.node_id if self.engine else ""

    @property
    def is_manager(self) -> bool:
        """Whether this engine is a manager of an active Swarm."""
        return bool(self.engine and self.engine.swarm.control_available)

    @property
    def in_swarm(self) -> bool:
        """Whether this engine takes part in a Swarm at all."""
        return bool(self.engine and self.engine.swarm.state not in ("", "inactive"))


#: The state before anything is known.
EMPTY = Snapshot()


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two snapshots."""

    keys: frozenset[Key] = frozenset()
    """Objects that came, changed or went."""
    kinds: frozenset[Kind] = frozenset()
    """Kinds of which any object changed, or that were listed for the first time."""
    links: bool = False
    """Whether a link, the engine's info or ``manager_problem`` changed."""
    events: int = 0
    """How many events were added to the event log."""

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.keys | other.keys,
            self.kinds | other.kinds,
            self.links or other.links,
            self.events + other.events,
        )

    def __bool__(self) -> bool:
        return bool(self.keys or self.kinds or self.links or self.events)
