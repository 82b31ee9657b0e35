"""Plans of ``docker network``, ``secret`` and ``config``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backends.change import network_flags
from backends.change.find import find_container, find_network
from backends.change.network_paths import cut_off, detached
from backends.change.network_prune import holding, made
from backends.change.numbers import parse_duration
from backends.change.requests import (
    ConfigCreate,
    ConfigRemove,
    NetworkConnect,
    NetworkCreate,
    NetworkDisconnect,
    NetworkPrune,
    NetworkRemove,
    Request,
    SecretCreate,
    SecretRemove,
)
from backends.change.steps import Compiled, Step, segment
from backends.change.story import Danger, Story
from backends.change.subnets import free, pools, taken
from backends.model import Network, Snapshot
from backends.state.drivers import DRIVERS
from backends.state.relations import Users, relations
from backends.state.wording import listing, plural


def plan_network(request: Request, snapshot: Snapshot, compiled: Compiled | None) -> Story | None:
    """The story of a request about networks and data; ``None`` for others."""
    if isinstance(request, NetworkCreate):
        return _create(request, snapshot)
    if isinstance(request, NetworkConnect):
        return _connect(request, snapshot)
    if isinstance(request, NetworkDisconnect):
        return _disconnect(request, snapshot)
    if isinstance(request, NetworkRemove):
        found = [n.name if (n := find_network(snapshot, name)) is not None else name for name in request.names]
        return Story(f"Remove network {listing(found)}", _removed(request.names, snapshot), Danger.LOSES)
    if isinstance(request, NetworkPrune):
        return _prune(request, snapshot)
    return _data(request, snapshot)


def _create(request: NetworkCreate, snapshot: Snapshot) -> Story:
    driver = request.options.text("driver", "bridge")
    lines = [f"{driver}: {DRIVERS[driver]}."] if driver in DRIVERS else []
    given = request.options.values("subnet")
    overlay = driver == "overlay"
    if given:
        lines.append(f"Addresses of {listing(given)}.")
    elif driver in ("bridge", "overlay") and not request.options.flag("config-only"):
        used = [t for t in taken(snapshot) if t.network is None or overlay == t.network.is_swarm]
        following = free(used, pools(snapshot, overlay), 1)
        lines.append(f"Addresses of the next free pool{f', most likely {following[0]}' if following else ''}.")
    if request.options.flag("internal"):
        lines.append("Nothing outside can be reached from it.")
    if any(text.partition("=")[0] == "encrypted" for text in request.options.values("opt")):
        lines.append("Traffic between nodes is encrypted, which costs speed.")
    return Story(f"Create {driver} network {request.name}", tuple(lines), Danger.NONE)


def _connect(request: NetworkConnect, snapshot: Snapshot) -> Story:
    network, container = find_network(snapshot, request.network), find_container(snapshot, request.container)
    to = network.name if network is not None else request.network
    name = container.name if container is not None else request.container
    address = request.options.text("ip")
    lines = [f"{name} gets {f'the address {address}' if address else 'an address'} of {to}, at once; nothing restarts."]
    aliases = request.options.values("alias")
    if aliases:
        lines.append(f"It answers to {listing(aliases)} there.")
    return Story(f"Connect {name} to {to}", tuple(lines), Danger.NONE)


def _disconnect(request: NetworkDisconnect, snapshot: Snapshot) -> Story:
    network, container = find_network(snapshot, request.network), find_container(snapshot, request.container)
    to = network.name if network is not None else request.network
    if network is None or container is None:
        line = f"{request.container} loses its place on {to}; open connections break."
        return Story(f"Detach {request.container} from {to}", (line,), Danger.STOPS)
    attached = relations(snapshot).attachment(container, network)
    address = attached.ipv4.partition("/")[0] if attached is not None else ""
    names = (
        [a for a in attached.aliases if a not in (container.name, container.id[:12])] if attached is not None else []
    )
    loses = f"its address {address}" if address else "its place"
    if names:
        loses += f" and the {'name' if len(names) == 1 else 'names'} {listing(names)}"
    runs = container.state in ("running", "paused")
    lines = [f"{container.name} loses {loses} on {to}, at once. It {'goes on running' if runs else 'stays stopped'}."]
    if runs:
        lines.append(cut_off(container, network, snapshot))
    know: tuple[str, ...] = ()
    if container.service_name:
        know = (f"It is a task of {container.service_name}: only this one is taken off, the next is on {to} again.",)
    facts = tuple(f for f in detached(container, network, snapshot) if f[0] != "undo")
    return Story(f"Detach {container.name} from {to}", tuple(lines), Danger.STOPS, know=know, facts=facts)


def _removed(names: Sequence[str], snapshot: Snapshot) -> tuple[str, ...]:
    lines = []
    for name in names:
        network = find_network(snapshot, name)
        if network is None:
            continue
        users = relations(snapshot).users(network.key)
        freed = f" {listing(network.subnets)} {'is' if len(network.subnets) == 1 else 'are'} free then."
        lines.append(f"{network.name} {_used(users)}." if users else f"Nobody is on {network.name}.")
        lines[-1] += freed if network.subnets and not users else ""
        if network.ingress:
            lines.append("Ports published through the routing mesh stop answering on every node.")
    return tuple(lines)


def _used(users: Users) -> str:
    """``is used by web and 2 containers``."""
    names = [service.name for service in users.services] + [c.name for c in users.containers if not c.service_id]
    return f"is used by {listing(names)}" if names else "is used"


def going(request: NetworkPrune, snapshot: Snapshot) -> tuple[Network, ...]:
    """Networks that a prune removes: made by people, used by no service and no container, a stopped one included,
    of this node or of the Swarm, and let through by the filters."""
    found = (n for n in made(snapshot, _own(snapshot)) if holding(n, snapshot) is None)
    passing = (network for network in found if _passes(request, network, snapshot.taken))
    return tuple(sorted(passing, key=lambda network: network.name))


def _own(snapshot: Snapshot) -> tuple[str, ...]:
    """The node whose networks a typed line means; a plain engine's are of no node."""
    return ("", snapshot.node_id)


