"""Broken lines each give one sentence at the right place."""

from __future__ import annotations

import asyncio
import codecs
import re

import pytest

from backends.change.compile import compile_request
from backends.change.flag_error import FlagError
from backends.change.line import parse_line, parse_words
from backends.change.places import place_in_line
from backends.change.requests import Request
from tests.recorder.state import BEFORES, FILES
from tests.unit.change_support import DATA, StandIn, surroundings


def _rows(name: str) -> list[tuple[str, str, str, str]]:
    rows = []
    for line in (DATA / name).read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        typed, _, rest = line.partition(" => ")
        match = re.fullmatch(r"(\S+) \|(?: (.*?) )?\| (.*)", rest)
        assert match, line
        flag, mark, sentence = match[1], (match[2] or "").strip(), match[3]
        rows.append((_plain(typed), "" if flag == "-" else flag, _plain(mark), _plain(sentence)))
    return rows


def _plain(text: str) -> str:
    """Control characters are written as escapes in the file."""
    return re.sub(r"\\(?:x[0-9a-f]{2}|n)", lambda match: codecs.decode(match[0], "unicode_escape"), text)


ROWS = _rows("broken-lines.txt")
REFUSED = _rows("refused-lines.txt")


def test_there_are_two_hundred() -> None:
    # THEN the file holds what the name promises
    assert len(ROWS) + len(REFUSED) >= 250


@pytest.mark.parametrize(("typed", "flag", "mark", "sentence"), ROWS, ids=[row[0] for row in ROWS])
def test_a_broken_line(typed: str, flag: str, mark: str, sentence: str) -> None:
    # WHEN it is read
    found = parse_line(typed)
    # THEN there is one error, at the right flag and place
    assert isinstance(found, tuple)
    (error,) = found
    assert error.flag == flag
    assert (typed[error.start : error.end] if error.start >= 0 else "") == mark
    # and it says so in one sentence, in the CLI's words where it has some
    assert error.sentence.startswith(sentence)
    assert "\n" not in error.sentence


@pytest.mark.parametrize(("typed", "flag", "mark", "sentence"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_line_that_is_refused_later(typed: str, flag: str, mark: str, sentence: str) -> None:
    # GIVEN a line that reads well
    stand_in = StandIn(service=BEFORES[2] if typed.endswith(" global") else BEFORES[0])
    around = surroundings(FILES, "1.50")
    request = parse_line(typed, around)
    # WHEN it is compiled
    found = asyncio.run(compile_request(request, stand_in, around)) if isinstance(request, Request) else request
    # THEN it is refused in one sentence, at its place, with what would be right
    assert isinstance(found, tuple)
    (error,) = place_in_line(found, typed)
    assert error.flag == flag
    assert (typed[error.start : error.end] if error.start >= 0 else "") == mark
    assert error.sentence == sentence
    assert "\n" not in error.sentence
    assert error.instead or typed.startswith("service create --env-file BAD")
    # and nothing has been changed
    assert all(method == "GET" for method, _, _ in stand_in.log)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "service create " + "-p 80:80 " * 5000 + "nginx",
        "service create " + "-e A=" + "x" * 1_000_000 + " nginx",
        "service create --mount " + "," * 50_000 + " nginx",
        "service create " + "'" * 9999,
        "service create --limit-cpu " + "9" * 5000 + " nginx",
        "service create --replicas " + "9" * 5000 + " nginx",
        "service create --update-delay " + "1h" * 50_000 + " nginx",
        "service create --dns-search " + "a." * 50_000 + "1 nginx",
        "service create -- " + "-" * 1000,
        "\u202eservice create nginx",
        "service create --name \ud800 nginx".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
    ids=range(12),
)
def test_enormous_and_strange_lines_end_in_a_value(text: str) -> None:
    # WHEN a line of any size is read
    found = parse_line(text)
    # THEN it is a request or errors, and never an exception
    assert isinstance(found, Request) or all(isinstance(error, FlagError) for error in found)


def test_words_of_a_shell_are_placed_in_the_line_they_stand_for() -> None:
    # GIVEN words as a shell hands them over, quotes gone
    words = ["docker", "service", "create", "-e", "A=two words", "-p", "x y", "nginx"]
    # WHEN they are read
    found = parse_words(words)
    # THEN the place is that in the quoted line
    assert isinstance(found, tuple)
    line = "docker service create -e 'A=two words' -p 'x y' nginx"
    assert line[found[0].start : found[0].end] == "'x y'"
