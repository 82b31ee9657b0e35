"""Updates of services: slot after slot, paused, rolled back or continued on failure, as the spec says."""

from __future__ import annotations

import copy

from backends.fake.bus import Obj
from backends.fake.http import Problem
from backends.fake.orchestrator import Orchestrator
from backends.fake.specs import same


class Rollouts:
    """All updates in progress; one per service, a newer one replaces an older."""

    def __init__(self, orchestrator: Orchestrator) -> None:
        self.orchestrator = orchestrator
        self.world = orchestrator.world
        self._current: dict[str, int] = {}
        self._failures: dict[str, int] = {}

    def update(self, service: Obj, given: Obj, *, rollback: bool = False) -> None:
        """Stores ``given`` and replaces the tasks that differ from it. Raises ``Problem``."""
        if next(iter(given["Mode"])) != next(iter(service["Spec"]["Mode"])):
            raise Problem(501, "rpc error: code = Unimplemented desc = service mode change is not allowed")
        if given["Name"] != service["Spec"]["Name"]:
            raise Problem(501, "rpc error: code = Unimplemented desc = renaming services is not supported")
        differs = not same(given["TaskTemplate"], service["Spec"]["TaskTemplate"])
        told = self.orchestrator.store_spec(service, given)
        self.world.changed("service", service)
        self.world.tell_swarm("service", "update", service["ID"], told)
        self.orchestrator.sync(service)
        if differs:
            self.begin(service, rollback=rollback)

    def begin(self, service: Obj, *, rollback: bool = False, pending: list[Obj] | None = None) -> None:
        """Replaces tasks; ``pending`` are those still to be replaced, all that differ by default."""
        run = self._current[service["ID"]] = self._current.get(service["ID"], 0) + 1
        self._failures[service["ID"]] = 0
        template = service["Spec"]["TaskTemplate"]
        if pending is None:
            live = (t for t in self.world.tasks_of(service["ID"]) if t["DesiredState"] in ("running", "ready"))
            pending = sorted((t for t in live if not same(t["Spec"], template)), key=lambda t: t.get("Slot", 0))
        status = service.get("UpdateStatus") or {}
        if not status or status.get("State") not in ("updating", "rollback_started"):
            status = {"StartedAt": self.world.stamp()}
        if rollback:
            self._status(service, status, "rollback_started", "rollback in progress")
        else:
            self._status(service, status, "updating", "update in progress")
        config = service["Spec"].get("RollbackConfig" if rollback else "UpdateConfig") or {}
        width = config.get("Parallelism", 1) or len(pending) or 1
        queue = list(pending)
        for _ in range(min(width, len(queue))):
            self._next(service, queue, config, run, rollback)
        if not pending:
            self._finish(service, run, rollback)

    def _alive(self, service: Obj, run: int) -> bool:
        return service["ID"] in self.world.services and self._current.get(service["ID"]) == run

    def _status(self, service: Obj, status: Obj, state: str, message: str) -> None:
        before = (service.get("UpdateStatus") or {}).get("State", "")
        done = state in ("completed", "paused", "rollback_paused", "rollback_completed")
        service["UpdateStatus"] = {**status, "State": state, "Message": message} | (
            {"CompletedAt": self.world.stamp()} if done else {}
        )
        self.world.changed("service", service)
        if before != state:
            told = {"name": service["Spec"]["Name"], "updatestate.new": state}
            self.world.tell_swarm(
                "service", "update", service["ID"], told | ({"updatestate.old": before} if before else {})
            )

    def _next(self, service: Obj, queue: list[Obj], config: Obj, run: int, rollback: bool) -> None:
        if not self._alive(service, run):
            return
        if not queue:
            self._finish(service, run, rollback)
            return
        old = queue.pop(0)
        first = config.get("Order") == "start-first"
        node = "" if old.get("Slot") else self.orchestrator.node_of_global(old)

        def settled(task: Obj) -> None:
            if task["Status"]["State"] != "running":
                self._failed(service, task, [old, *queue] if first else queue, config, run, rollback)
                return
            if first:
                self.orchestrator.end(old)
            self.orchestrator.forget_old(service, old.get("Slot", 0))
            wait = config.get("Delay", 0) / 1e9
            self.world.agenda.after(wait, lambda: self._next(service, queue, config, run, rollback))

        def replace() -> None:
            if self._alive(service, run):
                self.orchestrator.begin(service, old.get("Slot", 0), node, then=settled)

        if first:
            replace()
        else:
            self.orchestrator.end(old, then=lambda _: replace())

    def _failed(self, service: Obj, task: Obj, rest: list[Obj], config: Obj, run: int, rollback: bool) -> None:
        if not self._alive(service, run):
            return
        reason = f"due to failure or early termination of task {task['ID']}"
        action = config.get("FailureAction", "pause")
        self._failures[service["ID"]] += 1
        slots = max(1, len({t.get("Slot", t.get("NodeID")) for t in self.world.tasks_of(service["ID"])}))
        if self._failures[service["ID"]] / slots <= config.get("MaxFailureRatio", 0.0):
            action = "continue"
        status = service.get("UpdateStatus") or {}
        if action == "continue":
            self.world.agenda.after(0.5, lambda: self._next(service, rest, config, run, rollback))
        elif action == "rollback" and not rollback:
            self._status(service, status, "rollback_started", f"update rolled back {reason}")
            self.roll_back(service)
            # swarmkit's own rollback leaves nothing to go back to
            service["PreviousSpec"] = None
        elif rollback:
            self._status(service, status, "rollback_paused", f"rollback paused {reason}")
        else:
            self._status(service, status, "paused", f"update paused {reason}")

    def roll_back(self, service: Obj) -> None:
        """Goes back to the spec before the last change. Raises ``Problem`` where there is none."""
        previous = service.get("PreviousSpec")
        if previous is None:
            raise Problem(
                400,
                f"rpc error: code = FailedPrecondition desc = service {service['ID']} does not have a previous spec",
            )
        self.update(service, copy.deepcopy(previous), rollback=True)

    def _finish(self, service: Obj, run: int, rollback: bool) -> None:
        if not self._alive(service, run):
            return
        status = service.get("UpdateStatus") or {}
        if status.get("State") in ("updating", "rollback_started"):
            word = "rollback" if rollback else "update"
            self._status(service, status, "rollback_completed" if rollback else "completed", f"{word} completed")
