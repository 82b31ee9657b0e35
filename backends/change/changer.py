"""One change from request to outcome: looked at, planned, written down, sent, watched. The way of the screen, of the
``:`` line and of ``dnet-tui do`` alike."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from backends.api import Cluster, Engine, Filters
from backends.change import requests
from backends.change.apply import look_again
from backends.change.convergence import Standing
from backends.change.flag_error import FlagError
from backends.change.journal import Ending, Entry, Journal, begun
from backends.change.node_watch import NodeWatch
from backends.change.outcome import Outcome, State
from backends.change.perform import perform
from backends.change.plan import Plan, plan, plan_compiled
from backends.change.redaction import is_whole, redacted_line, redacted_text
from backends.change.report import End, end_of, names_of, subject
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.subnets import Route
from backends.change.surroundings import Surroundings
from backends.change.watch import Goal, is_watched, watch_all, watches
from backends.errors import NotFound, ReadOnly
from backends.model import Kind, LinkState, Snapshot, Value
from backends.state.clock import Clock, SystemClock
from backends.state.fold import fold
from backends.state.inputs import EngineTold, Input, Listing, Scope

#: Requests whose plan says which tasks move.
_MOVES = (requests.NodeUpdate, requests.NodeRemove, requests.NodeDemote, requests.SwarmLeave)
#: Those that may replace tasks: which there were before tells them from those that come.
_REPLACES = (requests.ServiceUpdate, requests.ServiceScale, requests.ServiceRollback)
_NETWORKS = (requests.NetworkConnect, requests.NetworkDisconnect, requests.NetworkRemove, requests.NetworkPrune)
#: Kinds that a plan also stands on.
_MORE: tuple[tuple[tuple[type[Request], ...], Kind], ...] = (
    (_MOVES, Kind.TASK),
    (_NETWORKS, Kind.CONTAINER),
    ((requests.SecretRemove,), Kind.SECRET),
    ((requests.ConfigRemove,), Kind.CONFIG),
)

Tell = Callable[[str], None]
"""Hears how it stands, in words, when that has changed."""
Taken = Callable[[Outcome, tuple[Goal, ...]], None]
"""Hears that the engine has taken it, and what is watched from then on."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that was looked up for it: ready to be sent."""

    plan: Plan
    known: Snapshot
    """What the plan stands on, the tasks included that there were before."""
    entry: Entry
    """As the journal begins with it."""

    @property
    def compiled(self) -> Compiled:
        """What is sent."""
        assert self.plan.compiled is not None
        return self.plan.compiled

    @property
    def changes(self) -> bool:
        """Whether anything would be sent that changes something."""
        return bool(self.compiled.writes)


