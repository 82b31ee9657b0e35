"""Plans of ``docker swarm`` and ``docker node``, with the quorum guard and what a drain does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backends.change.drain import drain
from backends.change.find import find_node
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
from backends.state.wording import listing, plural


def plan_swarm(request: Request, snapshot: Snapshot, compiled: Compiled | None) -> Story | None:
    """The story of a request about the Swarm and its nodes; ``None`` for others."""
    if isinstance(request, NodeUpdate):
        return _update(request, snapshot)
    if isinstance(request, NodePromote):
        return _promote(request.names, snapshot)
    if isinstance(request, NodeDemote):
        return _demote(request.names, snapshot)
    if isinstance(request, NodeRemove):
        return _remove(request, snapshot)
    if isinstance(request, SwarmLeave):
        return _leave(request, snapshot)
    return _swarm(request, snapshot)


def _nodes(names: Sequence[str], snapshot: Snapshot) -> list[Node]:
    return [node for node in (find_node(snapshot, name) for name in names) if node is not None]


def _named(names: Sequence[str], snapshot: Snapshot) -> str:
    """Host names for IDs and ``self``."""
    found = [find_node(snapshot, name) for name in names]
    return listing([node.name if node is not None else name for node, name in zip(found, names, strict=True)])


def _promote(names: Sequence[str], snapshot: Snapshot) -> Story:
    nodes = [node for node in _nodes(names, snapshot) if not is_manager(node)]
    change = promoting(nodes, snapshot)
    makes = f"Makes {_named(names, snapshot)} {'a manager' if len(names) == 1 else 'managers'}."
    return _roles(f"Promote {_named(names, snapshot)}", makes, change, (), Danger.STOPS)


def _demote(names: Sequence[str], snapshot: Snapshot) -> Story:
    nodes = [node for node in _nodes(names, snapshot) if is_manager(node)]
    change = demoting(nodes, snapshot)
    makes = f"Makes {_named(names, snapshot)} {'a worker' if len(names) == 1 else 'workers'}."
    return _roles(f"Demote {_named(names, snapshot)}", makes, change, _left(nodes, snapshot), Danger.LOSES)


def _left(nodes: Sequence[Node], snapshot: Snapshot) -> list[str]:
    """What managers leave behind that are none any more."""
    found = []
    if any(node.id == snapshot.node_id for node in nodes):
        found.append("It is the node this session is on: the Swarm cannot be seen or changed from here any more.")
    if any(node.is_leader for node in nodes):
        found.append("It leads the managers now: another one is elected.")
    return found


def _roles(title: str, makes: str, change: QuorumChange, know: Sequence[str], least: Danger) -> Story:
    """The majority that is needed moves with every role, so that it is never done unasked."""
    danger = least
    if change.after.managers and change.after.spare <= 0 and change.after.spare < change.before.spare:
        danger = Danger.LOSES
    refusal = _fatal(change)
    danger = Danger.LOSES if refusal is not None else danger
    # The safe ways of what is refused are told by the refusal.
    ways = [] if refusal is not None else [f"{way[:1].upper()}{way[1:]}." for way in change.ways]
    return Story(title, (makes, change.sentence), danger, refusal=refusal, quorum=change, know=(*know, *ways))


def _fatal(change: QuorumChange) -> Refusal | None:
    if change.lost or (change.before.managers and not change.after.managers):
        return Refusal(change.sentence, change.ways)
    return None


def _update(request: NodeUpdate, snapshot: Snapshot) -> Story:
    options, nodes = request.options, _nodes((request.name,), snapshot)
    name = nodes[0].name if nodes else request.name
    role, availability = options.text("role"), options.text("availability")
    story = Story(f"Update {name}", (), Danger.NONE)
    if role and nodes and is_manager(nodes[0]) is not (role == "manager"):
        story = _demote((request.name,), snapshot) if role == "worker" else _promote((request.name,), snapshot)
    if availability:
        story = _joined(story, _available(availability, name, nodes, snapshot))
    added, removed = options.values("label-add"), options.values("label-rm")
    if added or removed:
        lines = [f"Label {text} is set." for text in added] + [f"Label {text} goes." for text in removed]
        lines.append("Tasks whose constraints this breaks move away.")
        danger = Danger.STOPS if removed else Danger.NONE
        story = _joined(story, Story(f"Label {name}", tuple(lines), danger))
    return story


def _joined(one: Story, other: Story) -> Story:
    """What several flags of one line do."""
    if not one.lines:
        return other
    return replace(
        one,
        title=f"Update {one.title.partition(' ')[2]}",
        lines=(*one.lines, *other.lines),
        danger=max(one.danger, other.danger),
        know=(*one.know, *other.know),
        facts=(*one.facts, *other.facts),
        drain=one.drain or other.drain,
    )


def _available(wanted: str, name: str, nodes: Sequence[Node], snapshot: Snapshot) -> Story:
    if wanted == "pause":
        sentence = f"Places no new tasks on {name}; those that run there go on."
        return Story(f"Pause {name}", (sentence,), Danger.NONE)
    if wanted != "drain":
        sentence = f"New tasks may be placed on {name} again; none moves there by itself."
        return Story(f"Activate {name}", (sentence,), Danger.NONE)
    effects = drain(nodes, snapshot)
    kind = "a manager" if any(is_manager(node) for node in nodes) else "a worker"
    quorum = f"not touched: {name} stays {kind}; {votes(snapshot)}"
    moving = any(not moved.stays for moved in effects.moved)
    lost = effects.data or any(moved.stranded for moved in effects.moved)
    danger = Danger.LOSES if lost else Danger.STOPS if moving or effects.moved else Danger.NONE
    return Story(
        f"Drain {name}",
        (effects.sentence,),
        danger,
        drain=effects,
        know=tuple(effects.know()),
        facts=(("quorum", quorum), *effects.facts()),
    )


def _remove(request: NodeRemove, snapshot: Snapshot) -> Story:
    nodes = _nodes(request.names, snapshot)
    names = _named(request.names, snapshot)
    lines = [f"Takes {names} out of the Swarm's list; to come back it has to join anew, with a token."]
    lines += [f"{node.name} is {node.state}." for node in nodes]
    effects = drain([node for node in nodes if node.state == "ready"], snapshot)
    managers = [node for node in nodes if is_manager(node)]
    change = demoting(managers, snapshot) if managers else None
    if effects.moved:
        lines.append(effects.sentence)
    if change is not None:
        lines.append(change.sentence)
    forced = request.options.flag("force") or effects.data or bool(managers)
    refusal = _fatal(change) if change is not None else None
    return Story(
        f"Remove {names}",
        tuple(lines),
        Danger.LOSES if forced else Danger.STOPS,
        refusal=refusal,
        quorum=change,
        drain=effects if effects.moved else None,
        know=tuple(effects.know()) if effects.moved else (),
    )


def _leave(request: SwarmLeave, snapshot: Snapshot) -> Story:
    node = snapshot.nodes.get(snapshot.node_id)
    lines = ["Tasks on this node stop; its overlay networks go."]
    effects = drain([node], snapshot) if node is not None else None
    moved = effects if effects is not None and effects.moved else None
    if moved is not None:
        lines.append(moved.sentence)
    know = tuple(moved.know()) if moved is not None else ()
    if not snapshot.is_manager or node is None:
        danger = Danger.LOSES if moved is not None and moved.data else Danger.STOPS
        return Story("Leave the Swarm", tuple(lines), danger, drain=moved, know=know)
    change = leaving([node], snapshot)
    lines.append(change.sentence)
    refusal = _fatal(change)
    if change.after.managers == 0:
        sentence = "This is the last manager: services, networks, configs, secrets and tokens of the Swarm are lost."
        lines.append(sentence)
        refusal, moved, know = Refusal(sentence, change.ways), None, ()
    else:
        lines.append("It stays in the list of managers as unreachable: demote it first to keep the count right.")
        if node.is_leader:
            know = ("It leads the managers now: another one is elected.", *know)
    return Story(
        "Leave the Swarm as a manager",
        tuple(lines),
        Danger.LOSES,
        refusal=refusal,
        quorum=change,
        know=know,
        drain=moved,
    )


def _swarm(request: Request, snapshot: Snapshot) -> Story | None:
    options = request.options
    if isinstance(request, SwarmInit):
        return _init(request)
    if isinstance(request, SwarmJoin):
        return Story(f"Join the Swarm at {request.remote}", ("The token decides: worker or manager.",), Danger.NONE)
    if isinstance(request, SwarmUpdate):
        return _settings(request, snapshot)
    if isinstance(request, SwarmUnlock):
        return Story("Unlock this manager", (), Danger.NONE)
    rotate = options.flag("rotate")
    if isinstance(request, SwarmJoinToken):
        return _rotated(f"the {request.role} token", _TOKEN, snapshot) if rotate else _shown(request.role)
    if isinstance(request, SwarmUnlockKey):
        return _rotated("the unlock key", _KEY, snapshot) if rotate else _shown("unlock")
    if isinstance(request, SwarmCa):
        return _rotated("the certificate authority", _AUTHORITY, snapshot) if rotate else _shown("")
    return None


#: What is rotated: (what happens, facts in the plan).
_TOKEN = (
    "Makes a new one; the old one ends at once.",
    ("ends", "lines with the old token in scripts and notes, and attempts to join that are under way"),
)
_KEY = (
    "Makes a new one; managers take it over in the next minutes.",
    ("keep", "both: a manager that restarts before it has heard of it asks for the old one"),
)
_AUTHORITY = (
    "Gives every node a new certificate, one after the other, while all goes on running.",
    ("ends", "both join tokens: they name the authority"),
)


def _shown(what: str) -> Story:
    words = {"worker": "the worker join token", "manager": "the manager join token", "unlock": "the unlock key"}
    return Story(f"Show {words.get(what, 'the root certificate')}", (), Danger.NONE)


def _rotated(title: str, told: tuple[str, tuple[str, str]], snapshot: Snapshot) -> Story:
    count = len(snapshot.nodes)
    stays = f"all {plural(count, 'node')}" if count != 1 else "the node"
    facts = [("stays", f"{stays}: tasks and networks are not touched"), told[1]]
    away = sorted(node.name for node in snapshot.nodes.values() if node.state != "ready")
    know = []
    if told is _AUTHORITY and away:
        know.append(f"{listing(away, 3)} would get a new certificate only when back: it ends when all have one.")
    return Story(f"Rotate {title}", (told[0],), Danger.LOSES, facts=tuple(facts), know=tuple(know))


def _settings(request: SwarmUpdate, snapshot: Snapshot) -> Story:
    options = request.options
    was = snapshot.swarm is not None and snapshot.swarm.autolock
    if "autolock" not in options or options.flag("autolock") is was:
        return Story("Update the Swarm", ("Changes settings of the managers; no task restarts.",), Danger.NONE)
    if options.flag("autolock"):
        facts = (("key", "shown by :tokens and by docker swarm unlock-key: keep it where managers are not"),)
        return Story("Turn autolock on", _autolock(True), Danger.STOPS, facts=facts)
    return Story("Turn autolock off", ("Managers that restart open their state by themselves again.",), Danger.STOPS)


def _init(request: SwarmInit) -> Story:
    if request.options.flag("force-new-cluster"):
        told = "A new Swarm of this manager alone, with the services it knows; other managers are cut off."
        return Story("Start a new Swarm from this node's state", (told,), Danger.LOSES)
    lines = ("This node becomes the first manager.", "An odd number of managers, 3 or more, bears a loss.")
    return Story("Start a Swarm", (*lines, *_autolock(request.options.flag("autolock"))), Danger.NONE)


def _autolock(on: bool) -> tuple[str, ...]:
    return ("A manager that restarts asks for the unlock key: without it the Swarm is lost.",) if on else ()
