"""Blocks of the Overview about networks: who is how full, and what is published."""

from __future__ import annotations

from backends.model import Network
from backends.state.health import network_health
from backends.state.relations import AddressUse, relations
from tui.details.blocks import Block
from tui.details.network import addresses, used_line
from tui.details.port import where
from tui.look.symbols import gauge, sym
from tui.tables.spec import Moment
from tui.text.ago import number, plural
from tui.text.fit import cut_line, fit, width
from tui.text.span import Line, Span, line


def _fullest(moment: Moment) -> list[tuple[Network, AddressUse]]:
    """Networks of the Swarm (of a plain engine: all) with their addresses, the fullest first."""
    s = moment.snapshot
    found = [n for n in s.networks.values() if n.is_swarm or not s.in_swarm]
    uses = [(n, addresses(n, s)) for n in found]
    return sorted(uses, key=lambda pair: (-(pair[1].used / pair[1].size if pair[1].size else -1.0), pair[0].name))


def networks_block(moment: Moment, cells: int, height: int) -> Block:
    """The fullest networks with a gauge of their addresses."""
    uses = _fullest(moment)
    shown = uses[: max(height - 2, 1)] if len(uses) > height - 2 else uses
    names = max(8, min(22, max((width(n.name) for n, _ in shown), default=8)))
    bar = max(0, min(26, cells - names - 2 - 10 - 19 - 15))
    head = [("NAME", names), ("DRIVER", 8), ("SUBNET", 17)] + ([("ADDRESSES", bar)] if bar >= 8 else [])
    rows: list[Line] = [(*((fit(t, size) + "  ", "muted") for t, size in head), (fit("USED", 11, "r"), "muted"))]
    for network, use in shown:
        rows.append(_network_row(network, use, names, bar))
    if len(shown) < len(uses):
        rows[-1] = ((f"{len(uses) - len(shown) + 1} more", "faint"),)
    s = moment.snapshot
    local = sum(1 for n in s.networks.values() if not n.is_swarm)
    swarm = len(s.networks) - local
    right = f"{number(swarm)} of the swarm, {number(local)} local" if s.in_swarm else number(len(s.networks))
    return Block("Networks", tuple(rows), right)


def _network_row(network: Network, use: AddressUse, names: int, bar: int) -> Line:
    word = network_health(network, use).word
    tone = {"filling": "warn", "failing": "err"}.get(word, "")
    parts: list[Span] = [
        *fit(line(network.name), names, cut="m"),
        ("  ", ""),
        *fit(((network.driver, "muted"),), 8),
        ("  ", ""),
        *fit(line(", ".join(network.subnets)), 17),
        ("  ", ""),
    ]
    if bar >= 8:
        parts += [*fit(gauge(use.used, use.size, bar, tone) if use.size else (), bar), ("  ", "")]
    parts += fit(used_line(use, word), 11, "r")
    if tone:
        parts.append((f" {sym('look')}", tone))
    return tuple(parts)


def networks_in_short(moment: Moment, cells: int, height: int) -> tuple[Line, ...]:
    """The fullest networks, a row each, for screens of 80 columns."""
    rows: list[Line] = []
    for network, use in _fullest(moment)[:height]:
        word = network_health(network, use).word
        tone = {"filling": "warn", "failing": "err"}.get(word, "")
        bar = max(6, min(22, cells - 18 - 2 - 16 - 3 - 20))
        gauge_line = fit(gauge(use.used, use.size, bar, tone) if use.size else (), bar)
        said = line(
            used_line(use, word), (" used" if use.size else "", "muted"), (f" {sym('look')}" if tone else "", tone)
        )
        rows.append(
            cut_line(
                (
                    *fit(line(network.name), 18, cut="m"),
                    ("  ", ""),
                    *fit(line(", ".join(network.subnets)), 16),
                    *gauge_line,
                    ("   ", ""),
                    *said,
                ),
                cells,
            )
        )
    return tuple(rows)


def ports_block(moment: Moment, cells: int) -> Block:
    """What is published, where; conflicts first."""
    ports = relations(moment.snapshot).ports
    clashes = [p for p in ports if p.conflict]
    target = max(10, min(24, cells - 13 - 11 - 14))
    rows: list[Line] = [
        (
            (fit("PORT", 11) + "  ", "muted"),
            (fit("TARGET", target) + "  ", "muted"),
            (fit("MODE", 9) + "  ", "muted"),
            ("WHERE", "muted"),
        )
    ]
    for port in (*clashes, *(p for p in ports if not p.conflict)):
        tone = "warn" if port.conflict else ""
        shown = line((f"{port.port}", tone), (f"/{port.protocol}", tone))
        rows.append(
            (
                *fit(shown, 11),
                ("  ", ""),
                *fit(line(port.name, f":{port.target}"), target),
                ("  ", ""),
                *fit(((port.mode, "muted"),), 9),
                ("  ", ""),
                (f"{sym('look')} contested" if port.conflict else where(port, moment), tone or "muted"),
            )
        )
    if len(rows) == 1:
        rows = [line(("No port is published.", "muted"))]
    right = f"{number(len(ports))} published, {plural(len(clashes), 'conflict') if clashes else 'no conflicts'}"
    return Block("Ports", tuple(rows), right if ports else "")
