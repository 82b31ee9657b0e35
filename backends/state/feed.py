"""Keeps one engine's part of the store true: connects, listens, asks, and comes back after a loss."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine

from msgspec.structs import replace

from backends.api import Budget, Engine, Interest
from backends.errors import (
    BackendError,
    BadAddress,
    PermissionRefused,
    TimedOut,
    Unreachable,
    Unsupported,
    WrongEngine,
)
from backends.model import Kind, Link, LinkState
from backends.state.agenda import Agenda
from backends.state.asking import Asker
from backends.state.asks import Ask
from backends.state.clock import Alarm, Clock
from backends.state.inputs import LinkChanged, StreamMark
from backends.state.listening import Listener
from backends.state.presence import Presence, gone
from backends.state.standing import Standing
from backends.state.store import Store
from backends.state.wording import duration

_log = logging.getLogger(__name__)

#: Seconds until the next try after a loss: doubled each time between the two, a random part on top.
FIRST_WAIT, LONGEST_WAIT, JITTER = 0.5, 4.0, 0.2
#: Seconds until the next try where the user may not use the engine: that changes by hand only.
DENIED_WAIT = 10.0
#: Seconds that ending may take.
CLOSE_LIMIT = 2.0


class Feed:
    """One engine and the store it feeds. ``primary`` is the engine we were started on: the only one that is
    asked about the Swarm as a whole."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        *,
        clock: Clock,
        primary: bool = True,
        node_id: str = "",
        chance: Callable[[], float] = random.random,
        crowd: Callable[[], int] = lambda: 1,
    ) -> None:
        """``node_id`` is the node of an engine that is not the primary one; ``chance`` gives [0, 1); ``crowd`` is how
        many engines are followed."""
        self.engine = engine
        self._store, self._clock, self._chance = store, clock, chance
        self._node_id = "" if primary else node_id
        self._primary = primary
        self.agenda = Agenda(primary=primary, crowd=crowd)
        self._alarm = Alarm(clock)
        self._retry = Alarm(clock)
        self._standing = Standing(store, self.agenda, clock, primary=primary, meant=self._node_id)
        self._asker = Asker(engine, store, self.agenda, clock, self._standing)
        self._listener = Listener(
            engine, store, self.agenda, clock, self._standing, self._alarm.ring, self._tell_trouble
        )
        self._presence = Presence(
            engine, clock, self._standing, self._asker, self._tell_trouble, lambda: self.agenda.aside
        )
        self._link = Link(endpoint=engine.endpoint, node_id=node_id, since=clock.time())
        self._main: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost_at: float | None = None
        self._answered = False
        self._up_since: float | None = None
        self.wrong: WrongEngine | None = None
        """Set while what answers is another node's engine: nobody must be led to it under this node's name."""

    # -- from outside -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to connect in the background."""
        self._tell_link(self._link)
        if self._main is None:
            self._main = asyncio.create_task(self._run(), name=f"feed {self.engine.endpoint}")

    def watch(self, interest: Interest) -> None:
        """What the screen needs now."""
        if interest != self.agenda.interest:
            self.agenda.watch(interest)
            self._alarm.ring()

    def retry(self) -> None:
        """Tries a lost connection now."""
        self._retry.ring()

    def refresh(self) -> None:
        """Lists anew what is on screen; tries a lost connection."""
        self.agenda.refresh(self._clock.monotonic())
        self._alarm.ring()
        self._retry.ring()

    @property
    def budget(self) -> Budget:
        """What was asked of the engine, where it counts that."""
        found = getattr(self.engine, "budget", None)
        return found if isinstance(found, Budget) else Budget()

    async def aclose(self) -> None:
        """Ends everything of this engine, within a few seconds whatever hangs."""
        tasks = {t for t in (self._main, *self._tasks) if t is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_LIMIT)
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await self.engine.aclose()
        except Exception:
            _log.warning("closing %s failed", self.engine.endpoint, exc_info=True)

    # -- the connection ---------------------------------------------------------------------------------

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                await self._session()
                problem: BackendError = BackendError("The connection to the engine ended.")
            except BackendError as error:
                problem = error
            except Exception as error:
                _log.exception("the feed of %s failed", self.engine.endpoint)
                problem = BackendError(f"Something unexpected happened: {error}", original=repr(error))
            # A session that ends as soon as it has begun is one more failure, not a new loss.
            lasted = self._up_since is not None and self._clock.monotonic() - self._up_since > LONGEST_WAIT
            attempt = 1 if lasted else attempt + 1
            wait: float | None = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 10)) * (
                1.0 + JITTER * self._chance()
            )
            if isinstance(problem, PermissionRefused):
                wait = DENIED_WAIT
            elif isinstance(problem, (BadAddress, Unsupported)):
                wait = None
            self.wrong = problem if isinstance(problem, WrongEngine) else None
            if isinstance(problem, Unreachable) and self.engine.endpoint.startswith("unix://"):
                self._listener.went_down()
            self._lost(problem, attempt, wait)
            self._retry.clear()
            await self._retry.wait(wait)

    async def _session(self) -> None:
        """From connecting to the loss, which it raises."""
        self._up_since = None
        await self.engine.connect()
        info = await self.engine.info()
        self._asker.begin()
        self._presence.begin()
        told = self._standing.begin(info, first=not self._answered)
        self.agenda.asked(Ask(Kind.ENGINE), self._clock.monotonic())
        self.agenda.answered(Ask(Kind.ENGINE), self._clock.monotonic(), 0, 1)
        self.wrong = None
        self._store.apply([*told, *self._back()])
        self._answered, self._up_since = True, self._clock.monotonic()
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        parts = (
            self._listener.listen(),
            self._listener.deliver(),
            self._plan(broken),
            self._presence.watch(),
            self._wait_for(broken),
        )
        running = {self._spawn(part) for part in parts}
        try:
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await self._stop_tasks()
            for task in running:
                if task.done() and not task.cancelled():
                    task.exception()  # taken note of: the first one is raised, the others are its echoes
            self._listener.flush()

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        name = getattr(work, "__qualname__", "part").rpartition(".")[2]
        task = asyncio.create_task(work, name=f"{name} {self.engine.endpoint}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _stop_tasks(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_LIMIT)

    async def _wait_for(self, broken: asyncio.Future[None]) -> None:
        await broken

    # -- asking -----------------------------------------------------------------------------------------

    async def _plan(self, broken: asyncio.Future[None]) -> None:
        """Sends each request when it is due; each is a task of its own, so that one that hangs keeps no other
        waiting."""
        while True:
            now = self._clock.monotonic()
            soonest, asks = self.agenda.next(now, self._store.snapshot)
            for ask in asks:
                self.agenda.asked(ask, now)
                self._spawn(self._ask(ask, broken))
            if not asks:
                await self._alarm.wait(None if soonest is None else max(0.0, soonest - now))

    async def _ask(self, ask: Ask, broken: asyncio.Future[None]) -> None:
        try:
            suspicious = await self._asker.ask(ask)
            if suspicious is not None:
                if await self._presence.answers():
                    self._asker.unanswered(ask, suspicious)
                elif not broken.done():
                    broken.set_exception(gone() if isinstance(suspicious, TimedOut) else suspicious)
            self._tell_trouble()
        except WrongEngine as error:
            if not broken.done():
                broken.set_exception(error)
        except Exception as error:
            _log.exception("asking %s for %s failed", self.engine.endpoint, ask)
            self._asker.problem = f"Something unexpected happened: {error}"
            self.agenda.failed(ask, self._clock.monotonic())
            self._tell_trouble()
        finally:
            self._alarm.ring()

    # -- how we stand -----------------------------------------------------------------------------------

    def _changed(self, state: LinkState, *, problem: str = "", hint: str = "") -> Link:
        same = state is self._link.state
        return Link(
            endpoint=self.engine.endpoint,
            node_id=self._link.node_id,
            state=state,
            since=self._link.since if same else self._clock.time(),
            fresh=self._standing.fresh,
            problem=problem,
            hint=hint,
        )

    def _tell_link(self, link: Link) -> None:
        self._link = link
        self._store.apply([LinkChanged(link, self._node_id)])

    def _tell_trouble(self) -> None:
        """A question that cannot be answered does not end the connection, but is not kept secret either."""
        problem = self._presence.problem or self._listener.problem or self._asker.problem
        if self._link.state is LinkState.LIVE and self._link.problem != problem:
            self._tell_link(self._changed(LinkState.LIVE, problem=problem))

    def _back(self) -> list[LinkChanged | StreamMark]:
        now = self._clock.time()
        told: list[LinkChanged | StreamMark] = []
        if self._lost_at is not None:
            text = f"after {duration(now - self._lost_at)}"
            told.append(StreamMark(now, False, text, self._node_id))
            self._lost_at = None
        self._link = self._changed(LinkState.LIVE)
        told.append(LinkChanged(self._link, self._node_id))
        return told

    def _lost(self, problem: BackendError, attempt: int, wait: float | None) -> None:
        now = self._clock.time()
        if isinstance(problem, PermissionRefused):
            state = LinkState.DENIED
        else:
            state = LinkState.STALE if self._answered else LinkState.UNREACHABLE
        link = self._changed(state, problem=str(problem), hint=problem.hint)
        link = replace(link, attempt=attempt, next_try=None if wait is None else now + wait)
        told: list[LinkChanged | StreamMark] = [LinkChanged(link, self._node_id)]
        if self._answered and self._lost_at is None:
            self._lost_at = self._standing.fresh or now
            told.append(StreamMark(now, True, str(problem), self._node_id))
            self.agenda.lost()
        self._link = link
        self._store.apply(told)
