"""The demo's tasks and containers at 14:32:07, past ones included."""

from __future__ import annotations

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, swarm_id
from backends.fake.make.container import add_container, task_container
from backends.fake.make.storage import add_image
from backends.fake.make.task import add_attachment, add_task, endpoint_json
from backends.fake.scenes.demo_ground import DAY, HOUR, MINUTE, WORKER_5_DOWN
from backends.fake.scenes.demo_services import NO_NODE, NO_SUCH_HOST, PERMISSION_DENIED
from backends.fake.world import World

#: (service, slot, node, age, head of the task's ID): what simply runs. Slot 0 is global.
_RUNNING: list[tuple[str, int, str, float, str]] = [
    ("mysql", 1, "worker-1", 12 * DAY, ""),
    ("webapp1", 1, "manager-1", 2 * DAY, ""),
    ("webapp1", 2, "worker-1", 2 * DAY, "o0q7t1x9"),
    ("webapp1", 3, "worker-2", 369.0, ""),
    ("edge_traefik", 0, "manager-1", 41 * DAY, ""),
    ("edge_traefik", 0, "manager-2", 41 * DAY, ""),
    ("edge_traefik", 0, "manager-3", 41 * DAY, "x1l0"),
    ("edge_whoami", 1, "manager-2", 41 * DAY, ""),
    ("edge_whoami", 2, "manager-1", 41 * DAY, ""),
    ("observe_grafana", 1, "manager-3", 20 * DAY, ""),
    ("observe_prometheus", 1, "worker-1", 20 * DAY, ""),
    *(("observe_node-exporter", 0, n, 20 * DAY, "") for n in ("manager-1", "manager-2", "manager-3")),
    *(("observe_node-exporter", 0, n, 20 * DAY, "") for n in ("worker-1", "worker-2", "worker-3")),
    ("shop_postgres", 1, "manager-3", 34 * DAY, ""),
    ("shop_redis", 1, "worker-3", 369.0, "v7ra"),
    ("shop_web", 1, "worker-1", 9 * DAY, ""),
    ("shop_web", 2, "worker-2", 369.0, "9d3m"),
    ("shop_web", 3, "worker-3", 9 * DAY, ""),
    ("shop_web", 4, "worker-3", 76.0, "1p7c"),
    ("shop_web", 5, "worker-1", 369.0, "0kq8"),
    ("shop_web", 6, "worker-2", 9 * DAY, ""),
]
#: What still counts as running on worker-5, since nobody could tell it to stop.
_LOST = [
    ("observe_node-exporter", 0),
    ("shop_redis", 1),
    ("shop_web", 2),
    ("shop_web", 5),
    ("webapp1", 3),
]
_FIXED = {("webapp1", 1): "10.0.9.5", ("webapp1", 2): "10.0.9.6", ("webapp1", 3): "10.0.9.8", ("mysql", 1): "10.0.9.4"}
_WORKER_PAST = [
    (3, "worker-1", 26.0, "m0qd7781aa0c"),
    (2, "worker-3", 31.0, "77ab3f0c1e9d"),
    (4, "worker-3", 33.0, "b20c9ee4107f"),
    (3, "worker-1", 49.0, "c81x00b7d2f4"),
    (2, "worker-2", 55.0, "5d1f7a90c3be"),
    (4, "worker-1", 58.0, "0e44c1a7f9d8"),
    *((2 + n % 3, f"worker-{1 + n % 3}", 70.0 + 40 * n, "") for n in range(9)),
]


def named(world: World, name: str) -> Obj:
    """A service by name."""
    return next(s for s in world.services.values() if s["Spec"]["Name"] == name)


