"""One try of a replica in a rollout: how it stands, its last words, what that means, and the policy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backends.model import Task
from backends.rollouts.rollout import Lane, Phase, Rollout, Step, policy
from backends.state.wording import plural, short_image
from tui.details.errors import error_text, happened
from tui.details.node import node_name
from tui.details.rollout import change_line, counts_line, failures_line, phase_line
from tui.details.sheet import Sheet, one_row, spaced
from tui.details.task import meaning, note, running_before, task_state_line
from tui.tables.spec import Detail, Moment
from tui.text.ago import age, duration
from tui.text.fit import cut_line, image_line, wrap
from tui.text.span import Line, line

#: Last lines of a log that are told.
LOG_LINES = 6


@dataclass(frozen=True, slots=True)
class LastWords:
    """The end of a task's log; ``problem`` is why it cannot be read."""

    lines: tuple[str, ...] = ()
    problem: str = ""
    waiting: bool = False


Words = Mapping[str, LastWords]


def attempt_detail(
    lane: Lane, task: Task, number: int, run: Rollout, moment: Moment, cells: int, words: Words
) -> Detail:
    """One task of a replica. ``number`` is which try it is, 0 of one from before; ``words`` what is known of logs, by
    task."""
    sheet = Sheet(moment, cells, label=13)
    sheet.fact("state", _state(task, moment))
    sheet.fact("node", node_name(moment.snapshot, task.node_id) if task.node_id else "none yet")
    sheet.fact("image", image_line(short_image(task.image)) if task.image != run.service.image else "")
    sheet.fact("container", task.container_id[:12])
    said = note(task, moment)
    if said:
        sheet.text(said)
    text = error_text(task)
    if text:
        sheet.head("Error")
        sheet.words(text, "warn" if task.state == "pending" else "err" if task.failed else "")
    _last_words(sheet, words.get(task.id))
    means = meaning(text, task.exit_code) if task.failed else ""
    if means:
        sheet.head("What it means")
        sheet.text(means)
        if run.sides.fresh(task):
            sheet.text(running_before(task, moment))
    policy_block(sheet, run)
    command = equal_command(run)
    sheet.command(command)
    return Detail(attempt_title(lane, number, moment), sheet.lines, _compact(task, run, moment, cells, words), command)


def _state(task: Task, moment: Moment) -> Line:
    """``✗ failed, exit 1, after 4 s``."""
    parts = [f"exit {task.exit_code}" if task.exit_code and task.is_over else ""]
    at = happened(task)
    if task.failed and task.created and at >= task.created:
        parts.append(f"after {duration(at - task.created) if at - task.created >= 1 else 'less than 1 s'}")
    elif task.since is not None:
        parts.append(f"for {age(task.since, moment.now)}")
    return line(task_state_line(task, moment), *(f", {part}" for part in parts if part))


def _last_words(sheet: Sheet, found: LastWords | None) -> None:
    if found is None:
        return
    sheet.head("Last lines of its log", ((sheet.moment.hint("l"), "strong bold"), (" logs", "muted")))
    if found.waiting:
        sheet.text(("asking for it", "muted"))
    elif found.problem:
        sheet.text((found.problem, "muted"))
    elif not found.lines:
        sheet.text(("it wrote nothing", "muted"))
    for text in found.lines[-LOG_LINES:]:
        sheet.words(text)


def _compact(task: Task, run: Rollout, moment: Moment, cells: int, words: Words) -> tuple[Line, ...]:
    where = node_name(moment.snapshot, task.node_id) if task.node_id else "none yet"
    rows = [one_row("state", spaced(_state(task, moment), line(("on ", "muted"), where)), cells=cells)]
    text = error_text(task)
    rows += [((row, "err" if task.failed else "warn"),) for row in wrap(text, cells, limit=2)] if text else []
    found = words.get(task.id)
    if found is not None and found.lines:
        # Its own last words tell more than what we make of the error.
        rows += [one_row("log" if not i else "", row, cells=cells) for i, row in enumerate(found.lines[-2:])]
    elif task.failed and meaning(text, task.exit_code):
        rows += [((row, ""),) for row in wrap(meaning(text, task.exit_code), cells, limit=1)]
    elif note(task, moment):
        rows.append(((note(task, moment), ""),))
    config = run.config
    pace = "all at once" if not config.parallelism else f"{config.parallelism} at a time"
    rows.append(one_row("policy", f"{pace}; on failure {_on_failure(run)}", cells=cells))
    back = _if_back(run) if _can_go_back(run) else ()
    rows.append(one_row("rollback" if back else "", *back, cells=cells))
    return tuple(row for row in rows if row)[:6]


