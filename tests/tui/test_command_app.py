"""The ``:`` line on screen with docker lines: candidates, the marker, taking words, the form of a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot

from backends.model import Kind, Secret
from tests.tui.stage import cluster_of, make_app, screen_text
from tui.app import DnetApp


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Types at the ``:`` line, as if pasted."""
    app = pilot.app
    assert isinstance(app, DnetApp)
    app.main.command.paste(text)
    await pilot.pause()


async def test_words_are_taken_one_after_another() -> None:
    # GIVEN a docker line being typed
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await typed(pilot, "docker service create --net")
        text = screen_text(app)
        assert "── Flags " in text
        assert "Network attachments" in text
        # WHEN tab takes THEN the value is next, from what the cluster has
        await pilot.press("tab")
        await pilot.pause()
        assert app.main.command.text == "docker service create --network "
        assert "── --network " in screen_text(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        # AND enter on a chosen word takes it, and runs nothing
        assert app.main.command.text == "docker service create --network front "
        assert app.main.command.is_open


async def test_an_error_points_at_its_word() -> None:
    # GIVEN a line with a wrong value in its middle
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await typed(pilot, "docker service create --replicas x nginx ")
        rows = screen_text(app).splitlines()
        # THEN the row above the line points at it
        assert rows[-1].index(" x ") + 1 == rows[-2].index("▾")
        assert any("invalid argument" in row for row in rows)
        # AND nothing runs
        await pilot.press("enter")
        await pilot.pause()
        assert app.main.command.is_open
        assert app.main.command.text == "docker service create --replicas x nginx "


async def test_what_is_half_typed_is_not_wrong_yet() -> None:
    # GIVEN a flag that is begun, and one that waits for its value
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        for text in ("docker service create --netw", "ork "):
            await typed(pilot, text)
            assert "▾" not in screen_text(app)


async def test_secrets_are_listed_once_when_they_are_to_be_named() -> None:
    # GIVEN a list on screen that keeps no secrets up
    app = make_app()
    asked: list[Kind] = []

    class Engine:
        endpoint, api_version = "nowhere", "1.41"

        async def list(self, kind: Kind, filters: object = None) -> Sequence[Secret]:
            asked.append(kind)
            return [Secret(id="s1", name="db_pass")]

    cluster = cluster_of(app)
    cluster.engine = Engine()  # type: ignore[assignment]
    listed = {kind: at for kind, at in cluster.snapshot.listed.items() if kind is not Kind.SECRET}
    object.__setattr__(cluster.snapshot, "listed", listed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await typed(pilot, "docker service create --secret ")
        for _ in range(50):
            await pilot.pause()
            if "db_pass" in screen_text(app):
                break
        # THEN they are offered as soon as they have come, and asked for once
        assert "db_pass" in screen_text(app)
        await typed(pilot, "db")
        assert asked == [Kind.SECRET]
        assert [one.text for one in app.main.command.candidates] == ["db_pass"]


async def test_a_line_is_opened_in_its_form() -> None:
    # GIVEN a line of a verb that has a form
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await typed(pilot, "docker service create --name cache nginx")
        assert "^e form" in screen_text(app)
        # WHEN ^e is pressed THEN the form is there, filled from the line
        await pilot.press("ctrl+e")
        for _ in range(50):
            await pilot.pause()
            if "cache" in screen_text(app):
                break
        assert app.main.place.view == "form"
        assert "cache" in screen_text(app)
        assert not app.main.command.is_open


async def test_ctrl_e_goes_to_the_end_of_any_other_line() -> None:
    # GIVEN a line without a form, the cursor at its start
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await typed(pilot, "services web")
        await pilot.press("home", "ctrl+e", "x")
        await pilot.pause()
        assert app.main.command.text == "services webx"
