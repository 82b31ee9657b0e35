"""Machines looked at and joined, on simulated engines that join for real: tokens, journal, what has no result."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backends.change.journal import Journal
from backends.errors import BackendError, Unreachable
from backends.fake import FakeServer
from backends.fake.joining import FakeWays, ways_of
from backends.joining.board import Board, Row
from backends.joining.checks import Mark
from backends.joining.door import Door
from backends.joining.join import STEPS, Phase
from backends.model import Kind
from tests.unit.test_cluster_fake import cluster_on, until


@dataclass
class Stage:
    board: Board
    server: FakeServer
    journal: Journal
    ways: FakeWays
    heard: list[str]

    def row(self, id: int) -> Row:
        found = self.board.row(id)
        assert found is not None
        return found

    async def until(self, id: int, *standing: str) -> Row:
        try:
            await until(lambda: self.row(id).standing in standing, f"{standing}")
        except pytest.fail.Exception as failed:
            raise AssertionError(f"it is {self.row(id)}") from failed
        return self.row(id)

    def hosts(self) -> dict[str, dict[str, Any]]:
        return {node["Description"]["Hostname"]: node for node in self.server.world.nodes.values()}


@contextlib.asynccontextmanager
async def stage(tmp_path: Path, *, readonly: bool = False, scene: str = "demo") -> AsyncIterator[Stage]:
    async with FakeServer(scene) as server, cluster_on(server, Kind.NODE, Kind.SERVICE) as cluster:
        journal = Journal(tmp_path / "journal.jsonl")
        ways = ways_of(cluster)
        board = Board(cluster, ways, Door(journal, "lab", readonly))
        heard: list[str] = []
        board.told = lambda: heard.extend(row.standing for row in board.rows)
        try:
            yield Stage(board, server, journal, ways, heard)
        finally:
            await board.aclose()


def tokens_in(path: Path, server: FakeServer) -> list[str]:
    assert server.world.cluster is not None
    text = path.read_text()
    return [token for token in server.world.cluster["JoinTokens"].values() if token in text]


async def test_a_machine_is_looked_at_joined_and_ready(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        # WHEN a machine is added
        id = s.board.add("root@10.20.1.26")
        row = await s.until(id, "ready")
        # THEN it was asked all there is
        assert row.name == "worker-6"
        assert {c.id for c in row.checks if c.mark is Mark.OK} >= {
            "ssh",
            "engine",
            "swarm",
            "name",
            "clock",
            "2377/tcp",
        }
        # WHEN it is joined
        s.board.join(id)
        row = await s.until(id, "joined")
        # THEN it is a node of the Swarm, all steps behind it
        assert s.hosts()["worker-6"]["Spec"]["Role"] == "worker"
        assert row.progress is not None
        assert row.progress.done == STEPS
        assert row.progress.sentence.startswith("worker-6 is ready as a worker, in ")
        # and the journal has the line with its outcome, without the token
        assert [entry.outcome for entry in s.journal.tail()] == ["done"]
        assert "--token ***" in s.journal.tail()[0].line
        assert s.journal.tail()[0].context == "lab, root@10.20.1.26"
        assert s.journal.path is not None
        assert tokens_in(s.journal.path, s.server) == []
        assert all(token not in repr(row) for token in s.server.world.cluster["JoinTokens"].values())  # type: ignore[index]


async def test_joining_while_it_is_asked_waits_until_it_is_ready(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        id = s.board.add("worker-7", "manager")
        # WHEN it is joined at once
        s.board.join(id)
        assert s.row(id).armed
        # THEN it joins when all is known
        row = await s.until(id, "joined")
        assert s.hosts()["worker-7"]["Spec"]["Role"] == "manager"
        assert row.role == "manager"


async def test_one_with_something_to_mend_is_not_joined_by_itself(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        # GIVEN a machine that is called as a node and lets no datagrams in, to be joined when ready
        id = s.board.add("10.20.1.28")
        s.board.join(id)
        row = await s.until(id, "mend")
        # THEN it is not joined, and what is to be mended is told
        assert not row.armed
        failing = {check.id for check in row.checks if check.mark is Mark.FAIL}
        assert failing == {"name", "7946/udp", "4789/udp"}
        # WHEN a person says so nevertheless THEN it is
        s.board.join(id)
        await s.until(id, "joined")


async def test_a_join_without_a_result_is_watched_and_can_be_ended(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        # GIVEN a machine whose join is not answered in time
        id = s.board.add("slow")
        await s.until(id, "ready")
        s.board.join(id)
        row = await s.until(id, "pending")
        # THEN that is an outcome of its own, with the engine's words, in the journal too
        assert row.progress is not None
        assert row.progress.said.startswith("Timeout was reached before node joined.")
        assert "may still join" in row.progress.sentence
        assert s.journal.tail()[0].outcome == "unknown"
        assert s.board.pending == (s.row(id),)
        await until(lambda: (p := s.row(id).progress) is not None and p.there == "pending", "the state there")
        # and it is not sent again
        s.board.join(id)
        s.board.check(id)
        assert s.row(id).standing == "pending"
        # WHEN the attempt is ended
        s.board.end(id)
        await s.until(id, "ended")
        assert [entry.line for entry in s.journal.tail()][-1] == "docker swarm leave --force"
        assert not s.board.pending


async def test_a_pending_join_that_happens_after_all_is_seen(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        id = s.board.add("slow")
        await s.until(id, "ready")
        s.board.join(id)
        await s.until(id, "pending")
        # WHEN the engine there has gone on by itself
        from backends.fake.cluster import make_node

        host = next(server.api.host for (name, _), server in s.server.world.guests.items() if name == "slow")
        make_node(s.server.world, host, "worker", "active")
        # THEN it is seen, within the pace at which it is looked at
        await s.until(id, "joined")


async def test_what_cannot_join_says_why(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        with pytest.raises(Unreachable):
            s.board.add("two words here")
        id = s.board.add("nowhere.example")
        assert s.row(id).text == "nowhere.example"
        # GIVEN a machine that has joined already
        first = s.board.add("worker-6")
        s.board.join(first)
        await s.until(first, "joined")
        # WHEN it is looked at again THEN it is a node of this Swarm
        s.board.check(first)
        row = await s.until(first, "refused")
        assert next(c.sentence for c in row.checks if c.id == "swarm") == "It is a node of this swarm already."
        # and it is there once
        assert s.board.add("worker-6") == first


async def test_a_token_that_ended_is_the_engines_refusal(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        id = s.board.add("worker-6")
        await s.until(id, "ready")
        # GIVEN tokens that no engine takes
        assert s.server.world.cluster is not None
        s.server.world.cluster["JoinTokens"] = {"Worker": "nonsense", "Manager": "nonsense"}
        s.board.join(id)
        row = await s.until(id, "failed")
        assert row.progress is not None
        assert row.progress.phase is Phase.REFUSED
        assert row.progress.sentence


async def test_a_readonly_session_joins_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, readonly=True) as s:
        id = s.board.add("worker-6")
        await s.until(id, "ready")
        s.board.join(id)
        row = await s.until(id, "failed")
        assert row.progress is not None
        assert "read-only" in row.progress.sentence
        assert "worker-6" not in s.hosts()


async def test_what_is_taken_off_the_list_is_let_go(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        id = s.board.add("worker-6")
        await s.board.remove(id)
        assert s.board.rows == ()
        # a name of ssh_config can be added again
        assert s.board.add(s.board.known()[0]) != id


def test_a_progress_is_told_without_its_token() -> None:
    from backends.joining.join import join_request, shown_line

    request = join_request("10.0.0.1:2377", "SWMTKN-1-secret", "10.0.0.9")
    assert request.options.text("token") == "SWMTKN-1-secret"
    assert "secret" not in shown_line("10.0.0.1:2377", "10.0.0.9")
    assert json.dumps(shown_line("10.0.0.1:2377")) == '"docker swarm join --token *** 10.0.0.1:2377"'


async def test_nothing_is_told_of_a_swarm_without_tokens() -> None:
    from backends.joining.join import _token

    class Engine:
        async def call(self, *_: object, **__: object) -> object:
            return {"ID": "x"}

    ask: Callable[..., Any] = _token
    with pytest.raises(BackendError):
        await ask(Engine(), "worker")
