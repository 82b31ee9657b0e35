"""The demo's fourteen services: three stacks, three alone, one global of each kind of port, one job."""

from __future__ import annotations

import copy

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, swarm_id
from backends.fake.make.service import SECOND, add_service, port, rollout, spec
from backends.fake.make.storage import config_ref, secret_ref, volume_mount
from backends.fake.scenes.demo_ground import DAY, HOUR
from backends.fake.world import World

PERMISSION_DENIED = (
    "OCI runtime create failed: runc create failed: unable to start container process: "
    'exec: "/app/worker": permission denied: unknown'
)
NO_SUCH_HOST = "task: non-zero exit (1): dial tcp: lookup shop_postgres on 127.0.0.11:53: no such host"
NO_NODE = "no suitable node (scheduling constraints not satisfied on 6 nodes; 2 nodes not available for new tasks)"
_DIGESTS = {
    "hshar/webapp:latest": "4f1c9e07d2ab",
    "shop/worker:1.10": "0c7d51e9a2f4",
    "shop/api:2.8.1": "91be0d5a7c32f10e44",
    "hshar/webapp:1.4": "b77d20c5e1f3",
}


def pinned(image: str) -> str:
    """An image with its digest, as the CLI stores it."""
    return f"{image}@sha256:{hex_id(f'digest/{image}', _DIGESTS.get(image, ''))}"


def _net(world: World, name: str) -> str:
    return next(key for key, n in world.networks.items() if n["Name"] == name)


def _config(world: World, name: str) -> Obj:
    return next(c for c in world.configs.values() if c["Spec"]["Name"] == name)


def _secret(world: World, name: str) -> Obj:
    return next(s for s in world.secrets.values() if s["Spec"]["Name"] == name)


def raise_services(world: World) -> None:
    """Adds them all, without tasks."""
    _alone(world)
    _edge(world)
    _observe(world)
    _shop(world)


def _done(world: World, service: Obj, ago: float, took: float, image: str = "") -> None:
    """The last update was completed ``ago`` seconds ago; before it, the image was another."""
    service["UpdateStatus"] = {
        "State": "completed",
        "StartedAt": world.stamp(ago + took),
        "CompletedAt": world.stamp(ago),
        "Message": "update completed",
    }
    if image:
        previous = copy.deepcopy(service["Spec"])
        previous["TaskTemplate"]["ContainerSpec"]["Image"] = pinned(image)
        service["PreviousSpec"] = previous


def _alone(world: World) -> None:
    own = _net(world, "myoverlaynetwork")
    webapp = spec(
        "webapp1",
        pinned("hshar/webapp:latest"),
        replicas=3,
        networks=[(own, [])],
        ports=[port(8001, 80)],
        env=["DB_HOST=mysql", "DB_NAME=courses"],
        configs=[config_ref(_config(world, "webapp1_php.ini"), "/usr/local/etc/php/php.ini")],
        secrets=[secret_ref(_secret(world, "webapp1_db_password"))],
        limits=(0.5, 256),
        reserves=(0.0, 128),
        update=rollout(1, 10.0),
    )
    service = add_service(world, webapp, age=12 * DAY, updated=2 * DAY)
    _done(world, service, 2 * DAY, 41.0, "hshar/webapp:1.3")
    mysql = spec(
        "mysql",
        pinned("hshar/mysql:5.5"),
        networks=[(own, [])],
        ports=[port(3306, 3306)],
        env=["MYSQL_DATABASE=courses"],
        mounts=[volume_mount("mysql-data", "/var/lib/mysql")],
        reserves=(0.5, 512),
    )
    add_service(world, mysql, age=12 * DAY)
    backup = spec(
        "backup-nightly",
        pinned("shop/backup:1.2"),
        mode="replicated-job",
        networks=[(_net(world, "shop_backend"), []), (_net(world, "vlan120"), [])],
        restart={"Condition": "on-failure", "Delay": 5 * SECOND, "MaxAttempts": 3},
        limits=(1.0, 512),
    )
    service = add_service(world, backup, age=30 * DAY, updated=9.5 * HOUR)
    service["JobStatus"] = {"JobIteration": {"Index": 31}, "LastExecution": world.stamp(9.5 * HOUR)}


def _edge(world: World) -> None:
    public = _net(world, "edge_public")
    traefik = spec(
        "edge_traefik",
        pinned("traefik:v3.1.4"),
        stack="edge",
        mode="global",
        networks=[(public, ["traefik"])],
        ports=[port(80, 80), port(443, 443)],
        args=["--providers.swarm", "--entrypoints.web.address=:80"],
        mounts=[volume_mount("edge_certificates", "/certificates")],
        secrets=[secret_ref(_secret(world, "edge_dns_token"))],
        constraints=["node.role==manager"],
        health={
            "Test": ["CMD", "traefik", "healthcheck"],
            "Interval": 10 * SECOND,
            "Timeout": 3 * SECOND,
            "Retries": 3,
        },
        limits=(1.0, 256),
        update=rollout(1, 0.0, order="start-first"),
    )
    add_service(world, traefik, age=41 * DAY)
    whoami = spec(
        "edge_whoami", pinned("traefik/whoami:v1.10"), stack="edge", replicas=2, networks=[(public, ["whoami"])]
    )
    add_service(world, whoami, age=41 * DAY)


