"""Where the user is, as a value: what history walks, what the frame shows, what a start option names."""

from __future__ import annotations

from dataclasses import dataclass

from backends.model import Key


@dataclass(frozen=True, slots=True)
class Place:
    """One thing to look at.

    ``view`` is the id of a registered view (``services``, ``overview``, ``logs``, ``yaml``, …). ``scope`` is the
    path of objects drilled through, outermost first: ``Place("tasks", (service key,))`` shows the tasks of one
    service. ``cursor`` is the object under the cursor, so that coming back finds it again.
    """

    view: str
    scope: tuple[Key, ...] = ()
    filter: str = ""
    sort: str = ""
    """Id of a column; empty is the view's own order."""
    reverse: bool = False
    faults: bool = False
    """Only what is wrong."""
    cursor: Key | None = None
    argument: str = ""
    """What a page needs beside its scope, e.g. the driver in ``drivers``."""
