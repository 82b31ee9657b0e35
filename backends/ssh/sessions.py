"""Room for sessions on one connection: a server allows a few (``MaxSessions``, 10 by default), and says so only by
refusing. Forwarded sockets do not count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

#: What sshd allows unless it is told otherwise (sshd_config(5)).
DEFAULT_LIMIT = 10
#: A closed session frees its place only after some 350 ms.
LAG = 0.4


class Place:
    """Room for one session; freed once, however often it is said."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions: Sessions | None = sessions

    def free(self, *, opened: bool = True) -> None:
        """The session has ended, or was refused (not ``opened``)."""
        sessions, self._sessions = self._sessions, None
        if sessions is not None:
            sessions.freed(opened)


class Sessions:
    """Counts sessions and learns the server's limit."""

    def __init__(self) -> None:
        self.limit = DEFAULT_LIMIT
        self.used = 0
        self.make_room: list[Callable[[], bool]] = []
        """Asked in turn when somebody must wait; the first that gives a session up says so."""
        self._waiters: list[asyncio.Future[None]] = []
        self._freed_at = float("-inf")

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a place."""
        return bool(self._waiters)

    async def take(self) -> Place:
        """Waits for a place, first come first served, and takes it."""
        while self.used >= self.limit:
            any(give() for give in tuple(self.make_room))
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                else:
                    self._next()  # it was our turn, and we leave: the next one's
                raise
        self.used += 1
        return Place(self)

    def freed(self, opened: bool) -> None:
        """Called by ``Place.free``."""
        self.used -= 1
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

    def _next(self) -> None:
        while self._waiters:
            waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                return
