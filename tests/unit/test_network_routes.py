"""Routes and interfaces of all nodes: read from the kernel's texts, asked once a minute, with who was not asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from backends.api import Cluster
from backends.change import subnets
from backends.change.subnets import Route
from backends.errors import Unreachable
from backends.model import Link, LinkState
from backends.routes import RouteBook, Seen, read_here
from backends.routes_text import Interface, RouteLine, Told, sections, told
from tests.tui.stage import FakeCluster
from tests.unit.change_world import by_id, network, node, world

ROUTE = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100140A	0003	0	0	0	00000000	0	0	0
eth0	0000140A	00000000	0001	0	0	0	0000FFFF	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
vpn0	0028A8C0	0900140A	0003	0	0	0	00FCFFFF	0	0	0
eth0	00FEA9FE	00000000	0201	0	0	0	00FFFFFF	0	0	0
lo	0000007F	00000000	0001	0	0	0	000000FF	0	0	0
broken	row
"""
ROUTE6 = """\
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0
"""  # noqa: E501
TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 10.20.0.11
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
Local:
     |-- 10.20.0.11
        /32 host LOCAL
     |-- 172.17.0.1
        /32 host LOCAL
"""
INET6 = "fd000000000000000000000000000002 04 40 00 82     eth0\nfe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
NET = "/sys/class/net/eth0/mtu:1450\n/sys/class/net/eth0/operstate:up\n/sys/class/net/vpn0/operstate:down\n"
FILES = {"route": ROUTE, "ipv6_route": ROUTE6, "fib_trie": TRIE, "if_inet6": INET6, "net": NET}
LIST = "".join(f"== {name}\n{text}" for name, text in FILES.items())


def test_routes_and_interfaces_are_read_from_the_kernels_texts() -> None:
    # WHEN what a machine answers to the one command is read
    found = told(sections(LIST))
    # THEN default, loopback, link-local and rejected routes are left out, and the way out is known
    assert found.routes == (
        RouteLine("10.20.0.0/16", "eth0"),
        RouteLine("172.17.0.0/16", "docker0"),
        RouteLine("192.168.40.0/22", "vpn0", direct=False),
        RouteLine("fd00::/64", "eth0"),
    )
    assert found.way_out == "eth0"
    # THEN interfaces have their addresses with the length of their route
    assert found.interfaces == (
        Interface("eth0", ("10.20.0.11/16", "fd00::2/64"), 1450),
        Interface("vpn0", (), 0, up=False),
        Interface("docker0", ("172.17.0.1/16",), 0),
    )


def test_numbers_written_by_a_big_endian_kernel_are_read_as_well() -> None:
    # GIVEN the same route as s390x writes it
    row = "Iface\tDestination\tGateway\tFlags\tR\tU\tM\tMask\neth0\t0A140000\t00000000\t0001\t0\t0\t0\tFFFF0000\n"
    # WHEN it is read THEN it is the same route
    assert told({"route": row}).routes == (RouteLine("10.20.0.0/16", "eth0"),)


@pytest.mark.parametrize(
    "text", ["", "== route\n", "nonsense", "== route\nx\ty\n== ipv6_route\nzz 40 0 0 0 0 0 0 g eth0"]
)
def test_texts_that_make_no_sense_are_no_routes(text: str) -> None:
    assert told(sections(text)).routes == ()


def test_this_machine_is_read_from_its_files(tmp_path: Path) -> None:
    # GIVEN a root with the files of a kernel
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "sys/class/net/eth0").mkdir(parents=True)
    for name in ("route", "ipv6_route", "fib_trie", "if_inet6"):
        (tmp_path / "proc/net" / name).write_text(FILES[name])
    (tmp_path / "sys/class/net/eth0/mtu").write_text("9000\n")
    # WHEN it is read THEN it is what the command tells of another one
    found = read_here(tmp_path)
    assert found.routes == told(FILES).routes
    assert next(i for i in found.interfaces if i.name == "eth0").mtu == 9000
    # WHEN nothing can be read THEN there is nothing
    assert read_here(tmp_path / "nowhere") == Told()


class Machines:
    """Stands in for ``Nodes``: answers of nodes by their ID, an error raised, or never an answer."""

    over_ssh = False

    def __init__(self, answers: dict[str, str | Exception | None]) -> None:
        self.answers, self.asked = answers, list[str]()

    async def run(self, node_id: str, command: str, *, limit: float = 30.0) -> Any:
        from backends.ssh.run import Completed

        self.asked.append(node_id)
        answer = self.answers[node_id]
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            await asyncio.Event().wait()
        return Completed(0, str(answer).encode(), b"")


class At:
    """A clock that a test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _book(answers: dict[str, str | Exception | None], **more: Any) -> tuple[RouteBook, Machines, At]:
    nodes = by_id(node("mgr", manager=True), node("w1"), node("w2"), node("w3"), node("w4", state="down"), node("w5"))
    denied = Link(endpoint="ssh://w5", state=LinkState.DENIED, problem="Its host key has changed.")
    cluster = FakeCluster(replace(world(nodes=nodes), links={"w5": denied}))
    cluster.engine = cast(Any, type("Local", (), {"endpoint": more.pop("endpoint", "unix:///var/run/docker.sock")})())
    machines, clock = Machines(answers), At()
    cluster.nodes = cast(Any, machines)
    book = RouteBook(
        cast(Cluster, cluster),
        clock=clock,
        here=lambda: Told((RouteLine("10.20.0.0/16", "eth0"),), (Interface("eth0"),), "eth0"),
        host=lambda: more.pop("host", "mgr"),
        limit=0.05,
    )
    return book, machines, clock


