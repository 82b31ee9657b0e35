"""From the cluster to the screen: changes are gathered to frames, and time passes for ages.

Changes on a quiet screen are shown at once, many at most ten times a second (two over a slow link), and a flood that
goes on and on at half of that: nobody reads faster, and keys come first.
Nothing here knows a widget.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from backends.api import Cluster
from backends.model import Changes
from tui.tables.spec import Moment

_log = logging.getLogger(__name__)
#: Seconds between two frames where nothing else is said.
INTERVAL = 0.1
#: Frames that a quiet screen may get one after the other: what comes together does not come at one moment.
BURST = 3
#: Frames one after the other that hold several changes, or ``MANY`` events, each make a flood; from then on each frame
#: has ``CALM`` intervals.
FLOOD, MANY, CALM = 10, 10, 2
#: Seconds that a first change waits for others that come with it.
GATHER = 0.01
#: Seconds between two looks at the clock while ages change by the second, and at most.
TICK, SLOWEST_TICK = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A new state to show. ``changes`` is what differs from the frame before; ``None`` may be anything."""

    moment: Moment
    changes: Changes | None


class Bridge:
    """Gathers changes of one cluster and delivers frames in the loop's thread."""

    def __init__(
        self,
        cluster: Cluster,
        deliver: Callable[[Frame], None],
        tick: Callable[[float], bool],
        *,
        moment: Callable[[], Moment],
        interval: float = INTERVAL,
    ) -> None:
        """``tick`` is told the time and answers whether anything on screen changed with it; ``moment`` makes the
        cluster's state of now with all that rendering depends on."""
        self._cluster = cluster
        self._deliver = deliver
        self._tick = tick
        self._moment = moment
        self._interval = interval
        self._pending: list[Changes] = []
        self._whole = False
        self._crowded = 0
        """Frames in a row that held several changes."""
        self._free = 0.0
        """When the next frame may come: there is an allowance of one an interval, of which ``BURST`` are kept."""
        self._next: asyncio.TimerHandle | None = None
        self._tick_next: asyncio.TimerHandle | None = None
        self._tick_delay = TICK
        self._paused = False
        self._end: Callable[[], None] | None = None
        self.frames = 0
        """Frames delivered since the start."""

    def start(self) -> None:
        """Subscribes, and delivers a first frame of the whole state."""
        self._end = self._cluster.subscribe(self._changed)
        self._schedule_tick()
        self.flush(whole=True)

    def stop(self) -> None:
        """Ends it; again is harmless."""
        if self._end is not None:
            self._end()
            self._end = None
        for handle in (self._next, self._tick_next):
            if handle is not None:
                handle.cancel()
        self._next = self._tick_next = None

    def pause(self) -> None:
        """Nobody looks (the terminal is lent): gathers only that something changed."""
        self._paused = True

    def resume(self) -> None:
        """Somebody looks again: one frame of everything."""
        self._paused = False
        self.flush(whole=True)

    def flush(self, *, whole: bool = False) -> None:
        """Delivers what is pending now; ``whole`` delivers all as unknown."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        crowded = len(self._pending) > 1 or sum(part.events for part in self._pending) >= MANY
        # A single quiet frame does not end a flood, some do.
        self._crowded = min(2 * FLOOD, self._crowded + 1) if crowded else self._crowded // 2
        changes = None if whole or self._whole else merged(self._pending)
        self._pending.clear()
        self._whole = False
        if self._paused:
            self._whole = True
            return
        if changes is not None and not changes:
            return
        kept = (BURST - 1) * self._interval
        step = self._interval * (CALM if self._crowded >= FLOOD else 1)
        self._free = max(self._free, asyncio.get_running_loop().time() - kept) + step
        self.frames += 1
        self._hurry()
        began = time.perf_counter()
        self._deliver(Frame(self._moment(), changes))
        if _log.isEnabledFor(logging.DEBUG):
            what = "everything" if changes is None else f"{len(changes.keys)} objects, {changes.events} events"
            _log.debug("frame %d: %s in %.0f ms", self.frames, what, (time.perf_counter() - began) * 1000)

    def _changed(self, changes: Changes) -> None:
        if not changes or (self._whole and self._paused):
            return
        self._pending.append(changes)
        if self._next is None and not self._paused:
            loop = asyncio.get_running_loop()
            due = max(self._free, loop.time() + GATHER)
            self._next = loop.call_at(due, self.flush)

    def _schedule_tick(self) -> None:
        self._tick_next = asyncio.get_running_loop().call_later(self._tick_delay, self._ticked)

    def _hurry(self) -> None:
        """What just changed has an age of seconds: look at the clock each second again."""
        if self._tick_delay > TICK and self._tick_next is not None:
            self._tick_next.cancel()
            self._tick_delay = TICK
            self._schedule_tick()

    def _ticked(self) -> None:
        moved = False if self._paused else self._tick(self._moment().now)
        self._tick_delay = TICK if moved else min(SLOWEST_TICK, self._tick_delay + TICK)
        self._schedule_tick()


def merged(parts: list[Changes]) -> Changes:
    """Many changes as one; cheaper than ``|`` of each with the next."""
    if len(parts) == 1:
        return parts[0]
    return Changes(
        frozenset().union(*(part.keys for part in parts)),
        frozenset().union(*(part.kinds for part in parts)),
        any(part.links for part in parts),
        sum(part.events for part in parts),
    )
