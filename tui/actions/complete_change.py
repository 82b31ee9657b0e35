"""Completion of docker lines that change something: their words, flags and values, from the flag tables and from what
the cluster has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backends.change import candidates, completion
from backends.change.flags import Source
from backends.change.verbs import BY_WORDS
from backends.model import Kind
from tui.actions.command import Known

#: ``plan`` and what stands before the docker line behind it; else only blanks and a colon.
_AHEAD = re.compile(r"\s*:?\s*(plan\s+:?)?", re.IGNORECASE)
_NOUNS = frozenset(noun for noun, _ in BY_WORDS)
_WORDS = re.compile(r"(?:[$#]\s+)?(?:sudo\s+(?:-\S+\s+)*)?(?:docker\s+)?")
#: Kinds that are not kept up while another list is shown, by what their names complete.
KINDS = {
    Source.IMAGE: Kind.IMAGE,
    Source.SECRET: Kind.SECRET,
    Source.CONFIG: Kind.CONFIG,
    Source.VOLUME: Kind.VOLUME,
    Source.NETWORK: Kind.NETWORK,
    Source.CONTAINER: Kind.CONTAINER,
}


@dataclass(frozen=True, slots=True)
class ChangeWord:
    """One word that may stand at the cursor."""

    text: str
    what: str
    line: str
    """The whole line once it is taken."""
    cursor: int
    """Where the cursor stands then."""
    makes: str = ""
    """The name of what has to be made first."""


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """What may stand at the cursor of a docker line."""

    title: str = ""
    """What these are: ``Flags``, ``--network``, ``IMAGE``."""
    typed: str = ""
    """What of the word is there already."""
    words: tuple[ChangeWord, ...] = ()
    wanted: Kind | None = None
    """A kind that has to be listed for it."""
    whole: bool = False
    """Whether noun and verb stand there: nothing else may be meant by the line."""
    planned: bool = False
    """Whether ``plan`` stands before it."""


def docker_start(text: str) -> tuple[int, bool]:
    """Where the docker line begins in what is typed, and whether it is only to be planned."""
    found = _AHEAD.match(text)
    assert found is not None
    return found.end(), found[1] is not None


def change_words(text: str, cursor: int, known: Known) -> ChangeWords | None:
    """What may stand at the cursor; ``None`` where the line is none of those that change something."""
    start, planned = docker_start(text)
    line, at = text[start:], cursor - start
    if at < 0:
        return None
    ahead = _WORDS.match(line)
    assert ahead is not None
    behind = line[ahead.end() : at].split(None, 2)
    if line[ahead.end() : at].endswith((" ", "\t")) and len(behind) < 3:
        behind.append("")
    marked = planned or bool(ahead[0].strip())
    if (len(behind) > 1 and behind[0] not in _NOUNS) or (not marked and len(behind) < 2):
        return None
    whole = len(behind) > 2 and (behind[0], behind[1]) in BY_WORDS
    if len(behind) > 2 and not whole:
        return None
    return replace(_found(text, start, line, at, whole, known), planned=planned)


def _found(text: str, start: int, line: str, at: int, whole: bool, known: Known) -> ChangeWords:
    snapshot = known.snapshot
    around = candidates.Known(
        snapshot,
        known.environ,
        api_version=snapshot.engine.api_version if snapshot.engine is not None else "",
        paths=known.paths,
        here=known.here,
    )
    found = completion.complete(line, at, around)
    typed = line[found.start : found.end]
    offered = found.candidates
    if not whole:
        # Nouns and verbs: only what begins so; names have more to them.
        offered = tuple(one for one in offered if one.text.startswith(typed))
    words = tuple(_words(text, start, found, offered))
    missing = KINDS.get(found.source)
    wanted = missing if missing is not None and missing not in snapshot.listed else None
    return ChangeWords(_title(found, offered, whole), typed, words, wanted, whole)


def _words(
    text: str, start: int, found: completion.Completion, offered: tuple[candidates.Candidate, ...]
) -> Iterator[ChangeWord]:
    head, tail = text[: start + found.start], text[start + found.end :]
    for one in offered:
        blank = "" if one.more or tail.startswith(" ") else " "
        cursor = len(head) + len(one.text) + (0 if one.more else 1)
        shown = f"+ create “{one.makes}”" if one.makes else one.text
        yield ChangeWord(shown, one.detail, f"{head}{one.text}{blank}{tail}", cursor, one.makes)


def _title(found: completion.Completion, offered: tuple[candidates.Candidate, ...], whole: bool) -> str:
    if found.flag:
        return f"--{found.flag}"
    if not whole:
        return "docker …"
    if offered and offered[0].text.startswith("-"):
        return "Flags"
    return f"{found.source.value.capitalize()}s" if found.source.value else "Words"
