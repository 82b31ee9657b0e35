"""States in the running app: what the keys do in them, and the way back."""

from __future__ import annotations

from dataclasses import replace

from backends.model import EMPTY, Changes, Event, Link, LinkState
from tests.tui.stage import NOW, cluster_of, everything, live, make_app, screen_text
from tests.tui.test_app_start import shows, until

SOCKET = "unix:///var/run/docker.sock"


async def test_no_access_is_a_page_with_keys_and_ends_by_itself() -> None:
    # GIVEN an engine that refuses this user
    denied = Link(
        endpoint=SOCKET,
        state=LinkState.DENIED,
        problem="deploy may not use it.",
        hint="To join: sudo usermod -aG docker deploy, then.",
    )
    app = make_app(replace(EMPTY, link=denied), view="services")
    cluster = cluster_of(app)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "━━ No access to the engine ━"))
        assert "✗ permission denied" in screen_text(app)
        # WHEN the line is copied and it is tried again
        await pilot.press("c")
        await until(pilot, lambda: app.clipboard == "sudo usermod -aG docker deploy")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: cluster.retries == 1)
        # WHEN the engine answers, THEN the view is there, with the keys of its list
        cluster.change(live(), everything(live()))
        await until(pilot, shows(app, "shop/web:1"))
        await pilot.press("j", "enter")
        await until(pilot, shows(app, "› web › tasks"))


async def test_the_demo_is_one_key_away_where_no_engine_is() -> None:
    # GIVEN nothing that answers
    gone = Link(endpoint=SOCKET, state=LinkState.UNREACHABLE, problem="There is no socket x.")
    app = make_app(replace(EMPTY, link=gone), view="services")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, shows(app, "━━ No engine ━"))
        # WHEN the key of the demo is pressed
        await pilot.press("d")
        # THEN it is the demo
        await until(pilot, shows(app, "DEMO"))
        await until(pilot, shows(app, "shop/web:1"))


async def test_stale_data_stays_and_is_told_apart() -> None:
    # GIVEN a live list
    app = make_app(view="services")
    cluster = cluster_of(app)
    async with app.run_test(size=(140, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN the engine goes away
        cluster.link(state=LinkState.STALE, since=NOW - 5, fresh=NOW - 5, problem="There is no socket x.")
        # THEN the rows stay, their rule says as of when, and the key that helps comes first
        await until(pilot, shows(app, "engine gone for 5 s"))
        assert "shop/web:1" in screen_text(app)
        assert "▲ as of" in screen_text(app)
        assert "▲ stream ended" in screen_text(app)
        assert screen_text(app).splitlines()[-1].startswith(" ^r try now")
        # WHEN it is back, THEN all is as before
        cluster.link(state=LinkState.LIVE, problem="", since=NOW)
        await until(pilot, shows(app, "● live"))
        assert "as of" not in screen_text(app)


async def test_read_only_refuses_changes_with_a_sentence() -> None:
    # GIVEN a read-only session, and an action that changes something
    from tui.actions.spec import ActionSpec

    app = make_app(view="services", readonly=True)
    ran: list[bool] = []
    action = ActionSpec(id="x", title="scale", help="x.", changes=True, run=lambda context: ran.append(True))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "R/O"))
        # WHEN it is run
        app.main.run_action_spec(action)
        # THEN it is refused, and nothing ran
        await until(pilot, shows(app, "scale: this session is read-only"))
        assert ran == []


async def test_an_event_is_on_screen_at_once() -> None:
    # GIVEN a quiet list
    app = make_app(view="services")
    cluster = cluster_of(app)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        # WHEN something happens
        cluster.happen(Event(time=NOW, type="container", action="die", name="web.1", severity="err"))
        # THEN the strip shows it
        await until(pilot, shows(app, "web.1"))


async def test_names_from_outside_never_become_markup_or_escapes() -> None:
    # GIVEN a service whose name is an attack
    import msgspec

    base = live()
    hostile = msgspec.structs.replace(base.services["svc-web"], name="[red]web[/] \x1b]0;x\x07 [@click=app.quit]y[/]")
    snapshot = replace(base, services={**base.services, "svc-web": hostile})
    app = make_app(snapshot, view="services")
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, shows(app, "[red]web"))
        # WHEN it is gone into, searched for and described, THEN it is text everywhere
        await pilot.press("home", "enter")
        await until(pilot, shows(app, "tasks"))
        await pilot.press("escape", "d")
        await until(pilot, shows(app, "describe"))
        await pilot.press("ctrl+p")
        await pilot.pause(0.1)
        assert "\x1b" not in screen_text(app)
        cluster_of(app).change(snapshot, Changes(links=True))


async def test_a_flood_of_changes_is_ten_frames_a_second_at_most() -> None:
    # GIVEN a live list
    app = make_app(view="services")
    cluster = cluster_of(app)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shows(app, "shop/web:1"))
        bridge = app._bridge
        assert bridge is not None
        before = bridge.frames
        # WHEN a thousand events come in one go
        for number in range(1000):
            cluster.happen(Event(time=NOW + number, type="container", action="start", name=f"c{number}"))
        await until(pilot, shows(app, "c999"))
        # THEN they were one frame or two
        assert bridge.frames - before <= 2
