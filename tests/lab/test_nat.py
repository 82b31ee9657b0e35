"""Virtual addresses and published ports carry traffic where a lab is told so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.lab import lab as labs
from tests.lab import nat
from tests.lab.engine_api import PATIENCE, wait_for
from tests.lab.fixtures import require_lab
from tests.lab.images import BOX, BOX_NEXT
from tests.lab.lab import Lab
from tests.lab.node import CommandError
from tests.lab.spec import LabSpec, NodeSpec

SERVICE = {
    "ID": "s",
    "Endpoint": {
        "VirtualIPs": [{"NetworkID": "ingress", "Addr": "10.0.0.5/24"}, {"NetworkID": "net", "Addr": "10.0.1.2/24"}],
        "Ports": [
            {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"},
            {"Protocol": "tcp", "TargetPort": 81, "PublishedPort": 8081, "PublishMode": "host"},
        ],
    },
}


def task(number: int, state: str = "running") -> object:
    addresses = {"ingress": f"10.0.0.{number}/24", "net": f"10.0.1.{number}/24"}
    return {
        "ServiceID": "s",
        "DesiredState": "running",
        "Status": {"State": state},
        "NetworksAttachments": [{"Network": {"ID": id}, "Addresses": [text]} for id, text in addresses.items()],
    }


def test_what_runs_gets_a_share_of_each_address() -> None:
    # GIVEN a service with two running tasks, and one that is starting
    plan = nat.wanted([SERVICE], [task(7), task(8), task(9, "starting")], "ingress")
    # THEN its address leads to both that run, each as often as the other
    assert nat.in_container(plan) == [
        f"-A {nat.CHAIN} -d 10.0.1.2/32 -m statistic --mode random --probability 0.5000 -j DNAT "
        "--to-destination 10.0.1.7",
        f"-A {nat.CHAIN} -d 10.0.1.2/32 -j DNAT --to-destination 10.0.1.8",
    ]
    # THEN its port on the ingress network leads into the sandbox, and from there to them; one of a host is docker's own
    assert nat.on_node(plan, "172.18.0.2") == [
        f"-A {nat.CHAIN} -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:8080"
    ]
    assert [rule.split()[-1] for rule in nat.in_sandbox(plan)] == ["10.0.0.7:8080", "10.0.0.8:8080"]


@pytest.fixture
def carrying() -> Iterator[Lab]:
    """Two nodes of a Swarm."""
    require_lab()
    nodes = (NodeSpec("manager1", role="manager"), NodeSpec("worker1"))
    started = labs.up(LabSpec(f"nat-{os.getpid()}", nodes, sample=False, nat=True), owner=os.getpid())
    try:
        yield started
    finally:
        started.down()


@pytest.mark.lab
def test_an_address_and_a_port_lead_to_the_tasks(carrying: Lab) -> None:
    # GIVEN a service on each node, on one network, one of them published
    manager = carrying.manager
    manager.docker("network", "create", "-d", "overlay", "both")
    create = ("service", "create", "-q", "--no-resolve-image", "--network=both", "--constraint")
    manager.docker(*create, "node.role==worker", "--name=web", "-p", "8080:80", BOX)
    manager.docker(*create, "node.role==manager", "--name=asker", BOX_NEXT)

    def answers(*command: str) -> Callable[[], bool]:
        def look() -> bool:
            try:
                return "lab box 1" in manager.run(*command)
            except CommandError:
                return False

        return look

    # THEN a container reaches the other by its name, which is the virtual address
    asker = manager.docker("ps", "-q", "--filter", "name=asker").strip()
    ask = ("docker", "exec", asker, "sh", "-c", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc web 80")
    wait_for(answers(*ask), "an answer at the virtual address", PATIENCE)
    # THEN the port answers on the node that has no task as well
    fetch = "import urllib.request as u; print(u.urlopen('http://{}:8080/', timeout=5).read().decode())"
    for node in carrying.nodes.values():
        wait_for(answers("python3", "-c", fetch.format(node.address)), f"an answer of {node.name}", PATIENCE)
