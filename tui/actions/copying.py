"""What ``c`` copies of an object: its name, its ID, or the ``docker …`` line that shows it."""

from __future__ import annotations

import shlex

from backends.model import Key, Kind, Snapshot
from tui.actions.objects import get, name_of

#: What may be copied, for ``:copy``.
COPIES: tuple[str, ...] = ("name", "id", "command")


def copy_text(key: Key, snapshot: Snapshot, what: str = "name") -> str:
    """Text of one object: ``name`` as Docker's own commands take it,
    ``id`` whole, or ``command``."""
    if what == "id":
        return _id(key, snapshot)
    if what == "command":
        return show_command(key, snapshot)
    return name_of(snapshot, key)


def show_command(key: Key, snapshot: Snapshot) -> str:
    """The ``docker …`` line that shows the same object."""
    if key.kind is Kind.STACK:
        return f"docker stack services {shlex.quote(key.id)}"
    if key.kind in (Kind.SWARM, Kind.ENGINE):
        return "docker info"
    subject = _id(key, snapshot) if key.kind is Kind.TASK else name_of(snapshot, key)
    noun = "" if key.kind is Kind.TASK else f"{key.kind.value} "
    return f"docker {noun}inspect {shlex.quote(subject)}"


def _id(key: Key, snapshot: Snapshot) -> str:
    found = get(snapshot, key)
    if key.kind in (Kind.VOLUME, Kind.IMAGE):
        return getattr(found, "image_id", "") or getattr(found, "name", "") or key.id.partition("/")[2]
    return key.id
