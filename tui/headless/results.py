"""What one command said in several places, as values: equal answers folded, the worst exit code. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Commands that run at once.
AT_ONCE = 16
#: Bytes of each stream that are kept of each replica.
CAP = 1024 * 1024
_UNASKED = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the command in one replica."""

    name: str
    node: str
    container_id: str
    node_id: str = ""
    code: int | None = None
    """``None`` where it could not be started or waited for; ``problem`` says why, ``worst`` counts for it."""
    stdout: bytes = b""
    stderr: bytes = b""
    skipped: int = 0
    """Bytes past the cap."""
    problem: str = ""
    worst: int = 0

    @property
    def said(self) -> tuple[object, ...]:
        """What makes two results equal."""
        return (self.code, self.stdout, self.stderr, self.skipped, self.problem)

    @property
    def label(self) -> str:
        """``web.2 on worker1``."""
        return f"{self.name} on {self.node}" if self.node else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """Replicas that said the same."""

    results: tuple[Result, ...]
    differs: bool
    """Whether others, of whom there are more (or who come first), said something else."""

    @property
    def result(self) -> Result:
        """What they said."""
        return self.results[0]


def grouped(results: Sequence[Result]) -> list[Group]:
    """Equal results together: those of most replicas first, then in the order of the replicas. Pure."""
    found: dict[tuple[object, ...], list[Result]] = {}
    for result in results:
        found.setdefault(result.said, []).append(result)
    ordered = sorted(found.values(), key=lambda members: -len(members))
    return [Group(tuple(members), number > 0) for number, members in enumerate(ordered)]


def worst(results: Sequence[Result], unasked: bool) -> int:
    """The exit code of all: the highest, and 3 where all went well but some could not be asked. Pure."""
    code = max((result.worst for result in results), default=0)
    return code or (_UNASKED if unasked else 0)
