"""The filter language of ``/``: words, ``!``, regular expressions, fields and labels, as one predicate.

Words stand side by side and all must hold; ``!`` in front turns one round; quotes keep blanks together. A word in
small letters ignores case, one with a capital does not. Whatever is typed gives a predicate: what cannot be read
as it was meant is searched for as plain text, and ``error`` says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from backends.model import Kind, Snapshot
from tui.actions.near import nearest
from tui.tables.spec import Column, Moment, TableSpec
from tui.text.span import plain

Test = Callable[[Any, Moment], bool]

#: For help: what may be written, and what it means.
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("web", "has “web”"),
    ("web api", "has both"),
    ("!web", "has not"),
    ("web.*1$", "regular expression"),
    ("state=failing", "a field"),
    ("node!=worker-1", "a field is not"),
    ("label=tier=web", "a label"),
)

_REGEX = re.compile(r"[\\^$*+?()\[\]{}|]|\.[*+?]")
#: A row's cells stand one below the other: ``^`` and ``$`` are ends of a cell, ``.*`` goes from cell to cell.
_FLAGS = re.MULTILINE | re.DOTALL
_FIELD = re.compile(r"([A-Za-z][\w-]*)(!?=)(.*)", re.DOTALL)
#: Columns whose text changes by itself: words do not look through them, so that texts can be kept.
_TIMED = frozenset({"age", "since", "updated", "created", "cpu", "memory"})
#: The rows' haystacks that are kept at most; a bigger table than this does not exist here.
_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What a text means for one kind of list."""

    predicate: Test
    """Whether a row stays."""
    error: str = ""
    """One sentence where a part could not be read as it was meant; empty else."""
    words: tuple[str, ...] = ()
    """Plain words that are looked for, for marking hits."""
    plain: bool = False
    """Whether it is made of plain words alone."""

    def within(self, other: Filter | None) -> Test | None:
        """The predicate of ``other``, where no row passes this one that does not pass that: one more letter typed
        only takes rows away. ``None`` where that is not sure."""
        if other is None or not (self.plain and other.plain):
            return None
        found = all(
            any(old in new or (old == old.lower() and old in new.lower()) for new in self.words) for old in other.words
        )
        return other.predicate if found else None

    def __bool__(self) -> bool:
        return self.predicate is not _all


def _all(_row: Any, _moment: Moment) -> bool:
    return True


def compile_filter(text: str, spec: TableSpec[Any], *, typing: bool = False) -> Filter:
    """The predicate of a filter text for a list. Never raises: see the module's text.

    While ``typing``, the last word is not finished: a field's value is then the beginning of what it will be.
    """
    error = ""
    tests: list[Test] = []
    words: list[str] = []
    only_words = True
    look = _haystack(spec)
    terms = _split(text)
    if not terms:
        _HAYSTACKS.pop(spec.id, None)
    for at, term in enumerate(terms):
        negative = term.startswith("!") and len(term) > 1
        body = term[1:] if negative else term
        field = _FIELD.fullmatch(body)
        test: Test
        if field is not None and not _REGEX.search(field[1]):
            open_end = typing and at == len(terms) - 1 and not text[-1].isspace()
            found, problem = _field(field[1], field[2], field[3], spec, look, open_end)
            test, error = found, error or problem
            only_words = False
        else:
            matcher, problem = _matcher(body)
            error = error or problem
            test = look.test(matcher)
            only_words = only_words and not negative and not _REGEX.search(body)
            if not negative:
                words.append(body)
        tests.append(_not(test) if negative else test)
    if not tests:
        return Filter(_all, error)
    if len(tests) == 1:
        return Filter(tests[0], error, tuple(words), only_words)
    together = tuple(tests)
    return Filter(lambda row, moment: all(test(row, moment) for test in together), error, tuple(words), only_words)


def fields(spec: TableSpec[Any]) -> tuple[str, ...]:
    """Names that may stand before ``=`` in a list: its declared fields, ``label`` where rows have labels, and its
    columns."""
    names = list(spec.filters)
    if spec.kind in _LABELLED and "label" not in names:
        names.append("label")
    names += [column.id for column in spec.columns if column.id not in names]
    return tuple(names)


