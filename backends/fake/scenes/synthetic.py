"""Any number of containers, a tenth as many services and networks, and a stream of events: for benchmarks."""

from __future__ import annotations

import asyncio
import copy

from backends.fake import boxes
from backends.fake.bus import Obj
from backends.fake.ids import hex_id, swarm_id
from backends.fake.make.cluster import add_cluster
from backends.fake.make.container import add_container
from backends.fake.make.network import add_builtin_networks, add_network
from backends.fake.make.node import add_node
from backends.fake.make.service import spec
from backends.fake.make.task import endpoint_json, network_of_task
from backends.fake.rows import container_row, encode, service_row
from backends.fake.scenario import Scene
from backends.fake.world import World

#: One: others would be looked for over SSH, and what that costs is not what is measured.
_NODES = 1
_EVERY = 0.01
"""Seconds between two batches of events."""


def scene(world: World, count: int, rate: float) -> Scene:
    """``count`` containers and tasks, ``count / 10`` services and networks, all on one manager; ``rate`` events
    a second: 60 % exec, 20 % start and die, 10 % network connect, 10 % service update."""
    add_cluster(world, "synthetic")
    for n in range(_NODES):
        add_node(world, f"node-{n + 1}", f"192.168.9.{n + 1}", role="manager", leader=n == 0)
    host = world.hosts["node-1"]
    add_network(world, "ingress", "10.255.0.0/16", ingress=True)
    add_builtin_networks(world, host)
    world.frozen_rows = True
    groups = max(1, count // 10)
    networks = [
        world.networks[add_network(world, f"net-{n:04}", f"10.{n // 250}.{n % 250}.0/24", attachable=True, age=86400.0)]
        for n in range(groups)
    ]
    for n in range(groups):
        _service(world, n, networks[n], count // groups + (1 if n < count % groups else 0))
    _warm(world)
    world.event_rate = rate
    result = Scene(world, "node-1")
    result.life.append(_Events(result, networks).run)
    return result


def _warm(world: World) -> None:
    """Renders all rows once, so that a bench does not time this program instead of its client."""
    now = world.now()
    rendered = world.rendered
    for key, box in world.hosts["node-1"].containers.items():
        rendered["container", key] = encode(container_row(box, now))
    for key, task in world.tasks.items():
        rendered["task", key] = encode(task)
    for key, service in world.services.items():
        rendered["service", key] = encode(service)
        rendered["counts", key] = encode(service_row(world, service, counts=True))


def _service(world: World, n: int, network: Obj, replicas: int) -> None:
    """One service with its running tasks and their containers. Built without the allocator, which would
    look at all tasks for each address."""
    host = world.hosts["node-1"]
    stack = f"stack-{n % 20:02}"
    name = f"{stack}_svc-{n:04}"
    image = f"registry.example/team/app-{n % 40}:1.{n % 7}"
    key = swarm_id(f"service/{name}")
    given = spec(name, image, stack=stack, replicas=replicas, networks=[(network["Id"], ["svc"])], env=[f"N={n}"])
    base = network["IPAM"]["Config"][0]["Subnet"].rpartition(".")[0]
    world.services[key] = {
        "ID": key,
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(86400.0),
        "UpdatedAt": world.stamp(3600.0),
        "Spec": given,
        "Endpoint": {
            "Spec": given["EndpointSpec"],
            "VirtualIPs": [{"NetworkID": network["Id"], "Addr": f"{base}.2/24"}],
        },
    }
    attached = network_of_task(network)
    stamp = world.stamp(3600.0)
    for slot in range(1, replicas + 1):
        task_id = swarm_id(f"task/{name}/{slot}")
        box_id = hex_id(f"box/{name}/{slot}")
        address = f"{base}.{slot + 2}/24"
        labels = {
            "com.docker.stack.namespace": stack,
            "com.docker.swarm.node.id": host.node_id,
            "com.docker.swarm.service.id": key,
            "com.docker.swarm.service.name": name,
            "com.docker.swarm.task": "",
            "com.docker.swarm.task.id": task_id,
            "com.docker.swarm.task.name": f"{name}.{slot}.{task_id}",
        }
        add_container(
            world,
            host,
            f"{name}.{slot}.{task_id}",
            image,
            age=3600.0,
            labels=labels,
            networks={network["Name"]: endpoint_json(task_id, network, address)},
            key=box_id,
        )
        world.put_task(
            {
                "ID": task_id,
                "Version": {"Index": world.next_index()},
                "CreatedAt": stamp,
                "UpdatedAt": stamp,
                "Labels": {},
                "Spec": given["TaskTemplate"],
                "ServiceID": key,
                "Slot": slot,
                "NodeID": host.node_id,
                "Status": {
                    "Timestamp": stamp,
                    "State": "running",
                    "Message": "started",
                    "ContainerStatus": {"ContainerID": box_id, "PID": 4000 + slot, "ExitCode": 0},
                },
                "DesiredState": "running",
                "NetworksAttachments": [{"Network": attached, "Addresses": [address]}],
            }
        )


class _Events:
    """Makes up events at the world's rate, in batches."""

    def __init__(self, scene: Scene, networks: list[Obj]) -> None:
        self._world = scene.world
        self._host = scene.world.hosts["node-1"]
        self._boxes = list(self._host.containers.values())
        self._services = list(scene.world.services.values())
        self._networks = networks
        self._number = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        owed = 0.0
        while True:
            await asyncio.sleep(_EVERY)
            now = loop.time()
            owed += (now - begun) * self._world.event_rate
            begun = now
            # after a stall the arrears are let go: a bench wants a rate, not a burst
            for _ in range(min(int(owed), int(self._world.event_rate) or 1)):
                self._one()
            owed -= int(owed)

    def _one(self) -> None:
        world, host = self._world, self._host
        self._number += 1
        dice = self._number % 10
        box = world.random.choice(self._boxes)
        if dice < 6:
            action = ("exec_create: sh -c check", "exec_start: sh -c check", "exec_die")[self._number % 3]
            more = {"exitCode": "0"} if action == "exec_die" else {}
            world.tell_container(host, box, action, execID=hex_id(f"exec/{self._number}"), **more)
        elif dice < 8:
            if box["State"]["Running"]:
                boxes.die(world, host, box, 0)
            else:
                boxes.start(world, host, box)
        elif dice < 9:
            network = world.random.choice(self._networks)
            world.tell(
                host, "network", "connect", network["Id"], container=box["Id"], name=network["Name"], type="overlay"
            )
        else:
            service = world.random.choice(self._services)
            service["Spec"] = copy.copy(service["Spec"])
            world.changed("service", service)
            world.tell_swarm("service", "update", service["ID"], {"name": service["Spec"]["Name"]})
