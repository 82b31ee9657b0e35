"""A made-up Swarm as one snapshot: small, with one of each trouble; what tests of lists and details look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backends.model import (
    STACK_LABEL,
    Attachment,
    Config,
    Container,
    ContainerDetail,
    ContainerMount,
    Endpoint,
    EngineInfo,
    Event,
    EventSource,
    HealthProbe,
    Image,
    Ipam,
    IpamConfig,
    Kind,
    Link,
    LinkState,
    ManagerStatus,
    Mode,
    MountSpec,
    Network,
    Node,
    Peer,
    Plugin,
    PortBinding,
    PublishedPort,
    Resources,
    RolloutConfig,
    Secret,
    Service,
    ServiceNetwork,
    Snapshot,
    Stack,
    Swarm,
    SwarmMembership,
    Task,
    TaskAttachment,
    UpdateStatus,
    VirtualIP,
    Volume,
)
from tui.tables.spec import Moment

#: 2023-11-24 14:32:07 UTC.
NOW = 1700836327.0
DAY = 86400.0
ERROR = (
    "OCI runtime create failed: runc create failed: unable to start container process: "
    'exec: "/app/worker": permission denied: unknown'
)
#: Names that a terminal, a markup reader or a width table trips over.
HOSTILE = (
    "[red]x[/]",
    "a\x1b]0;t\x07b",
    "‮evil",
    "漢字漢字漢字",
    "[@click=app.quit]q",
    "e\u0301\u0301\u0301",
    "x\ny",
    "👩‍👩‍👧",
)


def _node(name: str, address: str, **more: Any) -> Node:
    facts: dict[str, Any] = {
        "id": f"id-{name}",
        "hostname": name,
        "state": "ready",
        "address": address,
        "engine_version": "28.5.2",
        "os": "linux",
        "architecture": "x86_64",
        "nano_cpus": 8_000_000_000,
        "memory": 32 << 30,
        "plugins": (Plugin(type="Network", name="overlay"), Plugin(type="Network", name="bridge")),
        "created": NOW - 41 * DAY,
        "updated": NOW - 41 * DAY,
    }
    return Node(**{**facts, **more})


def _manager(leader: bool) -> ManagerStatus:
    return ManagerStatus(leader=leader, reachability="reachable", address="10.20.0.11:2377")


NODES = (
    _node("manager-1", "10.20.0.11", role="manager", manager=_manager(True)),
    _node("manager-2", "10.20.0.12", role="manager", manager=_manager(False)),
    _node("manager-3", "10.20.0.13", role="manager", manager=_manager(False)),
    _node("worker-1", "10.20.1.21", labels={"tier": "web", "zone": "a"}),
    _node("worker-2", "10.20.1.22", engine_version="27.3.1"),
    _node("worker-4", "10.20.1.24", availability="drain"),
    _node(
        "worker-5", "10.20.1.25", state="down", message="heartbeat failure", labels={"disk": "ssd"}, updated=NOW - 366
    ),
)


def _network(name: str, subnet: str, **more: Any) -> Network:
    facts: dict[str, Any] = {
        "id": f"net-{name}",
        "name": name,
        "driver": "overlay",
        "scope": "swarm",
        "ipam": Ipam(configs=(IpamConfig(subnet=subnet, gateway=subnet.rpartition(".")[0] + ".1"),)),
        "created": NOW - 12 * DAY,
    }
    return Network(**{**facts, **more})


def _local(name: str, driver: str, subnet: str = "") -> Network:
    ipam = Ipam(configs=(IpamConfig(subnet=subnet),)) if subnet else Ipam()
    return Network(id=f"net-{name}", name=name, node_id="id-manager-1", driver=driver, ipam=ipam)


NETWORKS = (
    _network("ingress", "10.0.0.0/24", ingress=True),
    _network(
        "myoverlaynetwork",
        "10.0.9.0/24",
        attachable=True,
        inspected=True,
        options={"com.docker.network.driver.overlay.vxlanid_list": "4097"},
        peers=(Peer(name="a", address="10.20.0.11"), Peer(name="b", address="10.20.9.9")),
        endpoints=(
            Endpoint(container_id="c-webapp1-1", name="webapp1.1.t", mac="02:42:0a:00:09:05", ipv4="10.0.9.5/24"),
            Endpoint(container_id="", name="lb-myoverlaynetwork", endpoint_id="lb1", ipv4="10.0.9.7/24"),
        ),
    ),
    _network("observe_metrics", "10.0.12.0/29", labels={STACK_LABEL: "observe"}),
    _network("shop_backend", "10.0.10.0/24", internal=True, labels={STACK_LABEL: "shop"}),
    _network("vlan120", "10.20.120.0/26", driver="macvlan", options={"parent": "eth0.120"}),
    _local("bridge", "bridge", "172.17.0.0/16"),
    _local("docker_gwbridge", "bridge", "172.18.0.0/16"),
    _local("host", "host"),
    _local("none", "null"),
)


def _service(name: str, image: str, *networks: str, **more: Any) -> Service:
    stack = name.partition("_")[0] if "_" in name else ""
    facts: dict[str, Any] = {
        "id": f"svc-{name}",
        "version": 7,
        "name": name,
        "image": f"{image}@sha256:4f1c9e07d2abaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "replicas": 1,
        "labels": {STACK_LABEL: stack} if stack else {},
        "networks": tuple(ServiceNetwork(target=f"net-{n}") for n in networks),
        "virtual_ips": tuple(
            VirtualIP(network_id=f"net-{n}", address=f"10.0.{10 + i}.{2 + len(name) % 7}/24")
            for i, n in enumerate(networks)
        ),
        "created": NOW - 12 * DAY,
        "updated": NOW - 2 * DAY,
    }
    return Service(**{**facts, **more})


SERVICES = (
    _service(
        "webapp1",
        "hshar/webapp:latest",
        "myoverlaynetwork",
        "ingress",
        replicas=3,
        ports=(PublishedPort(target=80, published=8001),),
        resources=Resources(limit_cpu=500_000_000, limit_memory=256 << 20, reserve_memory=128 << 20),
        configs=(("webapp1_php.ini", "/usr/local/etc/php/php.ini"),),
        config_ids=("cfg-1",),
        secrets=(("webapp1_db_password", "webapp1_db_password"),),
        secret_ids=("sec-1",),
        env=("MODE=live", "GREETING=hello world"),
        update_config=RolloutConfig(delay=10.0),
        update=UpdateStatus(state="completed", started=NOW - 2 * DAY - 41, completed=NOW - 2 * DAY),
        previous_image="hshar/webapp:1.3@sha256:bb",
    ),
    _service(
        "mysql",
        "hshar/mysql:5.5",
        "myoverlaynetwork",
        mounts=(MountSpec(source="mysql-data", target="/var/lib/mysql"),),
    ),
    _service(
        "shop_worker",
        "shop/worker:1.10",
        "shop_backend",
        replicas=4,
        previous_image="shop/worker:1.9@sha256:cc",
        update=UpdateStatus(state="completed", started=NOW - 660, completed=NOW - 600),
    ),
    _service(
        "shop_api",
        "shop/api:2.8.1",
        "shop_backend",
        replicas=2,
        update=UpdateStatus(state="updating", started=NOW - 60),
    ),
    _service("observe_loki", "grafana/loki:3.1.1", "observe_metrics", constraints=("node.labels.disk==ssd",)),
    _service(
        "observe_node-exporter",
        "quay.io/prometheus/node-exporter:v1.8.2",
        "observe_metrics",
        mode=Mode.GLOBAL,
        replicas=None,
        ports=(PublishedPort(target=9100, published=9100, mode="host"),),
        endpoint_mode="dnsrr",
        virtual_ips=(),
    ),
    _service("sleeper", "alpine:3.20", replicas=0),
)


def _task(service: str, slot: int, node: str, state: str = "running", **more: Any) -> Task:
    ident = more.pop("id", f"task-{service}-{slot}-{node}-{state}")
    network = {"webapp1": "myoverlaynetwork", "mysql": "myoverlaynetwork"}.get(
        service, "observe_metrics" if service.startswith("observe") else "shop_backend"
    )
    facts: dict[str, Any] = {
        "id": ident,
        "service_id": f"svc-{service}",
        "node_id": f"id-{node}" if node else "",
        "slot": slot,
        "state": state,
        "container_id": f"c-{service}-{slot}" if state == "running" else "",
        "image": next(s.image for s in SERVICES if s.name == service),
        "networks": (
            TaskAttachment(network_id=f"net-{network}", network_name=network, addresses=(f"10.0.9.{4 + slot}/24",)),
        ),
        "created": NOW - 2 * DAY,
        "since": NOW - 2 * DAY,
    }
    return Task(**{**facts, **more})


def _failed(slot: int, node: str, seconds: float, *, past: bool = True, error: str = ERROR) -> Task:
    return _task(
        "shop_worker",
        slot,
        node,
        "failed",
        id=f"task-worker-{slot}-{seconds:.0f}",
        desired_state="shutdown" if past else "running",
        error=error,
        exit_code=126,
        container_id=f"c3b1e09d55{seconds:02.0f}",
        created=NOW - seconds - 3,
        since=NOW - seconds,
    )


TASKS = (
    _task("webapp1", 1, "manager-1"),
    _task("webapp1", 2, "worker-1"),
    _task("webapp1", 3, "worker-2", created=NOW - 360, since=NOW - 360),
    _task("webapp1", 3, "worker-5", "shutdown", desired_state="shutdown"),
    _task("mysql", 1, "worker-1"),
    _task("shop_worker", 1, "worker-2", image="shop/worker:1.9"),
    _task("shop_worker", 2, "worker-1", "starting", created=NOW - 3, since=NOW - 3),
    _failed(3, "worker-1", 12, past=False),
    _task("shop_worker", 4, "worker-2", "ready", desired_state="ready", created=NOW - 2, since=NOW - 2),
    _failed(3, "worker-1", 26),
    _failed(2, "worker-2", 31),
    _failed(4, "worker-2", 33),
    _failed(3, "worker-5", 360, error="node worker-5 is down"),
    _task("shop_api", 1, "manager-1", created=NOW - 50, since=NOW - 50),
    _task("shop_api", 2, "manager-2", image="shop/api:2.8.0"),
    _task(
        "observe_loki",
        1,
        "",
        "pending",
        error="no suitable node (scheduling constraints not satisfied on 6 nodes; 1 node not available for new tasks)",
        created=NOW - 366,
        since=NOW - 366,
    ),
    _task("observe_node-exporter", 0, "manager-1"),
    _task("observe_node-exporter", 0, "worker-1", container_id="c-ne-worker1"),
)


def _container(name: str, task: Task | None = None, **more: Any) -> Container:
    labels: dict[str, str] = {}
    ident = f"c-{name}"
    if task is not None:
        service = next(s for s in SERVICES if s.id == task.service_id)
        ident, name = task.container_id, f"{name}.{task.id}"
        labels = {
            "com.docker.swarm.service.id": service.id,
            "com.docker.swarm.service.name": service.name,
            "com.docker.swarm.task.id": task.id,
            "com.docker.swarm.node.id": task.node_id,
        }
    facts: dict[str, Any] = {
        "id": ident,
        "name": name,
        "node_id": "id-manager-1",
        "image": "hshar/webapp:latest",
        "image_id": "sha256:4f1c9e07d2ab",
        "command": "apache2-foreground",
        "state": "running",
        "created": NOW - 2 * DAY,
        "started": NOW - 2 * DAY,
        "labels": labels,
    }
    return Container(**{**facts, **more})


CONTAINERS = (
    _container(
        "webapp1.1",
        TASKS[0],
        networks=(
            Attachment(
                network="myoverlaynetwork",
                network_id="net-myoverlaynetwork",
                ipv4="10.0.9.5",
                prefix=24,
                aliases=("webapp1",),
            ),
            Attachment(network="docker_gwbridge", network_id="net-docker_gwbridge", ipv4="172.18.0.3", prefix=16),
        ),
    ),
    _container(
        "adminer",
        image="adminer:4.8.1",
        networks=(
            Attachment(network="bridge", network_id="net-bridge", ipv4="172.17.0.2", prefix=16, gateway="172.17.0.1"),
        ),
        ports=(PortBinding(container_port=8080, host_ip="0.0.0.0", host_port=8080),),
        mounts=(ContainerMount(type="volume", name="adminer-data", destination="/data"),),
        labels={"com.docker.compose.project": "tools", "owner": "ops"},
    ),
    _container("sick", health="unhealthy"),
    _container("gone", state="exited", exit_code=137),
    _container("node-tool", network_mode="host"),
)

ENGINE = EngineInfo(
    id="engine-1",
    name="manager-1",
    version="28.5.2",
    api_version="1.51",
    min_api_version="1.24",
    os="Debian GNU/Linux 12 (bookworm)",
    kernel="6.1.0",
    architecture="x86_64",
    cpus=8,
    memory=32 << 30,
    root_dir="/var/lib/docker",
    storage_driver="overlay2",
    logging_driver="json-file",
    cgroup_driver="systemd",
    cgroup_version="2",
    default_runtime="runc",
    runtimes=("runc", "io.containerd.runc.v2"),
    containerd="1.7.27",
    runc="1.2.6",
    containers=17,
    containers_running=14,
    containers_stopped=3,
    images=31,
    network_plugins=("bridge", "host", "ipvlan", "macvlan", "null", "overlay", "weave"),
    volume_plugins=("local",),
    log_plugins=("json-file", "local"),
    security=("name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"),
    warnings=("WARNING: bridge-nf-call-iptables is disabled", "WARNING: No swap limit support"),
    insecure_registries=("127.0.0.0/8", "10.0.0.5:5000"),
    swarm=SwarmMembership(
        node_id="id-manager-1",
        node_addr="10.20.0.11",
        state="active",
        control_available=True,
        managers=3,
        nodes=7,
        cluster_id="swarm-1",
        remote_managers=(("id-manager-1", "10.20.0.11:2377"), ("id-manager-2", "10.20.0.12:2377")),
    ),
)

SWARM = Swarm(
    id="swarm-1", created=NOW - 41 * DAY, default_pools=("10.0.0.0/8",), autolock=True, ca_expires=NOW + 61 * DAY
)


def world(**more: Any) -> Snapshot:
    """The snapshot; ``more`` replaces fields."""
    facts: dict[str, Any] = {
        "taken": NOW,
        "link": Link(endpoint="unix:///var/run/docker.sock", node_id="id-manager-1", state=LinkState.LIVE, fresh=NOW),
        "engine": ENGINE,
        "swarm": SWARM,
        "nodes": {n.id: n for n in NODES},
        "services": {s.id: s for s in SERVICES},
        "tasks": {t.id: t for t in TASKS},
        "containers": {c.id: c for c in CONTAINERS},
        "networks": {n.id: n for n in NETWORKS},
        "volumes": {
            v.id: v
            for v in (
                Volume(
                    name="adminer-data",
                    node_id="id-manager-1",
                    created=NOW - DAY,
                    mountpoint="/var/lib/docker/volumes/a",
                ),
                Volume(name="lost", node_id="id-manager-1", options={"type": "nfs"}),
            )
        },
        "images": {
            i.id: i
            for i in (
                Image(
                    image_id="sha256:4f1c9e07d2ab",
                    node_id="id-manager-1",
                    tags=("hshar/webapp:latest",),
                    size=400 << 20,
                ),
                Image(image_id="sha256:dead", node_id="id-manager-1"),
            )
        },
        "configs": {"cfg-1": Config(id="cfg-1", name="webapp1_php.ini", size=120, created=NOW - DAY)},
        "secrets": {
            "sec-1": Secret(id="sec-1", name="webapp1_db_password", labels={STACK_LABEL: "shop"}, created=NOW - DAY)
        },
        "stacks": {
            "shop": Stack(
                name="shop",
                services=("svc-shop_api", "svc-shop_worker"),
                networks=("net-shop_backend",),
                secrets=("sec-1",),
                created=NOW - 34 * DAY,
            ),
            "observe": Stack(name="observe", services=("svc-observe_loki",), networks=("net-observe_metrics",)),
        },
        "listed": dict.fromkeys(Kind, NOW),
    }
    return Snapshot(**{**facts, **more})


def moment(snapshot: Snapshot | None = None, **more: Any) -> Moment:
    """What is known, at :data:`NOW`."""
    return replace(Moment(snapshot=snapshot if snapshot is not None else world(), now=NOW), **more)


def bare() -> Snapshot:
    """One object of each kind with nothing known but its id, pointing at objects that are not there."""
    return Snapshot(
        nodes={"n": Node(id="n")},
        services={"s": Service(id="s", networks=(ServiceNetwork(target="gone"),))},
        tasks={"t": Task(id="t", service_id="gone", node_id="gone"), "u": Task(id="u", service_id="s", state="failed")},
        containers={"c": Container(id="c"), "d": Container(id="d", labels={"com.docker.swarm.task.id": "gone"})},
        networks={"w": Network(id="w"), "o": Network(id="o", driver="overlay", scope="swarm")},
        volumes={"/v": Volume(name="v")},
        images={"/i": Image(image_id="i")},
        configs={"f": Config(id="f")},
        secrets={"x": Secret(id="x")},
        stacks={"k": Stack(name="k", services=("gone",), networks=("gone",), configs=("gone",))},
    )


def hostile() -> Snapshot:
    """The world with hostile text in every name, label, error and image."""
    bad = "".join(HOSTILE)

    def names(values: dict[str, Any], **fields: Any) -> dict[str, Any]:
        import msgspec

        return {k: msgspec.structs.replace(v, **fields) for k, v in values.items()}

    base = world()
    return world(
        nodes=names(dict(base.nodes), hostname=bad, message=bad, labels={bad: bad}, address=bad),
        services=names(
            dict(base.services), name=bad, image=bad, labels={bad: bad}, env=(f"{bad}={bad}",), constraints=(bad,)
        ),
        tasks=names(dict(base.tasks), error=bad, image=bad),
        containers=names(dict(base.containers), name=bad, image=bad, command=bad),
        networks=names(dict(base.networks), name=bad, driver=bad, options={bad: bad}),
        volumes={v.id: v for v in (Volume(name=bad, node_id="id-manager-1", mountpoint=bad),)},
        configs=names(dict(base.configs), name=bad),
        secrets=names(dict(base.secrets), name=bad),
    )


EXTRA = ContainerDetail(
    id="c-adminer",
    pid=48122,
    sandbox_id="0b9d33f1aaaa",
    sandbox_key="/var/run/docker/netns/0b9d33f1",
    error="exec failed",
    entrypoint=("entrypoint.sh",),
    command=("php", "-S", "[::]:8080"),
    user="adminer",
    workdir="/var/www/html",
    env=("A=1", "B=two words"),
    restart_policy="unless-stopped",
    health_test=("CMD-SHELL", "curl -f localhost"),
    health_log=(HealthProbe(start=NOW - 5, exit_code=1, output="refused\n"),),
    log_driver="json-file",
    log_options={"max-size": "10m"},
    nano_cpus=500_000_000,
    memory=256 << 20,
    cap_add=("CAP_NET_ADMIN",),
    privileged=True,
    networks=CONTAINERS[1].networks,
    mounts=CONTAINERS[1].mounts,
)


class Log:
    """An event log over a list."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)

    @property
    def total(self) -> int:
        return len(self.events)

    def tail(self, count: int) -> list[Event]:
        return self.events[-count:] if count else []

    def after(self, total: int) -> list[Event]:
        return self.events[total:]


EVENTS = (
    Event(
        time=NOW - 366,
        type="node",
        action="down",
        id="id-worker-5",
        name="worker-5",
        node_id="id-manager-1",
        severity="err",
        text="heartbeat failure",
        source=EventSource.DERIVED,
        scope="swarm",
    ),
    Event(time=NOW - 200, source=EventSource.GAP, text="events from 14:28:10 to 14:28:55 may be missing"),
    Event(
        time=NOW - 23,
        type="container",
        action="die",
        id="c-webapp1-1",
        name="webapp1.1.m0qd7781aa0c",
        node_id="id-manager-1",
        attributes={
            "com.docker.swarm.task.id": "m0qd7781aa0c",
            "com.docker.swarm.service.name": "webapp1",
            "exitCode": "126",
        },
        text="exit 126",
        severity="warn",
    ),
    Event(
        time=NOW - 2,
        type="container",
        action="health_status: healthy",
        id="c-x",
        name="shop_api.4",
        text="starting → healthy",
        severity="ok",
    ),
    Event(
        time=NOW,
        type="task",
        action="failed",
        id="task-worker-3-12",
        name="shop_worker.3",
        node_id="id-worker-1",
        source=EventSource.DERIVED,
        text=ERROR,
        severity="err",
    ),
)
