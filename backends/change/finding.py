"""What would go wrong, found before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from backends.change.flag_error import FlagError


class Severity(IntEnum):
    """How bad it is; the worst is the greatest."""

    NOTE = 1
    """Worth knowing; nothing is wrong."""
    WARNING = 2
    """It would be done, and may not be what is meant."""
    ERROR = 3
    """The engine would refuse it, or take it and never run it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one field."""

    sentence: str
    flag: str = ""
    """Name of the flag without dashes, or of the argument in capitals; empty for the whole."""
    severity: Severity = Severity.ERROR
    instead: str = ""
    """What would be right, as a sentence part."""
    key: str = ""
    """Which of several KEY=VALUE of the flag it is about, as it was given."""


def error(sentence: str, flag: str = "", instead: str = "", key: str = "") -> Finding:
    """What cannot work."""
    return Finding(sentence, flag, Severity.ERROR, instead, key)


def warning(sentence: str, flag: str = "", instead: str = "", key: str = "") -> Finding:
    """What may not be meant."""
    return Finding(sentence, flag, Severity.WARNING, instead, key)


def note(sentence: str, flag: str = "", instead: str = "") -> Finding:
    """What is worth knowing."""
    return Finding(sentence, flag, Severity.NOTE, instead)


def said(wrong: Finding | FlagError) -> str:
    """What is wrong in one sentence, with what would be right."""
    text = wrong.sentence.rstrip(".")
    text = f"{text}; {wrong.instead.rstrip('.')}" if wrong.instead else text
    return text if text.endswith("?") else f"{text}."
