"""One change from request to outcome on an engine behind real HTTP, with its journal; and the same headless."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from backends.api import Interest
from backends.change.changer import Changer, Prepared
from backends.change.flag_error import FlagError
from backends.change.journal import Ending, Journal
from backends.change.line import parse_line
from backends.change.outcome import Outcome, State
from backends.change.report import End
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from backends.change.watch import Goal, wanted
from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.errors import ReadOnly
from backends.fake import FakeServer, ThreadedFakeServer
from backends.model import Kind
from backends.transport import transport_for

AROUND = Surroundings(environ={})
SERVICES = frozenset({Kind.NODE, Kind.SERVICE})


class Hurried:
    """A clock that goes four times as fast, so that nobody waits for the five seconds that a service is watched."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return 4.0 * time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 4.0)


@dataclass
class Desk:
    """A changer on a simulated Swarm, of which only nodes and services are listed."""

    server: FakeServer
    cluster: LocalCluster
    changer: Changer
    path: Path

    async def prepare(self, line: str) -> Prepared:
        found = await self.asked(line)
        assert isinstance(found, Prepared), found
        return found

    async def asked(self, line: str) -> Prepared | tuple[FlagError, ...]:
        request = parse_line(line)
        assert isinstance(request, Request), request
        return await self.changer.prepare(request, AROUND)

    async def do(self, line: str) -> tuple[End, list[str]]:
        heard: list[str] = []

        def taken(_: Outcome, goals: tuple[Goal, ...]) -> None:
            self.cluster.watch(wanted(goals))

        async with asyncio.timeout(90):
            return await self.changer.apply(await self.prepare(line), heard.append, taken=taken), heard

    def spec(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.server.world.find("service", name)["Spec"]
        return found

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with FakeServer("demo") as server, contextlib.AsyncExitStack() as stack:
        engine = SdkEngine(
            transport_for(EndpointSpec(f"unix://{server.socket_path}")), timeouts=Timeouts(write=2.0, read=2.0)
        )
        cluster = LocalCluster(engine, interest=Interest(kinds=SERVICES))
        stack.push_async_callback(cluster.aclose)
        await cluster.start()
        path = tmp_path / "journal.jsonl"
        made = Desk(server, cluster, Changer(cluster, Journal(path), "prod", clock=Hurried()), path)
        await made.until(lambda: cluster.snapshot.listed.keys() >= SERVICES)
        yield made


async def test_a_plan_stands_on_what_is_read_anew(desk: Desk) -> None:
    # GIVEN a cluster that never listed its tasks
    assert Kind.TASK not in desk.cluster.snapshot.listed
    # WHEN a drain is planned
    found = await desk.prepare("docker node update --availability drain worker-1")
    # THEN it knows what moves, what stays behind, and what room there is
    drain = found.plan.drain
    assert drain is not None
    assert drain.known
    assert any(moved.data for moved in drain.moved)
    assert drain.memory > 0
    assert {"quorum", "memory", "addresses", "undo"} <= {word for word, _ in found.plan.facts}
    # and what the session shows is not touched by that
    assert Kind.TASK not in desk.cluster.snapshot.listed


async def test_a_change_is_followed_to_its_end_and_written_down(desk: Desk) -> None:
    # WHEN a service is scaled
    end, heard = await desk.do("docker service scale webapp1=5")
    # THEN it has converged, and what was said on the way ends with all running
    assert (end.ending, end.outcome.state) == (Ending.DONE, State.DONE)
    assert end.sentence.startswith("webapp1 scaled from 3 to 5 in ")
    assert heard[-1].startswith("All 5 run")
    # and the journal has it before, when it was taken, and at its end
    rows = [json.loads(row) for row in desk.path.read_text().splitlines()]
    assert [row["outcome"] for row in rows] == ["sent", "taken", "done"]
    assert len({row["id"] for row in rows}) == 1
    (entry,) = desk.changer.journal.tail()
    assert (entry.context, entry.line, entry.what) == ("prod", "docker service scale webapp1=5", "service webapp1")
    assert entry.undo == "docker service scale webapp1=3"
    assert entry.told == ("Starts 2 more tasks of webapp1, 3 → 5; nothing restarts.",)
    assert entry.sent[-1].startswith("POST /services/")


async def test_old_tasks_are_not_taken_for_new_ones(desk: Desk) -> None:
    # GIVEN a service whose tasks were never listed here WHEN it is updated to an image that nobody has
    end, _ = await desk.do("docker service update --image nosuch/image:9 --no-resolve-image webapp1")
    # THEN that is a failure, with the engine's reason
    assert end.ending is Ending.FAILING
    assert "nosuch/image:9" in end.sentence
    assert desk.changer.journal.tail()[-1].outcome == Ending.FAILING


async def test_a_drained_node_is_waited_for_until_it_is_empty(desk: Desk) -> None:
    # WHEN a node is drained
    end, _ = await desk.do("docker node update --availability drain worker-2")
    # THEN nothing of it runs any more
    assert end.sentence.startswith("worker-2 drained in ")
    node = desk.server.world.find("node", "worker-2")
    left = [
        task
        for task in desk.server.world.tasks.values()
        if task.get("NodeID") == node["ID"] and task["Status"]["State"] == "running"
    ]
    assert left == []


async def test_what_is_sent_detached_is_not_waited_for(desk: Desk) -> None:
    # WHEN a service is created with -d and a secret
    end, heard = await desk.do("docker service create -d --name quick -e API_TOKEN=hush nginx:1.27")
    # THEN it is done at once, and the secret is nowhere written
    assert (end.ending, end.sentence, heard) == (Ending.DONE, "quick created", [])
    assert "hush" not in desk.path.read_text()
    assert desk.spec("quick")["TaskTemplate"]["ContainerSpec"]["Env"] == ["API_TOKEN=hush"]


async def test_what_somebody_else_changed_is_sent_together_after_it_was_seen(desk: Desk) -> None:
    # GIVEN a plan, and somebody who changes the same service
    mine = await desk.prepare("docker service update --label-add mine=1 webapp1")
    await desk.do("docker service update --label-add theirs=2 webapp1")
    # WHEN it is sent
    outcome = await desk.changer.take(mine)
    # THEN nothing was sent over it, and the journal says so
    assert outcome.state is State.CONFLICT
    assert desk.changer.journal.tail()[-1].outcome == Ending.CONFLICT
    assert outcome.retry is not None
    # WHEN both are planned together
    both = await desk.changer.prepare_merged(outcome.retry)
    # THEN the plan tells what comes to theirs
    assert [value.what for value in both.plan.values] == ["label mine"]
    assert (await desk.changer.take(both)).state is State.DONE
    assert desk.spec("webapp1")["Labels"].items() >= {"mine": "1", "theirs": "2"}.items()


async def test_a_read_only_session_refuses_what_changes_something(desk: Desk) -> None:
    # GIVEN a session that may only look
    desk.changer = replace(desk.changer, readonly=True)
    found = await desk.prepare("docker service rm webapp1")
    # WHEN it tries, THEN nothing is sent
    with pytest.raises(ReadOnly):
        await desk.changer.take(found)
    assert desk.spec("webapp1")


async def test_what_cannot_work_is_not_sent(desk: Desk) -> None:
    # GIVEN a port that is taken, as found by our own checks
    found = await desk.prepare("docker service create --name p2 -p 8001:80 nginx")
    outcome = await desk.changer.take(found)
    # THEN it is refused here, at its flag
    assert outcome.state is State.REFUSED
    assert outcome.finding is not None
    assert outcome.finding.flag == "publish"
    # and what the CLI refuses before sending has no plan at all
    errors = await desk.asked("docker service create --secret nosuch nginx")
    assert isinstance(errors, tuple)
    assert errors[0].flag == "secret"


async def test_a_service_without_a_name_is_taken_back_by_its_id(desk: Desk) -> None:
    # WHEN a service is created without a name
    end, _ = await desk.do("docker service create nginx:1.27")
    assert end.good, end
    # THEN the journal can take it back
    assert desk.changer.journal.tail()[-1].undo == f"docker service rm {end.outcome.ids[0][:12]}"


# -- headless ----------------------------------------------------------------------------------------------------


@pytest.fixture
def swarm() -> Iterator[str]:
    with ThreadedFakeServer("demo") as server:
        yield f"unix://{server.socket_path}"


def _run(url: str, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", "-H", url, *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")},
        check=False,
    )


