"""Plans of ``docker swarm`` and ``docker node``, with the quorum guard and what a drain does."""

from __future__ import annotations

from collections.abc import Sequence

from backends.change.check_swarm import find_node
from backends.change.drain import drain
from backends.change.quorum import QuorumChange, demoting, is_manager, leaving, promoting, votes
from backends.change.requests import (
    NodeDemote,
    NodePromote,
    NodeRemove,
    NodeUpdate,
    Request,
    SwarmCa,
    SwarmInit,
    SwarmJoin,
    SwarmJoinToken,
    SwarmLeave,
    SwarmUnlock,
    SwarmUnlockKey,
    SwarmUpdate,
)
from backends.change.steps import Compiled
from backends.change.story import Danger, Refusal, Story
from backends.model import Node, Snapshot
from backends.state.wording import listing


def plan_swarm(request: Request, snapshot: Snapshot, compiled: Compiled | None) -> Story | None:
    """The story of a request about the Swarm and its nodes; ``None`` for others."""
    if isinstance(request, NodeUpdate):
        return _update(request, snapshot)
    if isinstance(request, NodePromote):
        return _roles("Promote", request.names, snapshot, promoting(_nodes(request.names, snapshot), snapshot))
    if isinstance(request, NodeDemote):
        return _roles("Demote", request.names, snapshot, demoting(_nodes(request.names, snapshot), snapshot))
    if isinstance(request, NodeRemove):
        return _remove(request, snapshot)
    if isinstance(request, SwarmLeave):
        return _leave(request, snapshot)
    return _swarm(request)


def _nodes(names: Sequence[str], snapshot: Snapshot) -> list[Node]:
    return [node for node in (find_node(snapshot, name) for name in names) if node is not None]


def _roles(word: str, names: Sequence[str], snapshot: Snapshot, change: QuorumChange) -> Story:
    danger = Danger.NONE if change.after.spare >= change.before.spare else Danger.STOPS
    if change.after.managers and change.after.spare <= 0 and change.after.spare < change.before.spare:
        danger = Danger.LOSES
    refusal = _fatal(change)
    danger = Danger.LOSES if refusal is not None else danger
    return Story(f"{word} {listing(names)}", (change.sentence, *change.ways), danger, refusal=refusal, quorum=change)


def _fatal(change: QuorumChange) -> Refusal | None:
    if change.lost or (change.before.managers and not change.after.managers):
        return Refusal(change.sentence, change.ways)
    return None


def _update(request: NodeUpdate, snapshot: Snapshot) -> Story:
    options, nodes = request.options, _nodes((request.name,), snapshot)
    title, lines, danger = f"Update node {request.name}", [], Danger.NONE
    change, effects, refusal = None, None, None
    role, availability = options.text("role"), options.text("availability")
    if role and nodes:
        change = demoting(nodes, snapshot) if role == "worker" else promoting(nodes, snapshot)
        story = _roles("", (request.name,), snapshot, change)
        lines, danger, refusal = [*story.lines], story.danger, story.refusal
    if availability == "drain" and nodes:
        title = f"Drain node {request.name}"
        effects = drain(nodes, snapshot)
        lines += effects.lines()
        if any(is_manager(node) for node in nodes):
            lines.append(f"It stays a manager: {votes(snapshot)}.")
        moved = bool(effects.moved)
        danger = max(danger, Danger.LOSES if effects.data else Danger.STOPS if moved else Danger.NONE)
    elif availability == "pause":
        lines.append("It takes no new tasks; those that run there stay.")
    elif availability == "active":
        lines.append("It takes tasks again; those that run elsewhere stay there.")
    for text in options.values("label-add"):
        lines.append(f"Label {text} is set.")
    for text in options.values("label-rm"):
        lines.append(f"Label {text} goes.")
    if options.values("label-add") or options.values("label-rm"):
        lines.append("Tasks with a constraint on these labels move where their node does not fit any more.")
        danger = max(danger, Danger.STOPS if options.values("label-rm") else Danger.NONE)
    return Story(title, tuple(lines), danger, refusal=refusal, quorum=change, drain=effects)


