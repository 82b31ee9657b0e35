"""Docker command lines as words: quoted for a shell, wrapped for a pane."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from tui.text.clean import clean
from tui.text.fit import width as text_width
from tui.text.fit import wrap
from tui.text.span import Line

#: Words of one command; an option and its value stand together as one item: ``("--name", "web")``.
Words = tuple[tuple[str, ...], ...]


def shell(words: Words) -> str:
    """The command on one row, quoted so that a POSIX shell gives back the same words."""
    return " ".join(shlex.quote(word) for group in words for word in group)


def command_lines(command: str, cells: int, style: str = "muted") -> list[Line]:
    """A command broken between its words at ``cells``; rows after the first stand two cells in.

    An option stays with its value where that fits on a row.
    """
    rows: list[str] = []
    current = ""
    for piece in _pieces(clean(command)):
        room = cells - (2 if rows else 0)
        if current and text_width(current) + 1 + text_width(piece) > room:
            rows.append(current)
            current, room = "", cells - 2
        joined = f"{current} {piece}" if current else piece
        if text_width(joined) > room:
            *full, joined = wrap(joined, max(room, 1)) or [""]
            rows.extend(full)
        current = joined
    if current:
        rows.append(current)
    return [((("  " if index else "") + row, style),) for index, row in enumerate(rows)]


def _pieces(command: str) -> list[str]:
    """Words of a quoted command line with options joined to their values; quotes are kept as written."""
    words: list[str] = []
    quote = ""
    for part in command.split(" "):
        if quote:
            words[-1] += " " + part
        else:
            words.append(part)
        for char in part:
            if quote and char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
    out: list[str] = []
    for word in words:
        if out and out[-1].startswith("-") and " " not in out[-1] and not word.startswith("-"):
            out[-1] += " " + word
        else:
            out.append(word)
    return out


def flag_duration(seconds: float) -> str:
    """Seconds as Docker's flags take them: ``90s`` is ``1m30s``, half a second ``500ms``."""
    if seconds <= 0:
        return "0s"
    if seconds < 1:
        return f"{seconds * 1000:g}ms"
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, seconds - whole // 60 * 60
    out = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    return out + (f"{rest:g}s" if rest or not out else "")


def flag_bytes(count: int) -> str:
    """Bytes as Docker's flags take them: the largest unit that is exact (``256m``, ``1g``)."""
    for unit, size in (("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)):
        if count and count % size == 0:
            return f"{count // size}{unit}"
    return str(count)


def flag_cpus(billionths: int) -> str:
    """Billionths of a core as Docker's flags take them: ``0.5``."""
    return f"{billionths / 1e9:.9f}".rstrip("0").rstrip(".")


def pairs(flag: str, values: Mapping[str, str]) -> Words:
    """A flag for each pair: ``--label a=b``; an empty value is the bare key."""
    return tuple((flag, f"{key}={value}" if value else key) for key, value in sorted(values.items()))


def each(flag: str, values: Sequence[str]) -> Words:
    """A flag for each value."""
    return tuple((flag, value) for value in values)


def given(flag: str, value: str) -> Words:
    """A flag where it has a value, else nothing."""
    return ((flag, value),) if value else ()


def csv(*fields: str) -> str:
    """Fields of a long-form option (``--mount``); one with a comma or a quote in it is quoted as CSV wants."""
    return ",".join(f'"{f.replace(chr(34), chr(34) * 2)}"' if "," in f or '"' in f else f for f in fields if f)


def check_line(test: Sequence[str]) -> str:
    """A health check's test as ``--health-cmd`` takes it: ``CMD`` words are quoted, a ``CMD-SHELL`` line is whole."""
    kind, *words = test or ("",)
    if kind == "CMD":
        return shlex.join(words)
    return " ".join(words if kind == "CMD-SHELL" else test)
