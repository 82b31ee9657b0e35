"""Plans of lines, made with the stand-in engine."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from backends.change.line import parse_line
from backends.change.plan import Plan, plan
from backends.change.requests import Request
from backends.model import Snapshot
from tests.unit.change_support import StandIn, recordings, surroundings
from tests.unit.change_world import world

BEFORE: dict[str, Any] = recordings("cli-recorded")[0]["befores"][0]


def request_of(line: str) -> Request:
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request), request
    return request


def planned(line: str, snapshot: Snapshot | None = None, **stand_in: Any) -> Plan:
    engine = StandIn(**{"service": copy.deepcopy(BEFORE), **stand_in})
    found = asyncio.run(plan(request_of(line), snapshot or world(), engine, around=surroundings({})))
    assert isinstance(found, Plan), found
    return found
