"""Questions to an engine, and what an agenda remembers of each kind of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from backends.api import Filters
from backends.model import Kind
from backends.state.inputs import Scope

NEVER = float("-inf")


class Ask(NamedTuple):
    """One request. ``scope`` is ``None`` for a whole listing; ``network`` asks for one network's endpoints."""

    kind: Kind
    scope: Scope | None = None
    network: str = ""

    @property
    def filters(self) -> Filters | None:
        """The filters of the request, in the Engine API's words."""
        if self.scope is None:
            return None
        if self.scope.services:
            return {"service": sorted(self.scope.services)}
        if self.kind is Kind.VOLUME:
            return {"name": sorted(id.partition("/")[2] for id in self.scope.ids)}
        return {"id": sorted(self.scope.ids)}


@dataclass(slots=True)
class Turn:
    """When one kind was asked for, and why it is to be asked for again. Times are monotonic seconds."""

    asked: float = NEVER
    whole: float = NEVER
    """When the last whole listing that was answered was asked for."""
    again: bool = False
    """Whether a whole listing is wanted at once."""
    again_since: float = NEVER
    again_newest: float = NEVER
    """When what calls for it was told last: that may not be in an answer yet which the first call is in."""
    dirty: dict[str, float] = field(default_factory=dict)
    """IDs that events told of, each since when."""
    newest: dict[str, float] = field(default_factory=dict)
    """Of these, when the newest event came: that one may not be in an answer yet which the first one is in."""
    busy: bool = False
    size: int = 0
    failures: int = 0
    not_before: float = NEVER

    def want(self, now: float) -> None:
        """A whole listing is called for."""
        if not self.again:
            self.again, self.again_since = True, now
        self.again_newest = now

    def settle_whole(self, settled: float) -> None:
        """A whole listing is asked for now: no other one is wanted, but for what was told after ``settled``."""
        self.settle(tuple(self.dirty), settled)
        self.again = self.again and self.again_newest > settled
        self.again_since = self.again_newest

    def happened(self, id: str, now: float) -> None:
        """An event told of it."""
        self.dirty.setdefault(id, now)
        self.newest[id] = now

    def settle(self, ids: Iterable[str], settled: float) -> None:
        """These are asked for now: clean, but for what happened after ``settled``, which is asked for once more."""
        for id in ids:
            if (newest := self.newest.pop(id, self.dirty.get(id))) is None:
                continue
            if newest > settled:
                self.dirty[id] = self.newest[id] = newest
            else:
                del self.dirty[id]

    def clean(self) -> None:
        """Nothing is known to have happened."""
        self.dirty.clear()
        self.newest.clear()
