"""What a page is: one widget that shows one place, whatever it looks like inside.

``tui.screens.main`` mounts a page when it is first needed, shows one at a time and talks to it only by what is
here. Lists are one page for all tables (``tui.screens.list_page``); texts, logs, YAML are others. A new page is a
subclass and a line in ``tui.screens.registry``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.layout import Layout as TextualLayout
from textual.widget import Widget

from backends.api import Interest
from backends.model import Key
from tui.bridge import Frame
from tui.frame.layout import Layout
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.panes import Plan, PlannedLayout
from tui.tables.spec import Moment
from tui.text.span import Line

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from tui.screens.main import MainScreen


class Page(Widget):
    """Base of all pages. Every method is called in the loop's thread; none may wait for the network."""

    DEFAULT_CSS = """
    Page { width: 1fr; height: 1fr; }
    """

    shape: Layout = Layout()
    """How the screen is divided now; see :meth:`adapt`."""

    ready = False
    """Whether it is mounted and may be told something."""

    def __init__(self, page_id: str) -> None:
        super().__init__(id=f"page-{page_id}")
        self.page_id = page_id
        self.place = Place(page_id)
        self._planned: PlannedLayout | None = None

    @property
    def layout(self) -> TextualLayout:
        """The planned layout where there is one: styles take layouts by name only."""
        return self._planned or super().layout

    def lay_out(self, plan: Plan) -> None:
        """Places the widgets of the page by a function of its size; see ``tui.screens.panes``."""
        self._planned = PlannedLayout(plan)

    def divide(self) -> None:
        """The plan gives other places for the same size: asks for them. Textual forgets the arrangement it keeps of
        a widget when one of its children wants a layout, not when the widget itself does."""
        for child in self.children[:1]:
            child.refresh(layout=True)

    @property
    def frame_screen(self) -> MainScreen:
        """The screen it stands on: the ``Ui`` of actions, and the session."""
        return cast("MainScreen", self.screen)

    def on_mount(self) -> None:
        """It can be opened now; handlers of subclasses run beside this one."""
        self.ready = True
        self.frame_screen.page_mounted(self)

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Shows a place; called each time it becomes visible, also with the place it had before."""
        self.place = place

    def frame(self, frame: Frame) -> None:
        """A new state; only while it is visible."""

    def tick(self, now: float) -> bool:
        """Time has passed; answers whether anything was drawn again."""
        return False

    def close(self) -> None:
        """It is no longer visible: ends streams. It may be opened again."""

    def adapt(self, shape: Layout) -> None:
        """The screen has another size, or ``v`` was pressed."""
        self.shape = shape

    # What the frame asks

    @property
    def pane(self) -> str:
        """Name of the focused pane for the keymap: ``list``, ``detail``, ``events``, ``text``, …"""
        return "text"

    @property
    def modes(self) -> tuple[str, ...]:
        """What it is doing, where it takes keys before all others: modes of ``tui.actions.own``, the most exact
        first."""
        return ()

    @property
    def left(self) -> Place:
        """The place as it is now, with cursor, order and filter: what coming back shows."""
        return self.place

    @property
    def targets(self) -> tuple[Key, ...]:
        """What actions act on: the marked objects, else the one under the cursor."""
        return ()

    @property
    def interest(self) -> Interest:
        """What it needs from the cluster now."""
        return Interest()

    @property
    def filterable(self) -> bool:
        """Whether ``/`` does something here."""
        return False

    @property
    def searches(self) -> bool:
        """Whether ``/`` goes to what it finds instead of hiding the rest."""
        return False

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Narrows to ``text`` at once; ``edit`` is what is being typed (the cursor is drawn), ``None`` when done."""

    def focus_pane(self) -> None:
        """Takes the focus, at its main pane."""

    def footer(self, width: int) -> Line | None:
        """Its own last row; ``None`` shows the keys of the focused pane."""
        return None

    def takes(self, event: events.Key) -> bool:
        """Takes a key before it is an action's: pages on which one types."""
        return False

    def paste(self, text: str) -> bool:
        """Takes pasted text: pages on which one types."""
        return False

    def causes(self, question: Question) -> bool:
        """Whether a question of SSH comes of what was just done here: it opens at once then."""
        return False

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """An act of ``tui.actions.calls``; ``False`` where it means nothing here."""
        return False
