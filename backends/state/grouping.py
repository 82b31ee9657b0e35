"""Groups of one snapshot map's objects, kept up by looking only at the objects that changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import compress
from operator import is_not
from typing import Any, Generic, TypeVar

V = TypeVar("V")
R = TypeVar("R")


class Grouping(Generic[V]):
    """Objects of a map by one or more names that each gives itself (its service, its node, …).

    A snapshot's maps are replaced, never changed, and keep the identity of what did not change; so moving from
    one map to the next costs one pass of identity tests and work only for the objects that differ. Any map may
    follow any other: the answer depends on the map given, never on those before.
    """

    def __init__(
        self,
        names: Callable[[V], Iterable[str]],
        order: Callable[[V], Any],
        same: Callable[[V, V], bool] = lambda old, new: False,
    ) -> None:
        """``names`` gives the groups of an object; ``order`` is the sort key within a group; ``same`` tells
        cheaply that two versions of an object are surely in the same groups."""
        self._names = names
        self._order = order
        self._same = same
        self._names_of: dict[str, tuple[str, ...]] = {}
        self._source: Mapping[str, V] = {}
        self._ids: dict[str, dict[str, None]] = {}
        self._resolved: dict[str, tuple[V, ...]] = {}

    def of(self, source: Mapping[str, V], name: str) -> tuple[V, ...]:
        """The members of one group, sorted; the same tuple again while none of them changed."""
        self._advance(source)
        known = self._resolved.get(name)
        if known is None:
            ids = self._ids.get(name, {})
            known = self._resolved[name] = tuple(sorted((source[i] for i in ids), key=self._order))
        return known

    def count(self, source: Mapping[str, V], name: str) -> int:
        """How many members a group has; cheaper than asking for them."""
        self._advance(source)
        return len(self._ids.get(name, ()))

    def names(self, source: Mapping[str, V]) -> tuple[str, ...]:
        """All groups that have members."""
        self._advance(source)
        return tuple(self._ids)

    def _advance(self, source: Mapping[str, V]) -> None:
        old = self._source
        if source is old:
            return
        before = old.get
        changed = _differing(old, source)
        added = sum(1 for key, _ in changed if key not in old)
        gone = old.keys() - source.keys() if len(old) + added != len(source) else ()
        if len(changed) * 2 > len(source):
            self._ids.clear()
            self._resolved.clear()
            self._names_of.clear()
            for key, value in source.items():
                self._join(key, value)
        else:
            for key in gone:
                self._leave(key)
            for key, value in changed:
                was = before(key)
                if was is None:
                    self._join(key, value)
                elif self._same(was, value):
                    for name in self._names_of[key]:
                        self._resolved.pop(name, None)
                else:
                    self._leave(key)
                    self._join(key, value)
        self._source = source

    def _join(self, key: str, value: V) -> None:
        names = self._names_of[key] = tuple(map(sys.intern, self._names(value)))
        for name in names:
            self._ids.setdefault(name, {})[key] = None
            self._resolved.pop(name, None)

    def _leave(self, key: str) -> None:
        for name in self._names_of.pop(key):
            self._resolved.pop(name, None)
            members = self._ids[name]
            members.pop(key, None)
            if not members:
                del self._ids[name]


def _differing(old: Mapping[str, V], new: Mapping[str, V]) -> list[tuple[str, V]]:
    """Entries of ``new`` that are not the very same in ``old``."""
    if len(old) == len(new):
        # A map that was copied and changed keeps its order: then one pass in C finds what differs.
        keys = list(compress(new, map(is_not, new.values(), old.values())))
        if len(keys) * 4 < len(new):
            before = old.get
            return [(key, new[key]) for key in keys if before(key) is not new[key]]
    before = old.get
    return [(key, value) for key, value in new.items() if before(key) is not value]


class Memo(Generic[R]):
    """Remembers one result for as long as all its inputs are the very same objects, and ``tick`` is equal."""

    def __init__(self) -> None:
        self._inputs: tuple[object, ...] | None = None
        self._value: R | None = None
        self._tick = 0

    def get(self, inputs: tuple[object, ...], build: Callable[[], R], tick: int = 0) -> R:
        """The remembered value, or the one that ``build`` makes of these inputs."""
        known = self._inputs
        same = known is not None and tick == self._tick and len(known) == len(inputs)
        if not same or known is None or any(a is not b for a, b in zip(known, inputs, strict=True)):
            self._value = build()
            self._inputs = inputs
            self._tick = tick
        return self._value  # type: ignore[return-value]
