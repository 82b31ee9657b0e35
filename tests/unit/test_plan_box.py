"""What has to be typed before a change that may lose something, and what its box shows."""

from __future__ import annotations

from typing import Any, cast

import pytest

from backends.change.changer import Prepared
from backends.change.journal import begun
from backends.change.plan import Plan
from backends.model import Snapshot
from tests.unit.change_planned import planned
from tests.unit.change_world import managers, world
from tui.details.plan import plan_rows, request_rows
from tui.screens.change_waiting import standing_row
from tui.screens.plan_box import PlanContent
from tui.tables.spec import Moment
from tui.text.fit import line_width
from tui.text.span import plain


class Screen:
    """Only as much of the screen as a box asks for."""

    def __init__(self) -> None:
        self.hints: list[str] = []
        self.copied: list[str] = []
        self.changed: list[str] = []
        self.box = self

    def close(self) -> None: ...

    def hint(self, text: str) -> None:
        self.hints.append(text)

    def copy(self, text: str, what: str) -> None:
        self.copied.append(text)

    def change(self, line: str) -> None:
        self.changed.append(line)


def box(
    line: str, done: list[str], *, production: bool, snapshot: Snapshot | None = None, screen: Screen | None = None
) -> PlanContent:
    found = planned(line, snapshot)
    prepared = Prepared(found, snapshot or world(), begun(found.request, "c", 0.0))
    shown = cast(Any, screen or Screen())
    return PlanContent(shown, prepared, production, lambda: done.append("go"), lambda: done.append("no"))


def test_cancel_comes_first_and_the_other_button_does_it() -> None:
    # GIVEN the plan THEN Cancel has the focus
    done: list[str] = []
    content = box("service rm web", done, production=False)
    assert content.fields == 0
    assert [button.act for button in content.buttons()] == ["cancel", "go"]
    # WHEN the other one is pressed THEN it is done
    content.chosen("go")
    assert done == ["go"]


def test_in_production_the_button_opens_once_the_name_is_typed() -> None:
    # WHEN the button is pressed before THEN nothing is done
    done: list[str] = []
    content = box("service rm web", done, production=True)
    content.chosen(content.buttons()[1].act)
    assert done == []
    # WHEN the name is pasted THEN it does not count; typed, it does
    content.paste("web")
    assert content.buttons()[1].act == "closed"
    for letter in "web":
        content.press(letter, letter)
    content.chosen(content.buttons()[1].act)
    assert done == ["go"]
    assert "✓" in "".join(plain(row) for row in content.foot(Moment(world(), 0.0), 80))


def test_what_only_restarts_is_not_typed_in_production() -> None:
    # THEN a plan that is only long has its button at once
    content = box("node update --availability drain w2", [], production=True)
    assert content.fields == 0


def test_what_would_end_the_quorum_is_typed_everywhere() -> None:
    # GIVEN a demotion that leaves nobody, or no majority
    for line, snapshot in (("node demote mgr", world()), ("node demote m2", managers(True, True, False))):
        content = box(line, [], production=False, snapshot=snapshot)
        # THEN it is refused as it stands
        assert content.note() == "refused as it stands"
        assert content.fields == 1
        assert content.buttons()[1].act == "closed"


def test_a_drain_can_become_a_pause() -> None:
    # WHEN p is pressed in the plan of a drain
    screen, done = Screen(), list[str]()
    content = box("node update --availability drain w1", done, production=False, screen=screen)
    content.press("p", "p")
    # THEN the drain is cancelled, and a pause is planned
    assert done == ["no"]
    assert screen.changed == ["docker node update --availability pause w1"]


def test_the_command_is_copied_whole() -> None:
    # GIVEN a line with a secret, which is not shown
    screen = Screen()
    content = box("service update --env-add KEY=hush --image x:2 web", [], production=False, screen=screen)
    shown = "\n".join(plain(row) for row in content.body(Moment(world(), 0.0), 98))
    assert "hush" not in shown
    # WHEN it is copied THEN it can be run
    content.press("c", "c")
    assert screen.copied == ["docker service update --image x:2 --env-add KEY=hush web"]


PLANS = {
    "drain": "node update --availability drain w1",
    "update": "service update --env-add A=7 --image shop/web:2 --network-add lonely --label-add a=b web",
    "create": "service create --name new --network app -p 81:80 --constraint node.role==nobody shop/x:1",
    "demote": "node demote mgr",
    "prune": "network prune",
    "remove": "service rm web db",
}


@pytest.mark.parametrize("cells", [40, 74, 98, 140])
@pytest.mark.parametrize("name", PLANS)
def test_every_plan_fits(name: str, cells: int) -> None:
    # WHEN a plan is shown at a width
    found: Plan = planned(PLANS[name])
    rows = [*plan_rows(found, cells), *request_rows(found.steps, cells)[:4]]
    # THEN no row of it is wider
    assert max(line_width(row) for row in rows) <= cells
    text = "\n".join(plain(row) for row in rows)
    assert "equals" in text


def test_a_plan_names_what_changes_what_moves_and_what_stays() -> None:
    # THEN each changed value stands with what it does to tasks
    text = "\n".join(plain(row) for row in plan_rows(planned(PLANS["update"]), 98))
    for words in ("env A  ", "1 → 7", "restarts", "label a", "nothing restarts", "Restarts the 2 tasks of web"):
        assert words in text
    # and a drain says how long nobody answers, what stays behind, and what room there is
    text = "\n".join(plain(row) for row in plan_rows(planned(PLANS["drain"]), 98))
    for words in ("DOWN FOR", "~ 10 s", "data stays behind", "1 of 2 go on meanwhile", "ends here", "addresses"):
        assert words in text


def test_what_cannot_work_and_what_is_worth_knowing_is_shown_too() -> None:
    # THEN a dry run of what would be refused says so
    found = planned("service create --name web --mount source=data,target=/d -p 8080:80 nginx")
    text = "\n".join(plain(row) for row in plan_rows(found, 98))
    assert "✗ service web already exists; another name, or docker service update." in text
    assert "✗ 8080 is published by" in text
    assert "Each node has a volume data of its own" in text


def test_secrets_are_left_out_of_the_requests_shown() -> None:
    # THEN
    found = planned("service create --name new -e API_TOKEN=hush nginx")
    text = "\n".join(plain(row) for row in request_rows(found.steps, 98))
    assert "API_TOKEN=***" in text
    assert "hush" not in text


def test_how_a_change_stands_begins_with_what_is_changed() -> None:
    # GIVEN a standing that does not say of what it is
    row = standing_row("All 3 run; watched for 5 s.", "Scale web", "web", True, 80)
    # THEN it is said, and where more is to be seen
    assert row == "Scale web: All 3 run; watched for 5 s; :rollouts shows it"
    # WHEN there is no room for all THEN what is changed stays
    name = "shop_frontend_of_the_winter_campaign"
    row = standing_row("All 3 run; watched for 5 s.", f"Scale {name}", name, True, 80)
    assert row == f"Scale {name}: All 3 run; watched for 5 s."
    # and what says it by itself has it once
    assert standing_row("web is updating: 0 of 3 run", "Update web", "web", False, 80) == "web is updating: 0 of 3 run"
