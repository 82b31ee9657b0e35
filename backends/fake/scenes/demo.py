"""The demo: the swarm of the design's screens, as it was at 14:32:07, and what had happened before."""

from __future__ import annotations

from typing import Any

from backends.fake import script
from backends.fake.scenario import Scene
from backends.fake.scenes.demo_ground import lay
from backends.fake.scenes.demo_services import PERMISSION_DENIED, pinned, raise_services
from backends.fake.scenes.demo_tasks import named, populate
from backends.fake.world import World
from backends.wire import rfc3339


def scene(world: World, *, living: bool) -> Scene:
    """The demo's world; ``living`` lets things go on happening in it."""
    lay(world)
    raise_services(world)
    populate(world)
    world.failing = [("shop/worker:1.10", 126, PERMISSION_DENIED)]
    _history(world)
    result = Scene(world, "manager-1")
    if living:
        script.begin(result)
    return result


def _history(world: World) -> None:
    """The last half hour, in the rings of the engines that told it; seconds before 14:32:07."""

    def node(ago: float, name: str, **told: str) -> None:
        world.tell_past("node", "update", world.hosts[name].node_id, ago, {"name": name, **_dotted(told)})

    def service(ago: float, name: str, **told: str) -> None:
        world.tell_past("service", "update", named(world, name)["ID"], ago, {"name": name, **_dotted(told)})

    secret = next(s for s in world.secrets.values() if s["Spec"]["Name"] == "shop_db_v4")
    past: list[tuple[float, Any]] = [
        (1813.0, lambda a: node(a, "manager-3", reachability_old="reachable", reachability_new="unreachable")),
        (1801.0, lambda a: node(a, "manager-3", reachability_old="unreachable", reachability_new="reachable")),
        (1260.0, lambda a: node(a, "manager-2")),
        (669.0, lambda a: world.tell_past("secret", "create", secret["ID"], a, {"name": "shop_db_v4"})),
        (
            665.0,
            lambda a: service(
                a, "shop_worker", image_old=pinned("shop/worker:1.9"), image_new=pinned("shop/worker:1.10")
            ),
        ),
        (665.0, lambda a: service(a, "shop_worker", updatestate_new="updating")),
        (600.0, lambda a: service(a, "shop_worker", updatestate_old="updating", updatestate_new="completed")),
        (386.0, lambda a: node(a, "worker-5", state_old="ready", state_new="unknown")),
        (364.0, lambda a: node(a, "worker-5", state_old="unknown", state_new="down")),
        (
            43.0,
            lambda a: service(a, "shop_api", image_old=pinned("shop/api:2.8.0"), image_new=pinned("shop/api:2.8.1")),
        ),
        (43.0, lambda a: service(a, "shop_api", updatestate_old="completed", updatestate_new="updating")),
    ]
    for ago, tell in past:
        tell(ago)
    _container_history(world)


def _dotted(told: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "."): value for key, value in told.items()}


def _container_history(world: World) -> None:
    """What containers did, from when they were made and when they ended, on each machine in order."""
    now = world.now()
    for host in world.hosts.values():
        found: list[tuple[float, str, dict[str, Any], dict[str, str]]] = []
        for box in host.containers.values():
            state = box["State"]
            started = rfc3339.parse(state["StartedAt"]) or 0.0
            ended = rfc3339.parse(state["FinishedAt"]) or 0.0
            if now - started < 1900:
                found.append((now - started, "start", box, {}))
            if ended and now - ended < 1900:
                found.append((now - ended, "die", box, {"exitCode": str(state["ExitCode"])}))
            if "Health" in state and now - started < 1900 and state["Running"]:
                found.append((now - started - 3.0, "health_status: healthy", box, {}))
        for ago, action, box, more in sorted(found, key=lambda f: -f[0]):
            world.tell_past_container(host, box, action, max(0.5, ago), more)
