"""What was changed from here, newest first: when, in which context, the docker line it equals, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from backends.model import Key, Kind, Snapshot
from tui.details.command import command_lines
from tui.details.sheet import Sheet, one_row
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.cells import muted
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.ago import clock
from tui.text.fit import cut_line
from tui.text.span import Line, line

if TYPE_CHECKING:
    # What changes things is read when the first change is asked for.
    from backends.change.journal import Entry

#: (symbol, token, word) of each ``backends.change.journal.Ending``.
_ENDINGS = MappingProxyType(
    {
        "sent": ("unknown", "warn", "not known"),
        "taken": ("changing", "chg", "goes on"),
        "done": ("check", "ok", "done"),
        "failing": ("fail", "err", "failing"),
        "refused": ("fail", "err", "refused"),
        "conflict": ("look", "warn", "conflict"),
        "cancelled": ("ended", "muted", "not done"),
        "unknown": ("unknown", "warn", "not known"),
        "dry run": ("ended", "muted", "dry run"),
    }
)
#: Cells of the time: ``Nov 23 14:32`` is the longest.
_TIME = 12


def journal_key(entry: Entry) -> Key:
    """Of its row: a change is no object of the Swarm."""
    return Key(Kind.ENGINE, f"journal/{entry.id}")


def outcome_line(entry: Entry) -> Line:
    """``✓ done``."""
    symbol, tone, word = _ENDINGS.get(entry.outcome, ("unknown", "warn", entry.outcome))
    return line((f"{sym(symbol)} ", tone), (word, tone))


def _took(entry: Entry) -> str:
    if entry.seconds <= 0:
        return ""
    return f"{entry.seconds:.1f} s" if entry.seconds < 10 else f"{round(entry.seconds)} s"


def _detail(entry: Entry, moment: Moment, cells: int) -> Detail:
    """What was said to happen, what was sent, and how it is taken back."""
    sheet = Sheet(moment, cells)
    sheet.fact("outcome", outcome_line(entry), f"   {_took(entry)}" if _took(entry) else "")
    sheet.fact("sent", clock(entry.time, moment.now))
    sheet.fact("context", entry.context)
    sheet.fact("changes", entry.what)
    if entry.detail and entry.outcome not in ("cancelled", "dry run"):
        sheet.head("What came of it")
        bad = entry.outcome in ("failing", "refused")
        sheet.words(entry.detail, "err" if bad else "")
    if entry.told:
        sheet.head("What the plan said")
        for text in entry.told[:12]:
            sheet.text(text)
    if entry.sent:
        sheet.head("Requests")
        for text in entry.sent:
            sheet.text(text, hang=2)
    if entry.undo:
        sheet.head("Take back", line((moment.hint("u"), "strong bold"), (" opens its plan", "muted")))
        sheet.text(entry.undo)
    elif entry.lost:
        sheet.head("Take back")
    if entry.lost:
        sheet.text((entry.lost, "muted"))
    sheet.command(entry.line)
    compact = (
        cut_line(line(outcome_line(entry), (f"   {clock(entry.time, moment.now)}   {entry.context}", "muted")), cells),
        # Whole: in the list it is cut, and what is further down can be scrolled to.
        *command_lines(entry.line, cells, "strong"),
        one_row("result", entry.detail, cells=cells),
        one_row("take back", entry.undo or entry.lost or "none", cells=cells),
    )
    return Detail(entry.what or "change", sheet.lines, compact, entry.line)


def _footer(where: str) -> Callable[[Moment, Place, int], Sequence[Line]]:
    def rows(_: Moment, __: Place, cells: int) -> Sequence[Line]:
        texts = (
            f"Kept in {where}, for this user only; what others change is in Events.",
            "No tokens, passwords and secrets; no value of a name with PASSWORD, TOKEN or KEY in it.",
        )
        return [((text, "faint"),) for text in texts if len(text) <= cells]

    return rows


def journal_table(entries: Callable[[], Iterable[Entry]], where: str) -> TableSpec[Entry]:
    """The list of one journal; ``entries`` gives its changes in any order, ``where`` says where it is kept."""

    def rows(_: Snapshot, __: Place) -> Iterable[Entry]:
        return entries()

    return TableSpec(
        id="journal",
        title="Journal",
        kind=None,
        rows=rows,
        key=journal_key,
        subject=lambda _: None,
        affected=lambda _, __, ___: (),
        columns=(
            Column(
                "time",
                "TIME",
                _TIME,
                lambda e, m: muted(clock(e.time, m.now)),
                lambda e, m: e.time,
                keep=True,
                sort_key="B",
                descending=True,
            ),
            Column("context", "CONTEXT", 10, lambda e, m: muted(e.context), lambda e, m: e.context, cut="m", drop=2),
            Column("change", "CHANGE", 0, lambda e, m: _line(e), lambda e, m: e.line, keep=True, sort_key="N"),
            Column(
                "outcome", "OUTCOME", 11, lambda e, m: outcome_line(e), lambda e, m: e.outcome, keep=True, sort_key="S"
            ),
            Column("took", "TOOK", 6, lambda e, m: muted(_took(e)), lambda e, m: e.seconds, align="r", drop=1),
        ),
        order=("time",),
        filters={
            "outcome": lambda e, m: e.outcome,
            "context": lambda e, m: e.context,
            "name": lambda e, m: e.what,
        },
        haystack=lambda e, m: f"{e.line} {e.context} {e.outcome} {e.detail} {e.what}",
        fault=lambda e, m: e.outcome in ("failing", "refused", "conflict", "unknown", "sent"),
        style=lambda e, m: "faint" if e.outcome in ("cancelled", "dry run") else "",
        detail=_detail,
        footer=_footer(where),
        empty=("Nothing was changed from here yet.", "What is changed here, by key, form, line or dnet-tui do, is."),
        live=False,
    )


def _line(entry: Entry) -> Line:
    """``docker`` stands before each of them, and says nothing."""
    head, _, rest = entry.line.partition(" ")
    return line((f"{head} ", "muted"), (rest, "")) if head == "docker" else ((entry.line, ""),)


#: The list without a journal: its columns, for keys and help.
JOURNAL: TableSpec[Entry] = journal_table(lambda: (), "the state home")
