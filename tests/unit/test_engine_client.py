"""Requests: paths, time limits, and what a broken engine becomes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.engine.paths import family, inspection
from backends.errors import (
    ApiError,
    BackendError,
    BadAnswer,
    Conflict,
    Disconnected,
    NotFound,
    TimedOut,
    Unreachable,
    Unsupported,
)
from backends.model import Container, Key, Kind
from backends.transport import transport_for
from tests.unit.engine_double import Exchange, engine_double

SHORT = Timeouts(read=0.3, listing=0.3, write=0.3, stream=0.3)


async def hang(exchange: Exchange) -> None:
    await exchange.hang()


async def test_connect_negotiates_the_highest_version() -> None:
    async with engine_double() as double, double.engine() as engine:
        assert engine.api_version == "1.45"
        assert double.requests == ["GET /version"]
        assert engine.endpoint == f"unix://{double.socket_path}"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"ApiVersion": "1.12"}, Unsupported),
        ({"ApiVersion": "1.45/../x"}, BadAnswer),
        ({"Version": "1"}, BadAnswer),
        ([], BadAnswer),
        (b"<html>", BadAnswer),
    ],
)
async def test_what_is_no_engine_of_ours_is_refused(body: object, kind: type[BackendError]) -> None:
    async with engine_double() as double:
        double.replies("GET /version", body)
        with pytest.raises(kind):
            async with double.engine():
                pass


async def test_a_missing_socket_is_unreachable(tmp_path: Path) -> None:
    engine = SdkEngine(transport_for(EndpointSpec(f"unix://{tmp_path}/none")))
    with pytest.raises(Unreachable):
        await engine.connect()
    await engine.aclose()


async def test_before_connect_there_is_no_connection(tmp_path: Path) -> None:
    engine = SdkEngine(transport_for(EndpointSpec(f"unix://{tmp_path}/none")))
    with pytest.raises(Disconnected):
        await engine.inspect(Key(Kind.NODE, "n"))
    await engine.aclose()


async def test_a_listing_carries_the_node_and_uses_filters() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /containers/json", [{"Id": "c1", "Names": ["/web"], "Image": "i", "State": "running"}])
        (container,) = await engine.list(Kind.CONTAINER, {"label": ["a=b"]})
        assert isinstance(container, Container)
        assert (container.id, container.node_id) == ("c1", "n1")
        assert double.requests[-1] == (
            "GET /v1.45/containers/json?all=true&filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D"
        )


async def test_services_come_with_their_counts() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /services", [])
        await engine.list(Kind.SERVICE)
        assert double.requests[-1] == "GET /v1.45/services?status=true"


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (Key(Kind.SERVICE, "s1"), "/services/s1?insertDefaults=false"),
        (Key(Kind.NETWORK, "n1"), "/networks/n1?verbose=true"),
        (Key(Kind.VOLUME, "node/data"), "/volumes/data"),
        (Key(Kind.VOLUME, "/data"), "/volumes/data"),
        (Key(Kind.IMAGE, "node/sha256:ab"), "/images/sha256:ab/json"),
        (Key(Kind.IMAGE, "node/lab/box:1"), "/images/lab/box:1/json"),
        (Key(Kind.IMAGE, "node/../../x"), "/images/..%2F..%2Fx/json"),
        (Key(Kind.CONTAINER, "../x?y"), "/containers/..%2Fx%3Fy/json"),
        (Key(Kind.SWARM, "x"), "/swarm"),
    ],
)
def test_inspection_paths(key: Key, path: str) -> None:
    assert inspection(key) == path


def test_stacks_cannot_be_inspected() -> None:
    with pytest.raises(Unsupported):
        inspection(Key(Kind.STACK, "shop"))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/containers/json?all=true", "/containers/json"),
        ("/containers/abc/json", "/containers/{id}/json"),
        ("/networks/abc?verbose=true", "/networks/{id}"),
        ("/images/lab/box:1/json", "/images/{id}/json"),
        ("/services/abc/logs", "/services/{id}/logs"),
        ("/services?status=true", "/services"),
        ("/info", "/info"),
    ],
)
def test_requests_are_counted_by_what_they_ask(path: str, name: str) -> None:
    assert family(path) == name


async def test_connections_are_kept_alive() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /nodes/n1", {"ID": "n1"})
        double.replies("GET /nodes/n2", {"ID": "n2"})
        before = double.connections
        for _ in range(3):
            await engine.inspect(Key(Kind.NODE, "n1"))
            await engine.inspect(Key(Kind.NODE, "n2"))
        assert double.connections == before


async def test_a_chunked_answer_is_read_whole() -> None:
    async def chunks(exchange: Exchange) -> None:
        await exchange.begin_chunks()
        for piece in (b'{"ID"', b': "n', b'1"}', b""):
            await exchange.chunk(piece)

    async with engine_double() as double, double.engine() as engine:
        double.on("GET /nodes/n1", chunks)
        before = double.connections
        assert await engine.inspect(Key(Kind.NODE, "n1")) == {"ID": "n1"}
        assert await engine.inspect(Key(Kind.NODE, "n1")) == {"ID": "n1"}
        assert double.connections == before


async def test_requests_and_bytes_are_counted() -> None:
    async with engine_double() as double, double.engine() as engine:
        before = engine.budget
        double.replies("GET /nodes/n1", b'{"ID":"n1"}')
        await engine.inspect(Key(Kind.NODE, "n1"))
        budget = engine.budget
        assert budget.requests == before.requests + 1
        assert budget.bytes == before.bytes + 11
        assert budget.by_path["/nodes/{id}"] == 1


async def test_a_refusal_keeps_the_engines_words() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /nodes/n1", {"message": "node n1 not found"}, 404)
        with pytest.raises(NotFound) as caught:
            await engine.inspect(Key(Kind.NODE, "n1"))
        assert (caught.value.status, caught.value.original) == (404, "node n1 not found")


async def test_a_redirect_is_not_followed() -> None:
    async def redirect(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 301 X\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")

    async with engine_double() as double, double.engine() as engine:
        double.on("GET /nodes/n1", redirect)
        with pytest.raises(ApiError, match="301"):
            await engine.inspect(Key(Kind.NODE, "n1"))


async def test_an_engine_that_hangs_is_timed_out() -> None:
    async with engine_double() as double, double.engine(SHORT) as engine:
        double.on("GET /nodes/n1", hang)
        with pytest.raises(TimedOut):
            await engine.inspect(Key(Kind.NODE, "n1"))


async def test_an_answer_that_drips_is_timed_out() -> None:
    async def drip(exchange: Exchange) -> None:
        await exchange.begin_chunks()
        while True:
            await exchange.chunk(b" ")
            await asyncio.sleep(0.02)

    async with engine_double() as double, double.engine(SHORT) as engine:
        double.on("GET /nodes/n1", drip)
        with pytest.raises(TimedOut):
            await engine.inspect(Key(Kind.NODE, "n1"))


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\x00\x01rubbish\r\n\r\n",
    ],
)
async def test_an_answer_that_breaks_off_is_a_lost_connection(start: bytes) -> None:
    async def cut(exchange: Exchange) -> None:
        await exchange.send(start)
        await exchange.drop()

    async with engine_double() as double, double.engine() as engine:
        double.on("GET /nodes/n1", cut)
        with pytest.raises(Disconnected):
            await engine.inspect(Key(Kind.NODE, "n1"))


@pytest.mark.parametrize("body", [b"{broken", b"\xff\xfe", b"[" * 50_000, b""])
async def test_an_answer_that_is_not_json(body: bytes) -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("GET /nodes/n1", body)
        double.replies("GET /nodes", body)
        with pytest.raises(BadAnswer):
            await engine.inspect(Key(Kind.NODE, "n1"))
        with pytest.raises(BadAnswer):
            await engine.list(Kind.NODE)


async def test_a_socket_that_is_gone_is_unreachable() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /nodes/n1", lambda exchange: exchange.drop())
        with pytest.raises(Disconnected):
            await engine.inspect(Key(Kind.NODE, "n1"))
        Path(double.socket_path).unlink()
        with pytest.raises(Unreachable):
            await engine.inspect(Key(Kind.NODE, "n1"))


async def test_a_call_sends_its_body_as_it_is() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.replies("POST /services/create", {"ID": "s1"}, 201)
        answer = await engine.call(
            "POST", "/services/create", params={"a": "b"}, body={"Name": "web", "Labels": None}, headers={"X-A": "1"}
        )
        assert answer == {"ID": "s1"}
        assert double.requests[-1] == "POST /v1.45/services/create?a=b"
        assert json.loads(double.bodies[-1]) == {"Name": "web", "Labels": None}


async def test_what_a_call_may_answer() -> None:
    async def plain(exchange: Exchange) -> None:
        await exchange.reply(b"OK", kind="text/plain; charset=utf-8")

    async def empty(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with engine_double() as double, double.engine() as engine:
        double.on("GET /_ping", plain)
        double.on("POST /containers/c/stop", empty)
        double.replies("POST /images/create", b'{"status":"a"}\r\n{"status":"b"}\r\n')
        assert await engine.call("GET", "/_ping") == "OK"
        assert await engine.call("POST", "/containers/c/stop") is None
        assert await engine.call("POST", "/images/create") == [{"status": "a"}, {"status": "b"}]


async def test_a_conflict_of_versions() -> None:
    async with engine_double() as double, double.engine() as engine:
        message = "rpc error: code = Unknown desc = update out of sequence"
        double.replies("POST /services/s/update", {"message": message}, 500)
        with pytest.raises(Conflict):
            await engine.call("POST", "/services/s/update", body={})


async def test_four_hanging_calls_do_not_keep_close_waiting() -> None:
    async with engine_double() as double, double.engine() as engine:
        double.on("GET /nodes/n1", hang)
        tasks = [asyncio.create_task(engine.inspect(Key(Kind.NODE, "n1"))) for _ in range(4)]
        while len(double.requests) < 5:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            await engine.aclose()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_closed_engine_refuses() -> None:
    async with engine_double() as double, double.engine() as engine:
        await engine.aclose()
        with pytest.raises(Disconnected):
            await engine.inspect(Key(Kind.NODE, "n1"))
        with pytest.raises(Disconnected):
            await engine.connect()
