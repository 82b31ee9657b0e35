"""What follows of a value while it is typed: room for more tasks, what stops, what an image is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backends.model import Image, Mode, Service, Snapshot
from backends.rollouts.rollout import policy
from backends.state.relations import relations
from backends.state.room import Limit, room
from backends.state.wording import listing, plural, short_image
from tui.details.node import node_name
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import ago, duration
from tui.text.fit import cut_line, wrap
from tui.text.span import Line, Span, line

#: Cells from the start of a label to its value.
LABEL = 10
#: Rows of a sentence at most.
_ROWS = 2


def labelled(word: str, *value: str | Span | Line) -> Line:
    """``room      6 nodes``."""
    return line((f"{word:<{LABEL}}", "muted"), *value)


def effect(was: int, now: int) -> str:
    """``+2 tasks; nothing restarts``."""
    if now > was:
        return f"+{plural(now - was, 'task')}; nothing restarts"
    return f"−{plural(was - now, 'task')}" if now < was else ""


def scale_rows(service: Service, now: int, moment: Moment, cells: int) -> list[Line]:
    """Below the number: where there is room for more, or what may stop."""
    was = service.replicas or 0
    if now < was:
        return [cut_line(labelled("stops", _stopping(service, was - now, moment.snapshot)), cells)]
    return _room_rows(service, now - was, moment.snapshot, cells)


def _stopping(service: Service, count: int, snapshot: Snapshot) -> str:
    tasks = [t for t in relations(snapshot).tasks_of(service.id) if t.desired_state == "running" and not t.is_over]
    if not tasks:
        return ""
    names = [f"{t.slot} {node_name(snapshot, t.node_id)}" for t in sorted(tasks, key=lambda t: t.slot)]
    if count >= len(tasks):
        return f"all of {listing(names, most=5)}" if len(names) > 1 else names[0]
    return f"{count} of {listing(names, most=5)}; the swarm chooses"


def _room_rows(service: Service, more: int, snapshot: Snapshot, cells: int) -> list[Line]:
    found = room(service, snapshot)
    if not found.nodes:
        said = f"no node would take one more: {found.why}" if found.of else "no node is known"
        return _warned(said, cells)
    nodes = plural(len(found.nodes), "node") + (f" of {found.of}" if len(found.nodes) < found.of else "")
    parts: list[Line] = [line(nodes)]
    parts += [_limit(limit, more) for limit in found.limits]
    out: list[Span] = []
    for part in parts:
        out += [*([("   ", "")] if out else []), *part]
    rows = [cut_line(labelled("room", tuple(out)), cells)]
    limit, left = found.short, found.more
    if left is not None and limit is not None and more > left:
        rows += _warned(f"room for {left} only ({limit.what}: {limit.text}); the rest would wait", cells)
    return rows


def _limit(limit: Limit, more: int) -> Line:
    if limit.more is None and not limit.text:
        return line((f"{limit.what} ", "muted"), (sym("unknown"), "muted"))
    enough = limit.more is None or limit.more >= more
    sign: Span = (sym("check"), "ok") if enough else (sym("look"), "warn")
    return line((f"{limit.what} ", "muted"), sign, (f" {limit.text}", "" if enough else "warn"))


def _warned(text: str, cells: int) -> list[Line]:
    rows = wrap(f"{sym('look')} {text}", max(20, cells - LABEL), limit=_ROWS)
    return [labelled("", (row, "warn")) for row in rows]


@dataclass(frozen=True, slots=True)
class Tag:
    """An image that may be set."""

    reference: str
    shown: str
    """Without the repository where that is the one it has."""
    what: str


def tags(service: Service, typed: str, images: Iterable[Image], moment: Moment) -> list[Tag]:
    """What is on the nodes that were asked, and what it had before, which comes first."""
    was = short_image(service.image)
    repository = was.rpartition(":")[0] if ":" in was.rpartition("/")[2] else was
    before = short_image(service.previous_image)
    held: dict[str, list[Image]] = {}
    for image in images:
        for tag in image.tags:
            mine = tag.startswith(f"{repository}:") if typed == was else tag.startswith(typed)
            if tag != was and mine:
                held.setdefault(tag, []).append(image)
    found: dict[str, str] = {}
    if before and before != was and (typed == was or before.startswith(typed)):
        found[before] = "before this one" + (f", {_held(held[before], moment)}" if before in held else "")
    found |= {tag: _held(held[tag], moment) for tag in sorted(held) if tag not in found}
    return [Tag(ref, ref.removeprefix(f"{repository}:"), what) for ref, what in found.items()]


def _held(images: Sequence[Image], moment: Moment) -> str:
    """``made 3 h ago, on this node``."""
    snapshot = moment.snapshot
    made = ago(max((i.created for i in images if i.created is not None), default=None), moment.now)
    nodes = {image.node_id for image in images}
    where = "on this node" if nodes <= {"", snapshot.node_id} else f"on {plural(len(nodes), 'node')}"
    return ", ".join(part for part in (f"made {made}" if made else "", where) if part)


def pace(service: Service) -> str:
    """``3 tasks restart, 1 at a time, ~ 41 s``."""
    count = service.replicas if service.replicas is not None else service.running
    if not count:
        return "nothing runs: nothing restarts"
    config = policy(service)
    word = "restarts" if count == 1 else "restart"
    steps = f", {config.parallelism} at a time" if config.parallelism and count > 1 else ""
    last = service.update
    took = ""
    if last is not None and last.state == "completed" and last.started is not None and last.completed is not None:
        # The last rollout is the only measure there is.
        took = f", ~ {duration(max(1.0, last.completed - last.started))}"
    return f"{plural(count, 'task')} {word}{steps}{took}"


def failing(service: Service, key: str) -> str:
    """``pauses after the first task that fails; ^l takes it back``."""
    if service.mode in (Mode.REPLICATED_JOB, Mode.GLOBAL_JOB):
        return "a job is not rolled back"
    config = policy(service)
    if config.failure_action == "continue":
        return f"goes on over tasks that fail; {key} takes it back"
    what = "rolls back" if config.failure_action == "rollback" else "pauses"
    ratio = config.max_failure_ratio
    when = f"once more than {ratio:.0%} fail" if ratio else "after the first task that fails"
    return f"{what} {when}; {key} takes it back" if what == "pauses" else f"{what} {when}"
