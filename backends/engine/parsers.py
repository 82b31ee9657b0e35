"""Parsers of the streams that are one JSON object a line: events and stats."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from backends.api import Json
from backends.engine.chunks import Lines
from backends.errors import BadAnswer
from backends.model import Event, EventSource
from backends.wire import decode
from backends.wire.common import Pool

#: Strings that events share: names, labels and ids of some thousand objects.
_SHARED = 20_000


class EventParser:
    """The events of one engine. A line that cannot be understood becomes a gap mark, since replaying would bring
    the same line again."""

    def __init__(self, node_id: str, clock: Callable[[], float]) -> None:
        self._node_id, self._clock = node_id, clock
        self._lines = Lines()
        self._pool = Pool(_SHARED)

    def feed(self, data: bytes) -> list[Event]:
        """The events whose lines are whole."""
        whole = self._lines.feed(data)
        if not whole:
            return []
        try:
            return decode.events(whole, self._node_id, self._pool)
        except BadAnswer:
            return [event for line in whole.split(b"\n") if line.strip() for event in self._one(line)]

    def finish(self) -> list[Event]:
        """Nothing: half a line is no event."""
        return []

    def _one(self, line: bytes) -> list[Event]:
        try:
            return decode.events(line, self._node_id, self._pool)
        except BadAnswer:
            now = self._clock()
            return [
                Event(
                    time=now,
                    time_nano=int(now * 1e9),
                    source=EventSource.GAP,
                    node_id=self._node_id,
                    text="the engine sent an event that cannot be read",
                    severity="warn",
                )
            ]


class SampleParser:
    """Stats samples as plain JSON."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, data: bytes) -> list[Json]:
        """The samples whose lines are whole. Raises ``BadAnswer``."""
        whole = self._lines.feed(data)
        try:
            return [msgspec.json.decode(line) for line in whole.split(b"\n") if line.strip()]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadAnswer("The engine sent statistics that are not JSON.", original=str(error)) from error

    def finish(self) -> list[Json]:
        """Nothing: half a line is no sample."""
        return []
