"""What changes one machine: containers, networks, volumes, images."""

from __future__ import annotations

from backends.fake import boxes
from backends.fake.api import Api, route
from backends.fake.bus import Obj
from backends.fake.http import Answer, Problem, Request, answer
from backends.fake.ids import hex_id
from backends.fake.make.network import add_network, network_json
from backends.fake.make.storage import add_volume


@route("POST", "/containers/{id}/start")
def start(api: Api, request: Request, ref: str) -> Answer:
    """Runs it; 304 where it runs already."""
    box = api.world.find_container(api.host, ref)
    if box["State"]["Running"]:
        return Answer(304)
    boxes.start(api.world, api.host, box)
    return Answer(204)


@route("POST", "/containers/{id}/stop")
def stop(api: Api, request: Request, ref: str) -> Answer:
    """Ends it; 304 where it does not run."""
    box = api.world.find_container(api.host, ref)
    if not box["State"]["Running"]:
        return Answer(304)
    boxes.stop(api.world, api.host, box)
    api.orchestrator.box_died(box)
    return Answer(204)


@route("POST", "/containers/{id}/restart")
def restart(api: Api, request: Request, ref: str) -> Answer:
    """Ends it and runs it again."""
    box = api.world.find_container(api.host, ref)
    boxes.stop(api.world, api.host, box)
    boxes.start(api.world, api.host, box)
    api.world.tell_container(api.host, box, "restart")
    return Answer(204)


@route("POST", "/containers/{id}/kill")
def kill(api: Api, request: Request, ref: str) -> Answer:
    """Sends a signal."""
    box = api.world.find_container(api.host, ref)
    boxes.kill(api.world, api.host, box, request.query.get("signal") or "SIGKILL")
    if not box["State"]["Running"]:
        api.orchestrator.box_died(box)
    return Answer(204)


@route("POST", "/containers/{id}/pause")
def pause(api: Api, request: Request, ref: str) -> Answer:
    """Freezes it."""
    boxes.pause(api.world, api.host, api.world.find_container(api.host, ref), on=True)
    return Answer(204)


@route("POST", "/containers/{id}/unpause")
def unpause(api: Api, request: Request, ref: str) -> Answer:
    """Thaws it."""
    boxes.pause(api.world, api.host, api.world.find_container(api.host, ref), on=False)
    return Answer(204)


@route("POST", "/containers/{id}/rename")
def rename(api: Api, request: Request, ref: str) -> Answer:
    """Gives it another name."""
    box = api.world.find_container(api.host, ref)
    name = request.query.get("name", "").removeprefix("/")
    holder = next((c for c in api.host.containers.values() if c["Name"] == f"/{name}"), None)
    if holder is not None:
        raise Problem(
            409,
            f'Conflict. The container name "/{name}" is already in use by container "{holder["Id"]}". '
            "You have to remove (or rename) that container to be able to reuse that name.",
        )
    old, box["Name"] = box["Name"], f"/{name}"
    api.world.tell_container(api.host, box, "rename", oldName=old)
    return Answer(204)


@route("DELETE", "/containers/{id}")
def remove(api: Api, request: Request, ref: str) -> Answer:
    """Deletes it."""
    box = api.world.find_container(api.host, ref)
    was_running = box["State"]["Running"]
    boxes.remove(api.world, api.host, box, force=request.flag("force"))
    if was_running:
        api.orchestrator.box_died(box)
    return Answer(204)


@route("POST", "/networks/create")
def create_network(api: Api, request: Request) -> Answer:
    """Makes a network of this machine, or of the Swarm for an overlay."""
    given = request.json()
    name, driver = given.get("Name", ""), given.get("Driver") or "bridge"
    world, host = api.world, api.host
    config: Obj = ((given.get("IPAM") or {}).get("Config") or [{}])[0]
    if driver not in ("bridge", "overlay", "macvlan", "ipvlan", *host.info.get("_network_plugins", ())):
        raise Problem(404, f'plugin "{driver}" not found')
    if any(n["Name"] == name for n in [*world.networks.values(), *host.networks.values()]):
        raise Problem(409, f"network with name {name} already exists")
    if driver == "overlay" or given.get("Scope") == "swarm":
        node = world.nodes.get(host.node_id)
        if node is None or node["Spec"]["Role"] != "manager":
            raise Problem(
                403,
                "Cannot create a multi-host network from a worker node. Please create the network from a manager node.",
            )
        api.need_manager()
        key = add_network(
            world,
            name,
            config.get("Subnet") or _free_subnet(api, "10.0.{}.0/24"),
            driver=driver,
            gateway=config.get("Gateway", ""),
            ip_range=config.get("IPRange", ""),
            options=given.get("Options"),
            internal=bool(given.get("Internal")),
            attachable=bool(given.get("Attachable")),
            ingress=bool(given.get("Ingress")),
            given=given,
            key=world.new_id(f"network/{name}"),
        )
        world.networks[key]["Labels"] = given.get("Labels") or {}
        world.tell_swarm("network", "create", key, {"name": name})
        return answer({"Id": key, "Warning": ""}, 201)
    key = hex_id(f"{host.name}/network/{name}/{world.next_index()}")
    subnet = config.get("Subnet") or _free_subnet(api, "172.{}.0.0/16")
    host.networks[key] = network_json(
        key,
        name,
        driver,
        "local",
        created=world.stamp(),
        subnet=subnet,
        gateway=config.get("Gateway") or subnet.partition("/")[0].rpartition(".")[0] + ".1",
        ip_range=config.get("IPRange", ""),
        options=given.get("Options"),
        labels=given.get("Labels"),
        internal=bool(given.get("Internal")),
        given=given,
    )
    world.tell(host, "network", "create", key, name=name, type=driver)
    return answer({"Id": key, "Warning": ""}, 201)


