"""A connection between two exchanges is told from its bytes, in whatever pieces they come."""

from __future__ import annotations

import pytest

from backends.ssh.exchange import Exchange

WHOLE = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nServer: Docker\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
]
NEVER = [
    b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n0\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
    b"welcome to this machine\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
    b"x" * 100_000,
    b"HTTP/1.1 200 OK\r\nContent-Length: 5",
]


@pytest.mark.parametrize("answer", WHOLE)
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_after_a_whole_answer_it_is_idle_until_the_next_request(answer: bytes, piece: int) -> None:
    exchange = Exchange()
    for _ in range(3):
        exchange.sent()
        assert not exchange.idle
        said = [exchange.received(answer[start : start + piece]) for start in range(0, len(answer), piece)]
        assert any(said)
        assert exchange.idle


@pytest.mark.parametrize("answer", NEVER)
@pytest.mark.parametrize("piece", [1, 7, 200_000])
def test_what_is_no_whole_answer_is_never_idle(answer: bytes, piece: int) -> None:
    exchange = Exchange()
    exchange.sent()
    assert not any(exchange.received(answer[start : start + piece]) for start in range(0, len(answer), piece))
    assert not exchange.idle


def test_it_is_not_idle_before_the_first_request() -> None:
    assert not Exchange().idle
