"""Tasks: the slots of a service, and what swarmkit writes about each."""

from __future__ import annotations

import copy

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, mac
from backends.fake.make.service import service_networks
from backends.fake.world import World

#: swarmkit's own words in ``Status.Message`` for each state.
MESSAGES = {
    "new": "created",
    "allocated": "allocated",
    "pending": "pending task scheduling",
    "assigned": "scheduler assigned task to node",
    "accepted": "accepted",
    "preparing": "preparing",
    "ready": "prepared",
    "starting": "starting",
    "running": "started",
    "complete": "finished",
    "shutdown": "shutdown",
    "failed": "started",
    "rejected": "preparing",
}


def add_task(
    world: World,
    service: Obj,
    slot: int,
    *,
    node: str = "",
    state: str = "new",
    desired: str = "running",
    error: str = "",
    message: str = "",
    age: float = 0.0,
    since: float | None = None,
    spec: Obj | None = None,
    addresses: dict[str, str] | None = None,
    key: str = "",
) -> Obj:
    """Stores a task; ``node`` is a host name, ``addresses`` fixes some by network ID, times are seconds ago.

    ``slot`` 0 is a task of a global service.
    """
    key = key or world.new_id(f"task/{service['Spec']['Name']}/{slot}")
    host = world.hosts.get(node)
    task: Obj = {
        "ID": key,
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(age),
        "UpdatedAt": world.stamp(age if since is None else since),
        "Labels": {},
        "Spec": copy.deepcopy(spec or service["Spec"]["TaskTemplate"]),
        "ServiceID": service["ID"],
    }
    if slot:
        task["Slot"] = slot
    if host:
        task["NodeID"] = host.node_id
    task["Status"] = {"Timestamp": task["UpdatedAt"], "State": state, "Message": message or MESSAGES[state]}
    if error:
        task["Status"]["Err"] = error
    task["DesiredState"] = desired
    if state not in ("failed", "rejected", "shutdown", "complete"):
        task["NetworksAttachments"] = attach(world, service, node, addresses or {})
    world.put_task(task)
    return task


def attach(world: World, service: Obj, node: str, fixed: dict[str, str]) -> list[Obj]:
    """Addresses for a new task on all networks of its service."""
    given = service["Spec"]
    targets = [n["Target"] for n in service_networks(given)]
    if any(p.get("PublishMode") == "ingress" for p in service["Endpoint"].get("Ports") or ()):
        targets.insert(0, next((k for k, n in world.networks.items() if n["Ingress"]), ""))
    result = []
    for target in targets:
        network = world.networks.get(target)
        if network is None:
            continue
        balance(world, target, node)
        address = world.address(target, fixed.get(target, ""))
        if address:
            result.append({"Network": network_of_task(network), "Addresses": [address]})
    return result


def balance(world: World, network_id: str, node: str) -> None:
    """An overlay has one load balancer on every node with a task on it, with an address of its own."""
    if node and world.networks[network_id]["Driver"] == "overlay" and (network_id, node) not in world.balancers:
        address = world.address(network_id)
        if address:
            world.balancers[network_id, node] = address.partition("/")[0]


def network_of_task(network: Obj) -> Obj:
    """A network as swarmkit writes it into a task's attachment."""
    return {
        "ID": network["Id"],
        "CreatedAt": network["Created"],
        "Spec": {
            "Name": network["Name"],
            "Labels": network["Labels"],
            "DriverConfiguration": {"Name": network["Driver"]},
            "Attachable": network["Attachable"],
            "Scope": "swarm",
        },
        "DriverState": {"Name": network["Driver"], "Options": network["Options"]},
        "IPAMOptions": {"Driver": {"Name": "default"}, "Configs": network["IPAM"]["Config"]},
    }


def task_name(world: World, task: Obj) -> str:
    """``SERVICE.SLOT.ID``, or with the node's ID in the place of the slot for global services."""
    service = world.services.get(task["ServiceID"])
    name = service["Spec"]["Name"] if service else "gone"
    return f"{name}.{task.get('Slot') or task.get('NodeID', '')}.{task['ID']}"


def set_state(
    world: World, task: Obj, state: str, *, error: str = "", message: str = "", exit_code: int | None = None
) -> None:
    """Moves a task into a state now."""
    status = task["Status"]
    status["Timestamp"] = world.stamp()
    status["State"] = state
    status["Message"] = message or MESSAGES.get(state, state)
    status.pop("Err", None)
    if error:
        status["Err"] = error
    if exit_code is not None:
        status.setdefault("ContainerStatus", {"ContainerID": "", "PID": 0})["ExitCode"] = exit_code
    if state in ("failed", "rejected", "shutdown", "complete", "remove"):
        task.pop("NetworksAttachments", None)
        if "ContainerStatus" in status:
            status["ContainerStatus"]["PID"] = 0
    world.changed("task", task)


def add_attachment(world: World, box_id: str, network_id: str, node: str, address: str) -> None:
    """The task by which swarmkit keeps the address of a container attached by hand to an overlay."""
    key = world.new_id(f"attachment/{box_id}")
    host = world.hosts[node]
    balance(world, network_id, node)
    task = {
        "ID": key,
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(),
        "UpdatedAt": world.stamp(),
        "Labels": {},
        "Spec": {"NetworkAttachmentSpec": {"ContainerID": box_id}, "ForceUpdate": 0, "Runtime": "attachment"},
        "NodeID": host.node_id,
        "Status": {
            "Timestamp": world.stamp(),
            "State": "running",
            "Message": "started",
            "ContainerStatus": {"ContainerID": box_id, "PID": 0, "ExitCode": 0},
        },
        "DesiredState": "running",
        "NetworksAttachments": [{"Network": network_of_task(world.networks[network_id]), "Addresses": [address]}],
    }
    world.put_task(task)


def endpoint_json(seed: str, network: Obj, address: str, aliases: list[str] | None = None) -> Obj:
    """One entry of a container's ``NetworkSettings.Networks``; ``address`` in CIDR form or empty."""
    bare, _, prefix = address.partition("/")
    configs = network["IPAM"].get("Config") or [{}]
    local = network["Scope"] == "local"
    return {
        "IPAMConfig": {"IPv4Address": bare} if bare and not local else None,
        "Links": None,
        "Aliases": aliases or None,
        "MacAddress": mac(bare) if bare else "",
        "DriverOpts": None,
        "GwPriority": 0,
        "NetworkID": network["Id"],
        "EndpointID": hex_id(f"endpoint/{seed}/{network['Id']}") if bare else "",
        "Gateway": configs[0].get("Gateway", "") if local and bare else "",
        "IPAddress": bare,
        "IPPrefixLen": int(prefix or 0),
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": aliases or None,
    }
