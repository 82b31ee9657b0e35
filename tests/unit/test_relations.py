"""Relations: who belongs to what, and that the indices follow any snapshot."""

from __future__ import annotations

from dataclasses import replace as snapshot_with
from types import MappingProxyType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.model import (
    EMPTY,
    STACK_LABEL,
    Attachment,
    Config,
    Container,
    ContainerMount,
    Image,
    Ipam,
    IpamConfig,
    Key,
    Kind,
    MountSpec,
    Network,
    Node,
    PortBinding,
    PublishedPort,
    Secret,
    Service,
    ServiceNetwork,
    Snapshot,
    Task,
    TaskAttachment,
    VirtualIP,
    Volume,
)
from backends.state.addresses import pool_size
from backends.state.fold import fold
from backends.state.grouping import Grouping, Memo
from backends.state.inputs import Listing
from backends.state.relations import relations

N = "node-1"
TASK = "com.docker.swarm.task.id"
SERVICE = "com.docker.swarm.service.id"


def snapshot(*things: Any) -> Snapshot:
    kinds: dict[Kind, list[Any]] = {}
    for thing in things:
        kinds.setdefault(thing.key.kind, []).append(thing)
    return fold(EMPTY, [Listing(kind, items, 5.0, N) for kind, items in kinds.items()]).snapshot


def overlay(id: str, subnet: str = "10.0.9.0/24", **more: Any) -> Network:
    ipam = Ipam(configs=(IpamConfig(subnet=subnet),))
    return Network(**{"id": id, "name": id, "scope": "swarm", "driver": "overlay", "ipam": ipam, **more})


def service(id: str, *networks: str, **more: Any) -> Service:
    vips = tuple(VirtualIP(network_id=n, address="10.0.9.2/24") for n in networks)
    nets = tuple(ServiceNetwork(target=n) for n in networks if n != "ingress")
    return Service(**{"id": id, "name": id, "networks": nets, "virtual_ips": vips, **more})


def task(id: str, service_id: str, slot: int, node: str, *networks: str, **more: Any) -> Task:
    at = tuple(TaskAttachment(network_id=n, addresses=("10.0.9.5/24",)) for n in networks)
    return Task(
        **{
            "id": id,
            "service_id": service_id,
            "slot": slot,
            "node_id": node,
            "networks": at,
            "state": "running",
            **more,
        }
    )


def test_tasks_of_a_service_are_by_slot_and_newest_first() -> None:
    s = snapshot(
        task("old", "s", 1, "a", created=1.0),
        task("new", "s", 1, "b", created=2.0),
        task("two", "s", 2, "a", created=0.5),
    )
    assert [t.id for t in relations(s).tasks_of("s")] == ["new", "old", "two"]
    assert [t.id for t in relations(s).tasks_on("a")] == ["old", "two"]
    assert relations(s).tasks_of("other") == ()


def test_container_and_task_find_each_other() -> None:
    by_label = Container(id="c1", node_id=N, labels={TASK: "t1", SERVICE: "s"})
    by_id = Container(id="c2", node_id=N)
    t1, t2 = task("t1", "s", 1, N), task("t2", "s", 2, N, container_id="c2")
    r = relations(snapshot(by_label, by_id, t1, t2))
    assert r.container_of(t1) is not None
    assert [c.id for t in (t1, t2) if (c := r.container_of(t))] == ["c1", "c2"]
    assert r.task_of(by_label) == t1
    assert r.containers_of("s") == (by_label,)
    assert r.containers_on(N) == (by_label, by_id)


def test_tasks_are_named_as_docker_names_them() -> None:
    s = snapshot(service("s"), Node(id="n1", hostname="worker-1"), task("t1", "s", 3, "n1"), task("t2", "s", 0, "n1"))
    r = relations(s)
    assert r.task_name(s.tasks["t1"]) == "s.3"
    assert r.task_name(s.tasks["t2"]) == "s.worker-1"


def test_networks_by_id_and_by_name() -> None:
    by_name = Service(id="b", name="b", networks=(ServiceNetwork(target="front"),))
    front, ingress = overlay("x1", name="front"), overlay("ingress", ingress=True)
    local = Network(id="l1", name="front", node_id=N)
    r = relations(snapshot(service("a", "x1", "ingress"), by_name, front, ingress, local))
    assert [s.id for s in r.services_on(front)] == ["a", "b"]
    assert [n.name for n in r.networks_of(r.snapshot.services["a"])] == ["front", "ingress"]
    assert [n.id for n in r.networks_of(by_name)] == ["x1"]


