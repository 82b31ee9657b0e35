"""One command on this machine itself, run to its end as on others over SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

from backends.errors import TimedOut, Unreachable

if TYPE_CHECKING:
    from backends.ssh.run import Completed

#: Bytes of each stream that are kept; what comes after is counted only.
_CAP = 256 * 1024


async def run_here(command: str, limit: float) -> Completed:
    """Runs ``command`` with ``sh`` as our own user. Raises ``TimedOut`` after ``limit`` seconds."""
    from backends.ssh.run import Completed

    try:
        process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise Unreachable(f"sh cannot be started here: {error.strerror}.", original=str(error)) from error
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(limit):
            (out, lost_out), (err, lost_err) = await asyncio.gather(_read(process.stdout), _read(process.stderr))
            status = await process.wait()
    except TimeoutError as error:
        raise TimedOut(f"This machine did not finish within {limit:g} s: {command}.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return Completed(status if status >= 0 else -1, out, err, lost_out + lost_err)


async def _read(stream: asyncio.StreamReader) -> tuple[bytes, int]:
    kept, lost = bytearray(), 0
    while data := await stream.read(65536):
        room = _CAP - len(kept)
        kept += data[:room]
        lost += max(0, len(data) - room)
    return bytes(kept), lost
