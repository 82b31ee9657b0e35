"""Going about without a screen: history, layout, line editing, titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.model import Key, Kind
from tests.unit.actions_support import WEB, swarm
from tui.frame import titles, views
from tui.frame.history import LIMIT, History
from tui.frame.layout import DETAIL_SIZES, layout
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.panes import list_regions
from tui.text.span import plain

TASKS = Place("tasks", (WEB,))


# History


def test_walking_back_and_forth_comes_to_the_same_places() -> None:
    # GIVEN three places
    past = History(Place("overview"))
    past.go(Place("services"))
    past.go(TASKS)
    # WHEN one walks back twice and forward once
    assert past.walk(-1) == Place("services")
    assert past.walk(-1) == Place("overview")
    assert past.walk(-1) is None
    # THEN each place is met again, and there is an end
    assert past.walk(1) == Place("services")


def test_going_somewhere_new_forgets_what_was_forward() -> None:
    # GIVEN a place that was walked back from
    past = History(Place("overview"))
    past.go(Place("services"))
    past.walk(-1)
    # WHEN one goes elsewhere
    past.go(Place("nodes"))
    # THEN there is nothing forward
    assert past.walk(1) is None


def test_a_view_is_found_as_it_was_left() -> None:
    # GIVEN services with a filter, and a drill-down from there
    past = History(Place("services"))
    past.amend(Place("services", filter="web", cursor=WEB))
    past.go(TASKS)
    # WHEN the view is asked for, THEN filter and cursor are there and the drill-down is not
    assert past.of_view("services") == Place("services", filter="web", cursor=WEB)
    assert past.of_view("tasks") == Place("tasks")


@pytest.mark.parametrize(
    ("steps", "up"),
    [
        ([Place("services"), TASKS], Place("services")),
        ([Place("services"), Place("nodes"), TASKS], Place("nodes")),
        ([Place("services"), TASKS, Place("describe", (WEB, Key(Kind.TASK, "t")))], TASKS),
        ([Place("services"), Place("help", argument="services")], Place("services")),
        ([Place("services"), Place("nodes")], None),
        ([TASKS], Place("services", cursor=WEB)),
    ],
)
def test_up_is_where_one_came_from(steps: list[Place], up: Place | None) -> None:
    # GIVEN a way
    past = History(steps[0])
    for step in steps[1:]:
        past.go(step)
    # WHEN one goes up, THEN it is the level above
    assert past.parent() == up


def test_history_does_not_grow_without_end() -> None:
    # WHEN very many places are seen
    past = History(Place("overview"))
    for number in range(LIMIT * 3):
        past.go(Place("services", filter=str(number)))
    # THEN only the newest are kept, and the present one is the last
    assert past.place.filter == str(LIMIT * 3 - 1)
    assert sum(1 for _ in iter(lambda: past.walk(-1), None)) == LIMIT - 1


# Layout


@pytest.mark.parametrize(
    ("size", "detail_width", "detail_height", "events", "tabs"),
    [
        ((200, 60), 64, 0, 19, True),
        ((160, 48), 53, 0, 15, True),
        ((120, 36), 44, 0, 10, True),
        ((100, 30), 0, 6, 7, True),
        ((80, 24), 0, 6, 1, True),
        ((80, 20), 0, 6, 0, True),
        ((60, 20), 0, 0, 0, True),
        ((80, 14), 0, 0, 0, False),
        ((20, 5), 0, 0, 0, False),
    ],
)
def test_the_screen_is_divided_by_its_size(
    size: tuple[int, int], detail_width: int, detail_height: int, events: int, tabs: bool
) -> None:
    # WHEN a size is divided
    shape = layout(*size)
    # THEN each pane has its share
    assert (shape.detail_width, shape.detail_height, shape.events, shape.tabs) == (
        detail_width,
        detail_height,
        events,
        tabs,
    )


@given(
    width=st.integers(1, 300),
    height=st.integers(1, 100),
    detail=st.sampled_from(DETAIL_SIZES),
)
def test_panes_never_overlap_and_never_leave_the_screen(width: int, height: int, detail: str) -> None:
    # GIVEN any size
    shape = layout(width, height, detail)
    body = max(0, height - 2 - (1 if shape.tabs else 0))
    # WHEN a list is laid out in it
    regions = list_regions(
        width, body, shape.detail_width, shape.detail_height, shape.events, shape.only_detail
    ).values()
    # THEN every cell belongs to one pane at most
    seen = [(x, y) for r in regions for x in range(r.x, r.right) for y in range(r.y, r.bottom)]
    assert len(seen) == len(set(seen))
    assert all(0 <= x < width and 0 <= y < body for x, y in seen)


@pytest.mark.parametrize("active", ["overview", "services", "volumes", "ports"])
def test_the_active_tab_is_shown_at_any_width(active: str) -> None:
    # WHEN the tabs are written for a width, THEN the active one is among them
    for width in range(20, 210):
        assert [label for label in views.tab_labels(active, width) if label[3]]


def test_tabs_fit_into_80_columns() -> None:
    # WHEN any view is active at 80 columns, THEN all tabs with their gaps fit
    for view in views.names():
        labels = views.tab_labels(view, 80)
        assert 1 + sum(len(f" {key} {word} ") for _, key, word, _ in labels) <= 82


# Editing


@given(st.lists(st.sampled_from(["a", " ", "left", "right", "home", "end", "backspace", "delete", "ctrl+w", "ctrl+u"])))
def test_the_cursor_never_leaves_the_text(keys: list[str]) -> None:
    # WHEN any keys are pressed
    edit = LineEdit()
    for key in keys:
        edit = edit.key(key, key if len(key) == 1 else None) or edit
        # THEN the cursor is in the text, and its parts are the text
        assert 0 <= edit.cursor <= len(edit.text)
        assert "".join(edit.parts) == edit.text


def test_keys_of_the_shell_work() -> None:
    # GIVEN a line
    edit = LineEdit.of("docker service ls")
    # WHEN a word is cut and the start is reached, THEN it is so
    cut = edit.key("ctrl+w", None)
    assert cut is not None
    assert cut.text == "docker service "
    start = cut.key("ctrl+a", None)
    assert start is not None
    assert start.cursor == 0
    assert start.key("f7", None) is None


def test_a_typed_backslash_stays() -> None:
    # GIVEN a line to which characters are added one by one, as keys and as a paste do
    edit = LineEdit()
    # WHEN they are those of a regular expression
    for character in "a\\.b\\":
        edit = edit.key("backslash" if character == "\\" else character, character) or edit
    # THEN they are all there; only a backslash that hides a line break goes
    assert edit.text == "a\\.b\\"
    assert LineEdit().insert("printf '\\n'").text == "printf '\\n'"
    assert LineEdit().insert("a \\\n").text == "a"


def test_a_pasted_docker_line_of_several_rows_becomes_one() -> None:
    # GIVEN what people copy from documentation
    pasted = "docker service create \\\n  --name web \\\r\n  nginx\x1b[31m\n"
    # WHEN it is pasted
    text = LineEdit().insert(pasted).text
    # THEN it is one line, without line ends, backslashes and control characters
    assert text.split() == ["docker", "service", "create", "--name", "web", "nginx[31m"]
    assert text.isprintable()


# Titles


def test_the_path_names_every_step() -> None:
    # WHEN one is at the tasks of a service
    assert plain(titles.path(swarm(), TASKS, "Tasks")) == "Services › web › tasks"
    # THEN the last step is where one is; without a drill-down it is the title
    assert plain(titles.path(swarm(), Place("tasks"), "Tasks")) == "Tasks"


def test_the_filter_stands_where_it_is_typed() -> None:
    # WHEN a filter is typed, its cursor is drawn; when done, only the text is there
    assert plain(titles.filter_part("we", LineEdit("we", 1))) == "  /we"
    assert plain(titles.filter_part("we", LineEdit.of("we"))) == "  /we "
    assert plain(titles.filter_part("we", None)) == "  /we"
    assert titles.filter_part("", None) == ()
