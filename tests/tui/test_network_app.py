"""Networks changed by keys on the simulated Swarm, with the engine of a second node: connected, detached, held, pruned,
made by form."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.fake import FakeServer
from backends.fake.demo_routes import DemoRoutes
from backends.model import LinkState
from backends.transport import transport_for
from tests.tui.stage import FakeComposer, screen_text
from tui.actions.keymap import Keymap
from tui.actions.registry import actions_for
from tui.app import DnetApp
from tui.frame.session import Mark, Session
from tui.places import Place
from tui.tables.registry import TABLES


@dataclass
class Stage:
    """The app on a simulated Swarm of which two engines are connected."""

    app: DnetApp
    pilot: Pilot[Any]
    server: FakeServer

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for a condition; fails with the screen after a minute."""
        try:
            async with asyncio.timeout(60):
                while not condition():
                    await self.pilot.pause(0.02)
        except TimeoutError:
            pytest.fail(f"{what} never came:\n{screen_text(self.app)}")

    async def see(self, *texts: str) -> None:
        for text in texts:
            await self.until(lambda text=text: text in screen_text(self.app), text)  # type: ignore[misc]

    async def gone(self, text: str) -> None:
        await self.until(lambda: text not in screen_text(self.app), f"the end of {text}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Types a text, character by character."""
        await self.pilot.press(*({" ": "space", ".": "full_stop", "-": "minus", "/": "slash"}.get(c, c) for c in text))

    async def line(self, text: str) -> None:
        """Types a line at ``:`` and runs it."""
        self.app.main.edit_command(text)
        await self.see(text[-20:])
        await self.press("enter")

    def cursor(self, name: str) -> None:
        """Puts the cursor on a row."""
        snapshot = self.app.session.cluster.snapshot
        things: list[Any] = [*snapshot.containers.values(), *snapshot.networks.values()]
        key = next(thing.key for thing in things if thing.name == name)
        place = self.app.main.place
        self.app.main.go(Place(place.view, place.scope, cursor=key), replace=True)

    def network(self, name: str, host: str = "") -> dict[str, Any] | None:
        world = self.server.world
        table = world.hosts[host].networks if host else world.networks
        return next((n for n in table.values() if n["Name"] == name), None)

    def ends(self, host: str, container: str) -> dict[str, Any]:
        """The endpoints of a container as its engine has them."""
        boxes = self.server.world.hosts[host].containers.values()
        box = next(b for b in boxes if b["Name"] == f"/{container}")
        found: dict[str, Any] = box["NetworkSettings"]["Networks"]
        return found

    def journal(self) -> list[tuple[str, str, str]]:
        entries = self.app.main.changing.changer.journal.tail()
        return [(entry.line, entry.what, entry.outcome) for entry in entries]


@contextlib.asynccontextmanager
async def stage(
    view: str,
    *,
    second: str = "worker-1",
    mark: Mark = "",
    readonly: bool = False,
    size: tuple[int, int] = (160, 48),
) -> AsyncIterator[Stage]:
    """``second`` is the other node whose engine is connected."""
    async with FakeServer("demo") as server, FakeServer(server.scene, node=second) as other:
        first, far = (SdkEngine(transport_for(EndpointSpec(f"unix://{one.socket_path}"))) for one in (server, other))
        cluster = LocalCluster(first, routes=DemoRoutes)
        session = Session(cluster=cluster, context="lab", mark=mark, readonly=readonly)
        app = DnetApp(session, FakeComposer(), Keymap(actions_for(TABLES)), start=Place(view))
        async with app.run_test(size=size) as pilot:
            made = Stage(app, pilot, server)
            await made.see("registry-cache" if view == "containers" else "myoverlaynetwork")
            node = server.world.hosts[second].node_id
            cluster.add(node, far)
            await made.until(
                lambda: node in cluster.snapshot.links and cluster.snapshot.links[node].state is LinkState.LIVE,
                f"the engine of {second}",
            )
            yield made


async def test_a_container_is_connected_with_an_alias_and_an_address_and_detached_again() -> None:
    async with stage("containers") as s:
        # GIVEN the cursor on a container
        await s.until(lambda: any(c.name == "registry-cache" for c in _containers(s)), "it")
        s.cursor("registry-cache")
        # WHEN a is pressed THEN networks that it can join are offered, others counted by why
        await s.press("a")
        await s.see("Connect registry-cache to a network", "myoverlaynetwork  overlay", "not attachable")
        # WHEN one is taken, an alias typed, and the address left to choose
        await s.press("down", "tab")
        await s.see("After this", "It will reach", "mysql and webapp1")
        await s.press("tab")
        await s.type("cache")
        await s.see("no other has it", "by the names", "cache, registry-cache")
        await s.press("tab")
        # THEN free ones are offered, one that is held says whose it is
        await s.see("the next free one", "10.0.9.200", "taken: the load balancer on worker-1")
        await s.type("10.0.9.200")
        await s.see("docker network connect --alias cache --ip 10.0.9.200 myoverlaynetwork registry-cache")
        # WHEN it is done THEN nothing is asked, and it is on it
        await s.press("enter")
        await s.see("registry-cache connected to myoverlaynetwork")
        end = s.ends("manager-1", "registry-cache")["myoverlaynetwork"]
        assert (end["IPAddress"], end["Aliases"]) == ("10.0.9.200", ["cache"])
        # WHEN it is detached among its networks
        s.app.main.go(Place("networks", (_key(s, "registry-cache"),)))
        await s.until(lambda: "10.0.9.0/24" in screen_text(s.app), "its networks")
        s.cursor("myoverlaynetwork")
        await s.press("ctrl+d")
        # THEN one line says what breaks, with its name and the way back
        await s.see("Detach registry-cache from myoverlaynetwork?", "loses its address 10.0.9.200 and the name cache")
        await s.see("way out     stays bridge", "docker network connect --alias cache myoverlaynetwork registry-cache")
        await s.press("enter")
        await s.see("registry-cache disconnected from myoverlaynetwork")
        assert "myoverlaynetwork" not in s.ends("manager-1", "registry-cache")
        assert [outcome for _, _, outcome in s.journal()] == ["done", "done"]


async def test_an_address_that_is_taken_comes_back_to_the_filled_box_with_the_next_one() -> None:
    async with stage("containers") as s:
        await s.until(lambda: any(c.name == "registry-cache" for c in _containers(s)), "it")
        s.cursor("registry-cache")
        await s.press("a")
        await s.see("myoverlaynetwork  overlay")
        await s.press("down", "tab", "tab", "tab")
        await s.see("the next free one")
        # WHEN an address is chosen that a load balancer on a node has that was not asked
        await s.type("10.0.9.10")
        await s.press("enter")
        # THEN the box is there again as it was filled in, with the engine's refusal and another offer
        await s.see("Address already in use", "10.0.9.10", "takes 10.0.9.11")
        assert "myoverlaynetwork" not in s.ends("manager-1", "registry-cache")
        # WHEN the offer is taken THEN it is done
        await s.press("ctrl+o", "enter")
        await s.see("registry-cache connected to myoverlaynetwork")
        assert s.ends("manager-1", "registry-cache")["myoverlaynetwork"]["IPAddress"] == "10.0.9.11"


async def test_a_container_of_another_node_is_connected_by_the_engine_of_its_node() -> None:
    async with stage("containers", second="manager-2") as s:
        # GIVEN a container on another node
        box = "adminer"
        await s.until(lambda: any(c.name == box for c in _containers(s)), box)
        s.cursor(box)
        # WHEN it is connected from here
        await s.press("a")
        await s.see(f"Connect {box} to a network", "myoverlaynetwork  overlay", "on manager-2")
        await s.press("down", "tab", "enter")
        await s.see(f"{box} connected to myoverlaynetwork")
        # THEN the engine of its node has done it, and the journal says where
        assert "myoverlaynetwork" in s.ends("manager-2", box)
        assert s.journal()[-1][1].endswith("on manager-2")
        # WHEN it is detached by a typed line THEN it is found there too
        await s.until(lambda: any(c.name == box and len(c.networks) == 2 for c in _containers(s)), "its second network")
        await s.line(f"docker network disconnect myoverlaynetwork {box}")
        await s.see(f"Detach {box} from myoverlaynetwork?")
        await s.press("enter")
        await s.see(f"{box} disconnected from myoverlaynetwork")
        assert "myoverlaynetwork" not in s.ends("manager-2", box)


async def test_a_network_that_is_in_use_names_who_holds_it_and_lets_go_by_a_number() -> None:
    async with stage("networks") as s:
        s.cursor("myoverlaynetwork")
        # WHEN it is to be removed
        await s.press("ctrl+d")
        # THEN all who hold it are named, and nothing was sent
        await s.see("It is in use: 2 services hold it. Nothing was removed.", "webapp1.3", "10.0.9.8")
        await s.see("mysql reaches webapp1 over this network only.", "not asked")
        assert s.journal() == []
        # WHEN a number is pressed THEN that one is asked about
        await s.press("2")
        await s.see("Update webapp1?", "docker service update --network-rm myoverlaynetwork webapp1")
        await s.press("escape")
        await s.gone("Update webapp1?")
        assert s.network("myoverlaynetwork") is not None


async def test_a_network_that_nobody_uses_is_removed_after_its_plan_and_can_be_made_again() -> None:
    async with stage("networks") as s:
        await s.line("docker network create --label team=shop --subnet 172.30.0.0/16 lonely")
        await s.until(lambda: any(n.name == "lonely" for n in _snapshot(s).networks.values()), "lonely")
        s.cursor("lonely")
        # WHEN it is removed THEN its plan comes first, with Cancel under the cursor
        await s.press("ctrl+d")
        await s.see("nothing has been done yet", "Nobody is on lonely", "--label team=shop lonely")
        await s.press("enter")
        await s.see("cancelled, nothing was sent")
        assert s.network("lonely", "manager-1") is not None
        await s.press("ctrl+d")
        await s.see("nothing has been done yet")
        await s.press("tab", "enter")
        await s.until(lambda: s.network("lonely", "manager-1") is None, "its end")
        # THEN the journal has the line that makes it again
        undo = s.app.main.changing.changer.journal.tail()[-1].undo
        assert "docker network create" in undo
        assert "--subnet 172.30.0.0/16" in undo


async def test_prune_removes_by_name_on_each_node_what_is_marked_and_leaves_what_a_stopped_container_needs() -> None:
    async with stage("networks") as s:
        # WHEN networks are pruned
        await s.line("prune")
        # THEN what goes and what stays is named with why
        await s.see("Prune networks", "build_default", "its compose project has no container", "worker-1")
        await s.see("report_default", "stopped, needs it", "not asked")
        # THEN Cancel has the focus: enter does nothing
        await s.press("enter")
        await s.see("cancelled, nothing was sent")
        assert s.network("build_default", "worker-1") is not None
        # WHEN it is confirmed THEN it goes on its node, and what is needed stays
        await s.line("prune")
        await s.see("Prune networks", "Remove 1 network")
        await s.press("tab", "enter")
        await s.see("1 network removed: build_default.")
        assert s.network("build_default", "worker-1") is None
        assert s.network("report_default", "worker-1") is not None
        assert s.journal() == [("docker network rm build_default", "network build_default on worker-1", "done")]


async def test_in_production_the_word_is_typed_before_anything_is_pruned() -> None:
    async with stage("networks", mark="production") as s:
        await s.line("prune")
        await s.see("PRODUCTION", "Type prune to go on")
        # WHEN the button is pressed before THEN it says so, and nothing goes
        await s.press("tab", "enter")
        await s.see("type prune first")
        await s.type("prune")
        await s.press("enter", "tab", "enter")
        await s.see("1 network removed: build_default.")


async def test_a_read_only_session_connects_removes_and_prunes_nothing() -> None:
    async with stage("networks", readonly=True) as s:
        s.cursor("myoverlaynetwork")
        for keys in (("a",), ("ctrl+d",), ("n",)):
            await s.press(*keys)
            await s.until(lambda: "only" in screen_text(s.app).splitlines()[1] + _toast(s), "why not")
            await s.press("escape")
        assert s.app.main.box.content is None
        assert s.journal() == []


async def test_an_overlay_is_made_by_the_form_after_its_subnet_was_mended() -> None:
    async with stage("networks") as s:
        # GIVEN the form of a new network
        await s.press("n")
        await s.see("new network", "Subnets in use", "10.20.0.0/16")
        await s.type("shop")
        await s.press("tab", "right", "tab")
        await s.see("containers of all nodes talk together")
        # WHEN a subnet is typed that the nodes themselves are on
        await s.type("10.20.0.0/16")
        await s.see("they would lose each other", "10.20.0.0/16 against all there is", "down, not asked")
        # THEN it cannot be made, and the offer mends it
        await s.press("ctrl+s")
        assert s.network("shop") is None
        await s.press("ctrl+o")
        await s.see("253 addresses")
        await s.press("ctrl+s")
        await s.until(lambda: s.network("shop") is not None, "the network")
        made = s.network("shop")
        assert made is not None
        assert made["Driver"] == "overlay"
        # THEN the list is shown with it under the cursor
        await s.until(lambda: s.app.main.place.view == "networks", "the list")


def _snapshot(s: Stage) -> Any:
    return s.app.session.cluster.snapshot


def _containers(s: Stage) -> Any:
    return _snapshot(s).containers.values()


def _key(s: Stage, name: str) -> Any:
    return next(c.key for c in _snapshot(s).containers.values() if c.name == name)


def _toast(s: Stage) -> str:
    return screen_text(s.app)


async def test_a_bridge_is_made_on_the_node_that_is_chosen() -> None:
    async with stage("networks") as s:
        await s.press("n")
        await s.see("Name is needed")
        await s.type("far_net")
        # WHEN the other node is chosen at the last field, behind the button going back
        await s.press("shift+tab", "shift+tab")
        await s.see("of 2")
        await s.press("right", "ctrl+s")
        # THEN it is made on that node, and not on this one
        await s.until(lambda: s.network("far_net", "worker-1") is not None, "the network on worker-1")
        assert s.network("far_net", "manager-1") is None


async def test_what_is_left_of_a_container_that_is_gone_is_taken_off_by_force() -> None:
    async with stage("networks") as s:
        # GIVEN an endpoint without its container
        network = s.network("myoverlaynetwork")
        assert network is not None
        end = {"Name": "ghost", "EndpointID": "e" * 64, "MacAddress": "", "IPv4Address": "10.0.9.77/24"}
        host = s.server.world.hosts["manager-1"]
        host.stale[network["Id"]] = {"f" * 64: {**end, "IPv6Address": ""}}
        # WHEN the network is to be removed THEN it is named as stale, and let go of by force
        s.cursor("myoverlaynetwork")
        await s.press("ctrl+d")
        await s.see("1 stale endpoint hold it", "ghost", "stale", "nothing: its container is gone")
        await s.press("3")
        await s.see("docker network disconnect --force myoverlaynetwork")
        await s.press("enter")
        await s.until(lambda: not host.stale[network["Id"]], "the end of what was left")


async def test_a_pasted_line_fills_the_form_that_connects() -> None:
    async with stage("networks", second="manager-2") as s:
        await s.press("n")
        await s.see("Name is needed")
        # WHEN a docker line that connects a container of another node is pasted into any form
        s.app.main.on_paste(events.Paste("docker network connect --alias adm --ip 10.0.9.99 myoverlaynetwork adminer"))
        # THEN the form of that verb is filled in, and done on the node of the container
        await s.see("connect a container", "10.0.9.99", "After this")
        await s.until(lambda: "by the names" in screen_text(s.app), "what was asked")
        await s.press("ctrl+s")
        await s.until(lambda: "myoverlaynetwork" in s.ends("manager-2", "adminer"), "the endpoint")
        assert s.ends("manager-2", "adminer")["myoverlaynetwork"]["Aliases"] == ["adm"]
        await s.until(lambda: s.app.main.place.view == "endpoints", "its endpoints")


async def test_addresses_are_counted_when_a_container_comes_and_goes() -> None:
    # GIVEN the list of networks with a new one, where no list of containers was shown before
    async with stage("networks") as s:

        async def used(count: str) -> None:
            def shown() -> bool:
                return any(" quay  " in row and f" {count} of " in row for row in screen_text(s.app).split("\n"))

            await s.until(shown, f"{count} used")

        await s.line("network create quay")
        await used("0")
        # WHEN a container is connected THEN its address is counted as soon as that is told
        await s.line("network connect quay cert-watcher")
        await used("1")
        # WHEN it is taken off THEN the network that it left is told of too
        await s.line("network disconnect quay cert-watcher")
        await s.see("Detach cert-watcher from quay?", "loses its address")
        await s.press("enter")
        await used("0")
