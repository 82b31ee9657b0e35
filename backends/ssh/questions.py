"""What only a person can answer: passphrases, passwords, codes, and whether a host key is to be trusted.

One question for each key or host, however many connections wait for it. Answers are kept in memory until quit,
so that a node comes back unaided; they are never logged and never written.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

#: The answer to ``HOST_KEY`` that trusts it; any other refuses.
YES = "yes"


class QuestionKind(enum.StrEnum):
    """What is asked for."""

    PASSPHRASE = "passphrase"
    """Of a private key; the answer is the passphrase."""
    PASSWORD = "password"
    """Of a login; the answer is the password."""
    PROMPT = "prompt"
    """Whatever the server asks for (keyboard-interactive): a code, a PIN."""
    HOST_KEY = "host key"
    """Whether to trust a key that is not known; the answer is ``YES`` or ``None``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; equal ``kind`` and ``what`` make it the same one."""

    kind: QuestionKind
    what: str
    """Path of the key, or ``user@host:port``; what the answer is kept for."""
    wanted_by: str = ""
    """The login that came with it first: ``deploy@10.20.1.21``."""
    via: str = ""
    """The hops before it."""
    prompt: str = ""
    """The server's own words, hostile like all text from outside; empty where there are none."""
    instruction: str = ""
    """What the server says above its prompts."""
    echo: bool = False
    """Whether what is typed may be seen."""
    problem: str = ""
    """Why it is asked once more, e.g. ``This passphrase does not open the key.``"""
    fingerprint: str = ""
    """``SHA256:…`` of the key it is about."""
    algorithm: str = ""
    """``ssh-ed25519`` and so on."""
    server: str = ""
    """What the server says it is: ``SSH-2.0-OpenSSH_9.2p1``."""
    files: tuple[str, ...] = ()
    """For ``HOST_KEY``: the known_hosts files that were looked in; the first gets the key."""
    known_as: tuple[str, ...] = ()
    """For ``HOST_KEY``: other hosts that have the same key."""

    @property
    def key(self) -> tuple[QuestionKind, str]:
        """What makes it the same question."""
        return self.kind, self.what


class Questions(Protocol):
    """Whoever can ask a person."""

    async def ask(self, question: Question) -> str | None:
        """The answer, or ``None`` where the person declines. May take hours. When cancelled, nobody wants the
        answer any more. Must not log the answer."""
        ...


class Nobody:
    """Answers nothing: for programs without a person, where a login must work by itself."""

    async def ask(self, question: Question) -> str | None:
        """Declines."""
        return None


class Answers:
    """All answers of a session, and the questions that are open."""

    def __init__(self, questions: Questions | None = None) -> None:
        self._questions = questions or Nobody()
        self._known: dict[tuple[QuestionKind, str], str] = {}
        self._declined: set[tuple[QuestionKind, str]] = set()
        self._open: dict[tuple[QuestionKind, str], _Open] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def waiting(self) -> tuple[tuple[Question, int], ...]:
        """The open questions in the order they came, each with how many wait for it."""
        return tuple((entry.question, entry.waiters) for entry in self._open.values())

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` whenever ``waiting`` has changed."""
        self._listeners.append(listener)

    def known(self, key: tuple[QuestionKind, str]) -> str | None:
        """An answer that was given before."""
        return self._known.get(key)

    def keep(self, key: tuple[QuestionKind, str], answer: str) -> None:
        """Keeps an answer until quit or ``drop``."""
        self._known[key] = answer

    def drop(self, key: tuple[QuestionKind, str]) -> None:
        """Forgets an answer that proved wrong, or was good for once."""
        self._known.pop(key, None)

    def declined(self, key: tuple[QuestionKind, str]) -> bool:
        """Whether the person did not want to answer; not asked again until ``allow``."""
        return key in self._declined

    def decline(self, key: tuple[QuestionKind, str]) -> None:
        """Takes an answer for a refusal."""
        self._declined.add(key)

    def allow(self) -> None:
        """Lets declined questions be asked again: the person has said that it is to be tried once more."""
        self._declined.clear()

    async def get(self, question: Question) -> str | None:
        """The answer, kept or fresh; ``None`` where it was declined. Whoever wants the same answer meanwhile waits
        for the same question; when nobody does any more it is withdrawn."""
        known = self._known.get(question.key)
        if known is not None:
            return known
        if question.key in self._declined:
            return None
        entry = self._open.get(question.key)
        if entry is None:
            entry = self._open[question.key] = _Open(question, asyncio.create_task(self._ask(question)))
        entry.waiters += 1
        self._tell()
        try:
            return await asyncio.shield(entry.task)
        finally:
            entry.waiters -= 1
            if entry.waiters == 0 and not entry.task.done():
                entry.task.cancel()
                if self._open.get(question.key) is entry:
                    del self._open[question.key]  # at once: whoever wants it next asks anew
            self._tell()

    async def _ask(self, question: Question) -> str | None:
        try:
            answer = await self._questions.ask(question)
            if answer is None:
                self._declined.add(question.key)
            else:
                self._known[question.key] = answer
            return answer
        finally:
            entry = self._open.get(question.key)
            if entry is not None and entry.task is asyncio.current_task():
                del self._open[question.key]
            self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


class _Open:
    __slots__ = ("question", "task", "waiters")

    def __init__(self, question: Question, task: asyncio.Task[str | None]) -> None:
        self.question, self.task, self.waiters = question, task, 0
