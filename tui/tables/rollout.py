"""The replicas of one rollout: each with its tries, what failed in full below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from backends.model import Changes, Key, Kind, Snapshot, Task, Value
from backends.state.wording import short_image
from tui.details.errors import error_text, fingerprint
from tui.details.task import note, task_state, task_state_line
from tui.look.symbols import state
from tui.places import Place
from tui.tables.cells import age_cell, muted, node_cell, node_name
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.fit import line_width, wrap
from tui.text.span import Line

if TYPE_CHECKING:
    # What works rollouts out is read when the first one is shown: every start reads the tables.
    from backends.rollouts.rollout import Lane, Rollout, Step
    from tui.details.rollout_attempt import Words

#: Tries before the present one that have rows of their own.
TRIES = 3


class AttemptRow(Value, frozen=True, kw_only=True):
    """One task of a replica: a try that failed, or the present one."""

    task: Task
    slot: int
    node_id: str
    step: Step
    number: int
    """Which try it is, 0 of a task from before."""
    first: bool
    """Whether it is the first row of its replica."""
    error: str = ""
    told: str = ""
    """Where the same error is told already."""
    same: int = 1
    """Tries in a row with this error, this one the newest."""

    @property
    def key(self) -> Key:
        """The task's."""
        return self.task.key


def attempts(run: Rollout) -> list[AttemptRow]:
    """The rows of a rollout, by replica, the oldest try first."""
    rows: list[AttemptRow] = []
    told: dict[str, str] = {}
    for lane in run.lanes:
        rows += _of_lane(lane, run, told)
    return rows


def _of_lane(lane: Lane, run: Rollout, told: dict[str, str]) -> list[AttemptRow]:
    from backends.rollouts.rollout import Step

    tries = [*lane.tried, *((lane.current,) if lane.current is not None else ())]
    number, rows = 0, list[AttemptRow]()
    groups = _alike(tries)
    for index, group in enumerate(groups):
        task, number = group[-1], number + len(group)
        if index < len(groups) - 1 - TRIES:
            continue
        text = _error(task)
        print_ = fingerprint(text)
        who = f"slot {lane.slot}" if lane.slot else "the node above"
        rows.append(
            AttemptRow(
                task=task,
                slot=lane.slot,
                node_id=lane.node_id,
                step=lane.step if task is lane.current else Step.FAILED,
                number=number if run.sides.fresh(task) else 0,
                first=not rows,
                same=len(group),
                error=text,
                told=told.get(print_, "") if text else "",
            )
        )
        if text:
            told.setdefault(print_, who)
    return rows


def _error(task: Task) -> str:
    return error_text(task) if task.failed or task.state == "pending" else ""


def _alike(tries: Sequence[Task]) -> list[list[Task]]:
    """Tries in a row that failed with one error are one: what is tried for ever would hide the rest."""
    groups: list[list[Task]] = []
    for task in tries:
        print_ = fingerprint(_error(task))
        if groups and print_ and task.failed and fingerprint(_error(groups[-1][-1])) == print_:
            groups[-1].append(task)
        else:
            groups.append([task])
    return groups


def _lane_of(row: AttemptRow, run: Rollout) -> Lane:
    from backends.rollouts.rollout import Lane

    found = (lane for lane in run.lanes if lane.slot == row.slot and (lane.slot or lane.node_id == row.node_id))
    return next(found, Lane(row.slot, row.node_id, row.step, row.task))


def _under(row: AttemptRow, moment: Moment, cells: int) -> Sequence[Line]:
    """The whole error, or what a try waits for."""
    often = f"{row.same} tries" if row.same > 1 else ""
    if row.error and row.told:
        return (((", ".join(filter(None, ("same error as " + row.told, often))), "muted"),),)
    if row.error:
        tone = "warn" if row.task.state == "pending" else "err"
        rows: list[Line] = [((part, tone),) for part in wrap(row.error, cells)]
        if often and line_width(rows[-1]) + len(often) + 3 <= cells:
            return [*rows[:-1], (*rows[-1], (f"   {often}", "muted"))]
        return [*rows, ((often, "muted"),)] if often else rows
    said = note(row.task, moment) if row.number > 1 and row.step in ("again", "starting") else ""
    return [((part, "muted"),) for part in wrap(said, cells)]


def _slot_sort(row: AttemptRow, moment: Moment) -> tuple[float, str, float]:
    name = "" if row.slot else node_name(moment.snapshot, row.node_id)
    return (float(row.slot), name, row.task.created or 0.0)


def _health(row: AttemptRow, moment: Moment) -> Line:
    container = moment.snapshot.containers.get(row.task.container_id)
    word = container.health if container is not None and not row.task.is_over else ""
    return state(word) if word and word != "none" else muted("-")


def _step(row: AttemptRow, moment: Moment) -> Line:
    from tui.details.rollout import step_line

    return step_line(row.step)


def _step_sort(row: AttemptRow, moment: Moment) -> int:
    return list(type(row.step)).index(row.step)


