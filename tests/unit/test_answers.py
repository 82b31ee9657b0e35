"""One command in several places: answers folded, matched line by line, laid side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.details.answers import answer_rows, answers, matched, said
from tui.headless.results import Result
from tui.screens.all_page import words
from tui.text.fit import line_width
from tui.text.span import joined, plain

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=12)


def result(name: str, out: str, code: int | None = 0, **more: object) -> Result:
    """What one replica said."""
    return Result(name, f"node-{name[-1]}", f"id-{name}", code=code, stdout=out.encode(), **more)  # type: ignore[arg-type]


@given(columns=st.lists(LINES, min_size=1, max_size=4))
def test_matching_keeps_every_line_of_every_column_in_order(columns: list[list[str]]) -> None:
    rows = matched(columns)
    for number, column in enumerate(columns):
        assert [row.texts[number] for row in rows if row.texts[number] is not None] == column


def test_one_line_more_does_not_shift_the_rest() -> None:
    rows = matched([["a", "b", "c"], ["a", "x", "b", "c"]])
    assert [row.texts for row in rows] == [("a", "a"), (None, "x"), ("b", "b"), ("c", "c")]
    assert [row.differs for row in rows] == [False, True, False, False]


def test_equal_answers_are_one_column_and_the_most_frequent_is_the_measure() -> None:
    results = [result("w.1", "POOL=20\nX=1\n"), result("w.2", "POOL=40\nX=1\n"), result("w.3", "POOL=40\nX=1\n")]
    rows = answer_rows(results, 100, differing=False)
    text = joined(rows)
    assert "A  2 say this" in text
    assert "B  one says this" in text
    # AND what differs is told apart by its style, what is alike is grey
    row = next(row for row in rows if "POOL=40" in plain(row))
    assert any("underline" in style for text, style in row if "2" in text)
    row = next(row for row in rows if "X=1" in plain(row))
    assert all("muted" in style for text, style in row if "X" in text)


def test_only_what_differs() -> None:
    results = [result("w.1", "POOL=20\nX=1\n"), result("w.2", "POOL=40\nX=1\n")]
    assert "X=1" not in joined(answer_rows(results, 100, differing=True))


def test_what_could_not_be_asked_is_no_answer_but_is_told() -> None:
    results = [result("w.1", "x\n"), result("w.2", "", None, problem="worker-2 does not answer.")]
    assert len(answers(results)) == 1
    text = joined(answer_rows(results, 100, differing=False))
    assert "worker-2 does not answer." in text
    assert "✗ not run" in text


@pytest.mark.parametrize("cells", [40, 80, 160])
def test_rows_fit(cells: int) -> None:
    results = [result(f"w.{number}", f"{number}" * 200 + "\nsame\n", number) for number in range(5)]
    for row in answer_rows(results, cells, differing=False):
        assert line_width(row) <= cells or cells == 40


def test_escape_sequences_in_an_answer_are_cleaned() -> None:
    assert "\x1b" not in "".join(said(result("w.1", "\x1b]52;c;AA\x07x\n")))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("uptime", ["uptime"]),
        ("ls -la /srv", ["ls", "-la", "/srv"]),
        ("env | sort", ["sh", "-c", "env | sort"]),
        ("echo $HOME", ["sh", "-c", "echo $HOME"]),
        ("echo 'a b'", ["echo", "a b"]),
    ],
)
def test_a_shell_is_used_where_only_a_shell_understands(command: str, expected: list[str]) -> None:
    assert words(command) == expected
