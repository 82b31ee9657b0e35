"""One login: what asyncssh asks of its client object, answered from keys, the agent and what a person said before.

Nobody is asked while a connection waits, since servers drop a login that takes longer than two minutes, and newer
ones punish it. What is missing ends the attempt with ``Wanted``; the question waits without a connection, and the
next attempt finds the answer. Only what the server itself prompts for is asked at once, for a while.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from backends.ssh.keys import Identity, KeyRing, offer
from backends.ssh.questions import Answers, Question, QuestionKind
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHAgentClient, SSHClientConnection, SSHKey, SSHKeyPair

#: Seconds that a prompt of the server is waited for while the connection is open (LoginGraceTime is 120).
PROMPT_LIMIT = 90.0
#: Seconds in which an agent must list its keys.
_AGENT_LIMIT = 5.0

Pause = Callable[[], AbstractAsyncContextManager[None]]


class Wanted(Exception):
    """The login needs an answer first. ``settle`` waits for it and says whether there is one."""

    def __init__(self, what: str, settle: Callable[[], Awaitable[object]]) -> None:
        super().__init__(what)
        self._settle = settle

    async def settle(self) -> bool:
        """Waits until the question is answered or declined."""
        return await self._settle() is not None


class Login:
    """Stands in for ``asyncssh.SSHClient``: asyncssh calls its methods and does not look at its class."""

    def __init__(
        self, target: Target, answers: Answers, ring: KeyRing, pause: Pause, begins: Callable[[], None]
    ) -> None:
        """``pause`` stops the clock of the attempt while a person types; ``begins`` is called when the server wants
        to know who we are."""
        self._target, self._answers, self._ring = target, answers, ring
        self._pause, self._begins = pause, begins
        self._agent: SSHAgentClient | None = None
        self._connection: SSHClientConnection | None = None
        self._keys_given = False
        self._password_tried = False
        self._prompted = False
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
        self.used = ""
        """What signed or was sent last: ``agent key``, ``key ~/.ssh/id``, ``certificate``, ``password``."""
        self.tried: list[str] = []
        """All that was offered, for people."""
        self.offered: dict[str, None] = {}
        """The methods that the server takes, as far as it came to them."""
        self.withheld: list[str] = []
        """What might have worked and was not to be had: a declined passphrase, an agent that does not answer."""

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
        if not self.used:
            self.used = "no login"

    async def public_key_auth_requested(self) -> list[SSHKeyPair] | None:
        """All pairs at once, the agent's first; ``None`` when they have been tried."""
        self._method("publickey")
        if self._keys_given or "publickey" not in self._target.methods:
            return None
        self._keys_given = True
        identities = await self._ring.identities(self._target)
        pairs = await self._agent_pairs(identities)
        offered = {pair.key_public_data for pair in pairs}
        for identity in identities:
            if identity.public is None or identity.public.public_data not in offered:
                pairs += await self._file_pairs(identity)
        return pairs or None

    async def password_auth_requested(self) -> str | None:
        """The password, once: what was refused is not sent again."""
        self._method("password")
        if "password" not in self._target.methods:
            return None
        return await self._password("")

    def password_change_requested(self, prompt: str, lang: str) -> object:
        """Passwords are not changed here."""
        self.withheld.append("The server wants the password to be changed: log in once with ssh.")
        return NotImplemented

    def password_changed(self) -> None:
        """Never, see above."""

    def password_change_failed(self) -> None:
        """Never, see above."""

    def kbdint_auth_requested(self) -> str | None:
        """``""`` to try keyboard-interactive, ``None`` to leave it."""
        self._method("keyboard-interactive")
        if "keyboard-interactive" not in self._target.methods or self._prompted or self._password_tried:
            return None
        return ""

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: list[tuple[str, bool]]
    ) -> list[str] | None:
        """Answers to the server's prompts; ``None`` gives up. A challenge without prompts wants ``[]``."""
        answers: list[str] = []
        for prompt, echo in prompts:
            self._prompted = True
            if not echo and "password" in prompt.lower() and not self._password_tried:
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
        if self._agent is not None:
            self._agent.close()
            self._agent = None

    def refused(self) -> None:
        """The server has refused: a password that was sent is not kept."""
        if self._password_tried:
            self._answers.drop((QuestionKind.PASSWORD, str(self._target)))

    # -- keys -------------------------------------------------------------------------------------------

    async def _agent_pairs(self, identities: list[Identity]) -> list[SSHKeyPair]:
        """The agent's keys: those of our key files first, as a server gives up after a few."""
        if not self._target.agent:
            return []
        import asyncssh

        try:
            async with asyncio.timeout(_AGENT_LIMIT):
                self._agent = await asyncssh.connect_agent(self._target.agent)
                found = list(await self._agent.get_keys())
        except (OSError, ValueError, TimeoutError, asyncssh.Error):
            self.withheld.append(f"The agent at {self._target.agent} does not answer.")
            return []
        ours = [identity.public.public_data for identity in identities if identity.public]
        if self._target.keys_only:
            found = [pair for pair in found if pair.key_public_data in ours]
        found.sort(key=lambda pair: ours.index(pair.key_public_data) if pair.key_public_data in ours else len(ours))
        pairs: list[SSHKeyPair] = []
        for pair in found:
            for identity in identities:
                if identity.public and identity.public.public_data == pair.key_public_data:
                    for certificate in identity.certificates:
                        certified = copy.copy(pair)
                        certified.set_certificate(certificate)
                        pairs.append(self._watched(certified, "certificate"))
            pairs.append(self._watched(pair, "certificate" if pair.has_cert else "agent key"))
        if pairs:
            self.tried.append(f"{len(found)} {'key' if len(found) == 1 else 'keys'} of the agent")
        return pairs

    def _watched(self, pair: SSHKeyPair, label: str) -> SSHKeyPair:
        """Notes when the agent is asked to sign: that is the key that the server took."""
        sign = pair.sign_async  # type: ignore[attr-defined]

        async def signed(data: bytes) -> bytes:
            self.used = label
            return bytes(await sign(data))

        pair.__dict__["sign_async"] = signed
        return pair

    async def _file_pairs(self, identity: Identity) -> list[SSHKeyPair]:
        if self._ring.unlocked(identity) is None:
            if not identity.encrypted:
                return []  # a public key only, and no agent has the other half
            if self._target.batch or self._ring.declined(identity):
                self.withheld.append(f"The passphrase of {identity.path} was not given.")
                return []
            if identity.public is None:
                raise self._locked(identity)

        async def sign(data: bytes, algorithm: bytes) -> bytes:
            key = self._ring.unlocked(identity)
            if key is None:
                raise self._locked(identity)
            self.used = f"key {identity.path}"
            return bytes(await asyncio.to_thread(key.sign, data, algorithm))

        async def sign_certified(data: bytes, algorithm: bytes) -> bytes:
            signature = await sign(data, algorithm)
            self.used = "certificate"
            return signature

        unlocked = self._ring.unlocked(identity)
        public = identity.public or (unlocked.convert_to_public() if unlocked else None)
        if public is None:
            return []
        self.tried.append(f"key {identity.path}")
        pairs = [offer(public, certificate, sign_certified) for certificate in identity.certificates]
        return [*pairs, offer(public, None, sign)]

    def _locked(self, identity: Identity) -> Wanted:
        return Wanted(f"the passphrase of {identity.path}", lambda: self._ring.unlock(identity, self._target))

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
            self.withheld.append(f"The password of {self._target} was not given.")
            return None
        password = self._answers.known(question.key)
        if password is None:
            raise Wanted(f"the password of {self._target}", lambda: self._answers.get(question))
        self._password_tried = True
        self.used = "password"
        self.tried.append("password")
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
            self.withheld.append(f"What {self._target} asks for was not given.")
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
        self.used = "keyboard-interactive"
        self.tried.append("keyboard-interactive")
        return answer

    def _method(self, name: str) -> None:
        if self.phase != "login":
            self.phase = "login"
            self._begins()
        self.offered[name] = None
