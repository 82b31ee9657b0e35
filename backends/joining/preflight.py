"""Asks a machine all that speaks for and against its joining; changes nothing on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from backends.api import Cluster
from backends.errors import BackendError
from backends.joining.checks import Looked
from backends.joining.machine import Facts, Machine, ask_facts
from backends.joining.ports import End, try_ports
from backends.joining.ways import Guest, Ways
from backends.model import Node, Snapshot
from backends.ssh.names import reachable_address

#: Nodes whose ports are tried with a machine's, managers first: all of a large Swarm would take minutes.
MOST = 12


async def look(
    guest: Guest, cluster: Cluster, ways: Ways, told: Callable[[Looked], None], *, again: bool = False
) -> Looked:
    """All that there is to know, told as it comes. Never raises ``BackendError``. ``again`` says that a person wants
    it: what was refused is tried once more."""
    looked = Looked(login=guest.login)

    def note(**values: object) -> None:
        nonlocal looked
        looked = replace(looked, login=guest.login, **values)  # type: ignore[arg-type]
        told(looked)

    machine: Machine | None
    try:
        machine = await guest.open(again=again)
    except BackendError as error:
        machine = await guest.machine()
        note(**({"problem": error} if machine is None else {"engine_problem": error}))
        if machine is None:
            return looked
    loop = asyncio.get_running_loop()
    try:
        began = loop.time()
        await machine.run("true", limit=15.0)
        note(rtt=loop.time() - began)
        if looked.engine_problem is None:
            note(engine=await guest.engine.info())
    except BackendError as error:
        note(**({"problem": error} if looked.rtt is None else {"engine_problem": error}))
        if looked.rtt is None:
            return looked
    snapshot = cluster.snapshot
    towards = manager_host(snapshot)
    facts, here = await asyncio.gather(_facts(machine, towards), _facts_of(ways.machine(snapshot.node_id)))
    ahead = None
    if facts is not None and facts.ahead is not None and here is not None and here.ahead is not None:
        ahead = facts.ahead - here.ahead
    note(facts=facts or Facts(), ahead=ahead)
    if looked.engine is None:
        return looked
    address = (facts.uplink if facts is not None else "") or reachable_address(_host(guest.login))
    candidate = End(guest.login, address, machine, facts)
    ends = await asyncio.gather(*(_end(node, ways, here, snapshot) for node in nodes_to_try(snapshot)))
    data_port = snapshot.swarm.data_path_port if snapshot.swarm is not None else 4789
    note(tried=await try_ports(candidate, ends, data_port=data_port))
    return looked


def nodes_to_try(snapshot: Snapshot) -> tuple[Node, ...]:
    """Nodes that are up, this one first, then managers."""
    up = [node for node in snapshot.nodes.values() if node.state == "ready"]
    up.sort(key=lambda node: (node.id != snapshot.node_id, node.role != "manager", node.name))
    return tuple(up[:MOST])


def address_of(node: Node) -> str:
    """Where other machines reach a node; empty where it does not say."""
    manager = reachable_address(node.manager.address) if node.manager is not None else ""
    return manager or reachable_address(node.address)


def manager_host(snapshot: Snapshot) -> str:
    """The address of this manager, as others reach it; empty where it is not known."""
    node = snapshot.nodes.get(snapshot.node_id)
    found = address_of(node) if node is not None else ""
    return found or (reachable_address(snapshot.engine.swarm.node_addr) if snapshot.engine is not None else "")


def join_address(snapshot: Snapshot) -> str:
    """``host:port`` that a machine joins at; empty where it is not known."""
    node = snapshot.nodes.get(snapshot.node_id)
    host = manager_host(snapshot)
    port = node.manager.address.rpartition(":")[2] if node is not None and node.manager is not None else ""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port if port.isdigit() else 2377}" if host else ""


async def _end(node: Node, ways: Ways, here: Facts | None, snapshot: Snapshot) -> End:
    machine = ways.machine(node.id)
    manager = node.manager is not None
    if isinstance(machine, str):
        return End(node.name, address_of(node), None, manager=manager, reason=machine)
    facts = here if node.id == snapshot.node_id else await _facts(machine, "")
    return End(node.name, address_of(node), machine, facts, manager)


async def _facts(machine: Machine, towards: str) -> Facts | None:
    try:
        return await ask_facts(machine, towards=towards)
    except BackendError:
        return None


async def _facts_of(machine: Machine | str) -> Facts | None:
    return None if isinstance(machine, str) else await _facts(machine, "")


def _host(login: str) -> str:
    return login.rpartition("@")[2]
