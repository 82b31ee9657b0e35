"""A stand-in for an engine that misbehaves on demand: raw answers on a unix socket, byte by byte as a test says.

The simulated Engine (``backends.fake``) behaves; this one is for what real ones do on bad days.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.engine.prefetch import Prefetch
from backends.transport import transport_for

#: What ``GET /version`` and ``GET /info`` say unless a test says otherwise.
VERSION = {"ApiVersion": "1.45", "MinAPIVersion": "1.24", "Version": "26.1.5"}
INFO = {"ID": "e1", "Name": "node-1", "Swarm": {"NodeID": "n1", "LocalNodeState": "active", "ControlAvailable": True}}


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Raw bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, body: object, status: int = 200, kind: str = "application/json") -> None:
        """A whole answer; anything but bytes becomes JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
        await self.send(head.encode() + data)

    async def begin_chunks(self, kind: str = "application/json") -> None:
        """The header of an endless answer."""
        await self.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    async def chunk(self, data: bytes) -> None:
        """One chunk; ``b""`` is the last one."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def hang(self) -> None:
        """Waits until the client goes away."""
        with contextlib.suppress(OSError):
            while await self.reader.read(4096):
                pass

    async def drop(self) -> None:
        """Closes the connection as it is."""
        self.writer.close()


Handler = Callable[[Exchange], Awaitable[None]]


@dataclass
class EngineDouble:
    """Routes are ``"METHOD /path"`` without version and query; ``requests`` lists them as they came, with both."""

    socket_path: str
    routes: dict[str, Handler] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    def on(self, route: str, handler: Handler) -> None:
        """Answers ``route`` by ``handler``."""
        self.routes[route] = handler

    def replies(self, route: str, body: object, status: int = 200) -> None:
        """Answers ``route`` with ``body``."""

        async def handler(exchange: Exchange) -> None:
            await exchange.reply(body, status)

        self.routes[route] = handler

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {
                    name.strip().lower(): value.strip()
                    for name, colon, value in (line.partition(":") for line in head[1:])
                    if colon
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append(f"{method} {target}")
                self.bodies.append(body)
                path = re.sub(r"\A/v\d+\.\d+(?=/)", "", target.partition("?")[0])
                exchange = Exchange(method, target, headers, body, reader, writer)
                handler = self.routes.get(f"{method} {path}")
                if handler is None:
                    await exchange.reply({"message": f"no route {method} {path}"}, 404)
                else:
                    await handler(exchange)
        writer.close()

    def spec(self) -> EndpointSpec:
        """Its endpoint."""
        return EndpointSpec(f"unix://{self.socket_path}")

    @contextlib.asynccontextmanager
    async def engine(
        self, timeouts: Timeouts | None = None, prefetch: Prefetch | None = None
    ) -> AsyncIterator[SdkEngine]:
        """A connected engine on it."""
        engine = SdkEngine(transport_for(self.spec()), timeouts=timeouts, prefetch=prefetch, clock=lambda: 1_000_000.0)
        try:
            await engine.connect()
            yield engine
        finally:
            await engine.aclose()


@contextlib.asynccontextmanager
async def engine_double() -> AsyncIterator[EngineDouble]:
    """One that answers ``/version`` and ``/info``, on a socket of its own."""
    with tempfile.TemporaryDirectory(prefix="dnet-double-") as folder:
        double = EngineDouble(str(Path(folder) / "engine.sock"))
        double.replies("GET /version", VERSION)
        double.replies("GET /info", INFO)
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await double.serve(reader, writer)
            except asyncio.CancelledError:
                writer.close()
            finally:
                tasks.discard(task)

        server = await asyncio.start_unix_server(serve, double.socket_path)
        try:
            yield double
        finally:
            server.close()
            for task in tuple(tasks):
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=2)