def _image(row: AttemptRow, moment: Moment) -> Line:
    from tui.details.rollout import tag

    # Two repositories may have the same tag: the name tells them apart then.
    service = moment.snapshot.services.get(row.task.service_id)
    own = short_image(row.task.image)
    others = () if service is None else (service.image, service.previous_image)
    alike = any(other and short_image(other) != own and tag(other) == tag(row.task.image) for other in others)
    text = own.rpartition("/")[2] if alike else tag(row.task.image)
    return ((text, "" if row.number else "muted"),)


_COLUMNS: tuple[Column[AttemptRow], ...] = (
    Column(
        "slot",
        "SLOT",
        4,
        lambda r, m: (str(r.slot) if r.slot else "-") if r.first else "",
        _slot_sort,
        keep=True,
        sort_key="N",
    ),
    Column("step", "STEP", 11, _step, _step_sort, keep=True, sort_key="S"),
    Column(
        "node",
        "NODE",
        12,
        lambda r, m: node_cell(r.task.node_id, m) if r.task.node_id else muted("none yet"),
        lambda r, m: node_name(m.snapshot, r.task.node_id),
        cut="m",
        keep=True,
        sort_key="O",
        narrow=10,
    ),
    Column(
        "image",
        "IMAGE",
        14,
        _image,
        lambda r, m: r.task.image,
        cut="m",
        keep=True,
        sort_key="I",
        narrow=10,
    ),
    Column(
        "state", "STATE", 13, lambda r, m: task_state_line(r.task, m), lambda r, m: task_state(r.task, m), keep=True
    ),
    Column("since", "FOR", 5, lambda r, m: age_cell(r.task.since, m), lambda r, m: -(r.task.since or 0.0), align="r"),
    Column("health", "HEALTH", 12, _health, drop=1),
)


def rollout_table(
    run_of: Callable[[Snapshot, str], Rollout | None], words: Callable[[], Words] = dict
) -> TableSpec[AttemptRow]:
    """The list of a place's service. ``run_of`` works a rollout out, ``words`` gives the logs that were read."""

    def service_of(place: Place) -> str:
        return place.scope[-1].id if place.scope and place.scope[-1].kind is Kind.SERVICE else ""

    def rows(snapshot: Snapshot, place: Place) -> Iterable[AttemptRow]:
        run = run_of(snapshot, service_of(place))
        return attempts(run) if run is not None else ()

    def row(snapshot: Snapshot, place: Place, key: Key) -> AttemptRow | None:
        return next((one for one in rows(snapshot, place) if one.key == key), None)

    def affected(snapshot: Snapshot, place: Place, changes: Changes) -> Iterable[Key] | None:
        wanted = service_of(place)
        for key in changes.keys:
            if key.id == wanted or key.kind is Kind.NODE:
                return None
            if key.kind in (Kind.TASK, Kind.CONTAINER):
                here = snapshot.tasks if key.kind is Kind.TASK else snapshot.containers
                found = here.get(key.id)
                # One that is gone may have been ours.
                if found is None or found.service_id == wanted:
                    return None
        return ()

    def detail(row: AttemptRow, moment: Moment, cells: int) -> Detail:
        run = run_of(moment.snapshot, row.task.service_id)
        if run is None:
            return Detail("", ())
        from tui.details.rollout_attempt import attempt_detail

        return attempt_detail(_lane_of(row, run), row.task, row.number, run, moment, cells, words())

    return TableSpec(
        id="rollout",
        title="Update",
        kind=Kind.TASK,
        rows=rows,
        row=row,
        key=lambda r: r.key,
        affected=affected,
        columns=_COLUMNS,
        order=("slot",),
        under=_under,
        style=lambda r, m: "faint" if r.task.is_over and not r.task.failed and r.step == "failed" else "",
        filters={
            "slot": lambda r, m: str(r.slot),
            "step": lambda r, m: str(r.step),
            "node": lambda r, m: node_name(m.snapshot, r.task.node_id),
            "state": lambda r, m: task_state(r.task, m),
            "error": lambda r, m: r.error,
            "id": lambda r, m: r.task.id,
        },
        haystack=lambda r, m: f"{r.slot} {r.step} {node_name(m.snapshot, r.task.node_id)} {r.task.image} {r.error}",
        fault=lambda r, m: r.step in ("failed", "pending", "goes back"),
        detail=detail,
        empty=("No replica of it is known yet.", "The service is scaled to 0, or its tasks are being read."),
        needs=frozenset({Kind.SERVICE, Kind.NODE}),
        manager=True,
    )


def _plain(snapshot: Snapshot, service_id: str) -> Rollout | None:
    from backends.rollouts.rollout import rollout

    service = snapshot.services.get(service_id)
    return rollout(service, snapshot, snapshot.taken) if service is not None else None


#: Worked out from the snapshot alone; the page has one that knows the present, the events and the logs.
ROLLOUT: TableSpec[AttemptRow] = rollout_table(_plain)
