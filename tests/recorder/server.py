"""The stand-in engine of ``tests.unit.change_support`` behind a real HTTP server on a unix socket."""

from __future__ import annotations

import asyncio
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from backends.api import Json
from backends.errors import ApiError, BackendError, NotFound
from tests.unit.change_support import StandIn


class Served:
    """What is served now; replaced for each line."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.seen: list[dict[str, Any]] = []
        """Requests in the order in which they came, ``/_ping`` and ``/version`` left out."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Served

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""

    def address_string(self) -> str:
        """A unix socket has none."""
        return "unix"

    def _answer(self, status: int, body: Json) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Api-Version", self.served.stand_in.api_version)
        self.send_header("Ostype", "linux")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        first, _, rest = self.path[1:].partition("/")
        path = f"/{rest}" if first.startswith("v1.") else self.path
        if path == "/_ping":
            self._answer(200, "OK")
            return
        if path == "/version":
            self._answer(200, {"ApiVersion": self.served.stand_in.api_version, "MinAPIVersion": "1.24"})
            return
        body = json.loads(content) if content.strip() else None
        seen: dict[str, Any] = {"method": self.command, "path": path, "body": body}
        auth = self.headers.get("X-Registry-Auth")
        if auth:
            seen["auth"] = auth
        self.served.seen.append(seen)
        try:
            answer = asyncio.run(self.served.stand_in.call(self.command, path, body=body))
        except NotFound as error:
            self._answer(404, {"message": error.original})
        except ApiError as error:
            self._answer(error.status or 500, {"message": error.original})
        except BackendError as error:
            self._answer(500, {"message": str(error)})
        else:
            self._answer(200, answer)

    do_GET = do_POST = do_DELETE = do_HEAD = _serve


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asks may leave before the answer."""


@contextmanager
def serving(path: Path) -> Iterator[Served]:
    """Serves on a unix socket for as long as it is entered."""
    served = Served(StandIn())
    handler = type("Handler", (_Handler,), {"served": served})
    with _Server(str(path), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