def populate(world: World) -> None:
    """Adds tasks, their containers, containers made by hand, and the images of each machine."""
    own = next(k for k, n in world.networks.items() if n["Name"] == "myoverlaynetwork")
    for name, slot, node, age, head in _RUNNING:
        fixed = {own: _FIXED[name, slot]} if (name, slot) in _FIXED else {}
        _run(world, name, slot, node, age, head, fixed)
    for name, slot in _LOST:
        key = swarm_id(f"lost/{name}/{slot}")
        task = add_task(
            world, named(world, name), slot, node="worker-5", state="running", desired="shutdown", age=9 * DAY, key=key
        )
        task_container(world, task, since=9 * DAY)
        _keep_to_metrics(world, task)
    add_task(
        world,
        named(world, "observe_loki"),
        1,
        state="pending",
        error=NO_NODE,
        message="pending task scheduling",
        age=368.0,
    )
    lost = swarm_id("lost/observe_loki/1")
    add_task(
        world,
        named(world, "observe_loki"),
        1,
        node="worker-5",
        state="shutdown",
        desired="shutdown",
        age=20 * DAY,
        since=WORKER_5_DOWN,
        key=lost,
    )
    job = named(world, "backup-nightly")
    done = add_task(
        world, job, 1, node="manager-2", state="complete", desired="complete", age=9.5 * HOUR, since=9.4 * HOUR
    )
    done["JobIteration"] = {"Index": 31}
    task_container(world, done, state="exited", since=9.4 * HOUR)
    _api(world)
    _worker(world)
    _by_hand(world)
    for host in world.hosts.values():
        for image in sorted({c["Config"]["Image"].partition("@")[0] for c in host.containers.values()}):
            add_image(world, host, image, mebibytes=40 + len(image) * 9)
        add_image(world, host, "", mebibytes=212, age=9 * DAY)


def _keep_to_metrics(world: World, task: Obj) -> None:
    """A lost task holds its address in observe_metrics only: so the networks count as the design shows them."""
    metrics = next(key for key, n in world.networks.items() if n["Name"] == "observe_metrics")
    task["NetworksAttachments"] = [a for a in task["NetworksAttachments"] if a["Network"]["ID"] == metrics]
    for network, host in list(world.balancers):
        if host == "worker-5" and network != metrics:
            del world.balancers[network, host]


def _run(world: World, name: str, slot: int, node: str, age: float, head: str, fixed: dict[str, str]) -> Obj:
    task = add_task(
        world,
        named(world, name),
        slot,
        node=node,
        state="running",
        age=age + 2,
        since=age,
        addresses=fixed,
        key=swarm_id(f"task/{name}/{slot}/{node}", head),
    )
    task_container(world, task, since=age, key=hex_id(f"box/{task['ID']}", "0b9d33f1" if head == "o0q7t1x9" else ""))
    return task


def _api(world: World) -> None:
    service = named(world, "shop_api")
    old = service["PreviousSpec"]["TaskTemplate"]
    for slot, node, age in ((1, "worker-1", 31.0), (2, "worker-2", 22.0), (3, "manager-2", 13.0)):
        task = add_task(world, service, slot, node=node, state="running", age=age + 6, since=age)
        task_container(world, task, since=age + 3)
        add_task(
            world, service, slot, node=node, state="shutdown", desired="shutdown", age=34 * DAY, since=age, spec=old
        )
    for slot, node in ((4, "worker-3"), (5, "manager-3"), (6, "worker-1"), (7, "worker-2"), (8, "manager-1")):
        task = add_task(world, service, slot, node=node, state="running", age=34 * DAY, since=34 * DAY, spec=old)
        task_container(world, task, since=34 * DAY)
    failed = add_task(
        world,
        service,
        4,
        node="worker-3",
        state="failed",
        desired="shutdown",
        error=NO_SUCH_HOST,
        age=18.0,
        since=12.0,
        key=swarm_id("task/shop_api/4/first", "r81n"),
    )
    task_container(
        world, failed, state="exited", exit_code=1, since=12.0, health="unhealthy", key=hex_id("api4", "5ab0c7719e24")
    )
    again = add_task(
        world,
        service,
        4,
        node="worker-2",
        state="starting",
        age=7.0,
        since=2.0,
        key=swarm_id("task/shop_api/4/again", "k2v9"),
    )
    task_container(world, again, since=6.0, health="healthy")


