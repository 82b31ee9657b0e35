"""What a request to an engine will take of a connection, told from its first line."""

from __future__ import annotations

import re

from backends.ssh.sessions import Use

_LONGEST_LINE = 16 * 1024
_FOLLOWS = re.compile(rb"(^|&)follow=(1|true)\b", re.IGNORECASE)
_ONCE = re.compile(rb"(^|&)stream=(0|false)\b", re.IGNORECASE)
#: Ends of paths of what lasts as long as somebody wants it, or as the work takes.
_LASTING = (b"/attach", b"/attach/ws", b"/session", b"/grpc", b"/build", b"/images/create", b"/images/load", b"/wait")


def use_of(data: bytes) -> Use | None:
    """What the request that begins with ``data`` is; ``None`` as long as its first line is not whole. What is no
    request may last."""
    line, end, _ = data.partition(b"\r\n")
    if not end:
        return None if len(line) < _LONGEST_LINE and line[:1].isalpha() else Use.LONG
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/"):
        return Use.LONG
    path, _, query = parts[1].partition(b"?")
    if path.endswith(b"/events"):
        return Use.SPARE
    if path.endswith(b"/stats"):
        return Use.SHORT if _ONCE.search(query) else Use.SPARE
    if path.endswith(b"/logs"):
        return Use.LONG if _FOLLOWS.search(query) else Use.SHORT
    hijacked = path.endswith(b"/start") and b"/exec/" in path
    return Use.LONG if hijacked or path.endswith(_LASTING) else Use.SHORT
