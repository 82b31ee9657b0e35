"""A server that allows few sessions: what lasts leaves one to questions, and a node that stands stays."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from backends.api import Interest
from backends.cluster import LocalCluster
from backends.engine.client import SdkEngine
from backends.errors import Unreachable
from backends.fake import FakeServer
from backends.model import EventSource, Kind, LinkState
from backends.ssh.exchange import Exchange
from backends.ssh.pool import Pool
from backends.ssh.relay import Client, Relay
from backends.ssh.requests import use_of
from backends.ssh.resolve import Resolution
from backends.ssh.sessions import Sessions, Use
from backends.ssh.shell import open_shell
from backends.state import presence
from backends.state.asking import Asker
from backends.state.presence import Presence
from backends.transport.ssh import SshTransport
from tests.unit.scripted import HandClock, ScriptedEngine
from tests.unit.ssh_double import Rules, SshHost, dial_stdio, ssh_host, until


@pytest.mark.parametrize(
    ("line", "use"),
    [
        (b"GET /v1.41/containers/json?all=true HTTP/1.1\r\n", Use.SHORT),
        (b"GET /v1.41/events?since=1.5 HTTP/1.1\r\nHost: x", Use.SPARE),
        (b"GET /containers/a/stats?stream=1 HTTP/1.1\r\n", Use.SPARE),
        (b"GET /containers/a/stats?stream=0 HTTP/1.1\r\n", Use.SHORT),
        (b"GET /services/a/logs?tail=5&follow=1 HTTP/1.1\r\n", Use.LONG),
        (b"GET /services/a/logs?follow=0 HTTP/1.1\r\n", Use.SHORT),
        (b"POST /v1.41/exec/a/start HTTP/1.1\r\n", Use.LONG),
        (b"POST /v1.41/containers/a/exec HTTP/1.1\r\n", Use.SHORT),
        (b"POST /v1.41/containers/a/start HTTP/1.1\r\n", Use.SHORT),
        (b"POST /v1.41/containers/a/attach?stream=1 HTTP/1.1\r\n", Use.LONG),
        (b"POST /v1.41/images/create?fromImage=a HTTP/1.1\r\n", Use.LONG),
        (b"POST /v1.41/services/create HTTP/1.1\r\n", Use.SHORT),
        (b"GET /eve", None),
        (b"nonsense\r\n", Use.LONG),
        (b"\x00\x01", Use.LONG),
    ],
)
def test_the_first_line_of_a_request_says_what_it_takes(line: bytes, use: Use | None) -> None:
    assert use_of(line) is use


async def test_what_lasts_leaves_one_place_to_questions() -> None:
    sessions = Sessions()
    sessions.limit = 3
    given_up: list[bool] = []
    sessions.give_up.append(lambda: bool(given_up) or not given_up.append(True))  # type: ignore[func-returns-value]
    # GIVEN a stream of events, which can be done without, and a shell
    events = await sessions.take(Use.SPARE)
    shell = await sessions.take(Use.LONG)
    assert not given_up
    # THEN there is no place for one more stream, but one for a question
    with pytest.raises(Unreachable):
        await sessions.take(Use.SPARE)
    question = await sessions.take()
    # WHEN another shell is wanted THEN the stream is given up for it, and it comes in when that has ended
    second = asyncio.ensure_future(sessions.take(Use.LONG))
    await until(lambda: bool(given_up))
    assert not second.done()
    events.free()
    place = await second
    assert (sessions.used, sessions.crowded) == (3, True)
    question.free()
    # AND a third one waits, whom the next question overtakes
    third = asyncio.ensure_future(sessions.take(Use.LONG))
    await asyncio.sleep(0)
    (await sessions.take()).free()
    assert not third.done()
    shell.free()
    (await third).free()
    place.free()
    assert sessions.used == 0


async def test_a_question_that_found_no_place_is_remembered() -> None:
    sessions = Sessions()
    sessions.limit = 1
    loop = asyncio.get_running_loop()
    before = loop.time() - 1.0
    held = await sessions.take()
    assert not sessions.starved(before)
    waiting = asyncio.ensure_future(sessions.take())
    await until(lambda: sessions.wanted)
    assert sessions.starved(before)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert sessions.starved(before)
    assert not sessions.starved(loop.time() + 1.0)
    held.free()


async def test_a_place_changes_its_use_where_that_leaves_one() -> None:
    sessions = Sessions()
    sessions.limit = 2
    first, second = await sessions.take(), await sessions.take()
    assert first.turn(Use.LONG)
    assert not second.turn(Use.LONG)
    assert not second.turn(Use.SPARE)
    assert first.turn(Use.SHORT)
    assert second.turn(Use.SPARE)


async def test_an_engine_is_not_gone_where_the_ping_found_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    class Narrow(ScriptedEngine):
        """An engine whose ping does not come through."""

        no_room = True
        crowded = ""

        @property
        def room(self) -> Narrow:
            return self

        def starved(self, since: float) -> bool:
            return self.no_room

    engine = Narrow(HandClock())
    engine.fails["GET /_ping"] = Unreachable("No answer.")
    standing: Any = type("Standing", (), {"heard": lambda self: None, "last_heard": 0.0})()
    asker: Asker = type("Asker", (), {"waiting": False})()
    watched = Presence(engine, engine.clock, standing, asker, lambda: None)
    # GIVEN a way that has no room for the question THEN that it stands is taken for an answer
    assert await watched.answers(presence.PING_FIRST)
    # AND where there was room, the engine is silent
    engine.no_room = False
    assert not await watched.answers(presence.PING_FIRST)


# -- all together -------------------------------------------------------------------------------------------


async def _holds(process: Any) -> None:
    await process.stdin.read()
    process.exit(0)


@contextlib.asynccontextmanager
async def narrow(folder: Path, sessions: int = 2) -> AsyncIterator[tuple[LocalCluster, SshHost, FakeServer, Pool]]:
    """An engine behind an sshd that forwards no sockets and allows few sessions."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(FakeServer("synthetic", count=3))
        commands = {"docker system dial-stdio": dial_stdio(server.socket_path), "hold": _holds}
        rules = Rules(open_door=True, sessions=sessions, commands=commands)
        host = await stack.enter_async_context(ssh_host(rules))
        host.known(folder)
        pool = Pool()
        stack.push_async_callback(pool.close)

        async def resolve() -> Resolution:
            return Resolution((host.target(folder),))

        engine = SdkEngine(SshTransport(resolve, pool, endpoint="ssh://worker"))
        cluster = LocalCluster(engine, interest=Interest(kinds=frozenset({Kind.CONTAINER})), chance=lambda: 0.0)
        stack.push_async_callback(cluster.aclose)
        await cluster.start()
        await until(lambda: Kind.CONTAINER in cluster.snapshot.listed)
        await until(lambda: server.counters.requests.get("/events", 0) > 0)
        yield cluster, host, server, pool


