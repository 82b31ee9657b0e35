"""Whether one engine is still there, and what is said of it until that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from backends.api import Engine
from backends.errors import ApiError, BackendError, BadAnswer, TimedOut
from backends.room import Room
from backends.state.asking import Asker
from backends.state.clock import Clock
from backends.state.standing import Standing

#: An engine that has told nothing for so long is asked whether it is there.
QUIET = 10.0
#: The same while a question is open.
QUIET_ASKED = 4.0
#: Seconds that it has for the answer: until its silence is said, and then until it is taken to be gone.
PING_FIRST, PING_LIMIT = 2.0, 5.0
SILENT = "The engine does not answer just now."


class Presence:
    """Asks an engine for a sign of life."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        standing: Standing,
        asker: Asker,
        changed: Callable[[], None],
        aside: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """``changed`` is called when ``problem`` is another; ``aside`` is how long, at least, an engine that is one
        of many may be quiet: a cut connection is noticed in other ways, so that is for engines that hang."""
        self._aside = aside
        self._engine, self._clock, self._standing, self._asker = engine, clock, standing, asker
        self._changed = changed
        self.problem = ""
        """That it is silent, although it is not known to be gone yet; a sentence, or empty."""

    def begin(self) -> None:
        """A session begins."""
        self.problem = ""

    async def answers(self, limit: float = PING_LIMIT) -> bool:
        """Whether the engine itself answers within ``limit`` seconds, whatever its Swarm does. Where the way there has
        no room for the question, that it stands is answer enough: who watches over it hears of its end."""
        asked = self._clock.monotonic()
        try:
            async with asyncio.timeout(2 * limit):
                await self._engine.call("GET", "/_ping", timeout=limit)
        except (ApiError, BadAnswer):
            pass
        except (BackendError, TimeoutError):
            room: Room | None = getattr(self._engine, "room", None)
            if room is None or not room.starved(asked):
                return False
        self._standing.heard()
        self._say("")
        return True

    async def watch(self) -> None:
        """An engine that hangs ends no stream: it is asked when it has been quiet. Raises ``TimedOut`` when it is
        gone."""
        while True:
            aside = self._aside()
            await self._clock.sleep(max(QUIET_ASKED / 2, aside / 10))
            quiet = self._clock.monotonic() - self._standing.last_heard
            if quiet < (QUIET_ASKED if self._asker.waiting else max(QUIET, aside)):
                continue
            if await self.answers(PING_FIRST):
                continue
            self._say(SILENT)
            if not await self.answers():
                raise gone()

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._changed()


def gone() -> TimedOut:
    """What an engine that does not answer is called."""
    return TimedOut("The engine does not answer any more.", hint="It may hang, or the way to it be cut.")
