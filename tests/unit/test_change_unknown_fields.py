"""Fields that a newer engine knows and we do not stay in a service's spec, whatever else of it is changed."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from backends.change.part import reach
from backends.change.steps import Compiled
from tests.recorder.cases import UPDATE
from tests.recorder.state import FILES, RICH
from tests.unit.change_support import StandIn, compiled, recordings, surroundings

_MARK = "Future"
_TASK = ("TaskTemplate",)
_BOX = (*_TASK, "ContainerSpec")
#: Objects that no flag writes anew as a whole.
_KEPT = (
    (),
    _TASK,
    _BOX,
    (*_BOX, "DNSConfig"),
    (*_TASK, "Resources"),
    (*_TASK, "Resources", "Limits"),
    (*_TASK, "Resources", "Reservations"),
    (*_TASK, "RestartPolicy"),
    (*_TASK, "Placement"),
    ("Mode",),
    ("Mode", "Replicated"),
    ("UpdateConfig",),
    ("RollbackConfig",),
    ("EndpointSpec",),
)
ROWS = [row for row in recordings("cli-tried") if row["argv"][1:3] == ["service", "update"] and row.get("before") == 0]


def _marked(value: Any) -> Any:
    """With a field that nobody knows in each object that is not a map of names."""
    if isinstance(value, list):
        return [_marked(member) for member in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: member if key in ("Labels", "Options", "Sysctls") else _marked(member) for key, member in value.items()
    }
    options = value.get("Options")
    if isinstance(options, list):
        found["Options"] = options
    return {**found, _MARK: {"A": [1, None]}}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items() if key != _MARK}
    return value


def _sent(argv: list[str], before: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
    stand_in = StandIn(service=copy.deepcopy(before), api_version=row["api"], **row.get("with", {}))
    found = compiled(argv, stand_in, surroundings(FILES, row["api"]))
    if not isinstance(found, Compiled):
        return None
    body = found.writes[0].body
    assert isinstance(body, dict)
    return body


def _rows(flag: str) -> Iterator[dict[str, Any]]:
    spelled = {f"--{flag}"} | ({f"-{flag}"} if len(flag) == 1 else set())
    return (row for row in ROWS if any(word.partition("=")[0] in spelled for word in row["argv"]))


@pytest.mark.parametrize("flag", sorted(UPDATE))
def test_what_nobody_knows_stays(flag: str) -> None:
    marked = _marked(RICH)
    for row in _rows(flag):
        plain = _sent(row["argv"], RICH, row)
        # GIVEN a service with fields that we do not know, all through its spec
        # WHEN a line changes something of it
        found = _sent(row["argv"], marked, row)
        # THEN that is done as if they were not there
        line = shlex.join(row["argv"])
        assert _plain(found) == plain, line
        if found is None:
            continue
        # and they are all there, but in what was written anew
        assert [path for path in _KEPT if _MARK not in (reach(found, *path) or {})] == [], line
        known = _members(RICH)
        assert [member for member in _members(found) if _plain(member) in known and _MARK not in member] == [], line


def _members(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Mounts, ports and attachments of a spec."""
    return [
        member
        for path in ((*_BOX, "Mounts"), ("EndpointSpec", "Ports"), (*_TASK, "Networks"))
        for member in reach(spec, *path) or ()
    ]
