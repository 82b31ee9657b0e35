"""What happens to containers, and the events that tell of it."""

from __future__ import annotations

from backends.fake.bus import Obj
from backends.fake.http import Problem
from backends.fake.ids import hex_id
from backends.fake.make.container import ZERO, pid_of
from backends.fake.make.task import add_attachment, endpoint_json
from backends.fake.world import Host, World


def start(world: World, host: Host, box: Obj) -> None:
    """Runs a container; joins its networks first, as the engine does."""
    state = box["State"]
    if state["Running"]:
        return
    for name, end in box["NetworkSettings"]["Networks"].items():
        network = _network_named(world, host, name)
        if network is not None:
            world.tell(
                host, "network", "connect", end["NetworkID"], container=box["Id"], name=name, type=network["Driver"]
            )
    state.update(
        Status="running",
        Running=True,
        Paused=False,
        Pid=pid_of(box["Id"]),
        ExitCode=0,
        Error="",
        StartedAt=world.stamp(),
        FinishedAt=ZERO,
    )
    box["NetworkSettings"]["SandboxID"] = hex_id(f"sandbox/{box['Id']}/{world.index}")
    box["NetworkSettings"]["SandboxKey"] = f"/var/run/docker/netns/{box['NetworkSettings']['SandboxID'][:12]}"
    if "Health" in state:
        state["Health"] = {"Status": "starting", "FailingStreak": 0, "Log": []}
    world.tell_container(host, box, "start")


def die(world: World, host: Host, box: Obj, code: int, error: str = "") -> None:
    """Its first process has ended."""
    state = box["State"]
    state.update(
        Status="exited", Running=False, Paused=False, Pid=0, ExitCode=code, Error=error, FinishedAt=world.stamp()
    )
    box["NetworkSettings"]["SandboxID"] = box["NetworkSettings"]["SandboxKey"] = ""
    for name, end in box["NetworkSettings"]["Networks"].items():
        network = _network_named(world, host, name)
        if network is not None:
            world.tell(
                host, "network", "disconnect", end["NetworkID"], container=box["Id"], name=name, type=network["Driver"]
            )
    world.tell_container(host, box, "die", exitCode=str(code), execDuration="1")
    for execution in host.execs.values():
        if execution.container_id == box["Id"]:
            execution.end(137)


def kill(world: World, host: Host, box: Obj, signal: str = "SIGKILL") -> None:
    """Sends a signal; those that end a process do. Raises ``Problem`` 409 where none runs."""
    if not box["State"]["Running"]:
        raise Problem(409, f"cannot kill container: {box['Id'][:12]}: container {box['Id']} is not running")
    number = {"SIGKILL": 9, "KILL": 9, "9": 9, "SIGTERM": 15, "TERM": 15, "15": 15, "SIGINT": 2, "INT": 2}.get(
        signal, 0
    )
    world.tell_container(host, box, "kill", signal=str(number or signal))
    if number:
        die(world, host, box, 128 + number if number == 9 else 0)


def stop(world: World, host: Host, box: Obj) -> None:
    """Asks it to end, which it does at once."""
    if box["State"]["Running"]:
        world.tell_container(host, box, "kill", signal="15")
        die(world, host, box, 0)
        world.tell_container(host, box, "stop")


def remove(world: World, host: Host, box: Obj, *, force: bool = False) -> None:
    """Deletes it. Raises ``Problem`` 409 for a running one without ``force``."""
    if box["State"]["Running"]:
        if not force:
            raise Problem(
                409,
                f'cannot remove container "{box["Name"]}": container is running: '
                "stop the container before removing or force remove",
            )
        kill(world, host, box)
    world.tell_container(host, box, "destroy")
    host.containers.pop(box["Id"], None)
    for key in [k for k, t in world.tasks.items() if _attaches(t, box["Id"])]:
        world.drop_task(key)
    world.touch("container", box["Id"])


def _attaches(task: Obj, box_id: str) -> bool:
    return bool((task["Spec"].get("NetworkAttachmentSpec") or {}).get("ContainerID") == box_id)


def pause(world: World, host: Host, box: Obj, *, on: bool) -> None:
    """Freezes or thaws it. Raises ``Problem`` 409 where that does not fit."""
    state = box["State"]
    if on and (not state["Running"] or state["Paused"]):
        raise Problem(409, f"Container {box['Id']} is {'already paused' if state['Paused'] else 'not running'}")
    if not on and not state["Paused"]:
        raise Problem(500, f"Container {box['Id']} is not paused")
    state.update(Status="paused" if on else "running", Paused=on)
    world.tell_container(host, box, "pause" if on else "unpause")


