"""Changes on the screen, on the simulated engine: asked for, confirmed, done, refused, written down, taken back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from backends.change.line import parse_line
from backends.change.outcome import Outcome, State
from backends.change.requests import Request
from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.fake import FakeServer
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
    """The app on a simulated Swarm."""

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

    async def see(self, text: str) -> None:
        await self.until(lambda: text in screen_text(self.app), text)

    async def gone(self, text: str) -> None:
        await self.until(lambda: text not in screen_text(self.app), f"the end of {text}")

    async def line(self, text: str) -> None:
        """Types a line at ``:`` and runs it."""
        self.app.main.edit_command(text)
        await self.see(text[-20:])
        await self.pilot.press("enter")

    def spec(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.server.world.find("service", name)["Spec"]
        return found

    def replicas(self, name: str) -> int:
        return int(self.spec(name)["Mode"]["Replicated"]["Replicas"])

    @property
    def outcomes(self) -> list[str]:
        return [entry.outcome for entry in self.app.main.changing.changer.journal.tail()]


@contextlib.asynccontextmanager
async def stage(
    view: str = "services", *, mark: Mark = "", journal: Path | None = None, readonly: bool = False
) -> AsyncIterator[Stage]:
    async with FakeServer("demo") as server:
        engine = SdkEngine(transport_for(EndpointSpec(f"unix://{server.socket_path}")))
        session = Session(cluster=LocalCluster(engine), context="lab", mark=mark, journal=journal, readonly=readonly)
        app = DnetApp(session, FakeComposer(), Keymap(actions_for(TABLES)), start=Place(view))
        async with app.run_test(size=(120, 40)) as pilot:
            made = Stage(app, pilot, server)
            await made.see("webapp1" if view == "services" else "worker-1")
            yield made


async def test_what_only_adds_is_done_at_once_and_followed_to_its_end() -> None:
    async with stage() as s:
        # WHEN a service is scaled up
        await s.line("scale webapp1=5")
        # THEN nothing is asked, and its end is told in the past tense
        await s.see("webapp1 scaled from 3 to 5 in ")
        assert s.replicas("webapp1") == 5
        assert s.outcomes == ["done"]
        assert s.app.main.changing.underway == []


async def test_what_stops_something_asks_one_line_which_esc_declines() -> None:
    async with stage() as s:
        # WHEN a service is scaled down
        await s.line("scale webapp1=1")
        await s.see("Scale webapp1?")
        await s.see("Stops 2 of 3 tasks of webapp1, 3 → 1.")
        await s.see("docker service scale webapp1=3")
        # THEN esc leaves it as it is, which is written down
        await s.pilot.press("escape")
        await s.see("cancelled, nothing was sent")
        assert (s.replicas("webapp1"), s.outcomes) == (3, ["cancelled"])
        # WHEN it is asked again, THEN enter does it
        await s.line("scale webapp1=1")
        await s.see("Scale webapp1?")
        await s.pilot.press("enter")
        await s.until(lambda: s.replicas("webapp1") == 1, "the scale")


async def test_an_image_that_no_registry_knows_and_what_restarts_are_one_question() -> None:
    async with stage() as s:
        # GIVEN a registry that does not answer
        s.server.faults.set("/distribution", "error")
        # WHEN the image is changed
        await s.line("docker service update --image hshar/webapp:9 webapp1")
        # THEN one question says what restarts, and all of what is not known of the image
        await s.see("Update webapp1?")
        told = " ".join(screen_text(s.app).split())
        assert "Restarts the 3 tasks of webapp1" in told
        assert "could not be accessed on a registry" in told
        await s.see("running different versions of the")
        # and its answer is the only one that is wanted
        await s.pilot.press("enter")
        await s.until(lambda: "webapp:9" in s.spec("webapp1")["TaskTemplate"]["ContainerSpec"]["Image"], "the image")
        assert not s.app.main.prompt_pane.is_open
        assert not s.app.main.box.has_keys


async def test_while_it_converges_its_tasks_are_kept_fresh_on_any_page() -> None:
    async with stage("nodes") as s:
        # GIVEN a page that shows no services
        await s.line("docker service scale webapp1=4")
        # WHEN the engine has taken the change
        await s.until(lambda: bool(s.app.main.changing.underway), "a change under way")
        # THEN what it is judged by is wanted too
        known = s.app.session.cluster.snapshot.services
        id = next(service.id for service in known.values() if service.name == "webapp1")
        assert id in s.app.main.with_changes(s.app.main.page.interest).services
        await s.see("webapp1 scaled from 3 to 4 in ")


async def test_what_may_lose_data_shows_its_plan_with_cancel_first() -> None:
    async with stage("nodes") as s:
        # WHEN a node is drained
        await s.line("docker node update --availability drain worker-1")
        await s.see("nothing has been done yet")
        # THEN what moves and what stays behind is told
        await s.see("What moves where")
        await s.see("data stays behind")
        await s.see("DOWN FOR")
        # WHEN enter is pressed, THEN that is Cancel
        await s.pilot.press("enter")
        await s.see("cancelled, nothing was sent")
        assert s.server.world.find("node", "worker-1")["Spec"]["Availability"] == "active"


async def test_in_production_the_name_is_typed() -> None:
    async with stage(mark="production") as s:
        # WHEN a service is to be removed
        await s.line("docker service rm webapp1")
        await s.see("Type webapp1 to go on")
        await s.pilot.press(*"webapp", "tab", "tab", "enter")
        # THEN the button is closed until the whole name stands there
        await s.see("type webapp1 first")
        assert s.server.world.find("service", "webapp1")
        await s.pilot.press("1", "enter", "tab", "enter")
        await s.see("webapp1 removed")
        assert "webapp1" not in {one["Spec"]["Name"] for one in s.server.world.services.values()}


async def test_what_only_restarts_in_production_has_cancel_first() -> None:
    async with stage(mark="production") as s:
        # WHEN enter is pressed at the one line
        await s.line("restart webapp1")
        await s.see("Restart webapp1?")
        await s.pilot.press("enter")
        # THEN nothing is done
        await s.see("cancelled, nothing was sent")


async def test_the_fatal_is_refused_until_it_is_typed() -> None:
    async with stage("nodes") as s:
        # WHEN all managers are to be demoted
        await s.line("docker node demote manager-1 manager-2 manager-3")
        # THEN it is refused as it stands, with what would be safe
        await s.see("refused as it stands")
        await s.see("What would do it safely")
        await s.see("Type demote to go on")


async def test_what_cannot_work_never_leaves_the_line() -> None:
    async with stage() as s:
        # WHEN a line has a name that is not there
        s.app.main.edit_command("docker service scale webapp=5")
        # THEN that stands above it, and enter does nothing
        await s.see("service webapp not found; did you mean webapp1?")
        await s.pilot.press("enter")
        await s.see("did you mean webapp1?")
        assert s.outcomes == []


async def test_a_rollout_that_fails_is_told_with_the_engines_reason() -> None:
    async with stage() as s:
        # WHEN an image is set that nobody has
        await s.line("docker service update --no-resolve-image --image nosuch/image:9 webapp1")
        await s.see("Update webapp1")
        await s.pilot.press("enter")
        # THEN its failure is said, with what helps
        await s.see("The update of webapp1 paused. No such image: nosuch/image:9")
        await s.see("docker service rollback takes it back.")
        assert s.outcomes == ["failing"]


async def test_a_read_only_session_plans_and_sends_nothing() -> None:
    async with stage(readonly=True) as s:
        # WHEN a change is handed over all the same
        s.app.main.change("docker service scale webapp1=9")
        # THEN it is refused
        await s.see("This session changes nothing.")
        # and a dry run shows what would be
        await s.line("plan docker service scale webapp1=9")
        await s.see("Dry run: Scale webapp1")
        await s.see("/update?version=")
        assert s.replicas("webapp1") == 3


async def test_a_change_whose_answer_is_lost_is_looked_for_and_never_sent_twice() -> None:
    async with stage() as s:
        # GIVEN an engine that does it and whose answer is cut off
        s.server.faults.set("/services/create", "cut", times=1)
        # WHEN a service is created
        await s.line("docker service create --name once nginx:1.27")
        await s.until(lambda: "sent" not in s.outcomes and bool(s.outcomes), "an outcome")
        # THEN there is one service at most, and what is told of it is true
        named = [one for one in s.server.world.services.values() if one["Spec"]["Name"] == "once"]
        assert len(named) <= 1
        await s.see("once created" if named else "was not sent again")


async def test_while_the_engine_is_asked_a_row_says_so_and_esc_gives_up() -> None:
    async with stage() as s:
        # GIVEN an engine that does not answer
        s.server.faults.set("/networks", "hang")
        # WHEN a change is typed
        await s.line("scale webapp1=1")
        # THEN a row says what is asked, for how long, and that nothing was sent
        await s.see("asking the engine for webapp1 … ")
        await s.see("Nothing has been sent.")
        await s.see("esc gives up")
        await s.see("webapp1 … 1 s")
        # and other keys go on to the page
        await s.pilot.press("2")
        await s.see("worker-1")
        assert "Nothing has been sent." in screen_text(s.app)
        # WHEN esc is pressed THEN it is given up, and that is said
        await s.pilot.press("escape")
        await s.see("given up, nothing was sent")
        await s.gone("asking the engine for")
        # and nothing comes of it when the engine is there again
        s.server.faults.clear()
        await s.line("scale webapp1=2")
        await s.see("3 → 2")
        assert (s.replicas("webapp1"), s.outcomes) == (3, [])


async def test_the_row_goes_when_the_answer_comes() -> None:
    async with stage() as s:
        # GIVEN a change that waits for an engine
        s.server.faults.set("/networks", "hang")
        await s.line("scale webapp1=1")
        await s.see("asking the engine for webapp1 … ")
        # WHEN it does not get an answer THEN the row goes, and the line is back with the reason
        s.server.faults.clear()
        await s.gone("asking the engine for webapp1 … ")
        assert s.app.main.prompt_pane.asked is None or "Scale webapp1?" in screen_text(s.app)


async def test_what_was_asked_of_one_engine_is_not_asked_about_at_another() -> None:
    async with stage() as s:
        # GIVEN a change that waits for an engine
        s.server.faults.set("/networks", "hang")
        await s.line("scale webapp1=1")
        await s.see("asking the engine for webapp1 … ")
        # WHEN another one is looked at THEN it is given up
        s.app.use_demo()
        await s.see("given up, nothing was sent")
        assert s.app.main.prompt_pane.asked is None


async def test_a_form_hears_that_it_was_given_up() -> None:
    async with stage() as s:
        # GIVEN a form whose change waits for an engine
        s.server.faults.set("/networks", "hang")
        ear = Ear()
        ear.ask(s, "docker service create --name given nginx:1.27")
        await s.see("asking the engine for given … ")
        # WHEN esc is pressed THEN the form hears that it was not confirmed
        await s.pilot.press("escape")
        await s.until(lambda: ear.heard == 1, "an answer")
        assert (ear.cancelled, s.outcomes) == (1, [])


# -- leaving while something is under way -------------------------------------------------------------------------


async def test_who_leaves_is_told_of_a_change_that_is_being_watched_and_stays_by_default() -> None:
    async with stage() as s:
        # GIVEN a rollout that goes on
        await s.line("scale webapp1=5")
        await s.until(lambda: bool(s.app.main.changing.underway), "a change under way")
        s.server.faults.set("/tasks", "hang")
        # WHEN one quits
        await s.pilot.press("ctrl+q")
        # THEN what goes on is told, with what the journal will show
        await s.see("Quit? A change is under way")
        await s.see("Scale webapp1: the engine has it")
        await s.see("the journal will show it as taken.")
        # WHEN enter is pressed THEN one stays
        await s.pilot.press("enter")
        await s.gone("Quit?")
        assert s.app.is_running
        assert s.outcomes == ["taken"]
        # WHEN one quits and means it THEN the program ends
        await s.pilot.press("ctrl+q")
        await s.see("Quit? A change is under way")
        await s.pilot.press("tab", "enter")
        await s.until(lambda: s.app._exit, "the end")


async def test_the_key_that_quits_leaves_at_once_where_it_is_pressed_again() -> None:
    async with stage() as s:
        # GIVEN a change that was sent and is not answered
        s.server.faults.set("/services/create", "hang")
        await s.line("docker service create --name slow nginx:1.27")
        await s.until(lambda: s.outcomes == ["sent"], "its beginning in the journal")
        # WHEN one quits THEN it is told so
        await s.pilot.press("ctrl+q")
        await s.see("slow: sent, and not answered;")
        await s.see("as unknown.")
        # WHEN the key is pressed again THEN the program ends
        await s.pilot.press("ctrl+q")
        await s.until(lambda: s.app._exit, "the end")


async def test_what_was_not_sent_is_dropped_when_one_leaves_and_that_is_said() -> None:
    async with stage() as s:
        # GIVEN an engine that does not answer what a change would do
        s.server.faults.set("/networks", "hang")
        await s.line("scale webapp1=1")
        await s.see("asking the engine for webapp1 … ")
        # WHEN one quits
        await s.pilot.press("ctrl+q")
        # THEN it is dropped, and never asked about once more
        await s.see("docker service scale webapp1=1: not sent, and dropped.")
        flights = s.app.main._flights
        assert flights is not None
        await s.until(lambda: flights.looking == [], "the end of it")
        await s.pilot.press("escape")
        await s.gone("Quit?")
        assert s.app.is_running


async def test_where_nothing_is_under_way_one_leaves_at_once() -> None:
    async with stage() as s:
        # GIVEN a change that has come to its end
        await s.line("scale webapp1=5")
        await s.see("webapp1 scaled from 3 to 5 in ")
        # WHEN one quits THEN nothing is asked
        await s.pilot.press("ctrl+q")
        await s.until(lambda: s.app._exit, "the end")


# -- requests handed over by forms -------------------------------------------------------------------------------


class Ear:
    """What a form hears."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, str, str]] = []
        self.done: list[Outcome] = []
        self.conflicts: list[Outcome] = []
        self.cancelled = 0

    @property
    def heard(self) -> int:
        return len(self.refused) + len(self.done) + len(self.conflicts) + self.cancelled

    def ask(self, s: Stage, line: str) -> None:
        request = parse_line(line)
        assert isinstance(request, Request), request
        s.app.main.changing.request(
            request,
            on_refused=lambda *told: self.refused.append(told),
            on_done=self.done.append,
            on_conflict=self.conflicts.append,
            on_cancelled=self._no,
        )

    def _no(self) -> None:
        self.cancelled += 1


