"""The escape key, and what only begins with its byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.escapes import META, PATIENCE, Escape, Escapes

ESC = Escape()


def fed(*texts: str) -> list[str | Escape]:
    """What comes of pieces with silence behind them; neighbours joined."""
    escapes = Escapes()
    found: list[str | Escape] = []
    for piece in [*(p for text in texts for p in escapes.feed(text, 0.0)), *escapes.tick(0.1)]:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        else:
            found.append(piece)
    return found


@pytest.mark.parametrize(
    ("sent", "means"),
    [
        ("\x1b", [ESC]),
        ("\x1b6", [ESC, "6"]),
        ("\x1b:q\r", [ESC, ":q\r"]),
        ("\x1bn", [ESC, "n"]),
        ("a\x1bN\x1b\r", ["a", ESC, "N", ESC, "\r"]),
        ("\x1b\x1b", ["\x1b", ESC]),
        ("\x1b[A\x1bOP\x1b[<0;1;1M", ["\x1b[A\x1bOP\x1b[<0;1;1M"]),
        ("\x1b\x1b[A", ["\x1b\x1b[A"]),
        ("\x1bé", [ESC, "é"]),
        *((f"\x1b{key}", [f"\x1b{key}"]) for key in META),
        ("\x1b[200~a\x1b6\x1b[201~\x1b6", ["\x1b[200~a\x1b6\x1b[201~", ESC, "6"]),
    ],
)
def test_a_key_is_told_from_a_sequence(sent: str, means: list[str | Escape]) -> None:
    assert fed(sent) == means


def test_a_sequence_may_come_in_halves() -> None:
    assert fed("x\x1b", "[A") == ["x\x1b[A"]
    assert fed("\x1b", "6") == [ESC, "6"]
    assert fed("\x1b[20", "0~\x1b6\x1b", "[2", "01~\x1b6") == ["\x1b[200~\x1b6\x1b[201~", ESC, "6"]
    assert fed("\x1b[200~\x1b", "6\x1b[201~") == ["\x1b[200~\x1b6\x1b[201~"]


def test_a_paste_that_never_ends_is_ended() -> None:
    # GIVEN a paste whose end was lost
    escapes = Escapes()
    escapes.feed("\x1b[200~abc", 100.0)
    # WHEN the link is slow THEN it is waited for
    assert escapes.tick(100.0 + PATIENCE) == []
    # WHEN nothing comes for long THEN it ends, once, and keys are keys again
    assert escapes.tick(100.1 + PATIENCE) == ["\x1b[201~"]
    assert escapes.tick(200.0) == []
    assert escapes.feed("\x1b6", 201.0) == [ESC, "6"]


@given(st.text(alphabet="\x1b[~2016ab:\r\t"))
def test_nothing_is_lost(text: str) -> None:
    assert "".join("\x1b" if isinstance(piece, Escape) else piece for piece in fed(text)) == text
