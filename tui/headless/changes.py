"""``plan`` and ``do``: what a docker line would do and send, and doing it until it has converged."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backends.api import Engine, Json
from backends.change import requests
from backends.change.changer import Changer, Prepared
from backends.change.compile import compile_request
from backends.change.finding import Severity, said
from backends.change.flag_error import FlagError
from backends.change.journal import Ending, Journal
from backends.change.line import parse_words
from backends.change.outcome import Outcome
from backends.change.places import place_in_words
from backends.change.plan import Plan, Verdict
from backends.change.report import End
from backends.change.requests import Request
from backends.change.steps import Compiled, Step
from backends.change.surroundings import Surroundings
from backends.change.usage import asked_for, usage_lines
from backends.change.watch import Goal, wanted
from backends.errors import TimedOut
from tui.cli import UsageError, state_dir
from tui.headless import plain
from tui.headless.arguments import Arguments
from tui.headless.opened import Opened
from tui.headless.settle import Need, Watch, standing
from tui.text.clean import clean

#: Exit codes beyond 0: it was refused or fails, the line is wrong or was not confirmed, its outcome is not known.
FAILED, WRONG, UNKNOWN = 1, 2, 3
_CODES = {Ending.DONE: 0, Ending.TAKEN: 0, Ending.UNKNOWN: UNKNOWN, Ending.CANCELLED: WRONG}


def journal_path() -> Path:
    """Where changes are written down."""
    return Path(state_dir(), "journal.jsonl")


async def run(opened: Opened, given: Arguments) -> int:
    """Runs ``plan`` or ``do``; the exit code. Raises ``UsageError`` and ``BackendError``."""
    verb = asked_for(given.words)
    if verb is not None:
        plain.write("\n".join(usage_lines(verb)) + "\n")
        return 0
    engine = opened.cluster.engine
    bare = given.command == "plan" and given.json
    watch = Watch(opened.cluster)
    try:
        if bare:
            await _connected(watch, opened, given.timeout)
        else:
            await watch.settle(Need(frozenset()), given.timeout)
    finally:
        watch.close()
    around = Surroundings(api_version=engine.api_version, read_input=lambda: sys.stdin.buffer.read())
    request = parse_words(given.words, around)
    if not isinstance(request, Request):
        return _wrong(request, given.words)
    if bare and not isinstance(request, requests.NetworkPrune):
        # What a prune takes is known of the lists.
        return await _show_requests(request, engine, around, given.words)
    journal = Journal(None if opened.demo else journal_path())
    changer = Changer(opened.cluster, journal, opened.context, opened.readonly)
    prepared = await changer.prepare(request, around)
    if not isinstance(prepared, Prepared):
        return _wrong(prepared, given.words)
    if given.command == "plan":
        show_plan(prepared.plan, given.json)
        return 0
    return await _do(changer, prepared, given, _Desk(opened.production, given))


async def _connected(watch: Watch, opened: Opened, limit: float) -> None:
    """Waits until the engine's API version is known. Requests need no more of it than they ask for by themselves."""
    end = time.monotonic() + limit
    while not opened.cluster.engine.api_version:
        now = standing(opened.cluster.snapshot, Need(frozenset()))
        if now.failed is not None:
            raise now.failed
        if time.monotonic() > end:
            raise TimedOut(f"The engine did not answer within {limit:g} s.", hint="--timeout SECONDS waits longer.")
        await watch.change(0.05)


async def _show_requests(request: Request, engine: Engine, around: Surroundings, words: Sequence[str]) -> int:
    compiled = await compile_request(request, engine, around)
    if not isinstance(compiled, Compiled):
        return _wrong(compiled, words)
    for warning in compiled.warnings:
        plain.say(warning)
    _write_requests(compiled.steps)
    return 0


def _write_requests(steps: Iterable[Step]) -> None:
    import json

    plain.write(json.dumps([step.as_json() for step in steps], indent=2) + "\n")


def _wrong(errors: Sequence[FlagError], words: Sequence[str]) -> int:
    line = shlex.join(words)
    for error in place_in_words(errors, words):
        plain.say(f"{error.sentence.rstrip('.')}{f'; {error.instead}' if error.instead else ''}")
        if error.start >= 0 and "\n" not in line:
            plain.note(f"  {line}")
            plain.note("  " + " " * error.start + "^" * max(1, error.end - error.start))
    return WRONG


def show_plan(plan: Plan, as_json: bool) -> None:
    """Writes a plan to stdout: the exact requests as JSON, or all of it in words."""
    if as_json:
        _write_requests(plan.steps)
        return
    for row in plan_rows(plan):
        plain.write(clean(row) + "\n")
    writes = [step for step in plan.steps if not step.reads]
    for step in writes:
        plain.write(clean(f"  sends      {step.method} {step.path}") + "\n")
    if not writes:
        plain.write("  sends      nothing that changes anything\n")


