"""Who wants a change, and which changes are under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backends.api import Json
from backends.change.changer import Changer
from backends.change.outcome import Outcome
from backends.change.plan import Plan
from backends.change.watch import Goal

Refusal = Callable[[str, str, str], None]
"""Hears (sentence, flag or argument in capitals or empty, the engine's own words or empty)."""
Heard = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a change: the ``:`` line, a key, or a form."""

    typed: str = ""
    title: str = ""
    on_refused: Refusal | None = None
    on_done: Heard | None = None
    on_conflict: Heard | None = None
    on_cancelled: Callable[[], None] | None = None
    changer: Changer | None = None
    """What sends it, where that is not the session's own."""
    read: Json = None
    """The spec that the asker saw; ``None`` where it saw none."""


@dataclass(slots=True, eq=False)
class Underway:
    """A change that the engine took and that has not converged yet."""

    plan: Plan
    goals: Sequence[Goal]
    said: str = ""
    """How it stands, in words."""
