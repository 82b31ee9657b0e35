"""The list of rollouts: services that are updating, paused, rolled back or were changed lately, whoever did it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backends.model import Changes, Key, Kind, Service, Snapshot, Value
from backends.rollouts.recent import is_recent, recent
from tui.look.symbols import gauge
from tui.places import Place
from tui.tables.cells import age_cell, stack_name
from tui.tables.services import affected_services
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.span import Line, line, plain

if TYPE_CHECKING:
    # What works rollouts out is read when the first one is shown: every start reads the tables.
    from backends.rollouts.rollout import Rollout

#: What goes on or waits for a person comes first.
_ORDER = ("updating", "rolling back", "paused", "rollback paused", "failed", "starting", "rolled back", "done")
_BAR = 12


class RolloutRow(Value, frozen=True, kw_only=True):
    """One service with a rollout."""

    service: Service

    @property
    def key(self) -> Key:
        """The service's."""
        return self.service.key


_KNOWN: dict[str, tuple[Service, Snapshot, int, Rollout]] = {}


def stand(service: Service, moment: Moment) -> Rollout:
    """Its rollout now; worked out once for all cells of a row."""
    from backends.rollouts.rollout import rollout

    known = _KNOWN.get(service.id)
    second = int(moment.now)
    if known is None or known[0] is not service or known[1] is not moment.snapshot or known[2] != second:
        if len(_KNOWN) > 256:
            _KNOWN.clear()
        known = _KNOWN[service.id] = (service, moment.snapshot, second, rollout(service, moment.snapshot, moment.now))
    return known[3]


def _rows(snapshot: Snapshot, place: Place) -> Iterable[RolloutRow]:
    return [RolloutRow(service=service) for service in recent(snapshot, snapshot.taken)]


def _row(snapshot: Snapshot, place: Place, key: Key) -> RolloutRow | None:
    service = snapshot.services.get(key.id)
    return RolloutRow(service=service) if service is not None and is_recent(service, snapshot.taken) else None


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    return affected_services(snapshot, place, changes)


def _last(row: RolloutRow) -> float:
    """When it began; of one that has ended when that was."""
    update = row.service.update
    if update is not None and update.started is not None and update.completed is None:
        return update.started
    times = (row.service.updated, update.started if update else None, update.completed if update else None)
    return max((at for at in times if at is not None), default=0.0)


def _state(row: RolloutRow, moment: Moment) -> Line:
    from tui.details.rollout import phase_line

    return phase_line(stand(row.service, moment))


def _change(row: RolloutRow, moment: Moment) -> Line:
    from tui.details.rollout import change_line

    return change_line(stand(row.service, moment))


def _progress(row: RolloutRow, moment: Moment) -> Line:
    from tui.details.rollout import counts_line

    run = stand(row.service, moment)
    tone = "ok" if run.done and run.phase in ("updating", "done") else ""
    counts = counts_line(run, short=True) if run.known else line(f"{run.done} of {run.wanted} run")
    return line(gauge(run.done, max(1, run.wanted), _BAR, tone), " ", counts)


def _failures(row: RolloutRow, moment: Moment) -> Line:
    from tui.details.rollout import failures_line

    run = stand(row.service, moment)
    return failures_line(run) if run.phase.moves or run.failures else ()


def _detail(row: RolloutRow, moment: Moment, cells: int) -> Detail:
    from tui.details.rollout_attempt import rollout_detail

    return rollout_detail(stand(row.service, moment), moment, cells)


def _fault(row: RolloutRow, moment: Moment) -> bool:
    run = stand(row.service, moment)
    return run.phase not in ("updating", "starting", "done") or bool(run.failures)


ROLLOUTS: TableSpec[RolloutRow] = TableSpec(
    id="rollouts",
    title="Rollouts",
    kind=Kind.SERVICE,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    columns=(
        Column(
            "name",
            "SERVICE",
            22,
            lambda r, m: stack_name(r.service.name, r.service.stack, False),
            lambda r, m: r.service.name,
            cut="m",
            keep=True,
            sort_key="N",
            narrow=16,
        ),
        Column(
            "state",
            "STATE",
            17,
            _state,
            lambda r, m: (_ORDER.index(str(stand(r.service, m).phase)), -_last(r)),
            keep=True,
            sort_key="S",
            narrow=14,
        ),
        Column(
            "progress",
            "PROGRESS",
            26,
            _progress,
            lambda r, m: -stand(r.service, m).left,
            keep=True,
            sort_key="P",
            narrow=26,
        ),
        Column(
            "failures",
            "FAILURES",
            38,
            _failures,
            lambda r, m: -stand(r.service, m).failures,
            wide=True,
        ),
        Column("change", "CHANGE", 0, _change, lambda r, m: r.service.image, drop=2),
        Column(
            "since",
            "SINCE",
            5,
            lambda r, m: age_cell(_last(r), m),
            lambda r, m: -_last(r),
            align="r",
            sort_key="B",
            drop=3,
        ),
    ),
    order=("state",),
    filters={
        "name": lambda r, m: r.service.name,
        "state": lambda r, m: str(stand(r.service, m).phase),
        "image": lambda r, m: r.service.image,
        "stack": lambda r, m: r.service.stack,
        "id": lambda r, m: r.service.id,
    },
    haystack=lambda r, m: f"{r.service.name} {stand(r.service, m).phase} {plain(_change(r, m))}",
    fault=_fault,
    detail=_detail,
    empty=("Nothing is updating, and nothing was changed in the last hour.", "i in Services sets an image, s scales."),
    needs=frozenset({Kind.SERVICE}),
    manager=True,
)
