"""Small scenes: a plain engine, a worker, a manager without a leader, a fresh swarm."""

from __future__ import annotations

from backends.fake.bus import Obj
from backends.fake.make.cluster import add_cluster
from backends.fake.make.container import add_container
from backends.fake.make.network import add_builtin_networks, add_local_network, add_network
from backends.fake.make.node import add_node
from backends.fake.make.storage import add_image, add_volume
from backends.fake.make.task import endpoint_json
from backends.fake.scenario import Scene
from backends.fake.scenes import demo
from backends.fake.world import Host, World


def scene(world: World, name: str) -> Scene:
    """One of ``plain worker no-quorum empty``."""
    if name == "worker":
        made = demo.scene(world, living=True)
        made.host = "worker-3"
        return made
    if name == "no-quorum":
        made = demo.scene(world, living=False)
        world.quorum = False
        for host in ("manager-2", "manager-3"):
            node = world.nodes[world.hosts[host].node_id]
            node["Status"]["State"] = "down"
            node["ManagerStatus"]["Reachability"] = "unreachable"
        return made
    if name == "empty":
        add_cluster(world, "empty", age=40.0)
        add_node(world, "mgr", "192.168.7.20", role="manager", leader=True, cpus=4, memory=8 << 30, age=40.0)
        add_network(world, "ingress", "10.0.0.0/24", ingress=True, age=40.0)
        add_builtin_networks(world, world.hosts["mgr"])
        return Scene(world, "mgr")
    return _plain(world)


def _plain(world: World) -> Scene:
    host = Host("box", "192.168.7.21")
    host.info.update({"NCPU": 4, "MemTotal": 16 << 30, "_network_plugins": []})
    world.hosts["box"] = host
    add_builtin_networks(world, host, swarm=False)
    compose = {"com.docker.compose.project": "blog", "com.docker.compose.version": "2.29.7"}
    key = add_local_network(world, host, "blog_default", "172.19.0.0/16", age=86400.0 * 3, labels=compose)
    network = host.networks[key]
    published: dict[str, list[Obj] | None] = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}
    parts: list[tuple[str, str, str, dict[str, list[Obj] | None]]] = [
        ("blog-web-1", "nginx:1.27", "running", published),
        ("blog-app-1", "blog/app:3.2", "running", {"9000/tcp": None}),
        ("blog-db-1", "postgres:16.4", "running", {"5432/tcp": None}),
        ("blog-migrate-1", "blog/app:3.2", "exited", {}),
    ]
    for n, (name, image, state, ports) in enumerate(parts):
        add_container(
            world,
            host,
            name,
            image,
            age=3 * 86400.0,
            state=state,
            networks={"blog_default": endpoint_json(name, network, f"172.19.0.{n + 2}/16", [name, name.split("-")[1]])},
            network_mode="blog_default",
            ports=ports,
            labels={**compose, "com.docker.compose.service": name.split("-")[1]},
            restart="unless-stopped",
        )
        add_image(world, host, image)
    add_volume(world, host, "blog_dbdata", age=3 * 86400.0, labels=compose)
    return Scene(world, "box")
