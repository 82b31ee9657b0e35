"""One start of dnet-tui against one simulated engine, and what is read off it."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.engine import BenchEngine
from tests.bench.terminal import TerminalProgram, visible

#: The bar of the cursor row, which comes with each repaint of that row.
CURSOR = "▌".encode()
_NAME = b"svc-0"
NAN = float("nan")
_FOLDER = tempfile.TemporaryDirectory(prefix="bench-compiled-")
#: A program that is installed is compiled. In an environment that forbids it, it would not be: the first start of a
#: bench, which does not count, compiles all into a folder of the bench's own.
COMPILED = {"PYTHONPYCACHEPREFIX": _FOLDER.name, "PYTHONDONTWRITEBYTECODE": ""}


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


def program(engine: BenchEngine, view: str) -> TerminalProgram:
    """dnet-tui as installed, in 160x48, on the simulated engine; no configuration of the user's."""
    script = Path(sys.executable).with_name("dnet-tui")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "tui.cli"]
    private = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "XDG_STATE_HOME": engine.folder, "DNET_TUI_SSH": "no"} | COMPILED
    return TerminalProgram([*command, "-H", f"unix://{engine.socket}", "--view", view], env=private)


def _listed(data: bytes) -> bool:
    return visible(data).count(_NAME) >= 3


def start(engine: BenchEngine, view: str = "containers") -> tuple[float, float]:
    """(first characters, first list) in ms after exec."""
    with program(engine, view) as app:
        first = app.when(lambda data: bool(visible(data).strip()))
        listed = app.when(_listed)
        return ms(app.started, first), ms(app.started, listed)


def ms(since: float, at: float | None) -> float:
    """Milliseconds between two times; ``nan`` where the second never came."""
    return NAN if at is None else (at - since) * 1000


def press(app: TerminalProgram, count: int) -> list[float]:
    """Milliseconds from ``Down`` to the repaint of the cursor row, ``count`` times."""
    times = []
    for number in range(count):
        offset = app.written
        sent = app.send(b"\x1b[B" if number % 20 < 10 else b"\x1b[A")
        seen = app.when(lambda data: CURSOR in data, offset=offset, timeout=3)
        times.append(ms(sent, seen))
        time.sleep(0.05 + 0.013 * (number % 5))  # not in step with the frames
    return [value for value in times if value == value]


def first_containers(engine: BenchEngine, count: int) -> list[str]:
    """Names of the containers that stand at the top of the list."""
    rows = json.loads(engine.ask("GET", "/containers/json?all=1"))
    return sorted(row["Names"][0].lstrip("/") for row in rows)[:count]


def sample(count: int, rate: float, *, starts: int = 3, keys: int = 30, window: float = 4.0) -> Sample:
    """All figures for ``count`` containers at ``rate`` events a second."""
    out = Sample()
    with BenchEngine(count, rate) as engine:
        runs = [start(engine) for _ in range(starts + 1)][1:]  # the first warms the page cache
        out.first = statistics.median(run[0] for run in runs)
        out.listed = statistics.median(run[1] for run in runs)
        with program(engine, "containers") as app:
            app.when(_listed)
            time.sleep(4)
            engine.reset()
            before = app.cpu_seconds()
            time.sleep(window)
            out.cpu = (app.cpu_seconds() - before) / window * 100
            requests, sizes = engine.counters()
            out.requests = sum(requests.values()) / window
            out.kilobytes = sum(sizes.values()) / window / 1000
            out.rss = app.rss() / 1e6
            out.keys = press(app, keys)
            if not rate:
                for name in first_containers(engine, 6):
                    _flip(engine, app, name, out)
    return out


def _flip(engine: BenchEngine, app: TerminalProgram, name: str, out: Sample) -> None:
    time.sleep(1.3)
    offset, sent = app.written, time.perf_counter()
    engine.flip(name)
    out.event.append(ms(sent, app.when(lambda data: len(data) > 0, offset=offset, timeout=3)))
    time.sleep(0.5)
    out.row_bytes.append(app.written - offset)


def idle_overview(tasks: int, window: float = 20.0) -> tuple[float, float, dict[str, int]]:
    """(requests a second, kB a second, requests by path) idle on the Overview."""
    with BenchEngine(tasks) as engine, program(engine, "overview") as app:
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
