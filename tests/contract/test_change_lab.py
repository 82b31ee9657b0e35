"""On a real Swarm: the engine stores what it stores of the docker CLI's own lines."""

from __future__ import annotations

import asyncio
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
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from backends.engine.client import SdkEngine
from tests.contract.conftest import connectable
from tests.lab.images import BOX, BOX_NEXT
from tests.lab.lab import Lab
from tests.lab.node import CommandError
from tests.lab.sample import NETWORK
from tests.unit.change_support import MADE, unordered

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
#: What a service is updated from and with, one line each.
BASE = (
    f"--label tier=front --label a=b --env A=1 --env B=2 --container-label build=7 --host db:10.0.0.7 --dns 10.0.0.53 "
    f"--mount type=tmpfs,target=/t --mount type=volume,source=data,target=/data -p 18180:80 -p 18181:80/udp "
    f"--constraint node.role!=nobody --placement-pref spread=node.labels.rack --ulimit nofile=1024:2048 "
    f"--cap-add NET_ADMIN --sysctl net.core.somaxconn=1024 --group 44 --health-cmd true --generic-resource gpu=1 "
    f"--limit-memory 256m --log-driver json-file --network {NETWORK} --replicas 0"
)
UPDATES = (
    "",
    "--label-add c=d --label-rm tier",
    "--env-add A=2 --env-add C=3 --env-rm B",
    "--container-label-add x=y --container-label-rm build",
    "--host-add gw:10.0.0.1 --host-rm db",
    "--dns-add 10.0.0.54 --dns-search-add example.test --dns-option-add ndots:2 --dns-rm 10.0.0.53",
    "--mount-add type=bind,source=/srv,target=/srv --mount-rm /t",
    "--mount-add type=volume,source=other,target=/data",
    "--publish-add 18182:82 --publish-rm 80/udp",
    "--publish-rm 18180:80 --publish-add published=18183,target=80,mode=host",
    "--constraint-add node.labels.a==b --constraint-rm node.role!=nobody",
    "--placement-pref-add spread=node.labels.zone --placement-pref-rm spread=node.labels.rack",
    "--ulimit-add nproc=10 --ulimit-rm nofile",
    "--cap-drop CHOWN --cap-add SYS_TIME",
    "--cap-drop NET_ADMIN",
    "--sysctl-add net.ipv4.ip_forward=1 --sysctl-rm net.core.somaxconn",
    "--group-add video --group-rm 44",
    "--health-interval 5s --health-retries 2",
    "--no-healthcheck",
    "--generic-resource-add ssd=1 --generic-resource-rm gpu",
    "--limit-memory 0 --limit-cpu 1.5 --reserve-memory 32m --limit-pids 5",
    "--log-driver syslog --log-opt tag=x",
    f"--network-rm {NETWORK}",
    "--update-parallelism 2 --update-delay 7s --rollback-monitor 9s",
    "--restart-condition on-failure --restart-max-attempts 2 --restart-delay 1s",
    "--args 'sleep 5' --entrypoint /bin/sh --workdir /tmp --user 7 --hostname h1 --tty --init --read-only",
    "--stop-signal INT --stop-grace-period 3s --isolation default",
    f"--image {BOX_NEXT} --no-resolve-image",
    "--force",
    "--endpoint-mode vip --replicas-max-per-node 2",
    "--credential-spec file://c.json",
)
NETWORKS = (
    "--subnet 10.177.1.0/24",
    "--subnet 10.177.1.0/24 --gateway 10.177.1.9 --ip-range 10.177.1.128/25 --aux-address a=10.177.1.5",
    "--internal --label env=prod --label bare --subnet 10.177.1.0/24",
    "--opt com.docker.network.bridge.enable_icc=false --subnet 10.177.1.0/24",
    "-d overlay --attachable --subnet 10.178.1.0/24 --subnet 10.178.2.0/24 --gateway 10.178.2.1",
    "-d overlay --opt com.docker.network.driver.mtu=1400 --subnet 10.178.1.0/24 --internal",
    "--ipv6 --subnet 2001:db8:77::/64 --subnet 10.177.1.0/24",
    "--config-only --subnet 10.177.1.0/24",
)
#: What differs between two networks that are made alike.
_OF_ITS_OWN = ("Id", "Created")


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
    spec: dict[str, Any] = unordered(found["Spec"], MADE)
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


@pytest.mark.parametrize("flags", UPDATES)
async def test_the_engine_stores_of_an_update_what_it_stores_of_the_docker_cli(
    lab: Lab, engine: SdkEngine, flags: str
) -> None:
    # GIVEN what the docker CLI makes of an update
    create = f"service create --detach --no-resolve-image --name same {BASE} {BOX}"
    line = f"service update --detach {flags} same"
    try:
        lab.manager.docker(*shlex.split(create))
        _docker(lab, line)
        theirs = await _stored("same", engine)
        await engine.call("DELETE", "/services/same")
        # WHEN we make the same of it
        lab.manager.docker(*shlex.split(create))
        outcome = await apply(await _compiled(f"docker {line}", engine), engine)
        assert outcome.state is State.DONE, outcome
        # THEN the engine stores the same
        assert unordered(await _stored("same", engine)) == unordered(theirs)
    finally:
        await engine.call("DELETE", "/services/same")


@pytest.mark.parametrize("flags", NETWORKS)
async def test_the_engine_makes_the_network_that_it_makes_of_the_docker_cli(
    lab: Lab, engine: SdkEngine, flags: str
) -> None:
    # GIVEN the network that the docker CLI makes of a line
    line = f"network create {flags} same-net"
    lab.manager.docker(*shlex.split(line))
    theirs = await _network("same-net", engine)
    await engine.call("DELETE", "/networks/same-net")
    try:
        # WHEN we make the same of it
        outcome = await apply(await _compiled(f"docker {line}", engine), engine)
        assert outcome.state is State.DONE, outcome
        # THEN it is the same network
        assert await _network("same-net", engine) == theirs
    finally:
        await engine.call("DELETE", "/networks/same-net")


def _docker(lab: Lab, line: str) -> None:
    """At the docker CLI, again while the Swarm itself is still writing to the service (it gives it addresses)."""
    for _ in range(9):
        try:
            lab.manager.docker(*shlex.split(line))
            return
        except CommandError as error:
            if "out of sequence" not in str(error):
                raise
    lab.manager.docker(*shlex.split(line))


async def _network(name: str, engine: SdkEngine) -> dict[str, Any]:
    """A network as it is once the Swarm has given it what it needs, without what is its own."""
    end = time.monotonic() + 60.0
    found: Any = await engine.call("GET", f"/networks/{name}")
    while not found["Driver"]:
        assert time.monotonic() < end, "the network was not made"
        await asyncio.sleep(0.1)
        found = await engine.call("GET", f"/networks/{name}")
    (found["Options"] or {}).pop("com.docker.network.driver.overlay.vxlanid_list", None)
    return {**unordered(found, MADE), **dict.fromkeys(_OF_ITS_OWN)}
