"""Owns the newest snapshot and the event log; everything that becomes known passes through here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from backends.model import EMPTY, Changes, Event, Snapshot
from backends.state.events import EventRing
from backends.state.fold import Folded, fold
from backends.state.inputs import EngineEvents, Input

_log = logging.getLogger(__name__)


class Store:
    """Folds inputs of any number of engines, and tells listeners what changed. Used from one thread."""

    def __init__(self, snapshot: Snapshot = EMPTY, *, capacity: int = 5000) -> None:
        """``capacity`` is how many events are kept."""
        self.snapshot = snapshot
        self.events = EventRing(capacity)
        self._listeners: list[Callable[[Changes], None]] = []

    def apply(self, inputs: Sequence[Input]) -> Folded:
        """Makes inputs known. Events that were told before, by this or another engine, are left out."""
        new = [self._without_doubles(i) if isinstance(i, EngineEvents) else i for i in inputs]
        folded = fold(self.snapshot, new)
        added = self.events.add(folded.events)
        self.snapshot = folded.snapshot
        changes = replace(folded.changes, events=added)
        if changes:
            self._tell(changes)
        return folded

    def tell(self, changes: Changes) -> None:
        """Tells listeners of a change that is beside the snapshot."""
        self._tell(changes)

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Calls ``listener`` after each change; returns what ends that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def _without_doubles(self, told: EngineEvents) -> EngineEvents:
        known = self.events.has
        new: list[Event] = [e for e in told.events if not known(e)]
        return told if len(new) == len(told.events) else replace(told, events=new)

    def _tell(self, changes: Changes) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:
                # One broken listener must not keep the others, or the next input, from being served.
                _log.exception("a listener failed on a change")
