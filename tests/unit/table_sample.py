"""A small list for tests of tables: rows by key in a dict that a test changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from backends.model import Changes, Key, Kind, Snapshot
from tui.look.symbols import state
from tui.places import Place
from tui.tables.spec import Column, Moment, TableSpec
from tui.text.ago import age
from tui.text.span import Line

NOW = 1_000_000.0
PLACE = Place("things")


@dataclass(frozen=True, slots=True)
class Thing:
    """One row."""

    id: str
    name: str
    state: str = "healthy"
    cpu: float = 0.0
    born: float = NOW - 60
    group: str = ""
    error: str = ""

    @property
    def key(self) -> Key:
        return Key(Kind.SERVICE, self.id)


def key(id: str) -> Key:
    return Key(Kind.SERVICE, id)


class World:
    """The things there are."""

    def __init__(self, *things: Thing) -> None:
        self.things = {thing.key: thing for thing in things}
        self.now = NOW
        self.listed: dict[Kind, float] = {Kind.SERVICE: NOW}

    def moment(self) -> Moment:
        return Moment(Snapshot(listed=self.listed), self.now)

    def put(self, *things: Thing) -> Changes:
        """Adds or changes things; the changes that says so."""
        self.things.update({thing.key: thing for thing in things})
        return touched(thing.key for thing in things)

    def change(self, id: str, **fields: Any) -> Changes:
        return self.put(replace(self.things[key(id)], **fields))

    def drop(self, *ids: str) -> Changes:
        for id in ids:
            del self.things[key(id)]
        return touched(key(id) for id in ids)

    def spec(self, **fields: Any) -> TableSpec[Thing]:
        spec: TableSpec[Thing] = TableSpec(
            id="things",
            title="Things",
            kind=Kind.SERVICE,
            rows=lambda snapshot, place: self.things.values(),
            row=lambda snapshot, place, name: self.things.get(name),
            key=lambda thing: thing.key,
            columns=(
                Column("name", "Name", 12, lambda t, m: t.name, sort=lambda t, m: t.name, cut="m", keep=True),
                Column("state", "State", 10, lambda t, m: state(t.state), sort=lambda t, m: t.state, keep=True),
                Column(
                    "cpu", "Cpu", 5, lambda t, m: f"{t.cpu:.0f} %", lambda t, m: t.cpu, "r", drop=2, descending=True
                ),
                Column("age", "Age", 4, lambda t, m: age(t.born, m.now), lambda t, m: t.born, "r", drop=1),
                Column("id", "Id", 10, lambda t, m: t.id, wide=True),
            ),
            order=("name",),
            fault=lambda t, m: t.state != "healthy",
            empty=("No things yet.", "n makes one."),
            needs=frozenset({Kind.SERVICE}),
        )
        return replace(spec, **fields)


def touched(keys: Iterable[Key]) -> Changes:
    return Changes(frozenset(keys), frozenset({Kind.SERVICE}))


def by_group(thing: Thing, moment: Moment) -> str:
    return thing.group


def errors(thing: Thing, moment: Moment, width: int) -> list[Line]:
    return [((thing.error, "err"),)] if thing.error else []


def names(count: int) -> list[Thing]:
    """``count`` things, named in order."""
    return [Thing(f"id{number:05}", f"thing{number:05}") for number in range(count)]
