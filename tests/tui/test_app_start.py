"""The app from its start to its end: connecting, sessions, errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from backends.model import EMPTY, Changes, Key, Kind, Link, LinkState
from tests.tui.stage import NOW, FakeComposer, cluster_of, everything, live, make_app, screen_text
from tui.app import DnetApp

SOCKET = "unix:///var/run/docker.sock"


async def until(pilot: Pilot[object], condition: Callable[[], bool]) -> None:
    """Waits for a condition, with a deadline."""
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        await pilot.pause(0.01)
        if condition():
            return
    pytest.fail("it did not come to that:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


def shows(app: DnetApp, text: str) -> Callable[[], bool]:
    return lambda: text in screen_text(app)


async def test_the_start_view_is_there_with_frame_tabs_and_keys() -> None:
    # GIVEN an app in the services
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        # WHEN it has started
        await until(pilot, shows(app, "shop/web:1"))
        rows = screen_text(app).splitlines()
        # THEN each row of the frame is where it belongs
        assert rows[0].startswith(" dnet  default")
        assert rows[0].endswith("● live")
        assert "3 Services" in rows[1]
        assert rows[2].startswith("━━ Services ━")
        assert rows[-1].endswith(": command  ? help")
        assert cluster_of(app).started


async def test_what_is_wrong_with_the_configuration_is_said_at_the_start() -> None:
    # GIVEN a configuration with a key that is taken
    app = make_app(problems=["keys: describe: y is taken by yaml in Overview."])
    async with app.run_test(size=(120, 36)) as pilot:
        # WHEN it starts, THEN that stands over the frame, which is there
        await until(pilot, shows(app, "y is taken by yaml"))
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN a key is pressed, THEN it is gone
        await pilot.press("down")
        await until(pilot, lambda: "taken by yaml" not in screen_text(app))


async def test_connecting_shows_bars_and_counts() -> None:
    # GIVEN an engine that has not answered yet
    waiting = replace(EMPTY, link=Link(endpoint=SOCKET, state=LinkState.CONNECTING, since=NOW - 3))
    app = make_app(waiting, view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        # WHEN it starts, THEN row 0 says who is asked and for how long
        await until(pilot, shows(app, f"asking {SOCKET}"))
        await until(pilot, shows(app, "◐ connecting 3 s"))
        # WHEN the answer comes
        cluster_of(app).change(live(), everything(live()))
        # THEN the rows are there at once
        await until(pilot, shows(app, "shop/web:1"))


async def test_where_no_engine_is_the_demo_takes_its_place_and_says_why() -> None:
    # GIVEN an app that shows the demo if nothing answers
    waiting = replace(EMPTY, link=Link(endpoint=SOCKET, state=LinkState.CONNECTING))
    app = make_app(waiting, view="services", demo_if_none=True)
    old = cluster_of(app)
    async with app.run_test(size=(120, 36)) as pilot:
        # WHEN the engine turns out not to be there
        old.link(state=LinkState.UNREACHABLE, problem=f"There is no socket {SOCKET[7:]}.")
        # THEN the demo is shown with its chip and the reason
        await until(pilot, shows(app, "DEMO"))
        await until(pilot, shows(app, "No engine answered at"))
        assert app.session.reason.startswith(f"No engine answered at {SOCKET}: there is no socket")
        await until(pilot, lambda: old.closed)
        # WHEN a key is pressed, THEN the reason was read
        await pilot.press("j")
        assert "No engine answered" not in screen_text(app)


async def test_another_context_is_another_session() -> None:
    # GIVEN a live session with a way behind it
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        first = cluster_of(app)
        # WHEN another context is chosen
        app.use_context("prod-eu")
        # THEN it is shown, and the first one is closed
        await until(pilot, shows(app, "prod-eu"))
        await until(pilot, lambda: first.closed)
        assert app.main.session is app.session
        composer = app.composer
        assert isinstance(composer, FakeComposer)
        assert composer.made[0] is app.session


async def test_quitting_closes_the_connection() -> None:
    # GIVEN a running app
    app = make_app()
    async with app.run_test() as pilot:
        await until(pilot, shows(app, "Services"))
        # WHEN the key that quits is pressed
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    # THEN nothing is left open
    assert cluster_of(app).closed


async def test_an_action_that_fails_is_said_and_the_app_lives() -> None:
    # GIVEN an action whose work fails
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "Services"))
        app.main.failed("scale", RuntimeError("the [roof] is \x1b[31moff"))
        # THEN the toast says so, cleaned, until a key
        await until(pilot, shows(app, "scale failed: the [roof] is ␛[31moff."))
        await pilot.press("j")
        assert "roof" not in screen_text(app)


async def test_only_a_change_draws() -> None:
    # GIVEN a quiet screen
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.pause(0.1)
        table = app.main.pages["list"].query_one("#list")
        before = table.rows_rendered  # type: ignore[attr-defined]
        # WHEN another kind changes
        cluster = cluster_of(app)
        cluster.change(cluster.snapshot, Changes(kinds=frozenset({Kind.IMAGE}), keys=frozenset({Key(Kind.IMAGE, "x")})))
        await pilot.pause(0.2)
        # THEN no row was rendered for it
        assert table.rows_rendered == before  # type: ignore[attr-defined]


async def test_what_comes_before_there_is_a_screen_is_shown_with_it() -> None:
    # GIVEN an engine that has not answered yet
    waiting = replace(EMPTY, link=Link(endpoint=SOCKET, state=LinkState.CONNECTING, since=NOW - 3))
    app = make_app(waiting, view="services")
    cluster = cluster_of(app)
    opened = app.main._opened

    def open_and_answer(*arguments: object) -> None:
        # WHEN the answer comes just after the page was opened, while its screen is not mounted yet, and nothing else
        opened(*arguments)  # type: ignore[arg-type]
        if cluster.snapshot is waiting:
            cluster.change(live(), everything(live()))
            assert app._bridge is not None
            app._bridge.flush()

    app.main._opened = open_and_answer  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(120, 36)) as pilot:
        # THEN it is shown
        await until(pilot, shows(app, "shop/web:1"))
