"""What stands beside the form that edits a service: what changes, what that restarts, how it goes, how back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backends.change.redaction import HIDDEN, is_secret_name
from backends.change.restarts import Effect, FieldChange, restarts
from backends.model import Service
from backends.state.relations import relations
from backends.state.wording import plural
from tui.details.phrases import pace
from tui.forms.marks import quiet
from tui.forms.service_facts import service
from tui.forms.service_side import side as create_side
from tui.forms.service_spec import base, changed
from tui.forms.side import headed, two
from tui.forms.spec import FormView
from tui.look.symbols import sym
from tui.text.ago import cpu, duration, size
from tui.text.fit import fit_image, wrap
from tui.text.span import Line, line

_SAYS = {
    Effect.RESTARTS: ("restarts", "a new container"),
    Effect.MOVES: ("moves", "tasks whose node no longer fits"),
    Effect.NONE: ("nothing", "no task is touched"),
}
#: Cells of an image among them.
_IMAGE = 28
#: Changed values that are listed, at most.
_MOST = 9


def side(view: FormView, cells: int) -> list[Line]:
    """All of it; while nothing is changed, where the service runs."""
    found = changed(view)
    if not found:
        return [headed("What changes", quiet("nothing so far"), cells), (), *create_side(view, cells)]
    names = {id: network.name for id, network in view.snapshot.networks.items()}
    rows: list[Line] = [headed("What changes", quiet(plural(len(found), "value")), cells)]
    for change in found[:_MOST]:
        rows += _difference(change, _what(change, names), cells)
    if len(found) > _MOST:
        rows.append(quiet(f"and {len(found) - _MOST} more"))
    rows += [(), *_restarts(view, found, names, cells), (), *_how(view, found, cells)]
    rows += [(), headed("Undo", (), cells)]
    count = "it" if len(found) == 1 else f"all {len(found)}"
    rows.append(line(("^l", "strong bold"), (f" in Services rolls back {count}", "muted")))
    return rows


def _difference(change: FieldChange, what: str, cells: int) -> list[Line]:
    before, after = _shown(change)
    rows = []
    label = what
    if before:
        rows.append(two(label, (("− ", "muted"), (before, "muted")), cells, 14))
        label = ""
    if after or not before:
        rows.append(two(label, (("+ ", "bold"), (after or "empty", "bold")), cells, 14))
    return rows


def _shown(change: FieldChange) -> tuple[str, str]:
    """Both values for people: sizes and times as such, secrets left out."""
    path = change.path
    if "Env" in path and is_secret_name(path[-1]):
        return (HIDDEN if change.before is not None else ""), (HIDDEN if change.after is not None else "")
    values = (change.before, change.after)
    last = path[-1] if path else ""
    if last == "Image":
        return _two(values, lambda image: fit_image(image, _IMAGE))
    if "Networks" in path:
        return ("on it" if change.before is not None else ""), ("on it" if change.after is not None else "left")
    if "Mounts" in path:
        return _two(values, _mount)
    if "Secrets" in path or "Configs" in path:
        return _two(values, lambda one: f"as {one.get('File', {}).get('Name', '')}")
    if last == "MemoryBytes":
        return _two(values, size)
    if last == "NanoCPUs":
        return _two(values, cpu)
    if last in ("Delay", "Monitor", "Interval", "Timeout", "StartPeriod", "StopGracePeriod", "Window", "StartInterval"):
        return _two(values, lambda nanoseconds: duration(nanoseconds / 1e9))
    return change.values


def _mount(mount: Any) -> str:
    """``volume data``."""
    return " ".join(filter(None, (str(mount.get("Type", "")), str(mount.get("Source", "")))))


def _two(values: tuple[Any, Any], show: Callable[[Any], str]) -> tuple[str, str]:
    first, second = (show(value) if value is not None else "" for value in values)
    return first, second


def _what(change: FieldChange, names: dict[str, str]) -> str:
    """``secret db_password``: what stands under its own name is named once."""
    noun, _, rest = change.what(names).partition(" ")
    first, _, second = rest.partition(" ")
    return f"{noun} {first}" if second == first else change.what(names)


def _restarts(view: FormView, found: Sequence[FieldChange], names: dict[str, str], cells: int) -> list[Line]:
    strongest = restarts(found)
    count = _tasks(view)
    right = f"{count} of {plural(count, 'task')}" if strongest is Effect.RESTARTS else "no task"
    rows: list[Line] = [headed("What it restarts", quiet(right if strongest is not Effect.MOVES else "some"), cells)]
    first = True
    for change in found[:_MOST]:
        effect = change.effect
        if effect is Effect.MOVES and strongest is Effect.RESTARTS:
            effect = Effect.RESTARTS
        word, says = _SAYS[effect]
        if effect is Effect.RESTARTS and not first:
            says = "the same restart"
        if change.path == ("Mode", "Replicated", "Replicas") and isinstance(change.after, int):
            was = change.before if isinstance(change.before, int) else 0
            more = change.after - was
            says = _more(more)
        first = first and effect is not Effect.RESTARTS
        said = line((f"{word:<8} ", "bold" if effect is Effect.RESTARTS else "muted"), (says, "muted"))
        rows.append(two(_what(change, names), said, cells, 14))
    return rows


def _more(count: int) -> str:
    verb = "start" if count > 0 else "stop"
    return f"{abs(count)} {verb}{'s' if abs(count) == 1 else ''} at once"


def _tasks(view: FormView) -> int:
    found = base(view)
    if found is None:
        return 0
    tasks = [t for t in relations(view.snapshot).tasks_of(found.id) if t.desired_state == "running" and not t.is_over]
    known = view.snapshot.services.get(found.id)
    return len(tasks) or (known.running if known is not None else 0) or 0


def _how(view: FormView, found: Sequence[FieldChange], cells: int) -> list[Line]:
    """The update policy it would have, in words."""
    if restarts(found) is not Effect.RESTARTS:
        return []
    after = service(view)
    rows: list[Line] = [headed("How it goes", (), cells)]
    text = (pace(after.update_config) if after is not None else "") or "1 at a time, pause on failure"
    rows += [((row, ""),) for row in wrap(text, cells)]
    if after is not None:
        rows += [((row, "muted"),) for row in wrap(_meanwhile(after, _tasks(view)), cells)]
    return rows


def _meanwhile(after: Service, tasks: int) -> str:
    config = after.update_config
    at_once = (config.parallelism if config is not None else 1) or tasks
    if config is not None and config.order == "start-first":
        return "new before old: all go on serving"
    left = max(0, tasks - at_once)
    if not left:
        return "stop first: none serves while it is replaced" if tasks <= 1 else "stop first: for a moment none serves"
    return f"stop first: {left} of {tasks} serve while {'one is' if at_once == 1 else f'{at_once} are'} replaced"


def price(view: FormView) -> Line | None:
    """Beside the button: what restarts."""
    found = changed(view)
    if not found:
        return None
    strongest = restarts(found)
    if strongest is Effect.RESTARTS:
        count = _tasks(view)
        after = service(view)
        config = after.update_config if after is not None else None
        order = "one after the other" if config is None or config.parallelism == 1 else "by its update policy"
        text = f"{sym('look')} {plural(count, 'task')} restart{'s' if count == 1 else ''}"
        return line((text, "warn"), (f", {order}" if count > 1 else "", "muted"))
    if strongest is Effect.MOVES:
        return line((f"{sym('look')} tasks move whose node no longer fits", "warn"))
    send = view.moment.keys.get("form.send", "^s")
    return line(("no task restarts", "muted"), (f"   {send}", "strong bold"), (" updates it", "muted"))
