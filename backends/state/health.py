"""How things are, in one word and one sentence each: services, tasks, nodes, networks, containers, quorum.

The words are those of the design (one list for all lists); ``severity(word)`` gives the colour class.
"""

from __future__ import annotations

from dataclasses import dataclass

from backends.model import Container, Network, Node, Snapshot
from backends.state.relations import AddressUse
from backends.state.service_health import (
    FAILURE_WINDOW,
    ServiceHealth,
    SlotHealth,
    service_health,
    task_word,
)
from backends.state.severity import Severity, severity

__all__ = [
    "FAILURE_WINDOW",
    "Health",
    "Quorum",
    "ServiceHealth",
    "Severity",
    "SlotHealth",
    "container_health",
    "network_health",
    "node_health",
    "quorum",
    "service_health",
    "severity",
    "task_word",
]


@dataclass(frozen=True, slots=True)
class Health:
    """A state word with its colour class and, where there is more to say, one sentence part."""

    word: str
    severity: Severity
    reason: str = ""


def _health(word: str, reason: str = "") -> Health:
    return Health(word, severity(word), reason)


def node_health(node: Node) -> Health:
    """``ready``, ``down``, ``unknown``, ``degraded`` (a manager that raft does not reach), ``drained`` or
    ``paused``. The reason is the Swarm's own message where it has one."""
    if node.state == "down":
        return _health("down", node.message or "its engine does not answer the managers")
    if node.state != "ready":
        return _health("unknown", node.message or "the managers have not heard from it")
    if node.manager is not None and node.manager.reachability == "unreachable":
        return _health("degraded", "the other managers do not reach it")
    if node.availability == "drain":
        return _health("drained", "takes no tasks; those it had were moved")
    if node.availability == "pause":
        return _health("paused", "takes no new tasks; those it has go on")
    return _health("ready")


_CONTAINER_WORDS = {
    "created": "starting",
    "running": "running",
    "paused": "paused",
    "restarting": "starting",
    "removing": "updating",
    "dead": "failed",
}


def container_health(container: Container) -> Health:
    """``running healthy starting paused complete failed failing shutdown updating unknown``. An exit by
    SIGTERM or SIGKILL is how Swarm stops a task: that is ``shutdown``."""
    if container.state == "running":
        if container.health == "unhealthy":
            return _health("failing", "its health check fails")
        if container.health in ("healthy", "starting"):
            return _health(container.health)
        return _health("running")
    if container.state == "exited":
        code = container.exit_code
        if code in (137, 143):
            return _health("shutdown", f"exit {code}")
        if code:
            return _health("failed", f"exit {code}")
        return _health("complete", "" if code is None else "exit 0")
    return _health(_CONTAINER_WORDS.get(container.state, "unknown"))


def network_health(network: Network, use: AddressUse) -> Health:
    """``ready``, ``filling`` (less than a tenth of the addresses, or fewer than four, are left), ``failing``
    (none is left, or an overlay was never given a subnet)."""
    if network.is_swarm and network.driver == "overlay" and not network.config_only and not network.subnets:
        return _health(
            "failing",
            "the swarm could not give it a subnet (an overlap, or the pools are used up); its tasks stay New",
        )
    free, size = use.free, use.size
    if free is None or size is None:
        return _health("ready")
    base = f"{use.used} of {size} addresses used in {use.subnet}"
    if free == 0 and size > 0:
        return _health("failing", f"{base}; no task fits any more")
    if free < 4 or free * 10 < size:
        return _health("filling", f"{base}; {free} more {'fits' if free == 1 else 'fit'}")
    return _health("ready")


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether the managers can decide, and how many may still be lost."""

    managers: int
    reachable: int
    needed: int
    """A majority of ``managers``."""
    leader: Node | None
    held: bool
    """Whether there is a leader, as far as known."""
    problem: str = ""
    """The engine's own words where the Swarm has no leader or is locked."""

    @property
    def survives(self) -> int:
        """How many more managers may fail before nothing can be changed any more."""
        return max(0, self.reachable - self.needed) if self.held else 0

    @property
    def word(self) -> str:
        """``healthy``, ``degraded`` (a manager is missing) or ``failed``; ``unknown`` where this engine is
        no manager."""
        if not self.managers:
            return "unknown"
        if not self.held:
            return "failed"
        return "healthy" if self.reachable == self.managers else "degraded"


def quorum(snapshot: Snapshot) -> Quorum:
    """The managers as this engine knows them. Without a leader node states are old, so that only this
    engine itself counts as reachable beyond what was last seen."""
    membership = snapshot.engine.swarm if snapshot.engine else None
    managers = [n for n in snapshot.nodes.values() if n.manager is not None or n.role == "manager"]
    leader = next((n for n in managers if n.is_leader), None)
    count = len(managers) or (membership.managers if membership else 0)
    reachable = sum(1 for n in managers if n.manager is not None and n.manager.reachability == "reachable")
    problem = membership.error if membership else ""
    if membership is None or not membership.control_available:
        return Quorum(count, reachable, count // 2 + 1, leader, False, problem)
    if not managers:
        reachable = count if not problem else 1
    held = not problem and (leader is not None or not managers)
    if problem:
        # What was last seen of the others can no longer be true: fewer than a majority answer.
        reachable = min(max(reachable, 1), count // 2)
    return Quorum(count, reachable, count // 2 + 1, leader if held else None, held, problem)
