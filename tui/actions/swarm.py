"""The Swarm itself: other machines join it from here."""

from __future__ import annotations

from backends.model import Kind
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.places import Place

_NODE = frozenset({Kind.NODE})


def _is_manager(context: ActionContext) -> Verdict:
    snapshot = context.snapshot
    if snapshot.engine is None:
        return "no engine has answered yet"
    if not snapshot.in_swarm:
        return "this engine is not in a swarm"
    if not snapshot.is_manager:
        return "this node is a worker: only managers let others in"
    return snapshot.manager_problem.rstrip(".") or True


def _join(context: ActionContext) -> None:
    context.ui.go(Place("join", argument=" ".join(context.arguments)))


SWARM: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="node.join",
        title="join machines",
        help="Lets other machines join the Swarm over SSH: looked at first, then joined, watched until they are ready.",
        keys=("n",),
        views=frozenset({"nodes"}),
        group="Everywhere",
        verb="join",
        arguments="[USER@]HOST[:PORT] [worker|manager]",
        footer=1,
        changes=True,
        when=_is_manager,
        run=_join,
    ),
)
