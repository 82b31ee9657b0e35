"""Who is on which network, asked anew of every node that is connected: what prune, remove and connect stand on.

Lists that the screen keeps are as fresh as what is shown needs; before a network is removed nobody on it may be missed,
so networks and containers of each node are asked for once more. A node that is not asked is named with why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from msgspec.structs import replace as changed

from backends.api import Cluster, Engine
from backends.errors import BackendError
from backends.model import Container, Kind, LinkState, Network, Node, Service, Snapshot, Task, Value

_log = logging.getLogger(__name__)

#: Seconds that one node is waited for, and how many are asked at once.
LIMIT, AT_ONCE = 10.0, 16
_KINDS = (Kind.NETWORK, Kind.CONTAINER)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    snapshot: Snapshot
    """What is known, with networks and containers of the asked nodes, services and tasks as they are now."""
    asked: frozenset[str] = frozenset()
    """IDs of the nodes that answered; the empty one is a plain engine."""
    missing: tuple[tuple[str, str], ...] = ()
    """(host name, why in a few words), by name."""


def unasked(node: Node, snapshot: Snapshot) -> str:
    """Why a node cannot be asked as things stand, in a few words; empty where it can."""
    if node.id == snapshot.node_id:
        return ""
    if node.state == "down":
        return "it is down"
    link = snapshot.links.get(node.id)
    if link is None:
        return "its engine is not connected"
    if link.state is LinkState.LIVE:
        return ""
    words = link.problem.removeprefix(f"{node.name}: ").rstrip(".") or "no answer yet"
    return words[:1].lower() + words[1:]


async def survey(cluster: Cluster, network: str = "", *, limit: float = LIMIT) -> Survey:
    """Asks. ``network`` is the ID of one whose endpoints are wanted too. Raises ``BackendError`` only where the engine
    that we were started on does not answer."""
    known = cluster.snapshot
    first = await _first(cluster, network)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(node: Node) -> Mapping[Kind, Sequence[Value]] | str:
        why = unasked(node, known)
        if why:
            return why
        try:
            async with gate, asyncio.timeout(limit):
                return await _ask(await cluster.engine_at(node.id), node.id, network)
        except TimeoutError:
            return "no answer"
        except BackendError as error:
            _log.debug("networks of %s: %s", node.name, error)
            return str(error).rstrip(".")

    others = sorted((n for n in known.nodes.values() if n.id != known.node_id), key=lambda node: node.name)
    answers = dict(zip((n.id for n in others), await asyncio.gather(*map(one, others)), strict=True))
    found = {known.node_id: first} | {i: a for i, a in answers.items() if not isinstance(a, str)}
    missing = tuple((n.name, a) for n in others if isinstance(a := answers[n.id], str))
    return Survey(_merged(known, found), frozenset(found), missing)


async def _first(cluster: Cluster, network: str) -> Mapping[Kind, Sequence[Value]]:
    """The engine that we were started on; a manager tells of the Swarm too."""
    snapshot, engine = cluster.snapshot, cluster.engine
    found = dict(await _ask(engine, snapshot.node_id, network))
    if snapshot.is_manager:
        found[Kind.SERVICE] = await engine.list(Kind.SERVICE)
        found[Kind.TASK] = await engine.list(Kind.TASK, {"desired-state": ["running"]})
    return found


async def _ask(engine: Engine, node_id: str, network: str) -> Mapping[Kind, Sequence[Value]]:
    found: dict[Kind, Sequence[Value]] = {}
    for kind in _KINDS:
        found[kind] = [_placed(value, node_id) for value in await engine.list(kind)]
    if network and any(isinstance(n, Network) and n.id == network for n in found[Kind.NETWORK]):
        inspected = await engine.network(network)
        found[Kind.NETWORK] = [inspected if _id(n) == network else n for n in found[Kind.NETWORK]]
    return found


def _id(value: Value) -> str:
    return str(getattr(value, "id", ""))


def _placed(value: Value, node_id: str) -> Value:
    if isinstance(value, Container) and value.node_id != node_id:
        return changed(value, node_id=node_id)
    return value


def _merged(known: Snapshot, found: Mapping[str, Mapping[Kind, Sequence[Value]]]) -> Snapshot:
    """Networks and containers of the asked nodes take the place of what was known of them."""
    containers = {i: c for i, c in known.containers.items() if c.node_id not in found}
    networks = {i: n for i, n in known.networks.items() if not n.is_swarm and n.node_id not in found}
    services, tasks = dict(known.services), dict(known.tasks)
    for node_id, lists in found.items():
        own = node_id == known.node_id
        for network in lists.get(Kind.NETWORK, ()):
            if isinstance(network, Network):
                _add(networks, network, own)
        containers |= {c.id: c for c in lists.get(Kind.CONTAINER, ()) if isinstance(c, Container)}
        if Kind.SERVICE in lists:
            services = {s.id: s for s in lists[Kind.SERVICE] if isinstance(s, Service)}
        if Kind.TASK in lists:
            told = {t.id: t for t in lists[Kind.TASK] if isinstance(t, Task)}
            tasks = {i: t for i, t in tasks.items() if t.is_over and i not in told} | told
    return replace(
        known,
        containers=MappingProxyType(containers),
        networks=MappingProxyType(networks),
        services=MappingProxyType(services),
        tasks=MappingProxyType(tasks),
        listed_on=MappingProxyType(
            {**known.listed_on, **{(kind, node): known.taken for node in found for kind in _KINDS}}
        ),
        listed=MappingProxyType({**known.listed, **dict.fromkeys(found[known.node_id], known.taken)}),
    )


def _add(networks: dict[str, Network], network: Network, own: bool) -> None:
    """A manager's word on a network of the Swarm counts more than a worker's; endpoints are gathered of all."""
    before = networks.get(network.id)
    if before is None:
        networks[network.id] = network
        return
    base = network if own else before
    merged = {e.endpoint_id or e.name: e for e in (*before.endpoints, *network.endpoints)}
    networks[network.id] = changed(
        base, endpoints=tuple(merged.values()), inspected=before.inspected or network.inspected
    )
