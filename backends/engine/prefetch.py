"""The first answers, fetched while the user interface is still being imported.

Only the standard library's sockets: the docker SDK costs about 100 ms to import, which is more than the engine
needs for a listing of a thousand containers.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Sequence

from backends.engine.chunks import Chunked
from backends.errors import BadAnswer

_CHUNK = 1024 * 1024
#: Seconds for which an answer counts as the state of now.
FRESH = 5.0
#: Seconds that what the first picture does not need waits for it at most.
REST = 1.0
#: Bytes of an answer that is decoded where it is waited for: a few milliseconds, less than a thread takes that has to
#: be given the interpreter by one that is busy with the first frame.
SMALL = 2 * 1024 * 1024
_LARGEST = 512 * 1024 * 1024


class _Pending:
    __slots__ = ("arrived", "body", "done")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.body: bytes | None = None
        self.arrived = 0.0


class Prefetch:
    """Answers under way, by path. Each can be taken once."""

    def __init__(self, socket_path: str, answers: dict[str, _Pending]) -> None:
        self.socket_path = socket_path
        self.started = time.time()
        """When it was asked, in seconds since the epoch: events since then are not in the answers yet."""
        self.shown = threading.Event()
        """Set by the user interface once the answers stand on the screen. Until then, or for :data:`REST` seconds,
        whatever else is asked waits: it needs the SDK, whose import on another thread would take half of the
        interpreter from the first picture. An answer that is missing, or was no good, ends the wait."""
        self._answers = answers
        self._lock = threading.Lock()

    def has(self, path: str) -> bool:
        """Whether ``path`` was asked for and not taken yet."""
        return path in self._answers

    def take_small(self, path: str) -> bytes | None:
        """The body if it is here and so small that decoding it is not worth a thread, else ``None``. Never blocks."""
        answer = self._answers.get(path)
        if answer is None or not answer.done.is_set() or answer.body is None or len(answer.body) > SMALL:
            return None
        return self.take(path, 0.0)

    def wait(self, path: str, timeout: float) -> bool:
        """Whether the answer for ``path`` has come, or failed, within ``timeout`` seconds. Blocks."""
        answer = self._answers.get(path)
        return answer is None or answer.done.wait(timeout)

    def take(self, path: str, timeout: float) -> bytes | None:
        """The body, waited for at most ``timeout`` seconds; ``None`` where there is no good answer (the caller
        then asks again, and gets the reason). Blocks: call it on a thread."""
        with self._lock:
            answer = self._answers.pop(path, None)
        if answer is None or not answer.done.wait(timeout) or time.monotonic() - answer.arrived > FRESH:
            self.shown.set()
            return None
        return answer.body


def prefetch(socket_path: str, paths: Sequence[str], timeout: float = 10.0) -> Prefetch:
    """Asks for ``paths`` (unversioned, e.g. ``/containers/json?all=true``) at once, one daemon thread each."""
    answers = {path: _Pending() for path in paths}
    for path, answer in answers.items():
        threading.Thread(
            target=_fetch, args=(socket_path, path, timeout, answer), name=f"prefetch {path}", daemon=True
        ).start()
    return Prefetch(socket_path, answers)


def _fetch(socket_path: str, path: str, timeout: float, answer: _Pending) -> None:
    try:
        answer.body = get(socket_path, path, timeout)
        answer.arrived = time.monotonic()
    except (OSError, ValueError):
        pass  # the regular client asks again and says why
    finally:
        answer.done.set()


def get(socket_path: str, path: str, timeout: float) -> bytes:
    """One ``GET`` over a unix socket. Raises ``OSError``, or ``ValueError`` for anything but a whole 200."""
    deadline = time.monotonic() + timeout
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _limit(connection, timeout)
        connection.connect(socket_path)
        request = f"GET {path} HTTP/1.1\r\nHost: docker\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode("ascii"))
        answer = Answer()
        while not answer.whole:
            _limit(connection, deadline - time.monotonic())
            left = answer.left
            # What is known to come is awaited by the kernel: to wake up for each of many small parts is to wait each
            # time until the thread that imports gives up the interpreter.
            data = connection.recv(min(left, _CHUNK), socket.MSG_WAITALL) if left else connection.recv(_CHUNK)
            if not data:
                break
            answer.feed(data)
    return answer.finish()


def _limit(connection: socket.socket, left: float) -> None:
    """How long a call may block, told to the kernel: with a limit of Python's own it would not await whole parts."""
    if left <= 0:
        raise TimeoutError("the answer takes too long")
    seconds = max(left, 0.001)
    span = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, span)


class Answer:
    """An HTTP/1.1 answer as it arrives."""

    def __init__(self) -> None:
        self.whole = False
        """Whether its own framing says that nothing more will come."""
        self._head = b""
        self._body: list[bytes] = []
        self._size = 0
        self._begun = False
        self._chunks: Chunked | None = None
        self._length: int | None = None

    @property
    def left(self) -> int:
        """Bytes that will come as sure as the answer is whole; 0 where that is not known."""
        if self._chunks is not None:
            return self._chunks.left
        return max(0, self._length - self._size) if self._length is not None else 0

    def feed(self, data: bytes) -> None:
        """What arrived. Raises ``ValueError`` where it is no 200 or too large."""
        if not self._begun:
            head, separator, data = (self._head + data).partition(b"\r\n\r\n")
            self._head = head
            if not separator:
                if len(head) > _CHUNK:
                    raise ValueError("no good answer")
                return
            self._begin(head)
        if self._chunks is not None:
            try:
                data = self._chunks.feed(data)
            except BadAnswer as error:
                raise ValueError("no good answer") from error
            self.whole = self._chunks.ended
        self._body.append(data)
        self._size += len(data)
        if self._size > _LARGEST:
            raise ValueError("the answer is too large")
        if self._length is not None:
            self.whole = self._size >= self._length

    def finish(self) -> bytes:
        """The body. Raises ``ValueError`` where it is not whole."""
        framed = self._chunks is not None or self._length is not None
        if not self._begun or (framed and not self.whole):
            raise ValueError("the answer is cut off")
        return b"".join(self._body)

    def _begin(self, head: bytes) -> None:
        self._begun = True
        lines = head.split(b"\r\n")
        status = lines[0].split(b" ", 2)
        if len(status) < 2 or not status[0].startswith(b"HTTP/1.") or status[1] != b"200":
            raise ValueError("no good answer")
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name, value = name.strip().lower(), value.strip().lower()
            if name == b"transfer-encoding" and value == b"chunked":
                self._chunks = Chunked()
            elif name == b"content-length":
                self._length = int(value)
