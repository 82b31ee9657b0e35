"""Rows of listings: what the engine tells of one object when it is asked for all."""

from __future__ import annotations

import json

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, mac
from backends.fake.world import Host, World
from backends.wire import rfc3339

#: From github.com/docker/go-units HumanDuration: below each number of seconds, what is said.
_STEPS = (
    (1, "Less than a second"),
    (2, "1 second"),
    (60, "{s} seconds"),
    (120, "About a minute"),
    (3600 * 0.767, "{m} minutes"),
    (5400, "About an hour"),
    (48 * 3600, "{h} hours"),
    (14 * 86400, "{d} days"),
    (60 * 86400, "{w} weeks"),
    (730 * 86400, "{mo} months"),
    (float("inf"), "{y} years"),
)


def human(seconds: float) -> str:
    """A span of time in the engine's words."""
    s = int(max(0.0, seconds))
    text = next(words for limit, words in _STEPS if s < limit)
    h = int(s / 3600 + 0.5)
    return text.format(s=s, m=s // 60, h=h, d=h // 24, w=h // 168, mo=h // 720, y=h // 8760)


def status(box: Obj, now: float) -> str:
    """The words of the ``Status`` column."""
    state = box["State"]
    name: str = state["Status"]
    if name in ("running", "paused"):
        up = human(now - (rfc3339.parse(state["StartedAt"]) or now))
        health = (state.get("Health") or {}).get("Status", "")
        if name == "paused":
            return f"Up {up} (Paused)"
        if health:
            return f"Up {up} (health: starting)" if health == "starting" else f"Up {up} ({health})"
        return f"Up {up}"
    ago = human(now - (rfc3339.parse(state["FinishedAt"]) or now))
    if name == "restarting":
        return f"Restarting ({state['ExitCode']}) {ago} ago"
    if name == "exited":
        return f"Exited ({state['ExitCode']}) {ago} ago"
    return {"created": "Created", "removing": "Removal In Progress", "dead": "Dead"}.get(name, name)


def container_row(box: Obj, now: float) -> Obj:
    """One row of ``GET /containers/json``."""
    ports = []
    for spec, bindings in sorted((box["NetworkSettings"]["Ports"] or {}).items()):
        number, _, protocol = spec.partition("/")
        for binding in bindings or [{}]:
            entry = {"PrivatePort": int(number), "Type": protocol or "tcp"}
            if binding:
                entry |= {"IP": binding.get("HostIp", "0.0.0.0"), "PublicPort": int(binding["HostPort"])}
            ports.append(entry)
    return {
        "Id": box["Id"],
        "Names": [box["Name"]],
        "Image": box["Config"]["Image"],
        "ImageID": box["Image"],
        "Command": " ".join([box["Path"], *box["Args"]]),
        "Created": int(rfc3339.parse(box["Created"]) or 0),
        "Ports": ports,
        "Labels": box["Config"]["Labels"],
        "State": box["State"]["Status"],
        "Status": status(box, now),
        "HostConfig": {"NetworkMode": box["HostConfig"]["NetworkMode"]},
        "NetworkSettings": {"Networks": box["NetworkSettings"]["Networks"]},
        "Mounts": box["Mounts"],
    }


def service_row(world: World, service: Obj, *, counts: bool) -> Obj:
    """One row of ``GET /services``; ``counts`` is ``?status=true``."""
    if not counts:
        return service
    tasks = world.tasks_of(service["ID"])
    given = service["Spec"]["Mode"]
    running = [t for t in tasks if t["Status"]["State"] == "running" and t["DesiredState"] == "running"]
    wanted = [t for t in tasks if t["DesiredState"] == "running"]
    slots = {t.get("Slot") for t in running}
    desired = len(wanted)
    if "Replicated" in given:
        desired = given["Replicated"].get("Replicas", 1)
    elif "ReplicatedJob" in given:
        desired = given["ReplicatedJob"].get("MaxConcurrent", 1)
    completed = sum(t["Status"]["State"] == "complete" for t in tasks)
    told = {
        "RunningTasks": len(slots) if "Replicated" in given else len(running),
        "DesiredTasks": desired,
        "CompletedTasks": completed if "Job" in next(iter(given)) else 0,
    }
    return {**service, "ServiceStatus": told}


def network_row(network: Obj) -> Obj:
    """One row of ``GET /networks``, which tells no endpoints."""
    return {**network, "Containers": {}}


def network_inspect(world: World, host: Host, network: Obj, *, verbose: bool) -> Obj:
    """``GET /networks/ID`` as the engine of ``host`` knows it."""
    key, name = network["Id"], network["Name"]
    containers: Obj = {}
    for box in host.containers.values():
        end = box["NetworkSettings"]["Networks"].get(name)
        if end and end["NetworkID"] == key and box["State"]["Running"]:
            containers[box["Id"]] = {
                "Name": box["Name"].removeprefix("/"),
                "EndpointID": end["EndpointID"],
                "MacAddress": end["MacAddress"],
                "IPv4Address": f"{end['IPAddress']}/{end['IPPrefixLen']}" if end["IPAddress"] else "",
                "IPv6Address": "",
            }
    containers |= host.stale.get(key, {})
    result = {**network, "Containers": containers}
    if network["Driver"] != "overlay":
        return result
    balancer = world.balancers.get((key, host.name))
    if balancer:
        prefix = network["IPAM"]["Config"][0]["Subnet"].rpartition("/")[2]
        containers[f"lb-{name}"] = {
            "Name": f"{name}-endpoint",
            "EndpointID": hex_id(f"lb/{name}/{host.name}"),
            "MacAddress": mac(balancer),
            "IPv4Address": f"{balancer}/{prefix}",
            "IPv6Address": "",
        }
    result["Peers"] = [
        {"Name": f"{h.name}-{hex_id(f'peer/{h.name}')[:12]}", "IP": h.address}
        for h in world.hosts.values()
        if (key, h.name) in world.balancers and world.nodes[h.node_id]["Status"]["State"] == "ready"
    ]
    if verbose and balancer:
        result["Services"] = _services_on(world, network)
    return result


def _services_on(world: World, network: Obj) -> Obj:
    result: Obj = {}
    for service in world.services.values():
        vips = service["Endpoint"].get("VirtualIPs") or ()
        vip = next((v["Addr"].partition("/")[0] for v in vips if v["NetworkID"] == network["Id"]), None)
        tasks = []
        for task in world.tasks_of(service["ID"]):
            host = world.host_of(task.get("NodeID", ""))
            for attachment in task.get("NetworksAttachments") or ():
                if attachment["Network"]["ID"] == network["Id"] and task["Status"]["State"] == "running" and host:
                    address = attachment["Addresses"][0].partition("/")[0]
                    tasks.append(
                        {
                            "Name": f"{service['Spec']['Name']}.{task.get('Slot') or host.node_id}.{task['ID']}",
                            "EndpointID": hex_id(f"endpoint/{task['ID']}/{network['Id']}"),
                            "EndpointIP": address,
                            "Info": {"Host IP": host.address},
                        }
                    )
        if tasks:
            result[service["Spec"]["Name"]] = {"VIP": vip or "", "Ports": [], "LocalLBIndex": 256, "Tasks": tasks}
    return result


def encode(value: object) -> bytes:
    """JSON as Go writes it: no spaces, text as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
