"""fold: single cases by hand; that it converges, by property (test_fold_properties)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from backends.model import (
    EMPTY,
    STACK_LABEL,
    Attachment,
    Changes,
    Container,
    Endpoint,
    EngineInfo,
    Event,
    EventSource,
    Key,
    Kind,
    Link,
    LinkState,
    Network,
    Node,
    Service,
    Snapshot,
    SwarmMembership,
    Task,
    Value,
    Volume,
)
from backends.state.fold import Folded, fold
from backends.state.inputs import (
    Dirty,
    EngineEvents,
    EngineTold,
    Gap,
    Inspected,
    LinkChanged,
    Listing,
    ManagerTrouble,
    Scope,
    StreamMark,
)

N = "node-1"


def event(type: str, action: str, id: str = "c1", at: float = 10.0, name: str = "", **more: str) -> Event:
    return Event(
        time=at,
        time_nano=int(at * 1e9),
        type=type,
        action=action,
        id=id,
        name=name,
        node_id=N,
        attributes={"name": name, **{k.replace("_", "."): v for k, v in more.items()}},
    )


def listing(kind: Kind, *items: Value, at: float = 5.0, node: str = N, scope: Scope | None = None) -> Listing:
    return Listing(kind, items, at, node, scope)


def known(*items: Value, kind: Kind = Kind.CONTAINER, at: float = 5.0) -> Snapshot:
    return fold(EMPTY, [listing(kind, *items, at=at)]).snapshot


def told(snapshot: Snapshot, *events: Event) -> Folded:
    return fold(snapshot, [EngineEvents(events)])


C1 = Container(id="c1", name="one", node_id=N, state="running", started=1.0, status="Up 4 seconds")


# -- containers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "more", "expected"),
    [
        ("die", {"exitCode": "3"}, ("exited", 3, "", 10.0)),
        ("die", {"exitCode": "rubbish"}, ("exited", None, "", 10.0)),
        ("pause", {}, ("paused", None, "", 1.0)),
        ("health_status: healthy", {}, ("running", None, "healthy", 1.0)),
        ("start", {}, ("running", None, "", 10.0)),
        ("restart", {}, ("running", None, "", 1.0)),
        ("kill", {"signal": "15"}, ("running", None, "", 1.0)),
        ("oom", {}, ("running", None, "", 1.0)),
        ("exec_start: sh", {}, ("running", None, "", 1.0)),
    ],
)
def test_events_that_carry_a_containers_state(action: str, more: dict[str, str], expected: tuple[object, ...]) -> None:
    folded = told(known(C1), event("container", action, "c1", 10.0, "", **more))
    c = folded.snapshot.containers["c1"]
    assert (c.state, c.exit_code, c.health, c.started) == expected
    assert folded.dirty == frozenset()


def test_a_rename_is_folded() -> None:
    folded = told(known(C1), event("container", "rename", name="two", oldName="/one"))
    assert folded.snapshot.containers["c1"].name == "two"
    assert folded.events[0].text == "one → two"


def test_destroy_removes_and_is_not_undone_by_a_listing_under_way() -> None:
    gone = told(known(C1), event("container", "destroy")).snapshot
    assert gone.containers == {}
    again = fold(gone, [listing(Kind.CONTAINER, C1, at=9.0)]).snapshot
    assert again.containers == {}


def test_an_event_older_than_the_listing_changes_nothing() -> None:
    base = known(C1, at=20.0)
    folded = told(base, event("container", "die", exitCode="1"))
    assert folded.snapshot is base
    assert len(folded.events) == 1


def test_an_event_older_than_another_event_changes_nothing() -> None:
    base = told(known(C1), event("container", "pause", at=12.0)).snapshot
    assert told(base, event("container", "die", at=11.0)).snapshot is base


def test_a_listing_asked_before_an_event_does_not_undo_it() -> None:
    base = told(known(C1), event("container", "die", exitCode="1")).snapshot
    folded = fold(base, [listing(Kind.CONTAINER, C1, at=9.0)])
    assert folded.snapshot.containers["c1"].state == "exited"


def test_what_a_late_listing_adds_is_taken_and_asked_for_again() -> None:
    base = told(known(C1), event("container", "die", exitCode="1")).snapshot
    more = Container(id="c1", name="one", node_id=N, state="running", networks=(Attachment(network="x"),))
    folded = fold(base, [listing(Kind.CONTAINER, more, at=9.0)])
    assert folded.snapshot.containers["c1"].networks == (Attachment(network="x"),)
    assert folded.dirty == {Dirty(Kind.CONTAINER, "id", "c1", N)}


def test_an_unknown_container_is_asked_for() -> None:
    folded = told(known(C1), event("container", "create", "c2"))
    assert folded.dirty == {Dirty(Kind.CONTAINER, "id", "c2", N)}


def test_a_replay_makes_nothing_dirty() -> None:
    folded = fold(known(C1), [EngineEvents([event("container", "create", "c2")], replay=True)])
    assert folded.dirty == frozenset()
    assert len(folded.events) == 1


def test_words_that_only_count_time_up_are_no_change() -> None:
    later = Container(id="c1", name="one", node_id=N, state="running", started=2.0, status="Up 5 seconds")
    folded = fold(known(C1), [listing(Kind.CONTAINER, later, at=6.0)])
    assert folded.changes.keys == frozenset()
    c = folded.snapshot.containers["c1"]
    assert (c.status, c.started) == ("Up 5 seconds", 1.0)


def test_a_start_that_cannot_be_the_same_is_taken() -> None:
    later = Container(id="c1", name="one", node_id=N, state="running", started=90.0, status="Up 10 seconds")
    assert fold(known(C1), [listing(Kind.CONTAINER, later, at=100.0)]).snapshot.containers["c1"].started == 90.0


def test_a_whole_listing_removes_only_its_own_nodes() -> None:
    other = Container(id="c9", node_id="node-2")
    base = fold(known(C1), [listing(Kind.CONTAINER, other, node="node-2")]).snapshot
    assert set(base.containers) == {"c1", "c9"}
    assert set(fold(base, [listing(Kind.CONTAINER, at=6.0)]).snapshot.containers) == {"c9"}


def test_a_partial_listing_removes_what_it_was_asked_for() -> None:
    base = known(C1, Container(id="c2", node_id=N))
    part = listing(Kind.CONTAINER, at=6.0, scope=Scope(ids=frozenset({"c2"})))
    folded = fold(base, [part])
    assert set(folded.snapshot.containers) == {"c1"}
    assert folded.changes.keys == {Key(Kind.CONTAINER, "c2")}


def test_an_older_whole_listing_is_ignored() -> None:
    base = known(C1, at=20.0)
    assert fold(base, [listing(Kind.CONTAINER, at=10.0)]).snapshot.containers == base.containers


# -- networks -------------------------------------------------------------------------------------------

NET = Network(id="n1", name="net", scope="swarm", driver="overlay")
ON_NET = Container(
    id="c1", name="one", node_id=N, state="running", networks=(Attachment(network="net", network_id="n1"),)
)


def test_disconnect_removes_the_attachment_and_the_endpoint() -> None:
    ends = (Endpoint(container_id="c1", name="one"), Endpoint(container_id="", name="lb"))
    inspected = replace(NET, inspected=True, endpoints=ends)
    base = fold(known(ON_NET), [Inspected(inspected, 5.0, N)]).snapshot
    folded = told(base, event("network", "disconnect", "n1", name="net", container="c1"))
    assert folded.snapshot.containers["c1"].networks == ()
    assert [e.name for e in folded.snapshot.networks["n1"].endpoints] == ["lb"]
    assert folded.dirty == frozenset()


def test_connect_asks_for_the_container_and_the_endpoints_on_screen() -> None:
    base = fold(known(C1), [Inspected(Network(id="n1", name="net", inspected=True), 5.0, N)]).snapshot
    folded = told(base, event("network", "connect", "n1", name="net", container="c1"))
    assert folded.dirty == {
        Dirty(Kind.CONTAINER, "id", "c1", N),
        Dirty(Kind.NETWORK, "endpoints", "n1", N),
    }
    assert folded.events[0].text == "one"


def test_a_listing_keeps_the_endpoints_that_were_inspected() -> None:
    ends = (Endpoint(container_id="c", name="c"),)
    seen = Network(id="n1", scope="swarm", inspected=True, endpoints=ends)
    base = fold(EMPTY, [Inspected(seen, 5.0, N)]).snapshot
    kept = fold(base, [listing(Kind.NETWORK, NET, at=6.0)]).snapshot.networks["n1"]
    assert kept.name == "net"
    assert len(kept.endpoints) == 1


def test_endpoints_of_other_nodes_stay() -> None:
    one = Network(id="n1", scope="swarm", inspected=True, endpoints=(Endpoint(container_id="a", name="a", node_id=N),))
    two = Network(
        id="n1", scope="swarm", inspected=True, endpoints=(Endpoint(container_id="b", name="b", node_id="x"),)
    )
    s = fold(EMPTY, [Inspected(one, 5.0, N), Inspected(two, 6.0, "x")]).snapshot
    assert [e.name for e in s.networks["n1"].endpoints] == ["a", "b"]


def test_a_network_of_the_swarm_stays_when_its_last_task_on_a_node_goes() -> None:
    # GIVEN a manager's view of a network of the Swarm
    base = fold(known(NET, kind=Kind.NETWORK), [listing(Kind.NODE, at=5.0)]).snapshot
    # WHEN an engine takes down its own part of it
    left = told(base, event("network", "destroy", "n1", name="net")).snapshot
    # THEN the network is still there, and goes only when the Swarm removes it
    assert set(left.networks) == {"n1"}
    removed = replace(event("network", "remove", "n1", name="net"), scope="swarm")
    assert told(left, removed).snapshot.networks == {}
    # AND for an engine that does not see the Swarm it is gone
    assert told(known(NET, kind=Kind.NETWORK), event("network", "destroy", "n1")).snapshot.networks == {}


def test_a_worker_does_not_speak_for_the_swarms_networks() -> None:
    base = known(NET, kind=Kind.NETWORK)
    folded = fold(base, [Listing(Kind.NETWORK, (), 6.0, N, authority=False)])
    assert set(folded.snapshot.networks) == {"n1"}


# -- volumes, images, the Swarm's own -------------------------------------------------------------------


def test_a_volume_name_may_be_given_again() -> None:
    base = known(Volume(name="v", node_id=N), kind=Kind.VOLUME)
    gone = told(base, event("volume", "destroy", "v")).snapshot
    assert gone.volumes == {}
    assert told(gone, event("volume", "create", "v", at=11.0)).dirty == {Dirty(Kind.VOLUME, "id", f"{N}/v", N)}
    assert told(gone, event("volume", "mount", "v", at=11.0)).dirty == frozenset()


@pytest.mark.parametrize(
    ("type", "action", "dirty"),
    [
        ("service", "create", {Dirty(Kind.SERVICE, "id", "x", N), Dirty(Kind.TASK, "service", "x", N)}),
        ("service", "update", {Dirty(Kind.SERVICE, "id", "x", N), Dirty(Kind.TASK, "service", "x", N)}),
        ("secret", "create", {Dirty(Kind.SECRET, "id", "x", N)}),
        ("config", "update", {Dirty(Kind.CONFIG, "id", "x", N)}),
        ("image", "pull", {Dirty(Kind.IMAGE, "whole", "", N)}),
        ("image", "tag", {Dirty(Kind.IMAGE, "whole", "", N)}),
        ("network", "create", {Dirty(Kind.NETWORK, "id", "x", N)}),
        ("daemon", "reload", {Dirty(Kind.ENGINE, "whole", "", N)}),
        ("container", "exec_create: sh", set()),
        ("container", "attach", set()),
        ("container", "top", set()),
        ("unheard", "of", set()),
    ],
)
def test_what_events_leave_to_be_asked(type: str, action: str, dirty: set[Dirty]) -> None:
    assert told(EMPTY, event(type, action, "x")).dirty == dirty


@pytest.mark.parametrize(
    ("action", "more", "scopes"),
    [
        ("update", {}, {(Kind.NODE, "id")}),
        ("update", {"state_old": "ready", "state_new": "down"}, {(Kind.NODE, "id"), (Kind.TASK, "node")}),
        ("update", {"role_old": "worker", "role_new": "manager"}, {(Kind.NODE, "id"), (Kind.ENGINE, "whole")}),
        ("create", {}, {(Kind.NODE, "id"), (Kind.TASK, "node"), (Kind.ENGINE, "whole")}),
        ("remove", {}, {(Kind.TASK, "node"), (Kind.ENGINE, "whole")}),
    ],
)
def test_node_events_ask_for_what_they_touch(action: str, more: dict[str, str], scopes: set[tuple[Kind, str]]) -> None:
    dirty = told(EMPTY, event("node", action, "x", 10.0, "", **more)).dirty
    assert {(d.kind, d.scope) for d in dirty} == scopes


def test_a_start_without_addresses_asks_for_them() -> None:
    waiting = replace(C1, state="created", networks=(Attachment(network="net", network_id="n1"),))
    assert told(known(waiting), event("container", "start")).dirty == {Dirty(Kind.CONTAINER, "id", "c1", N)}
    host = replace(C1, state="created", networks=(Attachment(network="host", network_id="h"),))
    assert told(known(host), event("container", "start")).dirty == frozenset()


def test_removed_objects_of_the_swarm_go_at_once() -> None:
    base = known(Service(id="s1", name="web", labels={STACK_LABEL: "shop"}), kind=Kind.SERVICE)
    assert set(base.stacks) == {"shop"}
    folded = told(base, event("service", "remove", "s1"))
    assert folded.snapshot.services == {}
    assert folded.snapshot.stacks == {}
    assert folded.changes.keys == {Key(Kind.SERVICE, "s1"), Key(Kind.STACK, "shop")}


def test_an_object_is_never_replaced_by_an_older_version() -> None:
    base = known(Service(id="s1", version=9, name="new"), kind=Kind.SERVICE)
    assert (
        fold(base, [listing(Kind.SERVICE, Service(id="s1", version=8, name="old"), at=6.0)])
        .snapshot.services["s1"]
        .name
        == "new"
    )


# -- tasks ----------------------------------------------------------------------------------------------


def tasks(*items: Task, at: float, services: Sequence[str] = ()) -> Listing:
    return Listing(Kind.TASK, items, at, "", Scope(services=frozenset(services)) if services else None)


RUNNING = Task(id="t1", service_id="s1", slot=1, node_id="a", state="running", created=1.0, since=2.0)
SERVICES = listing(Kind.SERVICE, Service(id="s1", name="web"))
NODES = listing(Kind.NODE, Node(id="a", hostname="worker-5"), Node(id="b", hostname="worker-2"))


def test_the_first_listing_of_tasks_tells_nothing() -> None:
    assert fold(EMPTY, [tasks(RUNNING, at=5.0)]).events == ()


def test_a_failure_and_its_replacement_are_told_in_order() -> None:
    base = fold(EMPTY, [SERVICES, NODES, tasks(RUNNING, at=5.0)]).snapshot
    failed = Task(
        id="t1",
        service_id="s1",
        slot=1,
        node_id="a",
        state="failed",
        desired_state="shutdown",
        error="task: non-zero exit (126)",
        exit_code=126,
        created=1.0,
        since=6.0,
    )
    moved = Task(
        id="t2", service_id="s1", slot=1, node_id="b", state="running", image="web:2@sha256:1", created=7.0, since=8.0
    )
    events = fold(base, [tasks(moved, failed, at=9.0)]).events
    assert [(e.time, e.name, e.action, e.severity, e.text) for e in events] == [
        (6.0, "web.1", "failed", "err", "task: non-zero exit (126)"),
        (7.0, "web.1", "created", "chg", "web:2"),
        (8.0, "web.1", "running", "ok", "moved here from worker-5"),
    ]
    assert {e.source for e in events} == {EventSource.DERIVED}


def test_a_pending_task_is_told_once_with_its_reason() -> None:
    base = fold(EMPTY, [SERVICES, tasks(at=5.0)]).snapshot
    waits = Task(id="t1", service_id="s1", slot=1, state="pending", error="no suitable node", created=6.0, since=6.0)
    folded = fold(base, [tasks(waits, at=7.0)])
    assert [(e.action, e.text) for e in folded.events] == [("created", ""), ("pending", "no suitable node")]
    assert fold(folded.snapshot, [tasks(waits, at=8.0)]).events == ()


def test_a_listing_of_one_service_leaves_the_others() -> None:
    other = Task(id="t9", service_id="s9", slot=1)
    base = fold(EMPTY, [tasks(RUNNING, other, at=5.0)]).snapshot
    s = fold(base, [tasks(at=6.0, services=["s1"])]).snapshot
    assert set(s.tasks) == {"t9"}
    assert s.tasks_of["s1"] == 6.0


def test_an_older_whole_listing_does_not_undo_a_newer_partial_one() -> None:
    base = fold(EMPTY, [tasks(RUNNING, at=6.0, services=["s1"])]).snapshot
    s = fold(base, [tasks(at=5.0)]).snapshot
    assert set(s.tasks) == {"t1"}


# -- the rest -------------------------------------------------------------------------------------------


def test_the_same_again_is_the_same_snapshot() -> None:
    base = fold(EMPTY, [listing(Kind.CONTAINER, C1), SERVICES, tasks(RUNNING, at=5.0)]).snapshot
    assert fold(base, [listing(Kind.CONTAINER, C1), SERVICES, tasks(RUNNING, at=5.0)]).snapshot is base


def test_an_empty_kind_counts_as_listed() -> None:
    folded = fold(EMPTY, [listing(Kind.SECRET)])
    assert folded.changes.kinds == {Kind.SECRET}
    assert folded.snapshot.listed == {Kind.SECRET: 5.0}


def test_links_and_trouble_are_told() -> None:
    link = Link(endpoint="unix:///x", state=LinkState.LIVE)
    folded = fold(EMPTY, [LinkChanged(link), LinkChanged(link, "n2"), ManagerTrouble("no leader")])
    assert (folded.snapshot.link, folded.snapshot.links["n2"]) == (link, link)
    assert folded.snapshot.manager_problem == "no leader"
    assert folded.changes == Changes(links=True)


def test_a_clock_alone_is_no_news_of_an_engine() -> None:
    base = fold(EMPTY, [EngineTold(EngineInfo(id="e", system_time=1.0), 1.0)]).snapshot
    assert not fold(base, [EngineTold(EngineInfo(id="e", system_time=2.0), 2.0)]).changes


def test_leaving_the_swarm_forgets_what_was_its() -> None:
    member = EngineInfo(id="e", swarm=SwarmMembership(node_id=N, state="active"))
    listed = [listing(Kind.CONTAINER, C1), SERVICES, listing(Kind.NETWORK, NET), tasks(RUNNING, at=5.0)]
    base = fold(EMPTY, [EngineTold(member, 1.0), *listed]).snapshot
    folded = fold(base, [EngineTold(EngineInfo(id="e"), 6.0)])
    s = folded.snapshot
    assert (s.services, s.tasks, s.networks, s.containers, s.tasks_of) == ({}, {}, {}, {}, {})
    assert Dirty(Kind.CONTAINER, "whole", "", "") in folded.dirty


def test_marks_and_gaps_become_events() -> None:
    folded = fold(EMPTY, [StreamMark(5.0, True, "refused", N), Gap(5.0, 65.0, N), StreamMark(66.0, False, "", N)])
    assert [(e.source.value, e.action, e.text) for e in folded.events] == [
        ("stream", "ended", "refused"),
        ("gap", "gap", "events of 1 min may be missing"),
        ("stream", "back", ""),
    ]
    assert folded.snapshot is EMPTY
