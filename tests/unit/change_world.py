"""A Swarm of three nodes as one snapshot: what checks and plans are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from backends.model import (
    Attachment,
    Config,
    Container,
    EngineInfo,
    Ipam,
    IpamConfig,
    Kind,
    ManagerStatus,
    Mode,
    MountSpec,
    Network,
    Node,
    Plugin,
    PublishedPort,
    Secret,
    Service,
    ServiceNetwork,
    Snapshot,
    Swarm,
    SwarmMembership,
    Task,
    TaskAttachment,
    VirtualIP,
)

T = TypeVar("T")
NOW = 1_700_000_000.0
GIB = 1 << 30


def by_id(*things: T) -> Mapping[str, T]:
    """As snapshots hold them."""
    return MappingProxyType({thing.id: thing for thing in things})  # type: ignore[attr-defined]


def node(id: str, *, manager: bool = False, leader: bool = False, reachability: str = "reachable", **more: Any) -> Node:
    """A ready node with the usual plugins."""
    status = ManagerStatus(leader=leader, reachability=reachability, address="10.1.0.1:2377") if manager else None
    plugins = (
        *(Plugin(type="Log", name=name) for name in ("json-file", "journald")),
        *(Plugin(type="Network", name=name) for name in ("bridge", "host", "overlay", "macvlan")),
        Plugin(type="Volume", name="local"),
    )
    known: dict[str, Any] = {
        "hostname": id,
        "role": "manager" if manager else "worker",
        "state": "ready",
        "manager": status,
        "os": "linux",
        "architecture": "x86_64",
        "nano_cpus": 4_000_000_000,
        "memory": 8 * GIB,
        "plugins": plugins,
    }
    return Node(id=id, **{**known, **more})


def network(id: str, subnet: str = "", **more: Any) -> Network:
    """An overlay of the Swarm, unless told otherwise."""
    configs = (IpamConfig(subnet=subnet, gateway=subnet.replace("0/", "1/").partition("/")[0]),) if subnet else ()
    known: dict[str, Any] = {"name": id.removeprefix("n-"), "driver": "overlay", "scope": "swarm"}
    return Network(id=id, ipam=Ipam(configs=configs), **{**known, **more})


def task(id: str, service: str, slot: int, where: str, state: str = "running", **more: Any) -> Task:
    """A task that is meant to run."""
    known: dict[str, Any] = {"desired_state": "running", "created": NOW - 100, "since": NOW - 90}
    return Task(id=id, service_id=service, slot=slot, node_id=where, state=state, **{**known, **more})


def world(**more: Any) -> Snapshot:
    """``mgr`` and two workers; ``web`` publishes 8080 on ``app``, ``db`` keeps data in a volume on ``w1``, ``agent``
    runs on each node with a host port; ``box`` is a container of its own on ``mgr``."""
    services = by_id(
        Service(
            id="s-web",
            name="web",
            image="shop/web:1@sha256:" + "a1" * 32,
            replicas=2,
            running=2,
            has_counts=True,
            ports=(PublishedPort(target=80, published=8080),),
            networks=(ServiceNetwork(target="n-app", aliases=()),),
            virtual_ips=(VirtualIP(network_id="n-app", address="10.0.1.2/24"),),
            previous_image="shop/web:0",
        ),
        Service(
            id="s-db",
            name="db",
            image="mysql:8",
            replicas=1,
            running=1,
            has_counts=True,
            networks=(ServiceNetwork(target="n-app"),),
            mounts=(MountSpec(type="volume", source="dbdata", target="/var/lib/mysql"),),
            labels={"com.docker.stack.namespace": "shop"},
        ),
        Service(
            id="s-agent",
            name="agent",
            image="agent:1",
            mode=Mode.GLOBAL,
            replicas=None,
            running=3,
            desired=3,
            has_counts=True,
            ports=(PublishedPort(target=9100, published=9100, mode="host"),),
        ),
    )
    tasks = by_id(
        task("t-web1", "s-web", 1, "mgr", networks=(TaskAttachment(network_id="n-app", addresses=("10.0.1.3/24",)),)),
        task("t-web2", "s-web", 2, "w1"),
        task("t-db1", "s-db", 1, "w1"),
        task("t-agent1", "s-agent", 0, "mgr"),
        task("t-agent2", "s-agent", 0, "w1"),
        task("t-agent3", "s-agent", 0, "w2"),
    )
    networks = by_id(
        network("n-ingress", "10.0.0.0/24", ingress=True),
        network("n-app", "10.0.1.0/24", attachable=False),
        network("n-lonely", "10.0.2.0/24", attachable=True, labels={"env": "test"}, created=NOW - 86400),
        network("n-broken"),
        network("n-bridge", "172.17.0.0/16", driver="bridge", scope="local", node_id="mgr"),
        network("n-blog", "172.18.0.0/16", driver="bridge", scope="local", node_id="mgr"),
        network("n-host", driver="host", scope="local", node_id="mgr"),
    )
    containers = by_id(
        Container(
            id="c-box",
            name="box",
            node_id="mgr",
            state="running",
            networks=(Attachment(network="blog", network_id="n-blog", ipv4="172.18.0.2"),),
        ),
        Container(
            id="c-old",
            name="old",
            node_id="mgr",
            state="exited",
            networks=(Attachment(network="lonely", network_id="n-lonely"),),
        ),
    )
    known: dict[str, Any] = {
        "taken": NOW,
        "engine": EngineInfo(
            id="e1",
            name="mgr",
            network_plugins=("bridge", "host", "ipvlan", "macvlan", "null", "overlay"),
            swarm=SwarmMembership(node_id="mgr", state="active", control_available=True, managers=1, nodes=3),
        ),
        "swarm": Swarm(id="sw", default_pools=("10.0.0.0/8",), subnet_size=24),
        "nodes": by_id(
            node("mgr", manager=True, leader=True),
            node("w1", labels={"disk": "ssd"}),
            node("w2"),
        ),
        "services": services,
        "tasks": tasks,
        "networks": networks,
        "containers": containers,
        "secrets": by_id(Secret(id="x-pass", name="db_pass")),
        "configs": by_id(Config(id="x-conf", name="nginx")),
        "listed": MappingProxyType(
            dict.fromkeys((Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.NETWORK, Kind.CONTAINER), NOW)
        ),
    }
    return Snapshot(**{**known, **more})


def managers(*reachable: bool) -> Snapshot:
    """A Swarm of managers ``m1``, ``m2``…, each reachable or not, and a worker ``w1``."""
    nodes = [
        node(
            f"m{i}",
            manager=True,
            leader=i == 1,
            state="ready" if up else "down",
            reachability="reachable" if up else "unreachable",
        )
        for i, up in enumerate(reachable, 1)
    ]
    engine = EngineInfo(id="e1", name="m1", swarm=SwarmMembership(node_id="m1", state="active", control_available=True))
    return world(nodes=by_id(*nodes, node("w1")), engine=engine, tasks=by_id())
