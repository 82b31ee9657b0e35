"""A shell on a machine: all bytes, sizes, exit codes, back pressure, and what becomes of it at a loss."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from backends.api import ExecSession
from backends.errors import Disconnected, Unreachable
from backends.ssh import dial
from backends.ssh.pool import Pool
from backends.ssh.shell import Shell, open_shell, run_on
from tests.unit.ssh_double import Rules, SshHost, says, ssh_host, until


async def talk(process: Any) -> None:
    """Says its terminal and size, then answers by lines."""
    columns, rows = (process.term_size or (0, 0))[:2]
    process.stdout.write(f"{process.term_type or 'none'} {columns}x{rows}\n".encode())
    while True:
        try:
            line = await process.stdin.readline()
        except asyncssh.TerminalSizeChanged as change:
            process.stdout.write(f"{change.width}x{change.height}\n".encode())
            continue
        if line.startswith(b"exit "):
            process.exit(int(line[5:]))
            return
        if line.startswith(b"kill"):
            process.exit_with_signal("TERM")
            return
        if not line:
            process.stdout.write(b"end of input")
            process.exit(0)
            return
        process.stdout.write(line)


@contextlib.asynccontextmanager
async def shell_on(folder: Path, act: Any = talk, **options: Any) -> AsyncIterator[tuple[SshHost, Pool, Shell]]:
    async with ssh_host(Rules(open_door=True, commands={"": act})) as host:
        host.known(folder)
        pool = Pool()
        shell = await open_shell(pool, host.target(folder), **options)
        try:
            yield host, pool, shell
        finally:
            await shell.close()
            await pool.close()


async def read_until(shell: Shell, end: bytes) -> bytes:
    data = b""
    async with asyncio.timeout(60):
        while end not in data:
            more = await shell.read()
            assert more, data
            data += more
    return data


async def test_a_login_shell_has_a_terminal_and_its_size_follows(tmp_path: Path) -> None:
    async with shell_on(tmp_path, size=(101, 33), term="xterm") as (host, _, shell):
        session: ExecSession = shell
        assert await read_until(shell, b"\n") == b"xterm 101x33\n"
        await session.resize(77, 22)
        assert await read_until(shell, b"\n") == b"77x22\n"
        assert host.commands == [""]
        assert session.command == ()


async def test_bytes_that_are_no_text_pass_and_nothing_else_is_harmed(tmp_path: Path) -> None:
    async with shell_on(tmp_path) as (_, _, shell):
        await read_until(shell, b"\n")
        sent = bytes(b for b in range(256) if b != 10) * 50 + b"\n"
        await shell.write(sent)
        assert await read_until(shell, b"\n") == sent
        await shell.write(b"still there\n")
        assert await read_until(shell, b"\n") == b"still there\n"


async def test_the_exit_code(tmp_path: Path) -> None:
    async with shell_on(tmp_path) as (_, _, shell):
        await shell.write(b"exit 7\n")
        assert await shell.wait() == 7
        await read_until(shell, b"\n")
        assert await shell.read() == b""
        with pytest.raises(Disconnected):
            await shell.write(b"x")


async def test_a_signal_is_a_code_as_shells_have_it(tmp_path: Path) -> None:
    async with shell_on(tmp_path) as (_, _, shell):
        await shell.write(b"kill\n")
        assert await shell.wait() == 128 + 15


async def test_its_input_can_be_closed_alone(tmp_path: Path) -> None:
    async with shell_on(tmp_path) as (_, _, shell):
        await shell.write_eof()
        assert (await read_until(shell, b"input")).endswith(b"end of input")
        assert await shell.wait() == 0


async def test_a_command_without_a_terminal(tmp_path: Path) -> None:
    async with shell_on(tmp_path, command="cat things", term="") as (host, _, shell):
        assert (await read_until(shell, b"\n")).startswith(b"none")
        assert host.commands == ["cat things"]
        assert shell.command == ("cat things",)


async def test_who_does_not_read_stops_it(tmp_path: Path) -> None:
    written = 0

    async def flood(process: Any) -> None:
        nonlocal written
        while True:
            process.stdout.write(bytes(65536))
            await process.stdout.drain()
            written += 65536

    async with shell_on(tmp_path, flood) as (_, _, shell):
        last = -1
        while last != written:
            last = written
            await asyncio.sleep(0.3)
        assert 0 < written < 32 * 1024 * 1024
        # WHEN it is read again, THEN it goes on
        got, enough = 0, written + 8 * 1024 * 1024
        async with asyncio.timeout(60):
            while got < enough:
                got += len(await shell.read())


async def test_a_lost_connection_ends_it_without_an_exit_code(tmp_path: Path) -> None:
    async with shell_on(tmp_path) as (host, _, shell):
        await read_until(shell, b"\n")
        host.hang_up()
        async with asyncio.timeout(60):
            while await shell.read():
                pass
            with pytest.raises(Disconnected, match="was lost"):
                await shell.wait()


async def test_a_machine_that_falls_silent_is_said_so_to_whoever_is_in_its_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a shell WHEN it is we who end the connection, since the machine is silent
    async with shell_on(tmp_path) as (_, _, shell):
        await read_until(shell, b"\n")
        with monkeypatch.context() as patched:
            patched.setattr(dial, "silence", lambda _: dial.NOTICE + 1)
            async with asyncio.timeout(60):
                while await shell.read():
                    pass
        # THEN that is the reason, and not that somebody closed it
        with pytest.raises(Disconnected, match="does not answer any more"):
            await shell.wait()


async def test_it_shares_the_connection_and_lets_it_go(tmp_path: Path) -> None:
    async with shell_on(tmp_path) as (host, pool, shell):
        target = host.target(tmp_path)
        assert (await run_on(pool, target, "exit", stdin=b"exit 3\n")).status == 3
        assert len(host.connections) == 1
        await shell.close()
        await until(lambda: not host.connections)


async def test_a_machine_that_gives_no_shell(tmp_path: Path) -> None:
    async with ssh_host(Rules(open_door=True, sessions=0, commands={"": says()})) as host:
        host.known(tmp_path)
        pool = Pool()
        with pytest.raises(Unreachable, match="gives ops no terminal"):
            await open_shell(pool, host.target(tmp_path))
        await until(lambda: not host.connections)
        await pool.close()
