"""The requests that a change makes, as values, and what is asked on the way."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from backends.api import Json
from backends.change.flag_error import refuse
from backends.change.requests import Request
from backends.errors import BadAnswer


class Lookup(Protocol):
    """The part of ``backends.api.Engine`` that compiling and sending need."""

    @property
    def api_version(self) -> str:
        """The negotiated API version; empty is unknown."""
        ...

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Json:
        """One request below the version prefix; raises ``backends.errors``."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One request. ``path`` has its query, in Go's order."""

    method: str
    path: str
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Registry credentials; never shown."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    def as_json(self) -> dict[str, Json]:
        """``{"method", "path", "body"}``."""
        return {"method": self.method, "path": self.path, "body": self.body}


@dataclass(frozen=True, slots=True)
class Target:
    """An object of the engine that a write replaces, as it was read and as it will be."""

    kind: str
    """``service``, ``node`` or ``swarm``."""
    id: str
    name: str
    version: int
    before: Json
    """Its spec."""
    after: Json


@dataclass(frozen=True, slots=True)
class Compiled:
    """A request with all that was looked up for it: exactly what the docker CLI would ask and send."""

    request: Request
    steps: tuple[Step, ...]
    """Look-ups and writes in the order in which the CLI makes them."""
    warnings: tuple[str, ...] = ()
    """What the CLI says on standard error, and what it would swallow in silence."""
    targets: tuple[Target, ...] = ()
    """One for each write that replaces a spec, in their order."""

    @property
    def writes(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if not step.reads)


class Recorder:
    """Asks an engine and keeps what was asked."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.steps: list[Step] = []

    @property
    def api_version(self) -> str:
        """The engine's."""
        return self._lookup.api_version

    async def get(
        self, path: str, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """One look-up of an object. Raises ``backends.errors``."""
        found = await self._ask(path, headers, timeout)
        if not isinstance(found, dict):
            raise _unlike(path, found)
        return found

    async def list(self, path: str) -> list[Any]:
        """One look-up of several objects. Raises ``backends.errors``."""
        found = await self._ask(path, None, None)
        if not isinstance(found, list | None):
            raise _unlike(path, found)
        return found or []

    async def _ask(self, path: str, headers: Mapping[str, str] | None, timeout: float | None) -> Any:
        self.steps.append(Step("GET", path, None, dict(headers or {})))
        found = await self._lookup.call("GET", path, headers=headers or None, timeout=timeout)
        if isinstance(found, str):
            # As the docker CLI does, no matter what the engine says that it is.
            with contextlib.suppress(ValueError):
                return json.loads(found)
        return found

    def write(self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None) -> None:
        """Notes a write; it is sent when all is known."""
        self.steps.append(Step(method, path, body, dict(headers or {})))


def _unlike(path: str, found: Any) -> BadAnswer:
    what = path.partition("?")[0]
    return BadAnswer(f"The engine's answer to GET {what} is not what belongs there.", original=str(found)[:400])


def segment(text: str) -> str:
    """A name as one segment of a path. Dots alone would lead elsewhere."""
    quoted = quote(text, safe=":@!$&'()*+,;=~")
    return quoted.replace(".", "%2E") if quoted in (".", "..") else quoted


def named(kind: str, name: str) -> str:
    """The segment of an object's name or ID. Raises ``Refused`` for none at all, in the CLI's words."""
    if not name.strip():
        raise refuse(f"invalid {kind} name or ID: value is empty", kind.upper(), f"the name of a {kind}")
    return segment(name)


def query(**params: str) -> str:
    """A query in Go's order: ``?a=1&b=2``; empty without parameters."""
    return f"?{urlencode(sorted(params.items()))}" if params else ""


def filters(**values: Mapping[str, Any] | list[str]) -> str:
    """The value of ``filters`` as Go writes it: ``{"name":{"web":true}}``."""
    found = {name: dict.fromkeys(sorted(wanted), True) for name, wanted in sorted(values.items())}
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)
