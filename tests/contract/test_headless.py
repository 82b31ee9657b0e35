"""Sub-commands as processes, as scripts use them, on the simulated engine."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from typing import Any

import pytest

from backends.fake import ThreadedFakeServer

DEADLINE = 60.0


@pytest.fixture(scope="module")
def swarm() -> Iterator[str]:
    with ThreadedFakeServer("demo") as server:
        yield f"unix://{server.socket_path}"


@pytest.fixture(scope="module")
def plain_engine() -> Iterator[str]:
    with ThreadedFakeServer("plain") as server:
        yield f"unix://{server.socket_path}"


def argv(url: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "tui", "-H", url, *words]


def run(url: str, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(argv(url, *words), capture_output=True, input=given, timeout=DEADLINE)


def objects(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(row) for row in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("command", "code", "fields"),
    [
        ("ps", 3, {"id", "name", "node", "state", "health", "image", "service", "labels"}),
        ("nodes", 3, {"id", "name", "role", "state", "reached", "reached_by", "problem"}),
        ("services", 3, {"id", "name", "mode", "running", "wanted", "state", "image"}),
        ("tasks", 3, {"id", "name", "node", "state", "desired_state", "error", "past"}),
        ("networks", 3, {"id", "name", "driver", "scope", "node", "subnets"}),
        ("events", 3, {"time", "node", "type", "action", "id", "name", "source"}),
    ],
)
def test_each_list_is_one_object_a_line_and_says_who_is_missing(
    swarm: str, command: str, code: int, fields: set[str]
) -> None:
    # WHEN a list of a Swarm is asked for of which one node is down and none but this is connected
    done = run(swarm, command, "--json")
    # THEN each line is an object with the documented fields, and the last one names who is missing
    *rows, last = objects(done)
    assert done.returncode == code
    assert rows
    assert all(fields <= row.keys() for row in rows)
    assert "worker-5" in [missing["node"] for missing in last["unasked"]]
    # THEN people are told as well
    assert b"worker-5 could not be asked: down" in done.stderr


@pytest.mark.parametrize("command", ["ps", "networks", "events"])
def test_on_a_plain_engine_nothing_is_missing(plain_engine: str, command: str) -> None:
    done = run(plain_engine, command)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"blog" in done.stdout or command == "events"


@pytest.mark.parametrize("command", ["services", "tasks", "nodes"])
def test_what_only_a_manager_knows_is_an_error_elsewhere(plain_engine: str, command: str) -> None:
    done = run(plain_engine, command)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"dnet-tui: This engine is not part of a Swarm.\n"


def test_a_table_is_aligned_and_whole_in_a_pipe(plain_engine: str) -> None:
    # WHEN it is printed into a pipe
    head, *rows = run(plain_engine, "ps", "-a").stdout.decode().splitlines()
    # THEN columns stand below their titles, nothing is cut, coloured or empty
    assert len(rows) == 4
    assert all(len(row.split()) == len(head.split()) for row in rows)
    assert {row[head.index("STATE") :].split()[0] for row in rows} == {"running", "exited"}
    assert "\x1b" not in "".join(rows)
    assert "…" not in "".join(rows)


def test_what_does_not_run_is_shown_when_asked_for(plain_engine: str) -> None:
    def names(*words: str) -> set[str]:
        return {str(row["name"]) for row in objects(run(plain_engine, "ps", "--json", *words))}

    # GIVEN a container that has ended
    running, ended = {"blog-web-1", "blog-app-1", "blog-db-1"}, {"blog-migrate-1"}
    # WHEN containers are listed, THEN it is there with -a, or where a state is filtered for
    assert names() == running
    assert names("-a") == running | ended
    assert names("--filter", "state=exited") == ended


def test_filters_are_those_of_the_screen(plain_engine: str) -> None:
    # WHEN two filters are given, THEN both hold
    rows = objects(run(plain_engine, "ps", "--json", "-f", "image=postgres", "--filter", "!web"))
    assert [row["name"] for row in rows] == ["blog-db-1"]
    # WHEN one cannot be read, THEN it is usage: nobody sees here what it was taken for
    done = run(plain_engine, "ps", "-f", "colour=red")
    assert done.returncode == 2
    assert b"Containers has no field colour" in done.stderr


def test_an_engine_that_is_not_there_is_one_sentence() -> None:
    done = run("unix:///nowhere/docker.sock", "ps")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1
    assert b"/nowhere/docker.sock" in done.stderr


def test_hostile_names_reach_no_terminal() -> None:
    # GIVEN a Swarm where everything is named by an attack
    with ThreadedFakeServer("hostile") as server:
        url = f"unix://{server.socket_path}"
        for words in (["ps"], ["ps", "--json"], ["nodes"], ["services"], ["tasks"], ["networks"], ["events"]):
            # WHEN it is listed
            done = run(url, *words)
            # THEN nothing that a terminal obeys is written
            written = (done.stdout + done.stderr).decode()
            bad = [c for c in written if (not c.isprintable() and c != "\n") or c in "\u202e\u200b"]
            assert (done.returncode, bad) == (0, []), words


def test_exec_passes_output_and_exit_code(swarm: str) -> None:
    done = run(swarm, "exec", "webapp1", "--", "sh", "-c", "echo hello; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"hello\n", b"")


def test_exec_passes_input_and_its_end(swarm: str) -> None:
    # WHEN a shell is given a script by a pipe, and no command
    done = run(swarm, "exec", "-i", "webapp1", given=b"echo through\nexit 4\n")
    # THEN it ran it to the end
    assert (done.returncode, done.stdout) == (4, b"through\n")
    # WHEN input just ends, THEN the command sees that
    assert run(swarm, "exec", "-i", "webapp1", "--", "sh", given=b"").returncode == 0


def test_input_that_nobody_takes_is_left(swarm: str) -> None:
    # WHEN input is endless and the command wants none of it
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            argv(swarm, "exec", "-i", "webapp1", "--", "echo", "done"),
            stdin=endless,
            capture_output=True,
            timeout=DEADLINE,
        )
    # THEN the command ends as it does, without a word of ours
    assert (done.returncode, done.stdout, done.stderr) == (0, b"done\n", b"")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["webapp", "--", "id"], 1, b"There is no container, task or service webapp. Nearest is webapp1."),
        (["webapp1", "--node", "worker", "--", "id"], 1, b"There is no node worker. Nearest is worker-1."),
        (["--node", "worker-1", "registry-cache", "--", "id"], 1, b"It was looked for on worker-1 only."),
        (["mysql", "--", "id"], 1, b"mysql runs on worker-1, which is not reached from here."),
        (["webapp1"], 2, b"there is no terminal for a shell; give a command"),
        (["webapp1", "-it", "--", "id"], 2, b"-t needs a terminal as input"),
        (["--all", "registry-cache", "--", "id"], 1, b"There is no service registry-cache."),
        (["--readonly", "webapp1", "--", "id"], 1, b"This session changes nothing"),
        (["webapp1", "--", "nothing-like-it"], 127, b""),
    ],
)
def test_exec_says_why_not(swarm: str, words: list[str], code: int, sentence: bytes) -> None:
    done = run(swarm, "exec", *words)
    assert done.returncode == code, done
    assert sentence in done.stderr


def test_a_container_without_a_shell_is_127(swarm: str) -> None:
    done = run(swarm, "exec", "-i", "edge_whoami")
    assert done.returncode == 127
    assert b"There is no shell in this container" in done.stderr


def test_exec_on_all_replicas_tells_who_could_not_be_asked(swarm: str) -> None:
    # WHEN a command is run on all replicas, of which one is on this node
    done = run(swarm, "exec", "--all", "webapp1", "--json", "--", "sh", "-c", "echo hi; exit 5")
    *ran, last = objects(done)
    # THEN the worst exit code is ours, and the others are named
    assert done.returncode == 5
    assert {(row["stdout"], row["exit_code"]) for row in ran} == {("hi\n", 5)}
    assert last["unasked"]
    # THEN, where all goes well, that is 3
    assert run(swarm, "exec", "--all", "webapp1", "--", "echo", "hi").returncode == 3


def test_a_reader_that_goes_ends_events_without_a_word(swarm: str) -> None:
    # GIVEN somebody who follows all events
    with subprocess.Popen(argv(swarm, "events", "--follow", "--json"), stdout=-1, stderr=-1) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        # WHEN the reader goes after the first line
        assert program.stdout.readline().startswith(b"{")
        program.stdout.close()
        # THEN the next event ends it, as the shell names a broken pipe
        assert program.wait(DEADLINE) == 141
        assert b"Traceback" not in program.stderr.read()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_events_cleanly(swarm: str, number: signal.Signals, code: int) -> None:
    with subprocess.Popen(argv(swarm, "events", "--follow", "--since", "1h"), stdout=-1, stderr=-1) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        # WHEN it is told to end, THEN it does so at once
        program.send_signal(number)
        assert program.wait(DEADLINE) == code
        assert b"Traceback" not in program.stderr.read()


def test_ctrl_c_leaves_a_command_and_says_that_it_may_go_on(swarm: str) -> None:
    with subprocess.Popen(
        argv(swarm, "exec", "webapp1", "--", "sh", "-c", "echo begun; sleep 600"), stdout=-1, stderr=-1
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        # GIVEN a command that goes on
        program.stdout.readline()
        program.send_signal(signal.SIGINT)
        # THEN we end, and it is not kept secret that it may not
        assert program.wait(DEADLINE) == 130
        assert b"may go on there" in program.stderr.read()


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, words: list[str], before: list[Any] | None = None) -> None:
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (33, 101))
        self.before = termios.tcgetattr(self.slave)
        self.written = b""
        self.program = subprocess.Popen(
            words, stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True
        )

    def until(self, text: bytes, count: int = 1) -> None:
        end = time.monotonic() + DEADLINE
        while self.written.count(text) < count:
            assert time.monotonic() < end, self.written
            if select.select([self.master], [], [], 0.1)[0]:
                self.written += os.read(self.master, 65536)

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def close(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def shell(swarm: str) -> Iterator[Terminal]:
    terminal = Terminal(argv(swarm, "exec", "webapp1"))
    terminal.until(b"# ")
    yield terminal
    terminal.close()


def test_without_a_command_a_shell_has_the_terminal(shell: Terminal) -> None:
    # WHEN something is typed, and the window changes its size
    shell.type(b"stty size\r")
    shell.until(b"33 101")
    termios.tcsetwinsize(shell.slave, (22, 77))
    shell.program.send_signal(signal.SIGWINCH)
    ask_until(shell, b"stty size\r", b"22 77")
    # THEN its exit code is ours, and the terminal is as it was found
    shell.type(b"exit 3\r")
    assert shell.program.wait(DEADLINE) == 3
    assert termios.tcgetattr(shell.slave) == shell.before


def ask_until(shell: Terminal, keys: bytes, text: bytes) -> None:
    """Types the same until the answer has come: a new size travels on a way of its own."""
    prompts = shell.written.count(b"# ")
    end = time.monotonic() + DEADLINE
    while text not in shell.written:
        assert time.monotonic() < end, shell.written[-2000:]
        shell.type(keys)
        prompts += 1
        shell.until(b"# ", prompts)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(shell: Terminal, number: signal.Signals) -> None:
    # WHEN it is ended in the middle of a shell
    shell.program.send_signal(number)
    # THEN the terminal is as it was found
    assert shell.program.wait(DEADLINE) == 128 + number
    assert termios.tcgetattr(shell.slave) == shell.before


def test_the_leave_key_leaves(shell: Terminal) -> None:
    shell.type(b"\x1d")
    assert shell.program.wait(DEADLINE) == 129
    assert termios.tcgetattr(shell.slave) == shell.before


def test_a_table_on_a_terminal_is_coloured_and_cut_to_it(plain_engine: str) -> None:
    # GIVEN a narrow terminal
    terminal = Terminal(argv(plain_engine, "ps", "-a"))
    terminal.until(b"blog-migrate-1")
    terminal.until(b"\n", 5)
    rows = terminal.written.decode().split("\r\n")[:5]
    terminal.program.wait(DEADLINE)
    terminal.close()
    # THEN rows have colours and fit
    assert any("\x1b[" in row for row in rows)
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", row)) for row in rows) <= 101


def test_neither_textual_nor_rich_s_printing_is_read() -> None:
    # WHEN a list, and a command, have been run on the demo
    code = (
        "import json, sys\nfrom tui.cli import main\n"
        "main(['ps', '--demo']); main(['exec', '--demo', 'webapp1', '--', 'true'])\n"
        "main(['events', '--demo', '--since', '1s'])\n"
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] in ('textual', 'rich')]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE)
    # THEN of both only the table of characters' widths was
    read = {name for name in json.loads(done.stderr.splitlines()[-1]) if not name.startswith("rich._unicode_data")}
    assert read <= {"rich", "rich.cells", "rich._extension"}
