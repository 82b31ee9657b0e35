"""Which tasks are of before a change and which of after it.

The engine does not say which version of its service a task was made from. The leader stamps both the rollout's start
and the creation of tasks, so those two are compared; where images differ, they tell more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backends.model import Service, Task


@dataclass(frozen=True, slots=True)
class Sides:
    """Before and after, of one change."""

    image: str
    """That the service's spec has now."""
    other: str = ""
    """The image it is compared with: that of before, or, after a rollback, the one that was tried; empty where only
    settings differ or nothing is known."""
    started: float = 0.0
    """Tasks made from then on are of this change."""
    back: bool = False
    by_hand: bool = False
    """Whether a rollback was asked for by a person: the engine's own leaves no spec to go back to."""
    turned: float | None = None
    """When the engine's own rollback began, where that is known."""
    over: bool = False
    """Whether the rollout completed: then whatever runs is what was wanted."""

    @property
    def images_differ(self) -> bool:
        """Whether the image tells before from after."""
        return bool(self.other) and self.other != self.image

    def fresh(self, task: Task) -> bool:
        """Whether it was made by this change: the new tasks, or of a rollback those that are given up."""
        if not self.back:
            return (task.created or 0.0) >= self.started
        if self.images_differ:
            return task.image == self.other
        if self.by_hand or self.turned is None:
            return (task.created or 0.0) >= self.started
        return self.started <= (task.created or 0.0) < self.turned

    def wanted(self, task: Task) -> bool:
        """Whether it is of the spec as it is now."""
        made = task.created or 0.0
        if not self.back:
            return self.over or made >= self.started
        if self.images_differ:
            return task.image == self.image
        if self.over:
            return True
        if self.by_hand or self.turned is None:
            return made >= self.started
        return made >= self.turned or made < self.started

    def counted(self, task: Task) -> bool:
        """Whether its failure counts against the policy that is in force now."""
        if self.back:
            return self.wanted(task) and (task.created or 0.0) >= (self.turned or self.started)
        return self.fresh(task)


def sides(service: Service, tasks: Iterable[Task], rolled_at: float | None = None) -> Sides:
    """The two sides of a service's last change."""
    update = service.update
    if update is None:
        # Nothing is replaced: what is there is what is wanted; what was made since tells what the change did.
        return Sides(service.image, started=service.updated or 0.0, over=True)
    started = update.started or 0.0
    if not update.state.startswith("rollback"):
        return Sides(service.image, service.previous_image, started, over=update.state == "completed")
    by_hand = bool(service.previous_image)
    other = service.previous_image or _given_up(service, tasks, started)
    turned = rolled_at if rolled_at is not None and rolled_at >= started else None
    over = update.state == "rollback_completed"
    return Sides(service.image, other, started, back=True, by_hand=by_hand, turned=turned, over=over)


def _given_up(service: Service, tasks: Iterable[Task], started: float) -> str:
    """The image that was tried and given up: the engine's own rollback forgets it, its tasks do not."""
    tried = [t for t in tasks if (t.created or 0.0) >= started and t.image not in ("", service.image)]
    return max(tried, key=lambda t: t.created or 0.0).image if tried else ""
