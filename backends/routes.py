"""Interfaces and routes of every node that can be asked: read when a form needs them, kept for a minute.

This machine is read from ``/proc``; others are asked one command each over the connections that are there for their
engines. A node that is not asked is named with why.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backends.api import Cluster
from backends.change.subnets import Route
from backends.errors import BackendError
from backends.model import Link, LinkState, Node, Snapshot
from backends.routes_text import COMMAND, FILES, Interface, Told, sections, told
from backends.whereabouts import elsewhere

_log = logging.getLogger(__name__)

#: Seconds for which an answer is good.
KEPT = 60.0
#: Seconds that one node is waited for, and how many are asked at once.
LIMIT, AT_ONCE = 8.0, 16


@dataclass(frozen=True, slots=True)
class Machine:
    """One node that was asked."""

    node_id: str
    """Empty on a plain engine."""
    node: str
    """Host name."""
    routes: tuple[Route, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    way_out: str = ""
    """The interface of its default route."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found, and who was not asked."""

    machines: tuple[Machine, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """(host name, why in a few words), by name."""
    at: float | None = None
    """Seconds since the epoch; ``None`` is never."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """Of all machines."""
        return tuple(route for machine in self.machines for route in machine.routes)

    def machine(self, node_id: str) -> Machine | None:
        """One of them."""
        return next((m for m in self.machines if m.node_id == node_id), None)


class RouteSource(Protocol):
    """Who tells of routes."""

    @property
    def seen(self) -> Seen:
        """What is known without asking."""
        ...

    async def look(self, *, anew: bool = False) -> Seen:
        """Asks where what is known is older than a minute, or ``anew``. Never raises ``BackendError``."""
        ...


def machine_of(node_id: str, node: str, said: Told) -> Machine:
    """What a machine said, as one of the Swarm's."""
    routes = tuple(Route(line.subnet, node, line.interface, node_id, line.direct) for line in said.routes)
    return Machine(node_id, node, routes, said.interfaces, said.way_out)


def read_here(root: Path = Path("/")) -> Told:
    """This machine's, as our own network namespace has them."""
    files = {name: _text(root / "proc/net" / name) for name in FILES}
    rows = []
    for path in sorted((root / "sys/class/net").glob("*")):
        rows += [f"/sys/class/net/{path.name}/{what}:{_text(path / what).strip()}" for what in ("mtu", "operstate")]
    return told({**files, "net": "\n".join(rows)})


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


class RouteBook:
    """Routes of one session's cluster."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        clock: Callable[[], float] = time.time,
        here: Callable[[], Told] = read_here,
        host: Callable[[], str] = lambda: _text(Path("/proc/sys/kernel/hostname")).strip(),
        limit: float = LIMIT,
    ) -> None:
        """``here`` reads this machine, ``host`` is its name, ``limit`` is in seconds for each node."""
        self._cluster, self._clock, self._here, self._host, self._limit = cluster, clock, here, host, limit
        self._seen = Seen()
        self._asking: asyncio.Task[Seen] | None = None

    @property
    def seen(self) -> Seen:
        """What is known without asking."""
        return self._seen

    async def look(self, *, anew: bool = False) -> Seen:
        """Asks where what is known is older than a minute. Who comes while it is being asked gets the same answer."""
        at = self._seen.at
        if not anew and at is not None and 0 <= self._clock() - at < KEPT:
            return self._seen
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask(), name="routes")
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Seen:
        snapshot = self._cluster.snapshot
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(node: Node) -> Machine | str:
            async with gate:
                return await self._node(node, snapshot)

        nodes = sorted(snapshot.nodes.values(), key=lambda node: (node.id != snapshot.node_id, node.name))
        found: list[tuple[str, Machine | str]]
        if nodes:
            found = list(zip((n.name for n in nodes), await asyncio.gather(*map(one, nodes)), strict=True))
        else:
            name = (snapshot.engine.name if snapshot.engine is not None else "") or "this machine"
            over_ssh = self._cluster.nodes is not None and self._cluster.nodes.over_ssh
            found = [(name, await (self._asked("", name) if over_ssh else self._own("", name)))]
        machines = tuple(answer for _, answer in found if isinstance(answer, Machine))
        missing = tuple((name, answer) for name, answer in found if isinstance(answer, str))
        self._seen = Seen(machines, missing, self._clock())
        return self._seen

    async def _node(self, node: Node, snapshot: Snapshot) -> Machine | str:
        nodes = self._cluster.nodes
        if node.id == snapshot.node_id and not (nodes is not None and nodes.over_ssh):
            return await self._own(node.id, node.name)
        if nodes is None:
            return "not asked: other nodes are left alone"
        if node.state == "down":
            return "down, not asked"
        why = _why(snapshot.links.get(node.id), snapshot.links)
        return why or await self._asked(node.id, node.name)

    async def _asked(self, node_id: str, name: str) -> Machine | str:
        """A machine over SSH; the empty ID is that of a plain engine which is itself reached so."""
        nodes = self._cluster.nodes
        if nodes is None:
            return "not asked: other nodes are left alone"
        try:
            async with asyncio.timeout(self._limit):
                done = await nodes.run(node_id, COMMAND, limit=self._limit)
        except TimeoutError:
            return "no answer yet"
        except BackendError as error:
            _log.debug("the routes of %s: %s", name, error)
            return _short(str(error), name)
        said = told(sections(done.stdout.decode("ascii", "replace")))
        if not said.interfaces and not said.routes:
            return "it does not tell its routes"
        return machine_of(node_id, name, said)

    async def _own(self, node_id: str, name: str) -> Machine | str:
        """This machine, where it is the engine's: a socket that was led here from elsewhere tells of another one."""
        why = elsewhere(self._cluster.engine.endpoint, self._cluster.snapshot.engine, self._host())
        if why:
            return f"not asked: {why}"
        return machine_of(node_id, name, await asyncio.to_thread(self._here))


def _why(link: Link | None, links: Mapping[str, Link]) -> str:
    """Why a node cannot be asked, as far as that is known already."""
    if link is None or link.state in (LinkState.LIVE, LinkState.CONNECTING):
        return ""
    return _short(link.problem, "") or "not reached"


def _short(text: str, name: str) -> str:
    """A sentence as the end of a row: ``host key changed``."""
    words = text.removeprefix(f"{name}: ").strip().rstrip(".")
    return f"not asked: {words[:1].lower()}{words[1:]}" if words else ""
