"""What an event says, for people: its colour class and the rest of its line. Pure.

Attributes of node and service updates: moby ``daemon/events.go`` (``logNodeEvent``, ``logServiceEvent``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from backends.model import Container, Event, EventSource
from backends.state.wording import exit_text, image_change, short_image


class Known(Protocol):
    """What describing looks things up in: a snapshot, or one being changed."""

    @property
    def containers(self) -> Mapping[str, Container]:
        """Containers by id."""
        ...


_Said = tuple[str, str]
"""(severity, text)"""

_SIGNALS = {
    "1": "SIGHUP",
    "2": "SIGINT",
    "3": "SIGQUIT",
    "6": "SIGABRT",
    "9": "SIGKILL",
    "10": "SIGUSR1",
    "12": "SIGUSR2",
    "15": "SIGTERM",
    "28": "SIGWINCH",
}
_GOOD = frozenset({"running", "complete", "ready", "reachable", "active", "completed", "healthy"})
_BAD = frozenset({"failed", "rejected", "down", "unreachable"})
_DOUBTFUL = frozenset({"unknown", "disconnected"})
_WORSE = ("", "ok", "chg", "warn", "err")


def describe(event: Event, known: Known) -> Event:
    """The event with ``severity`` and ``text`` filled in, judged with the state just before it. Events that
    have a text already (derived ones, marks) and everyday ones are returned as they are."""
    if event.source is not EventSource.ENGINE or event.text:
        return event
    tell = _TELL.get(event.type)
    if tell is None:
        return event
    level, text = tell(event, known)
    if not level and not text:
        return event
    return msgspec.structs.replace(event, severity=level, text=text)


def base_action(event: Event) -> str:
    """The action without what follows its colon: ``exec_create`` of ``exec_create: sh``."""
    return event.action.partition(":")[0]


def _container(event: Event, known: Known) -> _Said:
    action, _, rest = event.action.partition(":")
    attributes = event.attributes
    match action:
        case "start" | "unpause" | "restart":
            return "ok", ""
        case "create":
            return "chg", short_image(attributes.get("image", ""))
        case "die":
            code = attributes.get("exitCode", "")
            number = int(code) if code.isascii() and code.removeprefix("-").isdigit() and len(code) < 12 else None
            if number is None:
                return "", ""
            # 137 and 143 are how an engine stops a container that was asked to go.
            return "" if number in (0, 137, 143) else "err", exit_text(number)
        case "kill":
            signal = attributes.get("signal", "")
            return "", _SIGNALS.get(signal, f"signal {signal}" if signal else "")
        case "oom":
            return "err", "out of memory"
        case "health_status":
            new = rest.strip()
            before = known.containers.get(event.id)
            old = before.health if before is not None else ""
            level = {"healthy": "ok", "unhealthy": "err"}.get(new, "chg")
            return level, f"{old} → {new}" if old and old != new else new
        case "rename":
            old = attributes.get("oldName", "").removeprefix("/")
            return "", f"{old} → {event.name}" if old else ""
        case "exec_create" | "exec_start":
            return "", rest.strip()
        case "exec_die":
            code = attributes.get("exitCode", "")
            return "", f"exit {code}" if code else ""
        case "exec_detach" | "attach" | "detach" | "top" | "export" | "copy" | "resize" | "stop" | "destroy":
            return "", ""
        case "archive-path" | "extract-to-dir":
            return "", attributes.get("path", "")
        case "pause":
            return "chg", ""
    return "", ""


def _network(event: Event, known: Known) -> _Said:
    action = base_action(event)
    if action in ("connect", "disconnect"):
        container = event.attributes.get("container", "")
        found = known.containers.get(container)
        who = found.name if found is not None else container[:12]
        return ("ok" if action == "connect" else ""), who
    if action == "create":
        return "ok", event.attributes.get("type", "")
    return "", ""


def _changes(event: Event, names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(name, old, new) of the attributes that an update event carries as ``name.old`` and ``name.new``."""
    attributes = event.attributes
    return [
        (name, attributes.get(f"{name}.old", ""), attributes[f"{name}.new"])
        for name in names
        if f"{name}.new" in attributes
    ]


_ROLLOUTS: dict[str, _Said] = {
    "updating": ("chg", "update started"),
    "paused": ("err", "update paused"),
    "completed": ("ok", "update completed"),
    "rollback_started": ("warn", "rollback started"),
    "rollback_paused": ("err", "rollback paused"),
    "rollback_completed": ("warn", "rollback completed"),
}


def _service(event: Event, known: Known) -> _Said:
    action = base_action(event)
    if action == "create":
        return "ok", ""
    if action != "update":
        return "", ""
    level, parts = "chg", []
    for name, old, new in _changes(event, ("image", "replicas", "updatestate")):
        if name == "image":
            parts.append(f"image {image_change(old, new)}")
        elif name == "replicas":
            parts.append(f"replicas {old} → {new}")
        else:
            level, words = _ROLLOUTS.get(new, ("chg", new.replace("_", " ")))
            parts.append(words)
    return level, ", ".join(parts)


def _node(event: Event, known: Known) -> _Said:
    action = base_action(event)
    if action == "create":
        return "ok", "joined"
    if action != "update":
        return "", ""
    worst, parts = "", []
    for name, old, new in _changes(event, ("state", "availability", "role", "leader", "reachability")):
        if name == "leader":
            parts.append("is the leader now" if new == "true" else "no longer the leader")
        elif name == "reachability":
            parts.append(f"manager {new}")
        elif name == "role":
            parts.append(f"{'promoted' if new == 'manager' else 'demoted'}, {old} → {new}")
        else:
            parts.append(f"{old} → {new}" if old else new)
        good = new in _GOOD or (name, new) == ("leader", "true")
        level = "err" if new in _BAD else "warn" if new in _DOUBTFUL else "ok" if good else "chg"
        worst = max(worst, level, key=_WORSE.index)
    return worst, ", ".join(parts)


def _image(event: Event, known: Known) -> _Said:
    return ("ok" if base_action(event) in ("pull", "load", "import") else ""), ""


def _storage(event: Event, known: Known) -> _Said:
    action = base_action(event)
    if action == "create":
        return "ok", event.attributes.get("driver", "")
    if action in ("mount", "unmount"):
        container = event.attributes.get("container", "")
        found = known.containers.get(container)
        return "", found.name if found is not None else container[:12]
    return "", ""


def _daemon(event: Event, known: Known) -> _Said:
    return ("warn" if base_action(event) == "shutdown" else "chg"), ""


def _plugin(event: Event, known: Known) -> _Said:
    return ("warn" if base_action(event) in ("disable", "remove") else "chg"), ""


_TELL: dict[str, Callable[[Event, Known], _Said]] = {
    "container": _container,
    "network": _network,
    "service": _service,
    "node": _node,
    "image": _image,
    "volume": _storage,
    "config": _storage,
    "secret": _storage,
    "daemon": _daemon,
    "plugin": _plugin,
}
