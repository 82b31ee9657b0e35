"""Text that attacks: every name, label, error and log line here must reach no terminal as it is."""

from __future__ import annotations

from backends.fake.attacks import ATTACKS
from backends.fake.ids import swarm_id
from backends.fake.make.cluster import add_cluster
from backends.fake.make.container import add_container, task_container
from backends.fake.make.network import add_builtin_networks, add_local_network, add_network
from backends.fake.make.node import add_node
from backends.fake.make.service import add_service, spec
from backends.fake.make.storage import add_config, add_image, add_secret, add_volume
from backends.fake.make.task import add_task, endpoint_json
from backends.fake.scenario import Scene
from backends.fake.world import World


def scene(world: World) -> Scene:
    """A swarm of one manager where everything is named by an attack."""
    add_cluster(world, "hostile")
    add_node(world, ATTACKS[4] + "mgr", "192.168.7.30", role="manager", leader=True, labels={ATTACKS[0]: ATTACKS[1]})
    host = next(iter(world.hosts.values()))
    host.info["Warnings"] = list(ATTACKS)
    add_network(world, "ingress", "10.0.0.0/24", ingress=True)
    add_builtin_networks(world, host)
    for n, text in enumerate(ATTACKS):
        key = swarm_id(f"network/{n}")
        add_network(world, text or "n", f"10.9.{n}.0/24", attachable=True, options={text: text}, key=key)
        world.networks[key]["Labels"] = {text: text}
        given = spec(
            text,
            f"img{n}{text}:1",
            networks=[(key, [text])],
            env=[f"E{n}={text}"],
            labels={text: text, "com.docker.stack.namespace": text},
            constraints=[text],
            command=[text],
        )
        service = add_service(world, given, age=60.0, key=swarm_id(f"service/{n}"))
        service["UpdateStatus"] = {"State": "paused", "Message": text, "StartedAt": world.stamp(9)}
        task = add_task(world, service, 1, node=host.name, state="running", age=60.0)
        task_container(world, task, since=60.0, health="unhealthy")
        failed = add_task(
            world, service, 1, node=host.name, state="failed", desired="shutdown", error=text, message=text, age=30.0
        )
        task_container(world, failed, state="exited", exit_code=1, error=text, since=30.0)
        box = add_container(
            world,
            host,
            f"by-hand-{n}{text}",
            f"img{text}",
            age=90.0,
            labels={text: text, "com.docker.compose.project": text},
            env=[f"X={text}"],
            networks={text: endpoint_json(str(n), world.networks[key], f"10.9.{n}.9/24", [text])},
        )
        world.tell_container(host, box, f"exec_create: {text}", execID="1")
        add_local_network(world, host, f"local-{n}{text}", f"172.30.{n}.0/24", labels={text: text})
        add_volume(world, host, f"vol-{n}{text}", labels={text: text}, options={text: text})
        add_image(world, host, f"img{n}{text}:1")
        add_config(world, f"conf-{n}{text}", text, labels={text: text})
        add_secret(world, f"secret-{n}{text}", labels={text: text})
    return Scene(world, host.name)
