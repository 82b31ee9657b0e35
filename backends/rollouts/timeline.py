"""What ran in each replica and when, as pieces of time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backends.model import Task
from backends.rollouts.rollout import Lane, Phase, Rollout


class Part(StrEnum):
    """What a piece of time was filled with."""

    BEFORE = "before"
    """A task of the spec of before; after a rollback, of the one gone back to."""
    STARTING = "starting"
    NEW = "new"
    """A task of what was changed to runs."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From ``start`` to ``end``, in seconds since the epoch."""

    part: Part
    start: float
    end: float
    failed: bool = False
    """Whether it ended badly."""


def pieces(lane: Lane, run: Rollout, now: float) -> tuple[Piece, ...]:
    """What ran in a replica, oldest first; where two overlap, the later one is the newer task. Times of a task's
    states are its node's, those of its creation the leader's: a clock that is ahead shortens a piece."""
    found: list[Piece] = []
    for task in lane.tasks:
        found += _of(task, run, now)
    return tuple(sorted(found, key=lambda piece: piece.start))


def _of(task: Task, run: Rollout, now: float) -> list[Piece]:
    made = task.created or task.since or run.started or now
    since = max(made, task.since or made)
    part = Part.NEW if run.sides.fresh(task) else Part.BEFORE
    if task.is_over:
        if task.failed:
            # When it began to run is not kept: the whole try is one piece.
            return [Piece(Part.STARTING if part is Part.NEW else part, made, max(since, made), failed=True)]
        return [Piece(part, made, since)]
    if task.state == "running":
        waited = [Piece(Part.STARTING, made, since)] if made >= (run.started or 0.0) and since > made else []
        return [*waited, Piece(part, since, max(now, since))]
    return [Piece(Part.STARTING, made, max(now, made))]


def span(run: Rollout, now: float) -> tuple[float, float]:
    """Start and end of what is worth showing: the rollout with a moment before it, up to now or to its end."""
    start = run.started if run.started is not None else now
    last = max((task.since or 0.0 for lane in run.lanes for task in lane.tasks), default=0.0)
    end = now if run.phase.moves or run.phase in (Phase.PAUSED, Phase.ROLLBACK_PAUSED) else max(run.ended or 0.0, last)
    return start, min(now, max(end, start + 1.0)) if now > start else start + 1.0
