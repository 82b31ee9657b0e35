"""One start of dnet-tui against one simulated engine, and what is read off it."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.client import DNET, Client, listed
from tests.bench.engine import BenchEngine
from tests.bench.terminal import TerminalProgram, visible

NAN = float("nan")


@dataclass(slots=True)
class Sample:
    """Milliseconds, megabytes, percent of a core, bytes; ``nan`` is what never came."""

    first: float = NAN
    listed: float = NAN
    rss: float = NAN
    cpu: float = NAN
    keys: list[float] = field(default_factory=list)
    event: list[float] = field(default_factory=list)
    row_bytes: list[int] = field(default_factory=list)
    requests: float = NAN
    kilobytes: float = NAN

    @property
    def key_p50(self) -> float:
        """Median of key to repaint."""
        return percentile(self.keys, 0.5)

    @property
    def key_p90(self) -> float:
        """Nine of ten keys are repainted within this."""
        return percentile(self.keys, 0.9)


def start(engine: BenchEngine, client: Client, rest: float = 0.0) -> tuple[float, float]:
    """(first characters, first list) in ms after exec; then it may go on for ``rest`` seconds."""
    with client.start(engine) as app:
        first = app.when(lambda data: bool(visible(data).strip()))
        shown = app.when(listed)
        time.sleep(rest)
        return ms(app.started, first), ms(app.started, shown)


def ms(since: float, at: float | None) -> float:
    """Milliseconds between two times; ``nan`` where the second never came."""
    return NAN if at is None else (at - since) * 1000


def press(app: TerminalProgram, client: Client, count: int) -> list[float]:
    """Milliseconds from ``Down`` to the cursor's move on the screen, ``count`` times."""
    times = []
    for number in range(count):
        offset = app.written
        sent = app.send(b"\x1b[B" if number % 20 < 10 else b"\x1b[A")
        seen = app.when(client.moved, offset=offset, timeout=3)
        times.append(ms(sent, seen))
        time.sleep(0.05 + 0.013 * (number % 5))  # not in step with the frames
    return times


def first_containers(engine: BenchEngine, count: int) -> list[str]:
    """Names of the containers that stand at the top of the list."""
    rows = json.loads(engine.ask("GET", "/containers/json?all=1"))
    return sorted(row["Names"][0].lstrip("/") for row in rows)[:count]


def sample(client: Client, count: int, rate: float, *, starts: int = 3, keys: int = 30, window: float = 4.0) -> Sample:
    """All figures of a program with ``count`` containers at ``rate`` events a second."""
    out = Sample()
    with BenchEngine(count, rate) as engine:
        start(engine, client, rest=3.0)  # warms the page cache, and compiles also what is read later
        runs = [start(engine, client) for _ in range(starts)]
        out.first = statistics.median(run[0] for run in runs)
        out.listed = statistics.median(run[1] for run in runs)
        with client.start(engine) as app:
            app.when(listed)
            time.sleep(4)
            engine.reset()
            before = app.cpu_seconds()
            time.sleep(window)
            out.cpu = (app.cpu_seconds() - before) / window * 100
            requests, sizes = engine.counters()
            sizes.pop("/events", None)
            out.requests = sum(requests.values()) / window
            out.kilobytes = sum(sizes.values()) / window / 1000
            out.rss = app.rss() / 1e6
            out.keys = press(app, client, keys)
            if not rate:
                out.event, out.row_bytes = flips(engine, app)
    return out


def flips(engine: BenchEngine, app: TerminalProgram, times: int = 6) -> tuple[list[float], list[int]]:
    """(milliseconds until something is drawn, bytes drawn) when a container on the screen changes its state."""
    waits, sizes = [], []
    for name in first_containers(engine, times):
        time.sleep(1.3)
        offset, sent = app.written, time.perf_counter()
        engine.flip(name)
        waits.append(ms(sent, app.when(lambda data: len(data) > 0, offset=offset, timeout=3)))
        time.sleep(0.5)
        sizes.append(app.written - offset)
    return waits, sizes


def row_alone(count: int) -> float:
    """Bytes drawn for the change of one row where the screen has no strip of events: below 24 rows."""
    with BenchEngine(count) as engine, DNET.start(engine, rows=23) as app:
        app.when(listed)
        time.sleep(4)
        return statistics.median(flips(engine, app)[1])


def idle_overview(tasks: int, window: float = 20.0) -> tuple[float, float, dict[str, int]]:
    """(requests a second, kB a second, requests by path) idle on the Overview."""
    with BenchEngine(tasks) as engine, DNET.start(engine, "overview") as app:
        app.when(lambda data: b"live" in visible(data))
        time.sleep(15)
        engine.reset()
        time.sleep(window)
        requests, sizes = engine.counters()
        return sum(requests.values()) / window, sum(sizes.values()) / window / 1000, requests


def help_time(runs: int = 7) -> tuple[float, float]:
    """Median ms of ``--help`` and ``--version``."""
    out = []
    for option in ("--help", "--version"):
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", f"{sys.executable} -m tui.cli {option} >/dev/null"])
            times.append((time.perf_counter() - began) * 1000)
        out.append(statistics.median(times))
    return out[0], out[1]


def percentile(values: Sequence[float], part: float) -> float:
    """What so large a part of the values is at most; nan of nothing, or where one never came."""
    if not values or any(value != value for value in values):
        return NAN
    return statistics.median(values) if part == 0.5 else sorted(values)[max(0, int(len(values) * part) - 1)]


def median(values: Sequence[float]) -> float:
    """Median, or nan of nothing."""
    return statistics.median(values) if values else NAN
