"""What the programs in the simulated containers write: line ``n`` of a container is always the same."""

from __future__ import annotations

import random
from dataclasses import dataclass

from backends.fake.attacks import ATTACKS
from backends.fake.bus import Obj
from backends.fake.profiles import profile_of
from backends.wire import rfc3339

_WORDS = ("coat", "belt", "shoe", "boot", "sock", "scarf", "hat", "glove")
_PLACES = ("/", "/courses", "/index.php", "/healthz", "/static/app.css", "/static/logo.svg")


@dataclass(frozen=True)
class Line:
    """One line, without its newline. ``number`` counts from the start of the container."""

    number: int
    time: float
    stream: int
    """1 is stdout, 2 is stderr."""
    text: str


def _api(r: random.Random, n: int) -> tuple[int, str]:
    dice = r.random()
    if dice < 0.03:
        return 2, f"ERROR order {81000 + n % 999} failed: timeout waiting for connection after 1000ms"
    if dice < 0.04:
        return 2, "          at Pool.acquire (/app/db/pool.js:88:17)"
    if dice < 0.08:
        return 1, f"WARN  pool {r.randint(15, 20)} of 20 in use"
    if dice < 0.1:
        return (
            1,
            f"WARN  slow query {r.randint(400, 900)}ms: select * from orders where customer = $1 order by placed desc",
        )
    if dice < 0.35:
        return 1, f"INFO  GET /api/items?q={r.choice(_WORDS)} 200 {r.randint(30, 60)}ms"
    if dice < 0.55:
        return 1, f"INFO  POST /api/order 201 {r.randint(80, 140)}ms"
    if dice < 0.8:
        return 1, f"INFO  GET /api/cart 200 {r.randint(8, 20)}ms"
    return 1, "INFO  GET /healthz 200 0ms"


def _apache(r: random.Random, n: int) -> tuple[int, str]:
    status = 200 if r.random() > 0.04 else r.choice((404, 500))
    if status == 500:
        return (
            2,
            "[php:error] PHP Warning: mysqli::__construct(): (HY000/2002): Connection timed out in index.php on line 7",
        )
    size = r.randint(180, 9000)
    return 1, f'10.0.0.{r.randint(2, 9)} "GET {r.choice(_PLACES)} HTTP/1.1" {status} {size} "-" "Mozilla/5.0"'


def _nginx(r: random.Random, n: int) -> tuple[int, str]:
    return (
        1,
        f'10.0.13.{r.randint(2, 9)} - "GET {r.choice(_PLACES)} HTTP/2.0" 200 {r.randint(180, 90000)} {r.random():.3f}',
    )


def _mysql(r: random.Random, n: int) -> tuple[int, str]:
    return 2, r.choice(
        (
            f"[Note] Access for user 'root'@'10.0.9.{r.randint(5, 8)}' granted",
            f"[Warning] Aborted connection {n} to db: 'courses' (Got timeout reading communication packets)",
            "[Note] InnoDB: Buffer pool(s) load completed",
        )
    )


def _postgres(r: random.Random, n: int) -> tuple[int, str]:
    return 2, r.choice(
        (
            f"LOG:  checkpoint complete: wrote {r.randint(40, 400)} buffers ({r.random():.1f}%)",
            f"LOG:  duration: {r.randint(200, 900)}.{n % 1000:03d} ms  statement: select * from orders",
            "LOG:  connection authorized: user=shop database=shop",
        )
    )


def _redis(r: random.Random, n: int) -> tuple[int, str]:
    return 1, f"1:M * {r.randint(100, 900)} changes in 60 seconds. Saving..."


def _logfmt(r: random.Random, n: int) -> tuple[int, str]:
    part = r.choice(("tsdb", "scrape", "compact", "http"))
    level = "warn" if r.random() < 0.06 else "info"
    series = r.randint(900, 20_000)
    return 2, f'level={level} component={part} msg="{part} cycle done" duration={r.random():.4f}s series={series}'


def _traefik(r: random.Random, n: int) -> tuple[int, str]:
    size = r.randint(200, 90_000)
    took = r.randint(1, 60)
    return 1, f'10.0.0.{r.randint(2, 9)} "GET {r.choice(_PLACES)} HTTP/2.0" 200 {size} "web@swarm" {took}ms'


def _worker(r: random.Random, n: int) -> tuple[int, str]:
    return 1, f"job {70000 + n}: mail sent in {r.randint(20, 400)} ms"


def _plain(r: random.Random, n: int) -> tuple[int, str]:
    return 1, f"tick {n}"


def _hostile(r: random.Random, n: int) -> tuple[int, str]:
    return 1 + n % 2, ATTACKS[n % len(ATTACKS)]


_KINDS = {
    "hostile": (_hostile, 0.5),
    "api": (_api, 0.4),
    "apache": (_apache, 1.5),
    "nginx": (_nginx, 0.8),
    "mysql": (_mysql, 6.0),
    "postgres": (_postgres, 4.0),
    "redis": (_redis, 8.0),
    "logfmt": (_logfmt, 3.0),
    "traefik": (_traefik, 0.6),
    "worker": (_worker, 1.2),
    "plain": (_plain, 5.0),
}


class Log:
    """The log of one container: lines at an even pace from its start to its end."""

    def __init__(self, box: Obj) -> None:
        self._box = box
        self._make, self.pace = _KINDS[profile_of(box["Config"]["Image"]).log]
        state = box["State"]
        self.start = rfc3339.parse(state["StartedAt"]) or 0.0
        ended = None if state["Running"] else rfc3339.parse(state["FinishedAt"])
        never = not self.start or (not state["Running"] and "create failed" in state["Error"])
        self.end = self.start if never else ended

    def count(self, until: float) -> int:
        """How many lines there are at a time."""
        if self.end is not None:
            until = min(until, self.end)
        return max(0, int((until - self.start) / self.pace)) if until > self.start else 0

    def line(self, number: int, at: float | None = None) -> Line:
        """Line ``number``, counted from 0, at its own time or at ``at``."""
        r = random.Random(f"{self._box['Id']}/{number}")
        stream, text = self._make(r, number)
        return Line(number, self.start + (number + 1) * self.pace if at is None else at, stream, text)

    def lines(self, since: float, until: float, tail: int | None) -> list[Line]:
        """Lines between two times, only the last ``tail`` of them."""
        last = self.count(until)
        first = self.count(since) if since > self.start else 0
        if tail is not None:
            first = max(first, last - tail)
        # nobody reads months of log: what is further back than this has been rotated away
        return [self.line(n) for n in range(max(first, last - 20_000), last)]
