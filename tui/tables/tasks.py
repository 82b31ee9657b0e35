"""The lists of tasks: of the whole Swarm, of a node, and by slot of one service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backends.model import Changes, Key, Kind, Snapshot, Task, Value
from backends.state.relations import relations
from backends.state.wording import short_image
from tui.details.errors import error_text, fingerprint, happened
from tui.details.task import note, task_detail, task_name, task_state, task_state_line
from tui.places import Place
from tui.tables.cells import age_cell, age_sort, image_cell, labels_text, muted, node_cell, node_name, state_sort
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.fit import width, wrap
from tui.text.span import Line

#: An error up to this length stands in the ERROR column; longer ones get rows of their own below.
SHORT = 23


class TaskRow(Value, frozen=True, kw_only=True):
    """One task, and how it stands among those of its service."""

    task: Task
    name: str
    """``shop_worker.3``."""
    past: bool
    """Whether another task has its slot now, or none is meant to."""
    error: str = ""
    """The error to be told in full: its own, or of a task that is being started again that of the one before."""
    told: str = ""
    """Where the same error is told already (``slot 3``); then it is not told again."""

    @property
    def key(self) -> Key:
        """The task's."""
        return self.task.key


#: Of one task: whether it is past, its error, and where that is told already.
_Standing = dict[str, tuple[bool, str, str]]
_KNOWN: dict[str, tuple[Sequence[Task], _Standing]] = {}


def _standing(service_id: str, snapshot: Snapshot) -> _Standing:
    """How the tasks of one service stand to each other; remembered while none of them changes."""
    tasks = relations(snapshot).tasks_of(service_id)
    known = _KNOWN.get(service_id)
    if known is not None and known[0] is tasks:
        return known[1]
    if len(_KNOWN) > 2 * len(snapshot.services) + 64:
        _KNOWN.clear()
    slots: dict[tuple[int, str], list[Task]] = {}
    for task in tasks:
        slots.setdefault((task.slot, "" if task.slot else task.node_id), []).append(task)
    current: dict[str, list[Task]] = {}
    for mates in slots.values():
        present = _present(mates)
        if present is not None:
            current[present.id] = mates
    told: dict[str, str] = {}
    standing: _Standing = {}

    def turn(task: Task) -> tuple[bool, bool, int, float]:
        # Whose error it is tells it; those that are started again only point there.
        here = task.id in current
        return (not here, here and not error_text(task), task.slot if here else 0, -happened(task))

    for task in sorted(tasks, key=turn):
        text = error_text(task)
        if not text and task.id in current and task.state != "running":
            failed = [t for t in current[task.id] if t.failed]
            text = error_text(max(failed, key=happened)) if failed else ""
        print_ = fingerprint(text)
        standing[task.id] = (task.id not in current, text, told.get(print_, "") if text else "")
        if text:
            told.setdefault(print_, f"slot {task.slot}" if task.slot else "the one above")
    _KNOWN[service_id] = (tasks, standing)
    return standing


def _present(mates: Sequence[Task]) -> Task | None:
    """The task that has a slot now; ``None`` where nothing is meant to run in it and none failed there."""
    meant = [t for t in mates if t.desired_state not in ("shutdown", "remove")]
    newest = max([t for t in meant if not t.is_over] or meant or mates, key=lambda t: t.created or 0.0)
    return newest if meant or newest.failed or newest.state == "complete" else None


def _make(task: Task, snapshot: Snapshot) -> TaskRow:
    past, error, told = _standing(task.service_id, snapshot).get(task.id, (task.is_over, error_text(task), ""))
    return TaskRow(task=task, name=task_name(task, snapshot), past=past, error=error, told=told)


def _tasks(snapshot: Snapshot, place: Place) -> Iterable[Task]:
    scope = place.scope[-1] if place.scope else None
    if scope is None:
        return snapshot.tasks.values()
    known = relations(snapshot)
    if scope.kind is Kind.SERVICE:
        return known.tasks_of(scope.id)
    if scope.kind is Kind.NODE:
        return known.tasks_on(scope.id)
    if scope.kind is Kind.NETWORK:
        return known.tasks_in(scope.id)
    if scope.kind is Kind.STACK:
        return [t for s in known.services_of_stack(scope.id) for t in known.tasks_of(s.id)]
    return ()


