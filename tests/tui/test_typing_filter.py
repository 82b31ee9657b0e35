"""Typing a filter: it begins empty, its keys are in the last row, earlier ones come back, an empty list explains."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from backends.api import LogBatch, LogLine, LogOptions
from backends.model import Key
from tests.tui.stage import cluster_of, make_app, screen_text
from tests.tui.test_app_start import shows, until
from tests.tui.test_nav_app import row


async def test_a_new_filter_begins_empty_and_up_recalls_the_last_one() -> None:
    # GIVEN a list with a filter
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("slash", "w", "e", "b", "enter")
        await until(pilot, shows(app, "━━ Services  /web ━"))
        # WHEN another one is begun, THEN what is typed is all of it
        await pilot.press("slash", "d", "b", "enter")
        await until(pilot, shows(app, "━━ Services  /db ━"))
        # WHEN up is pressed before anything was typed, THEN earlier ones come, newest first
        await pilot.press("slash", "up", "up")
        await until(pilot, shows(app, "/web"))
        await pilot.press("down", "enter")
        await until(pilot, shows(app, "━━ Services  /db ━"))
        # AND an empty one is none
        await pilot.press("slash", "enter")
        await until(pilot, lambda: "/db" not in row(app, 2))


async def test_while_a_filter_is_typed_the_last_row_has_its_keys() -> None:
    app = make_app(view="services")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "web"))
        before = row(app, 23)
        await pilot.press("slash", "w")
        await until(pilot, lambda: "enter keeps it  esc clears" in row(app, 23))
        await pilot.press("escape")
        await until(pilot, lambda: row(app, 23) == before)


async def test_an_empty_list_names_what_its_filter_could_have_said() -> None:
    app = make_app(view="tasks")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "web.1"))
        # WHEN a state is looked for that no task is in
        await pilot.press("slash", *"state", "equals_sign", *"zzz", "enter")
        # THEN the list says which there are
        await until(pilot, shows(app, "Nothing matches /state=zzz."))
        assert "States here: " in screen_text(app)
        assert cluster_of(app).snapshot.tasks


async def test_a_search_for_nothing_is_the_last_one_again() -> None:
    # GIVEN a text in which something was found
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("d")
        await until(pilot, shows(app, "describe ━"))
        await pilot.press("slash", *"e", "enter")
        await until(pilot, shows(app, "hit 1 of"))
        # WHEN nothing is looked for, THEN the same is, from there on
        await pilot.press("slash", "enter")
        await until(pilot, shows(app, "hit 2 of"))


async def test_a_search_in_a_log_goes_to_the_newest_hit_on_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a log that is followed
    app = make_app(view="services")
    lines = tuple(LogLine(float(n), "stdout", f"{'order' if n in (3, 9) else 'line'} {n}", "t") for n in range(200))

    @asynccontextmanager
    async def logs(key: Key, options: LogOptions) -> AsyncIterator[Any]:
        async def batches() -> AsyncIterator[LogBatch]:
            yield LogBatch(lines)

        yield batches()

    monkeypatch.setattr(cluster_of(app), "logs", logs)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("l")
        await until(pilot, shows(app, "line 199"))
        # WHEN something is looked for that is far above
        await pilot.press("slash", *"order", "enter")
        # THEN the newest place is shown, and n goes on from it
        await until(pilot, shows(app, "hit 2 of 2"))
        assert "order 9" in screen_text(app)
