"""The ``filters`` of listings: values of one key are alternatives, keys add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backends.fake.bus import Obj
from backends.fake.http import Problem
from backends.fake.specs import same
from backends.fake.world import Host, World, swarm_name

Filters = Mapping[str, list[str]]
Test = Callable[[Obj, str], bool]


def label(labels: Mapping[str, str] | None, wanted: str) -> bool:
    """Whether labels have ``key`` or ``key=value``."""
    key, equals, value = wanted.partition("=")
    found = (labels or {}).get(key)
    return found is not None and (not equals or found == value)


def _head(text: str, wanted: str) -> bool:
    return text.startswith(wanted)


def matcher(given: Filters, tests: Mapping[str, Test]) -> Callable[[Obj], bool]:
    """A test for all of ``given``; raises ``Problem`` 400 for a filter the engine does not have here."""
    for key in given:
        if key not in tests:
            raise Problem(400, f"invalid filter '{key}'")

    def matches(thing: Obj) -> bool:
        # every one of several labels must be there; of anything else one of the values is enough
        return all(
            (all if key == "label" else any)(tests[key](thing, value) for value in values)
            for key, values in given.items()
            if values
        )

    return matches


def service_tests(world: World) -> dict[str, Test]:
    """For ``GET /services``."""
    modes = {
        "replicated": "Replicated",
        "global": "Global",
        "replicated-job": "ReplicatedJob",
        "global-job": "GlobalJob",
    }
    return {
        "id": lambda s, v: _head(s["ID"], v),
        "name": lambda s, v: _head(s["Spec"]["Name"], v),
        "label": lambda s, v: label(s["Spec"]["Labels"], v),
        "mode": lambda s, v: modes.get(v, "") in s["Spec"]["Mode"],
        "runtime": lambda s, v: v == "container",
    }


def task_tests(world: World) -> dict[str, Test]:
    """For ``GET /tasks``; services and nodes by ID."""
    return {
        "id": lambda t, v: _head(t["ID"], v),
        "name": lambda t, v: _head(_task_label(world, t), v),
        "service": lambda t, v: t.get("ServiceID") == v,
        "node": lambda t, v: t.get("NodeID") == v,
        "desired-state": lambda t, v: t["DesiredState"] == v,
        "label": lambda t, v: label(t.get("Labels"), v),
        "_up-to-date": lambda t, v: up_to_date(world, t) == (v == "true"),
        "runtime": lambda t, v: t["Spec"].get("Runtime", "container") == v,
    }


def up_to_date(world: World, task: Obj) -> bool:
    """Whether a task runs what its service says now."""
    service = world.services.get(task.get("ServiceID", ""))
    return service is not None and same(service["Spec"]["TaskTemplate"], task["Spec"])


def _task_label(world: World, task: Obj) -> str:
    service = world.services.get(task.get("ServiceID", ""))
    return f"{service['Spec']['Name']}.{task.get('Slot', '')}" if service else ""


def container_tests(world: World, host: Host) -> dict[str, Test]:
    """For ``GET /containers/json``."""

    def on_network(box: Obj, ref: str) -> bool:
        return any(n == ref or e["NetworkID"].startswith(ref) for n, e in box["NetworkSettings"]["Networks"].items())

    return {
        "id": lambda c, v: _head(c["Id"], v),
        "name": lambda c, v: v.removeprefix("/") in c["Name"],
        "label": lambda c, v: label(c["Config"]["Labels"], v),
        "status": lambda c, v: c["State"]["Status"] == v,
        "health": lambda c, v: (c["State"].get("Health") or {"Status": "none"})["Status"] == v,
        "network": on_network,
        "volume": lambda c, v: any(v in (m.get("Name"), m["Destination"]) for m in c["Mounts"]),
        "ancestor": lambda c, v: c["Config"]["Image"] == v or c["Image"].startswith(v),
        "is-task": lambda c, v: ("com.docker.swarm.task.id" in c["Config"]["Labels"]) == (v in ("true", "1")),
    }


def network_tests() -> dict[str, Test]:
    """For ``GET /networks``."""
    builtin = ("bridge", "host", "none", "ingress", "docker_gwbridge")
    return {
        "id": lambda n, v: _head(n["Id"], v),
        "name": lambda n, v: v in n["Name"],
        "driver": lambda n, v: n["Driver"] == v,
        "scope": lambda n, v: n["Scope"] == v,
        "type": lambda n, v: (n["Name"] in builtin) == (v == "builtin"),
        "label": lambda n, v: label(n["Labels"], v),
    }


def stored_tests(kind: str) -> dict[str, Test]:
    """For ``GET /nodes``, ``/configs`` and ``/secrets``."""
    tests: dict[str, Test] = {
        "id": lambda o, v: _head(o["ID"], v),
        "name": lambda o, v: _head(swarm_name(kind, o), v),
        "label": lambda o, v: label(o["Spec"].get("Labels"), v),
        "names": lambda o, v: swarm_name(kind, o) == v,
    }
    if kind == "node":
        tests |= {
            "role": lambda o, v: o["Spec"]["Role"] == v,
            "membership": lambda o, v: v == "accepted",
            "node.label": lambda o, v: label(o["Spec"].get("Labels"), v),
        }
    return tests


def event_matches(given: Filters, event: Obj) -> bool:
    """For ``GET /events``."""
    actor = event["Actor"]
    attributes = actor["Attributes"]

    def named(value: str) -> bool:
        return bool(actor["ID"].startswith(value) or attributes.get("name") == value)

    for key, values in given.items():
        if not values:
            continue
        if key == "type":
            fits = event["Type"] in values
        elif key == "event":
            fits = any(event["Action"] == v or event["Action"].startswith(f"{v}:") for v in values)
        elif key == "scope":
            fits = event["scope"] in values
        elif key == "label":
            fits = all(label(attributes, v) for v in values)
        elif key == "image":
            fits = attributes.get("image") in values
        elif key in ("container", "service", "network", "node", "volume", "config", "secret", "daemon", "plugin"):
            fits = event["Type"] == key and any(named(v) for v in values)
        else:
            raise Problem(400, f"invalid filter '{key}'")
        if not fits:
            return False
    return True
