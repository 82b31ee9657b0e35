"""Text measured, cut, padded and wrapped in cells."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.text.fit import columns, cut_line, fit, fit_image, line_width, width, without_head, wrap, wrap_line
from tui.text.span import Line, plain

TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x2FFFF), max_size=40)
LINES = st.lists(st.tuples(TEXT, st.sampled_from(["", "err", "muted bold"])), max_size=5).map(tuple)


@settings(deadline=None)
@given(TEXT, st.integers(0, 50), st.sampled_from("lr"), st.sampled_from("rlm"))
def test_fitted_text_takes_exactly_its_cells(text: str, cells: int, align: str, cut: str) -> None:
    # WHEN any text is fitted THEN it takes the cells it was given, wide characters or not
    assert width(fit(text, cells, align, cut)) == cells  # type: ignore[call-overload]


@settings(deadline=None)
@given(LINES, st.integers(0, 50), st.sampled_from("lr"), st.sampled_from("rlm"))
def test_fitted_lines_take_exactly_their_cells(row: Line, cells: int, align: str, cut: str) -> None:
    # WHEN any line is fitted THEN it takes the cells it was given
    assert line_width(fit(row, cells, align, cut)) == cells  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "cells", "cut", "seen"),
    [
        ("observe_node-exporter", 14, "m", "observe…porter"),
        ("c3b1e09d5512aabb", 13, "r", "c3b1e09d5512…"),
        ("prom/node-exporter:v1.8.2", 24, "l", "…/node-exporter:v1.8.2  "),
        ("prom/node-exporter:v1.8.2", 16, "l", "node-exp…:v1.8.2"),
        ("a/b/c/name:1", 10, "l", "…/c/name:1"),
        ("no-path-at-all", 6, "l", "…t-all"),
    ],
)
def test_what_matters_less_is_cut(text: str, cells: int, cut: str, seen: str) -> None:
    # WHEN text is too long for its cells THEN the side that matters stays
    assert fit(text, cells, "l", cut) == seen  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("image", "cells", "seen"),
    [
        ("hshar/webapp:latest", 24, "hshar/webapp:latest"),
        ("registry.example.com:5000/team/app:1", 12, "…/team/app:1"),
        ("traefik:v3.1@sha256:4f1c9e07d2ab4f1c9e07d2ab", 30, "traefik:v3.1"),
        ("app@sha256:4f1c9e07d2ab4f1c9e07d2ab", 40, "app@sha256:4f1c9e07d2ab"),
        ("team/a-very-long-name:v1.2.3", 14, "a-very…:v1.2.3"),
    ],
)
def test_an_image_keeps_its_tag(image: str, cells: int, seen: str) -> None:
    # WHEN an image is fitted THEN digest and path go first, the tag stays
    assert fit_image(image, cells) == seen


def test_a_cut_line_keeps_its_styles() -> None:
    # GIVEN a line of two styles
    row: Line = (("hshar/", "muted"), ("webapp:latest", "strong"))
    # WHEN it is cut THEN each part keeps its own, and the dots have that of what they stand for
    assert cut_line(row, 8, "r") == (("hshar/", "muted"), ("w", "strong"), ("…", "strong"))


@settings(deadline=None)
@given(st.text(st.sampled_from("ab  é日-/"), max_size=80), st.integers(2, 20))
def test_wrapping_loses_nothing_but_blanks(text: str, cells: int) -> None:
    # WHEN text is wrapped
    rows = wrap(text, cells)
    # THEN no row is too long and every letter is still there, in order
    assert all(width(row) <= cells for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_wrapping_breaks_between_words() -> None:
    # GIVEN an error of the engine
    error = 'runc create failed: unable to start container process: exec: "/app/worker": permission denied'
    # WHEN it is wrapped THEN words stay whole where they can
    assert wrap(error, 40) == [
        "runc create failed: unable to start",
        'container process: exec: "/app/worker":',
        "permission denied",
    ]
    assert wrap("word " + "x" * 12, 5) == ["word", "xxxxx", "xxxxx", "xx"]


def test_wrapping_can_stop() -> None:
    # GIVEN text of many rows WHEN only two are wanted THEN the second says that there is more
    assert wrap("one two three four", 5, limit=2) == ["one", "two…"]


def test_wrapped_lines_keep_styles_and_hang() -> None:
    # GIVEN a styled line WHEN it is wrapped with an indent THEN later rows stand in and styles go on
    assert wrap_line((("label ", "muted"), ("one two", "err")), 10, indent=2) == [
        (("label ", "muted"), ("one", "err")),
        (("  ", ""), ("two", "err")),
    ]


def test_columns_stand_below_each_other() -> None:
    # GIVEN cells of different widths WHEN they are set in columns THEN they are aligned, the last not padded
    rows = columns([["a", "10", (("long", "muted"),)], ["bbb", "7", "x"]], aligns="lr")
    assert [plain(row) for row in rows] == ["a    10  long", "bbb   7  x"]


@settings(deadline=None)
@given(LINES, st.integers(0, 60))
def test_a_line_shifted_left_loses_exactly_its_head(row: Line, cells: int) -> None:
    # WHEN the first cells are taken away THEN so many are left as there were more
    assert line_width(without_head(row, cells)) == max(0, line_width(row) - cells)
