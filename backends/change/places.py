"""Where in a line an error belongs that was found when the line had long been read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backends.change.flag_error import FlagError
from backends.change.line import docker_words
from backends.change.pflags import Parsed, read_flags
from backends.change.verbs import BY_WORDS, Verb
from backends.change.words import Word, given_words, line_words


def place_in_line(errors: Iterable[FlagError], text: str) -> tuple[FlagError, ...]:
    """The errors, each with the place of its flag or argument in a typed line; those that have one keep it."""
    words = line_words(text)
    return tuple(errors) if isinstance(words, FlagError) else _placed(errors, words)


def place_in_words(errors: Iterable[FlagError], words: Sequence[str]) -> tuple[FlagError, ...]:
    """The same for words that a shell has taken apart; places are those in ``shlex.join(words)``."""
    return _placed(errors, given_words(words)[0])


def place_of(text: str, flag: str, sentence: str = "") -> tuple[int, int]:
    """Where in a line a flag, or an argument by its name in capitals, stands; of several that which a sentence is
    about. (-1, -1) where it does not."""
    (error,) = place_in_line((FlagError(sentence, flag),), text)
    return error.start, error.end


def _placed(errors: Iterable[FlagError], words: tuple[Word, ...]) -> tuple[FlagError, ...]:
    rest = docker_words(words)
    verb = BY_WORDS.get((rest[0].text, rest[1].text)) if not isinstance(rest, FlagError) and len(rest) > 1 else None
    if verb is None or isinstance(rest, FlagError):
        return tuple(errors)
    parsed = read_flags(rest[2:], verb.table, interspersed=verb.interspersed)
    if isinstance(parsed, FlagError):
        return tuple(errors)
    return tuple(_at(error, verb, parsed) for error in errors)


def _at(error: FlagError, verb: Verb, parsed: Parsed) -> FlagError:
    found = _flag(error.flag, parsed) or _arguments(error.flag, verb, parsed)
    if not found:
        return error
    # Of several the one that the sentence is about.
    word = next((word for word in found if word.text and _says(error.sentence, word.text)), found[-1])
    return error.at(word.start, word.end)


def _says(sentence: str, text: str) -> bool:
    return re.search(rf"(?<![\w.=-]){re.escape(text)}(?![\w.=-])", sentence) is not None


def _flag(name: str, parsed: Parsed) -> Sequence[Word]:
    """``service update`` writes with ``-add`` what a spec has under one name."""
    return parsed.places.get(name) or parsed.places.get(f"{name}-add") or ()


def _arguments(name: str, verb: Verb, parsed: Parsed) -> Sequence[Word]:
    found = [word for i, word in enumerate(parsed.arguments) if verb.argument(i) == name]
    return found if name else ()
