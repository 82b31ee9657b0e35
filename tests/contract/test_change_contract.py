"""Changes on an engine behind real HTTP: planned, sent, watched to their end, looked for after a loss."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backends.api import Interest
from backends.change.convergence import Progress, Standing, Watch
from backends.change.line import parse_line
from backends.change.outcome import Outcome, State
from backends.change.perform import perform, send
from backends.change.plan import Danger, Plan, plan
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from backends.change.watch import watch_to_end, watches
from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.fake import FakeServer
from backends.model import Kind
from backends.transport import transport_for

KINDS = frozenset({Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.NETWORK, Kind.CONTAINER})
AROUND = Surroundings(environ={})


class Hurried:
    """A clock that goes four times as fast, so that nobody waits for the five seconds that a service is watched."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return 4.0 * time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 4.0)


@dataclass
class Bench:
    """A cluster on a simulated engine, and an engine of our own for what is sent."""

    server: FakeServer
    cluster: LocalCluster
    engine: SdkEngine

    async def plan(self, line: str) -> Plan:
        """The plan of a line."""
        request = parse_line(line)
        assert isinstance(request, Request), request
        found = await plan(request, self.cluster.snapshot, self.engine, around=AROUND)
        assert isinstance(found, Plan), found
        return found

    async def do(self, line: str, **more: Any) -> Outcome:
        """Plans and sends a line."""
        return await perform(await self.plan(line), self.engine, reconnect=self.engine.connect, **more)

    async def to_end(self, line: str, **more: Any) -> Standing:
        """Plans, sends and watches a line."""
        before = self.cluster.snapshot
        made = await self.plan(line)
        outcome = await perform(made, self.engine, **more)
        assert outcome.state is State.DONE, outcome
        assert made.compiled is not None
        (target,) = watches(outcome, made.compiled, before)
        assert isinstance(target, Watch)
        self.cluster.watch(Interest(kinds=KINDS, services=frozenset({target.service_id})))
        return await watch_to_end(target, self.cluster, clock=Hurried(), limit=300.0)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for a condition; fails after a deadline."""
        end = time.monotonic() + 60.0
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"it never came to pass: {what}")
            await asyncio.sleep(0.01)

    def spec(self, name: str) -> dict[str, Any]:
        """A service's spec as the engine stores it."""
        found: dict[str, Any] = self.server.world.find("service", name)["Spec"]
        return found


@pytest.fixture
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    api = getattr(request, "param", "")
    async with FakeServer("demo", api=api) as server, contextlib.AsyncExitStack() as stack:
        spec = EndpointSpec(f"unix://{server.socket_path}")
        engine = SdkEngine(transport_for(spec), timeouts=Timeouts(write=2.0, read=2.0))
        stack.push_async_callback(engine.aclose)
        await engine.connect()
        cluster = LocalCluster(SdkEngine(transport_for(spec)), interest=Interest(kinds=KINDS))
        stack.push_async_callback(cluster.aclose)
        await cluster.start()
        made = Bench(server, cluster, engine)
        await made.until(lambda: cluster.snapshot.listed.keys() >= KINDS, "the first listings")
        yield made


@pytest.mark.parametrize("bench", ["", "1.41"], indirect=True, ids=["newest API", "API 1.41"])
async def test_a_service_created_by_a_pasted_line_converges(bench: Bench) -> None:
    # GIVEN a network for it
    assert (await bench.do("docker network create -d overlay --attachable seednet")).state is State.DONE
    await bench.until(lambda: any(n.name == "seednet" for n in bench.cluster.snapshot.networks.values()), "the network")
    # WHEN the seed's line is done and watched
    standing = await bench.to_end("sudo docker service create --name seed1 --network seednet -p 8101:80 hshar/webapp")
    # THEN it runs, as it was asked for
    assert standing.progress is Progress.CONVERGED
    assert standing.running == standing.wanted == 1
    spec = bench.spec("seed1")
    assert spec["EndpointSpec"]["Ports"][0]["PublishedPort"] == 8101
    network = next(n for n in bench.cluster.snapshot.networks.values() if n.name == "seednet")
    assert spec["TaskTemplate"]["Networks"][0]["Target"] == network.id


async def test_a_label_restarts_nothing(bench: Bench) -> None:
    # GIVEN a running service
    service = next(s for s in bench.cluster.snapshot.services.values() if s.name == "webapp1")

    def running() -> set[str]:
        return {t.id for t in bench.cluster.snapshot.tasks.values() if t.service_id == service.id and not t.is_over}

    before = running()
    # WHEN a label is added
    assert (await bench.plan("docker service update --label-add a=b webapp1")).danger is Danger.NONE
    standing = await bench.to_end("docker service update --label-add a=b webapp1")
    # THEN the same tasks run
    assert standing.progress is Progress.CONVERGED
    assert running() == before
    assert bench.spec("webapp1")["Labels"]["a"] == "b"


async def test_scaling_is_watched_both_ways(bench: Bench) -> None:
    # WHEN a service is scaled up and down
    up = await bench.to_end("docker service scale webapp1=5")
    down = await bench.to_end("docker service scale webapp1=2")
    # THEN both converge at their number
    assert (up.progress, up.running) == (Progress.CONVERGED, 5)
    assert (down.progress, down.running) == (Progress.CONVERGED, 2)


