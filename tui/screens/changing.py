"""Changes on the screen: planned, asked about, done in the background, said. One place for keys, verbs and lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.changing.changer import Changer, Prepared
from backends.changing.journal import Ending, Journal
from backends.changing.outcome import sentence
from backends.changing.plan import Grade
from backends.errors import BackendError, ReadOnly
from backends.model import Image, Key, Kind
from tui.actions.changing import request_of, said

if TYPE_CHECKING:
    from backends.change import outcome as changed
    from backends.change.requests import Request
    from backends.changing.converging import Outcome
    from tui.screens.change_prompts import ImagePrompt
    from tui.screens.main import MainScreen


Refusal = Callable[[str, str, str], None]
"""Hears (sentence, flag or argument in capitals or empty, the engine's own words or empty)."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a change: the ``:`` line, a key, or a form."""

    typed: str = ""
    title: str = ""
    on_refused: Refusal | None = None
    on_done: Callable[[changed.Outcome], None] | None = None
    on_conflict: Callable[[changed.Outcome], None] | None = None
    on_cancelled: Callable[[], None] | None = None


class Changing:
    """Belongs to one main screen and one session."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        session = screen.session
        journal = Journal(session.journal)
        self.changer = Changer(session.cluster.engine, journal, session.context, session.readonly, session.clock)
        self.underway = 0
        """Changes that were sent and have not converged yet."""

    def prompt(self, what: str, key: Key) -> None:
        """Asks for the one value of a change: ``scale``, ``image``, or ``node``."""
        from tui.screens.change_prompts import ImagePrompt, ScalePrompt
        from tui.screens.node_menu import NodeMenu

        screen = self._screen
        if what == "node":
            screen.box.open(NodeMenu(screen, key))
        elif what == "scale":
            screen.prompt_pane.open(ScalePrompt(screen, key))
        else:
            prompt = ImagePrompt(screen, key)
            screen.prompt_pane.open(prompt)
            screen.begin(self._know_images(prompt), "images")

    async def _know_images(self, prompt: ImagePrompt) -> None:
        """The list of images is not kept up while another one is shown: the prompt has its own."""
        try:
            found = await self.changer.engine.list(Kind.IMAGE)
        except BackendError:
            return  # a reference can be typed all the same
        prompt.know([image for image in found if isinstance(image, Image)])
        self._screen.prompt_pane.again()

    def request(
        self,
        request: Request,
        *,
        title: str = "",
        dry: bool = False,
        on_refused: Refusal | None = None,
        on_done: Callable[[changed.Outcome], None] | None = None,
        on_conflict: Callable[[changed.Outcome], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Plans a change, asks as much as it wants, does it, says what came of it; returns at once.

        ``title`` stands over the plan in place of its own. ``on_refused`` (sentence, flag, original) is called where
        planning or the engine refused it, so that a form can be shown again as it was filled; without it, a toast.
        ``on_done`` when the engine took it (it may still converge: that goes on by itself), ``on_conflict`` with
        ``Outcome.merge`` and ``Outcome.retry`` where somebody else changed the same meanwhile and nothing was sent,
        ``on_cancelled`` where the plan was not confirmed. One of the four is called at most, and once.
        """
        asker = Asker("", title, on_refused, on_done, on_conflict, on_cancelled)
        self._screen.begin(self._run(request, asker, dry), title or "change")

    async def run(self, line: str, typed: str, dry: bool) -> None:
        """From a docker line to what came of it."""
        from backends.change.requests import Request

        request = request_of(line, self.changer.engine.api_version)
        if isinstance(request, Request):
            await self._run(request, Asker(typed), dry)
        else:
            self._wrong(said(request[0]), Asker(typed), request[0].flag)

    async def _run(self, request: Request, asker: Asker, dry: bool) -> None:
        from backends.change.surroundings import Surroundings

        screen, engine = self._screen, self.changer.engine
        screen.hint("asking the engine")
        try:
            if not dry:
                self.changer.refuse()
            known = screen.cluster.snapshot
            prepared = await self.changer.prepare(request, known, Surroundings(api_version=engine.api_version))
        except BackendError as error:
            self._wrong(f"{error} {error.hint}".strip(), asker, original=error.original)
            return
        if not isinstance(prepared, Prepared):
            self._wrong(said(prepared[0]), asker, prepared[0].flag)
            return
        screen.hint("")
        if dry:
            self._note(prepared, Ending.DRY)
            self._open_dry(prepared)
        elif not prepared.changes:
            line = prepared.plan.command.removeprefix("docker ")
            self._wrong(f"{prepared.plan.title}: dnet-tui do -- docker {line} prints it.", asker)
        else:
            self._ask(prepared, asker)

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

    def _open_dry(self, prepared: Prepared) -> None:
        from tui.screens.plan_box import DryRun

        self._screen.box.open(DryRun(self._screen, prepared))

    def _ask(self, prepared: Prepared, asker: Asker) -> None:
        """As much as the grade wants."""
        from tui.screens.change_prompts import Confirm
        from tui.screens.plan_box import PlanContent

        screen = self._screen
        production = screen.session.mark == "production"

        def go() -> None:
            screen.begin(self._apply(prepared, asker), prepared.plan.title)

        def no() -> None:
            self._note(prepared, Ending.CANCELLED)
            screen.hint("cancelled, nothing was sent")
            if asker.on_cancelled is not None:
                asker.on_cancelled()

        if prepared.plan.grade is Grade.ADDS and not prepared.plan.fatal:
            go()
        elif prepared.plan.grade is Grade.STOPS and not prepared.plan.fatal:
            screen.prompt_pane.open(Confirm(screen, prepared, production, go, no))
        else:
            screen.box.open(PlanContent(screen, prepared, production, go, no))

    def _note(self, prepared: Prepared, ending: Ending) -> None:
        try:
            self.changer.note(prepared, ending)
        except OSError as error:
            self._screen.say(f"The journal cannot be written: {error.strerror}.", bad=True)

    async def _apply(self, prepared: Prepared, asker: Asker) -> None:
        screen, name = self._screen, prepared.plan.title
        self.underway += 1
        screen.hint(f"{name}: sent")
        try:
            outcome, sent = await self.changer.apply(prepared, lambda text: screen.hint(f"{name}: {text}"))
        except ReadOnly as error:
            self._wrong(str(error), asker)
            return
        except OSError as error:
            self._wrong(f"The journal cannot be written ({error.strerror}): nothing was sent.", asker)
            return
        finally:
            self.underway -= 1
        text = sentence(sent.compiled, outcome)
        if outcome.ending is Ending.REFUSED and asker.on_refused is not None:
            asker.on_refused(f"{text} {outcome.hint}".strip(), "", sent.text)
            return
        if asker.on_done is not None and sent.ending is Ending.DONE:
            from backends.change.outcome import Outcome as Taken
            from backends.change.outcome import State

            asker.on_done(Taken(prepared.plan.request, State.DONE, text, sent.compiled.writes, sent.answers))
        self._tell(text, outcome)

    def _tell(self, text: str, outcome: Outcome) -> None:
        if outcome.ending is Ending.DONE:
            self._screen.say(text)
        else:
            self._screen.say(f"{text} {outcome.hint}".strip(), bad=True)