def test_who_reaches_whom_leaves_ingress_out() -> None:
    r = relations(
        snapshot(
            service("web", "front", "ingress"),
            service("api", "front", "back"),
            service("db", "back"),
            service("x", "ingress"),
            overlay("front"),
            overlay("back"),
            overlay("ingress", ingress=True),
        )
    )
    reached = {x.service.id: [n.id for n in x.networks] for x in r.reaches(r.snapshot.services["web"])}
    assert reached == {"api": ["front"]}
    assert [x.service.id for x in r.reaches(r.snapshot.services["api"])] == ["db", "web"]


def test_addresses_count_virtual_ones_tasks_and_balancers() -> None:
    # GIVEN the network of design screen 05: two services, four tasks on three nodes
    things = [service("webapp1", "net"), service("mysql", "net"), overlay("net")]
    things += [task(f"t{i}", "webapp1", i, n, "net") for i, n in ((1, "m1"), (2, "w1"), (3, "w2"))]
    things += [task("t4", "mysql", 1, "w1", "net"), task("old", "mysql", 1, "w2", "net", state="failed")]
    r = relations(snapshot(*things))
    use = r.addresses(r.snapshot.networks["net"])
    assert (use.virtual, use.tasks, use.balancers, use.used, use.size) == (2, 4, 3, 9, 253)
    assert use.free == 244
    assert not use.estimated


def test_addresses_are_estimated_where_tasks_are_not_listed() -> None:
    nodes = [Node(id=f"n{i}", state="ready") for i in range(4)]
    r = relations(snapshot(service("a", "net", running=3, has_counts=True), overlay("net"), *nodes))
    use = r.addresses(r.snapshot.networks["net"])
    assert (use.tasks, use.estimated) == (3, True)


def test_addresses_of_local_networks_are_those_of_containers() -> None:
    bridge = Network(
        id="br",
        name="bridge",
        node_id=N,
        driver="bridge",
        ipam=Ipam(configs=(IpamConfig(subnet="172.17.0.0/16", gateway="172.17.0.1"),)),
    )
    up = Container(id="c1", node_id=N, networks=(Attachment(network="bridge", network_id="br", ipv4="172.17.0.2"),))
    stopped = Container(id="c2", node_id=N, networks=(Attachment(network="bridge"),))
    host = Network(id="h", name="host", node_id=N, driver="host")
    r = relations(snapshot(bridge, up, stopped, host))
    assert (r.addresses(bridge).used, r.addresses(bridge).size) == (1, 65533)
    assert r.addresses(host).size is None
    assert [c.id for c in r.containers_in(bridge)] == ["c1", "c2"]


def test_pools() -> None:
    def size(**more: Any) -> int | None:
        return pool_size([IpamConfig(**more)])

    assert size(subnet="10.0.12.0/27") == 29
    assert size(subnet="10.0.0.0/24", gateway="10.0.0.254", aux={"router": "10.0.0.9"}) == 252
    assert size(subnet="10.0.0.0/24", ip_range="10.0.0.128/26") == 64
    assert size(subnet="fd00::/64") is None
    assert size(subnet="rubbish") is None
    assert size(subnet="10.0.0.0/31", gateway="10.0.0.0") == 1


def port(published: int, mode: str = "ingress", target: int = 80) -> PublishedPort:
    return PublishedPort(target=target, published=published, mode=mode)


def test_ports_say_where_they_answer() -> None:
    s = snapshot(
        service("web", ports=(port(8001),)),
        service("exp", ports=(port(9100, "host"),)),
        task("t", "exp", 0, "n1"),
        Container(
            id="c",
            name="one",
            node_id=N,
            ports=(
                PortBinding(container_port=80, host_port=5000, host_ip="0.0.0.0"),
                PortBinding(container_port=80, host_port=5000, host_ip="::"),
            ),
        ),
    )
    assert [(p.port, p.mode, p.name, p.node_ids) for p in relations(s).ports] == [
        (5000, "container", "one", (N,)),
        (8001, "ingress", "web", ()),
        (9100, "host", "exp", ("n1",)),
    ]
    assert all(not p.conflict for p in relations(s).ports)


