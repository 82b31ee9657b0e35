"""What is kept of a log, what is shown of it, and how a line looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from backends.api import Cluster, LogBatch, LogLine, LogOptions
from backends.errors import Disconnected
from backends.model import Key, Kind
from tui.logs.ansi import spans, strip
from tui.logs.buffer import LogBuffer, Mark, search
from tui.logs.feed import LogFeed
from tui.logs.render import LogLook, height, level, rows, saved
from tui.text.fit import width
from tui.text.span import plain


def batch(*texts: str, skipped: int = 0, source: str = "a") -> LogBatch:
    return LogBatch(tuple(LogLine(0.5, "stdout", text, source) for text in texts), skipped)


def shown(buffer: LogBuffer) -> list[str]:
    return [buffer[position].text for position in range(len(buffer))]


def test_the_oldest_lines_go_and_indices_stay_true() -> None:
    # GIVEN a buffer for ten lines
    buffer = LogBuffer(10)
    # WHEN thirty arrive
    for number in range(30):
        buffer.append(batch(f"line {number}"))
    # THEN about ten are kept, the newest among them, and each is found by its index in the whole log
    assert 10 <= buffer.kept <= 12
    assert shown(buffer)[-1] == "line 29"
    assert buffer[buffer.position(25)].text == "line 25"
    assert buffer.position(3) == 0


def test_skipped_lines_are_counted_where_they_are_missing() -> None:
    # GIVEN a batch before which lines were dropped
    buffer = LogBuffer()
    buffer.append(batch("before"))
    buffer.append(batch("after", skipped=1204))
    # THEN a mark between says how many
    assert shown(buffer) == ["before", "▲ 1,204 lines skipped: they came faster than they could be taken", "after"]
    assert buffer.skipped == 1204


def test_only_hits_shows_hits_and_marks_and_goes_on_with_new_lines() -> None:
    # GIVEN lines of which one is looked for
    buffer = LogBuffer()
    buffer.append(batch("order 1", "nothing", "\x1b[31mord\x1b[0mer 2"))
    buffer.look_for("order")
    buffer.mark("here")
    # WHEN only hits are shown and more arrive
    buffer.show(only_hits=True)
    buffer.append(batch("more", "ORDER 3"))
    # THEN hits are found through colours and without regard to case; marks stay
    assert shown(buffer) == ["order 1", "\x1b[31mord\x1b[0mer 2", "here", "ORDER 3"]
    assert len(buffer.hits) == 3
    # AND without the choice all lines are back
    buffer.show(only_hits=False)
    assert len(buffer) == 6


def test_a_hidden_source_is_not_shown() -> None:
    buffer = LogBuffer()
    buffer.append(batch("one", source="a"))
    buffer.append(batch("two", source="b"))
    buffer.show(hidden=frozenset({"a"}))
    assert shown(buffer) == ["two"]


def test_a_broken_expression_is_taken_literally_and_says_so() -> None:
    found = search("a(b")
    assert found.pattern is not None
    assert found.pattern.search("xa(by")
    assert "literally" in found.problem


@given(st.lists(st.lists(st.sampled_from(["hit", "miss"]), max_size=5), max_size=30), st.booleans())
def test_the_view_is_the_same_whether_the_search_came_before_or_after(parts: list[list[str]], only: bool) -> None:
    # GIVEN the same batches, searched first or last
    early, late = LogBuffer(20), LogBuffer(20)
    early.look_for("hit")
    early.show(only_hits=only)
    for part in parts:
        early.append(batch(*part))
        late.append(batch(*part))
    late.look_for("hit")
    late.show(only_hits=only)
    # THEN both show the same
    assert shown(early) == shown(late)
    assert early.hits == late.hits


@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=6), max_size=12),
    st.sets(st.integers(0, 11)),
    st.booleans(),
)
def test_a_past_arranged_piece_by_piece_is_the_past_arranged_at_once(
    parts: list[list[int | None]], pauses: set[int], only: bool
) -> None:
    # GIVEN lines of several replicas out of order, put in order now and then or only at the end
    often, once = LogBuffer(), LogBuffer()
    for buffer in (often, once):
        buffer.begin_past()
        buffer.look_for("[02468]")
        buffer.show(only_hits=only)
    number = 0
    for turn, part in enumerate(parts):
        lines = []
        for at in part:
            number += 1
            lines.append(LogLine(None if at is None else float(at), "stdout", f"{number}", "a"))
        for buffer in (often, once):
            buffer.append(LogBatch(tuple(lines)))
        if turn in pauses:
            often.arrange()
    for buffer in (often, once):
        buffer.end_past()
    # THEN times are in order, nothing is lost, and the hits are where they are looked for
    times = [line.time for line in often.lines() if line.time is not None]
    assert times == sorted(times)
    assert sorted(shown(often)) == sorted(shown(once))
    assert [often[often.position(hit)].text for hit in often.hits] == [
        text for text in shown(often) if set(text) & set("02468")
    ]


def test_colours_become_ours_and_every_other_sequence_goes() -> None:
    text = "\x1b]0;title\x07\x1b[2J\x1b[1;31mbad\x1b[0m \x1b[38;5;200mx\x1b[39my\x1b]52;c;aGk=\x1b\\z"
    assert spans(text) == (("bad", "err bold"), (" ", ""), ("x", ""), ("y", ""), ("z", ""))
    assert strip(text) == "bad xyz"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.integers(12, 60), st.booleans())
def test_no_row_is_wider_than_the_view_and_height_tells_their_number(text: str, columns: int, wrap: bool) -> None:
    look = LogLook(wrap=wrap, times=False)
    line = LogLine(None, "stdout", text.replace("\n", " "), "a")
    laid = rows(line, look, columns)
    assert all(width(plain(row)) <= columns for row in laid)
    assert height(line, look, columns) == len(laid)


def test_a_level_is_seen_behind_a_time() -> None:
    assert level("2026-11-24T10:00:00Z ERROR order failed") == "err"
    assert level("[WARN] pool") == "warn"
    assert level("errors: none") == ""


def test_a_mark_is_a_dashed_rule() -> None:
    (row,) = rows(Mark("skipped", "warn"), LogLook(), 40)
    assert plain(row).startswith("╌")
    assert "skipped" in plain(row)


def test_a_hit_is_shown_even_across_a_colour() -> None:
    line = LogLine(None, "stdout", "a \x1b[31mpo\x1b[0mol b", "s")
    (row,) = rows(line, LogLook(times=False), 40, search("pool").pattern)
    assert [text for text, style in row if "underline" in style] == ["po", "ol"]


def test_a_saved_line_has_its_time_in_utc_and_no_escapes() -> None:
    look = LogLook(sources={"t": ("api.1", "r1")}, local=time.gmtime)
    assert saved(LogLine(0.25, "stdout", "\x1b[31mx\x1b[0m", "t"), look) == "1970-01-01T00:00:00.250Z api.1 x"


async def test_the_past_of_a_log_is_no_rate() -> None:
    # GIVEN a log that wrote a line a second for five minutes, all of which arrive at once
    past = LogBatch(tuple(LogLine(1000.0 + n, "stdout", f"{n}", "a") for n in range(300)))

    class Logs:
        @asynccontextmanager
        async def logs(self, key: Key, options: LogOptions) -> AsyncIterator[Any]:
            async def batches() -> AsyncIterator[LogBatch]:
                yield past

            yield batches()

    over, buffer = asyncio.Event(), LogBuffer()

    def told() -> None:
        if feed.ended:
            over.set()

    key = Key(Kind.CONTAINER, "c")
    feed = LogFeed(cast(Cluster, Logs()), key, LogOptions(follow=True), buffer, told, clock=lambda: 5.0)
    # WHEN it was read
    feed.start()
    await asyncio.wait_for(over.wait(), 60)
    # THEN all is kept, and the rate is that of its last two seconds
    assert len(buffer.lines()) == 300
    assert feed.rate() == 1.0


class Replay:
    """A cluster whose log is told in parts, each one connection: then it is lost, and the next one goes on."""

    def __init__(self, *parts: tuple[LogBatch, ...]) -> None:
        self._parts = list(parts)

    @asynccontextmanager
    async def logs(self, key: Key, options: LogOptions) -> AsyncIterator[Any]:
        part = self._parts.pop(0)

        async def batches() -> AsyncIterator[LogBatch]:
            for one in part:
                yield one
            if self._parts:
                raise Disconnected("It went away.")

        yield batches()


async def read(*parts: tuple[LogBatch, ...]) -> LogBuffer:
    """What is kept of such a log once it has ended."""
    over, buffer = asyncio.Event(), LogBuffer()

    def told() -> None:
        if feed.ended:
            over.set()

    key = Key(Kind.SERVICE, "s")
    feed = LogFeed(cast(Cluster, Replay(*parts)), key, LogOptions(), buffer, told, clock=lambda: 5.0)
    feed.start()
    await asyncio.wait_for(over.wait(), 60)
    return buffer


def timed(source: str, *times: float) -> LogBatch:
    return LogBatch(tuple(LogLine(at, "stdout", f"{source}{at:g}", source) for at in times))


async def test_the_past_of_a_service_stands_in_the_order_of_time() -> None:
    # GIVEN a service whose replicas' past comes one after the other
    buffer = await read((timed("a", 1, 2, 5), timed("b", 1.5, 3), timed("a", 6)))
    # THEN it is shown as it happened, and nothing is lost
    assert [line.text for line in buffer.lines()] == ["a1", "b1.5", "a2", "b3", "a5", "a6"]


async def test_after_a_loss_only_what_was_shown_is_left_out() -> None:
    # WHEN a log is lost and the replay begins with the lines of that moment
    buffer = await read((timed("a", 1, 2),), (timed("a", 2, 4), timed("b", 2, 3)))
    # THEN the line that was shown is not shown again, and the other replica's is
    assert [line.text for line in buffer.lines()] == ["a1", "a2", "b2", "b3", "a4"]


def test_hits_follow_lines_that_find_their_place() -> None:
    # GIVEN a search while the past comes
    buffer = LogBuffer()
    buffer.begin_past()
    buffer.look_for("b")
    buffer.append(timed("a", 1, 3))
    buffer.append(timed("b", 2))
    # WHEN it is put into order
    buffer.arrange()
    # THEN the hit is where its line is
    assert shown(buffer) == ["a1", "b2", "a3"]
    assert buffer.hits == [1]
    # AND what comes later stands in the order of its arrival
    buffer.end_past()
    buffer.append(timed("c", 1))
    buffer.arrange()
    assert shown(buffer) == ["a1", "b2", "a3", "c1"]
