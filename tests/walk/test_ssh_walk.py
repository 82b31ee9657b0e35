"""The walk over all nodes: from the manager of a real Swarm into containers of the workers, over plain SSH."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import lab as labs
from tests.lab.fixtures import require_lab
from tests.lab.lab import Lab
from tests.lab.spec import LabSpec, NodeSpec
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
Start = Callable[..., contextlib.AbstractContextManager[Tmux]]


@pytest.fixture(scope="module")
def swarm() -> Iterator[Lab]:
    """Three nodes that are reached, and one whose host key has changed."""
    require_lab()
    nodes = (
        NodeSpec("manager1", role="manager"),
        NodeSpec("worker1"),
        NodeSpec("worker2"),
        NodeSpec("worker3", trust="changed"),
    )
    started = labs.up(LabSpec(f"sshwalk-{os.getpid()}", nodes, sample=False), owner=os.getpid())
    try:
        started.manager.docker(
            *("service", "create", "-d", "--name", "web", "--replicas", "3", "--replicas-max-per-node", "1"),
            *("--constraint", "node.hostname!=worker3", "lab/full:1", "sleep", "100000"),
        )
        yield started
    finally:
        started.down()


@pytest.fixture
def start(swarm: Lab, tmp_path: Path) -> Start:
    """Starts dnet-tui in the manager's namespaces, as after a login there."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")

    @contextlib.contextmanager
    def begin(view: str, columns: int = 80, rows: int = 24) -> Iterator[Tmux]:
        program = [sys.executable, "-m", "tui.cli", "--view", view, "--log-file", str(tmp_path / "log")]
        command = swarm.manager.enter(["sh", "-c", f"cd {ROOT} && exec {' '.join(program)}"])
        env = {"COLORTERM": "", "TERM": "xterm-256color"}
        with Tmux(command, columns=columns, rows=rows, env=env) as tmux:
            tmux.wait("live")
            yield tmux

    return begin


def three(screen: str) -> bool:
    """Whether containers of all three nodes are listed."""
    return all(re.search(rf"web\.\d .*{name}.*● up", screen) for name in ("manager1", "worker1", "worker2"))


def test_containers_of_three_nodes_are_one_list(start: Start) -> None:
    with start("containers") as app:
        # THEN they are all there, each with its node, and the one that could not be asked is a row of its own
        app.until(three, "containers of three nodes")
        screen = app.until(lambda screen: "3 on 3 of 4 nodes" in screen, "the count of nodes")
        assert re.search(r"✗ worker3 .*host key has ch.*K shows the keys", screen)


def test_a_container_started_on_a_worker_appears_with_its_node(swarm: Lab, start: Start) -> None:
    worker = swarm.nodes["worker1"]
    with start("containers") as app:
        app.until(three, "containers of three nodes")
        # WHEN one is started by the worker's own docker CLI
        began = time.monotonic()
        worker.docker("run", "-d", "--name", "stranger", "lab/box:1", "sleep", "1000")
        try:
            app.until(lambda screen: bool(re.search(r"stranger .*worker1", screen)), "the stranger")
            print(f"started elsewhere, seen after {time.monotonic() - began:.2f} s (docker's own run time included)")
        finally:
            worker.docker("rm", "-f", "stranger")
        # AND it goes again
        app.until(lambda _: "stranger" not in app.listed(), "the list without the stranger")


def test_a_shell_in_a_task_on_a_worker(swarm: Lab, start: Start) -> None:
    worker = swarm.nodes["worker2"]
    ident = worker.docker("ps", "-q", "--filter", "label=com.docker.swarm.service.name=web").strip()
    # GIVEN the tasks, at 80x24
    with start("tasks") as app:
        app.keys("/")
        app.type("node=worker2")
        app.keys("Enter")
        app.until(lambda _: "web." in app.listed() and "worker1" not in app.listed(), "the task on worker2")
        # WHEN a shell is opened in it
        app.keys("x")
        app.wait("exit or ctrl+] comes back")
        assert re.search(r"web\.\d on worker2", app.screen())
        app.type("hostname; stty size")
        app.keys("Enter")
        # THEN it is the container on the worker, and its terminal is 80x24
        app.wait(ident)
        app.wait("24 80")
        # AND nano edits and saves there
        app.type("nano /tmp/note.txt")
        app.keys("Enter")
        app.wait("GNU nano")
        app.type("over ssh")
        app.keys("C-o", "Enter", "C-x")
        app.gone("GNU nano")
        assert worker.docker("exec", ident, "cat", "/tmp/note.txt") == "over ssh\n"
        app.type("exit")
        app.keys("Enter")
        app.wait("ended, exit 0")
        app.wait("━━ Tasks")


