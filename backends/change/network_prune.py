"""What a prune of networks takes and what it leaves, on every node that was asked, with why for each. Pure.

The engine's own prune forgets that a stopped container counts as a user, and takes what fell out of use meanwhile.
Here each network is named, looked at, and removed by name on its own node.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from backends.change.network_users import PREDEFINED, host_name, users_of
from backends.model import Network, Snapshot
from backends.state.wording import listing, plural

#: Networks younger than this many seconds are not marked: somebody may be about to use them.
YOUNG = 3600.0
_COMPOSE = "com.docker.compose.project"


@dataclass(frozen=True, slots=True)
class Goes:
    """A network that nothing uses."""

    network: Network
    node: str
    """Host name; ``swarm`` for those of all nodes."""
    why: str
    marked: bool = True
    """Whether it goes unless a person says otherwise."""


@dataclass(frozen=True, slots=True)
class Stays:
    """A network, or several alike, that stays."""

    name: str
    why: str
    driver: str = ""
    node: str = ""
    grave: bool = False
    """Whether the engine's own prune would take it all the same."""


@dataclass(frozen=True, slots=True)
class Pruning:
    """All of it."""

    goes: tuple[Goes, ...] = ()
    stays: tuple[Stays, ...] = ()

    @property
    def nodes(self) -> int:
        """How many nodes lose a network that is theirs alone."""
        return len({g.network.node_id for g in self.goes if not g.network.is_swarm})


def made(snapshot: Snapshot, asked: Collection[str]) -> Iterator[Network]:
    """Networks that people made and that can be removed from here: those of the Swarm, and of the nodes ``asked``."""
    for network in snapshot.networks.values():
        if network.name in PREDEFINED or network.ingress or network.name == "docker_gwbridge":
            continue
        if snapshot.is_manager if network.is_swarm else network.node_id in asked:
            yield network


def pruning(
    snapshot: Snapshot,
    asked: Collection[str],
    missing: Sequence[tuple[str, str]] = (),
    *,
    now: float,
    older: float = 0.0,
    label: str = "",
) -> Pruning:
    """What a prune would do. ``asked`` are IDs of nodes; ``older`` in seconds and ``label`` (``KEY`` or ``KEY=VALUE``)
    let only such networks go."""
    goes: list[Goes] = []
    swarm: list[Network] = []
    stays: list[Stays] = []
    kept: list[Network] = []
    for network in sorted(made(snapshot, asked), key=lambda n: (not n.is_swarm, _where(n, snapshot), n.name)):
        used = holding(network, snapshot)
        if used is None:
            if _passes(network, now, older, label):
                goes.append(_going(network, snapshot, now))
            else:
                kept.append(network)
        elif network.is_swarm and not used.grave:
            swarm.append(network)
        else:
            stays.append(used)
    stays.sort(key=lambda one: not one.grave)
    stays += _together(swarm, kept, snapshot, asked)
    stays += _missing(missing)
    return Pruning(tuple(goes), tuple(stays))


