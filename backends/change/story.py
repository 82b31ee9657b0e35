"""What a plan tells of one change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from backends.change.drain import Drain
from backends.change.quorum import QuorumChange
from backends.change.restarts import FieldChange


class Danger(IntEnum):
    """What it may cost."""

    NONE = 0
    """It only adds, or changes what nobody runs on."""
    STOPS = 1
    """Tasks or connections stop or restart."""
    LOSES = 2
    """Data, a definition, or quorum may be lost."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change is fatal."""

    sentence: str
    ways: tuple[str, ...] = ()
    """Safe ways to what was meant."""


@dataclass(frozen=True, slots=True)
class Story:
    """Title, sentences and price of one change."""

    title: str
    lines: tuple[str, ...]
    danger: Danger
    changes: tuple[FieldChange, ...] = ()
    refusal: Refusal | None = None
    quorum: QuorumChange | None = None
    drain: Drain | None = None
