"""What speaks for and against a machine joining, judged from values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backends.errors import AuthRefused
from backends.joining.checks import Check, Looked, Mark, judge, worst
from backends.joining.interfaces import addresses_of, best
from backends.joining.machine import Facts, read_facts
from backends.joining.ports import Arrives, Probe, Tried
from backends.model import EngineInfo, SwarmMembership
from backends.routes import Machine
from backends.routes_text import Interface
from tests.unit.change_world import managers, node, world

FACTS = Facts(hostname="new", root=True, python="/usr/bin/python3", unsure=0.01, uplink="10.1.0.9")


def engine(**more: Any) -> EngineInfo:
    return EngineInfo(**{"name": "new", "version": "28.5.2", **more})


def probes(**failing: str) -> tuple[Probe, ...]:
    """All ports of two nodes, both ways; ``t7946="in"`` says which way of which port fails."""
    found = []
    for name, manager in (("m1", True), ("w1", False)):
        for port, protocol in ((2377, "tcp"), (7946, "tcp"), (7946, "udp"), (4789, "udp")):
            for inward in (True, False):
                if port == 2377 and not manager and not inward:
                    continue
                bad = failing.get(f"{protocol[0]}{port}") == ("in" if inward else "out")
                arrives = Arrives.NO if bad else Arrives.YES
                found.append(Probe(name, port, protocol, inward, arrives, "sent, nothing arrived" if bad else ""))
    return tuple(found)


def looked(**more: Any) -> Looked:
    """All is well, unless told otherwise."""
    known: dict[str, Any] = {"rtt": 0.002, "facts": FACTS, "engine": engine(), "tried": Tried(probes()), "ahead": 0.004}
    return Looked(**{**known, **more})


def of(looked: Looked, id: str, role: str = "worker", **more: Any) -> Check:
    snapshot = more.pop("snapshot", world())
    return next(check for check in judge(looked, role, snapshot, **more) if check.id == id)


def test_a_machine_with_nothing_against_it_is_ready() -> None:
    # GIVEN a plain engine of the Swarm's own version, all ports open WHEN it is judged
    checks = judge(looked(engine=engine(version=world().nodes["w1"].engine_version)), "worker", world())
    # THEN nothing is to be mended
    assert worst(checks) is Mark.OK
    assert {check.mark for check in checks} == {Mark.OK}


def test_what_is_not_asked_yet_waits_and_what_cannot_be_asked_is_left_out() -> None:
    assert worst(judge(Looked(), "worker", world())) is Mark.WAIT
    # GIVEN a login that is refused
    refused = judge(Looked(problem=AuthRefused("root is refused.")), "worker", world())
    # THEN that stops it, and the rest is not waited for
    assert worst(refused) is Mark.STOP
    assert refused[0].sentence == "root is refused."
    assert {check.mark for check in refused[1:]} == {Mark.NONE}


@pytest.mark.parametrize(
    ("member", "mark", "short"),
    [
        (SwarmMembership(), Mark.OK, "none"),
        (SwarmMembership(state="pending"), Mark.STOP, "pending"),
        (SwarmMembership(state="locked"), Mark.STOP, "locked"),
        (SwarmMembership(state="active", node_id="elsewhere"), Mark.STOP, "other"),
        (SwarmMembership(state="active", node_id="w1"), Mark.STOP, "this"),
    ],
)
def test_who_is_in_a_swarm_already_does_not_join(member: SwarmMembership, mark: Mark, short: str) -> None:
    found = of(looked(engine=engine(swarm=member)), "swarm")
    assert (found.mark, found.short) == (mark, short)


def test_a_name_that_a_node_has_is_told_with_a_free_one() -> None:
    # GIVEN a machine that is called as a node that is up
    found = of(looked(engine=engine(name="w1")), "name")
    # THEN that is to be mended, by a name that nobody has
    assert found.mark is Mark.FAIL
    assert found.mend == "hostnamectl set-hostname w3"
    # GIVEN that the node is down, it may be the same machine
    known = world()
    nodes = {**known.nodes, "w9": node("w9", state="down")}
    assert of(looked(engine=engine(name="w9")), "name", snapshot=replace(known, nodes=nodes)).mark is Mark.WARN


@pytest.mark.parametrize(
    ("ahead", "mark", "words"),
    [
        (0.3, Mark.OK, ""),
        (-4.0, Mark.WARN, "4.0 s behind"),
        (7200.0, Mark.FAIL, "certificates may not be valid"),
        (None, Mark.UNKNOWN, "not tested"),
    ],
)
def test_the_clock_counts_from_a_second_on(ahead: float | None, mark: Mark, words: str) -> None:
    found = of(looked(ahead=ahead), "clock")
    assert found.mark is mark
    assert words in found.sentence


def test_another_version_and_live_restore() -> None:
    assert of(looked(engine=engine(version="20.10.24")), "engine").mark in (Mark.WARN, Mark.OK)
    stopped = of(looked(engine=engine(live_restore=True)), "engine")
    assert stopped.mark is Mark.STOP
    assert "live-restore" in stopped.sentence


def test_a_port_says_which_way_it_is_shut() -> None:
    # GIVEN datagrams that do not arrive on the machine
    found = of(looked(tried=Tried(probes(u7946="in"))), "7946/udp")
    # THEN the arrow points there, and the filter is sought there
    assert (found.mark, found.short) == (Mark.FAIL, "→")
    assert found.sentence.startswith("Does not arrive there from any of 2 nodes (sent, nothing arrived).")
    assert "packet filter on that machine" in found.sentence
    assert "--dport 7946" in found.mend
    # GIVEN the other way THEN nothing is to be run there
    other = of(looked(tried=Tried(probes(t7946="out"))), "7946/tcp")
    assert (other.short, other.mend) == ("←", "")


def test_the_managers_port_counts_towards_a_worker_only_from_there() -> None:
    shut = looked(tried=Tried(probes(t2377="in")))
    assert of(shut, "2377/tcp").mark is Mark.OK
    assert of(shut, "2377/tcp", role="manager").mark is Mark.FAIL


def test_what_was_not_tested_is_unknown_with_its_reason() -> None:
    # GIVEN a machine without anything that could listen, and a node that is not reached
    unknown = tuple(replace(p, arrives=Arrives.UNKNOWN, note="no python3 there to listen with") for p in probes())
    assert of(looked(tried=Tried(unknown)), "4789/udp").mark is Mark.UNKNOWN
    some = tuple(
        replace(p, arrives=Arrives.UNKNOWN, note="its host key has changed") if p.node == "w1" else p for p in probes()
    )
    found = of(looked(tried=Tried(some)), "7946/udp")
    # THEN what was tested counts, and what was not is named
    assert found.mark is Mark.OK
    assert found.sentence == "Not tested with w1: its host key has changed."
    # and silence of nobody is not taken for open
    assert of(looked(tried=Tried(())), "7946/udp").mark is Mark.UNKNOWN


def test_a_port_that_something_else_has_is_in_use() -> None:
    assert of(looked(tried=Tried(probes(), busy=(7946,))), "7946/tcp").short == "in use"


def test_an_even_number_of_managers_is_said() -> None:
    # GIVEN a Swarm of three managers WHEN one more is to come
    three = managers(True, True, True)
    told = of(looked(), "managers", role="manager", snapshot=three)
    # THEN four bear no more than three; with two more there are five
    assert told.sentence.startswith("4 managers bear the loss of 1, as 3 do.")
    found = judge(looked(), "manager", three, managers_beside=1)
    assert not [check for check in found if check.id == "managers"]


def test_facts_are_read_from_what_the_script_writes() -> None:
    # GIVEN what a machine wrote, with lines that mean nothing
    text = (
        "hostname=box\nuid=0\npython=/usr/bin/python3\nbash=\nmissing=ip_vs\naddr=eth0 10.0.0.5/24\n"
        "addr=eth0 fe80::1/64\naddr=wg0@if3 10.8.0.2/24\nlink=eth0 1500 up\nlink=wg0 1420 unknown\nnonsense\n"
        "default=eth0\nuplink=10.0.0.5\ntcp=0016 1F0A \nudp=\n"
    )
    found = read_facts(text)
    # THEN addresses are there with their interfaces, link-local ones are not
    assert [(i.name, i.address, i.mtu) for i in found.interfaces] == [
        ("eth0", "10.0.0.5", 1500),
        ("wg0", "10.8.0.2", 1420),
    ]
    assert (found.hostname, found.root, found.missing, found.default) == ("box", True, ("ip_vs",), "eth0")
    assert found.tcp == frozenset({22, 7946})
    assert found.udp == frozenset()
    assert read_facts("tcp=\nudp=\n").udp is None


def test_the_way_out_is_the_address_that_is_meant() -> None:
    # GIVEN a machine with a bridge of containers, a tunnel, a second network and a way out
    machine = Machine(
        "",
        "box",
        (),
        (
            Interface("docker0", ("172.17.0.1/16",), 1500),
            Interface("wg0", ("10.8.0.2/24",), 1420),
            Interface("eth1", ("192.168.7.11/24",), 9000),
            Interface("eth0", ("fd00::5/64", "10.20.0.11/16"), 1500),
        ),
        "eth0",
    )
    found = addresses_of(machine)
    # THEN the best is first, containers' own last
    assert best(found).text == "10.20.0.11"
    assert found[-1].inner
    assert [one.note for one in found if one.interface in ("wg0", "eth1")] == [
        "another network",
        "tunnel: small packets",
    ]
