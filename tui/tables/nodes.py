"""The list of nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from backends.model import Changes, Key, Kind, Node, Snapshot, Value
from backends.state.grouping import Memo
from backends.state.health import node_health
from tui.details.node import (
    availability_line,
    node_detail,
    node_state_line,
    role_line,
    running_on,
    tasks_known,
)
from tui.details.reach import reached_line
from tui.places import Place
from tui.tables.cells import labels_text, muted, state_sort
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.ago import size
from tui.text.span import Line, plain


class NodeRow(Value, frozen=True, kw_only=True):
    """One node; made anew when its tasks change."""

    node: Node

    @property
    def key(self) -> Key:
        """The node's."""
        return self.node.key


def _rows(snapshot: Snapshot, place: Place) -> Iterable[NodeRow]:
    return [NodeRow(node=node) for node in snapshot.nodes.values()]


def _row(snapshot: Snapshot, place: Place, key: Key) -> NodeRow | None:
    node = snapshot.nodes.get(key.id)
    return None if node is None else NodeRow(node=node)


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    """Changed nodes, and those of changed tasks; a task that moved or went touches all."""
    if changes.links:
        return None
    keys: set[Key] = set()
    for key in changes.keys:
        if key.kind is Kind.NODE:
            keys.add(key)
        elif key.kind is Kind.TASK:
            task = snapshot.tasks.get(key.id)
            if task is None:
                return None
            keys.add(Key(Kind.NODE, task.node_id))
    return keys


_VERSIONS: Memo[Mapping[str, int]] = Memo()


def usual_version(nodes: Mapping[str, Node]) -> str:
    """The engine version that most nodes have; empty where nothing is known."""
    counts = _VERSIONS.get((nodes,), lambda: Counter(n.engine_version for n in nodes.values() if n.engine_version))
    return max(counts, key=lambda v: (counts[v], v), default="")


def _engine(row: NodeRow, moment: Moment) -> Line:
    odd = row.node.engine_version != usual_version(moment.snapshot.nodes)
    return ((row.node.engine_version, "warn" if odd else ""),)


def _tasks(row: NodeRow, moment: Moment) -> Line:
    if not tasks_known(moment.snapshot):
        return ()
    count = len(running_on(row.node.id, moment.snapshot))
    return ((str(count), "" if count else "muted"),)


def _order(row: NodeRow, moment: Moment) -> tuple[int, str]:
    return (0 if row.node.is_leader else 1 if row.node.role == "manager" else 2, row.node.name)


def _fault(row: NodeRow, moment: Moment) -> bool:
    return node_health(row.node).severity in ("err", "warn")


def _cores(row: NodeRow) -> str:
    return f"{row.node.nano_cpus / 1e9:g}" if row.node.nano_cpus else ""


def _platform(row: NodeRow) -> str:
    return f"{row.node.os}/{row.node.architecture}".strip("/")


def _detail(row: NodeRow, moment: Moment, cells: int) -> Detail:
    return node_detail(row.node, moment, cells)


_COLUMNS: tuple[Column[NodeRow], ...] = (
    Column("name", "NAME", 10, lambda r, m: r.node.name, lambda r, m: r.node.name, cut="m", keep=True, sort_key="N"),
    Column("role", "ROLE", 8, lambda r, m: role_line(r.node), _order, keep=True, sort_key="O"),
    Column(
        "state",
        "STATE",
        10,
        lambda r, m: node_state_line(r.node, m),
        lambda r, m: state_sort(node_health(r.node).word),
        keep=True,
        sort_key="S",
    ),
    Column(
        "availability",
        "AVAIL",
        7,
        lambda r, m: availability_line(r.node),
        lambda r, m: r.node.availability,
        drop=4,
        sort_key="V",
    ),
    Column(
        "tasks",
        "TASKS",
        5,
        _tasks,
        lambda r, m: len(running_on(r.node.id, m.snapshot)),
        align="r",
        drop=3,
        sort_key="C",
        descending=True,
    ),
    Column("engine", "ENGINE", 7, _engine, lambda r, m: r.node.engine_version, drop=2, sort_key="P"),
    Column(
        "address", "ADDRESS", 15, lambda r, m: muted(r.node.address), lambda r, m: r.node.address, drop=1, sort_key="I"
    ),
    Column(
        "reached",
        "REACHED BY",
        24,
        lambda r, m: reached_line(r.node, m),
        lambda r, m: plain(reached_line(r.node, m)),
        keep=True,
    ),
    Column(
        "cpu",
        "CPU",
        4,
        lambda r, m: _cores(r),
        lambda r, m: r.node.nano_cpus,
        align="r",
        wide=True,
        sort_key="U",
        descending=True,
    ),
    Column(
        "memory",
        "MEMORY",
        9,
        lambda r, m: size(r.node.memory) if r.node.memory else "",
        lambda r, m: r.node.memory,
        align="r",
        wide=True,
        sort_key="Y",
        descending=True,
    ),
    Column("platform", "PLATFORM", 14, lambda r, m: muted(_platform(r)), lambda r, m: _platform(r), wide=True),
    Column("labels", "LABELS", 24, lambda r, m: muted(labels_text(r.node.labels)), wide=True, sort_key="L"),
)

NODES: TableSpec[NodeRow] = TableSpec(
    id="nodes",
    title="Nodes",
    kind=Kind.NODE,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    depends=frozenset({Kind.TASK}),
    columns=_COLUMNS,
    order=("role", "name"),
    filters={
        "name": lambda r, m: r.node.name,
        "role": lambda r, m: "leader manager" if r.node.is_leader else r.node.role,
        "state": lambda r, m: node_health(r.node).word,
        "availability": lambda r, m: r.node.availability,
        "engine": lambda r, m: r.node.engine_version,
        "address": lambda r, m: r.node.address,
        "label": lambda r, m: f"{labels_text(r.node.labels)} {labels_text(r.node.engine_labels)}".strip(),
        "platform": lambda r, m: _platform(r),
        "id": lambda r, m: r.node.id,
    },
    fault=_fault,
    detail=_detail,
    empty=("No nodes are known.", "A manager of a swarm knows them: docker swarm init starts one."),
    needs=frozenset({Kind.NODE, Kind.TASK, Kind.SERVICE}),
    manager=True,
)
