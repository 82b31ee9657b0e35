"""What a terminal may do to the program: bytes that are no text, its end, signals; and what others may redirect."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.terminal import TerminalProgram, screen, visible

_RUN = [sys.executable, "-m", "tui.cli", "--demo", "--view", "services", "--log-file", os.devnull]
_LEFT = b"\x1b[?1049l"


def shown(data: bytes) -> bool:
    return b"edge_traefik" in visible(data)


def until_stopped(terminal: TerminalProgram) -> None:
    """Waits for the kernel's own word for it."""
    deadline = time.monotonic() + 60.0
    while Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def terminal() -> Iterator[TerminalProgram]:
    with TerminalProgram(_RUN, columns=120, rows=36) as program:
        assert program.when(shown), visible(program.since(0))[-2000:]
        yield program


def test_bytes_that_are_no_text_are_survived(terminal: TerminalProgram) -> None:
    # WHEN a terminal sends Latin-1, halves of characters, and a place within a window of no pixels
    terminal.send(b"\xe9\xff\xfe\xe6\x97 \x1b[48;36;120;0;0t\x1b[<35;999999999999;1M")
    # THEN keys that come after them do what they always do; those of the same moment are lost
    deadline = time.monotonic() + 60
    while "━ Nodes ━" not in screen(terminal.since(0)):
        assert time.monotonic() < deadline, screen(terminal.since(0))
        written = terminal.written
        terminal.send(b"2")
        terminal.when(bool, offset=written, timeout=1.0)
    assert terminal.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_terminal_given_back(terminal: TerminalProgram, number: signal.Signals) -> None:
    # WHEN it is told to end
    terminal.process.send_signal(number)
    # THEN it does, says which signal it was, and the terminal is as it was
    assert terminal.process.wait(60) == 128 + number
    assert terminal.when(lambda data: _LEFT in data)
    after = terminal.since(0)
    assert after.rfind(b"\x1b[?25h") > after.rfind(b"\x1b[?25l")
    assert after.rfind(b"\x1b[?1000l") > after.rfind(b"\x1b[?1000h")


def test_stopped_and_continued_it_is_there_again(terminal: TerminalProgram) -> None:
    # WHEN it is stopped from outside, by a signal that it minds
    offset = terminal.written
    terminal.process.send_signal(signal.SIGTSTP)
    # THEN the terminal is given back
    assert terminal.when(lambda data: _LEFT in data, offset=offset)
    until_stopped(terminal)
    # WHEN it is continued, THEN all is painted anew, what has not changed as well
    offset = terminal.written
    terminal.process.send_signal(signal.SIGCONT)
    assert terminal.when(lambda data: b"edge_whoami" in visible(data), offset=offset)
    # WHEN it is stopped by one that cannot be minded, and continued, THEN it goes on with the threads it had
    terminal.process.send_signal(signal.SIGSTOP)
    until_stopped(terminal)
    offset = terminal.written
    terminal.process.send_signal(signal.SIGCONT)
    assert terminal.when(lambda data: b"edge_whoami" in visible(data), offset=offset)
    terminal.send(b":nodes\r")
    assert terminal.when(lambda data: b"worker-1" in visible(data), offset=offset)


def test_a_terminal_that_goes_away_ends_it() -> None:
    # GIVEN a program that gets no signal when its terminal goes away
    program = TerminalProgram(_RUN, columns=120, rows=36)
    assert program.when(shown)
    # WHEN it does
    program.hang_up()
    # THEN nothing is left running
    assert program.process.wait(60) == 128 + signal.SIGHUP


def test_standard_error_may_go_to_a_file(tmp_path: Path) -> None:
    # GIVEN standard error kept in a file, as people do
    errors = tmp_path / "errors"
    command = ["sh", "-c", 'exec "$@" 2>"$0"', str(errors), *_RUN]
    with TerminalProgram(command, columns=120, rows=36) as program:
        # THEN the screen is on the terminal all the same, and none of it is in the file
        assert program.when(shown)
        assert errors.read_bytes() == b""
