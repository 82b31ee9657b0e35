"""The walk that makes a Swarm: plain engines, started here, joined over SSH from here, its tokens, left again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import lab as labs
from tests.lab.fixtures import require_lab
from tests.lab.lab import Lab
from tests.lab.node import LabNode
from tests.lab.spec import LabSpec, NodeSpec
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
#: What a docker line with a join token has in it.
TOKEN = re.compile(r"SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}")
NODES = (NodeSpec("one", role="none"), NodeSpec("two", role="none"), NodeSpec("three", role="none"))


@pytest.fixture
def plain() -> Iterator[Lab]:
    """Three engines that are in no Swarm."""
    require_lab()
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    started = labs.up(
        LabSpec(f"plain-{os.getpid()}", NODES, swarm=False, images=False, sample=False), owner=os.getpid()
    )
    try:
        yield started
    finally:
        started.down()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where this session keeps its journal."""
    return tmp_path / "state"


@pytest.fixture
def app(plain: Lab, state: Path) -> Iterator[Tmux]:
    """dnet-tui on the first of them, as root logged in there."""
    program = f"cd {ROOT} && XDG_STATE_HOME={state} exec {sys.executable} -m tui.cli -v nodes"
    command = plain.nodes["one"].enter(["sh", "-c", program])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as tmux:
        tmux.wait("one is not part of a Swarm", 60)
        yield tmux


def inside(node: LabNode, *command: str) -> str:
    """What a command says on a node."""
    return subprocess.run(node.enter(list(command)), capture_output=True, text=True, check=True).stdout


def journal(node: LabNode, state: Path) -> str:
    """All that was written down."""
    return inside(node, "cat", str(state / "dnet-tui" / "journal.jsonl"))


def line(app: Tmux, text: str) -> None:
    """Runs a line at ``:``."""
    app.keys(":")
    app.wait("enter runs", 30)
    app.type(text)
    app.wait(text[-20:], 30)
    app.keys("Enter")


def start_here(app: Tmux) -> None:
    """From a plain engine to a Swarm of one."""
    app.keys("C-n")
    # The address is the one that leads out of the machine: nothing has to be typed.
    app.wait("way out of this machine", 60)
    app.keys("C-s")
    app.until(lambda screen: bool(re.search(r"one\s+★ leader\s+● ready", screen)), "one as the leader", 60)


def test_a_swarm_is_started_here_joined_over_ssh_and_its_token_rotated(plain: Lab, app: Tmux, state: Path) -> None:
    one, two = plain.nodes["one"], plain.nodes["two"]
    # WHEN the engine here starts a Swarm THEN that takes two keys
    start_here(app)
    assert app.keystrokes == 2
    assert inside(one, "docker", "node", "ls", "--format", "{{.Hostname}}").split() == ["one"]
    # WHEN another machine is typed and joined
    app.keys("n")
    app.wait("Machine", 30)
    app.type(f"root@{two.address}")
    app.keys("C-s")
    # THEN it is looked at, joins when that is done, and is waited for until it is ready
    app.wait("two is ready as a worker", 120)
    assert app.keystrokes <= 25
    app.keys("Escape")
    app.until(lambda screen: bool(re.search(r"two\s+worker\s+● ready", screen)), "two as a worker", 60)
    assert "two" in inside(one, "docker", "node", "ls", "--format", "{{.Hostname}}").split()
    # THEN its token is in no journal, and was on no screen
    told = journal(one, state)
    assert not TOKEN.search(told)
    assert "docker swarm join --token *** --advertise-addr" in told
    assert {json.loads(row)["outcome"] for row in told.splitlines()} >= {"sent", "done"}
    # WHEN the tokens are looked at THEN they are dots, until one is asked for
    line(app, "tokens")
    app.wait("To join as a worker", 30)
    assert not TOKEN.search(app.screen())
    app.keys("w")
    app.wait("shown, hides in", 30)
    token = inside(one, "docker", "swarm", "join-token", "-q", "worker").strip()
    assert token in re.sub(r"[\s▕│▌]", "", app.screen())
    app.keys("w")
    app.gone("shown, hides in", 30)
    # WHEN it is rotated, by its plan with Cancel first
    app.keys("r")
    app.wait("Rotate the worker token", 30)
    app.wait("nothing has been done yet", 30)
    app.keys("Tab", "Enter")
    app.until(lambda _: inside(one, "docker", "swarm", "join-token", "-q", "worker").strip() != token, "another", 60)
    assert not TOKEN.search(journal(one, state))


def test_a_packet_filter_is_found_and_a_join_without_a_result_is_ended(plain: Lab, app: Tmux, state: Path) -> None:
    one, three = plain.nodes["one"], plain.nodes["three"]
    start_here(app)
    # GIVEN a machine that lets no gossip in, and a manager that lets it not in
    inside(three, "iptables", "-I", "INPUT", "-p", "udp", "--dport", "7946", "-j", "DROP")
    inside(one, "iptables", "-I", "INPUT", "-p", "tcp", "--dport", "2377", "-s", three.address, "-j", "DROP")
    app.keys("n")
    app.wait("Machine", 30)
    app.type(f"root@{three.address}")
    app.keys("Enter")
    # THEN both are told, each with its way, and it is not joined by itself
    app.wait("2 wrong", 120)
    screen = app.wait("Gets no connection from there at one", 30)
    assert "Does not arrive there from one (sent, nothing arrived)." in re.sub(r"\s+", " ", screen.replace("▕", ""))
    # WHEN it is joined all the same
    app.keys("C-s")
    app.wait("Join three although not all is well", 30)
    app.keys("Tab", "Enter")
    # THEN it has no result after the engine's own limit, which is said, and stands in the journal as not known
    app.wait("pending", 120)
    app.wait("ends the attempt", 30)
    assert '"outcome":"unknown"' in journal(one, state)
    # WHEN the attempt is ended THEN it is a plain engine again
    app.keys("1")
    app.wait("it is a plain engine", 60)
    assert "Swarm: inactive" in inside(three, "docker", "info")
    # WHEN the filters are gone and it is looked at again THEN it joins
    inside(three, "iptables", "-F", "INPUT")
    inside(one, "iptables", "-F", "INPUT")
    app.keys("C-r")
    app.wait("ready", 120)
    app.gone("wrong", 120)
    app.keys("C-s")
    app.wait("three is ready as a worker", 120)


def test_the_last_manager_leaves_only_where_that_is_typed(plain: Lab, app: Tmux) -> None:
    one = plain.nodes["one"]
    start_here(app)
    # WHEN the only manager is to leave
    line(app, "leave")
    # THEN it is refused as it stands, with all that would be lost
    app.wait("refused as it stands", 60)
    app.wait("This is the last manager", 30)
    app.keys("Tab", "Enter")
    app.gone("refused as it stands", 30)
    assert "Swarm: active" in inside(one, "docker", "info")
    # WHEN the word is typed
    line(app, "leave")
    app.wait("refused as it stands", 60)
    app.type("leave")
    app.keys("Tab", "Tab", "Enter")
    # THEN it has left, and the screen knows
    app.wait("one is not part of a Swarm", 60)
    assert "Swarm: inactive" in inside(one, "docker", "info")
