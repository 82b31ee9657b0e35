"""``docker network create`` as a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from backends.api import Cluster
from backends.change import value_types as types
from backends.change.compile_network import new_network
from backends.change.driver_options import ENCRYPTED, MTU, PARENT
from backends.change.finding import Finding
from backends.change.flag_error import FlagError, Refused
from backends.change.flags import Flag, Section
from backends.change.outcome import Outcome
from backends.change.requests import NetworkCreate, Request
from backends.change.surroundings import Surroundings
from backends.change.verbs import VERBS
from backends.model import Key, Kind
from tui.forms import network_facts as facts
from tui.forms import network_lists as lists
from tui.forms.network_side import side
from tui.forms.spec import FormSpec, FormView, Gathered, Values
from tui.places import Place

#: Fields that are written as ``--opt KEY=VALUE``.
KEYS = MappingProxyType({"encrypted": ENCRYPTED, "mtu": MTU, "parent": PARENT})
EXTRA = (
    Flag("node", types.STRING, "Node on whose engine it is made; not of overlays, which all nodes have", Section.BASIC),
    Flag(
        "encrypted",
        types.BOOL,
        "Encrypt what goes between nodes (--opt encrypted), overlays only",
        Section.OPTIONS,
    ),
    Flag("mtu", types.STRING, f"Largest packet in bytes (--opt {MTU})", Section.OPTIONS),
    Flag("parent", types.STRING, "Interface of the node below it (--opt parent), macvlan and ipvlan", Section.OPTIONS),
)
LABELS = MappingProxyType(
    {
        "NETWORK": "Name",
        "subnet": "Subnet",
        "gateway": "Gateway",
        "ip-range": "IP range",
        "aux-address": "Reserved",
        "mtu": "MTU",
        "node": "On node",
        "opt": "Other options",
        "label": "Labels",
        "ipam-driver": "Given out by",
        "ipam-opt": "IPAM options",
        "config-only": "Only a plan",
        "config-from": "Made from plan",
        "ingress": "Routing mesh",
    }
)
ABOUT = MappingProxyType(
    {
        "subnet": "Several may be given, of IPv4 and IPv6; each has a gateway and a range of its own.",
        "ip-range": "The part of the subnet from which containers get their addresses.",
        "aux-address": "Addresses that are never given out: router=192.168.1.1 for a macvlan on a LAN.",
        "ingress": "There is one in a Swarm; it carries published ports to every node.",
        "config-only": "A plan of subnet and options on one node, from which a network of the Swarm is made.",
        "config-from": "A network of the Swarm is then made on each node as that node's plan says.",
        "scope": "swarm makes a network of macvlan or ipvlan known to services; it needs a plan on each node.",
        "attachable": "Containers that were started by hand may join it, beside services.",
        "encrypted": "IPsec between the nodes: IP protocol 50 must pass; costs speed.",
        "mtu": "VXLAN takes 50 bytes of each packet: 1450 where the wire takes 1500.",
    }
)


def fold(values: Values) -> Values:
    """Puts the fields of their own into ``opt``; one that is written there as well counts as written there."""
    own = [f"{KEYS[name]}={values[name][0]}" for name in ("mtu", "parent") if values.get(name)]
    if values.get("encrypted") == ("true",):
        own.insert(0, ENCRYPTED)
    given = values.get("opt", ())
    keys = {text.partition("=")[0] for text in given}
    opt = (*(text for text in own if text.partition("=")[0] not in keys), *given)
    return {**{name: texts for name, texts in values.items() if name not in KEYS}, **({"opt": opt} if opt else {})}


def unfold(values: Values) -> Values:
    """Takes them out of ``opt`` again."""
    found = dict(values)
    rest = []
    for text in values.get("opt", ()):
        key, _, value = text.partition("=")
        name = next((n for n, k in KEYS.items() if k == key), "")
        if name == "encrypted":
            found[name] = ("false" if value in ("false", "0") else "true",)
        elif name and value:
            found[name] = (value,)
        else:
            rest.append(text)
    found.pop("opt", None)
    return {**found, **({"opt": tuple(rest)} if rest else {})}


def settle(view: FormView, finding: Finding) -> Finding:
    """What is wrong with an option stands at its own field, where it has one."""
    if finding.flag != "opt":
        return finding
    name = next((field for field, key in KEYS.items() if key == finding.key), "")
    typed = {text.partition("=")[0] for text in view.list("opt")}
    return replace(finding, flag=name) if name and finding.key not in typed else finding


def compiles(request: Request, around: Surroundings) -> Sequence[FlagError]:
    """What the CLI refuses itself: addresses that lie in no subnet, two gateways for one."""
    try:
        if isinstance(request, NetworkCreate):
            new_network(request, around.api_version)
    except Refused as refused:
        return refused.errors
    return ()


async def gather(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    """Routes and interfaces of every node that can be asked."""
    seen = await cluster.routes.look()
    own = seen.machine(cluster.snapshot.node_id)
    addresses = [(a.partition("/")[0], i.name) for i in own.interfaces for a in i.addresses] if own is not None else []
    return Gathered(routes=seen.routes, addresses=tuple(addresses), extra=seen)


def _done(view: FormView, outcome: Outcome) -> Place:
    """The list, with the new network under the cursor."""
    return Place("networks", cursor=Key(Kind.NETWORK, outcome.ids[0]) if outcome.ids else None)


SPEC = FormSpec(
    id="network-create",
    verb=VERBS[NetworkCreate],
    title="new network",
    view="networks",
    button="Create",
    essentials=(
        "NETWORK",
        "driver",
        "subnet",
        "gateway",
        "ip-range",
        "ipv6",
        "attachable",
        "internal",
        "encrypted",
        "mtu",
        "parent",
        "node",
    ),
    labels=LABELS,
    sections=MappingProxyType({Section.BASIC: "Access and plans", Section.OPTIONS: "Driver options"}),
    extra=EXTRA,
    fold=fold,
    unfold=unfold,
    settle=settle,
    stand_in=MappingProxyType({"NETWORK": "network-not-typed-yet"}),
    begin=MappingProxyType({}),
    node=facts.node_id,
    standing=facts.standing,
    choices=MappingProxyType({"driver": facts.drivers, "node": facts.nodes}),
    lists=MappingProxyType(
        {
            "subnet": lists.subnet_list,
            "gateway": lists.gateway_list,
            "parent": lists.parent_list,
            "opt": lists.option_list,
            "config-from": lists.plan_list,
        }
    ),
    about=ABOUT,
    verdicts=MappingProxyType(
        {
            "NETWORK": facts.name_verdict,
            "driver": facts.driver_verdict,
            "subnet": facts.subnet_verdict,
            "gateway": facts.gateway_verdict,
            "ip-range": facts.range_verdict,
            "mtu": facts.mtu_verdict,
            "encrypted": facts.encrypted_verdict,
            "parent": facts.parent_verdict,
            "node": facts.node_verdict,
        }
    ),
    below=MappingProxyType({"driver": facts.driver_below, "attachable": facts.attachable_below}),
    offers=MappingProxyType({"subnet": facts.subnet_offer, "gateway": facts.gateway_offer, "mtu": facts.mtu_offer}),
    side=side,
    checks=facts.checks,
    compiles=compiles,
    gather=gather,
    done=_done,
)
