"""Health: state words and sentences of services, nodes, networks, containers, quorum; findings; placement."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from backends.model import (
    Container,
    EngineInfo,
    Ipam,
    IpamConfig,
    Kind,
    ManagerStatus,
    Mode,
    Network,
    Node,
    Plugin,
    PublishedPort,
    Resources,
    RolloutConfig,
    Service,
    ServiceNetwork,
    Snapshot,
    Swarm,
    SwarmMembership,
    Task,
    UpdateStatus,
)
from backends.state.constraints import parse_constraint, platform_fits, satisfies
from backends.state.findings import findings, services_health
from backends.state.fold import fold
from backends.state.health import (
    container_health,
    network_health,
    node_health,
    quorum,
    service_health,
    severity,
    task_word,
)
from backends.state.inputs import EngineTold, Listing, Scope
from backends.state.placement import placement, why_pending
from backends.state.relations import AddressUse
from tests.unit.test_relations import overlay, snapshot

NOW = 10_000.0
WORKER = Service(id="s", name="shop_worker", replicas=4, image="shop/worker:1.10", previous_image="shop/worker:1.9")


def running(slot: int, node: str = "n1", **more: Any) -> Task:
    return Task(
        **{
            "id": f"r{slot}{node}",
            "service_id": "s",
            "slot": slot,
            "node_id": node,
            "state": "running",
            "image": "shop/worker:1.10",
            "created": 100.0,
            **more,
        }
    )


def failed(slot: int, at: float, error: str = "task: non-zero exit (126)", **more: Any) -> Task:
    return Task(
        **{
            "id": f"f{slot}-{at}",
            "service_id": "s",
            "slot": slot,
            "node_id": "n1",
            "state": "failed",
            "desired_state": "shutdown",
            "error": error,
            "created": at - 5,
            "since": at,
            **more,
        }
    )


def pending(slot: int, error: str = "no suitable node (scheduling constraints not satisfied on 6 nodes)") -> Task:
    return Task(
        id=f"p{slot}", service_id="s", slot=slot, state="pending", error=error, created=NOW - 60, since=NOW - 60
    )


def judge(service: Service, *tasks: Task, nodes: dict[str, Node] | None = None) -> Any:
    return service_health(service, tasks, nodes or {}, NOW)


# -- services -------------------------------------------------------------------------------------------


def test_failing_says_how_many_run_which_slots_and_how_often() -> None:
    tasks = [running(1), *(failed(slot, NOW - 10 * n) for slot in (2, 3, 4) for n in range(1, 4))]
    h = judge(WORKER, *tasks)
    assert (h.word, h.replicas, h.failures, h.severity) == ("failing", "1/4", 9, "err")
    assert h.reason == "1 of 4 replicas runs; slots 2, 3 and 4 have failed 9 times in 10 min"
    assert h.error == "task: non-zero exit (126)"
    assert h.since == NOW - 30


def test_failures_that_fill_the_kept_history_are_at_least_so_many() -> None:
    h = judge(replace(WORKER, replicas=1), *(failed(1, NOW - 10 * n) for n in range(1, 6)))
    assert h.at_least
    assert "at least 5 times" in h.reason


def test_failures_of_long_ago_do_not_count() -> None:
    h = judge(WORKER, *(running(i) for i in range(1, 4)), failed(4, NOW - 700))
    assert (h.word, h.failures) == ("starting", 0)


def test_enough_running_is_healthy_whatever_failed() -> None:
    h = judge(WORKER, *(running(i) for i in range(1, 5)), failed(4, NOW - 5))
    assert (h.word, h.failures, h.error) == ("healthy", 1, "task: non-zero exit (126)")
    assert h.until == NOW + 595


def test_a_replica_that_failed_again_and_again_is_not_healthy_the_moment_it_starts() -> None:
    # GIVEN one replica that ends after each start, and has just been started again
    ended = [failed(1, NOW - 10 * n) for n in range(1, 4)]
    h = judge(replace(WORKER, replicas=1), running(1, since=NOW - 2), *ended)
    # THEN it is failing until it has run for a while
    assert (h.word, h.replicas, h.until) == ("failing", "1/1", NOW + 28)
    assert h.reason == "1 of 1 replicas runs again; slot 1 has failed 3 times in 10 min"
    # AND healthy after that, or where it failed but once
    assert judge(replace(WORKER, replicas=1), running(1, since=NOW - 31), *ended).word == "healthy"
    assert judge(replace(WORKER, replicas=1), running(1, since=NOW - 2), ended[0]).word == "healthy"


def test_pending_keeps_the_swarms_words() -> None:
    h = judge(replace(WORKER, replicas=1), pending(1))
    assert (h.word, h.replicas) == ("pending", "0/1")
    assert h.error.startswith("no suitable node")
    assert h.since == NOW - 60


def test_a_rollout_tells_how_far_it_is() -> None:
    s = replace(
        WORKER,
        update=UpdateStatus(state="updating", started=NOW - 30),
        update_config=RolloutConfig(max_failure_ratio=0.5),
    )
    old = [running(i, image="shop/worker:1.9") for i in (2, 3, 4)]
    h = judge(s, running(1, created=NOW - 20), *old, failed(1, NOW - 25))
    assert (h.word, h.updated) == ("updating", 1)
    assert h.reason == "1 of 4 replicas on shop/worker:1.10; 1 failure of 2 allowed; about 1 min left"


def test_a_rollout_of_the_same_image_counts_new_tasks() -> None:
    s = replace(WORKER, previous_image="shop/worker:1.10", update=UpdateStatus(state="updating", started=NOW - 30))
    h = judge(s, running(1, created=NOW - 20), running(2), running(3), running(4))
    assert h.updated == 1


def test_a_paused_update_is_degraded_with_the_engines_message() -> None:
    s = replace(WORKER, replicas=1, update=UpdateStatus(state="paused", message="update paused due to failure"))
    h = judge(s, running(1))
    assert (h.word, h.error) == ("degraded", "update paused due to failure")


def test_words_of_services_at_rest() -> None:
    assert judge(replace(WORKER, replicas=0)).word == "stopped"
    assert judge(WORKER, running(1)).word == "starting"
    glob = Service(id="s", mode=Mode.GLOBAL, desired=2, running=2, has_counts=True)
    assert judge(glob, running(0, "n1"), running(0, "n2")).word == "healthy"
    assert judge(replace(glob, desired=0)).word == "pending"


def test_counts_alone_are_enough() -> None:
    counted = replace(WORKER, running=4, desired=4, has_counts=True)
    assert service_health(counted, None, {}, NOW).word == "healthy"
    assert (
        service_health(replace(counted, running=3), None, {}, NOW).reason
        == "3 of 4 replicas; its tasks are not read yet"
    )


def test_tasks_on_a_node_that_is_down_do_not_run() -> None:
    nodes = {"n1": Node(id="n1", state="down"), "n2": Node(id="n2", state="ready")}
    h = judge(replace(WORKER, replicas=2), running(1, "n1"), running(2, "n2"), nodes=nodes)
    assert h.running == 1


def test_newer_counts_decide_but_for_nodes_that_are_down() -> None:
    nodes = {"n1": Node(id="n1", state="down")}
    tasks = [running(1, "n1"), running(2, "n2")]
    counted = replace(WORKER, replicas=2, running=2, has_counts=True)
    assert service_health(counted, tasks, nodes, NOW, counts_newer=True).running == 1
    assert service_health(replace(counted, running=0), tasks, nodes, NOW, counts_newer=True).running == 0


def test_jobs() -> None:
    job = Service(id="s", mode=Mode.REPLICATED_JOB, replicas=2, completed=2, has_counts=True)
    assert judge(job).word == "complete"
    assert judge(replace(job, completed=1), running(1)).word == "running"
    assert judge(replace(job, completed=0), failed(1, NOW - 5)).word == "failing"


def test_slots_have_their_current_task_and_their_past() -> None:
    h = judge(replace(WORKER, replicas=1), running(1, created=NOW), failed(1, NOW - 20), failed(1, NOW - 40))
    (slot,) = h.slots
    assert (slot.word, slot.failures, [t.since for t in slot.past]) == ("running", 2, [NOW - 20, NOW - 40])


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("new", "waiting"),
        ("pending", "pending"),
        ("preparing", "starting"),
        ("running", "running"),
        ("complete", "complete"),
        ("failed", "failed"),
        ("rejected", "failed"),
        ("shutdown", "shutdown"),
        ("orphaned", "unknown"),
        ("remove", "shutdown"),
    ],
)
def test_task_words(state: str, word: str) -> None:
    assert task_word(Task(id="t", state=state)) == word


# -- nodes, containers, networks, quorum ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"state": "ready"}, "ready"),
        ({"state": "down"}, "down"),
        ({"state": "unknown"}, "unknown"),
        ({"state": "disconnected"}, "unknown"),
        ({"state": "ready", "availability": "drain"}, "drained"),
        ({"state": "ready", "availability": "pause"}, "paused"),
        ({"state": "ready", "manager": ManagerStatus(reachability="unreachable")}, "degraded"),
    ],
)
def test_node_words(more: dict[str, Any], word: str) -> None:
    assert node_health(Node(id="n", **more)).word == word


@pytest.mark.parametrize(
    ("more", "word", "level"),
    [
        ({"state": "running"}, "running", "ok"),
        ({"state": "running", "health": "unhealthy"}, "failing", "err"),
        ({"state": "running", "health": "starting"}, "starting", "chg"),
        ({"state": "exited", "exit_code": 0}, "complete", "off"),
        ({"state": "exited", "exit_code": 1}, "failed", "err"),
        ({"state": "exited", "exit_code": 137}, "shutdown", "off"),
        ({"state": "dead"}, "failed", "err"),
        ({"state": "made up"}, "unknown", "warn"),
    ],
)
def test_container_words(more: dict[str, Any], word: str, level: str) -> None:
    h = container_health(Container(id="c", **more))
    assert (h.word, h.severity) == (word, level)
    assert severity(h.word) == level


def test_a_network_fills() -> None:
    net = overlay("net", "10.0.12.0/27")
    h = network_health(net, AddressUse("10.0.12.0/27", 27, 29))
    assert (h.word, h.reason) == ("filling", "27 of 29 addresses used in 10.0.12.0/27; 2 more fit")
    assert network_health(net, AddressUse("10.0.12.0/27", 29, 29)).word == "failing"
    assert network_health(net, AddressUse("10.0.12.0/27", 5, 29)).word == "ready"


def test_an_overlay_without_a_subnet_fails() -> None:
    assert network_health(replace(overlay("net"), ipam=Ipam()), AddressUse("", 0, None)).word == "failing"


def manager(id: str, reachability: str = "reachable", leader: bool = False) -> Node:
    return Node(
        id=id,
        hostname=id,
        role="manager",
        state="ready",
        manager=ManagerStatus(leader=leader, reachability=reachability),
    )


def cluster(*things: Any, error: str = "", control: bool = True) -> Snapshot:
    info = EngineInfo(
        id="e", swarm=SwarmMembership(node_id="m1", state="active", control_available=control, error=error, managers=3)
    )
    return fold(snapshot(*things), [EngineTold(info, 5.0)]).snapshot


def test_quorum_counts() -> None:
    q = quorum(cluster(manager("m1", leader=True), manager("m2"), manager("m3")))
    assert (q.word, q.managers, q.reachable, q.needed, q.survives, q.leader and q.leader.id) == (
        "healthy",
        3,
        3,
        2,
        1,
        "m1",
    )
    q = quorum(cluster(manager("m1", leader=True), manager("m2"), manager("m3", "unreachable")))
    assert (q.word, q.survives) == ("degraded", 0)
    q = quorum(cluster(manager("m1", leader=True), manager("m2"), manager("m3"), error="no leader"))
    assert (q.word, q.reachable, q.held, q.problem) == ("failed", 1, False, "no leader")
    assert quorum(cluster(control=False)).word != "healthy"


# -- placement ------------------------------------------------------------------------------------------


def node(name: str, labels: dict[str, str] | None = None, **more: Any) -> Node:
    return Node(
        **{
            "id": name,
            "hostname": name,
            "state": "ready",
            "os": "linux",
            "architecture": "x86_64",
            "nano_cpus": 4_000_000_000,
            "memory": 8 << 30,
            "labels": labels or {},
            **more,
        }
    )


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("node.labels.disk==ssd", True),
        ("node.labels.disk == SSD", True),
        ("node.labels.disk!=ssd", False),
        ("node.labels.gone!=x", True),
        ("node.labels.gone==x", False),
        ("node.hostname==W1", True),
        ("node.id!=w1", False),
        ("node.role==worker", True),
        ("node.platform.os==linux", True),
        ("node.platform.arch==x86_64", True),
        ("engine.labels.zone==a", True),
        ("node.ip==10.0.0.0/8", True),
        ("node.ip!=10.1.1.1", False),
        ("node.nonsense==x", False),
        ("node.ip==rubbish", False),
    ],
)
def test_constraints(text: str, met: bool) -> None:
    constraint = parse_constraint(text)
    assert constraint is not None
    assert satisfies(node("w1", {"disk": "ssd"}, engine_labels={"zone": "a"}, address="10.1.1.1"), constraint) is met


def test_no_constraint() -> None:
    assert parse_constraint("node.role=worker") is None


def test_platforms() -> None:
    assert platform_fits(node("a"), ("linux/amd64", "windows/amd64"))
    assert platform_fits(node("a"), ("linux/",))
    assert not platform_fits(node("a"), ("linux/arm64/v8",))


LOKI = Service(id="s", name="observe_loki", replicas=1, constraints=("node.labels.disk==ssd",))


def test_why_pending_says_it_in_a_sentence() -> None:
    nodes = [node(f"w{i}") for i in range(6)]
    s = snapshot(LOKI, pending(1), *nodes, node("worker-5", {"disk": "ssd"}, state="down"))
    why = why_pending(s.services["s"], s)
    assert why is not None
    assert why.summary == "6 nodes lack label disk=ssd; worker-5 has it and is down"
    assert why.says.startswith("no suitable node")
    assert why.fitting == ()
    assert why.columns == ("up", "availability", "node.labels.disk==ssd")
    assert [r.command for r in why.remedies][:2] == ["", "docker node update --label-add disk=ssd w0"]


def test_commands_of_remedies_are_quoted() -> None:
    s = snapshot(replace(LOKI, name="x; rm -rf /"), pending(1), node("a b"))
    why = why_pending(s.services["s"], s)
    assert why is not None
    assert [r.command for r in why.remedies] == [
        "docker node update --label-add disk=ssd 'a b'",
        "docker service update --constraint-rm node.labels.disk==ssd 'x; rm -rf /'",
    ]


@pytest.mark.parametrize(
    ("service", "nodes", "summary"),
    [
        (Service(id="s"), [node("a", availability="drain")], "a is drained"),
        (Service(id="s", resources=Resources(reserve_memory=9 << 30)), [node("a")], "a has 8 GiB free"),
        (Service(id="s", platforms=("linux/arm64",)), [node("a"), node("b")], "2 nodes are unfit: is linux/x86_64"),
        (
            Service(id="s", log_driver="fancy"),
            [node("a", plugins=(Plugin(type="Log", name="json-file"),))],
            "a is unfit: no plugin fancy",
        ),
        (Service(id="s", constraints=("node.role!=worker",)), [node("a")], "a has role worker"),
        (Service(id="s"), [node("a"), node("b")], "2 nodes of 2 would take it"),
        (Service(id="s"), [], "no node is known"),
    ],
)
def test_reasons(service: Service, nodes: list[Node], summary: str) -> None:
    assert placement(service, snapshot(service, *nodes)).summary == summary


def test_host_ports_and_replicas_per_node() -> None:
    taken = Service(id="x", name="edge", ports=(PublishedPort(target=80, published=80, mode="host"),))
    s = replace(taken, id="s", name="s", max_per_node=1)
    held = Task(id="h", service_id="x", slot=1, node_id="a", state="running")
    mine = Task(id="m", service_id="s", slot=1, node_id="b", state="running")
    verdicts = {v.node.id: v.reasons for v in placement(s, snapshot(taken, s, held, mine, node("a"), node("b"))).nodes}
    assert verdicts["a"] == ("port 80 taken by edge",)
    assert verdicts["b"] == ("port 80 taken by s", "has 1 of 1")


# -- findings -------------------------------------------------------------------------------------------


def test_findings_come_worst_first() -> None:
    tasks = [running(1), failed(2, NOW - 20, since=NOW - 20)]
    things = [
        replace(WORKER, replicas=2),
        *tasks,
        replace(LOKI, id="l"),
        Task(id="pl", service_id="l", slot=1, state="pending", error="no suitable node", since=NOW - 9),
        manager("m1", leader=True),
        node("worker-5", state="down", message="heartbeat failure"),
        overlay("tight", "10.0.12.0/28", internal=True),
        Service(
            id="a",
            name="api",
            replicas=1,
            update=UpdateStatus(state="updating", started=NOW - 9),
            networks=(ServiceNetwork(target="tight"),),
        ),
        *(Task(id=f"a{i}", service_id="a", slot=1, state="running", networks=()) for i in range(1)),
    ]
    found = findings(cluster(*things), NOW)
    assert [(f.word, f.name) for f in found] == [
        ("failing", "shop_worker"),
        ("down", "worker-5"),
        ("pending", "observe_loki"),
        ("updating", "api"),
    ]
    failing = found[0]
    assert failing.suggestions == ("logs", "open", "rollback")
    assert failing.hint == "roll back to shop/worker:1.9"
    assert failing.error == "task: non-zero exit (126)"
    assert "heartbeat failure" in found[1].sentence
    assert found[2].sentence.startswith("0 of 1 replicas; no suitable node: ")


def test_a_lost_quorum_is_the_first_finding() -> None:
    found = findings(cluster(manager("m1"), manager("m2"), manager("m3"), error="no leader at all"), NOW)
    assert (found[0].kind, found[0].word, found[0].error) == (Kind.SWARM, "failed", "no leader at all")


def test_a_swarm_of_which_nothing_could_be_read_is_not_well() -> None:
    # GIVEN a manager that was asked for the first time when there was no leader any more
    known = dataclasses.replace(cluster(), manager_problem="The Swarm has no leader.")
    # THEN that is a finding, though nothing is known of any manager
    first = findings(known, NOW)[0]
    assert (first.severity, first.error) == ("err", "The Swarm has no leader.")


def test_a_plain_engine_has_its_troubles_too() -> None:
    s = snapshot(Container(id="c", name="loop", node_id="node-1", state="restarting", exit_code=1))
    (finding,) = findings(s, NOW)
    assert (finding.word, finding.sentence) == ("failing", "its engine restarts it again and again (exit 1)")


def test_a_certificate_that_ends_soon() -> None:
    base = cluster(manager("m1", leader=True))
    s = fold(base, []).snapshot
    from dataclasses import replace as with_

    (finding,) = findings(with_(s, swarm=Swarm(id="x", ca_expires=NOW + 86400 * 3)), NOW)
    assert finding.sentence == "its root certificate ends in 3 d"


def test_all_healthy_finds_nothing() -> None:
    assert findings(cluster(manager("m1", leader=True), replace(WORKER, replicas=1), running(1)), NOW) == ()


def test_services_are_judged_again_only_when_something_of_theirs_changed() -> None:
    s = snapshot(replace(WORKER, replicas=1), Service(id="b", replicas=0), running(1))
    first = services_health(s, NOW)
    assert services_health(s, NOW + 1) is first
    later = fold(s, [Listing(Kind.TASK, (failed(1, NOW),), 6.0, "", Scope(services=frozenset({"s"})))]).snapshot
    second = services_health(later, NOW + 1)
    assert second["b"] is first["b"]
    assert second["s"].word == "failing"
    # AND time alone ends it
    assert services_health(later, NOW + 601)["s"].word == "starting"


def test_a_network_without_configs() -> None:
    assert network_health(Network(id="h", driver="host"), AddressUse("", 0, None)).word == "ready"
    assert IpamConfig().subnet == ""
