"""The list widget: keys, mouse, messages, and how little is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from backends.model import Kind
from tests.tui.widget_app import WidgetApp, screen_text
from tests.unit.table_sample import PLACE, Thing, World, errors, key, names
from tui.look.tokens import Choice, Depth
from tui.places import Place
from tui.widgets.table import ResourceTable


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """An app with one list in it."""

    def __init__(self, pilot: Pilot[Any], world: World, clock: Clock) -> None:
        self.pilot, self.world, self.clock = pilot, world, clock
        self.app: WidgetApp = pilot.app  # type: ignore[assignment]
        self.table = pilot.app.query_one(ResourceTable)

    async def text(self) -> list[str]:
        await self.pilot.pause()
        return screen_text(self.app)

    async def heard(self) -> list[object]:
        """Messages since the last time."""
        await self.pilot.pause()
        heard, self.app.heard = self.app.heard, []
        return heard


@asynccontextmanager
async def stage(
    world: World, size: tuple[int, int] = (60, 12), choice: Choice | None = None, place: Place = PLACE, **fields: Any
) -> AsyncIterator[Stage]:
    clock = Clock()
    app = WidgetApp(lambda: ResourceTable(world.spec(**fields), place, clock=clock), choice=choice)
    async with app.run_test(size=size) as pilot:
        table = app.query_one(ResourceTable)
        table.focus()
        table.update(world.moment())
        on = Stage(pilot, world, clock)
        await on.heard()
        yield on


def watch(table: ResourceTable, monkeypatch: pytest.MonkeyPatch) -> list[Region]:
    """Regions that the table asks to be drawn from now on."""
    regions: list[Region] = []
    original: Callable[..., Any] = table.refresh

    def refresh(*asked: Region, **options: Any) -> Any:
        regions.extend(asked or [Region(0, 0, *table.size)])
        return original(*asked, **options)

    monkeypatch.setattr(table, "refresh", refresh)
    return regions


async def test_an_untouched_cursor_stays_on_the_first_row_until_all_is_listed() -> None:
    # GIVEN a list of which only a part has come
    world = World(Thing("2", "m"))
    world.listed = {}
    async with stage(world) as on:
        # WHEN rows come in before the first one
        on.table.update(world.moment(), world.put(Thing("1", "b")))
        # THEN the cursor stands on the new first row
        assert on.table.cursor_key == key("1")
        world.listed = {Kind.SERVICE: 1.0}
        on.table.update(world.moment(), world.put(Thing("3", "a")))
        assert on.table.cursor_key == key("3")
        # AND once all was listed, on its object
        on.table.update(world.moment(), world.put(Thing("4", "_")))
        assert on.table.cursor_key == key("3")


async def test_a_cursor_that_was_moved_stays_on_its_object_while_a_list_is_read() -> None:
    world = World(Thing("2", "m"), Thing("3", "n"))
    world.listed = {}
    async with stage(world) as on:
        on.table.move("up")
        on.table.update(world.moment(), world.put(Thing("1", "b")))
        assert on.table.cursor_key == key("2")


async def test_one_changed_row_is_one_row_rendered_and_one_line_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN ten thousand rows on the screen
    async with stage(World(*names(10_000)), (100, 40)) as on:
        rendered = on.table.rows_rendered
        regions = watch(on.table, monkeypatch)
        # WHEN one that is seen changes
        on.table.update(on.world.moment(), on.world.change("id00004", state="failing"))
        # THEN one row is rendered and one line is drawn
        assert on.table.rows_rendered - rendered == 1
        assert regions == [Region(0, 5, 100, 1)]
        assert "✗ failing" in (await on.text())[5]


async def test_changes_out_of_sight_draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(World(*names(1000)), (100, 20)) as on:
        rendered = on.table.rows_rendered
        regions = watch(on.table, monkeypatch)
        for number in range(500, 600):
            on.table.update(on.world.moment(), on.world.change(f"id{number:05}", cpu=3.0))
        assert on.table.rows_rendered == rendered
        assert regions == []


async def test_the_same_state_again_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(World(*names(100))) as on:
        regions = watch(on.table, monkeypatch)
        on.table.update(on.world.moment())
        on.table.tick(on.world.now)
        assert regions == []


async def test_the_cursor_draws_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(World(*names(100))) as on:
        on.table.move("down")
        regions = watch(on.table, monkeypatch)
        rendered = on.table.rows_rendered
        on.table.move("down")
        # THEN the row that had it and the row that has it are drawn, and none is rendered again
        assert regions == [Region(0, 2, 60, 2)]
        assert on.table.rows_rendered == rendered


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["down", "down", "up"], 1),
        (["end"], 99),
        (["end", "home"], 0),
        (["page-down"], 10),
        (["page-down", "page-up"], 0),
        (["half-down", "half-down", "half-up"], 5),
        (["up"], 0),
        (["end", "down"], 99),
    ],
)
async def test_keys_move_the_cursor(steps: list[str], expected: int) -> None:
    async with stage(World(*names(100))) as on:
        for step in steps:
            on.table.move(step)
        assert on.table.cursor_key == key(f"id{expected:05}")
        assert f"▌ thing{expected:05}" in "\n".join(await on.text())


async def test_a_step_that_does_not_exist_is_an_error() -> None:
    async with stage(World()) as on:
        with pytest.raises(LookupError):
            on.table.move("sideways")


async def test_a_page_of_tall_rows_is_a_page_of_lines() -> None:
    world = World(*(Thing(f"{n:02}", f"n{n:02}", error="x" * 60) for n in range(30)))
    async with stage(world, under=errors) as on:
        on.table.move("page-down")
        assert on.table.cursor_key == key("03")


async def test_messages_say_what_happened_once() -> None:
    async with stage(World(*names(3))) as on:
        on.table.move("down")
        on.table.move("down")
        on.table.move("down")
        on.table.select()
        assert await on.heard() == [("cursor", "id00001"), ("cursor", "id00002"), ("selected", "id00002")]
        on.table.update(on.world.moment(), on.world.drop("id00002"))
        assert await on.heard() == [("cursor", "id00001"), ("counted", 2, 2)]
        on.table.sort_by("cpu")
        on.table.sort_by("cpu")
        assert await on.heard() == [("sorted", "cpu", False), ("sorted", "cpu", True)]
        on.table.filter_by(lambda thing, moment: False, "zzz")
        assert await on.heard() == [("cursor", None), ("counted", 0, 2)]
        assert "Nothing matches /zzz." in "\n".join(await on.text())


async def test_columns_are_sorted_through_one_after_the_other() -> None:
    async with stage(World(*names(3))) as on:
        seen = []
        for _ in range(5):
            on.table.cycle_sort()
            seen.append(on.table.sort[0])
        assert seen == ["name", "state", "cpu", "age", ""]


async def test_rows_keep_their_places_for_a_moment_after_a_key() -> None:
    async with stage(World(*names(5))) as on:
        on.table.sort_by("cpu")
        on.table.move("down")
        # WHEN the order turns round just after a key
        on.table.update(on.world.moment(), on.world.change("id00004", cpu=9.0))
        assert on.table.keys[-1] == key("id00004")
        # THEN rows stay until nobody has pressed one for a while
        on.clock.now += 5
        on.table.update(on.world.moment(), on.world.change("id00003", cpu=8.0))
        on.table.settle()
        assert [one.id for one in on.table.keys][:2] == ["id00004", "id00003"]


async def test_the_mouse_does_what_keys_do() -> None:
    async with stage(World(*names(100))) as on:
        await on.pilot.click(ResourceTable, offset=(5, 4))
        assert on.table.cursor_key == key("id00003")
        await on.pilot.click(ResourceTable, offset=(5, 6), control=True)
        assert on.table.marks == {key("id00005")}
        await on.pilot.click(ResourceTable, offset=(5, 6), times=2)
        assert ("selected", "id00005") in await on.heard()
        # WHEN a title is clicked THEN the list is sorted by it
        slot = next(slot for slot in on.table.column_layout if slot.column.id == "cpu")
        await on.pilot.click(ResourceTable, offset=(slot.x + slot.width - 1, 0))
        assert on.table.sort == ("cpu", False)


async def test_the_wheel_leaves_the_cursor_on_its_object() -> None:
    async with stage(World(*names(100))) as on:
        on.table._wheel(30)
        assert on.table.cursor_key == key("id00000")
        assert (await on.text())[1].startswith("  thing00030")
        # WHEN a key comes THEN the cursor's row is seen again
        on.table.move("down")
        assert "▌ thing00001" in "\n".join(await on.text())


async def test_the_scroll_bar_can_be_dragged_and_is_there_only_if_needed() -> None:
    async with stage(World(*names(100))) as on:
        assert (await on.text())[1].endswith("▕")
        await on.pilot.mouse_down(ResourceTable, offset=(59, 11))
        await on.pilot.mouse_up(ResourceTable, offset=(59, 11))
        assert "thing00099" in (await on.text())[11]
        on.table.filter_by(lambda thing, moment: thing.id < "id00005")
        assert "▕" not in "\n".join(await on.text())


async def test_marks_are_seen_and_counted() -> None:
    async with stage(World(*names(5))) as on:
        on.table.mark()
        on.table.move("down")
        on.table.mark_range()
        assert [row[:3] for row in (await on.text())[1:5]] == [" ◆t", " ◆t", "▌◆t", "  t"]
        marked = on.table.targets
        on.table.clear_marks()
        assert (len(marked), on.table.targets) == (3, (key("id00002"),))
        on.table.mark_all()
        assert len(on.table.marks) == 5


async def test_a_list_that_follows_keeps_the_cursor_on_its_first_row_until_it_is_moved() -> None:
    # GIVEN a list whose newest row is its first
    async with stage(World(*names(5)), follows=True) as on:
        # WHEN another one comes before it
        on.table.update(on.world.moment(), on.world.put(Thing("id", "a first one")))
        # THEN the cursor is on that
        assert on.table.cursor_key == key("id")
        # AND once it was moved it stays on its object
        on.table.move("down")
        moved = on.table.cursor_key
        on.clock.now += 10
        on.table.update(on.world.moment(), on.world.put(Thing("i", "a")))
        assert on.table.cursor_key == moved


async def test_focus_shows_in_the_cursors_row() -> None:
    async with stage(World(*names(5))) as on:
        bright = on.table.render_line(1)
        on.app.set_focus(None)
        await on.pilot.pause()
        pale = on.table.render_line(1)
        assert bright != pale
        assert bright.text == pale.text


async def test_grey_bars_until_the_kind_was_listed() -> None:
    world = World()
    world.listed = {}
    async with stage(world) as on:
        assert "───" in (await on.text())[1]
        # WHEN it was listed and is empty THEN the list says so; it can be told to wait all the same
        world.listed = {Kind.SERVICE: 1.0}
        on.table.update(world.moment())
        assert "No things yet." in "\n".join(await on.text())
        on.table.connecting = True
        assert "───" in (await on.text())[1]


async def test_another_list_takes_the_widget_over() -> None:
    async with stage(World(*names(50))) as on:
        on.table.move("end")
        on.table.mark()
        on.table.filter_by(lambda thing, moment: True, "x")
        other = World(Thing("b", "beta"), Thing("a", "alpha", state="down"))
        # WHEN another list is shown, of a place with cursor, sort and faults
        on.table.show(
            other.spec(title="Others"), Place("others", sort="name", reverse=True, cursor=key("a")), other.moment()
        )
        # THEN nothing of the old one is left
        assert on.table.spec.title == "Others"
        assert (on.table.cursor_key, on.table.marks, on.table.filter) == (key("a"), frozenset(), None)
        assert on.table.sort == ("name", True)
        assert [row.split()[0] for row in (await on.text())[1:3]] == ["beta", "▌"]


async def test_a_terminal_of_another_size_has_other_columns() -> None:
    async with stage(World(*names(5))) as on:
        await on.pilot.resize_terminal(30, 12)
        assert [slot.column.id for slot in on.table.column_layout] == ["name", "state"]
        await on.pilot.resize_terminal(200, 12)
        for _ in range(200):  # a busy machine lays out later
            if "id" in [slot.column.id for slot in on.table.column_layout]:
                break
            await on.pilot.pause(0.01)
        else:
            pytest.fail("the columns of the wide screen never came")
        on.table.wide = False
        assert "id" not in [slot.column.id for slot in on.table.column_layout]


async def test_stale_and_notice_are_seen() -> None:
    async with stage(World(*names(2))) as on:
        on.table.stale = True
        assert on.table.stale
        on.table.notice = [(("Not a manager.", "strong"),)]
        assert (await on.text())[1] == "  Not a manager."
        on.table.notice = ()
        assert "thing00000" in (await on.text())[1]


async def test_faults_only_can_be_switched() -> None:
    async with stage(World(Thing("a", "a"), Thing("b", "b", state="down"))) as on:
        on.table.faults = True
        assert (on.table.shown, on.table.total, on.table.faults) == (1, 2, True)


async def test_a_changed_cell_is_underlined_where_there_is_no_colour() -> None:
    async with stage(World(*names(3)), choice=Choice(Depth.MONO)) as on:
        on.table.update(on.world.moment(), on.world.change("id00001", cpu=77.0))
        cell = next(segment for segment in on.table.render_line(2) if "77" in segment.text)
        assert cell.style is not None
        assert cell.style.underline
