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
