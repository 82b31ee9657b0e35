"""What the ``:`` line shows above itself: candidates, what ``enter`` would do, where the line is wrong. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.frame.titles import keys
from tui.look.symbols import sym
from tui.text.fit import cut_line, fit, line_width, width
from tui.text.span import Line, Span, line

if TYPE_CHECKING:
    from tui.actions.complete import Completion
    from tui.frame.line_edit import LineEdit

#: Completions shown at once.
MOST = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be shown of a line being typed."""

    text: str
    found: Sequence[Completion]
    at: int
    """The candidate that would be taken."""
    about: Sequence[tuple[str, str]]
    """Rows about the line, each with its style."""
    wrong: tuple[int, int] = (-1, -1)
    """What of the line is wrong."""
    form: bool = False
    """Whether the line can be opened in a form."""


def first_shown(shown: Shown) -> int:
    """Number of the first candidate that has a row."""
    return max(0, min(shown.at - MOST + 1, len(shown.found) - MOST)) if shown.at >= MOST else 0


def pane_rows(shown: Shown, cells: int, room: int) -> list[tuple[Line, str]]:
    """All rows with the style below each; the line itself stands under the last one. ``room`` are the cells that the
    line has."""
    first = first_shown(shown)
    some = shown.found[first : first + MOST]
    title = some[0].title if some else "Commands"
    rows: list[tuple[Line, str]] = [(_rule(title, cells, len(some), len(shown.found)), "on_raised")]
    names = min(max((width(one.text) for one in some), default=0) + 2, max(12, cells * 2 // 5))
    names = max(names, min(31, cells // 3))
    for number, one in enumerate(some, first):
        here = number == shown.at
        rows.append((_row(one, shown.text, names, cells, here), "on_sel" if here else "on_raised"))
    rows.append(((), "on_raised"))
    rows += [(((f"  {text}", style),), "on_raised") for text, style in shown.about]
    rows.append((_hints(shown, cells), "on_raised"))
    marker = marker_row(shown, room)
    if marker:
        rows.append((marker, "on_raised"))
    return rows


def _hints(shown: Shown, cells: int) -> Line:
    pairs = [("tab", "takes" if shown.found and shown.found[0].is_word else "completes")]
    pairs += [("enter", "runs"), ("^e", "form")] if shown.form else [("enter", "runs")]
    hint = keys(*pairs, ("↑", "history"), ("esc", "closes"))
    tail: Line = (("   docker … works too", "muted"),)
    free = cells - line_width(hint) - 4
    return line("  ", hint, tail) if free >= line_width(tail) and not shown.form else cut_line(line("  ", hint), cells)


def marker_row(shown: Shown, room: int) -> Line:
    """Points down at what is wrong; empty where that is not known, or has scrolled out at the left."""
    start, end = shown.wrong
    if start < 0:
        return ()
    gone = max(0, width(shown.text) - room)
    left = width(shown.text[:start]) - gone
    cells = max(1, width(shown.text[start:end]))
    if left + cells <= 0:
        return ()
    cells, left = cells + min(0, left), max(0, left)
    return ((" " * (2 + left), ""), (sym("sorted") * cells, "err"))


def _rule(title: str, cells: int, shown: int, total: int) -> Line:
    thin = sym("thin")
    right = f" {shown} of {total} " if shown < total else f" {total} "
    fill = max(0, cells - 6 - width(title) - len(right))
    return (
        (thin * 2, "accent"),
        (f" {title} ", "strong bold"),
        (thin * fill, "accent"),
        (right, "muted"),
        (thin * 2, "accent"),
    )


def _row(one: Completion, text: str, names: int, cells: int, here: bool) -> Line:
    if one.is_word:
        name = fit(_hit(one.text, one.typed, here), names)
    else:
        name = (
            (":", "muted"),
            *fit(_hit(one.text.removeprefix(":"), text.strip(), here), names - 1),
        )
    what = fit(((one.what, "muted"),), max(0, cells - names - 12))
    bar: Span = (sym("cursor") if here else " ", "accent")
    return (bar, (" ", ""), *name, ("  ", ""), *what, (one.key.rjust(6), "strong bold"), ("  ", ""))


def _hit(shown: str, typed: str, here: bool) -> Line:
    """A candidate with what is typed of it in accent, wherever in it that stands."""
    at = shown.lower().find(typed.lower()) if typed else -1
    rest = "strong bold" if here else ""
    if at < 0:
        return ((shown, rest),)
    end = at + len(typed)
    return ((shown[:at], rest), (shown[at:end], "accent bold"), (shown[end:], rest))


def typed_row(edit: LineEdit, ghost: str, room: int, wrong: tuple[int, int]) -> Line:
    """The line itself with its cursor; ``ghost`` is what the candidate would add to it."""
    before, at, after = edit.parts
    typed, before = before, before[-room:]
    return line(
        (sym("cursor"), "accent"),
        (":", "muted"),
        *_marked(before, len(typed) - len(before), wrong),
        (at or ghost[:1] or " ", "reverse"),
        *_marked(after, len(typed) + 1, wrong),
        (ghost[1:], "muted"),
    )


def _marked(part: str, offset: int, wrong: tuple[int, int]) -> Line:
    """A part of the line, beginning at ``offset`` of it; what is wrong in it is shown as such."""
    start, end = (max(0, min(len(part), place - offset)) for place in wrong)
    if wrong[0] < 0 or start >= end:
        return ((part, "strong bold"),)
    return ((part[:start], "strong bold"), (part[start:end], "err underline"), (part[end:], "strong bold"))
