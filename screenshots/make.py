"""``python -m screenshots.make [NAME …]``: SVG and, where Pillow and DejaVu are installed, PNG of each screen.

The demo cluster stands still at 14:32:07, so that the same program makes the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["TZ"] = "UTC"
time.tzset()

from backends.cluster import LocalCluster  # noqa: E402 - the zone comes first
from backends.contexts import resolve  # noqa: E402
from backends.engine.client import SdkEngine  # noqa: E402
from backends.fake import ThreadedFakeServer  # noqa: E402
from backends.fake.demo_routes import DemoRoutes  # noqa: E402
from backends.fake.joining import ways_of  # noqa: E402
from backends.transport import transport_for  # noqa: E402
from screenshots.cells import draw, fonts  # noqa: E402
from tui.actions.history import CommandHistory  # noqa: E402
from tui.actions.keymap import Keymap  # noqa: E402
from tui.actions.registry import ACTIONS  # noqa: E402
from tui.app import DnetApp, Look  # noqa: E402
from tui.frame.session import ContextRow, Session  # noqa: E402
from tui.look.tokens import Choice, Depth  # noqa: E402
from tui.places import Place  # noqa: E402

HERE = Path(__file__).parent


DARK = Choice()


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its view, its size, and what is pressed before it is taken."""

    name: str
    view: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (160, 48)
    choice: Choice = DARK
    ascii: bool = False


SMALL = (80, 24)
#: A new service with a port that another one has.
FILLED = (
    *("n", *"hshar/webapp:latest", "tab", *"webapp2", "tab", "3", "tab", *"myoverlaynetwork", "tab"),
    *(*"8001:80",),
)
SHOTS: tuple[Shot, ...] = (
    Shot("overview-160x48", "overview"),
    Shot("overview-80x24", "overview", size=SMALL),
    Shot("overview-160x48-light", "overview", choice=Choice(dark=False)),
    Shot("services-160x48", "services", ("G",)),
    Shot("services-200x60", "services", ("G",), (200, 60)),
    Shot("services-120x36", "services", ("G",), (120, 36)),
    Shot("services-80x24", "services", ("G",), SMALL),
    Shot("services-160x48-nocolor-ascii", "services", ("G",), choice=Choice(Depth.MONO), ascii=True),
    Shot("services-160x48-16-colours", "services", ("G",), choice=Choice(Depth.C16)),
    Shot("tasks-160x48", "services", ("slash", *"shop_worker", "enter", "enter")),
    Shot("nodes-160x48", "nodes", ("j", "j", "j")),
    Shot("networks-160x48", "networks", ("j", "j")),
    Shot("containers-160x48", "containers", ("j", "j")),
    Shot("stacks-160x48", "stacks", ("j", "j")),
    Shot("topology-160x48", "topology", ("j", "j")),
    Shot("topology-80x24", "topology", size=SMALL),
    Shot("events-160x48", "events"),
    Shot("logs-160x48", "services", ("slash", *"shop_api", "enter", "l")),
    Shot("yaml-160x48", "services", ("slash", *"shop_api", "enter", "y", "slash", *"pool")),
    Shot("help-160x48", "services", ("question_mark",)),
    Shot("command-80x24", "services", ("colon", *"net"), SMALL),
    Shot("service-form-160x48", "services", FILLED),
    Shot("service-form-80x24", "services", FILLED, SMALL),
    Shot("service-edit-160x48", "services", ("slash", *"webapp1", "enter", "E")),
    Shot("network-form-160x48", "networks", ("n", *"shop_cache", "tab", *"overlay", "tab", *"10.0.9.0/24")),
    Shot("plan-drain-160x48", "nodes", ("j", "j", "j", "a", "enter")),
    Shot("plan-drain-80x24", "nodes", ("j", "j", "j", "a", "enter"), SMALL),
    Shot("rollouts-160x48", "rollouts"),
    Shot("rollout-160x48", "rollouts", ("enter",)),
    Shot("prune-80x24", "networks", ("colon", *"prune", "enter"), SMALL),
    Shot("tokens-80x24", "nodes", ("colon", *"tokens", "enter"), SMALL),
    Shot("info-160x48", "info"),
    Shot("drivers-160x48", "drivers"),
)


class NoComposer:
    """There is one session, and no other to go to."""

    def __init__(self) -> None:
        self.history = CommandHistory()

    def context(self, name: str) -> Session:
        raise LookupError(name)

    def demo(self, reason: str = "") -> Session:
        raise LookupError("demo")

    def contexts(self) -> Sequence[ContextRow]:
        return ()

    def theme(self, name: str) -> Choice:
        return Choice()


class Still:
    """A clock that stands still for what is shown, and goes on for what is waited for."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def take(shot: Shot, server: ThreadedFakeServer, now: float) -> None:
    """Takes one picture."""
    spec = resolve(f"unix://{server.socket_path}", None, {}, Path.home())
    cluster = LocalCluster(SdkEngine(transport_for(spec)), routes=DemoRoutes)
    session = Session(
        cluster=cluster,
        context="demo",
        endpoint="the built-in demo",
        demo=True,
        clock=Still(now),
        ways=lambda: ways_of(cluster),
    )
    look = Look(choice=shot.choice, ascii=shot.ascii)
    app = DnetApp(session, NoComposer(), Keymap(ACTIONS), start=Place(shot.view), look=look)
    async with app.run_test(size=shot.size) as pilot:
        await _settle(app, pilot)
        for key in shot.keys:
            await pilot.press(key)
        await _settle(app, pilot)
        app.save_screenshot(f"{shot.name}.svg", path=str(HERE))
        if fonts() is not None:
            draw(app.screen._compositor.render_strips(), HERE / f"{shot.name}.png")
    print(shot.name, flush=True)


async def _settle(app: DnetApp, pilot: object) -> None:
    """Waits until what is shown has stood still for half a second."""
    last, since = "", time.monotonic()
    deadline = since + 15
    while time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        seen = "\n".join(str(strip.text) for strip in app.screen._compositor.render_strips())
        if seen != last:
            last, since = seen, time.monotonic()
        elif time.monotonic() - since > 0.6:
            return


async def main(names: Sequence[str]) -> None:
    """Takes all pictures, or those named."""
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        sys.exit(f"no picture {', '.join(sorted(unknown))}; there are {', '.join(shot.name for shot in SHOTS)}")
    server = ThreadedFakeServer("quiet").start()
    try:
        now = server.call(lambda one: one.world.now())
        for shot in SHOTS:
            if not names or shot.name in names:
                await take(shot, server, now)
    finally:
        server.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
