"""``docker network connect`` as a form: a box over the list (``tui.screens.network_connect``), or a page of its own
where a line was pasted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType

from backends.api import Cluster
from backends.change.candidates import Candidate
from backends.change.find import find_container, find_network
from backends.change.finding import Severity
from backends.change.flags import Section
from backends.change.network_addresses import choices, free_addresses, problem_of, room, subnets_of
from backends.change.network_paths import way_out
from backends.change.network_users import seen_from
from backends.change.outcome import Outcome
from backends.change.requests import NetworkConnect
from backends.change.verbs import VERBS
from backends.errors import BackendError
from backends.model import Container, Key, Kind, Network, Snapshot
from backends.network_survey import Survey, survey
from backends.state.relations import relations
from backends.state.wording import plural
from tui.details.connect import after, shares_network
from tui.forms.marks import good, quiet
from tui.forms.network_facts import sound
from tui.forms.spec import FormSpec, FormView, Gathered, Offer
from tui.places import Place
from tui.text.fit import wrap
from tui.text.span import Line


def network_of(view: FormView) -> Network | None:
    """The network that is meant."""
    return find_network(view.snapshot, view.text("NETWORK")) if view.text("NETWORK") else None


def container_of(view: FormView) -> Container | None:
    """The container that is meant."""
    return find_container(view.snapshot, view.text("CONTAINER")) if view.text("CONTAINER") else None


def joinable(container: Container | None, snapshot: Snapshot) -> tuple[list[Network], dict[str, int]]:
    """(networks that a container can be connected to, how many of the others cannot be, by why)."""
    found: list[Network] = []
    others: dict[str, int] = {}
    node = container.node_id if container is not None else snapshot.node_id
    for network in sorted(snapshot.networks.values(), key=lambda n: (not n.is_swarm, n.name)):
        if not network.is_swarm and network.node_id not in ("", node):
            continue
        why = _why_not(network, container, snapshot)
        if why:
            others[why] = others.get(why, 0) + 1
        else:
            found.append(network)
    return found, others


def _why_not(network: Network, container: Container | None, snapshot: Snapshot) -> str:
    known = relations(snapshot)
    if network.name in ("host", "none", "docker_gwbridge") and not network.is_swarm:
        return "the node's own"
    if network.config_only:
        return "only a plan"
    if container is not None and known.attachment(container, network) is not None:
        return "joined already"
    if network.ingress or (network.is_swarm and not network.attachable):
        return "not attachable"
    use = known.addresses(network)
    return "full" if use.size is not None and not use.free and not use.estimated else ""


def network_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Networks that the container can be connected to."""
    found, _ = joinable(container_of(view), view.snapshot)
    wanted = typed.lower()
    return tuple(
        Candidate(n.name, "  ".join(filter(None, (n.driver, ", ".join(n.subnets), room(n, view.snapshot)))))
        for n in found
        if wanted in n.name.lower()
    )


def container_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Containers that can be connected to the network, of all nodes that were asked, those of no service first."""
    network, snapshot = network_of(view), view.snapshot
    found = []
    for container in snapshot.containers.values():
        if typed.lower() not in container.name.lower() or shares_network(container):
            continue
        if network is not None and (
            relations(snapshot).attachment(container, network) is not None
            or (not network.is_swarm and container.node_id != network.node_id)
        ):
            continue
        found.append(container)
    found.sort(key=lambda c: (bool(c.task_id), c.state != "running", c.name))
    return tuple(Candidate(container_text(c, snapshot), _about(c, snapshot)) for c in found)


def container_text(container: Container, snapshot: Snapshot) -> str:
    """Its name where that is the only one on all nodes, else the begin of its ID."""
    alike = sum(1 for c in snapshot.containers.values() if c.name == container.name)
    return container.name if alike < 2 else container.id[:12]


def _about(container: Container, snapshot: Snapshot) -> str:
    node = snapshot.nodes.get(container.node_id)
    where = f" on {node.name}" if node is not None and len(snapshot.nodes) > 1 else ""
    task = f", a task of {container.service_name}" if container.service_name else ""
    return f"{container.state}{where}{task}"


def network_verdict(view: FormView) -> Line | None:
    """Whether it takes containers, and how many more."""
    network = network_of(view)
    if network is None or not sound(view, "NETWORK"):
        return None
    kind = "attachable" if network.is_swarm else "of this node"
    left = room(network, view.snapshot)
    return good(left or kind)


def network_below(view: FormView) -> Line | None:
    """How many others there are, and why not all."""
    if view.here != "NETWORK":
        return None
    found, others = joinable(container_of(view), view.snapshot)
    said = [f"{count} {why}" for why, count in sorted(others.items()) if why != "the node's own"]
    count = sum(others.values()) - others.get("the node's own", 0)
    if not count:
        return quiet(f"{plural(len(found), 'network')} to choose from")
    return quiet(f"{plural(count, 'other')}: {', '.join(said)}")


def alias_verdict(view: FormView) -> Line | None:
    """Whether somebody else answers to it."""
    if not view.list("alias"):
        return quiet("others find it by it")
    return good("no other has it") if not view.errors("alias") else None


def _address_verdict(flag: str, version: int) -> Callable[[FormView], Line | None]:
    def verdict(view: FormView) -> Line | None:
        network, text = network_of(view), view.text(flag)
        if not text:
            if network is not None and not subnets_of(network, version):
                return quiet(f"it has no IPv{version}")
            return quiet("any, if left empty")
        if network is None or view.errors(flag) or problem_of(text, version, network)[0]:
            return None
        return good("free")

    return verdict


def _address_list(version: int) -> Callable[[FormView, str], Sequence[Candidate]]:
    def found(view: FormView, typed: str) -> Sequence[Candidate]:
        network = network_of(view)
        if network is None:
            return ()
        return tuple(
            Candidate(c.address, c.words if c.free else f"taken: {c.words}")
            for c in choices(network, view.snapshot, typed, version)
        )

    return found


def _address_offer(flag: str, version: int) -> Callable[[FormView], Offer | None]:
    def offer(view: FormView) -> Offer | None:
        network = network_of(view)
        if network is None or not any(f.severity is Severity.ERROR for f in view.errors(flag)):
            return None
        free = free_addresses(network, view.snapshot, version, 1)
        return Offer(free[0], (free[0],)) if free else None

    return offer


def priority_verdict(view: FormView) -> Line | None:
    """Which network is the way out then."""
    network, container = network_of(view), container_of(view)
    if network is None or container is None:
        return quiet("highest: the way out")
    name, stays = way_out(container, network, _priority(view), view.snapshot)
    if not name:
        return quiet("highest: the way out")
    return quiet(f"way out {'stays' if stays else 'becomes'} {name}")


def _priority(view: FormView) -> int:
    text = view.text("gw-priority") or "0"
    try:
        return int(text)
    except ValueError:
        return 0


def side(view: FormView, cells: int) -> Sequence[Line]:
    """What it is like afterwards."""
    network, container = network_of(view), container_of(view)
    if network is None or container is None:
        return [((text, "muted"),) for text in wrap("A network and a container are needed to say more.", cells)]
    ip = view.text("ip") or next(iter(free_addresses(network, view.snapshot, 4, 1)), "")
    return after(
        container,
        network,
        view.snapshot,
        cells,
        address=ip,
        sure=bool(view.text("ip")),
        aliases=view.list("alias"),
        priority=_priority(view),
    )


def standing(view: FormView) -> Snapshot:
    """What was asked when the form opened, as the engine of the container's node sees it."""
    extra = view.gathered.extra
    known = extra.snapshot if isinstance(extra, Survey) else view.moment.snapshot
    container = find_container(known, view.text("CONTAINER")) if view.text("CONTAINER") else None
    return seen_from(known, container.node_id) if container is not None else known


