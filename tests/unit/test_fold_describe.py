"""What events say, and the words they are made of."""

from __future__ import annotations

import pytest

from backends.model import EMPTY, Container, Event, EventSource, Kind, Snapshot
from backends.state.describe import base_action, describe
from backends.state.fold import fold
from backends.state.inputs import Listing
from backends.state.wording import duration, exit_text, image_change, listing, plural, times

KNOWN = fold(
    EMPTY,
    [
        Listing(
            Kind.CONTAINER,
            (Container(id="c" * 64, name="web.1", node_id="n", health="starting", state="running"),),
            1.0,
            "n",
        )
    ],
).snapshot


def said(type: str, action: str, snapshot: Snapshot = KNOWN, name: str = "", **attributes: str) -> tuple[str, str]:
    found = describe(
        Event(
            time=2.0,
            type=type,
            action=action,
            id="c" * 64,
            name=name,
            attributes={k.replace("_", "."): v for k, v in attributes.items()},
        ),
        snapshot,
    )
    return found.severity, found.text


@pytest.mark.parametrize(
    ("type", "action", "attributes", "expected"),
    [
        ("container", "create", {"image": "shop/worker:1.10@sha256:1"}, ("chg", "shop/worker:1.10")),
        ("container", "start", {}, ("ok", "")),
        ("container", "die", {"exitCode": "126"}, ("err", "exit 126, command cannot be executed")),
        ("container", "die", {"exitCode": "0"}, ("", "exit 0")),
        ("container", "die", {"exitCode": "143"}, ("", "exit 143, SIGTERM")),
        ("container", "die", {"exitCode": "9" * 5000}, ("", "")),
        ("container", "die", {"exitCode": "[/]"}, ("", "")),
        ("container", "kill", {"signal": "15"}, ("", "SIGTERM")),
        ("container", "kill", {"signal": "64"}, ("", "signal 64")),
        ("container", "oom", {}, ("err", "out of memory")),
        ("container", "health_status: healthy", {}, ("ok", "starting → healthy")),
        ("container", "health_status: unhealthy", {}, ("err", "starting → unhealthy")),
        ("container", "exec_create: sh -c ls", {}, ("", "sh -c ls")),
        ("container", "exec_die", {"exitCode": "1"}, ("", "exit 1")),
        ("network", "connect", {"container": "c" * 64}, ("ok", "web.1")),
        ("network", "disconnect", {"container": "d" * 64}, ("", "d" * 12)),
        ("volume", "mount", {"container": "c" * 64}, ("", "web.1")),
        ("service", "create", {}, ("ok", "")),
        (
            "service",
            "update",
            {"image_old": "shop/api:2.8.0", "image_new": "shop/api:2.8.1"},
            ("chg", "image shop/api:2.8.0 → 2.8.1"),
        ),
        ("service", "update", {"replicas_old": "3", "replicas_new": "5"}, ("chg", "replicas 3 → 5")),
        ("service", "update", {"updatestate_new": "paused"}, ("err", "update paused")),
        (
            "service",
            "update",
            {"updatestate_new": "completed"},
            ("ok", "update completed"),
        ),
        ("service", "update", {"updatestate_new": "rollback_started"}, ("warn", "rollback started")),
        ("node", "update", {"state_old": "ready", "state_new": "down"}, ("err", "ready → down")),
        ("node", "update", {"state_old": "down", "state_new": "ready"}, ("ok", "down → ready")),
        ("node", "update", {"availability_old": "active", "availability_new": "drain"}, ("chg", "active → drain")),
        ("node", "update", {"role_old": "worker", "role_new": "manager"}, ("chg", "promoted, worker → manager")),
        ("node", "update", {"leader_old": "false", "leader_new": "true"}, ("ok", "is the leader now")),
        (
            "node",
            "update",
            {"reachability_new": "unreachable"},
            ("err", "manager unreachable"),
        ),
        ("node", "update", {}, ("", "")),
        ("unheard", "of", {}, ("", "")),
    ],
)
def test_what_events_say(type: str, action: str, attributes: dict[str, str], expected: tuple[str, str]) -> None:
    assert said(type, action, KNOWN, "", **attributes) == expected


def test_the_worst_of_several_changes_decides() -> None:
    changes = {"state_old": "ready", "state_new": "down", "availability_old": "drain", "availability_new": "active"}
    assert said("node", "update", KNOWN, "", **changes) == ("err", "ready → down, drain → active")


def test_marks_and_derived_events_are_left_alone() -> None:
    mark = Event(time=1.0, source=EventSource.GAP, type="container", action="die", text="x")
    assert describe(mark, KNOWN) is mark


def test_words() -> None:
    assert base_action(Event(time=1.0, action="exec_create: sh -c 'a: b'")) == "exec_create"
    assert [listing(list("abcdef"[:n])) for n in (0, 1, 2, 3, 6)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 3 more",
    ]
    assert (plural(1, "node"), plural(2, "node"), plural(2, "entry", "entries")) == ("1 node", "2 nodes", "2 entries")
    assert [times(n) for n in (1, 2, 17)] == ["once", "twice", "17 times"]
    assert [duration(s) for s in (0.4, 59, 61, 7300, 90000, -5)] == ["0 s", "59 s", "1 min", "2 h", "1 d", "0 s"]
    assert exit_text(5) == "exit 5"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("a:1", "a:2", "a:1 → 2"),
        ("reg:5000/a", "reg:5000/b", "reg:5000/a → reg:5000/b"),
        ("a:1", "b:1", "a:1 → b:1"),
        ("a:1@sha256:x", "a:1@sha256:y", "a:1, other digest"),
        ("a:1", "a:1", "a:1"),
    ],
)
def test_image_changes(old: str, new: str, text: str) -> None:
    assert image_change(old, new) == text
