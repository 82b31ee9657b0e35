"""The list of stacks."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import STACK_LABEL, Changes, Key, Kind, Snapshot, Stack, Value
from backends.state.severity import rank, severity
from tui.details.stack import stack_detail, stack_services, stack_state_line, stack_tasks, stack_words
from tui.places import Place
from tui.tables.cells import age_cell, age_sort, count_cell, muted
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.span import Line

#: Who made a stack's services, by the labels they leave.
_MAKERS = (("com.docker.stack.image", "docker stack deploy"), ("com.docker.compose.project", "docker compose"))


class StackRow(Value, frozen=True, kw_only=True):
    """One stack; made anew when a service or task of it changes."""

    stack: Stack

    @property
    def key(self) -> Key:
        """The stack's."""
        return self.stack.key


def _rows(snapshot: Snapshot, place: Place) -> Iterable[StackRow]:
    return [StackRow(stack=stack) for stack in snapshot.stacks.values()]


def _row(snapshot: Snapshot, place: Place, key: Key) -> StackRow | None:
    stack = snapshot.stacks.get(key.id)
    return None if stack is None else StackRow(stack=stack)


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    """Changed stacks, and those of changed services and tasks."""
    keys: set[Key] = set()
    for key in changes.keys:
        if key.kind is Kind.STACK:
            keys.add(key)
        elif key.kind is Kind.NODE:
            return None
        elif key.kind in (Kind.SERVICE, Kind.TASK):
            task = snapshot.tasks.get(key.id) if key.kind is Kind.TASK else None
            service = snapshot.services.get(task.service_id if task else key.id)
            if service is not None and service.labels.get(STACK_LABEL):
                keys.add(Key(Kind.STACK, service.stack))
    return keys


def _tasks(row: StackRow, moment: Moment) -> Line:
    running, wanted = stack_tasks(row.stack, moment)
    return ((f"{running}/{wanted}", "warn bold" if running < wanted else ""),)


def _worst(row: StackRow, moment: Moment) -> tuple[int, str]:
    return min(((rank(word), word) for word in stack_words(row.stack, moment)), default=(9, ""))


def _maker(row: StackRow, moment: Moment) -> str:
    labels = [key for s in stack_services(row.stack, moment.snapshot) for key in s.labels]
    return next((maker for label, maker in _MAKERS if label in labels), "")


def _detail(row: StackRow, moment: Moment, cells: int) -> Detail:
    return stack_detail(row.stack, moment, cells)


STACKS: TableSpec[StackRow] = TableSpec(
    id="stacks",
    title="Stacks",
    kind=Kind.STACK,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    depends=frozenset({Kind.SERVICE, Kind.TASK, Kind.NODE}),
    columns=(
        Column(
            "name", "NAME", 20, lambda r, m: r.stack.name, lambda r, m: r.stack.name, cut="m", keep=True, sort_key="N"
        ),
        Column("state", "STATE", 28, lambda r, m: stack_state_line(r.stack, m), _worst, keep=True, sort_key="S"),
        Column(
            "services",
            "SERVICES",
            8,
            lambda r, m: count_cell(len(stack_services(r.stack, m.snapshot))),
            lambda r, m: len(stack_services(r.stack, m.snapshot)),
            align="r",
            drop=3,
            sort_key="C",
            descending=True,
        ),
        Column(
            "tasks",
            "TASKS",
            9,
            _tasks,
            lambda r, m: stack_tasks(r.stack, m)[1],
            align="r",
            drop=4,
            sort_key="O",
            descending=True,
        ),
        Column(
            "networks",
            "NETWORKS",
            8,
            lambda r, m: count_cell(len(r.stack.networks)),
            lambda r, m: len(r.stack.networks),
            align="r",
            drop=2,
            sort_key="W",
            descending=True,
        ),
        Column(
            "age",
            "AGE",
            4,
            lambda r, m: age_cell(r.stack.created, m),
            lambda r, m: age_sort(r.stack.created),
            align="r",
            drop=1,
            sort_key="B",
        ),
        Column("maker", "DEPLOYED BY", 20, lambda r, m: muted(_maker(r, m)), _maker, wide=True),
    ),
    order=("name",),
    filters={
        "name": lambda r, m: r.stack.name,
        "state": lambda r, m: " ".join(stack_words(r.stack, m)),
        "service": lambda r, m: " ".join(s.name for s in stack_services(r.stack, m.snapshot)),
        "network": lambda r, m: " ".join(
            m.snapshot.networks[i].name for i in r.stack.networks if i in m.snapshot.networks
        ),
    },
    fault=lambda r, m: any(severity(word) in ("err", "warn") for word in stack_words(r.stack, m)),
    detail=_detail,
    empty=("No stacks in this swarm yet.", "docker stack deploy -c FILE NAME makes one."),
    needs=frozenset({Kind.SERVICE, Kind.NETWORK}),
    manager=True,
)