def test_port_conflicts_name_the_other() -> None:
    s = snapshot(
        Node(id="n1", hostname="worker-1"),
        service("a", ports=(port(80, "host"),)),
        service("b", ports=(port(80, "host"),)),
        task("t", "a", 0, "n1"),
        service("c", ports=(port(443),)),
        Container(id="x", name="rogue", node_id="n1", ports=(PortBinding(container_port=1, host_port=443),)),
    )
    said = {p.name: p.conflict for p in relations(s).ports}
    assert said["b"] == "a takes it on worker-1"
    assert said["rogue"] == "c publishes it on every node"
    assert said["c"] == "rogue takes it on worker-1"


def test_users_of_everything() -> None:
    web = service(
        "web",
        "net",
        config_ids=("cf",),
        secret_ids=("sc",),
        image="shop/web:1@sha256:abc",
        mounts=(MountSpec(type="volume", source="data", target="/d"),),
    )
    box = Container(
        id="c",
        name="box",
        node_id=N,
        image_id="sha256:i",
        state="exited",
        mounts=(ContainerMount(type="volume", name="data"),),
        networks=(Attachment(network="net", network_id="net"),),
    )
    r = relations(
        snapshot(
            web,
            box,
            overlay("net"),
            Config(id="cf"),
            Secret(id="sc"),
            Volume(name="data", node_id=N),
            Image(image_id="sha256:i", node_id=N, tags=("shop/web:1",)),
        )
    )

    def names(kind: Kind, id: str) -> tuple[list[str], list[str]]:
        users = r.users(Key(kind, id))
        return [s.name for s in users.services], [c.name for c in users.containers]

    assert names(Kind.CONFIG, "cf") == (["web"], [])
    assert names(Kind.SECRET, "sc") == (["web"], [])
    assert names(Kind.VOLUME, f"{N}/data") == (["web"], ["box"])
    assert names(Kind.IMAGE, f"{N}/sha256:i") == (["web"], ["box"])
    assert names(Kind.NETWORK, "net") == (["web"], ["box"])
    assert not r.users(Key(Kind.NETWORK, "gone"))


def test_stacks_have_members() -> None:
    s = snapshot(service("a", labels={STACK_LABEL: "shop"}), Container(id="c", node_id=N, labels={STACK_LABEL: "shop"}))
    assert [x.id for x in relations(s).services_of_stack("shop")] == ["a"]
    assert [x.id for x in relations(s).containers_of_stack("shop")] == ["c"]
    assert s.stacks["shop"].services == ("a",)


def test_the_same_snapshot_has_the_same_relations() -> None:
    s = snapshot(service("a"))
    assert relations(s) is relations(s)


def test_answers_stay_the_same_objects_while_their_members_do() -> None:
    s = snapshot(*(task(f"t{i}", f"s{i % 2}", i, N) for i in range(10)))
    first = relations(s).tasks_of("s0")
    changed = {**s.tasks, "t1": replace(s.tasks["t1"], state="failed")}
    later = snapshot_with(s, tasks=MappingProxyType(changed))
    assert relations(later).tasks_of("s0") is first
    assert relations(later).tasks_of("s1")[0].state == "failed"


maps = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), max_size=8)


@given(st.lists(maps, max_size=6))
def test_groupings_follow_any_map(sources: list[dict[str, tuple[str, int]]]) -> None:
    grouping: Grouping[tuple[str, int]] = Grouping(lambda v: (v[0],), lambda v: v)
    for source in [s for one in sources for s in (one, {**one, "a": ("x", 9)})]:
        for name in "xyz":
            assert grouping.of(source, name) == tuple(sorted(v for v in source.values() if v[0] == name))
            assert grouping.count(source, name) == sum(1 for v in source.values() if v[0] == name)


def test_a_memo_is_built_again_when_an_input_or_the_tick_changes() -> None:
    memo: Memo[int] = Memo()
    built: list[int] = []
    one, two = object(), object()
    for inputs, tick in (((one,), 0), ((one,), 0), ((two,), 0), ((two,), 1), ((two,), 1)):
        memo.get(inputs, lambda: built.append(1) or 0, tick)  # type: ignore[func-returns-value]
    assert len(built) == 3
