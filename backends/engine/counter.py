"""What we asked of one engine: the figures behind ``Budget``."""

from __future__ import annotations

import threading
from types import MappingProxyType

from backends.api import Budget
from backends.engine.paths import family


class Counter:
    """Counts requests and the bytes of their answers; may be told from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._bytes = 0
        self._by_path: dict[str, int] = {}

    def request(self, method: str, path: str) -> None:
        """One request is being sent; reads are counted under their path, all else with the method before it."""
        name = family(path) if method == "GET" else f"{method} {family(path)}"
        with self._lock:
            self._requests += 1
            self._by_path[name] = self._by_path.get(name, 0) + 1

    def received(self, size: int) -> None:
        """``size`` bytes of a body came."""
        with self._lock:
            self._bytes += size

    @property
    def budget(self) -> Budget:
        """The figures so far."""
        with self._lock:
            return Budget(self._requests, self._bytes, MappingProxyType(dict(self._by_path)))
