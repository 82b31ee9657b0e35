"""Ports tried between machines: by the real agent on this machine, and between made-up ones with packet filters."""

from __future__ import annotations

import ast
import asyncio
import socket
import sys
from importlib.resources import files

import pytest

from backends.errors import Disconnected
from backends.fake.joining import FakeMachine, FakeNet
from backends.joining.here import Here
from backends.joining.machine import Facts, ask_facts
from backends.joining.ports import Arrives, End, Tried, try_ports
from backends.joining.probers import Bash, Nothing, prober_on
from backends.joining.talk import start_agent
from backends.ssh.run import Completed

PYTHON = Facts(python="python3", root=True)


def end(name: str, address: str, net: FakeNet, *, manager: bool = False, tools: str = "python3 bash") -> End:
    machine = FakeMachine(name, address, net, lambda: 0.0, tools=tools)
    facts = Facts(python="python3" if "python3" in tools else "", bash="bash" if "bash" in tools else "", root=True)
    return End(name, address, machine, facts, manager)


def lost(tried: Tried) -> set[tuple[str, int, str, bool]]:
    return {(p.node, p.port, p.protocol, p.inward) for p in tried.probes if p.arrives is Arrives.NO}


async def test_all_that_is_open_arrives_both_ways() -> None:
    # GIVEN a machine and two nodes with nothing between them
    net = FakeNet()
    nodes = [end("m1", "10.0.0.1", net, manager=True), end("w1", "10.0.0.2", net)]
    # WHEN the ports are tried
    found = await try_ports(end("new", "10.0.0.9", net), nodes)
    # THEN all arrives: 2377 towards the manager, the others with both nodes and both ways
    assert {probe.arrives for probe in found.probes} == {Arrives.YES}
    assert len(found.probes) == 2 * 7 + 1


async def test_what_a_filter_drops_is_named_by_its_way() -> None:
    net = FakeNet()
    # GIVEN a machine that lets no gossip in, and a node that lets no overlay traffic in
    net.blocked |= {("", "10.0.0.9", "udp", 7946), ("10.0.0.9", "10.0.0.2", "udp", 4789), ("", "10.0.0.9", "tcp", 7946)}
    nodes = [end("m1", "10.0.0.1", net, manager=True), end("w1", "10.0.0.2", net)]
    found = await try_ports(end("new", "10.0.0.9", net), nodes)
    # THEN just that is lost
    assert lost(found) == {
        ("m1", 7946, "udp", True),
        ("w1", 7946, "udp", True),
        ("m1", 7946, "tcp", True),
        ("w1", 7946, "tcp", True),
        ("w1", 4789, "udp", False),
    }


async def test_who_cannot_listen_leaves_it_unknown() -> None:
    net = FakeNet()
    # GIVEN a node on which no commands can be run
    away = End("w1", "10.0.0.2", None, reason="its host key has changed")
    found = await try_ports(end("new", "10.0.0.9", net), [away])
    # THEN what needs that node is not known, and says why
    unknown = [p for p in found.probes if p.arrives is Arrives.UNKNOWN]
    assert {p.note for p in unknown} == {"its host key has changed"}
    assert {(p.port, p.protocol, p.inward) for p in unknown} >= {(7946, "udp", True), (7946, "udp", False)}
    assert lost(found) == set()


async def test_another_port_of_overlay_traffic_is_the_one_that_is_tried() -> None:
    net = FakeNet()
    found = await try_ports(end("new", "10.0.0.9", net), [end("m1", "10.0.0.1", net)], data_port=5789)
    assert {p.port for p in found.probes if p.protocol == "udp"} == {7946, 5789}


