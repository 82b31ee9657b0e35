"""The flags of a request with their values, as one frozen value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backends.change.flags import FlagTable


@dataclass(frozen=True, slots=True)
class Options:
    """Flag names with the texts given for them, in the order of the verb's table: two lines that mean the same
    give equal options. A flag that is absent was not given; texts are as they were typed."""

    items: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, table: FlagTable, given: Mapping[str, Iterable[str]]) -> Options:
        """Puts them into the table's order and keeps the last value of flags that take one. Raises ``KeyError``
        for a name that the table has not."""
        found: list[tuple[str, tuple[str, ...]]] = []
        for name in sorted(given, key=table.order):
            values = tuple(given[name])
            if values:
                found.append((name, values if table[name].repeatable else values[-1:]))
        return cls(tuple(found))

    def __contains__(self, name: object) -> bool:
        return any(n == name for n, _ in self.items)

    def __iter__(self) -> Iterator[str]:
        return (n for n, _ in self.items)

    def values(self, name: str) -> tuple[str, ...]:
        """All texts of a flag; empty where it was not given."""
        return next((values for n, values in self.items if n == name), ())

    def text(self, name: str, default: str = "") -> str:
        """The last text of a flag."""
        values = self.values(name)
        return values[-1] if values else default

    def flag(self, name: str) -> bool:
        """Whether a bool flag was given and is true."""
        return self.text(name) in ("true", "1", "t", "T", "TRUE", "True")

    def with_values(self, table: FlagTable, name: str, values: Iterable[str]) -> Options:
        """The same with other values of one flag; none takes it out."""
        return Options.of(table, {**dict(self.items), name: tuple(values)})

    def parsed(self, table: FlagTable) -> dict[str, list[Any]]:
        """Values by flag. Raises ``BadValue`` for one that cannot be read."""
        return {name: [table[name].type.parse(text) for text in texts] for name, texts in self.items}