def _rows(snapshot: Snapshot, place: Place) -> Iterable[TaskRow]:
    return [_make(task, snapshot) for task in _tasks(snapshot, place)]


def _row(snapshot: Snapshot, place: Place, key: Key) -> TaskRow | None:
    task = snapshot.tasks.get(key.id)
    if task is None:
        return None
    scope = place.scope[-1] if place.scope else None
    if scope is not None:
        if scope.kind is Kind.SERVICE:
            inside = task.service_id == scope.id
        elif scope.kind is Kind.NODE:
            inside = task.node_id == scope.id
        else:
            inside = any(t.id == task.id for t in _tasks(snapshot, place))
        if not inside:
            return None
    return _make(task, snapshot)


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    """Changed tasks with the others of their service: which of them is past, and whose error was told, may be
    another now. A service or node touches all (names, restart delays)."""
    keys: set[Key] = set()
    for key in changes.keys:
        if key.kind is Kind.TASK:
            keys.add(key)
            task = snapshot.tasks.get(key.id)
            if task is not None:
                keys |= {other.key for other in relations(snapshot).tasks_of(task.service_id)}
        elif key.kind is Kind.NODE:
            return None
        elif key.kind is Kind.SERVICE:
            keys |= {other.key for other in relations(snapshot).tasks_of(key.id)}
    return keys


def _error_cell(row: TaskRow, moment: Moment) -> Line:
    if row.told and error_text(row.task):
        return (("same error", "muted"),)
    if row.past and row.error and width(row.error) <= SHORT:
        return ((row.error, "muted"),)
    if row.past and not row.error and row.task.exit_code is not None and row.task.container_id:
        return ((f"exit {row.task.exit_code}", "muted"),)
    return ()


def _under(row: TaskRow, moment: Moment, cells: int) -> Sequence[Line]:
    """What a task that does not run waits for, and the error in full."""
    said = "" if row.past else note(row.task, moment, row.told)
    rows: list[Line] = [((part, "muted"),) for part in wrap(said, cells)]
    if row.error and not row.told and not (row.past and width(row.error) <= SHORT):
        style = "muted" if row.past else "warn" if row.task.state == "pending" else "err"
        rows += [((part, style),) for part in wrap(row.error, cells)]
    return rows


def _slot(row: TaskRow, moment: Moment) -> str:
    return str(row.task.slot) if row.task.slot else "-"


def _slot_sort(row: TaskRow, moment: Moment) -> tuple[float, str]:
    # Groups are sorted apart: past tasks newest first, present ones by slot.
    if row.past:
        return (-happened(row.task), row.task.id)
    return (float(row.task.slot), node_name(moment.snapshot, row.task.node_id))


def _name_sort(row: TaskRow, moment: Moment) -> tuple[str, float]:
    head, _, tail = row.name.rpartition(".")
    return (head if tail.isdigit() else row.name, float(tail) if tail.isdigit() else 0.0)


def _kept(moment: Moment) -> str:
    keeps = moment.snapshot.swarm.task_history if moment.snapshot.swarm else 0
    return f"the swarm keeps {keeps} per slot" if keeps else ""


def _group(row: TaskRow, moment: Moment) -> str:
    return f"Past tasks  {_kept(moment)}".rstrip() if row.past else ""


def _group_by_slot(row: TaskRow, moment: Moment) -> str:
    said = "; ".join(filter(None, ("newest first", _kept(moment))))
    return f"Past tasks  {said}" if row.past else ""


def _fault(row: TaskRow, moment: Moment) -> bool:
    if row.past:
        return row.task.failed
    return row.task.failed or task_state(row.task, moment) in ("pending", "waiting", "unknown", "failed")


def _addresses(row: TaskRow, moment: Moment) -> str:
    return ", ".join(a.partition("/")[0] for n in row.task.networks for a in n.addresses)


def _service(row: TaskRow, moment: Moment) -> str:
    service = moment.snapshot.services.get(row.task.service_id)
    return service.name if service else row.task.service_id


def _stack(row: TaskRow, moment: Moment) -> str:
    service = moment.snapshot.services.get(row.task.service_id)
    return service.stack if service else ""


