"""``docker swarm`` and ``docker node``: what the engine would refuse, or do at a price."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backends.change import subnets, swarm_flags
from backends.change.find import find_node
from backends.change.finding import Finding, error, note, warning
from backends.change.near import meant
from backends.change.quorum import is_manager
from backends.change.requests import (
    NodeDemote,
    NodePromote,
    NodeRemove,
    NodeUpdate,
    SwarmInit,
    SwarmJoin,
    SwarmLeave,
    SwarmUpdate,
)
from backends.change.subnets import Route
from backends.model import Kind, Node, Snapshot
from backends.state.wording import listing

_TOKEN = re.compile(r"SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}\Z")
_HOUR = 3600 * 10**9


def check_init(request: SwarmInit, snapshot: Snapshot, routes: Sequence[Route] = ()) -> Iterator[Finding]:
    """A new Swarm."""
    options, engine = request.options, snapshot.engine
    if snapshot.in_swarm and not options.flag("force-new-cluster"):
        yield error(
            'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
            "",
            "docker swarm leave --force first",
        )
    if engine is not None and engine.live_restore:
        yield error(
            "--live-restore daemon configuration is incompatible with swarm mode",
            "",
            'take "live-restore" out of daemon.json and restart the engine',
        )
    port = swarm_flags.INIT["data-path-port"].type.parse(options.text("data-path-port", "0"))
    if port and not 1024 <= port <= 49151:
        yield error(f"invalid data path port: {port} is not in 1024-49151", "data-path-port", "1024 to 49151")
    yield from _pools(request, routes)
    if not options.text("advertise-addr") and len({r.interface for r in routes if r.interface != "lo"}) > 1:
        yield note(
            "This machine has several addresses: others must reach the one that is advertised.", "advertise-addr"
        )
    yield from _settings(request)


def _pools(request: SwarmInit, routes: Sequence[Route]) -> Iterator[Finding]:
    options = request.options
    given = [
        p
        for text in options.values("default-addr-pool")
        for p in swarm_flags.INIT["default-addr-pool"].type.parse(text)
    ]
    length = int(options.text("default-addr-pool-mask-length", "24"), 0)
    for text in given:
        pool = subnets.read(text)
        if pool is not None and (length < pool.prefixlen or length > 29):
            sentence = f"invalid default-addr-pool-mask-length {length}: networks cut from {text} cannot be that size"
            yield error(sentence, "default-addr-pool-mask-length", f"{pool.prefixlen} to 29")
    used = subnets.taken(Snapshot(), routes)
    for text in given or [subnets.SWARM_POOL[0]]:
        pool = subnets.read(text)
        for other in subnets.overlapping(pool, used) if pool is not None else ():
            free = listing(subnets.free(used, (("10.0.0.0/8", 16), ("172.16.0.0/12", 16)), 2))
            which = "The default pool" if not given else "The pool"
            yield warning(
                f"{which} {text} contains {other.subnet}, {other.what}: overlays may take its addresses.",
                "default-addr-pool",
                f"--default-addr-pool {free}" if free else "a pool apart from it",
            )
            break


def _settings(request: SwarmInit | SwarmUpdate) -> Iterator[Finding]:
    options, table = request.options, swarm_flags.UPDATE
    if "cert-expiry" in options and table["cert-expiry"].type.parse(options.text("cert-expiry")) < _HOUR:
        yield error("minimum certificate expiry time is 1h0m0s", "cert-expiry", "1h or more")
    if "dispatcher-heartbeat" in options:
        beat = table["dispatcher-heartbeat"].type.parse(options.text("dispatcher-heartbeat"))
        if beat < 0:
            sentence = "heartbeat time period cannot be a negative duration"
            yield error(sentence, "dispatcher-heartbeat", "such as 5s")
        elif beat < 10**9:
            yield warning("Managers would be busy with so many heartbeats.", "dispatcher-heartbeat", "such as 5s")


def check_update(request: SwarmUpdate, snapshot: Snapshot) -> Iterator[Finding]:
    """Settings of the Swarm."""
    yield from _settings(request)


def check_join(request: SwarmJoin, snapshot: Snapshot) -> Iterator[Finding]:
    """This engine joins a Swarm."""
    if snapshot.in_swarm:
        yield error(
            'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
            "",
            "docker swarm leave first",
        )
    token = request.options.text("token")
    if not token:
        yield error("A join token is needed.", "token", "the one that docker swarm join-token shows on a manager")
    elif not _TOKEN.match(token):
        yield error("invalid join token", "token", "SWMTKN-1-… as docker swarm join-token shows it")
    if snapshot.engine is not None and snapshot.engine.live_restore:
        sentence = "--live-restore daemon configuration is incompatible with swarm mode"
        yield error(sentence, "", 'take "live-restore" out of daemon.json and restart the engine')


def check_leave(request: SwarmLeave, snapshot: Snapshot) -> Iterator[Finding]:
    """This engine leaves its Swarm."""
    if snapshot.engine is not None and not snapshot.in_swarm:
        yield error("This node is not part of a swarm.", "")
    elif snapshot.is_manager and not request.options.flag("force"):
        yield error(
            "You are attempting to leave the swarm on a node that is participating as a manager.",
            "force",
            "demote it first with docker node demote, or --force",
        )


def check_nodes(request: NodeUpdate | NodePromote | NodeDemote | NodeRemove, snapshot: Snapshot) -> Iterator[Finding]:
    """Names of nodes, and what only some of them bear."""
    for name in request.arguments:
        node = find_node(snapshot, name)
        if node is None:
            if Kind.NODE in snapshot.listed:
                yield error(f"node {name} not found", "NODE", meant(name, (n.name for n in snapshot.nodes.values())))
            continue
        if isinstance(request, NodeRemove):
            yield from _removal(request, node)
        if isinstance(request, NodeUpdate):
            for key in request.options.values("label-rm"):
                if key not in node.labels:
                    yield error(f"key {key} doesn't exist in node's labels", "label-rm", listing(sorted(node.labels)))
        if isinstance(request, NodePromote | NodeDemote) and is_manager(node) is isinstance(request, NodePromote):
            role = "a manager" if is_manager(node) else "a worker"
            yield note(f"{node.name} is {role} already.", "NODE")
        elif isinstance(request, NodePromote) and node.state != "ready":
            yield warning(f"{node.name} is {node.state}: it becomes a manager only when it is back.", "NODE")


def _removal(request: NodeRemove, node: Node) -> Iterator[Finding]:
    if is_manager(node):
        yield error(
            f"node {node.name} is a cluster manager and is a member of the raft cluster. It must be demoted to worker "
            "before removal",
            "NODE",
            f"docker node demote {node.name} first",
        )
    elif node.state == "ready" and not request.options.flag("force"):
        yield error(
            f"node {node.name} is not down and can't be removed",
            "NODE",
            "docker swarm leave on it first, or --force",
        )
