"""The simulated swarmkit: keeps as many tasks as services ask for."""

from __future__ import annotations

import copy

from backends.fake.bus import Obj
from backends.fake.http import Problem
from backends.fake.lifecycle import Lifecycle
from backends.fake.make.service import add_service, published, refresh_endpoint
from backends.fake.placement import available, satisfies


class Orchestrator(Lifecycle):
    """Services of a ``World``; all it does takes time on the world's agenda."""

    def create(self, given: Obj) -> Obj:
        """Makes a service. Raises ``Problem`` in the engine's words."""
        world = self.world
        name = given.get("Name", "")
        for service in world.services.values():
            if service["Spec"]["Name"] == name:
                raise Problem(
                    409,
                    "rpc error: code = AlreadyExists desc = name conflicts with an existing object: "
                    f"service {name} already exists",
                )
        self._check_ports(given, "")
        service = add_service(world, given, key=world.new_id(f"service/{name}"))
        world.tell_swarm("service", "create", service["ID"], {"name": name})
        self.sync(service)
        return service

    def _check_ports(self, given: Obj, own: str) -> None:
        for entry in (given.get("EndpointSpec") or {}).get("Ports") or ():
            holder = published(self.world).get(entry.get("PublishedPort", 0))
            if entry.get("PublishMode", "ingress") == "ingress" and holder and holder["ID"] != own:
                raise Problem(
                    400,
                    f"rpc error: code = InvalidArgument desc = port '{entry['PublishedPort']}' is already in use by "
                    f"service '{holder['Spec']['Name']}' ({holder['ID']}) as an ingress port",
                )

    def store_spec(self, service: Obj, given: Obj) -> dict[str, str]:
        """Replaces a service's spec; returns what the event says of it. Raises ``Problem``."""
        self._check_ports(given, service["ID"])
        old = service["Spec"]
        service["PreviousSpec"] = copy.deepcopy(old)
        service["Spec"] = given
        refresh_endpoint(self.world, service)
        told = {"name": given["Name"]}
        was, now = _replicas(old), _replicas(given)
        if was != now:
            told |= {"replicas.old": str(was), "replicas.new": str(now)}
        images = [s["TaskTemplate"].get("ContainerSpec", {}).get("Image", "") for s in (old, given)]
        if images[0] != images[1]:
            told |= {"image.old": images[0], "image.new": images[1]}
        return told

    def remove(self, service: Obj) -> None:
        """Deletes a service and ends its tasks."""
        world = self.world
        del world.services[service["ID"]]
        world.touch("service", service["ID"])
        world.tell_swarm("service", "remove", service["ID"], {"name": service["Spec"]["Name"]})
        for task in world.tasks_of(service["ID"]):
            self.end(task, "remove")

    def scale(self, service: Obj, replicas: int) -> None:
        """Changes the count of a replicated service."""
        given = copy.deepcopy(service["Spec"])
        given["Mode"]["Replicated"]["Replicas"] = replicas
        told = self.store_spec(service, given)
        self.world.changed("service", service)
        self.world.tell_swarm("service", "update", service["ID"], told)
        self.sync(service)

    def sync(self, service: Obj) -> None:
        """Starts what is missing and ends what is too much."""
        world = self.world
        live = [t for t in world.tasks_of(service["ID"]) if t["DesiredState"] in ("running", "ready")]
        mode = service["Spec"]["Mode"]
        if "Replicated" in mode:
            wanted = mode["Replicated"].get("Replicas", 1)
            slots = {t["Slot"] for t in live}
            for task in live:
                if task["Slot"] > wanted:
                    self.end(task, "remove")
            for slot in range(1, wanted + 1):
                if slot not in slots:
                    self.begin(service, slot)
        elif "Global" in mode:
            here = {t.get("NodeID") for t in live}
            constraints = service["Spec"]["TaskTemplate"].get("Placement", {}).get("Constraints") or ()
            for node in world.nodes.values():
                if node["ID"] not in here and available(node) and all(satisfies(node, c) for c in constraints):
                    self.begin(service, 0, node["Description"]["Hostname"])
        else:
            self._sync_job(service, live)

    def _sync_job(self, service: Obj, live: list[Obj]) -> None:
        done = {
            t.get("Slot", t.get("NodeID"))
            for t in self.world.tasks_of(service["ID"])
            if t["Status"]["State"] == "complete"
        }
        going = {t.get("Slot", t.get("NodeID")) for t in live}
        if "ReplicatedJob" in service["Spec"]["Mode"]:
            total = service["Spec"]["Mode"]["ReplicatedJob"].get("TotalCompletions", 1)
            for slot in range(1, total + 1):
                if slot not in done | going:
                    self.begin(service, slot)
        else:
            for node in self.world.nodes.values():
                if node["ID"] not in done | going and available(node):
                    self.begin(service, 0, node["Description"]["Hostname"])


def _replicas(given: Obj) -> int:
    mode = given["Mode"]
    return int(mode["Replicated"].get("Replicas", 1)) if "Replicated" in mode else 0
