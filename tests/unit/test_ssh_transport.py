"""The engine behind an SSH connection on a private socket: forwarded, spoken for by a command, or refused in words."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from backends.contexts import EndpointSpec
from backends.errors import AuthRefused, BackendError, HostKeyChanged, PermissionRefused, TimedOut, Unreachable
from backends.ssh import channels
from backends.ssh.link import Link
from backends.ssh.pool import Pool
from backends.ssh.questions import YES
from backends.ssh.report import LinkPhase
from backends.ssh.resolve import Resolution
from backends.ssh.run import run
from backends.ssh.target import Target
from backends.transport import transport_for
from backends.transport.ssh import SshTransport
from tests.unit.ssh_double import Person, Rules, SshHost, dial_stdio, key, says, ssh_host, until

PING = b"GET /_ping HTTP/1.1\r\n\r\n"
SOCKET = "/var/run/docker.sock"
DENIED = "failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: permission denied\n"
FACTS = "ops\nops adm\n\nunix:///var/run/docker.sock\nroot:docker, mode 0660\n"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[str]:
    """Something that answers like an engine: a ping by HTTP; what comes after ``RAW`` is sent back until the end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.read(3)
            if first == b"RAW":
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
                writer.write(b"the end")
            elif first:
                while not first.endswith(b"\r\n\r\n"):
                    first += await reader.read(65536)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
        except OSError:
            pass
        finally:
            writer.close()

    path = str(tmp_path / "real.sock")
    server = await asyncio.start_unix_server(serve, path)
    yield path
    server.close()


@contextlib.asynccontextmanager
async def transported(
    *targets: Target, person: Person | None = None, sudo: bool | None = None, socket: str = "", **options: Any
) -> AsyncIterator[SshTransport]:
    pool = Pool(person)

    async def resolve() -> Resolution:
        return Resolution(targets, sudo=sudo, socket=socket)

    transport = SshTransport(resolve, pool, endpoint="ssh://worker", **options)
    try:
        yield transport
    finally:
        await transport.close()
        await pool.close()


