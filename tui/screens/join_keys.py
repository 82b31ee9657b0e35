"""The keys of the page of machines that are to join: typing one, and what is done with those that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from backends.errors import BackendError
from backends.joining.board import Board, Row
from tui.actions.spec import ActionSpec
from tui.details.join import mends
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.own_keys import OwnKeysPage
from tui.tables.spec import Moment


class JoinKeys(OwnKeysPage):
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

    @property
    def modes(self) -> tuple[str, ...]:
        """A machine is typed, or the list has the keys; a machine of it may want more."""
        row = self._row
        if self._board is None:
            return ()
        if self._edit is not None:
            return ("join.back", "join.typing") if self._rows else ("join.typing",)
        if row is None:
            return ("join.list",)
        pending = row.standing == "pending" and row.progress is not None
        return ("join.pending" if pending else "join.mend", "join.list")

    @property
    def typing(self) -> bool:
        """Whether a machine is typed."""
        return self._edit is not None and self._board is not None

    def wants(self, action: ActionSpec) -> bool:
        """A row may be lacking, or a line with that number: digits are views then."""
        row = self._row
        if action.mode == "join.mend":
            return row is not None and int(action.id.rpartition("-")[2]) <= len(mends(row))
        return row is not None or action.id not in ("join.role", "join.check", "join.go", "join.remove")

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What its keys do, by the ids of their actions."""
        found: dict[str, Callable[[], object]] = {
            "join.look": self._look,
            "join.typed": self._join_typed,
            "join.complete": self._complete,
            "join.to-list": self._to_list,
            "join.end": self._end_typing,
            "join.add": self._begin_typing,
            "join.role": self._turn_role,
            "join.check": self._check,
            "join.go": self._join,
            "join.remove": self._remove,
            "join.give-up": self._give_up,
            "join.rotate": self._rotate,
        }
        return {**found, **{f"join.mend-{number}": partial(self._copy_mend, number) for number in range(1, 10)}}

    def type_key(self, key: str, character: str | None) -> bool:
        """Typing a machine."""
        changed = self._edit.key(key, character) if self._edit is not None and self.typing else None
        if changed is not None:
            self._edit, self._problem = changed, ""
        return changed is not None

    def pressed(self) -> None:
        """Whatever it was, it may show."""
        self._show()
        self.frame_screen.focus_moved()

    def _look(self) -> None:
        if self._edit is not None and self._edit.text.strip():
            self._add(self._edit.text)
        else:
            self._to_list()

    def _join_typed(self) -> None:
        if self._edit is None or not self._edit.text.strip() or self._add(self._edit.text):
            self._join()

    def _complete(self) -> None:
        offers = self._offers()
        if offers and self._edit is not None:
            user = self._edit.text.rpartition("@")[0]
            self._edit = LineEdit.of(f"{user}@{offers[0]}" if user else offers[0])

    def _to_list(self) -> None:
        if self._rows:
            self._edit = None

    def _end_typing(self) -> None:
        self._edit, self._problem = None, ""

    def _begin_typing(self) -> None:
        self._edit = LineEdit()

    def _turn_role(self) -> None:
        row = self._row
        if row is not None and self._board is not None:
            self._board.set_role(row.id, "manager" if row.role == "worker" else "worker")

    def _check(self) -> None:
        if self._row is not None and self._board is not None:
            self._board.check(self._row.id)

    def _remove(self) -> None:
        if self._row is not None and self._board is not None:
            self.frame_screen.begin(self._board.remove(self._row.id), "remove")
            self._at = max(0, self._at - 1)

    def _give_up(self) -> None:
        if self._row is not None and self._board is not None:
            self._board.end(self._row.id)

    def _rotate(self) -> None:
        row = self._row
        if row is not None and row.progress is not None:
            self.frame_screen.change(f"docker swarm join-token --rotate {row.progress.role}")

    def _copy_mend(self, number: int) -> None:
        if self._row is not None:
            self.frame_screen.copy(mends(self._row)[number - 1], "the line")

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
