"""The columns of the plain tables, made of the same records as the JSON.

No cell but the last of a row has a blank in it and none is empty, so that ``awk`` finds its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backends.state.severity import severity
from backends.state.wording import short_image
from tui.headless.records import Record
from tui.text.ago import age
from tui.text.span import Line

#: Docker's words for what is wrong or changing, beside those that the state layer has.
_TONES = {"unhealthy": "err", "exited": "muted", "dead": "err", "rejected": "err", "orphaned": "warn", "drain": "muted"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    title: str
    text: Callable[[Record, float], str]
    """What stands in it, given the present."""
    tone: Callable[[Record], str] = lambda _: ""
    wide: bool = False
    right: bool = False


def cells(columns: Sequence[Column], record: Record, now: float) -> list[Line]:
    """One row: ``-`` where there is nothing, ``_`` for blanks in all cells but the last."""
    out: list[Line] = []
    for number, column in enumerate(columns, 1):
        text = column.text(record, now)
        if number < len(columns):
            text = "_".join(text.split())
        out.append(((text or "-", column.tone(record)),))
    return out


def _at(field: str, cut: int = 0) -> Callable[[Record, float], str]:
    def text(record: Record, _: float) -> str:
        said = str(record[field] if record[field] is not None else "")
        return said[:cut] if cut else said

    return text


def _state(field: str) -> Callable[[Record], str]:
    def tone(record: Record) -> str:
        word = str(record[field])
        return _TONES.get(word, severity(word) if word not in ("", "off") else "")

    return tone


def _age(field: str) -> Callable[[Record, float], str]:
    def text(record: Record, now: float) -> str:
        value = record[field]
        return age(datetime.fromisoformat(value).timestamp(), now) if isinstance(value, str) else ""

    return text


def _joined(field: str, one: Callable[[Any], str]) -> Callable[[Record, float], str]:
    def text(record: Record, _: float) -> str:
        values = record[field]
        parts = [one(value) for value in values] if isinstance(values, list) else []
        return ",".join(dict.fromkeys(part for part in parts if part))

    return text


def _container_port(port: dict[str, Any]) -> str:
    target = f"{port['container_port']}/{port['protocol']}"
    return f"{port['host_port']}->{target}" if port["host_port"] else target


def _service_port(port: dict[str, Any]) -> str:
    return f"{port['published'] or 'auto'}->{port['target']}/{port['protocol']}" + (
        ":host" if port["mode"] == "host" else ""
    )


def _role(record: Record, _: float) -> str:
    return "leader" if record["leader"] else str(record["role"])


def _replicas(record: Record, _: float) -> str:
    # Of a job that is complete nothing runs any more, as it should be.
    done = record["wanted"] if record["state"] == "complete" else record["running"]
    return f"{done}/{record['wanted']}"


def _error(record: Record, _: float) -> str:
    code = record["exit_code"]
    return str(record["last_error"]) or (f"exit {code}" if code else "")


def _flags(record: Record, _: float) -> str:
    names = ("ingress", "internal", "attachable", "encrypted", "ipv6", "config_only")
    return ",".join(name for name in names if record[name])


def _image(record: Record, _: float) -> str:
    return short_image(str(record["image"]))


def _labels(record: Record, _: float) -> str:
    labels = record["labels"]
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items())) if isinstance(labels, dict) else ""


def _quiet(_: Record) -> str:
    return "muted"


_ID = Column("ID", _at("id", 12), _quiet)
_NODE = Column("NODE", _at("node"))
_LABELS = Column("LABELS", _labels, _quiet, wide=True)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "ps": (
        _ID,
        Column("NAME", _at("name")),
        _NODE,
        Column("STATE", _at("state"), _state("state")),
        Column("HEALTH", _at("health"), _state("health")),
        Column("SINCE", _age("since"), right=True),
        Column("IMAGE", _image),
        Column("ADDRESSES", _joined("addresses", lambda a: a["ipv4"] or a["ipv6"]), _quiet),
        Column("PORTS", _joined("ports", _container_port), _quiet),
        Column("EXIT", _at("exit_code"), wide=True),
        Column("SERVICE", _at("service"), wide=True),
        Column("STACK", _at("stack"), wide=True),
        Column("COMMAND", _at("command"), _quiet, wide=True),
    ),
    "nodes": (
        _ID,
        Column("NAME", _at("name")),
        Column("ROLE", _role),
        Column("STATE", _at("status"), _state("status")),
        Column("AVAILABILITY", _at("availability"), _state("availability")),
        Column("ENGINE", _at("engine")),
        Column("ADDRESS", _at("address"), _quiet),
        Column("CPUS", lambda r, _: f"{r['cpus']:g}", wide=True, right=True),
        Column("OS", lambda r, _: f"{r['os']}/{r['architecture']}".strip("/"), wide=True),
        _LABELS,
        Column("REACHED", _at("reached"), lambda r: "" if r["reached"] in ("self", "live") else "warn"),
        Column("BY", _at("reached_how"), _quiet),
    ),
    "services": (
        _ID,
        Column("NAME", _at("name")),
        Column("MODE", _at("mode"), _quiet),
        Column("REPLICAS", _replicas, _state("state"), right=True),
        Column("STATE", _at("state"), _state("state")),
        Column("UPDATED", _age("updated"), right=True, wide=True),
        Column("IMAGE", _image),
        Column("NETWORKS", _joined("networks", str), _quiet, wide=True),
        Column("PORTS", _joined("ports", _service_port), _quiet),
        Column("REASON", _at("reason"), _state("state"), wide=True),
    ),
    "tasks": (
        _ID,
        Column("NAME", _at("name")),
        _NODE,
        Column("STATE", _at("state"), _state("state")),
        Column("DESIRED", _at("desired_state"), _quiet),
        Column("SINCE", _age("since"), right=True),
        Column("CONTAINER", _at("container_id", 12), _quiet, wide=True),
        Column("IMAGE", _image, wide=True),
        Column("ERROR", _error, lambda r: "muted" if r["past"] else "err"),
    ),
    "networks": (
        _ID,
        Column("NAME", _at("name")),
        Column("DRIVER", _at("driver")),
        Column("SCOPE", _at("scope")),
        _NODE,
        Column("SUBNETS", _joined("subnets", lambda s: s["subnet"]), _quiet),
        Column("SERVICES", lambda r, _: str(len(r["services"])) if isinstance(r["services"], list) else "", right=True),
        Column("FLAGS", _flags, _quiet),
        _LABELS,
    ),
}
