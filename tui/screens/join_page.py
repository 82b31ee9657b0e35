"""Machines that are to join: typed, looked at, joined. The page draws; ``backends.joining.board`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from backends.api import Interest
from backends.errors import BackendError, Unreachable
from backends.joining.board import Board, Row
from backends.model import Kind
from tui.bridge import Frame
from tui.details.join import Form, join_rows
from tui.frame import states
from tui.frame.interest import ALWAYS
from tui.frame.layout import Layout
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.join_keys import JoinKeys
from tui.tables.spec import Moment
from tui.text.ago import plural
from tui.text.span import Line, line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from tui.frame.session import Session


class JoinPage(JoinKeys):
    """The list is kept as long as the session lasts."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.rule = TitleRule(id="join-rule")
        self.view = LinesView(id="join-text", margin=0)
        self._session: Session | None = None
        self._none = ""
        """Why nothing can join from here."""
        self._told: dict[int, str] = {}
        self._first = 0
        """The row in which the first machine stands."""

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.view

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """The list as it was left; words in the place's argument are a machine to add."""
        self.place, self._moment = place, moment
        session = self.frame_screen.session
        if session is not self._session:
            self._session, self._board, self._none = session, None, ""
            self._at, self._edit, self._told = 0, LineEdit(), {}
        self._make()
        if place.argument:
            self.place = replace(place, argument="")
            self._add(place.argument)
        self._show()

    def _make(self) -> None:
        if self._board is not None:
            return
        screen = self.frame_screen
        ways = screen.session.ways
        try:
            if ways is None:
                raise Unreachable("Other machines are not reached from here.")
            from backends.joining.door import Door

            session = screen.session
            door = Door(screen.changing.changer.journal, session.context, session.readonly)
            self._board = Board(screen.cluster, ways(), door)
            self._board.told = self._changed
            screen.joining = self._pending
            self._none = ""
        except BackendError as error:
            self._none = f"{error} {error.hint}".strip()

    def _pending(self) -> tuple[str, ...]:
        """Names of the machines whose join has no result yet, for row 0."""
        same = self._session is self.frame_screen.session
        return tuple(row.name for row in self._board.pending) if same and self._board is not None else ()

    def frame(self, frame: Frame) -> None:
        """The Swarm is another: names, versions and managers count."""
        self._moment = frame.moment
        self._show()

    def tick(self, now: float) -> bool:
        """Times of what is under way."""
        if self._moment is None:
            return False
        before = self.view.lines
        self._moment = replace(self._moment, now=now)
        self._show()
        return self.view.lines != before

    def adapt(self, shape: Layout) -> None:
        """Another size: the view says so itself."""
        super().adapt(shape)

    def _changed(self) -> None:
        """Something was found out; what ended is said once, wherever one is."""
        for row in self._rows:
            if row.progress is not None and self._told.get(row.id) != row.standing:
                self._told[row.id] = row.standing
                self._say(row)
        if self.display and self.is_mounted:
            self._show()

    def _say(self, row: Row) -> None:
        screen, progress = self.frame_screen, row.progress
        if progress is None:
            return
        if row.standing == "joined":
            screen.say(progress.sentence)
            screen.cluster.refresh()
        elif screen.page is self:
            return  # it is there to be read
        elif row.standing == "failed":
            screen.say(f"{row.name} did not join: {progress.sentence} {progress.hint}".strip(), bad=True)
        elif row.standing == "pending":
            screen.say(f"{row.name}: {progress.sentence} :join shows the ways on.", bad=True)

    # What the frame asks

    @property
    def pane(self) -> str:
        """``form`` takes the keys of typing."""
        return "form" if self._edit is not None else "text"

    @property
    def interest(self) -> Interest:
        """The nodes and their engines: ports are tried with those that are reached."""
        return Interest(ALWAYS | {Kind.NODE, Kind.ENGINE})

    def causes(self, question: Question) -> bool:
        """Whether a question of SSH comes of what was typed here: about that machine, or a hop on the way to it."""
        hosts = {login.rpartition("@")[2] for login in (self._board.asking if self._board is not None else ())}
        about = f"{question.what} {question.wanted_by} {question.via}"
        return any(host and host in about for host in hosts)

    def focus_pane(self) -> None:
        """Keys come through the screen; the focus scrolls."""
        self.view.focus()

    def footer(self, width: int) -> Line | None:
        """The keys of what has them."""
        pending = frozenset({"join.role", "join.check", "join.go", "join.remove"})
        without = pending if "join.pending" in self.modes else frozenset()
        leave = "" if "join.back" in self.modes else "back"
        return self.own_row(width, words={"join.go": self._verb()}, without=without, leave=leave)

    def _verb(self) -> str:
        ready = sum(row.standing == "ready" for row in self._rows)
        if ready > 1:
            return f"join the {ready} that are ready"
        return "join"

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """The cursor, by keys that may be remapped."""
        if super().act(name, arguments):
            return True
        step = {"cursor-down": 1, "cursor-up": -1}.get(name)
        if step is not None and self._rows:
            self._at = max(0, min(self._at + step, len(self._rows) - 1))
        elif name == "refresh" and self._row is not None and self._board is not None:
            self._board.check(self._row.id)
        elif name in ("page-down", "page-up"):
            self.view.move(name)
        else:
            return False
        self._show()
        return True

    # Drawing

    def _show(self) -> None:
        moment = self._moment
        if moment is None or not self.ready:
            return
        cells = max(20, self.view.size.width - 2)
        rows = self._rows
        ready = sum(row.standing == "ready" for row in rows)
        note = f"{plural(ready, 'machine')} ready" if ready else plural(len(rows), "machine") if rows else ""
        self.rule.show(
            line(("Nodes", "muted"), (" › ", "line"), "join machines"), ((note, "muted"),) if note else (), active=True
        )
        notice = states.notice(moment, "nodes", cells)
        if notice or self._none:
            self.view.show(notice or ((), line(("  " + self._none, "strong bold"))))
            return
        form = Form(rows, self._at, self._edit, self._problem, self._offers())
        lines, cursor = join_rows(form, moment, cells)
        self._first = cursor - self._at
        self.view.show(lines, keep=True)
        if self._edit is None:
            self.view.reveal(cursor)

    def on_lines_view_clicked(self, message: LinesView.Clicked) -> None:
        """A click on a machine puts the cursor there."""
        message.stop()
        at = message.index - self._first
        if 0 <= at < len(self._rows):
            self._at, self._edit = at, None
            self._show()
            self.frame_screen.focus_moved()

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Another width."""
        message.stop()
        self._show()
