"""The Swarm with the engines of its other nodes, over SSH: connected when the screen first needs them.

Nothing here knows SSH's ways, nor imports what does before a node is needed: ``backends.machines`` brings it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from socket import gethostname
from typing import TYPE_CHECKING

from backends.api import Engine, ExecRequest, ExecSession, Interest, Transport
from backends.cluster import FIRST_INTEREST, LocalCluster
from backends.contexts import EndpointSpec
from backends.errors import BackendError, Unreachable
from backends.local_run import run_here
from backends.local_shell import open_local_shell
from backends.model import Changes, Key, Kind, LinkState, Node
from backends.transport import transport_for
from backends.whereabouts import elsewhere

if TYPE_CHECKING:
    from backends.joining.over_ssh import SshWays
    from backends.joining.ways import Ways
    from backends.machines import Machines
    from backends.ssh.questions import Question, Questions
    from backends.ssh.run import Completed
    from backends.ssh.target import NodeMapping, Target
    from backends.transport.ssh import Reach

_log = logging.getLogger(__name__)

#: Kinds of which every node has its own: a screen that shows them wants all engines. ``ENGINE`` says so by itself.
PER_NODE = frozenset({Kind.CONTAINER, Kind.VOLUME, Kind.IMAGE, Kind.ENGINE})
#: Seconds that somebody who asks for one node waits for it, where no person has to answer first.
WAIT = 20.0
#: Seconds in which changes of how nodes are reached are gathered.
TOGETHER = 0.05


class SwarmCluster(LocalCluster):
    """A cluster whose other nodes are reached over SSH. ``nodes`` is itself."""

    def __init__(
        self,
        engine: Engine,
        *,
        machines: Callable[[], Machines],
        engine_for: Callable[[Transport], Engine],
        interest: Interest = FIRST_INTEREST,
        reach: bool = True,
    ) -> None:
        """``machines`` brings SSH when it is first needed; ``engine_for`` makes the client on a node's transport.
        Without ``reach`` the other nodes are left alone."""
        super().__init__(engine, interest=interest)
        self._machines_of, self._engine_for, self._reach = machines, engine_for, reach
        self._made: Machines | None = None
        self._ways: SshWays | None = None
        self._known: set[str] = set()
        self._all = self._meeting = False
        self._leaving: set[asyncio.Task[None]] = set()
        self._telling: asyncio.TimerHandle | None = None
        self.subscribe(self._changed)

    @property
    def _machines(self) -> Machines:
        """SSH, brought when it is first needed."""
        if self._made is None:
            self._made = self._machines_of()
            self._made.told = self._reach_changed
        return self._made

    def bring(self) -> None:
        """Brings SSH at once: the first engine is reached over it, and its questions are told of."""
        _ = self._machines

    # -- what the screen asks ---------------------------------------------------------------------------

    @property
    def nodes(self) -> SwarmCluster | None:
        """The machines of the Swarm as such; ``None`` where they are left alone."""
        return self if self._reach else None

    @property
    def over_ssh(self) -> bool:
        """Whether the engine we are started on is itself reached over SSH: then its machine is another one too."""
        return self._made is not None and self._made.way() is not None

    @property
    def local(self) -> bool:
        """Whether the engine we are started on is on this very machine."""
        return not self.over_ssh and not elsewhere(self.engine.endpoint, self.snapshot.engine, gethostname())

    @property
    def waiting(self) -> tuple[tuple[Question, int], ...]:
        """Questions that only a person can answer, each with how many logins wait for it."""
        return self._made.pool.answers.waiting if self._made is not None else ()

    def map(self, mappings: Mapping[str, NodeMapping]) -> None:
        """What a person says about nodes, anew; counts from the next try."""
        self._machines.resolver.mappings = mappings

    async def test(self, node_id: str, mapping: NodeMapping) -> Reach:
        """How a node would be reached with a mapping; what is in use stays. Raises ``Unreachable``."""
        node = self.snapshot.nodes.get(node_id)
        if node is None:
            raise Unreachable("This node is not in the Swarm any more.")
        return await self._machines.test(node, mapping)

    def reach(self, node_id: str) -> Reach | None:
        """How a node is reached or why not; ``None`` for this node and those that nobody needed yet."""
        return self._made.reach(node_id) if self._made is not None else None

    def watch(self, interest: Interest) -> None:
        """Replaces what the screen needs; the first that is of every node connects to all."""
        super().watch(interest)
        if self._reach and not self._all and interest.kinds & PER_NODE:
            self._all = True
            self._meet()

    def retry(self) -> None:
        """Tries lost connections now; what was refused stays so."""
        if self._made is not None:
            self._made.pool.wake()
        super().retry()

    async def try_again(self, node_id: str) -> None:
        """A person says "try again": reads SSH's configuration anew, and takes back what was refused there."""
        node = self.snapshot.nodes.get(node_id)
        if node is None or node_id == self.snapshot.node_id:
            return
        if node_id not in self._known:
            self._connect(node)
            return
        await self._machines.allow(node_id)
        self.feed_retry(node_id)

    async def exec(self, key: Key, request: ExecRequest) -> ExecSession:
        """Starts a command in a container; connects to its node first where nobody has yet."""
        await self._need(self._node_of(key))
        return await super().exec(key, request)

    async def shell(self, node_id: str, request: ExecRequest) -> ExecSession:
        """A login shell on the machine itself, or ``request.command`` there. Raises ``BackendError``."""
        if node_id == self.snapshot.node_id and self.local:
            return await open_local_shell(" ".join(request.command), size=request.size)
        return await self._machines.shell(await self._target(node_id), request)

    async def run(self, node_id: str, command: str, *, limit: float = 30.0) -> Completed:
        """One command on the machine itself, run to its end."""
        if node_id == self.snapshot.node_id and self.local:
            return await run_here(command, limit)
        return await self._machines.run(await self._target(node_id), command, limit)

    async def aclose(self) -> None:
        """Ends everything. Never hangs."""
        await super().aclose()
        if self._telling is not None:
            self._telling.cancel()
        for task in tuple(self._leaving):
            task.cancel()
        if self._made is None:
            return
        try:
            async with asyncio.timeout(3):
                if self._ways is not None:
                    await self._ways.aclose()
                await self._made.pool.close()
        except TimeoutError:
            _log.warning("SSH connections did not end in time")

    def _reach_changed(self) -> None:
        """Hundreds of connections that are being opened tell of each step: the screen hears of all at once."""
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TOGETHER, self._tell_reach)

    def _tell_reach(self) -> None:
        self._telling = None
        self._store.tell(Changes(links=True))

    def ways(self) -> Ways:
        """From here to machines that may join the Swarm. Raises ``Unreachable`` where SSH is off."""
        from backends.joining.over_ssh import SshWays

        if not self._reach:
            raise Unreachable("Other machines are not reached from here: SSH is off.")
        if self._ways is None:
            self._ways = SshWays(self, self._machines, self._engine_for, self._machines.sudo)
        return self._ways

    # -- nodes come and go ------------------------------------------------------------------------------

    def _changed(self, changes: Changes) -> None:
        if Kind.NODE in changes.kinds or changes.links:
            self._meet()

    def _meet(self) -> None:
        """Connects to nodes that are new, lets go of those that have left the Swarm."""
        snapshot = self.snapshot
        if snapshot.engine is None or Kind.NODE not in snapshot.listed:
            return
        if self._meeting:
            return  # each node that is met is told of, which leads here again
        if self._all:
            self._meeting = True
            try:
                for node in snapshot.nodes.values():
                    if node.id != snapshot.node_id and node.id not in self._known:
                        self._connect(node)
            finally:
                self._meeting = False
        # The engine we were started on is not reached a second time, also where another one answers there now.
        for gone in self._known - (snapshot.nodes.keys() - {snapshot.node_id}):
            self._known.discard(gone)
            self._machines.forget(gone)
            task = asyncio.get_running_loop().create_task(self.remove(gone), name=f"leave {gone[:12]}")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def _connect(self, node: Node) -> None:
        node_id = node.id
        self._known.add(node_id)
        transport = self._machines.transport(
            node,
            lambda: self.snapshot.nodes.get(node_id, node),
            lambda: self.feed_retry(node_id),
            lambda: self._has_twin(node_id),
        )
        self.add(node_id, self._engine_for(transport))

    def _has_twin(self, node_id: str) -> bool:
        """Whether another node has the same host name, as machines have that were made from one image."""
        nodes = self.snapshot.nodes
        mine = nodes.get(node_id)
        return mine is not None and any(n.hostname == mine.hostname and n.id != node_id for n in nodes.values())

    # -- one node is needed -----------------------------------------------------------------------------

    def _node_of(self, key: Key) -> str:
        snapshot = self.snapshot
        if key.kind is Kind.CONTAINER and key.id in snapshot.containers:
            return snapshot.containers[key.id].node_id
        if key.kind is Kind.TASK and key.id in snapshot.tasks:
            return snapshot.tasks[key.id].node_id
        return ""

    async def _need(self, node_id: str) -> None:
        """Waits until a node's engine has answered or it is known why it does not."""
        snapshot = self.snapshot
        if not self._reach or not node_id or node_id == snapshot.node_id or node_id not in snapshot.nodes:
            return
        if node_id not in self._known:
            self._connect(snapshot.nodes[node_id])
        while True:
            try:
                async with asyncio.timeout(WAIT):
                    await self._settled(node_id)
                    break
            except TimeoutError:
                if self._asking(node_id):
                    continue  # a person may take hours; who does not want to wait cancels
                name = snapshot.nodes[node_id].name
                raise Unreachable(f"{name} does not answer yet.", hint="t tries again.") from None
        link = self.snapshot.links.get(node_id)
        if link is not None and link.state is not LinkState.LIVE:
            raise Unreachable(f"{snapshot.nodes[node_id].name}: {link.problem}", hint=link.hint)

    def _asking(self, node_id: str) -> bool:
        """Whether a node waits for the answer of a person."""
        reach = self.reach(node_id)
        return reach is not None and reach.link is not None and reach.link.phase == "asking"

    async def _settled(self, node_id: str) -> None:
        told = asyncio.Event()
        end = self.subscribe(lambda _: told.set())
        try:
            while True:
                link = self.snapshot.links.get(node_id)
                if link is not None and link.state is not LinkState.CONNECTING:
                    return
                told.clear()
                await told.wait()
        finally:
            end()

    async def _target(self, node_id: str) -> Target:
        """The target that leads to a node, by its transport's own choice where that has one."""
        node = self.snapshot.nodes.get(node_id)
        if node_id == self.snapshot.node_id:  # empty on a plain engine
            way = self._machines.way() if self.over_ssh else None
            if way is None:
                name = node.name if node is not None else "This engine's machine"
                why = elsewhere(self.engine.endpoint, self.snapshot.engine, gethostname())
                raise Unreachable(f"{name} is not this machine: {why}.", hint="-H ssh://HOST reaches it as a machine.")
            return way
        if node is None:
            raise Unreachable("This node is not in the Swarm any more.")
        if node_id not in self._known:
            self._connect(node)
        target = self._machines.target(node_id)
        if target is None:
            try:
                await self._need(node_id)
            except BackendError:
                # The engine may refuse us where the machine does not.
                target = self._machines.target(node_id)
                if target is None:
                    raise
            target = target or self._machines.target(node_id)
        self.confirm(node_id)
        if target is None:
            raise Unreachable(f"{node.name} is not connected.")
        return target


