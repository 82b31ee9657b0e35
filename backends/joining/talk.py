"""Talks with the agent on a machine: requests and answers by number, over one session."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from backends.api import ExecSession
from backends.errors import BackendError, Disconnected, TimedOut
from backends.joining.machine import Machine

#: Seconds that one answer may take.
_LIMIT = 12.0
#: Seconds that it may take to let its ports go.
_END = 2.0


class Agent:
    """Implements ``backends.joining.probers.Prober``. Started by ``start_agent``; ended by ``close``."""

    sends = ""

    def __init__(self, session: ExecSession, name: str) -> None:
        self._session, self._name = session, name
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self._reader = asyncio.create_task(self._read(), name=f"agent on {name}")

    async def ask(self, do: str, **values: object) -> dict[str, Any]:
        """The answer to one request. Raises ``TimedOut`` or ``Disconnected``."""
        self._number += 1
        number = self._number
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        if self._reader.done():
            raise self._gone()
        await self._session.write(json.dumps({"id": number, "do": do, **values}).encode() + b"\n")
        try:
            async with asyncio.timeout(_LIMIT):
                return await answer
        except TimeoutError as error:
            raise TimedOut(f"{self._name} did not answer within {_LIMIT:g} s while its ports were tried.") from error
        finally:
            self._waiting.pop(number, None)

    async def listen(
        self, nonce: str, *, tcp: Sequence[int] = (), udp: Sequence[int] = ()
    ) -> dict[str, dict[int, str]]:
        """``ok`` by protocol and port, or why nothing can be heard there."""
        found = await self.ask("listen", nonce=nonce, tcp=list(tcp), udp=list(udp))
        return {kind: {int(port): str(said) for port, said in found.get(kind, {}).items()} for kind in ("tcp", "udp")}

    async def connect(self, to: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """What came of each connection: ``ours``, ``open``, ``refused``, ``silent`` or the error."""
        found = await self.ask("connect", to=[list(pair) for pair in to])
        return {(str(host), int(port)): str(said) for host, port, said in found.get("results", ())}

    async def send(self, to: Sequence[tuple[str, int]], text: str) -> None:
        """Sends a datagram to each."""
        await self.ask("send", to=[list(pair) for pair in to], text=text)

    async def heard(self) -> frozenset[tuple[int, str]]:
        """(port, text) of the datagrams heard so far."""
        found = await self.ask("told")
        return frozenset((int(port), str(text)) for port, text in found.get("heard", ()))

    async def close(self) -> None:
        """Ends it; its ports are free again."""
        with contextlib.suppress(BackendError, TimeoutError):
            async with asyncio.timeout(_END):
                await self.ask("stop")
        self._reader.cancel()
        with contextlib.suppress(BackendError, OSError):
            await self._session.close()

    async def _read(self) -> None:
        rest = b""
        with contextlib.suppress(BackendError):
            while data := await self._session.read():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(line)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._gone())
                future.exception()  # nobody may be waiting any more

    def _take(self, line: bytes) -> None:
        try:
            found = json.loads(line)
            future = self._waiting.get(found["id"])
        except (ValueError, KeyError, TypeError):
            return
        if future is not None and not future.done():
            future.set_result(found)

    def _gone(self) -> Disconnected:
        return Disconnected(f"What tries ports on {self._name} has ended.")


async def start_agent(machine: Machine, python: str, *, root: bool) -> Agent:
    """Starts the agent with a Python 3 of the machine. Raises ``BackendError``."""
    source = files("backends.joining").joinpath("agent.py").read_text(encoding="utf-8")
    before = "" if root or not machine.sudo else "sudo -n "
    command = f"exec {before}{shlex.quote(python)} -u -c {shlex.quote(source)}"
    return Agent(await machine.start(command), machine.name)
