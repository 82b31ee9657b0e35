"""A change as it is shown before it is done: what will happen, to what, at what price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from backends.api import Json
from backends.change.checks import check
from backends.change.compile import compile_request
from backends.change.drain import Drain
from backends.change.finding import Finding, Severity, said
from backends.change.flag_error import FlagError
from backends.change.line import render
from backends.change.part import Spec
from backends.change.plan_network import deletions, going, plan_network
from backends.change.plan_service import plan_service
from backends.change.plan_swarm import plan_swarm
from backends.change.plan_update import ChangedValue
from backends.change.quorum import QuorumChange
from backends.change.redaction import redacted_line
from backends.change.requests import ManyNamed, NetworkPrune, OneNamed, Request, ServiceScale
from backends.change.restarts import FieldChange
from backends.change.steps import Compiled, Lookup, Step
from backends.change.story import Danger, Refusal, Story
from backends.change.subnets import Route
from backends.change.surroundings import Surroundings
from backends.change.undo import Undo, undo_of
from backends.change.verbs import verb_of
from backends.model import Snapshot

__all__ = ["Danger", "Plan", "Refusal", "Verdict", "plan", "preview"]


class Verdict(IntEnum):
    """How much has to be asked before a plan is done."""

    DO = 0
    """It only adds."""
    ASK = 1
    """It stops or restarts: one line."""
    CONFIRM = 2
    """It may lose data or quorum: the plan, with Cancel as the default."""
    REFUSE = 3
    """It is fatal, or cannot work: only overridden by typing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is shown of a change, and what it sends."""

    request: Request
    title: str
    """``Update service web``."""
    main: tuple[str, ...]
    """What will happen, one sentence each, without the values that change."""
    danger: Danger
    command: str
    """The docker line that it equals."""
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    """What the CLI would say on standard error, or swallow."""
    changes: tuple[FieldChange, ...] = ()
    """Values that differ, with what each does to tasks; services only."""
    refusal: Refusal | None = None
    """Why it is fatal, and what to do instead."""
    quorum: QuorumChange | None = None
    drain: Drain | None = None
    compiled: Compiled | None = None
    """What is sent; ``None`` in a preview."""
    steps: tuple[Step, ...] = field(default=())
    """Look-ups and writes; empty in a preview."""
    know: tuple[str, ...] = ()
    """What to know first beside the findings, a sentence each: data that stay behind, who leads."""
    facts: tuple[tuple[str, str], ...] = ()
    """(word, text) for further rows: ``room``, ``memory``, ``undo``."""
    undo: Undo = field(default_factory=Undo)
    """What takes it back; nothing in a preview."""
    values: tuple[ChangedValue, ...] = ()
    """The changes in words, secrets left out."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What will happen, one sentence each."""
        return (*self.main, *(value.sentence for value in self.values))

    @property
    def sentence(self) -> str:
        """What happens, as one text."""
        return " ".join(self.lines) or f"{self.title}."

    @property
    def warned(self) -> tuple[str, ...]:
        """All that is to be known first, each once: of the plan, of its findings, of the CLI."""
        found = [finding for finding in self.findings if finding.severity is Severity.WARNING]
        return tuple(dict.fromkeys((*self.know, *(said(finding) for finding in found), *self.warnings)))

    @property
    def shown(self) -> str:
        """The docker line that it equals, secrets left out."""
        return redacted_line(self.request)

    @property
    def typed(self) -> str:
        """What is to be typed where it is fatal, or the context is production: the name, or the verb where there
        are several or none."""
        request = self.request
        many = [name for name, _ in request.replicas] if isinstance(request, ServiceScale) else []
        many = list(request.names) if isinstance(request, ManyNamed) else many
        names = [request.name] if isinstance(request, OneNamed) else many
        return names[0] if len(names) == 1 else verb_of(request).words[1]

    @property
    def fatal(self) -> bool:
        """Whether the Swarm could decide nothing any more: only done where ``typed`` was typed."""
        return self.refusal is not None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What cannot work."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def verdict(self) -> Verdict:
        """How much has to be asked."""
        if self.refusal is not None or self.errors:
            return Verdict.REFUSE
        return {Danger.NONE: Verdict.DO, Danger.STOPS: Verdict.ASK, Danger.LOSES: Verdict.CONFIRM}[self.danger]

    @property
    def requests(self) -> list[dict[str, Json]]:
        """``[{"method", "path", "body"}]``: exactly what is asked and sent, in order."""
        return [step.as_json() for step in self.steps]


async def plan(
    request: Request,
    snapshot: Snapshot,
    lookup: Lookup,
    *,
    around: Surroundings | None = None,
    routes: Sequence[Route] = (),
) -> Plan | tuple[FlagError, ...]:
    """The plan of a request, look-ups made; changes nothing. Errors are what the CLI would refuse before sending.
    Raises ``backends.errors`` where the engine cannot be asked."""
    around = around or Surroundings()
    compiled = await compile_request(request, lookup, around)
    if not isinstance(compiled, Compiled):
        return compiled
    steps = compiled.steps
    if isinstance(request, NetworkPrune):
        # Removed by name: the engine's own prune forgets that a stopped container counts as a user.
        steps = deletions(going(request, snapshot))
        compiled = Compiled(request, steps, compiled.warnings)
    return _planned(request, snapshot, compiled, around, routes, steps)


def preview(
    request: Request,
    snapshot: Snapshot,
    *,
    around: Surroundings | None = None,
    routes: Sequence[Route] = (),
) -> Plan:
    """As much of a plan as is known without asking the engine: for a form, at every key."""
    return _planned(request, snapshot, None, around or Surroundings(environ={}), routes, ())


def _planned(
    request: Request,
    snapshot: Snapshot,
    compiled: Compiled | None,
    around: Surroundings,
    routes: Sequence[Route],
    steps: tuple[Step, ...],
) -> Plan:
    pairs: list[tuple[Spec | None, Spec | None]] = [
        (t.before, t.after)
        for t in (compiled.targets if compiled is not None else ())
        if t.kind == "service" and isinstance(t.before, dict) and isinstance(t.after, dict)
    ]
    found = [
        finding
        for before, after in pairs or [(None, None)]
        for finding in check(request, snapshot, before=before, after=after, around=around, routes=routes)
    ]
    story = _story(request, snapshot, compiled)
    undo = undo_of(request, compiled, snapshot) if compiled is not None and compiled.writes else Undo()
    back = redacted_line(undo.request) if undo.request is not None else ""
    facts = (*story.facts, ("undo", "; ".join(filter(None, (back, undo.note))))) if back or undo.note else story.facts
    return Plan(
        request,
        story.title,
        story.lines,
        story.danger,
        render(request),
        _unique(found),
        compiled.warnings if compiled is not None else (),
        story.changes,
        story.refusal,
        story.quorum,
        story.drain,
        compiled,
        steps,
        story.know,
        facts,
        undo,
        story.values,
    )


def _unique(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(found))


def plan_compiled(compiled: Compiled, snapshot: Snapshot, *, around: Surroundings | None = None) -> Plan:
    """The plan of what was compiled already: both changes put together after a conflict."""
    return _planned(compiled.request, snapshot, compiled, around or Surroundings(environ={}), (), compiled.steps)


def _story(request: Request, snapshot: Snapshot, compiled: Compiled | None) -> Story:
    for tell in (plan_service, plan_network, plan_swarm):
        story = tell(request, snapshot, compiled)
        if story is not None:
            return story
    return Story(render(request), (), Danger.NONE)
