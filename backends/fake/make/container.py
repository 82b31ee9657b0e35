"""Containers as ``GET /containers/ID/json`` gives them; the listing is made from this in ``views``."""

from __future__ import annotations

from backends.fake.bus import Obj
from backends.fake.ids import hex_id
from backends.fake.make.service import service_networks
from backends.fake.make.task import endpoint_json, task_name
from backends.fake.profiles import profile_of
from backends.fake.world import Host, World

ZERO = "0001-01-01T00:00:00Z"


def add_container(
    world: World,
    host: Host,
    name: str,
    image: str,
    *,
    networks: dict[str, Obj] | None = None,
    state: str = "running",
    exit_code: int = 0,
    error: str = "",
    age: float = 0.0,
    since: float | None = None,
    labels: dict[str, str] | None = None,
    env: list[str] | None = None,
    command: list[str] | None = None,
    ports: dict[str, list[Obj] | None] | None = None,
    mounts: list[Obj] | None = None,
    health: str = "",
    check: list[str] | None = None,
    network_mode: str = "default",
    restart: str = "no",
    resources: tuple[int, int] = (0, 0),
    key: str = "",
) -> Obj:
    """Stores a container. ``age`` and ``since`` (of its state) are seconds ago; ``resources`` are
    (billionths of a core, bytes); ``networks`` are entries made by ``endpoint_json``."""
    key = key or hex_id(f"{host.name}/{name}/{world.next_index()}")
    profile = profile_of(image)
    since = age if since is None else since
    running = state in ("running", "paused", "restarting")
    started = ZERO if state == "created" else world.stamp(since if running else since + 1)
    path, *args = command or list(profile.command)
    box: Obj = {
        "Id": key,
        "Created": world.stamp(age),
        "Path": path,
        "Args": args,
        "State": {
            "Status": state,
            "Running": running,
            "Paused": state == "paused",
            "Restarting": state == "restarting",
            "OOMKilled": exit_code == 137 and "oom" in error,
            "Dead": state == "dead",
            "Pid": pid_of(key) if running else 0,
            "ExitCode": exit_code,
            "Error": error,
            "StartedAt": started,
            "FinishedAt": ZERO if running or state == "created" else world.stamp(since),
        },
        "Image": "sha256:" + hex_id(f"image/{image.partition('@')[0]}"),
        "ResolvConfPath": f"/var/lib/docker/containers/{key}/resolv.conf",
        "HostnamePath": f"/var/lib/docker/containers/{key}/hostname",
        "HostsPath": f"/var/lib/docker/containers/{key}/hosts",
        "LogPath": f"/var/lib/docker/containers/{key}/{key}-json.log",
        "Name": f"/{name}",
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "docker-default",
        "ExecIDs": None,
        "HostConfig": {
            "Binds": None,
            "LogConfig": {"Type": "json-file", "Config": {"max-file": "3", "max-size": "10m"}},
            "NetworkMode": network_mode,
            "PortBindings": ports or {},
            "RestartPolicy": {"Name": restart, "MaximumRetryCount": 0},
            "AutoRemove": False,
            "CapAdd": None,
            "CapDrop": None,
            "CgroupnsMode": "private",
            "Dns": [],
            "DnsOptions": [],
            "DnsSearch": [],
            "ExtraHosts": None,
            "IpcMode": "private",
            "OomScoreAdj": 0,
            "PidMode": "",
            "Privileged": False,
            "PublishAllPorts": False,
            "ReadonlyRootfs": False,
            "SecurityOpt": None,
            "ShmSize": 67108864,
            "Runtime": "runc",
            "NanoCpus": resources[0],
            "Memory": resources[1],
            "MemoryReservation": 0,
            "MemorySwap": resources[1] * 2,
            "PidsLimit": None,
            "Ulimits": [],
            "Init": False,
        },
        "Mounts": mounts or [],
        "Config": {
            "Hostname": key[:12],
            "Domainname": "",
            "User": "" if profile.user == "root" else profile.user,
            "AttachStdin": False,
            "AttachStdout": False,
            "AttachStderr": False,
            "Tty": False,
            "OpenStdin": False,
            "StdinOnce": False,
            "Env": [*(env or []), "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Cmd": [path, *args],
            "Image": image,
            "Volumes": None,
            "WorkingDir": profile.workdir,
            "Entrypoint": None,
            "Labels": labels or {},
        },
        "NetworkSettings": {
            "SandboxID": hex_id(f"sandbox/{key}") if running else "",
            "SandboxKey": f"/var/run/docker/netns/{hex_id(f'sandbox/{key}')[:12]}" if running else "",
            "Ports": ports or {},
            "Networks": networks or {},
        },
    }
    if check:
        box["Config"]["Healthcheck"] = {"Test": check, "Interval": 10_000_000_000, "Timeout": 2_000_000_000}
        box["State"]["Health"] = {"Status": health or "healthy", "FailingStreak": 0, "Log": []}
    host.containers[key] = box
    world.touch("container", key)
    return box


def pid_of(key: str) -> int:
    """A process ID on the machine."""
    return 1000 + int(key[:6], 16) % 60_000


def task_container(
    world: World,
    task: Obj,
    *,
    state: str = "running",
    exit_code: int = 0,
    error: str = "",
    since: float = 0.0,
    health: str = "",
    key: str = "",
) -> Obj:
    """The container of a task, on the task's machine; also notes it in the task's status."""
    service = world.services[task["ServiceID"]]
    host = world.host_of(task["NodeID"])
    if host is None:
        raise LookupError("a task without a node has no container")
    given = task["Spec"]["ContainerSpec"]
    networks = {}
    for attachment in task.get("NetworksAttachments") or ():
        network = world.networks[attachment["Network"]["ID"]]
        networks[network["Name"]] = endpoint_json(task["ID"], network, attachment["Addresses"][0])
    name = task_name(world, task)
    limits = (task["Spec"].get("Resources") or {}).get("Limits") or {}
    check = (given.get("Healthcheck") or {}).get("Test") or list(profile_of(given["Image"]).health) or None
    box = add_container(
        world,
        host,
        name,
        given["Image"],
        networks=networks,
        state=state,
        exit_code=exit_code,
        error=error,
        age=since,
        since=since,
        env=given.get("Env"),
        command=[*(given.get("Command") or ()), *(given.get("Args") or ())] or None,
        labels={
            **(given.get("Labels") or {}),
            "com.docker.swarm.node.id": host.node_id,
            "com.docker.swarm.service.id": service["ID"],
            "com.docker.swarm.service.name": service["Spec"]["Name"],
            "com.docker.swarm.task": "",
            "com.docker.swarm.task.id": task["ID"],
            "com.docker.swarm.task.name": name,
        },
        mounts=_mounts(given),
        health=health,
        check=check,
        resources=(limits.get("NanoCPUs", 0), limits.get("MemoryBytes", 0)),
        key=key,
    )
    if not networks:
        box["HostConfig"]["NetworkMode"] = "host" if _host_network(world, service) else "default"
    task["Status"]["ContainerStatus"] = {
        "ContainerID": box["Id"],
        "PID": box["State"]["Pid"],
        "ExitCode": exit_code,
    }
    task["Status"]["PortStatus"] = {}
    world.touch("task", task["ID"])
    return box


def _host_network(world: World, service: Obj) -> bool:
    return any(n["Target"] == "host" for n in service_networks(service["Spec"]))


def _mounts(given: Obj) -> list[Obj]:
    result = []
    for mount in given.get("Mounts") or ():
        volume = mount["Type"] == "volume"
        source = f"/var/lib/docker/volumes/{mount['Source']}/_data" if volume else mount.get("Source", "")
        result.append(
            {
                "Type": mount["Type"],
                "Source": source,
                "Destination": mount["Target"],
                "Mode": "z" if volume else "",
                "RW": not mount.get("ReadOnly", False),
                "Propagation": "" if volume else "rprivate",
            }
            | ({"Name": mount["Source"], "Driver": "local"} if volume else {})
        )
    for config in given.get("Configs") or ():
        target = (config.get("File") or {}).get("Name", "")
        result.append(
            {"Type": "bind", "Source": "/var/lib/docker/configs", "Destination": target, "Mode": "", "RW": False}
        )
    for secret in given.get("Secrets") or ():
        target = (secret.get("File") or {}).get("Name", "")
        path = target if target.startswith("/") else f"/run/secrets/{target}"
        result.append(
            {"Type": "bind", "Source": "/var/lib/docker/secrets", "Destination": path, "Mode": "", "RW": False}
        )
    return result
