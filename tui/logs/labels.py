"""Who wrote a line: a short label and a colour for each source of a merged log."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Key, Kind, Snapshot
from tui.text.fit import width

_COLOURS = ("r1", "r2", "r3", "r4", "r5", "r6")


def label(snapshot: Snapshot, source: str) -> tuple[str, str]:
    """(``api.3``, node name) of a task or container id; the head of the id where nothing is known of it."""
    task = snapshot.tasks.get(source)
    if task is not None:
        service = snapshot.services.get(task.service_id)
        name = service.name if service else task.service_id[:12]
        if service and service.stack:
            name = name.removeprefix(service.stack + "_")
        node = snapshot.nodes.get(task.node_id)
        where = node.name if node else ""
        return (f"{name}.{task.slot}" if task.slot else f"{name}.{where or source[:5]}"), where
    container = snapshot.containers.get(source)
    if container is not None:
        node = snapshot.nodes.get(container.node_id)
        return container.name, node.name if node else ""
    return source[:12], ""


def labels(snapshot: Snapshot, key: Key, sources: Iterable[str], narrow: bool) -> dict[str, tuple[str, str]]:
    """Source → (label, style). Only the log of a service has more than one source, and so a column for it."""
    if key.kind is not Kind.SERVICE:
        return {}
    out: dict[str, tuple[str, str]] = {}
    for number, source in enumerate(source for source in sources if source):
        name, node = label(snapshot, source)
        out[source] = (name if narrow or not node else f"{name} {node}", _COLOURS[number % len(_COLOURS)])
    return out


def column(found: dict[str, tuple[str, str]], at_most: int = 28) -> int:
    """Width of the column of labels."""
    return min(max((width(name) for name, _ in found.values()), default=0), at_most)
