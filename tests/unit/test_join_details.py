"""The page of machines that are to join, and that of tokens, as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backends.errors import Unreachable
from backends.joining.board import Row
from backends.joining.checks import Looked, judge
from backends.joining.join import STEPS, Phase, Progress
from backends.joining.ports import Tried
from backends.model import Swarm
from tests.unit.change_world import NOW, world
from tests.unit.test_joining_checks import looked, probes
from tui.details.join import Form, join_rows, mends
from tui.details.tokens import MANAGER, UNLOCK, WORKER, Secrets, copied, secret_of, tokens_rows
from tui.frame.line_edit import LineEdit
from tui.tables.spec import Moment
from tui.text.fit import line_width
from tui.text.span import joined

MOMENT = Moment(world(), NOW)
TOKEN = f"SWMTKN-1-{'a' * 50}-{'b' * 25}"


def row(found: Looked | None = None, **more: Any) -> Row:
    found = looked() if found is None else found
    role = more.get("role", "worker")
    return Row(1, **{"text": "root@10.1.0.9", "looked": found, "checks": judge(found, role, world()), **more})


def page(*rows: Row, cells: int = 76, **more: Any) -> str:
    lines, _ = join_rows(Form(rows, **more), MOMENT, cells)
    assert all(line_width(one) <= cells for one in lines)
    return joined(lines)


@pytest.mark.parametrize("cells", [40, 76, 156])
def test_nothing_is_wider_than_the_page(cells: int) -> None:
    bad = row(looked(tried=Tried(probes(u7946="in", t7946="out", t2377="in"))))
    running = row(progress=Progress("worker", done=STEPS[:3], began=NOW, command="ssh x docker swarm join"))
    for one in (row(), bad, row(Looked(problem=Unreachable("No route."))), running, row(Looked(), asking=True)):
        page(one, cells=cells)
    page(cells=cells, edit=LineEdit.of("root@" + "x" * 300), problem="It is no machine.")


def test_an_empty_page_says_what_is_asked_and_that_nothing_is_changed() -> None:
    said = page(edit=LineEdit(), offers=("worker-6", "db"))
    assert "tab takes worker-6  db" in said
    assert "Nothing is changed on it until you join it." in " ".join(said.split())


def test_what_is_to_be_mended_stands_with_the_line_that_mends_it() -> None:
    bad = row(looked(tried=Tried(probes(u7946="in"))))
    said = page(bad, cells=156)
    assert "1 thing to mend" in said
    assert "1 copies  iptables -I INPUT -p udp --dport 7946 -j ACCEPT" in said
    assert mends(bad)[0] == "iptables -I INPUT -p udp --dport 7946 -j ACCEPT"
    # and each node has its row, there and back
    assert "NODE" in said
    assert "m1" in said


def test_a_join_under_way_shows_its_steps() -> None:
    said = page(row(progress=Progress("worker", done=("connect", "token"), began=NOW)))
    assert "✓ connect" in said
    assert "◐ join sent" in said
    assert "○ ready" in said


def test_a_join_without_a_result_shows_the_ways_on() -> None:
    progress = Progress(
        "manager", Phase.PENDING, STEPS[:3], NOW - 131, "It may still join.", there="pending", asked=NOW - 2
    )
    said = page(row(progress=progress), cells=110)
    assert "1  ends the attempt: docker swarm leave --force" in said
    assert "2  rotates the manager token" in said
    assert "pending, for 2 min 11 s" in said
    assert "asked 2 s ago" in said


def secrets(**more: Any) -> str:
    snapshot = world(swarm=Swarm(id="c", autolock=True, cert_expiry=90 * 86400.0))
    lines = tokens_rows(Secrets(**more), Moment(snapshot, NOW), 76)
    assert all(line_width(one) <= 76 for one in lines)
    return joined(lines)


def test_secrets_are_dots_until_one_is_asked_for() -> None:
    # GIVEN nothing shown THEN there are dots of one length, whatever is behind
    said = secrets()
    assert said.count("hidden") == 3
    assert "SWMTKN-1-••••" in said
    # WHEN one is shown THEN it is whole, with the time that is left, and the others stay dots
    shown = secrets(which=MANAGER, value=TOKEN, until=NOW + 24)
    assert "shown, hides in 24 s" in shown
    assert TOKEN in shown.replace("\n", "").replace(" ", "").replace("m", "m")
    assert shown.count("hidden") == 2
    # and it is in no representation
    assert TOKEN not in repr(Secrets(MANAGER, TOKEN))


def test_what_is_copied_is_the_whole_line_or_the_key() -> None:
    answer = {"JoinTokens": {"Worker": TOKEN, "Manager": "x"}}
    assert secret_of(answer, WORKER) == TOKEN
    assert secret_of({"UnlockKey": "SWMKEY-1-k"}, UNLOCK) == "SWMKEY-1-k"
    assert secret_of(None, WORKER) == secret_of({}, MANAGER) == ""
    assert copied(WORKER, TOKEN, MOMENT).startswith(f"docker swarm join --token {TOKEN} ")
    assert copied(UNLOCK, "SWMKEY-1-k", MOMENT) == "SWMKEY-1-k"


def test_without_autolock_no_unlock_key_is_offered() -> None:
    plain = replace(world(), swarm=Swarm(id="c"))
    said = joined(tokens_rows(Secrets(), Moment(plain, NOW), 76))
    assert "To unlock" not in said
    assert "turns it on" in said