def values_here(text: str, spec: TableSpec[Any], rows: Iterable[Any], moment: Moment) -> str:
    """``States here: running 12, failed 3.``: what the first field of a filter could have been, for a list in which
    nothing matches; empty where the filter names no field of the list, or rows have nothing in it."""
    for term in _split(text):
        field = _FIELD.fullmatch(term)
        read = _reader(field[1].lower(), spec) if field is not None else None
        if field is None or read is None or field[2] == "!=" or field[1].lower() == "label":
            continue
        counts = Counter(value for row in rows if (value := read(row, moment).strip()))
        most = [f"{value} {count:,}" for value, count in counts.most_common(_VALUES)]
        more = len(counts) - len(most)
        if not most:
            return ""
        return f"{_plural(field[1].capitalize())} here: {', '.join(most)}{f' and {more:,} more' if more else ''}."
    return ""


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith("s") else f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


#: Values of a field that an empty list names.
_VALUES = 8
_LABELLED = frozenset(
    {Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME, Kind.IMAGE, Kind.CONFIG, Kind.SECRET}
)


def _split(text: str) -> list[str]:
    """Words with quotes taken off; a quote that is never closed is a letter like any other."""
    terms: list[str] = []
    current = ""
    started = False
    at = 0
    while at < len(text):
        letter = text[at]
        if letter in "\"'" and (closing := text.find(letter, at + 1)) > 0:
            current += text[at + 1 : closing]
            started = True
            at = closing
        elif letter.isspace():
            if current or started:
                terms.append(current)
            current, started = "", False
        else:
            current += letter
        at += 1
    if current or started:
        terms.append(current)
    return [term for term in terms if term]


def _matcher(word: str) -> tuple[Callable[[str, str], bool], str]:
    """Looks for a word in (text as it is, text in small letters)."""
    error = ""
    exact = word != word.lower()
    if _REGEX.search(word):
        try:
            pattern = re.compile(word, _FLAGS if exact else _FLAGS | re.IGNORECASE)
        except (re.error, OverflowError, RecursionError) as problem:
            error = f"{word} is no regular expression ({problem}); it is looked for as it stands."
        else:
            return (lambda whole, _small: pattern.search(whole) is not None), ""
    if exact:
        return (lambda whole, _small: word in whole), error
    return (lambda _whole, small: word in small), error


def _whole(value: str, open_end: bool) -> tuple[Callable[[str, str], bool], str]:
    """Looks for a field's value: a regular expression anywhere, else whole words of the text (``worker-1`` is not
    in ``worker-10``), of which the last may go on while it is being typed."""
    if not value or _REGEX.search(value):
        return _matcher(value)
    end = "" if open_end else r"(?![\w-])"
    flags = re.IGNORECASE if value == value.lower() else 0
    pattern = re.compile(rf"(?<![\w-]){re.escape(value)}{end}", flags)
    return (lambda whole, _small: pattern.search(whole) is not None), ""


def _not(test: Test) -> Test:
    return lambda row, moment: not test(row, moment)


def _field(name: str, sign: str, value: str, spec: TableSpec[Any], look: _Haystack, open_end: bool) -> tuple[Test, str]:
    wanted = name.lower()
    turned = sign == "!="
    if open_end and not value:
        return _all, ""
    if wanted == "label" and "label" not in spec.filters and spec.kind in _LABELLED:
        test = _label(value, open_end)
        return (_not(test) if turned else test), ""
    read = _reader(wanted, spec)
    if read is None:
        known = fields(spec)
        which = f"fields are {', '.join(known)}" if known else "it has none"
        matcher, _ = _matcher(f"{name}{sign}{value}")
        error = f"{spec.title} has no field {name}; {which}.{nearest(wanted, known)}"
        return look.test(matcher), error
    matcher, error = _whole(value, open_end)
    if wanted == "label":
        test = _joined_label(read, value, open_end)
    elif not value:
        test = lambda row, moment: not read(row, moment).strip()  # noqa: E731
    else:
        test = lambda row, moment: matcher(text := read(row, moment), text.lower())  # noqa: E731
    return (_not(test) if turned else test), error


