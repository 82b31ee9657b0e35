"""What happens to nodes and to the Swarm as a whole."""

from __future__ import annotations

from backends.fake.bus import Obj
from backends.fake.http import Problem
from backends.fake.ids import swarm_id
from backends.fake.make.cluster import add_cluster, join_tokens
from backends.fake.make.network import add_local_network, add_network
from backends.fake.make.node import add_node
from backends.fake.orchestrator import Orchestrator
from backends.fake.world import Host, World


def check_version(thing: Obj, given: str) -> None:
    """Raises ``Problem`` where someone else changed ``thing`` meanwhile: 500, there is no status of its own."""
    if not given.isdigit():
        raise Problem(400, f"invalid version '{given}': strconv.ParseUint: parsing \"{given}\": invalid syntax")
    if int(given) != thing["Version"]["Index"]:
        raise Problem(500, "rpc error: code = Unknown desc = update out of sequence")


def update_node(world: World, orchestrator: Orchestrator, node: Obj, given: Obj) -> None:
    """Stores a node's spec: labels, role, availability. Raises ``Problem``."""
    old = node["Spec"]
    if old["Role"] == "manager" and given.get("Role") == "worker":
        if sum(n["Spec"]["Role"] == "manager" for n in world.nodes.values()) == 1:
            raise Problem(
                400,
                "rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm",
            )
        node.pop("ManagerStatus", None)
    elif old["Role"] == "worker" and given.get("Role") == "manager":
        node["ManagerStatus"] = {"Reachability": "reachable", "Addr": f"{node['Status']['Addr']}:2377"}
    node["Spec"] = {**old, **given}
    told = {"name": node["Description"]["Hostname"]}
    for key, word in (("Availability", "availability"), ("Role", "role")):
        if old[key] != node["Spec"][key]:
            told |= {f"{word}.old": old[key], f"{word}.new": node["Spec"][key]}
    world.changed("node", node)
    world.tell_swarm("node", "update", node["ID"], told)
    if node["Spec"]["Availability"] == "drain":
        evacuate(world, orchestrator, node)
    for service in list(world.services.values()):
        orchestrator.sync(service)
    orchestrator.reschedule()


def evacuate(world: World, orchestrator: Orchestrator, node: Obj) -> None:
    """Ends all tasks of a node; those of replicated services begin anew elsewhere."""
    for task in list(world.tasks.values()):
        if task.get("NodeID") == node["ID"] and task["DesiredState"] in ("running", "ready") and task.get("ServiceID"):
            orchestrator.end(task)


def set_node_state(world: World, orchestrator: Orchestrator, node: Obj, state: str, message: str = "") -> None:
    """A node went down or came back."""
    old = node["Status"]["State"]
    node["Status"]["State"] = state
    node["Status"]["Message"] = message
    if "ManagerStatus" in node:
        node["ManagerStatus"]["Reachability"] = "reachable" if state == "ready" else "unreachable"
    world.changed("node", node)
    told = {"name": node["Description"]["Hostname"], "state.old": old, "state.new": state}
    world.tell_swarm("node", "update", node["ID"], told)
    if state == "down":
        evacuate(world, orchestrator, node)
    for service in list(world.services.values()):
        orchestrator.sync(service)
    orchestrator.reschedule()


def remove_node(world: World, node: Obj, *, force: bool) -> None:
    """Forgets a node. Raises ``Problem`` for one that is ready, or a manager, unless forced."""
    if not force and node["Spec"]["Role"] == "manager":
        raise Problem(
            400,
            f"rpc error: code = FailedPrecondition desc = node {node['ID']} is a cluster manager and is a "
            "member of the raft cluster. It must be demoted to worker before removal",
        )
    if not force and node["Status"]["State"] != "down":
        raise Problem(
            400, f"rpc error: code = FailedPrecondition desc = node {node['ID']} is not down and can't be removed"
        )
    for task in [t for t in world.tasks.values() if t.get("NodeID") == node["ID"]]:
        world.drop_task(task["ID"])
    del world.nodes[node["ID"]]
    world.touch("node", node["ID"])
    world.tell_swarm("node", "remove", node["ID"], {"name": node["Description"]["Hostname"]})


def init_swarm(world: World, host: Host, given: Obj) -> str:
    """Makes a plain engine the manager of a new Swarm; returns its node ID. Raises ``Problem`` 503."""
    if host.node_id or world.cluster is not None:
        raise Problem(
            503,
            'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
        )
    made = add_cluster(world, host.name, age=0.0, autolock=bool(given.get("AutoLockManagers")))
    spec = given.get("Spec") or {}
    made["Spec"]["EncryptionConfig"] = {"AutoLockManagers": bool(given.get("AutoLockManagers"))}
    history = (spec.get("Orchestration") or {}).get("TaskHistoryRetentionLimit")
    if history is not None:
        made["Spec"]["Orchestration"]["TaskHistoryRetentionLimit"] = history
    made["DefaultAddrPool"] = given.get("DefaultAddrPool") or ["10.0.0.0/8"]
    made["SubnetSize"] = given.get("SubnetSize") or 24
    made["DataPathPort"] = given.get("DataPathPort") or 4789
    node = make_node(world, host, "manager", str(given.get("Availability") or "active"))
    add_network(world, "ingress", "10.0.0.0/24", ingress=True)
    return str(node["ID"])


