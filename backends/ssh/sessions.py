"""Room for sessions on one connection: a server allows a few (``MaxSessions``, 10 by default), and says so only by
refusing. Forwarded sockets do not count.

One place is always left to questions, which are over soon: what lasts may never take the last one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from backends.errors import Unreachable

#: What sshd allows unless it is told otherwise (sshd_config(5)).
DEFAULT_LIMIT = 10
#: A closed session frees its place only after some 350 ms.
LAG = 0.4
#: Seconds in which who read a stream learns of its end, and who needs its place comes into it.
_JUST_NOW = 5.0


class Use(StrEnum):
    """What a session is for."""

    SHORT = "short"
    """A question: it ends by itself."""
    LONG = "long"
    """Somebody works in it: a shell, a command in a container, a log."""
    SPARE = "spare"
    """A stream that one can do without for a while: events, statistics."""


class Place:
    """Room for one session; freed once, however often it is said."""

    def __init__(self, sessions: Sessions, use: Use) -> None:
        self._sessions: Sessions | None = sessions
        self.use = use

    @property
    def held(self) -> bool:
        """Whether it was not freed yet."""
        return self._sessions is not None

    def turn(self, use: Use) -> bool:
        """The session is for something else from now on; returns whether it may be."""
        sessions = self._sessions
        if sessions is None:
            return False
        if use is not self.use:
            if not sessions.lets_last(use):
                return False
            sessions.turned(self.use, use)
            self.use = use
        return True

    def free(self, *, opened: bool = True) -> None:
        """The session has ended, or was refused (not ``opened``)."""
        sessions, self._sessions = self._sessions, None
        if sessions is not None:
            sessions.freed(self.use, opened)


class Sessions:
    """Counts sessions and learns the server's limit."""

    def __init__(self) -> None:
        self.limit = DEFAULT_LIMIT
        self._uses: Counter[Use] = Counter()
        self.make_room: list[Callable[[], bool]] = []
        """Asked in turn when somebody must wait; the first that gives an idle session up says so."""
        self.give_up: list[Callable[[], bool]] = []
        """The same for a stream that can be done without."""
        self._waiters: list[tuple[Use, asyncio.Future[None]]] = []
        self._freed_at = float("-inf")
        self._unserved_at = float("-inf")
        self._given_up_at = float("-inf")

    @property
    def used(self) -> int:
        """Places that are taken."""
        return self._uses.total()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a place."""
        return bool(self._waiters)

    @property
    def crowded(self) -> bool:
        """Whether what lasts has all places that it may have, so that there is none for streams; or one has just been
        given up for it."""
        just_now = asyncio.get_running_loop().time() - self._given_up_at < _JUST_NOW
        return just_now or self._uses[Use.LONG] >= self._lasting

    def starved(self, since: float) -> bool:
        """Whether a question found no place since then (the loop's time), or waits for one now."""
        return self._unserved_at > since or any(use is Use.SHORT for use, _ in self._waiters)

    @property
    def _lasting(self) -> int:
        """Places that what lasts may have."""
        return max(1, self.limit - 1)

    def lets_last(self, use: Use) -> bool:
        """Whether one more for ``use`` leaves a place to questions."""
        lasting = self._uses[Use.LONG] + (self._uses[Use.SPARE] if use is Use.SPARE else 0)
        return use is Use.SHORT or lasting < self._lasting

    async def take(self, use: Use = Use.SHORT) -> Place:
        """Waits for a place, first come first served, and takes it. Raises ``Unreachable`` at once for a stream that
        can be done without and would take the last place."""
        while self.used >= self.limit or not self.lets_last(use):
            if use is Use.SPARE and not self.lets_last(use):
                raise Unreachable("The server allows no more sessions.")
            if self.used >= self.limit and not any(give() for give in tuple(self.make_room)):
                self._thin_out(self._lasting - (use is Use.LONG and self.lets_last(use)))
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append((use, waiter))
            try:
                await waiter
            except asyncio.CancelledError:
                if (use, waiter) in self._waiters:
                    self._waiters.remove((use, waiter))
                    if use is Use.SHORT:
                        self._unserved_at = asyncio.get_running_loop().time()
                else:
                    self._next()  # it was our turn, and we leave: the next one's
                raise
        self._uses[use] += 1
        self._thin_out(self._lasting)
        return Place(self, use)

    def turned(self, old: Use, new: Use) -> None:
        """Called by ``Place.turn``."""
        self._uses[old] -= 1
        self._uses[new] += 1
        self._thin_out(self._lasting)
        self._next()

    def freed(self, use: Use, opened: bool) -> None:
        """Called by ``Place.free``."""
        self._uses[use] -= 1
        if opened:
            self._freed_at = asyncio.get_running_loop().time()
        self._next()

    def refused(self) -> bool:
        """The server has refused one more than ``used``. Returns whether waiting can help: not where it allows none
        at all."""
        settled = asyncio.get_running_loop().time() - self._freed_at > 2 * LAG
        if settled and self.used > 0:
            self.limit = self.used
        return self.used > 0 or not settled

    def reset(self) -> None:
        """The connection is a new one, whose server may have been told another limit."""
        self.limit = DEFAULT_LIMIT
        self._next()

    def _thin_out(self, most: int) -> None:
        """Ends streams that can be done without, where what lasts leaves no place to questions."""
        spare = self._uses[Use.SPARE]
        too_many = spare > 0 and self._uses[Use.LONG] + spare > most
        if too_many and any(give() for give in tuple(self.give_up)):
            self._given_up_at = asyncio.get_running_loop().time()

    def _next(self) -> None:
        """Wakes the first for whom there is a place, and streams that will find none."""
        for use, waiter in tuple(self._waiters):
            lets = self.lets_last(use)
            if (self.used < self.limit and lets) or (use is Use.SPARE and not lets):
                self._waiters.remove((use, waiter))
                if not waiter.done():
                    waiter.set_result(None)
                    return
