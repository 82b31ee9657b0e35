"""Logs as the API sends them: multiplexed frames, timestamps, details, tail, follow."""

from __future__ import annotations

import asyncio
import heapq
import struct
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from backends.fake.api import Api
from backends.fake.bus import Obj
from backends.fake.http import Problem, Request, Stream
from backends.fake.loglines import Line, Log
from backends.fake.times import moment
from backends.fake.world import World
from backends.wire import rfc3339


@dataclass(frozen=True)
class Source:
    """A container whose log is read; ``details`` is what the engine adds to each of its lines."""

    box: Obj
    details: str = ""


def sources(world: World, tasks: Iterable[Obj]) -> list[Source]:
    """The containers of tasks, as far as they are still there."""
    result = []
    for task in tasks:
        host = world.host_of(task.get("NodeID", ""))
        key = task["Status"].get("ContainerStatus", {}).get("ContainerID", "")
        if host is not None and key in host.containers and world.nodes[host.node_id]["Status"]["State"] == "ready":
            details = (
                f"com.docker.swarm.node.id={host.node_id},com.docker.swarm.service.id={task['ServiceID']},"
                f"com.docker.swarm.task.id={task['ID']}"
            )
            result.append(Source(host.containers[key], details))
    return result


@dataclass(frozen=True)
class _Wanted:
    stdout: bool
    stderr: bool
    timestamps: bool
    details: bool
    tty: bool

    def render(self, line: Line, details: str) -> bytes:
        if not (self.stdout if line.stream == 1 else self.stderr):
            return b""
        text = line.text
        if self.details:
            text = f"{details} {text}"
        if self.timestamps:
            text = f"{rfc3339.render(line.time)} {text}"
        data = text.encode("utf-8", "surrogateescape") + b"\n"
        return data if self.tty else struct.pack(">BxxxL", line.stream, len(data)) + data


class _Flood:
    """More lines than a log has: each one that it has, over and over, at the time of now. Whoever is to be flooded
    must not be slowed by who floods, so that lines are made once."""

    _DIFFERENT = 500

    def __init__(self, wanted: _Wanted, logs: list[tuple[Source, Log]]) -> None:
        self._wanted, self._logs = wanted, logs
        self._made: list[tuple[int, bytes]] = []
        self._next = 0
        self._at: float | None = None

    def rest(self) -> None:
        """It has not begun, or is over."""
        self._at = None

    def due(self, rate: float) -> int:
        """How many lines have come since the last time, at ``rate`` a second."""
        clock = time.monotonic()
        count = 0 if self._at is None else int(rate * (clock - self._at))
        self._at = clock if self._at is None else self._at + count / rate
        return count

    def lines(self, count: int, now: float) -> bytes:
        """The next ones, as frames or as plain text."""
        if not self._made:
            self._made = [self._line(number) for number in range(self._DIFFERENT)]
        stamp = f"{rfc3339.render(now)} ".encode() if self._wanted.timestamps else b""
        made = [self._made[number % len(self._made)] for number in range(self._next, self._next + count)]
        self._next += count
        if self._wanted.tty:
            return b"".join([stamp + text for stream, text in made if stream])
        head, size = struct.Struct(">BxxxL").pack, len(stamp)
        return b"".join([head(stream, size + len(text)) + stamp + text for stream, text in made if stream])

    def _line(self, number: int) -> tuple[int, bytes]:
        """(its stream, 0 where that is not wanted; its text without a time stamp)."""
        source, log = self._logs[number % len(self._logs)]
        line = log.line(number)
        text = f"{source.details} {line.text}" if self._wanted.details else line.text
        shown = self._wanted.stdout if line.stream == 1 else self._wanted.stderr
        return (line.stream if shown else 0), text.encode("utf-8", "surrogateescape") + b"\n"


def open_log(api: Api, request: Request, found: list[Source], *, tty: bool) -> Stream:
    """Starts an answer with the lines of ``found``. Raises ``Problem`` where neither stream is asked for."""
    wanted = _Wanted(
        request.flag("stdout"), request.flag("stderr"), request.flag("timestamps"), request.flag("details"), tty
    )
    if not (wanted.stdout or wanted.stderr):
        raise Problem(400, "Bad parameters: you must choose at least one stream")
    now = api.world.now()
    since = moment(request.query.get("since", ""), now) or 0.0
    until = moment(request.query.get("until", ""), now) or now
    tail_text = request.query.get("tail", "all")
    tail = int(tail_text) if tail_text.isdigit() else None
    kind = "application/vnd.docker.raw-stream" if tty else "application/vnd.docker.multiplexed-stream"
    return Stream(_lines(api, found, wanted, since, until, tail, request.flag("follow")), kind)


async def _lines(
    api: Api, found: list[Source], wanted: _Wanted, since: float, until: float, tail: int | None, follow: bool
) -> AsyncIterator[bytes]:
    logs = [(s, Log(s.box)) for s in found]
    streams = ([(x.time, i, x) for x in log.lines(since, until, tail)] for i, (_, log) in enumerate(logs))
    past = heapq.merge(*streams, key=lambda entry: entry[:2])
    yield b"".join(wanted.render(line, logs[i][0].details) for _, i, line in past)
    if not follow:
        return
    sent = {i: log.count(until) for i, (_, log) in enumerate(logs)}
    flood = _Flood(wanted, logs)
    while any(s.box["State"]["Running"] for s, _ in logs):
        await asyncio.sleep(0.05)
        rate = api.flood.rate
        out = []
        now = api.world.now()
        if rate:
            api.flood.sent += (count := flood.due(rate))
            yield flood.lines(count, now)
        else:
            flood.rest()
            for i, (source, log) in enumerate(logs):
                while source.box["State"]["Running"] and sent[i] < log.count(now):
                    out.append(wanted.render(log.line(sent[i]), source.details))
                    sent[i] += 1
        if out:
            yield b"".join(out)
