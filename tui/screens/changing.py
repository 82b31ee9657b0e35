"""Changes on the screen: planned, asked about, done in the background, said. One place for keys, verbs, forms and
lines."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from backends.api import Interest, Json
from backends.change.changer import Changer, Prepared
from backends.change.flag_error import FlagError
from backends.change.journal import Ending, Journal
from backends.change.node_changer import changer_at
from backends.change.outcome import Outcome, State
from backends.change.plan import Plan, Verdict
from backends.change.report import End, names_of
from backends.change.requests import NetworkPrune, Request
from backends.change.steps import Compiled
from backends.change.watch import Goal, wanted
from backends.errors import BackendError, ReadOnly
from backends.model import Key
from backends.state.wording import listing
from tui.actions.changing import request_of, said
from tui.screens.change_asker import Asker, Heard, Refusal, Underway, is_long, moved_on, open_prompt
from tui.screens.change_waiting import GivenUp, Looking, standing_row, unanswered

if TYPE_CHECKING:
    from tui.screens.change_leaving import Flights
    from tui.screens.main import MainScreen


class Changing:
    """Belongs to one main screen and one session."""

    def __init__(self, screen: MainScreen, flights: Flights) -> None:
        """``flights`` outlives the session: what is under way is asked about when the program is left."""
        self._screen, self._flights = screen, flights
        session = screen.session
        journal = Journal(session.journal)
        self.changer = Changer(session.cluster, journal, session.context, session.readonly, session.clock)
        self._sent: list[Underway] = []

    @property
    def underway(self) -> Sequence[Underway]:
        """Changes that the engine took and that have not converged yet."""
        return [change for change in self._sent if change.goals]

    @contextlib.contextmanager
    def in_flight(self, title: str) -> Iterator[Underway]:
        """For as long as a change is being sent and followed: who leaves meanwhile is asked."""
        change = Underway(title)
        self._sent.append(change)
        self._flights.sent.append(change)
        try:
            yield change
        finally:
            self._sent.remove(change)
            self._flights.sent.remove(change)

    def with_goals(self, interest: Interest) -> Interest:
        """What the cluster must keep fresh: what a page wants, and what changes under way are judged by."""
        need = wanted([goal for change in self.underway for goal in change.goals])
        return Interest(interest.kinds | need.kinds, interest.services | need.services, interest.networks)

    # Asked for

    def prompt(self, what: str, key: Key) -> None:
        """Asks for the one value of a change: ``scale``, ``image``, or ``node``."""
        open_prompt(self._screen, what, key)

    def request(
        self,
        request: Request,
        *,
        title: str = "",
        node: str = "",
        dry: bool = False,
        read: Json = None,
        on_refused: Refusal | None = None,
        on_done: Heard | None = None,
        on_conflict: Heard | None = None,
        on_cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Plans a change, asks as much as it wants, does it, says what came of it; returns at once.

        ``title`` stands over the plan in place of its own. ``on_refused`` (sentence, flag, original) is called where
        planning or the engine refused it, or no answer came, so that a form can be shown again as it was filled;
        without it, a toast. ``on_done`` when the engine took it (it may still converge: that goes on by itself),
        ``on_conflict`` with ``Outcome.merge`` and ``Outcome.retry`` where somebody else changed the same meanwhile
        and nothing was sent (without it, both changes are shown as a plan), ``on_cancelled`` where the plan was not
        confirmed. One of the four is called at most, and once. ``read`` is the spec that a form began with: where it
        is another one by now, that is a conflict too. ``node`` is the ID of the one whose engine does it:
        what is of a node alone.
        """
        asker = Asker("", title, on_refused, on_done, on_conflict, on_cancelled, None, read)
        self._screen.begin(self._run(request, asker, dry, node), title or "change")

    def send(
        self,
        compiled: Compiled,
        *,
        ask: bool = False,
        title: str = "",
        on_refused: Refusal | None = None,
        on_done: Heard | None = None,
        on_conflict: Heard | None = None,
        on_cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Sends what was put together after a conflict (``Outcome.retry``, or the same with another body); callbacks
        as in ``request``. Without ``ask`` its caller has shown it already."""
        asker = Asker("", title, on_refused, on_done, on_conflict, on_cancelled)
        self._screen.begin(self._merged(compiled, asker, ask), title or "change")

    async def run(self, line: str, typed: str, dry: bool) -> None:
        """From a docker line to what came of it."""
        request = request_of(line, self.changer.engine.api_version)
        if isinstance(request, Request):
            await self._run(request, Asker(typed), dry)
        else:
            self._wrong(said(request[0]), Asker(typed), request[0].flag)

    async def _run(self, request: Request, asker: Asker, dry: bool, node: str = "") -> None:
        screen = self._screen
        try:
            if not dry:
                self.changer.refuse()
            changer, prepared = await Looking(screen, request, self._flights).through(self._planned(request, node))
        except GivenUp:
            self._given_up(asker)
            return
        except BackendError as error:
            self._wrong(f"{error} {error.hint}".strip(), asker, original=error.original)
            return
        if not isinstance(prepared, Prepared):
            self._wrong(said(prepared[0]), asker, prepared[0].flag)
            return
        screen.hint("")
        asker, plan = replace(asker, changer=changer), prepared.plan
        moved = moved_on(prepared, asker.read)
        if moved is not None and not dry:
            self._conflict(moved, asker)
        elif dry:
            self._note(prepared, Ending.DRY)
            self._open_dry(prepared)
        elif plan.errors and not plan.fatal:
            self._wrong(said(plan.errors[0]), asker, plan.errors[0].flag)
        elif prepared.changes:
            self._ask(prepared, asker)
        elif asker.on_done is not None:
            self._go(prepared, asker)
        elif isinstance(request, NetworkPrune):
            screen.hint(plan.sentence.rstrip("."))
        else:
            self._wrong(f"{plan.title}: dnet-tui do -- {plan.shown} prints it.", asker)

    async def _planned(self, request: Request, node: str) -> tuple[Changer, Prepared | tuple[FlagError, ...]]:
        changer = await changer_at(self.changer, node, request)
        return changer, await changer.prepare(request)

    async def _merged(self, compiled: Compiled, asker: Asker, ask: bool) -> None:
        try:
            looking = Looking(self._screen, compiled.request, self._flights)
            prepared = await looking.through(self.changer.prepare_merged(compiled))
        except GivenUp:
            self._given_up(asker)
            return
        except BackendError as error:
            self._wrong(f"{error} {error.hint}".strip(), asker, original=error.original)
            return
        (self._ask if ask else self._go)(prepared, asker)

    def _given_up(self, asker: Asker) -> None:
        self._screen.hint("given up, nothing was sent")
        if asker.on_cancelled is not None:
            asker.on_cancelled()

    def _wrong(self, text: str, asker: Asker, flag: str = "", original: str = "") -> None:
        """Back to the form or the line with what was typed; from a key, a toast."""
        self._screen.hint("")
        typed = asker.typed
        if asker.on_refused is not None:
            asker.on_refused(text, flag, original)
        elif typed and not self._screen.command.is_open and not self._screen.prompt_pane.is_open:
            self._screen.command.open(typed, refused=text)
        else:
            self._screen.say(text, bad=True)

    # Asking

    def _open_dry(self, prepared: Prepared) -> None:
        from tui.screens.plan_box import DryRun

        self._screen.box.open(DryRun(self._screen, prepared, lambda: self._again(prepared)))

    def _again(self, prepared: Prepared) -> None:
        """From the dry run to the change: planned anew, since time has passed."""
        self.request(prepared.plan.request)

    def _go(self, prepared: Prepared, asker: Asker) -> None:
        self._screen.begin(self._apply(prepared, asker), prepared.plan.title)

    def _ask(self, prepared: Prepared, asker: Asker) -> None:
        """As much as the plan wants."""
        from tui.screens.change_prompts import Confirm
        from tui.screens.plan_box import PlanContent

        screen, plan = self._screen, prepared.plan
        production = screen.session.mark == "production"

        def go() -> None:
            self._go(prepared, asker)

        def no() -> None:
            self._note(prepared, Ending.CANCELLED)
            screen.hint("cancelled, nothing was sent")
            if asker.on_cancelled is not None:
                asker.on_cancelled()

        if plan.verdict is Verdict.DO:
            go()
        elif plan.verdict is Verdict.ASK and not is_long(plan):
            screen.prompt_pane.open(Confirm(screen, prepared, production, go, no))
        else:
            screen.box.open(PlanContent(screen, prepared, production, go, no, asker.title))

    def _note(self, prepared: Prepared, ending: Ending) -> None:
        try:
            self.changer.note(prepared, ending)
        except OSError as error:
            self._screen.say(f"The journal cannot be written: {error.strerror}.", bad=True)

    # Doing

    async def _apply(self, prepared: Prepared, asker: Asker) -> None:
        if not prepared.changes:
            await self._send(prepared, asker, Underway(prepared.plan.title))
            return
        with self.in_flight(prepared.plan.title) as change:
            await self._send(prepared, asker, change)

    async def _send(self, prepared: Prepared, asker: Asker, change: Underway) -> None:
        screen, plan = self._screen, prepared.plan
        changer = asker.changer or self.changer

        def taken(outcome: Outcome, goals: Sequence[Goal]) -> None:
            change.goals, change.taken = goals, True
            if waiting is not None:
                waiting.cancel()
            if plan.command.startswith("docker swarm "):
                screen.cluster.refresh()  # no event tells an engine's own part in a Swarm
            if goals:
                screen.watch_soon()
            if asker.on_done is not None:
                asker.on_done(outcome)

        def tell(text: str) -> None:
            change.said = text
            # A rollout can be looked at from anywhere while it goes on; on its own page that is no news.
            watched = bool(change.goals) and not screen.past.place.view.startswith("rollout")
            shows = watched and plan.command.startswith("docker service ")
            name = listing(names_of(plan.request))
            screen.hint(standing_row(text, plan.title, name, shows, screen.size.width))

        waiting = screen.begin(unanswered(screen, plan.title), "waiting") if prepared.changes else None
        try:
            end = await changer.apply(prepared, tell, override=plan.fatal, patient=True, taken=taken)
            if waiting is not None:
                waiting.cancel()
            self._tell(prepared, end, asker)
            if end.outcome.lost is not None:
                asker = replace(asker, on_done=None)  # it has heard that nothing is known
                self._found(plan, await changer.look_again(prepared, end.outcome, tell, taken=taken))
        except ReadOnly as error:
            self._wrong(str(error), asker)
        except OSError as error:
            self._wrong(f"The journal cannot be written ({error.strerror}): nothing was sent.", asker)
        finally:
            if waiting is not None:
                waiting.cancel()

    def _found(self, plan: Plan, end: End | None) -> None:
        """What nothing was known of was looked for once more when the engine was back."""
        if end is None:
            self._screen.say(f"{plan.title}: still nothing is known of it. It was not sent again.", bad=True)
        elif end.good:
            self._screen.say(f"{end.sentence}: it did happen")
        else:
            self._screen.say(end.text, bad=True)

    def _tell(self, prepared: Prepared, end: End, asker: Asker) -> None:
        outcome = end.outcome
        original = outcome.error.original if outcome.error is not None else ""
        plan = prepared.plan
        # Where nothing was asked, what was to be known first is said now.
        first = plan.warned if plan.verdict is Verdict.DO else ()
        warned = (*first, *(text for text in outcome.warnings if text not in plan.warned))
        if outcome.state is State.CONFLICT:
            self._conflict(outcome, asker)
        elif outcome.state is not State.DONE and asker.on_refused is not None:
            asker.on_refused(outcome.sentence, outcome.finding.flag if outcome.finding else "", original)
        elif not end.good:
            self._screen.say(end.text, bad=True)
        elif warned:
            self._screen.say(" ".join((f"{end.sentence}.", *warned)), bad=True)
        else:
            self._screen.say(end.sentence)

    def _conflict(self, outcome: Outcome, asker: Asker) -> None:
        """Somebody else has changed the same meanwhile; nothing was sent."""
        if asker.on_conflict is not None:
            asker.on_conflict(outcome)
        elif outcome.retry is None:
            self._screen.say(f"{outcome.sentence} {outcome.hint}".strip(), bad=True)
        else:
            self._screen.say(outcome.sentence, bad=True)
            self.send(outcome.retry, ask=True, title="Both changes together", on_done=asker.on_done)
