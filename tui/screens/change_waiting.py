"""What is said while the engine is asked about a change, or has it and does not answer: nobody looks at a screen that
says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from backends.change.redaction import redacted_line
from backends.change.report import names_of
from backends.change.requests import Request
from backends.change.verbs import verb_of
from backends.state.wording import listing
from tui.screens.prompt import Asked
from tui.text.fit import cut_line, cut_text, width
from tui.text.span import Line, line

if TYPE_CHECKING:
    from tui.screens.change_leaving import Flights
    from tui.screens.main import MainScreen

T = TypeVar("T")

#: Seconds after which it is shown that the engine is being asked: an answer that comes sooner needs no row.
SHOWN_AFTER = 0.1
#: Seconds after which it is said once more that the engine has not answered.
_PATIENCE = 3


class GivenUp(Exception):
    """Somebody did not want to wait any more; nothing was sent."""


class Looking(Asked):
    """The engine is being asked what a change would do. Keys go on to the page: nothing is asked of anybody."""

    takes_keys = False

    def __init__(self, screen: MainScreen, request: Request, flights: Flights) -> None:
        self._screen, self._session, self._flights = screen, screen.session, flights
        words = verb_of(request).words
        self._title = " ".join(words).capitalize()
        self._what = listing(names_of(request)) or words[0]
        self.line = redacted_line(request)
        self._begun = 0.0
        self._work: asyncio.Future[Any] | None = None
        self.given_up = False

    @property
    def seconds(self) -> int:
        """For how long."""
        return int(asyncio.get_running_loop().time() - self._begun)

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return f"asking the engine for {cut_text(self._what, 30, 'm')} … {self.seconds} s"

    async def through(self, work: Awaitable[T]) -> T:
        """The answer; raises ``GivenUp`` where somebody did not want to wait, and whatever the work raises."""
        self._begun = asyncio.get_running_loop().time()
        self._work = doing = asyncio.ensure_future(work)
        self._flights.looking.append(self)
        telling = self._screen.begin(self._tell(), "waiting")
        try:
            found: T = await doing
            if self._screen.session is not self._session:
                # Another engine is looked at by now: what was to be done on this one is not asked about there.
                raise GivenUp
            return found
        except asyncio.CancelledError:
            doing.cancel()
            if self.given_up:
                raise GivenUp from None
            raise
        finally:
            telling.cancel()
            self._flights.looking.remove(self)
            if self._screen.prompt_pane.asked is self:
                self._screen.prompt_pane.close()

    async def _tell(self) -> None:
        await asyncio.sleep(SHOWN_AFTER)
        screen, pane = self._screen, self._screen.prompt_pane
        while True:
            if screen.session is not self._session:
                self.left()
            elif pane.asked is self:
                pane.again()
            elif pane.is_open or screen.box.has_keys:
                # Whatever is being asked or typed there keeps its rows and its keys.
                screen.hint(self.sentence)
            else:
                pane.open(self)
            await asyncio.sleep(1.0)

    # What is shown

    def title(self) -> str:
        return self._title

    def right(self) -> str:
        return self.line

    def rows(self, cells: int) -> Sequence[Line]:
        room = max(10, cells - len("asking the engine for  … 9999 s"))
        what = cut_text(self._what, room, "m")
        row = line(("asking the engine for ", "muted"), (what, "strong"), (f" … {self.seconds} s", ""))
        return (row, cut_line(line(("Nothing has been sent.", "muted")), cells))

    def keys(self) -> Sequence[tuple[str, str]]:
        return ()

    def escapes(self) -> str:
        return "gives up"

    def left(self) -> None:
        """Nobody waits for it any more."""
        self.given_up = True
        if self._work is not None:
            self._work.cancel()


async def unanswered(screen: MainScreen, title: str) -> None:
    """Says that it is on its way, for as long as the engine does not answer; ends by being cancelled."""
    seconds = 0
    while True:
        screen.hint(f"{title}: sent" + (f", no answer for {seconds} s" if seconds else ""))
        await asyncio.sleep(_PATIENCE)
        seconds += _PATIENCE


#: Where a rollout can be watched from anywhere.
_SHOWS = "; :rollouts shows it"


def standing_row(text: str, title: str, name: str, shows: bool, cells: int) -> str:
    """How a change stands, in one row that begins with what is changed: ``title`` stands before a text in which its
    ``name`` is not. ``shows`` adds where more is to be seen, as far as there is room in ``cells``."""
    named = text if name and name in text else f"{title}: {text}"
    more = f"{named.rstrip('.')}{_SHOWS}"
    return more if shows and width(more) + 2 <= cells else named
