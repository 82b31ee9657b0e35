"""Keys: names, clashes, overrides, presets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.keys import _character_to_key

from backends.model import Kind
from tests.unit.actions_support import FakeUi, on, services_table
from tui.actions.keymap import Keymap, clashes, shown_in, verdict
from tui.actions.keys import SIGNS, display, normal, parse_key
from tui.actions.own import MODES, is_typed
from tui.actions.presets import PRESETS
from tui.actions.registry import ACTIONS, actions_for
from tui.actions.spec import ActionSpec
from tui.actions.views import VIEWS
from tui.places import Place

EVERY = actions_for({"services": services_table()})


def test_no_two_default_actions_want_one_key_in_one_view() -> None:
    # GIVEN all actions, with the sort keys of all tables WHEN they are laid side by side THEN none clash
    assert [clash.text for clash in clashes(EVERY)] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_clashes(preset: str) -> None:
    # GIVEN a preset WHEN its keymap is built THEN nothing of it had to be given up
    assert Keymap(EVERY, preset=preset).clashes == []


@pytest.mark.parametrize("action", [one for one in EVERY if not one.mode], ids=lambda action: action.id)
def test_every_action_can_be_reached(action: object) -> None:
    # GIVEN an action
    found = next(known for known in EVERY if known is action)
    keymap = Keymap(EVERY)
    # WHEN every key of it is pressed in every view where it has a place
    reached = [
        keymap.resolve(key, view=view, kind=kind, pane=pane) is not None
        and keymap.resolve(key, view=view, kind=kind, pane=pane).id == found.id  # type: ignore[union-attr]
        for key in found.keys
        for view in VIEWS
        if shown_in(found, view)
        for kind in (found.kinds & (VIEWS[view].kinds or found.kinds) if found.kinds else [None])
        for pane in (found.panes or ["list"])
        if not (pane == "events" and view != "events")
    ]
    # THEN each press is this action, and one without a key has a word
    assert all(reached)
    assert reached or found.verb


def test_ids_are_unique() -> None:
    # GIVEN all actions WHEN their ids are counted THEN each is there once
    ids = [action.id for action in EVERY]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("action", EVERY, ids=lambda action: action.id)
def test_an_action_is_described_in_words(action: object) -> None:
    # GIVEN an action WHEN it is read THEN it has a short title and one sentence
    found = next(known for known in EVERY if known is action)
    assert 0 < len(found.title) <= 26
    assert found.help.endswith(".")
    assert found.help[0].isupper()
    assert all(normal(key) == key for key in found.keys)
    assert found.views <= set(VIEWS)


@pytest.mark.parametrize(
    ("written", "name", "shown"),
    [
        ("x", "x", "x"),
        ("X", "X", "X"),
        ("shift+x", "X", "X"),
        ("^l", "ctrl+l", "^l"),
        ("ctrl+L", "ctrl+l", "^l"),
        ("F2", "f2", "F2"),
        ("esc", "escape", "esc"),
        ("Enter", "enter", "enter"),
        ("?", "question_mark", "?"),
        (":", "colon", ":"),
        ("[", "left_square_bracket", "["),
        ("-", "minus", "-"),
        ("+", "plus", "+"),
        ("ctrl++", "ctrl+plus", "^+"),
        ("^\\", "ctrl+backslash", "^\\"),
        ("^space", "ctrl+space", "^space"),
        ("ctrl+@", "ctrl+space", "^space"),
        ("^i", "tab", "tab"),
        ("shift+tab", "shift+tab", "shift+tab"),
        ("pgdn", "pagedown", "pgdn"),
        ("down", "down", "↓"),
        ("ü", "ü", "ü"),
    ],
)
def test_keys_are_read_and_shown(written: str, name: str, shown: str) -> None:
    # GIVEN a key as people write it WHEN it is read THEN it is Textual's name, and is shown shortly
    assert parse_key(written) == name
    assert display(name) == shown


@pytest.mark.parametrize("written", ["", " ", "foo", "f99", "hyper+x", "ctrl+foo", "xx"])
def test_what_is_no_key_is_refused(written: str) -> None:
    # GIVEN something that is no key WHEN it is read THEN a sentence says so
    with pytest.raises(ValueError, match="key"):
        parse_key(written)


@pytest.mark.parametrize(("arrives", "name"), [("ctrl+@", "ctrl+space"), ("shift+n", "N"), ("ctrl+m", "enter")])
def test_old_and_new_terminals_mean_the_same_key(arrives: str, name: str) -> None:
    # GIVEN a terminal with or without the Kitty protocol WHEN a key arrives THEN it has one name
    assert normal(arrives) == name


def test_enter_means_what_the_row_is() -> None:
    # GIVEN the overview, whose rows are of many kinds
    keymap = Keymap(ACTIONS)
    # WHEN enter is pressed on rows of two kinds THEN it goes into each
    service = keymap.resolve("enter", view="overview", kind=Kind.SERVICE)
    node = keymap.resolve("enter", view="overview", kind=Kind.NODE)
    assert (service and service.id, node and node.id) == ("open.service", "open.node")


def test_the_events_strip_is_the_view_events() -> None:
    # GIVEN the strip focused beside the services
    found = Keymap(ACTIONS).resolve("enter", view="services", kind=Kind.CONTAINER, pane="events")
    # THEN its rows are not services
    assert found is not None
    assert found.id == "open.container"


def test_the_detail_copies_its_command() -> None:
    # GIVEN the detail focused WHEN c is pressed THEN its docker line is copied, in the list the name
    keymap = Keymap(ACTIONS)
    detail = keymap.resolve("c", view="services", kind=Kind.SERVICE, pane="detail")
    rows = keymap.resolve("c", view="services", kind=Kind.SERVICE, pane="list")
    assert (detail and detail.id, rows and rows.id) == ("copy.command", "copy")


def test_a_key_without_a_row_says_that_there_is_none() -> None:
    # GIVEN an empty list WHEN l is pressed THEN it is logs all the same, which says why not
    action = Keymap(ACTIONS).resolve("l", view="services", kind=None)
    assert action is not None
    assert verdict(action, on()) == "no row is under the cursor"


def test_an_unknown_key_is_nothing() -> None:
    # GIVEN a list WHEN a key without an action is pressed THEN nothing is found
    assert Keymap(ACTIONS).resolve("f24", view="services", kind=Kind.SERVICE) is None


def test_an_override_moves_a_key() -> None:
    # GIVEN logs put on m WHEN the keys are resolved THEN m is logs, and l is free
    keymap = Keymap(ACTIONS, {"logs": ["m"]})
    found = keymap.resolve("m", view="services", kind=Kind.SERVICE)
    assert found is not None
    assert found.id == "logs"
    assert keymap.resolve("l", view="services", kind=Kind.SERVICE) is None
    assert keymap.key("logs") == "m"
    assert keymap.clashes == []


def test_two_keys_can_change_places() -> None:
    # GIVEN two actions that take each other's key WHEN the keymap is built THEN nothing clashes
    keymap = Keymap(ACTIONS, {"logs": ["p"], "logs.previous": ["l"]})
    assert keymap.clashes == []
    assert keymap.key("logs") == "p"


def test_a_family_moves_as_one() -> None:
    # GIVEN enter's family put on two keys WHEN the second is pressed on a node THEN it opens the node
    found = Keymap(ACTIONS, {"open": ["enter", "ctrl+o"]}).resolve("ctrl+o", view="nodes", kind=Kind.NODE)
    assert found is not None
    assert found.id == "open.node"


def test_a_taken_key_falls_back_and_says_who_has_it() -> None:
    # GIVEN describe put on the shell's key WHEN the keymap is built
    keymap = Keymap(ACTIONS, {"describe": ["x"]})
    # THEN describe keeps its default, and the sentence names action and view
    assert keymap.key("describe") == "d"
    assert [(clash.where, clash.text) for clash in keymap.clashes] == [("describe", "x is taken by shell in Overview.")]


def test_only_what_clashes_is_given_up() -> None:
    # GIVEN one setting that fits and one that does not WHEN built THEN the first holds
    keymap = Keymap(ACTIONS, {"yaml": ["Y"], "describe": ["x"]})
    assert (keymap.key("yaml"), keymap.key("describe")) == ("Y", "d")


@pytest.mark.parametrize(
    ("name", "keys", "text"),
    [
        ("lgos", ["m"], "There is no action lgos. Nearest is logs."),
        ("logs", ["foo"], "'foo' is no key; write one like x, ^l, F2 or esc."),
    ],
)
def test_a_setting_that_means_nothing_is_said(name: str, keys: list[str], text: str) -> None:
    # GIVEN a setting with a mistake WHEN built THEN its sentence says what would be right
    assert [clash.text for clash in Keymap(ACTIONS, {name: keys}).clashes] == [text]


def test_an_unknown_preset_is_the_default() -> None:
    # GIVEN a preset that is none WHEN built THEN it is k9s, and says so
    keymap = Keymap(ACTIONS, preset="vim")
    assert keymap.preset == "k9s"
    assert keymap.clashes[0].text == "There is no keymap vim; there are k9s, lazydocker."


def test_a_letter_may_mean_two_things_in_two_views() -> None:
    # GIVEN the logs and a list WHEN w is pressed THEN it wraps there and tells why here
    keymap = Keymap(ACTIONS)
    logs = keymap.resolve("w", view="logs", kind=Kind.SERVICE)
    services = keymap.resolve("w", view="services", kind=Kind.SERVICE)
    assert (logs and logs.id, services and services.id) == ("logs.wrap", "why.service")


def test_a_read_only_session_refuses_what_changes() -> None:
    # GIVEN a read-only session WHEN a shell is asked for THEN the reason is the session
    shell = Keymap(ACTIONS).by_id("shell")
    assert shell is not None
    ui = FakeUi(Place("services"), readonly=True)
    context = replace(on(ui=ui), targets=(next(iter(on().snapshot.services.values())).key,))
    assert verdict(shell, context) == "this session is read-only"


def test_sort_keys_come_from_the_columns() -> None:
    # GIVEN a table whose column asks for R WHEN R is pressed in it THEN it sorts by that column
    keymap = Keymap(actions_for({"services": services_table()}))
    found = keymap.resolve("shift+r", view="services", kind=Kind.SERVICE)
    assert found is not None
    assert found.id == "sort.services.replicas"


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_have_textuals_names(sign: str) -> None:
    # GIVEN a sign WHEN Textual names its key THEN we name it the same
    assert _character_to_key(sign) == SIGNS[sign]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"form.send": ["x"]}, "x is typed in Form: send needs a key like ^x, F8 or tab."),
        ({"form.send": ["space"]}, "space is typed in Form: send needs a key like ^x, F8 or tab."),
        ({"form.send": ["F4"]}, "F4 is taken by next section in Form."),
        ({"form.send": ["^q"]}, "^q is taken by quit in Form."),
        ({"quit": ["F4"]}, "F4 is taken by next section in Form."),
        ({"form.send": ["esc"]}, "esc is taken by back in Form."),
    ],
    ids=["character", "space", "own", "quit", "quit moved", "back"],
)
def test_a_key_that_a_page_takes_may_not_be_another_one_there(given: dict[str, list[str]], said: str) -> None:
    # GIVEN a key that means something else where one types WHEN the keymap is made
    keymap = Keymap(EVERY, given)
    # THEN it is refused with a sentence, and the action keeps its own
    assert [clash.text for clash in keymap.clashes] == [said]
    assert keymap.own.shown("form.send") == "^s"


def test_a_key_that_a_page_takes_may_be_any_that_is_free_there() -> None:
    # GIVEN keys that mean something on lists, and one of an open list WHEN they are given to a form
    keymap = Keymap(EVERY, {"form.send": ["F5"], "form.list-take": ["^l"]})
    # THEN they are its keys, in its modes only
    assert keymap.clashes == []
    found = keymap.own.find("f5", ("form",))
    assert found is not None
    assert found.id == "form.send"
    assert keymap.own.find("ctrl+l", ("form",)) is None
    elsewhere = keymap.resolve("f5", view="services")
    assert elsewhere is not None
    assert elsewhere.id == "refresh"


@pytest.mark.parametrize("action", [one for one in EVERY if one.mode], ids=lambda action: action.id)
def test_no_key_of_a_page_is_one_that_is_typed_there(action: ActionSpec) -> None:
    # GIVEN an action that a page takes THEN it is the one of each of its keys in its mode
    keymap = Keymap(EVERY)
    for key in action.keys:
        found = keymap.own.find(key, (action.mode,))
        assert found is not None
        assert found.id == action.id
        # AND none of them is typed there, or the box's that it stands in
        assert not (MODES[action.mode].typed and is_typed(key))
        assert key not in MODES[action.mode].taken
