"""What came of a change is said in the past tense, with the number."""

from __future__ import annotations

from typing import Any

import pytest

from backends.change.convergence import Progress, Standing
from backends.change.journal import Ending
from backends.change.line import parse_line
from backends.change.outcome import Outcome, State
from backends.change.report import end_of, subject
from backends.change.requests import Request
from backends.change.steps import Compiled, Target


def _compiled(line: str, *targets: Target) -> Compiled:
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request), request
    return Compiled(request, (), (), targets)


def _replicas(count: int) -> Any:
    return {"Mode": {"Replicated": {"Replicas": count}}}


CONVERGED = Standing(Progress.CONVERGED, "web converged.", took=4.2)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("service update --image web:2@sha256:aa web", "web updated to web:2 in 4 s"),
        ("service update --force web", "web restarted in 4 s"),
        ("service update --rollback web", "web rolled back in 4 s"),
        ("service rollback web", "web rolled back in 4 s"),
        ("service create --name new nginx", "new created in 4 s"),
        ("service create nginx", "nginx created in 4 s"),
        ("node update --availability drain w1", "w1 drained in 4 s"),
        ("node promote w1 w2", "w1 and w2 promoted in 4 s"),
    ],
)
def test_what_converged(line: str, sentence: str) -> None:
    # WHEN a change has come to its end
    compiled = _compiled(line)
    end = end_of(compiled, Outcome(compiled.request, State.DONE, "Done."), (CONVERGED,))
    # THEN
    assert (end.ending, end.sentence, end.good) == (Ending.DONE, sentence, True)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("service rm web", "web removed"),
        ("service scale -d web=5", "web scaled from 3 to 5"),
        ("network connect app box", "box connected to app"),
        ("network disconnect app box", "box disconnected from app"),
        ("swarm init", "swarm started"),
        ("swarm join-token --rotate worker", "swarm has a new secret"),
        ("secret rm a", "a removed"),
    ],
)
def test_what_nobody_waits_for(line: str, sentence: str) -> None:
    # THEN it is done when the engine has taken it
    compiled = _compiled(line, Target("service", "s", "web", 1, _replicas(3), _replicas(5)))
    end = end_of(compiled, Outcome(compiled.request, State.DONE, "Done."))
    assert (end.ending, end.sentence) == (Ending.DONE, sentence)


def test_what_fails_is_told_as_it_was_seen() -> None:
    # GIVEN a rollout that paused
    compiled = _compiled("service update --image nosuch web")
    paused = Standing(Progress.PAUSED, "The update of web paused. No such image: nosuch", took=9.0)
    end = end_of(compiled, Outcome(compiled.request, State.DONE, "Done."), (paused,))
    # THEN with its reason and what helps
    assert (end.ending, end.good, end.seconds) == (Ending.FAILING, False, 9.0)
    assert end.sentence == paused.sentence
    assert "rollback" in end.hint


def test_what_was_left_running_is_no_end() -> None:
    # GIVEN a change that was taken, and left
    compiled = _compiled("service scale web=5", Target("service", "s", "web", 1, _replicas(3), _replicas(5)))
    end = end_of(compiled, Outcome(compiled.request, State.DONE, "Done."), (Standing(Progress.WORKING, "3 of 5"),))
    # THEN
    assert (end.ending, end.sentence) == (Ending.TAKEN, "web scaled from 3 to 5; it goes on by itself")


def test_what_is_not_known_says_where_to_look() -> None:
    # GIVEN an answer that was lost, and an engine that was lost while it was watched
    compiled = _compiled("service update --force web")
    lost = end_of(compiled, Outcome(compiled.request, State.UNKNOWN, "No answer.", hint="Look at it."))
    silent = Standing(Progress.LOST, "How it goes on is not known: no answer.")
    gone = end_of(compiled, Outcome(compiled.request, State.DONE, "Done."), (silent,))
    # THEN neither is an end
    assert (lost.ending, lost.sentence, lost.hint) == (Ending.UNKNOWN, "web: No answer.", "Look at it.")
    assert (gone.ending, gone.good) == (Ending.UNKNOWN, False)
    assert gone.sentence.startswith("web restarted. How it goes on is not known")


def test_what_it_is_about() -> None:
    # THEN
    assert subject(_compiled("service scale a=1 b=2").request) == "service a and b"
    assert subject(_compiled("node update --availability pause w1").request) == "node w1"
