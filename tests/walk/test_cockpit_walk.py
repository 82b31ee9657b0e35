"""The first walk: dnet-tui on the manager of a real Swarm, at 80x24, as a person uses it."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(lab: Lab, tmp_path: Path) -> Iterator[Tmux]:
    """dnet-tui in the manager's own namespaces, as after a login there."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    program = [sys.executable, "-m", "tui.cli", "--log-file", str(tmp_path / "log")]
    command = lab.manager.enter(["sh", "-c", f"cd {ROOT} && exec {' '.join(program)}"])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as tmux:
        tmux.wait("live")
        yield tmux


def test_the_three_nodes_are_there(lab: Lab, app: Tmux) -> None:
    # WHEN the nodes are opened
    app.keys("2")
    # THEN all three of the Swarm are listed, ready
    for node in lab.nodes.values():
        app.wait(node.name)
    app.until(lambda screen: len(re.findall(r"● ready", screen)) >= 3, "three ready nodes")


def test_a_service_scaled_from_outside_changes_within_a_second(lab: Lab, app: Tmux) -> None:
    # GIVEN the services with web in three replicas
    app.keys("3")
    app.until(lambda screen: bool(re.search(r"\bweb\b.*3/3", screen)), "web 3/3")
    try:
        # WHEN it is scaled by the plain docker CLI
        started = time.monotonic()
        lab.manager.docker("service", "scale", "-d", "web=4")
        app.until(lambda screen: bool(re.search(r"\bweb\b.*\d/4", screen)), "web n/4")
        print(f"scaled from outside, seen after {time.monotonic() - started:.2f} s (docker's own run time included)")
        # THEN the running count follows
        app.until(lambda screen: bool(re.search(r"\bweb\b.*4/4", screen)), "web 4/4")
    finally:
        lab.manager.docker("service", "scale", "-d", "web=3")
    app.until(lambda screen: bool(re.search(r"\bweb\b.*3/3", screen)), "web 3/3")


def test_a_container_killed_from_outside_is_in_the_events(lab: Lab, app: Tmux) -> None:
    # GIVEN a container of this node
    lab.manager.docker("run", "-d", "--name", "victim", "lab/box:1", "sleep", "1000")
    try:
        app.keys("9")
        app.wait("victim")
        # WHEN it is killed by the plain docker CLI
        lab.manager.docker("kill", "victim")
        # THEN its death is told, with the exit code
        app.until(lambda screen: bool(re.search(r"victim.*die.*137", screen)), "victim die exit 137")
    finally:
        lab.manager.docker("rm", "-f", "victim")


def test_a_filter_narrows_and_esc_widens_again(app: Tmux) -> None:
    app.keys("3")
    app.wait("agent")
    # WHEN part of a name is typed
    app.keys("/")
    app.type("web")
    # THEN only what has it stays, while it is typed
    app.until(lambda _: "agent" not in app.listed(), "a list without agent")
    assert "web" in app.listed()
    app.keys("Enter", "Escape")
    # AND esc shows all again
    app.until(lambda _: "agent" in app.listed(), "agent back in the list")


def test_from_a_stack_down_to_a_container(lab: Lab, app: Tmux) -> None:
    # GIVEN the stacks
    app.keys("7")
    app.wait("▌ shop")
    # WHEN one goes in step by step
    app.keys("Enter")
    app.wait("shop_api")
    app.keys("/")
    app.type("api")
    app.until(lambda _: "shop_worker" not in app.listed(), "a list without shop_worker")
    app.keys("Enter", "Enter")
    # THEN the tasks of the service are there
    app.wait("› tasks")
    app.wait("running")
    # WHEN one of this node is gone into
    app.keys("/")
    app.type(f"node={lab.manager.name}")
    app.keys("Enter")
    app.until(lambda _: lab.manager.name in app.listed(), "a task of the manager")
    app.keys("Enter")
    # THEN its container is described
    app.wait("belongs to shop_api slot 1")
    app.wait("stack shop")
    # AND the way back leads to the stack
    app.keys("Escape", "Escape", "Escape")
    app.gone("› tasks")
    app.wait("shop_api")


def test_a_shell_in_a_local_container_answers_and_nano_saves(lab: Lab, app: Tmux) -> None:
    # GIVEN the local container under the cursor
    app.keys("6")
    app.keys("/")
    app.type("localbox")
    app.keys("Enter")
    app.until(lambda _: "localbox" in app.listed() and "agent" not in app.listed(), "localbox alone")
    # WHEN a shell is opened
    app.keys("x")
    app.wait("exit or ctrl+] comes back")
    app.type("echo sum $((40+2))")
    app.keys("Enter")
    # THEN it answers
    app.wait("sum 42")
    # AND knows the size of the window, also after a change
    app.type("stty size")
    app.keys("Enter")
    app.wait("24 80")
    app.resize(100, 30)
    app.type("until stty size | grep '30 100'; do sleep 0.1; done")
    app.keys("Enter")
    app.wait("\n30 100")
    app.resize(80, 24)
    # AND nano edits and saves a file
    path = f"/tmp/hello-{time.time_ns()}.txt"
    app.type(f"nano {path}")
    app.keys("Enter")
    app.wait("GNU nano")
    app.type("edited inside dnet-tui")
    app.keys("C-o", "Enter", "C-x")
    app.gone("GNU nano")
    lab_file = lab.manager.docker("exec", "localbox", "cat", path)
    assert lab_file == "edited inside dnet-tui\n"
    # AND meanwhile something happens in the Swarm
    lab.manager.docker("run", "--rm", "--name", "meanwhile", "lab/box:1", "true")
    # WHEN the shell is left
    app.type("exit")
    app.keys("Enter")
    # THEN the app is back as it was, and the events of meanwhile are there
    app.wait("Containers")
    app.wait("localbox")
    app.keys("9")
    app.wait("meanwhile")


def test_a_container_without_a_shell_gets_a_sentence(app: Tmux) -> None:
    # GIVEN a container of an image with nothing but one program
    app.keys("6")
    app.keys("/")
    app.type("agent")
    app.keys("Enter")
    app.until(lambda _: "agent" in app.listed() and "localbox" not in app.listed(), "agent alone")
    # WHEN a shell is asked for
    app.keys("x")
    # THEN a sentence says that there is none; the screen was not given away
    app.wait("shell")
    assert "comes back" not in app.screen()


def test_it_leaves_the_terminal_as_it_was(lab: Lab, app: Tmux) -> None:
    # WHEN it is left
    app.keys(":")
    app.type("q")
    app.keys("Enter")
    # THEN the program has ended, without a traceback
    assert app.ended() == 0
    screen = app.screen()
    assert "Traceback" not in screen
    assert "━━" not in screen
