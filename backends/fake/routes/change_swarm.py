"""What changes the Swarm: services, nodes, configs, secrets, the Swarm itself."""

from __future__ import annotations

from backends.fake import cluster
from backends.fake.api import Api, route
from backends.fake.http import Answer, Problem, Request, answer
from backends.fake.make.storage import add_config, add_secret


@route("POST", "/services/create")
def create_service(api: Api, request: Request) -> Answer:
    """Makes a service."""
    api.need_manager()
    given = request.json()
    if not given.get("Name"):
        # The engine makes one up, of an adjective and a scientist.
        given["Name"] = f"quiet_hopper{len(api.world.services)}"
    given.setdefault("Labels", {})
    given["Mode"] = given.get("Mode") or {"Replicated": {"Replicas": 1}}
    if "Replicated" in given["Mode"]:
        given["Mode"]["Replicated"].setdefault("Replicas", 1)
    _resolve_networks(api, given)
    return answer({"ID": api.orchestrator.create(given)["ID"], "Warnings": None}, 201)


def _resolve_networks(api: Api, given: dict[str, object]) -> None:
    """The engine stores the ID of a network, however it was named."""
    task = given.get("TaskTemplate")
    for entry in (task.get("Networks") if isinstance(task, dict) else None) or ():
        found = next((n for n in api.world.networks.values() if entry["Target"] in (n["Id"], n["Name"])), None)
        if found is not None:
            entry["Target"] = found["Id"]
        elif entry["Target"] != "host":
            raise Problem(500, f"network {entry['Target']} not found")


@route("POST", "/services/{id}/update")
def update_service(api: Api, request: Request, ref: str) -> Answer:
    """Changes a service's spec, or goes back to the one before."""
    api.need_manager()
    service = api.world.find("service", ref)
    cluster.check_version(service, request.query.get("version", ""))
    if request.query.get("rollback") == "previous":
        api.rollouts.roll_back(service)
    else:
        given = request.json()
        _resolve_networks(api, given)
        api.rollouts.update(service, given)
    return answer({"Warnings": None})


@route("DELETE", "/services/{id}")
def remove_service(api: Api, request: Request, ref: str) -> Answer:
    """Removes a service with its tasks."""
    api.need_manager()
    api.orchestrator.remove(api.world.find("service", ref))
    return Answer()


@route("POST", "/nodes/{id}/update")
def update_node(api: Api, request: Request, ref: str) -> Answer:
    """Changes role, availability or labels of a node."""
    api.need_manager()
    node = api.world.find("node", ref)
    cluster.check_version(node, request.query.get("version", ""))
    cluster.update_node(api.world, api.orchestrator, node, request.json())
    return Answer()


@route("DELETE", "/nodes/{id}")
def remove_node(api: Api, request: Request, ref: str) -> Answer:
    """Forgets a node."""
    api.need_manager()
    cluster.remove_node(api.world, api.world.find("node", ref), force=request.flag("force"))
    return Answer()


@route("POST", "/swarm/init")
def init(api: Api, request: Request) -> Answer:
    """Starts a Swarm on a plain engine."""
    return answer(cluster.init_swarm(api.world, api.host, request.json()))


@route("POST", "/swarm/join")
def join(api: Api, request: Request) -> Answer:
    """Asks to join one."""
    cluster.join_swarm(api.world, api.orchestrator, api.host, request.json())
    return Answer()


@route("POST", "/swarm/leave")
def leave(api: Api, request: Request) -> Answer:
    """Leaves it."""
    cluster.leave_swarm(api.world, api.host, force=request.flag("force"))
    return Answer()


@route("POST", "/swarm/unlock")
def unlock(api: Api, request: Request) -> Answer:
    """Opens the state of a locked manager."""
    cluster.unlock_swarm(api.world, api.host, request.json())
    return Answer()


@route("POST", "/swarm/update")
def update(api: Api, request: Request) -> Answer:
    """Changes its settings, or rotates tokens."""
    api.need_manager()
    cluster.update_swarm(api.world, request.json(), request.query)
    return Answer()


@route("POST", "/configs/create")
def create_config(api: Api, request: Request) -> Answer:
    """Stores a config."""
    return _create_stored(api, request, "config")


@route("POST", "/secrets/create")
def create_secret(api: Api, request: Request) -> Answer:
    """Stores a secret."""
    return _create_stored(api, request, "secret")


def _create_stored(api: Api, request: Request, kind: str) -> Answer:
    api.need_manager()
    given = request.json()
    name = given.get("Name", "")
    if any(o["Spec"]["Name"] == name for o in api.world.table(kind).values()):
        raise Problem(
            409,
            f"rpc error: code = AlreadyExists desc = {kind} {name} already exists",
        )
    if kind == "config":
        made = add_config(api.world, name, "", labels=given.get("Labels"))
        made["Spec"]["Data"] = given.get("Data", "")
    else:
        made = add_secret(api.world, name, labels=given.get("Labels"))
    api.world.tell_swarm(kind, "create", made["ID"], {"name": name})
    return answer({"ID": made["ID"]}, 201)


@route("DELETE", "/configs/{id}")
def remove_config(api: Api, request: Request, ref: str) -> Answer:
    """Removes a config that no service uses."""
    return _remove_stored(api, ref, "config")


@route("DELETE", "/secrets/{id}")
def remove_secret(api: Api, request: Request, ref: str) -> Answer:
    """Removes a secret that no service uses."""
    return _remove_stored(api, ref, "secret")


def _remove_stored(api: Api, ref: str, kind: str) -> Answer:
    api.need_manager()
    found = api.world.find(kind, ref)
    field, key = ("Configs", "ConfigID") if kind == "config" else ("Secrets", "SecretID")
    users = [
        s["Spec"]["Name"]
        for s in api.world.services.values()
        if any(r[key] == found["ID"] for r in s["Spec"]["TaskTemplate"]["ContainerSpec"].get(field) or ())
    ]
    if users:
        word = "service" if len(users) == 1 else "services"
        raise Problem(
            400,
            f"rpc error: code = InvalidArgument desc = {kind} '{found['Spec']['Name']}' is in use by the "
            f"following {word}: {', '.join(users)}",
        )
    del api.world.table(kind)[found["ID"]]
    api.world.touch(kind, found["ID"])
    api.world.tell_swarm(kind, "remove", found["ID"], {"name": found["Spec"]["Name"]})
    return Answer(204)
