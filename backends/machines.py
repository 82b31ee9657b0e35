"""The machines of a Swarm over SSH: one pool of connections, one resolver, one transport for each node."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backends.api import ExecRequest, ExecSession, Transport
from backends.model import Node
from backends.ssh.pool import Pool
from backends.ssh.questions import Questions
from backends.ssh.resolve import Resolution, Resolver
from backends.ssh.run import Completed
from backends.ssh.shell import open_shell, run_on
from backends.ssh.target import NodeMapping, Target
from backends.transport.ssh import Reach, SshTransport


class Machines:
    """Transports by node id. ``first`` is the way to the engine we were started on: where that is SSH, nodes that
    are not reached directly are tried through it."""

    def __init__(
        self,
        first: Transport,
        *,
        questions: Questions | None = None,
        mappings: Mapping[str, NodeMapping] | None = None,
        sudo: bool = False,
    ) -> None:
        self.pool = Pool(questions)
        self.resolver = Resolver(mappings=mappings)
        self._first, self._sudo = first, sudo
        self._transports: dict[str, SshTransport] = {}

    def transport(self, node: Node, known: Callable[[], Node], on_return: Callable[[], None]) -> SshTransport:
        """A transport for a node, not opened yet. ``known`` tells of the node as it is when it is opened;
        ``on_return`` is called when a lost connection is back."""

        async def resolve() -> Resolution:
            now = known()
            return await self.resolver.node(
                now.hostname,
                now.address,
                node_id=now.id,
                manager_address=now.manager.address.rpartition(":")[0] if now.manager else "",
                via=self._way(),
            )

        made = SshTransport(resolve, self.pool, endpoint=f"ssh://{node.name}", sudo=self._sudo, on_return=on_return)
        self._transports[node.id] = made
        return made

    def forget(self, node_id: str) -> None:
        """The node has left the Swarm."""
        self._transports.pop(node_id, None)

    def reach(self, node_id: str) -> Reach | None:
        """How a node is reached or why not; ``None`` where nobody needed it yet."""
        transport = self._transports.get(node_id)
        return transport.reach if transport is not None else None

    def target(self, node_id: str) -> Target | None:
        """The login that leads to a node; ``None`` where none has yet."""
        transport = self._transports.get(node_id)
        return transport.link.target if transport is not None and transport.link is not None else None

    async def allow(self, node_id: str) -> None:
        """A person says "try again": SSH's configuration is read anew, and what was refused is taken back."""
        self.resolver.forget()
        transport = self._transports.get(node_id)
        if transport is not None:
            await transport.allow()

    async def shell(self, target: Target, request: ExecRequest) -> ExecSession:
        """A login shell, or ``request.command``, on the machine. Raises ``BackendError``."""
        term = "xterm-256color" if request.tty else ""
        return await open_shell(self.pool, target, command=" ".join(request.command), size=request.size, term=term)

    async def run(self, target: Target, command: str, limit: float) -> Completed:
        """One command on the machine, run to its end. Raises ``BackendError``."""
        return await run_on(self.pool, target, command, limit=limit)

    def _way(self) -> Target | None:
        link = self._first.link if isinstance(self._first, SshTransport) else None
        return link.target if link is not None else None
