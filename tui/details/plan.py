"""A plan as lines: what happens, what to know first, what changes, what moves where, quorum, room, the equal line."""

from __future__ import annotations

import json
from collections.abc import Sequence

from backends.change.drain import Drain, Moved
from backends.change.finding import Severity, said
from backends.change.plan import Plan
from backends.change.plan_update import ChangedValue
from backends.change.quorum import QuorumChange, Votes
from backends.change.redaction import redacted_body
from backends.change.restarts import Effect
from backends.change.steps import Step
from backends.state.wording import listing, plural
from tui.details.sheet import grid
from tui.look.symbols import sym
from tui.text.fit import cut_line, line_width, wrap
from tui.text.span import BLANK, Line, line

#: Rows of moving services, and of changed values, that are shown at most.
MOST = 8
#: Cells from the start of a word to its text.
WORD = 12
#: From this width on a table has all of its columns.
ROOMY = 90


def plan_rows(plan: Plan, cells: int) -> list[Line]:
    """All of it but what is typed and pressed."""
    return [
        BLANK,
        *_sentences(plan, cells),
        *_wrong(plan, cells),
        *_known(plan.warned, cells),
        *_notes(plan, cells),
        *(_quorum(plan.quorum, cells) if plan.quorum is not None else ()),
        *_changes(plan.values, cells),
        *(_moves(plan.drain, cells) if plan.drain is not None else ()),
        *_ways(plan, cells),
        BLANK,
        *(row for word, text in plan.facts for row in _fact(word, text, cells)),
        *_fact("equals", plan.shown, cells),
    ]


def _sentences(plan: Plan, cells: int) -> list[Line]:
    """What happens; each changed value has a row of its own further down."""
    if plan.refusal is not None:
        return [
            line((f"{sym('fail')} " if number == 0 else "  ", "err"), (text, "strong bold"))
            for number, text in enumerate(wrap(plan.refusal.sentence, cells - 2, limit=3))
        ]
    # What managers come to has a table.
    texts = [text for text in plan.main if plan.quorum is None or text != plan.quorum.sentence]
    return [((row, ""),) for text in texts for row in wrap(text, cells, limit=4)]


def _wrong(plan: Plan, cells: int) -> list[Line]:
    """What cannot work."""
    rows = [wrap(said(finding), cells - 2, limit=3) for finding in plan.errors]
    return [
        line((f"{sym('fail')} " if number == 0 else "  ", "err"), (text, "err"))
        for texts in rows
        for number, text in enumerate(texts)
    ]


def _notes(plan: Plan, cells: int) -> list[Line]:
    """What is worth knowing, and wrong in no way."""
    found = [said(finding) for finding in plan.findings if finding.severity is Severity.NOTE]
    return [((row, "muted"),) for text in found for row in wrap(text, cells, limit=2)]


def _known(texts: Sequence[str], cells: int) -> list[Line]:
    out: list[Line] = [BLANK] if texts else []
    if len(texts) > 1:
        out.append(line((f"{sym('look')} ", "warn"), (f"{len(texts)} things to know first", "strong bold")))
    for text in texts:
        mark = sym("look") if len(texts) == 1 else " "
        rows = wrap(text, cells - 2, limit=3)
        out += [line((f"{mark} " if number == 0 else "  ", "warn"), row) for number, row in enumerate(rows)]
    return out


def _section(title: str, right: str, cells: int) -> list[Line]:
    """``── What moves where ────── a forecast: the scheduler decides ──``."""
    left = f"── {title} "
    tail = f" {right} ──" if right and len(left) + len(right) + 6 < cells else ""
    thin = "─" * max(0, cells - line_width(((left, ""),)) - line_width(((tail, ""),)))
    return [BLANK, line(("── ", "line"), (title, "strong bold"), (f" {thin}", "line"), (tail, "muted"))]


def _quorum(change: QuorumChange, cells: int) -> list[Line]:
    def row(word: str, votes: Votes) -> tuple[str | Line, ...]:
        marks = sym("ok") * min(votes.managers, 9)
        spare = str(max(0, votes.spare)) if votes.held else f"{sym('fail')} no quorum"
        tone = "" if votes.held else "err"
        count = line((marks, "ok" if votes.held else "err"), f"  {votes.managers}")
        return (word, count, str(votes.needed), ((spare, tone),))

    rows = [row("now", change.before), row("after", change.after)]
    return [BLANK, *grid(("", "MANAGERS", "NEEDED", "MAY FAIL"), rows, cells, "llll")]