def _missing(missing: Sequence[tuple[str, str]]) -> list[Stays]:
    """Nodes that were not asked, by reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in missing:
        reasons.setdefault(why, []).append(name)
    return [
        Stays("all", f"not asked: {why}", node=names[0])
        if len(names) == 1
        else Stays("all", f"not asked, {why}: {listing(names, 6)}", node=plural(len(names), "node"))
        for why, names in reasons.items()
    ]


def _where(network: Network, snapshot: Snapshot) -> str:
    return "swarm" if network.is_swarm else host_name(network.node_id, snapshot)


def holding(network: Network, snapshot: Snapshot) -> Stays | None:
    """Why it stays; ``None`` where nothing uses it."""
    services, containers = users_of(network, snapshot)
    driver, where = network.driver, _where(network, snapshot)
    stopped = [c.name for c in containers if c.state not in ("running", "paused", "restarting")]
    running = [c.name for c in containers if c.name not in stopped]
    if services or running:
        names = [*(s.name for s in services), *running]
        return Stays(network.name, f"used by {listing(names, 3)}", driver, where)
    if stopped:
        verb = "needs" if len(stopped) == 1 else "need"
        again = "it" if len(stopped) == 1 else "they"
        why = (
            f"{listing(stopped, 3)}, stopped, {verb} it. docker network prune would take it, and {again} could not "
            "start again."
        )
        return Stays(network.name, why, driver, where, grave=True)
    copies = [n.name for n in snapshot.networks.values() if n.config_from == network.name]
    if network.config_only and copies:
        return Stays(
            network.name, f"{listing(copies, 3)} {'is' if len(copies) == 1 else 'are'} made from it", driver, where
        )
    if network.endpoints and any(e.container_id for e in network.endpoints):
        return Stays(network.name, f"used by {listing([e.name for e in network.endpoints], 3)}", driver, where)
    return None


def _going(network: Network, snapshot: Snapshot, now: float) -> Goes:
    project, stack = network.labels.get(_COMPOSE, ""), network.stack
    why = "no service and no container is on it" if network.is_swarm else "no container names it"
    if network.config_only:
        why = "a plan that no network is made from"
    elif project:
        why = "its compose project has no container"
        if any(c.project == project and c.node_id == network.node_id for c in snapshot.containers.values()):
            why = "no container of its compose project is on it"
    elif stack:
        why = f"nothing of its stack {stack} is on it"
    young = network.created is not None and now - network.created < YOUNG
    return Goes(network, _where(network, snapshot), "younger than 1 h: not marked" if young else why, not young)


def _together(
    swarm: Sequence[Network], kept: Sequence[Network], snapshot: Snapshot, asked: Collection[str]
) -> list[Stays]:
    """Those that stay for the same reason, in one row each."""
    found = []
    if swarm:
        most = max(swarm, key=lambda n: len(users_of(n, snapshot)[0]))
        users = listing([s.name for s in users_of(most, snapshot)[0]], 3) or "containers"
        name = swarm[0].name if len(swarm) == 1 else f"{len(swarm)} of the swarm"
        why = f"used by {users}" if len(swarm) == 1 else f"used by services; {most.name} by {users}"
        found.append(Stays(name, why, swarm[0].driver if len(swarm) == 1 else "", "swarm"))
    if kept:
        names = listing([n.name for n in kept], 4)
        found.append(Stays(names, "not used either; kept by what was chosen below"))
    each = "each node" if len(asked) > 1 else ""
    found.append(Stays("bridge, host, none", "the engine's own, they never go", node=each))
    if any(n.name == "docker_gwbridge" and n.node_id in asked for n in snapshot.networks.values()):
        found.append(Stays("docker_gwbridge", "the way out of overlays", "bridge", each))
    ingress = next((n for n in snapshot.networks.values() if n.ingress), None)
    if ingress is not None:
        found.append(Stays(ingress.name, "the routing mesh for published ports", ingress.driver, "swarm"))
    return found


def _passes(network: Network, now: float, older: float, label: str) -> bool:
    if older and (network.created is None or now - network.created < older):
        return False
    key, given, value = label.partition("=")
    return not label or (key in network.labels and (not given or network.labels[key] == value))


def comes_to(goes: Sequence[Goes]) -> str:
    """``4 local subnets on 4 nodes and 1 of the swarm``: what is free afterwards."""
    local = [g for g in goes if not g.network.is_swarm]
    wide = [g for g in goes if g.network.is_swarm]
    parts = []
    if local:
        nodes = {g.network.node_id for g in local}
        parts.append(
            f"{plural(sum(len(g.network.subnets) for g in local), 'local subnet')} on {plural(len(nodes), 'node')}"
        )
    if wide:
        parts.append(f"{plural(sum(len(g.network.subnets) for g in wide), 'subnet')} of the swarm")
    return " and ".join(parts) or "nothing"
