"""The docker SDK, as far as we use it; the only module that knows of its insides, and of requests' and urllib3's.

Everything here blocks and runs on threads of our own. The SDK is imported on first use: it costs about 100 ms.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backends.engine.failures import message_of, refusal
from backends.errors import BackendError, Disconnected, PermissionRefused, TimedOut, Unreachable

if TYPE_CHECKING:
    import docker
    import requests

#: What the SDK calls any unix socket.
_BASE = "http+docker://localhost"
_CONNECT_LIMIT = 5.0
_CHUNK = 1024 * 1024
#: Idle connections kept: more than are ever used at once, since a full pool writes a log line. The pool is filled with
#: blanks when it is made, which for hundreds of engines takes time.
_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer, whole."""

    status: int
    body: bytes
    content_type: str
    date: str
    """Its ``Date`` header."""


class Session:
    """One ``docker.APIClient`` on one unix socket. Safe to use from several threads."""

    def __init__(self, socket_path: str) -> None:
        import docker
        from docker.transport import UnixHTTPAdapter

        class OnePool(UnixHTTPAdapter):
            """The SDK's own keeps a pool of connections per URL: a new connection for nearly every request."""

            def get_connection(self, url: object, proxies: object = None) -> Any:
                return super().get_connection(_BASE, proxies)

        # Only its HTTP session is used, below; it negotiates nothing by itself when given a version.
        self._api: docker.APIClient = docker.APIClient(
            base_url=f"unix://{socket_path}", version="1.41", timeout=60, max_pool_size=_CONNECTIONS
        )
        # Neither proxies nor .netrc have a say on a unix socket, and reading them costs at every request.
        self._api.trust_env = False
        adapter = OnePool(f"http+unix://{socket_path}", 60, max_pool_size=_CONNECTIONS)
        self._api.mount("http+docker://", adapter)
        configured: Any = getattr(self._api, "_general_configs", {})
        self._own_headers: dict[str, str] = dict(configured.get("HttpHeaders") or {})

    def ask(
        self,
        method: str,
        path: str,
        *,
        limit: float,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, its answer read whole within ``limit`` seconds. Raises ``BackendError``."""
        deadline = time.monotonic() + limit
        what = f"{method} {path.partition('?')[0]}"
        try:
            response = self._send(method, path, limit, params, body, headers)
            try:
                content = _read_all(response, deadline, what)
            finally:
                response.close()
        except BackendError:
            raise
        except Exception as error:
            raise translate(error, what, limit) from error
        if response.status_code >= 300:
            raise refusal(response.status_code, message_of(content))
        told = response.headers
        return Answer(response.status_code, content, told.get("Content-Type", ""), told.get("Date", ""))

    def stream(self, path: str, *, limit: float, params: Mapping[str, str] | None = None) -> ResponseStream:
        """Opens an endless answer; its header must come within ``limit`` seconds. Raises ``BackendError``."""
        what = f"GET {path.partition('?')[0]}"
        try:
            response = self._send("GET", path, limit, params, None, None)
            if response.status_code < 300:
                return ResponseStream(response)
            try:
                content = _read_all(response, time.monotonic() + limit, what)
            finally:
                response.close()
        except BackendError:
            raise
        except Exception as error:
            raise translate(error, what, limit) from error
        raise refusal(response.status_code, message_of(content))

    def close(self) -> None:
        """Closes idle connections."""
        with contextlib.suppress(Exception):
            self._api.close()

    def _send(
        self,
        method: str,
        path: str,
        limit: float,
        params: Mapping[str, str] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> requests.Response:
        sent = {**self._own_headers, **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        return self._api.request(
            method,
            f"{_BASE}{path}",
            params=params,
            data=body,
            headers=sent,
            timeout=(min(limit, _CONNECT_LIMIT), limit),
            stream=True,
            allow_redirects=False,
        )


def _read_all(response: requests.Response, deadline: float, what: str) -> bytes:
    """The body, with one deadline for all of it: the read limit of requests begins anew with every byte."""
    parts: list[bytes] = []
    connection = _socket_of(response)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimedOut(f"The engine's answer to {what} took too long.")
        if connection is not None:
            connection.settimeout(left)
        data = response.raw.read1(_CHUNK)
        if not data:
            return b"".join(parts)
        parts.append(data)


def _socket_of(response: requests.Response) -> socket.socket | None:
    """The socket under an answer that has not been read to its end, else ``None``."""
    reader = getattr(getattr(response.raw, "_fp", None), "fp", None)
    found = getattr(getattr(reader, "raw", None), "_sock", None)
    return found if isinstance(found, socket.socket) else None


class ResponseStream:
    """The raw bytes of an endless answer, and a way to end it from another thread."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        parsed: Any = response.raw._fp
        # Reading below http.client, which would hand out one chunk (one log line) per call.
        self._reader: Any = parsed.fp
        self._socket = _socket_of(response)
        self._buffered = True
        """Whether something may have been read together with the answer's head."""
        self.chunked: bool = bool(parsed.chunked)
        """Whether the body is in chunks; otherwise it ends with the connection, or after ``length`` bytes."""
        self.length: int | None = parsed.length
        if self._socket is not None:
            self._socket.settimeout(None)  # a quiet stream is no fault

    def read(self) -> bytes:
        """What has arrived, at least one byte, waiting for it; ``b""`` at the end. Raises ``OSError``."""
        if self._reader is None:
            return b""
        return bytes(self._reader.read1(64 * 1024))

    @property
    def watchable(self) -> bool:
        """Whether it can be read without blocking, by ``receive``."""
        return self._socket is not None and self._reader is not None

    def fileno(self) -> int:
        """The descriptor of its connection."""
        return self._socket.fileno() if self._socket is not None else -1

    def unblock(self) -> None:
        """From now on ``receive`` is used instead of ``read``."""
        if self._socket is not None:
            self._socket.setblocking(False)

    def receive(self) -> bytes | None:
        """What is there; ``b""`` at the end, ``None`` where there is nothing yet. Raises ``OSError``."""
        if self._socket is None:
            return b""
        if self._buffered:
            # It cannot tell the end from nothing; the socket does.
            if data := bytes(self._reader.read1(64 * 1024)):
                return data
            self._buffered = False
        try:
            return self._socket.recv(64 * 1024)
        except BlockingIOError:
            return None

    def shutdown(self) -> None:
        """Makes a ``read`` of another thread end at once."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Drops the connection; from the reading thread only."""
        with contextlib.suppress(Exception):
            self._response.close()


def translate(error: Exception, what: str, limit: float) -> BackendError:
    """Our error for one of requests, urllib3 or the socket."""
    import requests
    import urllib3

    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    chain = _chain(error)
    if any(isinstance(link, timeouts) for link in chain):
        return TimedOut(
            f"The engine did not answer {what} within {limit:.3g} s.",
            hint="It may be overloaded or hang: see its log.",
            original=str(error),
        )
    for link in chain:
        if isinstance(link, FileNotFoundError):
            return Unreachable("The engine's socket is gone.", original=str(error))
        if isinstance(link, PermissionError):
            return PermissionRefused("The engine's socket may not be used any more.", original=str(error))
        if isinstance(link, ConnectionRefusedError):
            return Unreachable("Nothing listens at the engine's socket any more.", original=str(error))
    return Disconnected(f"The connection to the engine ended during {what}.", original=str(error))


def _chain(error: BaseException) -> list[BaseException]:
    """The error with its causes, those that urllib3 keeps as arguments included."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or link in found:
            continue
        found.append(link)
        waiting += [link.__cause__, link.__context__]
        waiting += [argument for argument in link.args if isinstance(argument, BaseException)]
        reason = getattr(link, "reason", None)
        waiting.append(reason if isinstance(reason, BaseException) else None)
    return found
