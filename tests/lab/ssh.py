"""The lab over SSH, from a test's own process: logins as root of the first node, sockets in its network.

``SSH_NODES`` are machines with everything that can be wrong with SSH; ``ssh_lab`` runs them once for a session.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from backends.ssh.config import SshConfig
from backends.ssh.resolve import Resolver
from backends.ssh.target import NodeMapping, Target
from tests.lab import kernel
from tests.lab import lab as labs
from tests.lab.fixtures import require_lab
from tests.lab.lab import Lab
from tests.lab.spec import LabSpec, NodeSpec, NodeUser

#: Plain engines: nothing of SSH needs a Swarm.
SSH_NODES: tuple[NodeSpec, ...] = (
    NodeSpec(
        "gate", role="manager", users=(NodeUser("plain", docker=False, sudo=True), NodeUser("guest", docker=False))
    ),
    NodeSpec(
        "nostream",
        ssh_port=2222,
        ssh_user="ops",
        users=(NodeUser("ops"),),
        sshd_options=("AllowStreamLocalForwarding no", "MaxSessions 4"),
    ),
    NodeSpec("notcp", sshd_options=("AllowTcpForwarding no",)),
    NodeSpec("inner", behind="gate"),
    NodeSpec("silent", engine=False, silent=True),
    NodeSpec("changed", engine=False, trust="changed"),
    NodeSpec("unknown", engine=False, trust="unknown"),
    NodeSpec("down", engine=False, ssh=False),
)


@pytest.fixture(scope="session")
def ssh_lab() -> Iterator[Lab]:
    """The machines of ``SSH_NODES``."""
    require_lab()
    started = labs.up(LabSpec(f"ssh-{os.getpid()}", SSH_NODES, swarm=False, images=False), owner=os.getpid())
    try:
        yield started
    finally:
        started.down()


async def login(lab: Lab, node: str, *, user: str = "") -> Target:
    """How root of the first node would log in on a node, by its address; as another user where one is named."""
    home = lab.manager.folder / "root/upper"
    config = SshConfig(home=home, file=home / ".ssh/config", program="")
    mappings = {node: NodeMapping(host=lab.nodes[node].address, user=user)}
    found = await Resolver(config, mappings=mappings, environ={}).node(node)
    (target,) = found.targets
    # Names of jump hosts are known inside only.
    jump = tuple(_by_address(lab, hop) for hop in target.jump)
    return replace(target, jump=jump)


def _by_address(lab: Lab, hop: Target) -> Target:
    return replace(hop, host=lab.nodes[hop.host].address) if hop.host in lab.nodes else hop


def sockets_in(pid: int) -> Callable[..., socket.socket]:
    """What makes sockets in a process's network namespace, for ``backends.ssh.dial.make_socket``."""

    def make(family: int, kind: int, protocol: int) -> socket.socket:
        with kernel.network_of(pid):
            return socket.socket(family, kind, protocol)

    return make
