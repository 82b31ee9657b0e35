"""The form of a network: what it comes to, what the cluster says to it, what it offers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import msgspec
import pytest

from backends.change.candidates import Known
from backends.change.finding import Severity
from backends.change.line import parse_line
from backends.change.plan_network import plan_network
from backends.change.requests import NetworkCreate
from backends.change.subnets import Route
from backends.change.surroundings import Surroundings
from backends.model import Link, LinkState, Plugin, Snapshot
from backends.routes import Machine, Seen
from backends.routes_text import Interface
from backends.state.drivers import DRIVERS as PURPOSES
from backends.state.drivers import purpose
from tests.unit.change_world import NOW, by_id, network, node, world
from tui.details.driver_facts import DRIVERS, driver_fact
from tui.forms.model import Form
from tui.forms.network_create import SPEC, fold, unfold
from tui.forms.spec import Gathered
from tui.tables.spec import Moment
from tui.text.span import Line

ROUTES = tuple(Route("10.20.0.0/16", n, "eth0", n) for n in ("mgr", "w1", "w2"))
MACHINES = (
    Machine(
        "mgr", "mgr", ROUTES[:1], (Interface("eth0", ("10.20.0.1/16",), 1500), Interface("eth1", (), 1500)), "eth0"
    ),
    Machine("w1", "w1", ROUTES[1:2], (Interface("eth0", ("10.20.0.2/16",), 1400),), "eth0"),
)
SEEN = Seen(MACHINES, (("w2", "down, not asked"),), NOW)


def _snapshot(**more: Any) -> Snapshot:
    weave = (Plugin(type="Network", name="weave"),)
    nodes = by_id(
        node("mgr", manager=True, leader=True, address="10.20.0.1", plugins=weave),
        node("w1", address="10.20.0.2"),
        node("w2", address="10.20.0.3"),
    )
    return world(nodes=nodes, **more)


def _form(snapshot: Snapshot | None = None, here: str = "NETWORK", **values: str) -> Form:
    """A form with values, routes read, the cursor at a field."""
    known = snapshot or _snapshot()
    form = Form(SPEC, Moment(known, NOW), Known(known, api_version="1.51"), Surroundings(environ={}))
    form.begin(Gathered(routes=ROUTES, extra=SEEN))
    form.fill({name.replace("_", "-"): tuple(text.split(", ")) for name, text in values.items()})
    form.go(here)
    return form


def _text(row: Line | None) -> str:
    return "".join(text for text, _ in row or ())


def _side(form: Form) -> str:
    return "\n".join(_text(row) for row in SPEC.side(form.view, 44))


def test_fields_of_their_own_become_options_and_come_back() -> None:
    # GIVEN fields for encryption, MTU and parent beside another option
    form = _form(NETWORK="n", driver="overlay", encrypted="true", mtu="1350", opt="com.docker.network.driver.x=1")
    # WHEN the line is made THEN they are options of the driver
    line = (
        "docker network create --driver overlay --opt encrypted= --opt com.docker.network.driver.mtu=1350 "
        "--opt com.docker.network.driver.x=1 n"
    )
    assert form.judged.line.replace("--opt encrypted ", "--opt encrypted= ") == line
    # WHEN the line fills a form THEN the fields have them again
    request = parse_line(form.judged.line)
    assert isinstance(request, NetworkCreate)
    other = _form()
    other.fill_request(request)
    assert other.values == form.values
    # THEN one that is written by hand as well counts as written by hand
    assert fold({"mtu": ("1400",), "opt": ("com.docker.network.driver.mtu=9000",)})["opt"] == (
        "com.docker.network.driver.mtu=9000",
    )
    assert unfold({"opt": ("parent=eth0", "a=b")}) == {"parent": ("eth0",), "opt": ("a=b",)}


def test_a_subnet_is_held_against_networks_and_routes_and_free_ones_are_offered() -> None:
    # GIVEN an overlay over the network on which the nodes are
    form = _form(NETWORK="shop", driver="overlay", subnet="10.20.0.0/16", here="subnet")
    # THEN the error stands at the field, alone, with free ones
    found = [f for f in form.findings if f.flag == "subnet" and f.severity > Severity.NOTE]
    assert [f.severity for f in found] == [Severity.ERROR]
    assert found[0].sentence.endswith("the route of eth0 on 3 nodes: they would lose each other.")
    assert form.judged.errors
    # THEN beside it stands each subnet, and who was not asked
    side = _side(form)
    assert "10.20.0.0/16 against all there is" in side
    assert "✗ 10.20.0.0/16      eth0, all nodes" in side
    assert "✓ 10.0.1.0/24       app" in side
    assert "? w2                down, not asked" in side
    assert "next free: 10.0.3.0/24" in side
    # WHEN the offer is taken THEN it is one of the pool, and the form is right
    assert form.take_offer()
    assert form.values["subnet"] == ("10.0.3.0/24",)
    assert not form.judged.errors
    assert _text(SPEC.verdicts["subnet"](form.view)) == "✓ 253 addresses"


def test_host_bits_are_mended_by_the_offer() -> None:
    form = _form(NETWORK="n", subnet="10.42.7.1/24", here="subnet")
    assert any("it should be 10.42.7.0/24" in f.sentence for f in form.findings)
    assert form.take_offer()
    assert form.values["subnet"] == ("10.42.7.0/24",)


def test_several_subnets_each_with_gateway_range_and_reserved_addresses() -> None:
    # GIVEN two subnets of a macvlan on its parent's network
    form = _form(
        NETWORK="lan",
        driver="macvlan",
        subnet="10.20.0.0/16, 2001:db8::/64",
        gateway="10.20.255.254",
        ip_range="10.20.9.0/24",
        aux_address="router=10.20.9.1",
        parent="eth0",
        ipv6="true",
    )
    # THEN nothing is wrong, and the request has all of it
    assert form.findings == () or all(f.severity < Severity.ERROR for f in form.findings), form.findings
    assert "--subnet 10.20.0.0/16 --subnet 2001:db8::/64" in form.judged.line
    assert "--aux-address router=10.20.9.1" in form.judged.line
    assert _text(SPEC.verdicts["parent"](form.view)) == "✓ on mgr and w1"
    # WHEN the parent is none of this node THEN that is said at its field
    form.fill({**form.values, "parent": ("eth7",)})
    found = next(f for f in form.findings if f.flag == "parent")
    assert found.sentence == "mgr has no interface eth7."
    assert found.instead == "eth0 and eth1"


def test_a_packet_that_does_not_fit_the_wire_is_seen_and_one_that_does_is_offered() -> None:
    # GIVEN a node whose wire takes 1400 bytes
    form = _form(NETWORK="n", driver="overlay", mtu="1450", here="mtu")
    # THEN it is said, with what fits
    found = next(f for f in form.findings if f.flag == "mtu")
    assert found.sentence.startswith("eth0 of w1 takes packets of 1400 bytes; VXLAN takes 50 bytes")
    assert form.take_offer()
    assert form.values["mtu"] == ("1350",)
    assert _text(SPEC.verdicts["mtu"](form.view)) == "✓ fits eth0, 1400"
    # WHEN it is no number THEN the error stands at the same field
    form.fill({**form.values, "mtu": ("lots",)})
    assert [f.flag for f in form.findings if f.severity is Severity.ERROR] == ["mtu"]


def test_drivers_say_what_they_are_for_and_host_and_none_are_not_to_be_made() -> None:
    # WHEN the driver is chosen
    form = _form(here="driver")
    offered = [one.text for one in SPEC.choices["driver"](form.view)]
    # THEN those that can be made are gone through, plugins of nodes too
    assert offered == ["bridge", "overlay", "macvlan", "ipvlan", "weave"]
    side = _side(form)
    for words in ("What each driver is for", "host", "nobody", "plugin on 1 of 3 nodes"):
        assert words in side
    # WHEN host is pasted all the same THEN it is refused
    form.fill({"NETWORK": ("n",), "driver": ("host",)})
    assert any(f.flag == "driver" and 'only one instance of "host"' in f.sentence for f in form.findings)
    # WHEN a plugin of some nodes is chosen THEN that is said
    engine = _snapshot().engine
    assert engine is not None
    plugged = msgspec.structs.replace(engine, network_plugins=(*engine.network_plugins, "weave"))
    form = _form(replace(_snapshot(), engine=plugged), NETWORK="n", driver="weave")
    assert any("1 of 3 nodes have the plugin weave" in f.sentence for f in form.findings)


@pytest.mark.parametrize(
    ("field", "typed", "offered"),
    [
        ("subnet", "", "172.19.0.0/16"),
        ("subnet", "10.42.", "10.42.0.0/24"),
        ("parent", "eth", "eth0"),
        ("opt", "icc", "com.docker.network.bridge.enable_icc="),
        ("opt", "com.docker.network.bridge.enable_icc=", "com.docker.network.bridge.enable_icc=true"),
        ("config-from", "", "plan"),
    ],
)
def test_each_field_offers_what_there_is(field: str, typed: str, offered: str) -> None:
    # GIVEN a plan among the networks
    plan = network("n-plan", "10.50.0.0/24", driver="macvlan", scope="local", node_id="mgr", config_only=True)
    base = _snapshot()
    form = _form(replace(base, networks={**base.networks, "n-plan": plan}), NETWORK="n")
    # WHEN something is typed THEN what fits is offered
    assert offered in [one.text for one in SPEC.lists[field](form.view, typed)]


def test_a_name_that_is_there_and_a_gateway_outside_are_errors_at_their_fields() -> None:
    form = _form(NETWORK="app", subnet="10.42.0.0/24", gateway="10.43.0.1")
    flags = {f.flag for f in form.findings if f.severity is Severity.ERROR}
    assert {"NETWORK", "gateway"} <= flags
    form.go("gateway")
    assert form.take_offer()
    assert form.values["gateway"] == ("10.42.0.1",)


def test_a_network_of_one_node_is_checked_as_that_nodes_engine_takes_it() -> None:
    # GIVEN another node whose engine is connected, with a network of its own
    far = network("n-far", "172.25.0.0/16", driver="bridge", scope="local", node_id="w1", name="far")
    base = _snapshot()
    snapshot = replace(
        base, networks={**base.networks, "n-far": far}, links={"w1": Link(endpoint="w1", state=LinkState.LIVE)}
    )
    # WHEN a bridge is to be made there
    form = _form(snapshot, NETWORK="far", node="w1", subnet="172.25.1.0/24", here="node")
    assert [one.text for one in SPEC.choices["node"](form.view)] == ["mgr", "w1"]
    # THEN its name and its subnets are those that count, and the line does not say where
    found = {f.flag for f in form.findings if f.severity is Severity.ERROR}
    assert found == {"NETWORK", "subnet"}
    assert "w1" not in form.judged.line
    assert SPEC.node(form.view) == "w1"
    # WHEN it is made here THEN they are not
    form.fill({**form.values, "node": ("mgr",)})
    assert all(f.severity < Severity.ERROR for f in form.findings)
    # WHEN it is an overlay THEN there is no node to choose
    form.fill({**form.values, "node": ("w1",), "driver": ("overlay",)})
    assert SPEC.node(form.view) == ""


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"driver": "overlay", "mtu": "many"}, "mtu"),
        ({"driver": "bridge", "encrypted": "true"}, "encrypted"),
        ({"driver": "macvlan"}, "parent"),
        ({"driver": "macvlan", "parent": "no interface/name"}, "parent"),
        ({"driver": "overlay", "opt": "encrypted=maybe"}, "opt"),
        ({"driver": "overlay", "opt": "com.docker.network.driver.mtu=many"}, "opt"),
        ({"driver": "ipvlan", "parent": "eth0", "opt": "ipvlan_mode=l4"}, "opt"),
        ({"driver": "overlay", "opt": "mtu=1400"}, "opt"),
    ],
)
def test_what_is_wrong_with_an_option_stands_where_it_was_typed(values: dict[str, str], field: str) -> None:
    # GIVEN an option by its own field, or among the others
    form = _form(NETWORK="n", **cast(Any, values))
    # THEN what is wrong with it stands there and nowhere else
    about = {f.flag for f in form.findings if f.flag in ("opt", "mtu", "encrypted", "parent")}
    assert about == {field}


def test_what_a_driver_is_for_is_said_alike_in_plan_list_and_form() -> None:
    # GIVEN a driver
    text = purpose("overlay")
    # THEN list, form and plan say it in the same words
    assert driver_fact("overlay").what.lower() == text.lower()
    assert _text(SPEC.below["driver"](_form(NETWORK="n", driver="overlay").view)) == text
    request = parse_line("network create --driver overlay n")
    assert isinstance(request, NetworkCreate)
    story = plan_network(request, _snapshot(), None)
    assert story is not None
    assert story.lines[0] == f"overlay: {text}."
    # AND every driver that there is fits its row
    assert {fact.name for fact in DRIVERS} == set(PURPOSES)
    assert all(len(purpose(fact.name)) <= 56 for fact in DRIVERS)
