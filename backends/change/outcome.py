"""What became of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backends.api import Json
from backends.change.finding import Finding
from backends.change.journal import Entry
from backends.change.merge import Merge
from backends.change.requests import Request
from backends.change.steps import Compiled, Step, Target
from backends.errors import BackendError


class State(StrEnum):
    """How it ended."""

    DONE = "done"
    """The engine took it; whether it converges is watched."""
    REFUSED = "refused"
    """The engine did not take it, or not all of it."""
    CONFLICT = "conflict"
    """Somebody else changed the same object meanwhile; nothing was sent over it."""
    UNKNOWN = "unknown"
    """The connection was lost on the way; it was looked for and is not sent again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a change ended, for the form, the journal and the exit code."""

    request: Request
    state: State
    sentence: str
    done: tuple[Step, ...] = ()
    """Writes that were made."""
    answers: tuple[Json, ...] = ()
    """The engine's answer to each of them."""
    error: BackendError | None = None
    """The engine's refusal, its own words in ``original``."""
    finding: Finding | None = None
    """The same at its field."""
    merge: Merge | None = None
    """Both changes side by side, where they conflict."""
    retry: Compiled | None = None
    """The merged change, ready to be sent when a person has seen it."""
    warnings: tuple[str, ...] = ()
    hint: str = ""
    """What would help."""
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the command is for to show: join token, unlock key, certificate. Never written down."""
    lost: tuple[Step, Target | None] | None = None
    """The write whose answer was lost, and what it replaces, of one that is not known."""
    entry: Entry | None = None
    """As it stands in the journal, where it was written down."""

    @property
    def ids(self) -> tuple[str, ...]:
        """IDs of what was made."""
        found = []
        for answer in self.answers:
            if isinstance(answer, dict):
                found.append(str(answer.get("ID") or answer.get("Id") or ""))
        return tuple(filter(None, found))
