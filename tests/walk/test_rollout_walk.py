"""The walk of a rollout: begun elsewhere, watched replica by replica, rolled back by a key and by the engine."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
BROKEN = "lab/nowhere:1"


@pytest.fixture
def app(lab: Lab, tmp_path: Path) -> Iterator[Tmux]:
    """dnet-tui in the manager's own namespaces."""
    if shutil.which("tmux") is None:
        pytest.fail("tmux is not installed; tests/lab/packages.sh does it")
    program = f"cd {ROOT} && XDG_STATE_HOME={tmp_path / 'state'} exec {sys.executable} -m tui.cli -v services"
    command = lab.manager.enter(["sh", "-c", program])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as tmux:
        tmux.until(lambda screen: bool(re.search(r"\bweb\b.*3/3", screen)), "web 3/3")
        yield tmux


@pytest.fixture
def roll(lab: Lab) -> Iterator[str]:
    """A service of this walk's own, with a pace that can be watched."""
    lab.manager.docker(
        *("service", "create", "--name", "roll", "--replicas", "3", "--update-delay", "1s"),
        *("--update-monitor", "3s", "lab/box:1", "sleep", "10000"),
    )
    yield "roll"
    lab.manager.docker("service", "rm", "roll")


def rollouts(app: Tmux, name: str) -> None:
    """Opens the rollout of a service by its name."""
    app.keys(":")
    app.wait("enter runs")
    app.type(f"rollout {name}")
    app.wait(f"rollout {name}")
    app.keys("Enter")
    app.wait(f"{name} › update")


def test_a_rollout_from_elsewhere_is_watched_left_and_found_again(lab: Lab, app: Tmux, roll: str) -> None:
    # WHEN somebody else sets another image
    lab.manager.docker("service", "update", "-d", "--image", "lab/box:2", roll)
    app.keys(":")
    app.wait("enter runs")
    app.type("rollouts")
    app.wait(":rollouts")
    app.keys("Enter")
    # THEN the list has it, and row 0 counts it
    app.until(lambda screen: bool(re.search(r"roll +◐ updating", screen)), "the rollout in the list")
    rollouts(app, roll)
    app.wait("lab/box:1 → lab/box:2")
    # WHEN it is left THEN it goes on, and is found again at its end
    app.keys("b")
    app.wait("Rollouts")
    app.until(lambda screen: bool(re.search(r"roll +● done +━+ 3 of 3 new", screen)), "the rollout done")


def test_a_broken_image_is_seen_replica_by_replica_and_rolled_back(lab: Lab, app: Tmux, roll: str) -> None:
    rollouts(app, roll)
    # WHEN an image that is nowhere is set elsewhere
    lab.manager.docker("service", "update", "-d", "--image", BROKEN, roll)
    # THEN the failure is told in full, the policy has stopped it, and what is left runs on
    app.wait("‖ paused")
    app.wait(f"No such image: {BROKEN}")
    app.wait("○ kept")
    app.wait("1 failure, none allowed")
    # WHEN it is rolled back by the key of the page
    app.keys("C-l")
    app.wait("Roll back roll?")
    app.keys("Enter")
    # THEN it says what happened, and not that anything converged
    app.wait("▲ rolled back")
    app.wait("3 of 3 back")
    assert "converged" not in app.screen()


def test_a_rollback_of_the_engines_own_is_told_with_the_last_words(lab: Lab, app: Tmux, roll: str) -> None:
    rollouts(app, roll)
    # WHEN a program that ends at once is set, with a policy that rolls back
    command = "sh -c 'echo connecting to the db; echo no route to the db >&2; exit 3'"
    lab.manager.docker("service", "update", "-d", "--update-failure-action", "rollback", "--args", command, roll)
    # THEN the engine rolls it back, and why is told, whole
    app.wait("▲ rolled back")
    app.wait("did not work. task: non-zero exit (3)")
    # AND the try that failed, in whichever slot the Swarm began, has its last words beside it, once no row moves
    app.wait("3 of 3 back")
    app.keys("g")
    app.wait("Slot 1,")
    slot = 1
    while not re.search(r"^▌ \d +✗ failed", app.screen(), re.M):
        slot += 1
        assert slot <= 3, app.screen()
        app.keys("j")
        app.wait(f"Slot {slot},")
    app.wait("no route to the db")
    # AND there is nothing to go back to any more
    app.keys("C-l")
    app.wait("roll has no spec of before")
