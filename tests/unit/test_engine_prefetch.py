"""The first answers, fetched with nothing but a socket."""

from __future__ import annotations

import asyncio

import pytest

from backends.engine import prefetch as prefetches
from backends.engine.prefetch import Answer, prefetch
from backends.model import Kind
from tests.unit.engine_double import Exchange, engine_double

LISTING = "/containers/json?all=true"


def parse(data: bytes, size: int = 7) -> bytes:
    answer = Answer()
    while data and not answer.whole:
        answer.feed(data[:size])
        data = data[size:]
    return answer.finish()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b"[]"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1;x=y\r\n]\r\n0\r\n\r\n", b"[]"),
        (b"HTTP/1.0 200 OK\r\n\r\n[]", b"[]"),
    ],
)
def test_good_answers(answer: bytes, body: bytes) -> None:
    assert parse(answer) == body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"rubbish",
        b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
    ],
)
def test_bad_answers(answer: bytes) -> None:
    with pytest.raises(ValueError, match="answer"):
        parse(answer)


async def test_an_answer_is_used_once_and_saves_the_request() -> None:
    async with engine_double() as double:
        double.replies("GET /containers/json", [])
        found = prefetch(double.socket_path, ["/version", "/info", LISTING])
        await asyncio.to_thread(lambda: [found.wait(path, 10) for path in ("/version", "/info", LISTING)])
        asked = len(double.requests)
        async with double.engine(prefetch=found) as engine:
            await engine.info()
            await engine.list(Kind.CONTAINER)
            assert len(double.requests) == asked == 3
            assert engine.budget.requests == 3
            await engine.list(Kind.CONTAINER)
            assert double.requests[3:] == [f"GET /v1.45{LISTING}"]


async def test_an_answer_that_lay_too_long_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine_double() as double:
        found = prefetch(double.socket_path, ["/version"])
        assert await asyncio.to_thread(found.wait, "/version", 10)
        monkeypatch.setattr(prefetches, "FRESH", -1.0)
        assert await asyncio.to_thread(found.take, "/version", 10) is None


async def test_a_failed_prefetch_is_asked_again_for_the_reason() -> None:
    async with engine_double() as double:
        double.replies("GET /containers/json", {"message": "broken"}, 500)
        found = prefetch(double.socket_path, [LISTING])
        async with double.engine(prefetch=found) as engine:
            with pytest.raises(Exception, match="Broken"):
                await engine.list(Kind.CONTAINER)


async def test_a_prefetch_that_hangs_ends_at_its_time_limit() -> None:
    async def hang(exchange: Exchange) -> None:
        await exchange.hang()

    async with engine_double() as double:
        double.on("GET /slow", hang)
        found = prefetch(double.socket_path, ["/slow"], timeout=0.1)
        assert await asyncio.to_thread(found.take, "/slow", 10) is None


async def test_events_wait_until_the_first_answers_are_shown() -> None:
    async def listen(exchange: Exchange) -> None:
        await exchange.begin_chunks()
        await exchange.hang()

    async with engine_double() as double:
        # GIVEN an engine whose first answers were fetched already
        double.on("GET /events", listen)
        found = prefetch(double.socket_path, ["/version", "/info"])
        await asyncio.to_thread(lambda: [found.wait(path, 10) for path in ("/version", "/info")])
        async with double.engine(prefetch=found) as engine:
            # WHEN its events are asked for, THEN the request waits for the picture of those answers
            stream = engine.events()
            opened = asyncio.create_task(stream.__aenter__())
            await engine.info()
            assert not opened.done()
            assert len(double.requests) == 2
            found.shown.set()
            await asyncio.wait_for(opened, 60)
            assert double.requests[2].startswith("GET /v1.45/events")
            await stream.__aexit__(None, None, None)


async def test_a_small_answer_that_is_there_needs_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine_double() as double:
        # GIVEN answers that have come, of which one is large
        double.replies("GET /containers/json", [])
        found = prefetch(double.socket_path, ["/version", LISTING])
        await asyncio.to_thread(lambda: [found.wait(path, 10) for path in ("/version", LISTING)])
        monkeypatch.setattr(prefetches, "SMALL", 10)
        # THEN the small one is given at once, the large one stays for a thread
        assert found.take_small(LISTING) == b"[]"
        assert found.take_small("/version") is None
        assert found.has("/version")
        assert found.take_small("/nothing") is None
