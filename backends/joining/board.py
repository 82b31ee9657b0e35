"""The machines that are to join: looked at as they come, joined together, kept as long as the program runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from backends.api import Cluster
from backends.errors import BackendError
from backends.joining.checks import Check, Looked, Mark, judge, worst
from backends.joining.door import Door
from backends.joining.join import LOOK, Joining, Phase, Progress
from backends.joining.preflight import look
from backends.joining.ways import Guest, Ways
from backends.state.clock import Clock, SystemClock

_NOTHING = Looked()


@dataclass(frozen=True, slots=True)
class Row:
    """One machine."""

    id: int
    text: str
    """As it was typed."""
    role: str = "worker"
    looked: Looked = _NOTHING
    checks: tuple[Check, ...] = ()
    since: float = 0.0
    """When it was last begun to be asked, in seconds since the epoch."""
    asking: bool = False
    armed: bool = False
    """It is joined as soon as it is ready: somebody has said so while it was being asked."""
    progress: Progress | None = None

    @property
    def name(self) -> str:
        """Host name where it is known, else as typed."""
        engine = self.looked.engine
        return (engine.name if engine is not None else "") or self.text

    @property
    def standing(self) -> str:
        """``asking``, ``ready``, ``mend`` (only where a person says so), ``refused``, or how its join stands:
        ``joining``, ``joined``, ``pending``, ``failed``, ``ended``."""
        if self.progress is not None:
            words = {Phase.RUNNING: "joining", Phase.REFUSED: "failed"}
            return words.get(self.progress.phase, self.progress.phase.value)
        if self.asking:
            return "asking"
        mark = worst(self.checks)
        return {Mark.STOP: "refused", Mark.FAIL: "mend", Mark.OK: "ready"}.get(mark, "asking")


class Board:
    """Made once for a session. ``told`` is called after each change; all methods belong to one event loop."""

    def __init__(self, cluster: Cluster, ways: Ways, door: Door, *, clock: Clock | None = None) -> None:
        self._cluster, self._ways, self._door = cluster, ways, door
        self._clock = clock or SystemClock()
        self._rows: dict[int, Row] = {}
        self._guests: dict[int, Guest] = {}
        self._joins: dict[int, Joining] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._number = 0
        self.told: Callable[[], None] = lambda: None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All machines, in the order in which they were added; their checks judged as the Swarm is now."""
        managers = sum(row.role == "manager" and row.standing != "joined" for row in self._rows.values())
        return tuple(self._judged(row, managers) for row in self._rows.values())

    @property
    def pending(self) -> tuple[Row, ...]:
        """Joins without a result."""
        return tuple(row for row in self.rows if row.standing == "pending")

    def row(self, id: int) -> Row | None:
        """One machine."""
        return next((row for row in self.rows if row.id == id), None)

    def known(self) -> tuple[str, ...]:
        """Hosts that ssh_config names."""
        return self._ways.known()

    @property
    def asking(self) -> tuple[str, ...]:
        """Logins of the machines that are being asked, as far as they are known."""
        return tuple(self._guests[row.id].login for row in self._rows.values() if row.asking)

    def add(self, text: str, role: str = "worker") -> int:
        """Adds a machine and begins to ask it; one that is there already is asked again. Its id. Raises
        ``Unreachable`` where ``text`` is no machine."""
        text = text.strip()
        for row in self._rows.values():
            if row.text == text:
                self.check(row.id)
                return row.id
        guest = self._ways.guest(text)
        self._number += 1
        self._rows[self._number] = Row(self._number, text, role)
        self._guests[self._number] = guest
        self.check(self._number, again=False)
        return self._number

    def set_role(self, id: int, role: str) -> None:
        """Worker or manager."""
        row = self._rows.get(id)
        if row is not None and row.progress is None:
            self._put(replace(row, role=role))

    async def remove(self, id: int) -> None:
        """Takes it off the list; a join that was sent goes on there."""
        task = self._tasks.pop(id, None)
        if task is not None:
            task.cancel()
        self._rows.pop(id, None)
        self._joins.pop(id, None)
        guest = self._guests.pop(id, None)
        self.told()
        if guest is not None:
            await guest.close()

    def check(self, id: int, *, again: bool = True) -> None:
        """Asks it anew. ``again`` says that a person wants it."""
        row = self._rows.get(id)
        if row is None or row.standing in ("joining", "pending"):
            return
        self._put(replace(row, asking=True, progress=None, looked=Looked(), since=self._clock.time()))
        self._begin(id, self._look(id, again))

    def join(self, id: int) -> None:
        """Joins it, now or as soon as it is ready; one that is not ready only where a person has said so."""
        row = self._rows.get(id)
        if row is None or row.standing in ("joining", "joined", "pending"):
            return
        if row.asking:
            self._put(replace(row, armed=not row.armed))
            return
        self._begin(id, self._join(id))

    def end(self, id: int) -> None:
        """Ends an attempt that goes on by itself."""
        joining = self._joins.get(id)
        if joining is not None:
            self._begin(id, self._end(joining))

    async def aclose(self) -> None:
        """Lets all machines go."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*(guest.close() for guest in self._guests.values()), return_exceptions=True)

    # -- inside -----------------------------------------------------------------------------------------

    def _judged(self, row: Row, managers: int) -> Row:
        if row.progress is not None:
            return row  # its checks are those from before it was joined
        beside = managers - 1 if row.role == "manager" else 0
        return replace(row, checks=judge(row.looked, row.role, self._cluster.snapshot, managers_beside=max(0, beside)))

    def _put(self, row: Row) -> None:
        if row.id in self._rows:
            self._rows[row.id] = row
            self.told()

    def _begin(self, id: int, work: object) -> None:
        before = self._tasks.get(id)
        if before is not None:
            before.cancel()
        self._tasks[id] = asyncio.ensure_future(work)  # type: ignore[call-overload]

    async def _look(self, id: int, again: bool) -> None:
        def told(looked: Looked) -> None:
            if id in self._rows:
                self._put(replace(self._rows[id], looked=looked))

        looked = await look(self._guests[id], self._cluster, self._ways, told, again=again)
        row = self.row(id)
        if row is None:
            return
        ready = replace(self._judged(row, 0), asking=False)
        self._put(replace(self._rows[id], looked=looked, asking=False, armed=False))
        if row.armed and ready.standing == "ready":
            await self._join(id)

    async def _join(self, id: int) -> None:
        row = self.row(id)
        if row is None:
            return
        self._rows[id] = row
        if row.looked.engine is not None:
            self._ways.remember(row.looked.engine.name, row.text)

        def told(progress: Progress) -> None:
            if id in self._rows:
                self._put(replace(self._rows[id], progress=progress))

        uplink = row.looked.facts.uplink if row.looked.facts is not None else ""
        joining = Joining(self._guests[id], self._cluster, self._door, told, uplink, self._clock)
        self._joins[id] = joining
        try:
            progress = await joining.run(row.role)
        except (BackendError, OSError) as error:
            told(Progress(row.role, Phase.REFUSED, sentence=str(error), hint=getattr(error, "hint", "")))
            return
        while progress.phase is Phase.PENDING:
            await joining.look()
            progress = joining.progress
            if progress.phase is Phase.PENDING:
                await self._clock.sleep(LOOK)
            elif progress.phase is Phase.RUNNING:
                await joining.follow()
                progress = joining.progress

    async def _end(self, joining: Joining) -> None:
        try:
            await joining.end()
        except (BackendError, OSError) as error:
            joining.told(replace(joining.progress, sentence=str(error)))
