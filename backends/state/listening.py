"""The event stream of one engine: opened so that nothing is lost, folded in small batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from msgspec.structs import replace

from backends.api import Engine
from backends.errors import Disconnected, TimedOut, Unreachable
from backends.model import Event, EventSource
from backends.room import Room
from backends.state.agenda import Agenda
from backends.state.clock import Alarm, Clock
from backends.state.events import identity
from backends.state.inputs import EngineEvents, Gap
from backends.state.standing import FETCHED_BEFORE, Standing
from backends.state.store import Store
from backends.state.wording import duration

#: Between two folds of events, in seconds: an event that comes alone is folded at once. After ``MANY`` in one go the
#: next are gathered for longer, since each fold copies the maps that it changes.
BATCH, LARGE_BATCH, MANY = 0.05, 0.1, 20
#: How far back the first replay goes: what an engine still knows of the last hour is worth showing.
HISTORY = 3600.0
#: A replay begins this much before the newest event known: an engine stops its replay at the first older event,
#: and those of the Swarm carry another machine's time.
OVERLAP = 5.0
#: The replay comes at once when a stream is opened; what comes later than this is new.
REPLAY_WITHIN = 2.0
#: Seconds until a stream that was not opened is asked for again.
AGAIN = 5.0
UNHEARD = "Events are not heard: the engine opens no stream of them; lists are read every few seconds instead."
#: How many events an engine keeps (moby daemon/events: eventsLimit), and more than that.
_KEPT, _REMEMBERED = 256, 512


class Listener:
    """Reads the stream of one engine into the store."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        agenda: Agenda,
        clock: Clock,
        standing: Standing,
        dirtied: Callable[[], None],
        troubled: Callable[[], None],
    ) -> None:
        """``dirtied`` is called when there is something new to ask, ``troubled`` when ``problem`` is another."""
        self._engine, self._store, self._agenda, self._clock = engine, store, agenda, clock
        self._standing, self._dirtied, self._troubled = standing, dirtied, troubled
        self.problem = ""
        """That events are not heard although the engine answers; a sentence, or empty."""
        self._waiting: list[Event] = []
        self._alarm = Alarm(clock)
        self._newest = self._newest_of_swarm = 0.0
        """Times of the newest event of the engine's own and of the Swarm's ever read, each by its own clock."""
        self._own: dict[object, bool] = {}
        """Identities of the newest events of this engine, as many as it may replay and more: whether each is the
        engine's own and not of the Swarm."""
        self._was_down = False
        """Whether nothing listened at the engine's socket since the last session."""
        self._before = 0.0
        """Engine time of the end of the last session; 0 before the first."""
        self._seen_again = False
        """Whether this session's replay had events that were known."""
        self._began = 0.0
        """Engine time before which whatever happened is in the listings of this session."""
        self._replay_until = 0.0
        self._unsure_since: float | None = None
        """Since when events may be missing, until the replay has shown that none are."""

    async def listen(self) -> None:
        """Reads until the stream ends, which it raises. An engine that opens no stream may answer all else: then
        that is said, lists are read more often, and the stream is asked for again and again."""
        self._hears("")
        while True:
            try:
                await self._read()
            except TimedOut:
                self._hears(UNHEARD)
            except (Disconnected, Unreachable):
                room: Room | None = getattr(self._engine, "room", None)
                why = room.crowded if room is not None else ""
                if not why:
                    raise
                self._hears(f"Events are not heard: {why}; lists are read every few seconds instead.")
            await self._clock.sleep(AGAIN)

    def _hears(self, problem: str) -> None:
        self._agenda.unheard = bool(problem)
        if problem != self.problem:
            self.problem = problem
            self._troubled()
            self._dirtied()

    async def _read(self) -> None:
        now = self._standing.engine_time()
        self._began = now - FETCHED_BEFORE
        self._replay_until = 0.0
        newest = self._newest or self._newest_of_swarm
        since = min(newest, now) - OVERLAP if newest else self._began - HISTORY
        # Of an engine that told nothing yet, only another process can have forgotten something.
        self._unsure_since = newest or (self._before if self._was_down else 0.0) or None
        self._was_down = self._was_down and self._unsure_since is not None
        self._seen_again = False
        async with self._engine.events(since) as batches:
            self._replay_until = self._clock.monotonic() + REPLAY_WITHIN
            self._hears("")
            self._alarm.ring()
            try:
                async for batch in batches:
                    self._standing.heard()
                    self._waiting += batch
                    self._alarm.ring()
            finally:
                self._before = self._standing.engine_time()
        raise Disconnected("The engine ended the stream of events.")

    async def deliver(self) -> None:
        """Folds what was read, at once and then at most every ``BATCH`` seconds."""
        while True:
            if self._unsure_since is not None and self._replay_until:
                await self._alarm.wait(max(0.0, self._replay_until - self._clock.monotonic()))
            else:
                await self._alarm.wait(None)
            many = len(self._waiting) >= MANY
            self.flush()
            if self._waiting_for_replay_is_over():
                self._settle(continuous=self._by_swarm_alone(0))
            await self._clock.sleep(LARGE_BATCH if many else BATCH)

    def flush(self) -> None:
        """Folds what was read."""
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        node_id = self._standing.node_id
        events = [e if e.node_id == node_id else replace(e, node_id=node_id) for e in batch]
        if self._unsure_since is not None:
            self._compare(events)
        self._note(events)
        replayed: Sequence[Event] = ()
        if self._clock.monotonic() <= self._replay_until:
            replayed = [e for e in events if e.time <= self._began]
            events = [e for e in events if e.time > self._began] if replayed else events
        newest = max((e.time for e in events if e.source is EventSource.ENGINE and e.scope != "swarm"), default=None)
        if newest is not None:
            self._standing.happened(newest)
        told = [EngineEvents(replayed, replay=True)] if replayed else []
        if events:
            told.append(EngineEvents(events))
        folded = self._store.apply(told)
        if folded.dirty:
            self._agenda.mark(folded.dirty, self._store.snapshot, self._clock.monotonic())
            self._dirtied()

    def _note(self, events: Sequence[Event]) -> None:
        for e in events:
            if e.source is EventSource.ENGINE:
                self._own[identity(e)] = e.scope != "swarm"
                if e.scope == "swarm":
                    self._newest_of_swarm = max(self._newest_of_swarm, e.time)
                else:
                    self._newest = max(self._newest, e.time)
        if len(self._own) > 2 * _REMEMBERED:
            self._own = dict(islice(self._own.items(), len(self._own) - _REMEMBERED, None))

    def _waiting_for_replay_is_over(self) -> bool:
        return (
            self._unsure_since is not None
            and self._replay_until > 0.0
            and self._clock.monotonic() >= self._replay_until
        )

    def went_down(self) -> None:
        """Nothing listens at the engine's socket: whatever listens there next is another process."""
        self._was_down = True

    def _compare(self, replayed: Sequence[Event]) -> None:
        """Settles whether the engine is still the process that we heard before: one event that was known is enough
        then, since it replays all that it kept after it.

        It must be one of the engine's own. Those of the Swarm carry the time at which the Swarm wrote them down, and
        a manager that was restarted reads what was written, and tells of it, once more.
        """
        known = [e for e in replayed if identity(e) in self._own]
        self._seen_again = self._seen_again or bool(known)
        if any(e.scope != "swarm" for e in known):
            self._settle(continuous=True)
        elif new := len(replayed) - len(known):
            self._settle(continuous=self._by_swarm_alone(new), before=replayed)

    def _by_swarm_alone(self, new: int) -> bool:
        """Whether known events of the Swarm have to do as the proof: where the engine can have kept none of its own,
        as it kept ``new`` ones since, and was there all the time."""
        kept = islice(reversed(self._own.values()), max(0, _KEPT - new))
        return self._seen_again and not self._was_down and not any(kept)

    def _settle(self, *, continuous: bool, before: Sequence[Event] = ()) -> None:
        """The replay has shown whether events are missing."""
        since, self._unsure_since = self._unsure_since, None
        self._was_down = False
        if continuous or since is None:
            return
        end = min((e.time for e in before), default=self._standing.engine_time())
        end = max(end, since)
        text = f"events of {duration(end - since)} may be missing: the engine no longer has them, or was restarted"
        self._store.apply([Gap(since, end, self._standing.node_id, text)])
