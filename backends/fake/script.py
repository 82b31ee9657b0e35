"""What goes on happening in the demo: a crash loop, a rollout that begins again, health that flaps, people at work."""

from __future__ import annotations

import copy
from collections.abc import Callable

from backends.fake import boxes, cluster
from backends.fake.bus import Obj
from backends.fake.make.storage import add_config
from backends.fake.make.task import set_state
from backends.fake.scenario import Scene
from backends.fake.specs import same
from backends.fake.world import Host


def begin(scene: Scene) -> None:
    """Puts the first steps on the agenda; each puts the next."""
    life = Life(scene)
    life.after(0.8, life.crash_loop)
    life.after(3.0, life.go_on_with_rollout)
    life.every(11.0, life.probes)
    life.every(17.0, life.flap)
    life.every(23.0, life.visitor)
    life.every(41.0, life.labels)
    life.every(67.0, life.stored)
    life.every(1.0, life.restart_rollout)


class Life:
    """The steps, all deterministic for a seed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.world = scene.world
        self._since_rollout = 0
        self._round = 0

    def after(self, delay: float, step: Callable[[], None]) -> None:
        """Once, later."""
        self.world.agenda.after(delay, step)

    def every(self, period: float, step: Callable[[], None]) -> None:
        """Again and again."""

        def again() -> None:
            step()
            self.after(period, again)

        self.after(period, again)

    def _service(self, name: str) -> Obj | None:
        return next((s for s in self.world.services.values() if s["Spec"]["Name"] == name), None)

    def crash_loop(self) -> None:
        """Wakes the tasks of shop_worker that the scene left half way; from then on they fail by themselves,
        each slot about every eight seconds."""
        service = self._service("shop_worker")
        if service is None:
            return
        for task in self.world.tasks_of(service["ID"]):
            state, desired = task["Status"]["State"], task["DesiredState"]
            if desired == "running" and state == "failed":
                self.scene.orchestrator.restart(task)
            elif state in ("starting", "ready") and desired in ("running", "ready"):
                self.after(self.world.random.uniform(0.5, 4.0), lambda t=task: self.scene.orchestrator.wake(t))  # type: ignore[misc]

    def go_on_with_rollout(self) -> None:
        """The second try of slot 4 runs; the rest of shop_api follows."""
        service = self._service("shop_api")
        if service is None:
            return
        template = service["Spec"]["TaskTemplate"]
        live = [t for t in self.world.tasks_of(service["ID"]) if t["DesiredState"] == "running"]
        for task in live:
            if task["Slot"] == 4 and task["Status"]["State"] == "starting":
                set_state(self.world, task, "running")
            elif task["Slot"] == 4:
                self.scene.orchestrator.end(task)
        rest = sorted((t for t in live if not same(t["Spec"], template) and t["Slot"] > 4), key=lambda t: t["Slot"])
        self.scene.rollouts.begin(service, pending=rest)

    def restart_rollout(self) -> None:
        """A minute after shop_api was updated, it is updated to the other version."""
        service = self._service("shop_api")
        if service is None or (service.get("UpdateStatus") or {}).get("State") == "updating":
            self._since_rollout = 0
            return
        self._since_rollout += 1
        if self._since_rollout >= 60 and service.get("PreviousSpec"):
            self._since_rollout = 0
            given = copy.deepcopy(service["PreviousSpec"])
            given["Mode"] = copy.deepcopy(service["Spec"]["Mode"])
            self.scene.rollouts.update(service, given)

    def _running(self, host: Host, *, checked: bool) -> list[Obj]:
        return [
            c
            for c in host.containers.values()
            if c["State"]["Status"] == "running" and ("Health" in c["State"]) == checked
        ]

    def probes(self) -> None:
        """Health checks run: three exec events each, of which a list should stay quiet."""
        for host in self.world.hosts.values():
            for box in self._running(host, checked=True)[:2]:
                boxes.probe(self.world, host, box)

    def flap(self) -> None:
        """One checked container turns unhealthy for five seconds."""
        hosts = [self.world.hosts[n] for n in ("manager-1", "manager-3") if n in self.world.hosts]
        host = hosts[self._round % len(hosts)]
        candidates = [b for b in self._running(host, checked=True) if "shop_api" not in b["Name"]]
        if not candidates:
            return
        box = candidates[0]
        boxes.set_health(self.world, host, box, "unhealthy", "connection refused")

        def recovers() -> None:
            if box["State"]["Running"]:
                boxes.set_health(self.world, host, box, "healthy", "ok")

        self.after(5.0, recovers)

    def visitor(self) -> None:
        """Someone joins toolbox to myoverlaynetwork, and leaves it; every other time it is restarted."""
        self._round += 1
        host = self.world.hosts["manager-1"]
        box = next((c for c in host.containers.values() if c["Name"] == "/toolbox"), None)
        network = next((n for n in self.world.networks.values() if n["Name"] == "myoverlaynetwork"), None)
        if box is None or network is None or not box["State"]["Running"]:
            return
        if self._round % 2:
            boxes.stop(self.world, host, box)
            self.after(2.0, lambda: boxes.start(self.world, host, box))
            return
        if "myoverlaynetwork" not in box["NetworkSettings"]["Networks"]:
            boxes.connect(self.world, host, network, box, {})

            def leaves() -> None:
                if "myoverlaynetwork" in box["NetworkSettings"]["Networks"]:
                    boxes.disconnect(self.world, host, network, box)

            self.after(9.0, leaves)

    def labels(self) -> None:
        """A label comes and goes on manager-2."""
        node = self.world.nodes.get(self.world.hosts["manager-2"].node_id)
        if node is None:
            return
        given = copy.deepcopy(node["Spec"])
        if given["Labels"].pop("maintenance", None) is None:
            given["Labels"]["maintenance"] = "planned"
        cluster.update_node(self.world, self.scene.orchestrator, node, given)

    def stored(self) -> None:
        """A config is made, and removed a while later."""
        name = f"shop_nginx_v{3 + self._round}"
        if any(c["Spec"]["Name"] == name for c in self.world.configs.values()):
            return
        made = add_config(self.world, name, "server { listen 8080; }\n", stack="shop")
        self.world.tell_swarm("config", "create", made["ID"], {"name": name})

        def goes() -> None:
            if self.world.configs.pop(made["ID"], None) is not None:
                self.world.touch("config", made["ID"])
                self.world.tell_swarm("config", "remove", made["ID"], {"name": name})

        self.after(30.0, goes)
