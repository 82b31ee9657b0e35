"""Shells: ``x`` on a container, task, service or node, and ``:exec`` with the options of ``docker exec``."""

from __future__ import annotations

from dataclasses import dataclass

from backends.api import ExecRequest
from backends.model import Container, Key, Kind, LinkState, Snapshot
from tui.actions.entering import HELD, entrances, unread
from tui.actions.objects import find
from tui.actions.spec import ActionContext, ActionSpec, Ui, Verdict
from tui.actions.views import LIST_IDS
from tui.places import Place

#: A name means the first of these.
_ORDER = (Kind.CONTAINER, Kind.TASK, Kind.SERVICE)


def reaches(ui: Ui) -> bool:
    """Whether other nodes are connected to on demand."""
    return ui.cluster.nodes is not None


def container_for(snapshot: Snapshot, key: Key) -> Container | str:
    """The container that a command runs in, of those that are listed and whose node is connected: of a service the
    best. A sentence part where there is none, which says where it runs instead."""
    found = entrances(snapshot, key, reaching=False)
    if isinstance(found, str):
        return found
    listed = (snapshot.containers.get(one.key.id) for one in found)
    return next((c for c in listed if c is not None), f"the container of {found[0].name} is not listed yet")


def node_shell(snapshot: Snapshot, key: Key, *, reaching: bool, has_own: bool = False) -> str:
    """Why there is no login shell on a machine; empty where there is one. ``has_own``: there is one on the machine
    of the engine we are started on, which is this one or is reached over SSH."""
    node = snapshot.nodes.get(key.id)
    if node is None:
        return "the node is gone"
    if key.id == snapshot.node_id:
        return "" if has_own else f"{node.name} is reached by its engine's address only"
    if not reaching:
        return f"{node.name} is not reached from here"
    link = snapshot.links.get(key.id)
    if link is not None and link.state is LinkState.STALE:
        return f"{node.name} does not answer now: {link.problem.removesuffix('.')}"
    return ""


def _can_enter(context: ActionContext) -> Verdict:
    key = context.target
    if key is None:
        return ""
    if key.kind is Kind.NODE:
        nodes = context.ui.cluster.nodes
        has_own = nodes is not None and (nodes.over_ssh or nodes.local)
        return node_shell(context.snapshot, key, reaching=nodes is not None, has_own=has_own) or True
    found = entrances(context.snapshot, key, reaching=reaches(context.ui))
    return found if isinstance(found, str) and not _may_come(context, key) else True


def _may_come(context: ActionContext, key: Key) -> bool:
    return reaches(context.ui) and context.snapshot.is_manager and unread(context.snapshot, key)


def enter(context: ActionContext, key: Key, request: ExecRequest, *, choose: bool = False) -> None:
    """Runs a request in the container that ``key`` means, or says why there is none. With ``choose`` a person picks
    one where there are several."""
    found = entrances(context.snapshot, key, reaching=reaches(context.ui))
    if choose and _may_come(context, key):
        # Where else it runs is known in a moment: the box shows it then.
        context.ui.choose_replica(key, () if isinstance(found, str) else found)
    elif isinstance(found, str):
        context.ui.say(f"{found}.", bad=True)
    elif choose and len(found) > 1:
        context.ui.choose_replica(key, found)
    else:
        context.ui.run_shell(found[0].key, request)


def _shell(context: ActionContext) -> None:
    key = context.target
    if key is None:
        return
    if key.kind is Kind.NODE:
        context.ui.run_shell(key, ExecRequest())
    else:
        enter(context, key, ExecRequest(), choose=True)


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


@dataclass(frozen=True, slots=True)
class AllLine:
    """``NAME -- COMMAND`` with ``NAME`` a service, or ``nodes``."""

    name: str
    command: str


def parse_all(behind: str) -> AllLine | str:
    """Reads what stands behind ``:all``. Returns a sentence where it cannot be."""
    name, dashes, command = f" {behind} ".partition(" -- ")
    name, command = name.strip().strip("'\""), command.strip()
    if not name and not dashes:
        return "all needs a service and a command: :all SERVICE -- COMMAND, or :all nodes -- COMMAND."
    if not command:
        return f"all needs a command: :all {name or 'SERVICE'} -- COMMAND."
    return AllLine(name, command)


def _all(context: ActionContext) -> None:
    behind = context.arguments[0] if context.arguments else ""
    found = parse_all(behind)
    if isinstance(found, str):
        context.ui.say(found, bad=True)
        return
    if found.name == "nodes":
        context.ui.go(Place("all", argument=found.command))
        return
    key = context.target if not found.name else find(context.snapshot, found.name, (Kind.SERVICE,))
    if isinstance(key, Key):
        context.ui.go(Place("all", (key,), argument=found.command))
    else:
        context.ui.say(key or "all needs the name of a service.", bad=True)


SHELL: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="shell",
        title="shell",
        help="Opens a shell in the container, on whichever node it is; of a service in the replica that you choose.",
        keys=("x",),
        kinds=HELD,
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
        id="shell.node",
        title="shell on node",
        help="Opens a login shell on the machine: on another one over SSH.",
        keys=("s", "x"),
        kinds=frozenset({Kind.NODE}),
        views=LIST_IDS | {"describe", "reach"},
        group="Object",
        verb="ssh",
        arguments="NAME",
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
    ActionSpec(
        id="run.all",
        title="command on all",
        help="Runs one command in all replicas of a service, or on all nodes, and shows the answers side by side.",
        group="Object",
        verb="all",
        arguments="SERVICE|nodes -- COMMAND",
        changes=True,
        run=_all,
    ),
)
