"""Not the Engine's: how a bench or a test in another process steers the simulation, below ``/_fake/``."""

from __future__ import annotations

from backends.fake import boxes, guests
from backends.fake.api import Api, route
from backends.fake.http import Answer, Problem, Request, answer


@route("GET", "/_fake/counters")
def counters(api: Api, request: Request) -> Answer:
    """Requests and bytes by path since the start or the last reset."""
    return answer({"requests": api.counters.requests, "bytes": api.counters.bytes})


@route("POST", "/_fake/reset")
def reset(api: Api, request: Request) -> Answer:
    """Sets the counters to nothing."""
    api.counters.reset()
    return Answer(204)


@route("POST", "/_fake/rate")
def rate(api: Api, request: Request) -> Answer:
    """Events a second of a synthetic world: ``?r=``."""
    api.world.event_rate = float(request.query.get("r", "0"))
    return Answer(204)


@route("POST", "/_fake/flood")
def flood(api: Api, request: Request) -> Answer:
    """Lines a second of followed logs: ``?lines=``, 0 for their own pace."""
    api.flood.rate = float(request.query.get("lines", "0"))
    return Answer(204)


@route("GET", "/_fake/flood")
def flooded(api: Api, request: Request) -> Answer:
    """How many lines a flood has sent so far."""
    return answer(api.flood.sent)


@route("POST", "/_fake/flip")
def flip(api: Api, request: Request) -> Answer:
    """One container changes its state now: ``?container=``; the time between this and the screen is the delay."""
    box = api.world.find_container(api.host, request.query.get("container", ""))
    if box["State"]["Running"]:
        boxes.die(api.world, api.host, box, 0)
    else:
        boxes.start(api.world, api.host, box)
    return answer({"State": box["State"]["Status"]})


@route("POST", "/_fake/scale")
def scale(api: Api, request: Request) -> Answer:
    """``?service=&replicas=``, as ``docker service scale`` does."""
    found = api.world.find("service", request.query.get("service", ""))
    if "Replicated" not in found["Spec"]["Mode"]:
        raise Problem(400, "scale can only be used with replicated or replicated-job mode")
    api.orchestrator.scale(found, int(request.query.get("replicas", "1")))
    return Answer(204)


@route("POST", "/_fake/machine")
async def machine(api: Api, request: Request) -> Answer:
    """A machine outside of the Swarm, with an engine of its own: ``?name=&address=``; made where it is not there."""
    name, address = request.query.get("name", ""), request.query.get("address", "")
    if not name:
        raise Problem(400, "a machine needs a name")
    return answer({"socket": await guests.engine_of(api, name, address)})
