"""How a service is: its state word, its replicas, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backends.model import Mode, Node, Service, Task
from backends.state.severity import Severity, severity
from backends.state.wording import duration, listing, plural, short_image, times

#: A service is failing when fewer tasks run than wanted and one failed within this many seconds.
FAILURE_WINDOW = 600.0
#: A replica that failed before and runs for less than this many seconds has not recovered: one that ends a moment
#: after each start would be healthy and failing in turns.
SETTLING = 30.0


@dataclass(frozen=True, slots=True)
class SlotHealth:
    """One replica: a slot, or a node of a global service."""

    slot: int
    """0 for global services."""
    node_id: str
    word: str
    current: Task | None
    """The task that is meant to run, else the newest."""
    past: tuple[Task, ...] = ()
    """The others, newest first."""
    failures: int = 0
    """Failed within the window."""


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """The state of a service."""

    word: str
    """``failing pending degraded updating starting healthy stopped``, for jobs also ``running complete``."""
    running: int
    wanted: int
    reason: str = ""
    """One sentence part: ``1 of 4 replicas runs; slots 2, 3 and 4 have failed 17 times in 10 min``."""
    error: str = ""
    """The newest failure's whole text, or what keeps a task pending."""
    failures: int = 0
    """Failed tasks within ten minutes."""
    at_least: bool = False
    """Whether the engine may have dropped older failures (it keeps five tasks a slot)."""
    updated: int = 0
    """Running tasks that have the image of the spec; told only during a rollout."""
    since: float | None = None
    slots: tuple[SlotHealth, ...] = ()
    until: float | None = None
    """When this may change although nothing happens (a failure leaves the window)."""

    @property
    def severity(self) -> Severity:
        """Colour class of the word."""
        return severity(self.word)

    @property
    def replicas(self) -> str:
        """``3/4``."""
        return f"{self.running}/{self.wanted}"


def task_word(task: Task, node: Node | None = None) -> str:
    """A task's state in the words of the lists. ``node`` is where it is: what a node that is down last said
    of its tasks is not known to be true."""
    if task.is_over:
        return {
            "complete": "complete",
            "failed": "failed",
            "rejected": "failed",
            "orphaned": "unknown",
        }.get(task.state, "shutdown")
    if node is not None and node.state == "down":
        return "unknown"
    if task.state == "running":
        return "running"
    if task.state == "pending":
        return "pending"
    return "waiting" if task.state in ("new", "allocated") else "starting"


def _meant(task: Task) -> bool:
    """Whether the Swarm wants the task to run (or, a job's, to end by itself)."""
    return task.desired_state not in ("shutdown", "remove")


def _failed_at(task: Task) -> float:
    return task.since or task.updated or task.created or 0.0


def slots_of(tasks: Sequence[Task], nodes: Mapping[str, Node], now: float) -> tuple[SlotHealth, ...]:
    """Tasks of one service by replica. A slot of which nothing is meant to run any more (scaled down) is left
    out, unless it failed just now or all are like that."""
    groups: dict[tuple[int, str], list[Task]] = {}
    for t in tasks:
        groups.setdefault((t.slot, "") if t.slot else (0, t.node_id), []).append(t)
    found: list[SlotHealth] = []
    for (slot, _), members in sorted(groups.items()):
        members.sort(key=lambda t: t.created or 0.0, reverse=True)
        meant = [t for t in members if _meant(t)]
        current = next((t for t in meant if not t.is_over), meant[0] if meant else members[0])
        failures = sum(1 for t in members if t.failed and _failed_at(t) >= now - FAILURE_WINDOW)
        word = task_word(current, nodes.get(current.node_id))
        past = tuple(t for t in members if t is not current)
        found.append(SlotHealth(slot, current.node_id, word, current, past, failures))
    live = tuple(s for s in found if s.failures or (s.current is not None and _meant(s.current)))
    return live or tuple(found)


