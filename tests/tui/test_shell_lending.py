"""The terminal comes back from a shell also where lending it failed, and not at the end of the app."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from backends.api import ExecRequest
from backends.engine.exec import ContainerGone
from backends.errors import Disconnected, Unreachable
from backends.model import Key, Kind, Snapshot
from tui.screens import shell
from tui.terminal.handover import Ending


class Lender:
    """What of the app has to do with lending."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def pause(self) -> None:
        self.done.append("pause")

    def resume(self) -> None:
        self.done.append("resume")

    @contextlib.contextmanager
    def suspend(self) -> Iterator[None]:
        """As Textual's own: what is raised inside skips the second half."""
        self.done.append("given")
        yield
        self.done.append("taken back")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "os", SimpleNamespace(write=lambda *_: 0, environ=os.environ))


async def lend(monkeypatch: pytest.MonkeyPatch, raised: BaseException) -> list[str]:
    async def hand_over(session: Any) -> Ending:
        raise raised

    monkeypatch.setattr(shell, "hand_over", hand_over)
    lender: Any = Lender()
    with pytest.raises(type(raised)):
        await shell._lend(lender, lender, "", lambda _: "")
    return list(lender.done)


async def test_a_failure_gives_the_terminal_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await lend(monkeypatch, OSError("no terminal")) == ["pause", "given", "taken back", "resume"]


async def test_the_end_of_the_app_draws_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "resume" not in await lend(monkeypatch, asyncio.CancelledError())


async def test_output_that_merely_ends_is_a_lost_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a shell whose output has ended
    class Session:
        def __init__(self, end: Exception | int) -> None:
            self.end = end

        async def wait(self) -> int:
            if isinstance(self.end, Exception):
                raise self.end
            return self.end

    async def said(end: Exception | int) -> tuple[str, bool]:
        session: Any = Session(end)
        ending, code = await shell.conclude(session, Ending())
        return shell.outcome("web.3 on worker1", "bash", ending, code)

    # WHEN its exit code cannot be had THEN it was no end but a loss, and bad news
    for loss in (Disconnected("gone"), Unreachable("no way"), TimeoutError()):
        text, bad = await said(loss)
        assert text.startswith("the connection to bash in web.3 on worker1 was lost")
        assert bad
    # AND where it can, or the container went, it has ended
    assert await said(0) == ("bash in web.3 on worker1 ended, exit 0", False)
    assert await said(ContainerGone("it stopped")) == ("bash in web.3 on worker1 ended", False)


async def test_whoever_is_back_may_open_the_next_shell_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a shell that was left, and takes its time to end
    ended, said, tasks = asyncio.Event(), list[str](), list[asyncio.Task[None]]()

    class Session:
        command = ("bash",)

        async def close(self) -> None:
            await ended.wait()

    async def start(*_: object) -> Session:
        return Session()

    async def lent(*_: object) -> tuple[Ending, int | None]:
        return Ending(left=True), None

    monkeypatch.setattr(shell, "_start", start)
    monkeypatch.setattr(shell, "_lend", lent)
    app: Any = SimpleNamespace(
        main=SimpleNamespace(
            cluster=SimpleNamespace(snapshot=Snapshot()),
            hint=lambda _: None,
            say=lambda text, bad: said.append(text),
            asking=SimpleNamespace(cause=lambda _: None, done=lambda _: None),
            begin=lambda work, _: tasks.append(asyncio.create_task(work)),
        ),
        session=SimpleNamespace(mark=""),
    )
    # WHEN the terminal is back THEN the opening of it is over, though the shell has not ended
    await shell.run_shell(app, Key(Kind.CONTAINER, "c1"), ExecRequest())
    assert said == []
    # AND how it went is told when it has
    ended.set()
    await asyncio.gather(*tasks)
    assert "left bash" in said[0]


async def test_a_lost_shell_keeps_the_keys_until_somebody_means_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a shell whose connection is lost
    written = list[bytes]()
    monkeypatch.setattr(shell, "os", SimpleNamespace(write=lambda _, data: written.append(data), environ=os.environ))
    came = asyncio.Event()

    async def lost(session: Any) -> Ending:
        return Ending(problem="no answer\x1b[31m")

    monkeypatch.setattr(shell, "hand_over", lost)
    monkeypatch.setattr(shell, "hold", came.wait)
    lender: Any = Lender()
    key = Key(Kind.CONTAINER, "c1")
    say = partial(shell._lost, "web.3 on worker1", "bash", key=key)
    # WHEN it is noticed
    task = asyncio.create_task(shell._lend(lender, lender, "", say))
    while len(written) < 2:
        await asyncio.sleep(0)
    # THEN that is said where one types, with nothing of its own in it, and the app has not come back
    text = written[1].decode()
    assert "the connection to bash in web.3 on worker1 was lost: no answer" in text
    assert "ctrl+] or enter" in text
    assert "\x1b[31m" not in text
    assert lender.done == ["pause", "given"]
    # WHEN one means to come back THEN it does
    came.set()
    ending, code = await task
    assert (ending.problem, code) == ("no answer\x1b[31m", None)
    assert lender.done[-1] == "resume"
