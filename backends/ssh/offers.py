"""What is offered to a server that takes public keys: the agent's first, then those of files, each signed with only
when the server has said that it would take it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backends.ssh.keys import Identity, KeyRing, offer
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHAgentClient, SSHKeyPair

#: Seconds in which an agent must list its keys.
_AGENT_LIMIT = 5.0


class Wanted(Exception):
    """The login needs an answer first. ``settle`` waits for it and says whether there is one."""

    def __init__(self, what: str, settle: Callable[[], Awaitable[object]]) -> None:
        super().__init__(what)
        self._settle = settle

    async def settle(self) -> bool:
        """Waits until the question is answered or declined."""
        return await self._settle() is not None


@dataclass
class Record:
    """What a login has tried, for people."""

    used: str = ""
    """What signed or was sent last: ``agent key``, ``key ~/.ssh/id``, ``certificate``, ``password``."""
    tried: list[str] = field(default_factory=list)
    """All that was offered."""
    withheld: list[str] = field(default_factory=list)
    """What might have worked and was not to be had: a declined password, an agent that does not answer."""
    locked: list[str] = field(default_factory=list)
    """Paths of keys that have a passphrase which nobody gave."""


class Offers:
    """The key pairs of one login."""

    def __init__(self, target: Target, ring: KeyRing, record: Record) -> None:
        self._target, self._ring, self._record = target, ring, record
        self._agent: SSHAgentClient | None = None

    async def pairs(self) -> list[SSHKeyPair]:
        """All of them, in the order in which they are offered. Raises ``Wanted`` where a key cannot even be offered
        without its passphrase."""
        identities = await self._ring.identities(self._target)
        pairs = await self._agent_pairs(identities)
        offered = {pair.key_public_data for pair in pairs}
        for identity in identities:
            if identity.public is None or identity.public.public_data not in offered:
                pairs += await self._file_pairs(identity)
        return pairs

    def close(self) -> None:
        """Lets the agent go."""
        if self._agent is not None:
            self._agent.close()
            self._agent = None

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
            self._record.withheld.append(f"The agent at {self._target.agent} does not answer.")
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
            self._record.tried.append(f"{len(found)} {'key' if len(found) == 1 else 'keys'} of the agent")
        return pairs

    def _watched(self, pair: SSHKeyPair, label: str) -> SSHKeyPair:
        """Notes when the agent is asked to sign: that is the key that the server took."""
        sign = pair.sign_async  # type: ignore[attr-defined]

        async def signed(data: bytes) -> bytes:
            self._record.used = label
            return bytes(await sign(data))

        pair.__dict__["sign_async"] = signed
        return pair

    async def _file_pairs(self, identity: Identity) -> list[SSHKeyPair]:
        if self._ring.unlocked(identity) is None:
            if not identity.encrypted:
                return []  # a public key only, and no agent has the other half
            if self._target.batch or self._ring.declined(identity):
                self._record.locked.append(identity.path)
                return []
            if identity.public is None:
                raise self._locked(identity)

        async def sign(data: bytes, algorithm: bytes) -> bytes:
            key = self._ring.unlocked(identity)
            if key is None:
                raise self._locked(identity)
            self._record.used = f"key {identity.path}"
            return bytes(await asyncio.to_thread(key.sign, data, algorithm))

        async def sign_certified(data: bytes, algorithm: bytes) -> bytes:
            signature = await sign(data, algorithm)
            self._record.used = "certificate"
            return signature

        unlocked = self._ring.unlocked(identity)
        public = identity.public or (unlocked.convert_to_public() if unlocked else None)
        if public is None:
            return []
        self._record.tried.append(f"key {identity.path}")
        pairs = [offer(public, certificate, sign_certified) for certificate in identity.certificates]
        return [*pairs, offer(public, None, sign)]

    def _locked(self, identity: Identity) -> Wanted:
        return Wanted(f"the passphrase of {identity.path}", lambda: self._ring.unlock(identity, self._target))
