"""What an engine tells of its own machine: containers, networks, volumes, images."""

from __future__ import annotations

from backends.fake.api import Api, route
from backends.fake.filters import container_tests, label, matcher, network_tests
from backends.fake.http import Answer, Problem, Request, answer
from backends.fake.listing import rows
from backends.fake.profiles import profile_of
from backends.fake.rows import container_row, network_inspect, network_row


@route("GET", "/containers/json")
def containers(api: Api, request: Request) -> Answer:
    """Running containers, or all."""
    given = request.filters()
    fits = matcher(given, container_tests(api.world, api.host))
    everything = request.flag("all") or "status" in given
    found = [c for c in api.host.containers.values() if (everything or c["State"]["Running"]) and fits(c)]
    limit = request.query.get("limit", "")
    if limit.isdigit() and int(limit):
        found = found[: int(limit)]
    now = api.world.now()
    return rows(
        api.world, "container", found, lambda c: c["Id"], lambda c: container_row(c, now), keep=api.world.frozen_rows
    )


@route("GET", "/containers/{id}/json")
def container(api: Api, request: Request, ref: str) -> Answer:
    """One container in full."""
    return answer(api.world.find_container(api.host, ref))


@route("GET", "/containers/{id}/top")
def top(api: Api, request: Request, ref: str) -> Answer:
    """Its processes. Raises ``Problem`` 409 where it does not run."""
    box = api.world.find_container(api.host, ref)
    if not box["State"]["Running"]:
        raise Problem(409, f"container {box['Id']} is not running")
    profile = profile_of(box["Config"]["Image"])
    pid = box["State"]["Pid"]
    first = " ".join([box["Path"], *box["Args"]])
    table = [(profile.user, str(pid), "0", first)]
    table += [(user, str(pid + 17 + n), str(pid), command) for n, (user, command) in enumerate(profile.processes)]
    return answer(
        {
            "Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
            "Processes": [[u, p, pp, "0", "14:00", "?", "00:00:03", c] for u, p, pp, c in table],
        }
    )


@route("GET", "/containers/{id}/changes")
def changes(api: Api, request: Request, ref: str) -> Answer:
    """Files that differ from the image."""
    api.world.find_container(api.host, ref)
    return answer([{"Path": "/tmp", "Kind": 0}])


@route("GET", "/networks")
def networks(api: Api, request: Request) -> Answer:
    """Networks of this machine and, on a node of a Swarm, those of the Swarm that it knows."""
    world, host = api.world, api.host
    known = [*host.networks.values(), *_swarm_networks(api)]
    fits = matcher(request.filters(), network_tests())
    return rows(world, "network", filter(fits, known), lambda n: n["Id"], network_row)


def _swarm_networks(api: Api) -> list[dict[str, object]]:
    """A manager knows all; a worker only those that one of its tasks is on, and the one of published ports."""
    world, host = api.world, api.host
    node = world.nodes.get(host.node_id)
    if node is None:
        return []
    if node["Spec"]["Role"] == "manager":
        return list(world.networks.values())
    return [n for key, n in world.networks.items() if n["Ingress"] or (key, host.name) in world.balancers]


@route("GET", "/networks/{id}")
def network(api: Api, request: Request, ref: str) -> Answer:
    """One network with the endpoints of this machine."""
    found = api.world.find_network(api.host, ref)
    return answer(network_inspect(api.world, api.host, found, verbose=request.flag("verbose")))


@route("GET", "/volumes")
def volumes(api: Api, request: Request) -> Answer:
    """Volumes of this machine."""
    used = {m.get("Name") for c in api.host.containers.values() for m in c["Mounts"]}
    fits = matcher(
        request.filters(),
        {
            "name": lambda v, w: w in v["Name"],
            "driver": lambda v, w: v["Driver"] == w,
            "label": lambda v, w: label(v["Labels"], w),
            "dangling": lambda v, w: (v["Name"] not in used) == (w in ("true", "1")),
        },
    )
    found = [v for v in api.host.volumes.values() if fits(v)]
    return answer({"Volumes": found or None, "Warnings": None})


@route("GET", "/volumes/{name}")
def volume(api: Api, request: Request, ref: str) -> Answer:
    """One volume."""
    if ref not in api.host.volumes:
        raise Problem(404, f"get {ref}: no such volume")
    return answer(api.host.volumes[ref])


@route("GET", "/images/json")
def images(api: Api, request: Request) -> Answer:
    """Images of this machine."""
    fits = matcher(
        request.filters(),
        {
            "reference": lambda i, w: any(t == w or t.partition(":")[0] == w for t in i["RepoTags"]),
            "dangling": lambda i, w: (not i["RepoTags"]) == (w in ("true", "1")),
            "label": lambda i, w: label(i["Labels"], w),
        },
    )
    return rows(api.world, "image", filter(fits, api.host.images.values()), lambda i: i["Id"])


@route("GET", "/images/{image}/json")
def image(api: Api, request: Request, ref: str) -> Answer:
    """One image in full."""
    for found in api.host.images.values():
        tags = found["RepoTags"]
        if found["Id"] == ref or ref in tags or f"{ref}:latest" in tags or found["Id"].startswith(f"sha256:{ref}"):
            profile = profile_of(tags[0] if tags else "")
            config = {"User": profile.user, "WorkingDir": profile.workdir, "Cmd": list(profile.command)}
            return answer({**found, "Os": "linux", "Architecture": "amd64", "Config": config})
    raise Problem(404, f"No such image: {ref}")
