"""The quorum guard refuses the fatal; a drain tells what moves and what does not."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from backends.change.drain import drain
from backends.change.plan import Danger, Verdict
from backends.change.quorum import Votes, demoting, leaving, promoting
from backends.model import Attachment, Container
from tests.unit.change_planned import planned
from tests.unit.change_world import by_id, managers, node, task, world

# -- quorum ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "needed", "spare", "held"),
    [
        (Votes(1, 1), 1, 0, True),
        (Votes(2, 2), 2, 0, True),
        (Votes(3, 3), 2, 1, True),
        (Votes(3, 2), 2, 0, True),
        (Votes(3, 1), 2, -1, False),
        (Votes(4, 4), 3, 1, True),
        (Votes(5, 5), 3, 2, True),
        (Votes(7, 4), 4, 0, True),
        (Votes(0, 0), 1, -1, False),
    ],
)
def test_the_arithmetic_of_a_majority(votes: Votes, needed: int, spare: int, held: bool) -> None:
    # THEN
    assert (votes.needed, votes.spare, votes.held) == (needed, spare, held)


def test_demoting_one_of_three_costs_the_tolerance() -> None:
    # GIVEN three managers
    snapshot = managers(True, True, True)
    # WHEN one is demoted
    change = demoting([snapshot.nodes["m3"]], snapshot)
    # THEN two are left, of which none may fail
    assert (change.before, change.after, change.lost) == (Votes(3, 3), Votes(2, 2), False)
    assert "odd number" in change.ways[0]
    found = planned("node demote m3", snapshot)
    assert found.danger is Danger.LOSES
    assert found.refusal is None


def test_demoting_the_reachable_one_of_a_weak_swarm_is_fatal() -> None:
    # GIVEN three managers of which one is down: the two others are needed
    snapshot = managers(True, True, False)
    # WHEN a reachable one is demoted, the quorum of two would lack the one that is down
    found = planned("node demote m2", snapshot)
    # THEN it is refused, with safe ways
    assert found.quorum is not None
    assert found.quorum.after == Votes(2, 1)
    assert found.refusal is not None
    assert found.verdict is Verdict.REFUSE
    assert any("promote" in way for way in found.refusal.ways)
    # and demoting the one that is down is what helps
    assert demoting([snapshot.nodes["m3"]], snapshot).after == Votes(2, 2)
    assert planned("node demote m3", snapshot).refusal is None


def test_the_last_manager_is_never_demoted_nor_left_without_being_told() -> None:
    # GIVEN a Swarm with one manager
    for line in ("node demote mgr", "node update --role worker mgr", "swarm leave --force"):
        # WHEN it would go, THEN it is refused: everything of the Swarm would be lost
        found = planned(line)
        assert found.verdict is Verdict.REFUSE
        assert found.refusal is not None
        assert found.danger is Danger.LOSES


def test_a_manager_that_leaves_by_force_stays_in_the_count() -> None:
    # GIVEN three and five managers
    three, five = managers(True, True, True), managers(True, True, True, False, True)
    # WHEN one leaves
    assert leaving([three.nodes["m1"]], three).after == Votes(3, 2)
    assert not leaving([three.nodes["m1"]], three).lost
    assert leaving([five.nodes["m1"], five.nodes["m2"]], five).lost
    # THEN the plan says what to do first
    found = planned("swarm leave --force", three)
    assert any("demote it first" in line for line in found.lines)
    assert found.refusal is None
    assert found.danger is Danger.LOSES


def test_promoting_to_an_even_number_says_so() -> None:
    # GIVEN one manager
    change = promoting([world().nodes["w1"]], world())
    # THEN two managers bear no more losses than one
    assert change.after == Votes(2, 2)
    assert "odd number is better" in change.ways[0]
    # and promoting one that is down adds to the count only
    down = world(nodes=by_id(*world().nodes.values(), node("w9", state="down")))
    assert promoting([down.nodes["w9"]], down).lost


# -- drains ------------------------------------------------------------------------------------------------------


def test_a_drain_tells_what_moves_and_what_does_not() -> None:
    # WHEN the node with the database is drained
    found = planned("node update --availability drain w1")
    # THEN it says what happens, what stays behind, and how long nobody answers
    assert found.title == "Drain w1"
    assert found.lines == (
        "The Swarm stops 2 tasks on w1 and starts them on other nodes. 1 task of global services only stops.",
    )
    assert found.know == ("db uses the local volume dbdata. It does not move: it starts empty elsewhere.",)
    assert found.drain is not None
    assert found.drain.data
    rows = [(m.service.name, len(m.tasks), m.to, m.down, m.rest) for m in found.drain.moved]
    assert rows == [
        ("db", 1, ("w2", "mgr"), "~ 10 s", 0),
        ("web", 1, ("w2", "mgr"), "none", 1),
        ("agent", 1, (), "-", 0),
    ]
    # and how it is taken back
    undo = "docker node update --availability active w1; tasks do not come back by themselves"
    assert dict(found.facts)["undo"] == undo
    assert dict(found.facts)["quorum"].startswith("not touched: w1 stays a worker; 1 of 1 manager up")


def test_a_drain_of_the_last_fitting_node_says_that_tasks_would_wait() -> None:
    # GIVEN a service that only one node can run
    snapshot = world()
    web = msgspec.structs.replace(snapshot.services["s-web"], constraints=("node.labels.disk==ssd",), replicas=1)
    snapshot = replace(snapshot, services=by_id(web), tasks=by_id(task("t1", "s-web", 1, "w1")), containers=by_id())
    # WHEN that node is drained
    (moved,) = drain([snapshot.nodes["w1"]], snapshot).moved
    # THEN its task waits, and the service is gone meanwhile
    assert moved.to == ()
    assert "label disk=ssd" in moved.waits
    assert moved.pause == "it is gone until a node can take it"


def test_a_drain_minds_room_for_memory() -> None:
    # GIVEN a service that reserves more than the others have left
    snapshot = world()
    resources = msgspec.structs.replace(snapshot.services["s-db"].resources, reserve_memory=6 << 30)
    heavy = msgspec.structs.replace(snapshot.services["s-db"], resources=resources, replicas=3)
    tasks = by_id(*(task(f"t{i}", "s-db", i, where) for i, where in enumerate(("mgr", "w1", "w2"), 1)))
    snapshot = replace(snapshot, services=by_id(heavy), tasks=tasks, containers=by_id())
    # WHEN a node is drained
    (moved,) = drain([snapshot.nodes["w1"]], snapshot).moved
    # THEN there is no room elsewhere, and the others answer on
    assert moved.to == ()
    assert "GiB free" in moved.waits
    assert moved.pause == ""
    assert moved.down == "none"


def test_containers_that_are_not_swarms_stay() -> None:
    # GIVEN a manager with a container of its own
    found = planned("node update --availability drain mgr")
    # THEN it is named as not moved, and the node stays a manager
    assert dict(found.facts)["stays"] == "box: not Swarm's, and not moved"
    assert dict(found.facts)["quorum"].startswith("not touched: mgr stays a manager")


def test_the_container_that_swarm_runs_is_told_apart() -> None:
    # GIVEN a task's container
    swarm = {"service.id": "s-web", "service.name": "web", "task.id": "t-web1"}
    labels = {f"com.docker.swarm.{key}": value for key, value in swarm.items()}
    box = Container(
        id="c1", name="web.1.x", node_id="mgr", state="running", labels=labels, networks=(Attachment(network="app"),)
    )
    # WHEN it is disconnected from its network
    found = planned("network disconnect app web.1.x", replace(world(), containers=by_id(box)))
    # THEN the plan says that this lasts as long as the task
    assert found.know == ("It is a task of web: only this one is taken off, the next is on app again.",)


def test_what_would_make_a_leave_safe_names_the_nodes() -> None:
    # GIVEN two managers and a worker WHEN a manager is to leave, which costs the quorum
    two = managers(True, True)
    found = planned("swarm leave --force", two)
    # THEN it is refused, and demoting it is the way
    assert found.refusal is not None
    assert found.refusal.ways[0].startswith("demote it first, so that it leaves the count: docker node demote ")
    # GIVEN the last manager, with workers THEN one of them is named
    last = planned("swarm leave --force")
    assert last.refusal is not None
    assert any("docker node promote w1" in way for way in last.refusal.ways)
    # GIVEN nobody else THEN another machine has to come first
    alone = world(nodes=by_id(node("mgr", manager=True, leader=True)))
    assert "let another machine join as a manager first" in demoting([alone.nodes["mgr"]], alone).ways[0]
