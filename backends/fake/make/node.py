"""Nodes and what their engines say of themselves."""

from __future__ import annotations

from typing import Any

from backends.fake.bus import Obj
from backends.fake.ids import swarm_id
from backends.fake.world import Host, World

_PLUGINS = [
    *(("Log", n) for n in ("awslogs", "fluentd", "gelf", "json-file", "journald", "local", "syslog")),
    *(("Network", n) for n in ("bridge", "host", "ipvlan", "macvlan", "null", "overlay")),
    ("Volume", "local"),
]
GIB = 1024**3


def add_node(
    world: World,
    hostname: str,
    address: str,
    *,
    role: str = "worker",
    leader: bool = False,
    availability: str = "active",
    state: str = "ready",
    message: str = "",
    labels: dict[str, str] | None = None,
    engine: str = "28.5.2",
    api: str = "1.51",
    cpus: int = 8,
    memory: int = int(31.2 * GIB),
    plugins: tuple[tuple[str, str], ...] = (),
    age: float = 41 * 86400.0,
    info: dict[str, Any] | None = None,
    key: str = "",
) -> Host:
    """Puts a node and its machine into the world."""
    node_id = key or swarm_id(f"node/{hostname}")
    manager = role == "manager"
    node: Obj = {
        "ID": node_id,
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(age),
        "UpdatedAt": world.stamp(age / 2),
        "Spec": {"Labels": labels or {}, "Role": role, "Availability": availability},
        "Description": {
            "Hostname": hostname,
            "Platform": {"Architecture": "x86_64", "OS": "linux"},
            "Resources": {"NanoCPUs": cpus * 10**9, "MemoryBytes": memory},
            "Engine": {
                "EngineVersion": engine,
                "Plugins": [{"Type": t, "Name": n} for t, n in (*_PLUGINS, *plugins)],
            },
            "TLSInfo": {"TrustRoot": "", "CertIssuerSubject": "", "CertIssuerPublicKey": ""},
        },
        "Status": {"State": state, "Addr": address} | ({"Message": message} if message else {}),
    }
    if manager:
        reach = "reachable" if state == "ready" else "unreachable"
        node["ManagerStatus"] = {"Reachability": reach, "Addr": f"{address}:2377"}
        if leader:
            node["ManagerStatus"]["Leader"] = True
    world.nodes[node_id] = node
    host = Host(hostname, address, node_id, engine, api, dict(info or {}))
    host.info.setdefault("NCPU", cpus)
    host.info.setdefault("MemTotal", memory)
    host.info["_network_plugins"] = [n for t, n in plugins if t.startswith("Network")]
    world.hosts[hostname] = host
    return host


def engine_version(host: Host) -> Obj:
    """``GET /version``."""
    details = {"ApiVersion": host.api, "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"}
    details |= {"KernelVersion": host.info.get("KernelVersion", "6.1.0-28-amd64"), "GitCommit": "f8215cc"}
    return {
        "Platform": {"Name": "Docker Engine - Community"},
        "Components": [
            {"Name": "Engine", "Version": host.engine, "Details": details},
            {"Name": "containerd", "Version": "1.7.27", "Details": {"GitCommit": "05044ec0"}},
            {"Name": "runc", "Version": "1.2.6", "Details": {"GitCommit": "v1.2.6-0-ge89a299"}},
            {"Name": "docker-init", "Version": "0.19.0", "Details": {"GitCommit": "de40ad0"}},
        ],
        "Version": host.engine,
        "GoVersion": "go1.24.9",
        "BuildTime": "2025-11-05T14:27:26.000000000+00:00",
        **details,
    }


