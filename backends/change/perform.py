"""Does a plan and writes it into the journal: what the user interface and ``dnet-tui do`` call."""

from __future__ import annotations

from dataclasses import replace

from backends.change.apply import apply
from backends.change.journal import Entry, Journal, begun, ended
from backends.change.outcome import Outcome, State
from backends.change.plan import Plan, Verdict
from backends.change.settle import Reconnect
from backends.change.steps import Compiled, Lookup
from backends.errors import ReadOnly
from backends.state.clock import Clock, SystemClock


async def _nothing() -> None:
    return None


async def perform(
    plan: Plan,
    engine: Lookup,
    *,
    journal: Journal | None = None,
    context: str = "",
    readonly: bool = False,
    override: bool = False,
    reconnect: Reconnect = _nothing,
    clock: Clock | None = None,
) -> Outcome:
    """Sends a plan. ``override`` does also what is refused as fatal or as unable to work. ``context`` is written
    beside it. Raises ``ReadOnly``; a plan that only reads passes all the same."""
    if plan.compiled is None:
        raise ValueError("a preview cannot be done: make the plan with the engine")
    if plan.verdict is Verdict.REFUSE and not override and plan.compiled.writes:
        reason = plan.refusal.sentence if plan.refusal is not None else plan.errors[0].sentence
        ways = plan.refusal.ways if plan.refusal is not None else (plan.errors[0].instead,)
        return Outcome(plan.request, State.REFUSED, reason, hint="; ".join(filter(None, ways)))
    return await send(
        plan.compiled, engine, journal=journal, context=context, readonly=readonly, reconnect=reconnect, clock=clock
    )


async def send(
    compiled: Compiled,
    engine: Lookup,
    *,
    journal: Journal | None = None,
    context: str = "",
    readonly: bool = False,
    reconnect: Reconnect = _nothing,
    clock: Clock | None = None,
) -> Outcome:
    """Sends what was compiled, or merged after a conflict (``Outcome.retry``), and writes it down; also where we are
    stopped in the middle of it."""
    clock = clock or SystemClock()
    lost = Outcome(compiled.request, State.UNKNOWN, "Stopped while it was being sent.")
    entry = begun(compiled.request, context, clock.time()) if journal is not None and compiled.writes else None
    trouble = _append(journal, entry)
    outcome = lost
    try:
        outcome = await apply(compiled, engine, readonly=readonly, reconnect=reconnect, clock=clock)
    except ReadOnly:
        outcome = replace(lost, state=State.REFUSED, sentence="Refused: the session is read-only.")
        raise
    finally:
        trouble = _append(journal, ended(entry, outcome) if entry is not None else None) or trouble
    return replace(outcome, warnings=(*outcome.warnings, trouble)) if trouble else outcome


def _append(journal: Journal | None, entry: Entry | None) -> str:
    """Why it could not be written, as a sentence; empty where it was, or there is nothing to write."""
    if journal is None or entry is None:
        return ""
    try:
        journal.append(entry)
    except OSError as error:
        return f"It could not be written into the journal {journal.path}: {error.strerror or error}."
    return ""