def _passes(request: NetworkPrune, network: Network, now: float) -> bool:
    for text in request.options.values("filter"):
        name, wanted = network_flags.PRUNE["filter"].type.parse(text)
        if name == "until" and network.created is not None:
            if network.created > _until(wanted, now):
                return False
        elif name in ("label", "label!"):
            key, given, value = wanted.partition("=")
            has = key in network.labels and (not given or network.labels[key] == value)
            if has is (name == "label!"):
                return False
    return True


def _until(text: str, now: float) -> float:
    """Seconds since the epoch; a duration counts back from now. What cannot be read lets nothing through."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    try:
        return now - parse_duration(text) / 1e9
    except ValueError:
        return 0.0


def deletions(networks: Sequence[Network]) -> tuple[Step, ...]:
    """What a prune sends: each network by itself."""
    return tuple(Step("DELETE", f"/networks/{segment(network.id)}") for network in networks)


def _prune(request: NetworkPrune, snapshot: Snapshot) -> Story:
    gone = going(request, snapshot)
    lines = [f"Goes: {network.name} ({network.driver})." for network in gone] or ["No network goes: all are in use."]
    for network in sorted(made(snapshot, _own(snapshot)), key=lambda n: n.name):
        if network not in gone:
            held = holding(network, snapshot)
            lines.append(
                f"Stays: {network.name} ({network.driver}), {held.why.rstrip('.') if held else 'kept by the filter'}."
            )
    title = f"Remove {plural(len(gone), 'unused network')}"
    return Story(title, tuple(lines), Danger.STOPS if gone else Danger.NONE)


def _data(request: Request, snapshot: Snapshot) -> Story | None:
    if isinstance(request, SecretCreate | ConfigCreate):
        what = "secret" if isinstance(request, SecretCreate) else "config"
        return Story(f"Create {what} {request.name}", (), Danger.NONE)
    if not isinstance(request, SecretRemove | ConfigRemove):
        return None
    what = "secret" if isinstance(request, SecretRemove) else "config"
    things = snapshot.secrets if isinstance(request, SecretRemove) else snapshot.configs
    index, lines = relations(snapshot), []
    for thing in things.values():
        if thing.name in request.names or thing.id in request.names:
            users = [service.name for service in index.users(thing.key).services]
            lines.append(f"{thing.name} is used by {listing(users)}." if users else f"Nobody uses {thing.name}.")
    if what == "secret":
        lines.append("Its data cannot be read back.")
    return Story(f"Remove {what} {listing(request.names)}", tuple(lines), Danger.LOSES)
