"""Colours that programs write into their logs, as our own styles; every other escape sequence is dropped.

Only SGR (ECMA-48 8.3.117) is understood, and of it only what has a token of ours: a log may not choose a colour
that means something else on our screen, nor move the cursor, set the title or write the clipboard.
"""

from __future__ import annotations

import re

from tui.text.span import Span

_ESCAPE = re.compile(
    r"\x1b\[([0-9;:]*)m"  # SGR, the only one with a meaning here
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # any other CSI sequence
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM and APC strings with what is in them
    r"|\x1b[ -/]*[0-~]?"  # two-character sequences
    r"|\x9b[0-?]*[ -/]*[@-~]?"  # CSI as one C1 character
)
_COLOURS = {1: "err", 2: "ok", 3: "warn", 4: "accent", 5: "chg", 6: "accent", 0: "muted", 7: ""}


def _apply(codes: str, colour: str, bold: bool) -> tuple[str, bool]:
    numbers = [int(code) for code in re.split("[;:]", codes) if code] or [0]
    skip = 0
    for position, number in enumerate(numbers):
        if skip:
            skip -= 1
        elif number == 0:
            colour, bold = "", False
        elif number == 1:
            bold = True
        elif number == 22:
            bold = False
        elif number == 39:
            colour = ""
        elif 30 <= number <= 37 or 90 <= number <= 97:
            colour = _COLOURS[number % 10]
        elif number in (38, 48):
            kind = numbers[position + 1 : position + 2]
            skip = 2 if kind == [5] else 4
    return colour, bold


def spans(text: str) -> tuple[Span, ...]:
    """The visible text of one log line with what we keep of its colours."""
    if "\x1b" not in text and "\x9b" not in text:
        return ((text, ""),)
    out: list[Span] = []
    colour, bold, start = "", False, 0
    for match in _ESCAPE.finditer(text):
        if match.start() > start:
            out.append((text[start : match.start()], f"{colour} bold".strip() if bold else colour))
        start = match.end()
        if match.group(1) is not None:
            colour, bold = _apply(match.group(1), colour, bold)
    if start < len(text):
        out.append((text[start:], f"{colour} bold".strip() if bold else colour))
    return tuple(out)


def strip(text: str) -> str:
    """The visible text only: what search, filter, copy and save work on."""
    if "\x1b" not in text and "\x9b" not in text:
        return text
    return _ESCAPE.sub("", text)
