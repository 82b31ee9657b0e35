"""One-row widgets: title rules, bars, the line between panes, events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from tests.tui.widget_app import WidgetApp, screen_text
from tui.look.tokens import Choice, palette
from tui.text.fit import line_width
from tui.text.span import Line, plain
from tui.widgets.bar import Bar, BarItem, place_items
from tui.widgets.events import EventStrip
from tui.widgets.paint import Painter
from tui.widgets.rule import TitleRule, rule_line
from tui.widgets.vline import VLine


def words(*texts: str) -> Line:
    return tuple((text, "") for text in texts)


def test_a_rule_has_text_left_and_right() -> None:
    row = rule_line((("Services", ""), ("  /web", "accent")), words("13 of 14"), 40, True, False, {})
    assert plain(row) == "━━ Services  /web ━━━━━━━━━━ 13 of 14 ━━"
    # THEN its own words are bold, what had a style keeps it, and the line is in the accent
    assert row[0] == ("━━", "accent")
    assert ("Services", "strong bold") in row
    assert ("  /web", "accent") in row


def test_a_rule_without_the_focus_is_thin() -> None:
    row = rule_line(words("Events"), (), 20, False, False, {})
    assert plain(row) == "── Events ──────────"
    assert row[0] == ("──", "line")
    assert rule_line(words("x"), (), 20, False, True, {})[0] == ("──", "warn")


def test_a_narrow_rule_loses_the_right_text_first() -> None:
    assert (
        plain(rule_line(words("Containers"), words("70 on 6 of 8"), 22, False, False, {})) == "── Containers ────────"
    )
    assert plain(rule_line(words("Containers"), (), 10, False, False, {})) == "── Con… ──"


def test_joints_stand_on_the_line_and_never_on_text() -> None:
    row = rule_line(words("abc"), (), 20, False, False, {0: "├", 4: "┴", 12: "┬", 19: "┤"})
    assert plain(row) == "├─ abc ─────┬──────┤"


@settings(deadline=None)
@given(st.text("ab日 ", max_size=30), st.text("cd日", max_size=20), st.integers(0, 60), st.booleans())
def test_a_rule_is_as_wide_as_it_must_be(left: str, right: str, width: int, active: bool) -> None:
    row = rule_line(words(left), words(right) if right else (), width, active, False, {3: "┬", 50: "┴"})
    if width >= 8:
        assert line_width(row) == width
    # THEN painted, it always is
    assert Painter(palette(Choice())).strip(row, width).cell_length == width


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "dnet prod nodes 8                 ● live"),
        (20, "dnet prod     ● live"),
        (11, "dnet ● live"),
        (8, "dn● live"),
        (6, "● live"),
        (3, "● l"),
    ],
)
def test_a_bar_drops_in_its_order(width: int, shown: str) -> None:
    left = [BarItem(words("dnet "), "home"), BarItem(words("prod "), drop=2), BarItem(words("nodes 8 "), drop=1)]
    right = [BarItem(words("● live"), "live")]
    text = [" "] * width
    for item in place_items(left, right, width):
        text[item.x : item.x + item.width] = plain(item.item.row)[: item.width]
    assert "".join(text) == shown


async def test_what_is_clicked_on_a_bar_is_told() -> None:
    app = WidgetApp(Bar)
    async with app.run_test(size=(40, 3)) as pilot:
        bar = app.query_one(Bar)
        bar.show(
            [BarItem(words(" 1 Overview "), "overview"), BarItem(words(" 2 Nodes "), "nodes")],
            [BarItem(words("x"), "x")],
        )
        await pilot.pause()
        assert screen_text(app)[0] == " 1 Overview  2 Nodes" + " " * 18 + " x"
        for x in (2, 14, 39, 30):
            await pilot.click(Bar, offset=(x, 0))
        assert app.heard == [("act", "overview"), ("act", "nodes"), ("act", "x")]


def quiet(widget: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    monkeypatch.setattr(widget, "refresh", lambda *asked, **_: calls.append(asked))
    return calls


async def test_nothing_is_drawn_again_if_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    app = WidgetApp(Bar, TitleRule, VLine, EventStrip)
    async with app.run_test(size=(40, 10)) as pilot:
        bar, rule = app.query_one(Bar), app.query_one(TitleRule)
        line, strip = app.query_one(VLine), app.query_one(EventStrip)
        events = [words(f"event {number}") for number in range(3)]
        strip.show(events)
        await pilot.pause()
        calls = [quiet(widget, monkeypatch) for widget in (bar, rule, line, strip)]
        for _ in range(2):
            bar.show([BarItem(words("x"))], base="on_prodbar")
            rule.show(words("title"), words("right"), active=True, warn=True, joints={3: "┬"})
            rule.show(active=True)
            line.show({1: "┤"})
            line.show()
            strip.show([events[0], words("other"), events[2]])
        # THEN each was drawn once, of the events only the row that is another
        assert [len(each) for each in calls] == [1, 1, 1, 1]
        assert calls[3] == [(Region(0, 1, 40, 1),)]
        assert rule.active


async def test_the_mouse_on_rules_and_events() -> None:
    app = WidgetApp(TitleRule, EventStrip)
    async with app.run_test(size=(40, 10)) as pilot:
        app.query_one(EventStrip).show([words("one"), words("two")])
        await pilot.click(TitleRule, offset=(7, 0))
        await pilot.click(EventStrip, offset=(7, 1))
        await pilot.click(EventStrip, offset=(7, 5))
        assert app.heard == [("rule", 7), ("event", 1)]
        assert screen_text(app)[1:3] == ["  one", "  two"]


async def test_a_line_between_panes_has_joints() -> None:
    app = WidgetApp(VLine)
    async with app.run_test(size=(3, 4)) as pilot:
        app.query_one(VLine).show({1: "┤"})
        await pilot.pause()
        assert screen_text(app) == ["│", "┤", "│", "│"]


async def test_ascii_is_a_switch_of_the_painter() -> None:
    app = WidgetApp(TitleRule, ascii=True)
    async with app.run_test(size=(30, 2)) as pilot:
        app.query_one(TitleRule).show(words("Nodes › grün 日"), words("● live"), active=True)
        await pilot.pause()
        assert screen_text(app)[0] == "== Nodes > grun ?? = o live =="


def test_a_strip_is_made_once_and_is_the_same_object() -> None:
    painter = Painter(palette(Choice()))
    row = words("abc")
    assert painter.strip(row, 10) is painter.strip(words("abc"), 10)
    assert painter.painted == 1
    assert painter.strip(row, 10, "on_sel") is not painter.strip(row, 10)


def test_strips_are_not_kept_for_ever() -> None:
    painter = Painter(palette(Choice()))
    for number in range(10_000):
        painter.strip(words(str(number)), 10)
    assert len(painter._strips) <= 2048


@settings(deadline=None)
@given(st.text(max_size=20), st.integers(0, 30), st.booleans())
def test_a_painted_row_has_exactly_its_width(text: str, width: int, ascii: bool) -> None:
    painter = Painter(palette(Choice()), ascii)
    for edge in (None, ("▕", "line")):
        strip = painter.strip(((text, "err"),), width, "on_sel", edge)
        assert strip.cell_length == width
        assert sum(segment.cell_length for segment in strip) == width
        assert strip.text.isascii() or not ascii
