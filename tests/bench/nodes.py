"""What the nodes of a Swarm cost over SSH: ``python -m tests.bench.nodes [NUMBER ...]``, 1, 30 and 300 by default.

The machines, their SSH servers and engines are simulated in a process of their own; the client is another, without
a screen, which wants the containers of all nodes. The two share the cores, so the client's own seconds are printed too.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from backends.api import Interest
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.machines import Machines
from backends.model import Kind, LinkState
from backends.ssh.config import SshConfig
from backends.ssh.resolve import Resolver
from backends.ssh.target import NodeMapping
from backends.swarm import SwarmCluster
from backends.transport import transport_for
from tests.bench.ssh_nodes import BOXES, address, name

#: Seconds of quiet before and while the cost of doing nothing is measured.
SETTLE, IDLE = 5.0, 30.0
_LONGEST = 120.0


def measure(nodes: int) -> str:
    """One row of the table."""
    with tempfile.TemporaryDirectory(prefix="nodes-") as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.ssh_nodes", folder, str(nodes)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            if server.stdout.readline().strip() != "ready":
                raise RuntimeError("the simulated machines did not start")
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.nodes", "--client", folder, str(nodes)],
                capture_output=True,
                text=True,
                check=False,
            )
            return done.stdout.strip() or done.stderr.strip()
        finally:
            server.terminate()
            server.wait(10)


def table(numbers: list[int]) -> None:
    """Measures and prints, row by row."""
    print(f"nodes over SSH, {BOXES} containers on each; the client without a screen")
    print(HEAD)
    for number in numbers:
        print(measure(number), flush=True)


HEAD = (
    f"{'nodes':>5} | {'all live':>8} {'listed':>7} s {'client':>7} s CPU | {'RSS':>6} MB {'threads':>8} {'files':>6} |"
    f" {'idle CPU':>8} % {'req/s':>6}"
)


async def _client(folder: Path, nodes: int) -> str:
    config = SshConfig(home=folder, file=folder / "config")
    mappings = {name(number): NodeMapping(host=address(number)) for number in range(nodes)}
    machines = Machines(mappings=mappings)
    machines.resolver = Resolver(config, mappings=mappings, environ={})
    interest = Interest(kinds=frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK}))
    first = SdkEngine(transport_for(EndpointSpec(f"unix://{folder}/0.sock")))
    cluster = SwarmCluster(first, machines=lambda: machines, engine_for=SdkEngine, interest=interest)
    began, spent = time.monotonic(), _cpu()
    cluster.watch(interest)
    await cluster.start()
    live = listed = 0.0
    while time.monotonic() - began < _LONGEST:
        s = cluster.snapshot
        if not live and sum(link.state is LinkState.LIVE for link in s.links.values()) == nodes - 1 and s.nodes:
            live = time.monotonic() - began
        if live and len(s.containers) == nodes * BOXES:
            listed = time.monotonic() - began
            break
        await asyncio.sleep(0.02)
    else:
        problems = {link.problem for link in cluster.snapshot.links.values() if link.problem}
        return f"{nodes:>5} | {len(cluster.snapshot.containers)} containers after {_LONGEST:g} s: {problems}"
    used = _cpu() - spent
    await asyncio.sleep(SETTLE)
    before, at, asked = _cpu(), time.monotonic(), cluster.budget.requests
    await asyncio.sleep(IDLE)
    took = time.monotonic() - at
    idle, rate = 100 * (_cpu() - before) / took, (cluster.budget.requests - asked) / took
    row = (
        f"{nodes:>5} | {live:>8.2f} {listed:>7.2f}   {used:>7.2f}       | {_rss():>6.1f}   "
        f" {threading.active_count():>8} {len(os.listdir('/proc/self/fd')):>6} | {idle:>8.2f}   {rate:>6.2f}"
    )
    if os.environ.get("BENCH_PATHS"):
        row += f"\n      {cluster.budget.by_path}"
    await cluster.aclose()
    return row


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Measures, or is the client of a measurement."""
    if sys.argv[1:2] == ["--client"]:
        print(asyncio.run(_client(Path(sys.argv[2]), int(sys.argv[3]))))
        return
    table([int(word) for word in sys.argv[1:]] or [1, 30, 300])


if __name__ == "__main__":
    main()
