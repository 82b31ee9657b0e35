"""The first answers, fetched while the user interface is still being imported.

Only the standard library's sockets: the docker SDK costs about 100 ms to import, which is more than the engine
needs for a listing of a thousand containers.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence

_CHUNK = 256 * 1024
_LARGEST = 512 * 1024 * 1024


class _Answer:
    __slots__ = ("body", "done")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.body: bytes | None = None


class Prefetch:
    """Answers under way, by path. Each can be taken once."""

    def __init__(self, socket_path: str, answers: dict[str, _Answer]) -> None:
        self.socket_path = socket_path
        self._answers = answers
        self._lock = threading.Lock()

    def has(self, path: str) -> bool:
        """Whether ``path`` was asked for and not taken yet."""
        return path in self._answers

    def take(self, path: str, timeout: float) -> bytes | None:
        """The body, waited for at most ``timeout`` seconds; ``None`` where there is no good answer (the caller
        then asks again, and gets the reason). Blocks: call it on a thread."""
        with self._lock:
            answer = self._answers.pop(path, None)
        if answer is None or not answer.done.wait(timeout):
            return None
        return answer.body


def prefetch(socket_path: str, paths: Sequence[str], timeout: float = 10.0) -> Prefetch:
    """Asks for ``paths`` (unversioned, e.g. ``/containers/json?all=true``) at once, one daemon thread each."""
    answers = {path: _Answer() for path in paths}
    for path, answer in answers.items():
        threading.Thread(
            target=_fetch, args=(socket_path, path, timeout, answer), name=f"prefetch {path}", daemon=True
        ).start()
    return Prefetch(socket_path, answers)


def _fetch(socket_path: str, path: str, timeout: float, answer: _Answer) -> None:
    try:
        answer.body = get(socket_path, path, timeout)
    except (OSError, ValueError):
        pass  # the regular client asks again and says why
    finally:
        answer.done.set()


def get(socket_path: str, path: str, timeout: float) -> bytes:
    """One ``GET`` over a unix socket. Raises ``OSError``, or ``ValueError`` for anything but a whole 200."""
    deadline = time.monotonic() + timeout
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(socket_path)
        request = f"GET {path} HTTP/1.1\r\nHost: docker\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode("ascii"))
        parts: list[bytes] = []
        size = 0
        while data := connection.recv(_CHUNK):
            parts.append(data)
            size += len(data)
            if size > _LARGEST:
                raise ValueError("the answer is too large")
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer takes too long")
            connection.settimeout(left)
    return parse(b"".join(parts))


def parse(answer: bytes) -> bytes:
    """The body of a whole HTTP/1.1 answer. Raises ``ValueError`` where it is no 200, or not whole."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    status = lines[0].split(b" ", 2)
    if not separator or len(status) < 2 or not status[0].startswith(b"HTTP/1.") or status[1] != b"200":
        raise ValueError("no good answer")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip().lower()
    if headers.get(b"transfer-encoding") == b"chunked":
        return _unchunked(body)
    length = headers.get(b"content-length")
    if length is not None and int(length) != len(body):
        raise ValueError("the answer is cut off")
    return body


def _unchunked(data: bytes) -> bytes:
    parts: list[bytes] = []
    position = 0
    while True:
        end = data.find(b"\r\n", position)
        if end < 0:
            raise ValueError("the answer is cut off")
        size = int(data[position:end].partition(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        position = end + 2
        if size < 0 or position + size > len(data):
            raise ValueError("the answer is cut off")
        parts.append(data[position : position + size])
        position += size + 2
