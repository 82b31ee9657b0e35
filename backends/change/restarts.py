"""Which changed values of a service restart its tasks.

Source: swarmkit ``manager/orchestrator/task.go`` (``IsTaskDirty``): a task is replaced where its task template or
its endpoint spec differs; where only the placement differs, those stay whose node still fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backends.change.part import Spec
from backends.change.spec_fields import Path, fields, shown, words


class Effect(StrEnum):
    """What a changed value does to running tasks."""

    NONE = "keeps tasks"
    MOVES = "moves tasks that no longer fit"
    RESTARTS = "restarts tasks"


#: The first prefix that fits decides.
TABLE: tuple[tuple[Path, Effect], ...] = (
    (("TaskTemplate", "Placement"), Effect.MOVES),
    (("TaskTemplate",), Effect.RESTARTS),
    (("EndpointSpec",), Effect.RESTARTS),
    (("Networks",), Effect.RESTARTS),
    ((), Effect.NONE),
)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs."""

    path: Path
    before: Any
    """``None`` where it is new."""
    after: Any
    """``None`` where it goes."""
    effect: Effect

    def what(self, names: Mapping[str, str] | None = None) -> str:
        """``env LOG_LEVEL``."""
        return words(self.path, names)

    @property
    def values(self) -> tuple[str, str]:
        """Both values for people; empty where there is none."""
        return shown(self.path, self.before), shown(self.path, self.after)


def changes(before: Spec, after: Spec) -> tuple[FieldChange, ...]:
    """What differs between two specs, with what each does to tasks; in the order of the specs. Where anything
    restarts tasks, a changed placement restarts them too."""
    old, new = fields(before), fields(after)
    found = [
        FieldChange(path, old.get(path), new.get(path), effect_of(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    ]
    return tuple(found)


def effect_of(path: Path) -> Effect:
    """What a change at a path does to running tasks."""
    return next(effect for prefix, effect in TABLE if path[: len(prefix)] == prefix)


def restarts(found: Iterable[FieldChange]) -> Effect:
    """The strongest effect of several changes."""
    effects = {change.effect for change in found}
    return next((e for e in (Effect.RESTARTS, Effect.MOVES) if e in effects), Effect.NONE)
