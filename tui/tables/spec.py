"""What a list is, declared once: its rows, columns, sort orders, filters, faults and detail.

Nothing here knows Textual; ``tui.widgets.table`` shows it, ``tui.tables.model`` projects and sorts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from backends.model import Changes, Key, Kind, Snapshot
from tui.places import Place
from tui.text.span import Align, Cut, Line

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from backends.transport.ssh import Reach

R = TypeVar("R")
#: Anything that orders: a string, a number, or a tuple of these.
SortKey = str | float | int | tuple["SortKey", ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What rendering may depend on beside the row: injected, so that pictures are repeatable."""

    snapshot: Snapshot
    now: float
    """Seconds since the epoch."""
    ascii: bool = False
    """Whether only ASCII may be drawn; pass to ``tui.look.symbols``."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """How a key that a text names is shown where it was remapped: ``{"l": "L"}``."""
    reaching: bool = False
    """Whether other nodes can be reached over SSH."""
    reach: Mapping[str, Reach] = field(default_factory=dict)
    """How other nodes are reached, or why not, by node id; those that nobody needed yet are absent."""
    waiting: tuple[tuple[Question, int], ...] = ()
    """Questions that only a person can answer, each with how many logins wait for it."""
    joining: tuple[str, ...] = ()
    """Machines whose join has no result yet."""

    def hint(self, key: str) -> str:
        """A key as it is now."""
        return self.keys.get(key, key)


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. Widths are cells; ``width`` 0 takes what is left (at most one per table)."""

    id: str
    title: str
    width: int
    cell: Callable[[R, Moment], Line | str]
    """What stands in it, at any length: the table cuts it."""
    sort: Callable[[R, Moment], SortKey] | None = None
    align: Align = "l"
    cut: Cut = "r"
    keep: bool = False
    """Never dropped for lack of room (``*`` in the design)."""
    drop: int = 99
    """Order of dropping: 1 goes first."""
    wide: bool = False
    """Only with wide columns on (``^w``, or from 200 columns)."""
    sort_key: str = ""
    """Letter that sorts by it, with shift, e.g. ``"N"``."""
    descending: bool = False
    """Whether its first sort is from high to low (ages, counts)."""
    narrow: int | None = None
    """Width at fewer than 120 columns, where it differs."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What the detail pane shows of one row: a description in words, not JSON."""

    title: str
    lines: tuple[Line, ...]
    compact: tuple[Line, ...] = ()
    """At most six rows for 80x24; empty takes the head of ``lines``."""
    command: str = ""
    """The ``docker …`` line that makes or shows the same; ``c`` copies it."""


@dataclass(frozen=True, slots=True)
class TableSpec(Generic[R]):
    """A list view. All callables are pure."""

    id: str
    """View id: ``services``."""
    title: str
    kind: Kind | None
    """Kind of its rows where they are objects of the snapshot; decides which actions apply."""
    rows: Callable[[Snapshot, Place], Iterable[R]]
    """All rows in the place's scope, in any order."""
    key: Callable[[R], Key]
    columns: tuple[Column[R], ...]
    subject: Callable[[R], Key | None] | None = None
    """The object that a row is about, where its key is not that object's: one object may have many rows (events,
    ports, findings). What actions act on; ``None`` acts on nothing. Default: the key."""
    row: Callable[[Snapshot, Place, Key], R | None] | None = None
    """One row anew, or ``None`` if it is not (or no longer) in scope; lets a change of one object touch one row.
    Where it is ``None`` the whole table is projected again."""
    affected: Callable[[Snapshot, Place, Changes], Iterable[Key] | None] | None = None
    """Keys of the rows that a change touches, or ``None`` for all. Default: the changed keys of ``kind``."""
    depends: frozenset[Kind] = frozenset()
    """Kinds that rows are made of beside ``kind``; any change of these projects the whole table anew,
    unless ``affected`` says better."""
    order: tuple[str, ...] = ()
    """Ids of the columns of its own order."""
    group: Callable[[R, Moment], str] | None = None
    """Heading a row stands under; groups come in the order of their text, empty first."""
    under: Callable[[R, Moment, int], Sequence[Line]] | None = None
    """Further rows below a row (errors in full), given the width in cells."""
    opened: Callable[[R, Moment, int], Sequence[Line]] | None = None
    """Where it is set, a pane narrower than 100 cells opens the row under the cursor only: these are the rows below
    it, and all others have none."""
    style: Callable[[R, Moment], str] | None = None
    """A style for the whole row (past rows ``faint``), or empty."""
    filters: Mapping[str, Callable[[R, Moment], str]] = field(default_factory=dict)
    """Named fields of the filter language (``state=``, ``label=``, ``node=``)."""
    haystack: Callable[[R, Moment], str] | None = None
    """What a bare word in the filter looks through; default: the texts of all columns."""
    fault: Callable[[R, Moment], bool] | None = None
    """Whether a row is wrong (faults only, ``F2``)."""
    detail: Callable[[R, Moment, int], Detail] | None = None
    """Its detail at a width in cells."""
    note: Callable[[Moment, Place], str] | None = None
    """What the title says beside the count: ``70 on 6 of 8 nodes``."""
    footer: Callable[[Moment, Place, int], Sequence[Line]] | None = None
    """Rows pinned below the list (nodes that were not asked, legends), given the width in cells."""
    empty: tuple[str, str] = ("Nothing here.", "")
    """A bold sentence and a line with the key that helps."""
    empty_here: Callable[[Moment], tuple[str, str] | None] | None = None
    """The same where it depends on what is known; ``None`` is as ever."""
    needs: frozenset[Kind] = frozenset()
    """Kinds that must have been listed before it can say that it is empty; fed to ``Cluster.watch``."""
    manager: bool = False
    """Whether it needs a Swarm manager."""
    follows: bool = False
    """Whether the cursor stays on the first row (the newest, the worst) as long as nobody has moved it; in other
    lists it does so until all that they are made of was listed once."""
    live: bool = True
    """Whether rows show ages, so that visible cells are looked at again as time passes."""
