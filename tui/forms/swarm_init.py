"""``docker swarm init`` as a form: addresses from the real interfaces, pools against the networks of the machine."""

from __future__ import annotations

from types import MappingProxyType

from backends.api import Cluster
from backends.change.flags import Section
from backends.change.outcome import Outcome
from backends.change.requests import SwarmInit
from backends.change.verbs import VERBS
from backends.errors import BackendError
from backends.joining.interfaces import addresses_of, best
from backends.joining.machine import Facts, ask_facts
from backends.model import Key
from tui.forms import swarm_facts as facts
from tui.forms.spec import FormSpec, FormView, Gathered
from tui.forms.swarm_side import side
from tui.places import Place

LABELS = MappingProxyType(
    {
        "advertise-addr": "Advertise on",
        "listen-addr": "Listen on",
        "data-path-addr": "Data path",
        "data-path-port": "Data path port",
        "default-addr-pool": "Address pools",
        "default-addr-pool-mask-length": "Networks of",
        "availability": "Takes tasks",
        "autolock": "Autolock",
        "force-new-cluster": "Force new cluster",
        "cert-expiry": "Certificates",
        "task-history-limit": "Task history",
        "dispatcher-heartbeat": "Heartbeat",
        "max-snapshots": "Snapshots kept",
        "snapshot-interval": "Snapshot after",
        "external-ca": "External CA",
    }
)
ABOUT = MappingProxyType(
    {
        "advertise-addr": "The address at which the other nodes will reach this one: an address or an interface.",
        "listen-addr": "Where the managers' port is opened here.",
        "data-path-addr": "What containers say to each other between nodes goes over it; empty is as advertised.",
        "data-path-port": "UDP port of that traffic, the same on all nodes; it cannot be changed later.",
        "default-addr-pool": "Overlay networks take their subnets from it; it cannot be changed later.",
        "default-addr-pool-mask-length": "Length of a subnet that is cut from the pools: 24 holds about 250 addresses.",
        "availability": "active takes tasks, pause takes no new ones, drain takes none.",
        "autolock": "After a restart a manager asks for a key, which is kept by you.",
        "force-new-cluster": "Only to save a Swarm that has lost its managers: a new one from what this node knows.",
        "task-history-limit": "How many past tasks of a slot are kept.",
        "cert-expiry": "How long a node's certificate is valid; it is renewed by itself.",
    }
)


#: An address that is nobody's (RFC 5737): the way to it is the way out. Nothing is sent there.
_OUTSIDE = "192.0.2.1"


async def gather(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    """Interfaces and routes of the machine that the engine is on, and what else it says of itself."""
    seen = await cluster.routes.look(anew=True)
    here = cluster.snapshot.node_id
    told = await _facts(cluster)
    # Of several addresses on the way out, the one that the kernel speaks from is meant.
    uplink = told.uplink if told is not None else ""
    found = tuple(sorted(addresses_of(seen.machine(here)), key=lambda one: one.text != uplink or one.inner))
    values = {"advertise-addr": (best(found).text,)} if found else {}
    return Gathered(
        routes=seen.routes,
        addresses=tuple((one.text, one.interface) for one in found),
        extra=facts.Read(found, told, dict(seen.missing)),
        values=values,
    )


async def _facts(cluster: Cluster) -> Facts | None:
    """What the machine says of itself; ``None`` where no commands can be run there."""
    if cluster.nodes is None:
        return None
    try:
        machine = cluster.nodes.ways().machine(cluster.snapshot.node_id)
        return None if isinstance(machine, str) else await ask_facts(machine, towards=_OUTSIDE)
    except BackendError:
        return None


def _done(view: FormView, outcome: Outcome) -> Place:
    """The nodes: this one is the first."""
    return Place("nodes")


SPEC = FormSpec(
    id="swarm-init",
    verb=VERBS[SwarmInit],
    title="start a swarm",
    view="nodes",
    button="Start",
    essentials=(
        "advertise-addr",
        "listen-addr",
        "data-path-addr",
        "data-path-port",
        "default-addr-pool",
        "default-addr-pool-mask-length",
        "availability",
        "autolock",
    ),
    labels=LABELS,
    sections=MappingProxyType({Section.BASIC: "Rescue", Section.SWARM: "Raft, tasks, CA"}),
    lists=MappingProxyType(
        {
            "advertise-addr": facts.address_list,
            "listen-addr": facts.listen_list,
            "data-path-addr": facts.address_list,
            "default-addr-pool": facts.pool_list,
        }
    ),
    about=ABOUT,
    verdicts=MappingProxyType(
        {
            "advertise-addr": facts.advertise_verdict,
            "listen-addr": facts.listen_verdict,
            "data-path-addr": facts.data_verdict,
            "data-path-port": facts.port_verdict,
            "default-addr-pool": facts.pool_verdict,
            "default-addr-pool-mask-length": facts.size_verdict,
            "availability": facts.availability_verdict,
            "autolock": facts.autolock_verdict,
        }
    ),
    below=MappingProxyType({"advertise-addr": facts.advertise_below}),
    offers=MappingProxyType({"default-addr-pool": facts.pool_offer, "advertise-addr": facts.advertise_offer}),
    side=side,
    checks=facts.checks,
    gather=gather,
    done=_done,
)
