"""The ``:`` line: short verbs, names and Docker's own lines become an action with what it is done to."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backends.model import Key, Kind, Snapshot
from tui.actions import docker_lines
from tui.actions.arrange import sort_columns
from tui.actions.copying import COPIES
from tui.actions.entering import entrances
from tui.actions.keymap import Keymap, verdict
from tui.actions.near import nearest
from tui.actions.objects import find, name_of, names, spoken
from tui.actions.shell import parse_all, parse_exec, reaches
from tui.actions.spec import ActionContext, ActionSpec, Ui
from tui.actions.views import VIEWS, title
from tui.places import Place
from tui.tables.spec import TableSpec

#: Kinds in the order in which a bare name is looked for.
NAMED: tuple[Kind, ...] = (
    Kind.SERVICE,
    Kind.TASK,
    Kind.CONTAINER,
    Kind.NODE,
    Kind.NETWORK,
    Kind.STACK,
    Kind.CONFIG,
    Kind.SECRET,
    Kind.VOLUME,
    Kind.IMAGE,
)
SINCE = re.compile(r"\d+(s|m|h|d)|all")


@dataclass(frozen=True, slots=True)
class Known:
    """What the command line is read against."""

    keymap: Keymap
    ui: Ui
    snapshot: Snapshot
    place: Place
    targets: tuple[Key, ...] = ()
    """The marked rows, else the one under the cursor."""
    tables: Mapping[str, TableSpec[Any]] = field(default_factory=dict)
    contexts: Sequence[str] = ()
    themes: Sequence[str] = ("auto", "dark", "light", "ansi")
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables of this program: their names complete ``--env``."""
    paths: Callable[[str], Sequence[tuple[str, str]]] = lambda typed: ()
    """Paths of this machine that begin so, each with what it is."""
    here: bool = False
    """Whether the engine is on this machine."""

    def context(self, targets: tuple[Key, ...], arguments: Sequence[str] = ()) -> ActionContext:
        """What an action is run on here. An object that was named instead of being under the cursor was not
        drilled into from here: its path begins anew."""
        there = self.place if all(key in self.targets for key in targets) else Place(self.place.view)
        return ActionContext(self.ui, self.snapshot, there, targets, arguments)


@dataclass(frozen=True, slots=True)
class Command:
    """A line understood. Run it with ``command.action.run(command.context)``."""

    action: ActionSpec
    context: ActionContext
    what: str
    """One sentence: what ``enter`` would do; shown above the line before it."""


def parse(text: str, known: Known) -> Command | str:
    """The command that a line means, or the sentence that says why it means none. Looks, and runs nothing."""
    line = text.strip().removeprefix(":").strip()
    if not line:
        return "Type a view, a verb or a docker line."
    from tui.actions.change_lines import change_line

    change = change_line(line, known)
    if change is not None:
        return change
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
        if docker_lines.stripped(words) is not None or words[0] in ("exec",):
            return "A quote is not closed."
    if not words:
        return "Type a view, a verb or a docker line."
    rest = docker_lines.stripped(words)
    if rest is None and docker_lines.is_docker_line(words):
        rest = tuple(words)
    if rest is not None:
        meaning = docker_lines.read(rest)
        return meaning if isinstance(meaning, str) else _docker(meaning, known)
    verb = words[0].lower()
    actions = verbs(known.keymap).get(verb)
    if actions is None:
        return _name_alone(line, words, known)
    # What is behind a view is a filter, whose quotes are its own.
    behind = line.split(None, 1)[1].strip() if len(line.split(None, 1)) > 1 else ""
    return _own(verb, actions, words[1:], behind, known)


def explain(text: str, known: Known) -> tuple[str, bool]:
    """(sentence, whether ``enter`` would run it) for the row above the line."""
    found = parse(text, known)
    return (found, False) if isinstance(found, str) else (found.what, True)


