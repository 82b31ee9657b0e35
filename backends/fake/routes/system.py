"""The engine itself: ``/_ping``, ``/version``, ``/info``, ``/system/df``."""

from __future__ import annotations

from backends.fake.api import Api, route
from backends.fake.http import Answer, Request, answer
from backends.fake.make.node import engine_info, engine_version
from backends.fake.rows import container_row


@route("GET", "/_ping")
def ping(api: Api, request: Request) -> Answer:
    """Says ``OK``, with the API version in a header that the server adds to all answers."""
    node = api.world.nodes.get(api.host.node_id)
    state = "inactive" if node is None else f"active/{node['Spec']['Role']}"
    headers = {"Builder-Version": "2", "Cache-Control": "no-cache, no-store, must-revalidate", "Swarm": state}
    return Answer(200, b"OK", "text/plain; charset=utf-8", headers)


@route("GET", "/version")
def version(api: Api, request: Request) -> Answer:
    """Versions of the engine and its parts."""
    return answer(engine_version(api.host))


@route("GET", "/info")
def info(api: Api, request: Request) -> Answer:
    """What ``docker info`` shows of the server."""
    return answer(engine_info(api.world, api.host))


@route("GET", "/system/df")
def disk(api: Api, request: Request) -> Answer:
    """What takes up space."""
    images = list(api.host.images.values())
    sizes = {"UsageData": {"Size": 48 << 20, "RefCount": 1}}
    return answer(
        {
            "LayersSize": sum(i["Size"] for i in images),
            "Images": images,
            "Containers": [{**container_row(c, api.world.now()), "SizeRw": 4096} for c in api.host.containers.values()],
            "Volumes": [{**v, **sizes} for v in api.host.volumes.values()],
            "BuildCache": [],
        }
    )
