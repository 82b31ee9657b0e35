"""From log bytes to lines: time stamps and details taken off, long lines joined again."""

from __future__ import annotations

import re
from calendar import timegm
from urllib.parse import unquote_plus

from backends.api import LogLine
from backends.engine.chunks import STDOUT, Frames, is_multiplexed

#: RFC 3339 as the engine writes it before each line, always in UTC (Go's RFC3339NanoFixed).
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z ")
_TASK = "com.docker.swarm.task.id"
_NODE = "com.docker.swarm.node.id"
_SWARM = "com.docker.swarm."
#: The engine cuts what a container writes without a newline into parts of this size (moby daemon/logger/copier.go).
_PART = 16 * 1024
#: A line longer than this is handed out in pieces, so that endless ones do not fill the memory.
_LONGEST = 1024 * 1024


class LogParser:
    """One log's bytes to ``LogLine`` values. ``details`` says that each line carries attributes (logs of
    services and tasks), ``keep_details`` that those which are not the Swarm's own are wanted in the text."""

    def __init__(self, source: str = "", *, details: bool = False, keep_details: bool = False) -> None:
        self._source = source
        self._details, self._keep_details = details, keep_details
        self._frames: Frames | None = None
        self._begun = False
        self._raw: list[bytes] = []
        self._raw_size = 0
        self._open: dict[tuple[str, str], _Unfinished] = {}
        self._second, self._epoch = b"", 0
        self._attributes: tuple[bytes, tuple[str, str, str]] = (b"", ("", "", ""))

    def feed(self, data: bytes) -> list[LogLine]:
        """The lines that are whole now."""
        if not data:
            return []
        if not self._begun:
            self._begun = True
            if is_multiplexed(data):
                self._frames = Frames()
        lines: list[LogLine] = []
        if self._frames is not None:
            for stream, payload in self._frames.feed(data):
                self._message(stream, payload, lines)
        else:
            self._plain(data, lines)
        return lines

    def finish(self) -> list[LogLine]:
        """What was left without a newline at the end."""
        lines: list[LogLine] = []
        if self._raw:
            self._plain(b"\n", lines)
        lines += [unfinished.line() for unfinished in self._open.values()]
        self._open.clear()
        return lines

    def _plain(self, data: bytes, lines: list[LogLine]) -> None:
        """Of a terminal: nothing but the newlines says where a message ends."""
        head, newline, rest = data.rpartition(b"\n")
        if not newline:
            self._raw.append(data)
            self._raw_size += len(data)
            if self._raw_size < _LONGEST:
                return
            head, rest = b"", b""
        whole = b"".join((*self._raw, head))
        self._raw = [rest] if rest else []
        self._raw_size = len(rest)
        for message in whole.split(b"\n"):
            time, rest = self._stamp(message)
            source, node, text = self._origin(rest)
            body = _without_inner_stamps(text) if len(text) > _PART else text
            lines.append(LogLine(time, STDOUT, _decode(body), source, node))

    def _message(self, stream: str, payload: bytes, lines: list[LogLine]) -> None:
        """One frame is one message; without a newline at its end, the next of its kind goes on with it."""
        whole = payload.endswith(b"\n")
        pieces = payload[:-1].split(b"\n") if whole else payload.split(b"\n")
        last = len(pieces) - 1
        for index, piece in enumerate(pieces):
            time, rest = self._stamp(piece)
            source, node, text = self._origin(rest)
            if self._open and (begun := self._open.pop((stream, source), None)) is not None:
                begun.parts.append(text)
                begun.size += len(text)
            elif whole or index < last:
                lines.append(LogLine(time, stream, _decode(text), source, node))
                continue
            else:
                begun = _Unfinished(time, stream, source, node, [text], len(text))
            if whole or index < last or begun.size > _LONGEST:
                lines.append(begun.line())
            else:
                self._open[stream, source] = begun

    def _stamp(self, message: bytes) -> tuple[float | None, bytes]:
        match = _STAMP.match(message)
        if match is None:
            return None, message
        second, fraction = match.groups()
        if second != self._second:
            try:
                self._epoch = timegm(
                    (
                        int(second[:4]),
                        int(second[5:7]),
                        int(second[8:10]),
                        int(second[11:13]),
                        int(second[14:16]),
                        int(second[17:]),
                    )
                )
            except ValueError:
                return None, message
            self._second = second
        return self._epoch + (float(fraction) if fraction else 0.0), message[match.end() :]

    def _origin(self, message: bytes) -> tuple[str, str, bytes]:
        """(task or container, node, text) of a message without its time stamp."""
        if not self._details:
            return self._source, "", message
        attributes, space, text = message.partition(b" ")
        if not space or b"=" not in attributes:
            return self._source, "", message
        if attributes != self._attributes[0]:
            self._attributes = (attributes, _parse_details(attributes))
        task, node, kept = self._attributes[1]
        if kept and self._keep_details:
            text = kept.encode() + b" " + text
        return task or self._source, node, text


class _Unfinished:
    __slots__ = ("node", "parts", "size", "source", "stream", "time")

    def __init__(self, time: float | None, stream: str, source: str, node: str, parts: list[bytes], size: int) -> None:
        self.time, self.stream, self.source, self.node = time, stream, source, node
        self.parts, self.size = parts, size

    def line(self) -> LogLine:
        return LogLine(self.time, self.stream, _decode(b"".join(self.parts)), self.source, self.node)


def _decode(text: bytes) -> str:
    return text.removesuffix(b"\r").decode("utf-8", "replace")


def _parse_details(attributes: bytes) -> tuple[str, str, str]:
    """(task id, node id, the rest as it was) of ``key=value,…``, both sides URL-encoded."""
    task = node = ""
    kept = []
    for pair in attributes.decode("utf-8", "replace").split(","):
        key, _, value = pair.partition("=")
        key = unquote_plus(key)
        if key == _TASK:
            task = unquote_plus(value)
        elif key == _NODE:
            node = unquote_plus(value)
        elif not key.startswith(_SWARM):
            kept.append(f"{key}={unquote_plus(value)}")
    return task, node, ",".join(kept)


def _without_inner_stamps(text: bytes) -> bytes:
    """Joins a long line again: each of its parts came with a time stamp of its own in front."""
    parts, position = [], 0
    while position + _PART < len(text) and (match := _STAMP.match(text, position + _PART)) is not None:
        parts.append(text[position : position + _PART])
        position = match.end()
    return b"".join((*parts, text[position:]))
