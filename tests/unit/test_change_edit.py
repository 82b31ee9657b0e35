"""Services read back as requests, and edits that send only what changed."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.change.compile import compile_request
from backends.change.edit import update_of
from backends.change.line import parse_line, parse_words, render, rendered_words
from backends.change.part import Names
from backends.change.readback import as_create, duplicate, unexpressed
from backends.change.requests import ServiceCreate, ServiceUpdate
from backends.change.restarts import Effect, changes, restarts
from backends.change.steps import Compiled
from backends.change.verbs import VERBS
from tests.unit.change_lines import lines
from tests.unit.change_support import StandIn, recordings, surroundings

NAMES = Names({f"nid-{name}": name for name in ("app", "front", "back")})
BEFORE: dict[str, Any] = recordings("cli-recorded")[0]["befores"][0]


def _spec(words: list[str]) -> dict[str, Any] | None:
    """What a line of ``service create`` makes, or ``None`` where it is refused."""
    request = parse_words(words)
    assert isinstance(request, ServiceCreate)
    found = asyncio.run(compile_request(request, StandIn(), surroundings({})))
    if not isinstance(found, Compiled):
        return None
    body = found.writes[0].body
    assert isinstance(body, dict)
    return body


def _updated(before: dict[str, Any], update: ServiceUpdate) -> dict[str, Any]:
    found = asyncio.run(compile_request(update, StandIn(service=copy.deepcopy(before)), surroundings({})))
    assert isinstance(found, Compiled), found
    body = found.writes[0].body
    assert isinstance(body, dict)
    return body


def _as_sets(request: ServiceCreate) -> dict[str, list[str]]:
    """Flags with the order of lists forgotten, and defaults that an update writes taken out."""
    written = {
        "update-parallelism": "1",
        "rollback-parallelism": "1",
        "restart-condition": "any",
        "stop-grace-period": "10s",
        "hostname": "",
    }
    found = {name: sorted(set(values)) for name, values in request.options.items}
    return {name: values for name, values in found.items() if values != [written.get(name)]}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_service_read_back_and_created_again_is_the_same(data: st.DataObject) -> None:
    # GIVEN what some line made
    spec = _spec(data.draw(lines(VERBS[ServiceCreate])))
    if spec is None:
        return
    # WHEN it is read back and created again, through the line
    request = parse_line(render(as_create(spec, NAMES)))
    assert isinstance(request, ServiceCreate)
    again = _spec(list(rendered_words(request)))
    # THEN the spec is the same
    assert again is not None
    container = ("TaskTemplate", "ContainerSpec")
    # The digest is looked up anew, and what the engine adds by itself is not asked for.
    resolved = ((*container, "Image"), ("TaskTemplate", "Placement", "Platforms"), (*container, "Isolation"))
    # A window of zero is none, whether it is sent or not.
    assert [c for c in changes(spec, again) if c.path not in resolved and (c.before or c.after)] == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_edit_makes_what_the_form_holds(data: st.DataObject) -> None:
    # GIVEN two services of one mode
    verb = VERBS[ServiceCreate]
    before, wanted = _spec(data.draw(lines(verb))), _spec(data.draw(lines(verb)))
    if before is None or wanted is None:
        return
    before.setdefault("Name", "web")
    wanted["Name"], wanted["Mode"] = before["Name"], before["Mode"]
    form = as_create(wanted, NAMES)
    # WHEN the first is edited into the second
    update = update_of("web", before, form, NAMES)
    if not isinstance(update, ServiceUpdate):
        return  # it says what cannot be done
    after = _updated(before, update)
    # THEN what results is what the form held
    assert _as_sets(as_create(after, NAMES)) == _as_sets(form)
    # and the edit is a line of its own
    assert parse_line(render(update)) == update


def test_an_unchanged_form_sends_nothing() -> None:
    # WHEN a service is opened and saved without a change
    update = update_of("web", BEFORE, as_create(BEFORE, NAMES), NAMES)
    # THEN no flag is written
    assert update == ServiceUpdate(name="web")
    assert _updated(BEFORE, ServiceUpdate(name="web")) == BEFORE


def test_what_no_flag_names_stays_untouched() -> None:
    # GIVEN a service with fields that we do not know, and mounts that are in no order
    before = copy.deepcopy(BEFORE)
    before["Future"] = {"A": [1, None]}
    before["TaskTemplate"]["ContainerSpec"]["Privileges"] = {"Seccomp": {"Mode": "unconfined"}}
    before["TaskTemplate"]["ContainerSpec"]["Mounts"] = [
        {"Type": "volume", "Source": "z", "Target": "/z", "TmpfsOptions": {"Options": [["noexec"]]}},
        {"Type": "volume", "Source": "a", "Target": "/a"},
    ]
    # WHEN a label is added
    request = parse_line("docker service update --label-add x=1 web")
    assert isinstance(request, ServiceUpdate)
    after = _updated(before, request)
    # THEN nothing else differs, and no task restarts
    assert after == {**before, "Labels": {"tier": "front", "x": "1"}}
    assert restarts(changes(before, after)) is Effect.NONE


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("--replicas 5", Effect.NONE),
        ("--label-add a=b", Effect.NONE),
        ("--update-delay 3s --rollback-order start-first", Effect.NONE),
        ("--container-label-add a=b", Effect.RESTARTS),
        ("--env-add A=2", Effect.RESTARTS),
        ("--env-add A=1", Effect.NONE),
        ("--publish-add 9000:90", Effect.RESTARTS),
        ("--endpoint-mode dnsrr", Effect.RESTARTS),
        ("--restart-delay 9s", Effect.RESTARTS),
        ("--limit-memory 1g", Effect.RESTARTS),
        ("--force", Effect.RESTARTS),
        ("--constraint-add node.role==worker", Effect.MOVES),
        ("--placement-pref-add spread=node.id", Effect.MOVES),
        ("--replicas-max-per-node 2 --label-add a=b", Effect.MOVES),
        ("--mount-rm /nosuch", Effect.NONE),
        ("--mount-add type=volume,source=data,target=/data", Effect.NONE),
    ],
)
def test_each_changed_value_says_whether_tasks_restart(line: str, effect: Effect) -> None:
    # WHEN a service is updated
    request = parse_line(f"docker service update {line} web")
    assert isinstance(request, ServiceUpdate)
    # THEN the table says what happens to its tasks
    assert restarts(changes(BEFORE, _updated(BEFORE, request))) is effect


def test_a_duplicate_keeps_all_but_the_name_and_the_digest() -> None:
    # WHEN a service is duplicated
    request = duplicate(BEFORE, "web2", NAMES)
    # THEN its line names the tag, whose digest is looked up anew
    assert request.image == "web:1"
    assert request.options.text("name") == "web2"
    assert request.options.values("network") == ("front",)
    assert request.options.values("publish") == ("8080:80",)
    assert unexpressed(BEFORE, NAMES) == ()


def test_a_duplicate_says_what_it_would_lose() -> None:
    # GIVEN a service with what no flag can write
    before = copy.deepcopy(BEFORE)
    before["TaskTemplate"]["ContainerSpec"]["Privileges"] = {"NoNewPrivileges": True}
    # THEN that is named
    assert unexpressed(before, NAMES) == (("TaskTemplate", "ContainerSpec", "Privileges", "NoNewPrivileges"),)


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"name": "other"}, "name"),
        ({"mode": "global"}, "mode"),
        ({"log-driver": ""}, "log-driver"),
        ({"publish": ("8080:80", "8081:80")}, ""),
        ({"health-start-interval": "2s"}, "health-start-interval"),
    ],
)
def test_what_an_update_cannot_do_is_said_at_the_field(change: dict[str, Any], flag: str) -> None:
    # GIVEN a form with a value that docker service update cannot reach
    form = as_create(BEFORE, NAMES)
    options = form.options
    for name, value in change.items():
        options = options.with_values(VERBS[ServiceCreate].table, name, value if isinstance(value, tuple) else (value,))
    # WHEN it is made an update
    found = update_of("web", BEFORE, ServiceCreate(image=form.image, command=form.command, options=options), NAMES)
    # THEN the field is named
    assert isinstance(found, ServiceUpdate) if not flag else isinstance(found, tuple)
    if isinstance(found, tuple):
        assert [error.flag for error in found] == [flag]


def test_ports_that_would_go_along_are_said() -> None:
    # GIVEN two published ports with one container port
    before = copy.deepcopy(BEFORE)
    port = before["EndpointSpec"]["Ports"][0]
    before["EndpointSpec"]["Ports"] = [port, {**port, "PublishedPort": 8081}]
    form = as_create(before, NAMES)
    options = form.options.with_values(VERBS[ServiceCreate].table, "publish", ("8080:80",))
    # WHEN one of them is taken out
    found = update_of("web", before, ServiceCreate(image=form.image, command=form.command, options=options), NAMES)
    # THEN the other one is named
    assert isinstance(found, tuple)
    assert "8080:80 would go with 8081:80" in found[0].sentence
