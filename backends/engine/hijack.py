"""A request that turns its connection into a bare two-way pipe (Engine API, "Hijacking")."""

from __future__ import annotations

import asyncio

from backends.engine.failures import message_of, refusal
from backends.errors import Disconnected, TimedOut

#: Bytes to read at once; twice as much is buffered before the other side has to wait.
CHUNK = 256 * 1024


async def hijack(
    socket_path: str, path: str, body: bytes, limit: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Sends the request and gives the bare connection once the engine has agreed. Nothing after the header is lost:
    it stays in the reader."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nConnection: Upgrade\r\n"
        f"Upgrade: tcp\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_unix_connection(socket_path, limit=CHUNK)
            try:
                writer.write(head.encode("ascii") + body)
                await writer.drain()
                status, headers = _parse_head(await reader.readuntil(b"\r\n\r\n"))
                if status in (101, 200):
                    return reader, writer
                text = await _error_body(reader, headers)
            except BaseException:
                writer.close()
                raise
            writer.close()
    except TimeoutError as error:
        raise TimedOut(f"The engine did not start the command within {limit:.3g} s.") from error
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise Disconnected("The engine closed the connection instead of starting the command.") from error
    raise refusal(status, message_of(text))


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError("no HTTP answer")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(rest.split(" ", 1)[0]), headers


async def _error_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    length = headers.get("content-length", "")
    if length.isdigit():
        return await reader.readexactly(min(int(length), CHUNK))
    return await reader.read(CHUNK)