async def exchange(path: str, sent: bytes) -> bytes:
    """Sends, closes the input, and reads to the end."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(sent)
    writer.write_eof()
    try:
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


def commands(socket_path: str) -> dict[str, Any]:
    return {"docker system dial-stdio": dial_stdio(socket_path), "sh -c": says(stdout=FACTS)}


async def test_a_forwarded_socket(tmp_path: Path, engine: str) -> None:
    async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            path = await transport.open()
            assert transport.how == "ssh"
            assert transport.endpoint == f"ssh://ops@127.0.0.1:{host.port}"
            assert (await exchange(path, b"GET / HTTP/1.1\r\n\r\n")).endswith(b"OK")
            assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
            assert len(path.encode()) <= 107
            assert await transport.open() == path
        assert not os.path.exists(os.path.dirname(path))
        await until(lambda: not host.connections)


@pytest.mark.parametrize("forwarding", [True, False])
async def test_all_bytes_pass_and_a_closed_input_is_only_that(tmp_path: Path, engine: str, forwarding: bool) -> None:
    rules = Rules(open_door=True, sockets={SOCKET: engine} if forwarding else {}, commands=commands(engine))
    async with ssh_host(rules) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            path = await transport.open()
            assert transport.how == ("ssh" if forwarding else "ssh, dial-stdio")
            sent = bytes(range(256)) * 20_000
            received = await asyncio.gather(*(exchange(path, b"RAW" + sent) for _ in range(3)))
    assert all(data == sent + b"the end" for data in received)


async def test_a_reader_that_does_not_read_stops_the_sender(tmp_path: Path, engine: str) -> None:
    async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            reader, writer = await asyncio.open_unix_connection(await transport.open(), limit=65536)
            sent = 0

            async def flood() -> None:
                nonlocal sent
                writer.write(b"RAW")
                while True:
                    writer.write(bytes(65536))
                    await writer.drain()
                    sent += 65536

            flooding = asyncio.create_task(flood())
            # THEN after what the buffers on the way hold, nothing more is taken
            last = -1
            while last != sent:
                last = sent
                await asyncio.sleep(0.5)
            assert 0 < sent < 64 * 1024 * 1024
            # AND others are served meanwhile
            assert (await exchange(await transport.open(), b"GET / HTTP/1.1\r\n\r\n")).endswith(b"OK")
            flooding.cancel()
            writer.close()
            assert reader.at_eof() is False


async def test_where_nothing_is_forwarded_a_command_speaks(tmp_path: Path, engine: str) -> None:
    async with ssh_host(Rules(open_door=True, commands=commands(engine))) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            path = await transport.open()
            assert (await exchange(path, b"GET / HTTP/1.1\r\n\r\n")).endswith(b"OK")
            assert [(step.name, step.ok) for step in transport.reach.steps] == [
                ("connect", True),
                ("host key", True),
                ("login", True),
                ("forward", False),
                ("dial-stdio", True),
            ]
            assert "100 to 200 ms" in transport.reach.note


@pytest.mark.parametrize("in_mapping", [True, False, None])
async def test_sudo_only_where_it_is_allowed(tmp_path: Path, engine: str, in_mapping: bool | None) -> None:
    rules = Rules(
        open_door=True,
        commands={
            "docker": says(stderr=DENIED, status=1),
            "sh -c": says(stdout=FACTS),
            "sudo -n docker": dial_stdio(engine),
        },
    )
    async with ssh_host(rules) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path), sudo=in_mapping) as transport:
            if in_mapping:
                await transport.open()
                assert transport.how == "ssh, with sudo"
                return
            with pytest.raises(PermissionRefused) as caught:
                await transport.open()
    assert not any("sudo" in command for command in host.commands)
    assert "may not use the engine of 127.0.0.1" in str(caught.value)
    assert "It belongs to root:docker, mode 0660. ops is in: ops, adm." in caught.value.hint
    assert "permission denied" in caught.value.original
    assert transport.reach.problem is caught.value


async def test_sudo_that_wants_a_password_says_so(tmp_path: Path) -> None:
    rules = Rules(
        open_door=True,
        commands={
            "docker": says(stderr=DENIED, status=1),
            "sudo": says(stderr="sudo: a password is required\n", status=1),
        },
    )
    async with ssh_host(rules) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path), sudo=True) as transport:
            with pytest.raises(PermissionRefused) as caught:
                await transport.open()
    assert "a password is required" in caught.value.hint


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        ("bash: line 1: docker: command not found\n", 127, "no docker command"),
        ("dial unix /var/run/docker.sock: connect: no such file or directory\n", 1, "no engine answers"),
        ("", 3, "exit code 3"),
    ],
)
async def test_the_reason_is_what_the_command_says(tmp_path: Path, words: str, status: int, expected: str) -> None:
    async with ssh_host(Rules(open_door=True, commands={"docker": says(stderr=words, status=status)})) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            with pytest.raises(Unreachable, match=expected):
                await transport.open()


async def test_a_server_that_runs_no_commands_either(tmp_path: Path) -> None:
    async with ssh_host(Rules(open_door=True, sessions=0)) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            with pytest.raises(Unreachable, match="runs no commands"):
                await transport.open()


async def test_a_server_with_one_session_is_said_to_have_too_few(tmp_path: Path, engine: str) -> None:
    # GIVEN a server without forwarding that allows one session, which a stream takes
    rules = Rules(open_door=True, sessions=1, commands=commands(engine))
    async with ssh_host(rules) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            path = await transport.open()
            _, stream = await asyncio.open_unix_connection(path)
            stream.write(b"RAW\r\n")
            link = transport.link
            assert link is not None
            await until(lambda: host.running == 1 and link.sessions.used == 1)
            # WHEN a question finds no place, and the engine is connected to anew
            _, question = await asyncio.open_unix_connection(path)
            question.write(PING)
            await until(lambda: link.sessions.limit == 1)
            with pytest.raises(Unreachable, match="has one session only") as caught:
                await transport.open()
            # THEN the reason is said, again and again, until a person has changed it and says so
            assert "MaxSessions" in caught.value.hint
            with pytest.raises(Unreachable, match="has one session only"):
                await transport.open()
            stream.close()
            question.close()
            rules.sessions = 10
            await transport.allow()
            await transport.open()
            assert transport.how == "ssh, dial-stdio"


async def test_another_socket_that_the_docker_command_there_uses(tmp_path: Path, engine: str) -> None:
    rootless = "/run/user/1000/docker.sock"
    facts = FACTS.replace("unix:///var/run/docker.sock", f"unix://{rootless}")
    rules = Rules(open_door=True, sockets={rootless: engine}, commands={"sh -c": says(stdout=facts)})
    async with ssh_host(rules) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path)) as transport:
            await transport.open()
            assert transport.how == "ssh"
            assert rootless in transport.reach.note


async def test_a_socket_that_was_named_is_the_only_one(tmp_path: Path) -> None:
    async with ssh_host(Rules(open_door=True, commands={"docker": says(stderr=DENIED, status=1)})) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path), socket="/run/it's.sock") as transport:
            with pytest.raises(PermissionRefused):
                await transport.open()
    assert """docker --host 'unix:///run/it'"'"'s.sock' system dial-stdio""" in host.commands


# -- several ways to a node ---------------------------------------------------------------------------------


async def test_the_next_target_is_tried_where_the_first_is_not_there(tmp_path: Path, engine: str) -> None:
    async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
        host.known(tmp_path)
        nowhere = Target(host="no-such-host.invalid", user="ops")
        async with transported(nowhere, host.target(tmp_path)) as transport:
            await transport.open()
            assert transport.reach.link is not None
            assert transport.reach.link.target.host == "127.0.0.1"


async def test_a_refusal_is_the_machines_own_word_and_no_other_target_is_tried(tmp_path: Path, engine: str) -> None:
    async with ssh_host(Rules(keys=[key("other")])) as host:
        host.known(tmp_path)
        targets = [host.target(tmp_path), host.target(tmp_path, user="second")]
        async with transported(*targets) as transport:
            for _ in range(3):
                with pytest.raises(AuthRefused, match="of ops"):
                    await transport.open()
    async with ssh_host(Rules(open_door=True)) as host:
        host.known(tmp_path, key("old"))
        targets = [host.target(tmp_path), host.target(tmp_path, host_key_alias="unknown")]
        async with transported(*targets, person=Person(YES)) as transport:
            with pytest.raises(HostKeyChanged):
                await transport.open()


async def test_a_key_known_by_the_other_name_needs_no_question(tmp_path: Path, engine: str) -> None:
    person = Person()
    async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
        host.known(tmp_path)
        targets = [host.target(tmp_path, host_key_alias="unknown"), host.target(tmp_path)]
        async with transported(*targets, person=person) as transport:
            await transport.open()
    assert person.asked == []


async def test_a_key_known_by_no_name_is_asked_about_once(tmp_path: Path, engine: str) -> None:
    person = Person(YES)
    async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
        targets = [host.target(tmp_path), host.target(tmp_path, host_key_alias="alias")]
        async with transported(*targets, person=person) as transport:
            await transport.open()
    assert len(person.asked) == 1


async def test_trying_again_after_a_refusal(tmp_path: Path, engine: str) -> None:
    rules = Rules(passwords={"ops": "right"}, sockets={SOCKET: engine})
    async with ssh_host(rules) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path), person=Person("wrong", "right")) as transport:
            for _ in range(2):
                with pytest.raises(AuthRefused):
                    await transport.open()
            assert host.logins == ["password"]
            await transport.allow()
            await transport.open()


# -- loss and return ----------------------------------------------------------------------------------------


async def test_a_loss_ends_what_is_relayed_and_open_brings_it_back(tmp_path: Path, engine: str) -> None:
    returned: list[str] = []
    async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
        host.known(tmp_path)
        async with transported(host.target(tmp_path), on_return=lambda: returned.append("back")) as transport:
            path = await transport.open()
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"RAWx")
            assert await reader.read(1) == b"x"
            # WHEN the connection is lost
            host.hang_up()
            # THEN the stream ends, and it is told when it stands again
            async with asyncio.timeout(60):
                assert await reader.read() == b""
            await until(lambda: returned == ["back"])
            assert await transport.open() == path
            assert (await exchange(path, b"GET / HTTP/1.1\r\n\r\n")).endswith(b"OK")
            writer.close()


async def test_while_it_is_away_connections_end_at_once_and_open_says_why(tmp_path: Path, engine: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host:
            host.known(tmp_path)
            transport = await stack.enter_async_context(transported(host.target(tmp_path)))
            path = await transport.open()
        await until(lambda: transport.reach.link is not None and transport.reach.link.phase is LinkPhase.LOST)
        assert await exchange(path, b"GET / HTTP/1.1\r\n\r\n") in (b"", b"reset")
        with pytest.raises(BackendError):
            await transport.open()
        assert transport.reach.problem is not None


# -- sessions -----------------------------------------------------------------------------------------------


async def a_link(stack: contextlib.AsyncExitStack, host: SshHost, folder: Path) -> Link:
    pool = Pool()
    stack.push_async_callback(pool.close)
    link = await stack.enter_async_context(pool.lease(host.target(folder)))
    await link.up()
    return link


async def test_sessions_beyond_the_servers_limit_wait_for_their_turn(tmp_path: Path) -> None:
    most = 0

    async def act(process: Any) -> None:
        nonlocal most
        most = max(most, host.running)
        await asyncio.sleep(0.05)
        process.stdout.write(b"done")
        process.exit(0)

    async with contextlib.AsyncExitStack() as stack:
        host = await stack.enter_async_context(ssh_host(Rules(open_door=True, sessions=3, commands={"work": act})))
        host.known(tmp_path)
        link = await a_link(stack, host, tmp_path)
        done = await asyncio.gather(*(run(link, f"work {number}") for number in range(12)))
    assert [completed.stdout for completed in done] == [b"done"] * 12
    assert most == 3


async def test_a_place_that_never_comes_free_is_given_up_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "CHANNEL_LIMIT", 0.5)

    async def act(process: Any) -> None:
        await asyncio.sleep(30)

    async with contextlib.AsyncExitStack() as stack:
        rules = Rules(open_door=True, sessions=1, commands={"hold": act, "work": says()})
        host = await stack.enter_async_context(ssh_host(rules))
        host.known(tmp_path)
        link = await a_link(stack, host, tmp_path)
        holding = asyncio.create_task(run(link, "hold"))
        await until(lambda: host.running == 1)
        with pytest.raises(TimedOut, match="allows no more sessions"):
            await run(link, "work")
        holding.cancel()


async def test_what_a_command_says_is_capped(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        rules = Rules(open_door=True, commands={"x": says(stdout="o" * 100, stderr="e" * 10, status=7)})
        host = await stack.enter_async_context(ssh_host(rules))
        host.known(tmp_path)
        link = await a_link(stack, host, tmp_path)
        done = await run(link, "x", cap=40)
    assert (done.status, done.stdout, done.stderr, done.skipped) == (7, b"o" * 40, b"e" * 10, 60)


async def test_a_command_that_does_not_end_is_given_up(tmp_path: Path) -> None:
    async def act(process: Any) -> None:
        await asyncio.sleep(30)

    async with contextlib.AsyncExitStack() as stack:
        host = await stack.enter_async_context(ssh_host(Rules(open_door=True, commands={"x": act})))
        host.known(tmp_path)
        link = await a_link(stack, host, tmp_path)
        with pytest.raises(TimedOut):
            await run(link, "x", limit=0.2)


def test_the_registry_knows_ssh() -> None:
    async def make() -> str:
        transport = transport_for(EndpointSpec("ssh://ops@worker", origin="--host"))
        await transport.close()
        return transport.endpoint

    assert asyncio.run(make()) == "ssh://ops@worker"


async def test_how_it_stands_is_told_while_a_person_is_asked(tmp_path: Path, engine: str) -> None:
    # GIVEN a host whose key is not known, and a person who trusts it
    person = Person(YES)
    async with (
        ssh_host(Rules(open_door=True, sockets={SOCKET: engine})) as host,
        transported(host.target(tmp_path), person=person) as transport,
    ):
        phases: list[LinkPhase] = []
        transport.told = lambda: phases.append(transport.reach.link.phase) if transport.reach.link else None
        # WHEN it is opened THEN each step is told of, the asking too
        await transport.open()
        assert LinkPhase.OPENING in phases
        assert LinkPhase.ASKING in phases
        assert phases[-1] is LinkPhase.UP


async def test_trying_again_takes_another_login_where_that_is_wanted_now(tmp_path: Path, engine: str) -> None:
    # GIVEN a connection that stands, to an engine that may not be used
    refused = {"docker system dial-stdio": says(stderr=DENIED, status=1), "sh -c": says(stdout=FACTS)}
    sudo = {"sudo -n docker system dial-stdio": dial_stdio(engine)}
    async with ssh_host(Rules(open_door=True, commands={**refused, **sudo})) as host:
        host.known(tmp_path)
        pool = Pool()
        allowed = False

        async def resolve() -> Resolution:
            return Resolution((host.target(tmp_path),), sudo=allowed)

        transport = SshTransport(resolve, pool, endpoint="ssh://worker")
        try:
            with pytest.raises(PermissionRefused):
                await transport.open()
            # WHEN the mapping allows sudo, and a person tries again THEN it is looked up anew
            allowed = True
            await transport.allow()
            await transport.open()
            assert transport.how == "ssh, with sudo"
        finally:
            await transport.close()
            await pool.close()
