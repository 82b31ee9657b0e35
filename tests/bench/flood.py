"""A log that never rests: whether keys are still answered, what of it is taken in, and what is said of the rest."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from tests.bench.client import DNET
from tests.bench.engine import BenchEngine
from tests.bench.measure import NAN, ms, percentile
from tests.bench.terminal import TerminalProgram, visible

_UP, _END = b"\x1b[A", b"G"
_RATE = re.compile(rb"([\d,]+) lines? a second")
_SKIPPED = re.compile(rb"([\d,]+) skipped")


@dataclass(slots=True)
class Flood:
    """Milliseconds, percent of a core, lines a second; ``nan`` is what never came."""

    sent: float = NAN
    """What the engine sent, by its own account."""
    shown: float = NAN
    """What the screen says is coming in."""
    skipped: int = 0
    """Lines that the screen says were skipped."""
    cpu: float = NAN
    rss: float = NAN
    keys: list[float] = field(default_factory=list)

    @property
    def key_p50(self) -> float:
        """Median of key to repaint."""
        return percentile(self.keys, 0.5)

    @property
    def key_p90(self) -> float:
        """Nine of ten keys are repainted within this."""
        return percentile(self.keys, 0.9)


def flood(rate: int, *, keys: int = 40, window: float = 5.0) -> Flood:
    """Follows the log of one container at ``rate`` lines a second, and stops and follows it by keys."""
    out = Flood()
    with BenchEngine(20) as engine, DNET.start(engine) as app:
        if app.when(lambda data: visible(data).count(b"svc-0") >= 3) is None:
            return out
        app.send(b"l")
        if app.when(lambda data: b"following" in visible(data)) is None:
            return out
        engine.ask("POST", f"/_fake/flood?lines={rate}")
        time.sleep(3)
        before, sent, began = app.cpu_seconds(), _lines(engine), time.perf_counter()
        offset = app.written
        time.sleep(window)
        took = time.perf_counter() - began
        out.cpu = (app.cpu_seconds() - before) / took * 100
        out.sent = (_lines(engine) - sent) / took
        for number in range(keys):
            key = _press(app, _UP, b"stopped") if number % 2 == 0 else _press(app, _END, b"following")
            out.keys.append(key)
            time.sleep(0.11 + 0.013 * (number % 7))  # not in step with the frames
        out.rss = app.rss() / 1e6
        said = visible(app.since(offset))
        out.shown = float(_last(_RATE, said) or NAN)
        out.skipped = int(_last(_SKIPPED, said) or 0)
    return out


def _lines(engine: BenchEngine) -> int:
    return int(engine.ask("GET", "/_fake/flood"))


def _press(app: TerminalProgram, key: bytes, word: bytes) -> float:
    offset = app.written
    sent = app.send(key)
    return ms(sent, app.when(lambda data: word in visible(data), offset=offset, timeout=5))


def _last(pattern: re.Pattern[bytes], said: bytes) -> bytes:
    found = pattern.findall(said)
    return found[-1].replace(b",", b"") if found else b""
