"""Plans say what will happen, at what price; the quorum guard refuses the fatal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import MappingProxyType

import pytest
from msgspec.structs import replace as changed

from backends.change.line import render
from backends.change.plan import Danger, Verdict, plan, preview
from backends.change.surroundings import Surroundings
from backends.model import UpdateStatus
from tests.unit.change_planned import planned, request_of
from tests.unit.change_support import StandIn, surroundings
from tests.unit.change_world import by_id, network, world


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
        ("service scale web=0", Danger.LOSES),
        ("service update --replicas 0 web", Danger.LOSES),
        ("service rm web", Danger.LOSES),
        ("network create n", Danger.NONE),
        ("network connect lonely box", Danger.NONE),
        ("network disconnect blog box", Danger.STOPS),
        ("network rm lonely", Danger.LOSES),
        ("node update --availability active w1", Danger.NONE),
        ("node update --label-add a=b w1", Danger.NONE),
        ("node update --availability drain w2", Danger.STOPS),
        ("node update --availability drain w1", Danger.LOSES),
        ("node promote w1", Danger.STOPS),
        ("node rm --force w2", Danger.LOSES),
        ("swarm join-token worker", Danger.NONE),
        ("swarm join-token --rotate worker", Danger.LOSES),
        ("swarm update --task-history-limit 3", Danger.NONE),
        ("swarm update --autolock", Danger.STOPS),
        ("swarm ca --rotate", Danger.LOSES),
        ("swarm leave --force", Danger.LOSES),
        ("swarm init --force-new-cluster", Danger.LOSES),
        ("secret rm db_pass", Danger.LOSES),
    ],
)
def test_each_change_has_its_grade(line: str, danger: Danger) -> None:
    # WHEN it is planned
    found = planned(line)
    # THEN its price is known, it has a title, and the line that it equals
    assert found.danger is danger
    assert found.title
    assert found.command == render(request_of(line))
    assert all(sentence.endswith((".", ":")) or ": " in sentence for sentence in found.lines)


def test_a_rollback_of_a_rollback_is_not_taken_for_a_way_out() -> None:
    # GIVEN a service whose last change was rolled back
    snapshot = world()
    web = changed(snapshot.services["s-web"], update=UpdateStatus(state="rollback_completed"))
    snapshot = replace(snapshot, services=MappingProxyType({**snapshot.services, "s-web": web}))
    # WHEN it is to be rolled back once more
    found = planned("service rollback web", snapshot)
    # THEN it is said that this brings back what was taken away, and Cancel is the default
    assert found.know == ("web is rolled back already: this brings back the change that was taken back.",)
    assert found.danger is Danger.LOSES


def test_a_new_service_is_told_where_it_runs_and_whom_it_reaches() -> None:
    # WHEN a service is planned
    found = planned(
        "service create --name new --network app --replicas 2 -p 81:80 --constraint node.labels.disk==ssd shop/x:1"
    )
    # THEN its plan tells of tasks, nodes, networks and ports
    assert found.title == "Create service new"
    assert found.lines == (
        "Starts 2 tasks of shop/x:1 as new.",
        "On network app (10.0.1.0/24): it reaches db and web.",
        "Answers at port 81/tcp on every node.",
    )
    assert found.facts[0] == ("room", "1 of 3 nodes: w1")
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
    found = planned("service update --env-add A=7 --env-add NEW=x --label-rm tier --update-delay 9s web")
    # THEN each is named with both values, and whether tasks restart
    assert "env A: 1 → 7." in found.lines
    assert "env NEW is added: x." in found.lines
    assert "label tier is taken out (was front)." in found.lines
    assert "Restarts the 2 tasks of web, one after the other, stopping first." in found.lines
    effects = {change.what(): change.effect.value for change in found.changes}
    assert effects["env A"] == "restarts tasks"
    assert effects["label tier"] == "keeps tasks"
    assert effects["update delay"] == "keeps tasks"


def test_an_update_of_nothing_says_so() -> None:
    # THEN
    assert planned("service update --env-rm NOSUCH web").lines == ("Nothing changes.", "No task restarts.")


def test_what_the_cli_would_swallow_is_a_warning_of_the_plan() -> None:
    # WHEN a flag is given that docker service update ignores
    found = planned("service update --health-start-interval 2s --log-opt a=b web")
    # THEN the plan says so
    assert any("--health-start-interval does nothing" in text for text in found.warnings)
    assert any("--log-opt does nothing" in text for text in found.warnings)


def test_an_image_that_no_registry_knows_is_a_warning() -> None:
    # WHEN the registry refuses
    found = planned("service create nginx", registry="refused")
    # THEN the plan goes on without a digest and says so
    assert any("could not be accessed on a registry" in text for text in found.warnings)
    assert found.requests[-1]["method"] == "POST"


def test_a_plan_with_errors_is_refused_and_still_shows_its_requests() -> None:
    # WHEN a port is taken
    found = planned("service create -p 8080:80 nginx")
    # THEN nothing is to be sent without being overridden, and what would be is there
    assert found.verdict is Verdict.REFUSE
    assert found.errors[0].flag == "publish"
    assert found.errors[0].instead == "8081 is free"
    assert len(found.requests) == 2


def test_what_the_cli_refuses_has_no_plan() -> None:
    # WHEN a secret is missing
    request = request_of("service create --secret missing_key nginx")
    found = asyncio.run(plan(request, world(), StandIn(), around=surroundings({})))
    # THEN its error is at the flag
    assert isinstance(found, tuple)
    assert (found[0].flag, found[0].sentence) == ("secret", "secret not found: missing_key")


def test_a_preview_asks_nobody() -> None:
    # WHEN a form is filled, at every key
    found = preview(request_of("service create --name web -p 8080:80 nginx"), world(), around=Surroundings(environ={}))
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
    found = planned("network prune -f", snapshot)
    # THEN the stopped container counts as a user, and what goes is removed by name
    assert "Goes: idle (bridge)." in found.lines
    assert "Goes: broken (overlay)." in found.lines
    assert any(line.startswith("Stays: lonely (overlay), old, stopped, needs it.") for line in found.lines)
    assert "Stays: app (overlay), used by db and web." in found.lines
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
    found = planned(f"network prune {filters}", world(networks=by_id(old, young)))
    assert [step.path.rpartition("-")[2] for step in found.steps] == goes


def test_who_is_on_a_network_is_said_before_it_is_removed() -> None:
    # THEN
    found = planned("network rm app")
    assert found.lines == ("app is used by db and web.",)
    assert found.verdict is Verdict.REFUSE
