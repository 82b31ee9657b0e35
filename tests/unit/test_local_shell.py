"""The login shell on this machine itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import pytest

from backends.errors import Disconnected, Unreachable
from backends.local_shell import LocalShell, open_local_shell


@pytest.fixture
async def shell(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalShell]:
    monkeypatch.setenv("SHELL", "/bin/sh")
    monkeypatch.delenv("ENV", raising=False)
    opened = await open_local_shell("", size=(81, 25))
    yield opened
    await opened.close()


async def until(shell: LocalShell, text: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(30):
        while text not in seen:
            piece = await shell.read()
            assert piece, seen
            seen += piece
    return seen


async def test_it_has_a_terminal_of_the_size_that_follows_the_window(shell: LocalShell) -> None:
    # WHEN its terminal is asked for its size
    await shell.write(b"stty size\n")
    # THEN it is that of ours
    await until(shell, b"25 81")
    # WHEN the window changes
    await shell.resize(132, 50)
    await shell.write(b"stty size\n")
    # THEN it follows
    await until(shell, b"50 132")


async def test_it_is_a_login_shell_whose_keys_reach_what_runs_there(shell: LocalShell) -> None:
    await shell.write(b"echo name=$0\n")
    await until(shell, b"name=-sh")
    # WHEN something that never ends is interrupted
    await shell.write(b"echo be''gun; sleep 1000\n")
    await until(shell, b"begun")
    # THEN the shell is there again; it drops what is typed before it has its prompt
    seen = b""
    async with asyncio.timeout(60):
        while b"after2" not in seen:
            await shell.write(b"\x03")
            await shell.write(b"echo after$((1+1))\n")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    while b"after2" not in seen:
                        seen += await shell.read()


async def test_ctrl_c_works_also_where_we_were_started_with_it_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN that we were started in the background of a script
    monkeypatch.setenv("SHELL", "/bin/sh")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        shell = await open_local_shell("echo there; exec sleep 1000")
    finally:
        signal.signal(signal.SIGINT, before)
    # WHEN what runs in the shell is interrupted THEN it ends by that
    await until(shell, b"there")
    await shell.write(b"\x03")
    async with asyncio.timeout(60):
        assert await shell.wait() == 128 + signal.SIGINT
    await shell.close()


async def test_its_end_and_exit_code_are_told(shell: LocalShell) -> None:
    await shell.write(b"exit 7\n")
    async with asyncio.timeout(30):
        while await shell.read():
            pass
        assert await shell.wait() == 7


async def test_all_bytes_pass(shell: LocalShell) -> None:
    await shell.write(b"stty raw -echo; printf re''ady; dd bs=1 count=256 2>/dev/null | od -An -v -tu1 | tr -d '\\n'\n")
    await until(shell, b"ready")
    await shell.write(bytes(range(256)))
    seen = await until(shell, b"255")
    assert [int(word) for word in seen.partition(b"255")[0].split()] + [255] == list(range(256))


async def test_what_does_not_heed_the_hang_up_is_killed() -> None:
    # GIVEN a command that ignores that its terminal goes away
    shell = await open_local_shell("trap '' HUP; echo there; while :; do sleep 1; done")
    await until(shell, b"there")
    # WHEN it is closed
    async with asyncio.timeout(30):
        await shell.close()
        # THEN it has ended, and takes no more input
        assert await shell.wait() == 137
        assert await shell.read() == b""
    with pytest.raises(Disconnected):
        await shell.write(b"x")


async def test_a_shell_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.local_shell.login_shell", lambda: "/nowhere/sh")
    with pytest.raises(Unreachable, match="/nowhere/sh cannot be started here: No such file"):
        await open_local_shell("")
