"""``:journal``: the local journal of changes."""

from __future__ import annotations

from collections.abc import Sequence

from backends.changing.journal import Entry
from backends.model import Key
from tui.details.journal import journal_lines
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import Line


class JournalPage(TextPage):
    """Read anew when its file has grown: other sessions of this user write into it as well."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "Journal", lambda *_: ())
        self._stamp = (0, 0.0)
        self._entries: Sequence[Entry] = ()

    @property
    def targets(self) -> tuple[Key, ...]:
        """Changes are no objects."""
        return ()

    def rows(self, moment: Moment, width: int) -> Sequence[Line]:
        """All changes, newest first."""
        journal = self.frame_screen.changing.changer.journal
        stamp = (0, moment.now)
        if journal.path is not None:
            try:
                found = journal.path.stat()
                stamp = (found.st_size, found.st_mtime)
            except OSError:
                stamp = (0, 0.0)
        if stamp != self._stamp or not self._entries:
            self._stamp, self._entries = stamp, journal.entries()
        where = str(journal.path) if journal.path is not None else "memory, for as long as the demo runs"
        return journal_lines(self._entries, moment, width, where)

    def counted(self, moment: Moment) -> Line:
        """How many changes there are."""
        return super().counted(moment) or (((f"{len(self._entries)}"), ""),)
