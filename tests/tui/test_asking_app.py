"""Questions about logins, host keys and replicas in the app: nothing takes the keyboard by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from backends.api import ExecRequest, ExecSession
from backends.errors import Unreachable
from backends.joining.ways import Ways
from backends.model import Changes, Key, Kind
from backends.ssh.questions import YES, Question
from backends.ssh.report import LinkPhase
from backends.ssh.run import Completed
from backends.ssh.target import NodeMapping
from backends.transport.ssh import Reach
from tests.tui.stage import cluster_of, live, make_app, screen_text
from tests.unit import reach_world as world
from tui.app import DnetApp
from tui.config_nodes import NodeMappings
from tui.frame.questions import QuestionDesk


@dataclass
class FakeNodes:
    """Implements ``backends.api.Nodes``: how each node stands is what the test says."""

    desk: QuestionDesk
    standing: dict[str, Reach] = field(default_factory=lambda: {n: s[1] for n, s in world.STANDING.items()})
    tried: list[str] = field(default_factory=list)
    mapped: list[Mapping[str, NodeMapping]] = field(default_factory=list)
    tested: list[NodeMapping] = field(default_factory=list)
    over_ssh: bool = False
    local: bool = True

    @property
    def waiting(self) -> tuple[tuple[Question, int], ...]:
        return tuple((question, 1) for question in self.desk.waiting)

    def ways(self) -> Ways:
        raise Unreachable("No machine is reached from a test.")

    def map(self, mappings: Mapping[str, NodeMapping]) -> None:
        self.mapped.append(mappings)

    async def test(self, node_id: str, mapping: NodeMapping) -> Reach:
        self.tested.append(mapping)
        return world.reach("10.0.0.3", LinkPhase.UP, how="ssh, with sudo")

    def reach(self, node_id: str) -> Reach | None:
        return self.standing.get(node_id)

    async def try_again(self, node_id: str) -> None:
        self.tried.append(node_id)

    async def shell(self, node_id: str, request: ExecRequest) -> ExecSession:
        raise Unreachable("no shell here")

    async def run(self, node_id: str, command: str, *, limit: float = 30.0) -> Completed:
        if node_id == "n4":
            raise Unreachable("worker-4: its host key has changed.")
        return Completed(0, f"{node_id}\nLinux\n".encode(), b"")


def stage(view: str = "nodes", config: Path | None = None) -> tuple[DnetApp, FakeNodes]:
    """The app on the Swarm of ``reach_world``."""
    desk = QuestionDesk()
    store = NodeMappings(config, {}) if config is not None else None
    app = make_app(live(world.snapshot()), view=view, desk=desk, mappings=store, clock=lambda: world.NOW)
    nodes = FakeNodes(desk)
    cluster_of(app).nodes = nodes
    return app, nodes


async def until(pilot: Pilot[Any], app: DnetApp, *texts: str) -> str:
    """Waits until all texts are on the screen."""
    for _ in range(200):
        text = screen_text(app)
        if all(one in text for one in texts):
            return text
        await pilot.pause(0.02)
    raise AssertionError(f"{texts} did not come:\n{screen_text(app)}")


def boxed(app: DnetApp) -> bool:
    """Whether keys go to the box."""
    return app.main.box.has_keys


async def told(pilot: Pilot[Any], app: DnetApp) -> None:
    """The cluster says that how nodes are reached has changed."""
    cluster = cluster_of(app)
    cluster.change(cluster.snapshot, Changes(links=True))
    await pilot.pause(0.2)


async def test_a_question_that_came_by_itself_waits_for_its_key() -> None:
    app, nodes = stage()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "worker-10")
        # GIVEN a passphrase that is wanted
        asking = asyncio.create_task(nodes.desk.ask(world.PASSPHRASE))
        await told(pilot, app)
        # THEN row 0 says so, and the keys still go to the list
        await until(pilot, app, "1 login waits  A opens", "waits for a passphrase")
        assert not boxed(app)
        before = app.main.page.targets
        await pilot.press("j")
        await pilot.pause(0.1)
        assert app.main.page.targets != before
        # WHEN A is pressed THEN its box opens, what is typed is hidden, and is the answer
        await pilot.press("A")
        await until(pilot, app, "Passphrase of", "worker-6")
        await pilot.press("q", "j", "space", "x")
        text = await until(pilot, app, "••••")
        assert "qj x" not in text
        assert not asking.done()
        await pilot.press("enter")
        assert await asking == "qj x"
        await told(pilot, app)
        assert not boxed(app)
        assert "login waits" not in screen_text(app)


async def test_tab_goes_from_the_box_to_the_list_and_A_back() -> None:
    app, nodes = stage()
    async with app.run_test(size=(160, 48)) as pilot:
        asking = asyncio.create_task(nodes.desk.ask(world.PASSWORD))
        await told(pilot, app)
        await pilot.press("A")
        await until(pilot, app, "Password of")
        # WHEN tab has walked through field and buttons THEN the list has the keys, and the box is still there
        await pilot.press("tab", "tab", "tab", "tab")
        await until(pilot, app, "keys go to the list")
        assert not boxed(app)
        await pilot.press("A")
        assert boxed(app)
        # WHEN it is put off THEN the question goes on waiting
        await pilot.press("escape")
        assert not boxed(app)
        assert not asking.done()
        assert nodes.desk.waiting == (world.PASSWORD,)
        asking.cancel()


async def test_what_the_user_asked_for_opens_at_once() -> None:
    app, nodes = stage()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "worker-6")
        page = app.main.page
        page.table.move_to(Key(Kind.NODE, "n6"))  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        # WHEN a node is tried by hand, and its key turns out to be unknown
        await pilot.press("t")
        assert nodes.tried == ["n6"]
        asking = asyncio.create_task(nodes.desk.ask(world.HOST_KEY))
        await told(pilot, app)
        # THEN the box opens by itself, Cancel has the focus, and enter refuses
        await until(pilot, app, "Unknown host key", world.NEW)
        assert boxed(app)
        await pilot.press("enter")
        assert await asking is None


async def test_an_unknown_key_is_trusted_by_its_button_only() -> None:
    app, nodes = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        asking = asyncio.create_task(nodes.desk.ask(world.HOST_KEY))
        await told(pilot, app)
        await pilot.press("A")
        await until(pilot, app, "Unknown host key", world.NEW, "Trust and connect")
        # WHEN other keys are pressed THEN nothing is answered
        await pilot.press("y", "t", "space")
        assert not asking.done()
        await pilot.press("tab", "enter")
        assert await asking == YES


async def test_a_changed_key_has_no_way_past_it() -> None:
    app, nodes = stage()
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "host key changed")
        app.main.page.table.move_to(Key(Kind.NODE, "n4"))  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        # WHEN K is pressed THEN both keys are there in full
        await pilot.press("K")
        text = await until(pilot, app, "has changed", world.OLD, world.NEW)
        assert "Trust" not in text
        assert [button.act for button in app.main.box.content.buttons()] == ["cancel", "copy"]  # type: ignore[union-attr]
        await pilot.press("enter")
        assert app.main.box.content is None
        assert nodes.tried == []


async def test_a_question_that_nobody_wants_any_more_closes_its_box() -> None:
    app, nodes = stage()
    async with app.run_test(size=(160, 48)) as pilot:
        asking = asyncio.create_task(nodes.desk.ask(world.PASSPHRASE))
        await told(pilot, app)
        await pilot.press("A")
        await until(pilot, app, "Passphrase of")
        asking.cancel()
        await pilot.pause(0.1)
        assert app.main.box.content is None


async def test_a_service_asks_in_which_replica() -> None:
    app, _ = stage("services")
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "web")
        app.main.page.table.move_to(Key(Kind.SERVICE, "svc-web"))  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        await pilot.press("x")
        await until(pilot, app, "Shell into web", "manager-1", "worker-1", "3 replicas run")
        # WHEN the second is chosen THEN a shell is asked for there; the fake has none, and says so
        asked: list[Key] = []

        async def exec_(key: Key, request: ExecRequest) -> ExecSession:
            asked.append(key)
            raise Unreachable("nothing runs here")

        cluster_of(app).exec = exec_  # type: ignore[method-assign]
        await pilot.press("down", "enter")
        await until(pilot, app, "nothing runs here")
        assert asked == [Key(Kind.CONTAINER, "ctr-web-4")]


async def test_a_shell_that_waits_for_its_node_is_given_up_by_esc() -> None:
    app, _ = stage("tasks")
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "web.4")
        cancelled = asyncio.Event()

        async def exec_(key: Key, request: ExecRequest) -> ExecSession:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise
            raise AssertionError

        cluster_of(app).exec = exec_  # type: ignore[method-assign]
        app.main.page.table.move_to(Key(Kind.TASK, "task-web-4"))  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        await pilot.press("x")
        await until(pilot, app, "opening web.4 on worker-1")
        await pilot.press("escape")
        await asyncio.wait_for(cancelled.wait(), 60)
        await until(pilot, app, "given up")


async def test_the_mapping_is_edited_tested_and_saved(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\ntheme = 'dark'\n")
    app, nodes = stage("nodes", path)
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "worker-3")
        app.main.page.table.move_to(Key(Kind.NODE, "n3"))  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        await pilot.press("M")
        await until(pilot, app, "Mapping of worker-3", "How it came to this")
        # WHEN something wrong is typed THEN the field says what would be right, and it is not saved
        await pilot.press("tab", *"99999")
        await until(pilot, app, "A port is a number from 1 to 65535.")
        await pilot.press("ctrl+s")
        assert path.read_text() == "# mine\ntheme = 'dark'\n"
        await pilot.press(*["backspace"] * 5, *"2222", "ctrl+t")
        # WHEN the draft is tried THEN what it showed is told, and nothing is in force yet
        await until(pilot, app, "The engine answers")
        assert nodes.tested == [NodeMapping(port=2222)]
        assert nodes.mapped == []
        # WHEN it is saved THEN it is in the file beside all else, counts, and the node is tried
        await pilot.press("ctrl+s")
        await until(pilot, app, "as saved")
        assert path.read_text().startswith("# mine\ntheme = 'dark'\n")
        assert "port = 2222" in path.read_text()
        assert nodes.mapped == [{"worker-3": NodeMapping(port=2222)}]
        assert nodes.tried == ["n3"]
        await pilot.press("escape")
        await until(pilot, app, "REACHED BY")


async def test_one_command_on_all_nodes() -> None:
    app, _ = stage("nodes")
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot, app, "worker-3")
        await pilot.press("colon", *"nodes -- uname", "enter")
        # THEN answers stand side by side, and who could not be asked is told
        await until(pilot, app, "run on all", "11 of 12 answered", "its host key has changed")
        await pilot.press("F")
        text = await until(pilot, app, "A  one says this")
        assert "Linux " not in text.split("Nodes")[0]
        await pilot.press("e")
        await until(pilot, app, "all nodes -- uname")


async def test_row_0_is_quiet_without_ssh() -> None:
    # GIVEN a cluster that reaches no other node
    app = make_app(replace(live(), links={}), view="nodes")
    async with app.run_test(size=(160, 48)) as pilot:
        text = await until(pilot, app, "through the managers")
        assert "ssh " not in text.splitlines()[0]
