"""How a list is shown: sort order, wide columns, only what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tui.actions.calls import Calls
from tui.actions.spec import ActionContext, ActionSpec
from tui.actions.views import LIST_IDS, TABLE_IDS
from tui.tables.spec import Column, TableSpec

Tables = Mapping[str, TableSpec[Any]]


def _faults(context: ActionContext) -> None:
    context.ui.go(replace(context.place, faults=not context.place.faults), replace=True)


ARRANGE: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="list.faults",
        title="faults only",
        help="Shows only what is wrong, and all again.",
        keys=("f2",),
        views=LIST_IDS - {"topology"},
        verb="faults",
        footer=12,
        run=_faults,
    ),
    ActionSpec(
        id="list.wide",
        title="wide columns",
        help="Shows the columns that need more room, and hides them again.",
        keys=("ctrl+w",),
        views=TABLE_IDS,
        group="List",
        verb="wide",
        run=Calls("toggle-wide"),
    ),
)


def sort_actions(tables: Tables) -> tuple[ActionSpec, ...]:
    """``shift+letter`` for each column that names a letter, ``F1`` for the next column, and ``:sort``."""
    actions = [
        _sort(table, column)
        for table in tables.values()
        for column in table.columns
        if column.sort is not None and column.sort_key
    ]
    views = frozenset(table.id for table in tables.values() if _sortable(table))
    if not views:
        return ()
    return (
        *actions,
        ActionSpec(
            id="sort.next",
            title="next sort column",
            help="Sorts by the next column; after the last one in the list's own order.",
            keys=("f1",),
            views=views,
            group="List",
            run=_next_column(tables),
        ),
        ActionSpec(
            id="sort.by",
            title="sort by",
            help="Sorts by a column; once more turns the order round.",
            views=views,
            group="List",
            verb="sort",
            arguments="COLUMN",
            run=_by_name(tables),
        ),
    )


def sort_columns(table: TableSpec[Any]) -> tuple[str, ...]:
    """Ids of the columns that a table can be sorted by, in their order."""
    return tuple(column.id for column in _sortable(table))


def _sortable(table: TableSpec[Any]) -> list[Column[Any]]:
    return [column for column in table.columns if column.sort is not None]


def _sort_by(context: ActionContext, column: Column[Any]) -> None:
    here = context.place
    turned = not here.reverse if here.sort == column.id else column.descending
    context.ui.go(replace(here, sort=column.id, reverse=turned), replace=True)


def _sort(table: TableSpec[Any], column: Column[Any]) -> ActionSpec:
    def run(context: ActionContext) -> None:
        _sort_by(context, column)

    named = column.title.lower() if column.title.isupper() else column.title
    return ActionSpec(
        id=f"sort.{table.id}.{column.id}",
        title=f"sort by {named}",
        help=f"Sorts {table.title} by {named}; once more turns the order round.",
        keys=(column.sort_key.upper(),),
        views=frozenset({table.id}),
        group="List",
        run=run,
    )


def _next_column(tables: Tables) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        columns = _sortable(tables[context.place.view])
        ids = [column.id for column in columns]
        at = ids.index(context.place.sort) + 1 if context.place.sort in ids else 0
        if at == len(columns):
            context.ui.go(replace(context.place, sort="", reverse=False), replace=True)
        else:
            changed = replace(context.place, sort=columns[at].id, reverse=columns[at].descending)
            context.ui.go(changed, replace=True)

    return run


def _by_name(tables: Tables) -> Callable[[ActionContext], None]:
    def run(context: ActionContext) -> None:
        columns = _sortable(tables[context.place.view])
        wanted = context.arguments[0].lower() if context.arguments else ""
        for column in columns:
            if wanted in (column.id.lower(), column.title.lower()):
                _sort_by(context, column)
                return
        choice = ", ".join(column.id for column in columns)
        context.ui.say(f":sort takes one of {choice}.", bad=True)

    return run
