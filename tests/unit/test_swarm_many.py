"""A Swarm of many nodes, none of which is really there: how they are met."""

from __future__ import annotations

import inspect

from backends.api import Interest, Transport
from backends.machines import Machines
from backends.model import Kind, Node
from backends.swarm import SwarmCluster
from tests.unit.scripted import HandClock, ScriptedEngine, populate


async def test_a_thousand_nodes_are_met_one_beside_the_other() -> None:
    # GIVEN a manager that knows a thousand nodes
    clock = HandClock()
    manager = ScriptedEngine(clock)
    populate(manager)
    manager.put(*(Node(id=f"n{number}", hostname=f"n{number}") for number in range(1000)))
    depths: list[int] = []

    def engine_for(transport: Transport) -> ScriptedEngine:
        depths.append(len(inspect.stack(0)))
        made = ScriptedEngine(clock, node_id="elsewhere")
        made.kill()
        return made

    machines = Machines()
    interest = Interest(kinds=frozenset({Kind.NODE, Kind.CONTAINER}))
    cluster = SwarmCluster(manager, machines=lambda: machines, engine_for=engine_for, interest=interest)
    cluster.watch(interest)
    await cluster.start()
    try:
        while len(depths) < 1000:
            await clock.advance(0.1)
        # THEN each is met at the same depth of calls, however many there are
        assert max(depths) - min(depths) == 0
        assert len(cluster.snapshot.links) == 1000
    finally:
        await cluster.aclose()


async def test_nodes_of_one_host_name_are_told_apart_by_their_addresses() -> None:
    # GIVEN two machines that were made from one image, and a third one
    clock = HandClock()
    manager = ScriptedEngine(clock)
    populate(manager)
    manager.put(*(Node(id=f"n{i}", hostname="debian" if i < 2 else "web", address=f"10.0.0.{i}") for i in range(3)))
    machines = Machines()
    seen: dict[str, list[str]] = {}

    def engine_for(transport: Transport) -> ScriptedEngine:
        made = ScriptedEngine(clock, node_id="elsewhere")
        made.kill()
        return made

    interest = Interest(kinds=frozenset({Kind.NODE, Kind.CONTAINER}))
    cluster = SwarmCluster(manager, machines=lambda: machines, engine_for=engine_for, interest=interest)
    cluster.watch(interest)
    await cluster.start()
    try:
        while len(machines._transports) < 3:
            await clock.advance(0.1)
        # WHEN it is found out how they are reached
        for node_id, transport in machines._transports.items():
            seen[node_id] = [target.host for target in (await transport._resolve()).targets]
    finally:
        await cluster.aclose()
    # THEN a name that two have comes after the address
    assert seen["n0"] == ["10.0.0.0", "debian"]
    assert seen["n1"] == ["10.0.0.1", "debian"]
    assert seen["n2"] == ["web", "10.0.0.2"]
