"""``plan`` and ``do``: what a docker line would do and send, and doing it until it has converged."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backends.api import Engine, Json
from backends.change import requests
from backends.change.flag_error import FlagError
from backends.change.line import parse_words
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from backends.changing.changer import Changer, Prepared
from backends.changing.converging import Outcome
from backends.changing.journal import Ending, Journal
from backends.changing.outcome import sentence
from backends.changing.plan import Grade, Plan
from backends.changing.sending import Sent
from tui.cli import UsageError, state_dir
from tui.headless import plain
from tui.headless.arguments import Arguments
from tui.headless.opened import Opened
from tui.headless.settle import Need, Watch
from tui.text.clean import clean

#: Exit codes beyond 0: it was refused or fails, the line is wrong or was not confirmed, its outcome is not known.
FAILED, WRONG, UNKNOWN = 1, 2, 3
_CODES = {Ending.DONE: 0, Ending.UNKNOWN: UNKNOWN, Ending.CANCELLED: WRONG}


def journal_path() -> Path:
    """Where changes are written down."""
    return Path(state_dir(), "journal.jsonl")


async def run(opened: Opened, given: Arguments) -> int:
    """Runs ``plan`` or ``do``; the exit code. Raises ``UsageError`` and ``BackendError``."""
    watch = Watch(opened.cluster)
    try:
        snapshot = (await watch.settle(Need(frozenset()), given.timeout)).snapshot
    finally:
        watch.close()
    engine = opened.cluster.engine
    around = Surroundings(api_version=engine.api_version, read_input=lambda: sys.stdin.buffer.read())
    request = parse_words(given.words, around)
    if not isinstance(request, Request):
        return _wrong(request, given.words)
    journal = Journal(None if opened.demo else journal_path())
    changer = Changer(engine, journal, opened.context, opened.readonly)
    prepared = await changer.prepare(request, snapshot, around)
    if not isinstance(prepared, Prepared):
        return _wrong(prepared, given.words)
    if given.command == "plan":
        show_plan(prepared, given.json)
        return 0
    if not prepared.changes:
        await _show_secret(request, engine)
        return 0
    return await _do(changer, prepared, given, _Desk(opened.production, given), around)


def _wrong(errors: Sequence[FlagError], words: Sequence[str]) -> int:
    line = shlex.join(words)
    for error in errors:
        plain.say(f"{error.sentence.rstrip('.')}{f'; {error.instead}' if error.instead else ''}")
        if error.start >= 0 and "\n" not in line:
            plain.note(f"  {line}")
            plain.note("  " + " " * error.start + "^" * max(1, error.end - error.start))
    return WRONG


def show_plan(prepared: Prepared, as_json: bool) -> None:
    """Writes a plan to stdout: the exact requests as JSON, or all of it in words."""
    writes = prepared.compiled.writes
    if as_json:
        import json

        plain.write(json.dumps([step.as_json() for step in prepared.compiled.steps], indent=2) + "\n")
        return
    for row in plan_rows(prepared.plan):
        plain.write(clean(row) + "\n")
    for warning in prepared.compiled.warnings:
        plain.write(clean(f"  note       {warning}") + "\n")
    for step in writes:
        plain.write(clean(f"  sends      {step.method} {step.path}") + "\n")
    if not writes:
        plain.write("  sends      nothing that changes anything\n")


def plan_rows(plan: Plan) -> list[str]:
    """A plan in words, a row each."""
    rows = [plan.sentence]
    rows += [f"  know       {warning}" for warning in plan.warnings]
    for moving in plan.moving:
        where = ", ".join(moving.likely) or "no other node"
        to = "ends here" if moving.ends else f"{where}; {moving.pause}"
        rows.append(f"  moves      {moving.service}  {moving.tasks} → {to}")
    if plan.quorum is not None:
        rows.append(f"  quorum     {plan.quorum.sentence}")
    rows += [f"  {word:<9}  {text}" for word, text in plan.facts]
    rows.append(f"  equals     {plan.command}")
    return rows


@dataclass(frozen=True, slots=True)
class _Desk:
    """Asks the person in front of the terminal, as much as a change's grade wants."""

    production: bool
    given: Arguments

    def agreed(self, plan: Plan, ask: Callable[[str], str]) -> bool:
        """Whether it may be sent. Raises ``UsageError`` where nobody can be asked."""
        if plan.fatal or (self.production and plan.grade is Grade.LOSES):
            return self._named(plan, ask)
        if plan.grade is Grade.ADDS or self.given.yes:
            return True
        if not _tty():
            raise UsageError(f"{plan.title}: {_lower(plan.sentence)} Nobody can be asked here; --yes answers")
        if plan.grade is Grade.LOSES:
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


async def _do(changer: Changer, prepared: Prepared, given: Arguments, desk: _Desk, around: Surroundings) -> int:
    changer.refuse()
    try:
        agreed = desk.agreed(prepared.plan, _ask)
    except UsageError:
        changer.note(prepared, Ending.CANCELLED)
        raise
    if not agreed:
        changer.note(prepared, Ending.CANCELLED)
        plain.say("cancelled; nothing was sent")
        return WRONG
    detach = prepared.compiled.request.options.flag("detach")
    try:
        outcome, sent = await changer.apply(prepared, _progress(given), detach=detach, around=around)
    except OSError as error:
        plain.say(f"the journal cannot be written ({error.strerror}): nothing was sent")
        return FAILED
    for warning in prepared.compiled.warnings:
        plain.say(warning)
    _tell(outcome, sent, given, detach)
    await _show_secret(sent.compiled.request, changer.engine, after=True)
    return _CODES.get(outcome.ending, FAILED)


def _progress(given: Arguments) -> Callable[[str], None]:
    def tell(text: str) -> None:
        if not given.json:
            plain.note(text)

    return tell


def _tell(outcome: Outcome, sent: Sent, given: Arguments, detach: bool) -> None:
    text = sentence(sent.compiled, outcome, detached=detach)
    if given.json:
        ids = [answer.get("ID") or answer.get("Id") for answer in sent.answers if isinstance(answer, dict)]
        made = [str(id) for id in ids if id]
        plain.record(
            {
                "outcome": outcome.ending.value,
                "text": text,
                "seconds": round(outcome.seconds, 1),
                "ids": list[Json](made),
            }
        )
        return
    if outcome.ending is Ending.DONE:
        plain.write(clean(text) + "\n")
    else:
        plain.say(f"{text} {outcome.hint}".strip())


async def _show_secret(request: Request, engine: Engine, *, after: bool = False) -> None:
    """Tokens, keys and certificates that the docker CLI prints of the same line."""
    rotated = request.options.flag("rotate")
    if after and not rotated:
        return
    if isinstance(request, requests.SwarmJoinToken):
        swarm = await engine.call("GET", "/swarm")
        tokens = swarm.get("JoinTokens") if isinstance(swarm, dict) else None
        if isinstance(tokens, dict):
            plain.write(f"{tokens.get(request.role.capitalize(), '')}\n")
    elif isinstance(request, requests.SwarmUnlockKey):
        key = await engine.call("GET", "/swarm/unlockkey")
        plain.write(f"{key.get('UnlockKey', '') if isinstance(key, dict) else ''}\n")
    elif isinstance(request, requests.SwarmCa):
        swarm = await engine.call("GET", "/swarm")
        info = swarm.get("TLSInfo") if isinstance(swarm, dict) else None
        plain.write(f"{info.get('TrustRoot', '') if isinstance(info, dict) else ''}")
