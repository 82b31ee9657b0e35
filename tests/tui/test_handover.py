"""The hand-over of a terminal, on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import termios
from collections.abc import Callable, Iterator

import pytest

from backends.errors import Disconnected
from tui.terminal.handover import Ending, hand_over, hold


class Shell:
    """An exec session whose other side is the test."""

    def __init__(self) -> None:
        self.command = ("sh",)
        self.out: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.typed = b""
        self.sizes: list[tuple[int, int]] = []

    async def read(self) -> bytes:
        item = await self.out.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def write(self, data: bytes) -> None:
        self.typed += data

    async def write_eof(self) -> None: ...

    async def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    async def wait(self) -> int:
        return 0

    async def close(self) -> None: ...


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """(the person's side, the program's side)."""
    person, program = pty.openpty()
    termios.tcsetwinsize(program, (24, 80))
    os.set_blocking(person, False)
    yield person, program
    os.close(person)
    os.close(program)


async def seen(person: int, text: bytes) -> bytes:
    """What the person sees, once ``text`` is among it."""
    got = b""
    async with asyncio.timeout(60):
        while text not in got:
            try:
                got += os.read(person, 65536)
            except BlockingIOError:
                await asyncio.sleep(0.005)
    return got


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_bytes_pass_both_ways_even_those_that_are_no_text(terminal: tuple[int, int]) -> None:
    # GIVEN a terminal lent to a shell
    person, program = terminal
    shell = Shell()
    task = asyncio.create_task(hand_over(shell, source=program, sink=program))
    await until(lambda: shell.sizes)
    # WHEN the shell prints and the person types bytes that are not UTF-8
    shell.out.put_nowait(b"\xff\xfe\x00prompt")
    assert await seen(person, b"prompt") == b"\xff\xfe\x00prompt"
    os.write(person, b"ls\xff\r\x03")
    # THEN they arrive as they are, control characters included
    await until(lambda: shell.typed == b"ls\xff\r\x03")
    # AND the end of the shell is the end of the loan
    shell.out.put_nowait(b"")
    assert await task == Ending()


async def test_the_terminal_is_left_exactly_as_it_was_found(terminal: tuple[int, int]) -> None:
    # GIVEN a terminal in cooked mode
    _, program = terminal
    before = termios.tcgetattr(program)
    flags = os.get_blocking(program)
    shell = Shell()
    task = asyncio.create_task(hand_over(shell, source=program, sink=program))
    await until(lambda: shell.sizes)
    assert termios.tcgetattr(program) != before
    # WHEN the connection is lost in the middle
    shell.out.put_nowait(Disconnected("the link was cut"))
    # THEN the reason is told and every setting is back
    assert await task == Ending(problem="the link was cut")
    assert termios.tcgetattr(program) == before
    assert os.get_blocking(program) == flags


async def test_the_leave_key_leaves_and_what_was_typed_before_it_is_sent(terminal: tuple[int, int]) -> None:
    # GIVEN a terminal lent to a shell
    person, program = terminal
    shell = Shell()
    task = asyncio.create_task(hand_over(shell, source=program, sink=program))
    await until(lambda: shell.sizes)
    # WHEN the person types ctrl+] behind some text
    os.write(person, b"sleep 9\r\x1drest")
    # THEN the loan ends, the text before it was sent, the key and the rest were not
    assert await task == Ending(left=True)
    assert shell.typed == b"sleep 9\r"


async def test_much_output_arrives_whole(terminal: tuple[int, int]) -> None:
    # GIVEN a shell that prints a megabyte faster than the terminal takes it
    person, program = terminal
    shell = Shell()
    task = asyncio.create_task(hand_over(shell, source=program, sink=program))
    block = bytes(range(32, 127)) * 100
    for _ in range(110):
        shell.out.put_nowait(block)
    shell.out.put_nowait(b"")
    # WHEN the person reads on
    got = 0
    async with asyncio.timeout(60):
        while not task.done() or got < len(block) * 110:
            try:
                got += len(os.read(person, 65536))
            except BlockingIOError:
                await asyncio.sleep(0.001)
    # THEN nothing was lost
    assert got == len(block) * 110
    assert await task == Ending()


async def test_the_window_size_is_told_at_the_start(terminal: tuple[int, int]) -> None:
    # GIVEN a terminal of 80 by 24
    _, program = terminal
    shell = Shell()
    # WHEN it is lent
    task = asyncio.create_task(hand_over(shell, source=program, sink=program))
    await until(lambda: shell.sizes)
    # THEN the shell knows its size at once
    assert shell.sizes == [(80, 24)]
    shell.out.put_nowait(b"")
    await task


class SlowShell(Shell):
    """Takes a size when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[tuple[int, int], asyncio.Event]] = []

    async def resize(self, columns: int, rows: int) -> None:
        taken = asyncio.Event()
        self.asked.append(((columns, rows), taken))
        await taken.wait()
        self.sizes.append((columns, rows))


async def test_sizes_do_not_overtake_each_other(terminal: tuple[int, int]) -> None:
    # GIVEN a shell that has not taken its first size yet
    _, program = terminal
    shell = SlowShell()
    task = asyncio.create_task(hand_over(shell, source=program, sink=program))
    await until(lambda: shell.asked)
    # WHEN the window changes twice meanwhile
    for columns in (100, 132):
        termios.tcsetwinsize(program, (50, columns))
        os.kill(os.getpid(), signal.SIGWINCH)
        await asyncio.sleep(0)
    shell.asked[0][1].set()
    await until(lambda: len(shell.asked) > 1)
    shell.asked[1][1].set()
    # THEN the newest is the last it is told, once the first was taken
    await until(lambda: len(shell.sizes) > 1)
    assert shell.sizes == [(80, 24), (132, 50)]
    shell.out.put_nowait(b"")
    await task


@pytest.mark.parametrize("back", [b"\r", b"\x1d", b"\x03", b"\x04"])
async def test_what_is_typed_after_a_loss_is_swallowed(terminal: tuple[int, int], back: bytes) -> None:
    # GIVEN keys that were typed before the loss was seen
    person, program = terminal
    before = termios.tcgetattr(program)
    os.write(person, b"exit\r\r")
    task = asyncio.create_task(hold(source=program))
    await until(lambda: termios.tcgetattr(program) != before)
    # WHEN a whole line is typed THEN nobody comes back by it
    os.write(person, b"rm -r x\r")
    os.write(person, b"q\r")
    while not await _taken(program):
        assert not task.done()
    assert not task.done()
    # WHEN a key is pressed that means to THEN the terminal is as it was found, and nothing is left in it
    os.write(person, back)
    async with asyncio.timeout(60):
        await task
    assert termios.tcgetattr(program) == before
    assert await _taken(program)


async def _taken(program: int) -> bool:
    """Whether nothing typed is left unread."""
    await asyncio.sleep(0.005)
    return not select.select([program], [], [], 0)[0]
