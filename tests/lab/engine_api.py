"""The few requests of the Engine API that bring a Swarm up.

Not the app's own client: the lab must not depend on what it helps to test.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Seconds that anything may take on a busy machine.
PATIENCE = 90.0


class EngineError(Exception):
    """The engine answered with an error, or not at all."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def request(
    path: Path,
    method: str,
    url: str,
    body: object = None,
    *,
    upload: Path | None = None,
    timeout: float = PATIENCE,
) -> Any:
    """One request on an engine's socket; its answer, decoded where it is JSON."""
    connection = _UnixConnection(path, timeout)
    try:
        if upload is not None:
            with upload.open("rb") as file:
                headers = {
                    "Content-Type": "application/x-tar",
                    "Content-Length": str(upload.stat().st_size),
                }
                connection.request(method, url, file, headers)
                answer = connection.getresponse()
        else:
            content = None if body is None else json.dumps(body)
            connection.request(method, url, content, {"Content-Type": "application/json"})
            answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise EngineError(f"{method} {url}: {error}") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise EngineError(f"{method} {url}: {answer.status} {text.strip()}")
    try:
        return json.loads(text)
    except ValueError:
        return text


def wait_for(condition: Callable[[], bool], what: str, timeout: float, interval: float = 0.05) -> None:
    """Wait until a condition holds; an engine that does not answer does not fulfil it."""
    deadline = time.monotonic() + timeout
    problem: Exception | None = None
    while True:
        try:
            if condition():
                return
            problem = None
        except EngineError as error:
            problem = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what}" + (f" ({problem})" if problem else ""))
        time.sleep(interval)
