"""Searching lines of spans, and marking what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.text.clean import clean
from tui.text.span import Line, Span


class Match(NamedTuple):
    """One place: row, and characters from ``start`` to ``end`` of its clean text."""

    row: int
    start: int
    end: int


def find(lines: Sequence[Line], needle: str, limit: int = 10_000) -> list[Match]:
    """All places of ``needle`` in the text of the lines, at most ``limit``; case matters only if it has a capital."""
    needle = clean(needle)
    if not needle:
        return []
    exact = needle != needle.lower()
    out: list[Match] = []
    for row, line in enumerate(lines):
        text = "".join([clean(part) for part, _ in line])
        # Lower case must not shift places: a few letters become two (İ); those lines are searched as they are.
        lower = text.lower()
        hay = text if exact or len(lower) != len(text) else lower
        at = hay.find(needle)
        while at >= 0:
            out.append(Match(row, at, at + len(needle)))
            if len(out) >= limit:
                return out
            at = hay.find(needle, at + len(needle))
    return out


#: Styles of a match and of the one the cursor is on.
HIT, CURRENT = "accent underline", "accent reverse"


def marked(line: Line, spots: Sequence[tuple[int, int, str]]) -> Line:
    """``line`` with the characters of each spot ``(start, end, style)`` in another style; spots are in order and do
    not overlap."""
    out: list[Span] = []
    at = 0
    todo = list(spots)
    for part, own in line:
        text = clean(part)
        done = 0
        while todo and todo[0][0] < at + len(text):
            start, end, style = todo[0]
            first, last = max(start - at, done), min(end - at, len(text))
            if first > done:
                out.append((text[done:first], own))
            if last > first:
                out.append((text[first:last], style))
            done = max(done, last)
            if end > at + len(text):
                break
            todo.pop(0)
        if done < len(text):
            out.append((text[done:], own))
        at += len(text)
    return tuple(out)
