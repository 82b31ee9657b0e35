"""Thousands of lines, each value of each flag and many together, give the requests that the docker CLI 28.2.2 made of
them, or are refused where it refuses; recorded with ``python -m tests.recorder``."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from backends.change.steps import Compiled
from backends.change.verbs import VERBS
from tests.recorder.cases import CREATE, UPDATE
from tests.recorder.cases_other import VERBS as OTHERS
from tests.recorder.compare import difference
from tests.recorder.state import RICH
from tests.unit.change_support import StandIn, compiled, recordings, surroundings

TRIED = recordings("cli-tried")
NAMES = tuple(verb.name for verb in VERBS.values())


def _of(name: str) -> Iterator[dict[str, Any]]:
    words = [name.split(), [*name.split()[:1], "remove"]] if name.endswith(" rm") else [name.split()]
    return (row for row in TRIED if row["argv"][1:3] in words)


def test_there_are_thousands() -> None:
    # THEN there are lines of every verb, and each row is of one
    assert len(TRIED) > 5000
    assert sum(len(list(_of(name))) for name in NAMES) == len(TRIED)


@pytest.mark.parametrize("name", NAMES)
def test_lines_of_a_verb(name: str) -> None:
    # WHEN the lines that were tried are compiled, on the state in which the CLI was asked
    rows = list(_of(name))
    told = [f"{shlex.join(row['argv'])}: {text}" for row in rows if (text := difference(row))]
    # THEN the requests are those of the CLI, or it is refused in its words
    assert rows
    assert told == []


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_each_flag_was_tried(verb: Any) -> None:
    # GIVEN the flags whose values are tried
    tables = {"service create": CREATE, "service update": UPDATE} | {name: table for name, table, _ in OTHERS}
    # THEN they are those of the verb, but for what is about sending
    assert set(verb.table) - {"detach", "with-registry-auth", "force"} <= set(tables[verb.name])


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "--constraint-rm nosuch",
        "--constraint-rm ''",
        "--dns-rm 9.9.9.9",
        "--dns-add 10.0.0.53",
        "--dns-option-add rotate",
        "--dns-search-rm nosuch",
        "--group-rm nosuch",
        "--mount-rm /nosuch",
        "--ulimit-rm nosuch",
        "--ulimit-add core=0",
        "--env-rm NOSUCH",
        "--label-rm nosuch",
        "--container-label-rm nosuch",
        "--sysctl-rm nosuch",
        "--host-rm nosuch",
        "--secret-rm nosuch",
        "--config-rm nosuch",
        "--publish-rm 4711",
        "--cap-add NET_ADMIN",
        "--placement-pref-rm spread=nosuch",
        "--update-delay 5s",
        "--limit-memory 512m",
        "--replicas 2",
    ],
)
def test_what_changes_nothing_changes_no_order_either(flags: str) -> None:
    # GIVEN a service whose lists stand in an order that the docker CLI would not leave
    before = copy.deepcopy(RICH)
    container = before["TaskTemplate"]["ContainerSpec"]
    for key in ("Mounts", "Ulimits", "Hosts", "Groups", "CapabilityAdd"):
        container[key].reverse()
    before["EndpointSpec"]["Ports"].reverse()
    # WHEN a line says nothing new of it
    words = shlex.split(f"docker service update -d {flags} web")
    found = compiled(words, StandIn(service=before), surroundings({}))
    # THEN its spec is sent as it is: another order alone would restart every task
    assert isinstance(found, Compiled)
    (write,) = found.writes
    assert write.body == before
