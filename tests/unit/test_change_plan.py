"""Plans say what will happen, at what price; the quorum guard refuses the fatal."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from backends.change.drain import drain
from backends.change.line import parse_line, render
from backends.change.plan import Danger, Plan, Verdict, plan, preview
from backends.change.quorum import Votes, demoting, leaving, promoting
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from backends.model import Attachment, Container, Snapshot
from tests.unit.change_support import StandIn, recordings, surroundings
from tests.unit.change_world import by_id, managers, network, node, task, world

BEFORE: dict[str, Any] = recordings("cli-recorded")[0]["befores"][0]


def _request(line: str) -> Request:
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request), request
    return request


def _plan(line: str, snapshot: Snapshot | None = None, **stand_in: Any) -> Plan:
    engine = StandIn(service=copy.deepcopy(BEFORE), **stand_in)
    found = asyncio.run(plan(_request(line), snapshot or world(), engine, around=surroundings({})))
    assert isinstance(found, Plan), found
    return found


@pytest.mark.parametrize(
    ("line", "danger"),
    [
        ("service create --name new nginx", Danger.NONE),
        ("service update --label-add a=b web", Danger.NONE),
        ("service update --replicas 9 web", Danger.NONE),
        ("service update --replicas 1 web", Danger.STOPS),
        ("service update --env-add A=7 web", Danger.STOPS),
        ("service update --force web", Danger.STOPS),
        ("service update --rollback web", Danger.STOPS),
        ("service rollback web", Danger.STOPS),
        ("service scale web=3", Danger.NONE),
        ("service scale web=1", Danger.STOPS),
        ("service rm web", Danger.LOSES),
        ("network create n", Danger.NONE),
        ("network connect lonely box", Danger.NONE),
        ("network disconnect blog box", Danger.STOPS),
        ("network rm lonely", Danger.STOPS),
        ("node update --availability active w1", Danger.NONE),
        ("node update --label-add a=b w1", Danger.NONE),
        ("node update --availability drain w2", Danger.STOPS),
        ("node update --availability drain w1", Danger.LOSES),
        ("node promote w1", Danger.NONE),
        ("node rm --force w2", Danger.LOSES),
        ("swarm join-token worker", Danger.NONE),
        ("swarm join-token --rotate worker", Danger.STOPS),
        ("swarm update --task-history-limit 3", Danger.NONE),
        ("swarm update --autolock", Danger.STOPS),
        ("swarm ca --rotate", Danger.STOPS),
        ("swarm leave --force", Danger.LOSES),
        ("swarm init --force-new-cluster", Danger.LOSES),
        ("secret rm db_pass", Danger.LOSES),
    ],
)
def test_each_change_has_its_grade(line: str, danger: Danger) -> None:
    # WHEN it is planned
    found = _plan(line)
    # THEN its price is known, it has a title, and the line that it equals
    assert found.danger is danger
    assert found.title
    assert found.command == render(_request(line))
    assert all(sentence.endswith((".", ":")) or ": " in sentence for sentence in found.lines)


def test_a_new_service_is_told_where_it_runs_and_whom_it_reaches() -> None:
    # WHEN a service is planned
    found = _plan(
        "service create --name new --network app --replicas 2 -p 81:80 --constraint node.labels.disk==ssd shop/x:1"
    )
    # THEN its plan tells of tasks, nodes, networks and ports
    assert found.title == "Create service new"
    assert found.lines == (
        "2 tasks of shop/x:1, 1 of 3 nodes would take it.",
        "On network app (10.0.1.0/24): it reaches db and web.",
        "Answers at port 81/tcp on every node.",
    )
    assert found.verdict is Verdict.DO
    # and the exact requests, look-ups included
    assert [(r["method"], r["path"]) for r in found.requests] == [
        ("GET", "/networks/app?scope=swarm"),
        ("GET", "/distribution/shop/x:1/json"),
        ("POST", "/services/create"),
    ]
    assert found.requests[-1]["body"] is not None


def test_an_update_names_each_value_and_what_it_does() -> None:
    # WHEN values are changed
    found = _plan("service update --env-add A=7 --env-add NEW=x --label-rm tier --update-delay 9s web")
    # THEN each is named with both values, and whether tasks restart
    assert "env A: 1 → 7." in found.lines
    assert "env NEW is added: x." in found.lines
    assert "label tier is taken out (was front)." in found.lines
    assert "Restarts 2 tasks, one after the other, stopping first." in found.lines
    effects = {change.what(): change.effect.value for change in found.changes}
    assert effects["env A"] == "restarts tasks"
    assert effects["label tier"] == "keeps tasks"
    assert effects["update delay"] == "keeps tasks"


def test_an_update_of_nothing_says_so() -> None:
    # THEN
    assert _plan("service update --env-rm NOSUCH web").lines == ("Nothing changes.", "No task restarts.")


def test_what_the_cli_would_swallow_is_a_warning_of_the_plan() -> None:
    # WHEN a flag is given that docker service update ignores
    found = _plan("service update --health-start-interval 2s --log-opt a=b web")
    # THEN the plan says so
    assert any("--health-start-interval does nothing" in text for text in found.warnings)
    assert any("--log-opt does nothing" in text for text in found.warnings)


def test_an_image_that_no_registry_knows_is_a_warning() -> None:
    # WHEN the registry refuses
    found = _plan("service create nginx", registry="refused")
    # THEN the plan goes on without a digest and says so
    assert any("could not be accessed on a registry" in text for text in found.warnings)
    assert found.requests[-1]["method"] == "POST"


def test_a_plan_with_errors_is_refused_and_still_shows_its_requests() -> None:
    # WHEN a port is taken
    found = _plan("service create -p 8080:80 nginx")
    # THEN nothing is to be sent without being overridden, and what would be is there
    assert found.verdict is Verdict.REFUSE
    assert found.errors[0].flag == "publish"
    assert found.errors[0].instead == "8081 is free"
    assert len(found.requests) == 2


def test_what_the_cli_refuses_has_no_plan() -> None:
    # WHEN a secret is missing
    request = _request("service create --secret missing_key nginx")
    found = asyncio.run(plan(request, world(), StandIn(), around=surroundings({})))
    # THEN its error is at the flag
    assert isinstance(found, tuple)
    assert (found[0].flag, found[0].sentence) == ("secret", "secret not found: missing_key")


def test_a_preview_asks_nobody() -> None:
    # WHEN a form is filled, at every key
    found = preview(_request("service create --name web -p 8080:80 nginx"), world(), around=Surroundings(environ={}))
    # THEN its findings and sentences are there, and nothing is sent
    assert found.compiled is None
    assert found.requests == []
    assert {finding.flag for finding in found.errors} == {"name", "publish"}
    assert found.lines


# -- networks ----------------------------------------------------------------------------------------------------


def test_a_prune_lists_what_goes_and_what_stays() -> None:
    # GIVEN an unused network, and one that only a stopped container uses
    snapshot = world()
    idle = network("n-idle", "172.19.0.0/16", driver="bridge", scope="local", node_id="mgr", created=1.0)
    snapshot = replace(snapshot, networks=by_id(*snapshot.networks.values(), idle))
    # WHEN a prune is planned
    found = _plan("network prune -f", snapshot)
    # THEN the stopped container counts as a user, and what goes is removed by name
    assert "Goes: idle (bridge)." in found.lines
    assert "Goes: broken (overlay)." in found.lines
    assert "Stays: lonely is used by old, old stopped." in found.lines
    assert [(step.method, step.path) for step in found.steps] == [
        ("DELETE", "/networks/n-broken"),
        ("DELETE", "/networks/n-idle"),
    ]
    assert found.danger is Danger.STOPS


@pytest.mark.parametrize(
    ("filters", "goes"),
    [
        ("--filter until=1h", ["idle"]),
        ("--filter until=1700000000000", ["idle", "young"]),
        ("--filter label=a", ["young"]),
        ("--filter label!=a", ["idle"]),
        ("--filter label=a=2", []),
    ],
)
def test_a_prune_obeys_its_filters(filters: str, goes: list[str]) -> None:
    # GIVEN an old network, and a young one with a label
    old = network("n-idle", driver="bridge", scope="local", node_id="mgr", created=1.0)
    young = network(
        "n-young", driver="bridge", scope="local", node_id="mgr", created=1_700_000_000.0 - 60, labels={"a": "1"}
    )
    # WHEN a prune is filtered, THEN only those go
    found = _plan(f"network prune {filters}", world(networks=by_id(old, young)))
    assert [step.path.rpartition("-")[2] for step in found.steps] == goes


def test_who_is_on_a_network_is_said_before_it_is_removed() -> None:
    # THEN
    found = _plan("network rm app")
    assert found.lines == ("app is used by db and web.",)
    assert found.verdict is Verdict.REFUSE


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
    found = _plan("node demote m3", snapshot)
    assert found.danger is Danger.LOSES
    assert found.refusal is None


def test_demoting_the_reachable_one_of_a_weak_swarm_is_fatal() -> None:
    # GIVEN three managers of which one is down: the two others are needed
    snapshot = managers(True, True, False)
    # WHEN a reachable one is demoted, the quorum of two would lack the one that is down
    found = _plan("node demote m2", snapshot)
    # THEN it is refused, with safe ways
    assert found.quorum is not None
    assert found.quorum.after == Votes(2, 1)
    assert found.refusal is not None
    assert found.verdict is Verdict.REFUSE
    assert any("promote" in way for way in found.refusal.ways)
    # and demoting the one that is down is what helps
    assert demoting([snapshot.nodes["m3"]], snapshot).after == Votes(2, 2)
    assert _plan("node demote m3", snapshot).refusal is None


def test_the_last_manager_is_never_demoted_nor_left_without_being_told() -> None:
    # GIVEN a Swarm with one manager
    for line in ("node demote mgr", "node update --role worker mgr", "swarm leave --force"):
        # WHEN it would go, THEN it is refused: everything of the Swarm would be lost
        found = _plan(line)
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
    found = _plan("swarm leave --force", three)
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
    found = _plan("node update --availability drain w1")
    # THEN each service is told of, with the data that stay behind and the pause of a single task
    assert found.title == "Drain node w1"
    assert found.lines == (
        "agent runs once on each node: it only stops here.",
        "1 task of db to mgr and w2; it does not answer until the new task runs.",
        "1 task of web to mgr and w2.",
        "Port 9100/tcp of agent then answers on another node.",
        "Data stay behind: volume dbdata of db.",
    )
    assert found.drain is not None
    assert found.drain.data


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


def test_containers_that_are_not_swarms_stay() -> None:
    # GIVEN a manager with a container of its own
    found = _plan("node update --availability drain mgr")
    # THEN it is named as not moved, and the node stays a manager
    assert any(line == "Not Swarm's and not moved: box." for line in found.lines)
    assert any(line.startswith("It stays a manager") for line in found.lines)


def test_the_container_that_swarm_runs_is_told_apart() -> None:
    # GIVEN a task's container
    labels = {"com.docker.swarm.service.id": "s-web", "com.docker.swarm.task.id": "t-web1"}
    box = Container(
        id="c1", name="web.1.x", node_id="mgr", state="running", labels=labels, networks=(Attachment(network="app"),)
    )
    # WHEN it is disconnected from its network
    found = _plan("network disconnect app web.1.x", replace(world(), containers=by_id(box)))
    # THEN the plan says that this lasts as long as the task
    assert any("only this task is taken off" in line for line in found.lines)