def leave_swarm(world: World, host: Host, *, force: bool) -> None:
    """Takes a node out. Raises ``Problem`` 503 where there is no Swarm, or for a manager without force."""
    if host.info.get("Swarm", {}).get("LocalNodeState") == "pending":
        del host.info["Swarm"]
        return
    node = world.nodes.get(host.node_id)
    if node is None or world.cluster is None:
        raise Problem(503, "This node is not part of a swarm")
    if node["Spec"]["Role"] == "manager" and not force:
        raise Problem(
            503,
            "You are attempting to leave the swarm on a node that is participating as a manager. "
            "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.",
        )
    node["Status"] = {"State": "down", "Addr": host.address}
    host.node_id = ""
    if not any(h.node_id for h in world.hosts.values()):
        world.cluster = None
        for table in (world.nodes, world.services, world.tasks, world.networks, world.configs, world.secrets):
            table.clear()
        world.rendered.clear()
    for kind in ("node", "service", "task", "network", "config", "secret"):
        world.touch(kind, "")


def join_swarm(world: World, orchestrator: Orchestrator, host: Host, given: Obj) -> None:
    """A plain engine becomes a node. Raises ``Problem`` in the engine's words."""
    if host.node_id:
        raise Problem(
            503,
            'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
        )
    token = str(given.get("JoinToken", ""))
    if not token.startswith("SWMTKN-1-") or token.count("-") != 3:
        raise Problem(400, "invalid join token")
    tokens = world.cluster["JoinTokens"] if world.cluster is not None else {}
    remote = (given.get("RemoteAddrs") or [""])[0]
    known = {m["ManagerStatus"]["Addr"] for m in world.nodes.values() if "ManagerStatus" in m}
    if world.cluster is None or remote not in known:
        raise Problem(
            503,
            'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp '
            f'{remote}: connect: connection refused"',
        )
    role = next((role for role, known in tokens.items() if known == token), "")
    if not role:
        raise Problem(
            503, "rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster"
        )
    if host.info.get("_slow"):
        host.info["Swarm"] = {"NodeID": "", "NodeAddr": host.address, "LocalNodeState": "pending"}
        raise Problem(
            503,
            "Timeout was reached before node joined. The attempt to join the swarm will continue in the background. "
            'Use the "docker info" command to see the current swarm status of your node.',
        )
    make_node(world, host, role.lower(), str(given.get("Availability") or "active"))
    for service in list(world.services.values()):
        orchestrator.sync(service)
    orchestrator.reschedule()


def make_node(world: World, host: Host, role: str, availability: str) -> Obj:
    """Puts a machine that is there into the Swarm's list; the leader where it is the first."""
    first = not world.nodes
    made = add_node(
        world, host.name, host.address, role=role, leader=first, availability=availability, engine=host.engine,
        api=host.api, age=0.0, cpus=host.info["NCPU"], memory=host.info["MemTotal"],
        key=swarm_id(f"node/{host.name}/{world.next_index()}"),
    )  # fmt: skip
    world.hosts[host.name] = host
    host.node_id = made.node_id
    host.info.pop("Swarm", None)
    if not any(n["Name"] == "docker_gwbridge" for n in host.networks.values()):
        add_local_network(world, host, "docker_gwbridge", "172.18.0.0/16", age=0.0)
    node = world.nodes[host.node_id]
    world.touch("node", host.node_id)
    world.tell_swarm("node", "create", node["ID"], {"name": host.name})
    return node


def unlock_swarm(world: World, host: Host, given: Obj) -> None:
    """Opens a locked manager's state. Raises ``Problem`` in the engine's words (20.10 and 28.5)."""
    if host.info.get("Swarm", {}).get("LocalNodeState") != "locked":
        raise Problem(409, "swarm is not locked")
    if given.get("UnlockKey") != world.unlock_key:
        raise Problem(400, "swarm could not be unlocked: invalid key provided")
    del host.info["Swarm"]


def update_swarm(world: World, given: Obj, query: dict[str, str]) -> None:
    """Stores the Swarm's spec; rotates join tokens where asked."""
    cluster = world.cluster
    if cluster is None:
        raise Problem(503, "This node is not part of a swarm")
    check_version(cluster, query.get("version", ""))
    cluster["Spec"] = given
    for role in ("Worker", "Manager"):
        if query.get(f"rotate{role}Token", "") in ("1", "true"):
            cluster["JoinTokens"][role] = join_tokens(f"{cluster['ID']}/{world.index}")[role]
    if query.get("rotateManagerUnlockKey", "") in ("1", "true"):
        world.unlock_key = f"SWMKEY-1-{swarm_id(f'key/{world.index}')}"
    cluster["Version"] = {"Index": world.next_index()}
    cluster["UpdatedAt"] = world.stamp()
