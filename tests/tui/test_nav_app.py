"""Going about in the running app: views, drill-down, back, filter, command line, panes, sizes."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import cast

import pytest
from textual import events

from backends.model import Key, Kind
from tests.tui.stage import cluster_of, everything, live, make_app, screen_text
from tests.tui.test_app_start import shows, until
from tests.unit.actions_support import WEB
from tui.actions.calls import CALLS
from tui.app import DnetApp
from tui.places import Place
from tui.screens.list_page import ListPage


def row(app: DnetApp, number: int) -> str:
    return screen_text(app).splitlines()[number]


def page(app: DnetApp) -> ListPage:
    return cast(ListPage, app.main.pages["list"])


async def test_enter_drills_down_and_esc_comes_back_to_the_same_row() -> None:
    # GIVEN the cursor on the second service
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("j")
        # WHEN it is entered
        await pilot.press("enter")
        # THEN its tasks are shown with the path to them
        await until(pilot, shows(app, "━━ Services › web › tasks ━"))
        # WHEN one goes back, THEN the cursor is where it was
        await pilot.press("escape")
        await until(pilot, shows(app, "━━ Services ━"))
        assert page(app).table.cursor_key == WEB


async def test_a_container_is_described_though_none_was_listed_so_far() -> None:
    # GIVEN a task of this node, and an engine whose containers nobody needed yet
    whole = live()
    listed = dict(whole.listed)
    del listed[Kind.CONTAINER]
    app = make_app(replace(whole, containers=MappingProxyType({}), listed=listed), view="tasks")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "web.1"))
        cluster = cluster_of(app)
        # WHEN it is gone into
        app.main.go(Place("describe", (Key(Kind.TASK, "task-web-1"), Key(Kind.CONTAINER, "ctr-web-1"))))
        # THEN the containers are asked for, and nothing is said to be gone
        await until(pilot, lambda: any(Kind.CONTAINER in one.kinds for one in cluster.watched))
        assert "It is gone" not in screen_text(app)
        # WHEN they come, THEN it is described
        cluster.change(whole, everything(whole))
        await until(pilot, shows(app, "web.1.abc"))


async def test_digits_switch_views_and_each_remembers_its_filter() -> None:
    # GIVEN a filter in the services
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("slash", "w", "e", "b", "enter")
        await until(pilot, shows(app, "1 of 2"))
        # WHEN one goes to the nodes and back
        await pilot.press("2")
        await until(pilot, shows(app, "━━ Nodes ━"))
        await pilot.press("3")
        # THEN the filter is still there
        await until(pilot, shows(app, "━━ Services  /web ━"))
        # WHEN esc is pressed, THEN the filter is cleared first
        await pilot.press("escape")
        await until(pilot, lambda: "/web" not in row(app, 2))


async def test_history_is_walked_by_brackets_and_minus() -> None:
    # GIVEN three places
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "━━ Services"))
        await pilot.press("2")
        await until(pilot, shows(app, "━━ Nodes"))
        await pilot.press("5")
        await until(pilot, shows(app, "━━ Networks"))
        # WHEN one walks
        await pilot.press("left_square_bracket")
        await until(pilot, shows(app, "━━ Nodes"))
        await pilot.press("right_square_bracket")
        await until(pilot, shows(app, "━━ Networks"))
        await pilot.press("minus")
        await until(pilot, shows(app, "━━ Nodes"))
        await pilot.press("minus")
        # THEN each step leads where it should
        await until(pilot, shows(app, "━━ Networks"))


async def test_a_filter_narrows_while_it_is_typed_and_esc_gives_it_up() -> None:
    # GIVEN the services
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN letters are typed, digits too, THEN the list narrows and no view is switched
        await pilot.press("slash", "d")
        await until(pilot, shows(app, "/d"))
        await until(pilot, shows(app, "1 of 2"))
        await pilot.press("2")
        await until(pilot, shows(app, "0 of 2"))
        # WHEN esc is pressed, THEN all are there again
        await pilot.press("escape")
        await until(pilot, lambda: "of 2" not in row(app, 2))
        assert app.main.place.view == "services"


async def test_text_is_pasted_into_the_filter() -> None:
    # GIVEN a filter being typed
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("slash")
        # WHEN text is pasted
        app.main.post_message(events.Paste("web\n"))
        # THEN it is the filter
        await until(pilot, shows(app, "/web"))
        await until(pilot, shows(app, "1 of 2"))


async def test_the_command_line_completes_runs_and_gets_out_of_the_way() -> None:
    # GIVEN the services
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN a verb is begun
        await pilot.press("colon", "n", "o", "d")
        # THEN what it may become is listed, and what enter would do is said
        await until(pilot, shows(app, ":nodes"))
        assert "── Commands ─" in screen_text(app)
        # WHEN it is completed and run
        await pilot.press("tab", "enter")
        # THEN the view is there and the keys are back
        await until(pilot, shows(app, "━━ Nodes"))
        assert row(app, -1).endswith(": command  ? help")


async def test_a_line_that_means_nothing_stays_with_its_error() -> None:
    # GIVEN a line with a mistake
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("colon", *"nodse", "enter")
        # THEN what was typed is still there, with a sentence
        await until(pilot, shows(app, "There is no verb or name nodse."))
        assert ":nodse" in row(app, -1)
        # WHEN esc is pressed, THEN it is closed
        await pilot.press("escape")
        await until(pilot, lambda: row(app, -1).endswith(": command  ? help"))


async def test_a_pasted_docker_line_opens_the_command_line() -> None:
    # GIVEN a screen without anything being typed
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN a docker line is pasted
        app.main.post_message(events.Paste("docker node ls\n"))
        # THEN it stands in the command line
        await until(pilot, lambda: ":docker node ls" in row(app, -1))


async def test_tab_moves_the_heavy_rule() -> None:
    # GIVEN list and detail side by side
    app = make_app(view="services")
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "┬── db ─"))
        # WHEN tab is pressed
        await pilot.press("tab")
        # THEN the detail has the heavy rule
        await until(pilot, shows(app, "┬━━ db ━"))
        assert row(app, 2).startswith("── Services ─")
        await pilot.press("tab")
        await until(pilot, shows(app, "━━ Services ━"))


async def test_v_makes_the_detail_bigger_then_hides_it() -> None:
    # GIVEN 80 columns
    app = make_app(view="services")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "v bigger"))
        small = page(app).detail.size.height
        # WHEN v is pressed
        await pilot.press("v")
        await until(pilot, lambda: page(app).detail.size.height > small)
        await pilot.press("v")
        # THEN it is bigger, then gone, then as before
        await until(pilot, lambda: "d describe" not in screen_text(app).split("━━ Services")[1].split("Last event")[0])
        await pilot.press("v")
        await until(pilot, lambda: page(app).detail.size.height == small)


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (60, 15), (80, 14), (80, 24), (100, 30), (120, 36), (200, 60)])
async def test_any_size_is_drawn(size: tuple[int, int]) -> None:
    # GIVEN an app
    app = make_app(view="services")
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN the window is resized while it runs
        await pilot.resize_terminal(*size)
        # THEN it is drawn in the new size, the list and its keys first
        await until(pilot, lambda: len(screen_text(app).splitlines()) == size[1])
        await until(pilot, shows(app, "Services"))
        await pilot.press("j", "v", "tab", "slash", "w", "escape", "colon", "n", "escape", "2", "3")
        await until(pilot, lambda: max(len(line) for line in screen_text(app).splitlines()) <= size[0])


async def test_the_cluster_is_told_what_is_on_screen() -> None:
    # GIVEN the services with the cursor on web
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN the screen rests
        cluster = cluster_of(app)
        await until(pilot, lambda: bool(cluster.watched))
        # THEN services and their tasks are wanted, not all tasks
        assert Kind.SERVICE in cluster.watched[-1].kinds
        assert Kind.TASK not in cluster.watched[-1].kinds
        assert WEB.id in cluster.watched[-1].services
        # WHEN another view is opened, THEN its kinds are wanted
        await pilot.press("6")
        await until(pilot, lambda: Kind.CONTAINER in cluster.watched[-1].kinds)


async def test_every_act_that_actions_may_ask_for_is_known() -> None:
    # GIVEN the list of all acts
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        known = {"quit", "palette", "demo", "context", "theme"}
        # WHEN each is called, THEN none is unknown
        for name in CALLS:
            if name not in known:
                app.main.call(name)
        with pytest.raises(LookupError):
            app.main.call("no-such-act")


async def test_a_click_on_a_tab_opens_its_view() -> None:
    # GIVEN the services
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN the word Nodes is clicked
        await pilot.click("#tabs", offset=(row(app, 1).index("Nodes") + 1, 0))
        # THEN the nodes are shown
        await until(pilot, shows(app, "━━ Nodes"))


async def test_a_deleted_object_does_not_take_the_place_with_it() -> None:
    # GIVEN a drill-down into a service that is removed meanwhile
    app = make_app(view="services")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        app.main.go(Place("tasks", (WEB,)))
        await until(pilot, shows(app, "› web › tasks"))
        from dataclasses import replace

        from backends.model import Changes, Key

        cluster = cluster_of(app)
        gone = replace(live(), services={}, tasks={}, taken=1.0)
        keys = frozenset({WEB, *(Key(Kind.TASK, id_) for id_ in cluster.snapshot.tasks)})
        cluster.change(gone, Changes(keys=keys, kinds=frozenset({Kind.SERVICE, Kind.TASK})))
        # THEN the screen says there is nothing, and esc leads out
        await until(pilot, shows(app, "This service has no tasks."))
        await pilot.press("escape")
        await until(pilot, shows(app, "━━ Services"))
