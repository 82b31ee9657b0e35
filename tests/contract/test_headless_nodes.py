"""Sub-commands over several nodes' engines, as a cluster has them once they are reached."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from backends.api import Interest
from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.fake import FakeServer
from backends.fake.clock import SystemClock
from backends.fake.scenario import open_scene
from backends.model import Kind
from backends.transport import transport_for
from tests.unit.test_cluster_fake import until
from tui.cli import UsageError
from tui.headless import events, everywhere, listing, running
from tui.headless.arguments import Arguments
from tui.headless.plain import Style

#: Where webapp1 and mysql run in the demo.
NODES = ("worker-1", "worker-2", "manager-2")
#: Seconds by which the clock of the first is ahead.
AHEAD = 37.0


@dataclass
class Swarm:
    """The demo's manager with engines of other nodes beside it."""

    cluster: LocalCluster
    servers: dict[str, FakeServer]

    def id(self, name: str) -> str:
        return next(node.id for node in self.cluster.snapshot.nodes.values() if node.name == name)


@pytest.fixture
async def swarm() -> AsyncIterator[Swarm]:
    async with contextlib.AsyncExitStack() as stack:
        # Of a clock that stands still nobody can say how far it is off.
        scene = open_scene("quiet", clock=SystemClock())
        scene.world.hosts["worker-1"].ahead = AHEAD
        servers = {name: await stack.enter_async_context(FakeServer(scene, node=name)) for name in (scene.host, *NODES)}
        engines = {
            name: SdkEngine(transport_for(EndpointSpec(f"unix://{server.socket_path}")))
            for name, server in servers.items()
        }
        cluster = LocalCluster(engines[scene.host], interest=Interest(kinds=frozenset({Kind.CONTAINER})))
        stack.push_async_callback(cluster.aclose)
        await cluster.start()
        await until(lambda: len(cluster.snapshot.nodes) == 8, "all nodes")
        made = Swarm(cluster, servers)
        for name in NODES:
            cluster.add(made.id(name), engines[name])
        yield made


def given(command: str, **more: Any) -> Arguments:
    return Arguments(command, json=True, timeout=60.0, **more)


def told(capture: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(row) for row in capture.readouterr().out.splitlines()]


async def test_containers_of_all_nodes_that_answer_are_listed(swarm: Swarm, capfd: pytest.CaptureFixture[str]) -> None:
    # WHEN containers are listed
    code = await listing.run(swarm.cluster, given("ps"), Style())
    # THEN those of each connected node are there, and the others named as missing
    *rows, last = told(capfd)
    assert {str(row["node"]) for row in rows} == {"manager-1", *NODES}
    assert {missing["node"] for missing in last["unasked"]} == {"manager-3", "worker-3", "worker-4", "worker-5"}
    assert code == 3


async def test_a_node_that_was_lost_is_missing_with_its_reason(swarm: Swarm, capfd: pytest.CaptureFixture[str]) -> None:
    # GIVEN a node whose engine ends
    await swarm.servers["worker-2"].stop()
    await until(lambda: swarm.cluster.snapshot.links[swarm.id("worker-2")].state.value != "live", "the loss")
    # WHEN nodes are listed
    await listing.run(swarm.cluster, given("nodes"), Style())
    *rows, last = told(capfd)
    # THEN it is told how each is reached, and why that one is not
    reached = {str(row["name"]): str(row["reached"]) for row in rows}
    assert (reached["manager-1"], reached["worker-1"], reached["manager-3"]) == ("self", "live", "no")
    assert reached["worker-2"] in ("stale", "unreachable")
    assert next(missing["reason"] for missing in last["unasked"] if missing["node"] == "worker-2")


async def test_a_command_runs_on_the_node_that_has_the_service(swarm: Swarm, capfd: pytest.CaptureFixture[str]) -> None:
    # WHEN a service that runs on a worker is entered by its name
    wanted = Arguments("exec", target="mysql", words=("sh", "-c", "hostname; exit 6"), timeout=60.0)
    code = await running.run(swarm.cluster, wanted)
    # THEN its container there answered
    container = next(c for c in swarm.cluster.snapshot.containers.values() if c.service_name == "mysql")
    assert (code, container.node_id) == (6, swarm.id("worker-1"))
    assert capfd.readouterr().out == f"{container.id[:12]}\n"


