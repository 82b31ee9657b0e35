"""Pages that take keys before all others: what is declared is done, shown, found in help, and may be moved."""

from __future__ import annotations

import pytest

from backends.change.outcome import Outcome, State
from backends.model import Key, Kind
from tests.tui.stage import live, make_app, screen_text
from tests.tui.test_app_start import shows, until
from tests.tui.test_form_app import Sender, page, staged
from tests.unit.change_world import world
from tui.actions.own import MODES
from tui.app import DnetApp
from tui.forms.model import Form
from tui.places import Place
from tui.screens.own_keys import OwnKeysPage


def filled(app: DnetApp) -> Form:
    """What is filled in."""
    found = page(app).form
    assert found is not None
    return found


def _moved(**keys: str) -> tuple[DnetApp, Sender]:
    """The app with some keys of forms on others."""
    return staged(keys={name.replace("_", ".", 1): [key] for name, key in keys.items()})


async def test_everything_that_is_declared_for_forms_is_done() -> None:
    # GIVEN a form
    app, _ = staged()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        # WHEN its declared actions are laid beside what it does THEN none lacks, and none is there for nothing
        declared = {action.id for action in app.main.keymap.own.of_view("form") if action.mode.startswith("form")}
        assert set(page(app).acts) == declared


@pytest.mark.parametrize("view", ["join", "tokens", "unlock", "reach"])
async def test_everything_that_is_declared_for_a_page_is_done(view: str) -> None:
    # GIVEN a page that takes keys before all others
    app = make_app(live(world()), view="nodes")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, ": command  ? help"))
        app.main.go(Place(view, (Key(Kind.NODE, "n-1"),) if view == "reach" else ()))
        await until(pilot, lambda: view in app.main.pages and app.main.page.ready)
        # WHEN its declared actions are laid beside what it does THEN none lacks, and none is there for nothing
        shown = app.main.page
        assert isinstance(shown, OwnKeysPage)
        assert set(shown.acts) == {action.id for action in app.main.keymap.own.of_view(view)}
        # AND its modes are declared
        assert set(shown.modes) <= set(MODES)


async def test_the_tokens_answer_to_keys_that_were_moved() -> None:
    # GIVEN the page of tokens with joining on J, and one key that is another's there
    app = make_app(live(world()), view="nodes", keys={"tokens.join": ["F7"], "tokens.leave": ["E"]})
    assert [clash.text for clash in app.main.keymap.clashes] == ["E is taken by settings in Tokens."]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, ": command  ? help"))
        app.main.go(Place("tokens"))
        await until(pilot, shows(app, "F7 join"))
        # WHEN ^s is pressed THEN nothing is done: there is nothing to save or send
        await pilot.press("ctrl+s")
        assert app.main.place.view == "tokens"
        assert "saved" not in screen_text(app)
        # WHEN the moved key is pressed THEN machines can join
        await pilot.press("f7")
        await until(pilot, lambda: app.main.place.view == "join")


@pytest.mark.parametrize("width", [80, 120, 160])
async def test_help_knows_the_keys_of_a_form_and_comes_back_to_it(width: int) -> None:
    # GIVEN a form in which something is typed
    app, _ = staged()
    async with app.run_test(size=(width, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"nginx")
        # THEN its last row has eight keys at most, with those that send, tell more, and leave
        foot = screen_text(app).splitlines()[-1]
        assert all(word in foot for word in ("^s create", "F1 about", "F9 keys", "esc leave"))
        assert len(foot.split("  ")) <= 8 + foot.count("    ")
        # WHEN its help is asked for
        await pilot.press("f9")
        # THEN its keys come first, and what cannot be pressed here is not there
        await until(pilot, shows(app, "Finding a field"))
        text = screen_text(app)
        assert "take offer" in text
        assert "columns left" not in text
        # WHEN it is left THEN the form is there as it was
        await pilot.press("escape")
        await until(pilot, shows(app, "^s create"))
        assert filled(app).values["IMAGE"] == ("nginx",)


async def test_a_key_of_a_form_may_be_moved() -> None:
    # GIVEN sending on F8, and the offer on F6
    app, changes = _moved(form_send="f8", form_offer="f6")
    assert app.main.keymap.clashes == []
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        # THEN the footer says so
        foot = screen_text(app).splitlines()[-1]
        assert "F8 create" in foot
        assert "F6 offer" in foot
        # WHEN the old key is pressed THEN nothing is sent, nor is a file written
        await pilot.press(*"nginx", "ctrl+s")
        await until(pilot, shows(app, "nginx"))
        assert not changes.asked
        assert "saved to" not in screen_text(app)
        # WHEN the new one is THEN it is sent
        await pilot.press("f8")
        await until(pilot, lambda: bool(changes.asked))


async def test_what_one_types_in_is_left_also_when_the_way_back_is_a_letter() -> None:
    # GIVEN the way back on a letter
    app, _ = staged(keys={"back": ["Q"]})
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        # WHEN the letter is pressed THEN it is typed
        await pilot.press("Q")
        assert filled(app).values["IMAGE"] == ("Q",)
        # WHEN esc is pressed THEN the list is back, and the footer had said so
        assert "esc leave" in screen_text(app).splitlines()[-1]
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.main.place == Place("services") or app.main.place.view == "services")


async def test_a_look_at_help_forgets_nobody_who_waits_for_the_form() -> None:
    # GIVEN a line whose network is made on the way
    app, changes = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        app.main.edit_command("service create --network back")
        await until(pilot, shows(app, "+ create “back”"))
        await pilot.press("tab")
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        # WHEN help is looked at in between
        await pilot.press("f9")
        await until(pilot, shows(app, "is focused, so its keys come first"))
        await pilot.press("escape")
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        # THEN the line goes on once the network is made
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        changes.heard["on_done"](Outcome(changes.asked[-1], State.DONE, "Done.", answers=({"Id": "n-new"},)))
        await until(pilot, lambda: app.main.command.is_open)


async def test_the_palette_has_what_a_form_can_do() -> None:
    # GIVEN a form
    app, _ = staged()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        # WHEN the palette is asked for the next section THEN it is there, and goes to it
        before = filled(app).page
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen is not app.main)
        await pilot.press(*"next section")
        await until(pilot, lambda: "next section  F4" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: filled(app).page != before)


def test_the_app_of_the_tests_has_no_clash() -> None:
    # GIVEN the default keys WHEN the app is made THEN nothing was given up
    assert make_app().main.keymap.clashes == []
