"""The HTTP server on a unix socket that stands for one engine of a simulated world."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

import backends.fake.routes  # noqa: F401  registers the handlers
from backends.fake import guests
from backends.fake.api import Api, Counters, Flood, resolve
from backends.fake.clock import Clock
from backends.fake.faults import Faults
from backends.fake.http import (
    Answer,
    Hijack,
    Problem,
    Reply,
    Request,
    Stream,
    answer,
    chunk,
    head,
    read_request,
)
from backends.fake.scenario import Scene, open_scene
from backends.fake.world import Host, World

_LOG = logging.getLogger(__name__)
_VERSIONED = re.compile(r"^/v(\d+)\.(\d+)(/.*)$")


class FakeServer:
    """An engine to talk to: ``async with FakeServer("demo") as server: connect(server.socket_path)``.

    ``scenario`` names one of ``backends.fake.scenario``, or is a scene made before, so that several servers
    can be engines of one Swarm; ``node`` is the host name of the engine, the scene's own by default. ``api``
    overrides the highest API version. ``engine`` is a machine that is not in the Swarm.
    """

    def __init__(
        self,
        scenario: str | Scene = "demo",
        path: str | Path | None = None,
        *,
        node: str = "",
        clock: Clock | None = None,
        seed: int = 1,
        api: str = "",
        count: int = 100,
        rate: float = 0.0,
        engine: Host | None = None,
    ) -> None:
        self._owns_scene = isinstance(scenario, str)
        self.scene = (
            open_scene(scenario, clock=clock, seed=seed, count=count, rate=rate)
            if isinstance(scenario, str)
            else scenario
        )
        self.world: World = self.scene.world
        host = engine or self.world.hosts[node or self.scene.host]
        if api:
            host.api = api
        self.api = Api(self.world, host, self.scene.orchestrator, self.scene.rollouts, Flood(), Counters())
        self.faults = Faults()
        self._folder: str | None = None
        self._path = str(path) if path is not None else ""
        self._server: asyncio.AbstractServer | None = None
        self._life: list[asyncio.Task[None]] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def socket_path(self) -> str:
        """Where it listens."""
        return self._path

    @property
    def counters(self) -> Counters:
        """Requests and bytes by path."""
        return self.api.counters

    async def __aenter__(self) -> FakeServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens, and lets the world live."""
        if not self._path:
            self._folder = tempfile.mkdtemp(prefix="dnet-fake-")
            self._path = os.path.join(self._folder, "engine.sock")
        await self.listen()
        if not self.scene.alive:
            self.scene.alive = True
            self._life = [asyncio.create_task(step()) for step in self.scene.life]

    async def listen(self) -> None:
        """Begins to accept connections."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=1 << 20)

    async def hang_up(self) -> None:
        """Stops accepting and drops all connections: connecting is refused until ``listen``. Events go on
        being remembered for replay."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = list(self._connections)
        for task, writer in list(self._connections.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    async def restart(self, downtime: float = 0.0) -> None:
        """Drops all connections and comes back after ``downtime`` seconds; the replay ring is kept."""
        await self.hang_up()
        await asyncio.sleep(downtime)
        await self.listen()

    async def stop(self) -> None:
        """Ends it and takes its socket away."""
        if self._owns_scene:
            await guests.stop(self.api)
        for task in self._life:
            task.cancel()
        await asyncio.gather(*self._life, return_exceptions=True)
        if self._life:
            self.scene.alive = False
        self._life = []
        await self.hang_up()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    # -- connections ---------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.CancelledError):
            pass
        except Exception:
            _LOG.exception("a stream of the simulation failed")
        finally:
            del self._connections[task]
            writer.transport.abort() if writer.is_closing() else writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; whether the connection can take another."""
        request = await read_request(reader)
        if request is None:
            return False
        path = request.path
        try:
            self._strip_version(request)
            path, call = resolve(request)
            if not path.startswith("/_fake"):
                self.counters.note(path, request=True)
            fault = self.faults.take(request.path)
            if fault is not None and fault.kind == "hang":
                await self._until_gone(reader, self.faults.hang())
                return False
            if fault is not None and fault.kind == "refuse":
                return False
            if fault is not None and fault.kind == "error":
                raise Problem(500, fault.message)
            reply = await call(self.api)
            if fault is not None:
                await self._send_broken(writer, reply, fault.kind)
                return False
        except Problem as problem:
            reply = answer({"message": str(problem)}, problem.status)
        except Exception as error:
            # a mistake of the simulation must look like one of the engine, not end the demo
            _LOG.exception("%s %s", request.method, request.path)
            reply = answer({"message": f"simulation: {error!r}"}, 500)
        if isinstance(reply, Answer):
            await self._send(request, writer, path, reply)
            return request.headers.get("connection", "").lower() != "close"
        if isinstance(reply, Stream):
            await self._until_gone(reader, self._stream(writer, path, reply))
        else:
            await reply.run(reader, writer)
        return False

    def _strip_version(self, request: Request) -> None:
        found = _VERSIONED.match(request.path)
        if not found:
            return
        asked = (int(found[1]), int(found[2]))
        request.version, request.path = f"{found[1]}.{found[2]}", found[3]
        highest = tuple(int(part) for part in self.api.host.api.split("."))
        if asked > highest:
            raise Problem(
                400,
                f"client version {request.version} is too new. Maximum supported API version is {self.api.host.api}",
            )
        if asked < (1, 24):
            raise Problem(
                400,
                f"client version {request.version} is too old. Minimum supported API version is 1.24, "
                "please upgrade your client to a newer version",
            )

    def _headers(self, kind: str) -> dict[str, str]:
        return {
            "Api-Version": self.api.host.api,
            "Content-Type": kind,
            "Docker-Experimental": "false",
            "Ostype": "linux",
            "Server": f"Docker/{self.api.host.engine} (linux)",
        }

    async def _send(self, request: Request, writer: asyncio.StreamWriter, path: str, reply: Answer) -> None:
        headers = self._headers(reply.type) | reply.headers
        bodiless = reply.status in (204, 304)
        if not bodiless:
            headers["Content-Length"] = str(len(reply.body))
        body = b"" if bodiless or request.method == "HEAD" else reply.body
        writer.write(head(reply.status, headers))
        writer.write(body)
        self.counters.note(path, len(body))
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter, path: str, reply: Stream) -> None:
        writer.write(head(200, self._headers(reply.type) | {"Transfer-Encoding": "chunked"}))
        await writer.drain()
        async with contextlib.aclosing(reply.parts) as parts:  # type: ignore[type-var]
            async for part in parts:
                if part:
                    self.counters.note(path, len(part))
                    writer.write(chunk(part))
                    await writer.drain()
        writer.write(chunk(b""))
        await writer.drain()

    async def _send_broken(self, writer: asyncio.StreamWriter, reply: Reply, kind: str) -> None:
        if isinstance(reply, Hijack):
            return
        body = reply.body if isinstance(reply, Answer) else b'{"status":"start","id":"0123'
        if kind == "malformed":
            body = b'{"this is": not JSON]\n'
        size = len(body) * (2 if kind == "cut" else 1)
        body = body[: len(body) // 2] if kind == "cut" and isinstance(reply, Answer) else body
        writer.write(head(200, self._headers(reply.type) | {"Content-Length": str(max(size, len(body)))}))
        writer.write(body)
        await writer.drain()

    async def _until_gone(self, reader: asyncio.StreamReader, work: object) -> None:
        """Does ``work`` until it ends or the client hangs up."""
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            for part in (task, gone):
                part.cancel()
            await asyncio.gather(task, gone, return_exceptions=True)
