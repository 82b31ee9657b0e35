"""A write whose answer was lost is looked for; it is never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from backends.api import Json
from backends.change.part import reach
from backends.change.restarts import changes
from backends.change.steps import Lookup, Step, Target, filters, query, segment
from backends.errors import ApiError, BackendError, NotFound
from backends.state.clock import Clock


class Seen(StrEnum):
    """What was found of it."""

    DONE = "done"
    NOT_YET = "not yet"
    """As of now nothing was done; the engine may still be at it."""
    UNSURE = "unsure"


#: Waits between looks, in seconds: about half a minute in all.
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
#: Seconds after which nothing more is looked at where each look hangs, too.
_LIMIT = 35.0
Reconnect = Callable[[], Awaitable[None]]


async def settle(step: Step, target: Target | None, engine: Lookup, reconnect: Reconnect, clock: Clock) -> Seen:
    """Looks for the effect of a write until it is seen, or for half a minute."""
    seen = [Seen.UNSURE]
    try:
        async with asyncio.timeout(_LIMIT):
            await _until_seen(step, target, engine, reconnect, clock, seen)
    except TimeoutError:
        pass
    return seen[-1]


async def _until_seen(
    step: Step, target: Target | None, engine: Lookup, reconnect: Reconnect, clock: Clock, seen: list[Seen]
) -> None:
    for pause in _PAUSES:
        try:
            seen.append(await _look(step, target, engine))
            if seen[-1] is Seen.DONE:
                return
        except BackendError:
            try:
                await reconnect()
            except BackendError:
                pass
        await clock.sleep(pause)


async def made(step: Step, engine: Lookup) -> Json:
    """What the answer to a write that was found done would have told: the ID of a service that was made."""
    name = step.body.get("Name") if isinstance(step.body, dict) else None
    if step.path != "/services/create" or not isinstance(name, str):
        return None
    try:
        found = await engine.call("GET", f"/services/{segment(name)}{query(insertDefaults='false')}")
    except BackendError:
        return None
    return {"ID": str(_dict(found).get("ID", ""))}


async def _look(step: Step, target: Target | None, engine: Lookup) -> Seen:
    path = step.path.partition("?")[0]
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if step.method == "DELETE":
        return await _gone(path, engine)
    if target is not None:
        return await _replaced(target, engine)
    if parts[0] == "swarm":
        return await _membership(parts[-1], engine)
    body: dict[str, Any] = step.body if isinstance(step.body, dict) else {}
    name = str(body.get("Name", ""))
    if parts[-1] == "create" and not name:
        return Seen.UNSURE
    if parts == ["services", "create"]:
        return await _service(name, body, engine)
    if parts[-1] == "create" and parts[0] in ("secrets", "configs"):
        listed = await engine.call("GET", f"/{parts[0]}{query(filters=filters(name=[name]))}")
        entries = listed if isinstance(listed, list) else []
        return Seen.DONE if any(reach(_dict(e), "Spec", "Name") == name for e in entries) else Seen.NOT_YET
    if parts == ["networks", "create"]:
        return Seen.DONE if await _there(f"/networks/{segment(name)}", engine) else Seen.NOT_YET
    if parts[0] == "networks" and parts[-1] in ("connect", "disconnect"):
        return await _membership_of(parts[1], str(body.get("Container", "")), parts[-1] == "connect", engine)
    return Seen.UNSURE


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


async def _there(path: str, engine: Lookup) -> Any:
    try:
        return await engine.call("GET", path)
    except NotFound:
        return None


async def _gone(path: str, engine: Lookup) -> Seen:
    return Seen.NOT_YET if await _there(path, engine) is not None else Seen.DONE


async def _service(name: str, body: dict[str, Any], engine: Lookup) -> Seen:
    found = await _there(f"/services/{segment(name)}{query(insertDefaults='false')}", engine)
    if found is None:
        return Seen.NOT_YET
    # The engine adds fields of its own; what was sent must be there.
    missing = [change for change in changes(body, _dict(_dict(found).get("Spec"))) if change.before is not None]
    return Seen.UNSURE if missing else Seen.DONE


async def _replaced(target: Target, engine: Lookup) -> Seen:
    paths = {
        "service": f"/services/{segment(target.id)}{query(insertDefaults='false')}",
        "node": f"/nodes/{segment(target.id)}",
        "swarm": "/swarm",
    }
    found = _dict(await engine.call("GET", paths[target.kind]))
    if reach(found, "Version", "Index") == target.version:
        return Seen.NOT_YET
    return Seen.DONE if found.get("Spec") == target.after else Seen.UNSURE


async def _membership(verb: str, engine: Lookup) -> Seen:
    state = reach(_dict(await engine.call("GET", "/info")), "Swarm", "LocalNodeState")
    if verb in ("init", "join"):
        return {"active": Seen.DONE, "inactive": Seen.NOT_YET}.get(str(state), Seen.UNSURE)
    if verb == "leave":
        return Seen.DONE if state == "inactive" else Seen.NOT_YET
    return Seen.NOT_YET if state == "locked" else Seen.DONE


async def _membership_of(network: str, container: str, wanted: bool, engine: Lookup) -> Seen:
    try:
        found = _dict(await engine.call("GET", f"/containers/{segment(container)}/json"))
    except ApiError:
        return Seen.UNSURE
    networks = _dict(reach(found, "NetworkSettings", "Networks"))
    ids = {str(_dict(endpoint).get("NetworkID", "")) for endpoint in networks.values()}
    there = network in networks or any(id.startswith(network) for id in ids if id)
    return Seen.DONE if there is wanted else Seen.NOT_YET
