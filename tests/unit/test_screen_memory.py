"""Only what differs is sent, and the screen is the same as if all had been."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.look.symbols import ASCII
from tui.terminal.memory import ScreenMemory
from tui.terminal.sgr import parts, switch

STYLES = ("", "38;5;253;48;5;233", "38;5;253;48;5;234", "1;38;5;75;48;5;233", "4;38;2;1;2;3;48;2;4;5;6", "2", "31;42")
WIDTH, HEIGHT = 30, 4

_TOKEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[(\d*)C|\x1b\[([0-9;]*)m|([^\x1b])")


class Terminal:
    """As much of a terminal as our frames need: cells by line and column, each (character, style)."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[str, object]] = {}
        self.y = self.x = 1
        self.pen = ""

    def feed(self, data: str) -> None:
        at = 0
        while at < len(data):
            token = _TOKEN.match(data, at)
            assert token is not None, repr(data[at : at + 20])
            at = token.end()
            y, x, ahead, codes, char = token.groups()
            if y:
                self.y, self.x = int(y), int(x)
            elif ahead is not None:
                self.x += int(ahead or 1)
            elif codes is not None:
                words = f";{codes}" if codes else ";0"
                self.pen = words if not codes or codes.startswith((";", "0")) else self.pen + words
            elif char == "\n":
                self.y += 1
            else:
                self.cells[self.y, self.x] = (char, parts(self.pen))
                self.x += 1


def piece(x: int, y: int, *spans: tuple[str, str]) -> str:
    """Text with styles at a place, as Textual writes it."""
    return f"\x1b[{y};{x}H" + "".join(f"\x1b[{style}m{text}\x1b[0m" if style else text for text, style in spans)


def frame(*pieces: str) -> str:
    return "\n".join(pieces) + "\x1b[1;1H"


FULL = frame(*(piece(1, y, (f"row {y} of the list", STYLES[1]), (" " * 14, STYLES[2])) for y in range(1, HEIGHT + 1)))


def test_the_same_again_is_nothing() -> None:
    memory = ScreenMemory()
    # GIVEN a screen that was drawn
    assert memory.reduce(FULL, HEIGHT) == FULL
    # WHEN a part of it is drawn again as it is, THEN nothing is sent
    assert memory.reduce(frame(piece(1, 2, ("row 2 of the list", STYLES[1])))) == ""


def test_one_word_costs_one_word() -> None:
    memory = ScreenMemory()
    memory.reduce(FULL, HEIGHT)
    # WHEN a word in a row becomes another
    sent = memory.reduce(frame(piece(1, 2, ("row 2 in the list", STYLES[1]), (" " * 14, STYLES[2]))))
    # THEN that word goes over the wire, with its place and its style
    assert sent == "\x1b[2;7H\x1b[38;5;253;48;5;233min\x1b[m\x1b[1;1H"


def test_a_whole_picture_is_sent_whole() -> None:
    memory = ScreenMemory()
    memory.reduce(FULL, HEIGHT)
    # WHEN all rows are drawn from their start, THEN they are: something may have disturbed the screen
    assert memory.reduce(FULL, HEIGHT) == FULL


def test_after_a_stranger_wrote_everything_is_sent() -> None:
    memory = ScreenMemory()
    memory.reduce(FULL, HEIGHT)
    memory.forget()
    again = frame(piece(1, 2, ("row 2 of the list", STYLES[1])))
    assert "row 2 of the list" in memory.reduce(again)


@pytest.mark.parametrize("text", ["日本", "e\u0301", "👩", "\x1b]8;;x\x1b\\link"])
def test_a_line_of_uncertain_width_is_sent_as_it_is(text: str) -> None:
    memory = ScreenMemory()
    memory.reduce(FULL, HEIGHT)
    line = piece(1, 2, (f"{text} one", STYLES[1]))
    # WHEN a character is in it that may be wider than thought, THEN the whole line goes
    assert line in memory.reduce(frame(line))
    assert memory.reduce(frame(line)) == ""
    # AND what stands behind it in that line counts as unknown
    behind = piece(20, 2, (" " * 11, STYLES[2]))
    assert behind.removesuffix("\x1b[0m") in memory.reduce(frame(behind))


def test_a_switch_of_style_says_what_differs() -> None:
    assert switch("38;5;253;48;5;233", "38;5;75;48;5;233") == "\x1b[38;5;75m"
    assert switch("38;5;253;48;5;233", "1;38;5;253;48;5;233") == "\x1b[1m"
    assert switch("1;38;5;253", "38;5;253") == "\x1b[;38;5;253m"
    assert switch("38;5;1", "") == "\x1b[m"
    assert switch("31;42", "42") == "\x1b[39m"


spans = st.lists(st.tuples(st.text("ab ─●漢", min_size=1, max_size=8), st.sampled_from(STYLES)), min_size=1, max_size=4)
pieces = st.builds(lambda x, y, s: piece(x, y, *s), st.integers(1, 12), st.integers(1, HEIGHT), spans)


@given(st.lists(st.lists(pieces, min_size=1, max_size=3), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_screen_is_the_same_whatever_is_drawn(frames: list[list[str]], chance: random.Random) -> None:
    # GIVEN two terminals, of which one gets everything
    memory, all_of_it, reduced = ScreenMemory(), Terminal(), Terminal()
    for terminal in (all_of_it, reduced):
        terminal.feed(FULL)
    memory.reduce(FULL, HEIGHT)
    for drawn in frames:
        data = FULL if chance.random() < 0.1 else frame(*drawn)
        # WHEN the other gets what is left of each frame
        all_of_it.feed(data)
        reduced.feed(memory.reduce(data, HEIGHT))
        # THEN both show the same, with the cursor in the same place
        assert reduced.cells == all_of_it.cells
        assert (reduced.y, reduced.x) == (all_of_it.y, all_of_it.x)


@given(st.lists(st.sampled_from(STYLES), min_size=2, max_size=6))
def test_switches_come_to_the_style(styles: list[str]) -> None:
    terminal, pen = Terminal(), ""
    for style in styles:
        terminal.feed(switch(pen, style))
        pen = style
        assert parts(terminal.pen) == parts(style)


def test_a_word_is_sent_whole() -> None:
    memory = ScreenMemory()
    memory.reduce(frame(piece(1, 1, ("shop_api.1 running", STYLES[1]))))
    # WHEN letters of two words differ, THEN whoever reads along reads words
    sent = memory.reduce(frame(piece(1, 1, ("shop_web.1 runs   ", STYLES[1]))))
    assert "shop_web.1 runs   " in sent


def test_symbols_of_ours_are_one_cell_wide() -> None:
    # WHEN a line holds any symbol that the interface draws
    memory = ScreenMemory()
    symbols = "".join(symbol for symbol in ASCII if len(symbol) == 1)
    memory.reduce(frame(piece(1, 1, (symbols, ""), (" one", ""))))
    # THEN a change behind it costs no more than that change
    sent = memory.reduce(frame(piece(1, 1, (symbols, ""), (" two", ""))))
    assert sent == f"\x1b[1;{len(symbols) + 2}Htwo\x1b[1;1H"
