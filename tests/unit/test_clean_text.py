"""The one door for text from outside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.text.clean import MARKS, clean, clean_lines
from tui.text.fit import width

ANY_TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF), max_size=60)


@pytest.mark.parametrize(
    ("hostile", "seen"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("\x1b]52;c;AAAA\x07", "␛]52;c;AAAA␇"),
        ("a\tb", "a    b"),
        ("a\nb", "a↵b"),
        ("a\r\nb", "a␍↵b"),
        ("nul\x00", "nul␀"),
        ("del\x7f", "del␡"),
        ("c1\x9b31m", "c1�31m"),
        ("nel\x85", "nel↵"),
        ("\u202eevil", "�evil"),
        ("\u2066x\u2069", "�x�"),
        ("zero\u200bwidth\u200d", "zero�width�"),
        ("soft\xadhyphen", "soft�hyphen"),
        ("no\xa0break\u3000", "no␣break␣"),
        ("line\u2028sep", "line↵sep"),
        ("❤\ufe0f", "❤�"),
        ("\ud800", "�"),
        ("\ue000", "�"),
        ("\U000e0041", "�"),
        ("\U0001f1e9\U0001f1ea", "��"),
        ("\u115f", "�"),
    ],
)
def test_what_a_terminal_would_obey_becomes_a_glyph(hostile: str, seen: str) -> None:
    # WHEN hostile text is cleaned THEN a visible glyph stands for it
    assert clean(hostile) == seen


@pytest.mark.parametrize("text", ["", "webapp1", "● healthy", "…/node-exporter:v1.8.2", "grün", "日本語", "🐳", "▌◆━"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    # WHEN plain text, our symbols or other scripts are cleaned THEN nothing changes
    assert clean(text) == text


def test_accents_are_kept_and_towers_of_marks_are_not() -> None:
    # GIVEN one accent written apart, and fifty marks on one letter
    # WHEN both are cleaned
    one, tower = clean("e\u0301"), clean("e" + "\u0301" * 50 + "x")
    # THEN the accent stays, the tower is cut and shows that it was
    assert one == "é"
    assert sum(unicodedata.category(char) == "Mn" for char in tower) <= MARKS
    assert tower.endswith("�x")


def test_a_mark_without_a_letter_is_shown() -> None:
    # GIVEN a mark that would be painted over whatever stands before it
    # WHEN it is cleaned THEN a glyph stands for it
    assert clean("\u0301abc") == "�abc"


@settings(deadline=None)
@given(ANY_TEXT)
def test_whatever_comes_in_only_harmless_text_comes_out(text: str) -> None:
    # WHEN any text is cleaned
    out = clean(text)
    # THEN nothing in it controls, hides or reorders, and it can be encoded
    for char in out:
        assert char.isprintable(), hex(ord(char))
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Me"}
        assert unicodedata.bidirectional(char) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    out.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    # GIVEN clean text WHEN it is cleaned again THEN it stays
    once = clean(text)
    assert clean(once) == once


@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_widths_add_up(first: str, second: str) -> None:
    # GIVEN two clean texts WHEN they stand beside each other THEN they take the cells of both
    one, two = clean(first), clean(second)
    assert width(one) + width(two) == width(one + "|" + two) - 1


def test_lines_are_cut_at_line_breaks_only() -> None:
    # GIVEN an error of several lines as engines send it
    # WHEN it is cut into lines THEN each is clean, and blank ones at the end are gone
    assert clean_lines("one\r\ntwo\x1b[0m\n\nthree\n\n") == ["one", "two␛[0m", "", "three"]
