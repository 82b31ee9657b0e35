"""``exec --nodes``: one command on the machines of the Swarm themselves, outputs side by side, equal ones told once."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import replace

from backends.api import Cluster, Nodes
from backends.errors import BackendError
from backends.model import Kind, Node, Snapshot
from tui.cli import UsageError
from tui.headless import everywhere, plain
from tui.headless.arguments import Arguments
from tui.headless.results import AT_ONCE, Result, worst
from tui.headless.settle import Need, Unasked, Watch
from tui.headless.target import node_id

_NEED = Need(frozenset({Kind.NODE}), frozenset({Kind.NODE}))
#: Seconds that a command may run: it is waited for, as ssh would.
_LONGEST = 7 * 86400.0


def line_of(words: Sequence[str]) -> str:
    """What the login shell there is given: one word is a line of its own, several are a command and its arguments."""
    return words[0] if len(words) == 1 else shlex.join(words)


async def run(cluster: Cluster, given: Arguments, style: plain.Style) -> int:
    """Runs the command on all nodes, or the one that is named, and prints what they said; the exit code. Raises
    ``UsageError`` and ``BackendError``."""
    machines = cluster.nodes
    if machines is None:
        raise UsageError("--nodes needs SSH to the nodes, which this session has not: it is a demo, or ssh is off")
    watch = Watch(cluster)
    try:
        snapshot = (await watch.settle(_NEED, given.timeout)).snapshot
    finally:
        watch.close()
    nodes = _chosen(snapshot, given.node)
    gate = asyncio.Semaphore(AT_ONCE)
    line = line_of(given.words)
    tasks = [asyncio.create_task(_one(machines, node, line, gate)) for node in nodes]
    cut: list[Result | Unasked] = [everywhere.interrupted(Result(node.name, "", "", node.id)) for node in nodes]
    found, stopped = await everywhere.gathered(tasks, cut)
    results = [one for one in found if isinstance(one, Result)]
    missing = [one for one in found if isinstance(one, Unasked)]
    everywhere.tell(results, given, style)
    plain.missing(missing, given.json)
    plain.flush()
    if stopped:
        raise asyncio.CancelledError
    return worst(results, bool(missing))


def _chosen(snapshot: Snapshot, name: str) -> list[Node]:
    only = node_id(snapshot, name)
    nodes = sorted(snapshot.nodes.values(), key=lambda node: (node.name, node.id))
    return [node for node in nodes if node.id == only] if only else nodes


async def _one(machines: Nodes, node: Node, line: str, gate: asyncio.Semaphore) -> Result | Unasked:
    async with gate:
        try:
            done = await machines.run(node.id, line, limit=_LONGEST)
        except BackendError as error:
            return Unasked(node.name, node.id, str(error).removeprefix(f"{node.name}: "), error.hint)
    blank = Result(node.name, "", "", node.id, stdout=done.stdout, stderr=done.stderr, skipped=done.skipped)
    if done.status < 0:
        return replace(blank, problem="a signal ended it", worst=1)
    return replace(blank, code=done.status, worst=done.status)
