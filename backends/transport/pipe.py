"""Two-way byte pipes with half-close, and the relay between two of them.

asyncio's own TLS transport cannot close one direction only, and closing the input of an exec needs just that;
so TLS is done here on memory buffers, where ``close_notify`` may be sent and reading goes on (RFC 8446, 6.1).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Protocol

_CHUNK = 64 * 1024


class TcpPipe(Protocol):
    """One connection."""

    async def read(self) -> bytes:
        """The next bytes; ``b""`` when the other side sends no more."""
        ...

    async def write(self, data: bytes) -> None:
        """Sends; waits while the other side does not take it."""
        ...

    async def write_eof(self) -> None:
        """Says that no more will be sent, and only that."""
        ...

    def close(self) -> None:
        """Drops the connection."""
        ...


class PlainPipe:
    """A stream connection as it is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self) -> bytes:
        """The next bytes; ``b""`` at the end."""
        return await self._reader.read(_CHUNK)

    async def write(self, data: bytes) -> None:
        """Sends with back pressure."""
        self._writer.write(data)
        await self._writer.drain()

    async def write_eof(self) -> None:
        """Shuts down our direction."""
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    def close(self) -> None:
        """Drops the connection."""
        self._writer.close()


class TlsPipe:
    """TLS over a stream connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext, host: str
    ) -> None:
        self._reader, self._writer = reader, writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._ended = False

    async def handshake(self) -> None:
        """Must be done first. Raises ``ssl.SSLError`` or ``OSError``."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    await self._flush()  # so that the other side logs the alert
                raise
            else:
                await self._flush()
                return

    async def read(self) -> bytes:
        """The next bytes; ``b""`` after ``close_notify``. Raises ``OSError`` where the connection was cut."""
        while not self._ended:
            parts = []
            try:
                while part := self._tls.read(_CHUNK):
                    parts.append(part)
                self._ended = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:
                self._ended = True
            if self._outgoing.pending:
                await self._flush()
            if parts:
                return b"".join(parts)
            if not self._ended:
                await self._fill()
        return b""

    async def write(self, data: bytes) -> None:
        """Sends with back pressure."""
        self._tls.write(data)
        await self._flush()

    async def write_eof(self) -> None:
        """Sends ``close_notify``; reading goes on."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        with contextlib.suppress(OSError):
            await self._flush()

    def close(self) -> None:
        """Drops the connection."""
        self._writer.close()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            self._writer.write(self._outgoing.read())
        await self._writer.drain()

    async def _fill(self) -> None:
        data = await self._reader.read(_CHUNK)
        if not data:
            raise ConnectionResetError("the connection was closed")
        self._incoming.write(data)


async def relay(one: TcpPipe, other: TcpPipe) -> None:
    """Copies both ways until both have ended, passing on half-closes; an error of either ends both."""
    tasks = [asyncio.create_task(_copy(one, other)), asyncio.create_task(_copy(other, one))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _copy(source: TcpPipe, target: TcpPipe) -> None:
    while data := await source.read():
        await target.write(data)
    await target.write_eof()
