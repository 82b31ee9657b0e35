"""Nodes: the machines of a Swarm."""

from __future__ import annotations

from backends.model.base import Key, Kind, Value


class ManagerStatus(Value, frozen=True, kw_only=True):
    """What a manager's raft says of it."""

    leader: bool = False
    reachability: str = "unknown"
    """``reachable``, ``unreachable`` or ``unknown``."""
    address: str = ""
    """``host:2377``; may be ``0.0.0.0:2377`` for a manager that was never told its address."""


class Plugin(Value, frozen=True, kw_only=True):
    """One plugin that a node's engine reports, e.g. type ``Network``, name ``overlay``."""

    type: str
    name: str


class Node(Value, frozen=True, kw_only=True):
    """A machine of the Swarm, as a manager sees it (``GET /nodes``)."""

    id: str
    version: int = 0
    hostname: str = ""
    role: str = "worker"
    """``manager`` or ``worker``."""
    availability: str = "active"
    """``active``, ``pause`` or ``drain``."""
    state: str = "unknown"
    """``ready``, ``down``, ``disconnected`` or ``unknown``."""
    message: str = ""
    address: str = ""
    manager: ManagerStatus | None = None
    engine_version: str = ""
    os: str = ""
    architecture: str = ""
    nano_cpus: int = 0
    memory: int = 0
    labels: dict[str, str] = {}
    engine_labels: dict[str, str] = {}
    plugins: tuple[Plugin, ...] = ()
    created: float | None = None
    updated: float | None = None

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.NODE, self.id)

    @property
    def name(self) -> str:
        """The host name, or the head of the ID where there is none."""
        return self.hostname or self.id[:12]

    @property
    def is_leader(self) -> bool:
        """Whether it leads the managers now."""
        return self.manager is not None and self.manager.leader

    @property
    def takes_tasks(self) -> bool:
        """Whether the scheduler may place new tasks here."""
        return self.state == "ready" and self.availability == "active"
