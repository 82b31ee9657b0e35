"""The smallest changes on screen: how many replicas, which image."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from backends.model import Image, Kind, Service
from tests.tui.stage import cluster_of, live, make_app, screen_text
from tests.unit.change_world import NOW, by_id, world
from tui.app import DnetApp


def app_of(**session: Any) -> DnetApp:
    """``web`` with two replicas is the row under the cursor."""
    return make_app(live(world()), clock=lambda: NOW, **session)


async def pressed(pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    assert isinstance(pilot.app, DnetApp)
    return screen_text(pilot.app)


async def on_web(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    await pilot.press("end")
    await pilot.pause()


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
async def test_a_number_says_what_follows_while_it_is_typed(size: tuple[int, int]) -> None:
    # GIVEN the prompt of a service
    app = app_of()
    said: list[str] = []
    async with app.run_test(size=size) as pilot:
        await on_web(pilot)
        assert "Scale web" in await pressed(pilot, "s")
        # WHEN more are typed THEN where they find room
        text = await pressed(pilot, "4")
        assert "2 → 4" in text
        assert "+2 tasks; nothing restarts" in text
        assert "room      3 nodes" in text
        # WHEN fewer THEN what stops
        text = await pressed(pilot, "minus", "minus", "minus")
        assert "2 → 1" in text
        assert "stops     1 of 1 mgr and 2 w1" in text
        # AND enter hands over the docker line
        app.main.change = lambda line, **_: said.append(line)  # type: ignore[method-assign]
        await pressed(pilot, "enter")
        assert said == ["docker service scale web=1"]


async def test_an_image_says_what_it_costs() -> None:
    # GIVEN the prompt of an image, with a tag that is there
    app = app_of()
    cluster = cluster_of(app)
    image = Image(image_id="a", node_id="mgr", tags=("shop/web:2",), created=NOW - 7200)
    object.__setattr__(cluster.snapshot, "images", by_id(image))
    async with app.run_test(size=(80, 24)) as pilot:
        await on_web(pilot)
        text = await pressed(pilot, "i")
        assert "Image of web" in text
        assert "made 2 h ago, on this node" in text
        # WHEN it is chosen THEN what it costs and what it equals
        text = await pressed(pilot, "down", "down", "tab")
        assert "2 tasks restart, 1 at a time" in text
        assert "equals    docker service update --image shop/web:2 web" in text
        assert "failing   pauses after the first task that fails; ^l takes it back" in text


async def test_a_prompt_goes_over_into_the_form() -> None:
    # GIVEN a number that is typed WHEN ^e is pressed THEN the edit form of the service is there
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_web(pilot)
        await pressed(pilot, "s", "5", "ctrl+e")
        assert app.main.place.view == "form"
        assert app.main.place.scope == (live(world()).services["s-web"].key,)
        assert not app.main.prompt_pane.is_open


async def test_tasks_are_read_where_what_they_reserve_matters() -> None:
    # GIVEN a service that reserves memory, and a list that keeps no tasks up
    import msgspec

    from backends.model import Resources

    base = live(world())
    reserving: Service = msgspec.structs.replace(base.services["s-web"], resources=Resources(reserve_memory=3 << 30))
    app = app_of()
    cluster = cluster_of(app)
    snapshot = cluster.snapshot
    asked: list[Kind] = []

    class Engine:
        endpoint, api_version = "nowhere", "1.41"

        async def list(self, kind: Kind, filters: object = None) -> list[Any]:
            asked.append(kind)
            return [*snapshot.tasks.values()]

    listed = {kind: at for kind, at in snapshot.listed.items() if kind is not Kind.TASK}
    object.__setattr__(snapshot, "listed", listed)
    object.__setattr__(snapshot, "services", {**snapshot.services, "s-web": reserving})
    cluster.engine = Engine()  # type: ignore[assignment]
    async with app.run_test(size=(80, 24)) as pilot:
        await on_web(pilot)
        await pressed(pilot, "s", "3")
        for _ in range(50):
            text = screen_text(app)
            if "GiB free" in text:
                break
            await pilot.pause()
        # THEN they are asked for once, and the room is known
        assert "memory ✓ 18 GiB free" in text
        assert asked == [Kind.TASK]
