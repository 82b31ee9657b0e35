"""Footer, help page, palette and the page of keys in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.model import Key, Kind
from tests.unit.actions_support import DB, WEB, on, services_table
from tui.actions.docs import docs
from tui.actions.footer import MOST, footer, footer_actions
from tui.actions.help import help_page
from tui.actions.help_rows import help_groups
from tui.actions.keymap import Keymap
from tui.actions.palette import entries
from tui.actions.registry import actions_for
from tui.actions.views import VIEWS
from tui.text.fit import line_width
from tui.text.span import joined, plain

KEYMAP = Keymap(actions_for({"services": services_table()}))
TASK = Key(Kind.TASK, "task-web-1")
WIDTHS = (20, 40, 60, 80, 100, 120, 160, 200)


def test_the_footer_shows_the_keys_of_the_list() -> None:
    # GIVEN a service under the cursor WHEN the footer is drawn at 160 THEN its keys stand first, help at the end
    row = plain(footer(KEYMAP, on(WEB), 160, kind=Kind.SERVICE))
    assert (
        row
        == (" enter tasks   x shell   s scale   n new   l logs   w why   i image   r restart").ljust(
            160 - len(": command  ? help ")
        )
        + ": command  ? help "
    )


def test_the_footer_of_a_narrow_screen_is_shorter() -> None:
    # GIVEN 80 columns WHEN the footer is drawn THEN the first keys that fit are there, closer together
    row = plain(footer(KEYMAP, on(WEB), 80, kind=Kind.SERVICE))
    assert row.startswith(" enter tasks  x shell  s scale  n new  l logs  w why")
    assert row.endswith(": command  ? help ")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", VIEWS)
def test_the_footer_fits_and_has_eight_keys_at_most(view: str, width: int) -> None:
    # GIVEN any view and width WHEN the footer is drawn THEN it is exactly as wide, with few keys
    kind = next(iter(VIEWS[view].kinds), None)
    row = footer(KEYMAP, on(view=view), width, kind=kind)
    assert line_width(row) <= width
    assert sum(style in ("strong bold", "faint") and not text.startswith(" ") for text, style in row) <= MOST + 2


def test_what_does_not_apply_is_dimmed() -> None:
    # GIVEN a service whose replica runs elsewhere WHEN the footer is drawn THEN the shell is faint, its place kept
    row = footer(KEYMAP, on(DB), 160, kind=Kind.SERVICE)
    assert ("x", "faint") in row
    assert ("l", "strong bold") in row


def test_esc_is_shown_where_it_leads_somewhere() -> None:
    # GIVEN the tasks of a service, and a list at the top WHEN drawn THEN only the first has `esc back`
    inside = plain(footer(KEYMAP, on(TASK, view="tasks", scope=(WEB,)), 160, kind=Kind.TASK))
    top = plain(footer(KEYMAP, on(TASK, view="tasks"), 160, kind=Kind.TASK))
    assert ("esc back" in inside, "esc back" in top) == (True, False)


def test_the_footer_follows_the_users_keys() -> None:
    # GIVEN logs put on m WHEN the footer is drawn THEN it says m
    moved = Keymap(actions_for({}), {"logs": ["m"]})
    assert " m logs " in plain(footer(moved, on(WEB), 160, kind=Kind.SERVICE))


def test_the_detail_has_its_own_copy() -> None:
    # GIVEN the detail focused WHEN its footer is made THEN c copies the command
    titles = [action.title for action in footer_actions(KEYMAP, on(WEB), kind=Kind.SERVICE, pane="detail")]
    assert "copy command" in titles
    assert "copy" not in titles


def test_help_begins_with_the_focused_list() -> None:
    # GIVEN services focused WHEN help is made THEN its group is first, then what works everywhere
    groups = help_groups(KEYMAP, on(WEB), kind=Kind.SERVICE)
    assert [group.title for group in groups] == [
        "Services",
        "Everywhere",
        "Views",
        "Panes",
        "List",
        "Program",
        "Filter",
        "Shell",
        "Signs",
    ]
    assert [(row.key, row.text) for row in groups[0].rows[:4]] == [
        ("enter", "tasks"),
        ("o", "stack"),
        ("u", "its networks"),
        ("w", "why"),
    ]


def test_help_says_why_a_key_does_not_apply() -> None:
    # GIVEN a healthy service WHEN help is drawn THEN why is dimmed and has its reason
    rows = help_page(KEYMAP, on(DB), 160, kind=Kind.SERVICE)
    assert "why  (db runs as wanted, 1" in joined(rows)
    assert any(text.startswith("w ") and style == "faint" for row in rows for text, style in row)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", ["services", "logs", "overview", "yaml", "contexts"])
def test_help_fits_its_width(view: str, width: int) -> None:
    # GIVEN any width WHEN help is drawn THEN no row is wider
    rows = help_page(KEYMAP, on(WEB, view=view), width, kind=Kind.SERVICE)
    assert max(line_width(row) for row in rows) <= width


def test_every_row_of_help_is_on_the_page_at_any_width() -> None:
    # GIVEN all groups WHEN laid out in one or in four columns THEN nothing is lost
    for group in help_groups(KEYMAP, on(WEB), kind=Kind.SERVICE):
        for width in (40, 160):
            text = joined(help_page(KEYMAP, on(WEB), width, kind=Kind.SERVICE))
            assert group.title in text
            for row in group.rows:
                assert row.key in text


def test_help_is_searched() -> None:
    # GIVEN help WHEN a word is looked for THEN its rows stand with their sentences and words
    text = joined(help_page(KEYMAP, on(WEB), 100, kind=Kind.SERVICE, search="logs follow"))
    assert "Follows the log; of a service that of all its tasks.  :logs :log [NAME]" in text
    assert "Signs" not in text


def test_a_search_without_hits_says_so() -> None:
    # GIVEN help WHEN a word is nowhere THEN a sentence, and the key that helps
    assert (
        joined(help_page(KEYMAP, on(WEB), 100, search="xyzzy")) == "No key or word here has that.\nesc shows all again"
    )


def test_help_has_only_ascii_signs_where_asked() -> None:
    # GIVEN a terminal with ASCII only WHEN the signs are listed THEN they are its own
    groups = help_groups(KEYMAP, on(WEB), kind=Kind.SERVICE, ascii=True)
    assert next(row.key for row in groups[-1].rows) == "o"


def test_the_palette_has_the_row_first() -> None:
    # GIVEN a service under the cursor WHEN the palette is asked THEN what is done to it stands first
    found = entries(KEYMAP, on(WEB), kind=Kind.SERVICE)
    assert found[0].title == "tasks: web"
    assert found[0].help == "Shows the tasks of the service.  enter"
    assert "go to Nodes" in [entry.title for entry in found]


def test_the_palette_says_why_not() -> None:
    # GIVEN a service that runs elsewhere WHEN the palette is asked THEN the shell is there with its reason
    shell = next(entry for entry in entries(KEYMAP, on(DB), kind=Kind.SERVICE) if entry.action.id == "shell")
    assert "Not now: db runs on worker-1, which is not reached from here." in shell.help


def test_the_palette_leaves_out_what_needs_words() -> None:
    # GIVEN actions that mean nothing alone WHEN the palette is asked THEN they are not there
    ids = {entry.action.id for entry in entries(KEYMAP, on(WEB), kind=Kind.SERVICE)}
    assert not ids & {"theme", "shell.exec", "move.down", "palette"}


def test_the_page_of_keys_is_current() -> None:
    # GIVEN docs/keys.md WHEN made anew THEN it is the same; `python -m tui.actions.docs` writes it
    from tui.tables.registry import TABLES

    path = Path(__file__).parents[2] / "docs" / "keys.md"
    assert path.read_text(encoding="utf-8") == docs(TABLES)


def test_the_page_of_keys_names_every_action() -> None:
    # GIVEN the page WHEN read THEN each action's id is on it, sort keys by list
    tables = {"services": services_table()}
    text = docs(tables)
    for action in actions_for(tables):
        if not action.id.startswith("sort.services."):
            assert f"`{action.id}`" in text
    assert "| Services | `N` name, `R` replicas |" in text


def test_help_of_a_page_that_takes_keys_has_them_first_and_no_key_that_is_hidden() -> None:
    # GIVEN the page of tokens, where c copies a line and j joins
    groups = help_groups(KEYMAP, on(view="tokens"))
    # THEN its own keys come first
    assert [group.title for group in groups[:3]] == ["Tokens", "With autolock", "A secret in sight"]
    assert ("w", "worker's token") in [(row.key, row.text) for row in groups[0].rows]
    # AND what cannot be had here by that key is not shown by it
    rest = {row.key for group in groups[3:] for row in group.rows}
    assert "c" not in rest
    assert not any(key.split()[0] == "j" for key in rest if key)


def test_help_of_a_page_that_one_types_in_has_only_what_can_be_pressed_there() -> None:
    # GIVEN the page that asks for a key WHEN its help is made
    groups = help_groups(KEYMAP, on(view="unlock"))
    # THEN help is on F9, and neither views nor filters are there
    assert [group.title for group in groups] == ["Unlock", "Typing", "Everywhere", "Signs"]
    everywhere = next(group for group in groups if group.title == "Everywhere")
    assert {row.key for row in everywhere.rows} == {"^p", "F9", "esc", "^q"}
