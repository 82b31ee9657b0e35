"""One change from request to outcome: looked at, planned, journalled, sent, watched. The way of the screen, of the
``:`` line and of ``dnet-tui do`` alike; the one place that refuses in a read-only session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from backends.api import Engine, Json
from backends.change import requests
from backends.change.compile import compile_request
from backends.change.flag_error import FlagError
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from backends.changing.converging import Outcome, Tell, Times, before, converge
from backends.changing.journal import Ending, Entry, Journal, new_entry
from backends.changing.outcome import sentence, subject
from backends.changing.plan import Plan, plan
from backends.changing.redaction import redacted_text
from backends.changing.sending import Sent, send
from backends.errors import BackendError, NotFound, ReadOnly
from backends.model import Kind, Snapshot, Value

#: Fields of a snapshot that are read anew before a plan.
_FIELDS = MappingProxyType({Kind.NODE: "nodes", Kind.SERVICE: "services", Kind.TASK: "tasks", Kind.NETWORK: "networks"})
#: Requests whose plan says which tasks move.
_MOVES = (requests.NodeUpdate, requests.NodeRemove, requests.NodeDemote, requests.SwarmLeave)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that was looked up for it: ready to be sent."""

    plan: Plan
    compiled: Compiled
    entry: Entry
    """As the journal begins with it."""

    @property
    def changes(self) -> bool:
        """Whether anything would be sent that changes something."""
        return bool(self.compiled.writes)


@dataclass(frozen=True, slots=True)
class Changer:
    """Makes changes on one engine."""

    engine: Engine
    journal: Journal
    context: str = ""
    """As the journal names the cluster."""
    readonly: bool = False
    clock: Callable[[], float] = time.time
    times: Times | None = None

    async def survey(self, request: Request, known: Snapshot) -> Snapshot:
        """What is known, with that read anew which a plan stands on."""
        kinds = [Kind.NODE, Kind.SERVICE, Kind.NETWORK]
        if isinstance(request, _MOVES):
            kinds.append(Kind.TASK)
        if known.engine is None:
            known = replace(known, engine=await self.engine.info())
        if not known.is_manager:
            kinds = [Kind.NETWORK]
        fields: dict[str, Any] = {}
        for kind in kinds:
            fields[_FIELDS[kind]] = _by_id(await self.engine.list(kind))
        listed = MappingProxyType({**known.listed, **dict.fromkeys(kinds, self.clock())})
        return replace(known, listed=listed, **fields)

    async def prepare(
        self, request: Request, known: Snapshot, around: Surroundings | None = None
    ) -> Prepared | tuple[FlagError, ...]:
        """Plans and compiles. Only looks. Raises ``BackendError`` where the engine cannot be asked."""
        around = around or Surroundings()
        snapshot = await self.survey(request, known)
        found = plan(request, snapshot)
        if isinstance(found, FlagError):
            return (found,)
        try:
            compiled = await compile_request(request, self.engine, around)
        except NotFound as error:
            return (FlagError(str(error), instead=error.hint),)
        if not isinstance(compiled, Compiled):
            return compiled
        entry = new_entry(self.clock(), self.context, found.command, subject(compiled))
        return Prepared(found, compiled, entry)

    def refuse(self) -> None:
        """Raises ``ReadOnly`` where this session changes nothing."""
        if self.readonly:
            raise ReadOnly("This session changes nothing.", hint="--readonly, or the configuration, says so.")

    async def apply(
        self, prepared: Prepared, tell: Tell, *, detach: bool = False, around: Surroundings | None = None
    ) -> tuple[Outcome, Sent]:
        """Sends it once and waits until it has converged, or, with ``detach``, only until it was taken. Raises
        ``ReadOnly``, and ``OSError`` where the journal cannot be written: then nothing was sent."""
        self.refuse()
        compiled = prepared.compiled
        self.journal.write(prepared.entry)
        known = await before(compiled, self.engine)
        try:
            sent = await send(compiled, self.engine, around)
            outcome = await self._outcome(sent, known, tell, detach)
        except BaseException:
            self._close(prepared, Outcome(Ending.UNKNOWN, "it was left before its outcome was known"))
            raise
        self._close(prepared, outcome)
        return outcome, sent

    async def _outcome(self, sent: Sent, known: frozenset[str], tell: Tell, detach: bool) -> Outcome:
        if sent.ending is not Ending.DONE:
            return Outcome(sent.ending, sent.text, hint=sent.hint)
        if detach:
            return Outcome(Ending.DONE)
        return await converge(sent, known, self.engine, tell, self.times)

    def note(self, prepared: Prepared, ending: Ending) -> None:
        """Writes what was not sent into the journal: cancelled, or only looked at."""
        self.journal.write(prepared.entry.ended(ending, "nothing was sent", 0.0))

    def _close(self, prepared: Prepared, outcome: Outcome) -> None:
        text = redacted_text(sentence(prepared.compiled, outcome))
        try:
            self.journal.write(prepared.entry.ended(outcome.ending, text, outcome.seconds))
        except OSError:
            return  # its beginning is there; that it was sent is not made undone by a full disk


def _by_id(values: Iterable[Value]) -> Mapping[str, Any]:
    return MappingProxyType({value.key.id: value for value in values})  # type: ignore[attr-defined]


async def shown(compiled: Compiled, engine: Engine) -> Sequence[tuple[str, Json]]:
    """What a request that only looks answers: (request, answer) of its last look-up."""
    if not compiled.steps:
        return ()
    step = compiled.steps[-1]
    try:
        return ((step.path, await engine.call(step.method, step.path)),)
    except BackendError:
        return ()
