"""As much of HTTP/1.1 as an engine speaks: keep-alive, chunked bodies, streams and hijacked connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(slots=True)
class Request:
    """One request; ``path`` is without the version prefix, ``gone`` is set when the client has hung up."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    version: str = ""

    def json(self) -> Any:
        """The decoded body; an empty one is an empty object. Raises ``Problem``."""
        if not self.body.strip():
            return {}
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Problem(400, f"invalid JSON: {error}") from error

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean query value, as Go's ``httputils.BoolValue`` reads it."""
        value = self.query.get(name)
        if value is None:
            return default
        return value.strip().lower() not in ("", "0", "no", "false", "none")

    def filters(self) -> dict[str, list[str]]:
        """``filters=`` in both of its forms: lists, and maps of true. Raises ``Problem``."""
        text = self.query.get("filters", "")
        if not text:
            return {}
        try:
            given = json.loads(text)
            return {key: [str(v) for v in values] for key, values in given.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise Problem(400, f"invalid filter: {error}") from error


class Problem(Exception):
    """An answer that is an error, in the engine's form ``{"message": …}``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int = 200
    body: bytes = b""
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Stream:
    """A chunked answer; headers go out at once, each item is one chunk."""

    parts: AsyncIterator[bytes]
    type: str = "application/json"


@dataclass(slots=True)
class Hijack:
    """The connection itself is handed over; ``run`` writes even the status line."""

    run: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


Reply = Answer | Stream | Hijack


def answer(value: object, status: int = 200) -> Answer:
    """``value`` as JSON, with the newline that Go's encoder adds."""
    return Answer(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, or ``None`` at its end or where it makes no sense."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3:
        return None
    headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
    try:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length") or 0))
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        return None
    url = urlsplit(parts[1])
    return Request(parts[0], unquote(url.path), dict(parse_qsl(url.query, keep_blank_values=True)), headers, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        size = int((await reader.readline()).partition(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readline()
        if size == 0:
            return body


def head(status: int, headers: dict[str, str]) -> bytes:
    """Status line and headers."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Status"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def chunk(data: bytes) -> bytes:
    """One chunk; empty data is the last one."""
    return b"%x\r\n%s\r\n" % (len(data), data)
