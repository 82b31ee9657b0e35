"""The rollouts on screen: the list, one rollout, leaving it and coming back, rolling it back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from backends.api import Json, LogBatch, LogLine, LogOptions
from backends.model import Key, Kind, Snapshot
from tests.tui.stage import NOW as STAGE_NOW
from tests.tui.stage import cluster_of, everything, live, make_app, screen_text
from tests.unit import rollout_world as rollouts
from tui.app import DnetApp
from tui.places import Place

SERVICE = Key(Kind.SERVICE, "s-api")
assert STAGE_NOW < rollouts.NOW


def staged(snapshot: Snapshot) -> Snapshot:
    """Live, with a manager's engine, at the rollout's own moment."""
    base = live()
    return replace(
        base,
        taken=rollouts.NOW,
        nodes=snapshot.nodes,
        services=snapshot.services,
        tasks=snapshot.tasks,
        containers={},
        stacks={},
        networks={},
    )


def app_of(snapshot: Snapshot, view: str = "rollouts", **more: Any) -> DnetApp:
    return make_app(staged(snapshot), view=view, clock=lambda: rollouts.NOW, **more)


async def shown(app: DnetApp, pilot: Pilot[Any], text: str) -> str:
    """The screen once ``text`` is on it, or as it is after long enough."""
    for _ in range(100):
        if text in screen_text(app):
            break
        await pilot.pause()
    return screen_text(app)


def with_log(app: DnetApp, lines: Sequence[str]) -> list[tuple[Key, LogOptions]]:
    """The cluster answers each log with these lines; what was asked for."""
    asked: list[tuple[Key, LogOptions]] = []

    @asynccontextmanager
    async def logs(key: Key, options: LogOptions) -> AsyncIterator[AsyncIterator[LogBatch]]:
        asked.append((key, options))

        async def batches() -> AsyncIterator[LogBatch]:
            yield LogBatch(tuple(LogLine(None, "stderr", text) for text in lines))

        yield batches()

    cluster_of(app).logs = logs  # type: ignore[method-assign]
    return asked


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24), (60, 15)])
async def test_a_rollout_is_gone_into_and_left_running(size: tuple[int, int]) -> None:
    # GIVEN the list of rollouts
    app = app_of(rollouts.midway())
    async with app.run_test(size=size) as pilot:
        assert "updating" in await shown(app, pilot, "updating")
        # WHEN one is opened
        await pilot.press("enter")
        # THEN it tells its replicas, its failure in full, and how near the policy is
        text = await shown(app, pilot, "api › update")
        assert "api › update" in text
        if size[1] > 20:
            assert "1 failure of 1 allowed before rollback" in text
            assert text.count("No such image: shop/api:2") >= 1
            assert "◐ again" in text
        assert cluster_of(app).watched[-1:] == [] or SERVICE.id in cluster_of(app).watched[-1].services
        # AND b leads back, the rollout going on
        await pilot.press("b")
        await pilot.pause()
        assert app.main.place.view == "rollouts"
        assert app.main.place.cursor == SERVICE


async def test_the_cursor_begins_at_what_failed_and_its_log_is_read_once() -> None:
    # GIVEN a failed try that had a container
    base = rollouts.midway()
    failed = rollouts.new(2, "failed", container_id="c-2", exit_code=1, error="task: non-zero exit (1)")
    snapshot = replace(base, tasks={**base.tasks, failed.id: failed})
    app = app_of(snapshot, "services")
    asked = with_log(app, ["starting", "cannot reach db"])
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        app.main.go(Place("rollout", (SERVICE,)))
        text = await shown(app, pilot, "cannot reach db")
        # THEN its last words stand beside it, and the page asked for them once, at their end
        assert "Slot 2, first try" in text
        assert "cannot reach db" in text
        assert [(key.id, options.follow) for key, options in asked] == [(failed.id, False)]
        # AND a frame later they are not asked for again
        cluster_of(app).change(app.main.cluster.snapshot, everything(app.main.cluster.snapshot))
        await pilot.pause()
        assert len(asked) == 1


async def test_a_rollout_that_is_rolled_back_meanwhile_says_so() -> None:
    # GIVEN a rollout on screen
    app = app_of(rollouts.midway(), "services")
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        app.main.go(Place("rollout", (SERVICE,)))
        await pilot.pause()
        # WHEN the engine rolls it back
        after = staged(rollouts.rolled_back())
        cluster_of(app).change(after, everything(after))
        # THEN that is what it says, with the reason, and never that it converged
        text = await shown(app, pilot, "was rolled back")
        assert "▲ rolled back" in text
        assert "api was rolled back: the change did not work. No such image: shop/api:2" in text
        assert "converged" not in text
        # AND there is nothing to go back to any more
        await pilot.press("ctrl+l")
        text = await shown(app, pilot, "has no spec")
        assert "api has no spec of before" in text


async def test_rolling_back_goes_the_way_of_all_changes() -> None:
    # GIVEN a rollout on screen in a read-only session
    app = app_of(rollouts.midway(), "services", readonly=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.main.go(Place("rollout", (SERVICE,)))
        await pilot.pause()
        # WHEN it is to be rolled back THEN that is refused
        await pilot.press("ctrl+l")
        assert "read-only" in await shown(app, pilot, "read-only")


async def test_rolling_back_sends_the_docker_line() -> None:
    # GIVEN a rollout on screen
    app = app_of(rollouts.midway(), "services")
    said: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.main.go(Place("rollout", (SERVICE,)))
        await pilot.pause()
        app.main.change = lambda line, **_: said.append(line)  # type: ignore[method-assign]
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert said == ["docker service rollback api"]


async def test_settings_that_differ_are_named_once_they_are_read() -> None:
    # GIVEN an engine that knows the spec of before
    app = app_of(rollouts.midway(), "services")
    asked: list[Key] = []

    async def inspect(key: Key) -> Json:
        asked.append(key)
        old: dict[str, Json] = {"Image": "shop/api:1", "Env": ["LEVEL=info"]}
        new: dict[str, Json] = {"Image": "shop/api:2", "Env": ["LEVEL=debug"]}
        return {
            "PreviousSpec": {"Name": "api", "TaskTemplate": {"ContainerSpec": old}},
            "Spec": {"Name": "api", "TaskTemplate": {"ContainerSpec": new}},
        }

    cluster_of(app).inspect = inspect  # type: ignore[method-assign]
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        app.main.go(Place("rollout", (SERVICE,)))
        # THEN it says which, and asks no more for the same rollout
        assert "shop/api:1 → shop/api:2 and env LEVEL" in await shown(app, pilot, "env LEVEL")
        cluster_of(app).change(app.main.cluster.snapshot, everything(app.main.cluster.snapshot))
        await pilot.pause()
        assert asked == [SERVICE]
        # AND no value is told
        assert "debug" not in screen_text(app)


async def test_a_service_that_goes_while_it_is_watched() -> None:
    # GIVEN a rollout on screen WHEN its service is removed THEN the page says so
    app = app_of(rollouts.midway(), "services")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.main.go(Place("rollout", (SERVICE,)))
        await pilot.pause()
        after = staged(replace(rollouts.midway(), services={}, tasks={}))
        cluster_of(app).change(after, everything(rollouts.midway()))
        assert "The service is gone." in await shown(app, pilot, "is gone")