async def test_a_rollout_that_fails_is_seen_with_its_error_and_rolled_back(bench: Bench) -> None:
    # WHEN a service is updated to an image that nobody has
    standing = await bench.to_end("docker service update --image nosuch/image:9 --no-resolve-image webapp1")
    # THEN it paused, and the task's error is told whole
    assert standing.progress is Progress.PAUSED
    assert "nosuch/image:9" in standing.sentence
    # WHEN it is rolled back
    standing = await bench.to_end("docker service rollback webapp1")
    # THEN what ran before runs again
    assert standing.progress is Progress.CONVERGED
    assert "nosuch" not in bench.spec("webapp1")["TaskTemplate"]["ContainerSpec"]["Image"]


async def test_a_rollback_by_the_engine_is_a_failure(bench: Bench) -> None:
    # WHEN the service's failure action is to roll back
    line = "docker service update --image nosuch/image:9 --no-resolve-image --update-failure-action rollback webapp1"
    standing = await bench.to_end(line)
    # THEN the change is not there
    assert standing.progress is Progress.ROLLED_BACK


async def test_a_change_by_somebody_else_is_put_beside_ours(bench: Bench) -> None:
    # GIVEN a plan, and somebody who changes the service before it is sent
    made = await bench.plan("docker service update --env-add MINE=1 webapp1")
    assert (await bench.do("docker service update --label-add theirs=2 webapp1")).state is State.DONE
    # WHEN it is sent
    outcome = await perform(made, bench.engine)
    # THEN it is not, and both changes are there to be seen
    assert outcome.state is State.CONFLICT
    assert outcome.merge is not None
    assert outcome.merge.conflicts == ()
    # WHEN both are sent together
    assert outcome.retry is not None
    assert (await send(outcome.retry, bench.engine)).state is State.DONE
    # THEN neither is lost
    spec = bench.spec("webapp1")
    assert spec["Labels"]["theirs"] == "2"
    assert "MINE=1" in spec["TaskTemplate"]["ContainerSpec"]["Env"]


async def test_an_answer_that_was_cut_off_is_looked_for_and_never_sent_twice(bench: Bench) -> None:
    # GIVEN an engine whose answer to a create is cut off after it was done
    made = await bench.plan("docker service create -d --name once nginx:1.27")
    bench.server.faults.set("/services/create", "cut", times=1)
    # WHEN it is sent
    outcome = await perform(made, bench.engine, reconnect=bench.engine.connect)
    # THEN there is one service, and it is told what became of it
    named = [s for s in bench.server.world.services.values() if s["Spec"]["Name"] == "once"]
    assert len(named) <= 1
    assert outcome.state is (State.DONE if named else State.UNKNOWN)


async def test_what_the_engine_refuses_returns_at_its_field(bench: Bench) -> None:
    # GIVEN a port that is taken, which our own checks are told to let through
    outcome = await bench.do("docker service create -d --name p2 -p 8001:80 nginx", override=True)
    # THEN the engine's refusal stands at the flag
    assert outcome.state is State.REFUSED
    assert outcome.finding is not None
    assert outcome.finding.flag == "publish"


async def test_a_node_is_drained_and_comes_back(bench: Bench) -> None:
    # GIVEN a worker with tasks
    node = next(n for n in bench.cluster.snapshot.nodes.values() if n.role == "worker" and n.takes_tasks)
    made = await bench.plan(f"docker node update --availability drain {node.name}")
    assert made.drain is not None
    # WHEN it is drained, and taken back
    assert (await bench.do(f"docker node update --availability drain {node.name}")).state is State.DONE
    await bench.until(lambda: bench.cluster.snapshot.nodes[node.id].availability == "drain", "the drain")
    assert (await bench.do(f"docker node update --availability active {node.name}")).state is State.DONE
    await bench.until(lambda: bench.cluster.snapshot.nodes[node.id].availability == "active", "the return")


async def test_a_container_is_connected_and_disconnected(bench: Bench) -> None:
    # GIVEN a bridge and a container of this node
    assert (await bench.do("docker network create --subnet 10.222.0.0/24 mine")).state is State.DONE
    box = next(c for c in bench.cluster.snapshot.containers.values() if not c.service_id and c.state == "running")
    await bench.until(lambda: any(n.name == "mine" for n in bench.cluster.snapshot.networks.values()), "the network")
    # WHEN it is connected with an alias, and taken off again
    assert (await bench.do(f"docker network connect --alias db1 mine {box.name}")).state is State.DONE
    await bench.until(
        lambda: any(a.network == "mine" for a in bench.cluster.snapshot.containers[box.id].networks), "the endpoint"
    )
    assert (await bench.do(f"docker network disconnect mine {box.name}")).state is State.DONE
    # THEN the network can be removed
    await bench.until(
        lambda: not any(a.network == "mine" for a in bench.cluster.snapshot.containers[box.id].networks), "its end"
    )
    assert (await bench.do("docker network rm mine")).state is State.DONE
