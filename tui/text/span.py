"""Styled text as plain values: what every pure renderer returns and every widget paints.

A ``Span`` is ``(text, style)``; a ``Line`` is a tuple of spans on one row. A style is a string of words from
the design's tokens and attributes: a foreground token (``err``), ``on_`` and a background token (``on_sel``),
and any of ``bold dim italic underline reverse strike``; e.g. ``"err bold"``, ``"onaccent on_accent"``. The empty
style is ``text``. No markup exists anywhere: data cannot become style.

Text in a span may be hostile: the one painter (``tui.widgets.paint``) cleans it. Newlines do not belong in spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

Span = tuple[str, str]
Line = tuple[Span, ...]
Align = Literal["l", "r"]
Cut = Literal["r", "w", "l", "m"]

#: An empty row.
BLANK: Line = ()

#: Foreground and background tokens of ``design/README.md`` section 2, in its words.
TOKENS = frozenset(
    {"bg", "surf", "raised", "field", "fieldf", "sel", "selx", "shade", "line", "text", "strong", "muted"}
    | {
        "faint",
        "accent",
        "onaccent",
        "ok",
        "chg",
        "warn",
        "err",
        "off",
        "errbg",
        "prodbg",
        "prodbar",
        "stagebg",
    }
    | {"term", "r1", "r2", "r3", "r4", "r5", "r6"}
)
ATTRIBUTES = frozenset({"bold", "dim", "italic", "underline", "reverse", "strike"})


def line(*parts: str | Span | Line) -> Line:
    """Joins strings (style ``text``), spans and lines to one line."""
    out: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            out.append((part, ""))
        elif part and isinstance(part[0], str):
            out.append(part)
        else:
            out.extend(part)
    return tuple(out)


def plain(row: Iterable[Span]) -> str:
    """The text of a line without its styles."""
    return "".join(text for text, _ in row)


def restyle(row: Line, style: str) -> Line:
    """The same text, all in one style (stale panes, dimmed rows)."""
    return tuple((text, style) for text, _ in row)


def joined(rows: Sequence[Line]) -> str:
    """Several lines as plain text, for copying and for tests."""
    return "\n".join(plain(row).rstrip() for row in rows)
