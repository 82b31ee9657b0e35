"""For how many more tasks of a service there is room."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from backends.model import Kind, PublishedPort, Resources, Service, Snapshot
from backends.state.room import Room, room
from tests.unit.change_world import GIB, by_id, network, task, world


def of(snapshot: Snapshot | None = None, **fields: Any) -> Room:
    """Of ``web`` (two tasks, on ``mgr`` and ``w1``) with other fields."""
    base = snapshot or world()
    web: Service = msgspec.structs.replace(base.services["s-web"], **fields)
    return room(web, replace(base, services=MappingProxyType({**base.services, "s-web": web})))


def told(found: Room) -> dict[str, tuple[int | None, str]]:
    return {limit.what: (limit.more, limit.text) for limit in found.limits}


def test_without_reservations_addresses_are_the_limit() -> None:
    # GIVEN a service that reserves nothing, on an overlay
    found = of()
    # THEN each ready node would take it, and the network's addresses end first
    assert (len(found.nodes), found.of) == (3, 3)
    assert told(found)["memory"] == (None, "none reserved")
    assert found.short is not None
    assert (found.short.what, found.more) == ("addresses", found.short.more)
    assert found.short.text.endswith(("free", "fewer"))


def test_what_is_reserved_is_counted_node_by_node() -> None:
    # GIVEN three nodes of 8 GiB, two tasks that hold 3 GiB each
    found = of(resources=Resources(reserve_memory=3 * GIB))
    # THEN 5, 5 and 8 GiB are free: one, one and two more
    assert told(found)["memory"] == (4, "18 GiB free")
    assert found.more == 4
    # WHEN the tasks of others are not known THEN neither is the room
    base = world()
    listed: dict[Kind, float] = {kind: at for kind, at in base.listed.items() if kind is not Kind.TASK}
    assert told(of(replace(base, listed=listed), resources=Resources(reserve_memory=3 * GIB)))["memory"] == (None, "")
    assert told(of(resources=Resources(reserve_cpu=2_000_000_000)))["cpu"] == (4, "8 cpu free")


def test_one_task_a_node() -> None:
    # GIVEN limits of another kind THEN they count as well
    assert told(of(max_per_node=1))["per node"] == (1, "at most 1")
    ports = (PublishedPort(target=80, published=8081, mode="host"),)
    assert told(of(ports=ports))["ports"] == (1, "one a node")


def test_a_full_network_leaves_no_room() -> None:
    # GIVEN a network whose addresses are all taken
    base = world()
    small = network("n-app", "10.0.1.0/29")
    many = by_id(*base.tasks.values(), *(task(f"x{n}", "s-web", 3 + n, "w2") for n in range(6)))
    held = {id: msgspec.structs.replace(t, networks=base.tasks["t-web1"].networks) for id, t in many.items()}
    full = replace(base, networks=by_id(small), tasks=MappingProxyType(held))
    found = of(full)
    assert found.more == 0
    assert not found.nodes
    assert "no free address in app" in found.why


@pytest.mark.parametrize("constraint", ["node.role==worker", "node.labels.none==x"])
def test_only_nodes_that_fit_count(constraint: str) -> None:
    # GIVEN a constraint THEN the nodes that meet it are the room
    found = of(constraints=(constraint,))
    assert len(found.nodes) == (2 if "worker" in constraint else 0)
    assert bool(found.why) is not bool(found.nodes)