async def test_a_form_hears_when_the_engine_took_it_and_what_was_made() -> None:
    async with stage() as s:
        ear = Ear()
        # WHEN a form creates a service
        ear.ask(s, "docker service create --name fresh nginx:1.27")
        await s.until(lambda: ear.heard == 1, "an answer")
        # THEN it has its ID before it has converged
        assert ear.done[0].state is State.DONE
        assert ear.done[0].ids == (s.server.world.find("service", "fresh")["ID"],)
        await s.see("fresh created in ")
        assert ear.heard == 1


async def test_a_form_hears_why_not_and_at_which_field() -> None:
    async with stage() as s:
        ear = Ear()
        # WHEN a port is taken
        ear.ask(s, "docker service create --name fresh -p 8001:80 nginx")
        await s.until(lambda: ear.heard == 1, "an answer")
        # THEN the field is named, by our own checks
        sentence, flag, _ = ear.refused[0]
        assert flag == "publish"
        assert "8001" in sentence
        # and so is what only the engine knows, with its own words
        s.server.faults.set("/services/create", "error", times=1)
        ear.ask(s, "docker service create --name other nginx")
        await s.until(lambda: ear.heard == 2, "an answer")
        assert ear.refused[1][2]
        assert s.outcomes[-1] == "refused"


