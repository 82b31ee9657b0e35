"""A plan as lines: what happens, what to know first, what moves where, quorum, undo, the line it equals."""

from __future__ import annotations

import json
from collections.abc import Sequence

from backends.change.steps import Step
from backends.changing.plan import Plan
from tui.text.fit import cut_line, wrap
from tui.text.span import BLANK, Line, line

#: Rows of moving services shown.
MOST = 8


def plan_rows(plan: Plan, notes: Sequence[str], cells: int) -> list[Line]:
    """All of it but what is typed and pressed."""
    out: list[Line] = [BLANK, *(((text, ""),) for text in wrap(plan.sentence, cells, limit=4))]
    for warning in (*plan.warnings, *notes):
        rows = wrap(warning, cells - 2, limit=3)
        out += [BLANK] if warning is (*plan.warnings, *notes)[0] else []
        out += [line(("▲ " if number == 0 else "  ", "warn"), row) for number, row in enumerate(rows)]
    if plan.moving:
        out += [BLANK, (("SERVICE".ljust(18) + "TASKS  " + "LIKELY".ljust(24) + "MEANWHILE", "muted"),)]
        for moving in plan.moving[:MOST]:
            where = "ends here" if moving.ends else ", ".join(moving.likely) or "✗ no other node"
            tone = "err" if moving.stranded else ""
            row = line(
                (_cell(moving.service, 18), "strong"),
                (str(moving.tasks).rjust(5) + "  ", ""),
                (_cell(where, 24), tone),
                ("" if moving.ends else moving.pause, "muted"),
            )
            out.append(cut_line(row, cells))
        if len(plan.moving) > MOST:
            out.append(((f"{len(plan.moving) - MOST} more", "muted"),))
    out.append(BLANK)
    if plan.quorum is not None:
        out += _fact("quorum", plan.quorum.sentence, cells, "err" if plan.fatal else "")
    for word, text in plan.facts:
        out += _fact(word, text, cells)
    return [*out, *_fact("equals", plan.command, cells)]


def _cell(text: str, cells: int) -> str:
    return (text if len(text) < cells else text[: cells - 2] + "…").ljust(cells)


def _fact(word: str, text: str, cells: int, tone: str = "") -> list[Line]:
    rows = wrap(text, max(20, cells - 10), limit=3) or [""]
    return [line((f"{word if n == 0 else '':<10}", "muted"), (row, tone)) for n, row in enumerate(rows)]


def request_rows(steps: Sequence[Step], cells: int) -> list[Line]:
    """What was asked and what would be sent, bodies as JSON."""
    asked = [step for step in steps if step.reads]
    writes = [step for step in steps if not step.reads]
    out: list[Line] = []
    if asked:
        out += [BLANK, (("Asked already, reading only", "strong bold"),)]
        out += [cut_line(line(("GET   ", "muted"), step.path), cells) for step in asked]
    out += [BLANK, (("Would be sent, in this order" if writes else "Nothing would be sent", "strong bold"),)]
    for step in writes:
        out.append(cut_line(line((f"{step.method:<6}", "muted"), step.path), cells))
        if step.body is not None:
            text = json.dumps(step.body, indent=2, ensure_ascii=False)
            out += [line(("      ", ""), (row, "")) for row in text.splitlines()]
    return out
