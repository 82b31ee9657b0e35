"""Questions that came by themselves: they wait here until somebody opens them, and never take the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.ssh.questions import Question


class QuestionDesk:
    """Implements ``backends.ssh.questions.Questions`` for a person: each ``ask`` waits until the screen answers."""

    def __init__(self) -> None:
        self._open: dict[Question, asyncio.Future[str | None]] = {}
        self.told: Callable[[], None] = lambda: None
        """Called whenever ``waiting`` has changed; the screen sets it."""

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Open questions in the order they came."""
        return tuple(self._open)

    async def ask(self, question: Question) -> str | None:
        """Waits for an answer; when cancelled nobody wants it any more."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._open[question] = answer
        self.told()
        try:
            return await answer
        finally:
            self._open.pop(question, None)
            self.told()

    def answer(self, question: Question, text: str | None) -> None:
        """Gives an answer, ``None`` for "no"; one that nobody wants any more is dropped."""
        answer = self._open.get(question)
        if answer is not None and not answer.done():
            answer.set_result(text)
