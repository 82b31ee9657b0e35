"""What a way to an engine says of itself where it has room for a few connections only."""

from __future__ import annotations

from typing import Protocol


class Room(Protocol):
    """Of a transport, where it has such a limit."""

    @property
    def crowded(self) -> str:
        """Why there is no room for streams although it stands, as a sentence part; empty where there is some."""
        ...

    def starved(self, since: float) -> bool:
        """Whether, while it stands, a question found no room since then, in monotonic seconds."""
        ...
