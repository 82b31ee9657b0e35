"""From a line to a request and back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from backends.change.flag_error import FlagError, Refused
from backends.change.options import Options
from backends.change.pflags import Parsed, read_flags
from backends.change.requests import Request
from backends.change.surroundings import Surroundings, newer
from backends.change.verbs import BY_WORDS, Verb, verb_of
from backends.change.words import Word, given_words, line_words

#: Options of ``sudo`` that take a value.
_SUDO_VALUED = frozenset({"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-r", "-t"})
_BUT = "but the Docker daemon API version is"
_NOUNS = frozenset(noun for noun, _ in BY_WORDS)


def parse_line(text: str, around: Surroundings | None = None) -> Request | tuple[FlagError, ...]:
    """The request that a typed or pasted line means, or what is wrong with it. Nothing is asked or read."""
    words = line_words(text)
    if isinstance(words, FlagError):
        return (words,)
    return _parse(words, around)


def parse_words(words: Sequence[str], around: Surroundings | None = None) -> Request | tuple[FlagError, ...]:
    """The same for words that a shell has taken apart; places are those in ``shlex.join(words)``."""
    return _parse(given_words(words)[0], around)


def is_change(text: str) -> bool:
    """Whether a line is one of the commands of this package, right or wrong."""
    words = line_words(text)
    if isinstance(words, FlagError):
        words = tuple(Word(word, -1, -1) for word in text.split())
    rest = docker_words(words)
    return not isinstance(rest, FlagError) and tuple(word.text for word in rest[:2]) in BY_WORDS


def render(request: Request) -> str:
    """The docker line of a request; ``parse_line`` makes the same request of it."""
    return shlex.join(rendered_words(request))


def rendered_words(request: Request) -> tuple[str, ...]:
    """The words of ``render``."""
    verb = verb_of(request)
    words = ["docker", *verb.words]
    for name, values in request.options.items:
        flag = verb.table[name]
        for value in values:
            if flag.is_bool:
                words.append(f"--{name}" if value == "true" else f"--{name}={value}")
            else:
                words += [f"--{name}", value]
    arguments = request.arguments
    behind = arguments[:1] if not verb.interspersed else arguments
    if any(len(argument) > 1 and argument.startswith("-") for argument in behind):
        words.append("--")
    return (*words, *arguments)


def _parse(words: tuple[Word, ...], around: Surroundings | None) -> Request | tuple[FlagError, ...]:
    rest = docker_words(words)
    if isinstance(rest, FlagError):
        return (rest,)
    verb = _verb(rest)
    if isinstance(verb, FlagError):
        return (verb,)
    parsed = read_flags(rest[2:], verb.table, interspersed=verb.interspersed)
    if isinstance(parsed, FlagError):
        return (parsed,)
    arguments = tuple(word.text for word in parsed.arguments)
    error = verb.count_error(len(arguments))
    if error is not None:
        extra = parsed.arguments[verb.most or 0 :] if arguments and verb.most is not None else []
        return (error.at(extra[0].start, extra[-1].end) if extra else error,)
    errors = version_errors(verb, parsed, around)
    if errors:
        return errors
    try:
        return verb.make(arguments, Options.of(verb.table, parsed.given))
    except Refused as refused:
        at = parsed.arguments[-1] if parsed.arguments else None
        return tuple(e.at(at.start, at.end) if at is not None else e for e in refused.errors)


def version_errors(verb: Verb, parsed: Parsed, around: Surroundings | None) -> tuple[FlagError, ...]:
    """What the engine's API version does not have, in the CLI's words."""
    version = around.api_version if around is not None else ""
    if newer(verb.since, version):
        sentence = (
            f"docker {verb.name} requires API version {verb.since}, but the Docker daemon API version is {version}"
        )
        return (FlagError(sentence),)
    found = []
    for name in sorted(parsed.given):
        flag = verb.table[name]
        if newer(flag.since, version):
            place = parsed.places[name][-1]
            sentence = f'"--{name}" requires API version {flag.since}, {_BUT} {version}'
            found.append(FlagError(sentence, name, place.start, place.end, "leave it out, or use a newer engine"))
    return tuple(found)


def docker_words(words: tuple[Word, ...]) -> tuple[Word, ...] | FlagError:
    """The words behind ``sudo`` and ``docker``, which may both be missing."""
    rest = list(words)
    if rest and rest[0].text.startswith(":") and len(rest[0].text) > 1:
        rest[0] = replace(rest[0], text=rest[0].text[1:], start=rest[0].start + 1)
    if rest and rest[0].text == "sudo":
        rest.pop(0)
        while rest and rest[0].text.startswith("-"):
            option = rest.pop(0)
            if option.text in _SUDO_VALUED and rest:
                rest.pop(0)
    if rest and re.fullmatch(r"[A-Za-z_]\w*=.*", rest[0].text, re.DOTALL):
        name = rest[0].text.partition("=")[0]
        return FlagError(
            f"{name} is not set for a command here.",
            "",
            rest[0].start,
            rest[0].end,
            "choose the engine with :ctx, and leave it out",
        )
    if rest and rest[0].text == "docker":
        rest.pop(0)
        if rest and rest[0].text.startswith("-"):
            return FlagError(
                f"The engine is chosen with :ctx, not with {rest[0].text.partition('=')[0]}.",
                "",
                rest[0].start,
                rest[0].end,
                "leave it out",
            )
    return tuple(rest)


def _verb(words: Sequence[Word]) -> Verb | FlagError:
    if not words:
        return FlagError("A command is needed.", instead="docker service create …, network create …, swarm init …")
    noun, name = words[0], words[1].text if len(words) > 1 else ""
    verb = BY_WORDS.get((noun.text, name))
    if verb is not None:
        return verb
    if noun.text not in _NOUNS:
        near = get_close_matches(noun.text, _NOUNS, n=1)
        sentence = f"docker: unknown command: docker {noun.text}"
        return FlagError(sentence, "", noun.start, noun.end, f"did you mean docker {near[0]}?" if near else "")
    verbs = sorted({v for n, v in BY_WORDS if n == noun.text and v != "remove"})
    one_of = f"one of {', '.join(verbs)}"
    if not name or name.startswith("-"):
        return FlagError(f"docker {noun.text} needs a verb.", "", noun.start, noun.end, one_of)
    near = get_close_matches(name, verbs, n=1)
    instead = f"did you mean {near[0]}?" if near else one_of
    return FlagError(f"docker: unknown command: docker {noun.text} {name}", "", words[1].start, words[1].end, instead)
