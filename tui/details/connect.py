"""What connecting a container to a network, or detaching it, comes to: interfaces, way out, whom it reaches. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from backends.change.network_paths import reach, way_out
from backends.model import Container, Network, Snapshot
from backends.state.wording import listing
from tui.text.fit import cut_line, wrap
from tui.text.span import BLANK, Line, line


def shares_network(container: Container) -> bool:
    """Whether it has no network of its own."""
    return container.network_mode in ("host", "none") or container.network_mode.startswith("container:")


def after(
    container: Container,
    network: Network,
    snapshot: Snapshot,
    cells: int,
    *,
    address: str,
    sure: bool,
    aliases: Sequence[str],
    priority: int,
) -> list[Line]:
    """The right column of the box: interfaces, whom it will reach, by what it is found, how long it stays."""
    rows: list[Line] = [(("After this", "strong bold"),)]
    for held in container.networks:
        rows.append(cut_line(line(f"{held.ipv4 or held.ipv6 or '-':<15} ", (held.network, "muted")), cells))
    new = address or "the next free"
    rows.append(
        cut_line(line((f"{new:<15} ", "strong bold"), network.name, ("" if sure else "  likely", "faint")), cells)
    )
    name, stays = way_out(container, network, priority, snapshot)
    if name:
        rows.append(cut_line(line(("way out ", "muted"), name, (", as before" if stays else "", "muted")), cells))
    reached = reach(container, network, snapshot)
    rows += [BLANK, (("It will reach", "strong bold"),)]
    rows += [((text, ""),) for text in wrap(listing(reached, 6) or "nobody: no other is on it", cells, limit=3)]
    rows += [BLANK, (("Will find it", "strong bold"),)]
    names = listing([*aliases, container.name, container.id[:12]], 5)
    who = f"{listing(reached, 3)}, by the names {names}" if reached else f"whoever comes, by the names {names}"
    if network.name == "bridge" and not network.is_swarm:
        who = "others by its address only: bridge has no names"
    rows += [((text, ""),) for text in wrap(who, cells, limit=4)]
    rows += [BLANK, (("Stays", "strong bold"),)]
    stay = f"over a restart of {container.name}, not over its being made anew"
    if container.service_name:
        stay = f"until this task ends: the next one of {container.service_name} is not on it"
    rows += [((text, ""),) for text in wrap(stay, cells, limit=3)]
    return rows
