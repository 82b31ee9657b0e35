"""A Swarm followed over SSH, measured in a lab: ``python -m tests.lab.swarm_bench [--name LAB]``.

Prints how long after a worker's docker CLI started a container it is listed, and after which times a worker is known
to be lost and is back: its cable pulled, its sshd ended, its engine killed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable

from backends.model import LinkState
from backends.swarm import SwarmCluster
from tests.lab import lab as labs
from tests.lab.lab import Lab
from tests.lab.spec import LabSpec
from tests.lab.swarm import opened

NODE = "worker1"


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default=f"bench-{os.getpid()}")
    options = parser.parse_args()
    running = labs.attach(options.name)
    lab = running or labs.up(LabSpec(options.name), owner=os.getpid())
    try:
        asyncio.run(_measure(lab))
    finally:
        if running is None:
            lab.down()
    return 0


async def _measure(lab: Lab) -> None:
    async with opened(lab) as (cluster, _):
        began = time.monotonic()
        await _until(lambda: len(_live(cluster)) == len(lab.nodes))
        print(f"all {len(lab.nodes)} nodes answer after {time.monotonic() - began:.2f} s")
        times = [await _new_container(lab, cluster, number) for number in range(8)]
        print(
            f"docker run returned, container listed: median {statistics.median(times):.2f} s, worst {max(times):.2f} s"
        )
        node = lab.nodes[NODE]
        for seconds in (12.0, 20.0, 30.0):
            print(f"cable out for {seconds:g} s: {await _loss(cluster, node.cut_link, node.restore_link, seconds)}")
        print(f"sshd ended for 5 s: {await _loss(cluster, node.stop_sshd, node.start_sshd, 5)}")
        print(f"engine killed for 5 s: {await _loss(cluster, node.kill_engine, node.start_engine, 5)}")


def _live(cluster: SwarmCluster) -> set[str]:
    links = cluster.snapshot.links
    live = {i for i, link in links.items() if link.state is LinkState.LIVE}
    return live | ({cluster.snapshot.node_id} if cluster.snapshot.link.state is LinkState.LIVE else set())


async def _new_container(lab: Lab, cluster: SwarmCluster, number: int) -> float:
    words = ("run", "-d", "--name", f"measured-{number}", "lab/box:1", "sleep", "99")
    id = (await asyncio.to_thread(lab.nodes[NODE].docker, *words)).strip()
    began = time.monotonic()
    await _until(lambda: id in cluster.snapshot.containers)
    took = time.monotonic() - began
    await asyncio.to_thread(lab.nodes[NODE].docker, "rm", "-f", id)
    return took


async def _loss(cluster: SwarmCluster, take: Callable[[], None], give: Callable[[], None], seconds: float) -> str:
    node_id = next(n.id for n in cluster.snapshot.nodes.values() if n.hostname == NODE)
    await _until(lambda: node_id in _live(cluster))
    began = time.monotonic()
    await asyncio.to_thread(take)
    await _until(lambda: node_id not in _live(cluster))
    missed = time.monotonic() - began
    await asyncio.sleep(max(0.0, seconds - missed))
    await asyncio.to_thread(give)
    back = time.monotonic()
    await _until(lambda: node_id in _live(cluster))
    return f"missed after {missed:.1f} s, back {time.monotonic() - back:.1f} s after its return"


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
