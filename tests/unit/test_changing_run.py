"""Sending once, watching to the end, the journal: on an engine that answers as the test wants."""

from __future__ import annotations

import copy
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from backends.api import Json
from backends.change.compile import compile_request
from backends.change.line import parse_line
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.changing.converging import Times, converge
from backends.changing.journal import Ending, Journal, new_entry
from backends.changing.rollout import Goal, Progress, judge
from backends.changing.sending import Sent, send
from backends.errors import ApiError, BackendError, Conflict, TimedOut

TEMPLATE = {"ContainerSpec": {"Image": "web:1"}, "ForceUpdate": 0}


class Engine:
    """One service; ``fails`` is raised by the next writes, and ``takes`` says whether they are done all the same."""

    api_version = "1.41"

    def __init__(self, *fails: BackendError, takes: bool = False) -> None:
        self.spec: dict[str, Any] = {"Name": "web", "Mode": {"Replicated": {"Replicas": 1}}, "TaskTemplate": TEMPLATE}
        self.version = 7
        self.fails, self.takes = list(fails), takes
        self.writes: list[str] = []
        self.theirs: dict[str, Any] | None = None
        self.tasks: list[Any] = []

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Json:
        if method == "GET":
            if path.startswith("/tasks"):
                return list[Json](self.tasks)
            return {"ID": "svc", "Version": {"Index": self.version}, "Spec": copy.deepcopy(self.spec)}
        self.writes.append(path)
        if self.fails:
            error = self.fails.pop(0)
            if self.takes:
                assert isinstance(body, dict)
                self.spec = body
            if self.theirs is not None:
                self.spec = self.theirs
            self.version += 1
            raise error
        assert isinstance(body, dict)
        self.spec, self.version = body, self.version + 1
        return {"Warnings": None}


async def compiled(engine: Engine, line: str = "docker service scale web=3") -> Compiled:
    request = parse_line(line)
    assert isinstance(request, Request)
    found = await compile_request(request, engine)
    assert isinstance(found, Compiled)
    return found


async def test_a_write_is_sent_once() -> None:
    engine = Engine()
    sent = await send(await compiled(engine), engine)
    assert (sent.ending, len(engine.writes)) == (Ending.DONE, 1)


async def test_a_refusal_is_the_engines() -> None:
    engine = Engine(ApiError("no", status=400))
    sent = await send(await compiled(engine), engine)
    assert (sent.ending, sent.text, len(engine.writes)) == (Ending.REFUSED, "no", 1)


async def test_a_version_that_only_moved_is_read_again() -> None:
    # GIVEN a rollout that counts the version up meanwhile
    engine = Engine(Conflict("update out of sequence", status=500))
    sent = await send(await compiled(engine), engine)
    # THEN the same is sent on the new version
    assert sent.ending is Ending.DONE
    assert [path.rpartition("=")[2] for path in engine.writes] == ["7", "8"]


async def test_what_somebody_else_has_changed_is_never_overwritten() -> None:
    engine = Engine(Conflict("It was changed by someone else meanwhile.", status=500))
    change = await compiled(engine)
    engine.theirs = {**engine.spec, "Labels": {"other": "yes"}}
    sent = await send(change, engine)
    assert (sent.ending, len(engine.writes)) == (Ending.REFUSED, 1)


async def test_without_an_answer_it_is_looked_up_and_never_sent_again() -> None:
    # GIVEN a write that was not answered, and was done all the same
    engine = Engine(TimedOut("late"), takes=True)
    sent = await send(await compiled(engine), engine)
    assert (sent.ending, len(engine.writes)) == (Ending.DONE, 1)
    # GIVEN one of which nothing is to be seen
    engine = Engine(TimedOut("late"))
    sent = await send(await compiled(engine), engine)
    # THEN it is not known, which is said
    assert (sent.ending, len(engine.writes)) == (Ending.UNKNOWN, 1)
    assert "may still happen" in sent.text


