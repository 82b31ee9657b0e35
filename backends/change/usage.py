"""What ``--help`` says of a command, made from its flag table."""

from __future__ import annotations

from collections.abc import Sequence

from backends.change.flag_error import FlagError
from backends.change.flags import Flag
from backends.change.line import docker_words
from backends.change.surroundings import newer
from backends.change.verbs import BY_WORDS, Verb
from backends.change.words import given_words

#: What every engine in use has (20.10).
_COMMON = "1.41"


def asked_for(words: Sequence[str]) -> Verb | None:
    """The command that a line asks the help of: ``--help`` stands where a flag may."""
    rest = docker_words(given_words(words)[0])
    if isinstance(rest, FlagError) or len(rest) < 3:
        return None
    verb = BY_WORDS.get((rest[0].text, rest[1].text))
    if verb is None:
        return None
    for word in rest[2:]:
        if word.text == "--help":
            return verb
        if word.text == "--" or (not verb.interspersed and not word.text.startswith("-")):
            return None
    return None


def usage_lines(verb: Verb) -> tuple[str, ...]:
    """Usage, and a line for each flag with its type, help, default, and the API version that it needs."""
    flags = sorted(verb.table.values(), key=lambda flag: flag.name)
    spelled = [_spelled(flag) for flag in flags]
    width = max(map(len, spelled), default=0)
    listed = [f"  {left:<{width}}  {_help(flag)}" for left, flag in zip(spelled, flags, strict=True)]
    return (f"Usage: {verb.usage}", *(("", "Options:", *listed) if listed else ()))


def _spelled(flag: Flag) -> str:
    letter = f"-{flag.short}, " if flag.short else "    "
    return f"{letter}--{flag.name}" + ("" if flag.is_bool else f" {flag.type.name}")


def _help(flag: Flag) -> str:
    facts = [f"one of {', '.join(flag.choices)}"] if flag.choices else []
    facts += [f"default {flag.default}"] if flag.default else []
    since = flag.real_since or flag.since
    facts += [f"API {since}"] if newer(since, _COMMON) else []
    return f"{flag.help} ({'; '.join(facts)})" if facts else flag.help