def _remove(request: NodeRemove, snapshot: Snapshot) -> Story:
    nodes = _nodes(request.names, snapshot)
    title = f"Remove node {listing(request.names)}"
    lines = [f"{node.name} is {node.state} and leaves the Swarm's list." for node in nodes]
    effects = drain([node for node in nodes if node.state == "ready"], snapshot)
    lines += effects.lines() if effects.moved else ()
    managers = [node for node in nodes if is_manager(node)]
    change = demoting(managers, snapshot) if managers else None
    if change is not None:
        lines.append(change.sentence)
    forced = request.options.flag("force") or effects.data or bool(managers)
    refusal = _fatal(change) if change is not None else None
    danger = Danger.LOSES if forced else Danger.STOPS
    return Story(title, tuple(lines), danger, refusal=refusal, quorum=change, drain=effects if effects.moved else None)


def _leave(request: SwarmLeave, snapshot: Snapshot) -> Story:
    node = snapshot.nodes.get(snapshot.node_id)
    lines = ["Tasks on this node stop; its overlay networks go."]
    if not snapshot.is_manager or node is None:
        return Story("Leave the Swarm", tuple(lines), Danger.STOPS)
    change = leaving([node], snapshot)
    lines.append(change.sentence)
    refusal = _fatal(change)
    if change.after.managers == 0:
        sentence = "This is the last manager: services, networks, configs, secrets and tokens of the Swarm are lost."
        lines.append(sentence)
        refusal = Refusal(sentence, ("promote another node first: docker node promote NODE",))
    else:
        lines.append("It stays in the list of managers as unreachable: demote it first to keep the count right.")
    return Story("Leave the Swarm as a manager", tuple(lines), Danger.LOSES, refusal=refusal, quorum=change)


def _swarm(request: Request) -> Story | None:
    options = request.options
    rotate = options.flag("rotate")
    turning = Danger.STOPS if rotate else Danger.NONE
    if isinstance(request, SwarmInit):
        return _init(request)
    if isinstance(request, SwarmJoin):
        return Story(f"Join the Swarm at {request.remote}", ("The token decides: worker or manager.",), Danger.NONE)
    if isinstance(request, SwarmUpdate):
        lines = _autolock(options.flag("autolock"))
        return Story("Update the Swarm", lines, Danger.STOPS if lines else Danger.NONE)
    if isinstance(request, SwarmUnlock):
        return Story("Unlock this manager", (), Danger.NONE)
    word = "Rotate" if rotate else "Show"
    if isinstance(request, SwarmJoinToken):
        told = "The old token stops working; nodes that joined with it stay."
        return Story(f"{word} the {request.role} join token", (told,) if rotate else (), turning)
    if isinstance(request, SwarmUnlockKey):
        told = "Managers that restart in the next minutes may still ask for the old key: keep both."
        return Story(f"{word} the unlock key", (told,) if rotate else (), turning)
    if isinstance(request, SwarmCa):
        told = "Every node gets a new certificate; join tokens change."
        title = "Rotate the Swarm's certificate authority" if rotate else "Show the Swarm's root certificate"
        return Story(title, (told,) if rotate else (), turning)
    return None


def _init(request: SwarmInit) -> Story:
    if request.options.flag("force-new-cluster"):
        told = "A new Swarm of this manager alone, with the services it knows; other managers are cut off."
        return Story("Start a new Swarm from this node's state", (told,), Danger.LOSES)
    lines = ("This node becomes the first manager.", "An odd number of managers, 3 or more, bears a loss.")
    return Story("Start a Swarm", (*lines, *_autolock(request.options.flag("autolock"))), Danger.NONE)


def _autolock(on: bool) -> tuple[str, ...]:
    return ("A manager that restarts asks for the unlock key: without it the Swarm is lost.",) if on else ()
