"""SSH with real servers: everything that can be wrong with a machine, and links that are cut and restored."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from backends.engine.client import SdkEngine
from backends.errors import (
    BackendError,
    Disconnected,
    HostKeyChanged,
    HostKeyUnknown,
    PermissionRefused,
    TimedOut,
    Unreachable,
)
from backends.model import Event, Kind
from backends.ssh import dial
from backends.ssh.pool import Pool
from backends.ssh.report import LinkPhase
from backends.ssh.resolve import Resolution
from backends.ssh.shell import open_shell, run_on
from backends.transport.ssh import SshTransport
from tests.lab.lab import Lab
from tests.lab.ssh import login, sockets_in, ssh_lab
from tests.unit.ssh_double import until

__all__ = ["ssh_lab"]
pytestmark = pytest.mark.lab


@pytest.fixture
async def pool(ssh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    """Connections that start at the gate."""
    monkeypatch.setattr(dial, "make_socket", sockets_in(ssh_lab.manager.pid))
    made = Pool()
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def engine_on(
    lab: Lab, pool: Pool, node: str, *, user: str = "", sudo: bool = False
) -> AsyncIterator[tuple[SdkEngine, SshTransport]]:
    target = await login(lab, node, user=user)

    async def resolve() -> Resolution:
        return Resolution((target,), sudo=sudo)

    transport = SshTransport(resolve, pool, endpoint=f"ssh://{node}")
    engine = SdkEngine(transport)
    try:
        yield engine, transport
    finally:
        await engine.aclose()


@pytest.mark.parametrize(
    ("node", "how", "via"),
    [
        ("gate", "ssh", ""),
        ("nostream", "ssh, dial-stdio", ""),
        ("notcp", "ssh, dial-stdio", ""),
        ("inner", "ssh", "gate"),
    ],
)
async def test_every_engine_is_reached_in_its_way(ssh_lab: Lab, pool: Pool, node: str, how: str, via: str) -> None:
    async with engine_on(ssh_lab, pool, node) as (engine, transport):
        await engine.connect()
        assert (await engine.info()).name == node
        assert transport.how == how
        assert transport.reach.link is not None
        assert bool(transport.reach.link.target.via) is bool(via)
        assert transport.reach.link.login.startswith("key ")
        assert transport.reach.link.server.startswith("SSH-2.0-OpenSSH")


async def test_a_user_who_needs_sudo(ssh_lab: Lab, pool: Pool) -> None:
    async with engine_on(ssh_lab, pool, "gate", user="plain", sudo=True) as (engine, transport):
        await engine.connect()
        assert transport.how == "ssh, with sudo"
        assert (await engine.info()).name == "gate"
    async with engine_on(ssh_lab, pool, "gate", user="plain") as (engine, _):
        with pytest.raises(PermissionRefused, match="plain may not use the engine") as caught:
            await engine.connect()
        assert "permission denied" in caught.value.original
        assert "docker" in caught.value.hint


async def test_a_user_whom_nothing_helps(ssh_lab: Lab, pool: Pool) -> None:
    async with engine_on(ssh_lab, pool, "gate", user="guest", sudo=True) as (engine, _):
        with pytest.raises(PermissionRefused) as caught:
            await engine.connect()
        assert "sudo says" in caught.value.hint


async def test_a_changed_and_an_unknown_key(ssh_lab: Lab, pool: Pool) -> None:
    async with engine_on(ssh_lab, pool, "changed") as (engine, _):
        with pytest.raises(HostKeyChanged) as changed:
            await engine.connect()
        assert changed.value.fingerprint != changed.value.old_fingerprint
        assert changed.value.file.endswith("known_hosts")
    async with engine_on(ssh_lab, pool, "unknown") as (engine, _):
        with pytest.raises(HostKeyUnknown):
            await engine.connect()


async def test_machines_that_are_silent_down_or_not_there(ssh_lab: Lab, pool: Pool) -> None:
    expected: dict[str, type[BackendError]] = {"silent": TimedOut, "down": Unreachable}
    for node, kind in expected.items():
        async with engine_on(ssh_lab, pool, node) as (engine, _):
            with pytest.raises(kind):
                await engine.connect()
    nowhere = replace(await login(ssh_lab, "down"), host=f"{ssh_lab.spec.subnet}200")
    async with pool.lease(nowhere) as link:
        with pytest.raises((TimedOut, Unreachable)):
            await link.up()


async def test_a_dead_machine_costs_the_others_nothing(ssh_lab: Lab, pool: Pool) -> None:
    async with engine_on(ssh_lab, pool, "silent") as (dead, _), engine_on(ssh_lab, pool, "gate") as (engine, _):
        waiting = asyncio.create_task(dead.connect())
        await engine.connect()
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_more_questions_than_the_server_allows_sessions(ssh_lab: Lab, pool: Pool) -> None:
    # GIVEN a server that allows four, one of which is an event stream's
    async with engine_on(ssh_lab, pool, "nostream") as (engine, _):
        await engine.connect()
        async with engine.events():
            answers = await asyncio.gather(*(engine.list(Kind.NETWORK) for _ in range(20)))
        assert all(answers)


async def test_nothing_is_left_on_the_machine(ssh_lab: Lab, pool: Pool) -> None:
    async with engine_on(ssh_lab, pool, "nostream") as (engine, _):
        await engine.connect()
        assert "dial-stdio" in ssh_lab.nodes["nostream"].run("ps", "ax", "-o", "args")
    async with asyncio.timeout(90):
        while "dial-stdio" in ssh_lab.nodes["nostream"].run("ps", "ax", "-o", "args"):
            await asyncio.sleep(0.1)


async def events_until(engine: SdkEngine, name: str, ready: asyncio.Event) -> list[Event]:
    seen: list[Event] = []
    async with engine.events() as batches:
        ready.set()
        async for batch in batches:
            seen += batch
            if any(name in event.name for event in batch):
                return seen
    return seen


@pytest.mark.parametrize("node", ["inner", "nostream"])
async def test_a_cut_link_ends_the_event_stream_and_is_back_unaided(ssh_lab: Lab, pool: Pool, node: str) -> None:
    machine = ssh_lab.nodes[node]
    async with engine_on(ssh_lab, pool, node) as (engine, transport), engine_on(ssh_lab, pool, "notcp") as (other, _):
        await engine.connect()
        await other.connect()
        back = asyncio.Event()
        transport.on_return = back.set
        # GIVEN an event stream
        ready = asyncio.Event()
        listening = asyncio.create_task(events_until(engine, "never", ready))
        await ready.wait()
        # WHEN the link is cut
        machine.cut_link()
        try:
            # THEN that is noticed, and others go on
            with pytest.raises(Disconnected):
                async with asyncio.timeout(90):
                    await listening
            assert transport.reach.link is not None
            assert transport.reach.link.phase is not LinkPhase.UP
            assert (await other.info()).name == "notcp"
        finally:
            machine.restore_link()
        # AND when it is back, so are we
        async with asyncio.timeout(90):
            await back.wait()
        await engine.connect()
        ready = asyncio.Event()
        listening = asyncio.create_task(events_until(engine, f"after-{node}", ready))
        await ready.wait()
        machine.docker("network", "create", f"after-{node}")
        try:
            async with asyncio.timeout(90):
                assert await listening
        finally:
            machine.docker("network", "rm", f"after-{node}")


async def test_a_short_cut_is_survived(ssh_lab: Lab, pool: Pool) -> None:
    machine = ssh_lab.nodes["notcp"]
    target = await login(ssh_lab, "notcp")
    async with pool.lease(target) as link:
        connection = await link.up()
        machine.cut_link()
        await asyncio.sleep(1.0)
        machine.restore_link()
        assert (await run_on(pool, target, "echo here")).stdout == b"here\n"
        assert await link.up() is connection


async def test_a_restarted_sshd(ssh_lab: Lab, pool: Pool) -> None:
    machine = ssh_lab.nodes["notcp"]
    target = await login(ssh_lab, "notcp")
    async with pool.lease(target) as link:
        first = await link.up()
        machine.stop_sshd()
        await until(lambda: not link.standing, 90)
        machine.start_sshd()
        await until(lambda: link.standing, 90)
        assert await link.up() is not first


async def test_a_login_shell_on_a_machine(ssh_lab: Lab, pool: Pool) -> None:
    shell = await open_shell(pool, await login(ssh_lab, "inner"), size=(101, 33))
    await shell.write(
        b"PS1= PS2=; hostname; stty size; printf '\\377\\376\\n'; shopt -q login_shell && echo log''in; exit 5\n"
    )
    data = b""
    async with asyncio.timeout(90):
        while more := await shell.read():
            data += more
        assert await shell.wait() == 5
    await shell.close()
    for expected in (b"inner", b"33 101", b"\xff\xfe", b"login"):
        assert expected in data


async def test_a_link_cut_in_the_middle_of_a_shell(ssh_lab: Lab, pool: Pool) -> None:
    machine = ssh_lab.nodes["notcp"]
    shell = await open_shell(pool, await login(ssh_lab, "notcp"))
    await shell.write(b"echo rea''dy\n")
    data = b""
    async with asyncio.timeout(90):
        while b"ready" not in data:
            data += await shell.read()
    machine.cut_link()
    try:
        async with asyncio.timeout(90):
            while await shell.read():
                pass
            with pytest.raises(Disconnected, match="does not answer any more"):
                await shell.wait()
    finally:
        machine.restore_link()
        await shell.close()
