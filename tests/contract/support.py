"""What several contract tests do with an engine."""

from __future__ import annotations

import asyncio

from backends.api import Engine, ExecRequest, ExecSession
from backends.model import Event

#: An id that nothing has.
NOWHERE = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"


async def output(session: ExecSession) -> bytes:
    """All it writes until it ends."""
    data = b""
    async with asyncio.timeout(90):
        while more := await session.read():
            data += more
    return data


async def run(engine: Engine, container_id: str, *command: str, tty: bool = False) -> tuple[int, bytes]:
    """(exit code, output) of a command."""
    session = await engine.exec(container_id, ExecRequest(command, tty=tty, stdin=False))
    data = await output(session)
    code = await session.wait()
    await session.close()
    return code, data


async def gather_events(engine: Engine, since: float | None, action: str, ready: asyncio.Event) -> list[Event]:
    """All events until one whose action begins with ``action`` has come."""
    seen: list[Event] = []
    async with asyncio.timeout(90), engine.events(since) as batches:
        ready.set()
        async for batch in batches:
            seen += batch
            if any(event.action.startswith(action) for event in batch):
                return seen
    raise AssertionError("the stream ended")
