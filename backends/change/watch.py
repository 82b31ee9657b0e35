"""Watches a change until it has come to an end: driven by what the cluster hears, not by asking again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from backends.api import Cluster, Interest
from backends.change.convergence import Progress, Standing, Watch, judge
from backends.change.node_watch import NodeWatch, judge_node
from backends.change.outcome import Outcome, State
from backends.change.part import as_object
from backends.change.requests import (
    NodeDemote,
    NodePromote,
    NodeUpdate,
    Request,
    ServiceCreate,
    ServiceRollback,
    ServiceScale,
    ServiceUpdate,
)
from backends.change.restarts import Effect, changes, restarts
from backends.change.steps import Compiled, Target
from backends.model import Changes, Kind, LinkState, Snapshot
from backends.state.clock import Clock, SystemClock
from backends.state.relations import relations

#: What can be watched.
Goal = Watch | NodeWatch


def is_watched(request: Request) -> bool:
    """Whether a change goes on after the engine has taken it, and was not asked to be left alone (``-d``)."""
    if isinstance(request, NodePromote | NodeDemote):
        return True
    if isinstance(request, NodeUpdate):
        return "role" in request.options or request.options.text("availability").lower() == "drain"
    services = (ServiceCreate, ServiceUpdate, ServiceScale, ServiceRollback)
    return isinstance(request, services) and not request.options.flag("detach")


def watches(outcome: Outcome, compiled: Compiled, before: Snapshot) -> tuple[Goal, ...]:
    """What is to be watched after a change was sent; ``before`` is a snapshot from before it, in which the tasks of
    the services that it changes are listed."""
    if outcome.state is not State.DONE:
        return ()
    if isinstance(outcome.request, ServiceCreate):
        return tuple(Watch(id, replaces=False) for id in outcome.ids)
    found: list[Goal] = []
    for target in compiled.targets:
        if target.kind == "node":
            found.append(_node(target, before))
        if target.kind != "service":
            continue
        rolling = isinstance(outcome.request, ServiceRollback) or outcome.request.options.flag("rollback")
        replaces = rolling or restarts(changes(as_object(target.before), as_object(target.after))) is Effect.RESTARTS
        known = before.services.get(target.id)
        started = known.update.started if known is not None and known.update is not None else None
        tasks = frozenset(task.id for task in relations(before).tasks_of(target.id))
        found.append(Watch(target.id, replaces, tasks, started or 0.0, rolling, target.version))
    return tuple(found)


def _node(target: Target, before: Snapshot) -> NodeWatch:
    was, now = as_object(target.before), as_object(target.after)
    role = str(now.get("Role", "")) if now.get("Role") != was.get("Role") else ""
    drained = now.get("Availability") == "drain" and was.get("Availability") != "drain"
    # A spec that is as it was gets no new version.
    version = target.version if was != now else -1
    return NodeWatch(target.id, target.name, version, drained, role, before.listed.get(Kind.TASK, 0.0))


#: How long the error of a task that ended a rollout is waited for, in seconds.
_REASON = 8.0
#: How long a task may find no node before that is said to be a failure.
_WAITS = 15.0
#: How long nothing may be heard of the engine before how it stands is said not to be known.
_SILENT = 60.0
_GONE = frozenset({LinkState.STALE, LinkState.UNREACHABLE, LinkState.DENIED})


class Watcher:
    """Judges one change again and again, and remembers since when all of it has been running."""

    def __init__(self, target: Goal, clock: Clock, *, patient: bool = False) -> None:
        """``patient`` waits for ever for an engine that does not answer, and for a node that takes a task."""
        self.target, self._clock, self._patient = target, clock, patient
        self._begun = clock.monotonic()
        self._since: dict[str, float] = {}
        """Since when something has been so: ``seen``, ``full``, ``stopped``, ``waits``, ``silent``."""
        self._ended: Standing | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the change was sent."""
        return self._clock.monotonic() - self._begun

    def look(self, snapshot: Snapshot) -> Standing:
        """Where it stands now; what has ended stays so."""
        if self._ended is not None:
            return self._ended
        now = self._clock.monotonic()
        standing = self._judged(snapshot, now)
        if standing.progress.ended:
            full = self._since.get("full", now) if standing.progress is Progress.CONVERGED else now
            self._ended = standing = replace(standing, took=full - self._begun, wait=None)
        return standing

    def _judged(self, snapshot: Snapshot, now: float) -> Standing:
        if isinstance(self.target, NodeWatch):
            return self._heard(judge_node(self.target, snapshot), snapshot, now)
        steady = now - self._since.get("full", now)
        service = snapshot.services.get(self.target.service_id)
        if service is not None and service.version > self.target.version:
            self._since.setdefault("seen", now)
        seen = now - self._since["seen"] if "seen" in self._since else None
        standing = judge(self.target, snapshot, elapsed=now - self._begun, steady=steady, seen=seen)
        self._lasts("full", standing.wanted > 0 and standing.running == standing.wanted, now)
        return self._heard(self._without_node(self._with_reason(standing, now), now), snapshot, now)

    def _lasts(self, what: str, so: bool, now: float) -> float:
        """For how many seconds something has been so."""
        if not so:
            self._since.pop(what, None)
            return 0.0
        return now - self._since.setdefault(what, now)

    def _with_reason(self, standing: Standing, now: float) -> Standing:
        """A rollout that stopped is told with its task's error, which comes a moment after the service's own state:
        services send events, tasks are listed."""
        if standing.failures or standing.progress not in (Progress.PAUSED, Progress.ROLLED_BACK):
            return standing
        left = _REASON - self._lasts("stopped", True, now)
        return replace(standing, progress=Progress.WORKING, wait=left) if left > 0 else standing

    def _without_node(self, standing: Standing, now: float) -> Standing:
        """A task that finds no node for long is a failure: the Swarm itself would wait for ever."""
        waits = standing.progress is Progress.WORKING and bool(standing.waiting)
        left = _WAITS - self._lasts("waits", waits, now)
        if not waits or self._patient:
            return standing
        if left > 0:
            return replace(standing, wait=left if standing.wait is None else min(left, standing.wait))
        return replace(
            standing, progress=Progress.FAILED, sentence=f"{standing.name} finds no node: {standing.waiting}"
        )

    def _heard(self, standing: Standing, snapshot: Snapshot, now: float) -> Standing:
        """What is judged from old news is not the end, and in the end not known."""
        lost = snapshot.link.state in _GONE
        left = _SILENT - self._lasts("silent", lost, now)
        if not lost:
            return standing
        sentence = f"How it goes on is not known: {snapshot.link.problem or 'the engine does not answer.'}"
        if left > 0 or self._patient:
            wait = None if self._patient else left
            return replace(standing, progress=Progress.WORKING, sentence=sentence, wait=wait)
        return replace(standing, progress=Progress.LOST, sentence=sentence)


