"""What can become known: the inputs of ``fold``, and what they leave to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from backends.model import ClockOffset, EngineInfo, Event, Kind, Link, Network, Swarm, Value

#: Kinds of which each node has its own; networks are of either sort, by their scope.
LOCAL_KINDS = frozenset({Kind.CONTAINER, Kind.VOLUME, Kind.IMAGE, Kind.NETWORK})
#: Kinds that only a manager can tell of.
SWARM_KINDS = frozenset({Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.CONFIG, Kind.SECRET})


class Dirty(NamedTuple):
    """Something that must be asked for again, since an event told that it changed but not how."""

    kind: Kind
    scope: Literal["id", "service", "node", "whole", "endpoints"]
    """``id`` one object; ``service`` the tasks of one; ``node`` the tasks on one; ``whole`` all of the kind;
    ``endpoints`` an inspection of one network."""
    id: str = ""
    node_id: str = ""
    """The node whose engine told it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a partial listing was asked for; what is in it and was not answered is gone."""

    ids: frozenset[str] = frozenset()
    """Ids as in ``Key.id``."""
    services: frozenset[str] = frozenset()
    """For tasks: all those of these services."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An answer to a listing."""

    kind: Kind
    items: Sequence[Value]
    at: float
    """When it was asked for, by the engine's clock: what happened before is in it."""
    node_id: str = ""
    """The node whose engine answered."""
    scope: Scope | None = None
    """``None`` for a whole listing."""
    authority: bool = True
    """Whether the engine can speak for what belongs to the whole Swarm: a manager with quorum."""

    @property
    def complete(self) -> bool:
        """Whether it is a whole listing."""
        return self.scope is None


@dataclass(frozen=True, slots=True)
class EngineEvents:
    """Events from an engine's stream, in the order they came."""

    events: Sequence[Event]
    replay: bool = False
    """Whether they happened before the stream was opened: the listings that follow know more than they do."""


@dataclass(frozen=True, slots=True)
class EngineTold:
    """What an engine says of itself. ``primary`` is the one we are started on."""

    info: EngineInfo
    at: float
    primary: bool = True


@dataclass(frozen=True, slots=True)
class SwarmTold:
    """The Swarm's settings."""

    swarm: Swarm
    at: float


@dataclass(frozen=True, slots=True)
class Inspected:
    """One network with its endpoints."""

    network: Network
    at: float
    node_id: str = ""
    """The node whose engine answered; it knows its own endpoints only."""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """How we stand with an engine. ``node_id`` empty is the one we are started on."""

    link: Link
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class ManagerTrouble:
    """Why the Swarm's own objects cannot be read, or are old; empty when they can."""

    text: str


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """An engine's clock was set back: nothing that was told counts as later than ``at``, by its present time."""

    at: float
    node_id: str = ""
    primary: bool = True


@dataclass(frozen=True, slots=True)
class ClockMeasured:
    """How far an engine's clock is from ours: events that follow are put in order by that."""

    clock: ClockOffset
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class StreamMark:
    """The event stream of an engine ended, or came back."""

    at: float
    ended: bool
    text: str = ""
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of an engine between two times may be missing."""

    start: float
    end: float
    node_id: str = ""
    text: str = ""


Input = (
    Listing
    | EngineEvents
    | EngineTold
    | SwarmTold
    | Inspected
    | LinkChanged
    | ManagerTrouble
    | ClockChanged
    | ClockMeasured
    | StreamMark
    | Gap
)