def _detail(row: TaskRow, moment: Moment, cells: int) -> Detail:
    return task_detail(row.task, moment, cells)


_SHARED: tuple[Column[TaskRow], ...] = (
    Column(
        "state",
        "STATE",
        14,
        lambda r, m: task_state_line(r.task, m),
        lambda r, m: state_sort(task_state(r.task, m)),
        keep=True,
        sort_key="S",
        narrow=11,
    ),
    Column(
        "node",
        "NODE",
        10,
        lambda r, m: node_cell(r.task.node_id, m) if r.task.node_id else muted("none yet"),
        lambda r, m: node_name(m.snapshot, r.task.node_id),
        cut="m",
        keep=True,
        sort_key="O",
    ),
    Column(
        "desired",
        "DESIRED",
        9,
        lambda r, m: muted(r.task.desired_state),
        lambda r, m: r.task.desired_state,
        drop=1,
        sort_key="W",
    ),
    Column(
        "since",
        "SINCE",
        6,
        lambda r, m: age_cell(r.task.since, m),
        lambda r, m: age_sort(r.task.since),
        align="r",
        drop=4,
        sort_key="B",
    ),
    Column(
        "container",
        "CONTAINER",
        13,
        lambda r, m: muted(r.task.container_id[:12] or "-"),
        lambda r, m: r.task.container_id,
        drop=2,
        sort_key="C",
    ),
    Column("image", "IMAGE", 24, lambda r, m: image_cell(r.task.image), lambda r, m: r.task.image, cut="l", wide=True),
    Column("addresses", "ADDRESSES", 20, lambda r, m: muted(_addresses(r, m)), _addresses, wide=True),
    Column(
        "exit",
        "EXIT",
        4,
        lambda r, m: "" if r.task.exit_code is None or not r.task.is_over else str(r.task.exit_code),
        lambda r, m: -1 if r.task.exit_code is None else r.task.exit_code,
        align="r",
        wide=True,
    ),
    Column("error", "ERROR", 0, _error_cell, keep=True),
)

#: Tasks of the whole Swarm, or of a node, network or stack: by name.
TASKS: TableSpec[TaskRow] = TableSpec(
    id="tasks",
    title="Tasks",
    kind=Kind.TASK,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    depends=frozenset({Kind.SERVICE, Kind.NODE}),
    columns=(
        Column("task", "TASK", 22, lambda r, m: r.name, _name_sort, cut="m", keep=True, sort_key="N", narrow=18),
        *_SHARED,
    ),
    order=("task", "since"),
    group=_group,
    under=_under,
    style=lambda r, m: "faint" if r.past else "",
    filters={
        "name": lambda r, m: r.name,
        "state": lambda r, m: task_state(r.task, m),
        "node": lambda r, m: node_name(m.snapshot, r.task.node_id),
        "service": _service,
        "stack": _stack,
        "slot": _slot,
        "image": lambda r, m: short_image(r.task.image),
        "desired": lambda r, m: r.task.desired_state,
        "error": lambda r, m: error_text(r.task),
        "label": lambda r, m: labels_text(r.task.labels),
        "id": lambda r, m: r.task.id,
    },
    haystack=lambda r, m: (
        f"{r.name} {task_state(r.task, m)} {node_name(m.snapshot, r.task.node_id)} {r.task.image} "
        f"{error_text(r.task)} {r.task.container_id[:12]} {r.task.id[:12]}"
    ),
    fault=_fault,
    detail=_detail,
    empty=("No tasks in this swarm yet.", "A service makes them."),
    needs=frozenset({Kind.TASK, Kind.SERVICE, Kind.NODE}),
    manager=True,
)

#: Tasks of one service: by slot.
SERVICE_TASKS: TableSpec[TaskRow] = replace(
    TASKS,
    columns=(Column("task", "SLOT", 4, _slot, _slot_sort, keep=True, sort_key="N"), *_SHARED),
    order=("task",),
    group=_group_by_slot,
    empty=("This service has no tasks.", "It is scaled to 0, or no node may run it."),
    needs=frozenset({Kind.SERVICE, Kind.NODE}),
)