def equal_command(run: Rollout) -> str:
    """The docker line that does the same, as far as the Swarm keeps what was asked; else the one that shows it."""
    name = run.service.name
    if run.phase.back and run.sides.by_hand:
        return f"docker service rollback {name}"
    if run.sides.images_differ and not run.phase.back:
        return f"docker service update --image {short_image(run.service.image)} {name}"
    return f"docker service ps --no-trunc {name}"


def rollout_detail(run: Rollout, moment: Moment, cells: int) -> Detail:
    """A rollout in the list of all."""
    sheet = Sheet(moment, cells, label=13)
    sheet.text(phase_line(run), "   ", change_line(run))
    sheet.text(counts_line(run))
    sheet.text(failures_line(run))
    if not run.phase.moves and run.phase is not Phase.DONE:
        sheet.gap()
        sheet.text(run.standing.sentence)
    elif run.standing.failures:
        sheet.head("Newest failure")
        sheet.words(run.standing.failures[0], "err")
    policy_block(sheet, run)
    command = equal_command(run)
    sheet.command(command)
    rows = [line(phase_line(run), "   ", change_line(run, cells - 16)), spaced(counts_line(run), failures_line(run))]
    said = (
        run.standing.sentence if run.phase not in (Phase.DONE, Phase.UPDATING) else "".join(run.standing.failures[:1])
    )
    rows += [((text, ""),) for text in wrap(said, cells, limit=3)] if said else []
    return Detail(run.service.name, sheet.lines, tuple(cut_line(row, cells) for row in rows[:6]), command)


def _can_go_back(run: Rollout) -> bool:
    return run.phase in (Phase.UPDATING, Phase.PAUSED, Phase.STARTING) and bool(run.sides.other)


def policy_block(sheet: Sheet, run: Rollout) -> None:
    """Update policy, and what a rollback would do."""
    config = run.config
    sheet.head("Rollback policy" if run.phase.back else "Update policy")
    pace = "all at once" if not config.parallelism else f"{config.parallelism} at a time"
    apart = f", {duration(config.delay)} apart" if config.delay else ""
    sheet.fact("how many", pace + apart)
    sheet.fact("order", "start the new one first" if config.order == "start-first" else "stop first")
    sheet.fact("watched for", f"{duration(config.monitor)} after start" if config.monitor else "not at all")
    sheet.fact("on failure", _on_failure(run))
    if _can_go_back(run):
        sheet.head("If it rolls back", ((sheet.moment.hint("^l"), "strong bold"), (" now", "muted")))
        sheet.text(*_if_back(run))


def _on_failure(run: Rollout) -> str:
    config = run.config
    if run.action == "continue":
        return "goes on"
    verb = "rolls back" if run.action == "rollback" else "pauses"
    ratio = config.max_failure_ratio
    return f"{verb}, once more than {ratio:.0%} fail" if ratio else f"{verb} at the first one"


def _if_back(run: Rollout) -> tuple[Line, ...]:
    """Which image comes again, where and how fast."""
    config = policy(run.service, back=True)
    changed = sum(1 for lane in run.lanes if lane.step not in (Step.WAITS, Step.NEXT, Step.KEPT))
    wide = config.parallelism or max(1, changed)
    pace = "all at once" if not config.parallelism else f"{config.parallelism} at a time"
    back = run.sides.other if run.sides.images_differ else ""
    first = line(image_line(short_image(back)), " again, ") if back else line("the settings of before, ")
    rounds = -(-changed // wide) if changed else 0
    seconds = rounds * (2.0 + config.delay) + config.monitor
    told = f"{plural(changed, 'replica')}, {pace}; about {duration(seconds)}" if changed else "nothing is replaced yet"
    return (first, line(told))


def attempt_title(lane: Lane, number: int, moment: Moment) -> str:
    """``Slot 4, first try``."""
    who = f"Slot {lane.slot}" if lane.slot else node_name(moment.snapshot, lane.node_id)
    if not number:
        return f"{who}, of before"
    words: Sequence[str] = ("first", "second", "third", "fourth", "fifth")
    return f"{who}, {words[number - 1] if number <= len(words) else f'{number}th'} try"
