"""Addresses of a network, options of drivers, and what is checked of both while they are typed."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from backends.change.checks import check
from backends.change.driver_options import OPTIONS, option_of, value_problem
from backends.change.line import parse_line
from backends.change.network_addresses import choices, far_address, free_addresses, holders_of_addresses, room
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from backends.model import (
    Attachment,
    Container,
    Endpoint,
    Ipam,
    IpamConfig,
    Snapshot,
    TaskAttachment,
)
from tests.unit.change_world import by_id, network, task, world


def _full() -> Snapshot:
    """``app`` attachable: gateway .1, vip .2, a task .3, a balancer .4, a container .5, one reserved .6."""
    config = IpamConfig(subnet="10.0.1.0/24", gateway="10.0.1.1", aux={"printer": "10.0.1.6"})
    ends = (Endpoint(container_id="", name="lb-app", ipv4="10.0.1.4/24", node_id="w1"),)
    app = network("n-app", attachable=True, endpoints=ends)
    app = type(app)(**{f: getattr(app, f) for f in app.__struct_fields__} | {"ipam": Ipam(configs=(config,))})
    snapshot = world()
    box = Container(
        id="c-box",
        name="box",
        node_id="mgr",
        state="running",
        networks=(Attachment(network="app", network_id="n-app", ipv4="10.0.1.5", aliases=("tool",)),),
    )
    lone = Container(id="c-lone", name="lone", node_id="mgr", state="running")
    tasks = by_id(
        task("t-web1", "s-web", 1, "mgr", networks=(TaskAttachment(network_id="n-app", addresses=("10.0.1.3/24",)),))
    )
    networks = MappingProxyType({**snapshot.networks, "n-app": app})
    return replace(snapshot, networks=networks, containers=by_id(box, lone), tasks=tasks)


def test_each_address_says_who_has_it() -> None:
    # GIVEN a network with holders of each kind
    snapshot = _full()
    app = snapshot.networks["n-app"]
    # WHEN it is asked who has which address THEN each is named, with its node
    assert holders_of_addresses(app, snapshot) == {
        "10.0.1.1": "the gateway",
        "10.0.1.2": "the virtual address of web",
        "10.0.1.3": "web.1 on mgr",
        "10.0.1.4": "the load balancer on w1",
        "10.0.1.5": "box on mgr",
        "10.0.1.6": "reserved for printer",
    }
    # THEN free ones are the others, network and broadcast address left out
    assert free_addresses(app, snapshot, 4, 2) == ("10.0.1.7", "10.0.1.8")
    assert far_address(app, snapshot) == "10.0.1.200"
    assert room(app, snapshot).endswith("free")


def test_what_is_typed_narrows_what_is_offered_and_a_held_one_says_whose_it_is() -> None:
    snapshot = _full()
    app = snapshot.networks["n-app"]

    def offered(typed: str) -> list[tuple[str, str]]:
        return [(c.address, c.words) for c in choices(app, snapshot, typed)]

    assert offered("10.0.1.") == [
        ("10.0.1.7", "the next free one"),
        ("10.0.1.8", "free"),
        ("10.0.1.200", "free, and far from what services get"),
        ("10.0.1.6", "reserved for printer"),
    ]
    assert offered("10.0.1.3")[-1] == ("10.0.1.3", "web.1 on mgr")
    assert offered("10.0.1.77") == [("10.0.1.77", "free")]
    assert offered("192.168.0.1") == []


def test_ranges_and_ipv6_are_kept_to() -> None:
    # GIVEN a network that gives out a part of its subnet only, and one of IPv6
    config = (
        IpamConfig(subnet="192.168.7.0/24", ip_range="192.168.7.128/30", gateway="192.168.7.128"),
        IpamConfig(subnet="2001:db8::/64"),
    )
    lan = network("n-lan", driver="macvlan")
    lan = type(lan)(**{f: getattr(lan, f) for f in lan.__struct_fields__} | {"ipam": Ipam(configs=config)})
    snapshot = world(networks=by_id(lan))
    # WHEN free ones are asked for THEN they are of that part
    assert free_addresses(lan, snapshot, 4, 5) == ("192.168.7.129", "192.168.7.130", "192.168.7.131")
    assert free_addresses(lan, snapshot, 6, 2) == ("2001:db8::2", "2001:db8::3")


def _found(line: str, snapshot: Snapshot) -> list[tuple[str, str, str, str]]:
    request = parse_line(f"docker network {line}")
    assert isinstance(request, Request), request
    found = check(request, snapshot, around=Surroundings(environ={}))
    return [(f.severity.name, f.flag, f.sentence, f.instead) for f in found]


@pytest.mark.parametrize(
    ("line", "severity", "flag", "words", "instead"),
    [
        ("connect --ip 10.0.1.3 app lone", "ERROR", "ip", "10.0.1.3 is web.1 on mgr", "10.0.1.7, the next free one"),
        ("connect --ip 10.0.1.255 app lone", "ERROR", "ip", "the broadcast address", "an IPv4 address of 10.0.1.0/24"),
        ("connect --ip6 fd00::2 app lone", "ERROR", "ip6", "app has no IPv6 subnet", "leave it empty"),
        ("connect --ip 172.17.0.9 bridge lone", "ERROR", "ip", "the engine gives out the addresses", "leave it empty"),
        ("connect --alias x bridge lone", "ERROR", "alias", "not on bridge", "leave it empty"),
        ("connect --link-local-ip x app lone", "ERROR", "link-local-ip", "x is no address", "such as 169.254.34.68"),
        ("connect --alias web app lone", "WARNING", "alias", "web is web already", "another name"),
        ("connect --alias tool app lone", "WARNING", "alias", "tool is box already", "another name"),
        ("create --subnet 10.9.0.0/24 --gateway 10.9.0.0 n", "ERROR", "gateway", "the network address", "10.9.0.1"),
        ("create -d overlay --subnet 10.9.0.0/20 n", "NOTE", "subnet", "larger than a /24", "several networks"),
        ("create -o com.docker.network.bridge.enable_icc=perhaps n", "ERROR", "opt", "enable_icc takes true", "true"),
        ("create -d overlay -o com.docker.network.driver.overlay.vxlanid_list=7 n", "ERROR", "opt", "7 is no", "numb"),
        ("create -d ipvlan -o ipvlan_mode=l4 -o parent=eth0 n", "ERROR", "opt", "ipvlan_mode takes l2", "l2, l3"),
        ("create -o nosuch=1 n", "WARNING", "opt", "not known to have an option nosuch", "such as com.docker.network"),
        ("create --config-only --attachable n", "ERROR", "attachable", "not what it is for", "--attachable belongs"),
        ("create --config-only --config-from app n", "ERROR", "config-from", "cannot be made from another", "leave"),
        ("create --config-from app --subnet 10.9.0.0/24 n", "ERROR", "subnet", "says this already", "leave --subnet"),
        ("create -d macvlan --scope swarm -o parent=eth0 n", "WARNING", "scope", "made on each node", "--config-from"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_with_what_would_be_right(
    line: str, severity: str, flag: str, words: str, instead: str
) -> None:
    found = _found(line, _full())
    assert any(s == severity and f == flag and words in t and i.startswith(instead) for s, f, t, i in found), found


def test_every_known_option_takes_what_it_says_and_refuses_nonsense() -> None:
    # WHEN each option is given one of its own values, and one that cannot be
    for driver, options in OPTIONS.items():
        for option in options:
            assert option.help
            assert option_of(driver, option.key) is option
            for value in option.values:
                assert value_problem(option, value) == ""
            if option.values:
                assert value_problem(option, "no such value") != ""
    # THEN older names of the MTU are the same option, and plugins have none that are known
    assert option_of("bridge", "com.docker.network.mtu") is option_of("bridge", "com.docker.network.driver.mtu")
    assert option_of("weave", "anything") is None
