"""On a real Swarm: what restarts tasks, and that the engine stores what it stores of the docker CLI's own lines."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backends.change.apply import apply
from backends.change.compile import compile_request
from backends.change.line import parse_line
from backends.change.outcome import State
from backends.change.requests import Request
from backends.change.restarts import Effect, changes, restarts
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from backends.engine.client import SdkEngine
from tests.contract.conftest import connectable
from tests.lab.images import BOX, BOX_NEXT
from tests.lab.lab import Lab
from tests.lab.sample import NETWORK

pytestmark = pytest.mark.lab
AROUND = Surroundings(environ={"FROM_ENV": "yes"})
#: What a service is created with, one line each; no task is started.
LINES = (
    "",
    "--replicas-max-per-node 2",
    "--env A=1 --env 'B=two words' --env EMPTY=",
    "--label tier=front --label bare --container-label build=7",
    "--workdir /srv --user 1000:1000 --group 44 --group video",
    "--hostname '{{.Node.Hostname}}-{{.Task.Slot}}'",
    "--tty --init --read-only",
    "--stop-signal SIGINT --stop-grace-period 90s",
    "--stop-grace-period 0s",
    "-p 18080:80",
    "-p 18081:80/udp -p 18000-18002:80-82",
    "--publish published=18083,target=80,protocol=tcp,mode=host",
    "--publish target=80,mode=host",
    "--endpoint-mode dnsrr",
    f"--network {NETWORK}",
    f"--network name={NETWORK},alias=www,alias=static",
    "--network host",
    "--dns 10.0.0.53 --dns-search example.test --dns-option ndots:2",
    "--host db:10.0.0.7 --host gw:10.0.0.1",
    "--mount type=volume,source=data,target=/data",
    "--mount type=volume,target=/cache",
    "--mount type=bind,source=/srv,target=/srv,readonly",
    "--mount type=bind,source=/srv,target=/srv,bind-propagation=rslave",
    "--mount type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770",
    "--mount type=volume,source=n,target=/n,volume-driver=local,volume-opt=type=nfs,volume-nocopy,volume-label=a=b",
    "--constraint node.role==worker --constraint 'node.labels.zone != b'",
    "--placement-pref spread=node.labels.zone --placement-pref spread=node.labels.rack",
    "--generic-resource gpu=2 --generic-resource ssd=1",
    "--limit-cpu 1.5 --limit-memory 512m --limit-pids 100 --reserve-cpu .25 --reserve-memory 64m",
    "--cap-add NET_ADMIN --cap-add SYS_TIME --cap-drop CHOWN",
    "--cap-add ALL",
    "--cap-drop ALL --cap-add NET_ADMIN",
    "--sysctl net.core.somaxconn=1024",
    "--ulimit nofile=1024:2048 --ulimit nproc=100",
    "--health-cmd 'true' --health-interval 10s --health-retries 5 --health-start-period 1m --health-timeout 3s",
    "--no-healthcheck",
    "--restart-condition on-failure --restart-delay 10s --restart-max-attempts 3 --restart-window 2m",
    "--restart-condition none",
    "--restart-max-attempts 0",
    "--update-parallelism 2 --update-delay 10s --update-order start-first --update-monitor 30s",
    "--update-failure-action rollback --update-max-failure-ratio 0.25",
    "--update-delay 10s",
    "--rollback-parallelism 0 --rollback-delay 5s --rollback-order stop-first --rollback-monitor 20s",
    "--rollback-failure-action continue --rollback-max-failure-ratio 0.5",
    "--log-driver json-file --log-opt max-size=10m --log-opt max-file=3",
    "--log-driver none",
    "--entrypoint '/bin/sh -c'",
    "--isolation default",
    "--credential-spec file://cs.json",
    "--env A=1 --env A=2 --env B=1 --label a=1 --label a=2 --dns 10.0.0.1 --dns 10.0.0.1",
)
JOBS = (
    "--mode global --constraint node.id==none",
    "--mode replicated-job --replicas 0 --max-concurrent 2",
    "--mode global-job --constraint node.id==none --restart-condition on-failure",
)
#: (flags of ``service update``, what the table says).
EDITS = (
    ("--label-add a=b", Effect.NONE),
    ("--update-delay 3s", Effect.NONE),
    ("--rollback-order start-first", Effect.NONE),
    ("--env-add A=1", Effect.RESTARTS),
    ("--env-add A=1", Effect.NONE),
    ("--container-label-add a=b", Effect.RESTARTS),
    ("--constraint-add node.role!=nobody", Effect.MOVES),
    ("--placement-pref-add spread=node.labels.zone", Effect.MOVES),
    ("--limit-memory 256m", Effect.RESTARTS),
    ("--restart-delay 1s", Effect.RESTARTS),
    ("--stop-grace-period 1s", Effect.RESTARTS),
    ("--publish-add published=18090,target=80", Effect.RESTARTS),
    ("--mount-add type=tmpfs,target=/t", Effect.RESTARTS),
    ("--mount-add type=tmpfs,target=/t", Effect.NONE),
    (f"--image {BOX_NEXT} --no-resolve-image", Effect.RESTARTS),
    ("--force", Effect.RESTARTS),
)


@pytest.fixture
async def engine(lab: Lab) -> AsyncIterator[SdkEngine]:
    made = connectable(str(lab.manager.socket))
    await made.connect()
    try:
        yield made
    finally:
        await made.aclose()


async def _compiled(line: str, engine: SdkEngine) -> Compiled:
    request = parse_line(line)
    assert isinstance(request, Request), request
    found = await compile_request(request, engine, AROUND)
    assert isinstance(found, Compiled), found
    return found


async def _stored(name: str, engine: SdkEngine) -> dict[str, Any]:
    found: Any = await engine.call("GET", f"/services/{name}?insertDefaults=false")
    spec: dict[str, Any] = found["Spec"]
    # The docker CLI goes through a range of ports in an order of its own, another one at each run.
    spec.get("EndpointSpec", {}).get("Ports", []).sort(key=repr)
    return spec


@pytest.mark.parametrize("flags", [*(f"{line} --replicas 0" for line in LINES), *JOBS])
async def test_the_engine_stores_what_it_stores_of_the_docker_cli(lab: Lab, engine: SdkEngine, flags: str) -> None:
    # GIVEN what the docker CLI makes of a line
    line = f"service create --detach --no-resolve-image --name same {flags} {BOX} sh -c 'sleep 1000'"
    try:
        lab.manager.docker(*shlex.split(line))
        theirs = await _stored("same", engine)
        await engine.call("DELETE", "/services/same")
        # WHEN we make the same of it
        outcome = await apply(await _compiled(f"docker {line}", engine), engine)
        assert outcome.state is State.DONE, outcome
        # THEN the engine stores the same
        assert await _stored("same", engine) == theirs
    finally:
        await engine.call("DELETE", "/services/same")


async def test_the_table_of_restarts_is_what_the_swarm_does(engine: SdkEngine) -> None:
    # GIVEN a service of two tasks that start and stop at once
    create = f"docker service create -d --no-resolve-image --name steady --replicas 2 --update-parallelism 0 {BOX}"
    assert (await apply(await _compiled(create, engine), engine)).state is State.DONE
    try:
        before = await _running(engine, 2)
        for flags, effect in EDITS:
            # WHEN one thing of it is changed
            compiled = await _compiled(f"docker service update {flags} steady", engine)
            target = compiled.targets[0]
            assert isinstance(target.before, dict)
            assert isinstance(target.after, dict)
            assert restarts(changes(target.before, target.after)) is effect, flags
            assert (await apply(compiled, engine)).state is State.DONE
            # THEN its tasks are replaced or kept, as the table says
            if effect is Effect.RESTARTS:
                after = await _replaced(engine, before, 2)
            else:
                await asyncio.sleep(1.5)  # nothing is to happen, and nothing tells when it has not happened
                after = await _running(engine, 2)
                assert after == before, flags
            before = after
    finally:
        await engine.call("DELETE", "/services/steady")


async def _tasks(engine: SdkEngine) -> set[str]:
    wanted = json.dumps({"service": ["steady"], "desired-state": ["running"]})
    found: Any = await engine.call("GET", "/tasks", params={"filters": wanted})
    return {task["ID"] for task in found if task["Status"]["State"] == "running"}


async def _running(engine: SdkEngine, count: int) -> set[str]:
    end = time.monotonic() + 90.0
    while len(found := await _tasks(engine)) != count:
        assert time.monotonic() < end, f"{len(found)} of {count} run"
        await asyncio.sleep(0.1)
    return found


async def _replaced(engine: SdkEngine, before: set[str], count: int) -> set[str]:
    end = time.monotonic() + 90.0
    while len(found := await _tasks(engine)) != count or found & before:
        assert time.monotonic() < end, "the tasks were not replaced"
        await asyncio.sleep(0.1)
    return found