def verbs(keymap: Keymap) -> dict[str, list[ActionSpec]]:
    """Every word at ``:`` with the actions it may mean (one for each kind of row)."""
    table: dict[str, list[ActionSpec]] = {}
    for action in keymap.actions:
        for word in (action.verb, *action.aliases):
            if word:
                table.setdefault(word, []).append(action)
    return table


def takes_name(action: ActionSpec) -> bool:
    """Whether a name may stand behind its verb."""
    return bool(action.kinds) and "NAME" in action.arguments


def kinds_of(actions: Sequence[ActionSpec]) -> tuple[Kind, ...]:
    """Kinds that a verb's actions act on, in the order they are looked for."""
    taken = frozenset(kind for action in actions for kind in action.kinds)
    return tuple(kind for kind in NAMED if kind in taken)


def _docker(meaning: docker_lines.Meaning, known: Known) -> Command | str:
    actions = verbs(known.keymap)[meaning.verb]
    if not meaning.names:
        words = meaning.words or ((meaning.rest,) if meaning.rest else ())
        return _own(meaning.verb, actions, list(words), meaning.rest, known)
    key = find(known.snapshot, meaning.names[0], meaning.kinds)
    return key if isinstance(key, str) else _on(actions, (key,), known)


def _name_alone(line: str, words: list[str], known: Known) -> Command | str:
    if len(words) == 1:
        key = find(known.snapshot, words[0], NAMED)
        if isinstance(key, Key):
            return _on(verbs(known.keymap)["open"], (key,), known)
    candidates = [*verbs(known.keymap), *(name for name, _ in names(known.snapshot, NAMED))]
    near = nearest(words[0], candidates) or " :help lists the verbs, tab what may stand here."
    return f"There is no verb or name {words[0]}.{near}"


def _own(verb: str, actions: list[ActionSpec], words: list[str], behind: str, known: Known) -> Command | str:
    action = actions[0]
    if action.id == "view.nodes" and behind.startswith("-- "):
        action, behind = next(one for one in known.keymap.actions if one.id == "run.all"), f"nodes {behind}"
    if action.id == "run.all":
        return _all(action, behind, known)
    if action.id.startswith("view."):
        context = known.context((), (behind,) if behind else ())
        return Command(action, context, _list_sentence(action, behind))
    if action.id == "shell.exec":
        return _exec(action, words, known)
    if takes_name(action):
        return _named(verb, actions, words, known)
    if action.views and known.place.view not in action.views:
        places = ", ".join(title(view) for view in VIEWS if view in action.views)
        return f":{verb} works in {places}, not in {title(known.place.view)}."
    problem = _argument_problem(action, verb, words, known)
    if problem:
        return problem
    context = known.context(known.targets if action.kinds else (), tuple(words))
    refused = verdict(action, context)
    if refused is not True:
        return f"{as_sentence(refused)}"
    return Command(action, context, _plain_sentence(action, words))


def _named(verb: str, actions: list[ActionSpec], words: list[str], known: Known) -> Command | str:
    kinds = kinds_of(actions)
    if len(words) > 1:
        return f":{verb} takes one name."
    if words:
        key = find(known.snapshot, words[0], kinds)
        return key if isinstance(key, str) else _on(actions, (key,), known)
    targets = tuple(key for key in known.targets if key.kind in kinds)[:1]
    if not targets:
        return f":{verb} needs the name of a {spoken(kinds)}: :{verb} NAME."
    return _on(actions, targets, known)


def _on(actions: Sequence[ActionSpec], targets: tuple[Key, ...], known: Known) -> Command | str:
    """The action among those of one verb that fits the object; only a name typed decides, not the view."""
    key = targets[0]
    action = next((action for action in actions if key.kind in action.kinds), None)
    name = name_of(known.snapshot, key)
    if action is None:
        kinds = spoken(kinds_of(actions))
        return f"{name} is a {key.kind.value}; :{actions[0].verb} is for a {kinds}."
    context = known.context(targets)
    applies = verdict(action, context)
    if applies is not True:
        return as_sentence(applies)
    return Command(action, context, f"{as_sentence(action.help)[:-1]}: {key.kind.value} {name}.")