async def test_a_shell_takes_the_place_of_the_events_and_the_node_stays(tmp_path: Path) -> None:
    async with narrow(tmp_path) as (cluster, host, server, pool):
        states: set[LinkState] = set()
        end = cluster.subscribe(lambda _: states.add(cluster.snapshot.link.state))
        # WHEN a shell is open beside the events of a server that allows two sessions
        shell = await open_shell(pool, host.target(tmp_path), command="hold", term="")
        # THEN it has one, questions the other, and it is said why events are not heard
        await until(lambda: "its sshd allows 2 sessions" in cluster.snapshot.link.problem)
        box = next(iter(server.api.host.containers.values()))
        box["Names"] = ["/renamed"]
        for _ in range(3):
            listed = await cluster.engine.list(Kind.CONTAINER)
            assert len(listed) >= 3
        asked = server.counters.requests.get("/containers/json", 0)
        await until(lambda: server.counters.requests.get("/containers/json", 0) > asked)
        # AND when the shell has ended events are heard again
        await shell.close()
        await until(lambda: not cluster.snapshot.link.problem)
        server.world.tell_container(server.api.host, box, "exec_create: after")
        await until(lambda: any("after" in e.action for e in cluster.events.tail(50)))
        # AND all the time the node was there, and no event is thought to be missing
        end()
        assert states == {LinkState.LIVE}
        assert not [e for e in cluster.events.tail(50) if e.source is not EventSource.ENGINE]


async def test_who_leaves_while_waiting_waits_no_more_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with narrow(tmp_path) as (cluster, host, server, pool):
        # GIVEN a shell, which leaves one session, and a question that takes that
        shell = await open_shell(pool, host.target(tmp_path), command="hold", term="")
        await until(lambda: "its sshd allows 2 sessions" in cluster.snapshot.link.problem)
        server.faults.set("/images/json", "hang")
        asking = asyncio.ensure_future(cluster.engine.list(Kind.IMAGE))
        async with pool.lease(host.target(tmp_path)) as link:
            await until(lambda: server.counters.requests.get("/images/json", 0) > 0)
            # WHEN another one waits and gives up, as whoever asked it has no time
            engine = cluster.engine
            assert isinstance(engine, SdkEngine)
            _, writer = await asyncio.open_unix_connection(engine.socket_path)
            writer.write(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
            await until(lambda: link.sessions.wanted)
            writer.close()
            # THEN it does not go on waiting, and the place is the next one's when it comes free
            server.faults.clear()
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            assert await engine.list(Kind.NETWORK)
            await shell.close()
            await until(lambda: not cluster.snapshot.link.problem)


async def test_streams_that_are_just_ending_take_no_room_from_new_ones() -> None:
    # GIVEN all the streams that a server's sessions allow, each with its channel
    sessions = Sessions()
    sessions.limit = 4
    clients = [Client(Relay(_no_opener)) for _ in range(3)]
    for client in clients:
        client.exchange, client.use = Exchange(), Use.SPARE
        client.place = await sessions.take(Use.SPARE)
        client.opened(MagicMock())
    with pytest.raises(Unreachable):
        await sessions.take(Use.SPARE)
    # WHEN who read them has left, and the server has not freed their sessions yet
    assert clients[0].eof_received()
    clients[1].connection_lost(None)
    # THEN a new stream has the place that is free, and the next one waits for theirs
    await sessions.take(Use.SPARE)
    waiting = asyncio.ensure_future(sessions.take(Use.SPARE))
    await until(lambda: sessions.wanted)
    assert clients[0].place is not None
    clients[0].place.free()
    async with asyncio.timeout(60):
        await waiting


async def _no_opener(client: Client) -> Any:
    raise AssertionError("nothing is opened here")
