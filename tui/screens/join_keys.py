"""The keys of the page of machines that are to join: typing one, and what is done with those that are there."""

from __future__ import annotations

from textual import events

from backends.errors import BackendError
from backends.joining.board import Board, Row
from tui.details.join import mends
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.page import Page
from tui.tables.spec import Moment


class JoinKeys(Page):
    """While a machine is typed all keys go to that line; else they are those of the list."""

    def __init__(self, place: Place) -> None:
        super().__init__("join")
        self.place = place
        self._moment: Moment | None = None
        self._board: Board | None = None
        self._at = 0
        self._edit: LineEdit | None = LineEdit()
        self._problem = ""

    def _show(self) -> None:
        """Draws all that may differ."""

    @property
    def board(self) -> Board | None:
        """The machines; ``None`` where nothing can join from here."""
        return self._board

    @property
    def _rows(self) -> tuple[Row, ...]:
        return self._board.rows if self._board is not None else ()

    @property
    def _row(self) -> Row | None:
        rows = self._rows
        return rows[min(self._at, len(rows) - 1)] if rows else None

    def takes(self, event: events.Key) -> bool:
        """Typing, and the keys of the list."""
        if self._board is None or event.key in ("ctrl+q", "ctrl+p", "f1"):
            return False
        taken = self._typing(event) if self._edit is not None else self._listing(event)
        if taken:
            self._show()
            self.frame_screen.focus_moved()
        return taken

    def _typing(self, event: events.Key) -> bool:
        edit = self._edit or LineEdit()
        match event.key:
            case "escape":
                if not self._rows:
                    return False
                self._edit, self._problem = None, ""
            case "enter" if edit.text.strip():
                self._add(edit.text)
            case "ctrl+s":
                if edit.text.strip() and not self._add(edit.text):
                    return True
                self._join()
            case "tab":
                offers = self._offers()
                if offers:
                    user = edit.text.rpartition("@")[0]
                    self._edit = LineEdit.of(f"{user}@{offers[0]}" if user else offers[0])
            case "down" | "up" | "enter" if self._rows:
                self._edit = None
            case key:
                changed = edit.key(key, event.character)
                if changed is None:
                    return key in ("down", "up", "enter", "shift+tab")
                self._edit, self._problem = changed, ""
        return True

    def _listing(self, event: events.Key) -> bool:
        row, board = self._row, self._board
        if board is None:
            return False
        key = event.key
        if key in ("a", "n"):
            self._edit = LineEdit()
        elif key == "ctrl+s":
            self._join()
        elif row is None:
            return False
        elif key == "r":
            board.set_role(row.id, "manager" if row.role == "worker" else "worker")
        elif key == "ctrl+r":
            board.check(row.id)
        elif key in ("minus", "delete", "ctrl+d"):
            self.frame_screen.begin(board.remove(row.id), "remove")
            self._at = max(0, self._at - 1)
        elif key.isdigit() and key != "0":
            return self._numbered(row, int(key))
        else:
            return False
        return True

    def _numbered(self, row: Row, number: int) -> bool:
        """``1`` and ``2`` of a join without a result; else the lines that mend something, to copy."""
        if row.standing == "pending" and row.progress is not None and self._board is not None:
            if number == 1:
                self._board.end(row.id)
            elif number == 2:
                self.frame_screen.change(f"docker swarm join-token --rotate {row.progress.role}")
            return number < 3
        lines = mends(row)
        if number > len(lines):
            return False
        self.frame_screen.copy(lines[number - 1], "the line")
        return True

    def paste(self, text: str) -> bool:
        """A pasted machine, or several with a line or a blank between them."""
        if self._edit is None:
            return False
        words = text.split()
        if len(words) > 1:
            for word in words:
                self._add(word)
        elif words:
            self._edit, self._problem = self._edit.insert(words[0]), ""
        self._show()
        return True

    def _add(self, text: str) -> bool:
        if self._board is None:
            return False
        role = "worker"
        words = text.split()
        if len(words) == 2 and words[1] in ("worker", "manager"):
            text, role = words[0], words[1]
        try:
            id = self._board.add(text, role)
        except BackendError as error:
            self._edit = LineEdit.of(text)
            self._problem = f"{error} {error.hint}".strip()
            return False
        self._edit, self._problem = None, ""
        self._at = next((number for number, row in enumerate(self._rows) if row.id == id), 0)
        return True

    def _join(self) -> None:
        """Those that are ready; else the one under the cursor, where a person says so."""
        board, row, screen = self._board, self._row, self.frame_screen
        if board is None or row is None:
            return
        if screen.readonly:
            screen.say("This session is read-only: nothing is changed.", bad=True)
            return
        ready = [one for one in self._rows if one.standing == "ready"]
        if row.standing in ("asking", "ended", "failed"):
            board.join(row.id) if row.standing == "asking" else board.check(row.id)
        elif row.standing == "mend":
            from tui.screens.join_boxes import AllTheSame

            screen.box.open(AllTheSame(screen, row, lambda: board.join(row.id)))
        elif ready:
            for one in ready:
                board.join(one.id)
        else:
            screen.hint("nothing here is ready to join")

    def _offers(self) -> tuple[str, ...]:
        """Hosts of ssh_config that begin as what is typed."""
        if self._board is None or self._edit is None:
            return ()
        typed = self._edit.text.rpartition("@")[2]
        names = [node.hostname for node in self.frame_screen.cluster.snapshot.nodes.values()]
        known = (host for host in self._board.known() if host not in names)
        return tuple(host for host in known if host.startswith(typed) and host != typed)
