"""NAT in the place of IPVS, so that virtual addresses and published ports carry traffic.

Most kernels that a lab runs on have no IPVS: a service's virtual address then
leads nowhere, and a port that is published on the ingress network is not even
open. The engine and all that its API says are as ever. This makes rules of
what the API says, once a second, with other means: in each container
``virtual address -> the address of a task``, on each node ``published port ->
the node's ingress sandbox -> a task``.

Run as ``python -m tests.lab.nat CONFIG`` by a lab whose spec says ``nat``; it
ends with the lab.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tests.lab import state as states
from tests.lab.engine_api import EngineError
from tests.lab.node import CommandError, LabNode

CHAIN = "LAB_NAT"
INGRESS = "/var/run/docker/netns/ingress_sbox"
_SECONDS = 1.0
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Published:
    """A port on the ingress network, with the addresses there of the tasks that answer it."""

    protocol: str
    port: int
    tasks: tuple[str, ...]


@dataclass
class Wanted:
    """What the API says should be reached how."""

    virtual: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Addresses of the running tasks by virtual address."""
    published: list[Published] = field(default_factory=list)


def wanted(services: Sequence[Any], tasks: Sequence[Any], ingress: str) -> Wanted:
    """What ``/services`` and ``/tasks`` say; ``ingress`` is the ingress network's ID."""
    addresses: dict[tuple[str, str], list[str]] = defaultdict(list)
    for task in tasks:
        if task["Status"]["State"] != "running" or task["DesiredState"] != "running":
            continue
        for attachment in task.get("NetworksAttachments") or ():
            key = task["ServiceID"], attachment["Network"]["ID"]
            addresses[key] += [address.partition("/")[0] for address in attachment["Addresses"]]
    found = Wanted()
    for service in services:
        endpoint = service.get("Endpoint", {})
        for virtual in endpoint.get("VirtualIPs") or ():
            if virtual["NetworkID"] != ingress and (targets := addresses[service["ID"], virtual["NetworkID"]]):
                found.virtual[virtual["Addr"].partition("/")[0]] = tuple(sorted(targets))
        for port in endpoint.get("Ports") or ():
            if port.get("PublishMode") == "ingress" and (targets := addresses[service["ID"], ingress]):
                found.published.append(Published(port["Protocol"], port["PublishedPort"], tuple(sorted(targets))))
    found.published.sort(key=lambda one: (one.protocol, one.port))
    return found


def spread(match: str, targets: Sequence[str], port: int = 0) -> list[str]:
    """Rules that send what matches to each target as often as to any other."""
    rules = []
    for number, target in enumerate(targets):
        left = len(targets) - number
        chance = f"-m statistic --mode random --probability {1 / left:.4f} " if left > 1 else ""
        rules.append(f"-A {CHAIN} {match} {chance}-j DNAT --to-destination {target}{f':{port}' if port else ''}")
    return rules


def in_container(plan: Wanted) -> list[str]:
    """Rules of a container's nat table."""
    return [rule for address, targets in sorted(plan.virtual.items()) for rule in spread(f"-d {address}/32", targets)]


def in_sandbox(plan: Wanted) -> list[str]:
    """Rules of the ingress sandbox. Tasks expect the published port: the engine redirects it in their namespaces."""
    return [
        rule for one in plan.published for rule in spread(f"-p {one.protocol} --dport {one.port}", one.tasks, one.port)
    ]


def on_node(plan: Wanted, sandbox: str) -> list[str]:
    """Rules of a node; ``sandbox`` is the address of its ingress sandbox on the node's own bridge."""
    return [
        rule for one in plan.published for rule in spread(f"-p {one.protocol} --dport {one.port}", [sandbox], one.port)
    ]


def table(rules: Iterable[str], jumps: Iterable[str]) -> str:
    """A script that replaces the rules of our chain, and sees that the others lead to it."""
    text = "\n".join(["*nat", f":{CHAIN} - [0:0]", *rules, "COMMIT", ""])
    made = [f"printf %s {shlex.quote(text)} | iptables-restore -w --noflush"]
    for jump in jumps:
        chain, _, match = jump.partition(" ")
        made.append(
            f"{{ iptables -w -t nat -C {chain} {match} 2>/dev/null || iptables -w -t nat -I {chain} {match}; }}"
        )
    return " && ".join(made)


