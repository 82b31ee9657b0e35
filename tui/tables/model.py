"""The rows of one list as pure data: projected, filtered, grouped and sorted, with cursor and marks by key."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from backends.model import Changes, Key, Snapshot
from tui.places import Place
from tui.tables.ranking import Rank, ranker
from tui.tables.spec import Moment, TableSpec

R = TypeVar("R")
Predicate = Callable[[Any, Moment], bool]


@dataclass(slots=True)
class Delta:
    """What an update did."""

    rows: set[Key] = field(default_factory=set)
    """Rows that came, changed or went."""
    everything: bool = False
    """All rows were made anew; ``rows`` says nothing then."""
    moved: bool = False
    """Whether the list of rows shown, or their order, is another."""


class TableModel(Generic[R]):
    """Rows by key, and the order in which the ones that pass filter and faults-only are shown.

    ``hold`` in updates keeps rows where they are although they would sort elsewhere now: a list keeps its order while
    somebody works in it. New rows come in where they sort; :meth:`settle` puts all right.
    """

    def __init__(self, spec: TableSpec[R], place: Place) -> None:
        self.spec = spec
        self.place = place
        self.moment: Moment | None = None
        self.rows: dict[Key, R] = {}
        """All rows in the place's scope."""
        self.order: list[Key] = []
        """Keys of the rows shown, from the top. Read only."""
        self.predicate: Predicate | None = None
        self.faults = place.faults
        self.sort = place.sort
        self.reverse = place.reverse
        self.cursor: Key | None = None
        self.wanted: Key | None = place.cursor
        """Where the cursor goes as soon as that row is there, unless it is moved before."""
        self._left: Key | None = None
        """Where the cursor was when the last row went: it goes back if that row is among the first that return."""
        self.marks: dict[Key, None] = {}
        """In the order they were set."""
        self.settled = True
        """Whether every row stands where it sorts."""
        self._ranks: list[Rank] = []
        self._rank_of: dict[Key, Rank] = {}
        self._rank = ranker(spec, self.sort, self.reverse)
        self._known: dict[Key, Rank] = {}
        """Ranks of rows, shown or not, from the top: what is filtered again and again need not be sorted again."""

    # Rows

    def set(self, moment: Moment, hold: bool = False) -> Delta:
        """All rows anew."""
        self.moment = moment
        key = self.spec.key
        self._known = {}
        self.rows = {key(row): row for row in self.spec.rows(moment.snapshot, self.place)}
        for gone in [mark for mark in self.marks if mark not in self.rows]:
            del self.marks[gone]
        return Delta(everything=True, moved=self._arrange(hold))

    def update(self, moment: Moment, changes: Changes, hold: bool = False) -> Delta:
        """Only the rows that ``changes`` touch."""
        if self.moment is None:
            return self.set(moment)
        keys = self.touched(moment.snapshot, changes)
        if keys is None:
            return self.set(moment, hold)
        self.moment = moment
        again = self.spec.row
        if again is None:
            return self.set(moment, hold) if keys else Delta()
        delta = Delta()
        rows = self.rows
        for key in keys:
            new, old = again(moment.snapshot, self.place, key), rows.get(key)
            if new is old:
                continue
            delta.rows.add(key)
            self._known.pop(key, None)
            if new is None:
                del rows[key]
                self.marks.pop(key, None)
            else:
                rows[key] = new
        if len(delta.rows) > 64 + len(rows) // 8:
            delta.moved = self._arrange(hold)
        elif delta.rows:
            delta.moved = self._rearrange(delta.rows, hold)
        return delta

    def touched(self, snapshot: Snapshot, changes: Changes) -> Iterable[Key] | None:
        """Keys of rows that changes touch, ``None`` for all (see ``TableSpec.affected``)."""
        spec = self.spec
        if spec.affected is not None:
            return spec.affected(snapshot, self.place, changes)
        if changes.links or not changes.kinds.isdisjoint(spec.depends):
            return None
        if spec.kind is None:
            return None if changes.keys or changes.kinds else ()
        keys = [key for key in changes.keys if key.kind == spec.kind]
        return None if not keys and spec.kind in changes.kinds and not self.rows else keys

    def _shows(self, row: R, moment: Moment) -> bool:
        if self.faults and self.spec.fault is not None and not self.spec.fault(row, moment):
            return False
        return self.predicate is None or self.predicate(row, moment)

    def _arrange(self, hold: bool = False) -> bool:
        """Sorts all rows; answers whether the order changed."""
        moment = self.moment
        if moment is None:
            return False
        rank = self._rank
        if self.predicate is None and not self.faults:
            ranks = [rank(row, moment) for row in self.rows.values()]
        else:
            ranks = [rank(row, moment) for row in self.rows.values() if self._shows(row, moment)]
        self.settled = True
        if hold:
            kept = self._rank_of
            for index, new in enumerate(ranks):
                old = kept.get(new[-1])
                if old is not None and old != new:
                    ranks[index] = old
                    self.settled = False
        ranks.sort()
        return self._place(ranks)

    def _choose(self) -> bool:
        """Chooses anew which rows are shown; answers whether the order changed."""
        moment, rows = self.moment, self.rows
        if moment is None:
            return False
        if not self._known and self.settled and len(self._ranks) == len(rows):
            self._known = {entry[-1]: entry for entry in self._ranks}
        rank = self._rank
        new = [rank(row, moment) for key, row in rows.items() if key not in self._known]
        if new:
            self._known = {entry[-1]: entry for entry in sorted([*self._known.values(), *new])}
        self.settled = True
        if self.predicate is None and not self.faults:
            return self._place(list(self._known.values()))
        return self._place([entry for key, entry in self._known.items() if self._shows(rows[key], moment)])

    def _place(self, ranks: list[Rank]) -> bool:
        before = self.order
        self._ranks = ranks
        self._rank_of = {entry[-1]: entry for entry in ranks}
        self.order = [entry[-1] for entry in ranks]
        self._keep_cursor(before)
        return before != self.order

    def _rearrange(self, keys: Iterable[Key], hold: bool) -> bool:
        """Puts single rows where they belong."""
        moment = self.moment
        assert moment is not None
        moved = False
        before: list[Key] | None = None
        for key in keys:
            row = self.rows.get(key)
            old = self._rank_of.get(key)
            new = None if row is None or not self._shows(row, moment) else self._rank(row, moment)
            if old == new:
                continue
            if hold and old is not None and new is not None:
                self.settled = False
                continue
            if before is None and key == self.cursor and new is None:
                before = self.order.copy()
            if old is not None:
                at = bisect_left(self._ranks, old)
                del self._ranks[at], self.order[at], self._rank_of[key]
            if new is not None:
                at = bisect_left(self._ranks, new)
                self._ranks.insert(at, new)
                self.order.insert(at, key)
                self._rank_of[key] = new
            moved = True
        if moved:
            self._keep_cursor(before or [])
        return moved

    def settle(self) -> bool:
        """Puts held rows where they sort; answers whether anything moved."""
        return not self.settled and self._arrange()

    def shows(self, key: Key) -> bool:
        """Whether a row is shown."""
        return key in self._rank_of

    def index(self, key: Key | None) -> int:
        """Place of a row in ``order``, -1 if it is not shown."""
        rank = None if key is None else self._rank_of.get(key)
        return -1 if rank is None else bisect_left(self._ranks, rank)

    def headings(self) -> list[tuple[int, str]]:
        """Where groups start: index of their first row, and their text; the group without text has none."""
        if self.spec.group is None:
            return []
        out: list[tuple[int, str]] = []
        last = ""
        for index, rank in enumerate(self._ranks):
            if rank[0] != last:
                last = rank[0]
                out.append((index, last))
        return out

    # What is shown

    def filter_by(self, predicate: Predicate | None, within: Predicate | None = None) -> bool:
        """Shows only rows for which it holds; answers whether anything moved. Where it holds for none for which
        ``within`` does not, and that is what is shown, the others are not looked at."""
        narrower = predicate is not None and within is not None and within is self.predicate
        self.predicate = predicate
        if not narrower or self.moment is None:
            return self._choose()
        rows, moment = self.rows, self.moment
        return self._place([entry for entry in self._ranks if self._shows(rows[entry[-1]], moment)])

    def faults_only(self, on: bool) -> bool:
        """Shows only what is wrong; answers whether anything moved."""
        self.faults = on
        return self._choose()

    def sort_by(self, column: str, reverse: bool = False) -> bool:
        """Sorts by a column, ``""`` is the own order; answers whether anything moved. Columns that do not sort raise
        ``LookupError``."""
        if column and not any(one.id == column and one.sort for one in self.spec.columns):
            raise LookupError(f"{self.spec.id} does not sort by {column}")
        self.sort, self.reverse = column, reverse
        self._rank = ranker(self.spec, column, reverse)
        self._known = {}
        return self._arrange()

    # Cursor

    def _keep_cursor(self, before: list[Key]) -> None:
        """The cursor stays on its object; where that is gone, it goes to the next one that is left."""
        if self.wanted is not None and self.wanted in self._rank_of:
            self.cursor, self.wanted = self.wanted, None
        if self.cursor is not None and self.cursor in self._rank_of:
            self._left = None
            return
        if not self.order:
            if self.cursor is not None:
                self._left = self.cursor
            self.cursor = None
            return
        left, self._left = self._left, None
        if left is not None and left in self._rank_of:
            self.cursor = left
            return
        at = before.index(self.cursor) if self.cursor is not None and self.cursor in before else -1
        if at >= 0:
            for key in (*before[at + 1 :], *reversed(before[:at])):
                if key in self._rank_of:
                    self.cursor = key
                    return
        self.cursor = self.order[0]

    def move(self, by: int) -> bool:
        """Moves the cursor by rows, as far as there are rows; answers whether it moved."""
        return bool(self.order) and self.move_to(
            self.order[min(max(self.index(self.cursor) + by, 0), len(self.order) - 1)]
        )

    def move_to(self, key: Key) -> bool:
        """Puts the cursor on a row; one that is not shown is taken when it comes. Answers whether it moved."""
        if key not in self._rank_of:
            self.wanted = key
            return False
        self.wanted = None
        moved = self.cursor != key
        self.cursor = key
        return moved

    # Marks

    def mark(self) -> None:
        """Marks or unmarks the row under the cursor."""
        if self.cursor is None:
            return
        if self.cursor in self.marks:
            del self.marks[self.cursor]
        else:
            self.marks[self.cursor] = None

    def mark_range(self) -> None:
        """Marks from the mark set last to the cursor; without a mark only the row under the cursor."""
        end = self.index(self.cursor)
        if end < 0:
            return
        start = next((at for at in (self.index(key) for key in reversed(self.marks)) if at >= 0), end)
        step = 1 if end >= start else -1
        for at in range(start, end + step, step):
            self.marks[self.order[at]] = None

    def mark_all(self) -> None:
        """Marks all rows shown, or none if all are marked."""
        if all(key in self.marks for key in self.order):
            for key in self.order:
                self.marks.pop(key, None)
        else:
            self.marks.update(dict.fromkeys(self.order))

    def targets(self) -> tuple[Key, ...]:
        """Marked rows in the order shown, hidden ones last; without marks the row under the cursor."""
        if not self.marks:
            return () if self.cursor is None else (self.cursor,)
        places = {key: self.index(key) for key in self.marks}
        return tuple(sorted(places, key=lambda key: (places[key] < 0, places[key])))
