"""What has to be typed before a change that may lose something."""

from __future__ import annotations

from typing import Any, cast

from backends.change.line import parse_line
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.changing.changer import Prepared
from backends.changing.journal import new_entry
from backends.changing.plan import Plan, plan
from tests.unit.test_changing_plan import cluster
from tui.screens.plan_box import PlanContent


class Screen:
    """Only as much of the screen as a box asks for."""

    def __init__(self) -> None:
        self.hints: list[str] = []
        self.box = self

    def close(self) -> None: ...

    def hint(self, text: str) -> None:
        self.hints.append(text)


def box(line: str, done: list[str], *, production: bool) -> PlanContent:
    request = parse_line(line)
    assert isinstance(request, Request)
    found = plan(request, cluster())
    assert isinstance(found, Plan)
    prepared = Prepared(found, Compiled(request, ()), new_entry(0.0, "c", found.command, ""))
    screen = cast(Any, Screen())
    return PlanContent(screen, prepared, production, lambda: done.append("go"), lambda: done.append("no"))


def test_cancel_comes_first_and_the_other_button_does_it() -> None:
    done: list[str] = []
    content = box("docker service rm web", done, production=False)
    # GIVEN the plan THEN Cancel has the focus
    assert content.fields == 0
    assert [button.act for button in content.buttons()] == ["cancel", "go"]
    content.chosen("go")
    assert done == ["go"]


def test_in_production_the_button_opens_once_the_name_is_typed() -> None:
    done: list[str] = []
    content = box("docker service rm web", done, production=True)
    # WHEN the button is pressed before THEN nothing is done
    content.chosen(content.buttons()[1].act)
    assert done == []
    # WHEN the name is pasted THEN it does not count; typed, it does
    content.paste("web")
    assert content.buttons()[1].act == "closed"
    for letter in "web":
        content.press(letter, letter)
    content.chosen(content.buttons()[1].act)
    assert done == ["go"]


def test_what_would_end_the_quorum_is_typed_everywhere() -> None:
    done: list[str] = []
    content = box("docker node demote manager-1", done, production=False)
    assert content.fields == 1
    assert content.buttons()[1].act == "closed"
