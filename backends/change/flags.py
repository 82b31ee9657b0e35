"""What a flag is: one declaration from which parser, renderer, form field, help and completion come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backends.change.part import Part


class Source(StrEnum):
    """Where completions of a flag's value come from."""

    NONE = ""
    CHOICES = "choices"
    """The flag's own ``choices``."""
    IMAGE = "image"
    NETWORK = "network"
    SERVICE = "service"
    CONTAINER = "container"
    NODE = "node"
    NODE_LABEL = "node-label"
    """Constraint and preference keys: ``node.labels.zone``, with the values that nodes have."""
    SECRET = "secret"
    CONFIG = "config"
    VOLUME = "volume"
    NETWORK_DRIVER = "network-driver"
    LOG_DRIVER = "log-driver"
    CAPABILITY = "capability"
    SIGNAL = "signal"
    ADDRESS = "address"
    """Addresses and interfaces of the machine the engine is on."""
    SUBNET = "subnet"
    """The next free subnets."""
    FILE = "file"
    ENVIRONMENT = "environment"
    """Names of our own environment."""


class Section(StrEnum):
    """Where a form shows a flag; in the order of the form."""

    BASIC = "Basics"
    MODE = "Replicas and mode"
    NETWORKS = "Networks"
    PORTS = "Ports"
    ENVIRONMENT = "Environment"
    MOUNTS = "Mounts"
    DATA = "Configs and secrets"
    PLACEMENT = "Placement"
    RESOURCES = "Resources"
    HEALTH = "Health check"
    UPDATE = "Update"
    ROLLBACK = "Rollback"
    RESTART = "Restart"
    DNS = "DNS and hosts"
    LOGGING = "Logging"
    LABELS = "Labels"
    SECURITY = "Security and limits"
    CONTAINER = "Container"
    ADDRESSES = "Addresses"
    OPTIONS = "Driver options"
    SWARM = "Swarm"
    SENDING = "Sending"
    """What is about the command and not about the object: ``--detach``, registry credentials."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """How a flag's text becomes a value and back.

    ``parse`` raises ``BadValue``; ``show`` writes a value as text that ``parse`` reads as the same.
    """

    name: str
    """As the CLI's help calls it: ``list``, ``duration``, ``bytes``."""
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    hint: str = ""
    """What would be right: ``such as 10s, 1m30s or 2h``."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of one or more verbs."""

    name: str
    """Without dashes."""
    type: ValueType
    help: str
    section: Section
    part: Part | None = None
    """The part of the spec it writes and is read back from; ``None`` for what is about sending."""
    short: str = ""
    repeatable: bool = False
    """Whether each use adds a value; else the last one counts."""
    default: str = ""
    """What holds where it is not given, for people; nothing is sent for it."""
    since: str = ""
    """API version that brings it, as the CLI gates it; empty is any that we speak (1.24)."""
    real_since: str = ""
    """API version that brings it where the CLI does not gate: an older engine drops it in silence."""
    source: Source = Source.NONE
    choices: tuple[str, ...] = ()
    secret: bool = False
    """Whether its value is never to be written anywhere (a join token)."""

    @property
    def is_bool(self) -> bool:
        """Whether it may stand without a value, which means ``true``."""
        return self.type.name == "bool"

    @property
    def spelled(self) -> str:
        """As the CLI names it in messages: ``-p, --publish``."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


class FlagTable(Mapping[str, Flag]):
    """The flags of one verb by name, in the order in which they are written."""

    def __init__(self, flags: Iterable[Flag]) -> None:
        self._flags = {flag.name: flag for flag in flags}
        self._short = {flag.short: flag for flag in self._flags.values() if flag.short}
        self._order = {name: i for i, name in enumerate(self._flags)}

    def __getitem__(self, name: str) -> Flag:
        return self._flags[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags)

    def __len__(self) -> int:
        return len(self._flags)

    def short(self, letter: str) -> Flag | None:
        """The flag of a letter."""
        return self._short.get(letter)

    def order(self, name: str) -> int:
        """Its place among the others."""
        return self._order[name]

    def parts(self) -> tuple[Part, ...]:
        """The parts of the spec that its flags write, each once, in order."""
        return tuple(dict.fromkeys(flag.part for flag in self._flags.values() if flag.part is not None))
