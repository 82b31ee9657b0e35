"""Which measurement of a clock to go by, and whose clock stamped an event. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from backends.model import ClockOffset, Event, Node
from backends.state.describe import base_action

#: What a clock that nobody sets right gains or loses, as a part of the time that passes.
DRIFT = 1e-4
#: States of a task that a manager writes down; all others carry the time of the node it is on.
_BY_MANAGER = frozenset({"created", "pending", "orphaned"})


def better(known: ClockOffset | None, new: ClockOffset) -> ClockOffset:
    """Which of two measurements to go by. The known one is kept unless the new one rules it out, which means that a
    clock was set, or is twice as good: with each change events of one engine may change their order."""
    if known is None:
        return new
    error = known.error + DRIFT * abs(new.at - known.at)
    ruled_out = abs(new.ahead - known.ahead) > error + new.error
    return new if ruled_out or new.error < error / 2 else known


def leader_of(nodes: Mapping[str, Node]) -> str:
    """Id of the node that stamps what changes in the Swarm; empty where it is not known."""
    return next((node.id for node in nodes.values() if node.is_leader), "")


def stamped_by(event: Event, leader: str) -> str:
    """Id of the node whose clock an event's time is of. Managers tell of the Swarm's objects with the time at which
    the leader wrote them down, but of what was removed with their own (moby's ``eventTimestamp``)."""
    of_leader = event.action in _BY_MANAGER if event.type == "task" else base_action(event) != "remove"
    return leader if event.scope == "swarm" and of_leader else event.node_id
