"""Going in with ``enter``, and across: owner, node, used by, why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backends.model import Container, Key, Kind, LinkState, Snapshot, Task, Value
from backends.state.relations import relations
from tui.actions.objects import get, name_of, node_name
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import LIST_IDS, VIEWS
from tui.places import Place


def scope_with(place: Place, key: Key) -> tuple[Key, ...]:
    """The path drilled through with one more step; a step that is already its end is not taken twice, and from
    a list that is no drill-down (events, ports, overview, topology) a new path begins."""
    base = place.scope if place.view in _DRILLS else ()
    return base if base and base[-1] == key else (*base, key)


_DRILLS = frozenset(VIEWS) - {"overview", "topology", "events", "ports"}


@dataclass(frozen=True, slots=True)
class GoTo:
    """The ``run`` of an action that shows a view below the object under the cursor."""

    view: str

    def __call__(self, context: ActionContext) -> None:
        if context.target is not None:
            scope = scope_with(context.place, context.target)
            context.ui.go(Place(self.view, scope))


def _is_here(task: Task, snapshot: Snapshot, reaching: bool) -> bool:
    """Whether the container of a task is known, or will be once the page about it has it listed; of another node
    once that is connected."""
    if task.container_id in snapshot.containers:
        return True
    if not task.container_id or task.state != "running":
        return False
    if task.node_id == snapshot.node_id:
        return Kind.CONTAINER not in snapshot.listed
    link = snapshot.links.get(task.node_id)
    may_come = link is None or link.state in (LinkState.CONNECTING, LinkState.LIVE)
    return reaching and may_come and (Kind.CONTAINER, task.node_id) not in snapshot.listed_on


def _task_container(context: ActionContext) -> None:
    key = context.target
    if key is None:
        return
    scope = scope_with(context.place, key)
    task = context.snapshot.tasks.get(key.id)
    if task is not None and _is_here(task, context.snapshot, context.ui.cluster.nodes is not None):
        scope = (*scope, Key(Kind.CONTAINER, task.container_id))
    context.ui.go(Place("describe", scope))


def _open(kind: Kind, view: str, title: str, help: str) -> ActionSpec:
    return ActionSpec(
        id=f"open.{kind.value}",
        title=title,
        help=help,
        keys=("enter",),
        kinds=frozenset({kind}),
        # In the list of rollouts enter means the rollout.
        views=LIST_IDS - {"rollouts"},
        group="Object",
        verb="open",
        arguments="NAME",
        footer=1,
        run=GoTo(view),
    )


OPEN: tuple[ActionSpec, ...] = (
    _open(Kind.NODE, "tasks", "tasks", "Shows the tasks on the node."),
    _open(Kind.SERVICE, "tasks", "tasks", "Shows the tasks of the service."),
    ActionSpec(
        id="open.task",
        title="container",
        help="Shows the container of the task; of one that has none here, the task itself.",
        keys=("enter",),
        kinds=frozenset({Kind.TASK}),
        views=LIST_IDS,
        group="Object",
        verb="open",
        arguments="NAME",
        footer=1,
        run=_task_container,
    ),
    _open(Kind.CONTAINER, "describe", "describe", "Describes the container."),
    _open(Kind.NETWORK, "endpoints", "endpoints", "Shows who is on the network."),
    _open(Kind.STACK, "services", "services", "Shows the services of the stack."),
    _open(Kind.VOLUME, "describe", "describe", "Describes the volume."),
    _open(Kind.IMAGE, "describe", "describe", "Describes the image."),
    _open(Kind.CONFIG, "describe", "describe", "Describes the config."),
    _open(Kind.SECRET, "describe", "describe", "Describes the secret; the engine never gives its data back."),
)


def owner_of(snapshot: Snapshot, key: Key) -> Key | str:
    """What an object belongs to: a task its node, a container its task, a service, network, config or secret its
    stack, a volume or image its node. A sentence where it belongs to nothing, or to something not known."""
    found = get(snapshot, key)
    name = name_of(snapshot, key)
    match found:
        case None:
            return f"{name} is gone"
        case Task():
            if not found.node_id:
                return f"{name} has no node yet"
            return Key(Kind.NODE, found.node_id)
        case Container():
            if found.task_id in snapshot.tasks:
                return Key(Kind.TASK, found.task_id)
            if found.service_id in snapshot.services:
                return Key(Kind.SERVICE, found.service_id)
            if found.task_id:
                return f"the task of {name} is not known here; a manager knows it"
            return f"{name} was not started by a service"
        case _ if key.kind in (Kind.VOLUME, Kind.IMAGE):
            node_id = getattr(found, "node_id", "")
            return Key(Kind.NODE, node_id) if node_id in snapshot.nodes else f"{name} is on this engine, no Swarm node"
    return _stack_of(snapshot, found, name)


def _stack_of(snapshot: Snapshot, found: Value, name: str) -> Key | str:
    stack = getattr(found, "stack", "")
    return Key(Kind.STACK, stack) if stack in snapshot.stacks else f"{name} belongs to no stack"


def _has_owner(context: ActionContext) -> Verdict:
    owner = owner_of(context.snapshot, context.target) if context.target else ""
    return owner if isinstance(owner, str) else True


def _to_owner(context: ActionContext) -> None:
    owner = owner_of(context.snapshot, context.target) if context.target else ""
    if isinstance(owner, str):
        context.ui.say(owner, bad=True)
    elif owner.kind is Kind.TASK:
        task = context.snapshot.tasks[owner.id]
        context.ui.go(Place("tasks", (Key(Kind.SERVICE, task.service_id),), cursor=owner))
    else:
        context.ui.go(Place(f"{owner.kind.value}s", cursor=owner))


def _owner(title: str, help: str, *kinds: Kind) -> ActionSpec:
    return ActionSpec(
        id=f"owner.{title}",
        title=title,
        help=help,
        keys=("o",),
        kinds=frozenset(kinds),
        views=LIST_IDS | {"describe"},
        group="Object",
        verb="owner",
        arguments="[NAME]",
        footer=5,
        when=_has_owner,
        run=_to_owner,
    )


OWNERS: tuple[ActionSpec, ...] = (
    _owner("node", "Goes to the node it is on.", Kind.TASK, Kind.VOLUME, Kind.IMAGE),
    _owner("task", "Goes to the task the container runs for.", Kind.CONTAINER),
    _owner("stack", "Goes to the stack it belongs to.", Kind.SERVICE, Kind.NETWORK, Kind.CONFIG, Kind.SECRET),
)


def _used_by(kind: Kind, view: str, title: str, help: str) -> ActionSpec:
    return ActionSpec(
        id=f"used.{kind.value}",
        title=title,
        help=help,
        keys=("u",),
        kinds=frozenset({kind}),
        views=LIST_IDS | {"describe"},
        group="Object",
        verb="used",
        arguments="[NAME]",
        footer=6,
        run=GoTo(view),
    )


USED: tuple[ActionSpec, ...] = (
    _used_by(Kind.SERVICE, "networks", "its networks", "Shows the networks the service is on."),
    _used_by(Kind.CONTAINER, "networks", "its networks", "Shows the networks the container is on."),
    _used_by(Kind.NODE, "containers", "containers", "Shows the containers of the node that are known here."),
    _used_by(Kind.STACK, "networks", "its networks", "Shows the networks of the stack."),
    _used_by(Kind.NETWORK, "services", "used by", "Shows the services on the network."),
    _used_by(Kind.VOLUME, "containers", "used by", "Shows the containers that mount the volume."),
    _used_by(Kind.IMAGE, "containers", "used by", "Shows the containers made of the image."),
    _used_by(Kind.CONFIG, "services", "used by", "Shows the services that take the config."),
    _used_by(Kind.SECRET, "services", "used by", "Shows the services that take the secret."),
)


def _is_short(context: ActionContext) -> Verdict:
    service = context.snapshot.services.get(context.target.id) if context.target else None
    if service is None:
        return "the service is gone"
    failed = any(task.failed for task in relations(context.snapshot).tasks_of(service.id))
    if service.has_counts and service.running >= service.desired and not failed:
        return f"{service.name} runs as wanted, {service.running} of {service.desired}"
    return True


def _ended_badly(context: ActionContext) -> Verdict:
    task = context.snapshot.tasks.get(context.target.id) if context.target else None
    if task is None:
        return "the task is gone"
    if task.error or task.failed or task.state == "pending":
        return True
    return f"it is {task.state}, and nothing is wrong with it"


def _why(id: str, kind: Kind, help: str, when: Callable[[ActionContext], Verdict]) -> ActionSpec:
    return ActionSpec(
        id=id,
        title="why",
        help=help,
        keys=("w",),
        kinds=frozenset({kind}),
        views=LIST_IDS | {"describe"},
        group="Object",
        verb="why",
        arguments="[NAME]",
        footer=4,
        when=when,
        run=GoTo("why"),
    )


def _node_is_wrong(context: ActionContext) -> Verdict:
    key = context.target
    node = context.snapshot.nodes.get(key.id) if key else None
    if node is None:
        return "the node is gone"
    unreachable = node.manager is not None and node.manager.reachability == "unreachable"
    if node.takes_tasks and not unreachable:
        return f"{node_name(context.snapshot, node.id)} is {node.state} and takes tasks"
    return True


WHY: tuple[ActionSpec, ...] = (
    _why(
        "why.service",
        Kind.SERVICE,
        "Says why the service is short of replicas: each node's part in it, and the errors in full.",
        _is_short,
    ),
    _why("why.task", Kind.TASK, "Says why the task failed, or finds no node: node by node.", _ended_badly),
    _why("why.node", Kind.NODE, "Says what is wrong with the node, and what follows from it.", _node_is_wrong),
)

OPENING: tuple[ActionSpec, ...] = (*OPEN, *OWNERS, *USED, *WHY)
