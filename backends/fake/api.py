"""One engine of the simulated world, and which function answers which request."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from backends.fake.http import Problem, Reply, Request
from backends.fake.make.node import NO_LEADER, NOT_IN_SWARM, NOT_MANAGER
from backends.fake.orchestrator import Orchestrator
from backends.fake.rollout import Rollouts
from backends.fake.world import Host, World


@dataclass(eq=False)
class Flood:
    """How fast logs that are followed grow: ``rate`` lines a second, 0 for their own pace."""

    rate: float = 0.0
    sent: int = 0
    """Lines sent beyond their own pace, in all."""


@dataclass(eq=False)
class Counters:
    """What was asked for, by path with ``{id}`` in the place of names; and the bytes of the answers."""

    requests: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.requests.values())

    def note(self, path: str, size: int = 0, *, request: bool = False) -> None:
        """Counts one request, or ``size`` more bytes of its answer."""
        if request:
            self.requests[path] = self.requests.get(path, 0) + 1
        self.bytes[path] = self.bytes.get(path, 0) + size

    def reset(self) -> None:
        """Begins anew."""
        self.requests.clear()
        self.bytes.clear()


@dataclass(eq=False)
class Api:
    """What a handler needs."""

    world: World
    host: Host
    orchestrator: Orchestrator
    rollouts: Rollouts
    flood: Flood = field(default_factory=Flood)
    counters: Counters = field(default_factory=Counters)

    def need_manager(self) -> None:
        """Raises ``Problem`` 503 or 500 where this engine cannot speak for a Swarm."""
        node = self.world.nodes.get(self.host.node_id)
        if self.world.cluster is None or node is None:
            raise Problem(503, NOT_IN_SWARM)
        if node["Spec"]["Role"] != "manager":
            raise Problem(503, NOT_MANAGER)
        if not self.world.quorum:
            raise Problem(500, f"rpc error: code = Unknown desc = {NO_LEADER}")


Handler = Callable[..., Any]
_ROUTES: list[tuple[str, re.Pattern[str], str, Handler]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Registers a handler for ``path``, in which ``{name}`` stands for one name or ID (images may have ``/``)."""
    pattern = re.compile("^" + re.sub(r"\{image\}", "(.+)", re.sub(r"\{(?!image)\w+\}", "([^/]+)", path)) + "$")

    def register(handler: Handler) -> Handler:
        _ROUTES.append((method, pattern, path, handler))
        return handler

    return register


def _bound(handler: Handler, request: Request, groups: tuple[str, ...]) -> Callable[[Api], Awaitable[Reply]]:
    async def call(api: Api) -> Reply:
        result = handler(api, request, *groups)
        reply: Reply = await result if isinstance(result, Awaitable) else result
        return reply

    return call


def resolve(request: Request) -> tuple[str, Callable[[Api], Awaitable[Reply]]]:
    """The path by which a request is counted, and what answers it; raises ``Problem`` 404 or 405."""
    known = False
    for method, pattern, path, handler in _ROUTES:
        found = pattern.match(request.path)
        if not found:
            continue
        known = True
        if method == request.method or (method == "GET" and request.method == "HEAD"):
            return path, _bound(handler, request, found.groups())
    raise Problem(405 if known else 404, "page not found")
