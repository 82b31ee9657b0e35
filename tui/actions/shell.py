"""Shells: ``x`` on a container, task or service, and ``:exec`` with the options of ``docker exec``."""

from __future__ import annotations

from dataclasses import dataclass

from backends.api import ExecRequest
from backends.model import Container, Key, Kind, Snapshot
from backends.state.relations import relations
from backends.state.wording import listing
from tui.actions.objects import find, is_here, name_of, node_name
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import LIST_IDS

#: What a shell can be opened in.
ENTERED = frozenset({Kind.CONTAINER, Kind.TASK, Kind.SERVICE})
_ORDER = (Kind.CONTAINER, Kind.TASK, Kind.SERVICE)
_FIRST = ("healthy", "", "starting", "unhealthy")


def container_for(snapshot: Snapshot, key: Key) -> Container | str:
    """The container that a shell opens in: of a task its own, of a service the healthiest of those whose node is
    reached from here. A sentence where there is none, which says where it runs instead."""
    name = name_of(snapshot, key)
    if key.kind is Kind.CONTAINER:
        found = snapshot.containers.get(key.id)
        return f"{name} is gone" if found is None else _running(snapshot, found, name)
    if key.kind is Kind.TASK:
        return _of_task(snapshot, key, name)
    if key.kind is Kind.SERVICE:
        return _of_service(snapshot, key, name)
    return f"a {key.kind.value} has no shell; a container, task or service has"


def _running(snapshot: Snapshot, container: Container, name: str) -> Container | str:
    if not is_here(snapshot, container.node_id):
        return f"{name} runs on {node_name(snapshot, container.node_id)}, which is not reached from here"
    if container.state != "running":
        return f"{name} is {container.state}; a shell needs it running"
    return container


def _of_task(snapshot: Snapshot, key: Key, name: str) -> Container | str:
    task = snapshot.tasks.get(key.id)
    if task is None:
        return f"{name} is gone"
    if task.is_over or not task.container_id:
        return f"{name} is {task.state}; a shell needs it running"
    container = relations(snapshot).container_of(task)
    if container is not None:
        return _running(snapshot, container, name)
    if not is_here(snapshot, task.node_id):
        return f"{name} runs on {node_name(snapshot, task.node_id)}, which is not reached from here"
    return f"the container of {name} is not listed by this engine"


def _of_service(snapshot: Snapshot, key: Key, name: str) -> Container | str:
    if key.id not in snapshot.services:
        return f"{name} is gone"
    known = relations(snapshot)
    open_ones = [
        container
        for container in known.containers_of(key.id)
        if container.state == "running" and is_here(snapshot, container.node_id)
    ]
    if open_ones:
        # The healthiest first; of those the one that tasks' names put first, so that it is the same each time.
        return min(open_ones, key=lambda item: (_FIRST.index(item.health) if item.health in _FIRST else 9, item.name))
    elsewhere = {task.node_id for task in known.tasks_of(key.id) if task.state == "running" and task.node_id}
    if elsewhere:
        where = listing(sorted(node_name(snapshot, node_id) for node_id in elsewhere))
        return f"{name} runs on {where}, which {'is' if len(elsewhere) == 1 else 'are'} not reached from here"
    service = snapshot.services[key.id]
    if service.running:
        return f"{name} has no replica on a node that is reached from here"
    return f"no replica of {name} runs"


def _can_enter(context: ActionContext) -> Verdict:
    found = container_for(context.snapshot, context.target) if context.target else ""
    return found if isinstance(found, str) else True


def enter(context: ActionContext, key: Key, request: ExecRequest) -> None:
    """Runs a request in the container that ``key`` means, or says why there is none."""
    found = container_for(context.snapshot, key)
    if isinstance(found, str):
        context.ui.say(f"{found}.", bad=True)
    else:
        context.ui.run_shell(found.key, request)


def _shell(context: ActionContext) -> None:
    if context.target is not None:
        enter(context, context.target, ExecRequest())


@dataclass(frozen=True, slots=True)
class ExecLine:
    """``NAME`` and what is to run there; ``name`` empty means the row under the cursor."""

    name: str
    request: ExecRequest


#: Options of ``docker exec`` that take a value, and the field they set.
_VALUED = {"-u": "user", "--user": "user", "-w": "workdir", "--workdir": "workdir", "-e": "env", "--env": "env"}
_SWITCHES = {"i": "stdin", "t": "tty"}


def parse_exec(words: tuple[str, ...] | list[str]) -> ExecLine | str:
    """Reads ``NAME [-u USER] [-w DIR] [-e K=V] [--] [CMD …]`` and Docker's own ``[-it …] NAME CMD …`` alike.
    Returns a sentence where it cannot be."""
    user = workdir = name = ""
    env: list[str] = []
    privileged = False
    rest = list(words)
    command: list[str] = []
    while rest:
        word = rest.pop(0)
        if word == "--":
            command = rest
            break
        option, equals, value = word.partition("=")
        field = _VALUED.get(option) if word.startswith("--") else _VALUED.get(word[:2])
        if field is not None:
            if not word.startswith("--"):
                value = word[2:].removeprefix("=")
                equals = value
            if not equals:
                if not rest:
                    return f"{option} needs a value: {option} {field.upper()}."
                value = rest.pop(0)
            if field == "user":
                user = value
            elif field == "workdir":
                workdir = value
            elif "=" not in value:
                return f"-e takes NAME=VALUE, not {value}."
            else:
                env.append(value)
        elif word in ("--interactive", "--tty") or _only_switches(word):
            continue
        elif word == "--privileged":
            privileged = True
        elif word in ("-d", "--detach"):
            return "A command without a terminal is not started from here; leave -d out."
        elif word.startswith("-"):
            return f"exec does not know {word}; it takes -u USER, -w DIR, -e NAME=VALUE and -- COMMAND."
        elif not name:
            name = word
        else:
            command = [word, *rest]
            break
    request = ExecRequest(command=tuple(command), user=user, workdir=workdir, env=tuple(env), privileged=privileged)
    return ExecLine(name, request)


def _only_switches(word: str) -> bool:
    return len(word) > 1 and word[0] == "-" and all(letter in _SWITCHES for letter in word[1:])


def _exec(context: ActionContext) -> None:
    line = parse_exec(tuple(context.arguments))
    if isinstance(line, str):
        context.ui.say(line, bad=True)
        return
    key = context.target if not line.name else find(context.snapshot, line.name, _ORDER)
    if key is None:
        context.ui.say("exec needs a name: :exec NAME -- COMMAND.", bad=True)
    elif isinstance(key, str):
        context.ui.say(key, bad=True)
    else:
        enter(context, key, line.request)


SHELL: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="shell",
        title="shell",
        help="Opens a shell in the container; of a service in the healthiest replica reached from here.",
        keys=("x",),
        kinds=ENTERED,
        views=LIST_IDS | {"describe", "yaml", "logs"},
        group="Object",
        verb="shell",
        aliases=("sh",),
        arguments="[NAME]",
        footer=2,
        changes=True,
        when=_can_enter,
        run=_shell,
    ),
    ActionSpec(
        id="shell.exec",
        title="run a command",
        help="Runs a command, or a shell as another user, in another folder or with more environment.",
        group="Object",
        verb="exec",
        arguments="NAME [-u USER] [-w DIR] [-e NAME=VALUE] [-- COMMAND]",
        changes=True,
        run=_exec,
    ),
)
