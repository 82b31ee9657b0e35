"""Two changes of one spec put together by key: environment by name, ports by published port, mounts by target."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backends.change.part import Spec
from backends.change.spec_fields import Path, keyed

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that both changed, each to something else. Absent values are ``None``."""

    path: Path
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merge:
    """Both changes in one spec."""

    base: Spec
    mine: Spec
    theirs: Spec
    merged: Spec
    """Theirs with mine added; where both changed the same, mine."""
    conflicts: tuple[Conflict, ...]

    @property
    def moved_only(self) -> bool:
        """Whether nothing of the spec itself was changed by the other: a rollout moves the version too."""
        return bool(self.base == self.theirs)


def merge(base: Spec, mine: Spec, theirs: Spec) -> Merge:
    """Puts what changed from ``base`` to ``mine`` on top of ``theirs``. The order of lists is theirs, what is new
    in mine follows."""
    conflicts: list[Conflict] = []
    merged = _merged((), base, mine, theirs, conflicts)
    return Merge(base, mine, theirs, merged, tuple(conflicts))


def _merged(path: Path, base: Any, mine: Any, theirs: Any, conflicts: list[Conflict]) -> Any:
    if mine == theirs or base == mine:
        return _copied(theirs)
    if base == theirs:
        return _copied(mine)
    if isinstance(mine, dict) and isinstance(theirs, dict) and (isinstance(base, dict) or base is _ABSENT):
        base = base if isinstance(base, dict) else {}
        return _members(path, base, mine, theirs, conflicts)
    lists = [keyed(path, [] if value is _ABSENT else value) for value in (base, mine, theirs)]
    if all(members is not None for members in lists):
        was, ours, others = ({} if members is None else members for members in lists)
        return list(_members(path, was, ours, others, conflicts).values())
    conflicts.append(Conflict(path, *(None if v is _ABSENT else _copied(v) for v in (base, mine, theirs))))
    return _copied(mine)


def _copied(value: Any) -> Any:
    return value if value is _ABSENT else copy.deepcopy(value)


def _members(
    path: Path, base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], conflicts: list[Conflict]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in _keys(theirs, mine):
        old, ours, others = (members.get(key, _ABSENT) for members in (base, mine, theirs))
        value = _merged((*path, key), old, ours, others, conflicts)
        if value is not _ABSENT:
            found[key] = value
    return found


def _keys(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
