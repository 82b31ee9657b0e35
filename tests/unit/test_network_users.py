"""Who holds a network, what a prune takes and leaves: seen on every node that was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from msgspec.structs import replace as changed

from backends.api import Cluster
from backends.change.network_paths import cut_off
from backends.change.network_prune import comes_to, pruning
from backends.change.network_users import Holds, holders, lost, name_of, who
from backends.errors import Unreachable
from backends.model import (
    Attachment,
    Container,
    Endpoint,
    Kind,
    Link,
    LinkState,
    Network,
    PortBinding,
    ServiceNetwork,
    Snapshot,
    TaskAttachment,
    Value,
)
from backends.network_survey import survey
from tests.tui.stage import FakeCluster
from tests.unit.change_world import NOW, by_id, network, node, task, world

HOUR = 3600.0


def _box(id: str, where: str, *networks: Network, state: str = "running", **more: Any) -> Container:
    attached = tuple(Attachment(network=n.name, network_id=n.id, ipv4=more.pop("ipv4", "")) for n in networks)
    return Container(id=id, name=id.removeprefix("c-"), node_id=where, state=state, networks=attached, **more)


def _held() -> Snapshot:
    """``app`` with two services, a container on ``w1``, a stopped one, a stale endpoint and two balancers."""
    ends = (
        Endpoint(container_id="", name="lb-app", ipv4="10.0.1.9/24", node_id="mgr"),
        Endpoint(container_id="", name="lb-app", endpoint_id="e2", ipv4="10.0.1.10/24", node_id="w1"),
        Endpoint(container_id="gone", name="ghost", ipv4="10.0.1.77/24", node_id="mgr"),
        Endpoint(container_id="elsewhere", name="not asked", node_id="w2"),
    )
    app = network("n-app", "10.0.1.0/24", attachable=True, endpoints=ends, inspected=True)
    snapshot = world()
    boxes = by_id(
        _box("c-adminer", "w1", app, ipv4="10.0.1.20"),
        _box("c-report", "mgr", app, state="exited"),
        _box("c-past", "w1", app, state="exited", labels={"com.docker.swarm.task.id": "t-old"}),
    )
    return replace(
        snapshot,
        networks=MappingProxyType({**snapshot.networks, "n-app": app}),
        containers=boxes,
        listed_on=MappingProxyType({(Kind.CONTAINER, "mgr"): NOW, (Kind.CONTAINER, "w1"): NOW}),
    )


def test_who_is_cut_off_by_a_detach_is_said_in_one_sentence() -> None:
    # GIVEN a container that serves a port on a network with two services, of which no other network joins them
    snapshot = _held()
    app = snapshot.networks["n-app"]
    adminer = changed(snapshot.containers["c-adminer"], ports=(PortBinding(container_port=80),) * 2)
    # THEN they are named with the port, and of open connections no more is said than is known
    assert cut_off(adminer, app, snapshot) == (
        "db and web will not reach it (80/tcp) by app any more, and open connections break (the engine does not tell"
        " which there are)."
    )
    # WHEN another network joins it with one of them
    back = network("n-back", "10.0.2.0/24", attachable=True)
    both = _box("c-adminer", "w1", app, back)
    web = changed(
        snapshot.services["s-web"], networks=(*snapshot.services["s-web"].networks, ServiceNetwork(target="n-back"))
    )
    joined = replace(
        snapshot,
        networks=MappingProxyType({**snapshot.networks, "n-back": back}),
        containers=by_id(both),
        services=MappingProxyType({**snapshot.services, "s-web": web}),
    )
    # THEN that one still reaches it
    assert cut_off(both, app, joined).endswith("which there are); web still does by back.")
    assert cut_off(both, app, joined).startswith("db will not reach it by app any more")
    # and alone on a network nobody loses it
    alone = _box("c-adminer", "w1", back)
    assert cut_off(alone, back, replace(joined, services=snapshot.services, containers=by_id(alone))) == (
        "Nobody else is on back."
    )


def test_all_who_hold_a_network_are_named_with_what_lets_go() -> None:
    # GIVEN a network with users of each kind
    snapshot = _held()
    app = snapshot.networks["n-app"]
    # WHEN it is asked who holds it
    found = holders(app, snapshot)
    # THEN services stand before their tasks, then containers on their nodes, what is left over, balancers
    assert [(h.how.value, h.name, h.node, h.address) for h in found] == [
        ("service", "db", "", ""),
        ("service", "web", "", "10.0.1.2 vip"),
        ("task", "web.1", "mgr", "10.0.1.3"),
        ("container", "adminer", "w1", "10.0.1.20"),
        ("stopped", "report", "mgr", ""),
        ("stale", "ghost", "mgr", "10.0.1.77"),
        ("balancer", "lb-app", "2 nodes", ".9 .10"),
    ]
    assert who(found) == "2 services, 2 containers and 1 stale endpoint"
    # THEN each has the docker line that lets go, and what that does
    lines = {h.name: (h.line, h.cost) for h in found if h.line}
    assert lines == {
        "db": ("docker service update --network-rm app db", "1 task restarts"),
        "web": ("docker service update --network-rm app web", "1 task restarts"),
        "adminer": ("docker network disconnect app adminer", "it goes on running"),
        "report": ("docker network disconnect app report", "it stays stopped, and starts without it"),
        "ghost": ("docker network disconnect --force app ghost", "nothing: its container is gone"),
    }
    # THEN what would be lost is said
    assert lost(app, snapshot) == ("db reaches web over this network only.",)


def test_the_routing_mesh_is_not_left_over() -> None:
    # GIVEN the ingress network with the sandboxes that publish ports, and one whose container is gone
    ends = (
        Endpoint(container_id="ingress-sbox", name="ingress-endpoint", ipv4="10.0.0.2/24", node_id="mgr"),
        Endpoint(container_id="ingress-sbox", name="ingress-endpoint", ipv4="10.0.0.3/24", node_id="w1"),
        Endpoint(container_id="gone", name="ghost", ipv4="10.0.0.7/24", node_id="mgr"),
    )
    ingress = network("n-ingress", "10.0.0.0/24", ingress=True, endpoints=ends, inspected=True)
    snapshot = replace(
        world(networks=by_id(ingress)),
        listed_on=MappingProxyType({(Kind.CONTAINER, "mgr"): NOW, (Kind.CONTAINER, "w1"): NOW}),
    )
    # WHEN it is asked who holds it
    found = [h for h in holders(ingress, snapshot) if h.how not in (Holds.SERVICE, Holds.TASK)]
    # THEN only what has no container any more is let go of, never the mesh
    assert [(h.how, h.name, bool(h.line)) for h in found] == [
        (Holds.STALE, "ghost", True),
        (Holds.BALANCER, "ingress-endpoint", False),
    ]


def test_a_plan_is_held_by_the_networks_that_are_made_from_it() -> None:
    # GIVEN a config-only network and one that was made from it
    plan = network("n-plan", scope="local", driver="bridge", node_id="mgr", config_only=True)
    made = network("n-made", config_from="plan", driver="macvlan")
    snapshot = world(networks=by_id(plan, made))
    # WHEN it is asked who holds it THEN that one does, and neither goes by a prune before
    assert [(h.how, h.name) for h in holders(plan, snapshot)] == [(Holds.NETWORK, "made")]
    found = pruning(snapshot, {"mgr"}, now=NOW)
    assert [g.network.name for g in found.goes] == ["made"]
    assert any(s.name == "plan" and s.why == "made is made from it" for s in found.stays)


def test_a_name_that_is_there_twice_is_not_used() -> None:
    one = network("n-one", driver="bridge", scope="local", node_id="mgr", name="x")
    same = network("n-two", driver="bridge", scope="local", node_id="mgr", name="x")
    far = network("n-far", driver="bridge", scope="local", node_id="w1", name="x")
    assert name_of(one, world(networks=by_id(one, same))) == "n-one"
    assert name_of(one, world(networks=by_id(one, far))) == "x"


def _idle() -> Snapshot:
    """Networks in and out of use on two nodes."""
    old = NOW - 34 * 86400
    local: dict[str, Any] = {"driver": "bridge", "scope": "local"}
    nets = [
        network("n-ingress", "10.0.0.0/24", ingress=True),
        network("n-app", "10.0.1.0/24"),
        network("n-left", "10.0.7.0/24", created=old, labels={"com.docker.stack.namespace": "gone"}),
        network("n-bridge", "172.17.0.0/16", node_id="mgr", **local),
        network("n-gw", "172.18.0.0/16", node_id="mgr", name="docker_gwbridge", **local),
        network(
            "n-shop", "172.19.0.0/16", node_id="mgr", created=old, labels={"com.docker.compose.project": "sh"}, **local
        ),
        network("n-report", "172.20.0.0/16", node_id="w1", created=old, **local),
        network("n-build", "172.19.0.0/16", node_id="w1", created=old, labels={"ci": "yes"}, **local),
        network("n-fresh", "172.21.0.0/16", node_id="w1", created=NOW - 240, **local),
        network("n-unseen", "172.19.0.0/16", node_id="w2", created=old, **local),
    ]
    boxes = by_id(_box("c-report-db", "w1", nets[6], state="exited"))
    return world(networks=by_id(*nets), containers=boxes)


def test_a_prune_names_what_goes_and_what_stays_and_why() -> None:
    # GIVEN two nodes that were asked, and one that was not
    found = pruning(_idle(), {"mgr", "w1"}, [("w2", "host key changed")], now=NOW)
    # THEN what nothing uses goes, what is young is not marked
    assert [(g.network.name, g.node, g.why, g.marked) for g in found.goes] == [
        ("left", "swarm", "nothing of its stack gone is on it", True),
        ("shop", "mgr", "its compose project has no container", True),
        ("build", "w1", "no container names it", True),
        ("fresh", "w1", "younger than 1 h: not marked", False),
    ]
    # THEN what stays says why, the one that docker would take first
    stays = [(s.name, s.node, s.why) for s in found.stays]
    assert stays[0] == (
        "report",
        "w1",
        "report-db, stopped, needs it. docker network prune would take it, and it could not start again.",
    )
    assert ("app", "swarm", "used by db and web") in stays
    assert ("all", "w2", "not asked: host key changed") in stays
    assert all(name != "unseen" for name, _, _ in stays)
    assert comes_to([g for g in found.goes if g.marked]) == "2 local subnets on 2 nodes and 1 subnet of the swarm"


def test_a_prune_keeps_what_is_too_young_or_has_not_the_label() -> None:
    # WHEN only older ones may go, or such with a label
    older = pruning(_idle(), {"mgr", "w1"}, now=NOW, older=HOUR)
    label = pruning(_idle(), {"mgr", "w1"}, now=NOW, label="ci=yes")
    # THEN the others are named among what stays
    assert [g.network.name for g in older.goes] == ["left", "shop", "build"]
    assert any(s.name == "fresh" and "not used either" in s.why for s in older.stays)
    assert [g.network.name for g in label.goes] == ["build"]
    assert pruning(_idle(), {"mgr"}, now=NOW, label="ci=no").goes == ()


def test_the_swarms_networks_are_left_alone_where_its_services_are_not_known() -> None:
    # GIVEN a worker, which knows nothing of services
    snapshot = _idle()
    assert snapshot.engine is not None
    worker = replace(snapshot, engine=cast(Any, type(snapshot.engine)(id="e", name="mgr")))
    # WHEN a prune is planned THEN no network of the Swarm goes
    assert all(not g.network.is_swarm for g in pruning(worker, {"mgr", ""}, now=NOW).goes)


class One:
    """An engine that lists what it is given."""

    endpoint, api_version = "unix:///x", "1.51"

    def __init__(self, lists: dict[Kind, Sequence[Value]], error: Exception | None = None) -> None:
        self.lists, self.error, self.asked = lists, error, list[Kind]()

    async def list(self, kind: Kind, filters: object = None) -> Sequence[Value]:
        self.asked.append(kind)
        if self.error is not None:
            raise self.error
        return self.lists.get(kind, ())

    async def network(self, network_id: str) -> Value:
        end = Endpoint(container_id="c-x", name="x", endpoint_id=f"e-{id(self)}")
        return network(network_id, endpoints=(end,), inspected=True)


class Many(FakeCluster):
    """A cluster whose nodes have engines of their own; one never answers."""

    def __init__(self, snapshot: Snapshot, engines: dict[str, One]) -> None:
        super().__init__(snapshot)
        self.engines = engines
        self.engine = cast(Any, engines["mgr"])

    async def engine_at(self, node_id: str) -> Any:
        if node_id not in self.engines:
            await asyncio.Event().wait()
        return self.engines[node_id]


async def test_networks_and_containers_are_asked_anew_of_every_node_that_is_connected() -> None:
    # GIVEN nodes that are live, silent, refusing, down, and not connected
    nodes = by_id(*(node(n, state="down" if n == "w4" else "ready") for n in ("mgr", "w1", "w2", "w3", "w4", "w5")))
    live = {n: Link(endpoint=n, state=LinkState.LIVE) for n in ("w1", "w2", "w3")}
    mine = network("n-mine", driver="bridge", scope="local", node_id="mgr")
    far = network("n-far", driver="bridge", scope="local", node_id="w1")
    swarm = network("n-app", "10.0.1.0/24")
    engines = {
        "mgr": One(
            {
                Kind.NETWORK: (mine, swarm),
                Kind.CONTAINER: (_box("c-new", "", mine),),
                Kind.TASK: (task("t-x", "s-web", 1, "w1", networks=(TaskAttachment(network_id="n-app"),)),),
            }
        ),
        "w1": One({Kind.NETWORK: (far, swarm), Kind.CONTAINER: (_box("c-far", "w1", far),)}),
        "w2": One({}, Unreachable("w2: it is busy.")),
    }
    cluster = Many(replace(world(nodes=nodes), links=MappingProxyType(live)), engines)
    # WHEN they are asked
    found = await survey(cast(Cluster, cluster), "n-app", limit=0.05)
    # THEN what each has is there as of now, with its node
    assert found.asked == {"mgr", "w1"}
    assert dict(found.missing) == {
        "w2": "w2: it is busy",
        "w3": "no answer",
        "w4": "it is down",
        "w5": "its engine is not connected",
    }
    assert {(c.name, c.node_id) for c in found.snapshot.containers.values()} == {("new", "mgr"), ("far", "w1")}
    assert {"n-mine", "n-far", "n-app"} <= found.snapshot.networks.keys()
    assert "n-blog" not in found.snapshot.networks
    # THEN endpoints of all of them are together
    assert len(found.snapshot.networks["n-app"].endpoints) == 2
    # THEN services that are gone are gone
    assert not found.snapshot.services
    assert set(found.snapshot.tasks) == {"t-x"}


def test_a_network_that_was_removed_can_be_made_again_from_the_journal() -> None:
    # GIVEN a network with all that can be said of one
    from backends.change.line import render
    from backends.change.network_again import network_again
    from backends.change.requests import NetworkRemove
    from backends.change.steps import Compiled
    from backends.change.undo import undo_of
    from backends.model import Ipam, IpamConfig

    config = IpamConfig(subnet="10.9.0.0/24", gateway="10.9.0.1", ip_range="10.9.0.128/25", aux={"a": "10.9.0.5"})
    options = {"encrypted": "", "com.docker.network.driver.overlay.vxlanid_list": "4097", "x": "y"}
    lan = Network(
        id="n1",
        name="lan",
        driver="overlay",
        scope="swarm",
        attachable=True,
        internal=True,
        ipam=Ipam(configs=(config,)),
        options=options,
        labels={"team": "shop"},
    )
    # WHEN its removal is taken back THEN the line makes the same again, but for what the Swarm gives out
    undo = undo_of(
        NetworkRemove(names=("lan",)), Compiled(NetworkRemove(names=("lan",)), ()), world(networks=by_id(lan))
    )
    assert undo.line == (
        "docker network create --driver overlay --attachable --internal --subnet 10.9.0.0/24 --gateway 10.9.0.1 "
        "--ip-range 10.9.0.128/25 --aux-address a=10.9.0.5 --opt encrypted --opt x=y --label team=shop lan"
    )
    assert undo.note == "it gets another ID"
    # THEN a plan, and a network made from one, are made as such
    plan = network("n-plan", "10.8.0.0/24", config_only=True, driver="null", scope="local")
    assert "--config-only" in render(network_again(plan))
    assert "--driver" not in render(network_again(plan))
    made = network("n-made", config_from="plan", driver="macvlan")
    assert render(network_again(made)) == (
        "docker network create --driver macvlan --scope swarm --config-from plan made"
    )
