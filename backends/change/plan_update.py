"""What the changed values of a service are, and what they do to its tasks, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backends.change.redaction import is_secret_name, redacted_text
from backends.change.restarts import Effect, FieldChange
from backends.model import Service, Snapshot
from backends.state.relations import relations
from backends.state.wording import listing, plural, short_image


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """One value of a service that differs, for people."""

    what: str
    """``env LOG_LEVEL``; networks by their names."""
    before: str
    """Empty where it is new; ``***`` where it is a secret."""
    after: str
    effect: Effect
    sentence: str
    """``env LOG_LEVEL: debug → info.``"""


def changed_values(found: Iterable[FieldChange], names: Mapping[str, str]) -> tuple[ChangedValue, ...]:
    """What changes, in words. ``names`` gives those of networks by ID."""
    return tuple(_value(change, names) for change in found)


def _value(change: FieldChange, names: Mapping[str, str]) -> ChangedValue:
    what, (old, new) = change.what(names), _shown(change)
    if change.before is None:
        sentence = f"{what} is added" + (f": {new}." if new else ".")
    elif change.after is None:
        sentence = f"{what} is taken out" + (f" (was {old})." if old else ".")
    else:
        sentence = f"{what}: {old or 'empty'} → {new or 'empty'}."
    return ChangedValue(what, old, new, change.effect, sentence)


def _shown(change: FieldChange) -> tuple[str, str]:
    if change.path[-1] == "Image":
        return _images(change)
    if "Networks" in change.path:
        return _attached(change.before), _attached(change.after)
    named = change.path[-1] if "Env" in change.path or "Labels" in change.path else ""
    if named and is_secret_name(named):
        return ("***" if change.before is not None else "", "***" if change.after is not None else "")
    old, new = change.values
    return redacted_text(old), redacted_text(new)


def _images(change: FieldChange) -> tuple[str, str]:
    """References; their digests only where nothing else differs."""
    old, new = str(change.before or ""), str(change.after or "")
    if short_image(old) != short_image(new):
        return short_image(old), short_image(new)
    return _with_digest(old), _with_digest(new)


def _with_digest(reference: str) -> str:
    name, _, digest = reference.partition("@sha256:")
    return f"{name} {digest[:12]}".strip()


def _attached(value: Any) -> str:
    aliases = value.get("Aliases") if isinstance(value, dict) else None
    return "" if value is None else f"as {listing(aliases)}" if aliases else "attached"


def tasks_of(service: Service, snapshot: Snapshot) -> int:
    """How many tasks a service has that are meant to run."""
    tasks = [t for t in relations(snapshot).tasks_of(service.id) if not t.is_over and t.desired_state == "running"]
    return len(tasks) or service.running or service.desired


def effect_line(effect: Effect, service: Service | None, name: str, snapshot: Snapshot) -> str:
    """What the strongest of several changes does to the tasks, and at what pace."""
    if effect is Effect.NONE:
        return f"Changes {name} without restarting it."
    count = tasks_of(service, snapshot) if service is not None else 0
    tasks = f"the {plural(count, 'task')} of {name}" if count else f"the tasks of {name}"
    if effect is Effect.MOVES:
        return f"Of {tasks} only those restart whose node does not fit any more."
    config = service.update_config if service is not None else None
    at_once = config.parallelism if config is not None else 1
    how = "all at once" if at_once == 0 else "one after the other" if at_once == 1 else f"{at_once} at a time"
    first = "starting the new one first" if config is not None and config.order == "start-first" else "stopping first"
    return f"Restarts {tasks}, {how}, {first}." if count > 1 else f"Restarts {tasks}, {first}."
