"""Two changes of one object side by side, value by value: as it was read, as it is there now, and as the form has it.

Lists are told apart by the key of each value (environment by name, ports by published port, mounts by target): what
only one side changed is taken, what both changed to something else is chosen. Parts of the object that no field
writes are not looked at: an edit leaves them as they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from backends.change.edit import KEYS, before_equals
from backends.change.flag_error import BadValue
from backends.change.port_value import parse_ports, show_port
from tui.forms.spec import Values


class Side(Enum):
    """Whose value is taken."""

    THEIRS = "theirs"
    YOURS = "yours"
    BOTH = "both"
    """Theirs, and yours beside it under another key (a port on the next free number)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value that somebody changed. A side that has none is empty."""

    field: str
    key: str
    """Of a list's value; empty where the field is one value."""
    read: tuple[str, ...]
    theirs: tuple[str, ...]
    yours: tuple[str, ...]
    beside: str = ""
    """Yours as it could stand beside theirs; empty where it cannot."""

    @property
    def conflict(self) -> bool:
        """Whether both changed it, each to something else."""
        return self.read != self.theirs and self.read != self.yours and self.theirs != self.yours

    @property
    def usual(self) -> Side | None:
        """What is taken without asking; ``None`` has to be chosen."""
        if self.conflict:
            return None
        return Side.YOURS if self.read == self.theirs else Side.THEIRS


def rows(read: Values, theirs: Values, yours: Values, lists: Sequence[str]) -> tuple[Row, ...]:
    """Every value that differs anywhere, conflicts first. ``lists`` are the fields with several values."""
    found: list[Row] = []
    held = _published(theirs)
    for name in dict.fromkeys((*theirs, *yours, *read)):
        old, others, own = (tuple(side.get(name, ())) for side in (read, theirs, yours))
        if old == others == own:
            continue
        keyed = [_keyed(name, side) for side in (old, others, own)]
        if name not in lists or name in _ORDERED or None in keyed:
            found.append(Row(name, "", old, others, own))
            continue
        was, there, here = (each or {} for each in keyed)
        for key in dict.fromkeys((*there, *here, *was)):
            mine = _one(here, key)
            found.append(Row(name, key, _one(was, key), _one(there, key), mine, _beside(name, mine, held)))
    differing = [row for row in found if row.read != row.theirs or row.read != row.yours]
    return tuple(sorted(differing, key=lambda row: not row.conflict))


def taken(theirs: Values, found: Sequence[Row], choices: Mapping[int, Side]) -> dict[str, tuple[str, ...]]:
    """What the fields hold when each row has its side: theirs, with yours put in. ``choices`` is by number of the
    row; one that was not chosen and has nothing usual is theirs."""
    values = {name: tuple(texts) for name, texts in theirs.items()}
    for number, row in enumerate(found):
        side = choices.get(number) or row.usual or Side.THEIRS
        if side is Side.THEIRS:
            continue
        if not row.key:
            values[row.field] = row.yours
            continue
        texts = list(values.get(row.field, ()))
        if side is Side.BOTH:
            texts.append(row.beside)
        elif row.theirs and row.theirs[0] in texts:
            at = texts.index(row.theirs[0])
            texts[at : at + 1] = row.yours
        else:
            texts += row.yours
        values[row.field] = tuple(texts)
    return {name: texts for name, texts in values.items() if texts}


def _one(values: Mapping[str, str], key: str) -> tuple[str, ...]:
    return (values[key],) if key in values else ()


#: Lists whose order counts: taken whole.
_ORDERED = frozenset({"placement-pref"})


def _port_key(text: str) -> str:
    ports = parse_ports(text)
    if len(ports) != 1:
        return text
    port: dict[str, Any] = ports[0]
    number = port.get("PublishedPort") or f"to {port.get('TargetPort')}"
    return f"{number}/{port.get('Protocol', 'tcp')}"


#: Ports by what they are published as, and what an update writes whole.
_KEYS: Mapping[str, Callable[[str], str]] = {**KEYS, "log-opt": before_equals, "publish": _port_key}


def _keyed(name: str, texts: Sequence[str]) -> dict[str, str] | None:
    """Values by key; ``None`` where one has none or two have the same."""
    key: Callable[[str], str] = _KEYS.get(name, str)
    try:
        found = {key(text): text for text in texts}
    except (BadValue, KeyError):
        return None
    return found if len(found) == len(texts) else None


def _published(values: Values) -> set[int]:
    found: set[int] = set()
    for text in values.get("publish", ()):
        try:
            found |= {int(port.get("PublishedPort") or 0) for port in parse_ports(text)}
        except BadValue:
            continue
    return found


def _beside(name: str, yours: Sequence[str], held: set[int]) -> str:
    """Your port on the next number that theirs leave free."""
    if name != "publish" or not yours:
        return ""
    try:
        ports = parse_ports(yours[0])
    except BadValue:
        return ""
    if len(ports) != 1 or not ports[0].get("PublishedPort"):
        return ""
    number = int(ports[0]["PublishedPort"])
    free = next((n for n in range(number + 1, 65536) if n not in held), 0)
    return show_port({**ports[0], "PublishedPort": free}) if free else ""
