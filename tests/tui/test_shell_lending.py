"""The terminal comes back from a shell also where lending it failed, and not at the end of the app."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

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
        await shell._lend(lender, lender, "")
    return list(lender.done)


async def test_a_failure_gives_the_terminal_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await lend(monkeypatch, OSError("no terminal")) == ["pause", "given", "taken back", "resume"]


async def test_the_end_of_the_app_draws_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "resume" not in await lend(monkeypatch, asyncio.CancelledError())
