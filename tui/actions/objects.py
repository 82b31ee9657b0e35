"""Objects of the snapshot by key and by the names that people use for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from backends.model import Key, Kind, Snapshot, Task, Value
from backends.state.relations import relations
from tui.actions.near import nearest

_FIELDS = MappingProxyType(
    {
        Kind.NODE: "nodes",
        Kind.SERVICE: "services",
        Kind.TASK: "tasks",
        Kind.CONTAINER: "containers",
        Kind.NETWORK: "networks",
        Kind.VOLUME: "volumes",
        Kind.IMAGE: "images",
        Kind.CONFIG: "configs",
        Kind.SECRET: "secrets",
        Kind.STACK: "stacks",
    }
)
#: From which length on the head of an ID names an object.
_SHORTEST_ID = 4


def all_of(snapshot: Snapshot, kind: Kind) -> Mapping[str, Any]:
    """All known objects of a kind by id; of the Swarm and the engine themselves none."""
    field = _FIELDS.get(kind)
    return getattr(snapshot, field) if field else MappingProxyType({})


def get(snapshot: Snapshot, key: Key) -> Value | None:
    """The object, or ``None`` where it is not (or no longer) known."""
    found: Value | None = all_of(snapshot, key.kind).get(key.id)
    return found


def task_name(snapshot: Snapshot, task: Task) -> str:
    """``webapp1.2``, and of a global service ``agent.worker-1``."""
    return relations(snapshot).task_name(task)


def node_name(snapshot: Snapshot, node_id: str) -> str:
    """Host name of a node; the head of its ID where it is not known."""
    node = snapshot.nodes.get(node_id)
    if node:
        return node.name
    if node_id == snapshot.node_id and snapshot.engine:
        return snapshot.engine.name or node_id[:12]
    return node_id[:12]


def name_of(snapshot: Snapshot, key: Key) -> str:
    """What people call an object; the head of its ID where it has no name or is gone."""
    found = get(snapshot, key)
    if isinstance(found, Task):
        return task_name(snapshot, found)
    name: str = getattr(found, "name", "") if found is not None else ""
    return name or key.id.rpartition("/")[2].removeprefix("sha256:")[:12]


def names(snapshot: Snapshot, kinds: Iterable[Kind]) -> Iterator[tuple[str, Key]]:
    """Every name with its object; ended tasks are left out, their slot's present one has the name."""
    for kind in kinds:
        for found in all_of(snapshot, kind).values():
            if isinstance(found, Task):
                if not found.is_over:
                    yield task_name(snapshot, found), found.key
            else:
                key: Key = found.key
                yield name_of(snapshot, key), key


def find(snapshot: Snapshot, name: str, kinds: Iterable[Kind]) -> Key | str:
    """The object that a name, an ID or the head of an ID (from 4 characters on) means; kinds that come first
    are looked through first. Returns a sentence where there is none, or where several have it."""
    ordered = tuple(kinds)
    near: list[str] = []
    for kind in ordered:
        exact = [key for called, key in names(snapshot, (kind,)) if called == name]
        if not exact and kind is Kind.NODE and name == "self" and snapshot.node_id in snapshot.nodes:
            exact = [Key(Kind.NODE, snapshot.node_id)]
        if not exact:
            exact = [Key(kind, name)] if name in all_of(snapshot, kind) else []
        if len(exact) == 1:
            return exact[0]
        if exact:
            return _several(snapshot, name, exact)
    if len(name) >= _SHORTEST_ID:
        heads = [key for kind in ordered for key in _by_head(snapshot, name, kind)]
        if len(heads) == 1:
            return heads[0]
        if heads:
            return f"{len(heads)} IDs begin with {name}; give more of it."
    for kind in ordered:
        near += [called for called, _ in names(snapshot, (kind,))]
    return f"There is no {spoken(ordered)} {name}.{nearest(name, near)}"


def _by_head(snapshot: Snapshot, head: str, kind: Kind) -> Iterator[Key]:
    for ident in all_of(snapshot, kind):
        if ident.rpartition("/")[2].removeprefix("sha256:").startswith(head):
            yield Key(kind, ident)


def _several(snapshot: Snapshot, name: str, keys: list[Key]) -> str:
    nodes = sorted(
        {
            node_name(snapshot, node_id)
            for found in (get(snapshot, key) for key in keys)
            if (node_id := getattr(found, "node_id", ""))
        }
    )
    where = f" (on {', '.join(nodes[:4])})" if len(nodes) > 1 else ""
    return f"{len(keys)} {keys[0].kind.value}s are called {name}{where}; give the ID."


def spoken(kinds: Iterable[Kind]) -> str:
    """``service, task or container``."""
    words = [kind.value for kind in kinds]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def is_here(snapshot: Snapshot, node_id: str) -> bool:
    """Whether the engine of a node answers us: this node's, or one with a live link."""
    if node_id in ("", snapshot.node_id):
        return True
    link = snapshot.links.get(node_id)
    return link is not None and link.state == "live"
