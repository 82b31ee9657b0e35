"""A typed or pasted line taken apart into words as a shell does, each with its place in the text.

Nothing is expanded: what a shell would replace (``$NAME``, ``$(…)``), redirect or run as a second command is an
error that says so, since the line would mean something else here than there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from backends.change.flag_error import FlagError

#: ``$ ``, ``# ``, ``root@mgr:~# ``, ``[user@host dir]$ `` before a command, as pasted from a terminal.
_PROMPT = re.compile(r"\s*(?:[\w.@:~/\[\]()+-]+(?: [\w~/.+-]+\])?\s?)?[$#%❯]\s+(?=(?:sudo|docker)\b)")
_CONTINUED = re.compile(r"\\[ \t]*\r?\n(?:>[ \t]+)?")
_OPERATORS = "|&;<>()"
_PLAIN = re.compile(r"[^\s'\"\\|&;<>()$`#]+")
_QUOTED_PLAIN = re.compile(r"[^\"\\$`]+")
_REPLACED = re.compile(r"\$(?:\w+|\{[^}]*\}?|\([^)]*\)?|')|`[^`]*`?")


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its quotes; ``start`` and ``end`` are offsets in the typed text, quotes included."""

    text: str
    start: int
    end: int
    raw: str = ""
    """As it was typed."""

    def tail(self, value: str) -> Word:
        """The value that it ends in, as a word of its own; all of it where quotes stand between."""
        for quotes in (0, 1):
            end = len(self.raw) - quotes
            if value and self.raw[:end].endswith(value):
                return Word(value, self.start + end - len(value), self.start + end, value)
        return Word(value, self.start, self.end, self.raw)

    def within(self, part: str) -> tuple[int, int]:
        """Where a part of it stands; all of it where that is not clear."""
        if part and part != self.text and self.raw.count(part) == 1:
            at = self.start + self.raw.index(part)
            return at, at + len(part)
        return self.start, self.end


def line_words(text: str) -> tuple[Word, ...] | FlagError:
    """The words of one command line: quotes, ``\\`` at line ends, prompts and comments understood."""
    for match in re.finditer(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        sentence = f"A control character (0x{ord(match[0]):02x}) cannot stand in a command line."
        return FlagError(sentence, start=match.start(), end=match.end(), instead="remove it")
    prompt = _PROMPT.match(text)
    return _Splitter(text, prompt.end() if prompt else 0).split()


def given_words(words: Sequence[str]) -> tuple[tuple[Word, ...], str]:
    """Words that a shell has taken apart already, placed in the line that would mean them, and that line."""
    found: list[Word] = []
    offset = 0
    for word in words:
        quoted = shlex.quote(word)
        found.append(Word(word, offset, offset + len(quoted), quoted))
        offset += len(quoted) + 1
    return tuple(found), shlex.join(words)


class _Splitter:
    """One pass over a line."""

    def __init__(self, text: str, begin: int) -> None:
        self._text, self._at = text, begin
        self._words: list[Word] = []
        self._parts: list[str] | None = None
        self._start = 0

    def split(self) -> tuple[Word, ...] | FlagError:
        text = self._text
        while self._at < len(text):
            c = text[self._at]
            error: FlagError | None = None
            if c in " \t\r":
                self._finish()
                self._at += 1
            elif c == "\n":
                self._finish()
                rest = text[self._at :].lstrip()
                if self._words and rest and not rest.startswith("#"):
                    return FlagError(
                        "One command at a time: a second line begins here.",
                        start=len(text) - len(rest),
                        end=len(text),
                        instead="end the line before it with a backslash, or paste it by itself",
                    )
                self._at += 1
            elif c == "#" and self._parts is None:
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            elif c == "\\":
                error = self._backslash()
            elif c in "'\"":
                error = self._quoted(c)
            elif c in _OPERATORS:
                return self._operator(c)
            else:
                error = self._replaced()
                if error is None:
                    run = _PLAIN.match(text, self._at)
                    part = run[0] if run else c
                    self._add(part)
                    self._at += len(part)
            if error is not None:
                return error
        self._finish()
        return tuple(self._words)

    def _add(self, part: str) -> None:
        if self._parts is None:
            self._parts, self._start = [], self._at
        self._parts.append(part)

    def _finish(self) -> None:
        if self._parts is not None:
            raw = self._text[self._start : self._at]
            self._words.append(Word("".join(self._parts), self._start, self._at, raw))
            self._parts = None

    def _backslash(self) -> FlagError | None:
        continued = _CONTINUED.match(self._text, self._at)
        if continued:
            self._finish()
            self._at = continued.end()
            return None
        if self._at + 1 >= len(self._text):
            # A line that ends in a backslash goes on in a shell; here it is whole.
            self._finish()
            self._at += 1
            return None
        self._add(self._text[self._at + 1])
        self._at += 2
        return None

    def _quoted(self, quote: str) -> FlagError | None:
        text, begin = self._text, self._at
        self._add("")
        at = begin + 1
        parts: list[str] = []
        if quote == "'":
            end = text.find(quote, at)
            end = len(text) if end < 0 else end
            parts, at = [text[at:end]], end
        while quote == '"' and at < len(text) and text[at] != quote:
            run = _QUOTED_PLAIN.match(text, at)
            if run:
                parts.append(run[0])
                at = run.end()
                continue
            if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in '$`"\\\n':
                parts.append("" if text[at + 1] == "\n" else text[at + 1])
                at += 2
                continue
            self._at = at
            error = self._replaced()
            if error is not None:
                return error
            parts.append(text[at])
            at += 1
        if at >= len(text):
            return FlagError("A quote is not closed.", start=begin, end=len(text), instead=f"close it with {quote}")
        self._add("".join(parts))
        self._at = at + 1
        return None

    def _replaced(self) -> FlagError | None:
        """The error for what a shell would replace here."""
        match = _REPLACED.match(self._text, self._at)
        if match is None:
            return None
        return FlagError(
            f"A shell would replace {match[0]} before docker saw it; it is not replaced here.",
            start=self._at,
            end=match.end(),
            instead="write its value, or put it in single quotes to mean it as it stands",
        )

    def _operator(self, c: str) -> FlagError:
        run = re.compile(r"[|&;<>()]+").match(self._text, self._at)
        found = run[0] if run else c
        return FlagError(
            f"{found} is the shell's own, and there is no shell here.",
            start=self._at,
            end=self._at + len(found),
            instead="put it in quotes if it belongs to a value, or leave out what comes behind it",
        )


def command_words(text: str) -> list[str]:
    """Words of a value that is a command itself (``--entrypoint``, ``--args``), as google/shlex takes them apart:
    a backslash in double quotes takes any character, ``#`` at the begin of a word starts a comment. Raises
    ``ValueError`` with its words."""
    words: list[str] = []
    parts: list[str] | None = None
    at = 0
    while at < len(text):
        c = text[at]
        at += 1
        if c in " \t\r\n":
            if parts is not None:
                words.append("".join(parts))
                parts = None
            continue
        if c == "#" and parts is None:
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        parts = parts if parts is not None else []
        if c == "\\":
            if at >= len(text):
                raise ValueError("EOF found after escape character")
            parts.append(text[at])
            at += 1
        elif c in "'\"":
            while at < len(text) and text[at] != c:
                if c == '"' and text[at] == "\\":
                    at += 1
                    if at >= len(text):
                        raise ValueError("EOF found after escape character")
                parts.append(text[at])
                at += 1
            if at >= len(text):
                raise ValueError("EOF found when expecting closing quote")
            at += 1
        else:
            parts.append(c)
    if parts is not None:
        words.append("".join(parts))
    return words