async def test_the_agent_listens_connects_and_hears_on_a_real_machine() -> None:
    # GIVEN two agents on this machine, and a port that is free
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = Here()
    one = await start_agent(here, sys.executable, root=True)
    two = await start_agent(here, sys.executable, root=True)
    try:
        # WHEN one listens
        listening = await one.listen("dnet-test", tcp=[port], udp=[port])
        assert listening == {"tcp": {port: "ok"}, "udp": {port: "ok"}}
        await two.listen("dnet-test")
        # THEN the other is answered, and its datagrams are heard
        assert await two.connect([("127.0.0.1", port)]) == {("127.0.0.1", port): "ours"}
        await two.send([("127.0.0.1", port)], "dnet-test|7")
        async with asyncio.timeout(60):
            while (port, "dnet-test|7") not in await one.heard():
                await asyncio.sleep(0.01)
        # and a port that is taken says so
        again = await two.listen("dnet-test", tcp=[port])
        assert "in use" in again["tcp"][port]
    finally:
        await one.close()
        await two.close()
    # THEN nobody listens any more
    three = await start_agent(here, sys.executable, root=True)
    try:
        assert (await three.connect([("127.0.0.1", port)]))["127.0.0.1", port] == "refused"
    finally:
        await three.close()


async def test_an_agent_that_ends_is_told_of() -> None:
    agent = await start_agent(Here(), "/bin/true", root=True)

    async def until_it_ends() -> None:
        while True:
            await agent.ask("told")

    with pytest.raises(Disconnected):
        await asyncio.wait_for(until_it_ends(), 60)
    await agent.close()


class Told:
    """A machine that answers commands from a table."""

    name, sudo, python = "told", False, ""

    def __init__(self, *answers: Completed) -> None:
        self.answers, self.commands = list(answers), list[str]()

    async def run(self, command: str, *, limit: float = 30.0) -> Completed:
        self.commands.append(command)
        return self.answers.pop(0)

    async def start(self, command: str) -> object:
        raise Disconnected("no")


async def test_without_python_bash_connects_and_sends_and_says_that_it_cannot_listen() -> None:
    # GIVEN a machine with bash only
    refused = Completed(
        1, b"", b"bash: connect: Connection refused\nbash: line 1: /dev/tcp/10.0.0.1/1: Connection refused"
    )
    machine = Told(Completed(0, b"", b""), Completed(124, b"", b""), refused, Completed(0, b"", b""))
    prober = await prober_on(machine, Facts(bash="/bin/bash"))  # type: ignore[arg-type]
    assert isinstance(prober, Bash)
    # WHEN ports are tried THEN each has its word
    to = [("10.0.0.1", 1), ("10.0.0.1", 2), ("10.0.0.1", 3)]
    assert list((await prober.connect(to)).values()) == ["open", "silent", "refused"]
    await prober.send([("10.0.0.1", 7946)], "nonce")
    assert "/dev/udp/10.0.0.1/7946" in machine.commands[-1]
    assert (await prober.listen("n", udp=[7946]))["udp"][7946] == "no python3 there to listen with"
    # and with nothing there nothing is concluded
    assert isinstance(await prober_on(machine, Facts()), Nothing)  # type: ignore[arg-type]


async def test_facts_of_this_very_machine() -> None:
    found = await ask_facts(Here(), towards="127.0.0.1")
    # THEN what every machine has is there, and its clock is our own
    assert found.hostname
    assert any(interface.address == "127.0.0.1" for interface in found.interfaces) or not found.interfaces
    assert found.ahead is not None
    assert abs(found.ahead) <= found.unsure + 0.1


def test_the_agent_runs_on_old_machines() -> None:
    # GIVEN the source that is sent WHEN it is read as Python 3.6 THEN it is understood
    source = files("backends.joining").joinpath("agent.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source


async def test_ports_are_free_as_soon_as_the_agent_is_closed() -> None:
    # GIVEN an agent that listens
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    agent = await start_agent(Here(), sys.executable, root=True)
    assert (await agent.listen("dnet-test", tcp=[port]))["tcp"][port] == "ok"
    # WHEN it lets go THEN another one has the port at once
    await agent.ask("stop")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
    await agent.close()
