"""What a list has on its screen, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.model import Changes
from tests.unit.table_sample import PLACE, Thing, World, by_group, errors, key, names
from tui.text.span import Line, plain
from tui.widgets.listing import Listing, View
from tui.widgets.rows import head_line, place_columns
from tui.widgets.sheet import Scroll, Sheet


def listing_of(world: World, width: int = 60, height: int = 10, **fields: Any) -> Listing:
    listing = Listing(world.spec(**fields), PLACE)
    listing.resize(width, height, False)
    listing.changed(listing.model.set(world.moment()), (None, 0))
    return listing


def update(listing: Listing, world: World, changes: Changes) -> None:
    anchor = listing.anchor()
    listing.changed(listing.model.update(world.moment(), changes), anchor)


def text(listing: Listing, view: View | None = None, clock: float = 0.0) -> list[str]:
    return [plain(line).rstrip() for line, _ in listing.screen(view or View(focused=True), clock)]


def go(listing: Listing, id: str) -> None:
    listing.moved_by_hand = True
    listing.model.move_to(key(id))
    listing.reveal()


def test_a_list_has_a_head_and_its_rows() -> None:
    world = World(Thing("1", "web", cpu=12), Thing("2", "a-very-long-name-indeed", state="failing"))
    assert text(listing_of(world, 41, 5)) == [
        "  NAME          STATE         CPU   AGE",
        "▌ a-very…ndeed  ✗ failing     0 %    1m",
        "  web           ● healthy    12 %    1m",
        "",
        "",
    ]


def test_only_what_is_on_the_screen_is_rendered() -> None:
    # GIVEN ten thousand rows WHEN the first screen is drawn THEN as many were rendered as fit
    world = World(*names(10_000))
    listing = listing_of(world, 60, 20)
    listing.screen(View(), 0)
    assert listing.rendered == 19
    # WHEN one row on the screen changes, and a thousand elsewhere THEN that one is rendered
    update(listing, world, world.change("id00003", cpu=7.0))
    for number in range(5000, 6000):
        update(listing, world, world.change(f"id{number:05}", cpu=7.0))
    listing.screen(View(), 0)
    assert listing.rendered == 20


def test_a_narrow_list_opens_the_row_under_the_cursor() -> None:
    # GIVEN rows of which each has an error, in a list that opens one at a time
    world = World(Thing("1", "api", error="first"), Thing("2", "db", error="second"), Thing("3", "web", error="third"))
    listing = listing_of(world, 60, 8, under=errors, opened=errors)
    assert [row[:10].split() for row in text(listing)[1:5]] == [["▌", "api"], ["▌", "first"], ["db"], ["web"]]
    # WHEN the cursor goes on
    go(listing, "2")
    # THEN that row is open, and the one before is shut
    assert [row[:10].split() for row in text(listing)[1:5]] == [["api"], ["▌", "db"], ["▌", "second"], ["web"]]
    # AND a wide one shows all
    listing.resize(100, 8, False)
    shown = " ".join(text(listing))
    assert "first" in shown
    assert "third" in shown


def test_an_error_stands_below_its_row_in_full() -> None:
    world = World(
        Thing("1", "web", state="failed", error="no such image: shop/worker:1.10, pulled as nobody"), Thing("2", "x")
    )
    listing = listing_of(world, 41, 7, under=errors)
    assert text(listing) == [
        "  NAME          STATE         CPU   AGE",
        "▌ web           ✗ failed      0 %    1m",
        "▌       no such image:",
        "▌       shop/worker:1.10, pulled as",
        "▌       nobody",
        "  x             ● healthy     0 %    1m",
        "",
    ]
    # THEN the cursor tints the whole block
    assert [base for _, base in listing.screen(View(focused=True), 0)][1:5] == ["on_sel"] * 4


def test_a_row_that_grows_moves_the_others_down() -> None:
    world = World(Thing("1", "a"), Thing("2", "b"))
    listing = listing_of(world, 44, 5, under=errors)
    update(listing, world, world.change("1", error="broken"))
    assert [row[:12].strip() for row in text(listing)] == ["NAME", "▌ a", "▌       brok", "b", ""]


def test_groups_have_headings_with_a_remark() -> None:
    world = World(Thing("1", "a"), Thing("2", "b", group="Past tasks  newest first"))
    listing = listing_of(world, 44, 6, group=by_group)
    assert [row.split("   ")[0] for row in text(listing)] == [
        "  NAME",
        "▌ a",
        "  Past tasks  newest first",
        "  b",
        "",
        "",
    ]
    line = listing.screen(View(), 0)[2][0]
    assert line[1:] == (("Past tasks", "muted bold"), ("  ", ""), ("newest first", "faint"))


def test_a_changed_cell_is_loud_for_a_second() -> None:
    world = World(Thing("1", "a", cpu=3), Thing("2", "b"))
    listing = listing_of(world)
    listing.screen(View(), 10.0)
    # WHEN its load changes, and with it its age, as time does
    world.now += 7
    update(listing, world, world.change("1", cpu=4.0))

    def loud(clock: float) -> set[str]:
        return {t.strip() for line, _ in listing.screen(View(), clock) for t, s in line if "bold" in s.split()}

    # THEN the load is bold and the age is not, until a second is over
    assert loud(20.0) == {"4 %"}
    assert listing.quiet(20.5) == 21.0
    assert loud(21.5) == set()
    assert listing.quiet(21.5) is None


def test_time_changes_only_rows_whose_ages_go_on() -> None:
    # GIVEN a row of seconds and one of days
    world = World(Thing("1", "new", born=world_now() - 3), Thing("2", "old", born=world_now() - 86400 * 3))
    listing = listing_of(world)
    listing.screen(View(), 0)
    before = listing.rendered
    # WHEN a minute goes by, second by second
    changed = [listing.tick(world.now + second) for second in range(1, 61)]
    # THEN the new row was looked at each second, and the old one only now and then
    assert all(changed[:50])
    assert 60 <= listing.rendered - before <= 70


def world_now() -> float:
    return World().now


def test_the_cursors_row_stays_on_its_line_when_rows_come_above() -> None:
    world = World(*names(100))
    listing = listing_of(world)
    go(listing, "id00050")
    line = next(y for y, row in enumerate(text(listing)) if row.startswith("▌"))
    # WHEN ten come above it and five go
    update(listing, world, world.put(*(Thing(f"x{n}", f"a{n}") for n in range(10))))
    update(listing, world, world.drop(*(f"id{n:05}" for n in range(5))))
    # THEN it is where it was
    assert text(listing)[line].startswith("▌ thing00050")


def test_an_untouched_list_stays_at_its_start() -> None:
    world = World(*names(100))
    listing = listing_of(world)
    update(listing, world, world.put(Thing("x", "a-first")))
    assert text(listing)[1].split()[0] == "a-first"


def test_lines_that_are_pinned_never_scroll_away() -> None:
    foot: list[Line] = [(("✗", "err"), (" worker-4 not asked, host key changed", ""))]
    world = World(*names(50))
    listing = listing_of(world, 60, 8, footer=lambda moment, place, cells: foot)
    go(listing, "id00049")
    rows = text(listing)
    assert rows[-1] == "  ✗ worker-4 not asked, host key changed"
    assert rows[-2].startswith("▌ thing00049")


def test_pinned_lines_for_which_there_is_no_place_are_counted() -> None:
    # GIVEN more pinned lines than a third of the list WHEN it is drawn
    foot: list[Line] = [((f"worker-{i} not asked", ""),) for i in range(5)]
    rows = text(listing_of(World(*names(50)), 60, 9, footer=lambda moment, place, cells: foot))
    # THEN what is left out is said
    assert [row.strip() for row in rows[-3:]] == ["worker-0 not asked", "worker-1 not asked", "and 3 more"]


def test_an_empty_list_says_what_would_help() -> None:
    listing = listing_of(World())
    rows = [row.strip() for row in text(listing)]
    assert rows[0] == ""
    assert [row for row in rows if row] == ["No things yet.", "n makes one."]


def test_a_filter_says_how_many_it_hides() -> None:
    listing = listing_of(World(*names(14)))
    listing.changed(listing.model.set(World(*names(14)).moment()), (None, 0))
    listing.model.filter_by(lambda thing, moment: False)
    rows = [row.strip() for row in text(listing, View(filter_text="webb"))]
    assert [row for row in rows if row] == ["Nothing matches /webb.", "14 are hidden; esc clears the filter."]


def test_faults_only_says_that_all_is_well() -> None:
    listing = listing_of(World(*names(1)))
    listing.model.faults_only(True)
    assert [row.strip() for row in text(listing) if row] == ["Nothing is wrong here.", "1 is hidden; f2 shows all."]


def test_grey_bars_stand_for_rows_that_are_not_there_yet() -> None:
    listing = listing_of(World())
    screen = listing.screen(View(connecting=True), 0)
    assert plain(screen[0][0]).split() == ["NAME", "STATE", "CPU", "AGE"]
    assert set(plain(screen[1][0])) == {" ", "─"}


def test_a_stale_list_has_no_colours() -> None:
    listing = listing_of(World(Thing("1", "a", state="failing")))
    styles = {style for line, _ in listing.screen(View(stale=True), 0) for _, style in line}
    assert styles == {"muted"}


def test_a_notice_takes_the_place_of_rows() -> None:
    listing = listing_of(World(*names(3)), 30, 6)
    rows = text(listing, View(notice=((("No access to the engine, its socket is root's.", "strong"),), ())))
    assert rows == ["", "  No access to the engine,", "  its socket is root's.", "", "", ""]


@pytest.mark.parametrize(
    ("width", "wide", "shown"),
    [
        (120, True, "name state cpu age id"),
        (120, False, "name state cpu age"),
        (38, False, "name state cpu"),
        (30, False, "name state"),
        (8, False, "name state"),
    ],
)
def test_columns_go_in_their_order_where_there_is_no_room(width: int, wide: bool, shown: str) -> None:
    slots = place_columns(World().spec(), width, wide)
    assert " ".join(slot.column.id for slot in slots) == shown


def test_spare_room_goes_to_names() -> None:
    slots = place_columns(World().spec(), 60, False)
    assert [slot.width for slot in slots] == [24, 10, 5, 4]


def test_the_sorted_column_shows_which_way() -> None:
    slots = place_columns(World().spec(), 41, False)
    assert plain(head_line(slots, "cpu", up=False)).rstrip() == "  NAME          STATE         CPU▾  AGE"
    assert plain(head_line(slots, "name", up=True)).rstrip() == "  NAME▴         STATE         CPU   AGE"


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), max_size=30), st.data())
def test_lines_and_rows_agree(sizes: list[int], data: st.DataObject) -> None:
    # GIVEN rows of several lines, some with headings
    above = data.draw(st.dictionaries(st.integers(0, max(0, len(sizes) - 1)), st.integers(1, 2))) if sizes else {}
    sheet = Sheet()
    sheet.lay(len(sizes), dict(above), list(sizes))
    # THEN every line belongs to the row whose block it is in
    seen: Sequence[tuple[int, int]] = [sheet.at(line) for line in range(sheet.lines)]
    expected = [(index, line) for index, size in enumerate(sizes) for line in range(-above.get(index, 0), size)]
    assert list(seen) == expected
    assert sheet.at(-1) == sheet.at(sheet.lines) == (-1, 0)
    for index in range(len(sizes)):
        assert sheet.at(sheet.top(index)) == (index, 0)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 500), st.integers(0, 500))
def test_the_thumb_shows_where_the_window_is(height: int, lines: int, top: int) -> None:
    scroll = Scroll()
    scroll.height, scroll.top = height, top
    scroll.clamp(lines)
    thumb = scroll.thumb(lines)
    # THEN there is one only if something is out of sight, and it touches an end only at that end
    assert bool(thumb) == (lines > height)
    if thumb:
        assert 0 <= thumb.start < thumb.stop <= height
        if height - len(thumb) > 1:
            assert (thumb.start == 0) == (scroll.top == 0)
            assert (thumb.stop == height) == (scroll.top == lines - height)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["up", "down", "add", "drop", "grow", "filter"]), max_size=30), st.randoms())
def test_the_cursor_can_always_be_seen(steps: list[str], random: Any) -> None:
    # GIVEN a list on which anything happens WHEN keys and changes come THEN the cursor's row is on the screen
    world = World(*names(30))
    listing = listing_of(world, 50, 8, under=errors)
    listing.moved_by_hand = True
    for number, step in enumerate(steps):
        cursor = listing.model.cursor
        things = sorted(world.things)
        if step in ("up", "down"):
            listing.model.move(-3 if step == "up" else 5)
            listing.reveal()
        elif step == "add":
            update(listing, world, world.put(Thing(f"n{number}", f"thing{random.randint(0, 40):05}b")))
        elif step == "drop" and things:
            update(listing, world, world.drop(random.choice(things).id))
        elif step == "grow" and things:
            update(listing, world, world.put(replace(world.things[random.choice(things)], error="x " * 30)))
        if listing.model.cursor != cursor:
            listing.reveal()
        rows = text(listing)
        assert len(rows) == 8
        assert any(row.startswith("▌") for row in rows) == bool(world.things)
