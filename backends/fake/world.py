"""The state of a whole simulated Swarm: Engine JSON in plain dictionaries, and the machines it is on.

What changes it is in ``orchestrator``, ``rollout``, ``boxes`` and ``cluster``; what shows it is in ``views``.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backends.fake.agenda import Agenda
from backends.fake.bus import Bus, Obj
from backends.fake.clock import Clock, SystemClock
from backends.fake.http import Problem
from backends.fake.ids import swarm_id
from backends.wire import rfc3339

if TYPE_CHECKING:
    from backends.fake.server import FakeServer

#: (image prefix, exit code, error text): images whose tasks fail when they start.
Failing = list[tuple[str, int, str]]


@dataclass(eq=False)
class Host:
    """One machine with an engine on it."""

    name: str
    address: str = "192.0.2.1"
    node_id: str = ""
    """Its node in the Swarm; empty on a plain engine."""
    engine: str = "28.5.2"
    api: str = "1.51"
    info: Obj = field(default_factory=dict)
    """What differs from the usual answer of ``/info``."""
    containers: dict[str, Obj] = field(default_factory=dict)
    """Each as ``GET /containers/ID/json`` gives it."""
    networks: dict[str, Obj] = field(default_factory=dict)
    """Those of this machine alone."""
    stale: dict[str, dict[str, Obj]] = field(default_factory=dict)
    """Endpoints whose container is gone, by network and its ID, as an inspect lists them."""
    volumes: dict[str, Obj] = field(default_factory=dict)
    images: dict[str, Obj] = field(default_factory=dict)
    execs: dict[str, Any] = field(default_factory=dict)
    bus: Bus = field(default_factory=Bus)
    ahead: float = 0.0
    """By how many seconds its clock is ahead: of the events of its own that it tells, and of what it says of itself."""


class World:
    """Everything that one scenario holds."""

    def __init__(self, clock: Clock | None = None, seed: int = 1) -> None:
        self.clock = clock or SystemClock()
        self.agenda = Agenda()
        self.random = random.Random(seed)
        self.cluster: Obj | None = None
        """``GET /swarm``, or nothing where there is no Swarm."""
        self.unlock_key = "SWMKEY-1-simulated0simulated0simulated0simulated"
        """What a locked manager asks for."""
        self.nodes: dict[str, Obj] = {}
        self.services: dict[str, Obj] = {}
        self.tasks: dict[str, Obj] = {}
        self._by_service: dict[str, dict[str, Obj]] = {}
        self.networks: dict[str, Obj] = {}
        self.configs: dict[str, Obj] = {}
        self.secrets: dict[str, Obj] = {}
        self.hosts: dict[str, Host] = {}
        self.guests: dict[tuple[str, str], FakeServer] = {}
        """Servers of machines outside of the Swarm, by name and address."""
        self.quorum = True
        self.event_rate = 0.0
        """Events a second that a synthetic world makes up."""
        self.failing: Failing = []
        self.rendered: dict[tuple[str, str], bytes] = {}
        """Rows of listings as bytes, by kind and id; ``touch`` drops what is old."""
        self.frozen_rows = False
        """Whether container rows may be kept too, although their ages then stand still (benchmarks)."""
        self.epochs: dict[str, int] = {}
        """How often each kind was touched."""
        self.balancers: dict[tuple[str, str], str] = {}
        """Load balancer addresses by network id and host name."""
        self.index = 48_000
        self._last_nano = 0
        self._made = 0

    # -- time and identity ---------------------------------------------------------------------------------

    def now(self) -> float:
        """The time of this world in seconds."""
        return self.clock.now()

    def stamp(self, ago: float = 0.0) -> str:
        """A time as Docker writes it, ``ago`` seconds before now."""
        return rfc3339.render(self.now() - ago)

    def new_id(self, seed: str) -> str:
        """A Swarm ID that no object has yet, the same on every run."""
        self._made += 1
        return swarm_id(f"{seed}/{self._made}")

    def next_index(self) -> int:
        """The next raft index, which becomes an object's version."""
        self.index += 1
        return self.index

    # -- storing -------------------------------------------------------------------------------------------

    def touch(self, kind: str, key: str) -> None:
        """Notes that an object changed, came or went."""
        self.rendered.pop((kind, key), None)
        if kind == "task":
            task = self.tasks.get(key)
            service = task.get("ServiceID", "") if task else ""
            self.rendered.pop(("counts", service), None)
        elif kind == "service":
            self.rendered.pop(("counts", key), None)
        self.epochs[kind] = self.epochs.get(kind, 0) + 1

    def changed(self, kind: str, thing: Obj) -> None:
        """Gives a Swarm object its next version and time of change."""
        thing["Version"] = {"Index": self.next_index()}
        thing["UpdatedAt"] = self.stamp()
        self.touch(kind, thing["ID"])

    def table(self, kind: str) -> dict[str, Obj]:
        """The Swarm objects of a kind: ``node service task config secret``."""
        tables = {
            "node": self.nodes,
            "service": self.services,
            "task": self.tasks,
            "config": self.configs,
            "secret": self.secrets,
        }
        return tables[kind]

    def find(self, kind: str, ref: str) -> Obj:
        """A Swarm object by ID, name or unique head of an ID. Raises ``Problem`` 404 in the engine's words."""
        found = pick(self.table(kind), ref, lambda o: swarm_name(kind, o))
        if found is None:
            what = "service" if kind == "service" else kind
            raise Problem(404, f"{what} {ref} not found")
        return found

    def find_network(self, host: Host, ref: str) -> Obj:
        """A network by ID, name or head of an ID, as ``host`` sees it. Raises ``Problem`` 404."""
        found = pick({**self.networks, **host.networks}, ref, lambda n: str(n["Name"]))
        if found is None:
            raise Problem(404, f"network {ref} not found")
        return found

    def find_container(self, host: Host, ref: str) -> Obj:
        """A container of ``host`` by ID, name or head of an ID. Raises ``Problem`` 404."""
        found = pick(host.containers, ref.removeprefix("/"), lambda c: str(c["Name"]).removeprefix("/"))
        if found is None:
            raise Problem(404, f"No such container: {ref}")
        return found

    def host_of(self, node_id: str) -> Host | None:
        """The machine of a node."""
        return next((h for h in self.hosts.values() if h.node_id == node_id), None)

    def tasks_of(self, service_id: str) -> list[Obj]:
        """All tasks of a service, past ones included."""
        return list(self._by_service.get(service_id, {}).values())

    def put_task(self, task: Obj) -> None:
        """Stores a task."""
        self.tasks[task["ID"]] = task
        self._by_service.setdefault(task.get("ServiceID", ""), {})[task["ID"]] = task
        self.touch("task", task["ID"])

    def drop_task(self, key: str) -> None:
        """Forgets a task."""
        self.touch("task", key)
        task = self.tasks.pop(key, None)
        if task is not None:
            self._by_service[task.get("ServiceID", "")].pop(key, None)

    # -- addresses -----------------------------------------------------------------------------------------

    def taken(self, network_id: str) -> set[str]:
        """Addresses in use on a Swarm network, without prefix: virtual ones, tasks', balancers'."""
        used = {b for (net, _), b in self.balancers.items() if net == network_id}
        for service in self.services.values():
            for vip in service.get("Endpoint", {}).get("VirtualIPs") or ():
                if vip["NetworkID"] == network_id:
                    used.add(vip["Addr"].partition("/")[0])
        for task in self.tasks.values():
            for attachment in task.get("NetworksAttachments") or ():
                if attachment["Network"]["ID"] == network_id:
                    used.update(a.partition("/")[0] for a in attachment["Addresses"])
        return used

    def address(self, network_id: str, wanted: str = "") -> str | None:
        """A free address of a Swarm network in CIDR form; ``None`` where it is full or has no subnet."""
        configs = self.networks[network_id]["IPAM"].get("Config") or []
        if not configs:
            return None
        subnet = ipaddress.ip_network(configs[0]["Subnet"])
        if wanted:
            return f"{wanted}/{subnet.prefixlen}"
        used = self.taken(network_id) | {configs[0].get("Gateway", "")}
        scope = ipaddress.ip_network(configs[0].get("IPRange") or configs[0]["Subnet"])
        free = (str(a) for a in scope.hosts() if str(a) not in used)
        found = next(free, None)
        return f"{found}/{subnet.prefixlen}" if found else None

    # -- events --------------------------------------------------------------------------------------------

    def _event(
        self, type_: str, action: str, key: str, attributes: Mapping[str, str], scope: str, ago: float = 0.0
    ) -> Obj:
        nano = int((self.now() - ago) * 1e9)
        if not ago:
            # two events never bear the same stamp, by which clients tell them apart
            self._last_nano = nano = max(nano, self._last_nano + 1)
        return {
            "Type": type_,
            "Action": action,
            "Actor": {"ID": key, "Attributes": {k: str(v) for k, v in sorted(attributes.items())}},
            "scope": scope,
            "time": nano // 1_000_000_000,
            "timeNano": nano,
        }

    def tell(self, host: Host, type_: str, action: str, key: str, **attributes: str) -> None:
        """An event of one engine."""
        host.bus.publish(_stamped(host, self._event(type_, action, key, attributes, "local")))

    def tell_container(self, host: Host, box: Obj, action: str, **more: str) -> None:
        """A container event, with image, name and labels as the engine adds them."""
        host.bus.publish(_stamped(host, self._event("container", action, box["Id"], _about(box) | more, "local")))
        self.touch("container", box["Id"])

    def tell_swarm(self, type_: str, action: str, key: str, attributes: Mapping[str, str]) -> None:
        """An event of the Swarm: every manager's engine tells it."""
        self._tell_managers(self._event(type_, action, key, attributes, "swarm"))

    def tell_past(self, type_: str, action: str, key: str, ago: float, attributes: Mapping[str, str]) -> None:
        """An event of the Swarm that happened ``ago`` seconds before now; call in order of time."""
        self._tell_managers(self._event(type_, action, key, attributes, "swarm", ago))

    def tell_past_container(self, host: Host, box: Obj, action: str, ago: float, more: Mapping[str, str]) -> None:
        """A container event of before; keeps the ring in order of time."""
        event = self._event("container", action, box["Id"], {**_about(box), **more}, "local", ago)
        ring = sorted([*host.bus.ring, event], key=lambda e: int(e["timeNano"]))
        host.bus.ring.clear()
        host.bus.ring.extend(ring)

    def _tell_managers(self, event: Obj) -> None:
        for host in self.hosts.values():
            node = self.nodes.get(host.node_id)
            if node and node["Spec"]["Role"] == "manager" and node["Status"]["State"] == "ready":
                host.bus.publish(event)


def _stamped(host: Host, event: Obj) -> Obj:
    """With the time of its clock."""
    nano = event["timeNano"] + int(host.ahead * 1e9)
    return event | {"time": nano // 1_000_000_000, "timeNano": nano} if host.ahead else event


def _about(box: Obj) -> dict[str, str]:
    return {
        **box["Config"]["Labels"],
        "image": box["Config"]["Image"],
        "name": box["Name"].removeprefix("/"),
    }


def swarm_name(kind: str, thing: Obj) -> str:
    """The name by which the API finds a Swarm object."""
    if kind == "node":
        return str(thing["Description"]["Hostname"])
    if kind == "task":
        return str(thing["ID"])
    return str(thing["Spec"]["Name"])


def pick(table: Mapping[str, Obj], ref: str, name: Callable[[Obj], str]) -> Obj | None:
    """By ID, then by name, then by a head of an ID that fits only one."""
    if ref in table:
        return table[ref]
    for thing in table.values():
        if name(thing) == ref:
            return thing
    heads = [thing for key, thing in table.items() if ref and key.startswith(ref)]
    return heads[0] if len(heads) == 1 else None
