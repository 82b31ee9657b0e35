"""What one engine says of itself: its clock, the node it is, its part in the Swarm."""

from __future__ import annotations

import re

from backends.model import EngineInfo, Kind
from backends.state.agenda import Agenda
from backends.state.clock import Clock
from backends.state.inputs import ClockChanged, Dirty, EngineTold, Input, ManagerTrouble
from backends.state.store import Store

#: The first answers of a session may have been fetched before the session began (``backends.engine.prefetch``).
FETCHED_BEFORE = 1.0
#: An engine whose clock falls behind what we thought by more than this was set back.
_STEP = 1.0
#: An engine that is being stopped says that it is in no Swarm, for as long as its containers take to end. What is
#: known of the Swarm is forgotten only when it still says so after the longer time.
_DOUBTED_FOR, _BELIEVED_AFTER = 2.5, 20.0
LEFT_OR_STOPPING = "This engine has left the Swarm, or is being stopped."
NO_LEADER = "The Swarm has no leader: too few managers are reachable to agree on anything."
NO_ANSWER = "The Swarm's managers do not answer in time."
_RPC = re.compile(r"\brpc error: code = \w+ desc = ")


class Standing:
    """Keeps what one engine said of itself, and sets its agenda by that."""

    def __init__(self, store: Store, agenda: Agenda, clock: Clock, *, primary: bool) -> None:
        self._store, self._agenda, self._clock, self._primary = store, agenda, clock, primary
        self._offset: float | None = None
        self._left_since: float | None = None
        self.first_at: float | None = None
        """Engine time that the first listings of the first session are of."""
        self.node_id = ""
        self.fresh = 0.0
        """When the engine last told anything, by our clock."""
        self.last_heard = 0.0
        """The same in monotonic seconds."""

    # -- its clock --------------------------------------------------------------------------------------

    def heard(self) -> None:
        """The engine told something just now."""
        self.fresh = self._clock.time()
        self.last_heard = self._clock.monotonic()

    def engine_time(self) -> float:
        """Now, by the engine's clock, or a little earlier."""
        return self._clock.time() + (self._offset or 0.0)

    def happened(self, time: float) -> None:
        """An event of this engine, of ``time`` by its clock, came in just now."""
        offset = time - self._clock.time()
        if self._offset is not None and offset < self._offset - _STEP:
            self._set_offset(offset)

    def _set_offset(self, offset: float) -> None:
        back = self._offset is not None and offset < self._offset - _STEP
        self._offset = offset
        if back:
            self._store.apply([ClockChanged(self.engine_time() - _STEP, self.node_id, self._primary)])
            self._agenda.relist(self._clock.monotonic())

    # -- its part in the Swarm --------------------------------------------------------------------------

    def begin(self, info: EngineInfo, *, first: bool) -> list[Input]:
        """A session begins."""
        self.heard()
        told = self.told(info)
        self.first_at = self.engine_time() - FETCHED_BEFORE if first else None
        return told

    def told(self, info: EngineInfo) -> list[Input]:
        """What follows from what the engine says of itself, to be made known."""
        # It answered a little ago, so that its present is rather later than we think: then an event is applied
        # twice, which does no harm, instead of not at all.
        self._set_offset(info.system_time - self._clock.time() if info.system_time else 0.0)
        if (left_for := self._left_for(info)) < _BELIEVED_AFTER:
            self._agenda.manager = False
            again = [Dirty(Kind.ENGINE, "whole")]
            self._agenda.mark(again, self._store.snapshot, self._clock.monotonic())
            return [ManagerTrouble(LEFT_OR_STOPPING)] if left_for >= _DOUBTED_FOR else []
        self.node_id = info.swarm.node_id
        return [EngineTold(info, self.engine_time(), self._primary), *self._role(info)]

    def _left_for(self, info: EngineInfo) -> float:
        """Seconds since a member of the Swarm first said that it is none; for ever where there is no doubt."""
        known = self._store.snapshot.engine
        was = known.swarm.state if known is not None and self._primary else ""
        if was in ("", "inactive") or info.swarm.state not in ("", "inactive"):
            self._left_since = None
            return float("inf")
        now = self._clock.monotonic()
        if self._left_since is None:
            self._left_since = now
        return now - self._left_since

    def _role(self, info: EngineInfo) -> list[Input]:
        membership = info.swarm
        manager = membership.control_available and membership.state == "active"
        if membership.state in ("", "inactive"):
            self._agenda.left_swarm()
        self._agenda.manager = manager
        if not self._primary:
            return []
        if manager and membership.error:
            self._agenda.trouble = True
            return [ManagerTrouble(_plain(membership.error))]
        if manager:
            # That the error is gone is not yet an answer: while in trouble the question in hand decides.
            return [] if self._agenda.trouble else [ManagerTrouble("")]
        self._agenda.trouble = False
        return [ManagerTrouble(_why_no_manager(info))]


def _plain(error: str) -> str:
    """The engine's words for the want of a leader are the same as those of a refused question."""
    return NO_LEADER if "does not have a leader" in error else _RPC.sub("", error)


def _why_no_manager(info: EngineInfo) -> str:
    membership = info.swarm
    match membership.state:
        case "" | "inactive":
            return "This engine is not part of a Swarm."
        case "locked":
            return "This manager is locked: docker swarm unlock opens it."
        case "pending":
            return "This node is still joining the Swarm."
        case "error":
            return _plain(membership.error) or "This node cannot take part in the Swarm."
    error = _plain(membership.error)
    return error or "This node is a worker: it knows its own containers, not the Swarm's services."
