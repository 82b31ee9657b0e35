"""The one way in which a snapshot becomes the next: pure, from inputs to a new value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from msgspec.structs import replace

from backends.model import Changes, ClockOffset, EngineInfo, Event, EventSource, Key, Kind, Network, Snapshot
from backends.state.draft import Draft
from backends.state.fold_events import fold_events
from backends.state.fold_listings import fold_listing
from backends.state.inputs import (
    LOCAL_KINDS,
    SWARM_KINDS,
    ClockChanged,
    ClockMeasured,
    Dirty,
    EngineEvents,
    EngineTold,
    Gap,
    Input,
    Inspected,
    LinkChanged,
    Listing,
    ManagerTrouble,
    StreamMark,
    SwarmTold,
)
from backends.state.wording import duration


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch of inputs came to."""

    snapshot: Snapshot
    """The very same object where nothing changed."""
    changes: Changes
    events: tuple[Event, ...]
    """For the event log, in the order of the inputs: engine events with their text, derived ones, marks."""
    dirty: frozenset[Dirty]
    """What must be asked for again."""


def fold(snapshot: Snapshot, inputs: Sequence[Input]) -> Folded:
    """Applies inputs in order. Never changes what it is given; folding one by one comes to the same."""
    draft = Draft(snapshot)
    for one in inputs:
        _fold(draft, one)
    result = draft.snapshot()
    return Folded(result, draft.changes(), tuple(draft.events), frozenset(draft.dirty))


def _fold(draft: Draft, one: Input) -> None:
    match one:
        case EngineEvents():
            fold_events(draft, one.events, replay=one.replay)
        case Listing():
            fold_listing(draft, one)
        case EngineTold():
            _engine(draft, one)
        case SwarmTold():
            if draft.field("swarm") != one.swarm:
                draft.set("swarm", one.swarm)
                draft.changed(one.swarm.key)
            draft.touch(one.at)
        case Inspected():
            _inspected(draft, one)
        case LinkChanged():
            _link(draft, one)
        case ManagerTrouble():
            if draft.field("manager_problem") != one.text:
                draft.set("manager_problem", one.text)
                draft.linked()
        case ClockChanged():
            _clock(draft, one)
        case ClockMeasured():
            _measured(draft, one)
        case StreamMark():
            draft.events.append(_mark(one))
        case Gap():
            draft.events.append(replace(_gap(one), ahead=draft.ahead(one.node_id)))
        case _:
            assert_never(one)


def _link(draft: Draft, one: LinkChanged) -> None:
    if not one.node_id:
        if draft.field("link") != one.link:
            draft.set("link", one.link)
            draft.linked()
    elif draft.field("links").get(one.node_id) != one.link:
        draft.map("links")[one.node_id] = one.link
        draft.linked()


def _engine(draft: Draft, one: EngineTold) -> None:
    draft.touch(one.at)
    info = one.info
    if not one.primary:
        known: EngineInfo | None = draft.field("engines").get(info.swarm.node_id)
        if known is None or not _same_but_clock(known, info):
            draft.map("engines")[info.swarm.node_id] = info
            draft.changed(info.key)
            draft.linked()
        return
    known = draft.field("engine")
    # Its clock always differs, and is not worth a new snapshot.
    if known is not None and _same_but_clock(known, info):
        return
    draft.set("engine", info)
    draft.changed(info.key)
    draft.linked()
    if known is None:
        return
    if known.swarm.node_id != info.swarm.node_id:
        _forget_local(draft, known.swarm.node_id, info.swarm.node_id)
    was, now = known.swarm, info.swarm
    if was.state not in ("", "inactive") and (
        now.state in ("", "inactive") or (now.cluster_id and was.cluster_id and now.cluster_id != was.cluster_id)
    ):
        _forget_swarm(draft)


def _same_but_clock(known: EngineInfo, info: EngineInfo) -> bool:
    return replace(known, system_time=info.system_time, clock=info.clock) == info


def _forget_local(draft: Draft, old: str, new: str) -> None:
    """This engine joined or left: its objects are known under another node id from now on."""
    for kind in LOCAL_KINDS:
        for id, value in list(draft.all(kind).items()):
            if getattr(value, "node_id", "") == old and not (isinstance(value, Network) and value.is_swarm):
                draft.drop(kind, id)
        if (kind, old) in draft.field("listed_on"):
            del draft.map("listed_on")[kind, old]
            draft.dirty.add(Dirty(kind, "whole", "", new))


def _forget_swarm(draft: Draft) -> None:
    """What belonged to the Swarm that this engine is no longer part of."""
    for kind in SWARM_KINDS:
        if draft.all(kind):
            for id in list(draft.all(kind)):
                draft.drop(kind, id)
        if kind in draft.field("listed"):
            del draft.map("listed")[kind]
    for id, network in list(draft.networks.items()):
        if network.is_swarm:
            draft.drop(Kind.NETWORK, id)
    if draft.field("tasks_of"):
        draft.map("tasks_of").clear()
    if (swarm := draft.field("swarm")) is not None:
        draft.set("swarm", None)
        draft.changed(swarm.key)


def _clock(draft: Draft, one: ClockChanged) -> None:
    """Times of before the change are no measure for what comes: none may be later than now."""
    names = ("listed_on", "as_of", "listed", "tasks_of") if one.primary else ("listed_on", "as_of")
    for name in names:
        late = [key for key, at in draft.field(name).items() if at > one.at]
        if name == "listed_on":
            late = [key for key in late if key[1] == one.node_id]
        for key in late:
            draft.map(name)[key] = one.at


def _measured(draft: Draft, one: ClockMeasured) -> None:
    old: ClockOffset | None = draft.field("clocks").get(one.node_id)
    if old == one.clock:
        return
    draft.map("clocks")[one.node_id] = one.clock
    # What people are told of it is in whole seconds.
    if abs((old.counted if old is not None else 0.0) - one.clock.counted) >= 1.0:
        draft.linked()


def _inspected(draft: Draft, one: Inspected) -> None:
    key = Key(Kind.NETWORK, one.network.id)
    told = draft.told(key)
    if told is not None and told > one.at:
        if draft.get(*key) is not None:
            draft.dirty.add(Dirty(Kind.NETWORK, "endpoints", key.id, one.node_id))
        return
    network = one.network
    old = draft.networks.get(network.id)
    if old is not None and network.is_swarm:
        # Each node knows its own endpoints only; those that others told of stay.
        others = tuple(e for e in old.endpoints if e.node_id != one.node_id)
        network = replace(network, endpoints=others + network.endpoints)
    if network != old:
        draft.put(Kind.NETWORK, network.id, network)
    draft.mark(key, one.at)
    draft.touch(one.at)


def _mark(one: StreamMark) -> Event:
    return Event(
        time=one.at,
        time_nano=int(one.at * 1e9),
        source=EventSource.STREAM,
        type="stream",
        action="ended" if one.ended else "back",
        node_id=one.node_id,
        text=one.text,
        severity="warn" if one.ended else "ok",
    )


def _gap(one: Gap) -> Event:
    text = one.text or f"events of {duration(one.end - one.start)} may be missing"
    return Event(
        time=one.end,
        time_nano=int(one.end * 1e9),
        source=EventSource.GAP,
        type="stream",
        action="gap",
        node_id=one.node_id,
        attributes={"start": repr(one.start), "end": repr(one.end)},
        text=text,
        severity="warn",
    )
