"""Scrolling text: what is drawn, kept, searched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region
from textual.pilot import Pilot

from tests.tui.widget_app import WidgetApp, screen_text
from tui.text.clean import clean
from tui.text.span import Line, plain
from tui.widgets.finding import CURRENT, HIT, find, marked
from tui.widgets.lines import LinesView


def numbered(count: int, prefix: str = "line") -> list[Line]:
    return [((f"{prefix} {number}", ""),) for number in range(count)]


@asynccontextmanager
async def view_of(lines: list[Line], size: tuple[int, int] = (30, 10)) -> AsyncIterator[tuple[Pilot[Any], LinesView]]:
    app = WidgetApp(LinesView)
    async with app.run_test(size=size) as pilot:
        view = app.query_one(LinesView)
        view.show(lines)
        await pilot.pause()
        yield pilot, view


def shown(pilot: Pilot[Any]) -> list[str]:
    return [row.removesuffix("▕").strip() for row in screen_text(pilot.app)]


async def test_only_lines_that_differ_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with view_of(numbered(8)) as (_, view):
        regions: list[Region] = []
        monkeypatch.setattr(view, "refresh", lambda *asked, **_: regions.extend(asked))
        # WHEN the same comes again, and then with one line changed and one more
        view.show(numbered(8))
        assert regions == []
        lines = numbered(9)
        lines[2] = (("changed", "warn"),)
        view.show(lines)
        # THEN those two rows are drawn
        assert regions == [Region(0, 2, 30, 1), Region(0, 8, 30, 1)]


@pytest.mark.parametrize(
    ("steps", "top"),
    [
        (["down"], 1),
        (["page-down"], 9),
        (["half-down"], 5),
        (["end"], 40),
        (["end", "up"], 39),
        (["up"], 0),
        (["end", "home"], 0),
    ],
)
async def test_keys_scroll(steps: list[str], top: int) -> None:
    async with view_of(numbered(50)) as (pilot, view):
        for step in steps:
            view.move(step)
        await pilot.pause()
        assert view.top == top
        assert shown(pilot)[0] == f"line {top}"


async def test_a_wrong_step_is_an_error() -> None:
    async with view_of([]) as (_, view):
        with pytest.raises(LookupError):
            view.move("around")


async def test_the_position_is_kept_for_the_same_object_only() -> None:
    async with view_of(numbered(50)) as (_, view):
        view.move("page-down")
        view.show(numbered(50, "again"))
        assert view.top == 9
        view.show(numbered(3))
        assert view.top == 0
        view.show(numbered(50))
        view.move("end")
        view.show(numbered(50, "other"), keep=False)
        assert view.top == 0


async def test_wide_lines_scroll_sideways() -> None:
    async with view_of([(("0123456789" * 4, "muted"), ("日本", ""))]) as (pilot, view):
        view.move("right")
        await pilot.pause()
        assert shown(pilot)[0].startswith("89012")
        for _ in range(10):
            view.move("right")
        await pilot.pause()
        assert shown(pilot)[0].endswith("789日本")
        for _ in range(10):
            view.move("left")
        await pilot.pause()
        assert shown(pilot)[0].startswith("01234")


async def test_a_search_goes_through_all_places_round_the_end() -> None:
    lines = numbered(50)
    async with view_of(lines) as (pilot, view):
        # WHEN something is looked for THEN the first place from the top of the view is shown
        view.move("page-down")
        assert view.search("line 4") == 11
        assert (view.current, view.current_line) == (2, 40)
        await pilot.pause()
        assert "line 40" in shown(pilot)
        # WHEN it goes on past the end THEN it begins anew; backwards as well
        view.step(-1)
        assert view.current_line == 4
        view.step(-1)
        assert view.current_line == 49
        view.step(1)
        assert view.current_line == 4
        # WHEN nothing is looked for any more THEN nothing is marked
        assert view.search("") == 0
        assert view.step(1) == 0
        assert view.current_line is None


async def test_a_search_goes_on_in_new_text() -> None:
    async with view_of(numbered(5)) as (_, view):
        view.search("line")
        view.step(1)
        view.show([*numbered(5), (("another line", ""),)])
        assert (view.matches, view.current) == (6, 2)
        view.show([(("one line", ""),)])
        assert (view.matches, view.current) == (1, 1)
        view.show([(("nothing", ""),)])
        assert (view.matches, view.current) == (0, 0)


async def test_mouse_and_size() -> None:
    async with view_of(numbered(50)) as (pilot, view):
        await pilot.click(LinesView, offset=(4, 3))
        assert pilot.app.heard == [("line", 3, 3)]  # type: ignore[attr-defined]
        view._wheel(3)
        assert view.top == 3
        await pilot.mouse_down(LinesView, offset=(29, 9))
        await pilot.mouse_up(LinesView, offset=(29, 9))
        assert view.top == 40
        assert view.text_width == 27
        await pilot.resize_terminal(50, 60)
        await pilot.pause()
        assert (view.top, view.text_width) == (0, 47)


async def test_a_line_can_be_brought_into_sight() -> None:
    async with view_of(numbered(50)) as (_, view):
        view.reveal(30)
        assert view.top == 21


def test_case_matters_only_with_a_capital() -> None:
    lines: list[Line] = [(("Error and error", ""),)]
    assert len(find(lines, "error")) == 2
    assert len(find(lines, "Error")) == 1


def test_a_place_may_lie_over_several_styles() -> None:
    line: Line = (("shop/", "muted"), ("worker", ""), (":1.10", "bold"))
    (match,) = find([line], "p/wor")
    assert marked(line, [(match.start, match.end, HIT)]) == (
        ("sho", "muted"),
        ("p/", HIT),
        ("wor", HIT),
        ("ker", ""),
        (":1.10", "bold"),
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text("abİß\x1b日", max_size=6), st.sampled_from(["", "err"])), max_size=5),
    st.text("abİß", min_size=1, max_size=2),
)
def test_marking_never_changes_the_text(spans: list[tuple[str, str]], needle: str) -> None:
    # GIVEN any line WHEN all places of anything are marked THEN the text is the same, and the places hold it
    line = tuple(spans)
    matches = find([line], needle)
    styles = [HIT, CURRENT]
    out = marked(line, [(match.start, match.end, styles[index % 2]) for index, match in enumerate(matches)])
    assert plain(out) == "".join(clean(text) for text, _ in line)
    for match in matches:
        assert plain(out)[match.start : match.end].lower() == needle.lower() or len(needle.lower()) != len(needle)
