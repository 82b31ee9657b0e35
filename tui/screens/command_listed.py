"""What names at the ``:`` line are completed from, beside what the list on screen keeps up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from backends.errors import BackendError
from backends.model import Kind, Snapshot

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class Listed:
    """Kinds that were listed for one line: each once, however much is typed."""

    def __init__(self) -> None:
        self._found: dict[Kind, Mapping[str, Any]] = {}
        self._asked: set[Kind] = set()

    def within(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with them; a kind that it has itself is left alone."""
        more: dict[str, Any] = {
            f"{kind.value}s": found for kind, found in self._found.items() if kind not in snapshot.listed
        }
        return replace(snapshot, **more) if more else snapshot

    def want(self, kind: Kind, screen: MainScreen, told: Callable[[], None]) -> None:
        """Lists a kind in the background, once; ``told`` is called when it has come."""
        if kind not in self._asked:
            self._asked.add(kind)
            screen.begin(self._know(kind, screen, told), f"{kind.value}s")

    async def _know(self, kind: Kind, screen: MainScreen, told: Callable[[], None]) -> None:
        try:
            found: list[Any] = list(await screen.cluster.engine.list(kind))
        except BackendError:
            return  # a name can be typed all the same
        self._found[kind] = MappingProxyType({thing.key.id: thing for thing in found})
        told()
