"""What tries ports from one end: the agent where Python is, bash where only that is, else nothing."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from typing import Protocol

from backends.errors import BackendError
from backends.joining.machine import Facts, Machine
from backends.joining.talk import start_agent


class Prober(Protocol):
    """One end."""

    async def listen(
        self, nonce: str, *, tcp: Sequence[int] = (), udp: Sequence[int] = ()
    ) -> dict[str, dict[int, str]]:
        """``ok`` by protocol (``tcp``, ``udp``) and port, or why nothing can be heard there."""
        ...

    async def connect(self, to: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """``ours``, ``open``, ``refused``, ``silent`` or the error; what could not be tried is left out."""
        ...

    async def send(self, to: Sequence[tuple[str, int]], text: str) -> None:
        """A datagram to each."""
        ...

    async def heard(self) -> frozenset[tuple[int, str]]:
        """(port, text) of the datagrams heard so far."""
        ...

    async def close(self) -> None:
        """Ends it."""
        ...

    @property
    def sends(self) -> str:
        """Empty where it can connect and send, else why not."""
        ...


class Nothing:
    """No way to try anything, for a reason."""

    def __init__(self, reason: str) -> None:
        self.sends = reason

    async def listen(
        self, nonce: str, *, tcp: Sequence[int] = (), udp: Sequence[int] = ()
    ) -> dict[str, dict[int, str]]:
        return {"tcp": dict.fromkeys(tcp, self.sends), "udp": dict.fromkeys(udp, self.sends)}

    async def connect(self, to: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
        return {}

    async def send(self, to: Sequence[tuple[str, int]], text: str) -> None:
        """Sends nothing."""

    async def heard(self) -> frozenset[tuple[int, str]]:
        return frozenset()

    async def close(self) -> None:
        """There is nothing to end."""


class Bash(Nothing):
    """Connects and sends with bash's own ``/dev/tcp`` and ``/dev/udp``; it cannot listen."""

    #: Seconds for one connection.
    LIMIT = 3

    def __init__(self, machine: Machine, bash: str) -> None:
        super().__init__("no python3 there to listen with")
        self._machine, self._bash = machine, bash
        self._why = self.sends
        self.sends = ""

    async def listen(
        self, nonce: str, *, tcp: Sequence[int] = (), udp: Sequence[int] = ()
    ) -> dict[str, dict[int, str]]:
        return {"tcp": dict.fromkeys(tcp, self._why), "udp": dict.fromkeys(udp, self._why)}

    async def connect(self, to: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
        said = await asyncio.gather(*(self._connect(host, port) for host, port in to))
        return dict(zip(to, said, strict=True))

    async def _connect(self, host: str, port: int) -> str:
        script = f"exec 3<>/dev/tcp/{host}/{port}"
        command = f"LC_ALL=C timeout {self.LIMIT} {shlex.quote(self._bash)} -c {shlex.quote(script)}"
        done = await self._machine.run(command, limit=self.LIMIT + 10)
        if done.status == 0:
            return "open"
        if done.status == 124:
            return "silent"
        words = done.stderr.decode("utf-8", "replace").strip()
        return "refused" if "refused" in words else words.rpartition(": ")[2] or f"exit {done.status}"

    async def send(self, to: Sequence[tuple[str, int]], text: str) -> None:
        lines = [f"printf %s {shlex.quote(text)} >/dev/udp/{host}/{port}" for host, port in to for _ in range(3)]
        script = "; ".join(lines)
        await self._machine.run(f"{shlex.quote(self._bash)} -c {shlex.quote(script)}", limit=10.0)


async def prober_on(machine: Machine, facts: Facts | None) -> Prober:
    """The best that there is on a machine; never raises ``BackendError``."""
    python = machine.python or (facts.python if facts is not None else "")
    try:
        if python:
            return await start_agent(machine, python, root=facts.root if facts is not None else False)
    except BackendError as error:
        return Nothing(str(error).rstrip("."))
    if facts is not None and facts.bash:
        return Bash(machine, facts.bash)
    return Nothing("neither python3 nor bash is there")
