"""Nodes over SSH: trying again, host keys, the mapping, and questions that wait."""

from __future__ import annotations

from backends.errors import HostKeyRefused
from backends.model import Kind, LinkState
from tui.actions.calls import Calls
from tui.actions.objects import node_name
from tui.actions.opening import GoTo
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import LIST_IDS

#: Lists of what each node has of its own: nodes that could not be asked are rows below them.
PER_NODE = frozenset({"containers", "volumes", "images", "networks", "endpoints"})
_NODE = frozenset({Kind.NODE})


def troubled(context: ActionContext) -> tuple[str, ...]:
    """Ids of nodes that could not be asked, by name."""
    snapshot = context.snapshot
    away = (LinkState.STALE, LinkState.DENIED, LinkState.UNREACHABLE)
    found = [node_id for node_id, link in snapshot.links.items() if link.state in away]
    return tuple(sorted(found, key=lambda node_id: node_name(snapshot, node_id)))


def _tried(context: ActionContext) -> tuple[str, ...]:
    marked = tuple(key.id for key in context.targets if key.kind is Kind.NODE)
    return marked or troubled(context)


def _can_try(context: ActionContext) -> Verdict:
    if context.ui.cluster.nodes is None:
        return "other nodes are not reached from here"
    marked = tuple(key.id for key in context.targets if key.kind is Kind.NODE)
    if marked == (context.snapshot.node_id,):
        return "this node is not reached over SSH"
    if not marked and not troubled(context):
        return "every node that was asked answers"
    return True


def _try(context: ActionContext) -> None:
    nodes = tuple(node_id for node_id in _tried(context) if node_id != context.snapshot.node_id)
    context.ui.call("node-try", *nodes)


def refused_keys(context: ActionContext) -> tuple[str, ...]:
    """Ids of nodes whose host key is refused."""
    nodes = context.ui.cluster.nodes
    if nodes is None:
        return ()
    reached = ((node_id, nodes.reach(node_id)) for node_id in troubled(context))
    return tuple(i for i, reach in reached if reach is not None and isinstance(reach.problem, HostKeyRefused))


def _can_show_keys(context: ActionContext) -> Verdict:
    if context.ui.cluster.nodes is None:
        return "other nodes are not reached from here"
    key = context.target
    if key is not None and key.kind is Kind.NODE:
        return "this node is not reached over SSH" if key.id == context.snapshot.node_id else True
    return True if refused_keys(context) else "no host key is refused"


def _keys(context: ActionContext) -> None:
    key = context.target
    node = key.id if key is not None and key.kind is Kind.NODE else next(iter(refused_keys(context)), "")
    context.ui.call("node-keys", node)


def _can_map(context: ActionContext) -> Verdict:
    key = context.target
    if context.ui.cluster.nodes is None:
        return "other nodes are not reached from here"
    if key is not None and key.id == context.snapshot.node_id:
        return "this node is not reached over SSH"
    return True


REACH: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="node.try",
        title="try ssh",
        help="Connects to the node now, also where its login or host key was refused before.",
        keys=("t",),
        kinds=_NODE,
        views=LIST_IDS | {"describe", "reach"},
        group="Object",
        verb="try",
        arguments="NAME",
        footer=3,
        when=_can_try,
        run=_try,
    ),
    ActionSpec(
        id="nodes.try",
        title="try nodes",
        help="Tries all nodes that could not be asked.",
        keys=("t",),
        views=PER_NODE,
        group="Everywhere",
        when=_can_try,
        run=_try,
    ),
    ActionSpec(
        id="node.keys",
        title="host keys",
        help="Shows the host key of the node: the known one, and the one it shows where that is another.",
        keys=("K",),
        kinds=_NODE,
        views=LIST_IDS | {"describe", "reach"},
        group="Object",
        footer=8,
        when=_can_show_keys,
        run=_keys,
    ),
    ActionSpec(
        id="nodes.keys",
        title="host keys",
        help="Shows the host keys of a node whose key is refused.",
        keys=("K",),
        views=PER_NODE,
        group="Everywhere",
        when=_can_show_keys,
        run=_keys,
    ),
    ActionSpec(
        id="node.reach",
        title="mapping",
        help="Shows how the node is reached and who said so; changes and saves it.",
        keys=("M",),
        kinds=_NODE,
        views=LIST_IDS | {"describe"},
        group="Object",
        verb="reach",
        arguments="NAME",
        footer=4,
        when=_can_map,
        run=GoTo("reach"),
    ),
    ActionSpec(
        id="question.open",
        title="login that waits",
        help="Opens the first question about a login: a passphrase, a password, an unknown host key.",
        keys=("A",),
        group="Everywhere",
        verb="answer",
        run=Calls("question"),
    ),
)
