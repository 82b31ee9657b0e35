"""What a plan tells: title, sentences, price, and what a kind of change adds to that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from backends.change.drain import Drain
from backends.change.plan_update import ChangedValue
from backends.change.quorum import QuorumChange
from backends.change.restarts import FieldChange


class Danger(IntEnum):
    """What a change may cost; the worst counts."""

    NONE = 0
    """It only adds, or changes what no task notices."""
    STOPS = 1
    """It stops or restarts what runs."""
    LOSES = 2
    """It may lose data, or the Swarm's ability to decide."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a plan is refused, and how to do it without harm."""

    sentence: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What a plan tells of one request."""

    title: str
    """Verb and name: ``Drain worker-1``."""
    lines: tuple[str, ...]
    """What happens, one sentence each, the one that says it all first."""
    danger: Danger
    changes: tuple[FieldChange, ...] = ()
    refusal: Refusal | None = None
    quorum: QuorumChange | None = None
    drain: Drain | None = None
    know: tuple[str, ...] = ()
    """What to know first, a sentence each."""
    facts: tuple[tuple[str, str], ...] = ()
    """(word, text) for further rows: ``room``, ``stays``."""
    values: tuple[ChangedValue, ...] = ()
    """The changes in words."""
