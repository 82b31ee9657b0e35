"""Connections: shared, counted, bounded, strict about host keys, and back after a loss."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backends.errors import (
    AuthRefused,
    BackendError,
    Disconnected,
    HostKeyChanged,
    HostKeyRefused,
    HostKeyRevoked,
    HostKeyUnknown,
    TimedOut,
    Unreachable,
)
from backends.ssh import attempt, dial
from backends.ssh.pool import Pool
from backends.ssh.questions import YES, QuestionKind
from backends.ssh.report import LinkPhase
from backends.ssh.target import Target
from tests.unit.ssh_double import Person, Rules, key, rsa_key, ssh_host, until


@contextlib.asynccontextmanager
async def a_pool(person: Person | None = None, **options: int) -> AsyncIterator[Pool]:
    pool = Pool(person, **options)
    try:
        yield pool
    finally:
        await pool.close()


async def test_one_connection_is_shared_and_closed_with_its_last_user(tmp_path: Path) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path)
        target = host.target(tmp_path)
        async with pool.lease(target) as one:
            async with pool.lease(replace(target, origin="said by somebody else")) as two:
                assert one is two
                first, second = await asyncio.gather(one.up(), two.up())
                assert first is second
                assert len(host.connections) == 1
            assert await one.up() is first
        await until(lambda: not host.connections)
        assert pool.reports == ()


async def test_no_more_than_so_many_are_opened_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = most = 0
    greet = attempt.Attempt._greet

    async def counted(self: attempt.Attempt, *args: object) -> object:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            return await greet(self, *args)  # type: ignore[arg-type]
        finally:
            now -= 1

    monkeypatch.setattr(attempt.Attempt, "_greet", counted)
    async with ssh_host() as host, a_pool(at_once=3) as pool, contextlib.AsyncExitStack() as stack:
        host.known(tmp_path)
        targets = [host.target(tmp_path, user=f"user{number}") for number in range(12)]
        links = [await stack.enter_async_context(pool.lease(target)) for target in targets]
        await asyncio.gather(*(link.up() for link in links))
        assert most == 3


# -- host keys ----------------------------------------------------------------------------------------------


async def test_an_unknown_key_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    rules = Rules(passwords={"ops": "secret"})
    async with ssh_host(rules) as host, a_pool() as pool, pool.lease(host.target(tmp_path)) as link:
        with pytest.raises(HostKeyUnknown) as caught:
            await link.up()
        assert caught.value.fingerprint == host.host_key.get_fingerprint()
        assert link.report.phase is LinkPhase.REFUSED
        assert link.report.server.startswith("SSH-2.0-AsyncSSH")
    assert host.logins == []
    assert not (tmp_path / "known_hosts").exists()


async def test_an_unknown_key_is_asked_about_remembered_and_checked_again(tmp_path: Path) -> None:
    person = Person(YES)
    async with ssh_host() as host, a_pool(person) as pool:
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
        (question,) = person.asked
        assert (question.kind, question.fingerprint) == (QuestionKind.HOST_KEY, host.host_key.get_fingerprint())
        assert question.files == (str(tmp_path / "known_hosts"),)
        # AND never asked again
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
    assert len(person.asked) == 1
    assert (tmp_path / "known_hosts").read_text().startswith(f"[127.0.0.1]:{host.port} ssh-ed25519 ")


async def test_a_key_that_cannot_be_written_down_is_asked_about_once(tmp_path: Path) -> None:
    person = Person(YES, YES)
    async with ssh_host() as host, a_pool(person) as pool, contextlib.AsyncExitStack() as stack:
        target = host.target(tmp_path, known_hosts=("/dev/null",))
        link = await stack.enter_async_context(pool.lease(target))
        with pytest.raises(Unreachable, match="cannot be remembered"):
            await link.up()
        with pytest.raises(HostKeyUnknown) as caught:
            await link.up()
        # AND why it is still unknown is said at each try, not only at the one that asked
        assert "cannot be remembered" in caught.value.hint
    assert len(person.asked) == 1


@pytest.mark.parametrize("answer", [None, "no", ""])
async def test_whatever_is_not_yes_refuses_an_unknown_key(tmp_path: Path, answer: str | None) -> None:
    person = Person(answer, YES)
    async with ssh_host() as host, a_pool(person) as pool, pool.lease(host.target(tmp_path)) as link:
        for _ in range(3):
            with pytest.raises(HostKeyUnknown):
                await link.up()
        assert len(person.asked) == 1
        assert not (tmp_path / "known_hosts").exists()
        pool.allow()
        await link.up()


async def test_one_question_for_two_logins_on_one_host(tmp_path: Path) -> None:
    person = Person(YES, wait=True)
    async with ssh_host() as host, a_pool(person) as pool:
        one, two = host.target(tmp_path), host.target(tmp_path, user="other")
        async with pool.lease(one) as first, pool.lease(two) as second:
            both = asyncio.gather(first.up(), second.up())
            await until(lambda: sum(waiters for _, waiters in pool.answers.waiting) == 2)
            person.go.set()
            await both
    assert len(person.asked) == 1
    assert len((tmp_path / "known_hosts").read_text().splitlines()) == 1


async def test_a_changed_key_is_never_asked_about(tmp_path: Path) -> None:
    person = Person(YES, "x")
    async with ssh_host(Rules(passwords={"ops": "x"})) as host, a_pool(person) as pool:
        path = host.known(tmp_path, key("old"))
        async with pool.lease(host.target(tmp_path)) as link:
            for _ in range(2):
                with pytest.raises(HostKeyChanged) as caught:
                    await link.up()
                pool.allow()
            assert caught.value.old_fingerprint == key("old").get_fingerprint()
            assert (caught.value.file, caught.value.line) == (str(path), 1)
            # WHEN the old key is taken out by hand and it is tried again, THEN it is unknown like any other
            path.unlink()
            await link.up()
    assert host.logins == ["password"]
    assert [question.kind for question in person.asked] == [QuestionKind.HOST_KEY, QuestionKind.PASSWORD]


async def test_a_host_that_has_only_another_type_of_key_now(tmp_path: Path) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path, rsa_key("old"))
        async with pool.lease(host.target(tmp_path)) as link:
            with pytest.raises(HostKeyChanged):
                await link.up()


async def test_a_revoked_key(tmp_path: Path) -> None:
    async with ssh_host() as host, a_pool() as pool:
        line = " ".join(host.host_key.export_public_key("openssh").decode().split()[:2])
        (tmp_path / "known_hosts").write_text(f"@revoked * {line}\n")
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            with pytest.raises(HostKeyRevoked):
                await link.up()


@pytest.mark.parametrize("authority", ["ca", "another"])
async def test_a_host_certificate(tmp_path: Path, authority: str) -> None:
    certificate = key("ca").generate_host_certificate(key("host"), "host", principals=["127.0.0.1"])
    line = " ".join(key(authority).export_public_key("openssh").decode().split()[:2])
    (tmp_path / "known_hosts").write_text(f"@cert-authority 127.0.0.1,[127.0.0.1]:* {line}\n")
    served = ssh_host(server_host_certs=[certificate])
    async with served as host, a_pool() as pool, pool.lease(host.target(tmp_path)) as link:
        if authority == "ca":
            await link.up()
        else:
            with pytest.raises(HostKeyRefused):
                await link.up()


# -- what can be wrong --------------------------------------------------------------------------------------


async def problem(target: Target) -> BackendError:
    async with a_pool() as pool, pool.lease(target) as link:
        with pytest.raises(BackendError) as caught:
            await link.up()
        assert link.report.problem is caught.value
        assert str(caught.value).endswith(".")
        assert caught.value.hint
        return caught.value


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


async def test_nobody_listens(tmp_path: Path) -> None:
    error = await problem(Target(host="127.0.0.1", port=free_port(), user="ops"))
    assert isinstance(error, Unreachable)
    assert "refuses connections" in str(error)


async def test_a_name_that_does_not_exist() -> None:
    error = await problem(Target(host="no-such-host.invalid", user="ops"))
    assert isinstance(error, (Unreachable, TimedOut))
    assert "no-such-host.invalid" in str(error)


async def test_a_machine_that_takes_connections_and_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "GREETING_LIMIT", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        error = await problem(Target(host="127.0.0.1", port=listener.getsockname()[1], user="ops"))
    assert isinstance(error, TimedOut)
    assert "never says a word" in str(error)


async def test_a_machine_that_does_not_even_take_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "CONNECT_LIMIT", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        with contextlib.ExitStack() as stack:
            for _ in range(4):  # the listener's queue is full then
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
            error = await problem(Target(host="127.0.0.1", port=port, user="ops"))
    assert isinstance(error, TimedOut)
    assert "No answer" in str(error)


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 400_000])
async def test_something_else_listens(greeting: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "GREETING_LIMIT", 2.0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    error = await problem(Target(host="127.0.0.1", port=server.sockets[0].getsockname()[1], user="ops"))
    assert isinstance(error, (Unreachable, TimedOut))
    server.close()


async def test_the_first_address_that_answers_is_taken() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    good = server.sockets[0].getsockname()
    refused = ("127.0.0.1", free_port())
    made = await dial.dial([(2, 1, 6, "", refused), (2, 1, 6, "", good)], 5.0)
    assert made.getpeername() == good
    made.close()
    with pytest.raises(ConnectionRefusedError):
        await dial.dial([(2, 1, 6, "", refused)], 5.0)
    server.close()


# -- hops ---------------------------------------------------------------------------------------------------


async def test_a_hop_is_logged_in_by_itself_and_shared(tmp_path: Path) -> None:
    async with ssh_host(host_key=key("gate")) as gate, ssh_host() as inner, a_pool() as pool:
        gate.known(tmp_path)
        inner.known(tmp_path)
        hop = gate.target(tmp_path, user="guard")
        one = inner.target(tmp_path, jump=(hop,))
        two = inner.target(tmp_path, user="other", jump=(hop,))
        async with pool.lease(one) as first, pool.lease(two) as second:
            await asyncio.gather(first.up(), second.up())
            assert (len(gate.connections), len(inner.connections)) == (1, 2)
            # WHEN the hop is lost, THEN what went through it is too, and all come back
            gate.hang_up()
            await until(lambda: first.report.phase is not LinkPhase.UP and second.report.phase is not LinkPhase.UP)
            await until(lambda: first.report.phase is second.report.phase is LinkPhase.UP)
        await until(lambda: not gate.connections and not inner.connections)


async def test_a_hop_that_lets_us_in_frees_those_who_were_stopped_at_it(tmp_path: Path) -> None:
    # GIVEN a machine behind a hop at which nobody gave the password
    person = Person(None, "secret")
    async with (
        ssh_host(Rules(passwords={"ops": "secret"}), host_key=key("gate")) as gate,
        ssh_host() as inner,
        a_pool(person) as pool,
    ):
        gate.known(tmp_path)
        inner.known(tmp_path)
        hop = gate.target(tmp_path)
        async with pool.lease(inner.target(tmp_path, jump=(hop,))) as behind, pool.lease(hop) as before:
            with pytest.raises(AuthRefused):
                await behind.up()
            # WHEN a person has the hop tried again, and only that
            pool.allow(hop)
            await before.up()
            # THEN what is behind it may be tried again too, without anybody saying so
            await behind.up()
            assert behind.report.phase is LinkPhase.UP


async def test_a_hops_host_key_is_checked_too(tmp_path: Path) -> None:
    person = Person(None)
    async with ssh_host(host_key=key("gate")) as gate, ssh_host() as inner, a_pool(person) as pool:
        inner.known(tmp_path)
        async with pool.lease(inner.target(tmp_path, jump=(gate.target(tmp_path),))) as link:
            with pytest.raises(HostKeyUnknown):
                await link.up()
    assert person.asked[0].wanted_by == f"ops@127.0.0.1:{gate.port}"


async def test_a_hop_that_forwards_nothing(tmp_path: Path) -> None:
    async with ssh_host(Rules(open_door=True, tcp=False), key("gate")) as gate, ssh_host() as inner:
        gate.known(tmp_path)
        inner.known(tmp_path)
        error = await problem(inner.target(tmp_path, jump=(gate.target(tmp_path),)))
    assert "does not connect through" in str(error)


async def test_a_proxy_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path)
        relay = tmp_path / "relay.py"
        relay.write_text(
            "import socket, sys, threading, os\n"
            "print('noise', file=sys.stderr)\n"
            f"s = socket.create_connection(('127.0.0.1', {host.port}))\n"
            "def up():\n"
            "    while data := os.read(0, 65536): s.sendall(data)\n"
            "threading.Thread(target=up, daemon=True).start()\n"
            "while data := s.recv(65536): os.write(1, data)\n"
        )
        async with pool.lease(host.target(tmp_path, proxy_command=f"{sys.executable} {relay}")) as link:
            await link.up()
    assert "noise" not in capfd.readouterr().err


async def test_a_proxy_command_that_fails_is_quoted() -> None:
    error = await problem(Target(host="worker", user="ops", proxy_command="sh -c 'echo no way through >&2; exit 1'"))
    assert "no way through" in f"{error}{error.original}"


# -- loss and return ----------------------------------------------------------------------------------------


async def test_a_lost_connection_comes_back_unaided(tmp_path: Path) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            first = await link.up()
            phases: list[LinkPhase] = []
            link.on_change(lambda: phases.append(link.report.phase))
            host.hang_up()
            await until(lambda: LinkPhase.LOST in phases and link.report.phase is LinkPhase.UP)
            assert await link.up() is not first


async def test_while_a_machine_is_away_it_is_tried_again_and_that_is_said(tmp_path: Path) -> None:
    async with a_pool() as pool, contextlib.AsyncExitStack() as stack:
        async with ssh_host() as host:
            host.known(tmp_path)
            link = await stack.enter_async_context(pool.lease(host.target(tmp_path)))
            await link.up()
        await until(lambda: link.report.phase is LinkPhase.LOST and link.report.next_try is not None)
        assert isinstance(link.report.problem, BackendError)
        # WHEN it is back on the same port
        async with ssh_host(port=host.port):
            link.wake()
            await until(lambda: link.report.phase is LinkPhase.UP)


async def test_a_loss_whose_return_is_refused_ends_the_trying(tmp_path: Path) -> None:
    async with ssh_host(Rules(passwords={"ops": "x"})) as host, a_pool(Person("x")) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
            # WHEN the password is changed there, and the connection lost
            host.rules.passwords = {"ops": "y"}
            host.hang_up()
            # THEN the old one is tried once
            await until(lambda: link.report.phase is LinkPhase.REFUSED)
            assert host.logins == ["password", "password"]


async def test_a_closed_link_is_not_opened_again(tmp_path: Path) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
        with pytest.raises(Disconnected):
            await link.up()


async def test_closing_never_hangs_on_one_that_is_being_opened() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        pool = Pool()
        async with pool.lease(Target(host="127.0.0.1", port=listener.getsockname()[1], user="ops")) as link:
            opening = asyncio.create_task(link.up())
            await until(lambda: link.report.phase is LinkPhase.OPENING)
            async with asyncio.timeout(60):
                await pool.close()
            with pytest.raises(Disconnected):
                await opening


async def test_nothing_is_written_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
            host.hang_up()
            await until(lambda: link.report.phase is LinkPhase.UP and len(host.connections) == 1)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


async def test_a_machine_that_falls_silent_is_lost_also_while_it_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ssh_host() as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            first = await link.up()
            problems: list[str] = []
            link.on_change(lambda: problems.append(str(link.report.problem or "")))
            # WHEN the kernel has heard nothing for longer than a living machine is quiet
            with monkeypatch.context() as patched:
                patched.setattr(dial, "silence", lambda _: dial.NOTICE + 1)
                await until(lambda: not link.standing)
            # THEN the connection is given up, and comes back
            assert any("does not answer any more" in problem for problem in problems)
            await until(lambda: link.standing)
            assert await link.up() is not first


async def test_silence_is_what_the_kernel_says() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as here,
        listener.accept()[0] as there,
    ):
        await until(lambda: dial.silence(here) > 0.05 or not dial.kernel_watches())
        there.send(b"x")
        await until(lambda: dial.silence(here) < 0.05)
    with socket.socketpair()[0] as other:
        assert dial.silence(other) == 0.0


def test_the_kernel_is_told_to_watch() -> None:
    with socket.socket() as made:
        if dial.watch(made):
            assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == int(dial.NOTICE * 1000)
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
