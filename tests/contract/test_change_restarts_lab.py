"""On a real Swarm: each sort of value changed on a running service restarts its tasks where the table says so."""

from __future__ import annotations

import asyncio
import json
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
_AROUND = Surroundings(environ={}, read_input=lambda: b"content")
#: What each service has before it is changed.
_BASE = (
    "--label tier=front --env A=1 --container-label build=7 --host db:10.0.0.7 --dns 10.0.0.53 --group 44 "
    "--mount type=tmpfs,target=/t --constraint node.role!=nobody --placement-pref spread=node.labels.rack "
    "--ulimit nofile=1024:2048 --stop-grace-period 1s --update-parallelism 0 --log-driver json-file"
)
_KEPT, _REPLACED = True, False
#: (flags of ``service update``, what the table says, whether the task that runs is still there).
EDITS = (
    *(
        (flags, Effect.NONE, _KEPT)
        for flags in (
            "",
            "--label-add a=b",
            "--label-rm tier",
            "--update-delay 3s --update-order start-first --update-monitor 2s",
            "--update-failure-action continue --update-max-failure-ratio 0.5",
            "--rollback-order start-first --rollback-parallelism 2",
            "--env-add A=1",
            "--env-rm NOSUCH",
            "--mount-add type=tmpfs,target=/t",
            "--mount-rm /nosuch",
            "--constraint-rm nosuch",
            "--replicas 1",
            "--replicas 2",
        )
    ),
    ("--constraint-add node.role!=none", Effect.MOVES, _KEPT),
    ("--constraint-rm node.role!=nobody", Effect.MOVES, _KEPT),
    ("--constraint-add node.labels.nosuch==1", Effect.MOVES, _REPLACED),
    ("--placement-pref-add spread=node.labels.zone", Effect.MOVES, _KEPT),
    ("--replicas-max-per-node 2", Effect.MOVES, _KEPT),
    *(
        (flags, Effect.RESTARTS, _REPLACED)
        for flags in (
            f"--image {BOX_NEXT} --no-resolve-image",
            "--args 'sleep 1000'",
            "--entrypoint /bin/sh",
            "--env-add A=2",
            "--env-rm A",
            "--container-label-add a=b",
            "--workdir /tmp",
            "--user 1000",
            "--hostname h1",
            "--group-rm 44",
            "--tty",
            "--init",
            "--read-only",
            "--stop-signal SIGINT",
            "--stop-grace-period 2s",
            "--mount-rm /t",
            "--mount-add type=volume,source=restarts,target=/v",
            "--host-add gw:10.0.0.1",
            "--dns-rm 10.0.0.53",
            "--secret-add restarts",
            "--config-add restarts",
            "--cap-add NET_ADMIN",
            "--sysctl-add net.ipv4.ip_forward=1",
            "--ulimit-add nofile=10:20",
            "--health-cmd true",
            "--no-healthcheck",
            "--limit-memory 256m",
            "--limit-pids 100",
            "--reserve-memory 8m",
            "--restart-delay 1s",
            "--restart-condition none",
            "--log-driver json-file --log-opt max-size=1m",
            f"--network-add {NETWORK}",
            "--publish-add published=18090,target=80",
            "--endpoint-mode dnsrr",
            "--force",
        )
    ),
)


@pytest.fixture
async def engine(lab: Lab) -> AsyncIterator[SdkEngine]:
    made = connectable(str(lab.manager.socket))
    await made.connect()
    names = [f"/services/edited-{i}" for i in range(len(EDITS))]
    try:
        yield made
    finally:
        await asyncio.gather(*(made.call("DELETE", name) for name in names), return_exceptions=True)
        for data in ("/secrets/restarts", "/configs/restarts"):
            await asyncio.gather(_gone(made, data), return_exceptions=True)
        await made.aclose()


async def _gone(engine: SdkEngine, path: str) -> None:
    await engine.call("DELETE", path)


async def _done(line: str, engine: SdkEngine) -> Compiled:
    request = parse_line(f"docker {line}", _AROUND)
    assert isinstance(request, Request), request
    compiled = await compile_request(request, engine, _AROUND)
    assert isinstance(compiled, Compiled), compiled
    outcome = await apply(compiled, engine)
    assert outcome.state is State.DONE, (line, outcome)
    return compiled


async def test_the_table_of_restarts_is_what_the_swarm_does(engine: SdkEngine) -> None:
    # GIVEN one running service for each change
    for noun in ("secret", "config"):
        await _done(f"{noun} create restarts -", engine)
    few = asyncio.Semaphore(6)

    async def limited(line: str) -> Compiled:
        async with few:
            return await _done(line, engine)

    create = f"service create -d --no-resolve-image {_BASE}"
    await asyncio.gather(*(limited(f"{create} --name edited-{i} {BOX}") for i in range(len(EDITS))))
    before = await _until(engine, lambda tasks: all(states == ["running"] for states in _states(tasks)), "run")
    # WHEN each is changed in its own way
    done = await asyncio.gather(*(limited(f"service update -d {e[0]} edited-{i}") for i, e in enumerate(EDITS)))
    # THEN the table foretold what that does
    for (flags, effect, _), compiled in zip(EDITS, done, strict=True):
        (target,) = compiled.targets
        assert isinstance(target.before, dict)
        assert isinstance(target.after, dict)
        assert restarts(changes(target.before, target.after)) is effect, flags
    # and those tasks are replaced, and no others
    gone = [i for i, (_, _, kept) in enumerate(EDITS) if not kept]
    after = await _until(engine, lambda tasks: not any(set(before[i]) & set(tasks[i]) for i in gone), "were replaced")
    wrong = [edit for i, edit in enumerate(EDITS) if (set(before[i]) <= set(after[i])) is not edit[2]]
    assert wrong == []


_Tasks = dict[int, dict[str, str]]


def _states(tasks: _Tasks) -> list[list[str]]:
    return [list(states.values()) for states in tasks.values()]


async def _tasks(engine: SdkEngine) -> _Tasks:
    """States of the tasks that are meant to run, by their ids, by the number of the service."""
    services: Any = await engine.call("GET", "/services")
    numbers = {s["ID"]: int(s["Spec"]["Name"][7:]) for s in services if s["Spec"]["Name"].startswith("edited-")}
    wanted = json.dumps({"desired-state": ["running"], "service": [f"edited-{i}" for i in range(len(EDITS))]})
    listed: Any = await engine.call("GET", "/tasks", params={"filters": wanted})
    found: _Tasks = {i: {} for i in range(len(EDITS))}
    for task in listed:
        found[numbers[task["ServiceID"]]][task["ID"]] = task["Status"]["State"]
    return found


async def _until(engine: SdkEngine, met: Any, what: str) -> _Tasks:
    end = time.monotonic() + 150.0
    while not met(tasks := await _tasks(engine)):
        assert time.monotonic() < end, f"not all {what}: {tasks}"
        await asyncio.sleep(0.5)
    return tasks