def _exec(action: ActionSpec, words: list[str], known: Known) -> Command | str:
    line = parse_exec(words)
    if isinstance(line, str):
        return line
    order = (Kind.CONTAINER, Kind.TASK, Kind.SERVICE)
    key = find(known.snapshot, line.name, order) if line.name else next(iter(known.targets), None)
    if key is None:
        return "exec needs a name: :exec NAME -- COMMAND."
    if isinstance(key, str):
        return key
    found = entrances(known.snapshot, key, reaching=reaches(known.ui))
    if isinstance(found, str):
        return as_sentence(found)
    context = known.context((key,), tuple(words))
    applies = verdict(action, context)
    if applies is not True:
        return as_sentence(applies)
    ran = shlex.join(line.request.command) if line.request.command else "a shell"
    user = f" as {line.request.user}" if line.request.user else ""
    name = name_of(known.snapshot, found[0].key)
    return Command(action, context, f"Runs {ran} in container {name}{user}, with the whole terminal.")


def _all(action: ActionSpec, behind: str, known: Known) -> Command | str:
    line = parse_all(behind)
    if isinstance(line, str):
        return line
    context = known.context((), (behind,))
    applies = verdict(action, context)
    if applies is not True:
        return as_sentence(applies)
    if line.name == "nodes":
        if not reaches(known.ui):
            return "Other nodes are not reached from here."
        return Command(action, context, f"Runs {line.command} on all {len(known.snapshot.nodes)} nodes, over SSH.")
    key = find(known.snapshot, line.name, (Kind.SERVICE,))
    if isinstance(key, str):
        return key
    found = entrances(known.snapshot, key, reaching=reaches(known.ui))
    if isinstance(found, str):
        return as_sentence(found)
    where = f"{len(found)} replicas" if len(found) > 1 else "1 replica"
    return Command(action, context, f"Runs {line.command} in {where} of {line.name}.")


def _argument_problem(action: ActionSpec, verb: str, words: list[str], known: Known) -> str:
    """A sentence where what stands behind a verb is not what it takes; empty where it is."""
    if words and not action.arguments:
        return f":{verb} takes nothing behind it."
    if len(words) > 1:
        return f":{verb} takes one word: {action.arguments}."
    choice = choices(action, known)
    if choice is None:
        if action.id == "logs.since" and words and not SINCE.fullmatch(words[0]):
            return f"{words[0]} is no time span; write one like 90s, 5m, 2h, 1d or all."
        return ""
    if not words:
        required = not action.arguments.startswith("[")
        return f":{verb} takes one of {', '.join(choice)}." if required else ""
    if words[0] not in choice:
        if not choice:
            return f"There is nothing that :{verb} could take here."
        return f":{verb} takes one of {', '.join(choice)}, not {words[0]}.{nearest(words[0], choice)}"
    return ""


def choices(action: ActionSpec, known: Known) -> Sequence[str] | None:
    """The words of which one may stand behind a verb; ``None`` where anything may."""
    match action.id:
        case "theme":
            return known.themes
        case "context":
            return known.contexts
        case "sort.by":
            table = known.tables.get(known.place.view)
            return sort_columns(table) if table else ()
        case "copy":
            return COPIES
    return None


def _list_sentence(action: ActionSpec, behind: str) -> str:
    return f"{action.help[:-1]}, filtered by {behind}." if behind else action.help


def _plain_sentence(action: ActionSpec, words: Sequence[str]) -> str:
    if action.id == "context" and words:
        return f"Connects to the docker context {words[0]}."
    return f"{action.help[:-1]}: {' '.join(words)}." if words else action.help


#: Words of ours that a sentence part may begin with; anything else may be a name, and names keep their case.
_OURS = frozenset({"a", "it", "no", "not", "the", "this"})


def as_sentence(text: str | bool) -> str:
    """A sentence part as a sentence."""
    said = str(text)
    if said.partition(" ")[0] in _OURS:
        said = said[0].upper() + said[1:]
    return said if said.endswith(".") else f"{said}."
