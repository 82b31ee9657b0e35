"""The simulated engine as a process of its own, steered over its socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Without a limit first: with one, an engine that has many connections waiting is not waited for.
        self.sock.connect(self._path)
        self.sock.settimeout(self.timeout)


class BenchEngine:
    """``count`` containers and a tenth as many services and networks; ``rate`` events a second."""

    def __init__(self, count: int, rate: float = 0.0, scenario: str = "synthetic") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.folder = self._folder.name
        self.socket = str(Path(self.folder) / "engine.sock")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "backends.fake", "--socket", self.socket),
                *("--scenario", scenario, "-n", str(count), "--rate", str(rate)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the simulated engine did not start")

    def __enter__(self) -> BenchEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._process.kill()
        self._folder.cleanup()

    def ask(self, method: str, path: str) -> bytes:
        """One request; the body of the answer."""
        connection = _Connection(self.socket)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def counters(self) -> tuple[dict[str, int], dict[str, int]]:
        """Requests and bytes by path since the last reset, without our own."""
        found = json.loads(self.ask("GET", "/_fake/counters"))
        return found["requests"], found["bytes"]

    def reset(self) -> None:
        """Counters to nothing."""
        self.ask("POST", "/_fake/reset")

    def flip(self, container: str) -> None:
        """Changes one container's state."""
        self.ask("POST", f"/_fake/flip?container={container}")
