"""What is wrong with a line or a field, as a value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FlagError:
    """One sentence about one place of a line or one field of a form."""

    sentence: str
    """In the docker CLI's own words where it has some."""
    flag: str = ""
    """Name of the flag without dashes, or of the argument in capitals (``IMAGE``); empty for the line itself."""
    start: int = -1
    """Where in the typed text it begins; -1 where there is none (a form, a missing argument)."""
    end: int = -1
    instead: str = ""
    """What would be right, as a sentence part: ``such as 10s, 1m30s or 2h``."""

    def at(self, start: int, end: int) -> FlagError:
        """The same, placed in the text; one that has its place keeps it."""
        return self if self.start >= 0 else replace(self, start=start, end=end)


class BadValue(ValueError):
    """A value that cannot be read; its text is the reason in the docker CLI's words. Caught in this package."""

    part = ""
    """The part of the value that is wrong, as it stands there; empty is all of it."""


@contextmanager
def part_of_value(part: str) -> Iterator[None]:
    """Names the part of a value that is being read, for errors that do not name one themselves."""
    try:
        yield
    except BadValue as error:
        error.part = error.part or part
        raise


class Refused(Exception):
    """Carries ``FlagError`` values out of deep code; caught where the package returns them as values."""

    def __init__(self, *errors: FlagError) -> None:
        super().__init__(errors[0].sentence if errors else "")
        self.errors = errors


def refuse(sentence: str, flag: str = "", instead: str = "") -> Refused:
    """The exception for one error."""
    return Refused(FlagError(sentence, flag, instead=instead))
