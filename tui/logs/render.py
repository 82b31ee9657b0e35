"""How one entry of a log looks: time, source, level, text with hits, wrapped or cut."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backends.api import LogLine
from tui.logs.ansi import spans, strip
from tui.logs.buffer import Entry, Mark
from tui.text.clean import clean
from tui.text.fit import cut_line, width
from tui.text.span import Line, Span

_LEVEL = re.compile(
    r"^\W{0,3}(?:[\dTZ:.,+/ -]{8,40})?\W{0,2}(?:level=)?"
    r"(?P<word>FATAL|CRITICAL|CRIT|ERROR|ERR|WARNING|WARN|INFO|NOTICE|DEBUG|TRACE)\b",
    re.IGNORECASE,
)
_LEVEL_STYLE = {"F": "err", "C": "err", "E": "err", "W": "warn", "I": "", "N": "", "D": "muted", "T": "muted"}


@dataclass(frozen=True, slots=True)
class LogLook:
    """What the reader chose."""

    times: bool = True
    wrap: bool = True
    sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Source id → (label, style); empty hides the column, as for a single container."""
    source_width: int = 0
    narrow: bool = False
    """80 columns: seconds without fractions."""
    ascii: bool = False
    local: Callable[[float], time.struct_time] = time.localtime


def level(text: str) -> str:
    """The style of a line's level, or empty where it names none."""
    match = _LEVEL.match(text[:80])
    return _LEVEL_STYLE[match["word"][0].upper()] if match else ""


def stamp(seconds: float | None, look: LogLook) -> str:
    """``14:32:06.610``, or without the fraction where it is narrow."""
    if seconds is None:
        return " " * (8 if look.narrow else 12)
    parts = look.local(seconds)
    whole = f"{parts.tm_hour:02}:{parts.tm_min:02}:{parts.tm_sec:02}"
    return whole if look.narrow else f"{whole}.{int(seconds * 1000) % 1000:03}"


def _with_hits(text: tuple[Span, ...], pattern: re.Pattern[str] | None, style: str, current: bool) -> list[Span]:
    if pattern is None:
        return [(part, f"{style} {own}".strip() if own != style else own) for part, own in text]
    joined = "".join(part for part, _ in text)
    hits = [match.span() for match in pattern.finditer(joined) if match.end() > match.start()]
    out: list[Span] = []
    offset = 0
    for part, own in text:
        normal = f"{style} {own}".strip()
        position = offset
        for start, end in hits:
            if end <= position or start >= offset + len(part):
                continue
            start, end = max(start, position), min(end, offset + len(part))
            out.append((joined[position:start], normal))
            out.append((joined[start:end], "onaccent on_accent" if current else "accent underline"))
            position = end
        out.append((joined[position : offset + len(part)], normal))
        offset += len(part)
    return [span for span in out if span[0]]


def _fold(body: list[Span], first: int, rest: int) -> list[list[Span]]:
    """Breaks spans at cell widths; log lines are broken anywhere, since they are not prose."""
    rows: list[list[Span]] = [[]]
    room = first
    for text, style in body:
        while text:
            if text.isascii():
                head = text[:room]
            else:
                count = cells = 0
                for char in text:
                    cells += width(char)
                    if cells > room:
                        break
                    count += 1
                head = text[:count]
            if head:
                rows[-1].append((head, style))
                room -= width(head)
            text = text[len(head) :]
            if text:
                rows.append([])
                room = max(rest, 2)
    return rows


def rows(
    entry: Entry, look: LogLook, columns: int, pattern: re.Pattern[str] | None = None, current: bool = False
) -> list[Line]:
    """The screen rows of one entry, each at most ``columns`` wide."""
    if isinstance(entry, Mark):
        dash = "-" if look.ascii else "╌"
        text = clean(entry.text)
        side = max((columns - width(text) - 2) // 2, 2)
        row: Line = ((dash * side + " ", "line"), (text, entry.style), (" " + dash * side, "line"))
        return [cut_line(row, columns)]
    head: list[Span] = []
    if look.times:
        head.append((stamp(entry.time, look) + ("  " if not look.narrow else " "), "faint"))
    if look.source_width:
        label, style = look.sources.get(entry.source, (entry.source[:12], "muted"))
        label = clean(label)
        head.append((label[: look.source_width].ljust(look.source_width) + "  ", style))
    taken = sum(width(text) for text, _ in head)
    raw = entry.text
    style = level(strip(raw))
    body = _with_hits(tuple((clean(text), own) for text, own in spans(raw)), pattern, style, current)
    if not look.wrap:
        return [cut_line((*head, *body), columns)]
    room = max(columns - taken, 10)
    folded = _fold(body, room, room)
    indent: Span = (" " * taken, "")
    return [(*head, *folded[0]), *((indent, *part) for part in folded[1:])]


def height(entry: Entry, look: LogLook, columns: int) -> int:
    """How many rows an entry takes, without laying it out where that can be seen from its length."""
    if isinstance(entry, Mark) or not look.wrap:
        return 1
    if entry.text.isascii() and entry.text.isprintable():
        taken = ((9 if look.narrow else 14) if look.times else 0) + (look.source_width + 2 if look.source_width else 0)
        room = max(columns - taken, 10)
        return max(1, -(-len(entry.text) // room))
    return len(rows(entry, look, columns))


def saved(line: LogLine, look: LogLook) -> str:
    """One line of a saved log: its time in UTC, its source, its text without escape sequences."""
    at = "" if line.time is None else time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(line.time))
    fraction = "" if line.time is None else f".{int(line.time * 1000) % 1000:03}Z "
    label = look.sources.get(line.source, ("", ""))[0]
    return f"{at}{fraction}{label + ' ' if label else ''}{strip(line.text)}"
