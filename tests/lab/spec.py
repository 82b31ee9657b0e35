"""What a lab consists of: its nodes, their users and where its files lie."""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

REPOSITORY = Path(__file__).resolve().parents[2]

#: Environment variable that marks the processes which hold a lab's namespaces.
ANCHOR_VARIABLE = "DNET_LAB_ANCHOR"
HOME_VARIABLE = "DNET_LAB_HOME"
"""The namespaces of whoever started the lab, as ``tests.lab.processes.home`` tells them."""

#: Folders of a node that are its own copy (overlay) of the machine's.
OWN_FOLDERS = ("/etc", "/root", "/home")

#: Folders of a node that start empty.
EMPTY_FOLDERS = ("/run", "/var/log")

Role = Literal["manager", "worker", "none"]
HostKeyTrust = Literal["known", "unknown", "changed"]


@dataclass(frozen=True)
class NodeUser:
    """A login on one node, authorised with the lab's client key."""

    name: str
    docker: bool = True
    sudo: bool = False


@dataclass(frozen=True)
class NodeSpec:
    """One node, before it exists.

    ``role`` is its part in the Swarm ("none": an engine that has not joined);
    ``trust`` is what the other nodes' known_hosts say about its host key;
    ``silent`` puts something in sshd's place that takes connections and never
    says a word; ``behind`` names the only node from which its sshd can be
    reached, a jump host for all others.
    """

    name: str
    role: Role = "worker"
    engine: bool = True
    engine_options: tuple[str, ...] = ()
    ssh: bool = True
    ssh_port: int = 22
    ssh_user: str = "root"
    sshd_options: tuple[str, ...] = ()
    trust: HostKeyTrust = "known"
    users: tuple[NodeUser, ...] = ()
    silent: bool = False
    behind: str = ""


#: A manager and two workers.
SWARM_OF_THREE: tuple[NodeSpec, ...] = (
    NodeSpec("manager1", role="manager"),
    NodeSpec("worker1"),
    NodeSpec("worker2"),
)


def plain_engines(count: int) -> tuple[NodeSpec, ...]:
    """Machines with an engine and sshd that are in no Swarm, for ``LabSpec(..., swarm=False, sample=False)``: ``one``,
    ``two``, ..."""
    names = ("one", "two", "three", "four", "five", "six", "seven")
    return tuple(NodeSpec(name, role="none") for name in names[:count])


@dataclass(frozen=True)
class LabSpec:
    """A whole lab, before it exists.

    ``seed`` adds the images of ``seed_images.py``; ``nat`` lets virtual
    addresses and published ports carry traffic (``nat.py``).
    """

    name: str = "lab"
    nodes: tuple[NodeSpec, ...] = SWARM_OF_THREE
    swarm: bool = True
    images: bool = True
    sample: bool = True
    seed: bool = False
    nat: bool = False

    def __post_init__(self) -> None:
        # The name becomes a folder, a cgroup and part of a socket path, which
        # the kernel limits to 107 bytes.
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,19}", self.name):
            raise ValueError(f"not a lab name: {self.name!r} (a-z, 0-9 and -, at most 20)")
        names = [node.name for node in self.nodes]
        if len(set(names)) != len(names):
            raise ValueError("two nodes of one name")

    @property
    def folder(self) -> Path:
        """The folder that holds everything of this lab."""
        return base_folder() / self.name

    def node_folder(self, node: str) -> Path:
        """The folder that holds everything of one node."""
        return self.folder / node

    @property
    def subnet(self) -> str:
        """The first three bytes of the wire's network, with the last dot.

        198.18.0.0/15 is set aside for such tests (RFC 2544) and lies outside
        Docker's own address pools. Two labs could share a subnet without harm:
        their wires are in namespaces of their own.
        """
        return f"198.18.{zlib.crc32(self.name.encode()) % 250 + 1}."

    @property
    def gateway(self) -> str:
        """The wire's own address, where nothing but the resolver answers."""
        return f"{self.subnet}1"

    def address(self, node: str) -> str:
        """The address of a node on the wire."""
        names = [each.name for each in self.nodes]
        return f"{self.subnet}{11 + names.index(node)}"

    def port(self, node: str) -> str:
        """The name of the wire's port to a node (at most 15 characters)."""
        names = [each.name for each in self.nodes]
        return f"port{names.index(node)}"

    @property
    def cgroup(self) -> str:
        """The cgroup below which all containers of this lab live."""
        return f"/dnet-lab/{self.name}"


def base_folder() -> Path:
    """Where labs live: ``DNET_LAB_DIR``, or a folder in /tmp."""
    base = Path(os.environ.get("DNET_LAB_DIR") or "/tmp/dnet-lab")
    if any(Path(folder) in base.parents for folder in OWN_FOLDERS + EMPTY_FOLDERS):
        raise ValueError(f"{base} is hidden inside the nodes: choose another DNET_LAB_DIR")
    return base


def default_name() -> str:
    """The lab that the command line means: ``DNET_LAB_NAME``, or "lab"."""
    return os.environ.get("DNET_LAB_NAME") or "lab"
