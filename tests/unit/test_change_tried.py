"""Thousands of lines, each value of each flag and many together, give the requests that the docker CLI 28.2.2 made of
them, or are refused where it refuses; recorded with ``python -m tests.recorder``."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from backends.change.line import parse_words
from backends.change.pflags import value_error
from backends.change.places import place_in_words
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.verbs import VERBS
from tests.recorder.cases import CREATE, UPDATE
from tests.recorder.cases_other import VERBS as OTHERS
from tests.recorder.compare import difference
from tests.recorder.record import stand_in as served_by
from tests.recorder.state import FILES, RICH
from tests.recorder.values import VALUES
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


@pytest.mark.parametrize("name", NAMES)
def test_what_is_refused_is_told_well_and_at_its_place(name: str) -> None:
    for row in _of(name):
        stand_in = served_by(row)
        found = compiled(row["argv"], stand_in, surroundings(FILES, row["api"]))
        if isinstance(found, Compiled):
            continue
        # GIVEN a line that is refused
        line = shlex.join(row["argv"])
        for error in place_in_words(found, row["argv"]):
            # THEN it is told in one line of a length that can be read
            assert error.sentence.isprintable(), line
            assert len(error.sentence) < 600, line
            # and where, unless something is missing, or it is about the state of the Swarm
            missing = "argument" in error.sentence or not error.flag
            assert error.start >= 0 or missing, (line, error)
            assert error.start < error.end <= len(line) or missing, (line, error)
        # and nothing has been changed
        assert all(method == "GET" for method, _, _ in stand_in.log)


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_a_field_of_a_form_is_refused_as_the_flag_of_a_line(verb: Any) -> None:
    # GIVEN all values that are tried, right and wrong ones
    values = list(dict.fromkeys(value for tried in VALUES.values() for value in tried))
    for flag in verb.table.values():
        for value in values:
            # WHEN one is given in a field, and in a line
            field = value_error(flag, value)
            line = parse_words(["docker", *verb.words, f"--{flag.name}={value}"])
            told = (
                [] if isinstance(line, Request) else [e.sentence for e in line if e.sentence.startswith("invalid arg")]
            )
            # THEN both take it, or refuse it in the same words
            assert told == ([] if field is None else [field.sentence]), (flag.name, value)
