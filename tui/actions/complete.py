"""Completion of the ``:`` line: verbs, then what may stand behind them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.model import Kind
from tui.actions import docker_lines
from tui.actions.command import NAMED, Known, choices, kinds_of, takes_name, verbs
from tui.actions.entering import HELD
from tui.actions.filter import fields
from tui.actions.keys import display
from tui.actions.objects import name_of, names
from tui.actions.spec import ActionSpec

if TYPE_CHECKING:
    from tui.actions.complete_change import ChangeWords

#: A bare name is offered from this many letters on: before, the verbs are what is meant.
_NAME_FROM = 2
#: Names looked at for one completion; who types one more letter sees the rest.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Completion:
    """One line that may be meant."""

    text: str
    """As the list shows it: ``:logs webapp1``."""
    what: str
    """What it is, in a few words."""
    insert: str
    """The whole line (without its colon) once it is taken, with a blank at its end where more belongs there."""
    key: str = ""
    """The key that does the same, or empty."""
    cursor: int = -1
    """Where the cursor stands once it is taken, -1 at its end."""
    typed: str = ""
    """Of one word inside a line: what of it is there already."""
    title: str = "Commands"
    """What it is one of."""
    makes: str = ""
    """The name of what is not there yet: its form opens first."""

    @property
    def is_word(self) -> bool:
        """Whether it is one word inside a docker line that changes something, not a whole line."""
        return self.cursor >= 0


def complete(text: str, cursor: int, known: Known) -> tuple[Completion, ...]:
    """All lines that what stands before the cursor may become, best first. What stands behind it is dropped."""
    found = changing(text, cursor, known)
    if found is not None and (found.whole or found.planned):
        return tuple(_words(found))
    changes = tuple(_words(found)) if found is not None else ()
    looks = _lines(text, cursor, known)
    # A word that is there is completed to what begins with it; behind a noun alone our own view comes first.
    both = (*looks, *changes) if found is None or not found.typed else (*changes, *looks)
    once = {one.insert.strip().removeprefix(":"): one for one in reversed(both)}
    return tuple(one for one in both if once[one.insert.strip().removeprefix(":")] is one)


#: What a line begins with that may be one of Docker's that change something: what reads those is not read else.
_DOCKER = re.compile(r"\s*:?\s*(?:plan\s|[$#]\s|sudo\b|docker\b|(?:service|network|node|swarm|secret|config)\s)", re.I)


def changing(text: str, cursor: int, known: Known) -> ChangeWords | None:
    """What may stand at the cursor of a docker line that changes something; ``None`` where it is none."""
    if not _DOCKER.match(text):
        return None
    from tui.actions.complete_change import change_words

    return change_words(text, cursor, known)


def _words(found: ChangeWords) -> Iterator[Completion]:
    for one in found.words:
        yield Completion(
            one.text, one.what, one.line, cursor=one.cursor, typed=found.typed, title=found.title, makes=one.makes
        )


def _lines(text: str, cursor: int, known: Known) -> tuple[Completion, ...]:
    line = text[:cursor].removeprefix(":").lstrip()
    first, blank, _ = line.partition(" ")
    if not blank:
        return tuple(_first(first.lower(), first, known))
    words = line.split()
    rest = docker_lines.stripped(words)
    if rest is None and first not in verbs(known.keymap) and any(first == d.words[0] for d in docker_lines.LINES):
        rest = tuple(words)
    if rest is not None or docker_lines.is_docker_line(words):
        return tuple(_docker(line, words, known))
    actions = verbs(known.keymap).get(first.lower())
    return tuple(_behind(actions, first, line[len(first) :].lstrip(), known)) if actions else ()


def _first(prefix: str, typed: str, known: Known) -> Iterator[Completion]:
    seen: set[str] = set()
    starts: list[tuple[str, ActionSpec]] = []
    aliased: list[tuple[str, ActionSpec]] = []
    for action in known.keymap.actions:
        if not action.verb or action.verb in seen:
            continue
        seen.add(action.verb)
        if action.verb.startswith(prefix):
            starts.append((action.verb, action))
        else:
            aliased += [(alias, action) for alias in action.aliases if alias.startswith(prefix)][:1]
    for word, action in (*sorted(starts, key=lambda item: item[0]), *sorted(aliased, key=lambda item: item[0])):
        yield _verb(word, action, known)
    if "docker".startswith(prefix) and prefix:
        yield Completion(":docker …", "a docker line that looks", "docker ")
    if len(typed) >= _NAME_FROM:
        for name, what in _names(typed, NAMED, known):
            yield Completion(f":{name}", f"{what}; goes to it", name)


def _verb(word: str, action: ActionSpec, known: Known) -> Completion:
    others = [other for other in (action.verb, *action.aliases) if other != word and len(other) > 1]
    also = f"; also :{others[0]}" if others else ""
    wants = bool(action.arguments)
    shown = f":{word} {action.arguments}" if wants and not action.arguments.startswith("[") else f":{word}"
    key = display(action.keys[0]) if action.keys else ""
    what = action.help.removesuffix(".")
    if takes_name(action):
        # With a row under the cursor the whole line can be offered at once.
        kinds = kinds_of(verbs(known.keymap)[action.verb])
        row = next((key for key in known.targets if key.kind in kinds), None)
        if row is not None:
            name = name_of(known.snapshot, row)
            return Completion(f":{word} {name}", what, f"{word} {_quoted(name)}", key)
    return Completion(shown, f"{what}{also}", f"{word} " if wants else word, key)


def _behind(actions: list[ActionSpec], verb: str, typed: str, known: Known) -> Iterator[Completion]:
    action = actions[0]
    if action.id.startswith("view."):
        yield from _filters(action.id.removeprefix("view."), verb, typed, known)
        return
    some = choices(action, known)
    if some is not None:
        for word in some:
            if word.startswith(typed):
                yield Completion(f":{verb} {word}", action.title, f"{verb} {_quoted(word)}")
        return
    if action.id == "logs.since":
        for span in ("1m", "5m", "15m", "1h", "1d", "all"):
            if span.startswith(typed):
                yield Completion(f":{verb} {span}", action.title, f"{verb} {span}")
        return
    if action.id == "run.all":
        if " " not in typed.strip():
            for name, what in (
                *_names(typed.strip(), (Kind.SERVICE,), known),
                *(("nodes", "all nodes"),) * ("nodes".startswith(typed.strip())),
            ):
                yield Completion(f":{verb} {name} --", what, f"{verb} {_quoted(name)} -- ")
        return
    if action.id == "shell.exec":
        yield from _exec(verb, typed, known)
    elif takes_name(action) and " " not in typed.strip():
        for name, what in _names(typed.strip(), kinds_of(actions), known):
            yield Completion(f":{verb} {name}", what, f"{verb} {_quoted(name)}")


_EXEC_OPTIONS = (
    ("-u ", "as another user"),
    ("-w ", "in another folder"),
    ("-e ", "with an environment variable, NAME=VALUE"),
    ("-- ", "the command, instead of a shell"),
)


def _exec(verb: str, typed: str, known: Known) -> Iterator[Completion]:
    head, _, last = typed.rpartition(" ")
    if " -- " in f" {typed} " or head.endswith((" -u", " -w", " -e")):
        return
    if not head.strip():
        for name, what in _names(last, tuple(kind for kind in NAMED if kind in HELD), known):
            yield Completion(f":{verb} {name}", what, f"{verb} {_quoted(name)} ")
        return
    for option, what in _EXEC_OPTIONS:
        if option.startswith(last):
            line = f"{verb} {head} {option}"
            yield Completion(f":{line.rstrip()}", what, line)


def _filters(view: str, verb: str, typed: str, known: Known) -> Iterator[Completion]:
    """Names of the rows and fields of a list, as the last word of its filter."""
    table = known.tables.get(view)
    if table is None:
        return
    head, _, last = typed.rpartition(" ")
    before = f"{verb} {head} " if head else f"{verb} "
    if table.kind is not None and not last.startswith("!") and "=" not in last:
        for name, what in _names(last, (table.kind,), known):
            yield Completion(f":{before}{name}", what, f"{before}{_quoted(name)}")
    for field in fields(table):
        if field.startswith(last) and last != field:
            yield Completion(f":{before}{field}=", "by a field", f"{before}{field}=")


def _docker(line: str, words: list[str], known: Known) -> Iterator[Completion]:
    rest = docker_lines.stripped(words)
    typed = list(words if rest is None else rest)
    lead = words[: len(words) - len(typed)]
    open_word = "" if line.endswith(" ") else (typed.pop() if typed else "")
    seen: set[str] = set()
    for pattern in docker_lines.LINES:
        depth = len(typed)
        if "list" in pattern.words:
            continue
        if depth < len(pattern.words) and list(pattern.words[:depth]) == typed:
            word = pattern.words[depth]
            if not word.startswith(open_word) or word in seen:
                continue
            seen.add(word)
            whole = " ".join([*lead, *pattern.words[: depth + 1]])
            last = depth + 1 == len(pattern.words)
            more = not last or bool(pattern.kinds) or pattern.raw
            what = _meaning(pattern.verb, known) if last else f"docker {word} …"
            yield Completion(f":{whole}", what, f"{whole} " if more else whole)
        elif tuple(typed[: len(pattern.words)]) == pattern.words and not open_word.startswith("-"):
            named = [word for word in typed[len(pattern.words) :] if not word.startswith("-")]
            kinds = tuple(kind for kind in NAMED if kind in HELD) if pattern.verb == "exec" else pattern.kinds
            if named or not kinds:
                continue
            before = " ".join([*lead, *typed])
            for name, what in _names(open_word, kinds, known):
                yield Completion(f":{before} {name}", what, f"{before} {_quoted(name)}")


def _meaning(verb: str, known: Known) -> str:
    found = verbs(known.keymap).get(verb)
    return f"here :{verb}, {found[0].title}" if found else ""


def _names(prefix: str, kinds: Iterable[Kind], known: Known) -> list[tuple[str, str]]:
    """(name, what it is) of objects by the start of their name, then by any part of it."""
    wanted = prefix.strip("\"'").lower()
    starts: list[tuple[str, str]] = []
    inner: list[tuple[str, str]] = []
    seen: set[tuple[str, str]] = set()
    wanted_kinds = frozenset(kinds)
    order = [kind for kind in NAMED if kind in wanted_kinds]
    for name, key in names(known.snapshot, order):
        found = (name, key.kind.value)
        at = name.lower().find(wanted)
        if at < 0 or found in seen:
            continue
        seen.add(found)
        (starts if at == 0 else inner).append(found)
    return [*sorted(starts), *sorted(inner)][:_MOST]


def _quoted(name: str) -> str:
    return shlex.quote(name)
