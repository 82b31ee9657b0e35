"""Lines at ``:`` that change something: Docker's own, our short verbs for them, and their dry run."""

from __future__ import annotations

import re
import shlex

from backends.model import Kind
from tui.actions import changing
from tui.actions.command import Command, Known, as_sentence
from tui.actions.keymap import verdict
from tui.actions.spec import ActionSpec

#: What a line begins with that may be one of Docker's: the rest of them is not even looked at.
_DOCKER = re.compile(r"(?:[$#]\s+)?(?:sudo\b|docker\b|(?:service|network|node|swarm|secret|config)\s+[a-z])")


def change_line(line: str, known: Known) -> Command | str | None:
    """A line that changes something, or that plans it; ``None`` where it is none."""
    verb, _, rest = line.partition(" ")
    verb, rest = verb.lower(), rest.strip()
    action, typed = changing.LINE, line
    if verb == "plan":
        if not rest:
            return ":plan takes a docker line, such as plan docker service scale web=5."
        action, line = _by_id(known, "change.plan"), rest.removeprefix(":")
        verb, _, rest = line.partition(" ")
    if verb in changing.VERBS:
        if not rest and verb in ("scale", "image") and any(key.kind is Kind.SERVICE for key in known.targets):
            return None  # its prompt asks
        try:
            line = changing.docker_line(verb, shlex.split(rest), known.targets, known.snapshot)
        except ValueError as problem:
            text = str(problem)
            return "A quote is not closed." if text.startswith("No closing") else text
    elif not _DOCKER.match(line) or not changing.is_change(line):
        return None if action is changing.LINE else "That is no docker line that changes something."
    context = known.context((), (line, typed))
    refused = verdict(action, context)
    if refused is not True:
        return as_sentence(refused)
    meaning = changing.meaning(line, known.snapshot)
    if meaning.wrong:
        return meaning.text
    return Command(action, context, meaning.text if action is changing.LINE else f"Only shows: {meaning.text}")


def wrong_place(text: str, known: Known) -> tuple[int, int]:
    """Where a docker line that changes something is wrong, as offsets in ``text``; (-1, -1) where it cannot be
    said."""
    line = text.strip().removeprefix(":").strip()
    verb, _, rest = line.partition(" ")
    line = rest.strip() if verb == "plan" else line
    if not _DOCKER.match(line) or not changing.is_change(line):
        return -1, -1
    found = changing.meaning(line, known.snapshot)
    offset = text.find(line)
    return (found.start + offset, found.end + offset) if found.wrong and found.start >= 0 else (-1, -1)


def _by_id(known: Known, id: str) -> ActionSpec:
    return next(action for action in known.keymap.actions if action.id == id)