async def test_a_task_is_called_by_its_name(swarm: Swarm, capfd: pytest.CaptureFixture[str]) -> None:
    wanted = Arguments("exec", target="mysql.1", words=("hostname",), timeout=60.0)
    assert await running.run(swarm.cluster, wanted) == 0


async def test_a_name_that_several_nodes_have_needs_the_node(swarm: Swarm, capfd: pytest.CaptureFixture[str]) -> None:
    # GIVEN a container of the same name on two nodes
    manager, worker = (swarm.servers[name].api.host for name in ("manager-1", "worker-1"))
    here = next(box for box in manager.containers.values() if box["Name"] == "/registry-cache")
    there = next(box for box in worker.containers.values() if box["State"]["Running"])
    there["Name"] = here["Name"]
    wanted = Arguments("exec", target="registry-cache", words=("hostname",), timeout=60.0)
    # WHEN it is entered by name, THEN both are named
    with pytest.raises(UsageError) as several:
        await running.run(swarm.cluster, wanted)
    assert "on manager-1" in str(several.value)
    assert "on worker-1" in str(several.value)
    assert "or --node" in str(several.value)
    # WHEN the node is said as well, THEN it is that one
    wanted.node = "worker-1"
    assert await running.run(swarm.cluster, wanted) == 0
    assert capfd.readouterr().out == f"{there['Config']['Hostname']}\n"


async def test_a_command_on_all_replicas(swarm: Swarm, capfd: pytest.CaptureFixture[str]) -> None:
    # GIVEN a service with three replicas, WHEN a command is run on all that says something else in each
    code = await everywhere.run(
        swarm.cluster, given("exec", target="webapp1", all=True, words=("sh", "-c", "hostname; exit 2")), Style()
    )
    rows = told(capfd)
    ran = [row for row in rows if "unasked" not in row]
    # THEN each is told with its node and its own output, one as the measure for the others
    assert len(ran) + sum(len(row["unasked"]) for row in rows if "unasked" in row) == 3
    assert len({str(row["stdout"]) for row in ran}) == len(ran) > 1
    assert [row["differs"] for row in ran].count(False) == 1
    assert code == 2


async def test_events_of_a_node_whose_clock_is_off_stand_where_they_belong(
    swarm: Swarm, capfd: pytest.CaptureFixture[str]
) -> None:
    # GIVEN nodes that are heard, one of them with a clock that is ahead
    hosts = {name: swarm.servers[name].api.host for name in ("manager-1", "worker-1")}
    heard = [swarm.servers[name].counters.requests for name in hosts]
    await until(lambda: all(requests.get("/events", 0) for requests in heard), "the streams")
    # WHEN things happen on both in turn
    world = swarm.servers["manager-1"].world
    for number, name in enumerate(("manager-1", "worker-1") * 4):
        box = next(iter(hosts[name].containers.values()))
        world.tell_container(hosts[name], box, f"exec_create: step {number}")
        await until(lambda n=number: any(f"step {n}" in e.action for e in swarm.cluster.events.tail(99)), "it")  # type: ignore[misc]
    # THEN they are told in turn, by our clock, with the engine's own stamp beside it
    await events.run(swarm.cluster, given("events", since="1m"), Style())
    rows = [row for row in told(capfd) if "step" in str(row.get("action"))]
    assert [str(row["action"])[-1] for row in rows] == [str(number) for number in range(8)]
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    for row in rows:
        apart = row["time_nano"] / 1e9 - datetime.fromisoformat(row["time"]).timestamp()
        assert apart == pytest.approx(row["clock_ahead"], abs=0.01)
        assert row["clock_ahead"] == pytest.approx(AHEAD if row["node"] == "worker-1" else 0.0, abs=1.0)
