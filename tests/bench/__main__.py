"""``python -m tests.bench [--quick]``: prints the table. Nothing here passes or fails."""

from __future__ import annotations

import argparse

from tests.bench import measure
from tests.bench.flood import flood


def main() -> None:
    """Measures and prints, row by row, since a whole run takes minutes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 containers only, one start each")
    options = parser.parse_args()
    shell, version = measure.help_time()
    print(f"--help {shell:.0f} ms, --version {version:.0f} ms (whole process, shell included)\n")
    print("160x48 in a pty, containers view; services and networks are a tenth of the containers")
    print(
        f"{'containers':>10} {'events/s':>8} | {'first':>6} {'list':>6} ms | {'RSS':>5} MB | {'CPU':>5} % |"
        f" {'key p50':>7} {'p90':>5} ms | {'event':>6} ms | {'row':>5} B | {'req/s':>6} {'kB/s':>7}"
    )
    for count in (1000,) if options.quick else (100, 1000, 10_000):
        for rate in (0, 100, 1000):
            got = measure.sample(count, rate, starts=1 if options.quick else 3)
            print(
                f"{count:>10,} {rate:>8} | {got.first:>6.0f} {got.listed:>6.0f}    | {got.rss:>5.0f}    |"
                f" {got.cpu:>5.1f}   | {got.key_p50:>7.1f} {got.key_p90:>5.1f}    |"
                f" {measure.median(got.event):>6.1f}    | {measure.median(got.row_bytes):>5.0f}   |"
                f" {got.requests:>6.1f} {got.kilobytes:>7.1f}",
                flush=True,
            )
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
    print(f"\nidle on the Overview, {tasks:,} tasks: {requests:.2f} requests/s, {kilobytes:.1f} kB/s; {paths}")


if __name__ == "__main__":
    main()
