"""What a line typed at : would do, in one sentence, before anybody is asked."""

from __future__ import annotations

import pytest

from backends.model import Snapshot
from tests.unit.change_world import world
from tui.actions.changing import meaning


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("docker service scale web=5", "Starts 3 more tasks of web, 2 → 5; nothing restarts."),
        ("docker service scale web=1", "Stops 1 of 2 tasks of web, 2 → 1. Asks first."),
        ("docker service scale web=0", "Stops all 2 tasks of web: it does not answer any more. Shows its plan first."),
        ("docker service scale web=2", "web has 2 replicas already; nothing changes."),
        (
            "docker service update --image shop/web:2 web",
            "Restarts the 2 tasks of web, one after the other, stopping first: image shop/web:1 → 2. Asks first.",
        ),
        (
            "docker service update --force web",
            "Restarts the 2 tasks of web, one after the other, stopping first. Asks first.",
        ),
        ("docker service update --label-add a=b web", "Changes web without restarting it: label-add a=b."),
        (
            "docker service update --replicas 1 web",
            "Stops 1 of 2 tasks of web, 2 → 1. Asks first.",
        ),
        (
            "docker service rollback web",
            "Puts web back to its spec before the last change: image shop/web:1 → 0. Its tasks restart where they "
            "differ. Asks first.",
        ),
        (
            "docker service rm web",
            "Removes web and stops 2 tasks, for good. Port 8080 is free then. Shows its plan first.",
        ),
        ("docker node update --availability pause w1", "Places no new tasks on w1; those that run there go on."),
        ("docker network connect lonely box", "box gets an address of lonely, at once; nothing restarts."),
    ],
)
def test_a_line_says_what_it_would_do(line: str, text: str) -> None:
    # WHEN a line is typed THEN its plan stands above it, and how much will be asked
    found = meaning(line, world())
    assert (found.text, found.wrong) == (text, False)


def test_secrets_are_not_told_back() -> None:
    # THEN
    found = meaning("docker service update --env-add DB_PASSWORD=hunter2 web", world())
    assert "hunter2" not in found.text
    assert "DB_PASSWORD=***" in found.text


@pytest.mark.parametrize(
    ("line", "text", "mark"),
    [
        ("docker service scale webb=5", "service webb not found; did you mean web?", "webb=5"),
        (
            "docker service scale agent=5",
            "agent is global: it runs once on each node that its constraints allow; ",
            "agent=5",
        ),
        ("docker service rollback db", "db has no spec before this one to go back to; ", "db"),
        ("docker node update --availability drain w11", "node w11 not found; did you mean w1?", "w11"),
        ("docker network rm lonly", "network lonly not found; did you mean lonely?", "lonly"),
        ("docker service create -p 8080:80 nginx", "8080 is published by web; ", "8080:80"),
        ("docker service create --name web nginx", "service web already exists; ", "web"),
    ],
)
def test_what_cannot_work_is_said_at_its_place(line: str, text: str, mark: str) -> None:
    # WHEN a line cannot work
    found = meaning(line, world())
    # THEN it is wrong, with what would be right, and where
    assert found.wrong
    assert found.text.startswith(text)
    assert mark in line[found.start : found.end]


def test_what_is_not_known_yet_is_asked_of_the_engine() -> None:
    # GIVEN nothing of the Swarm listed yet
    found = meaning("docker service scale web=5", Snapshot())
    # THEN no name is said to be missing
    assert (found.text, found.wrong) == ("What it does is asked of the engine first.", False)


def test_the_fatal_is_told_before_it_is_asked() -> None:
    # THEN
    found = meaning("docker node demote mgr", world())
    assert "the Swarm would be gone" in found.text
    assert found.text.endswith("Is refused unless its name is typed.")
