"""The filter language."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.model import Service
from tests.unit import tables_world
from tests.unit.actions_support import moment, services_table, swarm
from tui.actions.filter import compile_filter, fields, values_here
from tui.places import Place
from tui.tables.registry import TABLES

SNAPSHOT = swarm()
ROWS = list(SNAPSHOT.services.values())


def names(text: str, *, typing: bool = False) -> list[str]:
    found = compile_filter(text, services_table(), typing=typing)
    return [row.name for row in ROWS if found.predicate(row, moment(SNAPSHOT))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["web", "db"]),
        ("web", ["web"]),
        ("WEB", []),
        ("shop web", ["web"]),
        ("shop mysql", []),
        ("!web", ["db"]),
        ("!web !db", []),
        ("we.$", ["web"]),
        ("front.$", []),
        ("web.*2/3", ["web"]),
        (r"^web$|5\.5$", ["web", "db"]),
        ("my.*5", ["db"]),
        ("state=failing", ["web"]),
        ("state!=failing", ["db"]),
        ("!state=failing", ["db"]),
        ("image=mysql", ["db"]),
        ("IMAGE=mysql", ["db"]),
        ("replicas=2/3", ["web"]),
        ("label=tier", ["web"]),
        ("label=tier=front", ["web"]),
        ("label=tier=fron", []),
        ("label!=tier", ["db"]),
        ('"shop/web"', ["web"]),
        ("12s", []),
        ("!", []),
    ],
)
def test_a_text_keeps_the_rows_it_means(text: str, expected: list[str]) -> None:
    # GIVEN a list of two services WHEN it is filtered THEN those stay that the text means
    assert names(text) == expected


def test_a_fields_value_is_whole_words() -> None:
    # GIVEN two services whose states differ WHEN a value is only the beginning of one's THEN it is none
    assert names("state=fail") == []


def test_while_typing_the_last_value_is_a_beginning() -> None:
    # GIVEN a field's value that is not typed to its end
    # WHEN the list narrows meanwhile THEN the rows that it may become are kept
    assert names("state=fail", typing=True) == ["web"]
    assert names("state=", typing=True) == ["web", "db"]
    assert names("label=tier=fr", typing=True) == ["web"]


def test_a_field_that_is_none_names_those_that_are() -> None:
    # GIVEN a list WHEN a field is named that it has not
    found = compile_filter("stat=failing", services_table())
    # THEN the sentence names the list's fields and the nearest
    assert found.error == (
        "Services has no field stat; fields are state, label, name, image, replicas, age. Nearest is state."
    )


def test_a_broken_regular_expression_is_looked_for_as_it_stands() -> None:
    # GIVEN a service with a bracket in its image
    row = Service(id="1", name="a", image="we[b")
    # WHEN the bracket is typed
    found = compile_filter("we[b", services_table())
    # THEN it is found as text, and the sentence says so
    assert found.predicate(row, moment())
    assert "is no regular expression" in found.error
    assert found.error.endswith("it is looked for as it stands.")


def test_rows_are_read_once() -> None:
    # GIVEN a list that counts how often its rows are read
    reads: list[str] = []

    def haystack(row: Any, _moment: Any) -> str:
        reads.append(row.name)
        return str(row.name)

    table = services_table()
    spec = type(table)(
        id="services", title="Services", kind=table.kind, rows=table.rows, key=table.key, columns=table.columns,
        haystack=haystack,
    )  # fmt: skip
    # WHEN the same rows are tested by one filter after another, as letters are typed
    for text in ("w", "we", "web !api"):
        found = compile_filter(text, spec)
        assert [row.name for row in ROWS if found.predicate(row, moment(SNAPSHOT))] == ["web"]
    # THEN each was read once
    assert reads == ["web", "db"]


def test_an_empty_filter_is_false() -> None:
    # GIVEN blanks only WHEN compiled THEN the filter says that it does nothing
    assert not compile_filter("  ", services_table())
    assert compile_filter("a", services_table())


def test_fields_are_declared_ones_then_labels_then_columns() -> None:
    # GIVEN a list WHEN its fields are asked for THEN each is there once
    assert fields(services_table()) == ("state", "label", "name", "image", "replicas", "age")


@given(st.text(max_size=40), st.booleans())
def test_no_text_raises(text: str, typing: bool) -> None:
    # GIVEN any text WHEN it is compiled and used THEN it answers for every row
    found = compile_filter(text, services_table(), typing=typing)
    for row in ROWS:
        assert found.predicate(row, moment(SNAPSHOT)) in (True, False)


def test_the_values_of_a_field_are_counted_for_a_list_in_which_nothing_matches() -> None:
    spec = TABLES["tasks"]
    now = tables_world.moment()
    rows = list(spec.rows(now.snapshot, Place("tasks")))
    # WHEN a state is looked for that is none of tasks
    said = values_here("web state=failing", spec, rows, now)
    # THEN those that there are are said, the most frequent first
    assert said.startswith("States here: ")
    assert re.search(r"failed \d+", said)
    # AND of what is no field of the list nothing is
    assert values_here("colour=red", spec, rows, now) == ""
    assert values_here("state!=failing", spec, rows, now) == ""
