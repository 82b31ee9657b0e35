"""What SSH costs, measured in a lab: ``python -m tests.lab.ssh_bench [--name LAB] [--rounds N]``.

Prints, for a forwarded socket and for ``dial-stdio``: the throughput of ``exec cat`` of 200 MB beside that of
``ssh NODE docker exec`` in the same run, the echo of one key in an exec with a terminal beside the local one, and
how long after a cut a link is missed, and after its return back.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

from backends.api import ExecRequest
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.ssh import dial
from backends.ssh.engine import WayFinder
from backends.ssh.pool import Pool
from backends.ssh.resolve import Resolution
from backends.transport import transport_for
from backends.transport.ssh import SshTransport
from tests.lab import lab as labs
from tests.lab.images import FULL
from tests.lab.lab import Lab
from tests.lab.spec import LabSpec
from tests.lab.ssh import login, sockets_in

SIZE = 200_000_000
KEYS = 400
NODE = "worker1"


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default=f"bench-{os.getpid()}")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    running = labs.attach(options.name)
    lab = running or labs.up(LabSpec(options.name), owner=os.getpid())
    try:
        dial.make_socket = sockets_in(lab.manager.pid)  # type: ignore[assignment]
        asyncio.run(_measure(lab, options.rounds))
    finally:
        if running is None:
            lab.down()
    return 0


async def _measure(lab: Lab, rounds: int) -> None:
    local = SdkEngine(transport_for(EndpointSpec(f"unix://{lab.nodes[NODE].socket}")))
    await local.connect()
    name = f"bench-{os.getpid()}"
    container = (await asyncio.to_thread(lab.nodes[NODE].docker, "run", "-d", "--name", name, FULL)).strip()
    try:
        await _compare(lab, local, container, rounds)
    finally:
        await asyncio.to_thread(lab.nodes[NODE].docker, "rm", "-f", name)
        await local.aclose()


async def _compare(lab: Lab, local: SdkEngine, container: str, rounds: int) -> None:
    await _run(local, container, f"head -c {SIZE} /dev/urandom > /tmp/big")
    print(f"local: key echo {_times(await _echo(local, container))}")
    for forwarded in (True, False):
        async with _over_ssh(lab, forwarded) as (engine, transport):
            shares = []
            for _ in range(rounds):
                ours, theirs = await _cat(engine, container), await asyncio.to_thread(_plain, lab, container)
                shares.append(ours / theirs)
                print(f"{transport.how}: {ours:.0f} MB/s, ssh docker exec {theirs:.0f} MB/s, {ours / theirs:.2f} of it")
            print(f"{transport.how}: median {statistics.median(shares):.2f} of plain ssh")
            print(f"{transport.how}: key echo {_times(await _echo(engine, container))}")
    # Last, since a node that was away loses its tasks.
    async with _over_ssh(lab, True) as (engine, transport):
        for seconds in (12, 20, 30):
            print(await _cut(lab, engine, transport, seconds))


@contextlib.asynccontextmanager
async def _over_ssh(lab: Lab, forwarded: bool) -> AsyncIterator[tuple[SdkEngine, SshTransport]]:
    target = await login(lab, NODE)
    pool = Pool()

    async def resolve() -> Resolution:
        return Resolution((target,))

    transport = SshTransport(resolve, pool, endpoint=f"ssh://{NODE}")
    opens = WayFinder._opens
    if not forwarded:
        WayFinder._opens = _never  # type: ignore[method-assign]
    engine = SdkEngine(transport)
    try:
        await engine.connect()
        yield engine, transport
    finally:
        WayFinder._opens = opens  # type: ignore[method-assign]
        await engine.aclose()
        await pool.close()


async def _never(self: WayFinder, path: str) -> bool:
    return False


async def _run(engine: SdkEngine, container: str, script: str) -> None:
    session = await engine.exec(container, ExecRequest(("sh", "-c", script), tty=False, stdin=False))
    while await session.read():
        pass
    await session.close()


async def _cat(engine: SdkEngine, container: str) -> float:
    began, size = time.monotonic(), 0
    session = await engine.exec(container, ExecRequest(("cat", "/tmp/big"), tty=False, stdin=False))
    while data := await session.read():
        size += len(data)
    await session.close()
    assert size == SIZE
    return size / 1e6 / (time.monotonic() - began)


def _plain(lab: Lab, container: str) -> float:
    command = lab.manager.enter(["ssh", "-o", "BatchMode=yes", NODE, "docker", "exec", container, "cat", "/tmp/big"])
    began, size = time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        while data := running.stdout.read1(1 << 18):  # type: ignore[attr-defined]
            size += len(data)
    assert size == SIZE
    return size / 1e6 / (time.monotonic() - began)


async def _echo(engine: SdkEngine, container: str) -> list[float]:
    session = await engine.exec(container, ExecRequest(("sh", "-c", "stty raw -echo; echo go; exec cat"), tty=True))
    data = b""
    while b"go" not in data:
        data += await session.read()
    await asyncio.sleep(0.3)
    times = []
    for _ in range(KEYS):
        began = time.perf_counter()
        await session.write(b"x")
        await session.read()
        times.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0.002)
    await session.close()
    return sorted(times)


def _times(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} ms, p95 {times[int(len(times) * 0.95)]:.2f} ms"


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


async def _cut(lab: Lab, engine: SdkEngine, transport: SshTransport, seconds: float) -> str:
    link = transport.link
    assert link is not None
    began = time.monotonic()
    await asyncio.to_thread(lab.nodes[NODE].cut_link)
    await _until(lambda: not link.standing)
    noticed = time.monotonic() - began
    await asyncio.sleep(max(0.0, seconds - noticed))
    await asyncio.to_thread(lab.nodes[NODE].restore_link)
    back = time.monotonic()
    await _until(lambda: link.standing)
    stands = time.monotonic() - back
    await engine.connect()
    return f"cut for {seconds} s: missed after {noticed:.1f} s, back {stands:.1f} s after its return"


if __name__ == "__main__":
    sys.exit(main())
