"""From the answer to a write until what it asks for is so: services run, nodes are empty, managers are reachable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from backends.api import Json
from backends.change import requests
from backends.change.part import Spec, reach
from backends.change.steps import Compiled, Lookup, filters, query, segment
from backends.changing.journal import Ending
from backends.changing.plan_service import restarts
from backends.changing.rollout import Goal, Judged, Progress, judge
from backends.changing.sending import Sent
from backends.errors import BackendError, NotFound

#: Seconds between two looks: two requests each, where the docker CLI makes some fifteen a second.
PACE = 0.7
#: Seconds for which all has to run before it counts as converged, as with the docker CLI.
STABLE = 5.0
#: Seconds that the engine is given to begin an update.
BEGINS = 2.0
#: Seconds for which a task may wait for a node before that is said to be a failure.
WAITS = 15.0
#: Seconds without any answer after which how it stands is not known any more.
SILENT = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a change ended. ``seconds`` is until all ran, without the time in which that was watched."""

    ending: Ending
    text: str = ""
    seconds: float = 0.0
    hint: str = ""


Tell = Callable[[str], None]
"""Hears how it stands, as a sentence part, when that has changed."""


@dataclass(frozen=True, slots=True)
class Times:
    """Clock and sleep, given from outside in tests."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def before(compiled: Compiled, engine: Lookup) -> frozenset[str]:
    """Ids of the tasks of all services that it changes, as they were before: their failures are not ours."""
    ids = [target.id for target in compiled.targets if target.kind == "service"]
    found: set[str] = set()
    for id in ids:
        try:
            found |= {str(task.get("ID")) for task in await _tasks(engine, id)}
        except BackendError:
            continue
    return frozenset(found)


async def converge(
    sent: Sent, known: frozenset[str], engine: Lookup, tell: Tell, times: Times | None = None
) -> Outcome:
    """Waits until what was taken is so, or is known not to become so. Never raises ``BackendError``."""
    times = times or Times()
    started = times.now()
    compiled = sent.compiled
    goals = tuple(_goals(sent, known))
    last = started
    for goal in goals:
        outcome, at = await _service(goal, engine, tell, times, started)
        if outcome is not None:
            return outcome
        last = max(last, at)
    for target in compiled.targets:
        if target.kind == "node":
            outcome = await _node(target.id, target.name, compiled, engine, tell, times)
            if outcome is not None:
                return outcome
            last = max(last, times.now())
    return Outcome(Ending.DONE, "", last - started)


def _goals(sent: Sent, known: frozenset[str]) -> Iterable[Goal]:
    request = sent.compiled.request
    if isinstance(request, requests.ServiceCreate):
        answer = sent.answers[0] if sent.answers else None
        id = str(answer.get("ID", "")) if isinstance(answer, dict) else request.options.text("name")
        if id:
            yield Goal(id, rolls=False)
        return
    back = isinstance(request, requests.ServiceRollback) or request.options.flag("rollback")
    for target in sent.compiled.targets:
        if target.kind == "service" and isinstance(target.before, dict) and isinstance(target.after, dict):
            yield Goal(target.id, rolls=back or restarts(target.before, target.after), back=back, known=known)


async def _service(
    goal: Goal, engine: Lookup, tell: Tell, times: Times, started: float
) -> tuple[Outcome | None, float]:
    """``None`` and when it was full, or why it will not be."""
    full: float | None = None
    waiting: float | None = None
    heard = times.now()
    said = ""
    while True:
        now = times.now()
        try:
            service = await engine.call("GET", f"/services/{segment(goal.service_id)}{query(insertDefaults='false')}")
            tasks = await _tasks(engine, goal.service_id)
        except NotFound:
            return Outcome(Ending.FAILING, "it was removed meanwhile", now - started), now
        except BackendError as error:
            if now - heard > SILENT:
                text = f"how it went on is not known: {error}"
                return Outcome(Ending.UNKNOWN, text, now - started, "It goes on by itself; look again later."), now
            await times.sleep(PACE)
            continue
        heard = now
        found = judge(_dict(service), tasks, goal, begun=now - started > BEGINS)
        if found.text != said:
            said = found.text
            tell(said)
        if found.progress is Progress.FAILING:
            return Outcome(Ending.FAILING, found.text, now - started), now
        waiting = (waiting if waiting is not None else now) if found.waits else None
        if waiting is not None and now - waiting > WAITS:
            return Outcome(Ending.FAILING, f"it finds no node: {found.error}", now - started), now
        full = _full_since(found, full, now)
        if full is not None and now - full >= _stable(goal, _dict(service)):
            return None, full
        await times.sleep(PACE)


def _full_since(found: Judged, full: float | None, now: float) -> float | None:
    if found.progress is not Progress.FULL:
        return None
    return now if full is None else full


def _stable(goal: Goal, service: Spec) -> float:
    """An update was watched by the Swarm itself; nothing can fail where nothing is to run."""
    replicated = reach(service, "Spec", "Mode", "Replicated")
    none = isinstance(replicated, dict) and replicated.get("Replicas") == 0
    job = reach(service, "Spec", "Mode", "ReplicatedJob") or reach(service, "Spec", "Mode", "GlobalJob") is not None
    return 0.0 if none or job or (goal.rolls and service.get("UpdateStatus")) else STABLE


async def _tasks(engine: Lookup, service_id: str) -> list[Spec]:
    found = await engine.call("GET", f"/tasks{query(filters=filters(service=[service_id]))}")
    return [task for task in found if isinstance(task, dict)] if isinstance(found, list) else []


def _dict(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


async def _node(id: str, name: str, compiled: Compiled, engine: Lookup, tell: Tell, times: Times) -> Outcome | None:
    """Waits until a node is what its spec says: empty where it is drained, a reachable manager where promoted."""
    target = next(t for t in compiled.targets if t.id == id)
    spec, old = _dict(target.after), _dict(target.before)
    started = times.now()
    said = ""
    while True:
        now = times.now()
        try:
            done, text = await _settled(id, spec, old, engine)
        except NotFound:
            return None
        except BackendError as error:
            if now - started > SILENT:
                return Outcome(Ending.UNKNOWN, f"how {name} stands is not known: {error}", now - started)
            done, text = False, ""
        if done:
            return None
        if text and text != said:
            said = text
            tell(text)
        if now - started > 2 * SILENT:
            return Outcome(Ending.FAILING, text or f"{name} did not change", now - started)
        await times.sleep(PACE)


async def _settled(id: str, spec: Spec, old: Spec, engine: Lookup) -> tuple[bool, str]:
    if spec.get("Role") != old.get("Role"):
        node = _dict(await engine.call("GET", f"/nodes/{segment(id)}"))
        status = node.get("ManagerStatus") or {}
        if spec.get("Role") == "manager":
            return status.get("Reachability") == "reachable", "is becoming a manager"
        return not status, "is becoming a worker"
    if spec.get("Availability") == "drain" and old.get("Availability") != "drain":
        found = await engine.call("GET", f"/tasks{query(filters=filters(node=[id]))}")
        tasks = [task for task in found if isinstance(task, dict)] if isinstance(found, list) else []
        left = sum(1 for t in tasks if reach(t, "Status", "State") in ("running", "starting", "preparing", "ready"))
        return left == 0, f"{left} task{'s' if left != 1 else ''} left"
    return True, ""
