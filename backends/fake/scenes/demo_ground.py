"""The demo's ground: machines, networks, configs, secrets, volumes. As in the design's screens."""

from __future__ import annotations

from backends.fake.ids import swarm_id
from backends.fake.make.cluster import add_cluster
from backends.fake.make.network import add_builtin_networks, add_local_network, add_network
from backends.fake.make.node import GIB, add_node
from backends.fake.make.storage import add_config, add_secret, add_volume
from backends.fake.world import World

DAY = 86400.0
HOUR = 3600.0
MINUTE = 60.0
#: When worker-5 went down: 14:26:03 of 14:32:07.
WORKER_5_DOWN = 364.0
_WEAVE = (("Network", "weave"),)


def lay(world: World) -> None:
    """Machines, networks and stored things, without any service."""
    add_cluster(world, "demo", autolock=True)
    assert world.cluster is not None
    world.cluster["ID"] = swarm_id("cluster/demo", "n5t0c3yd8pq2e6hs")
    _nodes(world)
    _networks(world)
    _stored(world)
    _volumes(world)


def _nodes(world: World) -> None:
    bridge_warnings = {
        "BridgeNfIptables": False,
        "BridgeNfIp6tables": False,
        "Warnings": ["WARNING: bridge-nf-call-iptables is disabled", "WARNING: bridge-nf-call-ip6tables is disabled"],
    }
    key = swarm_id("node/manager-1", "k2v9x7m1q0r4wz8b")
    add_node(
        world,
        "manager-1",
        "10.20.0.11",
        role="manager",
        leader=True,
        labels={"zone": "a"},
        plugins=_WEAVE,
        info=bridge_warnings,
        key=key,
    )
    add_node(world, "manager-2", "10.20.0.12", role="manager", labels={"zone": "b"}, plugins=_WEAVE)
    add_node(world, "manager-3", "10.20.0.13", role="manager", labels={"zone": "c"})
    tier = {"tier": "web"}
    add_node(
        world, "worker-1", "10.20.1.21", labels={**tier, "zone": "a"}, plugins=_WEAVE, info={"LoggingDriver": "syslog"}
    )
    add_node(
        world,
        "worker-2",
        "10.20.1.22",
        labels={**tier, "zone": "b"},
        engine="27.3.1",
        api="1.47",
        cpus=4,
        memory=int(15.6 * GIB),
        info={"CgroupVersion": "1", "CgroupDriver": "cgroupfs"},
    )
    add_node(
        world,
        "worker-3",
        "10.20.1.23",
        labels={**tier, "zone": "b"},
        info={"KernelVersion": "6.12.48-amd64", "DockerRootDir": "/data"},
    )
    add_node(world, "worker-4", "10.20.1.24", availability="drain", labels={"zone": "c"})
    add_node(
        world,
        "worker-5",
        "10.20.1.25",
        state="down",
        message="heartbeat failure",
        labels={**tier, "zone": "c", "disk": "ssd"},
    )
    for name, ago in (("worker-5", WORKER_5_DOWN), ("worker-4", 3 * DAY), ("manager-2", 21 * MINUTE)):
        world.nodes[world.hosts[name].node_id]["UpdatedAt"] = world.stamp(ago)


