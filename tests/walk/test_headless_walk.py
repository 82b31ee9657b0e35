"""The second walk: dnet-tui without its screen, on the manager of a real Swarm, as scripts use it."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]


def argv(lab: Lab, *words: str) -> list[str]:
    """dnet-tui as root typed it after a login on the manager."""
    return lab.manager.enter([sys.executable, "-m", "tui.cli", *words], cwd=ROOT)


def run(lab: Lab, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(argv(lab, *words), capture_output=True, input=given, timeout=120)


def objects(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [row for row in map(json.loads, done.stdout.splitlines()) if "unasked" not in row]


def test_the_lists_are_those_of_the_swarm(lab: Lab) -> None:
    # WHEN each list is asked for, THEN what docker made is in it
    assert {row["name"] for row in objects(run(lab, "nodes", "--json"))} == set(lab.nodes)
    services = {row["name"]: (row["running"], row["wanted"]) for row in objects(run(lab, "services", "--json"))}
    assert services["web"] == (3, 3)
    assert services["shop_worker"][1] == 1
    # A service that was scaled up and down may have kept other slots than the first.
    tasks = ("service", "ps", "web", "db", "--filter", "desired-state=running", "--format", "{{.Name}}")
    assert {row["name"] for row in objects(run(lab, "tasks", "--json"))} >= set(lab.manager.docker(*tasks).split())
    assert "labnet" in {row["name"] for row in objects(run(lab, "networks", "--json"))}
    containers = objects(run(lab, "ps", "--json"))
    assert ("localbox", "manager1") in {(row["name"], row["node"]) for row in containers}


def test_a_failing_service_says_why(lab: Lab) -> None:
    # GIVEN a service that fails every few seconds; where its engine was restarted it must have failed once more
    end = time.monotonic() + 60
    state = ""
    while state != "failing" and time.monotonic() < end:
        (row,) = objects(run(lab, "services", "--json", "--filter", "name=shop_worker"))
        state = row["state"]
    assert state == "failing"
    assert "shop_worker.1" in run(lab, "tasks", "-a", "--filter", "service=shop_worker").stdout.decode()


def test_events_come_as_they_happen(lab: Lab) -> None:
    def happen() -> None:
        lab.manager.docker("create", "--name", "headless-made", "lab/box:1")
        lab.manager.docker("rm", "-f", "headless-made")

    # GIVEN somebody who follows the events of one container
    with subprocess.Popen(argv(lab, "events", "--follow", "--json", "-f", "name=headless-made"), stdout=-1) as program:
        assert program.stdout is not None
        # WHEN it is made by the plain docker CLI, until the stream is there
        end = time.monotonic() + 60
        line = b""
        while not line and time.monotonic() < end:
            happen()
            line = program.stdout.readline() if _readable(program) else b""
            line = b"" if b"unasked" in line else line
        # WHEN the reader goes, THEN the next event ends it: a signal would reach only what entered the node for us
        program.stdout.close()
        happen()
        assert program.wait(60) == 141
    # THEN the event was told with its node
    told = json.loads(line)
    assert (told["type"], told["node"], told["name"]) == ("container", "manager1", "headless-made")


def _readable(program: subprocess.Popen[bytes]) -> bool:
    assert program.stdout is not None
    return bool(select.select([program.stdout], [], [], 2)[0])


def test_a_command_passes_everything_through(lab: Lab) -> None:
    # WHEN a command copies every byte there is, and writes on both streams
    every = bytes(range(256)) * 4096
    script = "cat; echo to-stderr >&2; exit 9"
    done = run(lab, "exec", "-i", "localbox", "--", "sh", "-c", script, given=every)
    # THEN all of it comes back, streams apart, with its exit code
    assert (done.returncode, done.stdout == every, done.stderr) == (9, True, b"to-stderr\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["localbox", "--", "true"], 0),
        (["localbox", "--", "no-such-program"], 126),  # as this engine says it, and docker exec with it
        (["localbox", "--", "/etc"], 126),
        (["-i", "agent.manager1"], 127),
        (["db", "--", "true"], 0),  # it runs on a worker, which is reached over SSH
        (["no-such-container", "--", "true"], 1),
        (["--readonly", "localbox", "--", "true"], 1),
    ],
)
def test_exit_codes(lab: Lab, words: list[str], code: int) -> None:
    assert run(lab, "exec", *words).returncode == code


def test_user_folder_and_environment_are_taken(lab: Lab) -> None:
    # WHEN a command is run as another user, elsewhere, with more environment
    words = ["-u", "65534", "-w", "/tmp", "-e", "COLOUR=red", "localbox", "sh", "-c", "id -u; pwd; echo $COLOUR"]
    # THEN it is
    assert run(lab, "exec", *words).stdout == b"65534\n/tmp\nred\n"


def test_a_service_and_all_its_replicas(lab: Lab) -> None:
    # GIVEN the names of web's containers on this node
    here = {str(row["name"]) for row in objects(run(lab, "ps", "--json", "-f", "service=web"))}
    # WHEN a command is run in the service
    done = run(lab, "exec", "web", "--", "hostname")
    # THEN one of them answers
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1)
    # WHEN it is run in all, THEN those of this node answer, and the others are named
    every = run(lab, "exec", "--all", "web", "--json", "--", "hostname")
    assert {row["name"] for row in objects(every)} >= here
    assert every.returncode == (0 if b"unasked" not in every.stdout else 3)


@pytest.fixture
def shell(lab: Lab) -> Iterator[Tmux]:
    """A login shell on the manager, in a terminal of 80x24."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    with Tmux(lab.manager.enter(["bash", "--norc"], cwd=ROOT), env={"PS1": "manager> "}) as tmux:
        tmux.wait("manager>")
        yield tmux


def test_a_shell_with_nano_at_80x24_and_the_terminal_back(shell: Tmux) -> None:
    # GIVEN what the terminal is like
    shell.type("stty -g > /tmp/before; clear\n")
    # WHEN a shell is opened by the container's name alone
    shell.type(f"{sys.executable} -m tui.cli exec localbox\n")
    shell.wait("#")
    shell.type("nano /tmp/written\n")
    shell.wait("^X Exit")
    shell.type("by nano")
    shell.keys("C-o", "Enter", "C-x")
    shell.gone("^X Exit")
    shell.type("clear; cat /tmp/written; stty size; exit 5\n")
    # THEN nano worked, at the terminal's size, the exit code is the shell's
    shell.wait("by nano")
    shell.wait("24 80")
    shell.wait("manager>")
    shell.type("echo code=$?; stty -g | diff - /tmp/before && echo same-terminal\n")
    shell.wait("code=5")
    # THEN the terminal is as it was found
    shell.wait("\nsame-terminal")
