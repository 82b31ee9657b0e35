"""The actions against the real lists: sort letters, views and filters."""

from __future__ import annotations

import pytest

from tests.unit.actions_support import moment, swarm
from tui.actions.filter import compile_filter, fields
from tui.actions.keymap import Keymap, clashes
from tui.actions.presets import PRESETS
from tui.actions.registry import actions_for
from tui.actions.views import INNER, LISTS, TABLE_IDS, VIEWS
from tui.places import Place
from tui.tables.registry import TABLES

EVERY = actions_for(TABLES)


def test_no_letter_means_two_things_in_a_view() -> None:
    # GIVEN all actions with the sort letters of all lists WHEN laid side by side THEN none clash
    assert [clash.text for clash in clashes(EVERY)] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_takes_a_sort_letter(preset: str) -> None:
    # GIVEN a preset WHEN its keymap is built with all lists THEN nothing had to be given up
    assert Keymap(EVERY, preset=preset).clashes == []


def test_lists_and_views_are_the_same() -> None:
    # GIVEN the lists and the views WHEN compared THEN each list has a view, and each view of rows a list
    assert set(TABLES) <= set(VIEWS)
    assert set(TABLES) >= TABLE_IDS
    assert {view.id for view in (*LISTS, *INNER)} >= set(TABLES)


@pytest.mark.parametrize("view", sorted(TABLES))
def test_rows_have_the_kind_that_their_view_says(view: str) -> None:
    # GIVEN a list of one kind WHEN its view is asked THEN actions on that kind have a place there
    kind = TABLES[view].kind
    assert kind is None or kind in VIEWS[view].kinds


@pytest.mark.parametrize("view", sorted(TABLES))
def test_every_list_can_be_filtered_by_each_of_its_fields(view: str) -> None:
    # GIVEN a list with rows WHEN filtered by a field it names THEN nothing is wrong with the field
    table = TABLES[view]
    snapshot = swarm()
    rows = list(table.rows(snapshot, Place(view)))
    for field in fields(table):
        found = compile_filter(f"{field}=zzz", table)
        assert found.error == ""
        assert [row for row in rows if found.predicate(row, moment(snapshot))] == []
