"""``:journal``: the local journal of changes; each can be copied, done again and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backends.change.redaction import is_whole
from tui.places import Place
from tui.screens.list_page import ListPage
from tui.tables.journal import journal_table
from tui.tables.spec import Moment

if TYPE_CHECKING:
    from backends.change.journal import Entry, Journal


class JournalPage(ListPage):
    """Read anew when its file has grown: other sessions of this user write into it as well."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, journal_table(self._all, "memory"), "journal")
        self._stamp: Any = None
        self._entries: Sequence[Entry] = ()
        self._acts |= {"journal-again": self._again, "journal-undo": self._undo}

    @property
    def has_events(self) -> bool:
        """Below it stands what is in it, and what is not."""
        return False

    @property
    def _journal(self) -> Journal:
        return self.frame_screen.changing.changer.journal

    def _all(self) -> Sequence[Entry]:
        return self._entries

    def open(self, place: Place, moment: Moment) -> None:
        """As it stands now."""
        path = self._journal.path
        where = _home(str(path)) if path is not None else "memory, for as long as this session runs"
        self.spec = journal_table(self._all, where)
        self._read()
        super().open(place, moment)
        self.table.update(moment)
        self.show_all()

    def tick(self, now: float) -> bool:
        """A change that ended is seen."""
        moved = super().tick(now)
        if self.moment is None or not self._read():
            return moved
        self.table.update(self.moment)
        self.show_detail()
        self.show_rules()
        return True

    def _read(self) -> bool:
        """Whether there is anything new."""
        journal = self._journal
        stamp: Any = None
        if journal.path is not None:
            try:
                found = journal.path.stat()
                stamp = (str(journal.path), found.st_size, found.st_mtime)
            except OSError:
                stamp = str(journal.path)
            if stamp == self._stamp:
                return False
        entries = journal.tail()
        changed = entries != self._entries
        self._stamp, self._entries = stamp, entries
        return changed

    @property
    def _row(self) -> Entry | None:
        return self.table.cursor_row

    def _activate(self) -> None:
        self._again()

    def _again(self) -> None:
        """The same line, planned anew; one whose secrets are not kept goes to the command line."""
        entry = self._row
        if entry is None:
            return
        if is_whole(entry.line):
            self.frame_screen.change(entry.line, typed=entry.line)
        else:
            self.frame_screen.edit_command(entry.line)
            self.frame_screen.hint("its secrets are not kept: put them in place of ***")

    def _undo(self) -> None:
        entry = self._row
        if entry is None:
            return
        if entry.outcome in ("refused", "cancelled", "dry run", "conflict"):
            self.frame_screen.hint("it was not done: there is nothing to take back")
        elif not entry.undo:
            self.frame_screen.hint(entry.lost or "nothing takes it back")
        else:
            self.frame_screen.change(entry.undo, typed=entry.undo)


def _home(path: str) -> str:
    """A path as people write it."""
    import os

    home = os.path.expanduser("~")
    return f"~{path.removeprefix(home)}" if home != "/" and path.startswith(f"{home}/") else path