_EFFECTS = {Effect.NONE: ("nothing restarts", "muted"), Effect.MOVES: ("moves some", "warn")}


def _changes(found: Sequence[ChangedValue], cells: int) -> list[Line]:
    """Each changed value with both, and what it does to the tasks."""
    if not found:
        return []
    rows: list[tuple[str | Line, ...]] = []
    for value in found[:MOST]:
        effect = (_EFFECTS.get(value.effect, ("restarts", "warn")),)
        rows.append((value.what, f"{value.before or 'none'} → {value.after or 'none'}", effect))
    out = [*_section("What changes", plural(len(found), "value"), cells)]
    out += grid(("VALUE", "FROM → TO", "TASKS"), rows, cells, "lll", "rmr")
    return [*out, *_more(len(found))]


def _more(count: int) -> list[Line]:
    return [((f"{count - MOST} more", "muted"),)] if count > MOST else []


def _moves(effects: Drain, cells: int) -> list[Line]:
    if not effects.moved:
        return []
    wide = cells >= ROOMY
    heads = ("SERVICE", "TASKS", *(("MAY RUN ON",) if wide else ()), "LIKELY", "DOWN FOR", "NOTE")
    rows: list[tuple[str | Line, ...]] = []
    for moved in effects.moved[:MOST]:
        row: list[str | Line] = [((moved.service.name, "strong"),), str(len(moved.tasks))]
        if wide:
            row.append(listing(moved.to, 3) if moved.to else "")
        likely: str | Line = moved.to[0] if moved.to else ""
        if moved.stranded:
            likely = ((f"{sym('fail')} no node", "err"),)
        tone = "warn" if not moved.rest and not moved.stays else ""
        rows.append((*row, likely, ((moved.down, tone),), _note(moved)))
    out = _section("What moves where", "a forecast: the scheduler decides", cells)
    out += grid(heads, rows, cells, "lr" + "l" * (len(heads) - 2), "mr" + "r" * (len(heads) - 2))
    return [*out, *_more(len(effects.moved))]


def _note(moved: Moved) -> Line:
    if moved.stays:
        return (("ends here, none moves", "muted"),)
    if moved.data:
        return ((f"{sym('fail')} data stays behind", "err"),)
    if moved.ports:
        return ((f"port {listing(moved.ports, 2)} moves along", "warn"),)
    return ((f"{moved.rest} of {moved.rest + len(moved.tasks)} go on meanwhile", "muted"),) if moved.rest else ()


def _ways(plan: Plan, cells: int) -> list[Line]:
    """What would do it without harm."""
    if plan.refusal is None or not plan.refusal.ways:
        return []
    out = _section("What would do it safely", "", cells)
    for number, way in enumerate(plan.refusal.ways, 1):
        rows = wrap(way, cells - 3, limit=2)
        out += [line((f"{number}  " if n == 0 else "   ", "accent"), row) for n, row in enumerate(rows)]
    return out


def _fact(word: str, text: str, cells: int, tone: str = "") -> list[Line]:
    rows = wrap(text, max(20, cells - WORD), limit=4) or [""]
    return [line((f"{word if n == 0 else '':<{WORD}}", "muted"), (row, tone)) for n, row in enumerate(rows)]


def request_rows(steps: Sequence[Step], cells: int) -> list[Line]:
    """What was asked and what would be sent, bodies as JSON without their secrets."""
    asked = [step for step in steps if step.reads]
    writes = [step for step in steps if not step.reads]
    out: list[Line] = []
    if asked:
        out += _section("Asked already", "reading only", cells)
        out += [cut_line(line(("GET   ", "muted"), step.path), cells) for step in asked]
    out += _section("Would be sent, in this order" if writes else "Nothing would be sent", "y as json", cells)
    for step in writes:
        out.append(cut_line(line((f"{step.method:<6}", "muted"), step.path), cells))
        if step.body is not None:
            text = json.dumps(redacted_body(step.body), indent=2, ensure_ascii=False)
            out += [line(("      ", ""), (row, "")) for row in text.splitlines()]
    return out
