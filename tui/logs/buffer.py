"""The lines of a log that are kept, and those of them that are shown.

Appending must cost little: 20,000 lines a second may arrive. So nothing is laid out here, hits are looked for in
new lines only, and the oldest lines go in large blocks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from backends.api import LogBatch, LogLine
from tui.logs.ansi import strip


class Mark(NamedTuple):
    """Not a line but something to know between two: skipped lines, a stream that ended, the reader's own mark."""

    text: str
    style: str
    """``warn`` for what was lost, ``faint`` for the rest."""


Entry = LogLine | Mark


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. ``pattern`` is ``None`` where nothing is; ``problem`` says why it is taken literally."""

    text: str = ""
    pattern: re.Pattern[str] | None = None
    problem: str = ""


def search(text: str) -> Search:
    """A search from what was typed: a regular expression, without regard to case unless a capital is in it."""
    if not text:
        return Search()
    flags = 0 if any(c.isupper() for c in text) else re.IGNORECASE
    try:
        return Search(text, re.compile(text, flags))
    except re.error as error:
        return Search(text, re.compile(re.escape(text), flags), f"taken literally: {error}")


def _time(entry: Entry) -> float | None:
    return entry.time if isinstance(entry, LogLine) else None


class LogBuffer:
    """A bounded list of entries with a view of it.

    ``limit`` lines are kept. The view is the whole list, or the indices of what is shown with ``only_hits`` or
    with some sources hidden. Indices are of the whole log: entry ``first`` is the oldest kept.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._block = max(1, limit // 10)
        self._entries: list[Entry] = []
        self._shown: list[int] | None = None
        self.first = 0
        self.skipped = 0
        self.received = 0
        self.hits: list[int] = []
        self.search = Search()
        self.only_hits = False
        self.hidden: frozenset[str] = frozenset()
        self.sources: dict[str, str] = {}
        """Sources in order of appearance, with their node."""
        self._past: int | None = None
        """Where the log's past begins while it is still coming."""
        self._arranged = 0
        """Up to where it stands in the order of time."""
        self._newest = float("-inf")
        self._mixed = False
        """Whether the past came out of order."""

    def __len__(self) -> int:
        """How many entries are shown."""
        return len(self._entries) if self._shown is None else len(self._shown)

    @property
    def kept(self) -> int:
        """How many entries are kept."""
        return len(self._entries)

    def __getitem__(self, position: int) -> Entry:
        """The entry at a position of the view."""
        return self._entries[position if self._shown is None else self._shown[position] - self.first]

    def index(self, position: int) -> int:
        """The index in the whole log of a position of the view."""
        return position + self.first if self._shown is None else self._shown[position]

    def position(self, index: int) -> int:
        """The position of the view at or behind an index of the whole log."""
        if self._shown is None:
            return min(max(index - self.first, 0), max(len(self._entries) - 1, 0))
        low, high = 0, len(self._shown)
        while low < high:
            middle = (low + high) // 2
            if self._shown[middle] < index:
                low = middle + 1
            else:
                high = middle
        return min(low, max(len(self._shown) - 1, 0))

    def _hit(self, entry: Entry) -> bool:
        pattern = self.search.pattern
        return pattern is not None and isinstance(entry, LogLine) and pattern.search(strip(entry.text)) is not None

    def _visible(self, entry: Entry, hit: bool) -> bool:
        if isinstance(entry, Mark):
            return True
        return (hit or not self.only_hits) and entry.source not in self.hidden

    def _filtering(self) -> bool:
        return bool(self.hidden) or (self.only_hits and self.search.pattern is not None)

    def _add(self, entries: Iterable[Entry]) -> None:
        index = self.first + len(self._entries)
        looking = self.search.pattern is not None
        for entry in entries:
            self._entries.append(entry)
            hit = looking and self._hit(entry)
            if hit:
                self.hits.append(index)
            if self._shown is not None and self._visible(entry, hit):
                self._shown.append(index)
            index += 1

    def append(self, batch: LogBatch) -> None:
        """Takes lines in, preceded by a mark where some were skipped."""
        if batch.skipped:
            self.skipped += batch.skipped
            self._add([Mark(f"▲ {batch.skipped:,} lines skipped: they came faster than they could be taken", "warn")])
        self.received += len(batch.lines)
        if self._past is not None and not self._mixed:
            for line in batch.lines:
                if line.time is not None:
                    if line.time < self._newest:
                        self._mixed = True
                        break
                    self._newest = line.time
        for line in batch.lines:
            if line.source not in self.sources:
                self.sources[line.source] = line.node_id
        if self.search.pattern is None and self._shown is None:
            self._entries.extend(batch.lines)
        else:
            self._add(batch.lines)
        if not self._mixed:
            self._arranged = self.first + len(self._entries)
        self._trim()

    def begin_past(self) -> None:
        """From here on the past of a log comes: of a service replica by replica, so that :meth:`arrange` has to put
        it into the order of time."""
        self.arrange()
        self._past = self._arranged = self.first + len(self._entries)
        self._newest = float("-inf")

    def end_past(self) -> None:
        """The past has come; what comes now stands in the order of its arrival."""
        self.arrange()
        self._past = None

    def arrange(self) -> None:
        """Puts the past into the order of time; costs nothing where it is."""
        if not self._mixed or self._past is None:
            return
        begin = max(self._past - self.first, 0)
        start = max(self._arranged - self.first, begin)
        # What came since then goes in among the last of what is in order, rarely far back.
        low = min((t for t in map(_time, self._entries[start:]) if t is not None), default=float("inf"))
        while start > begin and ((time := _time(self._entries[start - 1])) is None or time > low):
            start -= 1
        late = self._entries[start:]
        times: list[float] = []
        last = float("-inf")
        for entry in late:
            # A mark, and a line without a time, stays behind what it came after.
            last = last if (time := _time(entry)) is None else time
            times.append(last)
        self._entries[start:] = [late[at] for at in sorted(range(len(late)), key=times.__getitem__)]
        self._mixed, self._newest = False, max(times, default=float("-inf"))
        self._arranged = self.first + len(self._entries)
        if self.search.pattern is not None or self._shown is not None:
            self._project(start)

    def mark(self, text: str, style: str = "faint") -> None:
        """Puts a mark behind the newest line."""
        self._add([Mark(text, style)])
        self._trim()

    def _trim(self) -> None:
        if len(self._entries) <= self._limit + self._block:
            return
        self.arrange()
        gone = len(self._entries) - self._limit
        del self._entries[:gone]
        self.first += gone
        self.hits = [index for index in self.hits if index >= self.first]
        if self._shown is not None:
            self._shown = [index for index in self._shown if index >= self.first]

    def clear(self) -> None:
        """Forgets all lines, as ``C`` does; counting goes on."""
        self.first += len(self._entries)
        self._entries.clear()
        self.hits.clear()
        if self._shown is not None:
            self._shown = []

    def look_for(self, text: str) -> Search:
        """Sets what is looked for."""
        self.search = search(text)
        self._project()
        return self.search

    def show(self, *, only_hits: bool | None = None, hidden: frozenset[str] | None = None) -> None:
        """Sets which lines are shown."""
        if only_hits is not None:
            self.only_hits = only_hits
        if hidden is not None:
            self.hidden = hidden
        self._project()

    def _project(self, start: int = 0) -> None:
        """Looks anew for what is shown, from the entry at ``start`` of those kept."""
        index = self.first + start
        entries = self._entries[start:]
        hits = [self._hit(entry) for entry in entries] if self.search.pattern else [False] * len(entries)
        self.hits[bisect_left(self.hits, index) :] = [index + offset for offset, hit in enumerate(hits) if hit]
        if not self._filtering():
            self._shown = None
            return
        shown = [] if self._shown is None or not start else self._shown[: bisect_left(self._shown, index)]
        self._shown = shown + [
            index + offset
            for offset, (entry, hit) in enumerate(zip(entries, hits, strict=True))
            if self._visible(entry, hit)
        ]

    def lines(self) -> list[LogLine]:
        """The lines that are shown, for saving."""
        self.arrange()
        return [entry for entry in (self[i] for i in range(len(self))) if isinstance(entry, LogLine)]
