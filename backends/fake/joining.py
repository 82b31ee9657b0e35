"""Machines outside of the simulated Swarm, which may join it: their engines, their shells, the ports between them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from backends.api import Cluster, Engine, Transport
from backends.contexts import EndpointSpec
from backends.errors import NotFound, Unreachable
from backends.joining.machine import Machine
from backends.joining.ways import Guest
from backends.model import Snapshot
from backends.ssh.names import hop
from backends.ssh.run import Completed
from backends.transport import transport_for

#: (from, to, protocol, port) of what does not get through; empty fits all.
Rule = tuple[str, str, str, int]


class FakeNet:
    """Who listens where, and what is dropped on the way."""

    def __init__(self) -> None:
        self.blocked: set[Rule] = set()
        self.agents: dict[str, list[FakeAgent]] = {}
        """By address; several where several machines are looked at together."""

    def passes(self, source: str, target: str, protocol: str, port: int) -> bool:
        """Whether it gets through."""
        return not any(
            (not a or a == source) and (not b or b == target) and (not p or p == protocol) and (not n or n == port)
            for a, b, p, n in self.blocked
        )


class FakeMachine:
    """Implements ``backends.joining.machine.Machine``: tells facts, and speaks as the agent does."""

    sudo = False
    python = ""

    def __init__(
        self, name: str, address: str, net: FakeNet, clock: Callable[[], float], *, tools: str = "python3 bash",
        ahead: float = 0.004, missing: str = "",
    ) -> None:  # fmt: skip
        self.name, self.address, self.net = name, address, net
        self._clock, self._tools, self._ahead, self._missing = clock, tools.split(), ahead, missing

    async def run(self, command: str, *, limit: float = 30.0) -> Completed:
        """The few commands that are asked of it."""
        if command.startswith("date"):
            return Completed(0, f"{self._clock() + self._ahead:.6f}\n".encode(), b"")
        if not command.startswith("sh -c"):
            return Completed(0, b"", b"")
        lines = [f"hostname={self.name}", "uid=0", f"addr=eth0 {self.address}/16", "link=eth0 1500 up", "default=eth0"]
        lines += [f"{tool.removesuffix('3')}=/usr/bin/{tool}" for tool in self._tools]
        lines += [f"missing={name}" for name in self._missing.split()]
        lines.append(f"uplink={self.address}")
        return Completed(0, ("\n".join(lines) + "\n").encode(), b"")

    async def start(self, command: str) -> FakeAgent:
        """The agent."""
        return FakeAgent(self)


class FakeAgent:
    """Implements ``backends.api.ExecSession`` as the agent of ``backends.joining.agent`` speaks."""

    command = ("agent",)

    def __init__(self, machine: FakeMachine) -> None:
        self._machine, self._net = machine, machine.net
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self.tcp: set[int] = set()
        self.nonce = ""
        self.heard: set[tuple[int, str]] = set()
        self._net.agents.setdefault(machine.address, []).append(self)

    async def write(self, data: bytes) -> None:
        """Requests, a line each."""
        for row in data.splitlines():
            asked = json.loads(row)
            found = getattr(self, f"_{asked['do']}")(asked)
            self._out.put_nowait(json.dumps({"id": asked["id"], **found}).encode() + b"\n")

    async def read(self) -> bytes:
        """Answers."""
        return await self._out.get()

    async def write_eof(self) -> None:
        """Nothing more is asked."""

    async def resize(self, columns: int, rows: int) -> None:
        """It has no window."""

    async def wait(self) -> int:
        """It ends when it is told to."""
        return 0

    async def close(self) -> None:
        """Listens no more."""
        here = self._net.agents.get(self._machine.address, [])
        if self in here:
            here.remove(self)
        self._out.put_nowait(b"")

    def _listen(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.nonce, self.tcp = str(asked["nonce"]), set(asked["tcp"])
        return {kind: {str(port): "ok" for port in asked[kind]} for kind in ("tcp", "udp")}

    def _connect(self, asked: dict[str, Any]) -> dict[str, Any]:
        def one(host: str, port: int) -> str:
            if not self._net.passes(self._machine.address, host, "tcp", port):
                return "silent"
            # Nodes of the Swarm have these ports open by themselves.
            return "ours" if any(port in agent.tcp for agent in self._net.agents.get(host, ())) else "open"

        return {"results": [[host, port, one(host, port)] for host, port in asked["to"]]}

    def _send(self, asked: dict[str, Any]) -> dict[str, Any]:
        for host, port in asked["to"]:
            if not self._net.passes(self._machine.address, host, "udp", port):
                continue
            for agent in self._net.agents.get(host, ()):
                if agent.nonce and str(asked["text"]).startswith(agent.nonce):
                    agent.heard.add((port, str(asked["text"])))
        return {"results": []}

    def _stop(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.tcp = set()
        return {}

    def _told(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"heard": sorted(self.heard)}


class FakeGuest:
    """Implements ``backends.joining.ways.Guest``: its engine is a server beside that of the Swarm."""

    reach = None

    def __init__(self, text: str, machine: FakeMachine, manager: Engine, engine_for: Callable[[Transport], Engine]):
        self.login = text
        self._machine = machine
        self._transport = _Beside(manager, machine)
        self.engine = engine_for(self._transport)
        self._open = False

    async def open(self, *, again: bool = False) -> Machine:
        """Starts its engine the first time."""
        await self.engine.connect()
        self._open = True
        return self._machine

    async def machine(self) -> Machine | None:
        """Its shell."""
        return self._machine if self._open else None

    async def close(self) -> None:
        """Lets it go."""
        await self.engine.aclose()


class _Beside:
    """A transport to the engine of a machine of the simulation."""

    def __init__(self, manager: Engine, machine: FakeMachine) -> None:
        self._manager, self._machine = manager, machine
        self.endpoint = f"ssh://{machine.address}"
        self._inner: Transport | None = None

    async def open(self) -> str:
        path = f"/_fake/machine?name={self._machine.name}&address={self._machine.address}"
        try:
            found = await self._manager.call("POST", path)
        except NotFound as error:
            raise Unreachable(f"{self._machine.address} does not answer.") from error
        socket = str(found.get("socket", "")) if isinstance(found, dict) else ""
        self._inner = transport_for(EndpointSpec(f"unix://{socket}", origin="the demo"))
        return await self._inner.open()

    async def close(self) -> None:
        if self._inner is not None:
            await self._inner.close()


class FakeWays:
    """Implements ``backends.joining.ways.Ways``. A machine that is called ``slow`` does not join in time; one whose
    address ends in ``.28`` is called as another node and lets no datagrams in; ``nowhere`` does not answer."""

    def __init__(
        self,
        engine: Engine,
        engine_for: Callable[[Transport], Engine],
        snapshot: Callable[[], Snapshot],
        clock: Callable[[], float],
    ) -> None:
        self._engine, self._engine_for, self._snapshot, self._clock = engine, engine_for, snapshot, clock
        self.net = FakeNet()
        self._made = 0

    def guest(self, text: str) -> Guest:
        """A made-up machine."""
        try:
            asked = hop(text)
        except ValueError as error:
            raise Unreachable(
                f"{text!r} is no machine.", hint="user@host, user@host:port, or a Host of ~/.ssh/config"
            ) from error
        if asked.host == "nowhere":
            raise Unreachable("The name nowhere cannot be resolved.", hint="Give its address.")
        names = {node.hostname for node in self._snapshot().nodes.values()}
        self._made += 1
        by_address = bool(re.fullmatch(r"[\d.]+", asked.host))
        address = asked.host if by_address else f"10.20.1.{100 + self._made}"
        name = asked.host
        if by_address:
            stem = "worker-" if any(one.startswith("worker-") for one in names) else "node"
            name = next(f"{stem}{n}" for n in range(6, 999) if f"{stem}{n}" not in names)
        if address.endswith(".28"):
            name = "worker-3"
            self.net.blocked |= {("", address, "udp", 7946), ("", address, "udp", 4789)}
        return FakeGuest(text, FakeMachine(name, address, self.net, self._clock), self._engine, self._engine_for)

    def machine(self, node_id: str) -> Machine | str:
        """The nodes of the Swarm, but for two as in the design."""
        node = self._snapshot().nodes.get(node_id)
        if node is None:
            return FakeMachine("box", "192.168.7.21", self.net, self._clock)
        if node.name == "worker-4":
            return "its host key has changed"
        return FakeMachine(node.name, node.address, self.net, self._clock, ahead=0.0)

    def remember(self, hostname: str, text: str) -> None:
        """Its nodes are reached without a login."""

    def known(self) -> tuple[str, ...]:
        """What ssh_config might name."""
        return ("worker-6", "worker-7", "edge-9", "db-old")


def ways_of(cluster: Cluster) -> FakeWays:
    """The ways of the demo."""
    import time

    from backends.engine.client import SdkEngine

    return FakeWays(cluster.engine, SdkEngine, lambda: cluster.snapshot, time.time)
