"""What was changed from here, newest first: when, in which context, what came of it, the docker line it equals."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from backends.changing.journal import Ending, Entry
from tui.tables.spec import Moment
from tui.text.ago import clock
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line

_MARKS = MappingProxyType(
    {
        Ending.SENT: ("◐", "chg"),
        Ending.DONE: ("✓", "ok"),
        Ending.FAILING: ("✗", "err"),
        Ending.REFUSED: ("✗", "err"),
        Ending.CANCELLED: ("○", "muted"),
        Ending.UNKNOWN: ("?", "warn"),
        Ending.DRY: ("○", "muted"),
    }
)


def journal_lines(entries: Sequence[Entry], moment: Moment, cells: int, where: str) -> list[Line]:
    """The page. ``where`` says where it is kept."""
    out: list[Line] = [BLANK]
    if not entries:
        out.append((("Nothing was changed from here yet.", ""),))
    for entry in entries:
        mark, tone = _MARKS[entry.ending]
        head = line(
            (clock(entry.time, moment.now).ljust(13), "muted"),
            (f"{mark} ", tone),
            (str(entry.ending).ljust(10), tone),
            (entry.context, "muted"),
        )
        out.append(head)
        for number, text in enumerate(wrap(entry.command, max(20, cells - 17))):
            out.append(line((" " * (15 if number == 0 else 17), ""), (text, "strong")))
        if entry.text and entry.ending not in (Ending.CANCELLED, Ending.DRY):
            out += [line((" " * 15, ""), (text, "muted")) for text in wrap(entry.text, max(20, cells - 17))]
    kept = f"Kept in {where}, readable by this user only; values of secrets are left out."
    return [*out, BLANK, *(((text, "faint"),) for text in wrap(kept, cells))]
