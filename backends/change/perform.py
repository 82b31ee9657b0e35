"""Does a plan and writes it into the journal: what the user interface and ``dnet-tui do`` call."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from backends.change.apply import apply
from backends.change.journal import Ending, Entry, Journal, begun
from backends.change.outcome import Outcome, State
from backends.change.plan import Plan, Verdict
from backends.change.settle import Reconnect
from backends.change.steps import Compiled, Lookup
from backends.change.watch import is_watched
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
    entry: Entry | None = None,
) -> Outcome:
    """Sends a plan. ``override`` does also what is refused as fatal or as unable to work. ``context`` is written
    beside it, ``entry`` is what the journal begins with where there is more to write. Raises ``ReadOnly``, and
    ``OSError`` where the journal cannot be written: then nothing was sent. A plan that only reads passes."""
    if plan.compiled is None:
        raise ValueError("a preview cannot be done: make the plan with the engine")
    if plan.verdict is Verdict.REFUSE and not override and plan.compiled.writes:
        reason = plan.refusal.sentence if plan.refusal is not None else plan.errors[0].sentence
        ways = plan.refusal.ways if plan.refusal is not None else (plan.errors[0].instead,)
        finding = None if plan.refusal is not None else plan.errors[0]
        hint = "; ".join(filter(None, ways))
        return Outcome(plan.request, State.REFUSED, reason, finding=finding, hint=hint)
    return await send(
        plan.compiled,
        engine,
        journal=journal,
        context=context,
        readonly=readonly,
        reconnect=reconnect,
        clock=clock,
        entry=entry,
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
    entry: Entry | None = None,
) -> Outcome:
    """Sends what was compiled, or merged after a conflict (``Outcome.retry``), and writes it down: before it is sent,
    and again with its outcome, also where we are stopped in the middle of it."""
    clock = clock or SystemClock()
    if journal is None or not compiled.writes:
        return await apply(compiled, engine, readonly=readonly, reconnect=reconnect, clock=clock)
    entry = entry or begun(compiled.request, context, clock.time())
    journal.append(entry)
    ended = entry.ended(Ending.UNKNOWN, "Stopped while it was being sent.")
    try:
        outcome = await apply(compiled, engine, readonly=readonly, reconnect=reconnect, clock=clock)
        ended = entry.ended(_ending(outcome, compiled), outcome.sentence)
    except ReadOnly:
        ended = entry.ended(Ending.REFUSED, "Refused: the session is read-only.")
        raise
    finally:
        # Its beginning is there; that it was sent is not made undone by a full disk.
        with contextlib.suppress(OSError):
            journal.append(ended)
    return replace(outcome, entry=ended)


def _ending(outcome: Outcome, compiled: Compiled) -> Ending:
    if outcome.state is State.DONE:
        return Ending.TAKEN if is_watched(compiled.request) else Ending.DONE
    return Ending(outcome.state.value)
