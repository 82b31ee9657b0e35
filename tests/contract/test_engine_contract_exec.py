"""What every engine must do for us: commands in containers."""

from __future__ import annotations

import asyncio

import pytest

from backends.api import ExecRequest
from backends.engine.exec import NoShell, find_shell
from backends.errors import NotFound
from tests.contract.conftest import Target
from tests.contract.support import NOWHERE, output, run


async def test_output_and_exit_code(target: Target) -> None:
    container_id = await target.with_shell()
    shell = await find_shell(target.engine, container_id)
    code, data = await run(target.engine, container_id, shell, "-c", "echo hello; exit 7")
    assert (code, data.strip()) == (7, b"hello")


async def test_the_first_bytes_are_never_lost(target: Target) -> None:
    container_id = await target.with_shell()
    shell = await find_shell(target.engine, container_id)
    for _ in range(10):
        session = await target.engine.exec(container_id, ExecRequest((shell, "-c", "echo READY; sleep 5"), tty=True))
        data = b""
        async with asyncio.timeout(60):
            while b"READY" not in data:
                more = await session.read()
                assert more
                data += more
        assert data.lstrip().startswith(b"READY")
        await session.close()


async def test_a_shell_answers_what_is_typed(target: Target) -> None:
    session = await target.engine.exec(await target.with_shell(), ExecRequest(size=(101, 33)))
    await session.write(b"echo the-answer\n")
    data = b""
    async with asyncio.timeout(60):
        while data.count(b"the-answer") < 2:  # the terminal's echo of what was typed, and the answer
            data += await session.read()
    await session.write(b"exit 3\n")
    await output(session)
    assert await session.wait() == 3
    await session.close()


async def test_a_shell_that_is_left_ends(target: Target) -> None:
    # GIVEN a machine that may be so busy that a shell does not come to read its keys within the second it is given
    for _ in range(5):
        if await _ends_when_left(target):
            return
    pytest.fail("five shells that were left stayed behind in the container")


async def _ends_when_left(target: Target) -> bool:
    session = await target.engine.exec(await target.with_shell(), ExecRequest(size=(80, 24)))
    await session.write(b"echo the-answer\n")
    data = b""
    async with asyncio.timeout(60):
        while data.count(b"the-answer") < 2:
            data += await session.read()
    # WHEN it stands at its prompt and is left THEN none stays behind in the container
    await session.close()
    for _ in range(100):
        state = await target.engine.call("GET", f"/exec/{session.exec_id}/json")
        if isinstance(state, dict) and not state["Running"]:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_the_window_size_follows(target: Target) -> None:
    session = await target.engine.exec(await target.with_shell(), ExecRequest(size=(101, 33)))
    data = b""
    async with asyncio.timeout(60):
        await session.write(b"stty size\n")
        while b"33 101" not in data:
            data += await session.read()
        await session.resize(77, 22)
        await session.write(b"stty size\n")
        while b"22 77" not in data:
            data += await session.read()
    await session.close()


async def test_input_can_be_closed_alone(target: Target) -> None:
    container_id = await target.with_shell()
    shell = await find_shell(target.engine, container_id)
    # GIVEN a shell without a terminal, which ends only when its input does
    session = await target.engine.exec(container_id, ExecRequest((shell,), tty=False))
    # WHEN it is given a script and the end of it
    await session.write(b"echo through and back\n")
    await session.write_eof()
    # THEN its answer still comes
    assert await output(session) == b"through and back\n"
    assert await session.wait() == 0
    await session.close()


async def test_no_shell_is_said_in_words(target: Target) -> None:
    with pytest.raises(NoShell):
        await target.engine.exec(await target.without_shell(), ExecRequest())


async def test_exec_in_nothing_is_not_found(target: Target) -> None:
    with pytest.raises(NotFound):
        await target.engine.exec(NOWHERE, ExecRequest(("true",)))