def service_health(
    service: Service,
    tasks: Sequence[Task] | None,
    nodes: Mapping[str, Node],
    now: float,
    *,
    counts_newer: bool = False,
) -> ServiceHealth:
    """Judges a service from its tasks, or, where they are not listed (``None``), from the engine's counts.

    ``counts_newer`` says that the counts were read after the tasks; they then decide how many run, except that
    the engine also counts what a node that is down last said. ``now`` is in seconds since the epoch.
    """
    slots = slots_of(tasks, nodes, now) if tasks is not None else ()
    running = service.running
    if tasks is not None:
        live = [t for t in tasks if t.state == "running"]
        lost = sum(1 for t in live if getattr(nodes.get(t.node_id), "state", "") == "down")
        seen = sum(1 for t in live if _meant(t) and getattr(nodes.get(t.node_id), "state", "") != "down")
        if not counts_newer or seen <= running <= seen + lost:
            running = seen
    wanted = _wanted(service, slots)
    failed = [t for t in tasks or () if t.failed and _failed_at(t) >= now - FAILURE_WINDOW]
    failed.sort(key=_failed_at)
    error = _error(failed[-1]) if failed else ""
    until = _failed_at(failed[0]) + FAILURE_WINDOW if failed else None
    waiting = [t for t in tasks or () if t.state == "pending" and _meant(t) and t.error]
    at_least = any(s.failures and len(s.past) >= 4 and s.failures >= len(s.past) for s in slots)

    base = ServiceHealth(
        "healthy",
        running,
        wanted,
        error=error,
        failures=len(failed),
        at_least=at_least,
        slots=slots,
        until=until,
    )
    if service.is_job:
        return _job(base, service, tasks, waiting)
    if wanted == 0:
        if service.mode is Mode.GLOBAL:
            return replace(base, word="pending", reason="no node takes its tasks")
        stopped = "scaled to 0" if not running else f"scaled to 0, {running} still running"
        return replace(base, word="stopped", reason=stopped)
    count = f"{running} of {wanted} replicas"
    # Where older failures were dropped the oldest kept one is not when it began, and moves with each new one.
    first = _failed_at(failed[0]) if failed and not at_least else None
    if running < wanted and failed:
        story = _failures(slots, failed, at_least, nodes)
        reason = f"{count} {'runs' if running == 1 else 'run'}; {story}"
        return replace(base, word="failing", reason=reason, since=first)
    if running < wanted and waiting:
        return _pending(base, count, waiting)
    rollout = service.update.state if service.update else ""
    if service.update and rollout in ("updating", "rollback_started"):
        return _rollout(base, service, tasks, now)
    if service.update and rollout in ("paused", "rollback_paused"):
        what = "rollback" if rollout == "rollback_paused" else "update"
        said = service.update.message
        reason = f"{count}; its {what} is paused: {said or 'the engine gives no reason'}"
        since = service.update.started
        return replace(base, word="degraded", reason=reason, since=since, error=error or said)
    if running < wanted:
        reason = count if tasks is not None else f"{count}; its tasks are not read yet"
        return replace(base, word="starting", reason=reason)
    settles = _settles(slots, now)
    if settles is not None:
        reason = f"{count} {'runs' if running == 1 else 'run'} again; {_failures(slots, failed, at_least, nodes)}"
        until = settles if until is None else min(settles, until)
        return replace(base, word="failing", reason=reason, since=first, until=until)
    return replace(base, reason=count if running == wanted else f"{running} run, {wanted} wanted")


def _settles(slots: Sequence[SlotHealth], now: float) -> float | None:
    """When the last replica that failed again and again will have run long enough; ``None`` where none is young."""
    starts = (s.current.since for s in slots if s.failures > 1 and s.current and s.current.state == "running")
    ends = [at + SETTLING for at in starts if at is not None and now < at + SETTLING]
    return max(ends, default=None)