def open_swarm(
    spec: EndpointSpec,
    *,
    engine_for: Callable[[Transport], Engine],
    first: Callable[[Transport], Engine] | None = None,
    questions: Questions | None = None,
    mappings: Callable[[], Mapping[str, NodeMapping]] = dict,
    sudo: bool = False,
    interest: Interest = FIRST_INTEREST,
    reach: bool = True,
) -> SwarmCluster:
    """The Swarm behind an endpoint, not connected yet. ``first`` makes the client of the endpoint's own engine,
    ``engine_for`` those of other nodes; ``mappings`` is what a person says about nodes, ``sudo`` lets
    ``sudo -n docker`` be tried there; without ``reach`` the other nodes are left alone. Raises ``BackendError``
    where the endpoint makes no sense."""
    made: list[Machines] = []

    def machines() -> Machines:
        if not made:
            from backends.machines import Machines

            made.append(Machines(questions=questions, mappings=mappings(), sudo=sudo))
        return made[0]

    transport: Transport = machines().engine(spec) if spec.scheme == "ssh" else transport_for(spec)
    engine = (first or engine_for)(transport)
    cluster = SwarmCluster(engine, machines=machines, engine_for=engine_for, interest=interest, reach=reach)
    if made:
        cluster.bring()
    return cluster
