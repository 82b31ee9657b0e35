"""What a manager tells of the Swarm."""

from __future__ import annotations

import copy

from backends.fake.api import Api, route
from backends.fake.filters import matcher, service_tests, stored_tests, task_tests
from backends.fake.http import Answer, Problem, Request, answer
from backends.fake.ids import hex_id
from backends.fake.listing import rows
from backends.fake.rows import service_row


@route("GET", "/swarm")
def swarm(api: Api, request: Request) -> Answer:
    """The Swarm's settings."""
    api.need_manager()
    return answer(api.world.cluster)


@route("GET", "/swarm/unlockkey")
def unlock_key(api: Api, request: Request) -> Answer:
    """The key that a locked manager asks for."""
    api.need_manager()
    return answer({"UnlockKey": api.world.unlock_key})


@route("GET", "/nodes")
def nodes(api: Api, request: Request) -> Answer:
    """All nodes."""
    api.need_manager()
    fits = matcher(request.filters(), stored_tests("node"))
    return rows(api.world, "node", filter(fits, api.world.nodes.values()), lambda n: n["ID"])


@route("GET", "/nodes/{id}")
def node(api: Api, request: Request, ref: str) -> Answer:
    """One node; ``self`` is the one that is asked."""
    api.need_manager()
    return answer(api.world.find("node", api.host.node_id if ref == "self" else ref))


@route("GET", "/services")
def services(api: Api, request: Request) -> Answer:
    """All services, with counts of tasks where asked for."""
    api.need_manager()
    world = api.world
    counts = request.flag("status")
    fits = matcher(request.filters(), service_tests(world))
    found = filter(fits, world.services.values())
    kind = "counts" if counts else "service"
    return rows(world, kind, found, lambda s: s["ID"], lambda s: service_row(world, s, counts=counts))


@route("GET", "/services/{id}")
def service(api: Api, request: Request, ref: str) -> Answer:
    """One service; ``insertDefaults`` fills in what its spec leaves out."""
    api.need_manager()
    found = api.world.find("service", ref)
    if request.flag("insertDefaults"):
        found = copy.deepcopy(found)
        task = found["Spec"]["TaskTemplate"]
        task["ContainerSpec"].setdefault("StopGracePeriod", 10_000_000_000)
        task.setdefault("RestartPolicy", {"Condition": "any", "Delay": 5_000_000_000, "MaxAttempts": 0})
        task.setdefault("Placement", {})
    return answer(found)


@route("GET", "/tasks")
def tasks(api: Api, request: Request) -> Answer:
    """All tasks, past ones too; raises ``Problem`` 404 for a service or node that is not there."""
    api.need_manager()
    world = api.world
    given = dict(request.filters())
    tests = task_tests(world)
    # moby daemon/cluster/tasks.go: without this filter, attachments of containers are not told
    given.setdefault("runtime", ["container"])
    for kind in ("service", "node"):
        if kind in given:
            given[kind] = [world.find(kind, ref)["ID"] for ref in given[kind]]
    named = given.get("service", [])
    if len(named) == 1:
        found = world.tasks_of(named[0])
        given.pop("service")
    else:
        found = list(world.tasks.values())
    return rows(world, "task", filter(matcher(given, tests), found), lambda t: t["ID"])


@route("GET", "/tasks/{id}")
def task(api: Api, request: Request, ref: str) -> Answer:
    """One task."""
    api.need_manager()
    return answer(api.world.find("task", ref))


@route("GET", "/configs")
def configs(api: Api, request: Request) -> Answer:
    """All configs."""
    api.need_manager()
    fits = matcher(request.filters(), stored_tests("config"))
    return rows(api.world, "config", filter(fits, api.world.configs.values()), lambda c: c["ID"])


@route("GET", "/configs/{id}")
def config(api: Api, request: Request, ref: str) -> Answer:
    """One config with its data."""
    api.need_manager()
    return answer(api.world.find("config", ref))


@route("GET", "/secrets")
def secrets(api: Api, request: Request) -> Answer:
    """All secrets."""
    api.need_manager()
    fits = matcher(request.filters(), stored_tests("secret"))
    return rows(api.world, "secret", filter(fits, api.world.secrets.values()), lambda s: s["ID"])


@route("GET", "/secrets/{id}")
def secret(api: Api, request: Request, ref: str) -> Answer:
    """One secret, without its data."""
    api.need_manager()
    return answer(api.world.find("secret", ref))


@route("GET", "/distribution/{image}/json")
def distribution(api: Api, request: Request, image: str) -> Answer:
    """Asks the registry, which here knows everything but ``nosuch``."""
    if "nosuch" in image:
        raise Problem(404, f"manifest unknown: {image}")
    return answer(
        {
            "Descriptor": {
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "digest": f"sha256:{hex_id(f'digest/{image}')}",
                "size": 1862,
            },
            "Platforms": [{"architecture": "amd64", "os": "linux"}],
        }
    )