async def test_every_node_is_asked_once_a_minute_and_who_was_not_is_named_with_why() -> None:
    # GIVEN nodes that answer, refuse, say nothing, are down, and are known not to be reached
    book, machines, clock = _book({"w1": LIST, "w2": Unreachable("w2: sshd is not there."), "w3": None})
    # WHEN routes are asked for, by two at once
    assert book.seen == Seen()
    seen, same = await asyncio.gather(book.look(), book.look())
    # THEN each node was asked once, and those that told nothing are named
    assert same is seen
    assert sorted(machines.asked) == ["w1", "w2", "w3"]
    assert [m.node for m in seen.machines] == ["mgr", "w1"]
    assert dict(seen.missing) == {
        "w2": "not asked: sshd is not there",
        "w3": "no answer yet",
        "w4": "down, not asked",
        "w5": "not asked: its host key has changed",
    }
    assert Route("192.168.40.0/22", "w1", "vpn0", "w1", direct=False) in seen.routes
    # WHEN they are asked for again within a minute THEN nobody is asked
    clock.now += 59
    assert await book.look() is seen
    assert len(machines.asked) == 3
    # WHEN a minute is over THEN they are asked anew
    clock.now += 2
    assert await book.look() is not seen
    assert len(machines.asked) == 6


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"endpoint": "tcp://mgr:2376"}, "not asked: reached over the network, not over SSH"),
        ({"host": "laptop"}, "not asked: its socket is here, on laptop, and it is not"),
    ],
)
async def test_this_machine_is_not_taken_for_the_engines_where_it_is_another(more: dict[str, str], why: str) -> None:
    # GIVEN an engine that is not on this machine
    book, _, _ = _book({"w1": LIST, "w2": LIST, "w3": LIST}, **more)
    # WHEN routes are asked for THEN its own are not those of this machine
    seen = await book.look()
    assert dict(seen.missing)["mgr"] == why
    assert seen.machine("mgr") is None


def test_the_same_route_of_many_nodes_is_told_once_and_the_engines_own_not_at_all() -> None:
    # GIVEN a route that all nodes have, and those of the engine's own bridges
    routes = [Route("10.20.0.0/16", n, "eth0", n) for n in ("mgr", "w1", "w2")]
    routes += [Route("172.18.0.0/16", "mgr", "br-1", "mgr"), Route("172.18.0.0/16", "w1", "eth1", "w1")]
    # WHEN they are put together with the networks
    found = [t for t in subnets.taken(world(), routes) if t.network is None]
    # THEN the bridge of this node is there once, as a network
    assert [t.what for t in found] == ["the route of eth0 on 3 nodes", "the route of eth1 on w1"]
    assert found[0].interface == "eth0"


def test_a_network_over_the_one_on_which_nodes_reach_each_other_is_refused() -> None:
    from backends.change.checks import check
    from backends.change.line import parse_line
    from backends.change.requests import Request

    # GIVEN nodes on 10.20.0.0/16
    snapshot = world(nodes=by_id(node("mgr", manager=True, address="10.20.0.1"), node("w1", address="10.20.0.2")))
    routes = [Route("10.20.0.0/16", "w1", "eth0", "w1"), Route("192.168.1.0/24", "w1", "eth1", "w1")]

    def found(line: str) -> list[str]:
        request = parse_line(f"docker network create {line}")
        assert isinstance(request, Request), request
        return [f"{f.severity.name} {f.sentence} {f.instead}" for f in check(request, snapshot, routes=routes)]

    # WHEN an overlay would take it THEN it is refused, with free ones
    over = found("-d overlay --subnet 10.20.3.0/24 n")
    assert len(over) == 1
    assert over[0].startswith("ERROR 10.20.3.0/24 overlaps 10.20.0.0/16 of the route of eth0 on w1: they would lose")
    assert "10.20." not in over[0].partition("each other.")[2]
    # WHEN a bridge of this node would THEN the other node's route is a warning only
    assert found("--subnet 10.20.3.0/24 n")[0].startswith("WARNING")
    # WHEN a macvlan lies on its parent's network THEN that is as it should be
    assert found("-d macvlan -o parent=eth1 --subnet 192.168.1.0/24 n") == []
    assert found("-d macvlan -o parent=eth0 --subnet 192.168.1.0/24 n")[0].startswith("WARNING")


def test_networks_without_a_subnet_take_none() -> None:
    assert all(t.network is None or t.network.id != "n-x" for t in subnets.taken(world(networks=by_id(network("n-x")))))