def task(id: str, state: str, desired: str = "running", image: str = "web:1", error: str = "") -> dict[str, Any]:
    spec = {"ContainerSpec": {"Image": image}, "ForceUpdate": 0}
    return {"ID": id, "DesiredState": desired, "Spec": spec, "Status": {"State": state, "Err": error}}


def service(replicas: int, status: str = "", message: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"Spec": {"Mode": {"Replicated": {"Replicas": replicas}}, "TaskTemplate": TEMPLATE}}
    if status:
        found["UpdateStatus"] = {"State": status, "Message": message}
    return found


@pytest.mark.parametrize(
    ("tasks", "status", "rolls", "progress"),
    [
        ([task("a", "running"), task("b", "running")], "", False, Progress.FULL),
        ([task("a", "running"), task("b", "starting")], "", False, Progress.GOING),
        ([task("a", "running"), task("b", "running"), task("c", "running", "shutdown")], "", False, Progress.GOING),
        ([task("a", "running"), task("b", "running", image="web:0")], "", False, Progress.GOING),
        ([task("a", "running"), task("b", "running")], "updating", True, Progress.GOING),
        ([task("a", "running"), task("b", "running")], "completed", True, Progress.FULL),
        ([task("a", "running"), task("b", "running")], "rollback_completed", True, Progress.FAILING),
        ([task("a", "rejected", error="No such image")], "paused", True, Progress.FAILING),
        ([task(str(n), "failed", "shutdown") for n in range(3)], "", False, Progress.FAILING),
    ],
)
def test_a_rollout_is_judged_by_status_and_tasks(
    tasks: list[dict[str, Any]], status: str, rolls: bool, progress: Progress
) -> None:
    assert judge(service(2, status), tasks, Goal("svc", rolls=rolls)).progress is progress


def test_the_error_of_a_task_is_told_whole() -> None:
    found = judge(service(1, "paused"), [task("a", "rejected", error="No such image: nope:1")], Goal("svc", rolls=True))
    assert found.text == "the update is paused: No such image: nope:1"


async def test_it_has_converged_when_all_has_run_for_a_while() -> None:
    # GIVEN a clock of the test's own, and tasks that come to run at its third second
    now = [0.0]
    engine = Engine()
    change = await compiled(engine)
    sent = await send(change, engine)

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] > 3:
            engine.tasks = [task(str(n), "running") for n in range(3)]

    heard: list[str] = []
    outcome = await converge(sent, frozenset(), engine, heard.append, Times(lambda: now[0], sleep))
    # THEN the time told is until they ran, not until that was believed
    assert outcome.ending is Ending.DONE
    assert 3 <= outcome.seconds < 4
    assert heard == ["0 of 3 run", "3 of 3 run"]


async def test_tasks_that_wait_for_a_node_are_a_failure_in_the_end() -> None:
    now = [0.0]
    engine = Engine()
    engine.tasks = [task("a", "pending", error="no suitable node")]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    sent = Sent(await compiled(engine), ({},))
    outcome = await converge(sent, frozenset(), engine, lambda _: None, Times(lambda: now[0], sleep))
    assert (outcome.ending, outcome.text) == (Ending.FAILING, "it finds no node: no suitable node")


def test_the_journal_is_this_users_and_survives_a_torn_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state" / "journal.jsonl")
    first = new_entry(10.0, "prod", "docker service scale web=3", "service web")
    journal.write(first)
    journal.write(first.ended(Ending.DONE, "web scaled", 2.0))
    second = new_entry(20.0, "prod", "docker service rm web", "service web")
    journal.write(second)
    assert journal.path is not None
    with journal.path.open("ab") as file:
        file.write(b'{"id": "x", "ti')
    # WHEN it is read
    entries = journal.entries()
    # THEN each change is there once, newest first, with its last outcome
    assert [(e.time, e.ending) for e in entries] == [(20.0, Ending.SENT), (10.0, Ending.DONE)]
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
