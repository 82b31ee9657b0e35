"""Byte-level framing of endless answers: HTTP chunks, lines, and Docker's multiplexed frames.

Plain state machines without input or output, fed with whatever arrived, so that many small pieces (an engine
flushes after every log line) cost little.
"""

from __future__ import annotations

from backends.errors import BadAnswer

#: A chunk or frame that claims more than this is no log and no event.
_LARGEST = 256 * 1024 * 1024
_HEADER = 8
STDOUT = "stdout"
STDERR = "stderr"


class Chunked:
    """Decodes ``Transfer-Encoding: chunked`` (RFC 9112, 7.1)."""

    def __init__(self) -> None:
        self._rest = b""
        self._left = 0
        """Bytes of the current chunk that are to come, its closing line break included."""
        self.ended = False
        """Whether the last chunk has come: the sender ended on purpose."""

    @property
    def left(self) -> int:
        """Bytes that are still to come of the chunk that was begun; 0 between two."""
        return self._left

    def feed(self, data: bytes) -> bytes:
        """The body bytes in ``data``. Raises ``BadAnswer`` where a chunk has no size."""
        parts: list[bytes] = []
        position = 0
        if self._rest:
            data = self._rest + data
            self._rest = b""
        size = len(data)
        while position < size and not self.ended:
            if self._left:
                stop = min(position + self._left, size)
                kept = min(stop, position + max(self._left - 2, 0))
                if kept > position:
                    parts.append(data[position:kept])
                self._left -= stop - position
                position = stop
                continue
            end = data.find(b"\r\n", position)
            if end < 0:
                if size - position > 4096:
                    raise BadAnswer("The engine's stream is garbled: a chunk has no size.")
                self._rest = data[position:]
                break
            try:
                length = int(data[position:end].partition(b";")[0], 16)
            except ValueError as error:
                raise BadAnswer("The engine's stream is garbled: a chunk has no size.") from error
            if not 0 <= length <= _LARGEST:
                raise BadAnswer("The engine's stream is garbled: a chunk has no sensible size.")
            position = end + 2
            if length == 0:
                self.ended = True
            else:
                self._left = length + 2
        return b"".join(parts)


class Lines:
    """Whole lines out of pieces."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, data: bytes) -> bytes:
        """All whole lines so far with their newlines, or ``b""``; the rest is kept."""
        head, newline, rest = data.rpartition(b"\n")
        if not newline:
            self._rest.append(data)
            return b""
        whole = b"".join((*self._rest, head, newline))
        self._rest = [rest] if rest else []
        return whole


class Frames:
    """Demultiplexes stdout and stderr of what has no terminal: 8 bytes of header, stream and length, then data
    (Engine API, "Stream format" of ``POST /containers/{id}/attach``)."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """The whole frames so far. Raises ``BadAnswer`` where a header makes no sense."""
        if self._rest:
            data = self._rest + data
        frames: list[tuple[str, bytes]] = []
        position, size = 0, len(data)
        while size - position >= _HEADER:
            stream = data[position]
            length = int.from_bytes(data[position + 4 : position + _HEADER], "big")
            if stream > 3 or data[position + 1 : position + 4] != b"\0\0\0" or length > _LARGEST:
                raise BadAnswer("The engine's stream is garbled: a frame has no sensible header.")
            end = position + _HEADER + length
            if end > size:
                break
            frames.append((STDOUT if stream <= 1 else STDERR, data[position + _HEADER : end]))
            position = end
        self._rest = data[position:]
        return frames


def is_multiplexed(first: bytes) -> bool:
    """Whether a log that begins with ``first`` (not empty) is in frames. With time stamps asked for, a plain one
    begins with a digit, so that no question about the container's terminal is needed."""
    return first[0] <= 3
