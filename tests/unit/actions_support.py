"""A Swarm of a few objects and a user interface that only writes down what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast

from backends.api import Budget, Cluster, ExecRequest
from backends.model import (
    STACK_LABEL,
    Attachment,
    Config,
    Container,
    EngineInfo,
    Image,
    Key,
    Kind,
    ManagerStatus,
    Network,
    Node,
    Service,
    Snapshot,
    Stack,
    SwarmMembership,
    Task,
    Volume,
)
from tui.actions.entering import Entrance
from tui.actions.spec import ActionContext
from tui.places import Place
from tui.tables.spec import Column, Moment, TableSpec

T = TypeVar("T")

SERVICE = "com.docker.swarm.service.id"
TASK = "com.docker.swarm.task.id"
MANAGER, WORKER = "node-manager-id", "node-worker-id"


def by_id(*things: T) -> Mapping[str, T]:
    return MappingProxyType({cast(Any, thing).id: thing for thing in things})


def container(ident: str, name: str, task: str = "", service: str = "", **more: Any) -> Container:
    labels = {SERVICE: service, TASK: task} if service else {}
    return Container(
        id=ident,
        name=name,
        node_id=more.pop("node_id", MANAGER),
        labels=labels,
        state=more.pop("state", "running"),
        **more,
    )


def task(ident: str, slot: int, state: str = "running", node: str = MANAGER, **more: Any) -> Task:
    return Task(id=ident, service_id="svc-web", slot=slot, node_id=node, state=state, **more)


def swarm() -> Snapshot:
    """Service ``web`` runs as slot 1 here and slot 2 on ``worker-1``; slot 3 failed. ``db`` runs on the worker."""
    return Snapshot(
        engine=EngineInfo(id="engine", name="manager-1", swarm=SwarmMembership(node_id=MANAGER, state="active")),
        nodes=by_id(
            Node(id=MANAGER, hostname="manager-1", role="manager", state="ready", manager=ManagerStatus(leader=True)),
            Node(id=WORKER, hostname="worker-1", state="down"),
        ),
        services=by_id(
            Service(
                id="svc-web",
                name="web",
                image="shop/web:1",
                running=2,
                desired=3,
                has_counts=True,
                labels={STACK_LABEL: "shop", "tier": "front"},
            ),
            Service(id="svc-db", name="db", image="mysql:5.5", running=1, desired=1, has_counts=True),
        ),
        tasks=by_id(
            task("task-web-1", 1, container_id="ctr-web-1", created=10.0),
            task("task-web-1-old", 1, "failed", container_id="ctr-gone", created=5.0, since=6.0, error="exit 1"),
            task("task-web-2", 2, node=WORKER, container_id="ctr-web-2", created=10.0),
            task("task-web-3", 3, "pending", node="", error="no suitable node", created=11.0),
            Task(id="task-db-1", service_id="svc-db", slot=1, node_id=WORKER, state="running", container_id="ctr-db"),
        ),
        containers=by_id(
            container("ctr-web-1", "web.1.abc", "task-web-1", "svc-web", networks=(Attachment(network="front"),)),
            container("ctr-plain", "nginx", image="nginx:1.27"),
            container("ctr-stopped", "old", state="exited"),
        ),
        networks=by_id(Network(id="net-front", name="front", driver="overlay", scope="swarm")),
        volumes=by_id(Volume(name="data", node_id=MANAGER)),
        images=by_id(Image(image_id="sha256:0123456789abcdef", node_id=MANAGER, tags=("nginx:1.27",))),
        configs=by_id(Config(id="cfg-ini", name="php.ini")),
        stacks=by_id(Stack(name="shop", services=("svc-web",))),
        listed=MappingProxyType({Kind.TASK: 1.0}),
    )


class _Cluster:
    nodes = None
    budget = Budget(requests=1234, bytes=3_100_000, by_path={"/services": 40, "/tasks": 2})


@dataclass
class FakeUi:
    """Implements ``Ui``; ``asked`` has all that it was asked, in order."""

    place: Place = field(default_factory=lambda: Place("services"))
    readonly: bool = False
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def cluster(self) -> Cluster:
        return cast(Cluster, _Cluster())

    def go(self, place: Place, *, replace: bool = False) -> None:
        self.asked.append(("go", place, replace))

    def back(self) -> None:
        self.asked.append(("back",))

    def history(self, step: int) -> None:
        self.asked.append(("history", step))

    def say(self, text: str, *, bad: bool = False) -> None:
        self.asked.append(("say", text, bad))

    def copy(self, text: str, what: str) -> None:
        self.asked.append(("copy", text, what))

    def run_shell(self, key: Key, request: ExecRequest) -> None:
        self.asked.append(("shell", key, request))

    def choose_replica(self, key: Key, choice: Sequence[Entrance]) -> None:
        self.asked.append(("choose", key, tuple(choice)))

    def edit_command(self, text: str) -> None:
        self.asked.append(("command", text))

    def change(self, line: str, *, typed: str = "", dry: bool = False) -> None:
        self.asked.append(("change", line, typed, dry))

    def prompt(self, what: str, key: Key) -> None:
        self.asked.append(("prompt", what, key))

    def edit_filter(self) -> None:
        self.asked.append(("filter",))

    def call(self, name: str, *arguments: str) -> None:
        self.asked.append(("call", name, *arguments))


def on(
    *targets: Key, view: str = "services", snapshot: Snapshot | None = None, ui: FakeUi | None = None, **more: Any
) -> ActionContext:
    """A context in a view with rows under the cursor."""
    arguments = more.pop("arguments", ())
    place = Place(view, **more)
    return ActionContext(ui or FakeUi(place), snapshot or swarm(), place, targets, arguments)


WEB = Key(Kind.SERVICE, "svc-web")
DB = Key(Kind.SERVICE, "svc-db")


def services_table() -> TableSpec[Service]:
    """A small list of services."""
    return TableSpec(
        id="services",
        title="Services",
        kind=Kind.SERVICE,
        rows=lambda snapshot, place: snapshot.services.values(),
        key=lambda row: row.key,
        columns=(
            Column("name", "NAME", 22, lambda row, moment: row.name, sort=lambda row, moment: row.name, sort_key="N"),
            Column("image", "IMAGE", 24, lambda row, moment: ((row.image, "muted"),)),
            Column(
                "replicas",
                "REPLICAS",
                8,
                lambda row, moment: f"{row.running}/{row.desired}",
                sort=lambda row, moment: row.running,
                sort_key="R",
                descending=True,
            ),
            Column("age", "AGE", 4, lambda row, moment: "12s"),
        ),
        filters={"state": lambda row, moment: "failing" if row.running < row.desired else "healthy"},
    )


def moment(snapshot: Snapshot | None = None) -> Moment:
    return Moment(snapshot or swarm(), 1000.0)