def node_of(view: FormView) -> str:
    """The node of the container: its engine does it."""
    container = container_of(view)
    return container.node_id if container is not None else ""


async def gather(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    """Who is on the networks now, on every node that is connected."""
    try:
        return Gathered(extra=await survey(cluster))
    except BackendError as error:
        return Gathered(problem=str(error))


def _done(view: FormView, outcome: Outcome) -> Place:
    network = network_of(view)
    return Place("endpoints", (network.key,)) if network is not None else Place("networks")


SPEC = FormSpec(
    id="network-connect",
    verb=VERBS[NetworkConnect],
    title="connect a container",
    view="networks",
    button="Connect",
    essentials=("NETWORK", "CONTAINER", "alias", "ip", "gw-priority"),
    labels=MappingProxyType(
        {
            "NETWORK": "Network",
            "CONTAINER": "Container",
            "alias": "Alias",
            "ip": "IPv4",
            "ip6": "IPv6",
            "link-local-ip": "Link-local",
            "gw-priority": "Gateway prio",
            "link": "Links",
            "driver-opt": "Options",
        }
    ),
    sections=MappingProxyType({Section.OPTIONS: "Links, options", Section.BASIC: "Names"}),
    stand_in=MappingProxyType({"NETWORK": "NETWORK", "CONTAINER": "CONTAINER"}),
    lists=MappingProxyType(
        {
            "NETWORK": network_list,
            "CONTAINER": container_list,
            "ip": _address_list(4),
            "ip6": _address_list(6),
        }
    ),
    about=MappingProxyType(
        {
            "alias": "Others on this network find the container by it, beside its name and the begin of its ID.",
            "gw-priority": "The network with the highest is the way out; of equal ones the first by name.",
            "link-local-ip": "Further addresses of the interface, 169.254.0.0/16.",
            "driver-opt": "KEY=VALUE for the driver, such as com.docker.network.endpoint.sysctls=….",
        }
    ),
    verdicts=MappingProxyType(
        {
            "NETWORK": network_verdict,
            "alias": alias_verdict,
            "ip": _address_verdict("ip", 4),
            "ip6": _address_verdict("ip6", 6),
            "gw-priority": priority_verdict,
        }
    ),
    below=MappingProxyType({"NETWORK": network_below}),
    offers=MappingProxyType({"ip": _address_offer("ip", 4), "ip6": _address_offer("ip6", 6)}),
    side=side,
    node=node_of,
    standing=standing,
    gather=gather,
    done=_done,
)


def spec_for(kind: Kind, words: str) -> FormSpec:
    """The form about one container or network: that field cannot be changed."""
    name = "CONTAINER" if kind is Kind.CONTAINER else "NETWORK"
    order = ("CONTAINER", "NETWORK") if kind is Kind.CONTAINER else ("NETWORK", "CONTAINER")
    return replace(
        SPEC,
        fixed={name: words},
        essentials=(*order, "alias", "ip", "gw-priority"),
        gather=None,
        standing=lambda view: view.moment.snapshot,
    )
