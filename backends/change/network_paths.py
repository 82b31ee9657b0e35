"""What a network means to a container: its way out, whom it reaches, who finds it by name. Pure; computed here."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Container, Network, PortBinding, Snapshot
from backends.state.relations import relations
from backends.state.wording import listing


def way_out(container: Container, network: Network, priority: int, snapshot: Snapshot) -> tuple[str, bool]:
    """(name of the network that is the way out once it is connected, whether it was before); empty where it has none.

    As libnetwork chooses: the highest priority, then the first by name; internal networks have no gateway, and an
    overlay's is the bridge docker_gwbridge.
    """
    known = relations(snapshot)
    mine = [n for n in snapshot.networks.values() if known.attachment(container, n) is not None]
    before = _first(mine)
    if network.internal:
        return before, True
    if priority > 0 or not before:
        name = "docker_gwbridge" if network.driver == "overlay" else network.name
        return name, name == before
    if priority < 0 or network.driver == "overlay":
        return before, True
    after = _first([*mine, network])
    return after, after == before


def _first(networks: Sequence[Network]) -> str:
    """The way out of containers on some networks, all of the same priority."""
    bridged = sorted(n.name for n in networks if not n.internal and n.driver not in ("overlay", "host", "null"))
    if bridged:
        return bridged[0]
    return "docker_gwbridge" if any(n.driver == "overlay" and not n.internal for n in networks) else ""


def reach(container: Container, network: Network, snapshot: Snapshot) -> list[str]:
    """Services and containers on a network, but not the one that is meant."""
    known = relations(snapshot)
    found = [s.name for s in known.services_on(network)]
    return found + [
        c.name
        for c in known.containers_in(network)
        if c.id != container.id and not c.task_id and c.state in ("running", "paused")
    ]


def named_by(container: Container, network: Network, snapshot: Snapshot) -> list[str]:
    """Services whose environment or command names the container: they find it over the network."""
    attached = relations(snapshot).attachment(container, network)
    names = {container.name, *(attached.aliases if attached is not None else ())}
    found = []
    for service in relations(snapshot).services_on(network):
        texts = [text.partition("=")[2] for text in service.env]
        if any(_word(name, text) for name in names if len(name) > 2 for text in texts):
            found.append(service.name)
    return found


def _word(name: str, text: str) -> bool:
    """Whether a name stands in a text by itself: ``db`` in ``mysql://db:3306``, not in ``dbase``."""
    at = text.find(name)
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or before in ("-", "_")) and not (behind.isalnum() or behind in ("-", "_")):
            return True
        at = text.find(name, at + 1)
    return False


def cut_off(container: Container, network: Network, snapshot: Snapshot) -> str:
    """Who does not reach a running container any more once it is off a network, and who does by another one, in one
    sentence. Which connections are open the engine does not tell: it is said that those break, and no more."""
    known = relations(snapshot)
    rest = [n for n in snapshot.networks.values() if n.id != network.id and known.attachment(container, n) is not None]
    others = [name for name in reach(container, network, snapshot) if name != container.service_name]
    if not others:
        return f"Nobody else is on {network.name}."
    ways = {name: n.name for n in reversed(rest) for name in reach(container, n, snapshot)}
    kept = [name for name in others if name in ways]
    gone = [name for name in others if name not in ways]
    by = listing(list(dict.fromkeys(ways[name] for name in kept)), 2)
    if not gone:
        return (
            f"{listing(kept, 4)} still {'reaches' if len(kept) == 1 else 'reach'} it by {by}; open connections break."
        )
    ports = listing([f"{p.container_port}/{p.protocol}" for p in _serves(container)], 3)
    still = f"; {listing(kept, 2)} still {'does' if len(kept) == 1 else 'do'} by {by}" if kept else ""
    return (
        f"{listing(gone, 4)} will not reach it{f' ({ports})' if ports else ''} by {network.name} any more, and open"
        f" connections break (the engine does not tell which there are){still}."
    )


def _serves(container: Container) -> list[PortBinding]:
    """The ports that it says it listens on, each once."""
    return list({(p.container_port, p.protocol): p for p in container.ports}.values())


def detached(container: Container, network: Network, snapshot: Snapshot) -> list[tuple[str, str]]:
    """(word, sentence part) of what is to be known before a container is detached."""
    known = relations(snapshot)
    mine = [n for n in snapshot.networks.values() if known.attachment(container, n) is not None]
    rest = [n for n in mine if n.id != network.id]
    before, behind = _first(mine), _first(rest)
    facts = []
    if not rest:
        facts.append(("way out", "none: it is on no other network"))
    elif before == behind:
        facts.append(("way out", f"stays {behind}" if behind else "has none"))
    else:
        facts.append(("way out", f"becomes {behind}" if behind else "none any more"))
    users = named_by(container, network, snapshot)
    facts.append(
        (
            "found by",
            f"{listing(users, 3)}, whose environment names it"
            if users
            else "nobody: no environment of a service names it",
        )
    )
    attached = known.attachment(container, network)
    address = attached.ipv4.partition("/")[0] if attached is not None else ""
    if address:
        facts.append(("undo", f"a connects it again; {address} may be taken by then"))
    else:
        facts.append(("undo", "a connects it again"))
    return facts
