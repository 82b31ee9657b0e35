"""Nodes that could not be asked: part of the answer of every list that each node has its own part of."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Kind, LinkState, Snapshot
from backends.state.relations import relations
from tui.details.reach import is_silent, missing_line
from tui.places import Place
from tui.tables.spec import Moment
from tui.text.ago import plural
from tui.text.fit import cut_line, fit, line_width
from tui.text.span import Line

#: Rows at most: of hundreds of nodes without SSH the first say enough. A list of few lines has no place for more
#: than three (``Listing``), and the last of them must be the one that counts the others.
MOST = 4
_MOST_NARROW = 3
_NARROW = 100


def asked_note(moment: Moment, place: Place) -> str:
    """``on 6 of 8 nodes``; empty where there is one node, or the list is of one node."""
    snapshot = moment.snapshot
    if len(snapshot.nodes) < 2 or (place.scope and place.scope[-1].kind is Kind.NODE):
        return ""
    live = sum(1 for i, link in snapshot.links.items() if i in snapshot.nodes and link.state is LinkState.LIVE)
    return f"on {1 + live} of {len(snapshot.nodes)} nodes"


def silent_style(node_id: str, moment: Moment) -> str:
    """What a silent node has is shown as it was, ``faint``."""
    return "faint" if is_silent(node_id, moment) else ""


def unasked_rows(moment: Moment, place: Place, kind: Kind, cells: int) -> Sequence[Line]:
    """The nodes that could not be asked, each with its reason, and the key that helps at the end of its row: those that
    wait for an answer first, then the worst; in a scope those that it may concern."""
    snapshot = moment.snapshot
    rows: list[tuple[int, str, tuple[Line, Line]]] = []
    never: list[str] = []
    for node in snapshot.nodes.values():
        link = snapshot.links.get(node.id)
        if node.id == snapshot.node_id or (link is not None and link.state is LinkState.LIVE):
            continue
        if not _concerns(node.id, place):
            continue
        if link is None:
            never.append(node.name)
            continue
        rank, why, key = missing_line(node, moment, _held(node.id, snapshot, kind))
        rows.append((rank, node.name, (why, key)))
    rows.sort(key=lambda row: row[:2])
    most = MOST if cells >= _NARROW else _MOST_NARROW
    shown = rows if len(rows) <= most else rows[: most - 1]
    out = [_fitted(why, key, cells) for _, _, (why, key) in shown]
    if len(rows) > len(shown):
        words = f"  {plural(len(rows) - len(shown), 'more node')}"
        out.append(_fitted(((words, "muted"),), ((moment.hint("2"), "strong bold"), (" shows them", "muted")), cells))
    if never:
        names = ", ".join(sorted(never)[:MOST]) + (f" and {len(never) - MOST} more" if len(never) > MOST else "")
        out.append(cut_line((("? ", "muted"), (f"not asked: {names}", "muted")), cells))
    return out


def _concerns(node_id: str, place: Place) -> bool:
    scope = place.scope[-1] if place.scope else None
    return scope is None or scope.kind is not Kind.NODE or scope.id == node_id


def _held(node_id: str, snapshot: Snapshot, kind: Kind) -> str:
    count = 0
    match kind:
        case Kind.CONTAINER:
            count = len(relations(snapshot).containers_on(node_id))
        case Kind.VOLUME:
            count = sum(1 for volume in snapshot.volumes.values() if volume.node_id == node_id)
        case Kind.IMAGE:
            count = sum(1 for image in snapshot.images.values() if image.node_id == node_id)
    return plural(count, kind.value) if count else ""


def _fitted(why: Line, key: Line, cells: int) -> Line:
    """The reason gives way to the key."""
    room = cells - line_width(key) - (3 if key else 0)
    if room < 20 or not key:
        return cut_line(why, cells)
    return (*fit(cut_line(why, room), room), ("   ", ""), *key)
