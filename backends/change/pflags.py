"""Flags and arguments told apart as spf13/pflag does, with its words for what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from backends.change.flag_error import BadValue, FlagError, Refused
from backends.change.flags import Flag, FlagTable
from backends.change.numbers import plainly, quoted
from backends.change.words import Word

#: A value that is longer is not said in full.
_LONGEST, _KEPT = 120, 80


@dataclass(slots=True)
class Parsed:
    """What was found."""

    given: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, list[Word]] = field(default_factory=dict)
    """Where the values of each flag stand, in the order typed."""
    arguments: list[Word] = field(default_factory=list)


def read_flags(words: Sequence[Word], table: FlagTable, *, interspersed: bool = True) -> Parsed | FlagError:
    """Flags with their values, checked one by one in the order typed, and what is left as arguments. Where flags
    are not ``interspersed``, the first argument ends them."""
    reader = _Reader(words, table, interspersed)
    try:
        return reader.read()
    except Refused as refused:
        return refused.errors[0]


class _Reader:
    def __init__(self, words: Sequence[Word], table: FlagTable, interspersed: bool) -> None:
        self._words, self._table, self._interspersed = list(words), table, interspersed
        self._found = Parsed()

    def read(self) -> Parsed:
        while self._words:
            word = self._words.pop(0)
            if len(word.text) < 2 or not word.text.startswith("-"):
                self._found.arguments.append(word)
                if self._interspersed:
                    continue
                break
            if word.text == "--":
                break
            if word.text.startswith("--"):
                self._long(word)
            else:
                self._short(word)
        self._found.arguments += self._words
        return self._found

    def _long(self, word: Word) -> None:
        name, given, value = word.text[2:].partition("=")
        if not name or name.startswith("-"):
            raise _refused(f"bad flag syntax: {word.text}", "", word)
        flag = self._table.get(name)
        if flag is None:
            if name == "help":
                raise _refused("--help shows nothing here: the form and the completion do.", "help", word)
            raise _refused(f"unknown flag: --{name}", name, word, self._near(name))
        if given:
            self._set(flag, value, word.tail(value))
        elif flag.is_bool:
            self._set(flag, "true", word)
        elif self._words:
            following = self._words.pop(0)
            self._set(flag, following.text, following)
        else:
            raise _refused(f"flag needs an argument: {word.text}", name, word, flag.type.hint)

    def _short(self, word: Word) -> None:
        letters = word.text[1:]
        while letters:
            letter = letters[0]
            flag = self._table.short(letter)
            if flag is None:
                sentence = f"unknown shorthand flag: {_rune(letter)} in -{letters}"
                raise _refused(sentence, letter, word, self._short_hint(word.text))
            if len(letters) > 2 and letters[1] == "=":
                self._set(flag, letters[2:], word.tail(letters[2:]))
                return
            if flag.is_bool:
                self._set(flag, "true", word)
                letters = letters[1:]
            elif len(letters) > 1:
                self._set(flag, letters[1:], word.tail(letters[1:]))
                return
            elif self._words:
                following = self._words.pop(0)
                self._set(flag, following.text, following)
                return
            else:
                raise _refused(
                    f"flag needs an argument: {_rune(letter)} in -{letters}", flag.name, word, flag.type.hint
                )

    def _set(self, flag: Flag, value: str, place: Word) -> None:
        try:
            flag.type.parse(value)
        except BadValue as reason:
            raise Refused(_invalid(flag, value, reason).at(*place.within(reason.part))) from None
        texts = self._found.given.setdefault(flag.name, [])
        if not flag.repeatable:
            texts.clear()
            self._found.places.pop(flag.name, None)
        texts.append(("true" if flag.type.parse(value) else "false") if flag.is_bool else value)
        self._found.places.setdefault(flag.name, []).append(place)

    def _near(self, name: str) -> str:
        near = get_close_matches(name, self._table, n=1, cutoff=0.6)
        if near:
            return f"did you mean --{near[0]}?"
        listed = [f"--{n}" for n in self._table if n.startswith(f"{name}-")]
        return f"did you mean {' or '.join(listed)}?" if listed else ""

    def _short_hint(self, text: str) -> str:
        return f"did you mean -{text}?" if text[1:] in self._table else ""


def value_error(flag: Flag, value: str) -> FlagError | None:
    """What is wrong with a value of a flag, in the CLI's words; ``None`` where it can be read."""
    try:
        flag.type.parse(value)
    except BadValue as reason:
        return _invalid(flag, value, reason)
    return None


def _invalid(flag: Flag, value: str, reason: BadValue) -> FlagError:
    told = str(reason)
    if len(value) > _LONGEST:
        # Who typed it knows the rest.
        value, told = f"{value[:_KEPT]}…", told.replace(value, f"{value[:_KEPT]}…")
    told = told if len(told) <= 2 * _LONGEST else f"{told[: 2 * _LONGEST]}…"
    sentence = f'invalid argument {quoted(value)} for "{flag.spelled}" flag: {plainly(told)}'
    return FlagError(sentence, flag.name, instead=flag.type.hint)


def _rune(letter: str) -> str:
    return f"'{letter}'"


def _refused(sentence: str, flag: str, word: Word, instead: str = "") -> Refused:
    return Refused(FlagError(sentence, flag, word.start, word.end, instead))
