"""Forms on the screen: opened by key, filled by typing and by pasted lines, sent, refused, kept as drafts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast

import pytest
from textual import events

from backends.change.line import parse_line, render
from backends.change.merge import Merge
from backends.change.outcome import Outcome, State
from backends.change.requests import Request
from backends.change.steps import Compiled, Step, Target
from backends.model import Changes, Image, Key, Kind
from tests.tui.stage import NoEngine, cluster_of, live, make_app, screen_text
from tests.tui.test_app_start import shows, until
from tests.unit.change_world import world
from tui.app import DnetApp
from tui.forms.registry import form_place
from tui.screens.form_page import FormPage

STORED: dict[str, Any] = {
    "Name": "web",
    "TaskTemplate": {"ContainerSpec": {"Image": "shop/web:1", "Env": ["A=1"]}},
    "Mode": {"Replicated": {"Replicas": 2}},
    "EndpointSpec": {"Mode": "vip"},
}


class Engine(NoEngine):
    """Knows one service."""

    api_version = "1.51"

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.asked: list[str] = []

    async def call(self, *words: object, **_: object) -> Any:
        self.asked.append(" ".join(map(str, words)))
        return {"ID": "s-web", "Version": {"Index": 31}, "Spec": copy.deepcopy(self.spec)}


@dataclass
class Sender:
    """Stands for what sends: keeps what it was asked, and who hears of it."""

    asked: list[Request] = field(default_factory=list)
    heard: dict[str, Any] = field(default_factory=dict)

    def request(self, request: Request, **heard: Any) -> None:
        self.asked.append(request)
        self.heard = heard

    def with_goals(self, interest: Any) -> Any:
        return interest


def staged(**session: Any) -> tuple[DnetApp, Sender]:
    """The app on three nodes, with a stand-in for what sends."""
    app = make_app(live(world()), view="services", **session)
    cluster_of(app).engine = cast(Any, Engine(STORED))
    changes = Sender()
    app.main._changing = cast(Any, changes)
    return app, changes


def page(app: DnetApp) -> FormPage:
    return cast(FormPage, app.main.pages["form"])


def paste(app: DnetApp, text: str) -> None:
    app.main.on_paste(events.Paste(text))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_service_is_made_in_few_keys(size: tuple[int, int]) -> None:
    # GIVEN the list of services
    app, changes = staged()
    async with app.run_test(size=size) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN n, an image, tab, a name and ^s are pressed
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"nginx", "tab", *"shop", "ctrl+s")
        # THEN that service is asked for
        await until(pilot, lambda: bool(changes.asked))
        assert render(changes.asked[0]) == "docker service create --name shop nginx"
        assert "asking the engine" in screen_text(app)
        # WHEN the engine took it
        outcome = Outcome(changes.asked[0], State.DONE, "Done.", answers=({"ID": "s-db"},))
        changes.heard["on_done"](outcome)
        # THEN the list is there with it under the cursor
        await until(pilot, lambda: app.main.place.view == "services")
        await until(pilot, lambda: app.main.place.cursor == Key(Kind.SERVICE, "s-db"))


async def test_a_refusal_comes_back_to_the_filled_form() -> None:
    # GIVEN a form that was sent
    app, changes = staged()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"nginx", "tab", *"shop", "ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        # WHEN the engine refuses it
        changes.heard["on_refused"]("The name is taken.", "name", "rpc error: name conflicts")
        # THEN both are at the field, and all that was typed is there
        await until(pilot, shows(app, "The name is taken."))
        text = screen_text(app)
        assert "rpc error: name conflicts" in text
        assert "nginx" in text
        # WHEN the name is mended THEN it can be sent again
        await pilot.press("2", "ctrl+s")
        await until(pilot, lambda: len(changes.asked) == 2)
        assert changes.asked[1] == parse_line("docker service create --name shop2 nginx")


async def test_images_that_are_told_while_a_form_is_open_are_offered() -> None:
    # GIVEN a new service, and the begin of an image that is not known so far
    app, _ = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"hs")
        await until(pilot, shows(app, "docker service create hs"))
        assert "hshar/webapp" not in screen_text(app)
        # WHEN the images are told
        cluster = cluster_of(app)
        image = Image(image_id="sha256:1", tags=("hshar/webapp:latest",))
        images = MappingProxyType({image.id: image})
        cluster.change(replace(cluster.snapshot, images=images), Changes(keys=frozenset({image.key})))
        # THEN it can be chosen
        await until(pilot, shows(app, "hshar/webapp"))
        await pilot.press("down", "tab")
        await until(pilot, shows(app, "docker service create hshar/webapp:latest"))


async def test_what_is_wrong_is_gone_to_in_place_of_being_sent() -> None:
    # GIVEN a port that web has
    app, changes = staged()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        paste(app, "sudo docker service create --name b -p 8080:80 nginx")
        await until(pilot, shows(app, "1 error"))
        # WHEN it is sent all the same
        await pilot.press("ctrl+s")
        # THEN the cursor is in the field, and nothing was asked
        form = page(app).form
        assert form is not None
        assert form.field is not None
        assert form.field.name == "publish"
        assert changes.asked == []
        # WHEN the offer is taken THEN it is sent
        await pilot.press("ctrl+o", "ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        assert "8081:80" in render(changes.asked[0])


async def test_leaving_keeps_a_draft() -> None:
    # GIVEN a form with an image
    app, _ = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"nginx", "tab", "tab")
        # WHEN one leaves and comes again
        await pilot.press("escape")
        await until(pilot, shows(app, "━━ Services ━"))
        await pilot.press("n")
        # THEN it is as it was left, and says so
        await until(pilot, shows(app, "docker service create nginx"))
        assert "draft" in screen_text(app)
        # WHEN it is begun anew THEN it is empty, with the cursor at its first field, and can be had back
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "create nginx" not in screen_text(app))
        page = app.main.page
        assert isinstance(page, FormPage)
        assert page.form is not None
        assert page.form.at == 0
        await pilot.press("ctrl+z")
        await until(pilot, shows(app, "docker service create nginx"))


async def test_an_edit_begins_from_what_is_stored_and_sends_what_differs() -> None:
    # GIVEN the cursor on web
    app, changes = staged()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await _to(pilot, app, "s-web")
        # WHEN it is edited
        await pilot.press("E")
        await until(pilot, shows(app, "Read at version 31"))
        assert "insertDefaults=false" in cast(Any, cluster_of(app).engine).asked[0]
        paste(app, "docker service update --env-add B=2 web")
        # THEN what changes is told, with what it restarts
        await until(pilot, shows(app, "What it restarts"))
        assert "env B" in screen_text(app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        assert changes.asked[0] == parse_line("docker service update --env-add B=2 web")
        assert changes.heard["read"] == STORED


async def test_two_changes_of_one_service_are_put_together() -> None:
    # GIVEN an edit of web that was sent
    app, changes = staged()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await _to(pilot, app, "s-web")
        await pilot.press("E")
        await until(pilot, shows(app, "Read at version 31"))
        paste(app, "docker service update --env-add A=2 --label-add mine=1 web")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        # WHEN somebody else has changed the same variable, and the replicas
        theirs = copy.deepcopy(STORED)
        theirs["TaskTemplate"]["ContainerSpec"]["Env"] = ["A=9"]
        theirs["Mode"]["Replicated"]["Replicas"] = 5
        changes.heard["on_conflict"](_conflict(changes.asked[0], theirs))
        # THEN the three are side by side, and it cannot be sent before one is chosen
        await until(pilot, shows(app, "was changed meanwhile"))
        assert "A=9" in screen_text(app)
        await pilot.press("ctrl+s")
        assert len(changes.asked) == 1
        # WHEN mine is chosen
        await pilot.press("2", "ctrl+s")
        # THEN mine is sent, on theirs
        await until(pilot, lambda: len(changes.asked) == 2)
        assert changes.asked[1] == parse_line("docker service update --env-add A=2 --label-add mine=1 web")
        assert changes.heard["read"] == theirs


async def test_what_is_not_chosen_yet_is_said_in_whole_words_in_a_narrow_terminal() -> None:
    # GIVEN an edit of web that was sent from 80x24
    app, changes = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await _to(pilot, app, "s-web")
        await pilot.press("E")
        await until(pilot, shows(app, "Read at version 31"))
        paste(app, "docker service update --env-add A=2 web")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        # WHEN somebody else has changed the same variable
        theirs = copy.deepcopy(STORED)
        theirs["TaskTemplate"]["ContainerSpec"]["Env"] = ["A=9"]
        changes.heard["on_conflict"](_conflict(changes.asked[0], theirs))
        # THEN what can be chosen is not cut, and nobody is told that all is as wanted
        await until(pilot, shows(app, "? 1 or 2"))
        text = screen_text(app)
        assert "YOU READ " in text
        assert "as you want it" not in text
        # WHEN theirs is chosen THEN there is nothing left to send
        await pilot.press("1")
        await until(pilot, shows(app, "nothing: there it is as you want it"))


async def test_a_change_of_what_no_field_holds_is_not_asked_about() -> None:
    # GIVEN an edit of web that was sent
    app, changes = staged()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await _to(pilot, app, "s-web")
        await pilot.press("E")
        await until(pilot, shows(app, "Read at version 31"))
        paste(app, "docker service update --env-add A=2 web")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        # WHEN something that this program has no field for is another
        theirs = copy.deepcopy(STORED)
        theirs["Later"] = {"new": True}
        changes.heard["on_conflict"](_conflict(changes.asked[0], theirs))
        # THEN the same is sent again, on theirs
        await until(pilot, lambda: len(changes.asked) == 2)
        assert changes.asked[1] == changes.asked[0]
        assert changes.heard["read"] == theirs


async def test_a_copy_begins_with_all_but_the_name() -> None:
    # GIVEN the cursor on web
    app, _ = staged()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await _to(pilot, app, "s-web")
        # WHEN it is duplicated
        await pilot.press("D")
        await until(pilot, shows(app, "--env A=1"))
        # THEN the cursor is in the name, which is empty
        form = page(app).form
        assert form is not None
        assert form.field is not None
        assert (form.field.name, form.edit.text) == ("name", "")


async def test_a_read_only_session_opens_no_form() -> None:
    # GIVEN a session that changes nothing
    app, _ = staged(readonly=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN a new service is asked for THEN it is refused, with the reason
        await pilot.press("n")
        await until(pilot, shows(app, "read-only"))
        assert app.main.place.view == "services"


async def _to(pilot: Any, app: DnetApp, id: str) -> None:
    """The cursor to a service."""
    at: Callable[[], bool] = lambda: app.main.targets() == (Key(Kind.SERVICE, id),)  # noqa: E731
    await pilot.press("g")
    for _ in range(10):
        if at():
            return
        await pilot.press("j")
    await until(pilot, at)


def _conflict(request: Request, theirs: dict[str, Any]) -> Outcome:
    target = Target("service", "s-web", "web", 40, theirs, theirs)
    retry = Compiled(request, (Step("POST", "/services/s-web/update?version=40", theirs),), (), (target,))
    both = Merge(STORED, STORED, theirs, theirs, ())
    return Outcome(request, State.CONFLICT, "web was changed by somebody else meanwhile.", merge=both, retry=retry)


async def test_a_network_that_is_not_there_is_made_on_the_way() -> None:
    # GIVEN a service form
    app, changes = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"nginx", "tab", *"cache", "tab", "tab", *"back")
        # WHEN what is typed is no network and its entry is taken
        await until(pilot, shows(app, "+ create “back”"))
        await pilot.press("up", "tab")
        # THEN the form of networks is open, with that name and the driver that services need
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        # WHEN it is left THEN nothing of the service is lost, and the same entry is offered
        await pilot.press("escape")
        await until(pilot, shows(app, "docker service create --name cache --network back nginx"))
        await until(pilot, shows(app, "+ create “back”"))
        assert app.main.errand is None
        # WHEN it is taken again, and made under another name
        await pilot.press("tab")
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        form = page(app).form
        assert form is not None
        form.go("NETWORK", -1)
        await pilot.press("end", *"end", "ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        assert render(changes.asked[-1]) == "docker network create --driver overlay backend"
        changes.heard["on_done"](Outcome(changes.asked[-1], State.DONE, "Done.", answers=({"Id": "n-new"},)))
        # THEN one is back where it was wanted, and it is taken
        await until(pilot, shows(app, "docker service create --name cache --network backend nginx"))
        assert app.main.place.argument == "service-create"
        form = page(app).form
        assert form is not None
        assert form.field is not None
        assert form.field.name == "network"
        # AND the way back from there leads to the list
        await pilot.press("escape")
        await until(pilot, lambda: app.main.place.view == "services")


async def test_what_was_begun_of_a_network_before_an_errand_is_there_after_it() -> None:
    # GIVEN the draft of a network, and a service that wants another one
    app, changes = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        app.main.go(form_place("network-create"))
        await until(pilot, shows(app, "new network"))
        await pilot.press(*"older", "escape")
        await until(pilot, shows(app, "━━ Services ━"))
        await pilot.press("n")
        await until(pilot, shows(app, "new service"))
        await pilot.press(*"nginx", "tab", "tab", "tab", *"back", "up", "tab")
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        # WHEN that one is made
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        changes.heard["on_done"](Outcome(changes.asked[-1], State.DONE, "Done.", answers=({"Id": "n-new"},)))
        await until(pilot, shows(app, "docker service create --network back nginx"))
        # THEN the draft is as it was
        app.main.go(form_place("network-create"))
        await until(pilot, shows(app, "docker network create older"))


async def test_a_line_that_names_no_network_makes_it_and_goes_on() -> None:
    # GIVEN a line whose network is not there
    app, changes = staged()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        app.main.edit_command("service create --network back")
        await until(pilot, shows(app, "+ create “back”"))
        # WHEN its entry is taken and the form is left THEN the line is there as it was
        await pilot.press("tab")
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        await pilot.press("escape")
        await until(pilot, lambda: app.main.command.text == "service create --network back")
        assert app.main.place.view == "services"
        # WHEN it is made THEN the line goes on behind the name
        await pilot.press("tab")
        await until(pilot, shows(app, "docker network create --driver overlay back"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(changes.asked))
        changes.heard["on_done"](Outcome(changes.asked[-1], State.DONE, "Done.", answers=({"Id": "n-new"},)))
        await until(pilot, lambda: app.main.command.is_open)
        await pilot.press(*"nginx")
        assert app.main.command.text == "service create --network back nginx"
        assert app.main.place.view == "services"
