"""The engine's whole JSON of one object as YAML or JSON, with what a value means behind it in ``faint``.

What is behind a value is ours and not the engine's: it is neither copied nor searched.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.model import Snapshot
from backends.wire.rfc3339 import parse
from tui.text.ago import ago, duration, size, span
from tui.text.span import Line, Span

if TYPE_CHECKING:
    from backends.api import Json

_ROW = re.compile(r'^(?P<lead>\s*(?:- )*)(?P<key>"[^"]*"|[^\s"\'#-][^:]*?)(?P<colon>:)(?P<value> .*|$)')
_ITEM = re.compile(r"^(?P<lead>\s*(?:- )+)(?P<value>.*)$")
_NANOSECONDS = frozenset(
    {"Interval", "Timeout", "StartPeriod", "StartInterval", "Delay", "Monitor", "Window", "StopGracePeriod"}
    | {"HeartbeatPeriod", "NodeCertExpiry", "MaxAttemptsWindow"}
)
_BYTES = frozenset({"MemoryBytes", "Memory", "MemTotal", "Size", "SizeRw", "SizeRootFs", "ShmSize", "SwapBytes"})
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_ID = re.compile(r"^[a-z0-9]{25}$|^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Raw:
    """A document as shown: its text for search and copy, and the same with meanings for the eye."""

    text: str
    lines: tuple[Line, ...]


def _names(snapshot: Snapshot) -> dict[str, str]:
    """Names behind the ids that stand in engine JSON."""
    names: dict[str, str] = {}
    for objects in (snapshot.nodes, snapshot.services, snapshot.networks, snapshot.configs, snapshot.secrets):
        for value in objects.values():
            names[value.id] = value.name
    for container in snapshot.containers.values():
        names[container.id] = container.name
    for task in snapshot.tasks.values():
        service = snapshot.services.get(task.service_id)
        if service:
            names[task.id] = f"{service.name}.{task.slot}" if task.slot else service.name
    return names


def _meaning(key: str, value: str, names: dict[str, str], now: float) -> str:
    bare = value.strip().rstrip(",").strip("'\"")
    if _TIME.match(bare):
        moment = parse(bare)
        if moment is None:
            return "never"
        return ago(moment, now) if moment <= now else f"in {span(moment - now)}"
    if _ID.match(bare):
        return names.get(bare, "")
    if not re.fullmatch(r"-?\d+", bare):
        return ""
    number = int(bare)
    if key in _NANOSECONDS and number:
        return duration(number / 1e9)
    if key in _BYTES and number > 0:
        return size(number)
    if key == "NanoCPUs" and number:
        return f"{number / 1e9:g} cpu"
    if key == "Mode" and 0 < number < 0o10000:
        return f"{number:04o}"
    return ""


def _value_style(value: str) -> str:
    bare = value.strip().rstrip(",")
    if bare in ("true", "false", "null", "{}", "[]") or re.fullmatch(r"-?\d+(\.\d+)?", bare):
        return "accent"
    return ""


def _row(text: str, names: dict[str, str], now: float) -> Line:
    spans: list[Span] = []
    key = ""
    match = _ROW.match(text)
    if match:
        key = match["key"].strip('"')
        spans += [(match["lead"], "muted"), (match["key"], "muted"), (":", "muted")]
        value = match["value"]
    elif item := _ITEM.match(text):
        spans.append((item["lead"], "muted"))
        value = item["value"]
    else:
        value = text
    if value:
        spans.append((value, _value_style(value)))
    if meaning := _meaning(key, value, names, now):
        spans.append((f"   {meaning}", "faint"))
    return tuple(spans)


def as_yaml(document: Json) -> str:
    """The document as YAML, in the engine's order."""
    import yaml  # 25 ms: only when somebody asks for it

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(
        document, Dumper=dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=1_000_000
    )
    return text


def as_json(document: Json) -> str:
    """The document as JSON, indented by two."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def render(document: Json, snapshot: Snapshot, now: float, *, form: str = "yaml") -> Raw:
    """The whole document in ``form`` (``yaml`` or ``json``). Lines are as long as they are: the view scrolls."""
    text = as_yaml(document) if form == "yaml" else as_json(document)
    names = _names(snapshot)
    return Raw(text, tuple(_row(row, names, now) for row in text.rstrip("\n").split("\n")))