async def test_a_form_hears_that_it_was_not_confirmed() -> None:
    async with stage() as s:
        ear = Ear()
        # WHEN its question is left by esc, and its plan by Cancel
        ear.ask(s, "docker service update --env-add A=1 webapp1")
        await s.see("Update webapp1?")
        await s.pilot.press("escape")
        await s.until(lambda: ear.cancelled == 1, "the first no")
        ear.ask(s, "docker service rm webapp1")
        await s.see("nothing has been done yet")
        await s.pilot.press("enter")
        await s.until(lambda: ear.cancelled == 2, "the second no")
        # THEN nothing else was heard
        assert ear.heard == 2


async def test_a_form_hears_of_somebody_elses_change() -> None:
    async with stage() as s:
        ear = Ear()
        # GIVEN a question that stands while somebody else changes the service
        ear.ask(s, "docker service update --env-add MINE=1 webapp1")
        await s.see("Update webapp1?")
        service = s.server.world.find("service", "webapp1")
        service["Spec"]["Labels"] = {**service["Spec"].get("Labels", {}), "theirs": "2"}
        service["Version"]["Index"] += 1
        await s.pilot.press("enter")
        # THEN nothing was sent, and both are there to be seen
        await s.until(lambda: ear.heard == 1, "an answer")
        (outcome,) = ear.conflicts
        assert outcome.merge is not None
        assert outcome.retry is not None
        # WHEN both are sent together
        s.app.main.changing.send(outcome.retry, on_done=ear.done.append)
        await s.until(lambda: bool(ear.done), "both")
        # THEN neither is lost
        assert s.spec("webapp1")["Labels"]["theirs"] == "2"
        assert "MINE=1" in s.spec("webapp1")["TaskTemplate"]["ContainerSpec"]["Env"]


