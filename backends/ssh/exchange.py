"""Whether a kept-alive HTTP connection is between two exchanges, told from its bytes alone.

A session of the server is held by every connection that speaks through a command, also by one that only waits for
its next request. Where sessions are short, such a one is closed for the sake of another (RFC 9112, 9.3.1 lets either
side do so), and its client makes a new one when it needs it.
"""

from __future__ import annotations

from backends.engine.chunks import Chunked
from backends.errors import BadAnswer

_LONGEST_HEAD = 64 * 1024


class Exchange:
    """Fed with both directions. ``idle`` after a whole answer; what is no plain HTTP is never idle again."""

    def __init__(self) -> None:
        self.idle = False
        self._head = b""
        self._left: int | None = None
        self._chunks: Chunked | None = None
        self._tail = b""
        self._raw = False

    def sent(self) -> None:
        """The client has sent something: a request has begun, or goes on."""
        self.idle = False

    def received(self, data: bytes) -> bool:
        """The other side has sent something; returns whether the answer is whole with it."""
        if self._raw:
            return False
        if self._left is None and self._chunks is None:
            self._head = (self._head + data).lstrip(b"\r\n")
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                self._raw = len(self._head) > _LONGEST_HEAD
                return False
            self._head = b""
            if not self._begins(head):
                self._raw = True
                return False
        return self._body(data)

    def _begins(self, head: bytes) -> bool:
        """Whether it is the head of an answer whose end can be told."""
        lines = head.split(b"\r\n")
        status = lines[0].split(b" ", 2)
        parts = (line.partition(b":") for line in lines[1:])
        fields = {name.strip().lower(): value.strip().lower() for name, _, value in parts}
        code = status[1] if len(status) > 1 else b""
        if not status[0].startswith(b"HTTP/1.") or code.startswith(b"1"):
            return False
        if fields.get(b"transfer-encoding") == b"chunked":
            self._chunks, self._tail = Chunked(), b""
        elif code in (b"204", b"304"):
            self._left = 0
        elif fields.get(b"content-length", b"").isdigit():
            self._left = int(fields[b"content-length"])
        else:
            return False  # it lasts until the connection ends
        return True

    def _body(self, data: bytes) -> bool:
        if self._chunks is not None:
            try:
                self._chunks.feed(data)
            except BadAnswer:
                self._raw = True
                return False
            self._tail = (self._tail + data)[-4:]
            if not self._chunks.ended or self._tail != b"\r\n\r\n":
                return False
        elif self._left is not None:
            self._left -= len(data)
            if self._left > 0:
                return False
        self._chunks = self._left = None
        self.idle = True
        return True
