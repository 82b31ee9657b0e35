"""What a terminal may do to the program: bytes that are no text, its end, signals; and what others may redirect."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalProgram, visible

_RUN = [sys.executable, "-m", "tui.cli", "--demo", "--view", "services", "--log-file", os.devnull]
_LEFT = b"\x1b[?1049l"


def shown(data: bytes) -> bool:
    return b"edge_traefik" in visible(data)


@pytest.fixture
def terminal() -> Iterator[TerminalProgram]:
    with TerminalProgram(_RUN, columns=120, rows=36) as program:
        assert program.when(shown), visible(program.since(0))[-2000:]
        yield program


def test_bytes_that_are_no_text_are_survived(terminal: TerminalProgram) -> None:
    # WHEN a terminal sends Latin-1, halves of characters, and sizes and places that cannot be
    terminal.send(b"caf\xe9\xff\xfe\xe6\x97 \x1b[48;0;0;0;0t\x1b[<0;999999999999;1M\x1b[<;;M\x1bP+r\x1b\\\x1b\x1b")
    # THEN keys that come after them do what they always do
    offset = terminal.written
    terminal.send(b"\x1b:nodes\r")
    assert terminal.when(lambda data: b"Nodes" in visible(data), offset=offset)
    assert terminal.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_terminal_given_back(terminal: TerminalProgram, number: signal.Signals) -> None:
    # WHEN it is told to end
    terminal.process.send_signal(number)
    # THEN it does, says which signal it was, and the terminal is as it was
    assert terminal.process.wait(20) == 128 + number
    assert terminal.when(lambda data: _LEFT in data)
    after = terminal.since(0)
    assert after.rfind(b"\x1b[?25h") > after.rfind(b"\x1b[?25l")
    assert after.rfind(b"\x1b[?1000l") > after.rfind(b"\x1b[?1000h")


def test_a_terminal_that_goes_away_ends_it() -> None:
    # GIVEN a program that gets no signal when its terminal goes away
    program = TerminalProgram(_RUN, columns=120, rows=36)
    assert program.when(shown)
    # WHEN it does
    program.hang_up()
    # THEN nothing is left running
    assert program.process.wait(20) == 128 + signal.SIGHUP


def test_standard_error_may_go_to_a_file(tmp_path: Path) -> None:
    # GIVEN standard error kept in a file, as people do
    errors = tmp_path / "errors"
    command = ["sh", "-c", 'exec "$@" 2>"$0"', str(errors), *_RUN]
    with TerminalProgram(command, columns=120, rows=36) as program:
        # THEN the screen is on the terminal all the same, and none of it is in the file
        assert program.when(shown)
        assert errors.read_bytes() == b""