def _observe(world: World) -> None:
    metrics = _net(world, "observe_metrics")
    prometheus = spec(
        "observe_prometheus",
        pinned("prom/prometheus:v2.54.1"),
        stack="observe",
        networks=[(metrics, ["prometheus"]), (_net(world, "shop_backend"), ["prometheus"])],
        args=["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=30d"],
        mounts=[volume_mount("observe_prometheus", "/prometheus")],
        configs=[config_ref(_config(world, "observe_prometheus_yml"), "/etc/prometheus/prometheus.yml")],
        constraints=["node.labels.tier==web"],
        limits=(2.0, 4096),
        reserves=(0.5, 1024),
    )
    add_service(world, prometheus, age=20 * DAY)
    grafana = spec(
        "observe_grafana",
        pinned("grafana/grafana:11.2.0"),
        stack="observe",
        networks=[(metrics, ["grafana"]), (_net(world, "edge_public"), ["grafana"])],
        mounts=[volume_mount("observe_grafana", "/var/lib/grafana")],
        secrets=[secret_ref(_secret(world, "observe_grafana_admin"), "grafana_admin")],
        constraints=["node.role==manager"],
    )
    add_service(world, grafana, age=20 * DAY)
    loki = spec(
        "observe_loki",
        pinned("grafana/loki:3.1.1"),
        stack="observe",
        networks=[(metrics, ["loki"])],
        mounts=[volume_mount("loki-data", "/loki")],
        configs=[config_ref(_config(world, "observe_loki_yml"), "/etc/loki/local-config.yaml")],
        constraints=["node.labels.disk==ssd"],
        reserves=(1.0, 2048),
    )
    add_service(world, loki, age=20 * DAY)
    exporter = spec(
        "observe_node-exporter",
        pinned("prom/node-exporter:v1.8.2"),
        stack="observe",
        mode="global",
        networks=[(metrics, ["node-exporter"])],
        ports=[port(9100, 9100, "host")],
        dnsrr=True,
        mounts=[{"Type": "bind", "Source": "/proc", "Target": "/host/proc", "ReadOnly": True}],
    )
    add_service(world, exporter, age=20 * DAY)


def _shop(world: World) -> None:
    backend, frontend = _net(world, "shop_backend"), _net(world, "shop_frontend")
    db = _secret(world, "shop_db_password")
    web = spec(
        "shop_web",
        pinned("shop/web:5.1.0"),
        stack="shop",
        replicas=6,
        networks=[(_net(world, "edge_public"), ["shop"]), (frontend, ["web"])],
        configs=[config_ref(_config(world, "shop_nginx_v2"), "/etc/nginx/conf.d/default.conf")],
        constraints=["node.labels.tier==web"],
        limits=(0.5, 128),
    )
    _done(world, add_service(world, web, age=34 * DAY, updated=9 * DAY), 9 * DAY, 95.0, "shop/web:5.0.3")
    _api(world, frontend, backend, db)
    worker = spec(
        "shop_worker",
        pinned("shop/worker:1.10"),
        stack="shop",
        replicas=4,
        networks=[(backend, ["worker"])],
        secrets=[secret_ref(db, "db_password")],
        constraints=["node.labels.tier==web"],
        update=rollout(1, 0.0, "continue"),
    )
    worker["Labels"]["com.docker.stack.image"] = "shop/worker:1.9"
    _done(world, add_service(world, worker, age=34 * DAY, updated=665.0), 600.0, 65.0, "shop/worker:1.9")
    postgres = spec(
        "shop_postgres",
        pinned("postgres:16.4"),
        stack="shop",
        networks=[(backend, ["postgres"])],
        mounts=[volume_mount("shop_pgdata", "/var/lib/postgresql/data")],
        secrets=[secret_ref(db, "db_password")],
        constraints=["node.hostname==manager-3"],
        health={
            "Test": ["CMD-SHELL", "pg_isready -U shop"],
            "Interval": 10 * SECOND,
            "Timeout": 3 * SECOND,
            "Retries": 3,
        },
        reserves=(1.0, 2048),
    )
    add_service(world, postgres, age=34 * DAY)
    redis = spec(
        "shop_redis",
        pinned("redis:7.4-alpine"),
        stack="shop",
        networks=[(backend, ["redis"])],
        mounts=[volume_mount("shop_redis", "/data")],
    )
    add_service(world, redis, age=34 * DAY)


def _api(world: World, frontend: str, backend: str, db: Obj) -> None:
    check = {"Test": ["CMD", "curl", "-fs", "localhost:8080/healthz"], "Interval": 10 * SECOND, "Timeout": 2 * SECOND}
    api = spec(
        "shop_api",
        pinned("shop/api:2.8.1"),
        stack="shop",
        replicas=8,
        networks=[(backend, ["api"]), (frontend, ["api", "pool-api"])],
        env=["DB_HOST=shop_postgres", "DB_POOL=20", "DB_POOL_WAIT_MS=1000", "CACHE=shop_redis:6379", "LOG=json"],
        configs=[config_ref(_config(world, "shop_api_toml_v7"), "/app/api.toml")],
        secrets=[secret_ref(db, "db_password")],
        health={**check, "Retries": 3},
        limits=(1.0, 512),
        update=rollout(1, 3.0, "rollback", ratio=0.25, order="start-first"),
        rollback=rollout(2, 0.0, order="start-first"),
        labels={"traefik.http.services.api.loadbalancer.pool": "sticky"},
    )
    api["Labels"]["com.docker.stack.image"] = "shop/api:2.7.4"
    service = add_service(world, api, age=34 * DAY, updated=9.0, key=swarm_id("service/shop_api", "w7m2q0x9c4t1"))
    previous = copy.deepcopy(api)
    box = previous["TaskTemplate"]["ContainerSpec"]
    box["Image"] = pinned("shop/api:2.8.0")
    box["Env"][1] = "DB_POOL=40"
    box["Configs"] = [config_ref(_config(world, "shop_api_toml_v6"), "/app/api.toml")]
    service["PreviousSpec"] = previous
    service["UpdateStatus"] = {"State": "updating", "StartedAt": world.stamp(43.0), "Message": "update in progress"}
