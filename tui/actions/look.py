"""Looking closer: describe, YAML and JSON, logs, copy; and the keys of those pages."""

from __future__ import annotations

from backends.model import Key, Kind, Snapshot, Task
from backends.state.relations import relations
from tui.actions.calls import Calls
from tui.actions.copying import COPIES, copy_text
from tui.actions.objects import name_of
from tui.actions.opening import GoTo, scope_with
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import LIST_IDS, PAGE_IDS, TEXT_IDS
from tui.places import Place

#: What can be inspected whole.
INSPECTED = frozenset(Kind) - {Kind.STACK, Kind.SWARM, Kind.ENGINE}
#: What has a log.
LOGGED = frozenset({Kind.CONTAINER, Kind.TASK, Kind.SERVICE})


def _json(context: ActionContext) -> None:
    if context.target is not None:
        context.ui.go(Place("yaml", scope_with(context.place, context.target), argument="json"))


def previous_task(snapshot: Snapshot, key: Key) -> Task | str:
    """The task whose log tells why: of a task the one that was in its slot before, of a service the one that
    ended last. A sentence where none is known."""
    known = relations(snapshot)
    name = name_of(snapshot, key)
    if key.kind is Kind.TASK:
        task = snapshot.tasks.get(key.id)
        if task is None:
            return f"{name} is gone"
        same = [
            other
            for other in known.tasks_of(task.service_id)
            if (other.slot, other.slot or other.node_id) == (task.slot, task.slot or task.node_id)
            and (other.created or 0.0) < (task.created or 0.0)
        ]
    else:
        same = [task for task in known.tasks_of(key.id) if task.is_over]
        if not same and Kind.TASK not in snapshot.listed and key.id not in snapshot.tasks_of:
            return f"the tasks of {name} are not listed yet; enter shows them"
    ran = [task for task in same if task.container_id]
    if ran:
        return max(ran, key=lambda task: (task.since or 0.0, task.created or 0.0))
    return f"no task before {name} ran" if key.kind is Kind.TASK else f"no task of {name} has ended"


def _has_previous(context: ActionContext) -> Verdict:
    found = previous_task(context.snapshot, context.target) if context.target else ""
    return found if isinstance(found, str) else True


def _previous(context: ActionContext) -> None:
    found = previous_task(context.snapshot, context.target) if context.target else ""
    if isinstance(found, Task):
        context.ui.go(Place("logs", scope_with(context.place, found.key)))
    else:
        context.ui.say(found, bad=True)


def _copy(context: ActionContext) -> None:
    wanted = context.arguments[0] if context.arguments else "name"
    if wanted not in COPIES:
        context.ui.say(f":copy takes one of {', '.join(COPIES)}.", bad=True)
        return
    texts = [copy_text(key, context.snapshot, wanted) for key in context.targets]
    several = f"{len(texts)} lines" if len(texts) > 1 else texts[0] if texts else ""
    context.ui.copy("\n".join(texts), several)


LOOK: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="logs",
        title="logs",
        help="Follows the log; of a service that of all its tasks.",
        keys=("l",),
        kinds=LOGGED,
        views=LIST_IDS | {"describe", "yaml", "why"},
        group="Object",
        verb="logs",
        aliases=("log",),
        arguments="[NAME]",
        footer=3,
        run=GoTo("logs"),
    ),
    ActionSpec(
        id="logs.previous",
        title="past logs",
        help="Shows the log of the task that ran before: why it ended.",
        keys=("p",),
        kinds=frozenset({Kind.TASK, Kind.SERVICE}),
        views=LIST_IDS | {"describe", "yaml", "logs"},
        group="Object",
        verb="previous",
        arguments="[NAME]",
        footer=7,
        when=_has_previous,
        run=_previous,
    ),
    ActionSpec(
        id="describe",
        title="describe",
        help="Describes it in words on a page of its own.",
        keys=("d",),
        kinds=INSPECTED | {Kind.STACK},
        views=LIST_IDS | {"yaml", "logs", "why"},
        group="Object",
        verb="describe",
        aliases=("inspect",),
        arguments="[NAME]",
        footer=9,
        run=GoTo("describe"),
    ),
    ActionSpec(
        id="yaml",
        title="yaml",
        help="Shows all its fields as YAML, with search.",
        keys=("y",),
        kinds=INSPECTED,
        views=LIST_IDS | {"describe", "logs"},
        group="Object",
        verb="yaml",
        arguments="[NAME]",
        footer=10,
        run=GoTo("yaml"),
    ),
    ActionSpec(
        id="json",
        title="json",
        help="Shows all its fields as JSON, as the engine sends them.",
        keys=("J",),
        kinds=INSPECTED,
        views=LIST_IDS | {"describe", "logs"},
        group="Object",
        verb="json",
        arguments="[NAME]",
        run=_json,
    ),
    ActionSpec(
        id="copy",
        title="copy",
        help="Copies the name; :copy id and :copy command copy the ID or the docker line. Works over SSH.",
        keys=("c",),
        kinds=INSPECTED | {Kind.STACK},
        views=LIST_IDS,
        panes=frozenset({"list", "events"}),
        group="Object",
        verb="copy",
        arguments="[name|id|command]",
        footer=11,
        run=_copy,
    ),
    ActionSpec(
        id="copy.command",
        title="copy command",
        help="Copies the equal docker line of the detail. Works over SSH.",
        keys=("c",),
        views=LIST_IDS,
        panes=frozenset({"detail"}),
        group="Object",
        footer=11,
        run=Calls("copy-command"),
    ),
)


