"""Hostile names, labels and errors on a real terminal: every byte that comes out is looked at."""

from __future__ import annotations

import re
import sys

import pytest

from tests.bench.terminal import TerminalProgram, visible

#: Everything that Textual itself writes: the mouse pointer's shape, SGR, cursor moves, modes, queries of its own at
#: the start, keyboard modes.
_OURS = re.compile(
    rb"\x1b\]22;[a-z]+\x07|\x1b\[[0-9;]*m|\x1b\[[0-9;]*H|\x1b\[\?[0-9;]*[hl]|\x1b\[\?[0-9;]*\$p|\x1b\[[<>=][0-9;]*u|\x1b\[[0-9]*[ABCDG]"
)
_READY = b"READY"


def run(*arguments: str, **env: str) -> bytes:
    """What the hostile app writes until it is up and has ended."""
    command = [sys.executable, "-m", "tests.tui.hostile_program", *arguments]
    with TerminalProgram(command, columns=100, rows=60, env=env) as terminal:
        assert terminal.when(lambda data: _READY in visible(data)), visible(terminal.since(0))[-2000:]
        terminal.send(b"q")
        terminal.process.wait(60)
        assert terminal.when(lambda data: b"\x1b[?1049l" in data)
        return terminal.since(0)


@pytest.fixture(scope="module", params=["xterm-256color", "dumb"])
def written(request: pytest.FixtureRequest) -> bytes:
    return run(TERM=request.param)


def test_no_escape_sequence_but_our_own_is_written(written: bytes) -> None:
    # WHEN what Textual writes itself is taken away
    rest = _OURS.sub(b"", written)
    # THEN no escape is left: no OSC (clipboard, title, link), no DCS, nothing that clears or asks
    assert b"\x1b" not in rest, rest[max(0, rest.index(b"\x1b") - 40) :][:120]
    for sequence in (b"\x1b[2J", b"\x1b[6n", b"\x1b[c", b"\x1b[38;5;201m"):
        assert sequence not in written


def test_no_control_character_is_written(written: bytes) -> None:
    # WHEN only text is left
    text = _OURS.sub(b"", written).decode()
    # THEN it holds neither C0 (but line ends), nor DEL, nor C1
    assert re.findall(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", text) == []


def test_nothing_turns_or_hides_text(written: bytes) -> None:
    text = written.decode()
    assert re.findall(r"[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f]", text) == []


def test_what_was_hostile_is_seen_as_text(written: bytes) -> None:
    # THEN the glyphs that stand for it are there, and markup is plain text
    text = visible(written).decode()
    for seen in ("␛]52;c;", "␇", "�", "[bold red]markup"):
        assert seen in text


def test_ascii_means_ascii() -> None:
    # WHEN only ASCII may be drawn
    written = run("ascii", TERM="xterm-256color")
    # THEN no other byte is written, and symbols have become letters
    assert written.isascii()


def sgr(written: bytes) -> set[bytes]:
    """The parameters of every SGR sequence."""
    return {match[1] for match in re.finditer(rb"\x1b\[([0-9;]*)m", written)}


def test_256_colours_are_the_ones_chosen_by_hand() -> None:
    # GIVEN a terminal of 256 colours, as is usual over SSH
    codes = b" ".join(sgr(run(TERM="xterm-256color")))
    # THEN text, background, accent, errors and bars have exactly their indices, and nothing is sent as 24 bit
    for code in (b"38;5;253", b"48;5;233", b"38;5;75", b"38;5;210", b"48;5;234", b"48;5;236"):
        assert code in codes, code
    assert b"38;2;" not in codes
    assert b"48;2;" not in codes


def test_24_bit_colours_are_the_designs() -> None:
    # GIVEN 24 bit colour, asked for by an option
    codes = b" ".join(sgr(run("truecolor", TERM="xterm-256color")))
    # THEN text, background and cursor row are exactly the design's
    for code in (b"38;2;214;221;231", b"48;2;15;19;26", b"48;2;26;52;78"):
        assert code in codes, code


def test_16_colours_leave_the_background_to_the_terminal() -> None:
    # GIVEN a terminal that names no more than 16 colours
    codes = sgr(run(TERM="xterm"))
    # THEN errors are its bright red on its own background, and no other colours are sent
    assert b"91;49" in codes
    for code in codes:
        numbers = {int(number) for number in code.split(b";") if number}
        assert not numbers & {38, 48}, code


def test_no_color_writes_no_colour() -> None:
    # GIVEN NO_COLOR
    for code in sgr(run(TERM="xterm-256color", NO_COLOR="1")):
        # THEN every style is an attribute or the terminal's default colours
        assert {int(number) for number in code.split(b";") if number} <= {0, 1, 2, 3, 4, 7, 9, 39, 49}, code
