"""What one engine says of itself: its clock, the node it is, its part in the Swarm."""

from __future__ import annotations

import re

from backends.errors import WrongEngine
from backends.model import ClockOffset, EngineInfo, Kind
from backends.state.agenda import Agenda
from backends.state.clock import Clock
from backends.state.inputs import ClockChanged, ClockMeasured, Dirty, EngineTold, Input, ManagerTrouble
from backends.state.offsets import better
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
#: States in which an engine does not say which node it is.
_UNSURE = {
    "locked": ("is locked", "docker swarm unlock opens it."),
    "pending": ("is still joining the Swarm", ""),
    "error": ("cannot take part in the Swarm", "Its log says why."),
}
_RPC = re.compile(r"\brpc error: code = \w+ desc = ")


class Standing:
    """Keeps what one engine said of itself, and sets its agenda by that."""

    def __init__(self, store: Store, agenda: Agenda, clock: Clock, *, primary: bool, meant: str = "") -> None:
        """``meant`` is the id of the node whose engine this should be; empty takes any."""
        self._store, self._agenda, self._clock, self._primary = store, agenda, clock, primary
        self._meant = meant
        self._offset: float | None = None
        self._clock_of: ClockOffset | None = None
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
        """A session begins. Raises as ``told``."""
        self.heard()
        told = self.told(info)
        self.first_at = self.engine_time() - FETCHED_BEFORE if first else None
        return told

    def told(self, info: EngineInfo) -> list[Input]:
        """What follows from what the engine says of itself, to be made known. Raises ``WrongEngine`` where it is
        not the engine that was meant."""
        if self._meant and info.swarm.node_id != self._meant:
            raise self._wrong(info)
        # It answered a little ago, so that its present is rather later than we think: then an event is applied
        # twice, which does no harm, instead of not at all.
        self._set_offset(info.system_time - self._clock.time() if info.system_time else 0.0)
        if (left_for := self._left_for(info)) < _BELIEVED_AFTER:
            self._agenda.manager = False
            again = [Dirty(Kind.ENGINE, "whole")]
            self._agenda.mark(again, self._store.snapshot, self._clock.monotonic())
            return [ManagerTrouble(LEFT_OR_STOPPING)] if left_for >= _DOUBTED_FOR else []
        self.node_id = info.swarm.node_id
        told: list[Input] = [EngineTold(info, self.engine_time(), self._primary), *self._role(info)]
        if info.clock is not None:
            self._clock_of = better(self._clock_of, info.clock)
            told.append(ClockMeasured(self._clock_of, self.node_id))
        return told

    def _wrong(self, info: EngineInfo) -> WrongEngine:
        """Host names may clash, a mapping have a slip, a machine run a second engine: rows of one node must never
        stand under another's name."""
        nodes = self._store.snapshot.nodes
        meant = nodes.get(self._meant)
        name = meant.name if meant is not None else self._meant[:12]
        found = nodes.get(info.swarm.node_id)
        if found is not None and meant is not None and found.hostname == meant.hostname:
            return WrongEngine(
                f"What answers is another node of the name {name}: {found.id[:12]}, not {self._meant[:12]}.",
                hint="If the machine has joined anew since, docker node rm takes the old entry away; if two machines"
                " have one name, say in the mapping which host each is.",
            )
        hint = "Say in the mapping which host it is."
        if found is not None:
            return WrongEngine(f"What answers is the engine of {found.name}, not of {name}.", hint=hint)
        if info.swarm.node_id:
            other = info.swarm.node_id[:12]
            return WrongEngine(f"What answers is node {other} of another Swarm, not {name}.", hint=hint)
        if info.swarm.state in _UNSURE:
            said, help = _UNSURE[info.swarm.state]
            return WrongEngine(f"The engine does not say yet which node it is: it {said}.", hint=help)
        called = f" {info.name}" if info.name and info.name != name else ""
        return WrongEngine(
            f"What answers is an engine{called} that is in no Swarm, not {name}'s.",
            hint="It may be stopping or starting; of several engines there the mapping can name the socket.",
        )

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