def _free_subnet(api: Api, pattern: str) -> str:
    tables = (api.world.networks, api.host.networks)
    used = {c.get("Subnet") for table in tables for n in table.values() for c in n["IPAM"]["Config"] or ()}
    return next(s for s in (pattern.format(n) for n in range(19, 250)) if s not in used)


@route("DELETE", "/networks/{id}")
def remove_network(api: Api, request: Request, ref: str) -> Answer:
    """Removes a network that nothing uses."""
    world, host = api.world, api.host
    network = world.find_network(host, ref)
    name, key = network["Name"], network["Id"]
    if name in ("bridge", "host", "none"):
        raise Problem(403, f"{name} is a pre-defined network and cannot be removed")
    users = [
        s["Spec"]["Name"]
        for s in world.services.values()
        if any(n["Target"] == key for n in s["Spec"]["TaskTemplate"].get("Networks") or ())
    ]
    if users:
        task = next((t["ID"] for t in world.tasks.values() if t.get("NetworksAttachments")), "")
        raise Problem(400, f"rpc error: code = FailedPrecondition desc = network {key} is in use by task {task}")
    if any(name in c["NetworkSettings"]["Networks"] and c["State"]["Running"] for c in host.containers.values()):
        raise Problem(403, f"error while removing network: network {name} id {key} has active endpoints")
    if key in world.networks:
        del world.networks[key]
        world.tell_swarm("network", "remove", key, {"name": name})
    else:
        del host.networks[key]
        world.tell(host, "network", "destroy", key, name=name, type=network["Driver"])
    world.touch("network", key)
    return Answer(204)


@route("POST", "/networks/{id}/connect")
def connect(api: Api, request: Request, ref: str) -> Answer:
    """Puts a container on a network."""
    given = request.json()
    network = api.world.find_network(api.host, ref)
    box = api.world.find_container(api.host, given.get("Container", ""))
    boxes.connect(api.world, api.host, network, box, given.get("EndpointConfig") or {})
    return Answer()


@route("POST", "/networks/{id}/disconnect")
def disconnect(api: Api, request: Request, ref: str) -> Answer:
    """Takes it off. With ``Force`` also what is left of a container that is gone."""
    given = request.json()
    network = api.world.find_network(api.host, ref)
    name = str(given.get("Container", ""))
    stale = api.host.stale.get(network["Id"], {})
    left = next((key for key, end in stale.items() if name in (key, end["Name"])), None)
    if left is not None and given.get("Force"):
        del stale[left]
        api.world.tell(api.host, "network", "disconnect", network["Id"], container=left, name=network["Name"])
        return Answer()
    boxes.disconnect(api.world, api.host, network, api.world.find_container(api.host, name))
    return Answer()


@route("POST", "/networks/prune")
def prune_networks(api: Api, request: Request) -> Answer:
    """Removes those that no service and no running container uses: a stopped one does not count here."""
    world, host = api.world, api.host
    gone = []
    for network in [*host.networks.values(), *world.networks.values()]:
        if network["Name"] in ("bridge", "host", "none", "docker_gwbridge") or network.get("Ingress"):
            continue
        try:
            remove_network(api, request, network["Id"])
        except Problem:
            continue
        gone.append(network["Name"])
    return answer({"NetworksDeleted": gone or None})


@route("POST", "/volumes/create")
def create_volume(api: Api, request: Request) -> Answer:
    """Makes a volume, or returns the one of that name."""
    given = request.json()
    name = given.get("Name") or hex_id(f"volume/{api.world.next_index()}")
    if name not in api.host.volumes:
        add_volume(api.world, api.host, name, labels=given.get("Labels"), options=given.get("DriverOpts"))
        api.world.tell(api.host, "volume", "create", name, driver="local")
    return answer(api.host.volumes[name], 201)


@route("DELETE", "/volumes/{name}")
def remove_volume(api: Api, request: Request, name: str) -> Answer:
    """Removes a volume that no container names."""
    host = api.host
    if name not in host.volumes:
        raise Problem(404, f"get {name}: no such volume")
    users = [c["Id"] for c in host.containers.values() if any(m.get("Name") == name for m in c["Mounts"])]
    if users:
        raise Problem(409, f"remove {name}: volume is in use - [{', '.join(users)}]")
    del host.volumes[name]
    api.world.tell(host, "volume", "destroy", name, driver="local")
    return Answer(204)


@route("DELETE", "/images/{image}")
def remove_image(api: Api, request: Request, ref: str) -> Answer:
    """Removes an image that no container uses."""
    host = api.host
    for key, found in host.images.items():
        if ref in (key, *found["RepoTags"]) or key.startswith(f"sha256:{ref}"):
            user = next((c for c in host.containers.values() if c["Image"] == key), None)
            if user is not None:
                raise Problem(
                    409,
                    f"conflict: unable to remove repository reference {ref!r} (must force) - container "
                    f"{user['Id'][:12]} is using its referenced image {key[7:19]}",
                )
            del host.images[key]
            api.world.tell(host, "image", "delete", key, name=key)
            return answer([*({"Untagged": t} for t in found["RepoTags"]), {"Deleted": key}])
    raise Problem(404, f"No such image: {ref}")