def set_health(world: World, host: Host, box: Obj, health: str, output: str = "") -> None:
    """Its health check came to another result."""
    before = box["State"].get("Health") or {"FailingStreak": 0, "Log": []}
    bad = health == "unhealthy"
    probe = {"Start": world.stamp(0.2), "End": world.stamp(), "ExitCode": int(bad), "Output": output}
    box["State"]["Health"] = {
        "Status": health,
        "FailingStreak": before["FailingStreak"] + 1 if bad else 0,
        "Log": [*before["Log"], probe][-5:],
    }
    world.tell_container(host, box, f"health_status: {health}")


def probe(world: World, host: Host, box: Obj) -> None:
    """A health check ran and found nothing new: the engine tells of every such exec."""
    command = " ".join((box["Config"].get("Healthcheck") or {}).get("Test", ["CMD", "true"])[1:])
    key = hex_id(f"exec/{box['Id']}/{world.index}/{world.random.random()}")
    world.tell_container(host, box, f"exec_create: {command}", execID=key)
    world.tell_container(host, box, f"exec_start: {command}", execID=key)
    world.tell_container(host, box, "exec_die", execID=key, exitCode="0")


def connect(world: World, host: Host, network: Obj, box: Obj, settings: Obj) -> None:
    """Puts a container on one more network. Raises ``Problem``, in the words of the engine."""
    name, overlay = network["Name"], network["Driver"] == "overlay"
    if name in box["NetworkSettings"]["Networks"]:
        raise Problem(403, f"endpoint with name {box['Name'][1:]} already exists in network {name}")
    if overlay and not network["Attachable"]:
        raise Problem(
            403,
            f"Could not attach to network {name}: rpc error: code = PermissionDenied "
            f"desc = network {name} not manually attachable",
        )
    wanted = (settings.get("IPAMConfig") or {}).get("IPv4Address", "")
    address = address_on(world, host, network, wanted)
    end = endpoint_json(f"{box['Id']}", network, address, settings.get("Aliases"))
    box["NetworkSettings"]["Networks"][name] = end
    if overlay and address:
        add_attachment(world, box["Id"], network["Id"], host.name, address)
    if box["State"]["Running"]:
        world.tell(host, "network", "connect", network["Id"], container=box["Id"], name=name, type=network["Driver"])
    world.touch("container", box["Id"])


def disconnect(world: World, host: Host, network: Obj, box: Obj) -> None:
    """Takes a container off a network. Raises ``Problem`` 500 where it is not on it."""
    name = network["Name"]
    if box["NetworkSettings"]["Networks"].pop(name, None) is None:
        raise Problem(500, f"container {box['Id']} is not connected to network {name}")
    for key, task in list(world.tasks.items()):
        nets = [a["Network"]["ID"] for a in task.get("NetworksAttachments") or ()]
        if _attaches(task, box["Id"]) and network["Id"] in nets:
            world.drop_task(key)
    world.tell(host, "network", "disconnect", network["Id"], container=box["Id"], name=name, type=network["Driver"])
    world.touch("container", box["Id"])


def address_on(world: World, host: Host, network: Obj, wanted: str = "") -> str:
    """An address for a container in CIDR form; empty where the network gives none out.

    Raises ``Problem`` where it is taken.
    """
    if network["Id"] in world.networks:
        used = world.taken(network["Id"])
    else:
        ends = (c["NetworkSettings"]["Networks"].get(network["Name"]) for c in host.containers.values())
        used = {e["IPAddress"] for e in ends if e}
    if wanted and wanted in used:
        raise Problem(403, "Address already in use")
    if network["Id"] in world.networks:
        return world.address(network["Id"], wanted) or ""
    config = (network["IPAM"].get("Config") or [{}])[0]
    if "Subnet" not in config:
        return ""
    base, _, prefix = config["Subnet"].partition("/")
    stem = base.rpartition(".")[0]
    free = wanted or next((f"{stem}.{n}" for n in range(2, 255) if f"{stem}.{n}" not in used), "")
    return f"{free}/{prefix}" if free else ""


def _network_named(world: World, host: Host, name: str) -> Obj | None:
    tables = (host.networks, world.networks)
    return next((n for table in tables for n in table.values() if n["Name"] == name), None)
