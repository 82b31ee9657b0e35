"""The walk that changes things: on the manager of a real Swarm, at 80x24, by keys and by pasted lines."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where this session keeps its journal."""
    return tmp_path / "state"


@pytest.fixture
def app(lab: Lab, state: Path) -> Iterator[Tmux]:
    """dnet-tui in the manager's own namespaces, with the services shown."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    program = f"cd {ROOT} && XDG_STATE_HOME={state} exec {sys.executable} -m tui.cli -v services"
    command = lab.manager.enter(["sh", "-c", program])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as tmux:
        tmux.until(lambda screen: bool(re.search(r"\bweb\b.*3/3", screen)), "web 3/3")
        yield tmux


@pytest.fixture
def hello(lab: Lab) -> Iterator[str]:
    """A service of this walk's own."""
    lab.manager.docker("service", "create", "--name", "hello", "--replicas", "2", "lab/box:1", "sleep", "10000")
    yield "hello"
    lab.manager.docker("service", "rm", "hello")


def inside(lab: Lab, *command: str) -> str:
    """What a command says in the manager's own namespaces, where the program runs."""
    return subprocess.run(lab.manager.enter(list(command)), capture_output=True, text=True, check=True).stdout


def line(app: Tmux, text: str) -> None:
    """Types a line at ``:`` and waits until it stands there."""
    app.keys(":")
    app.wait("enter runs")
    app.type(text)
    app.wait(text[-20:])


def on_row(app: Tmux, name: str) -> None:
    """Puts the cursor on a service."""
    line(app, f"svc {name}")
    app.keys("Enter")
    app.until(lambda screen: bool(re.search(rf"^▌ {name}\b", screen, re.M)), f"the cursor on {name}")


def test_a_service_is_scaled_by_a_key_up_at_once_and_down_after_one_question(app: Tmux, hello: str) -> None:
    # GIVEN the cursor on a service with two replicas
    on_row(app, hello)
    # WHEN it is scaled up
    app.keys("s")
    app.wait("Scale hello")
    app.type("3")
    # THEN what it would do is said before, and done without a question
    app.wait("+1 task; nothing restarts")
    app.wait("room      3 nodes")
    app.keys("Enter")
    app.wait("hello scaled from 2 to 3 in")
    # WHEN it is scaled down THEN one line asks first
    app.keys("s")
    app.wait("Scale hello")
    app.type("1")
    app.keys("Enter")
    app.wait("Scale hello?")
    app.keys("Enter")
    app.wait("hello scaled from 3 to 1 in")


def test_a_pasted_line_makes_a_service_and_its_plan_removes_it(lab: Lab, app: Tmux, state: Path) -> None:
    # GIVEN a line with a port that is taken THEN the holder is named, with a free port
    line(app, "sudo docker service create --name pasted -p 8080:80 lab/box:1")
    app.wait("8080 is published by web")
    app.keys("C-u")
    # WHEN the line is right
    app.type("docker service create --name pasted -d -e DB_PASSWORD=hunter2 -p 8001:80 lab/box:1 sleep 10000")
    app.wait("Answers at port 8001/tcp")
    app.keys("Enter")
    # THEN the service runs
    app.until(lambda screen: bool(re.search(r"pasted created( in|\.)", screen)), "the service made")
    assert "pasted" in lab.manager.docker("service", "ls", "--format", "{{.Name}}")
    app.until(lambda _: "pasted" in app.listed(), "it in the list")
    # WHEN it is removed THEN its plan comes first, with Cancel under the cursor
    line(app, "rm pasted")
    app.keys("Enter")
    app.wait("nothing has been done yet")
    app.keys("Enter")
    app.wait("cancelled, nothing was sent")
    line(app, "rm pasted")
    app.keys("Enter")
    app.wait("nothing has been done yet")
    app.keys("Tab", "Enter")
    app.wait("pasted removed")
    # THEN all of it is in the journal, which only this user reads, without the password
    journal = state / "dnet-tui" / "journal.jsonl"
    mode, text = inside(lab, "stat", "-c", "%a", str(journal)), inside(lab, "cat", str(journal))
    assert mode.strip() == "600"
    assert "hunter2" not in text
    endings = {json.loads(row)["outcome"] for row in text.splitlines()}
    assert {"sent", "done", "cancelled"} <= endings
    line(app, "journal")
    app.keys("Enter")
    app.wait("docker service rm pasted")


def test_a_broken_image_is_seen_failing_and_rolled_back(app: Tmux, hello: str) -> None:
    on_row(app, hello)
    # WHEN an image that is nowhere is set
    app.keys("i")
    app.wait("Image of hello")
    app.keys("C-u")
    app.type("lab/nowhere:1")
    app.wait("2 tasks restart, 1 at a time")
    app.keys("Enter")
    app.wait("Update hello?")
    app.keys("Enter")
    # THEN its failure is said with the engine's reason
    app.wait("The update of hello paused. No such image")
    # WHEN it is rolled back THEN it runs again
    app.keys("C-l")
    app.wait("Roll back hello?")
    app.keys("Enter")
    app.wait("hello rolled back in")


def test_a_node_is_drained_after_its_plan(lab: Lab, app: Tmux) -> None:
    # GIVEN the second node under the cursor
    app.keys("2")
    app.wait("worker2")
    app.keys("G")
    app.until(lambda screen: bool(re.search(r"^▌ worker2\b", screen, re.M)), "the cursor on worker2")
    try:
        # WHEN its part is asked for and draining chosen
        app.keys("a")
        app.wait("Part of worker2 in the Swarm")
        app.keys("Enter")
        # THEN the plan says what moves, and nothing is done by enter alone
        app.wait("Drain worker2")
        app.wait("What moves where")
        app.keys("Enter")
        app.wait("cancelled, nothing was sent")
        app.keys("a")
        app.wait("Part of worker2 in the Swarm")
        app.keys("Enter")
        app.wait("What moves where")
        app.keys("Tab", "Enter")
        # THEN it is empty in the end
        app.wait("worker2 drained in")
        left = lab.manager.docker("node", "ps", "worker2", "-f", "desired-state=running", "-q")
        assert not left.strip()
    finally:
        lab.manager.docker("node", "update", "--availability", "active", "worker2")


def test_a_dry_run_shows_the_requests_and_sends_nothing(lab: Lab, app: Tmux) -> None:
    line(app, "plan docker service scale web=9")
    app.keys("Enter")
    app.wait("Dry run: Scale web")
    app.wait("nothing was sent")
    app.wait("/update?version=")
    app.keys("Escape")
    app.gone("Dry run")
    assert "3/3" in lab.manager.docker("service", "ls", "--filter", "name=web", "--format", "{{.Replicas}}")
