"""The program in a real terminal: it begins with the skeleton, and gives the terminal back however it ends."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path

import pytest

#: Seconds that a slow machine may take.
DEADLINE = 40.0


class Program:
    """A Python snippet as a process with a terminal of its own."""

    def __init__(self, code: str) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
            os.execv(sys.executable, [sys.executable, "-c", code])
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.written = b""
        self.code: int | None = None

    def read(self, condition: Callable[[bytes], bool]) -> bytes:
        """Reads until what was written fulfils a condition, or it ends."""
        end = time.monotonic() + DEADLINE
        while not condition(self.written) and time.monotonic() < end:
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if ready:
                try:
                    data = os.read(self._master, 65536)
                except OSError:
                    break
                self.written += data
        return self.written

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def end(self) -> int:
        """Reads to the end; answers the exit code. A program that has not ended after ``DEADLINE`` fails the test."""
        self.read(lambda _: False)
        # Its terminal is closed a moment before its end can be seen.
        deadline = time.monotonic() + DEADLINE / 4
        while os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            assert time.monotonic() < deadline, f"it goes on; it wrote last: {self.written[-400:]!r}"
            time.sleep(0.05)
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def close(self) -> None:
        if self.code is None:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, 9)
                os.waitpid(self.pid, 0)
        os.close(self._master)


@pytest.fixture
def run() -> Iterator[Callable[[str], Program]]:
    started: list[Program] = []

    def start(code: str) -> Program:
        started.append(Program(code))
        return started[-1]

    yield start
    for program in started:
        program.close()


def given_back(written: bytes) -> bool:
    """Whether the alternate screen was left as often as entered, and the cursor is shown at the end."""
    entered, left = written.count(b"\x1b[?1049h"), written.count(b"\x1b[?1049l")
    return entered == left == 1 and written.rfind(b"\x1b[?25h") > written.rfind(b"\x1b[?25l")


def test_the_demo_starts_and_ends_in_one_screen(run: Callable[[str], Program]) -> None:
    # WHEN the demo is started
    program = run("import sys; from tui.cli import main; sys.exit(main(['--demo', '--view', 'services']))")
    # THEN the skeleton is there first, and the services after it
    program.read(lambda written: b"connecting" in written)
    program.read(lambda written: b"edge_traefik" in written)
    assert program.written.index(b"connecting") < program.written.index(b"edge_traefik")
    # WHEN it is quit, THEN the terminal is as it was
    program.type(b"\x11")
    assert program.end() == 0
    assert given_back(program.written)


def test_a_crash_gives_the_terminal_back_and_says_one_sentence(run: Callable[[str], Program], tmp_path: Path) -> None:
    # GIVEN a screen that fails each time it is drawn
    log = tmp_path / "log"
    program = run(
        "import sys; from tui.cli import main; import tui.frame.chrome as chrome\n"
        "def fail(*_): raise RuntimeError('the roof is off')\n"
        "chrome.Chrome.footer = fail\n"
        f"sys.exit(main(['--demo', '--log-file', {str(log)!r}]))"
    )
    # WHEN it runs, THEN it ends with a sentence, the story in the log, and the terminal as it was
    assert program.end() == 1
    assert given_back(program.written)
    after = program.written.rpartition(b"\x1b[?1049l")[2].decode()
    assert "dnet-tui stopped on an error of its own: the roof is off" in after
    assert "Traceback" not in after
    assert "Traceback" in log.read_text()


def test_a_wrong_scene_is_usage(run: Callable[[str], Program]) -> None:
    # WHEN a scene is asked for that does not exist
    program = run("import sys; from tui.cli import main; sys.exit(main(['--scene', 'nonsense']))")
    # THEN it says which there are, on a terminal as it was
    assert program.end() == 2
    assert given_back(program.written)
    assert b"there is no scene nonsense" in program.written


#: What can hang at the end: a connection that does not close, a thread that nothing can interrupt, a widget that
#: waits, a terminal that takes nothing.
HANGS = {
    "connection": """
from backends.cluster import LocalCluster
async def never(self): await asyncio.Event().wait()
LocalCluster.aclose = never
""",
    "thread": """
from tui.app import DnetApp
before = DnetApp.on_mount
async def mount(self):
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 3600)
    await before(self)
DnetApp.on_mount = mount
""",
    "widget": """
from tui.screens.main import MainScreen
async def never(self): await asyncio.Event().wait()
MainScreen._on_unmount = MainScreen.on_unmount = never
""",
}


@pytest.mark.parametrize("what", sorted(HANGS))
def test_it_ends_whatever_hangs(run: Callable[[str], Program], tmp_path: Path, what: str) -> None:
    # GIVEN something that never ends by itself
    log = tmp_path / "log"
    program = run(
        f"import asyncio, sys, time\nfrom tui.cli import main\n{HANGS[what]}\n"
        f"sys.exit(main(['--demo', '--view', 'services', '--log-file', {str(log)!r}]))"
    )
    program.read(lambda written: b"edge_traefik" in written)
    # WHEN it is quit, THEN it ends, with the terminal as it was, and the log names what was left
    program.type(b"\x11")
    assert program.end() == 0
    assert given_back(program.written)
    assert "not ended" in log.read_text()


def test_a_crash_is_told_though_something_hangs(run: Callable[[str], Program], tmp_path: Path) -> None:
    # GIVEN a screen that fails each time it is drawn, and a connection that does not close
    program = run(
        f"import asyncio, sys\nfrom tui.cli import main; import tui.frame.chrome as chrome\n{HANGS['connection']}\n"
        "def fail(*_): raise RuntimeError('the roof is off')\n"
        "chrome.Chrome.footer = fail\n"
        f"sys.exit(main(['--demo', '--log-file', {str(tmp_path / 'log')!r}]))"
    )
    # WHEN it runs, THEN it ends with a sentence all the same
    assert program.end() == 1
    assert given_back(program.written)
    assert b"dnet-tui stopped on an error of its own: the roof is off" in program.written


def test_it_ends_where_the_terminal_takes_nothing(run: Callable[[str], Program]) -> None:
    # GIVEN a terminal that nobody reads from any more, as after ctrl+s or behind a dead connection
    program = run(
        "import sys; from tui.cli import main\n"
        "from tui.terminal.driver import _Screen\n"
        "import threading\n"
        "before = _Screen.flush\n"
        "def flush(self):\n"
        "    (threading.Event().wait() if any('?1049l' in text for text in self._due) else before(self))\n"
        "_Screen.flush = flush\n"
        "sys.exit(main(['--demo', '--view', 'services']))"
    )
    program.read(lambda written: b"edge_traefik" in written)
    # WHEN it is quit THEN it ends
    program.type(b"\x11")
    assert program.end() == 0
