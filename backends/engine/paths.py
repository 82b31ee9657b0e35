"""Where the Engine API keeps what: paths below the version prefix."""

from __future__ import annotations

import re
from urllib.parse import quote

from backends.api import LogOptions
from backends.engine.listings import INFO as INFO
from backends.engine.listings import LISTINGS as LISTINGS
from backends.engine.listings import SWARM as SWARM
from backends.engine.listings import VERSION as VERSION
from backends.errors import Unsupported
from backends.model.base import Key, Kind

_INSPECTIONS = {
    Kind.NODE: "/nodes/{}",
    Kind.SERVICE: "/services/{}?insertDefaults=false",
    Kind.TASK: "/tasks/{}",
    Kind.CONTAINER: "/containers/{}/json",
    Kind.NETWORK: "/networks/{}?verbose=true",
    Kind.VOLUME: "/volumes/{}",
    Kind.IMAGE: "/images/{}/json",
    Kind.CONFIG: "/configs/{}",
    Kind.SECRET: "/secrets/{}",
}
_LOGS = {
    Kind.CONTAINER: "/containers/{}/logs",
    Kind.SERVICE: "/services/{}/logs",
    Kind.TASK: "/tasks/{}/logs",
}
_PER_NODE = (Kind.VOLUME, Kind.IMAGE)
#: Path segments after which an id or name follows, for counting requests by what they ask.
_COLLECTIONS = frozenset(
    ("nodes", "services", "tasks", "containers", "networks", "volumes", "images", "configs", "secrets", "exec")
)
_WORDS = frozenset(("json", "create", "prune", "search", "get", "load"))


def segment(text: str) -> str:
    """An id or name as one path segment."""
    return quote(text, safe=":@")


def listing(kind: Kind) -> str:
    """Path and query that list all of a kind. Raises ``Unsupported`` for kinds that engines do not list."""
    try:
        return LISTINGS[kind.value]
    except KeyError:
        raise Unsupported(f"No engine lists objects of the kind {kind.value}.") from None


def inspection(key: Key) -> str:
    """Path and query that inspect one object. Raises ``Unsupported`` for stacks, which only labels know of."""
    if key.kind is Kind.SWARM:
        return SWARM
    if key.kind is Kind.ENGINE:
        return INFO
    if key.kind not in _INSPECTIONS:
        raise Unsupported(f"No engine knows objects of the kind {key.kind.value}: they are made of labels.")
    # An image's name may contain slashes, which its route takes as they are.
    name = local_name(key)
    safe = quote(name, safe=":@/") if key.kind is Kind.IMAGE and ".." not in name else segment(name)
    return _INSPECTIONS[key.kind].format(safe)


def logs(key: Key) -> str:
    """Path of an object's log. Raises ``Unsupported`` for what has none."""
    if key.kind not in _LOGS:
        raise Unsupported(f"Only containers, tasks and services have logs, no {key.kind.value}.")
    return _LOGS[key.kind].format(segment(key.id))


def log_query(key: Key, options: LogOptions) -> dict[str, str]:
    """The arguments for an object's log: time stamps always, details where they name task and node."""
    query = {
        "stdout": "1",
        "stderr": "1",
        "timestamps": "1",
        "follow": "1" if options.follow else "0",
        "tail": "all" if options.tail is None else str(options.tail),
    }
    if options.since is not None:
        query["since"] = f"{options.since:.9f}"
    if options.until is not None:
        query["until"] = f"{options.until:.9f}"
    if key.kind is not Kind.CONTAINER or options.details:
        query["details"] = "1"
    return query


def local_name(key: Key) -> str:
    """The name by which the node's own engine knows it: a volume's or image's without the node."""
    return key.id.partition("/")[2] if key.kind in _PER_NODE and "/" in key.id else key.id


def family(path: str) -> str:
    """``path`` without query and with ids replaced: ``/networks/{id}``, so that requests can be counted."""
    parts = path.partition("?")[0].split("/")
    for index in range(2, len(parts)):
        if parts[index - 1] in _COLLECTIONS and parts[index] not in _WORDS:
            parts[index] = "{id}"
    return re.sub(r"\{id\}/.*/json\Z", "{id}/json", "/".join(parts))
