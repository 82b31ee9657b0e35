"""What stands in the title rule of a list: the path, the filter, how many, in which order. Pure."""

from __future__ import annotations

from typing import Any

from backends.model import Key, Kind, Snapshot
from tui.actions.objects import name_of
from tui.frame import views
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.spec import Moment, TableSpec
from tui.text.ago import clock
from tui.text.span import Line, Span, line

_LIST_OF = {kind: f"{kind.value}s" for kind in Kind}


def path(snapshot: Snapshot, place: Place, title: str) -> Line:
    """``Services › shop_worker › tasks``: the last step is where one is."""
    step: Span = (f" {sym('step')} ", "line")
    if not place.scope:
        # A list narrowed by a word, as the networks of a driver.
        return ((title, ""), step, (place.argument, "")) if place.argument else ((title, ""),)
    first: Key = place.scope[0]
    parts: list[Span] = [(views.title(_LIST_OF[first.kind]), "muted")]
    for key in place.scope:
        parts += [step, (name_of(snapshot, key), "muted")]
    return (*parts, step, (title.lower(), ""))


def filter_part(text: str, edit: LineEdit | None) -> Line:
    """The filter behind the path, with the cursor while it is typed."""
    if edit is not None:
        before, at, after = edit.parts
        return (("  ", "line"), ("/" + before, "accent bold"), (at or " ", "accent reverse"), (after, "accent bold"))
    return (("  ", "line"), (f"/{text}", "accent bold")) if text else ()


def counts(
    spec: TableSpec[Any],
    place: Place,
    moment: Moment,
    *,
    shown: int,
    total: int,
    marked: int,
    sort: tuple[str, bool],
    problem: str = "",
) -> Line:
    """``13 of 14   by name``; with what was not asked, what is marked, and why a filter is not understood."""
    parts: list[Line] = []
    if problem:
        parts.append(((problem, "warn"),))
    if place.faults:
        parts.append((("faults only", "accent"),))
    if marked:
        parts.append(((f"{sym('marked')} {marked:,} marked", "accent"),))
    number = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
    note = spec.note(moment, place) if spec.note is not None else ""
    if note[:1].isdigit():
        # It counts by itself: "7 of the swarm, 4 local".
        parts += [((note, ""),)] if shown == total else [((number, ""),), ((note, "muted"),)]
    else:
        parts.append(((number, ""), (f" {note}" if note else "", "")))
    order = _order(spec, sort)
    if order:
        parts.append(((order, ""),))
    return _spaced(parts)


def _order(spec: TableSpec[Any], sort: tuple[str, bool]) -> str:
    column_id, reverse = sort
    if not column_id:
        column_id = spec.order[0] if spec.order else ""
    column = next((one for one in spec.columns if one.id == column_id), None)
    if column is None:
        return ""
    turned = reverse != column.descending if sort[0] else False
    return f"by {column.title.lower()}" + (f" {sym('sorted-up')}" if turned else "")


def _spaced(parts: list[Line]) -> Line:
    out: list[Span] = []
    for part in parts:
        if out:
            out.append(("   ", "line"))
        out += part
    return tuple(out)


def as_of(when: float, now: float) -> Line:
    """What a stale pane's rule says in place of its counts."""
    return line((f"{sym('look')} as of {clock(when, now)}", "warn bold"))


def stream_ended(moment: Moment) -> Line:
    """What the rule of the events says while the engine is gone."""
    when = clock(moment.snapshot.link.since, moment.now)
    return line((f"{sym('look')} stream ended {when}; replayed on return", "warn"))


def keys(*pairs: tuple[str, str]) -> Line:
    """``d describe  y yaml``: keys bold, words muted."""
    out: list[Span] = []
    for key, word in pairs:
        if not key:
            continue
        if out:
            out.append(("  ", "muted"))
        out += [(key, "strong bold"), (f" {word}", "muted")]
    return tuple(out)
