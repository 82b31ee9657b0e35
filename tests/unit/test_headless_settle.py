"""When an answer is whole, and which nodes are missing in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from backends.errors import BackendError, NotManager, TimedOut
from backends.model import Changes, EngineInfo, Kind, Link, LinkState, Node, Service, Snapshot, SwarmMembership
from tui.headless.settle import Need, Watch, standing, unasked

NEED = Need(frozenset({Kind.NODE, Kind.CONTAINER}), frozenset({Kind.CONTAINER}), everywhere=True)
SERVICES = Need(frozenset({Kind.SERVICE, Kind.NODE}), frozenset({Kind.SERVICE}))


def link(state: LinkState, problem: str = "") -> Link:
    return Link(endpoint="ssh://x", state=state, problem=problem)


def known(**more: object) -> Snapshot:
    """A manager that has told all, with two more nodes of which one is down."""
    membership = SwarmMembership(node_id="n1", state="active", control_available=True)
    base = Snapshot(
        link=link(LinkState.LIVE),
        engine=EngineInfo(id="e", name="mgr", swarm=membership),
        nodes={
            "n1": Node(id="n1", hostname="mgr", state="ready"),
            "n2": Node(id="n2", hostname="w1", state="ready"),
            "n3": Node(id="n3", hostname="w2", state="down"),
        },
        listed={Kind.NODE: 1.0, Kind.SERVICE: 1.0, Kind.CONTAINER: 1.0},
        listed_on={(Kind.CONTAINER, "n1"): 1.0},
    )
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [LinkState.UNREACHABLE, LinkState.DENIED])
def test_an_engine_that_cannot_be_reached_ends_the_wait_at_once(state: LinkState) -> None:
    # WHEN the engine we were given is not there, THEN there will be no answer, for its reason
    failed = standing(Snapshot(link=link(state, "No such socket.")), NEED).failed
    assert str(failed) == "No such socket."


def test_containers_of_this_node_are_waited_for_although_another_told_its_own() -> None:
    # GIVEN containers listed by another node only
    snapshot = known(listed_on={(Kind.CONTAINER, "n2"): 1.0}, links={"n2": link(LinkState.LIVE)})
    # WHEN it is judged, THEN ours are still to come
    assert standing(snapshot, NEED).waiting == ("containers",)


@pytest.mark.parametrize(
    ("links", "listed", "pending"),
    [
        ({}, (), set()),
        ({"n2": LinkState.CONNECTING}, (), {"n2"}),
        ({"n2": LinkState.LIVE}, (), {"n2"}),
        ({"n2": LinkState.LIVE}, ("n2",), set()),
        ({"n2": LinkState.UNREACHABLE, "n3": LinkState.STALE}, (), set()),
    ],
)
def test_other_nodes_are_waited_for_while_they_may_still_answer(
    links: dict[str, LinkState], listed: tuple[str, ...], pending: set[str]
) -> None:
    # GIVEN links to other nodes and what they have listed
    on = {(Kind.CONTAINER, id): 1.0 for id in ("n1", *listed)}
    snapshot = known(links={id: link(state) for id, state in links.items()}, listed_on=on)
    # WHEN it is judged, THEN those are waited for that will tell more
    assert standing(snapshot, NEED).pending == pending
    # THEN not where only one node matters, or none but ours
    assert standing(snapshot, replace(NEED, only="n3")).pending == frozenset()
    assert standing(snapshot, replace(NEED, everywhere=False)).pending == frozenset()


def test_each_node_that_is_missing_is_named_with_its_reason() -> None:
    # GIVEN one node that refuses and one that is down without a link
    snapshot = known(links={"n2": link(LinkState.DENIED, "The login was refused.")})
    # WHEN the answer is judged, THEN both are missing, each for its own reason
    assert [(u.node, u.reason) for u in unasked(snapshot, NEED)] == [("w1", "The login was refused."), ("w2", "down")]


def test_of_what_managers_know_only_nodes_that_are_down_are_missing() -> None:
    assert [(u.node, u.reason) for u in unasked(known(), SERVICES)] == [("w2", "down; what is told of it is old")]


def test_a_plain_engine_lacks_nothing() -> None:
    # GIVEN an engine that is in no Swarm
    snapshot = known(
        nodes={},
        engine=EngineInfo(id="e", name="box", swarm=SwarmMembership(state="inactive")),
        manager_problem="This engine is not part of a Swarm.",
        listed_on={(Kind.CONTAINER, ""): 1.0},
    )
    # WHEN its containers are listed, THEN that is all
    assert standing(snapshot, NEED).whole
    assert unasked(snapshot, NEED) == []
    # WHEN services are asked for, THEN it says that there are none to ask for
    assert isinstance(standing(replace(snapshot, listed={}), SERVICES).failed, NotManager)


def test_a_worker_tells_its_own_and_that_others_may_be_missing() -> None:
    # GIVEN a worker, which knows no nodes but the address of a manager
    membership = SwarmMembership(node_id="n1", state="active", remote_managers=(("n9", "10.0.0.9:2377"),))
    snapshot = known(
        nodes={}, engine=EngineInfo(id="e", swarm=membership), manager_problem="This node is a worker.", listed={}
    )
    # WHEN containers are listed, THEN the answer is whole as far as it goes, and says so
    assert standing(snapshot, NEED).whole
    (missing,) = unasked(snapshot, NEED)
    assert "This node is a worker." in missing.reason
    assert missing.hint == "Ask a manager: dnet-tui -H ssh://10.0.0.9 ..."


def test_tasks_of_named_services_are_waited_for() -> None:
    need = replace(SERVICES, services=frozenset({"s1", "gone"}))
    snapshot = known(services={"s1": Service(id="s1", name="web")})
    # WHEN they were not read, THEN they are waited for by name; of a service that went nothing is
    assert standing(snapshot, need).waiting == ("tasks of web",)
    assert standing(replace(snapshot, tasks_of={"s1": 1.0}), need).whole


class Told:
    """As much of a cluster as waiting needs."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.listeners: list[Callable[[Changes], None]] = []

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        for listener in self.listeners:
            listener(Changes(links=True))


