"""One object in words, over the whole screen: what its detail says, and all the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from backends.api import Interest
from backends.errors import BackendError
from backends.model import ContainerDetail, Key, Kind, LinkState
from backends.wire.decode import container_detail
from tui.bridge import Frame
from tui.details.describe import describe
from tui.frame.states import connecting
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line

#: Kinds that are listed only while something on screen needs them.
_LISTED = frozenset({Kind.CONTAINER, Kind.VOLUME, Kind.IMAGE, Kind.CONFIG, Kind.SECRET})


class DescribePage(TextPage):
    """Its place's last step is the object. Of a container the engine is asked for what its listing leaves out."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "describe", self._lines)
        self._extra: dict[Key, ContainerDetail] = {}
        self._asking: asyncio.Task[None] | None = None

    def _lines(self, moment: Moment, place: Place, width: int) -> Sequence[Line]:
        key = place.scope[-1] if place.scope else None
        found = describe(key, moment, width, self._extra.get(key)) if key else None
        if found is None and key is not None and key.kind in _LISTED and not self._read_all(moment, key.kind):
            return (BLANK, connecting(moment, self.frame_screen.session))
        if found is None:
            return (BLANK, (("It is gone.", "strong bold"),), (("esc", "strong bold"), (" goes back.", "muted")))
        return found.lines

    def _read_all(self, moment: Moment, kind: Kind) -> bool:
        """Whether a kind was read on every node where the object may be: of a container where its task runs."""
        snapshot = moment.snapshot
        if kind not in snapshot.listed:
            return False
        task = next((snapshot.tasks.get(key.id) for key in self.place.scope if key.kind is Kind.TASK), None)
        link = snapshot.links.get(task.node_id) if task is not None else None
        if task is None or task.node_id == snapshot.node_id or not moment.reaching:
            return True
        if link is not None and link.state not in (LinkState.LIVE, LinkState.CONNECTING):
            return True
        return (kind, task.node_id) in snapshot.listed_on

    @property
    def interest(self) -> Interest:
        """The object, whatever list was on screen before; of a task also its container."""
        wanted = super().interest
        kinds, services = wanted.kinds, wanted.services
        for key in self.targets:
            task = self._moment.snapshot.tasks.get(key.id) if self._moment and key.kind is Kind.TASK else None
            if task is not None:
                kinds, services = kinds | {Kind.CONTAINER}, services | {task.service_id}
            elif key.kind in _LISTED:
                kinds |= {key.kind}
        return replace(wanted, kinds=kinds, services=services)

    def open(self, place: Place, moment: Moment) -> None:
        """Another object, or the same one again."""
        super().open(place, moment)
        self._ask()

    def frame(self, frame: Frame) -> None:
        """A container that changed is asked for again."""
        super().frame(frame)
        if frame.changes is not None and frame.changes.keys.intersection(self.targets):
            self._ask()

    def close(self) -> None:
        """An answer that is still to come is not waited for."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _ask(self) -> None:
        self.close()
        key = self.targets[0] if self.targets else None
        if key is not None and key.kind is Kind.CONTAINER:
            self._asking = asyncio.create_task(self._read(key), name=f"inspect {key.id[:12]}")

    async def _read(self, key: Key) -> None:
        try:
            detail = container_detail(await self.frame_screen.cluster.inspect(key))
        except BackendError:
            return  # the listing's own facts are shown all the same
        self._extra = {key: detail}
        if self.is_mounted and key in self.targets:
            self._show()
