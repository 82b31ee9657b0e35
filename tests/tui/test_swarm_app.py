"""The Swarm from the keyboard, on simulated engines: started, joined, tokens, settings, labels, unlock, leave."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.fake import FakeServer
from backends.fake.demo_routes import DemoRoutes
from backends.fake.joining import ways_of
from backends.ssh.questions import Question, QuestionKind
from backends.transport import transport_for
from tests.tui.stage import FakeComposer, screen_text
from tests.tui.test_changing_app import Stage
from tui.actions.keymap import Keymap
from tui.actions.registry import actions_for
from tui.app import DnetApp
from tui.frame.session import Session
from tui.places import Place
from tui.screens.join_page import JoinPage
from tui.screens.tokens_page import TokensPage
from tui.tables.registry import TABLES


@contextlib.asynccontextmanager
async def stage(
    scene: str = "demo", *, view: str = "nodes", size: tuple[int, int] = (120, 40), **more: Any
) -> AsyncIterator[Stage]:
    async with FakeServer(scene) as server:
        engine = SdkEngine(transport_for(EndpointSpec(f"unix://{server.socket_path}")))
        cluster = LocalCluster(engine, routes=DemoRoutes)
        session = Session(cluster=cluster, context="lab", ways=functools.partial(ways_of, cluster), **more)
        app = DnetApp(session, FakeComposer(), Keymap(actions_for(TABLES)), start=Place(view))
        async with app.run_test(size=size) as pilot:
            made = Stage(app, pilot, server)
            await made.see("box" if scene == "plain" else "worker-1")
            yield made


async def typed(s: Stage, text: str) -> None:
    await s.pilot.press(*("at" if c == "@" else "full_stop" if c == "." else "minus" if c == "-" else c for c in text))


def names(s: Stage) -> set[str]:
    return {node["Description"]["Hostname"] for node in s.server.world.nodes.values()}


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_plain_engine_says_so_and_starts_a_swarm_with_two_keys(size: tuple[int, int]) -> None:
    async with stage("plain", size=size) as s:
        # GIVEN the nodes of an engine without a Swarm
        await s.see("box is not part of a Swarm: it has no nodes.")
        await s.see("^n start a swarm")
        # WHEN the form is opened THEN the address that leads out stands there
        await s.pilot.press("ctrl+n")
        await s.see("docker swarm init --advertise-addr 10.20.0.11")
        # WHEN it is sent THEN this node is the leader
        await s.pilot.press("ctrl+s")
        await s.see("leader")
        assert names(s) == {"box"}
        assert s.outcomes == ["done"]


async def test_a_pool_that_holds_the_machines_own_network_is_told_with_a_free_one() -> None:
    async with stage("plain", size=(160, 48)) as s:
        await s.pilot.press("ctrl+n")
        # THEN the default pool is doubted: the machine is in it
        await s.see("holds 10.20.0.0/16")
        await s.see("cut this machine off")
        # WHEN the offer is taken at that field
        for _ in range(4):
            await s.pilot.press("tab")
        await s.pilot.press("ctrl+o")
        # THEN nothing is doubted any more
        await s.see("--default-addr-pool 10.0.0.0/12")
        await s.gone("holds 10.20.0.0/16")


async def test_live_restore_is_refused_before_anything_is_sent() -> None:
    async with stage("plain", size=(160, 48)) as s:
        s.server.api.host.info["LiveRestoreEnabled"] = True
        s.app.session.cluster.refresh()
        await s.pilot.press("ctrl+n")
        await s.see("live-restore is on")
        await s.pilot.press("ctrl+s")
        await s.see("incompatible with swarm mode")
        assert s.server.world.cluster is None


async def test_a_machine_is_joined_with_its_name_and_one_key() -> None:
    async with stage(size=(80, 24)) as s:
        await s.pilot.press("n")
        await s.see("Machine")
        await typed(s, "root@10.20.1.26")
        await s.pilot.press("ctrl+s")
        await s.see("worker-6 is ready as a worker")
        assert "worker-6" in names(s)
        # and the list has it
        await s.pilot.press("escape")
        await s.see("worker-6")


async def test_hosts_of_ssh_config_are_completed_and_what_is_no_machine_says_so() -> None:
    async with stage() as s:
        await s.pilot.press("n")
        await s.see("tab takes")
        await typed(s, "worker-7")
        await s.pilot.press("ctrl+a", *"root", "at", "ctrl+e", "backspace", "tab")
        await s.see("root@worker-6")
        await s.pilot.press("ctrl+u", "exclamation_mark", "enter")
        await s.see("is no machine")


async def test_what_is_to_be_mended_asks_before_it_joins_all_the_same() -> None:
    async with stage() as s:
        await s.line("join 10.20.1.28")
        await s.see("what to mend, in this order")
        await s.pilot.press("ctrl+s")
        await s.see("Join worker-3 although not all is well")
        # THEN Cancel has the focus
        await s.pilot.press("enter")
        await s.gone("although not all is well")
        assert sum(n["Description"]["Hostname"] == "worker-3" for n in s.server.world.nodes.values()) == 1
        # WHEN the role is turned THEN the even number is told
        await s.pilot.press("r")
        await s.see("4 managers bear the loss of 1")


async def test_a_readonly_session_opens_no_form_and_joins_nothing() -> None:
    async with stage(readonly=True) as s:
        await s.pilot.press("n")
        await s.see("read-only")
        await s.line("leave")
        assert s.server.world.cluster is not None
        assert len(names(s)) == 8


async def test_tokens_are_shown_one_at_a_time_hidden_again_and_copied_without_showing() -> None:
    async with stage() as s:
        assert s.server.world.cluster is not None
        tokens = s.server.world.cluster["JoinTokens"]
        copied: list[str] = []
        s.app.copy_to_clipboard = copied.append  # type: ignore[method-assign, assignment]
        await s.line("tokens")
        await s.see("To join as a worker")
        assert tokens["Worker"] not in screen_text(s.app)
        # WHEN one is asked for THEN it alone is there
        await s.pilot.press("w")
        await s.see(tokens["Worker"])
        await s.pilot.press("m")
        await s.see(tokens["Manager"])
        assert tokens["Worker"] not in screen_text(s.app)
        # WHEN its time is over THEN it is gone, from memory too
        page = s.app.main.page
        assert isinstance(page, TokensPage)
        page.tick(page.secrets.until)
        await s.gone(tokens["Manager"])
        assert page.secrets.value == ""
        # WHEN it is copied THEN it is the whole line, and nothing was shown
        await s.pilot.press("c")
        await s.until(lambda: bool(copied), "the copy")
        assert copied == [f"docker swarm join --token {tokens['Worker']} 10.20.0.11:2377"]
        assert tokens["Worker"] not in screen_text(s.app)
        # WHEN the page is left while one is shown THEN it hides
        await s.pilot.press("w")
        await s.see(tokens["Worker"])
        await s.pilot.press("2")
        await s.gone(tokens["Worker"])
        assert page.secrets.value == ""


async def test_a_rotation_is_a_plan_with_cancel_first() -> None:
    async with stage() as s:
        assert s.server.world.cluster is not None
        before = dict(s.server.world.cluster["JoinTokens"])
        await s.line("tokens")
        await s.see("To join as a worker")
        await s.pilot.press("R")
        await s.see("Rotate the manager token")
        await s.see("nothing has been done yet")
        await s.pilot.press("enter")
        await s.see("cancelled, nothing was sent")
        assert s.server.world.cluster["JoinTokens"] == before
        await s.pilot.press("R")
        await s.see("Rotate the manager token")
        await s.pilot.press("tab", "enter")
        await s.until(lambda: s.server.world.cluster["JoinTokens"]["Manager"] != before["Manager"], "another token")  # type: ignore[index]
        assert s.server.world.cluster["JoinTokens"]["Worker"] == before["Worker"]


async def test_settings_send_only_what_differs() -> None:
    async with stage(size=(160, 48)) as s:
        await s.line("settings")
        await s.see("no change")
        # WHEN the task history is another
        await s.pilot.press("tab", "ctrl+u", "9")
        await s.see("docker swarm update --task-history-limit 9")
        await s.pilot.press("ctrl+s")
        await s.until(lambda: s.outcomes == ["done"], "the outcome")
        assert s.server.world.cluster is not None
        spec = s.server.world.cluster["Spec"]
        # THEN it is, and all else is as it was
        assert spec["Orchestration"]["TaskHistoryRetentionLimit"] == 9
        assert spec["EncryptionConfig"] == {"AutoLockManagers": True}


async def test_labels_of_a_node_say_who_leaves_it() -> None:
    async with stage(size=(160, 48)) as s:
        await s.line("nodes worker-1")
        await s.see("▌ worker-1")
        await s.pilot.press("E")
        await s.see("tier=web, zone=a")
        await s.pilot.press("ctrl+u", *"disk")
        await s.pilot.press("equals_sign", *"ssd")
        await s.see("--label-add disk=ssd")
        await s.see("leave it")
        assert "--label-rm tier" in screen_text(s.app)


async def test_a_locked_manager_asks_for_its_key_and_keeps_it_nowhere() -> None:
    async with stage() as s:
        # GIVEN a manager that was restarted with autolock on
        s.server.api.host.info["Swarm"] = {"LocalNodeState": "locked", "ControlAvailable": False, "NodeID": ""}
        s.app.session.cluster.refresh()
        await s.see("The Swarm state of this manager is locked.")
        # WHEN the key is typed
        await s.pilot.press("ctrl+n")
        await s.see("manager-1 is a locked manager.")
        await s.pilot.press(*"SWMKEY", "minus", "1", "minus", "x")
        assert "SWMKEY-1-x" not in screen_text(s.app)
        await s.pilot.press("ctrl+v")
        await s.see("SWMKEY-1-x")
        await s.pilot.press("enter")
        # THEN the wrong one is refused in words, and is in no journal
        await s.see("That is not the key.")
        assert all("SWMKEY" not in msgspec.json.encode(e.line + e.detail).decode() for e in _entries(s))
        # WHEN it is the right one THEN it is a manager again
        s.server.world.unlock_key = "SWMKEY-1-y"
        await s.pilot.press(*"SWMKEY", "minus", "1", "minus", "y")
        await s.pilot.press("enter")
        await s.see("unlocked: this manager takes part again")


def _entries(s: Stage) -> Any:
    return s.app.main.changing.changer.journal.tail()


async def test_the_last_manager_leaves_only_where_that_is_typed() -> None:
    async with stage("plain", size=(120, 40)) as s:
        await s.pilot.press("ctrl+n")
        await s.see("docker swarm init")
        await s.pilot.press("ctrl+s")
        await s.see("leader")
        await s.line("leave")
        await s.see("refused as it stands")
        await s.see("This is the last manager")
        # WHEN the word is typed THEN the button opens
        await s.pilot.press(*"leave", "tab", "tab", "enter")
        await s.see("box is not part of a Swarm")
        assert s.server.world.cluster is None


async def test_a_question_about_the_machine_that_was_typed_opens_at_once_and_others_wait() -> None:
    async with stage() as s:
        await s.line("join nowhere.example")
        await s.see("nowhere.example")
        page = s.app.main.page
        assert isinstance(page, JoinPage)
        # GIVEN a machine that is being asked, by the name of its login
        board = page.board
        assert board is not None
        row = board.rows[0]
        board._rows[row.id] = replace(row, asking=True)
        # THEN what is asked of a person about it is caused here, and nothing else is
        assert page.causes(Question(kind=QuestionKind.HOST_KEY, what="root@nowhere.example"))
        assert not page.causes(Question(kind=QuestionKind.HOST_KEY, what="root@10.20.1.21"))


async def test_a_join_without_a_result_stays_in_row_0_until_it_is_ended() -> None:
    async with stage(size=(80, 24)) as s:
        await s.pilot.press("n")
        await typed(s, "slow")
        await s.pilot.press("ctrl+s")
        await s.see("may still join later by itself")
        # WHEN the page is left THEN it is still told
        await s.pilot.press("escape", "1")
        await s.see("join pending  :join")
        # WHEN the attempt is ended THEN it is told no more
        await s.line("join")
        await s.see("ends the attempt")
        await s.pilot.press("1")
        await s.see("it is a plain engine.")
        await s.gone("join pending")


async def test_a_node_that_is_up_is_asked_how_it_is_to_go_and_one_that_is_down_is_planned() -> None:
    async with stage() as s:
        # GIVEN a worker that is up
        await s.line("nodes worker-1")
        await s.see("▌ worker-1")
        await s.pilot.press("ctrl+d")
        # THEN each way says what it does; without SSH it cannot be told to leave
        await s.see("worker-1 is up: how is it to go?")
        await s.see("Remove it by force")
        assert "Let it leave" not in screen_text(s.app)
        await s.pilot.press("down")
        await s.see("docker node rm --force worker-1")
        await s.pilot.press("enter")
        await s.see("Remove worker-1")
        await s.pilot.press("escape")
        assert "worker-1" in names(s)
        # GIVEN a manager THEN it is demoted first
        await s.line("nodes manager-2")
        await s.see("▌ manager-2")
        await s.pilot.press("ctrl+d")
        await s.see("docker node demote manager-2")
        await s.pilot.press("escape")
        # GIVEN one that is down THEN it can go
        await s.line("nodes worker-5")
        await s.see("▌ worker-5")
        await s.pilot.press("ctrl+d")
        await s.see("Remove worker-5?")
        await s.pilot.press("enter")
        await s.until(lambda: "worker-5" not in names(s), "worker-5 gone")
