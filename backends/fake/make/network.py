"""Networks."""

from __future__ import annotations

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, swarm_id
from backends.fake.world import Host, World


def network_json(
    key: str,
    name: str,
    driver: str,
    scope: str,
    *,
    created: str,
    subnet: str = "",
    gateway: str = "",
    ip_range: str = "",
    options: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    internal: bool = False,
    attachable: bool = False,
    ingress: bool = False,
    given: Obj | None = None,
) -> Obj:
    """One network as both the listing and the inspect give it, before endpoints and peers. ``given`` is what it was
    asked for with, where that says more: further subnets, IPv6, a plan."""
    given = given or {}
    more = [dict(one) for one in ((given.get("IPAM") or {}).get("Config") or [])[1:]]
    config: Obj = {"Subnet": subnet} | ({"IPRange": ip_range} if ip_range else {})
    if gateway:
        config["Gateway"] = gateway
    return {
        "Name": name,
        "Id": key,
        "Created": created,
        "Scope": scope,
        "Driver": driver,
        "EnableIPv4": True,
        "EnableIPv6": bool(given.get("EnableIPv6")),
        "IPAM": {
            "Driver": (given.get("IPAM") or {}).get("Driver") or "default",
            "Options": (given.get("IPAM") or {}).get("Options") or None,
            "Config": [config, *more] if subnet else [],
        },
        "Internal": internal,
        "Attachable": attachable,
        "Ingress": ingress,
        "ConfigFrom": given.get("ConfigFrom") or {"Network": ""},
        "ConfigOnly": bool(given.get("ConfigOnly")),
        "Containers": {},
        "Options": options or {},
        "Labels": labels or {},
    }


def add_network(
    world: World,
    name: str,
    subnet: str,
    *,
    driver: str = "overlay",
    gateway: str = "",
    ip_range: str = "",
    stack: str = "",
    age: float = 0.0,
    options: dict[str, str] | None = None,
    internal: bool = False,
    attachable: bool = False,
    ingress: bool = False,
    key: str = "",
    given: Obj | None = None,
) -> str:
    """Adds a network of the whole Swarm and returns its ID; an overlay gets the next free VNI."""
    key = key or swarm_id(f"network/{name}")
    options = dict(options or {})
    if driver == "overlay":
        options.setdefault("com.docker.network.driver.overlay.vxlanid_list", str(4096 + len(world.networks)))
    labels = {"com.docker.stack.namespace": stack} if stack else {}
    base = subnet.partition("/")[0].rpartition(".")[0]
    world.networks[key] = network_json(
        key,
        name,
        driver,
        "swarm",
        created=world.stamp(age),
        subnet=subnet,
        gateway=gateway or (f"{base}.1" if subnet else ""),
        ip_range=ip_range,
        options=options,
        labels=labels,
        internal=internal,
        attachable=attachable,
        ingress=ingress,
        given=given,
    )
    world.touch("network", key)
    return key


def add_local_network(
    world: World,
    host: Host,
    name: str,
    subnet: str = "",
    *,
    driver: str = "bridge",
    age: float = 41 * 86400.0,
    options: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    internal: bool = False,
) -> str:
    """Adds a network of one machine and returns its ID."""
    key = hex_id(f"{host.name}/network/{name}")
    base = subnet.partition("/")[0].rpartition(".")[0]
    host.networks[key] = network_json(
        key,
        name,
        driver,
        "local",
        created=world.stamp(age),
        subnet=subnet,
        gateway=f"{base}.1" if subnet else "",
        options=options,
        labels=labels,
        internal=internal,
    )
    world.touch("network", key)
    return key


def add_builtin_networks(world: World, host: Host, *, swarm: bool = True) -> None:
    """``bridge``, ``host`` and ``none``, and in a Swarm the way out of overlays."""
    bridge = {
        "com.docker.network.bridge.default_bridge": "true",
        "com.docker.network.bridge.enable_icc": "true",
        "com.docker.network.bridge.enable_ip_masquerade": "true",
        "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
        "com.docker.network.bridge.name": "docker0",
        "com.docker.network.driver.mtu": "1500",
    }
    add_local_network(world, host, "bridge", "172.17.0.0/16", options=bridge)
    add_local_network(world, host, "host", driver="host")
    add_local_network(world, host, "none", driver="null")
    if swarm:
        gateway = {
            "com.docker.network.bridge.enable_icc": "false",
            "com.docker.network.bridge.enable_ip_masquerade": "true",
            "com.docker.network.bridge.name": "docker_gwbridge",
        }
        add_local_network(world, host, "docker_gwbridge", "172.18.0.0/16", options=gateway)
