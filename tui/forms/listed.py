"""Several values in one line of text and back: parted by a comma and a blank.

Values of the CLI hold commas (mounts, ports in long form), hardly ever a comma with a blank behind it; those that do,
and those that begin with a quote or have blanks at an end, stand in double quotes with inner quotes doubled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class Piece:
    """One value and where it stands in the text, its quotes included."""

    value: str
    start: int
    end: int


def join(values: Iterable[str]) -> str:
    """Values as one text, which ``split`` reads back as the same."""
    return SEPARATOR.join(_quoted(value) for value in values)


def split(text: str) -> tuple[str, ...]:
    """The values of a text; empty ones are dropped, quoted ones kept."""
    return tuple(piece.value for piece in pieces(text) if piece.value)


def pieces(text: str) -> tuple[Piece, ...]:
    """The values of a text with their places, empty ones too, so that each place of the cursor is in one."""
    found: list[Piece] = []
    at = 0
    while True:
        while text[at : at + 1] == " ":
            at += 1
        piece = _piece(text, at)
        found.append(piece)
        if piece.end >= len(text):
            return tuple(found)
        at = min(len(text), piece.end + len(SEPARATOR))


def piece_at(text: str, cursor: int) -> Piece:
    """The value that the cursor stands in or behind."""
    all = pieces(text)
    return next((piece for piece in all if cursor <= piece.end), all[-1])


def _quoted(value: str) -> str:
    if SEPARATOR in value or value != value.strip(" ") or value[:1] == '"' or value[-1:] == ",":
        return '"' + value.replace('"', '""') + '"'
    return value


def _piece(text: str, start: int) -> Piece:
    if text[start : start + 1] == '"':
        end = _closing(text, start)
        behind = text[end + 1 :].lstrip(" ") if end > 0 else "x"
        if behind in ("", ",") or behind.startswith(SEPARATOR):
            after = text.find(",", end) if behind else len(text)
            return Piece(text[start + 1 : end].replace('""', '"'), start, after)
    end = text.find(SEPARATOR, start)
    end = len(text) if end < 0 else end
    value = text[start:end].rstrip(" ")
    # A comma at the very end is the beginning of the separator: its blank is not typed yet.
    return Piece(value[:-1] if end == len(text) and value[-1:] == "," else value, start, end)


def _closing(text: str, start: int) -> int:
    """Where a quoted value ends; -1 where it does not."""
    at = start + 1
    while True:
        at = text.find('"', at)
        if at < 0 or text[at + 1 : at + 2] != '"':
            return at
        at += 2
