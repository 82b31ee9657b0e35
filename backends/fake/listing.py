"""Whole listings as bytes; rows that did not change since they were last told are not rendered again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from backends.fake.bus import Obj
from backends.fake.http import Answer
from backends.fake.rows import encode
from backends.fake.world import World


def rows(
    world: World,
    kind: str,
    things: Iterable[Obj],
    key: Callable[[Obj], str],
    render: Callable[[Obj], Obj] | None = None,
    *,
    keep: bool = True,
) -> Answer:
    """A JSON array of ``things``; ``kind`` names the cache, ``keep`` says whether a row may be cached."""
    parts = []
    for thing in things:
        mark = (kind, key(thing))
        part = world.rendered.get(mark) if keep else None
        if part is None:
            part = encode(render(thing) if render else thing)
            if keep:
                world.rendered[mark] = part
        parts.append(part)
    return Answer(200, b"[" + b",".join(parts) + b"]\n")
