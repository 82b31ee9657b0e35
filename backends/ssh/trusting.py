"""Whether an unknown host key is to be trusted: asked of a person, and remembered on yes."""

from __future__ import annotations

import asyncio

from backends.errors import HostKeyUnknown, Unreachable
from backends.ssh.hostkeys import KnownHosts, remember
from backends.ssh.questions import YES, Answers, Question, QuestionKind
from backends.ssh.target import Target


class Trusting:
    """Asks once for each host and key, whoever wants to connect to it."""

    def __init__(self, answers: Answers, known_hosts: KnownHosts) -> None:
        self._answers, self._known_hosts = answers, known_hosts
        self._writing = asyncio.Lock()

    async def ask(self, target: Target, unknown: HostKeyUnknown, server: str) -> bool:
        """Whether the key is known now; the connection is made anew then, and checked as strictly as any. ``server``
        is what the machine says it is. Raises ``Unreachable`` where the key cannot be written down."""
        if target.batch:
            return False
        question = Question(
            kind=QuestionKind.HOST_KEY,
            what=f"{target.key_name} {unknown.fingerprint}",
            wanted_by=str(target),
            via=target.via,
            fingerprint=unknown.fingerprint,
            algorithm=unknown.algorithm,
            server=server,
            files=unknown.files,
            known_as=unknown.known_as,
        )
        answer = await self._answers.get(question)
        self._answers.drop(question.key)  # on yes known_hosts has the answer from now on
        if answer != YES:
            self._answers.decline(question.key)
            return False
        async with self._writing:
            trusted = self._known_hosts.trust(target).keys
            if all(key.get_fingerprint() != unknown.fingerprint for key in trusted):
                try:
                    await asyncio.to_thread(remember, target, unknown.key)
                except Unreachable:
                    self._answers.decline(question.key)  # not to be asked the same again at the next try
                    raise
        return True
