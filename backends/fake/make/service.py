"""Services: specs as the CLI writes them, and the objects around them."""

from __future__ import annotations

from typing import Any

from backends.fake.bus import Obj
from backends.fake.ids import swarm_id
from backends.fake.world import World

SECOND = 1_000_000_000


def port(published: int, target: int, mode: str = "ingress", protocol: str = "tcp") -> Obj:
    """One published port."""
    return {"Protocol": protocol, "TargetPort": target, "PublishedPort": published, "PublishMode": mode}


def rollout(
    parallelism: int = 1,
    delay: float = 0.0,
    on_failure: str = "pause",
    *,
    monitor: float = 5.0,
    ratio: float = 0.0,
    order: str = "stop-first",
) -> Obj:
    """An update or rollback config; seconds."""
    return {
        "Parallelism": parallelism,
        "Delay": int(delay * SECOND),
        "FailureAction": on_failure,
        "Monitor": int(monitor * SECOND),
        "MaxFailureRatio": ratio,
        "Order": order,
    }


def spec(
    name: str,
    image: str,
    *,
    stack: str = "",
    mode: str = "replicated",
    replicas: int = 1,
    networks: list[tuple[str, list[str]]] | None = None,
    ports: list[Obj] | None = None,
    dnsrr: bool = False,
    env: list[str] | None = None,
    command: list[str] | None = None,
    args: list[str] | None = None,
    mounts: list[Obj] | None = None,
    configs: list[Obj] | None = None,
    secrets: list[Obj] | None = None,
    constraints: list[str] | None = None,
    limits: tuple[float, int] = (0.0, 0),
    reserves: tuple[float, int] = (0.0, 0),
    restart: Obj | None = None,
    update: Obj | None = None,
    rollback: Obj | None = None,
    health: Obj | None = None,
    labels: dict[str, str] | None = None,
    log_driver: str = "",
    **container: Any,
) -> Obj:
    """A service spec. ``limits`` and ``reserves`` are (cores, MiB); other keywords go into the ContainerSpec."""
    stack_labels = {"com.docker.stack.namespace": stack} if stack else {}
    image_label = {"com.docker.stack.image": image.partition("@")[0]} if stack else {}
    box: Obj = {
        "Image": image,
        "Labels": dict(stack_labels),
        "Init": False,
        "DNSConfig": {},
        "Isolation": "default",
        **container,
    }
    for key, value in (
        ("Env", env),
        ("Command", command),
        ("Args", args),
        ("Mounts", mounts),
        ("Configs", configs),
        ("Secrets", secrets),
        ("Healthcheck", health),
    ):
        if value:
            box[key] = value
    task: Obj = {
        "ContainerSpec": box,
        "Resources": {"Limits": _amount(limits), "Reservations": _amount(reserves)},
        "RestartPolicy": restart or {"Condition": "any", "Delay": 5 * SECOND, "MaxAttempts": 0},
        "Placement": {"Constraints": constraints} if constraints else {},
        "ForceUpdate": 0,
        "Runtime": "container",
    }
    if networks:
        task["Networks"] = [{"Target": key, "Aliases": aliases} for key, aliases in networks]
    if log_driver:
        task["LogDriver"] = {"Name": log_driver}
    modes: Obj = {
        "replicated": {"Replicated": {"Replicas": replicas}},
        "global": {"Global": {}},
        "replicated-job": {"ReplicatedJob": {"MaxConcurrent": replicas, "TotalCompletions": replicas}},
        "global-job": {"GlobalJob": {}},
    }
    result: Obj = {
        "Name": name,
        "Labels": {**stack_labels, **image_label, **(labels or {})},
        "TaskTemplate": task,
        "Mode": modes[mode],
        "EndpointSpec": {"Mode": "dnsrr" if dnsrr else "vip"} | ({"Ports": ports} if ports else {}),
    }
    if "job" not in mode:
        result["UpdateConfig"] = update or rollout()
        result["RollbackConfig"] = rollback or rollout()
    return result


def _amount(amount: tuple[float, int]) -> Obj:
    cores, mebibytes = amount
    return ({"NanoCPUs": int(cores * SECOND)} if cores else {}) | (
        {"MemoryBytes": mebibytes << 20} if mebibytes else {}
    )


def add_service(world: World, given: Obj, *, age: float = 0.0, updated: float | None = None, key: str = "") -> Obj:
    """Stores a service with virtual addresses and published ports, without any task; seconds ago."""
    key = key or swarm_id(f"service/{given['Name']}/{len(world.services)}")
    service: Obj = {
        "ID": key,
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(age),
        "UpdatedAt": world.stamp(age if updated is None else updated),
        "Spec": given,
        "Endpoint": {"Spec": {}},
    }
    world.services[key] = service
    refresh_endpoint(world, service)
    world.touch("service", key)
    return service


def refresh_endpoint(world: World, service: Obj) -> None:
    """Gives a service the addresses and port numbers that its spec asks for, keeping those it has."""
    given = service["Spec"]
    wanted = given.get("EndpointSpec") or {}
    old = {v["NetworkID"]: v for v in service["Endpoint"].get("VirtualIPs") or ()}
    ports = [dict(p) for p in wanted.get("Ports") or ()]
    for entry in ports:
        entry.setdefault("PublishMode", "ingress")
        if not entry.get("PublishedPort") and entry["PublishMode"] == "ingress":
            entry["PublishedPort"] = next(p for p in range(30000, 32768) if p not in published(world))
    service["Endpoint"] = {"Spec": wanted} | ({"Ports": ports} if ports else {})
    if wanted.get("Mode") == "dnsrr":
        return
    targets = [n["Target"] for n in service_networks(given)]
    if any(p["PublishMode"] == "ingress" for p in ports):
        targets.insert(0, next((k for k, n in world.networks.items() if n["Ingress"]), ""))
    vips = []
    for target in targets:
        network = world.networks.get(target)
        if network is None or network["Driver"] != "overlay":
            continue
        address = world.address(target)
        if target in old:
            vips.append(old[target])
        elif address:
            vips.append({"NetworkID": target, "Addr": address})
            service["Endpoint"]["VirtualIPs"] = vips
    if vips:
        service["Endpoint"]["VirtualIPs"] = vips


def service_networks(given: Obj) -> list[Obj]:
    """The networks of a spec, in the newer place or the older one."""
    return list(given["TaskTemplate"].get("Networks") or given.get("Networks") or ())


def published(world: World) -> dict[int, Obj]:
    """Ingress ports in use, with the service that has each."""
    return {
        p["PublishedPort"]: s
        for s in world.services.values()
        for p in s["Endpoint"].get("Ports") or ()
        if p.get("PublishMode", "ingress") == "ingress" and p.get("PublishedPort")
    }