def _worker(world: World) -> None:
    service = named(world, "shop_worker")
    old = service["PreviousSpec"]["TaskTemplate"]
    first = add_task(world, service, 1, node="worker-2", state="running", age=34 * DAY, since=34 * DAY, spec=old)
    task_container(world, first, since=34 * DAY, key=hex_id("worker1", "9f2c81d07a44"))
    add_task(world, service, 2, node="worker-3", state="starting", age=8.0, since=3.0)
    bad = add_task(
        world,
        service,
        3,
        node="worker-1",
        state="failed",
        error=PERMISSION_DENIED,
        age=18.0,
        since=12.0,
        key=swarm_id("task/worker/3", "c3b1e09d5512qk7w9m2r0fzt4"),
    )
    task_container(
        world,
        bad,
        state="exited",
        exit_code=126,
        error=PERMISSION_DENIED,
        since=12.0,
        key=hex_id("worker3", "c3b1e09d5512"),
    )
    add_task(world, service, 4, node="worker-3", state="ready", desired="ready", age=2.0)
    for slot, node, ago, head in _WORKER_PAST:
        task = add_task(
            world,
            service,
            slot,
            node=node,
            state="failed",
            desired="shutdown",
            error=PERMISSION_DENIED,
            age=ago + 7,
            since=ago,
            key=swarm_id(f"past/{slot}/{ago}", head),
        )
        task_container(world, task, state="exited", exit_code=126, error=PERMISSION_DENIED, since=ago)
    for slot, node in ((1, "worker-2"), (2, "worker-3")):
        add_task(
            world,
            service,
            slot,
            node=node,
            state="shutdown",
            desired="shutdown",
            age=60 * DAY,
            since=34 * DAY,
            spec=old,
        )


def _by_hand(world: World) -> None:
    """Containers that no service made: seven exporters fill up observe_metrics, 27 of its 29 addresses.

    They are on the engine that is asked: containers attached by hand on other nodes are not in any listing.
    """
    metrics = next(n for n in world.networks.values() if n["Name"] == "observe_metrics")
    node = "manager-1"
    for name, image in (
        ("pushgateway", "prom/pushgateway:v1.9.0"),
        ("blackbox-exporter", "prom/blackbox-exporter:v0.25.0"),
        ("snmp-exporter", "prom/snmp-exporter:v0.26.0"),
        ("statsd-exporter", "prom/statsd-exporter:v0.27.1"),
        ("mysqld-exporter", "prom/mysqld-exporter:v0.15.1"),
        ("redis-exporter", "oliver006/redis_exporter:v1.62.0"),
        ("postgres-exporter", "prom/postgres-exporter:v0.15.0"),
    ):
        address = world.address(metrics["Id"]) or ""
        end = endpoint_json(f"{node}/{name}", metrics, address, [name])
        box = add_container(
            world,
            world.hosts[node],
            name,
            image,
            age=19 * DAY,
            networks={"observe_metrics": end},
            restart="unless-stopped",
            network_mode="observe_metrics",
        )
        add_attachment(world, box["Id"], metrics["Id"], node, address)
    _local(world, "manager-2", "adminer", "adminer:4.8.1", 9 * DAY, 4, ports=(8080, 8080))
    _local(world, "manager-1", "registry-cache", "registry:2.8.3", 41 * DAY, 2, ports=(5000, 5000))
    _local(world, "manager-1", "cert-watcher", "gcr.io/distroless/static:nonroot", 5 * DAY, 3)
    _local(world, "manager-1", "toolbox", "busybox:1.36", 3 * HOUR, 4)
    _local(world, "manager-1", "old-migrate", "shop/api:2.7.4", 34 * DAY, 0, code=1)
    _local(world, "manager-1", "debug-dns", "busybox:1.36", 2 * DAY, 0, code=0)
    _local(world, "manager-1", "load-test", "shop/loadtest:0.3", 9 * HOUR, 0, code=137)
    _local(world, "worker-1", "report-db", "postgres:16.4", 12 * DAY, 0, code=0, network="report_default")
    _local(world, "worker-3", "ci_runner", "shop/ci:1.0", 4 * MINUTE, 2)


def _local(
    world: World,
    node: str,
    name: str,
    image: str,
    age: float,
    last: int,
    *,
    ports: tuple[int, int] | None = None,
    code: int | None = None,
    network: str = "bridge",
) -> None:
    """A plain container; ``last`` is the end of its address on the bridge, ``code`` that it has ended."""
    host = world.hosts[node]
    net = next(n for n in host.networks.values() if n["Name"] == network)
    end = endpoint_json(f"{node}/{name}", net, f"172.17.0.{last}/16" if last else "")
    bound: dict[str, list[Obj] | None] = (
        {f"{ports[1]}/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(ports[0])}]} if ports else {}
    )
    add_container(
        world,
        host,
        name,
        image,
        age=age,
        networks={network: end},
        state="running" if code is None else "exited",
        exit_code=code or 0,
        ports=bound,
        restart="unless-stopped" if code is None else "no",
        network_mode=network,
        labels={"com.docker.compose.project": "report"} if network != "bridge" else {},
    )
