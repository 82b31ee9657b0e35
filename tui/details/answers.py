"""What one command said in several places: equal answers folded, different ones side by side, lines matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tui.details.sheet import grid
from tui.headless.results import Group, Result, grouped
from tui.look.symbols import state
from tui.text.ago import plural, size
from tui.text.clean import clean
from tui.text.fit import cut_line, fit, wrap
from tui.text.span import BLANK, Line, line

#: Cells that a column needs at least.
LEAST = 36
#: Lines of an answer that are matched with those of others; more would take too long.
MOST = 2000
#: The first answer that most gave is ``A``.
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Row:
    """One row across the columns; ``None`` where an answer has no line there."""

    texts: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether not all say the same here."""
        return len(set(self.texts)) > 1


def name_of(number: int) -> str:
    """``A``, ``B``, … ``Z``, ``A2``, …"""
    return NAMES[number % 26] + (str(number // 26 + 1) if number >= 26 else "")


def said(result: Result) -> list[str]:
    """The lines of an answer, what was written to stderr behind; cleaned, since they are from outside."""
    rows = [clean(text) for text in result.stdout.decode("utf-8", "replace").splitlines()]
    rows += [f"2> {clean(text)}" for text in result.stderr.decode("utf-8", "replace").splitlines()]
    if result.problem:
        rows.append(f"({clean(result.problem)})")
    return rows[:MOST]


def matched(columns: Sequence[Sequence[str]]) -> list[Row]:
    """Lines of all columns in rows, matched with the first column as ``diff`` does: one line more does not shift
    the rest. Pure."""
    if not columns:
        return []
    first = list(columns[0])
    beside: list[list[str | None]] = []
    after: list[dict[int, list[str]]] = []
    for column in columns[1:]:
        own: list[str | None] = [None] * len(first)
        more: dict[int, list[str]] = {}
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, first, list(column), autojunk=False).get_opcodes():
            if tag == "equal":
                own[a1:a2] = column[b1:b2]
                continue
            pairs = min(a2 - a1, b2 - b1)
            own[a1 : a1 + pairs] = column[b1 : b1 + pairs]
            if b2 - b1 > pairs:
                more.setdefault(a1 + pairs - 1 if pairs else a1 - 1, []).extend(column[b1 + pairs : b2])
        beside.append(own)
        after.append(more)
    rows: list[Row] = []
    for at in range(-1, len(first)):
        if at >= 0:
            rows.append(Row((first[at], *(own[at] for own in beside))))
        extra = [more.get(at, []) for more in after]
        for number in range(max((len(one) for one in extra), default=0)):
            rows.append(Row((None, *(one[number] if number < len(one) else None for one in extra))))
    return rows


def answers(results: Sequence[Result]) -> list[Result]:
    """Those that ran at all: what could not be asked has said nothing, and is no answer that differs."""
    return [result for result in results if result.code is not None or result.stdout or result.stderr]


def answer_rows(results: Sequence[Result], cells: int, *, differing: bool) -> list[Line]:
    """All answers at a width: in bands of as many columns as there is room for, ``A`` the measure of each; then who
    said what. ``differing`` leaves out what all say alike."""
    groups = grouped(answers(results))
    if not groups:
        return _table(results, groups, cells)
    across = max(1, min(len(groups), (cells + 3) // (LEAST + 3)))
    out: list[Line] = []
    if len(groups) == 1 or across == 1:
        for number, group in enumerate(groups):
            out += _alone(number, group, cells, groups[0] if number and differing else None)
    else:
        rest = list(range(1, len(groups)))
        while rest:
            band, rest = [0, *rest[: across - 1]], rest[across - 1 :]
            out += _band(band, groups, cells, differing)
    return [*out, *_table(results, groups, cells)]


def _head(number: int, group: Group) -> Line:
    count = len(group.results)
    words = f"{plural(count, 'says', 'say')} this" if count > 1 else "alone"
    return line((f"{name_of(number)}  ", "accent bold"), (words if count > 1 else "one says this", "strong bold"))


def _who(group: Group) -> str:
    return ", ".join(result.label for result in group.results)


def _alone(number: int, group: Group, cells: int, measure: Group | None) -> list[Line]:
    rows = said(group.result)
    known = set(said(measure.result)) if measure is not None else set()
    body: list[Line] = [((text, ""),) for row in rows if row not in known for text in wrap(row, cells)]
    who: list[Line] = [((text, "muted"),) for text in wrap(_who(group), cells)]
    return [_head(number, group), *who, BLANK, *(body or [(("no output", "faint"),)]), BLANK]


def _band(band: Sequence[int], groups: Sequence[Group], cells: int, differing: bool) -> list[Line]:
    width = (cells - 3 * (len(band) - 1)) // len(band)
    rows = matched([said(groups[number].result) for number in band])
    heads = [_head(number, groups[number]) for number in band]
    who = [cut_line(((_who(groups[number]), "muted"),), width) for number in band]
    shown = [row for row in rows if row.differs] if differing else rows
    body = [_side_by_side([_cell(row, number) for number in range(len(band))], width) for row in shown]
    differ = sum(row.differs for row in rows)
    note = f"{plural(len(rows), 'line')}, {differ} differ{'s' if differ == 1 else ''}"
    return [
        _side_by_side(heads, width),
        _side_by_side(who, width),
        _side_by_side([BLANK] * len(band), width),
        *body,
        ((note, "muted"), ("; what all say alike is grey", "faint")),
        BLANK,
    ]


def _cell(row: Row, number: int) -> Line:
    text = row.texts[number]
    if text is None:
        return ()
    if not row.differs:
        return ((text, "muted"),)
    if number == 0:
        return ((text, "strong on_selx"),)
    first = row.texts[0]
    if text == first:
        return ((text, "on_selx"),)
    return tuple((part, "strong on_selx bold underline" if other else "on_selx") for part, other in _parts(first, text))


def _parts(first: str | None, text: str) -> list[tuple[str, bool]]:
    """Pieces of a line, each with whether it differs from the measure: by what is alike at both ends."""
    if not first:
        return [(text, True)]
    start = 0
    while start < min(len(first), len(text)) and first[start] == text[start]:
        start += 1
    end = 0
    while end < min(len(first), len(text)) - start and first[-1 - end] == text[-1 - end]:
        end += 1
    middle = text[start : len(text) - end]
    return [
        (part, other)
        for part, other in ((text[:start], False), (middle, True), (text[len(text) - end :], False))
        if part
    ]


def _side_by_side(cells: Sequence[Line], width: int) -> Line:
    out: list[tuple[str, str]] = []
    for number, cell in enumerate(cells):
        if number:
            out.append((" │ ", "line"))
        out += fit(cut_line(cell, width), width)
    return tuple(out)


def _table(results: Sequence[Result], groups: Sequence[Group], cells: int) -> list[Line]:
    number_of = {id(result): number for number, group in enumerate(groups) for result in group.results}
    on_nodes = not any(result.node for result in results)
    rows: list[list[Line | str]] = []
    for result in results:
        number = number_of.get(id(result))
        errors = plural(len(result.stderr.splitlines()), "line") if result.stderr else ""
        cut = f"{size(result.skipped)} left out" if result.skipped else ""
        note = result.problem or ", ".join(part for part in (errors, cut) if part)
        exit_ = _exit(result.code)
        node: list[Line | str] = [] if on_nodes else [result.node]
        rows.append([result.name, "" if number is None else name_of(number), exit_, *node, ((note, "muted"),)])
    heads = ("Nodes", "says", "exit", "errors out") if on_nodes else ("Replicas", "says", "exit", "node", "errors out")
    return grid(heads, rows, cells)


def _exit(code: int | None) -> Line:
    if code is None:
        return state("unreachable", "not run")
    return state("failed" if code else "ready", str(code))
