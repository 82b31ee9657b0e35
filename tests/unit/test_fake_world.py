"""The simulated swarmkit: tasks follow specs, updates go slot by slot, and the demo lives as it should."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from backends.fake import boxes, cluster
from backends.fake.clock import FixedClock
from backends.fake.http import Problem
from backends.fake.make.service import rollout, spec
from backends.fake.placement import refusal, satisfies
from backends.fake.rows import human, service_row
from backends.fake.scenario import Scene, open_scene
from backends.fake.specs import same


class Stage:
    """A scene without a server, walked by hand."""

    def __init__(self, name: str) -> None:
        self.clock = FixedClock()
        self.scene: Scene = open_scene(name, clock=self.clock)
        self.world = self.scene.world
        self.told: list[Any] = []
        for host in self.world.hosts.values():
            host.bus.taps.append(self.told.append)

    def walk(self, seconds: float) -> None:
        for _ in range(int(seconds * 4)):
            self.clock.advance(0.25)
            self.world.agenda.advance(0.25)

    def service(self, name: str) -> Any:
        return next(s for s in self.world.services.values() if s["Spec"]["Name"] == name)

    def counts(self, name: str) -> tuple[int, int]:
        told = service_row(self.world, self.service(name), counts=True)["ServiceStatus"]
        return told["RunningTasks"], told["DesiredTasks"]

    def live(self, name: str) -> list[Any]:
        return [t for t in self.world.tasks_of(self.service(name)["ID"]) if t["DesiredState"] in ("running", "ready")]

    def actions(self, type_: str) -> list[str]:
        return [e["Action"] for e in self.told if e["Type"] == type_]

    def create(self, name: str, image: str = "web:1", **more: Any) -> Any:
        return self.scene.orchestrator.create(spec(name, image, **more))


@pytest.fixture
def fresh() -> Stage:
    return Stage("empty")


@pytest.fixture
def demo() -> Stage:
    return Stage("quiet")


def test_a_new_service_gets_its_tasks_containers_and_events(fresh: Stage) -> None:
    fresh.create("web", replicas=2)
    assert fresh.counts("web") == (0, 2)
    fresh.walk(4)
    assert fresh.counts("web") == (2, 2)
    assert len(fresh.world.hosts["mgr"].containers) == 2
    assert fresh.actions("container") == ["create", "create", "start", "start"]
    assert fresh.actions("service") == ["create"]


def test_scaling_down_removes_tasks_and_containers(fresh: Stage) -> None:
    service = fresh.create("web", replicas=3)
    fresh.walk(4)
    fresh.scene.orchestrator.scale(service, 1)
    fresh.walk(2)
    assert [t["Slot"] for t in fresh.world.tasks_of(service["ID"])] == [1]
    assert len(fresh.world.hosts["mgr"].containers) == 1


def test_a_task_that_dies_is_replaced_after_the_delay(fresh: Stage) -> None:
    service = fresh.create("web")
    fresh.walk(4)
    host = fresh.world.hosts["mgr"]
    box = next(iter(host.containers.values()))
    boxes.kill(fresh.world, host, box)
    fresh.scene.orchestrator.box_died(box)
    fresh.walk(1)
    assert fresh.counts("web") == (0, 1)
    fresh.walk(7)
    assert fresh.counts("web") == (1, 1)
    states = sorted(t["Status"]["State"] for t in fresh.world.tasks_of(service["ID"]))
    assert states == ["failed", "running"]


def test_a_name_or_an_ingress_port_is_taken_once(fresh: Stage) -> None:
    fresh.create("web", ports=[{"TargetPort": 80, "PublishedPort": 8080}])
    with pytest.raises(Problem, match="name conflicts with an existing object: service web already exists"):
        fresh.create("web")
    with pytest.raises(Problem, match="port '8080' is already in use by service 'web'"):
        fresh.create("other", ports=[{"TargetPort": 80, "PublishedPort": 8080}])


def test_an_unknown_image_is_rejected_again_and_again(fresh: Stage) -> None:
    service = fresh.create("web", image="nosuch:1")
    fresh.walk(30)
    tasks = fresh.world.tasks_of(service["ID"])
    assert {t["Status"]["Err"] for t in tasks if t["Status"]["State"] == "rejected"} == {"No such image: nosuch:1"}
    assert len(tasks) <= 6


def test_a_job_completes(fresh: Stage) -> None:
    fresh.create("job", mode="replicated-job", replicas=2)
    fresh.walk(12)
    told = service_row(fresh.world, fresh.service("job"), counts=True)["ServiceStatus"]
    assert told["CompletedTasks"] == 2


def test_an_update_replaces_slot_after_slot(fresh: Stage) -> None:
    service = fresh.create("web", replicas=3, update=rollout(1, 1.0))
    fresh.walk(4)
    given = copy.deepcopy(service["Spec"])
    given["TaskTemplate"]["ContainerSpec"]["Image"] = "web:2"
    fresh.scene.rollouts.update(service, given)
    assert service["UpdateStatus"]["State"] == "updating"
    fresh.walk(2)
    images = sorted(t["Spec"]["ContainerSpec"]["Image"] for t in fresh.live("web"))
    assert images == ["web:1", "web:1", "web:2"]
    fresh.walk(13)
    assert service["UpdateStatus"]["State"] == "completed"
    assert {t["Spec"]["ContainerSpec"]["Image"] for t in fresh.live("web")} == {"web:2"}
    told = [e["Actor"]["Attributes"] for e in fresh.told if e["Type"] == "service" and e["Action"] == "update"]
    assert told[0]["image.new"] == "web:2"
    assert [t["updatestate.new"] for t in told if "updatestate.new" in t] == ["updating", "completed"]


@pytest.mark.parametrize(("action", "state"), [("pause", "paused"), ("rollback", "rollback_completed")])
def test_a_failed_update_does_what_the_spec_says(fresh: Stage, action: str, state: str) -> None:
    service = fresh.create("web", replicas=2, update=rollout(1, 0.0, action))
    fresh.walk(4)
    given = copy.deepcopy(service["Spec"])
    given["TaskTemplate"]["ContainerSpec"]["Image"] = "nosuch:2"
    fresh.scene.rollouts.update(service, given)
    fresh.walk(25)
    assert service["UpdateStatus"]["State"] == state
    if action == "rollback":
        assert fresh.counts("web") == (2, 2)


def test_a_change_of_labels_restarts_nothing(fresh: Stage) -> None:
    service = fresh.create("web")
    fresh.walk(4)
    before = set(fresh.world.tasks)
    given = copy.deepcopy(service["Spec"])
    given["Labels"]["a"] = "b"
    given["TaskTemplate"]["ContainerSpec"]["Env"] = []
    fresh.scene.rollouts.update(service, given)
    fresh.walk(5)
    assert set(fresh.world.tasks) == before


def test_what_is_left_out_and_what_is_empty_mean_the_same() -> None:
    assert same({"A": {"B": []}, "C": 0}, {"A": None})
    assert not same({"A": {"B": [1]}}, {"A": None})


def test_draining_a_node_moves_its_tasks_and_leaves_it_without(demo: Stage) -> None:
    node = demo.world.nodes[demo.world.hosts["worker-2"].node_id]
    cluster.update_node(demo.world, demo.scene.orchestrator, node, {**node["Spec"], "Availability": "drain"})
    demo.walk(20)
    here = [t for t in demo.world.tasks.values() if t.get("NodeID") == node["ID"] and t.get("ServiceID")]
    assert {t["DesiredState"] for t in here} <= {"shutdown"}
    assert demo.counts("webapp1") == (3, 3)


def test_a_label_that_was_missing_lets_a_pending_task_run(demo: Stage) -> None:
    node = demo.world.nodes[demo.world.hosts["worker-1"].node_id]
    labels = {**node["Spec"]["Labels"], "disk": "ssd"}
    cluster.update_node(demo.world, demo.scene.orchestrator, node, {**node["Spec"], "Labels": labels})
    demo.walk(5)
    assert demo.counts("observe_loki") == (1, 1)


def test_the_last_manager_cannot_be_demoted(fresh: Stage) -> None:
    node = next(iter(fresh.world.nodes.values()))
    with pytest.raises(Problem, match="attempting to demote the last manager of the swarm"):
        cluster.update_node(fresh.world, fresh.scene.orchestrator, node, {**node["Spec"], "Role": "worker"})


def test_the_scheduler_says_why_there_is_no_node(demo: Stage) -> None:
    pending = next(t for t in demo.live("observe_loki"))
    assert refusal(demo.world, pending) == pending["Status"]["Err"]


@pytest.mark.parametrize(
    ("constraint", "fits"),
    [
        ("node.role==manager", True),
        ("node.role != worker", True),
        ("node.labels.zone == a", True),
        ("node.labels.nosuch==x", False),
        ("node.labels.nosuch!=x", True),
        ("node.hostname==manager-2", False),
        ("engine.labels.x==y", False),
        ("bogus.key==x", False),
        ("no operator", False),
    ],
)
def test_constraints(demo: Stage, constraint: str, fits: bool) -> None:
    node = demo.world.nodes[demo.world.hosts["manager-1"].node_id]
    assert satisfies(node, constraint) is fits


def test_the_demo_lives_and_stays_within_bounds() -> None:
    # GIVEN the living demo
    stage = Stage("demo")
    # WHEN five minutes pass
    stage.walk(300)
    # THEN its worker goes on crashing, about every two seconds over three slots
    deaths = [
        e
        for e in stage.told
        if e["Type"] == "container"
        and e["Action"] == "die"
        and e["Actor"]["Attributes"]["name"].startswith("shop_worker.")
    ]
    assert 100 < len(deaths) < 200
    assert stage.counts("shop_worker") == (1, 4)
    # AND shop_api was updated more than once, and all else runs
    updates = [e for e in stage.told if e["Actor"]["Attributes"].get("updatestate.new") == "completed"]
    assert len(updates) >= 2 * 3
    assert stage.counts("shop_api")[1] == 8
    assert stage.counts("shop_web") == (6, 6)
    # AND old tasks and containers are forgotten
    assert len(stage.world.tasks) < 130
    assert sum(len(h.containers) for h in stage.world.hosts.values()) < 130
    # AND no two events bear the same stamp, unless they are one event that several managers tell
    stamps = {(e["timeNano"], e["Action"], e["Actor"]["ID"]) for e in stage.told}
    assert len(stamps) == len({e["timeNano"] for e in stage.told})


def test_the_demo_is_the_same_on_every_run() -> None:
    one, two = Stage("demo"), Stage("demo")
    one.walk(40)
    two.walk(40)
    assert one.told == two.told


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (150, "2 minutes"),
        (3600, "About an hour"),
        (7 * 3600, "7 hours"),
        (3 * 86400, "3 days"),
        (20 * 86400, "2 weeks"),
        (90 * 86400, "3 months"),
        (800 * 86400, "2 years"),
    ],
)
def test_ages_in_the_engines_words(seconds: float, words: str) -> None:
    assert human(seconds) == words