def test_a_service_asks_in_which_replica(start: Start) -> None:
    with start("services") as app:
        app.until(lambda screen: "3/3" in screen, "web 3/3")
        app.keys("x")
        app.wait("Shell into web")
        everywhere = ("manager1", "worker1", "worker2")
        app.until(lambda screen: all(name in screen for name in everywhere), "a replica on each node")
        app.keys("Escape")
        app.gone("Shell into web")


def test_a_login_shell_on_the_machine_itself(start: Start) -> None:
    with start("nodes") as app:
        app.until(lambda screen: bool(re.search(r"worker1 .*● ssh root", screen)), "worker1 over ssh")
        app.keys("j", "s")
        app.wait("exit or ctrl+] comes back")
        app.type("hostname; exit 3")
        app.keys("Enter")
        app.wait("the login shell on worker1 ended, exit 3")


def test_a_cut_link_and_its_return(swarm: Lab, start: Start) -> None:
    worker = swarm.nodes["worker2"]
    with start("containers", 120, 30) as app:
        app.until(three, "containers of three nodes")
        began = time.monotonic()
        worker.cut_link()
        try:
            # THEN its rows go stale with their age
            app.until(lambda screen: bool(re.search(r"web\.\d .*worker2 .*\? \d+s ago", screen)), "a stale row")
            print(f"a cut link, seen after {time.monotonic() - began:.1f} s")
            app.until(lambda screen: "on 2 of 4 nodes" in screen, "2 of 4 nodes")
            app.until(lambda screen: bool(re.search(r"\? worker2 .*t tries now", screen)), "worker2 below the list")
            # AND all else goes on
            swarm.nodes["worker1"].docker("run", "-d", "--name", "meanwhile", "lab/box:1", "sleep", "1000")
            app.until(lambda screen: bool(re.search(r"meanwhile .*worker1 .*● up", screen)), "meanwhile")
        finally:
            worker.restore_link()
        began = time.monotonic()
        # AND when the link is back, so are they, unaided
        app.until(three, "all three live again")
        app.until(lambda screen: "on 3 of 4 nodes" in screen, "3 of 4 nodes")
        print(f"back {time.monotonic() - began:.1f} s after the link")
        swarm.nodes["worker1"].docker("rm", "-f", "meanwhile")


def test_a_changed_host_key_is_strictly_refused(swarm: Lab, start: Start, tmp_path: Path) -> None:
    known = swarm.manager.run("cat", "/root/.ssh/known_hosts")
    with start("nodes", 120, 36) as app:
        app.until(lambda screen: bool(re.search(r"worker3 .*✗ host key changed", screen)), "the refusal")
        # WHEN its keys are looked at THEN both are there in full, and nothing goes past them
        app.keys("G", "K")
        screen = app.wait("Host key of worker3 has changed")
        assert len(re.findall(r"SHA256:[A-Za-z0-9+/]{43}", screen)) == 2
        assert "Trust" not in screen
        app.keys("Escape")
        app.gone("Host key of worker3")
        # AND trying again changes nothing, here or in known_hosts
        app.keys("t")
        app.until(lambda screen: bool(re.search(r"worker3 .*✗ host key changed", screen)), "still refused")
        app.keys("s")
        app.until(lambda screen: "has changed" in screen, "no shell there")
        assert "comes back" not in app.screen()
    assert swarm.manager.run("cat", "/root/.ssh/known_hosts") == known