async def watch_all(
    targets: Sequence[Goal],
    cluster: Cluster,
    *,
    clock: Clock | None = None,
    limit: float | None = None,
    patient: bool = False,
) -> AsyncGenerator[tuple[Standing, ...], None]:
    """Standings of all targets as they change, the last ones final: each ended, or still working when ``limit``
    seconds have passed. Leaving the iterator leaves the change running. The caller says with ``Cluster.watch`` what
    it needs (``wanted``)."""
    clock = clock or SystemClock()
    heard = asyncio.Event()

    def listen(_: Changes) -> None:
        heard.set()

    unsubscribe = cluster.subscribe(listen)
    last: tuple[Standing, ...] | None = None
    watchers = [Watcher(target, clock, patient=patient) for target in targets]
    try:
        while watchers:
            heard.clear()
            standings = tuple(watcher.look(cluster.snapshot) for watcher in watchers)
            if standings != last:
                yield standings
                last = standings
            left = None if limit is None else limit - watchers[0].elapsed
            if all(one.progress.ended for one in standings) or (left is not None and left <= 0):
                return
            waits = [one.wait for one in standings if not one.progress.ended]
            await _pause(heard, clock, min((w for w in waits if w is not None), default=None), left)
    finally:
        unsubscribe()


async def watch(
    target: Goal, cluster: Cluster, *, clock: Clock | None = None, limit: float | None = None
) -> AsyncGenerator[Standing, None]:
    """The same of one target."""
    async with contextlib.aclosing(watch_all((target,), cluster, clock=clock, limit=limit)) as standings:
        async for (standing,) in standings:
            yield standing


def wanted(targets: Sequence[Goal]) -> Interest:
    """What has to be kept fresh while these are watched."""
    services = frozenset(target.service_id for target in targets if isinstance(target, Watch))
    nodes = any(isinstance(target, NodeWatch) for target in targets)
    drained = any(isinstance(target, NodeWatch) and target.drained for target in targets)
    kinds = {Kind.SERVICE} if services else set()
    kinds |= {Kind.NODE} if nodes or services else set()
    return Interest(frozenset(kinds | ({Kind.TASK} if drained else set())), services)


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
    target: Goal, cluster: Cluster, *, clock: Clock | None = None, limit: float | None = None
) -> Standing:
    """The last standing of ``watch``."""
    last = Standing(Progress.WORKING, "")
    async for standing in watch(target, cluster, clock=clock, limit=limit):
        last = standing
    return last