def test_do_answers_with_its_exit_code(swarm: str, tmp_path: Path) -> None:
    # WHEN a change converges, THEN that is 0; what was said is its outcome
    done = _run(swarm, tmp_path, "do", "--", "docker", "service", "scale", "webapp1=4")
    assert (done.returncode, done.stdout.partition(" in ")[0]) == (0, "webapp1 scaled from 3 to 4"), done
    # what fails is 1, with its reason
    broken = ("service", "update", "--image", "nosuch/image:9", "--no-resolve-image", "webapp1")
    failed = _run(swarm, tmp_path, "do", "--yes", "--json", "--", "docker", *broken)
    assert failed.returncode == 1, failed
    told = json.loads(failed.stdout)
    assert told["outcome"] == "failing"
    assert "nosuch/image:9" in told["text"]
    # detached it is 0 at once
    left = _run(swarm, tmp_path, "do", "--yes", "--", "docker", "service", "update", "-d", "--force", "webapp1")
    assert (left.returncode, left.stdout) == (0, "webapp1 updated\n")
    # nobody can be asked here: 2, and nothing is sent
    unasked = _run(swarm, tmp_path, "do", "--", "docker", "service", "rm", "webapp1")
    assert (unasked.returncode, unasked.stdout) == (2, "")
    assert "--yes answers" in unasked.stderr
    # the fatal is not done by a yes
    fatal = _run(swarm, tmp_path, "do", "--yes", "--", "docker", "node", "demote", *(f"manager-{i}" for i in (1, 2, 3)))
    assert fatal.returncode == 2
    assert "--confirm demote is needed" in fatal.stderr
    # what cannot work is 1, a wrong line is 2 with its place
    taken = _run(swarm, tmp_path, "do", "--", "docker", "service", "create", "-p", "8001:80", "nginx")
    assert taken.returncode == 1
    wrong = _run(swarm, tmp_path, "do", "--", "docker", "service", "scale", "webapp1=x")
    assert wrong.returncode == 2
    assert "^^^" in wrong.stderr
    # and a read-only session refuses
    refused = _run(swarm, tmp_path, "--readonly", "do", "--", "docker", "service", "scale", "webapp1=9")
    assert refused.returncode != 0
    # THEN the journal has those that were asked for
    rows = [json.loads(row) for row in (tmp_path / "state/dnet-tui/journal.jsonl").read_text().splitlines()]
    assert [row["outcome"] for row in rows][:3] == ["sent", "taken", "done"]
    assert {row["outcome"] for row in rows} >= {"failing", "cancelled"}


def test_plan_shows_all_of_it_and_changes_nothing(swarm: str, tmp_path: Path) -> None:
    # WHEN a drain is planned
    shown = _run(swarm, tmp_path, "plan", "--", "docker", "node", "update", "--availability", "drain", "worker-1")
    # THEN what moves, what stays behind, room, the way back and the equal line are told
    assert shown.returncode == 0
    for words in ("The Swarm stops", "starts empty elsewhere", "  moves      mysql", "  memory", "  undo", "  equals"):
        assert words in shown.stdout, words
    # and as JSON the exact requests
    as_json = _run(swarm, tmp_path, "plan", "--json", "--", "docker", "service", "scale", "webapp1=9")
    assert [step["method"] for step in json.loads(as_json.stdout)] == ["GET", "POST"]
    assert not (tmp_path / "state/dnet-tui/journal.jsonl").exists()
