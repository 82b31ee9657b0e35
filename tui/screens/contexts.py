"""The list of docker contexts, as a table like any other."""

from __future__ import annotations

from backends.model import Key, Kind, Snapshot
from tui.frame.session import Composer, ContextRow
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.spec import Column, Moment, TableSpec
from tui.text.span import Line


def contexts_table(composer: Composer) -> TableSpec[ContextRow]:
    """Rows are asked of the composer each time they are projected, so that a new context is seen."""

    def rows(_snapshot: Snapshot, _place: Place) -> list[ContextRow]:
        return list(composer.contexts())

    return TableSpec(
        id="contexts",
        title="Contexts",
        kind=None,
        rows=rows,
        key=lambda row: Key(Kind.ENGINE, row.name),
        columns=(
            Column("name", "NAME", 24, _name, sort=lambda row, _: row.name, cut="m", keep=True, sort_key="N"),
            Column("url", "ENGINE", 40, lambda row, _: ((row.url, "muted"),), sort=lambda row, _: row.url, keep=True),
            Column("about", "ABOUT", 0, _about, keep=True),
        ),
        order=("name",),
        empty=("No docker contexts.", "docker context create makes one."),
        live=False,
    )


def _name(row: ContextRow, _moment: Moment) -> Line:
    return ((row.name, ""), (f" {sym('leader')}" if row.current else "", "accent"))


def _about(row: ContextRow, _moment: Moment) -> Line:
    if row.problem:
        return ((row.problem, "err"),)
    return ((row.description, "muted"),)