async def test_waiting_ends_with_the_change_that_makes_it_whole() -> None:
    cluster = Told(known(listed_on={}))
    watch = Watch(cluster)  # type: ignore[arg-type]
    # GIVEN somebody who waits
    waiting = asyncio.create_task(watch.settle(NEED, 60))
    await asyncio.sleep(0)
    # WHEN what was missing comes
    cluster.tell(known())
    # THEN the answer is there
    assert (await waiting).snapshot is cluster.snapshot
    watch.close()
    assert cluster.listeners == []


async def test_nodes_that_are_late_are_missing_but_the_rest_is_an_answer() -> None:
    cluster = Told(known(links={"n2": link(LinkState.CONNECTING)}))
    # WHEN a node has not answered in time
    answer = await Watch(cluster).settle(NEED, 0.01)  # type: ignore[arg-type]
    # THEN what others told is the answer, and it is named
    assert ("w1", "no answer within 0.01 s") in [(u.node, u.reason) for u in answer.unasked]


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (Snapshot(), "The engine did not answer within 0.01 s."),
        (known(listed_on={}), "What the engine knows of containers did not come within 0.01 s."),
        (known(listed_on={}, link=link(LinkState.LIVE, "It says 500.")), "within 0.01 s: It says 500."),
    ],
)
async def test_no_answer_in_time_is_an_error(snapshot: Snapshot, words: str) -> None:
    with pytest.raises(TimedOut) as late:
        await Watch(Told(snapshot)).settle(NEED, 0.01)  # type: ignore[arg-type]
    assert words in str(late.value)
    assert isinstance(late.value, BackendError)
