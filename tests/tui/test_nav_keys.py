"""Every key in every view: none is dead, none is a crash."""

from __future__ import annotations

import pytest

from tests.tui.stage import make_app, screen_text
from tests.tui.test_app_start import shows, until
from tui.frame import views

#: Ends the program, lends the terminal, or follows a stream that the fake cluster has not.
LEFT_OUT = {"quit", "shell", "logs", "logs.previous", "palette", "save"}


@pytest.mark.parametrize("view", views.names())
async def test_no_key_of_a_view_fails(view: str) -> None:
    # GIVEN a view
    app = make_app(view=view)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, ": command  ? help"))
        main = app.main
        actions = [one for one in main.keymap.here(view=view) if one.keys and one.id not in LEFT_OUT]
        # WHEN each of its keys is pressed, and one comes back after each
        for action in actions:
            main.go(main.past.of_view(view))
            main.press(action.keys[0])
            await pilot.pause(0)
            main.command.close()
            main.prompt_pane.close()
            main.box.close()
            main.filtering.end()
            main.press("escape")
        # THEN the frame still stands
        await until(pilot, shows(app, ": command  ? help"))
        assert len(screen_text(app).splitlines()) == 36
