"""Events, logs and stats, and every way in which they end."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable

import pytest

from backends.api import LogOptions
from backends.engine import streams
from backends.engine.channel import LARGEST, Channel, Overflow
from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.errors import BadAnswer, Disconnected, NotFound, TimedOut
from backends.model import Event, EventSource, Key, Kind
from tests.unit.engine_double import EngineDouble, Exchange, engine_double

LOG = Key(Kind.CONTAINER, "c1")


def event(action: str) -> bytes:
    return json.dumps({"Type": "container", "Action": action, "Actor": {"ID": "c1"}, "timeNano": 10**18}).encode()


def frame(text: str) -> bytes:
    data = f"2026-11-24T10:00:00.5Z {text}\n".encode()
    return b"\x01\0\0\0" + len(data).to_bytes(4, "big") + data


def chunks(*pieces: bytes, then: Callable[[Exchange], Awaitable[None]]) -> Callable[[Exchange], Awaitable[None]]:
    async def handler(exchange: Exchange) -> None:
        await exchange.begin_chunks()
        for piece in pieces:
            await exchange.chunk(piece)
        await then(exchange)

    return handler


async def hang(exchange: Exchange) -> None:
    await exchange.hang()


async def drop(exchange: Exchange) -> None:
    await exchange.drop()


async def finish(exchange: Exchange) -> None:
    await exchange.chunk(b"")


async def all_events(engine: SdkEngine, into: list[Event]) -> None:
    async with engine.events() as batches:
        async for batch in batches:
            into += batch


def thread_names() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_events_arrive_whole_from_any_pieces() -> None:
    line = event("start") + b"\n" + event("die") + b"\n"
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(line[:7], line[7:80], line[80:], then=hang))
        seen: list[Event] = []
        async with engine.events(since=12.5) as batches:
            while len(seen) < 2:
                seen += await anext(batches)
        assert [(e.action, e.node_id) for e in seen] == [("start", "n1"), ("die", "n1")]
        assert double.requests[-1] == "GET /v1.45/events?since=12.500000000"


@pytest.mark.parametrize("end", [drop, finish])
async def test_events_that_end_are_a_loss(end: Callable[[Exchange], Awaitable[None]]) -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(event("start") + b"\n" + event("half")[:9], then=end))
        seen: list[Event] = []
        with pytest.raises(Disconnected):
            await all_events(engine, seen)
        assert [e.action for e in seen] == ["start"]


async def test_an_event_that_cannot_be_read_leaves_a_gap_and_no_loss() -> None:
    data = event("start") + b"\n{broken\n" + event("die") + b"\n"
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(data, then=drop))
        seen: list[Event] = []
        with pytest.raises(Disconnected):
            await all_events(engine, seen)
        assert [e.source for e in seen] == [EventSource.ENGINE, EventSource.GAP, EventSource.ENGINE]
        assert seen[1].time == 1_000_000.0


async def test_events_are_never_dropped_but_reported_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EVENT_CAPACITY", 10)
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(*[(event("start") + b"\n") * 8] * 5, then=hang))
        with pytest.raises(Disconnected, match="faster than"):
            await all_events(engine, [])


async def test_leaving_the_context_ends_the_thread_and_the_connection() -> None:
    gone = asyncio.Event()

    async def watch(exchange: Exchange) -> None:
        await exchange.hang()
        gone.set()

    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(then=watch))
        async with engine.events():
            assert "events" in thread_names()
        await until(lambda: "events" not in thread_names())
        async with asyncio.timeout(60):
            await gone.wait()


async def test_a_cancelled_reader_leaves_nothing_behind() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(then=hang))
        task = asyncio.create_task(all_events(engine, []))
        await until(lambda: "GET /v1.45/events" in double.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: "events" not in thread_names())


async def test_closing_the_engine_tells_the_reader() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /events", chunks(then=hang))
        async with engine.events() as batches:
            waiting = asyncio.ensure_future(anext(batches))
            await asyncio.sleep(0)
            await engine.aclose()
            with pytest.raises(Disconnected):
                await waiting


async def test_a_refused_stream_says_why() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /containers/c1/logs", {"message": "No such container: c1"}, 404)
        with pytest.raises(NotFound):
            async with engine.logs(LOG, LogOptions()):
                pass


async def test_a_stream_that_never_begins_is_timed_out() -> None:
    async with engine_double() as double, double.engine(Timeouts(stream=0.2)) as engine:
        double.on("GET /events", hang)
        with pytest.raises(TimedOut):
            async with engine.events():
                pass


async def texts(double: EngineDouble, engine: SdkEngine, key: Key = LOG) -> list[str]:
    found: list[str] = []
    async with engine.logs(key, LogOptions(tail=5, since=1.0, until=2.0)) as batches:
        async for batch in batches:
            found += [line.text for line in batch.lines]
    return found


async def test_a_log_ends_when_the_engine_ends_it() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /containers/c1/logs", chunks(frame("a"), frame("b")[:9], frame("b")[9:], then=finish))
        assert await texts(double, engine) == ["a", "b"]
        assert double.requests[-1] == (
            "GET /v1.45/containers/c1/logs?stdout=1&stderr=1&timestamps=1&follow=1&tail=5"
            "&since=1.000000000&until=2.000000000"
        )


async def test_a_log_that_is_cut_off_is_a_loss() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /containers/c1/logs", chunks(frame("a"), then=drop))
        with pytest.raises(Disconnected):
            await texts(double, engine)


async def test_a_log_without_chunks_ends_with_its_length() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /containers/c1/logs", frame("a"))
        assert await texts(double, engine) == ["a"]
        double.replies("GET /containers/c1/logs", b"")
        assert await texts(double, engine) == []


async def test_a_garbled_log_is_a_bad_answer() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /containers/c1/logs", chunks(frame("a") + b"\x01garbled frame", then=hang))
        with pytest.raises(BadAnswer):
            await texts(double, engine)


async def test_logs_of_services_ask_for_details() -> None:
    async with engine_double() as double, double.engine() as engine:
        line = frame("com.docker.swarm.node.id=n7,com.docker.swarm.task.id=t9 hello")
        double.on("GET /services/s1/logs", chunks(line, then=finish))
        async with engine.logs(Key(Kind.SERVICE, "s1"), LogOptions()) as batches:
            (found,) = (await anext(batches)).lines
        assert (found.text, found.source, found.node_id) == ("hello", "t9", "n7")
        assert "details=1" in double.requests[-1]


async def test_a_reader_that_lags_is_told_how_much_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOG_CAPACITY", 10)
    ended, really_end = threading.Event(), Channel.end

    def end(channel: Channel[object], error: BaseException | None = None) -> None:
        really_end(channel, error)
        ended.set()

    monkeypatch.setattr(Channel, "end", end)
    async with engine_double() as double, double.engine() as engine:
        lines = [frame(str(number)) for number in range(100)]
        double.on("GET /containers/c1/logs", chunks(*lines, then=finish))
        async with engine.logs(LOG, LogOptions()) as batches:
            await until(ended.is_set)
            batch = await anext(batches)
        assert [line.text for line in batch.lines] == [str(number) for number in range(90, 100)]
        assert batch.skipped == 90


async def test_stats_hand_out_the_newest_sample() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /containers/c1/stats", chunks(b'{"n":1}\n{"n":2}\n', then=hang))
        async with engine.stats("c1") as samples:
            assert await anext(samples) == {"n": 2}


async def test_many_pieces_are_one_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    channel: Channel[int] = Channel(100, dropping=True)
    wakes = 0
    real = channel._wake

    def counted() -> None:
        nonlocal wakes
        wakes += 1
        real()

    monkeypatch.setattr(channel, "_wake", counted)
    for number in range(50):
        channel.put([number])
    assert await channel.get() == (list(range(50)), 0)
    assert wakes == 1
    channel.end()
    assert await channel.get() is None


async def test_a_channel_that_may_not_drop_overflows() -> None:
    channel: Channel[int] = Channel(2, dropping=False)
    with pytest.raises(Overflow):
        channel.put([1, 2, 3])


async def test_a_channel_hands_out_no_more_at_once_than_one_turn_of_the_loop_may_cost() -> None:
    channel: Channel[int] = Channel(2 * LARGEST, dropping=True)
    channel.put(range(2 * LARGEST + 10))
    first, second = await channel.get(), await channel.get()
    assert first is not None
    assert second is not None
    assert (len(first[0]), first[1]) == (LARGEST, 10)
    assert (second[0][-1], second[1]) == (2 * LARGEST + 9, 0)