def engine_info(world: World, host: Host) -> Obj:
    """``GET /info``."""
    states = [c["State"]["Status"] for c in host.containers.values()]
    running, paused = states.count("running"), states.count("paused")
    info: Obj = {
        "ID": "7a1c09e2-55d0-4c1b-9e7f-20b3" + swarm_id(host.name)[:8],
        "Containers": len(states),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(states) - running - paused,
        "Images": len(host.images),
        "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"], ["Using metacopy", "false"]],
        "Plugins": {
            "Volume": ["local"],
            "Network": sorted(
                ["bridge", "host", "ipvlan", "macvlan", "null", "overlay", *host.info["_network_plugins"]]
            ),
            "Authorization": None,
            "Log": [n for t, n in _PLUGINS if t == "Log"],
        },
        "MemoryLimit": True,
        "SwapLimit": True,
        "CpuCfsPeriod": True,
        "CpuCfsQuota": True,
        "PidsLimit": True,
        "IPv4Forwarding": True,
        "BridgeNfIptables": True,
        "BridgeNfIp6tables": True,
        "Debug": False,
        "OomKillDisable": False,
        "NGoroutines": 118,
        "SystemTime": world.stamp(-host.ahead),
        "LoggingDriver": "json-file",
        "CgroupDriver": "systemd",
        "CgroupVersion": "2",
        "KernelVersion": "6.1.0-28-amd64",
        "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
        "OSVersion": "12",
        "OSType": "linux",
        "Architecture": "x86_64",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": {
            "InsecureRegistryCIDRs": ["::1/128", "127.0.0.0/8"],
            "IndexConfigs": {"docker.io": {"Name": "docker.io", "Mirrors": [], "Secure": True, "Official": True}},
            "Mirrors": None,
        },
        "GenericResources": None,
        "DockerRootDir": "/var/lib/docker",
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": host.name,
        "Labels": [],
        "ExperimentalBuild": False,
        "ServerVersion": host.engine,
        "Runtimes": {"crun": {"path": "crun"}, "runc": {"path": "runc"}, "io.containerd.runc.v2": {"path": "runc"}},
        "DefaultRuntime": "runc",
        "LiveRestoreEnabled": False,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": {"ID": "05044ec0a9a75232cad458027ca83437aae3f4da"},
        "RuncCommit": {"ID": "v1.2.6-0-ge89a299"},
        "InitCommit": {"ID": "de40ad0"},
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
        "FirewallBackend": {"Driver": "iptables"},
        "Warnings": None,
    }
    info.update({k: v for k, v in host.info.items() if not k.startswith("_")})
    info["Swarm"] = host.info.get("Swarm") or _membership(world, host)
    return info


def _membership(world: World, host: Host) -> Obj:
    node = world.nodes.get(host.node_id)
    if node is None or world.cluster is None:
        return {
            "NodeID": "",
            "NodeAddr": "",
            "LocalNodeState": "inactive",
            "ControlAvailable": False,
            "Error": "",
            "RemoteManagers": None,
        }
    managers = [n for n in world.nodes.values() if n["Spec"]["Role"] == "manager"]
    membership: Obj = {
        "NodeID": host.node_id,
        "NodeAddr": host.address,
        "LocalNodeState": "active",
        "ControlAvailable": node["Spec"]["Role"] == "manager",
        "Error": "",
        "RemoteManagers": [{"NodeID": m["ID"], "Addr": m["ManagerStatus"]["Addr"]} for m in managers],
    }
    if not world.quorum:
        membership["Error"] = NO_LEADER
    elif membership["ControlAvailable"]:
        kept = ("ID", "Version", "CreatedAt", "UpdatedAt", "Spec", "TLSInfo", "RootRotationInProgress")
        more = ("DefaultAddrPool", "SubnetSize", "DataPathPort")
        membership |= {"Nodes": len(world.nodes), "Managers": len(managers)}
        membership["Cluster"] = {k: world.cluster[k] for k in (*kept, *more)}
    return membership


#: The engine's words, without the prefix of ``rpc error`` (measured on 20.10 and 28.5).
NO_LEADER = (
    "The swarm does not have a leader. It's possible that too few managers are online. "
    "Make sure more than half of the managers are online."
)
NOT_MANAGER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
    "Please run this command on a manager node or promote the current node to a manager."
)
NOT_IN_SWARM = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" '
    "to connect this node to swarm and try again."
)
