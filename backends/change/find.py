"""What a name in a docker line means: services, nodes, networks and containers by name or the begin of their ID. Pure.

A name counts more than an ID. What could be two services or two nodes is neither; networks and containers of
several nodes may share a name: then that of the engine's own node is meant.
"""

from __future__ import annotations

from backends.model import Container, Network, Node, Service, Snapshot

#: Characters of an ID that are enough to mean it.
ENOUGH = 4


def find_service(snapshot: Snapshot, text: str) -> Service | None:
    """A service by name or the begin of its ID."""
    named = [s for s in snapshot.services.values() if s.name == text]
    if not named and len(text) >= ENOUGH:
        named = [s for s in snapshot.services.values() if s.id.startswith(text)]
    return named[0] if len(named) == 1 else None


def find_node(snapshot: Snapshot, text: str) -> Node | None:
    """A node by ``self``, host name or the begin of its ID."""
    if text == "self":
        return snapshot.nodes.get(snapshot.node_id)
    named = [n for n in snapshot.nodes.values() if n.hostname == text]
    if not named and len(text) >= ENOUGH:
        named = [n for n in snapshot.nodes.values() if n.id.startswith(text)]
    return named[0] if len(named) == 1 else None


def find_network(snapshot: Snapshot, text: str) -> Network | None:
    """A network by ID, name or the begin of its ID: of the Swarm first, then of this node, then of others."""
    networks = snapshot.networks
    if text in networks:
        return networks[text]
    named = [n for n in networks.values() if n.name == text]
    if not named and len(text) >= ENOUGH:
        named = [n for n in networks.values() if n.id.startswith(text)]
    ranked = sorted(named, key=lambda n: (not n.is_swarm, n.node_id not in ("", snapshot.node_id)))
    return ranked[0] if ranked else None


def find_container(snapshot: Snapshot, text: str) -> Container | None:
    """A container by name or the begin of its ID; that of this node first."""
    found = [c for c in snapshot.containers.values() if c.name == text]
    if not found and len(text) >= ENOUGH:
        found = [c for c in snapshot.containers.values() if c.id.startswith(text)]
    return next((c for c in found if c.node_id == snapshot.node_id), found[0] if found else None)
