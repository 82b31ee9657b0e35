"""All SSH connections of a session: one for each login, shared and counted, a few being opened at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from backends.ssh import dial
from backends.ssh.hostkeys import KnownHosts
from backends.ssh.keys import KeyRing
from backends.ssh.link import Link
from backends.ssh.questions import Answers, Questions
from backends.ssh.refusals import Refusals
from backends.ssh.report import LinkReport
from backends.ssh.target import Target
from backends.ssh.trusting import Trusting

#: Connections being opened at once: a Swarm of 300 nodes must not flood the machine it is watched from.
AT_ONCE = 16
#: Seconds between two looks at which connections have gone silent.
_LOOK = 1.0


class Pool:
    """Made and used in one event loop. Importing it does not import asyncssh; the first connection does."""

    def __init__(self, questions: Questions | None = None, *, at_once: int = AT_ONCE) -> None:
        """Without ``questions`` nobody is asked, and a login must work by itself."""
        self.answers = Answers(questions)
        self.ring = KeyRing(self.answers)
        self.known_hosts = KnownHosts()
        self.lookups = dial.Lookups()
        self.gate = asyncio.Semaphore(at_once)
        self.trusting = Trusting(self.answers, self.known_hosts)
        self.refusals = Refusals()
        self._links: dict[Target, Link] = {}
        self._listeners: list[Callable[[], None]] = []
        self._looking: asyncio.TimerHandle | None = None

    @property
    def reports(self) -> tuple[LinkReport, ...]:
        """How each connection stands, hops included."""
        return tuple(link.report for link in self._links.values())

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` after each change of ``reports``."""
        self._listeners.append(listener)

    @contextlib.asynccontextmanager
    async def lease(self, target: Target) -> AsyncIterator[Link]:
        """The link of a target, not opened yet; it is closed when the last one lets go."""
        link = self._links.get(target)
        if link is None:
            link = self._links[target] = Link(target, self)
            link.on_change(self._tell)
        link.holders += 1
        try:
            yield link
        finally:
            link.holders -= 1
            if link.holders == 0 and self._links.get(target) is link:
                del self._links[target]
                await link.close()
                self._tell()

    def allow(self, target: Target | None = None) -> None:
        """A person says "try again": of one target, its hops included, or of all. Declined questions may be asked
        once more."""
        self.answers.allow()
        self.refusals.allow(target)
        for known, link in tuple(self._links.items()):
            if self.refusals.get(known) is None:
                link.allowed()

    def wake(self) -> None:
        """The network seems to be back: what is lost is tried now, what is refused is not."""
        for link in tuple(self._links.values()):
            link.wake()

    def watch(self) -> None:
        """Some connection stands: those that do are looked after, all by one timer."""
        if self._looking is None and dial.kernel_watches():
            self._looking = asyncio.get_running_loop().call_later(_LOOK, self._look)

    def _look(self) -> None:
        self._looking = None
        for link in tuple(self._links.values()):
            link.look()
        if any(link.standing for link in self._links.values()):
            self.watch()

    async def close(self) -> None:
        """Ends all connections, within a few seconds whatever hangs."""
        if self._looking is not None:
            self._looking.cancel()
        links, self._links = tuple(self._links.values()), {}
        self.lookups.close()
        await asyncio.gather(*(link.close() for link in links), return_exceptions=True)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
