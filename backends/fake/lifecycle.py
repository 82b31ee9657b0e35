"""A task's way through its states, from ``new`` to ``running`` or to a bad end, and what then takes its place."""

from __future__ import annotations

from collections.abc import Callable

from backends.fake import boxes
from backends.fake.bus import Obj
from backends.fake.make.container import task_container
from backends.fake.make.task import add_task, attach, set_state
from backends.fake.placement import candidates, refusal
from backends.fake.world import World

ENDED = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")
Done = Callable[[Obj], None]


class Lifecycle:
    """Walks tasks of a ``World`` along its agenda."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.watchers: dict[str, Done] = {}
        """By task ID: told once, when that task runs or has failed; a rollout waits this way."""

    def begin(
        self,
        service: Obj,
        slot: int,
        node: str = "",
        *,
        spec: Obj | None = None,
        delay: float = 0.0,
        then: Done | None = None,
    ) -> Obj:
        """A new task for a slot (or node); ``delay`` is how long it waits in ``ready``."""
        task = add_task(self.world, service, slot, node=node, spec=spec, desired="ready" if delay else "running")
        if then is not None:
            self.watchers[task["ID"]] = then
        self._after(0.05, task, lambda: self._place(task, delay))
        return task

    def _after(self, delay: float, task: Obj, step: Callable[[], None]) -> None:
        """Does ``step`` later, unless the task is gone or was told to end meanwhile."""

        def due() -> None:
            if task["ID"] in self.world.tasks and task["DesiredState"] in ("running", "ready", "complete"):
                step()

        self.world.agenda.after(delay, due)

    def _service(self, task: Obj) -> Obj:
        return self.world.services[task["ServiceID"]]

    def reschedule(self) -> None:
        """Looks again for nodes for what is pending; a node has changed."""
        for task in list(self.world.tasks.values()):
            if task["Status"]["State"] == "pending" and task["DesiredState"] in ("running", "ready"):
                self._after(0.1, task, lambda t=task: self._place(t, 0.0))  # type: ignore[misc]

    def _place(self, task: Obj, delay: float) -> None:
        world = self.world
        if task["Status"]["State"] not in ("new", "pending"):
            return
        if task["Status"]["State"] == "new":
            set_state(world, task, "pending")
        if "NodeID" not in task:
            fit = candidates(world, task)
            if not fit:
                if task["Status"].get("Err") != refusal(world, task):
                    set_state(world, task, "pending", error=refusal(world, task))
                return
            task["NodeID"] = fit[0]["ID"]
            host = world.host_of(task["NodeID"])
            task["NetworksAttachments"] = attach(world, self._service(task), host.name if host else "", {})
        set_state(world, task, "assigned")
        self._after(0.1, task, lambda: self._prepare(task, delay))

    def _prepare(self, task: Obj, delay: float) -> None:
        set_state(self.world, task, "preparing")
        self._after(0.4 + self.world.random.random() * 0.4, task, lambda: self._prepared(task, delay))

    def _prepared(self, task: Obj, delay: float) -> None:
        image = task["Spec"]["ContainerSpec"]["Image"]
        bare = image.partition("@")[0]
        if "nosuch" in bare:
            self._end_badly(task, "rejected", f"No such image: {image}")
        elif delay:
            set_state(self.world, task, "ready")
            self._after(delay, task, lambda: self._wake(task))
        else:
            self._start(task)

    def wake(self, task: Obj) -> None:
        """A task that a scene left in ``ready`` or ``starting`` goes on."""
        if task["ID"] in self.world.tasks and task["DesiredState"] in ("running", "ready"):
            self._wake(task)

    def restart(self, task: Obj) -> None:
        """A failed task that a scene left gets its successor."""
        self._replace(task)

    def _wake(self, task: Obj) -> None:
        task["DesiredState"] = "running"
        self._start(task)

    def _start(self, task: Obj) -> None:
        world = self.world
        host = world.host_of(task["NodeID"])
        if host is None:
            return
        set_state(world, task, "starting")
        box = task_container(world, task, state="created")
        world.tell_container(host, box, "create")
        image = task["Spec"]["ContainerSpec"]["Image"]
        failure = next(((code, error) for prefix, code, error in world.failing if image.startswith(prefix)), None)
        if failure is None:
            self._after(0.3, task, lambda: self._run(task, box))
        else:
            self._after(0.3, task, lambda: self._fail_at_start(task, box, *failure))

    def _fail_at_start(self, task: Obj, box: Obj, code: int, error: str) -> None:
        host = self.world.host_of(task["NodeID"])
        if host is not None:
            boxes.die(self.world, host, box, code, error)
        self._end_badly(task, "failed", error, code)

    def _run(self, task: Obj, box: Obj) -> None:
        world = self.world
        host = world.host_of(task["NodeID"])
        if host is None:
            return
        boxes.start(world, host, box)
        task["Status"]["ContainerStatus"]["PID"] = box["State"]["Pid"]
        if "Health" in box["State"]:
            self._after(2.0, task, lambda: self._healthy(task, box))
        else:
            self._running(task, box)

    def _healthy(self, task: Obj, box: Obj) -> None:
        host = self.world.host_of(task["NodeID"])
        if host is not None and box["State"]["Running"]:
            boxes.set_health(self.world, host, box, "healthy", "ok")
            self._running(task, box)

    def _running(self, task: Obj, box: Obj) -> None:
        set_state(self.world, task, "running")
        self._report(task)
        if "Job" in next(iter(self._service(task)["Spec"]["Mode"])):
            self._after(4.0, task, lambda: self._complete(task, box))

    def _complete(self, task: Obj, box: Obj) -> None:
        host = self.world.host_of(task["NodeID"])
        if host is not None and box["State"]["Running"]:
            boxes.die(self.world, host, box, 0)
        set_state(self.world, task, "complete", exit_code=0)

    def _report(self, task: Obj) -> None:
        watcher = self.watchers.pop(task["ID"], None)
        if watcher is not None:
            watcher(task)

    def box_died(self, box: Obj) -> None:
        """The container of a task ended by itself or by someone's hand."""
        task = self.world.tasks.get(box["Config"]["Labels"].get("com.docker.swarm.task.id", ""))
        if task is None or task["DesiredState"] != "running" or task["Status"]["State"] in ENDED:
            return
        code = box["State"]["ExitCode"]
        if code:
            self._end_badly(task, "failed", f"task: non-zero exit ({code})", code)
        else:
            set_state(self.world, task, "complete", exit_code=0)
            self._replace(task)

    def _end_badly(self, task: Obj, state: str, error: str, code: int | None = None) -> None:
        set_state(self.world, task, state, error=error, exit_code=code)
        watched = task["ID"] in self.watchers
        self._report(task)
        if not watched or task["DesiredState"] == "running":
            self._replace(task)

    def _replace(self, task: Obj) -> None:
        """Another task in the place of one that ended, as the restart policy says."""
        service = self.world.services.get(task["ServiceID"])
        if service is None or task["DesiredState"] not in ("running", "ready"):
            return
        task["DesiredState"] = "shutdown"
        self.world.changed("task", task)
        policy = task["Spec"].get("RestartPolicy") or {}
        ended_well = task["Status"]["State"] == "complete"
        condition = policy.get("Condition", "any")
        if condition == "none" or (condition == "on-failure" and ended_well):
            return
        delay = policy.get("Delay", 5_000_000_000) / 1e9
        self.begin(service, task.get("Slot", 0), self.node_of_global(task), spec=task["Spec"], delay=delay)
        self.forget_old(service, task.get("Slot", 0))

    def node_of_global(self, task: Obj) -> str:
        """Host name of the machine of a global service's task; empty for tasks that have a slot."""
        host = self.world.host_of(task.get("NodeID", ""))
        return host.name if host and not task.get("Slot") else ""

    def end(self, task: Obj, desired: str = "shutdown", then: Done | None = None) -> None:
        """Stops a task: ``shutdown`` keeps it as history, ``remove`` forgets it."""
        world = self.world
        task["DesiredState"] = desired
        world.changed("task", task)
        self.watchers.pop(task["ID"], None)
        node = world.nodes.get(task.get("NodeID", ""))
        if node is not None and node["Status"]["State"] != "ready":
            return

        def stopped() -> None:
            self._stop_box(task)
            if task["Status"]["State"] not in ENDED:
                set_state(world, task, "shutdown", exit_code=0 if "ContainerStatus" in task["Status"] else None)
            if desired == "remove":
                world.drop_task(task["ID"])
            if then is not None:
                then(task)

        world.agenda.after(0.4, stopped)

    def _stop_box(self, task: Obj) -> None:
        host = self.world.host_of(task.get("NodeID", ""))
        key = task["Status"].get("ContainerStatus", {}).get("ContainerID", "")
        if host is not None and key in host.containers:
            boxes.stop(self.world, host, host.containers[key])
            if task["DesiredState"] == "remove":
                boxes.remove(self.world, host, host.containers[key])

    def forget_old(self, service: Obj, slot: int) -> None:
        """Keeps five past tasks a slot, and their containers, as the default history limit does."""
        world = self.world
        limit = (world.cluster or {}).get("Spec", {}).get("Orchestration", {}).get("TaskHistoryRetentionLimit", 5)
        past = [
            t
            for t in world.tasks_of(service["ID"])
            if t.get("Slot", 0) == slot and t["DesiredState"] == "shutdown" and t["Status"]["State"] in ENDED
        ]
        past.sort(key=lambda t: t["Status"]["Timestamp"])
        for task in past[: max(0, len(past) - limit)]:
            host = world.host_of(task.get("NodeID", ""))
            box = task["Status"].get("ContainerStatus", {}).get("ContainerID", "")
            if host is not None and box in host.containers:
                boxes.remove(world, host, host.containers[box])
            world.drop_task(task["ID"])
