"""One login: what asyncssh asks of its client object, answered from keys, the agent and what a person said before.

Nobody is asked while a connection waits, since servers drop a login that takes longer than two minutes, and newer
ones punish it. What is missing ends the attempt with ``Wanted``; the question waits without a connection, and the
next attempt finds the answer. Only what the server itself prompts for is asked at once, for a while.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from backends.ssh.keys import KeyRing
from backends.ssh.offers import Offers, Record, Wanted
from backends.ssh.questions import Answers, Question, QuestionKind
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHKey, SSHKeyPair

#: Seconds that a prompt of the server is waited for while the connection is open (LoginGraceTime is 120).
PROMPT_LIMIT = 90.0

#: Words of prompts for what is good for once, which is never kept: ``One-time password (OATH) for ops:``.
_CODE = re.compile(r"one.?time|otp|oath|token|code|verif", re.IGNORECASE)

Pause = Callable[[], AbstractAsyncContextManager[None]]


class Login:
    """Stands in for ``asyncssh.SSHClient``: asyncssh calls its methods and does not look at its class."""

    def __init__(
        self, target: Target, answers: Answers, ring: KeyRing, pause: Pause, begins: Callable[[], None]
    ) -> None:
        """``pause`` stops the clock of the attempt while a person types; ``begins`` is called when the server wants
        to know who we are."""
        self._target, self._answers = target, answers
        self._pause, self._begins = pause, begins
        self._connection: SSHClientConnection | None = None
        self._keys_given = False
        self._password_tried = False
        self._password_sent = False
        self._begun = False
        self._asking: asyncio.Future[str | None] | None = None
        self.pending: Wanted | None = None
        """The question that was open when the connection ended; set to ``None`` by who goes on with it."""
        self.shown: SSHKey | None = None
        """The host key that was not trusted."""
        self.server = ""
        """What the server of that key says it is."""
        self.ended: Callable[[], None] | None = None
        """Called when the connection has ended, also one that never stood."""
        self.lost: Callable[[Exception | None], None] | None = None
        self.phase = "greeting"
        """``greeting`` until the server wants to know who we are, then ``login``, then ``open``."""
        self.record = Record()
        self._offers = Offers(target, ring, self.record)
        self.offered: dict[str, None] = {}
        """The methods that the server takes, as far as it came to them."""

    # -- called by asyncssh -----------------------------------------------------------------------------

    def connection_made(self, conn: SSHClientConnection) -> None:
        """The TCP connection is there."""
        self._connection = conn

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        if self.ended is not None:
            self.ended()
        if self.lost is not None:
            self.lost(exc)

    def debug_msg_received(self, msg: str, lang: str, always_display: bool) -> None:
        """Nobody reads those."""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:
        """Called for keys that are not trusted. A plain function on purpose: a coroutine would be true, and every
        key accepted."""
        self.shown = key
        if self._connection is not None:
            self.server = str(self._connection.get_extra_info("server_version") or "")
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:
        """Called for certificates of an authority that is not trusted."""
        return False

    def auth_banner_received(self, msg: str, lang: str) -> None:
        """A banner is for people at a terminal."""

    def begin_auth(self, username: str) -> None:
        """Not called on clients; here for completeness of the protocol."""

    def auth_completed(self) -> None:
        """We are in."""
        self.phase = "open"
        if not self.record.used:
            self.record.used = "no login"

    async def public_key_auth_requested(self) -> list[SSHKeyPair] | None:
        """All pairs at once, the agent's first; ``None`` when they have been tried."""
        self._method("publickey")
        if self._keys_given or "publickey" not in self._target.methods:
            return None
        self._keys_given = True
        return await self._offers.pairs() or None

    async def password_auth_requested(self) -> str | None:
        """The password, once: what was refused is not sent again."""
        self._method("password")
        if "password" not in self._target.methods:
            return None
        password = await self._password("")
        self._password_sent = password is not None
        return password

    def password_change_requested(self, prompt: str, lang: str) -> object:
        """Passwords are not changed here."""
        self.record.withheld.append("The server wants the password to be changed: log in once with ssh.")
        return NotImplemented

    def password_changed(self) -> None:
        """Never, see above."""

    def password_change_failed(self) -> None:
        """Never, see above."""

    def kbdint_auth_requested(self) -> str | None:
        """``""`` to try keyboard-interactive, ``None`` to leave it."""
        self._method("keyboard-interactive")
        if "keyboard-interactive" not in self._target.methods or self._begun:
            return None
        # Once: a server without anything to prompt for refuses at once, and counts each try as a failed login.
        self._begun = True
        return ""

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: list[tuple[str, bool]]
    ) -> list[str] | None:
        """Answers to the server's prompts; ``None`` gives up. A challenge without prompts wants ``[]``."""
        answers: list[str] = []
        for prompt, echo in prompts:
            hidden = not echo and "password" in prompt.lower() and not _CODE.search(prompt)
            if hidden and self._password_sent:
                return None  # it was refused, else the server would now want something else
            if hidden and not self._password_tried:
                answer = await self._password(prompt)
            else:
                answer = await self._prompt(prompt, echo, "\n".join(filter(None, (name, instructions))))
            if answer is None:
                return None
            answers.append(answer)
        return answers

    # -- afterwards -------------------------------------------------------------------------------------

    def close(self) -> None:
        """Lets the agent go, and withdraws a question that nobody took over from ``pending``."""
        self._connection = None
        if self._asking is not None and self.pending is not None:
            self._asking.cancel()
        self._offers.close()

    def refused(self) -> None:
        """The server has refused: a password that was sent is not kept."""
        if self._password_tried:
            self._answers.drop((QuestionKind.PASSWORD, str(self._target)))

    # -- what is typed ----------------------------------------------------------------------------------

    async def _password(self, prompt: str) -> str | None:
        question = Question(
            kind=QuestionKind.PASSWORD,
            what=str(self._target),
            wanted_by=str(self._target),
            via=self._target.via,
            prompt=prompt,
        )
        if self._password_tried:
            return None
        if self._target.batch or self._answers.declined(question.key):
            self.record.withheld.append(f"The password of {self._target} was not given.")
            return None
        password = self._answers.known(question.key)
        if password is None:
            raise Wanted(f"the password of {self._target}", lambda: self._answers.get(question))
        self._password_tried = True
        self.record.used = "password"
        self.record.tried.append("password")
        return password

    async def _prompt(self, prompt: str, echo: bool, instruction: str) -> str | None:
        question = Question(
            kind=QuestionKind.PROMPT,
            what=f"{self._target} {prompt}",
            wanted_by=str(self._target),
            via=self._target.via,
            prompt=prompt,
            instruction=instruction,
            echo=echo,
        )
        if self._target.batch or self._answers.declined(question.key):
            self.record.withheld.append(f"What {self._target} asks for was not given.")
            return None
        asking = asyncio.ensure_future(self._answers.get(question))
        # Where the server hangs up meanwhile, the question goes on without a connection, and the next one has it.
        self.pending = Wanted(f"what {self._target} asks for", lambda: asking)
        self._asking = asking
        async with self._pause():
            await asyncio.wait([asking], timeout=PROMPT_LIMIT)
        if not asking.done():
            raise self.pending
        self.pending = None
        answer = asking.result()
        self._answers.drop(question.key)  # a code is good for once
        self.record.used = "keyboard-interactive"
        self.record.tried.append("keyboard-interactive")
        return answer

    def _method(self, name: str) -> None:
        if self.phase != "login":
            self.phase = "login"
            self._begins()
        self.offered[name] = None
