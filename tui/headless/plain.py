"""Rows on stdout: aligned, clean, coloured only on a terminal that wants it; sentences on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from backends.api import Json
from backends.errors import BackendError
from backends.state.wording import listing
from tui.headless.settle import Unasked
from tui.text.clean import clean
from tui.text.fit import cut_line, width
from tui.text.span import Line, Span, plain

#: Sixteen colours, as terminals have them, by the design's tokens.
_COLOURS = {"ok": "32", "chg": "36", "warn": "33", "err": "31", "muted": "2", "faint": "2", "bold": "1"}
_END = "\x1b[0m"
#: Nodes that are named in one sentence; all are in the JSON.
_NAMED = 12
#: Cells between two columns, and the most that a column is padded to.
_GAP, _WIDEST = 3, 72


@dataclass(frozen=True, slots=True)
class Style:
    """How rows are written."""

    colour: bool = False
    width: int = 0
    """Cells that a row may take; 0 does not cut."""

    @staticmethod
    def detect(environ: Mapping[str, str], *, no_color: bool = False, wide: bool = False) -> Style:
        """What stdout is: a terminal with colours unless ``NO_COLOR`` is set, or a pipe or file without."""
        if not sys.stdout.isatty():
            return Style()
        colour = not no_color and not environ.get("NO_COLOR") and environ.get("TERM", "dumb") != "dumb"
        try:
            width = 0 if wide else os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            width = 0
        return Style(colour, width)


def table(titles: Sequence[str], rows: Sequence[Sequence[Line]], style: Style, aligns: str = "") -> None:
    """Writes a table with its titles. Columns are as wide as their widest cell, but one endless name does not push
    all others away: it stands out of its column instead. Nothing is cut; ``aligns`` has ``l`` or ``r`` a column."""
    cells = [[((title, "bold"),) for title in titles], *rows]
    clear = [[tuple((clean(text), words) for text, words in cell) for cell in row] for row in cells]
    sizes = [[sum(width(text) for text, _ in cell) for cell in row] for row in clear]
    widths = [min(_WIDEST, max(column)) for column in zip(*sizes, strict=True)]
    for row, used in zip(clear, sizes, strict=True):
        spans: list[Span] = []
        for number, (cell, size, room) in enumerate(zip(row, used, widths, strict=True)):
            pad: Span = (" " * max(0, room - size), "")
            right = number < len(aligns) and aligns[number] == "r"
            spans += [(" " * _GAP if number else "", ""), *((pad, *cell) if right else (*cell, pad))]
        line(tuple(spans), style)


def line(row: Line, style: Style) -> None:
    """Writes one row, cleaned."""
    if style.width:
        row = cut_line(row, style.width)
    if not style.colour:
        write(clean(plain(row)).rstrip() + "\n")
        return
    out = ""
    for text, words in row:
        codes = ";".join(_COLOURS[word] for word in words.split() if word in _COLOURS)
        out += f"\x1b[{codes}m{clean(text)}{_END}" if codes and text.strip() else clean(text)
    write(out.rstrip() + "\n")


def record(value: Mapping[str, Json]) -> None:
    """Writes one JSON object on a line of its own. All beyond ASCII is escaped: nothing in it can do harm where it
    is printed, and nothing is lost."""
    write(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")


def write(text: str) -> None:
    """Writes to stdout. Raises ``BrokenPipeError`` where nobody reads any more."""
    raw(text.encode("utf-8", "backslashreplace"))


def raw(data: bytes) -> None:
    """Writes bytes to stdout as they are."""
    sys.stdout.buffer.write(data)


def flush() -> None:
    """Sends what was written."""
    sys.stdout.flush()


def say(text: str) -> None:
    """One sentence on stderr, cleaned."""
    sys.stderr.write(f"dnet-tui: {clean(text)}\n")
    sys.stderr.flush()


def note(text: str) -> None:
    """One row on stderr as it is, cleaned: what belongs to the sentence before it, or how something goes on."""
    sys.stderr.write(f"{clean(text)}\n")
    sys.stderr.flush()


def complain(error: BackendError) -> None:
    """An error in a sentence, and what would help."""
    say(f"{error} {error.hint}".strip())


def missing(nodes: Sequence[Unasked], as_json: bool) -> None:
    """Tells which nodes could not be asked: on stderr, and as the last object where the answer is JSON."""
    same: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        same.setdefault((node.reason.rstrip("."), node.hint), []).append(node.node)
    for (reason, hint), names in same.items():
        who = f"{listing(names, _NAMED)} could not be asked: " if names[0] else ""
        say(f"{who}{reason}. {hint}".rstrip())
    if as_json and nodes:
        record({"unasked": [{"node": n.node, "node_id": n.node_id, "reason": n.reason} for n in nodes]})


def stamp(when: float | None) -> str | None:
    """``2026-01-31T14:32:07.123Z``; ``None`` where it is not known, or is no time."""
    if when is None:
        return None
    try:
        text = datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return None
    return text.replace("+00:00", "Z")
