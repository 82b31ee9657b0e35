"""The third walk: a whole Swarm without the screen, over SSH, its nodes reached in every way there is, or not."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.lab.swarm import far_lab

__all__ = ["far_lab"]
pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
#: Nodes that answer without anything being configured, and those that do not.
REACHED = {"manager1", "worker1", "nostream", "inner"}
MISSING = {"sudoer", "changed", "dark"}


@pytest.fixture(autouse=True)
def _configured(far_lab: Lab) -> None:
    configure(far_lab, "")


def configure(lab: Lab, text: str) -> None:
    """What root of the manager has in the configuration of dnet-tui."""
    lab.manager.run("mkdir", "-p", "/root/.config/dnet-tui")
    lab.manager.run("cp", "/dev/stdin", "/root/.config/dnet-tui/config.toml", stdin=text)


def run(lab: Lab, *words: str, node: str = "", given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """dnet-tui as root typed it on a machine, the manager by default."""
    machine = lab.nodes[node] if node else lab.manager
    home = ["env", "XDG_CONFIG_HOME=/root/.config", "HOME=/root"]
    command = machine.enter([*home, sys.executable, "-m", "tui.cli", *words], cwd=ROOT)
    return subprocess.run(command, capture_output=True, input=given, timeout=120)


def told(done: subprocess.CompletedProcess[bytes]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """(rows, reasons by the name of the node that could not be asked)."""
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    unasked = [missing for row in rows for missing in row.get("unasked", [])]
    return [row for row in rows if "unasked" not in row], {missing["node"]: missing["reason"] for missing in unasked}


def test_containers_of_all_nodes_and_why_some_are_missing(far_lab: Lab) -> None:
    # WHEN containers are listed
    done = run(far_lab, "ps", "--json")
    rows, reasons = told(done)
    # THEN those of each node that lets us in are there
    assert {row["node"] for row in rows} == REACHED
    # THEN the others are named, each with its reason, and the exit code says that something is missing
    assert done.returncode == 3
    assert reasons.keys() == MISSING
    assert "another key" in reasons["changed"] or "changed" in reasons["changed"]
    assert "may not use the engine" in reasons["sudoer"]
    assert reasons["dark"]
    # THEN without JSON the same is said on stderr
    text = run(far_lab, "ps")
    assert (text.returncode, b"could not be asked" in text.stderr) == (3, True)


def test_sudo_is_used_only_where_it_is_allowed(far_lab: Lab) -> None:
    configure(far_lab, "ssh_sudo = true\n")
    rows, reasons = told(run(far_lab, "ps", "--json"))
    assert "sudoer" in {row["node"] for row in rows}
    assert "sudoer" not in reasons


def test_how_each_node_is_reached(far_lab: Lab) -> None:
    done = run(far_lab, "nodes", "--json")
    rows, _ = told(done)
    reached = {row["name"]: row["reached"] for row in rows}
    assert reached["manager1"] == "self"
    assert {name for name, how in reached.items() if how == "live"} == REACHED - {"manager1"}
    assert done.returncode == 3


def test_a_command_in_a_container_of_any_node(far_lab: Lab) -> None:
    every = bytes(range(256)) * 4096
    for node in ("worker1", "nostream", "inner"):
        # WHEN a replica on that node copies every byte there is
        script = "cat; echo to-stderr >&2; exit 9"
        done = run(far_lab, "exec", "-i", "--node", node, "everywhere", "--", "sh", "-c", script, given=every)
        # THEN all comes back, streams apart, with the exit code
        assert (done.returncode, done.stdout == every, done.stderr) == (9, True, b"to-stderr\n")
    # WHEN the node does not let us in, THEN it is said
    done = run(far_lab, "exec", "--node", "changed", "everywhere", "--", "true")
    assert done.returncode == 1
    assert b"changed" in done.stderr


def test_all_replicas_and_which_are_missing(far_lab: Lab) -> None:
    done = run(far_lab, "exec", "--all", "everywhere", "--json", "--", "cat", "/etc/hostname")
    rows, reasons = told(done)
    assert {row["node"] for row in rows} == REACHED
    assert reasons.keys() == MISSING
    assert done.returncode == 3


def test_a_command_on_the_machines_themselves(far_lab: Lab) -> None:
    # WHEN a command is run on all machines
    done = run(far_lab, "exec", "--nodes", "--json", "--", "hostname")
    rows, reasons = told(done)
    # THEN each says its own name; one whose engine forbids us is a machine like any other
    assert {row["name"]: row["stdout"] for row in rows} == {name: f"{name}\n" for name in REACHED | {"sudoer"}}
    assert reasons.keys() == {"changed", "dark"}
    assert done.returncode == 3
    # THEN equal answers are told once
    folded = run(far_lab, "exec", "--nodes", "--", "uname -s").stdout.decode()
    assert folded.count("Linux") == 1
    # THEN on one node the exit code is the command's
    one = run(far_lab, "exec", "--nodes", "--node", "worker1", "--", "sh", "-c", "exit 7")
    assert one.returncode == 7


def test_events_of_a_worker_come_with_its_node(far_lab: Lab) -> None:
    # GIVEN somebody who follows events
    words = ["events", "--follow", "--json", "-f", "name=by-hand"]
    command = far_lab.manager.enter([sys.executable, "-m", "tui.cli", *words], cwd=ROOT)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        # WHEN a worker's own docker CLI makes a container, until the stream is there
        end, rows = time.monotonic() + 60, list[dict[str, Any]]()
        while not rows and time.monotonic() < end:
            far_lab.nodes["worker1"].docker("create", "--name", "by-hand", "lab/box:1")
            far_lab.nodes["worker1"].docker("rm", "-f", "by-hand")
            while select.select([program.stdout], [], [], 1)[0]:
                row = json.loads(program.stdout.readline())
                rows += [row] if "unasked" not in row else []
        program.stdout.close()
        far_lab.nodes["worker1"].docker("create", "--name", "by-hand", "lab/box:1")
        far_lab.nodes["worker1"].docker("rm", "-f", "by-hand")
        program.wait(60)
    # THEN they are told with that node, each once
    assert {row["node"] for row in rows} == {"worker1"}
    ids = [(row["time_nano"], row["action"], row["id"]) for row in rows]
    assert len(ids) == len(set(ids))


def test_the_same_from_a_machine_outside(far_lab: Lab) -> None:
    # WHEN the Swarm is asked from a laptop, through the manager's sshd
    done = run(far_lab, "-H", "ssh://root@manager1", "ps", "--json", node="laptop")
    rows, reasons = told(done)
    # THEN all is as on the manager
    assert {row["node"] for row in rows} == REACHED
    assert reasons.keys() == MISSING
    # THEN the manager's machine is one of those that commands are run on
    on_machines, _ = told(
        run(far_lab, "-H", "ssh://root@manager1", "exec", "--nodes", "--json", "--", "hostname", node="laptop")
    )
    assert "manager1\n" in {row["stdout"] for row in on_machines}
    # WHEN a docker context says the same
    laptop = far_lab.nodes["laptop"]
    laptop.run("docker", "context", "create", "far", "--docker", "host=ssh://root@manager1")
    try:
        rows, _ = told(run(far_lab, "--context", "far", "ps", "--json", node="laptop"))
        assert {row["node"] for row in rows} == REACHED
    finally:
        laptop.run("docker", "context", "rm", "far")


def test_nothing_is_asked_twice_where_a_login_is_refused(far_lab: Lab) -> None:
    # GIVEN a machine whose key nobody may use
    laptop = far_lab.nodes["laptop"]
    laptop.run("mv", "/root/.ssh/id_ed25519", "/root/.ssh/away")
    try:
        done = run(far_lab, "-H", "ssh://root@manager1", "ps", node="laptop")
        assert done.returncode == 1
        assert b"refuses the login of root" in done.stderr
    finally:
        laptop.run("mv", "/root/.ssh/away", "/root/.ssh/id_ed25519")
