"""What a change would do in words, and how much is asked before it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import msgspec
import pytest

from backends.change.flag_error import FlagError
from backends.change.line import parse_line
from backends.change.requests import Request
from backends.changing.plan import Grade, Plan, plan
from backends.changing.redaction import redacted_line
from backends.model import ManagerStatus, MountSpec, Node, PublishedPort, Service, Snapshot
from tests.unit.actions_support import by_id, swarm


def cluster() -> Snapshot:
    """Three ready nodes, of which one is a manager, the present one; ``web`` has three replicas and port 8001."""
    base = swarm()
    managers = ManagerStatus(leader=True, reachability="reachable")
    nodes = by_id(
        Node(id="node-manager-id", hostname="manager-1", role="manager", state="ready", manager=managers),
        Node(id="node-worker-id", hostname="worker-1", state="ready"),
        Node(id="node-two-id", hostname="worker-2", state="ready"),
    )
    web = msgspec.structs.replace(
        base.services["svc-web"], replicas=3, ports=(PublishedPort(target=80, published=8001),), previous_image="web:0"
    )
    db = msgspec.structs.replace(
        base.services["svc-db"], replicas=1, mounts=(MountSpec(source="data", target="/var/lib/mysql"),)
    )
    return replace(base, nodes=nodes, services=by_id(web, db))


def planned(line: str, snapshot: Snapshot | None = None) -> Plan | FlagError:
    request = parse_line(line)
    assert isinstance(request, Request), request
    return plan(request, snapshot or cluster())


def ok(line: str, snapshot: Snapshot | None = None) -> Plan:
    found = planned(line, snapshot)
    assert isinstance(found, Plan), found
    return found


def error(line: str, snapshot: Snapshot | None = None) -> FlagError:
    found = planned(line, snapshot)
    assert isinstance(found, FlagError), found
    return found


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("docker service scale web=5", Grade.ADDS),
        ("docker service scale web=1", Grade.STOPS),
        ("docker service scale web=0", Grade.LOSES),
        ("docker service update --label-add a=b web", Grade.ADDS),
        ("docker service update --image web:2 web", Grade.STOPS),
        ("docker service update --force web", Grade.STOPS),
        ("docker service rollback web", Grade.STOPS),
        ("docker service rm web", Grade.LOSES),
        ("docker service create --name new nginx", Grade.ADDS),
        ("docker network create -d overlay new", Grade.ADDS),
        ("docker network rm front", Grade.LOSES),
        ("docker network disconnect front nginx", Grade.STOPS),
        ("docker node update --availability drain worker-1", Grade.LOSES),
        ("docker node update --availability pause worker-1", Grade.STOPS),
        ("docker node promote worker-1", Grade.STOPS),
        ("docker node demote manager-1", Grade.LOSES),
        ("docker swarm join-token --rotate worker", Grade.LOSES),
        ("docker secret rm x", Grade.LOSES),
    ],
)
def test_how_much_is_asked(line: str, grade: Grade) -> None:
    assert ok(line).grade is grade


def test_scaling_up_says_what_is_added() -> None:
    assert ok("docker service scale web=5").sentence == "Starts 2 more tasks of web, 3 → 5; nothing restarts."


def test_a_name_that_is_not_there_is_said_with_one_like_it() -> None:
    found = error("docker service scale webb=5")
    assert (found.sentence, found.instead) == ("There is no service webb.", "did you mean web?")


def test_a_published_port_that_is_taken_is_refused_with_a_free_one() -> None:
    found = error("docker service create --name two -p 8001:80 nginx")
    assert (found.sentence, found.instead) == ("8001 is published by web.", "free next to it: 8002")


def test_a_service_without_a_spec_before_cannot_go_back() -> None:
    assert "no spec before" in error("docker service rollback db").sentence


def test_a_constraint_that_no_node_meets_is_warned_of() -> None:
    found = ok("docker service create --constraint node.labels.disk==ssd nginx")
    assert found.warnings
    assert "No node may run it" in found.warnings[0]


def test_a_drain_says_what_moves_and_what_stays_behind() -> None:
    # GIVEN db with a local volume on worker-1
    found = ok("docker node update --availability drain worker-1")
    # THEN its task moves, its data does not
    rows = {row.service: row for row in found.moving}
    assert rows["db"].stays == ("data",)
    assert set(rows["db"].likely) == {"manager-1", "worker-2"}
    assert any("starts empty elsewhere" in warning for warning in found.warnings)


def test_the_last_manager_is_not_demoted_by_a_yes() -> None:
    found = ok("docker node demote manager-1")
    assert found.fatal
    assert found.typed == "manager-1"


def _managers(reachable: int, count: int) -> Snapshot:
    nodes = [
        Node(
            id=f"node-{n}",
            hostname=f"m{n}",
            role="manager",
            state="ready",
            manager=ManagerStatus(reachability="reachable" if n < reachable else "unreachable"),
        )
        for n in range(count)
    ]
    return replace(cluster(), nodes=by_id(*nodes))


@pytest.mark.parametrize(
    ("reachable", "count", "demoted", "fatal"),
    [(3, 3, "m0", False), (2, 3, "m0", True), (2, 3, "m2", False), (5, 5, "m1", False), (1, 1, "m0", True)],
)
def test_the_quorum_guard(reachable: int, count: int, demoted: str, fatal: bool) -> None:
    assert ok(f"docker node demote {demoted}", _managers(reachable, count)).fatal is fatal


def test_an_even_number_of_managers_is_warned_of() -> None:
    assert any("even number" in warning for warning in ok("docker node promote worker-1").warnings)


def test_a_network_that_is_held_is_refused_with_who_holds_it() -> None:
    base = cluster()
    web = msgspec.structs.replace(base.services["svc-web"], networks=(_on("net-front"),))
    snapshot = replace(base, services=MappingProxyType({"svc-web": web}))
    found = error("docker network rm front", snapshot)
    assert found.sentence.startswith("front is held by service web")


def _on(id: str) -> object:
    from backends.model import ServiceNetwork

    return ServiceNetwork(target=id)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("docker service create -e DB_PASSWORD='a, b c' -e USER=me nginx", "DB_PASSWORD=…"),
        ("docker service create -e API_TOKEN=abc nginx", "API_TOKEN=…"),
        ("docker service create nginx --password=hunter2", "--password=…"),
        ("docker service create -e DB=postgres://u:hunter2@db/x nginx", "u:…@db"),
        ("docker swarm join --token SWMTKN-1-abc-def 10.0.0.1:2377", "--token …"),
    ],
)
def test_secrets_are_left_out_of_a_line(line: str, kept: str) -> None:
    request = parse_line(line)
    assert isinstance(request, Request), request
    shown = redacted_line(request)
    assert kept in shown
    assert not any(secret in shown for secret in ("hunter2", "b c", "abc", "SWMTKN"))


def test_what_is_no_secret_stays() -> None:
    request = parse_line("docker service create -e USER=me --constraint node.labels.key==a nginx")
    assert isinstance(request, Request)
    assert redacted_line(request) == "docker service create --env USER=me --constraint node.labels.key==a nginx"


def test_a_plain_service_is_known_by_its_id_too() -> None:
    assert isinstance(Service(id="x"), Service)
    assert ok("docker service scale svc-web=4").title == "Scale svc-web"
