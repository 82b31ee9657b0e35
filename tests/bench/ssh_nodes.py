"""A Swarm of any number of simulated nodes behind one SSH server, as a process of its own: each node an address of
the loopback network, its ``docker.sock`` that node's simulated engine."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Any

import asyncssh

from backends.fake.clock import SystemClock
from backends.fake.make.cluster import add_cluster
from backends.fake.make.container import add_container
from backends.fake.make.network import add_builtin_networks, add_network
from backends.fake.make.node import add_node
from backends.fake.scenario import Scene
from backends.fake.server import FakeServer
from backends.fake.world import World

#: Containers on each node.
BOXES = 8


def address(number: int) -> str:
    """The address of a node; the first is the manager."""
    return f"127.{100 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def name(number: int) -> str:
    """The host name of a node."""
    return f"node-{number:03}"


def scene(nodes: int) -> Scene:
    """One manager and its workers, each with a few containers."""
    world = World(SystemClock(), 1)
    add_cluster(world, "many")
    for number in range(nodes):
        role = "worker" if number else "manager"
        add_node(world, name(number), f"10.9.{number // 250}.{number % 250 + 1}", role=role, leader=not number)
        host = world.hosts[name(number)]
        add_builtin_networks(world, host)
        for box in range(BOXES):
            add_container(world, host, f"box-{number}-{box}", "registry.example/app:1.0", age=3600.0)
    add_network(world, "ingress", "10.255.0.0/16", ingress=True)
    return Scene(world, name(0))


class _Server(asyncssh.SSHServer):
    def __init__(self, folder: Path, numbers: dict[str, int]) -> None:
        self._folder, self._numbers = folder, numbers
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def unix_connection_requested(self, dest_path: str) -> Any:
        assert self._connection is not None
        asked = self._connection.get_extra_info("sockname")[0]
        return self._connection.forward_unix_connection(str(self._folder / f"{self._numbers[asked]}.sock"))


async def _serve(folder: Path, nodes: int) -> None:
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    made = scene(nodes)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key.write_private_key(str(folder / "key"))
    (folder / "key").chmod(0o600)
    client_key.write_public_key(str(folder / "authorized"))
    async with contextlib.AsyncExitStack() as stack:
        for number in range(nodes):
            server = FakeServer(made, folder / f"{number}.sock", node=name(number))
            await stack.enter_async_context(server)
        numbers = {address(number): number for number in range(nodes)}
        acceptor = await asyncssh.listen(
            "0.0.0.0",
            0,
            server_factory=lambda: _Server(folder, numbers),
            server_host_keys=[host_key],
            authorized_client_keys=str(folder / "authorized"),
            encoding=None,
        )
        port = acceptor.get_port()
        public = host_key.export_public_key("openssh").decode().strip()
        lines = [f"[{address(number)}]:{port} {public}\n" for number in range(nodes)]
        (folder / "known_hosts").write_text("".join(lines))
        (folder / "config").write_text(
            f"Host *\n  Port {port}\n  User ops\n  IdentityFile {folder}/key\n  IdentityAgent none\n"
            f"  UserKnownHostsFile {folder}/known_hosts\n"
        )
        print("ready", flush=True)
        await end.wait()
        acceptor.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