@dataclass
class Node:
    """One node, with what was done to it last."""

    node: LabNode
    done: dict[str, str] = field(default_factory=dict)

    def follow(self, plan: Wanted) -> None:
        """Makes the node's rules those of a plan, where they are others."""
        scripts: dict[str, str] = {}
        containers: Any = self.node.api("GET", "/containers/json", timeout=10.0)
        for container in containers:
            if container["HostConfig"]["NetworkMode"] != "host":
                found: Any = self.node.api("GET", f"/containers/{container['Id']}/json", timeout=10.0)
                if pid := found["State"]["Pid"]:
                    inner = table(in_container(plan), [f"OUTPUT -j {CHAIN}"])
                    scripts[f"container {pid}"] = f"nsenter -t {pid} -n sh -c {shlex.quote(inner)}"
        if plan.published and (sandbox := self._sandbox()):
            inner = "echo 1 >/proc/sys/net/ipv4/ip_forward; " + table(
                in_sandbox(plan), [f"PREROUTING -j {CHAIN}", "POSTROUTING -o eth0 -j MASQUERADE"]
            )
            scripts["sandbox"] = f"nsenter --net={INGRESS} sh -c {shlex.quote(inner)}"
            accept = f"FORWARD -d {sandbox}/32 -o docker_gwbridge -j ACCEPT"
            jumps = [f"{chain} -m addrtype --dst-type LOCAL -j {CHAIN}" for chain in ("PREROUTING", "OUTPUT")]
            scripts["node"] = f"{{ iptables -w -C {accept} 2>/dev/null || iptables -w -I {accept}; }} && " + table(
                on_node(plan, sandbox), jumps
            )
        for name, script in scripts.items():
            if self.done.get(name) != script:
                self.node.run("sh", "-e", stdin=script)
        self.done = scripts

    def _sandbox(self) -> str:
        network: Any = self.node.api("GET", "/networks/docker_gwbridge", timeout=10.0)
        inside = network.get("Containers", {}).get("ingress-sbox", {})
        return str(inside.get("IPv4Address", "")).partition("/")[0]


def follow_once(nodes: Sequence[Node]) -> None:
    """Asks the first manager that answers, and has each node follow."""
    for node in nodes:
        try:
            services: Any = node.node.api("GET", "/services", timeout=5.0)
            tasks: Any = node.node.api("GET", "/tasks", timeout=5.0)
            networks: Any = node.node.api("GET", "/networks", timeout=5.0)
        except EngineError:
            continue  # a worker, in no Swarm, or gone
        ingress = next((network["Id"] for network in networks if network.get("Ingress")), "")
        plan = wanted(services, tasks, ingress)
        with ThreadPoolExecutor() as pool:
            for result in [pool.submit(each.follow, plan) for each in nodes]:
                try:
                    result.result()
                except (EngineError, CommandError, OSError) as error:
                    print(error, file=sys.stderr, flush=True)  # a container that has just ended; the next time is near
        return


def main() -> int:
    """Follow as a daemon."""
    config = json.loads(Path(sys.argv[1]).read_text())
    child = os.fork()
    if child == 0:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        log = os.open(config["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for stream, target in ((0, null), (1, log), (2, log)):
            os.dup2(target, stream)
        _run(config["name"])
    print(child)
    return 0


def _run(name: str) -> NoReturn:
    nodes: list[Node] = []
    began = time.monotonic()
    while True:
        state = states.load(name)
        alive = state is not None and state.wire.alive
        if not alive and (nodes or time.monotonic() - began > _START_SECONDS):
            os._exit(0)
        if alive and state is not None and not nodes:
            nodes = [
                Node(LabNode(state.spec, spec, state.nodes[spec.name].pid, state.wire.pid))
                for spec in state.spec.nodes
                if spec.engine and spec.name in state.nodes
            ]
        try:
            follow_once(nodes)
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        time.sleep(_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
