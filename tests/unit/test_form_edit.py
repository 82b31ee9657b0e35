"""Editing a service in a form: only what differs is sent; two changes of one service side by side."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from backends.change.line import parse_line
from backends.change.part import Names
from backends.change.requests import ServiceUpdate
from backends.change.restarts import Effect
from tests.unit.form_support import keys, make, sentences, type_in
from tui.forms.draw import field_rows
from tui.forms.merging import Row, Side, rows, taken
from tui.forms.model import Form
from tui.forms.service_edit import SPEC, key_of, subject_of
from tui.forms.service_spec import Read, changed, pair, values_after
from tui.forms.spec import Gathered
from tui.text.span import joined

STORED: dict[str, Any] = {
    "Name": "web",
    "Labels": {"team": "shop"},
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": "shop/web:1@sha256:" + "a1" * 32,
            "Env": ["B=2", "A=1", "PASSWORD=geheim"],
            "Mounts": [
                {"Type": "volume", "Source": "z", "Target": "/z"},
                {"Type": "volume", "Source": "a", "Target": "/a", "Later": {"kept": True}},
            ],
            "Unknown": {"kept": 1},
        },
        "Resources": {"Limits": {"MemoryBytes": 268435456}},
        "Networks": [{"Target": "n-app"}],
    },
    "Mode": {"Replicated": {"Replicas": 2}},
    "EndpointSpec": {
        "Mode": "vip",
        "Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"}],
    },
}


def opened(spec: dict[str, Any] | None = None) -> Form:
    """The form of a service as it was read."""
    form = make(SPEC)
    found = Read("s-web", "web", 31, copy.deepcopy(spec or STORED), Names({"n-app": "app"}))
    form.begin(Gathered(subject=subject_of(found, "1.51")))
    return form


def test_a_form_that_was_only_looked_at_changes_nothing() -> None:
    # GIVEN a service in its form WHEN every field is gone through
    form = opened()
    for _ in range(len(form.groups)):
        for _ in range(len(form.group.fields) + 1):
            keys(form, "tab")
        keys(form, "f4")
    # THEN nothing differs
    assert not form.touched
    assert form.judged.line == "docker service update web"
    assert changed(form.view) == ()


def test_only_what_differs_is_sent() -> None:
    # GIVEN a service in its form
    form = opened()
    # WHEN a port, a variable and the memory limit are changed
    form.go("publish")
    type_in(form, ", 8002:8080")
    form.go("limit-memory")
    keys(form, "ctrl+u")
    type_in(form, "384m")
    form.set("env", ("B=2", "A=9", "PASSWORD=geheim"))
    # THEN the line says these alone
    assert form.judged.request == parse_line(
        "docker service update --publish-add 8002:8080 --env-add A=9 --limit-memory 384m web"
    )
    # AND a field says what it was
    form.open_page(0)
    text = joined(field_rows(form, 90, roomy=True).lines)
    assert "was 256m" in text
    assert "was 8080:80" in text


def test_unknown_fields_and_the_order_of_mounts_are_kept() -> None:
    # GIVEN a service with fields that this program does not know
    form = opened()
    # WHEN a label is changed
    form.set("label", ("team=shop", "tier=web"))
    request = form.view.request
    assert request is not None
    found = pair(form.view, request)
    assert found is not None
    before, after = found
    # THEN all else is as it was read, and no task restarts
    before["Labels"] = after["Labels"]
    assert before == after
    assert [change.effect for change in changed(form.view)] == []


def test_what_restarts_is_said_for_each_value() -> None:
    # GIVEN a label and a variable that differ
    form = opened()
    form.set("label", ("team=other",))
    form.set("env", ("B=3", "A=1", "PASSWORD=geheim"))
    # WHEN the changes are asked for
    effects = {change.what(): change.effect for change in changed(form.view)}
    # THEN each says what it does to tasks
    assert effects == {"label team": Effect.NONE, "env B": Effect.RESTARTS}


def test_the_side_shows_no_secret() -> None:
    # GIVEN a variable whose name says that it is secret
    form = opened()
    form.set("env", ("B=2", "A=1", "PASSWORD=neu"))
    # WHEN the differences are drawn
    text = joined(SPEC.side(form.view, 44))
    # THEN its values are not in it
    assert "PASSWORD" in text
    assert "neu" not in text
    assert "geheim" not in text


@pytest.mark.parametrize("name", ["name", "mode", "max-concurrent"])
def test_what_cannot_be_changed_says_so(name: str) -> None:
    # GIVEN a field that no update can write
    form = opened()
    before = form.values
    form.go(name)
    # WHEN one types into it
    type_in(form, "x")
    keys(form, "space", "right", "ctrl+u")
    # THEN it stays, and the reason is there
    assert form.values == before
    assert form.frozen


def test_a_pasted_update_is_taken_in() -> None:
    # GIVEN the form of a service
    form = opened()
    request = parse_line("docker service update --env-rm A --replicas 5 --network-rm app --image shop/web:2 web")
    assert isinstance(request, ServiceUpdate)
    assert key_of(request, form.moment.snapshot) is not None
    # WHEN a line of an update is pasted
    found = values_after(form.view, request)
    assert not isinstance(found, str)
    form.fill(found)
    # THEN the fields hold what it comes to, and the form equals the same line
    assert form.values["IMAGE"] == ("shop/web:2",)
    assert form.values["env"] == ("B=2", "PASSWORD=geheim")
    assert "network" not in form.values
    assert form.judged.request == request


def test_a_wrong_value_leaves_the_rest_judged() -> None:
    # GIVEN a value that cannot be read, in a list whose values are told apart by key
    form = opened()
    form.set("mount", ("type=volume,source=z,target=/z", "nonsense"))
    form.set("replicas", ("4",))
    # THEN it is said at its field, nothing is sent, and what else changes is still told
    assert sentences(form, "mount")
    assert form.judged.request is None
    assert [change.what() for change in changed(form.view)] == ["replicas"]


LISTS = ("env", "publish", "label", "mount")


def merged(read: dict[str, Any], theirs: dict[str, Any], yours: dict[str, Any]) -> tuple[Row, ...]:
    return rows(read, theirs, yours, LISTS)


def test_what_only_one_side_changed_is_taken() -> None:
    # GIVEN an image changed here, and a variable changed there
    read = {"IMAGE": ("a:1",), "env": ("A=1", "B=2")}
    theirs = {"IMAGE": ("a:1",), "env": ("A=9", "B=2")}
    yours = {"IMAGE": ("a:2",), "env": ("A=1", "B=2", "C=3")}
    # WHEN they are put side by side
    found = merged(read, theirs, yours)
    # THEN nothing is asked, and both changes are in what comes of it
    assert not any(row.conflict for row in found)
    assert taken(theirs, found, {}) == {"IMAGE": ("a:2",), "env": ("A=9", "B=2", "C=3")}


def test_what_both_changed_is_chosen() -> None:
    # GIVEN a limit that both changed, each to something else
    found = merged({"limit-memory": ("256m",)}, {"limit-memory": ("512m",)}, {"limit-memory": ("384m",)})
    assert [row.conflict for row in found] == [True]
    # WHEN a side is chosen THEN it is what comes of it
    assert taken({"limit-memory": ("512m",)}, found, {0: Side.YOURS}) == {"limit-memory": ("384m",)}
    assert taken({"limit-memory": ("512m",)}, found, {0: Side.THEIRS}) == {"limit-memory": ("512m",)}


def test_two_things_on_one_port_can_both_stay() -> None:
    # GIVEN a port that both published, for different things
    read = {"publish": ("8001:80",)}
    theirs = {"publish": ("8001:80", "8002:443")}
    found = merged(read, theirs, {"publish": ("8001:80", "8002:8080")})
    assert found[0].conflict
    assert found[0].beside == "8003:8080"
    # WHEN both are taken THEN yours is on the next free port
    assert taken(theirs, found, {0: Side.BOTH})["publish"] == ("8001:80", "8002:443", "8003:8080")


def test_what_both_took_away_or_changed_alike_is_no_conflict() -> None:
    # GIVEN a variable gone on both sides, and one that both changed alike
    read, other = {"env": ("A=1", "B=2", "C=3")}, {"env": ("B=9", "C=3")}
    found = merged(read, other, other)
    # THEN nothing is asked, and theirs stands
    assert not any(row.conflict for row in found)
    assert taken(other, found, {}) == other


def test_yours_taken_away_and_theirs_changed_is_a_conflict() -> None:
    # GIVEN a mount that is gone here and another there
    read = {"mount": ("type=volume,source=a,target=/a",)}
    theirs = {"mount": ("type=volume,source=b,target=/a",)}
    found = merged(read, theirs, {})
    assert [(row.key, row.conflict) for row in found] == [("/a", True)]
    # WHEN yours is taken THEN it is gone
    assert taken(theirs, found, {0: Side.YOURS}) == {}
