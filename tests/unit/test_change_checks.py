"""What the engine accepts and should not is found before it is sent."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from backends.change import subnets
from backends.change.checks import check
from backends.change.finding import Severity
from backends.change.line import parse_line
from backends.change.requests import Request
from backends.change.subnets import Route
from backends.change.surroundings import Surroundings
from backends.model import EngineInfo, Kind, Snapshot, SwarmMembership
from tests.unit.change_world import by_id, network, world

ROUTES = (Route("10.77.0.0/16", "w1", "eth0"), Route("0.0.0.0/0", "w1", "eth0"), Route("192.168.7.0/24", "mgr", "eth1"))


def _found(line: str, snapshot: Snapshot | None = None, api: str = "1.51", **more: Any) -> list[tuple[str, str, str]]:
    """(severity, flag, sentence) of each finding."""
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request), request
    around = Surroundings(environ={}, api_version=api)
    found = check(request, snapshot or world(), around=around, **more)
    return [(finding.severity.name, finding.flag, finding.sentence) for finding in found]


@pytest.mark.parametrize(
    ("line", "flag", "words"),
    [
        ("service create --name web nginx", "name", "service web already exists"),
        ("service create --name _web nginx", "name", "DNS name component"),
        ("service create --name " + "a" * 64 + " nginx", "name", "63 characters or fewer"),
        ("service create Web:1", "IMAGE", '"Web:1" is not a valid repository/tag'),
        ("service create web:", "IMAGE", "is not a valid repository/tag"),
        ("service create -p 8080:80 nginx", "publish", "8080 is published by web"),
        ("service create -p 9100:80 nginx", "publish", "9100 is published by agent in host mode"),
        ("service create -p 81:80 -p 81:82 nginx", "publish", "Port 81 is published twice"),
        ("service create --endpoint-mode dnsrr -p 81:80 nginx", "publish", "can't be used with dnsrr"),
        ("service create --network blog nginx", "network", "The network blog cannot be used with services"),
        ("service create --network nosuch nginx", "network", "network nosuch not found"),
        ("service create --network ingress nginx", "network", "cannot be explicitly attached to the ingress"),
        ("service create --network broken nginx", "network", "never got a subnet"),
        ("service create --mount type=bind,source=data,target=/d nginx", "mount", "data is no absolute path"),
        ("service create --mount type=bind,source=/d,target=d nginx", "mount", "must be an absolute path: d"),
        ("service create --mount target=/d --mount target=/d nginx", "mount", "duplicate mount point: /d"),
        ("service create --mount type=bogus,target=/d nginx", "mount", 'invalid MountType: "bogus"'),
        ("service create --mount type=tmpfs,source=x,target=/d nginx", "mount", "must not be specified for tmpfs"),
        ("service create --mount source=v/x,target=/d nginx", "mount", "invalid characters for a volume name"),
        (
            "service create --mount source=vol,target=/d,volume-driver=nfs nginx",
            "mount",
            "No node has the volume driver",
        ),
        ("service create --cap-add NET_ADMN nginx", "cap-add", 'unknown capability: "CAP_NET_ADMN"'),
        ("service create --cap-drop bogus nginx", "cap-drop", "unknown capability"),
        ("service create --log-driver splunk nginx", "log-driver", "No node has the log driver splunk"),
        ("service create --constraint node.role=worker nginx", "constraint", "expected one operator"),
        ("service create --constraint node.colour==red nginx", "constraint", "is nothing that a node has"),
        ("service create --limit-memory 1m nginx", "limit-memory", "Must be at least 4MiB"),
        ("service create --limit-cpu 0.0001 nginx", "limit-cpu", "Must be at least 0.001"),
        ("service create --limit-memory 64m --reserve-memory 128m nginx", "reserve-memory", "More memory is reserved"),
        ("service create --oom-score-adj 2000 nginx", "oom-score-adj", "[-1000, 1000]"),
        ("service create --update-max-failure-ratio 2 nginx", "update-max-failure-ratio", "between 0 and 1"),
        ("service create --update-order sideways nginx", "update-order", 'invalid update order: "sideways"'),
        ("service create --update-failure-action stop nginx", "update-failure-action", "invalid update failure action"),
        ("service create --restart-condition always nginx", "restart-condition", 'invalid restart condition: "always"'),
        ("service create --endpoint-mode anycast nginx", "endpoint-mode", 'invalid endpoint mode: "anycast"'),
        ("service create --health-interval 10us nginx", "health-interval", "cannot be less than 1ms"),
        ("service create --health-retries -2 nginx", "health-retries", "cannot be negative"),
        ("service create --restart-delay=-1s nginx", "restart-delay", "cannot be negative"),
        ("service create --stop-signal SIGSTOPP nginx", "stop-signal", "Invalid signal: SIGSTOPP"),
        ("service create --limit-pids -5 nginx", "limit-pids", "cannot be negative"),
        ("service create --mode global --replicas 2 nginx", "replicas", "can only be used with replicated"),
        ("service create --no-healthcheck --health-cmd true nginx", "no-healthcheck", "conflicts with --health-*"),
        ("service update nosuch --force", "SERVICE", "service nosuch not found"),
        ("service scale nosuch=2", "SERVICE", "service nosuch not found"),
        ("network create -d overlay --subnet 10.0.1.0/25 n", "subnet", "overlaps 10.0.1.0/24 of network app"),
        ("network create -d overlay --subnet 10.0.0.0/16 n", "subnet", "tasks on it would stay New for ever"),
        ("network create --subnet 172.18.4.0/24 n", "subnet", "Pool overlaps with other one"),
        ("network create --subnet 10.20.0.1/24 n", "subnet", "it should be 10.20.0.0/24"),
        ("network create --subnet nowhere n", "subnet", "it is no network in CIDR form"),
        ("network create --subnet 10.20.0.0/24 --gateway here n", "gateway", "here is no address"),
        ("network create -d nosuch n", "driver", 'plugin "nosuch" not found'),
        ("network create -d host n", "driver", "only one instance"),
        ("network create -d overlay --ingress --attachable n", "attachable", "cannot be attachable"),
        ("network create -d overlay --ingress n", "ingress", "There is an ingress network already"),
        ("network create app", "NETWORK", "network with name app already exists"),
        ("network create host", "NETWORK", "predefined host network"),
        ("network create 'a b'", "NETWORK", "is no name for a network"),
        ("network create -o com.docker.network.driver.mtu=big n", "opt", "An MTU of big cannot be"),
        ("network create --config-from nosuch n", "config-from", "There is no network nosuch"),
        ("network create --config-from app n", "config-from", "not a configuration"),
        ("network connect nosuch box", "NETWORK", "network nosuch not found"),
        ("network connect app box", "NETWORK", "network app not manually attachable"),
        ("network connect host box", "NETWORK", "cannot be connected to host"),
        ("network connect lonely nosuch", "CONTAINER", "No such container: nosuch"),
        ("network connect blog box", "CONTAINER", "box is on blog already"),
        ("network connect --ip 10.9.9.9 lonely box", "ip", "10.9.9.9 is not in 10.0.2.0/24"),
        ("network connect --ip 172.18.0.2 blog old", "ip", "Address already in use"),
        ("network connect --ip fe80::1 lonely box", "ip", "fe80::1 is an IPv6 address"),
        ("network connect --ip here lonely box", "ip", "here is no address"),
        ("network disconnect lonely box", "CONTAINER", "box is not connected to network lonely"),
        ("network rm app", "NETWORK", "app is in use by 2 services: db and web"),
        ("network rm blog", "NETWORK", "blog has active endpoints: box"),
        ("network rm bridge", "NETWORK", "pre-defined network"),
        ("swarm init", "", "already part of a swarm"),
        ("swarm init --data-path-port 80 --force-new-cluster", "data-path-port", "not in 1024-49151"),
        ("swarm init --force-new-cluster --cert-expiry 5m", "cert-expiry", "minimum certificate expiry"),
        ("swarm init --force-new-cluster --availability gone", "availability", 'invalid availability: "gone"'),
        (
            "swarm init --force-new-cluster --default-addr-pool 10.30.0.0/16 --default-addr-pool-mask-length 8",
            "default-addr-pool-mask-length",
            "invalid default-addr-pool-mask-length 8",
        ),
        ("swarm join --token SWMTKN-1-x mgr:2377", "token", "invalid join token"),
        ("swarm join mgr:2377", "token", "A join token is needed"),
        ("swarm leave", "force", "participating as a manager"),
        ("swarm update --dispatcher-heartbeat=-1s", "dispatcher-heartbeat", "cannot be a negative duration"),
        ("node update --availability off w1", "availability", 'invalid availability: "off"'),
        ("node update --role boss w1", "role", 'invalid role: "boss"'),
        ("node update --label-rm nosuch w1", "label-rm", "key nosuch doesn't exist"),
        ("node update --availability drain nosuch", "NODE", "node nosuch not found"),
        ("node rm w1", "NODE", "node w1 is not down"),
        ("node rm --force mgr", "NODE", "must be demoted to worker"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith(("service", "net", "swarm", "node")) else "",
)
def test_what_cannot_work_is_said_at_its_field(line: str, flag: str, words: str) -> None:
    # WHEN a request is checked against the Swarm
    found = _found(line)
    # THEN an error stands at the right field
    assert any(severity == "ERROR" and at == flag and words in text for severity, at, text in found), found


@pytest.mark.parametrize(
    ("line", "flag", "words"),
    [
        ("service create --constraint node.labels.disk==hdd nginx", "constraint", "matches none of 3 nodes"),
        ("service create --reserve-memory 64g nginx", "", "No node would take a task now"),
        ("service create --replicas 300 --network app nginx", "network", "free addresses"),
        ("service create -p published=9100,target=1,mode=host --mode global nginx", "publish", "by agent in host mode"),
        ("service create --log-opt a=b nginx", "log-opt", "does nothing without --log-driver"),
        ("service create --sysctl kernel.hostname=x nginx", "sysctl", "not one that a container has of its own"),
        ("service create --replicas 99999 nginx", "replicas", "more than a Swarm usually bears"),
        ("network create --subnet 10.77.4.0/24 n", "subnet", "the route of eth0 on w1"),
        ("network create -d macvlan n", "opt", "Without a parent interface"),
        ("network create -d overlay --subnet 10.99.0.0/30 n", "subnet", "has room for 1 address only"),
        ("network create --subnet 10.0.1.0/24 n", "subnet", "containers on both could not reach one of them"),
        ("network connect blog old", "CONTAINER", "old is exited"),
        ("swarm init --force-new-cluster", "default-addr-pool", "The default pool 10.0.0.0/8 contains 10.77.0.0/16"),
    ],
)
def test_what_may_not_be_meant_is_a_warning(line: str, flag: str, words: str) -> None:
    # WHEN a request is checked, with the routes of two nodes known
    found = _found(line, routes=ROUTES)
    # THEN it is warned of, and can be done
    assert any(severity == "WARNING" and at == flag and words in text for severity, at, text in found), found
    assert all(severity != "ERROR" for severity, _, _ in found)


@pytest.mark.parametrize(
    "line",
    [
        "service create --name shop -p 81:80 --network app --mount source=vol,target=/v nginx:1.27",
        "service create --network host nginx",
        "service create --cap-add ALL --stop-signal 9 --log-driver none --constraint node.role!=manager nginx",
        "service create -p published=9200,target=80,mode=host nginx",
        "service create --update-order start-first --restart-condition none --endpoint-mode dnsrr nginx",
        "network create -d overlay n",
        "network create --subnet 10.20.0.0/24 n",
        "network connect lonely box",
        "network rm broken",
        "node update --label-add a=b --availability active w1",
        "service scale web=5 db=2",
    ],
)
def test_what_is_right_gives_no_error_and_no_warning(line: str) -> None:
    # THEN a good request is left alone
    assert [f for f in _found(line) if f[0] != "NOTE"] == []


@pytest.mark.parametrize(
    ("line", "flag", "since", "api"),
    [
        ("service create --mode replicated-job nginx", "mode", "1.41", "1.40"),
        ("service create --mode global-job nginx", "mode", "1.41", "1.40"),
        ("service create --mount type=bind,source=/v,target=/v,bind-nonrecursive nginx", "mount", "1.40", "1.39"),
        ("network create --ipv4=false n", "ipv4", "1.48", "1.41"),
        ("network connect --gw-priority 5 lonely box", "gw-priority", "1.48", "1.41"),
        ("service create --mount source=vol,target=/v,volume-subpath=a nginx", "mount", "1.45", "1.41"),
        ("service create --mount type=image,source=i,target=/v nginx", "mount", "1.48", "1.41"),
        (
            "service create --mount type=bind,source=/v,target=/v,ro,bind-recursive=writable nginx",
            "mount",
            "1.44",
            "1.41",
        ),
    ],
)
def test_what_an_older_engine_would_drop_in_silence_is_refused(line: str, flag: str, since: str, api: str) -> None:
    # WHEN the engine speaks an older API only
    found = _found(line, api=api)
    # THEN it says so in the CLI's words
    assert any(
        severity == "ERROR" and at == flag and f"requires API version {since}, but the Docker daemon" in text
        for severity, at, text in found
    ), found
    # and a new engine takes it
    assert not any("requires API version" in text for _, _, text in _found(line))


def test_an_exhausted_pool_is_found_before_tasks_stay_new_for_ever() -> None:
    # GIVEN a Swarm whose pool has room for two networks, both taken
    snapshot = world()
    assert snapshot.swarm is not None
    small = msgspec.structs.replace(snapshot.swarm, default_pools=("10.0.0.0/23",))
    # WHEN another overlay is created without a subnet
    found = _found("network create -d overlay n", replace(snapshot, swarm=small))
    # THEN it is an error; with a subnet it is none
    assert found[0][0] == "ERROR"
    assert "address pools are used up" in found[0][2]
    assert _found("network create -d overlay --subnet 10.50.0.0/24 n", replace(snapshot, swarm=small)) == []


def test_bridge_pools_end_too() -> None:
    # GIVEN a node that has a network in each of the engine's own pools
    bridges = [
        network(f"n-b{i}", f"172.{i}.0.0/16", driver="bridge", scope="local", node_id="mgr") for i in range(17, 32)
    ]
    small = [
        network(f"n-s{i}", f"192.168.{i}.0/20", driver="bridge", scope="local", node_id="mgr")
        for i in range(0, 256, 16)
    ]
    snapshot = world(networks=by_id(*bridges, *small))
    # THEN the next one finds no addresses
    assert ("ERROR", "subnet", "all predefined address pools have been fully subnetted") in _found(
        "network create n", snapshot
    )


def test_an_overlay_needs_a_manager() -> None:
    # GIVEN a plain engine, and a worker
    plain = world(engine=EngineInfo(id="e", name="box", network_plugins=("bridge", "overlay")), nodes=by_id())
    worker = world(
        engine=EngineInfo(
            id="e", network_plugins=("bridge", "overlay"), swarm=SwarmMembership(node_id="w1", state="active")
        )
    )
    # THEN each says what is missing
    assert any("is not a swarm manager" in text for _, _, text in _found("network create -d overlay n", plain))
    assert any("from a worker node" in text for _, _, text in _found("network create -d overlay n", worker))


def test_live_restore_forbids_a_swarm() -> None:
    # GIVEN an engine with live-restore
    snapshot = world(engine=EngineInfo(id="e", live_restore=True))
    # THEN neither init nor join can work
    for line in ("swarm init", "swarm join --token x a:2377"):
        assert any("live-restore" in text for severity, _, text in _found(line, snapshot) if severity == "ERROR")


def test_an_update_is_not_blamed_for_what_was_wrong_before() -> None:
    # GIVEN a service on a network that never got a subnet
    before: dict[str, Any] = {
        "Name": "web",
        "Labels": {},
        "TaskTemplate": {"ContainerSpec": {"Image": "nginx:1"}, "Networks": [{"Target": "n-broken"}]},
        "Mode": {"Replicated": {"Replicas": 1}},
        "EndpointSpec": {"Mode": "vip"},
    }
    labelled = {**before, "Labels": {"a": "b"}}
    ported = {
        **before,
        "EndpointSpec": {
            "Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 9100, "PublishMode": "ingress"}]
        },
    }
    # WHEN a label is added, THEN nothing is said
    assert _found("service update --label-add a=b web", before=before, after=labelled) == []
    # WHEN a port is added that somebody has, THEN it is blamed on the flag of update
    (only,) = _found("service update --publish-add 9100:80 web", before=before, after=ported)
    assert only[:2] == ("ERROR", "publish-add")


def test_nothing_is_made_up_about_what_was_not_listed() -> None:
    # GIVEN a snapshot that knows nothing yet
    empty = Snapshot(listed=MappingProxyType({}))
    # THEN names are not said to be missing
    for line in ("service scale web=2", "network connect a b", "node update --availability drain x", "network rm a"):
        assert _found(line, empty) == []


def test_free_subnets_skip_what_is_taken_however_wide_the_pool() -> None:
    # GIVEN a pool of millions of networks, with some taken
    used = subnets.taken(world(), ROUTES)
    # WHEN the next free ones are asked for
    free = subnets.free(used, (("10.0.0.0/8", 24),), 3)
    # THEN they come at once, and overlap nothing
    assert free == ("10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24")
    assert subnets.free(used, (("10.76.255.0/24", 24), ("10.77.0.0/16", 24)), 3) == ("10.76.255.0/24",)
    assert subnets.free(used, (("172.16.0.0/12", 16),), 2) == ("172.16.0.0/16", "172.19.0.0/16")


def test_findings_come_worst_first() -> None:
    # WHEN there is something of each kind
    request = parse_line("docker service create --cap-add BOGUS --log-opt a=b --mount source=vol,target=/v nginx")
    assert isinstance(request, Request)
    found = check(request, world(), around=Surroundings(environ={}))
    # THEN errors stand before warnings, and these before notes
    order = [finding.severity for finding in found]
    assert order == sorted(order, reverse=True)
    assert set(order) == {Severity.ERROR, Severity.WARNING, Severity.NOTE}
    assert Kind.TASK in world().listed