def _pending(base: ServiceHealth, count: str, waiting: Sequence[Task]) -> ServiceHealth:
    since = min((at for t in waiting if (at := t.since or t.created)), default=None)
    error = waiting[0].error
    return replace(base, word="pending", reason=f"{count}; {error}", error=error, since=since)


def _wanted(service: Service, slots: Sequence[SlotHealth]) -> int:
    if service.mode in (Mode.REPLICATED, Mode.REPLICATED_JOB):
        return service.replicas if service.replicas is not None else service.desired
    if service.has_counts and service.desired:
        return service.desired
    return sum(1 for s in slots if s.current is not None and _meant(s.current))


def _error(task: Task) -> str:
    text = task.error or task.message
    if task.exit_code and str(task.exit_code) not in text:
        return f"{text} (exit {task.exit_code})" if text else f"exit {task.exit_code}"
    return text


def _failures(slots: Sequence[SlotHealth], failed: Sequence[Task], at_least: bool, nodes: Mapping[str, Node]) -> str:
    bad = [s for s in slots if s.failures]
    number = f"at least {times(len(failed))}" if at_least else times(len(failed))
    if bad and bad[0].slot:
        names = listing([str(s.slot) for s in bad], most=6)
        who = f"slot {names} has" if len(bad) == 1 else f"slots {names} have"
    elif bad:
        names = listing([nodes[s.node_id].name if s.node_id in nodes else s.node_id[:12] for s in bad])
        who = f"on {names} it has"
    else:
        who = "it has"
    return f"{who} failed {number} in {duration(FAILURE_WINDOW)}"


def _rollout(base: ServiceHealth, service: Service, tasks: Sequence[Task] | None, now: float) -> ServiceHealth:
    update = service.update
    assert update is not None
    back = update.state == "rollback_started"
    image = short_image(service.image)
    if tasks is None:
        reason = f"{'rolls back' if back else 'updates'} to {image}"
        return replace(base, word="updating", reason=reason, since=update.started)
    start = update.started or 0.0
    live = [t for t in tasks if t.state == "running" and _meant(t)]
    if service.previous_image not in ("", service.image):
        done = sum(1 for t in live if t.image == service.image)
    else:
        done = sum(1 for t in live if (t.created or 0.0) >= start)
    parts = [f"{done} of {base.wanted} replicas {'back on' if back else 'on'} {image}"]
    config = service.rollback_config if back else service.update_config
    failures = sum(1 for t in tasks if t.failed and _failed_at(t) >= start)
    if config is not None and config.max_failure_ratio:
        allowed = int(config.max_failure_ratio * base.wanted)
        parts.append(f"{plural(failures, 'failure')} of {allowed} allowed")
    elif failures:
        parts.append(f"{plural(failures, 'failure')} so far")
    elapsed = now - start if start else 0.0
    if 0 < done < base.wanted and elapsed > 5:
        parts.append(f"about {duration(elapsed * (base.wanted - done) / done)} left")
    reason = "; ".join(parts)
    return replace(base, word="updating", reason=reason, since=update.started, updated=done, until=now + 2.0)


def _job(base: ServiceHealth, service: Service, tasks: Sequence[Task] | None, waiting: Sequence[Task]) -> ServiceHealth:
    done = service.completed
    if tasks is not None:
        done = max(done, sum(1 for t in tasks if t.state == "complete" and _meant(t)))
    count = f"{done} of {base.wanted} completed"
    if base.wanted and done >= base.wanted:
        return replace(base, word="complete", reason=count)
    if base.failures and not base.running:
        story = f"{count}; failed {times(base.failures)} in {duration(FAILURE_WINDOW)}"
        return replace(base, word="failing", reason=story)
    if waiting and not base.running:
        return _pending(base, count, waiting)
    if base.running:
        return replace(base, word="running", reason=f"{count}, {base.running} running")
    return replace(base, word="starting" if base.wanted else "stopped", reason=count)
