"""Trouble on order: an engine that hangs, fails, lies or hangs up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

Trouble = Literal["hang", "error", "malformed", "cut", "refuse"]


@dataclass(slots=True)
class Fault:
    """``hang`` never answers, ``error`` answers 500, ``malformed`` answers what is no JSON, ``cut`` closes in
    the middle of the answer, ``refuse`` closes without one. ``times`` counts down; ``None`` is for ever.
    """

    kind: Trouble
    times: int | None = None
    message: str = "simulated failure"


class Faults:
    """Faults by the beginning of a path, e.g. ``/containers/json``; ``/`` hits all."""

    def __init__(self) -> None:
        self._by_path: dict[str, Fault] = {}
        self._released = asyncio.Event()

    def set(self, path: str, kind: Trouble, times: int | None = None, message: str = "simulated failure") -> None:
        """From now on requests below ``path`` meet this trouble, ``times`` times or until ``clear``."""
        self._by_path[path] = Fault(kind, times, message)

    def clear(self) -> None:
        """All well again; requests that hang are dropped."""
        self._by_path.clear()
        self._released.set()
        self._released = asyncio.Event()

    def take(self, path: str) -> Fault | None:
        """The trouble of this request, counted down."""
        found = max((p for p in self._by_path if path.startswith(p)), key=len, default=None)
        if found is None:
            return None
        fault = self._by_path[found]
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                del self._by_path[found]
        return fault

    async def hang(self) -> None:
        """Waits until ``clear``."""
        await self._released.wait()
