"""Whether a machine and the nodes of a Swarm reach each other's ports: tried, and listened for on both ends.

Nothing is concluded from silence where nobody listens: what cannot be tried is unknown, with the reason.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backends.errors import BackendError
from backends.joining.machine import Facts, Machine
from backends.joining.probers import Nothing, Prober, prober_on

#: Of the managers, and of the gossip between all nodes.
MANAGER_PORT, GOSSIP_PORT = 2377, 7946
#: Seconds that datagrams may be on the way, and how often it is looked.
_FLIGHT, _LOOK = 2.4, 0.3


class Arrives(StrEnum):
    """What became of a try."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Probe:
    """One port, one way, between the machine and one node."""

    node: str
    """Name of the node."""
    port: int
    protocol: str
    """``tcp`` or ``udp``."""
    inward: bool
    """From the node to the machine; else the other way."""
    arrives: Arrives
    note: str = ""
    """Why not, or why it is not known."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of the tries."""

    name: str
    address: str
    machine: Machine | None
    facts: Facts | None = None
    manager: bool = False
    reason: str = ""
    """Why there is no machine."""


@dataclass(frozen=True, slots=True)
class Tried:
    """All tries, and the ports of the machine that something else has."""

    probes: tuple[Probe, ...] = ()
    busy: tuple[int, ...] = ()


async def try_ports(candidate: End, nodes: Sequence[End], *, data_port: int = 4789) -> Tried:
    """Tries the ports of a Swarm between a machine and nodes, both ways. Takes up to ten seconds. Never raises
    ``BackendError``."""
    ends = [candidate, *nodes]
    probers = await asyncio.gather(*(_prober(end) for end in ends))
    try:
        return await _tried(candidate, nodes, probers[0], probers[1:], data_port)
    except BackendError as error:
        return Tried(tuple(_unknown(nodes, data_port, str(error).rstrip("."))))
    finally:
        await asyncio.gather(*(prober.close() for prober in probers), return_exceptions=True)


async def _prober(end: End) -> Prober:
    if end.machine is None:
        return Nothing(end.reason or "no commands can be run there")
    return await prober_on(end.machine, end.facts)


async def _tried(candidate: End, nodes: Sequence[End], own: Prober, others: Sequence[Prober], data_port: int) -> Tried:
    nonce = f"dnet-{secrets.token_hex(6)}"
    tcp, udp = (MANAGER_PORT, GOSSIP_PORT), (GOSSIP_PORT, data_port)
    listening = await own.listen(nonce, tcp=tcp, udp=udp)
    heard_at = [await _listened(other, nonce, udp) for other in others]
    out = [(node.address, port) for node in nodes for port in _tcp_ports(node) if node.address]
    inward = [(candidate.address, port) for port in tcp]
    connected, *answered = await asyncio.gather(_connected(own, out), *(_connected(other, inward) for other in others))
    away = [(node.address, port) for node in nodes for port in udp if node.address]
    back = [(candidate.address, port) for port in udp]
    outward = f"{nonce}|out"
    marks = [f"{nonce}|{number}" for number in range(len(nodes))]
    arrived: frozenset[tuple[int, str]] = frozenset()
    arrived_at: list[frozenset[tuple[int, str]]] = [frozenset() for _ in nodes]
    for look in range(int(_FLIGHT / _LOOK)):
        if look % 4 == 0:
            await asyncio.gather(
                _sent(own, away, outward), *(_sent(o, back, m) for o, m in zip(others, marks, strict=True))
            )
        await asyncio.sleep(_LOOK)
        arrived, *arrived_at = await asyncio.gather(_heard(own), *(_heard(other) for other in others))
        if len(arrived) >= len(udp) * len(nodes) and all(len(found) >= len(udp) for found in arrived_at):
            break
    probes: list[Probe] = []
    for node, other, mark, at, answers, found in zip(nodes, others, marks, heard_at, answered, arrived_at, strict=True):
        for port in _tcp_ports(node):
            probes.append(_out_tcp(node, port, connected.get((node.address, port)), own))
        for port in tcp:
            said = answers.get((candidate.address, port))
            probes.append(_in_tcp(node, port, said, listening["tcp"].get(port, ""), other))
        for port in udp:
            probes.append(_udp(node, port, False, (port, outward) in found, at.get(port, ""), own))
            came = (port, mark) in arrived
            probes.append(_udp(node, port, True, came, listening["udp"].get(port, ""), other))
    busy = tuple(port for port in tcp if "in use" in listening["tcp"].get(port, ""))
    return Tried(tuple(probes), busy)


def _tcp_ports(node: End) -> tuple[int, ...]:
    return (MANAGER_PORT, GOSSIP_PORT) if node.manager else (GOSSIP_PORT,)


def _out_tcp(node: End, port: int, said: str | None, own: Prober) -> Probe:
    if said is None:
        reason = own.sends or "its address is not known"
        return Probe(node.name, port, "tcp", False, Arrives.UNKNOWN, reason)
    if said in ("open", "ours"):
        return Probe(node.name, port, "tcp", False, Arrives.YES)
    words = {"refused": "refused", "silent": "no answer in 3 s"}.get(said, said)
    return Probe(node.name, port, "tcp", False, Arrives.NO, words)


def _in_tcp(node: End, port: int, said: str | None, listening: str, other: Prober) -> Probe:
    if said is None:
        return Probe(node.name, port, "tcp", True, Arrives.UNKNOWN, other.sends or "it was not tried")
    if said in ("open", "ours"):
        return Probe(node.name, port, "tcp", True, Arrives.YES)
    if said == "refused" and listening != "ok":
        return Probe(node.name, port, "tcp", True, Arrives.UNKNOWN, listening or "nobody listened there")
    words = {"refused": "refused although somebody listens", "silent": "no answer in 3 s"}.get(said, said)
    return Probe(node.name, port, "tcp", True, Arrives.NO, words)


def _udp(node: End, port: int, inward: bool, came: bool, listening: str, sender: Prober) -> Probe:
    if came:
        return Probe(node.name, port, "udp", inward, Arrives.YES)
    if sender.sends:
        return Probe(node.name, port, "udp", inward, Arrives.UNKNOWN, sender.sends)
    if listening != "ok":
        return Probe(node.name, port, "udp", inward, Arrives.UNKNOWN, _deaf(listening))
    return Probe(node.name, port, "udp", inward, Arrives.NO, "sent, nothing arrived")


def _deaf(listening: str) -> str:
    if "in use" in listening:
        return "the engine has the port, and only root could hear beside it"
    return listening or "nobody listened there"


def _unknown(nodes: Iterable[End], data_port: int, reason: str) -> Iterable[Probe]:
    for node in nodes:
        for protocol, ports in (("tcp", _tcp_ports(node)), ("udp", (GOSSIP_PORT, data_port))):
            for port in ports:
                for inward in (False, True):
                    yield Probe(node.name, port, protocol, inward, Arrives.UNKNOWN, reason)


async def _listened(prober: Prober, nonce: str, udp: Sequence[int]) -> dict[int, str]:
    try:
        return (await prober.listen(nonce, udp=udp))["udp"]
    except BackendError as error:
        return dict.fromkeys(udp, str(error).rstrip("."))


async def _connected(prober: Prober, to: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    try:
        return await prober.connect(to) if to else {}
    except BackendError:
        return {}


async def _sent(prober: Prober, to: Sequence[tuple[str, int]], text: str) -> None:
    try:
        await prober.send(to, text)
    except BackendError:
        return


async def _heard(prober: Prober) -> frozenset[tuple[int, str]]:
    try:
        return await prober.heard()
    except BackendError:
        return frozenset()
