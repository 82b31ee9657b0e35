"""Rollouts: the list of them, one of them, and the way back."""

from __future__ import annotations

import shlex

from backends.model import Key, Kind, Service
from tui.actions.objects import get, name_of
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict
from tui.places import Place

_SERVICE = frozenset({Kind.SERVICE})


def _key(context: ActionContext) -> Key | None:
    """The service that is meant: the row's, else that of the page."""
    for key in (context.target, *reversed(context.place.scope)):
        if key is not None and key.kind is Kind.SERVICE:
            return key
    return None


def _service(context: ActionContext) -> Service | None:
    key = _key(context)
    found = get(context.snapshot, key) if key is not None else None
    return found if isinstance(found, Service) else None


def _open(context: ActionContext) -> None:
    key = _key(context)
    if key is not None:
        context.ui.go(Place("rollout", (key,)))
    else:
        context.ui.go(Place("rollouts"))


def _has_before(context: ActionContext) -> Verdict:
    service = _service(context)
    if service is None:
        return "the service is gone"
    if context.snapshot.manager_problem:
        return context.snapshot.manager_problem.rstrip(".")
    if not service.previous_image:
        rolled = service.update is not None and service.update.state.startswith("rollback")
        why = "it is rolled back already" if rolled else "it was never changed"
        return f"{service.name} has no spec of before: {why}"
    return True


def _roll_back(context: ActionContext) -> None:
    key = _key(context)
    if key is not None:
        context.ui.change(shlex.join(["docker", "service", "rollback", name_of(context.snapshot, key)]))


def _leave(context: ActionContext) -> None:
    context.ui.back()


ROLLOUTS: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="rollout.open",
        title="rollout",
        help="Shows the rollout of the service: each replica, what failed, what stops it.",
        keys=("enter", "L"),
        kinds=_SERVICE,
        views=frozenset({"rollouts"}),
        group="Object",
        verb="rollout",
        arguments="[NAME]",
        footer=1,
        run=_open,
    ),
    ActionSpec(
        id="rollout.of",
        title="rollout",
        help="Shows how the last change of the service went, or goes.",
        keys=("L",),
        kinds=_SERVICE,
        views=frozenset({"services", "overview", "describe", "stacks"}),
        group="Object",
        footer=9,
        run=_open,
    ),
    ActionSpec(
        id="rollout.leave",
        title="leave it running",
        help="Leaves the page; the rollout goes on, :rollouts comes back to it.",
        keys=("b",),
        views=frozenset({"rollout"}),
        group="Page",
        footer=1,
        run=_leave,
    ),
    ActionSpec(
        id="rollout.rollback",
        title="roll back now",
        help="Puts the service back to its spec before this change.",
        keys=("ctrl+l",),
        views=frozenset({"rollout", "rollouts"}),
        group="Page",
        footer=2,
        danger=Danger.STOPS,
        changes=True,
        when=_has_before,
        run=_roll_back,
    ),
)
