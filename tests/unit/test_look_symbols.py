"""Symbols, state words, gauges and histograms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.look.symbols import ASCII, STATES, SYMBOLS, gauge, sparkline, state, sym
from tui.text.clean import clean
from tui.text.fit import line_width, width
from tui.text.span import plain


@pytest.mark.parametrize("symbol", sorted(ASCII))
def test_every_symbol_is_one_cell_of_the_basic_plane_and_so_is_its_ascii(symbol: str) -> None:
    assert width(symbol) == 1
    assert ord(symbol) <= 0xFFFF
    assert clean(symbol) == symbol
    assert len(ASCII[symbol]) == 1
    assert ASCII[symbol].isascii()


def test_symbols_by_name() -> None:
    assert sym("ok") == "●"
    assert sym("ok", ascii=True) == "o"
    with pytest.raises(KeyError):
        sym("nothing")


@pytest.mark.parametrize("word", sorted(STATES))
def test_every_state_word_has_a_symbol_and_a_token(word: str) -> None:
    name, token = STATES[word]
    assert name in SYMBOLS
    assert token in {"ok", "chg", "warn", "err", "off", "muted"}


def test_healthy_is_quiet_and_trouble_is_not() -> None:
    assert state("healthy") == (("●", "ok"), (" ", ""), ("healthy", ""))
    assert state("failing") == (("✗", "err"), (" ", ""), ("failing", "err"))
    assert state("complete") == (("○", "off"), (" ", ""), ("complete", "muted"))
    assert plain(state("updating", "updating 3/8")) == "◐ updating 3/8"


def test_a_word_nobody_knows_is_not_known() -> None:
    assert state("hovering") == (("?", "muted"), (" ", ""), ("hovering", "muted"))


@settings(deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 60))
def test_a_gauge_shows_anything_used_and_anything_free(used: float, total: float, cells: int) -> None:
    # WHEN a gauge of at least two cells is drawn
    row = plain(gauge(used, total, cells))
    # THEN it is as wide as asked, full only when it is full, empty only when nothing is used
    assert len(row) == cells
    if cells > 1 and total > 0:
        assert ("━" in row) == (used > 0)
        assert ("─" in row) == (used < total)


def test_a_histogram_is_as_wide_as_asked_with_the_newest_right() -> None:
    row = sparkline([0, 1, 2, 4, float("nan"), 8], 8)
    assert plain(row) == "  ▁▁▂▄ █"
    assert line_width(sparkline(range(100), 10)) == 10