def _page(id: str, title: str, help: str, keys: tuple[str, ...], call: str, *views: str, footer: int = 0) -> ActionSpec:
    return ActionSpec(
        id=id,
        title=title,
        help=help,
        keys=keys,
        views=frozenset(views),
        group="Page",
        footer=footer,
        run=Calls(call),
    )


PAGE_KEYS: tuple[ActionSpec, ...] = (
    _page(
        "logs.follow",
        "follow, stop",
        "Stops following; again goes to the end and follows.",
        ("s",),
        "logs-follow",
        "logs",
        footer=1,
    ),
    _page("logs.wrap", "wrap", "Wraps long lines, or cuts them.", ("w",), "logs-wrap", "logs", footer=2),
    _page("logs.time", "time", "Time stamps on or off.", ("t",), "logs-time", "logs", footer=3),
    ActionSpec(
        id="logs.since",
        title="since",
        help="Shows from an earlier moment: the last lines, 1, 5, 15 or 60 minutes, all.",
        keys=("T",),
        views=frozenset({"logs"}),
        group="Page",
        verb="since",
        arguments="[5m|2h|1d|all]",
        footer=4,
        run=Calls("logs-since"),
    ),
    _page(
        "logs.matching",
        "only hits",
        "Shows only lines that match the search, or all.",
        ("F",),
        "logs-matching",
        "logs",
        footer=5,
    ),
    _page(
        "logs.source",
        "replicas",
        "Of a service: all replicas, then each alone.",
        ("o",),
        "logs-source",
        "logs",
        footer=5,
    ),
    _page("logs.mark", "mark", "Puts a mark behind the newest line.", ("m",), "logs-mark", "logs"),
    _page("logs.clear", "clear", "Forgets the lines so far; new ones go on.", ("C",), "logs-clear", "logs"),
    _page("all.again", "run again", "Runs the command again everywhere.", ("r",), "all-again", "all", footer=1),
    _page("all.edit", "edit command", "Puts the command into the command line.", ("e",), "all-edit", "all", footer=2),
    _page(
        "all.differing",
        "only differences",
        "Shows only lines that differ, or all.",
        ("F",),
        "all-differing",
        "all",
        footer=3,
    ),
    _page("yaml.json", "as json", "Shows the same as JSON, and back.", ("J",), "toggle-json", "yaml", footer=2),
    _page(
        "page.next",
        "next hit",
        "Goes to the next hit of the search.",
        ("n",),
        "next-match",
        *sorted(TEXT_IDS),
        footer=12,
    ),
    _page("page.previous", "hit before", "Goes to the hit before.", ("N",), "previous-match", *sorted(TEXT_IDS)),
    _page(
        "page.copy",
        "copy",
        "Copies the line under the cursor, or what is selected. Works over SSH.",
        ("c",),
        "copy-page",
        *sorted(PAGE_IDS - {"help", "contexts", "form", "unlock", "join", "reach", "tokens"}),
        footer=11,
    ),
    _page(
        "page.open",
        "open",
        "Goes to what the row names: the context, or the networks of the driver.",
        ("enter",),
        "activate",
        "contexts",
        "drivers",
        footer=1,
    ),
)
