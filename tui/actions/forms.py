"""Forms: opened on the list of what they make or on the row they change. Each noun adds its own here."""

from __future__ import annotations

from collections.abc import Callable

from backends.model import Kind
from tui.actions.objects import get
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict
from tui.places import Place


def opens(form_id: str) -> Callable[[ActionContext], None]:
    """The ``run`` of an action that opens a form; about the row under the cursor where it acts on rows."""

    def run(context: ActionContext) -> None:
        scope = context.targets[:1] if form_id not in _NEW else ()
        context.ui.go(Place("form", tuple(scope), argument=form_id))

    return run


#: Forms that make something and are about no row.
_NEW = frozenset({"service-create", "network-create"})


def manager(context: ActionContext) -> Verdict:
    """Whether the Swarm can be changed from here."""
    problem = context.snapshot.manager_problem
    return problem.rstrip(".") if problem else True


def _there(context: ActionContext) -> Verdict:
    key = context.target
    if key is not None and get(context.snapshot, key) is None:
        return f"the {key.kind.value} is gone"
    return manager(context)


_SERVICE = frozenset({Kind.SERVICE})
FORMS: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="service.new",
        title="new",
        help="Fills in a new service, checked against the cluster while it is typed.",
        keys=("n",),
        views=frozenset({"services"}),
        group="Object",
        footer=3,
        changes=True,
        when=manager,
        run=opens("service-create"),
    ),
    ActionSpec(
        id="service.edit",
        title="edit",
        help="Changes the service: only what differs is sent, and what it restarts is said before.",
        keys=("E",),
        kinds=_SERVICE,
        views=frozenset({"services", "describe"}),
        group="Object",
        footer=6,
        danger=Danger.STOPS,
        changes=True,
        when=_there,
        run=opens("service-edit"),
    ),
    ActionSpec(
        id="service.duplicate",
        title="duplicate",
        help="Fills in a new service like this one.",
        keys=("D",),
        kinds=_SERVICE,
        views=frozenset({"services"}),
        group="Object",
        changes=True,
        when=_there,
        run=opens("service-duplicate"),
    ),
)
