"""Every recorded line of the docker CLI gives the requests that the docker CLI made of it."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from backends.change.steps import Compiled
from tests.unit.change_support import StandIn, compiled, recordings, surroundings, unordered

GIVEN = recordings("cli-requests")
OWN = recordings("cli-recorded")


def _as_28(row: dict[str, Any]) -> Any:
    """The body of a row of CLI 20.10.24 as 28.2.2 writes it: fields that the older CLI does not know yet, or
    always sends."""
    body = unordered(row["body"])
    if row["cli"] != "20.10.24" or not isinstance(body, dict):
        return body
    if row["path"] == "/networks/create" and body.get("EnableIPv6") is False:
        del body["EnableIPv6"]
    if row["path"].endswith("/connect"):
        body["EndpointConfig"] |= {"GwPriority": 0, "DNSNames": None}
    if row["path"] == "/swarm/init" and body["DefaultAddrPool"] is None:
        body["DefaultAddrPool"] = []
    privileges = ((body.get("TaskTemplate") or {}).get("ContainerSpec") or {}).get("Privileges")
    if privileges:
        privileges["NoNewPrivileges"] = False
    return body


def _name(row: dict[str, Any]) -> str:
    return f"{row.get('cli', '')}-{row['api']}-{shlex.join(row['argv'][1:])}"[:150]


@pytest.mark.parametrize("row", GIVEN[1:], ids=_name)
def test_a_given_row(row: dict[str, Any]) -> None:
    # GIVEN the state in which the row was recorded
    version = re.search(r"version=(\d+)", row["path"] or "")
    stand_in = StandIn(
        api_version=row["api"],
        service=row.get("before"),
        version=int(version[1]) if version else 31,
        registry=row.get("registry", "ok"),
        autolock=row["argv"][1:3] == ["swarm", "unlock-key"],
        role="manager" if row["argv"][1:3] == ["node", "demote"] else "worker",
    )
    # WHEN the same words are compiled
    found = compiled(row["argv"], stand_in, surroundings(GIVEN[0]["files"], row["api"]))
    # THEN the same is asked and sent, or refused in the same words
    if row["method"] is None and row["exit"]:
        if row["cli"] == "20.10.24" and row["error"].startswith("unknown flag"):
            return  # the older CLI does not know the flag: there is nothing to compare
        assert not isinstance(found, Compiled)
        if row["cli"] != "20.10.24":
            assert row["error"].startswith(found[0].sentence)
        return
    assert isinstance(found, Compiled)
    writes = [(step.method, step.path, unordered(step.body)) for step in found.writes]
    reads = [f"GET {step.path}" for step in found.steps if step.reads]
    assert writes == ([(row["method"], row["path"], _as_28(row))] if row["method"] else [])
    # What is asked after the write only serves to be shown.
    assert reads == (row.get("reads") or [])[: len(reads)]


@pytest.mark.parametrize("row", OWN[1:], ids=_name)
def test_a_row_of_our_own_recording(row: dict[str, Any]) -> None:
    # GIVEN a line recorded in a known state, right or wrong
    before = OWN[0]["befores"][row["before"]] if "before" in row else None
    stand_in = StandIn(
        api_version=row["api"],
        service=before,
        registry=row.get("registry", "ok"),
        autolock=row.get("autolock", False),
        role=row.get("role", "worker"),
        trust_root="PEM",
    )
    # WHEN it is compiled
    found = compiled(row["argv"], stand_in, surroundings(OWN[0]["files"], row["api"]))
    # THEN it sends what the CLI sent
    if isinstance(found, Compiled):
        assert "error" not in row
        assert [[s.method, s.path, unordered(s.body)] for s in found.writes] == [
            [method, path, unordered(body)] for method, path, body in row["writes"]
        ]
        reads = [step.path for step in found.steps if step.reads]
        assert sorted(reads) == sorted(row["reads"][: len(reads)])
    else:
        # or nothing, where the CLI sends nothing either
        assert row["error"]
        assert row["writes"] == []
