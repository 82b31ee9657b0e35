"""The lab's Swarm as dnet-tui opens it on one of its machines, but in a test's own process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest

from backends.api import Interest, Transport
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.machines import Machines
from backends.model import Kind
from backends.ssh import dial
from backends.ssh.config import SshConfig
from backends.ssh.resolve import Resolver
from backends.ssh.target import NodeMapping
from backends.swarm import SwarmCluster
from backends.transport import transport_for
from tests.lab import lab as labs
from tests.lab.fixtures import require_lab
from tests.lab.images import BOX
from tests.lab.lab import Lab
from tests.lab.node import LabNode
from tests.lab.spec import LabSpec, NodeSpec, NodeUser
from tests.lab.ssh import sockets_in

#: What a list of containers needs.
CONTAINERS = Interest(kinds=frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK}))


@contextlib.contextmanager
def on_machine(node: LabNode) -> Iterator[None]:
    """Connections start in the network of a node of the lab."""
    before = dial.make_socket
    dial.make_socket = sockets_in(node.pid)  # type: ignore[assignment]
    try:
        yield
    finally:
        dial.make_socket = before


@contextlib.asynccontextmanager
async def opened(
    lab: Lab,
    *,
    start: LabNode | None = None,
    url: str = "",
    mappings: Mapping[str, NodeMapping] | None = None,
    sudo: bool = False,
    interest: Interest = CONTAINERS,
    engine_for: Callable[[Transport], SdkEngine] = SdkEngine,
) -> AsyncIterator[tuple[SwarmCluster, Machines]]:
    """The cluster that ``dnet-tui`` would open as root of ``start``, the first manager by default; ``url`` is the
    endpoint, its own socket by default. Names are known to the machines of the lab only, so all go by address."""
    node = start or lab.manager
    home = node.folder / "root/upper"
    made = Machines(mappings=mappings, sudo=sudo)
    made.resolver = Resolver(SshConfig(home=home, file=home / ".ssh/config", program=""), mappings=mappings, environ={})
    spec = EndpointSpec(url or f"unix://{node.socket}", origin="the test")
    transport: Transport = made.engine(spec) if spec.scheme == "ssh" else transport_for(spec)
    cluster = SwarmCluster(engine_for(transport), machines=lambda: made, engine_for=engine_for, interest=interest)
    with on_machine(node):
        cluster.watch(interest)
        await cluster.start()
        try:
            yield cluster, made
        finally:
            await cluster.aclose()


#: A Swarm with everything that can be wrong with reaching a node, and a machine outside of it.
FAR_NODES: tuple[NodeSpec, ...] = (
    NodeSpec("manager1", role="manager"),
    NodeSpec("worker1"),
    NodeSpec("nostream", ssh_port=2222, sshd_options=("AllowStreamLocalForwarding no", "MaxSessions 4")),
    NodeSpec("sudoer", ssh_user="plain", users=(NodeUser("plain", docker=False, sudo=True),)),
    NodeSpec("changed", trust="changed"),
    NodeSpec("dark", ssh=False),
    NodeSpec("inner", behind="manager1"),
    NodeSpec("laptop", role="none", engine=False),
)


@pytest.fixture(scope="session")
def far_lab() -> Iterator[Lab]:
    """The Swarm of ``FAR_NODES``, one service on all of them."""
    require_lab()
    started = labs.up(LabSpec(f"far-{os.getpid()}", FAR_NODES, sample=False), owner=os.getpid())
    try:
        # Each module that imports this has one of its own, on the same lab.
        if "everywhere" not in started.manager.docker("service", "ls", "--format", "{{.Name}}"):
            create = ("service", "create", "-q", "--no-resolve-image", "--name=everywhere", "--mode=global")
            started.manager.docker(*create, BOX)
        yield started
    finally:
        started.down()
