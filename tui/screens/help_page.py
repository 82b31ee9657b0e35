"""The keys that work where ``?`` was pressed, made from the live keymap."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Key
from tui.actions.help import help_page
from tui.actions.spec import ActionContext
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import Line


class HelpPage(TextPage):
    """Its place names, as ``argument``, the view that help is wanted for."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "Keys", self._lines)

    @property
    def targets(self) -> tuple[Key, ...]:
        """Help acts on nothing."""
        return ()

    def title(self, moment: Moment) -> Line:
        """Only its name: the path belongs to the place it is about."""
        return (("Keys", ""),)

    def counted(self, moment: Moment) -> Line:
        """Which keymap it is."""
        preset = self.frame_screen.keymap.preset
        return (("/ finds   ", "muted"), (f"keymap {preset}", ""))

    @property
    def searches(self) -> bool:
        """It shows only what is found."""
        return False

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Narrows to what has the words, with whole sentences."""
        super().set_filter("" if text is None else text, edit)
        self._show(keep=False)

    def _lines(self, moment: Moment, place: Place, width: int) -> Sequence[Line]:
        screen = self.frame_screen
        cursor = place.cursor
        asked = Place(place.argument or "overview", place.scope, cursor=cursor)
        targets = (cursor,) if cursor is not None else ()
        context = ActionContext(ui=screen, snapshot=moment.snapshot, place=asked, targets=targets)
        kind = cursor.kind if cursor is not None else None
        return help_page(screen.keymap, context, width, kind=kind, search=place.filter, ascii=moment.ascii)
