"""A service of four replicas in the middle of its rollout, as the lab showed one."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from backends.model import Kind, RolloutConfig, Service, Snapshot, Task, UpdateStatus
from tests.unit.change_world import by_id, node

#: 2023-11-24 14:32:07 UTC.
NOW = 1700836327.0
STARTED = NOW - 43.0
REJECTED = "No such image: shop/api:2"
POLICY = RolloutConfig(parallelism=1, delay=1.0, failure_action="rollback", monitor=5.0, max_failure_ratio=0.3)


def task(id: str, slot: int, image: str = "shop/api:1", state: str = "running", where: str = "w1", **more: Any) -> Task:
    """One task; of image 1 it is old, of image 2 made by the rollout."""
    new = image.endswith("2")
    known: dict[str, Any] = {
        "desired_state": "shutdown" if state in ("failed", "rejected", "shutdown") else "running",
        "created": STARTED + slot if new else NOW - 90_000,
        "since": STARTED + slot + 2 if new else NOW - 89_990,
        "error": REJECTED if state == "rejected" else "",
    }
    return Task(id=id, service_id="s-api", slot=slot, node_id=where, image=image, state=state, **{**known, **more})


def old(slot: int, **more: Any) -> Task:
    """Slot's task of before."""
    return task(f"old{slot}", slot, **more)


def new(slot: int, state: str = "running", number: int = 0, **more: Any) -> Task:
    """Slot's task of the rollout; ``number`` counts tries."""
    made = {"created": STARTED + slot + 3 * number, "since": STARTED + slot + 3 * number + 2}
    return task(f"new{slot}-{number}", slot, "shop/api:2", state, **{**made, **more})


def gone(slot: int) -> Task:
    """Slot's task of before, replaced."""
    return task(f"old{slot}", slot, state="shutdown", since=STARTED + slot)


def world(*tasks: Task, state: str = "updating", message: str = "", **service: Any) -> Snapshot:
    """The service with these tasks; ``state`` empty is a service that was changed without a rollout."""
    ended = NOW - 3.0 if state.endswith("completed") or state.endswith("paused") else None
    status = UpdateStatus(state=state, message=message, started=STARTED, completed=ended) if state else None
    known: dict[str, Any] = {
        "image": "shop/api:2",
        "previous_image": "shop/api:1",
        "replicas": 4,
        "running": 4,
        "desired": 4,
        "has_counts": True,
        "update": status,
        "update_config": POLICY,
        "created": NOW - 100_000,
        "updated": NOW - 1.0,
    }
    api = Service(id="s-api", name="api", **{**known, **service})
    nodes = by_id(node("m1", manager=True, leader=True), node("w1"), node("w2"))
    return Snapshot(
        taken=NOW,
        nodes=nodes,
        services=by_id(api),
        tasks=by_id(*tasks),
        listed=MappingProxyType(dict.fromkeys((Kind.NODE, Kind.SERVICE, Kind.TASK), NOW)),
    )


def unread(snapshot: Snapshot) -> Snapshot:
    """The same before its tasks were read."""
    listed: dict[Kind, float] = {kind: at for kind, at in snapshot.listed.items() if kind is not Kind.TASK}
    return replace(snapshot, tasks=MappingProxyType({}), listed=MappingProxyType(listed))


def midway() -> Snapshot:
    """Slot 1 is new, slot 2 is tried again after a failure, 3 and 4 wait."""
    return world(gone(1), new(1), gone(2), new(2, "rejected"), new(2, "preparing", 1), old(3), old(4))


def rolled_back() -> Snapshot:
    """Slots 1 and 2 failed and are back on image 1."""
    back = (
        task("back1", 1, created=NOW - 30, since=NOW - 28),
        task("back2", 2, created=NOW - 30, since=NOW - 27, where="w2"),
    )
    return world(
        gone(1),
        new(1, "rejected"),
        gone(2),
        new(2, "rejected"),
        *back,
        old(3),
        old(4),
        state="rollback_completed",
        message="rollback completed",
        image="shop/api:1",
        previous_image="",
    )
