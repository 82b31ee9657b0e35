"""Machines over SSH, on the connections, questions and host keys that the nodes of the Swarm share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from backends.api import Engine, ExecRequest, ExecSession, Transport
from backends.errors import BackendError, Unreachable
from backends.joining.here import Here
from backends.joining.machine import Machine
from backends.joining.ways import Guest
from backends.ssh import names
from backends.ssh.blocks import Blocks
from backends.ssh.resolve import Resolution
from backends.ssh.shell import open_shell, run_on
from backends.ssh.target import NodeMapping, mapping_of
from backends.transport.ssh import Reach, SshTransport

if TYPE_CHECKING:
    from backends.machines import Machines
    from backends.ssh.run import Completed
    from backends.ssh.target import Target
    from backends.swarm import SwarmCluster


class SshWays:
    """Implements ``backends.joining.ways.Ways``."""

    def __init__(
        self, cluster: SwarmCluster, machines: Machines, engine_for: Callable[[Transport], Engine], sudo: bool
    ) -> None:
        self._cluster, self._machines, self._engine_for, self._sudo = cluster, machines, engine_for, sudo
        self._guests: list[SshGuest] = []

    def guest(self, text: str) -> Guest:
        """A machine as it is typed. Raises ``Unreachable``."""
        try:
            names.hop(text)
        except ValueError as error:
            raise Unreachable(
                f"{text!r} is no machine.", hint="user@host, user@host:port, or a Host of ~/.ssh/config"
            ) from error
        made = SshGuest(text, self._machines, self._engine_for, self._sudo)
        self._guests.append(made)
        return made

    def machine(self, node_id: str) -> Machine | str:
        """This node's own machine, or another one where its connection stands."""
        cluster = self._cluster
        node = cluster.snapshot.nodes.get(node_id)
        name = node.name if node is not None else "this machine"
        if node_id == cluster.snapshot.node_id and cluster.local:
            return Here(name)
        target = self._machines.way() if node_id == cluster.snapshot.node_id else self._machines.target(node_id)
        if target is None:
            reach = cluster.reach(node_id)
            problem = reach.problem if reach is not None else None
            return str(problem).rstrip(".") if problem is not None else "not connected over SSH"
        reach = cluster.reach(node_id)
        sudo = reach is not None and reach.how.endswith("sudo")
        return SshMachine(name, self._machines, target, sudo=sudo)

    def remember(self, hostname: str, text: str) -> None:
        """The login that was typed is how the node is reached, unless its mapping says otherwise."""
        resolver, hop = self._machines.resolver, names.hop(text)
        if hostname and mapping_of(resolver.mappings, hostname)[1] is None:
            made = NodeMapping(host=hop.host, user=hop.user, port=hop.port)
            resolver.mappings = {**resolver.mappings, hostname: made}

    async def aclose(self) -> None:
        """Lets all guests go: the session ends."""
        guests, self._guests = self._guests, []
        await asyncio.gather(*(guest.close() for guest in guests), return_exceptions=True)

    def known(self) -> tuple[str, ...]:
        """Hosts of ``~/.ssh/config`` that are no patterns."""
        return Blocks(Path.home(), None).hosts()


class SshMachine:
    """Implements ``backends.joining.machine.Machine``."""

    python = ""

    def __init__(self, name: str, machines: Machines, target: Target, *, sudo: bool) -> None:
        self.name, self.sudo = name, sudo
        self._machines, self._target = machines, target

    async def run(self, command: str, *, limit: float = 30.0) -> Completed:
        """One command, run to its end."""
        return await run_on(self._machines.pool, self._target, command, limit=limit)

    async def start(self, command: str) -> ExecSession:
        """A command that goes on, without a terminal."""
        return await open_shell(self._machines.pool, self._target, command=command, term="")


class SshGuest:
    """Implements ``backends.joining.ways.Guest``."""

    def __init__(self, text: str, machines: Machines, engine_for: Callable[[Transport], Engine], sudo: bool) -> None:
        self._text, self._machines = text, machines
        self._target: Target | None = None
        self._transport = SshTransport(self._resolve, machines.pool, endpoint=f"ssh://{text}", sudo=sudo)
        self._transport.told = lambda: machines.told()
        self.engine = engine_for(self._transport)

    @property
    def login(self) -> str:
        """``user@host`` once that is known."""
        return str(self._target) if self._target is not None else self._text

    @property
    def reach(self) -> Reach:
        """How it is reached or why not."""
        return self._transport.reach

    async def open(self, *, again: bool = False) -> Machine:
        """Logs in, and connects to its engine."""
        if again:
            self._machines.resolver.forget()
            if self._target is not None:
                self._machines.pool.allow(self._target)
            await self._transport.allow()
        await self.engine.connect()
        found = await self.machine()
        if found is None:
            raise Unreachable(f"{self.login} is not connected.")
        return found

    async def machine(self) -> SshMachine | None:
        """Its shell, once the login has worked."""
        link = self._transport.link
        if link is None or not link.standing:
            return None
        return SshMachine(link.target.host, self._machines, link.target, sudo=self._transport.how.endswith("sudo"))

    async def shell(self, request: ExecRequest) -> ExecSession:
        """A login shell there. Raises ``BackendError``."""
        if self._target is None:
            raise Unreachable(f"{self._text} is not connected.")
        return await self._machines.shell(self._target, request)

    async def close(self) -> None:
        """Lets it go."""
        try:
            await self.engine.aclose()
        except BackendError:
            await self._transport.close()

    async def _resolve(self) -> Resolution:
        hop = names.hop(self._text)
        found = await self._machines.resolver.host(self._text, "as typed")
        way = self._machines.way()
        self._target = found
        targets = [found]
        if way is not None and not found.jump and not found.proxy_command and found.host == hop.host:
            from backends.ssh.resolve import through

            # The Swarm is itself reached over SSH: what is beside it may not be reached from here.
            targets.append(through(way, found))
        return Resolution(tuple(targets))