def plan_rows(plan: Plan) -> list[str]:
    """A plan in words, a row each."""
    rows = list(plan.main) or [f"{plan.title}."]
    rows += [f"  error      {said(finding)}" for finding in plan.errors]
    rows += [f"  know       {text}" for text in plan.warned]
    rows += [f"  note       {said(found)}" for found in plan.findings if found.severity is Severity.NOTE]
    rows += [f"  changes    {value.sentence.rstrip('.')}  ({value.effect.value})" for value in plan.values]
    for moved in plan.drain.moved if plan.drain is not None else ():
        where = ", ".join(moved.to) or "no other node"
        to = "ends here" if moved.stays else f"{where}; down for: {moved.down}"
        rows.append(f"  moves      {moved.service.name}  {len(moved.tasks)} → {to}")
    if plan.quorum is not None:
        rows.append(f"  quorum     {plan.quorum.sentence}")
    if plan.refusal is not None:
        rows += [f"  safely     {way}" for way in plan.refusal.ways]
    rows += [f"  {word:<9}  {text}" for word, text in plan.facts]
    rows.append(f"  equals     {plan.shown}")
    return rows


@dataclass(frozen=True, slots=True)
class _Desk:
    """Asks the person in front of the terminal, as much as a plan wants."""

    production: bool
    given: Arguments

    def agreed(self, plan: Plan, ask: Callable[[str], str]) -> bool:
        """Whether it may be sent. Raises ``UsageError`` where nobody can be asked."""
        if plan.fatal or (self.production and plan.verdict >= Verdict.CONFIRM):
            return self._named(plan, ask)
        if plan.verdict is Verdict.DO or self.given.yes:
            return True
        if not _tty():
            raise UsageError(f"{plan.title}: {_lower(plan.sentence)} Nobody can be asked here; --yes answers")
        if plan.verdict is Verdict.CONFIRM:
            for row in plan_rows(plan):
                plain.note(row)
            return ask(f"{plan.title}? Type yes: ").strip().lower() == "yes"
        return ask(f"{plan.sentence} Go on? [y/N] ").strip().lower() in ("y", "yes")

    def _named(self, plan: Plan, ask: Callable[[str], str]) -> bool:
        why = "it would leave the Swarm without a majority" if plan.fatal else "this context is marked production"
        if self.given.confirm:
            if self.given.confirm != plan.typed:
                raise UsageError(f"--confirm has to be {plan.typed}, since {why}")
            return True
        if not _tty():
            raise UsageError(f"{plan.title}: {why}; --confirm {plan.typed} is needed, and --yes does not do")
        for row in plan_rows(plan):
            plain.note(row)
        return ask(f"{why[0].upper()}{why[1:]}. Type {plan.typed}: ").strip() == plan.typed


def _tty() -> bool:
    return os.isatty(0) and os.isatty(2)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _ask(question: str) -> str:
    sys.stderr.write(clean(question))
    sys.stderr.flush()
    return sys.stdin.readline()


async def _do(changer: Changer, prepared: Prepared, given: Arguments, desk: _Desk) -> int:
    plan = prepared.plan
    if prepared.changes:
        changer.refuse()
        if plan.errors and not plan.fatal:
            for finding in plan.errors:
                plain.say(said(finding))
            return FAILED
        try:
            agreed = desk.agreed(plan, _ask)
        except UsageError:
            changer.note(prepared, Ending.CANCELLED)
            raise
        if not agreed:
            changer.note(prepared, Ending.CANCELLED)
            plain.say("cancelled; nothing was sent")
            return WRONG

    if prepared.changes:
        for text in plan.warned:
            plain.say(text)

    def taken(_: Outcome, goals: tuple[Goal, ...]) -> None:
        changer.cluster.watch(wanted(goals))

    try:
        end = await changer.apply(prepared, _progress(given), override=plan.fatal, taken=taken)
    except OSError as error:
        plain.say(f"the journal cannot be written ({error.strerror}): nothing was sent")
        return FAILED
    for warning in end.outcome.warnings:
        if warning not in plan.warned:
            plain.say(warning)
    if prepared.changes:
        _tell(end, given)
    _show(end.outcome)
    return _CODES.get(end.ending, FAILED)


def _progress(given: Arguments) -> Callable[[str], None]:
    def tell(text: str) -> None:
        if not given.json:
            plain.note(text)

    return tell


def _tell(end: End, given: Arguments) -> None:
    if given.json:
        plain.record(
            {
                "outcome": end.ending.value,
                "text": end.sentence,
                "seconds": round(end.seconds, 1),
                "ids": list[Json](end.outcome.ids),
            }
        )
    elif end.good:
        plain.write(clean(end.sentence) + "\n")
    else:
        plain.say(end.text)


def _show(outcome: Outcome) -> None:
    """Join lines, keys and certificates that the docker CLI prints of the same line; with ``-q`` the token alone."""
    for name in ("worker", "manager", "unlock-key", "certificate"):
        text = outcome.shown.get(name, "")
        if text and name in ("worker", "manager") and outcome.request.options.flag("quiet"):
            text = text.partition("--token ")[2].partition(" ")[0]
        if text:
            plain.write(text if text.endswith("\n") else f"{text}\n")
