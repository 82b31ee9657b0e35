"""What changes of nodes would do: tasks that move, managers that come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from backends.change.flag_error import FlagError
from backends.change.requests import ManyNamed, NodeDemote, NodePromote, NodeRemove, NodeUpdate, Request
from backends.changing import drain, quorum
from backends.changing.told import Grade, Told, first_error
from backends.changing.told import node as find_node
from backends.model import Kind, Node, Snapshot
from backends.state.wording import listing, plural


def _nodes(request: ManyNamed, snapshot: Snapshot) -> list[Node] | FlagError:
    found = [find_node(snapshot, name) for name in request.names]
    error = first_error(found)
    return error if error is not None else [one for one in found if isinstance(one, Node)]


def _update(request: NodeUpdate, snapshot: Snapshot) -> Told | FlagError:
    node = find_node(snapshot, request.name)
    if isinstance(node, FlagError):
        return node
    options = request.options
    role = options.text("role")
    if role and role != node.role:
        return _demoted([node], snapshot) if role == "worker" else _promoted([node], snapshot)
    wanted = options.text("availability")
    if wanted and wanted != node.availability:
        return {"drain": _drain, "pause": _pause}.get(wanted, _activate)(node, snapshot)
    labels = [f"{text}" for text in options.values("label-add")] + [f"without {k}" for k in options.values("label-rm")]
    if not labels:
        return FlagError(f"Nothing of {node.name} would change.", "", instead="--availability, --role or --label-add")
    sentence = f"Labels {node.name} {listing(labels)}; tasks whose constraints it breaks move away."
    return Told(f"Label {node.name}", sentence)


def _drain(node: Node, snapshot: Snapshot) -> Told:
    rows = drain.moving(snapshot, node)
    warnings: list[str] = []
    for row in rows:
        if row.stays and not row.ends:
            warnings.append(
                f"{row.service} uses {listing(list(row.stays))} here. It does not move: it starts empty elsewhere."
            )
        if row.ports and not row.ends:
            warnings.append(
                f"{row.service} publishes {listing([str(p) for p in row.ports])} on its node: its address changes."
            )
    if Kind.TASK not in snapshot.listed:
        warnings.append("The tasks are not known yet: what moves is not listed.")
    facts = [("undo", f"docker node update --availability active {node.name}; tasks do not move back by themselves")]
    if node.role == "manager":
        facts.append(("quorum", f"not touched: {node.name} stays a manager"))
    else:
        facts.append(("quorum", f"not touched: {node.name} is a worker"))
    return Told(f"Drain {node.name}", drain.sentence(node, rows), Grade.LOSES, tuple(warnings), tuple(facts), rows)


def _pause(node: Node, _: Snapshot) -> Told:
    sentence = f"Places no new tasks on {node.name}; those that run there go on."
    return Told(f"Pause {node.name}", sentence, Grade.STOPS)


def _activate(node: Node, _: Snapshot) -> Told:
    return Told(f"Activate {node.name}", f"New tasks may be placed on {node.name} again; none moves there by itself.")


def _promote(request: NodePromote, snapshot: Snapshot) -> Told | FlagError:
    nodes = _nodes(request, snapshot)
    return nodes if isinstance(nodes, FlagError) else _promoted(nodes, snapshot)


def _promoted(nodes: list[Node], snapshot: Snapshot) -> Told | FlagError:
    new = [node for node in nodes if node.role != "manager"]
    names = listing([node.name for node in nodes])
    if not new:
        return FlagError(f"{names} {'is' if len(nodes) == 1 else 'are'} manager already.", "NODE")
    managers = sum(1 for node in snapshot.nodes.values() if node.role == "manager") + len(new)
    tolerance = (managers - 1) // 2
    sentence = f"Makes {names} a manager: {plural(managers, 'manager')}, of which {tolerance or 'none'} may fail."
    warnings = []
    if managers % 2 == 0:
        warnings.append(f"An even number of managers ({managers}) survives no more losses than {managers - 1}.")
    for node in new:
        if node.state != "ready":
            warnings.append(f"{node.name} is {node.state}: it counts for the majority, and cannot vote.")
    return Told(f"Promote {names}", sentence, Grade.STOPS, tuple(warnings))


def _demote(request: NodeDemote, snapshot: Snapshot) -> Told | FlagError:
    nodes = _nodes(request, snapshot)
    return nodes if isinstance(nodes, FlagError) else _demoted(nodes, snapshot)


def _demoted(nodes: list[Node], snapshot: Snapshot) -> Told | FlagError:
    names = listing([node.name for node in nodes])
    found = quorum.without(snapshot, {node.id for node in nodes})
    if found is None:
        return FlagError(f"{names} {'is' if len(nodes) == 1 else 'are'} worker already.", "NODE")
    warnings = []
    if any(node.id == snapshot.node_id for node in nodes):
        warnings.append("It is the node this session is on: the Swarm cannot be seen or changed from here any more.")
    if any(node.is_leader for node in nodes):
        warnings.append("It leads the managers now: another one is elected.")
    sentence = f"Makes {names} a worker. {found.sentence}"
    facts = (("undo", f"docker node promote {' '.join(node.name for node in nodes)}"),)
    return Told(f"Demote {names}", sentence, Grade.LOSES, tuple(warnings), facts, (), found)


def _remove(request: NodeRemove, snapshot: Snapshot) -> Told | FlagError:
    nodes = _nodes(request, snapshot)
    if isinstance(nodes, FlagError):
        return nodes
    forced = request.options.flag("force")
    for node in nodes:
        if node.role == "manager" and not forced:
            return FlagError(f"{node.name} is a manager.", "NODE", instead="demote it first, or add --force")
        if node.state != "down" and not forced:
            return FlagError(
                f"{node.name} is {node.state}: only a node that is down is removed.",
                "NODE",
                instead="let it leave there (docker swarm leave), or add --force",
            )
    names = listing([node.name for node in nodes])
    rows = tuple(row for node in nodes for row in drain.moving(snapshot, node))
    return Told(
        f"Remove {names}",
        f"Takes {names} out of the Swarm; its tasks are started elsewhere.",
        Grade.LOSES,
        (),
        (("undo", "none: it has to join anew, with a token"),),
        rows,
        quorum.without(snapshot, {node.id for node in nodes}),
    )


TELLERS: Mapping[type[Request], Callable[[Any, Snapshot], Told | FlagError]] = MappingProxyType(
    {NodeUpdate: _update, NodePromote: _promote, NodeDemote: _demote, NodeRemove: _remove}
)
