"""Forms walked on the manager of a real Swarm at 80x24: a service made, edited beside somebody else, copied."""

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


@pytest.fixture
def app(lab: Lab, tmp_path: Path) -> Iterator[Tmux]:
    """dnet-tui in the manager's own namespaces, with the services shown."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    program = f"cd {ROOT} && XDG_STATE_HOME={tmp_path} exec {sys.executable} -m tui.cli -v services"
    command = lab.manager.enter(["sh", "-c", program])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as tmux:
        tmux.until(lambda screen: bool(re.search(r"\bweb\b.*3/3", screen)), "web 3/3")
        yield tmux


@pytest.fixture
def formed(lab: Lab) -> Iterator[str]:
    """The name of a service of this walk's own, gone afterwards."""
    yield "formed"
    known = lab.manager.docker("service", "ls", "--format", "{{.Name}}").split()
    for name in ("formed", "formed2"):
        if name in known:
            lab.manager.docker("service", "rm", name)


def spec(lab: Lab, name: str) -> dict[str, Any]:
    """The service's spec as it is stored."""
    found: dict[str, Any] = json.loads(lab.manager.docker("service", "inspect", name))[0]["Spec"]
    return found


def test_a_service_is_made_edited_beside_somebody_else_and_copied(app: Tmux, lab: Lab, formed: str) -> None:
    # WHEN a service is made in the form
    app.keys("n")
    app.wait("new service › Essentials")
    app.type("lab/box:1")
    app.keys("Tab")
    app.type("web")
    # THEN a name that is taken is said while it is typed
    app.wait("already exists")
    app.keys("C-u")
    app.type(formed)
    app.wait("✓ free")
    app.keys("C-s")
    # THEN it is in the list, under the cursor
    app.until(lambda screen: bool(re.search(rf"^▌ {formed}\b", screen, re.M)), f"the cursor on {formed}")

    # WHEN it is edited, and another client changes the same variable meanwhile
    app.keys("E")
    app.wait("docker service update is in the sections")
    for _ in range(5):
        app.keys("Tab")
    app.type("COLOUR=red")
    app.wait("--env-add COLOUR=red")
    lab.manager.docker("service", "update", "-d", "--env-add", "COLOUR=blue", "--label-add", "by=other", formed)
    app.keys("C-s")
    # THEN both are shown, and nothing was sent over the other's
    app.wait("was changed meanwhile")
    assert spec(lab, formed)["TaskTemplate"]["ContainerSpec"]["Env"] == ["COLOUR=blue"]
    # WHEN ours is chosen and confirmed
    app.keys("2", "C-s")
    app.wait("enter does it")
    app.keys("Enter")
    # THEN ours is there, and what only the other changed as well
    app.until(lambda screen: bool(re.search(rf"^▌ {formed}\b", screen, re.M)), f"the cursor on {formed}")
    now = spec(lab, formed)
    assert now["TaskTemplate"]["ContainerSpec"]["Env"] == ["COLOUR=red"]
    assert now["Labels"] == {"by": "other"}

    # WHEN it is copied
    app.keys("D")
    app.wait("--env COLOUR=red")
    app.type("formed2")
    app.wait("--name formed2")
    app.keys("C-s")
    # THEN the copy has what the first one has
    app.until(lambda screen: bool(re.search(r"^▌ formed2\b", screen, re.M)), "the cursor on formed2")
    assert spec(lab, "formed2")["TaskTemplate"]["ContainerSpec"]["Env"] == ["COLOUR=red"]
