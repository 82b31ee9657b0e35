"""Watches a change until it has come to an end: driven by what the cluster hears, not by asking again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from backends.api import Cluster
from backends.change.convergence import Progress, Standing, Watch, judge
from backends.change.outcome import Outcome, State
from backends.change.requests import Request, ServiceCreate, ServiceRollback, ServiceScale, ServiceUpdate
from backends.change.restarts import Effect, changes, restarts
from backends.change.steps import Compiled
from backends.model import Changes, Snapshot
from backends.state.clock import Clock, SystemClock
from backends.state.relations import relations


def is_watched(request: Request) -> bool:
    """Whether a change goes on after the engine has taken it, and was not asked to be left alone (``-d``)."""
    services = (ServiceCreate, ServiceUpdate, ServiceScale, ServiceRollback)
    return isinstance(request, services) and not request.options.flag("detach")


def watches(outcome: Outcome, compiled: Compiled, before: Snapshot) -> tuple[Watch, ...]:
    """What is to be watched after a change was sent; ``before`` is the snapshot from before it."""
    if outcome.state is not State.DONE:
        return ()
    if isinstance(outcome.request, ServiceCreate):
        return tuple(Watch(id, replaces=False) for id in outcome.ids)
    found = []
    for target in compiled.targets:
        if target.kind != "service":
            continue
        rolling = isinstance(outcome.request, ServiceRollback) or outcome.request.options.flag("rollback")
        old = target.before if isinstance(target.before, dict) else {}
        new = target.after if isinstance(target.after, dict) else {}
        replaces = rolling or restarts(changes(old, new)) is Effect.RESTARTS
        known = before.services.get(target.id)
        started = known.update.started if known is not None and known.update is not None else None
        tasks = frozenset(task.id for task in relations(before).tasks_of(target.id))
        found.append(Watch(target.id, replaces, tasks, started or 0.0, rolling, target.version))
    return tuple(found)


#: How long the error of a task that ended a rollout is waited for, in seconds.
_REASON = 3.0


class Watcher:
    """Judges one change again and again, and remembers since when all of it has been running."""

    def __init__(self, target: Watch, clock: Clock) -> None:
        self.target, self._clock = target, clock
        self._begun = clock.monotonic()
        self._steady: float | None = None
        self._stopped: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the change was sent."""
        return self._clock.monotonic() - self._begun

    def look(self, snapshot: Snapshot) -> Standing:
        """Where it stands now."""
        now = self._clock.monotonic()
        steady = 0.0 if self._steady is None else now - self._steady
        standing = judge(self.target, snapshot, elapsed=now - self._begun, steady=steady)
        full = standing.wanted > 0 and standing.running == standing.wanted
        self._steady = (now if self._steady is None else self._steady) if full else None
        return self._with_reason(standing, now)

    def _with_reason(self, standing: Standing, now: float) -> Standing:
        """A rollout that stopped is told with its task's error, which comes a moment after the service's own state:
        services send events, tasks are listed."""
        if standing.failures or standing.progress not in (Progress.PAUSED, Progress.ROLLED_BACK):
            return standing
        self._stopped = now if self._stopped is None else self._stopped
        left = _REASON - (now - self._stopped)
        return replace(standing, progress=Progress.WORKING, wait=left) if left > 0 else standing


async def watch(
    target: Watch, cluster: Cluster, *, clock: Clock | None = None, limit: float | None = None
) -> AsyncIterator[Standing]:
    """Standings as they change, the last one final: ended, or still working when ``limit`` seconds have passed.
    Leaving the iterator leaves the change running. The caller says with ``Cluster.watch`` that it needs the tasks of
    the service."""
    clock = clock or SystemClock()
    heard = asyncio.Event()

    def listen(_: Changes) -> None:
        heard.set()

    unsubscribe = cluster.subscribe(listen)
    last: Standing | None = None
    watcher = Watcher(target, clock)
    try:
        while True:
            heard.clear()
            standing = watcher.look(cluster.snapshot)
            if standing != last:
                yield standing
                last = standing
            left = None if limit is None else limit - watcher.elapsed
            if standing.progress.ended or (left is not None and left <= 0):
                return
            await _pause(heard, clock, standing.wait, left)
    finally:
        unsubscribe()


async def _pause(heard: asyncio.Event, clock: Clock, wait: float | None, left: float | None) -> None:
    """Waits for a change, or for the moment when what is there may be judged otherwise."""
    times = [seconds for seconds in (wait, left) if seconds is not None]
    if not times:
        await heard.wait()
        return
    tasks = [asyncio.ensure_future(heard.wait()), asyncio.ensure_future(clock.sleep(max(0.05, min(times))))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def watch_to_end(
    target: Watch, cluster: Cluster, *, clock: Clock | None = None, limit: float | None = None
) -> Standing:
    """The last standing of ``watch``."""
    last = Standing(Progress.WORKING, "")
    async for standing in watch(target, cluster, clock=clock, limit=limit):
        last = standing
    return last
