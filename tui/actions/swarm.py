"""The Swarm itself: started here, joined by other machines, its tokens, its settings, left again."""

from __future__ import annotations

from backends.model import Kind
from tui.actions.changing import removal_line
from tui.actions.objects import get
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict
from tui.frame.views import NEEDS_MANAGER
from tui.places import Place

_NODE = frozenset({Kind.NODE})


def _is_manager(context: ActionContext) -> Verdict:
    snapshot = context.snapshot
    if snapshot.engine is None:
        return "no engine has answered yet"
    if not snapshot.in_swarm:
        return "this engine is not in a swarm"
    if not snapshot.is_manager:
        return "this node is a worker: a manager of its swarm can"
    return snapshot.manager_problem.rstrip(".") or True


def _is_node(context: ActionContext) -> Verdict:
    if context.snapshot.engine is None:
        return "no engine has answered yet"
    return True if context.snapshot.in_swarm else "this engine is not in a swarm"


def _may_begin(context: ActionContext) -> Verdict:
    engine = context.snapshot.engine
    if engine is None:
        return "no engine has answered yet"
    if engine.swarm.state == "locked" or not context.snapshot.in_swarm:
        return True
    return "this engine is in a swarm already"


def _join(context: ActionContext) -> None:
    context.ui.go(Place("join", argument=" ".join(context.arguments)))


def _begin(context: ActionContext) -> None:
    engine = context.snapshot.engine
    if engine is not None and engine.swarm.state == "locked":
        context.ui.go(Place("unlock"))
    else:
        context.ui.go(Place("form", argument="swarm-init"))


def _tokens(context: ActionContext) -> None:
    context.ui.go(Place("tokens"))


def _settings(context: ActionContext) -> None:
    context.ui.go(Place("form", argument="swarm-update"))


def _authority(context: ActionContext) -> None:
    context.ui.go(Place("form", argument="swarm-ca"))


def leave_line(context: ActionContext) -> str:
    """What takes this node out of its Swarm."""
    return "docker swarm leave --force" if context.snapshot.is_manager else "docker swarm leave"


def _leave(context: ActionContext) -> None:
    context.ui.change(leave_line(context))


def _there(context: ActionContext) -> Verdict:
    key = context.target
    if key is not None and get(context.snapshot, key) is None:
        return "the node is gone"
    return context.snapshot.manager_problem.rstrip(".") or True


def _labels(context: ActionContext) -> None:
    context.ui.go(Place("form", tuple(context.targets[:1]), argument="node-update"))


def _remove(context: ActionContext) -> None:
    nodes = [context.snapshot.nodes.get(key.id) for key in context.targets]
    up = [node for node in nodes if node is not None and node.state != "down"]
    if len(context.targets) == 1 and up and context.target is not None:
        context.ui.prompt("node-remove", context.target)
    elif context.targets:
        context.ui.change(removal_line(context.targets, context.snapshot))


SWARM: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="node.remove",
        title="remove",
        help="Takes the node out of the Swarm, after its plan; one that is up leaves first, over SSH.",
        keys=("ctrl+d",),
        kinds=_NODE,
        views=frozenset({"nodes"}),
        group="Object",
        footer=8,
        danger=Danger.LOSES,
        changes=True,
        when=_there,
        run=_remove,
    ),
    ActionSpec(
        id="node.join",
        title="join machines",
        help="Lets other machines join the Swarm over SSH: looked at first, then joined, watched until they are ready.",
        keys=("n",),
        views=frozenset({"nodes"}),
        group="Everywhere",
        footer=2,
        changes=True,
        when=_is_manager,
        run=_join,
    ),
    ActionSpec(
        id="node.edit",
        title="edit",
        help="Changes labels, role and availability of the node; only what differs is sent.",
        keys=("E",),
        kinds=_NODE,
        views=frozenset({"nodes", "describe"}),
        group="Object",
        footer=6,
        danger=Danger.STOPS,
        changes=True,
        when=_there,
        run=_labels,
    ),
    ActionSpec(
        id="swarm.begin",
        title="start a swarm",
        help="Starts a Swarm on a plain engine: addresses, pools, autolock. Asks for the key of a locked one.",
        keys=("ctrl+n",),
        views=NEEDS_MANAGER | {"overview", "info"},
        group="Everywhere",
        changes=True,
        when=_may_begin,
        run=_begin,
    ),
    ActionSpec(
        id="swarm.join",
        title="join machines",
        help="Looks at a machine over SSH and lets it join; without one, shows those that were asked so far.",
        group="Program",
        verb="join",
        arguments="[USER@]HOST[:PORT] [worker|manager]",
        changes=True,
        when=_is_manager,
        run=_join,
    ),
    ActionSpec(
        id="swarm.init",
        title="start a swarm",
        help="Starts a Swarm on a plain engine, or asks for the key of a locked one.",
        group="Program",
        verb="init",
        aliases=("unlock",),
        changes=True,
        when=_may_begin,
        run=_begin,
    ),
    ActionSpec(
        id="swarm.tokens",
        title="tokens",
        help="Shows join tokens and the unlock key, hidden until asked for; copies, rotates, turns autolock.",
        group="Program",
        verb="tokens",
        aliases=("swarm",),
        when=_is_manager,
        run=_tokens,
    ),
    ActionSpec(
        id="swarm.settings",
        title="swarm settings",
        help="Changes settings of the Swarm: task history, heartbeat, certificates, snapshots, autolock.",
        group="Program",
        verb="settings",
        changes=True,
        when=_is_manager,
        run=_settings,
    ),
    ActionSpec(
        id="swarm.ca",
        title="rotate CA",
        help="Gives the Swarm a new certificate authority, its own or another one's.",
        group="Program",
        verb="ca",
        danger=Danger.LOSES,
        changes=True,
        when=_is_manager,
        run=_authority,
    ),
    ActionSpec(
        id="swarm.leave",
        title="leave",
        help="Takes this node out of its Swarm, after its plan: what that does to the managers' quorum.",
        group="Program",
        verb="leave",
        danger=Danger.LOSES,
        changes=True,
        when=_is_node,
        run=_leave,
    ),
)
