"""Changes by key and by verb: scale, image, restart, roll back, remove, a node's part, docker lines, the journal.

What a change does and what it sends is ``backends.change``: here is only how it is asked for. That is read when the
first change is asked for: most sessions only look.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from backends.model import Key, Kind, Mode, Service, Snapshot
from tui.actions.objects import find, get, name_of
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict

if TYPE_CHECKING:
    from backends.change.finding import Finding
    from backends.change.flag_error import FlagError
    from backends.change.requests import Request

_SERVICE = frozenset({Kind.SERVICE})
_NODE = frozenset({Kind.NODE})
#: Kinds that ``:rm`` looks a name up in, in this order.
REMOVED = (Kind.SERVICE, Kind.NETWORK, Kind.NODE)


def request_of(line: str, api_version: str = "") -> Request | tuple[FlagError, ...]:
    """The change that a docker line means."""
    from backends.change.line import parse_line
    from backends.change.surroundings import Surroundings

    return parse_line(line, Surroundings(api_version=api_version))


def is_change(line: str) -> bool:
    """Whether a line is one of Docker's that change something, right or wrong."""
    from backends.change.line import is_change

    return is_change(line)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a docker line would do, as far as is known before the engine is asked."""

    text: str
    """One sentence."""
    wrong: bool = False
    start: int = -1
    """Where in the line it is wrong."""
    end: int = -1


#: Kinds that must have been listed before what a line does can be told, by its noun.
_ABOUT: Mapping[str, Kind] = MappingProxyType({"service": Kind.SERVICE, "node": Kind.NODE})
_ASKS = ("", " Asks first.", " Shows its plan first.", " Is refused unless its name is typed.")


def meaning(line: str, snapshot: Snapshot) -> Meaning:
    """The plan of a line in one sentence, or what is wrong with it and where."""
    from backends.change.places import place_of
    from backends.change.plan import preview
    from backends.change.requests import Request
    from backends.change.surroundings import Surroundings

    version = snapshot.engine.api_version if snapshot.engine else ""
    request = request_of(line, version)
    if not isinstance(request, Request):
        return Meaning(said(request[0]), True, request[0].start, request[0].end)
    found = preview(request, snapshot, around=Surroundings(api_version=version))
    if found.errors:
        wrong = found.errors[0]
        return Meaning(said(wrong), True, *place_of(line, wrong.flag, wrong.sentence))
    about = _ABOUT.get(found.command.split()[1])
    if not found.lines or (about is not None and about not in snapshot.listed):
        return Meaning("What it does is asked of the engine first.")
    return Meaning(f"{found.sentence}{_ASKS[found.verdict]}")


def said(error: FlagError | Finding) -> str:
    """An error in one sentence, with what would be right."""
    from backends.change.finding import said

    return said(error)


def docker_line(verb: str, words: list[str], targets: tuple[Key, ...], snapshot: Snapshot) -> str:
    """The docker line of ``:scale web=3`` and its like; a name that is missing is that under the cursor. Raises
    ``ValueError`` with a sentence where none can be made."""
    if verb == "rm":
        return _removal(words, targets, snapshot)
    row = next((name_of(snapshot, key) for key in targets if key.kind is Kind.SERVICE), "")
    if verb == "scale":
        if len(words) == 1 and words[0].isdecimal():
            words = [f"{_needed(row, verb)}={words[0]}"]
        elif not words:
            raise ValueError(":scale takes SERVICE=REPLICAS, such as web=5.")
        return shlex.join(["docker", "service", "scale", *words])
    if verb == "image":
        if not words or len(words) > 2:
            raise ValueError(":image takes [SERVICE] IMAGE, such as web nginx:1.28.")
        name = words[0] if len(words) == 2 else _needed(row, verb)
        return shlex.join(["docker", "service", "update", "--image", words[-1], name])
    if len(words) > 1:
        raise ValueError(f":{verb} takes one name.")
    name = words[0] if words else _needed(row, verb)
    tail = ["update", "--force"] if verb == "restart" else ["rollback"]
    return shlex.join(["docker", "service", *tail, name])


def _needed(name: str, verb: str) -> str:
    if not name:
        raise ValueError(f":{verb} needs the name of a service.")
    return name


def _removal(words: list[str], targets: tuple[Key, ...], snapshot: Snapshot) -> str:
    if words:
        keys = []
        for word in words:
            key = find(snapshot, word, REMOVED)
            if isinstance(key, str):
                raise ValueError(key)
            keys.append(key)
    else:
        keys = [key for key in targets if key.kind in REMOVED]
    if not keys:
        raise ValueError(":rm needs the name of a service, network or node.")
    kinds = {key.kind for key in keys}
    if len(kinds) > 1:
        raise ValueError("Things of one kind can be removed at a time.")
    return removal_line(keys, snapshot)


def removal_line(keys: list[Key] | tuple[Key, ...], snapshot: Snapshot) -> str:
    """``docker service rm web``, by name where there is one."""
    return shlex.join(["docker", keys[0].kind.value, "rm", *(_name(snapshot, key) for key in keys)])


def _name(snapshot: Snapshot, key: Key) -> str:
    """The name where it is the only one of its kind, else the ID."""
    name = name_of(snapshot, key)
    return name if isinstance(find(snapshot, name, (key.kind,)), Key) else key.id


def _service(context: ActionContext) -> Service | None:
    found = get(context.snapshot, context.target) if context.target else None
    return found if isinstance(found, Service) else None


def _there(context: ActionContext) -> Verdict:
    """Whether the row is still there, and a manager answers."""
    key = context.target
    if key is not None and get(context.snapshot, key) is None:
        return f"the {key.kind.value} is gone"
    if key is not None and key.kind is not Kind.NETWORK and context.snapshot.manager_problem:
        return context.snapshot.manager_problem.rstrip(".")
    return True


def _scales(context: ActionContext) -> Verdict:
    service = _service(context)
    if service is not None and service.mode not in (Mode.REPLICATED, Mode.REPLICATED_JOB):
        return f"{service.name} is {service.mode.value}: it runs once on each node that its constraints allow"
    return _there(context)


def _lines(verb: str) -> Callable[[ActionContext], None]:
    """By key on the rows under the cursor, by verb with a whole docker line behind it."""

    def run(context: ActionContext) -> None:
        if context.arguments:
            context.ui.change(context.arguments[0], typed=context.arguments[-1])
        elif verb in ("scale", "image", "node") and context.target is not None:
            context.ui.prompt(verb, context.target)
        elif verb == "rm" and context.targets:
            context.ui.change(removal_line(context.targets, context.snapshot))
        elif context.target is not None:
            context.ui.change(docker_line(verb, [_name(context.snapshot, context.target)], (), context.snapshot))

    return run


#: What a typed or pasted docker line that changes something runs: its arguments are (docker line, as typed).
LINE = ActionSpec(
    id="change.line",
    title="change",
    help="Does what a docker line says.",
    changes=True,
    run=_lines("line"),
)


def _plan(context: ActionContext) -> None:
    if context.arguments:
        context.ui.change(context.arguments[0], typed=context.arguments[-1], dry=True)
    else:
        context.ui.edit_command("plan docker ")


def _remove(kind: Kind, help: str) -> ActionSpec:
    return ActionSpec(
        id=f"{kind.value}.remove",
        title="remove",
        help=help,
        keys=("ctrl+d",),
        kinds=frozenset({kind}),
        views=frozenset({f"{kind.value}s"}),
        group="Object",
        verb="rm" if kind is Kind.SERVICE else "",
        arguments="NAME" if kind is Kind.SERVICE else "",
        footer=8,
        danger=Danger.LOSES,
        changes=True,
        when=_there,
        run=_lines("rm"),
    )


CHANGING: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="service.scale",
        title="scale",
        help="Sets how many replicas the service has; says what starts or stops before it does.",
        keys=("s",),
        kinds=_SERVICE,
        views=frozenset({"services"}),
        group="Object",
        verb="scale",
        arguments="SERVICE=REPLICAS",
        footer=2,
        danger=Danger.STOPS,
        changes=True,
        when=_scales,
        run=_lines("scale"),
    ),
    ActionSpec(
        id="service.image",
        title="image",
        help="Sets the image of the service, with the tags that are on this node to choose from.",
        keys=("i",),
        kinds=_SERVICE,
        views=frozenset({"services"}),
        group="Object",
        verb="image",
        arguments="[SERVICE] IMAGE",
        footer=4,
        danger=Danger.STOPS,
        changes=True,
        when=_there,
        run=_lines("image"),
    ),
    ActionSpec(
        id="service.restart",
        title="restart",
        help="Restarts all tasks of the service, at the pace of its update policy.",
        keys=("r",),
        kinds=_SERVICE,
        views=frozenset({"services"}),
        group="Object",
        verb="restart",
        arguments="[SERVICE]",
        footer=4,
        danger=Danger.STOPS,
        changes=True,
        when=_there,
        run=_lines("restart"),
    ),
    ActionSpec(
        id="service.rollback",
        title="roll back",
        help="Puts the service back to its spec before the last change.",
        keys=("ctrl+l",),
        kinds=_SERVICE,
        views=frozenset({"services"}),
        group="Object",
        verb="rollback",
        arguments="[SERVICE]",
        footer=7,
        danger=Danger.STOPS,
        changes=True,
        when=_there,
        run=_lines("rollback"),
    ),
    _remove(Kind.SERVICE, "Removes the service and its tasks, after its plan."),
    ActionSpec(
        id="node.part",
        title="availability, role",
        help="Drains, pauses or activates the node, promotes or demotes it; each says what it does before.",
        keys=("a",),
        kinds=_NODE,
        views=frozenset({"nodes"}),
        group="Object",
        footer=2,
        danger=Danger.LOSES,
        changes=True,
        when=_there,
        run=_lines("node"),
    ),
    ActionSpec(
        id="change.plan",
        title="dry run",
        help="Shows what a docker line would do and what would be sent; sends nothing.",
        group="Program",
        verb="plan",
        arguments="DOCKER LINE",
        run=_plan,
    ),
)

#: Verbs behind which a docker line is made.
VERBS = frozenset({"scale", "image", "restart", "rollback", "rm"})