async def test_without_a_form_both_changes_are_shown_as_a_plan() -> None:
    async with stage() as s:
        # GIVEN a line that is asked about while somebody else changes the same
        await s.line("docker service update --env-add MINE=1 webapp1")
        await s.see("Update webapp1?")
        service = s.server.world.find("service", "webapp1")
        service["Spec"]["Labels"] = {**service["Spec"].get("Labels", {}), "theirs": "2"}
        service["Version"]["Index"] += 1
        await s.pilot.press("enter")
        # THEN that is said, and both are asked about together
        await s.see("was changed by somebody else meanwhile")
        await s.pilot.press("down")
        await s.see("Update webapp1?")
        await s.pilot.press("enter")
        await s.until(lambda: "MINE=1" in str(s.spec("webapp1")["TaskTemplate"]), "both")
        assert s.spec("webapp1")["Labels"]["theirs"] == "2"


# -- the journal -------------------------------------------------------------------------------------------------


async def test_a_change_is_copied_done_again_and_taken_back_from_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.jsonl"
    async with stage(journal=path) as s:
        # GIVEN a change that was made
        await s.line("docker service scale -d webapp1=5")
        await s.see("webapp1 scaled from 3 to 5")
        await s.line("journal")
        await s.see("━━ Journal ━")
        await s.see("docker service scale --detach webapp1=5")
        assert path.stat().st_mode & 0o777 == 0o600
        # WHEN its line is copied
        await s.pilot.press("c")
        await s.see("copied the docker line")
        # WHEN it is taken back, THEN that is planned as any other change
        await s.pilot.press("u")
        await s.see("Scale webapp1?")
        await s.see("Stops 2 of 5 tasks of webapp1, 5 → 3.")
        await s.pilot.press("enter")
        await s.until(lambda: s.replicas("webapp1") == 3, "the way back")
        # WHEN it is done again
        await s.pilot.press("G", "R")
        await s.until(lambda: s.replicas("webapp1") == 5, "the same once more")


async def test_what_cannot_be_taken_back_says_why(tmp_path: Path) -> None:
    async with stage(journal=tmp_path / "journal.jsonl") as s:
        # GIVEN a service that was removed, and one whose secret is not kept
        s.app.main.change("docker service create -d --name fresh -e API_TOKEN=hush nginx")
        await s.until(lambda: s.outcomes == ["done"], "the service")
        s.app.main.change("docker service rm fresh")
        await s.see("nothing has been done yet")
        await s.pilot.press("tab", "enter")
        await s.see("fresh removed")
        await s.line("journal")
        await s.see("━━ Journal ━")
        # WHEN the removal is to be taken back
        await s.pilot.press("u")
        await s.see("it has to be created anew")
        # WHEN the creation is to be done again, THEN its line is there to be completed
        await s.pilot.press("G", "R")
        await s.see("API_TOKEN=***")
        await s.see("its secrets are not kept")
        assert "hush" not in (tmp_path / "journal.jsonl").read_text()


async def test_the_kinds_of_the_journal_are_no_objects() -> None:
    async with stage() as s:
        # GIVEN the journal THEN no key of objects acts on its rows
        await s.line("journal")
        await s.see("Nothing was changed from here yet.")
        assert s.app.main.page.targets == ()
