"""Logs as the API sends them: multiplexed frames, timestamps, details, tail, follow."""

from __future__ import annotations

import asyncio
import heapq
import struct
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
    debt = 0.0
    while any(s.box["State"]["Running"] for s, _ in logs):
        await asyncio.sleep(0.05)
        rate = api.flood.rate
        out = []
        now = api.world.now()
        if rate:
            debt += rate * 0.05
            for n in range(int(debt)):
                i = n % len(logs)
                out.append(wanted.render(logs[i][1].line(sent[i], now), logs[i][0].details))
                sent[i] += 1
            debt -= int(debt)
        else:
            for i, (source, log) in enumerate(logs):
                while source.box["State"]["Running"] and sent[i] < log.count(now):
                    out.append(wanted.render(log.line(sent[i]), source.details))
                    sent[i] += 1
        if out:
            yield b"".join(out)
