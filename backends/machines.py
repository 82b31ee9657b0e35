"""The machines of a Swarm over SSH: one pool of connections, one resolver, one transport for each node."""

from __future__ import annotations

import contextlib
import logging
import resource
from collections.abc import Callable, Mapping

from backends.api import ExecRequest, ExecSession, Transport
from backends.contexts import EndpointSpec
from backends.errors import BackendError
from backends.model import Node
from backends.ssh.pool import Pool
from backends.ssh.questions import Questions
from backends.ssh.resolve import Resolution, Resolver
from backends.ssh.run import Completed
from backends.ssh.shell import open_shell, run_on
from backends.ssh.target import NodeMapping, Target
from backends.transport.ssh import Reach, SshTransport, transport_of

_log = logging.getLogger(__name__)

#: Open files that a Swarm of any size may take: about eight for each node. Where a login has 1024, as is usual, a
#: hundred nodes would be too many.
_FILES = 65_536


class Machines:
    """Transports by node id. ``first`` is the way to the engine we were started on, set by whoever makes it: where
    that is SSH, nodes that are not reached directly are tried through it."""

    def __init__(
        self,
        *,
        questions: Questions | None = None,
        mappings: Mapping[str, NodeMapping] | None = None,
        sudo: bool = False,
    ) -> None:
        _more_files()
        self.pool = Pool(questions)
        self.told: Callable[[], None] = lambda: None
        """Called whenever how a node is reached, or what is asked of a person, has changed."""
        self.pool.answers.on_change(lambda: self.told())
        self.resolver = Resolver(mappings=mappings)
        self.first: Transport | None = None
        self.sudo = sudo
        """Whether ``sudo -n docker`` may be tried where a mapping says nothing of it."""
        self._transports: dict[str, SshTransport] = {}

    def engine(self, spec: EndpointSpec) -> SshTransport:
        """The way to the engine we are started on, over the same connections and questions as the nodes."""
        made = transport_of(spec, self.pool, self.resolver, sudo=self.sudo)
        self.first = made
        return made

    def transport(
        self,
        node: Node,
        known: Callable[[], Node],
        on_return: Callable[[], None],
        twin: Callable[[], bool] = lambda: False,
    ) -> SshTransport:
        """A transport for a node, not opened yet. ``known`` tells of the node as it is when it is opened, and
        ``twin`` whether another one has the same host name; ``on_return`` is called when a lost connection is back."""

        async def resolve() -> Resolution:
            return await self._resolve(self.resolver, known(), twin())

        made = SshTransport(resolve, self.pool, endpoint=f"ssh://{node.name}", sudo=self.sudo, on_return=on_return)
        made.told = lambda: self.told()
        self._transports[node.id] = made
        return made

    async def test(self, node: Node, mapping: NodeMapping) -> Reach:
        """How a node would be reached with a mapping; what is in use stays as it is. A person has said so: what was
        refused is tried once more."""
        resolver = Resolver(mappings={node.id: mapping})
        found: Resolution | None = None

        async def resolve() -> Resolution:
            nonlocal found
            if found is None:
                found = await self._resolve(resolver, node)
                for target in found.targets:
                    self.pool.allow(target)
            return found

        transport = SshTransport(resolve, self.pool, endpoint=f"ssh://{node.name}", sudo=self.sudo)
        try:
            await transport.open()
        except BackendError as error:
            _log.debug("the test of %s: %s", node.name, error)
        finally:
            await transport.close()
        return transport.reach

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

    async def _resolve(self, resolver: Resolver, node: Node, twin: bool = False) -> Resolution:
        return await resolver.node(
            node.hostname,
            node.address,
            node_id=node.id,
            manager_address=node.manager.address.rpartition(":")[0] if node.manager else "",
            via=self.way(),
            twin=twin,
        )

    def way(self) -> Target | None:
        """The login that leads to the engine we are started on; ``None`` where that is not over SSH."""
        link = self.first.link if isinstance(self.first, SshTransport) else None
        return link.target if link is not None else None


def _more_files() -> None:
    """Lets this process open as many files as it may need, as far as the system allows."""
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
