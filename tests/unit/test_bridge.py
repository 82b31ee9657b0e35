"""When changes become frames: at once where it is quiet, gathered in a flood. Time is a number here."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, cast

import pytest

from backends.api import Cluster
from backends.model import EMPTY, Changes, Key, Kind
from tui.bridge import BURST, FLOOD, GATHER, INTERVAL, Bridge, Frame
from tui.tables.spec import Moment


class Handle:
    """A call that is due."""

    def __init__(self, at: float, call: Callable[[], Any]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """As much of an event loop as the bridge needs, with time that is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, int, Handle]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, call: Callable[[], Any]) -> Handle:
        handle = Handle(at, call)
        self._count += 1
        heapq.heappush(self._due, (at, self._count, handle))
        return handle

    def call_later(self, delay: float, call: Callable[[], Any]) -> Handle:
        return self.call_at(self.now + delay, call)

    def go(self, seconds: float) -> None:
        """Time goes on; what is due is called."""
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            at, _, handle = heapq.heappop(self._due)
            self.now = max(self.now, at)
            if not handle.cancelled:
                handle.call()
        self.now = end


class Changing:
    """A cluster of which only changes matter."""

    def __init__(self) -> None:
        self.tell: Callable[[Changes], None] = lambda changes: None

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        self.tell = listener
        return lambda: None


class Stage:
    """A bridge, and the times at which it delivered."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.cluster = loop, Changing()
        self.frames: list[tuple[float, Frame]] = []
        self.bridge = Bridge(
            cast(Cluster, self.cluster),
            lambda frame: self.frames.append((loop.now, frame)),
            lambda now: False,
            moment=lambda: Moment(EMPTY, loop.now),
        )
        self.bridge.start()
        loop.go(5.0)
        self.frames.clear()

    def change(self, id: str = "a", events: int = 0) -> None:
        self.cluster.tell(Changes(frozenset({Key(Kind.CONTAINER, id)}), frozenset({Kind.CONTAINER}), events=events))


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    loop = Loop()
    monkeypatch.setattr("tui.bridge.asyncio.get_running_loop", lambda: loop)
    return Stage(loop)


def test_a_change_on_a_quiet_screen_is_shown_at_once(stage: Stage) -> None:
    # WHEN two changes come together
    at = stage.loop.now
    stage.change("a")
    stage.change("b")
    stage.loop.go(1.0)
    # THEN one frame shows both
    assert [round(when - at, 6) for when, _ in stage.frames] == [GATHER]
    changes = stage.frames[0][1].changes
    assert changes is not None
    assert {key.id for key in changes.keys} == {"a", "b"}


def test_so_are_some_that_follow(stage: Stage) -> None:
    # WHEN changes follow one another, each later than a frame
    at = stage.loop.now
    for _ in range(BURST + 1):
        stage.change()
        stage.loop.go(2 * GATHER)
    stage.loop.go(1.0)
    # THEN the first ones are not kept waiting, the next is
    waits = [round(when - at - index * 2 * GATHER, 6) for index, (when, _) in enumerate(stage.frames)]
    assert waits[:BURST] == [GATHER] * BURST
    assert waits[BURST] > GATHER


def test_many_changes_are_ten_frames_a_second(stage: Stage) -> None:
    # WHEN single changes come, one hundred a second, for less than makes a flood
    for _ in range(60):
        stage.change()
        stage.loop.go(0.01)
    assert len(stage.frames) <= 0.6 / INTERVAL + BURST


def test_a_flood_gets_half_the_frames_until_it_is_over(stage: Stage) -> None:
    # GIVEN a flood that has gone on for a while
    for _ in range(400):
        stage.change(events=5)
        stage.loop.go(0.01)
    # WHEN it goes on for ten seconds
    stage.frames.clear()
    for _ in range(1000):
        stage.change(events=5)
        stage.loop.go(0.01)
    # THEN it is shown five times a second, with nothing left out
    assert 49 <= len(stage.frames) <= 51
    assert sum(frame.changes.events for _, frame in stage.frames if frame.changes) >= 4900
    # AND when it is over and quiet again, a change is shown at once
    for _ in range(FLOOD):
        stage.loop.go(1.0)
        stage.change()
    stage.loop.go(1.0)
    at = stage.loop.now
    stage.frames.clear()
    stage.change()
    stage.loop.go(1.0)
    assert round(stage.frames[0][0] - at, 6) == GATHER
