"""The line that takes a change back is made from the values before it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from backends.change.restarts import changes
from backends.change.steps import Compiled
from tests.unit.change_planned import BEFORE, planned
from tests.unit.change_support import StandIn, surroundings
from tests.unit.change_support import compiled as compile_words


@pytest.mark.parametrize(
    ("line", "undo"),
    [
        ("service scale web=9", "docker service scale web=2"),
        ("service update --replicas 9 web", "docker service update --replicas 2 web"),
        ("service update --env-add A=7 web", "docker service update --env-add A=1 web"),
        ("service update --label-rm tier web", "docker service update --label-add tier=front web"),
        ("service rollback web", "docker service rollback web"),
        ("service create --name new nginx", "docker service rm new"),
        ("network create -d overlay n", "docker network rm n"),
        (
            "network rm lonely",
            "docker network create --driver overlay --attachable --subnet 10.0.2.0/24 --gateway 10.0.2.1 "
            "--label env=test lonely",
        ),
        ("network connect --alias db1 lonely box", "docker network disconnect lonely box"),
        ("network disconnect blog box", "docker network connect blog box"),
        ("node update --availability drain w1", "docker node update --availability active w1"),
        (
            "node update --label-add zone=b --label-add new=1 w1",
            "docker node update --label-add zone=a --label-rm new w1",
        ),
        ("node promote w1", "docker node demote w1"),
        ("swarm init", "docker swarm leave --force"),
    ],
)
def test_a_change_has_the_line_that_takes_it_back(line: str, undo: str) -> None:
    # WHEN a change is planned
    found = planned(line)
    # THEN it is known how it is taken back, and the plan says so
    assert found.undo.line == undo
    assert dict(found.facts)["undo"].startswith(undo)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("service rm web", "created anew"),
        ("network rm lonely broken", "created anew"),
        ("secret rm db_pass", "content is gone"),
        ("node rm --force w2", "join anew"),
        ("swarm join-token --rotate worker", "not told"),
    ],
)
def test_what_cannot_be_taken_back_says_so(line: str, word: str) -> None:
    # THEN there is no line, and why
    found = planned(line)
    assert found.undo.line == ""
    assert word in dict(found.facts)["undo"]


def test_the_line_back_makes_the_spec_of_before() -> None:
    # GIVEN a service that is changed in many ways
    line = (
        "service update --env-add A=7 --env-add NEW=x --env-rm B --label-add x=y --publish-add 9000:90 "
        "--limit-memory 64m --mount-add type=tmpfs,target=/t --update-delay 9s web"
    )
    found = planned(line)
    assert found.compiled is not None
    (target,) = found.compiled.targets
    # WHEN its line back is compiled on what it became
    engine = StandIn(service=copy.deepcopy(target.after))
    back = compile_words(found.undo.line.split(), engine, surroundings({}))
    assert isinstance(back, Compiled)
    # THEN all is as it was
    assert _changed(back.targets[0].after, target.before) == ()


def _changed(one: Any, other: Any) -> Any:
    return changes(other, one)


def test_secrets_of_before_are_not_in_what_is_shown() -> None:
    # GIVEN a variable with a secret
    spec = copy.deepcopy(BEFORE)
    spec["TaskTemplate"]["ContainerSpec"]["Env"] = ["DB_PASSWORD=hunter2"]
    # WHEN it is changed
    found = planned("service update --env-add DB_PASSWORD=other web", service=spec)
    # THEN neither value is told
    told = " ".join((*found.lines, found.shown, dict(found.facts)["undo"]))
    assert "hunter2" not in told
    assert "other" not in told.replace("one after the other", "")
    assert "env DB_PASSWORD: *** → ***." in found.lines
