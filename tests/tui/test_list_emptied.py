"""A list that is narrowed to one row, whose object is removed: nothing tells of it as if it were there."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

import pytest

from backends.model import Changes, Image, Kind, Volume
from tests.tui.stage import cluster_of, live, make_app, screen_text
from tests.tui.test_app_start import until
from tests.unit.change_world import NOW, world
from tui.screens.list_page import ListPage

_FIELDS: dict[Kind, str] = {kind: f"{kind.value}s" for kind in Kind if kind not in (Kind.STACK, Kind.ENGINE)}


def _snapshot() -> Any:
    volume = Volume(name="data", driver="local", node_id="mgr")
    image = Image(image_id="sha256:aa", tags=("nginx:1",), node_id="mgr")
    known = world()
    listed = MappingProxyType({**known.listed, Kind.VOLUME: NOW, Kind.IMAGE: NOW})
    more = {"volumes": MappingProxyType({volume.key.id: volume}), "images": MappingProxyType({image.key.id: image})}
    return live(replace(known, listed=listed, **cast(Any, more)))


@pytest.mark.parametrize(("size", "bigger"), [((80, 24), 0), ((80, 24), 1), ((80, 24), 2), ((160, 48), 0)])
@pytest.mark.parametrize(
    "view", ["services", "tasks", "nodes", "networks", "containers", "volumes", "images", "configs", "secrets"]
)
async def test_what_is_gone_is_told_of_nowhere(view: str, size: tuple[int, int], bigger: int) -> None:
    # GIVEN a list narrowed to one row, in each division of the screen
    snapshot = _snapshot()
    app = make_app(snapshot, view=view)
    async with app.run_test(size=size) as pilot:
        page = cast(ListPage, app.main.page)
        await until(pilot, lambda: bool(page.table.keys))
        for _ in range(bigger):
            app.main.cycle_detail()
        key = page.table.keys[0]
        things = getattr(snapshot, _FIELDS[key.kind])
        name = getattr(things[key.id], "name", "") or key.id
        page.set_filter(name)
        await until(pilot, lambda: page.table.shown < page.table.total or page.table.total == 1)
        gone = set(page.table.keys)
        # WHEN what is in it goes
        left = {id: thing for id, thing in things.items() if thing.key not in gone}
        after = replace(snapshot, **{_FIELDS[key.kind]: MappingProxyType(left)})
        cluster_of(app).change(after, Changes(keys=frozenset(gone)))
        await until(pilot, lambda: page.table.shown == 0)
        # THEN neither title nor facts tell of it, and no line is copied of it
        assert page.shown is None
        assert page.shown_key is None
        said = [text for line in page.detail.lines for text, _ in line]
        assert said == ([f"Nothing matches /{name}."] if page.has_detail and left else [])
        if said:
            await until(pilot, lambda: f"Nothing matches /{name}." in screen_text(app))
        # AND not after another division of the screen either
        app.main.cycle_detail()
        await pilot.pause()
        assert page.shown is None
        page.act("copy-command", ())
        await pilot.pause()
        assert "copied" not in screen_text(app)