@dataclass(frozen=True, slots=True)
class Changer:
    """Makes changes on the engine of one cluster."""

    cluster: Cluster
    journal: Journal
    context: str = ""
    """As the journal names the cluster."""
    readonly: bool = False
    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    clock: Clock = field(default_factory=SystemClock)
    """What waiting is measured by."""

    @property
    def engine(self) -> Engine:
        """What changes are sent to."""
        return self.cluster.engine

    def refuse(self) -> None:
        """Raises ``ReadOnly`` where this session changes nothing."""
        if self.readonly:
            raise ReadOnly("This session changes nothing.", hint="--readonly, or the configuration, says so.")

    async def survey(self, request: Request) -> Snapshot:
        """What is known, with that read anew which a plan stands on. Raises ``BackendError``."""
        known, inputs = self.cluster.snapshot, list[Input]()
        if known.engine is None:
            info = await self.engine.info()
            inputs.append(EngineTold(info, self.now()))
            known = fold(known, inputs).snapshot
        kinds = [Kind.NETWORK] + ([Kind.NODE, Kind.SERVICE] if known.is_manager else [])
        kinds += [kind for verbs, kind in _MORE if isinstance(request, verbs) and (known.is_manager or _local(kind))]
        answers = await asyncio.gather(*(self.engine.list(kind) for kind in kinds))
        at = max((self.now(), *known.listed.values(), *known.as_of.values()))
        found = [_listing(kind, values, at, known) for kind, values in zip(kinds, answers, strict=True)]
        known = fold(known, found).snapshot
        return await self._with_tasks(request, known, at)

    async def _with_tasks(self, request: Request, known: Snapshot, at: float) -> Snapshot:
        """The tasks of the services that it changes, as they are before."""
        if not isinstance(request, _REPLACES) or not known.is_manager:
            return known
        names = set(names_of(request))
        ids = [s.id for s in known.services.values() if s.name in names or any(s.id.startswith(n) for n in names)]
        if not ids:
            return known
        filters: Filters = {"service": ids}
        tasks = await self.engine.list(Kind.TASK, filters)
        return fold(known, [_listing(Kind.TASK, tasks, at, known, frozenset(ids))]).snapshot

    async def prepare(
        self, request: Request, around: Surroundings | None = None, routes: Sequence[Route] = ()
    ) -> Prepared | tuple[FlagError, ...]:
        """Plans and compiles. Only looks. Raises ``BackendError`` where the engine cannot be asked."""
        around = around or Surroundings(api_version=self.engine.api_version)
        known = await self.survey(request)
        try:
            found = await plan(request, known, self.engine, around=around, routes=routes)
        except NotFound as error:
            return (FlagError(str(error), instead=error.hint),)
        return self._prepared(found, known) if isinstance(found, Plan) else found

    async def prepare_merged(self, compiled: Compiled) -> Prepared:
        """The plan of both changes put together after a conflict (``Outcome.retry``)."""
        known = await self.survey(compiled.request)
        return self._prepared(plan_compiled(compiled, known), known)

    def _prepared(self, found: Plan, known: Snapshot) -> Prepared:
        compiled = found.compiled
        assert compiled is not None
        undo = redacted_line(found.undo.request) if found.undo.request is not None else ""
        entry = replace(
            begun(found.request, self.context, self.now()),
            what=subject(found.request),
            told=tuple(redacted_text(text) for text in found.lines),
            sent=tuple(f"{step.method} {step.path}" for step in compiled.steps),
            # A line without its secrets cannot be run.
            undo=undo if is_whole(undo) else "",
            lost=found.undo.note if is_whole(undo) else "the values before it are secrets, and are not kept",
        )
        return Prepared(found, known, entry)

    async def take(self, prepared: Prepared, *, override: bool = False) -> Outcome:
        """Sends it once. Raises ``ReadOnly``, and ``OSError`` where the journal cannot be written: then nothing was
        sent."""
        self.refuse()
        return await perform(
            prepared.plan,
            self.engine,
            journal=self.journal,
            readonly=self.readonly,
            override=override,
            reconnect=self.engine.connect,
            clock=self.clock,
            entry=prepared.entry,
        )

    def goals(self, prepared: Prepared, outcome: Outcome) -> tuple[Goal, ...]:
        """What is to be watched of what the engine took."""
        if not is_watched(prepared.plan.request):
            return ()
        listed = self.cluster.snapshot.listed.get(Kind.TASK, 0.0)
        found = watches(outcome, prepared.compiled, prepared.known)
        return tuple(replace(goal, listed=listed) if isinstance(goal, NodeWatch) else goal for goal in found)

    async def follow(
        self, prepared: Prepared, outcome: Outcome, goals: Sequence[Goal], tell: Tell, *, patient: bool = False
    ) -> End:
        """Waits until it has converged, or it is known that it will not, and writes that down. ``patient`` waits for
        ever for an engine that does not answer. The caller sees to it that what ``watch.wanted`` says is fresh."""
        standings: tuple[Standing, ...] = ()
        said = ""
        try:
            async with contextlib.aclosing(
                watch_all(goals, self.cluster, clock=self.clock, patient=patient)
            ) as standing:
                async for standings in standing:
                    text = " ".join(one.sentence for one in standings if not one.progress.ended)
                    if text and text != said:
                        said = text
                        tell(text)
        finally:
            end = end_of(prepared.compiled, outcome, standings)
            if goals:
                self._close(prepared, end)
        return end

    async def apply(
        self,
        prepared: Prepared,
        tell: Tell,
        *,
        override: bool = False,
        patient: bool = False,
        taken: Taken | None = None,
    ) -> End:
        """Sends it once and waits until it has converged. ``taken`` hears when the engine has taken it, with what is
        watched from then on. Raises as ``take`` does."""
        outcome = await self.take(prepared, override=override)
        goals = self.goals(prepared, outcome)
        if taken is not None and outcome.state is State.DONE:
            taken(outcome, goals)
        return await self.follow(prepared, outcome, goals, tell, patient=patient)

    async def look_again(
        self, prepared: Prepared, outcome: Outcome, tell: Tell, *, taken: Taken | None = None
    ) -> End | None:
        """Waits until the engine answers and can decide again, and looks for a change of which nothing was known;
        nothing is sent. What it came to, ``None`` where still nothing is known of it."""
        await self._answering()
        found = await look_again(outcome, prepared.compiled, self.engine, self.engine.connect, self.clock)
        if found.state is State.UNKNOWN:
            return None
        goals = self.goals(prepared, found)
        if taken is not None and found.state is State.DONE:
            taken(found, goals)
        end = await self.follow(prepared, found, goals, tell, patient=True)
        if not goals:
            self._close(prepared, end)
        return end

    async def _answering(self) -> None:
        """Returns once the cluster is there, and its managers agree."""
        heard = asyncio.Event()
        unsubscribe = self.cluster.subscribe(lambda _: heard.set())
        try:
            while True:
                heard.clear()
                known = self.cluster.snapshot
                if known.link.state is LinkState.LIVE and not known.manager_problem:
                    return
                await heard.wait()
        finally:
            unsubscribe()

    def note(self, prepared: Prepared, ending: Ending) -> None:
        """Writes down what was not sent: cancelled, or only looked at. Raises ``OSError``."""
        self.journal.append(prepared.entry.ended(ending, "Nothing was sent."))

    def _close(self, prepared: Prepared, end: End) -> None:
        entry = end.outcome.entry or prepared.entry
        if isinstance(prepared.plan.request, requests.ServiceCreate) and not entry.undo and end.outcome.ids:
            entry = replace(entry, undo=f"docker service rm {end.outcome.ids[0][:12]}", lost="")
        with contextlib.suppress(OSError):  # its beginning is there; a full disk does not make it undone
            self.journal.append(entry.ended(end.ending, end.sentence, end.seconds))


def _local(kind: Kind) -> bool:
    return kind is Kind.CONTAINER


def _listing(
    kind: Kind, values: Iterable[Value], at: float, known: Snapshot, services: frozenset[str] | None = None
) -> Listing:
    scope = Scope(services=services) if services is not None else None
    return Listing(kind, tuple(values), at, known.node_id, scope, known.is_manager)