def _networks(world: World) -> None:
    add_network(world, "ingress", "10.0.0.0/24", ingress=True, age=41 * DAY)
    key = swarm_id("network/myoverlaynetwork", "k3w9q1x7mz0vbn2c")
    add_network(world, "myoverlaynetwork", "10.0.9.0/24", attachable=True, age=12 * DAY, key=key)
    for node, last in (("manager-1", 7), ("worker-1", 9), ("worker-2", 10)):
        world.balancers[key, node] = f"10.0.9.{last}"
    add_network(
        world,
        "shop_backend",
        "10.0.10.0/24",
        stack="shop",
        internal=True,
        age=34 * DAY,
        key=swarm_id("b", "q8d1m3k0z7vx"),
    )
    add_network(world, "shop_frontend", "10.0.11.0/24", stack="shop", age=34 * DAY, key=swarm_id("f", "r5t9w2c6b1na"))
    add_network(world, "observe_metrics", "10.0.12.0/27", stack="observe", attachable=True, age=20 * DAY)
    add_network(world, "edge_public", "10.0.13.0/24", stack="edge", options={"encrypted": ""}, age=41 * DAY)
    add_network(
        world,
        "vlan120",
        "10.20.120.0/24",
        driver="macvlan",
        ip_range="10.20.120.0/26",
        options={"parent": "eth0.120"},
        age=30 * DAY,
    )
    for host in world.hosts.values():
        add_builtin_networks(world, host)
    for node, name, subnet, age in (
        ("manager-2", "shop-old_default", "172.19.0.0/16", 34 * DAY),
        ("manager-3", "test-net", "172.19.0.0/16", 9 * DAY),
        ("worker-1", "build_default", "172.19.0.0/16", 3 * DAY),
        ("worker-1", "report_default", "172.20.0.0/16", 12 * DAY),
        ("worker-3", "build_default", "172.19.0.0/16", 3 * DAY),
        ("worker-3", "ci_4711", "172.20.0.0/16", 4 * MINUTE),
    ):
        project = {"com.docker.compose.project": name.removesuffix("_default")} if name.endswith("_default") else {}
        add_local_network(world, world.hosts[node], name, subnet, age=age, labels=project)


def _stored(world: World) -> None:
    add_config(world, "webapp1_php.ini", "memory_limit = 128M\n", age=12 * DAY)
    add_config(world, "shop_api_toml_v6", "[pool]\nsize = 40\n", stack="shop", age=34 * DAY)
    add_config(world, "shop_api_toml_v7", "[pool]\nsize = 20\nwait_ms = 1000\n", stack="shop", age=MINUTE)
    add_config(world, "shop_nginx_v2", "server { listen 8080; }\n", stack="shop", age=9 * DAY)
    add_config(world, "observe_prometheus_yml", "scrape_configs: []\n", stack="observe", age=20 * DAY)
    add_config(world, "observe_loki_yml", "auth_enabled: false\n", stack="observe", age=20 * DAY)
    add_secret(world, "webapp1_db_password", age=12 * DAY)
    add_secret(world, "shop_db_password", stack="shop", age=34 * DAY)
    add_secret(world, "shop_db_v4", age=11 * MINUTE)
    add_secret(world, "observe_grafana_admin", stack="observe", age=20 * DAY)
    add_secret(world, "edge_dns_token", stack="edge", age=41 * DAY)


def _volumes(world: World) -> None:
    hosts = world.hosts
    stack = "com.docker.stack.namespace"
    add_volume(world, hosts["worker-1"], "mysql-data", age=12 * DAY)
    add_volume(world, hosts["worker-1"], "report_dbdata", age=12 * DAY, labels={"com.docker.compose.project": "report"})
    add_volume(world, hosts["manager-3"], "shop_pgdata", age=34 * DAY, labels={stack: "shop"})
    add_volume(world, hosts["manager-3"], "observe_grafana", age=20 * DAY, labels={stack: "observe"})
    add_volume(world, hosts["worker-5"], "loki-data", age=20 * DAY, labels={stack: "observe"})
    add_volume(world, hosts["worker-3"], "shop_redis", age=6 * MINUTE, labels={stack: "shop"})
    nfs = {"type": "nfs", "o": "addr=10.20.0.5,rw,nfsvers=4", "device": ":/export/prometheus"}
    add_volume(world, hosts["worker-1"], "observe_prometheus", age=20 * DAY, labels={stack: "observe"}, options=nfs)
    for name in ("manager-1", "manager-2", "manager-3"):
        add_volume(world, hosts[name], "edge_certificates", age=41 * DAY, labels={stack: "edge"})
    add_volume(world, hosts["manager-1"], "registry-cache", age=41 * DAY)
    anonymous = "3f0c9a1e77d24b51a6c8e2f09b44d7510c6be83f9a21d5e47708cb31f6ad92e4"
    add_volume(world, hosts["manager-1"], anonymous, age=34 * DAY, labels={"com.docker.volume.anonymous": ""})
