"""Folding of listings: what is in one replaces what was known, what is not in it is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, cast

from msgspec.structs import replace

from backends.model import Container, Key, Kind, Network, Task, Value
from backends.state.draft import Draft
from backends.state.inputs import LOCAL_KINDS, Dirty, Listing
from backends.state.tasks import derived

V = TypeVar("V", bound=Value)

#: Marks of objects that went are kept for this long beyond a listing, for those of other nodes under way.
_KEPT = 60.0


def fold_listing(draft: Draft, listing: Listing) -> None:
    """Applies one answer. Objects that an event, or a later answer, told of since it was asked are not put
    back to what they were."""
    if listing.kind is Kind.TASK:
        _tasks(draft, listing)
    else:
        _objects(draft, listing)
    draft.touch(listing.at)


def _id(item: Value) -> str:
    return cast(str, getattr(item, "id"))  # noqa: B009 - every listed value has one, which Value does not say


def _objects(draft: Draft, listing: Listing) -> None:
    kind, at = listing.kind, listing.at
    if not listing.complete:
        assert listing.scope is not None
        for item in listing.items:
            if _id(item) in listing.scope.ids:
                _take(draft, listing, item)
                draft.mark(Key(kind, _id(item)), at)
        present = {_id(item) for item in listing.items}
        for id in listing.scope.ids - present:
            if _speaks_for(draft, listing, draft.get(kind, id)) and not _later(draft, Key(kind, id), at):
                draft.drop(kind, id)
        return
    before = draft.listed(kind, listing.node_id, swarm=kind not in LOCAL_KINDS)
    if before is not None and before > at:
        return
    if draft.all(kind):
        for item in listing.items:
            _take(draft, listing, item)
    else:
        # The first of a kind may be ten thousand, and nothing is there that they could differ from.
        draft.fill(kind, [item for item in listing.items if not _later(draft, Key(kind, _id(item)), at)])
    present = {_id(item) for item in listing.items}
    known = draft.all(kind).items()
    if kind in LOCAL_KINDS and kind is not Kind.NETWORK:
        # Of hundreds of nodes each lists its own: those of the others are passed over quickly.
        node_id = listing.node_id
        gone = [i for i, value in known if getattr(value, "node_id", "") == node_id and i not in present]
    else:
        gone = [i for i, value in known if i not in present and _speaks_for(draft, listing, value)]
    for id in gone:
        if not _later(draft, Key(kind, id), at):
            draft.drop(kind, id)
    _listed(draft, listing)
    as_of = draft.field("as_of")
    done = [key for key, told in as_of.items() if key.kind is kind and told <= at - _KEPT]
    done += [key for key, told in as_of.items() if key.kind is kind and told <= at and key.id in present]
    for key in done:
        draft.map("as_of").pop(key, None)


def _listed(draft: Draft, listing: Listing) -> None:
    kind, at = listing.kind, listing.at
    listed = draft.field("listed")
    if kind not in listed:
        draft.listed_first(kind)
    if listed.get(kind, 0.0) < at:
        draft.map("listed")[kind] = at
    if kind in LOCAL_KINDS and draft.field("listed_on").get((kind, listing.node_id)) != at:
        draft.map("listed_on")[kind, listing.node_id] = at


def _later(draft: Draft, key: Key, at: float) -> bool:
    told = draft.told(key)
    return told is not None and told > at


def _speaks_for(draft: Draft, listing: Listing, known: Value | None) -> bool:
    """Whether the absence of ``known`` from the listing means that it is gone."""
    if known is None:
        return False
    if listing.kind not in LOCAL_KINDS:
        return listing.authority
    if isinstance(known, Network) and known.is_swarm:
        return listing.authority
    return getattr(known, "node_id", "") == listing.node_id


def _take(draft: Draft, listing: Listing, item: Value) -> None:
    kind, id, at = listing.kind, _id(item), listing.at
    old = draft.get(kind, id)
    later = _later(draft, Key(kind, id), at)
    if old is None:
        if not later:
            draft.put(kind, id, item)
        return
    if isinstance(item, Container) and isinstance(old, Container):
        _container(draft, old, item, listing, later)
        return
    if later or getattr(item, "version", 0) < getattr(old, "version", 0):
        return
    if isinstance(item, Network) and isinstance(old, Network):
        if item.is_swarm and not listing.authority:
            return
        if old.inspected and not item.inspected:
            item = replace(item, endpoints=old.endpoints, peers=old.peers, inspected=True)
    if item != old:
        draft.put(kind, id, item)


# -- containers -----------------------------------------------------------------------------------------


def _container(draft: Draft, old: Container, new: Container, listing: Listing, later: bool) -> None:
    if later:
        # Events have told its state since; what they do not carry may be taken, but also may be older.
        new = replace(
            new,
            name=old.name,
            state=old.state,
            started=old.started,
            health=old.health,
            exit_code=old.exit_code,
            status=old.status,
        )
        if new != old:
            draft.dirty.add(Dirty(Kind.CONTAINER, "id", old.id, old.node_id))
    elif old.state == new.state and _same_start(old.started, new.started, listing.at):
        new = replace(new, started=old.started)
    if new == old:
        return
    # The engine's words are counted up with time ("Up 3 minutes"): that is no change of the container.
    quiet = new.status != old.status and replace(new, status=old.status) == old
    draft.put(Kind.CONTAINER, new.id, new, quiet=quiet)


def _same_start(old: float | None, new: float | None, at: float) -> bool:
    """Whether a start computed from words as coarse as "Up 3 days" may be the one that is known."""
    if old is None or new is None:
        return old is new
    age = at - new
    for limit, unit in ((60.0, 2.0), (3600.0, 61.0), (2 * 86400.0, 3700.0), (14 * 86400.0, 90000.0)):
        if age < limit:
            return abs(old - new) <= unit
    return abs(old - new) <= max(8 * 86400.0, age * 0.6)


# -- tasks ----------------------------------------------------------------------------------------------


def _tasks(draft: Draft, listing: Listing) -> None:
    at = listing.at
    before = draft.field("tasks_of")
    whole_before = draft.field("listed").get(Kind.TASK)
    if listing.complete and whole_before is not None and whole_before > at:
        return
    asked = listing.scope.services if listing.scope is not None else None
    items = cast(Iterable[Task], listing.items)
    # A later answer about one service is not undone by an earlier one about all.
    tasks = [t for t in items if (asked is None or t.service_id in asked) and before.get(t.service_id, 0.0) <= at]
    old_tasks = draft.tasks
    differing: list[tuple[Task | None, Task]] = []
    for task in tasks:
        old = old_tasks.get(task.id)
        if old is None or (task != old and task.version >= old.version):
            differing.append((old, task))
    for _, task in differing:
        draft.put(Kind.TASK, task.id, task)
    told = [(o, t) for o, t in differing if whole_before is not None or t.service_id in before]
    draft.events += derived(draft, told, at)
    present = {t.id for t in tasks}
    gone = [
        t.id
        for t in old_tasks.values()
        if t.id not in present and (asked is None or t.service_id in asked) and before.get(t.service_id, 0.0) <= at
    ]
    for id in gone:
        draft.drop(Kind.TASK, id)
    if asked is None:
        names = {t.service_id for t in tasks} | draft.services.keys()
        _listed(draft, listing)
    else:
        names = set(asked)
    if any(before.get(name, 0.0) < at for name in names):
        tasks_of = draft.map("tasks_of")
        tasks_of.update({name: at for name in names if tasks_of.get(name, 0.0) < at})
    if asked is None and Kind.SERVICE in draft.field("listed"):
        for name in [n for n in draft.field("tasks_of") if n not in draft.services and n not in names]:
            del draft.map("tasks_of")[name]
