"""Where the simulated scheduler may put a task, and its words where it may not."""

from __future__ import annotations

import re

from backends.fake.bus import Obj
from backends.fake.world import World

_CONSTRAINT = re.compile(r"^\s*([\w.\-]+)\s*(==|!=)\s*(.+?)\s*$")


def satisfies(node: Obj, constraint: str) -> bool:
    """Whether a node fits one constraint; an unknown key fits nothing, as in swarmkit."""
    found = _CONSTRAINT.match(constraint)
    if not found:
        return False
    key, operator, wanted = found.groups()
    if key.startswith("node.labels."):
        actual: str = node["Spec"]["Labels"].get(key.removeprefix("node.labels."), "")
    elif key.startswith("engine.labels."):
        actual = (node["Description"]["Engine"].get("Labels") or {}).get(key.removeprefix("engine.labels."), "")
    else:
        known = {
            "node.id": node["ID"],
            "node.hostname": node["Description"]["Hostname"],
            "node.role": node["Spec"]["Role"],
            "node.platform.os": node["Description"]["Platform"]["OS"],
            "node.platform.arch": node["Description"]["Platform"]["Architecture"],
        }
        if key not in known:
            return False
        actual = known[key]
    return (actual.lower() == wanted.lower()) == (operator == "==")


def available(node: Obj) -> bool:
    """Whether a node takes new tasks at all."""
    return bool(node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active")


def candidates(world: World, task: Obj) -> list[Obj]:
    """The nodes that may run a task, those with the fewest tasks of its service, then of any, first."""
    constraints = task["Spec"].get("Placement", {}).get("Constraints") or ()
    fit = [n for n in world.nodes.values() if available(n) and all(satisfies(n, c) for c in constraints)]
    active = [t for t in world.tasks.values() if t["DesiredState"] in ("running", "ready") and t is not task]

    def load(node: Obj) -> tuple[int, int]:
        here = [t for t in active if t.get("NodeID") == node["ID"]]
        return sum(t.get("ServiceID") == task["ServiceID"] for t in here), len(here)

    limit = task["Spec"].get("Placement", {}).get("MaxReplicas") or 0
    return sorted((n for n in fit if not limit or load(n)[0] < limit), key=load)


def refusal(world: World, task: Obj) -> str:
    """Why there is no node, in swarmkit's words (``manager/scheduler/pipeline.go``)."""
    constraints = task["Spec"].get("Placement", {}).get("Constraints") or ()
    nodes = list(world.nodes.values())
    unavailable = sum(not available(n) for n in nodes)
    unfit = sum(available(n) and not all(satisfies(n, c) for c in constraints) for n in nodes)
    limited = len(nodes) - unavailable - unfit
    parts = []
    if unfit:
        parts.append(f"scheduling constraints not satisfied on {unfit} node{'s' * (unfit > 1)}")
    if limited:
        parts.append(f"max replicas per node limit exceed on {limited} node{'s' * (limited > 1)}")
    if unavailable:
        parts.append(f"{unavailable} node{'s' * (unavailable > 1)} not available for new tasks")
    return f"no suitable node ({'; '.join(parts)})"
