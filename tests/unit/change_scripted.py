"""An engine whose answers to writes a test decides, and a clock on which waiting takes no time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from backends.api import Json
from backends.change.compile import compile_request
from backends.change.line import parse_line
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from backends.errors import BackendError, Conflict
from tests.unit.change_support import StandIn, recordings, surroundings

BEFORE: dict[str, Any] = recordings("cli-recorded")[0]["befores"][0]


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Scripted(StandIn):
    """A stand-in whose writes are answered by what a test says, one after the other."""

    def __init__(self, *answers: Json | BackendError | Callable[[Scripted, Json], Json], **more: Any) -> None:
        super().__init__(**{"service": copy.deepcopy(BEFORE), **more})
        self.answers = list(answers)
        self.sent: list[tuple[str, str, Json]] = []
        self.reads: dict[str, Json | BackendError] = {}

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
        if method == "GET":
            for prefix, found in self.reads.items():
                if path.startswith(prefix):
                    if isinstance(found, BackendError):
                        raise found
                    return found
            return await super().call(method, path, body=body)
        self.sent.append((method, path, body))
        created: Json = {"ID": "new"}
        answer = self.answers.pop(0) if self.answers else created
        if isinstance(answer, BackendError):
            raise answer
        return answer(self, body) if callable(answer) else answer


OUT_OF_SEQUENCE = Conflict(
    "It was changed by someone else meanwhile.",
    status=500,
    original="rpc error: code = Unknown desc = update out of sequence",
)


async def compiled_line(line: str, engine: StandIn, around: Surroundings | None = None) -> Compiled:
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request), request
    found = await compile_request(request, engine, around or surroundings({"FILE": "s3cret"}))
    assert isinstance(found, Compiled), found
    return found
