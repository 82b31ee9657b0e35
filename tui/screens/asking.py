"""When a question gets its box: one that came by itself waits for a key, one that the user caused opens at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.details.reach import question_of
from tui.frame.questions import QuestionDesk
from tui.tables.spec import Moment

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from tui.screens.main import MainScreen

#: Seconds for which a question counts as asked for after a key that connects to its node.
ASKED_FOR = 60.0


class Asking:
    """Belongs to one main screen."""

    def __init__(self, screen: MainScreen) -> None:
        self.screen = screen
        self._caused: dict[str, float] = {}
        """Node ids that the user has asked for, with when that ends to count."""
        self._again: tuple[object, float] | None = None
        """The question answered last: asked once more at once, it is the same conversation."""
        self._seen: set[Question] = set()

    @property
    def desk(self) -> QuestionDesk | None:
        """Where questions wait."""
        return self.screen.session.desk

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Open questions in the order they came."""
        return self.desk.waiting if self.desk is not None else ()

    @property
    def moment(self) -> Moment:
        """How the cluster stands now."""
        return self.screen.moment

    @property
    def active(self) -> bool:
        """Whether the box has the keys."""
        return self.screen.box.active

    def cause(self, node_id: str) -> None:
        """The user wants this node: a question that comes of it opens at once."""
        self._caused[node_id] = asyncio.get_running_loop().time() + ASKED_FOR
        question = self._of(node_id)
        if question is not None:
            self._open(question)

    def done(self, node_id: str) -> None:
        """The node has been connected to, or not."""
        self._caused.pop(node_id, None)

    def next(self) -> None:
        """Opens the first question that waits, or gives its box the keys."""
        box = self.screen.box
        if box.content is not None and not box.active:
            box.activate(True)
        elif self.waiting:
            self._open(self.waiting[0])
        else:
            self.screen.hint("no login waits")

    def told(self) -> None:
        """Questions came or went."""
        new = [question for question in self.waiting if question not in self._seen]
        self._seen = set(self.waiting)
        self.screen.box.again()
        if self.screen.box.content is None:
            for question in new:
                if self._wanted(question):
                    self._open(question)
                    return

    def looked(self) -> None:
        """A new state of the nodes: only it tells which node a question is of."""
        if self.screen.box.content is None and self._caused:
            now = asyncio.get_running_loop().time()
            self._caused = {node: end for node, end in self._caused.items() if end > now}
            for node_id in self._caused:
                question = self._of(node_id)
                if question is not None:
                    self._open(question)
                    return

    def answer(self, question: Question, text: str | None) -> None:
        """Gives an answer; ``None`` for no."""
        self._again = (question.key, asyncio.get_running_loop().time() + ASKED_FOR) if text is not None else None
        self.screen.box.close()
        if self.desk is not None:
            self.desk.answer(question, text)
        if text is None:
            self._caused.clear()

    def later(self) -> None:
        """The question goes on waiting; nothing is waited for on its account."""
        self._caused.clear()
        self.screen.box.close()
        self.screen.give_up_entering()

    def _of(self, node_id: str) -> Question | None:
        question = question_of(self.moment.reach.get(node_id), self.moment)
        return question if question in self.waiting else None

    def _wanted(self, question: Question) -> bool:
        now = asyncio.get_running_loop().time()
        if self._again is not None and self._again[0] == question.key and self._again[1] > now:
            return True
        if self.moment.snapshot.engine is None:
            return True  # nothing else can be looked at before the first engine answers
        if self.screen.page.causes(question):
            return True
        return any(self._of(node) == question for node, end in self._caused.items() if end > now)

    def _open(self, question: Question) -> None:
        from tui.screens.questions import content_of

        self.screen.box.open(content_of(self, question))