def _reader(name: str, spec: TableSpec[Any]) -> Callable[[Any, Moment], str] | None:
    for known, reader in spec.filters.items():
        if known.lower() == name:
            return reader
    for column in spec.columns:
        if name in (column.id.lower(), column.title.lower()):
            return partial(_text, column)
    return None


def _text(column: Column[Any], row: Any, moment: Moment) -> str:
    content = column.cell(row, moment)
    return content if isinstance(content, str) else plain(content)


def _label(value: str, open_end: bool) -> Test:
    """``key`` has it, ``key=value`` has it with that value (whole, as Docker compares)."""
    key, equals, wanted = value.partition("=")

    def test(row: Any, _moment: Moment) -> bool:
        labels: Mapping[str, str] = getattr(row, "labels", None) or {}
        if equals:
            found = labels.get(key)
            return found is not None and (found.startswith(wanted) if open_end else found == wanted)
        return any(name.startswith(key) for name in labels) if open_end else key in labels

    return test


def _joined_label(read: Callable[[Any, Moment], str], value: str, open_end: bool) -> Test:
    """The same over a declared field, whose text is ``a=b c=d`` (values may have blanks themselves)."""
    wanted = f" {value}" if open_end else f" {value} " if "=" in value else f" {value}="
    return lambda row, moment: wanted in f" {read(row, moment)} "


class _Haystack:
    """Texts that bare words look through, made when a row is first looked at.

    Rows of the model are values: one that changed is another object. Its text is kept by identity, with the row
    held so that its identity is not given to another; only texts that do not depend on time are.
    """

    def __init__(self, spec: TableSpec[Any]) -> None:
        self._spec = spec
        self._texts: dict[int, tuple[Any, str, str]] = {}
        self._maps: tuple[object, ...] = ()
        self._moment: Moment | None = None

    def of(self, row: Any, moment: Moment) -> tuple[str, str]:
        """The text as it is, and in small letters."""
        if moment is not self._moment:
            self._moment = moment
            self._forget(moment.snapshot)
        known = self._texts.get(id(row))
        if known is not None and known[0] is row:
            return known[1], known[2]
        whole = self._read(row, moment)
        if len(self._texts) >= _KEPT:
            self._texts.clear()
        small = whole.lower()
        self._texts[id(row)] = (row, whole, small)
        return whole, small

    def _forget(self, snapshot: Snapshot) -> None:
        """A text may be made of other objects than the row: it holds as long as none of their kinds changed."""
        depends = self._spec.depends
        maps = (snapshot.links, *(getattr(snapshot, f"{kind.value}s", None) for kind in depends)) if depends else ()
        if len(maps) != len(self._maps) or any(new is not old for new, old in zip(maps, self._maps, strict=True)):
            self._texts.clear()
        self._maps = maps

    def reads(self, spec: TableSpec[Any]) -> bool:
        """Whether it is that list's."""
        return self._spec is spec

    def test(self, matcher: Callable[[str, str], bool]) -> Test:
        """A predicate that looks for one word."""
        of = self.of
        return lambda row, moment: matcher(*of(row, moment))

    def _read(self, row: Any, moment: Moment) -> str:
        if self._spec.haystack is not None:
            return self._spec.haystack(row, moment)
        return "\n".join(_text(column, row, moment) for column in self._spec.columns if column.id not in _TIMED)


#: By list: each letter typed makes another filter, and none should read all rows again.
_HAYSTACKS: dict[str, _Haystack] = {}
#: Lists whose texts are kept at once.
_LISTS = 2


def _haystack(spec: TableSpec[Any]) -> _Haystack:
    found = _HAYSTACKS.pop(spec.id, None)
    if found is None or not found.reads(spec):
        found = _Haystack(spec)
    _HAYSTACKS[spec.id] = found
    while len(_HAYSTACKS) > _LISTS:
        del _HAYSTACKS[next(iter(_HAYSTACKS))]
    return found
