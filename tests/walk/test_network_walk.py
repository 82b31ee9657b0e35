"""The walk through networks on a real Swarm, at 80x24, by keys: a container of another node connected with an alias and
an address and detached, an overlay made by form, what nobody uses pruned by name on its node."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
#: Seconds for what is asked of other machines over SSH, also where the machine has much to do.
FAR = 60


@pytest.fixture
def app(lab: Lab, tmp_path: Path) -> Iterator[Tmux]:
    """dnet-tui in the manager's own namespaces, with the networks shown."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    program = f"cd {ROOT} && XDG_STATE_HOME={tmp_path / 'state'} exec {sys.executable} -m tui.cli -v networks"
    command = lab.manager.enter(["sh", "-c", program])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as tmux:
        tmux.wait("labnet", 40)
        tmux.wait("ssh 2/2", FAR)
        yield tmux


@pytest.fixture
def adminer(lab: Lab) -> Iterator[str]:
    """A container on the first worker, on no network but the usual one."""
    worker = lab.nodes["worker1"]
    worker.docker("run", "-d", "--name", "adminer", "lab/box:1", "sleep", "100000")
    yield "adminer"
    worker.docker("rm", "-f", "adminer")


def line(app: Tmux, text: str) -> None:
    """Types a line at ``:`` and waits until it stands there."""
    app.keys(":")
    app.wait("enter runs")
    app.type(text)
    app.wait(text[-20:])


def on_row(app: Tmux, view: str, name: str) -> None:
    """Puts the cursor on a row."""
    line(app, f"{view} {name}")
    app.keys("Enter")
    app.until(lambda screen: bool(re.search(rf"^▌ {name}\b", screen, re.M)), f"the cursor on {name}", FAR)


def ends(lab: Lab, node: str, container: str) -> dict[str, Any]:
    """The endpoints of a container as its own engine has them."""
    text = lab.nodes[node].docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", container)
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_container_of_another_node_is_connected_with_alias_and_address_and_detached(
    lab: Lab, app: Tmux, adminer: str
) -> None:
    on_row(app, "containers", adminer)
    # WHEN a is pressed THEN the networks that it can join are offered
    app.keys("a")
    app.wait("Connect adminer to a network")
    app.wait("labnet  overlay", FAR)
    app.keys("Down", "Tab")
    app.wait("free", FAR)
    # WHEN alias and address are typed THEN the line it equals says where it is done
    app.keys("Tab")
    app.type("db-admin")
    app.wait("no other has it")
    app.keys("Tab")
    app.wait("the next free one", FAR)
    app.type("10.0.1.200")
    app.wait("on worker1")
    app.keys("Enter")
    # THEN the engine of its node has done it
    app.wait("adminer connected to labnet", FAR)
    end = ends(lab, "worker1", adminer)["labnet"]
    assert end["IPAddress"] == "10.0.1.200"
    assert "db-admin" in end["Aliases"]
    # WHEN its endpoint is detached in the list of those of the network
    on_row(app, "networks", "labnet")
    app.keys("Enter")
    app.until(lambda screen: bool(re.search(r"^▌ adminer\b", screen, re.M)), "the cursor on adminer", FAR)
    app.keys("C-d")
    # THEN one line says what it loses, and enter does it
    app.wait("Detach adminer from labnet?", FAR)
    app.wait("10.0.1.200 and the name db-admin")
    app.keys("Enter")
    app.wait("adminer disconnected from labnet", FAR)
    assert list(ends(lab, "worker1", adminer)) == ["bridge"]


def test_an_overlay_is_made_by_form_after_a_subnet_that_the_nodes_are_on_was_mended(lab: Lab, app: Tmux) -> None:
    wire = f"{lab.spec.subnet}0/24"
    # GIVEN the form of a new network
    app.keys("n")
    app.wait("Name is needed")
    app.type("walknet")
    app.wait("create walknet")
    app.keys("Tab", "Right", "Tab")
    app.wait("--driver overlay")
    # WHEN the subnet of the wire between the nodes is typed
    app.type(wire)
    # THEN all three nodes would lose each other, and it cannot be made
    app.until(lambda screen: "eth0 on 3 nodes" in " ".join(screen.split()), "the route of all nodes", FAR)
    app.keys("C-s")
    assert "walknet" not in lab.manager.docker("network", "ls", "--format", "{{.Name}}")
    # WHEN what is offered is taken THEN it is made, attachable, with that subnet
    app.keys("C-o")
    app.wait("253 addresses")
    app.keys("Tab", "Tab", "Tab", "Tab", "Space")
    app.wait("--attachable")
    app.keys("C-s")
    try:
        app.until(lambda screen: bool(re.search(r"^▌ walknet\b", screen, re.M)), "the cursor on walknet", FAR)
        made = json.loads(lab.manager.docker("network", "inspect", "walknet"))[0]
        assert (made["Driver"], made["Attachable"]) == ("overlay", True)
        assert made["IPAM"]["Config"][0]["Subnet"] != wire
        # WHEN it is removed THEN its plan comes first
        app.keys("C-d")
        app.wait("nothing has been done yet", FAR)
        app.keys("Tab", "Enter")
        app.until(
            lambda _: "walknet" not in lab.manager.docker("network", "ls", "--format", "{{.Name}}"), "its end", FAR
        )
    finally:
        if "walknet" in lab.manager.docker("network", "ls", "--format", "{{.Name}}"):
            lab.manager.docker("network", "rm", "walknet")


def test_a_network_in_use_names_who_holds_it(app: Tmux) -> None:
    on_row(app, "networks", "labnet")
    # WHEN it is to be removed THEN services and how each lets go are named, and nothing was sent
    app.keys("C-d")
    app.wait("HELD BY", FAR)
    app.wait("4 services hold it")
    app.wait("take it out")
    app.keys("Escape")
    app.gone("HELD BY")


def test_prune_removes_on_its_node_what_nobody_uses_and_leaves_what_a_stopped_container_needs(
    lab: Lab, app: Tmux
) -> None:
    worker = lab.nodes["worker2"]
    worker.docker("network", "create", "walk_default")
    worker.docker("network", "create", "walk_needed")
    worker.docker("create", "--name", "walk-stopped", "--network", "walk_needed", "lab/box:1", "sleep", "5")
    try:
        # WHEN networks are pruned THEN the one is named with its node, young and so not marked
        line(app, "prune")
        app.keys("Enter")
        app.wait("walk_default", FAR)
        app.wait("younger than 1 h")
        app.wait("walk-stopped, stopped, needs")
        # WHEN it is marked and confirmed THEN it goes, and the other stays
        app.keys("Space")
        app.wait("docker network rm walk_default")
        app.keys("Tab", "Enter")
        app.wait("1 network removed: walk_default", FAR)
        names = worker.docker("network", "ls", "--format", "{{.Name}}").split()
        assert "walk_default" not in names
        assert "walk_needed" in names
    finally:
        worker.docker("rm", "-f", "walk-stopped")
        for name in ("walk_needed", "walk_default"):
            if name in worker.docker("network", "ls", "--format", "{{.Name}}").split():
                worker.docker("network", "rm", name)
