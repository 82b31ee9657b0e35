"""Whether a service has become what its spec says: judged by update status and by its running tasks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from backends.change.part import Spec, reach

#: Failed tasks of the new spec after which it is said to be failing.
FAILURES = 3
#: States of a task that has ended badly.
_BAD = ("failed", "rejected", "orphaned")


class Progress(Enum):
    """How a rollout stands."""

    GOING = "going"
    FULL = "full"
    """All that is wanted runs; it has converged when that has been so for a while."""
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Judged:
    """One look at a service."""

    progress: Progress
    text: str = ""
    """``2 of 3 run``, or why it fails."""
    error: str = ""
    """The whole error of the newest task that failed since."""
    waits: bool = False
    """Whether a task waits for a node that may run it."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is waited for."""

    service_id: str
    rolls: bool
    """Whether tasks are replaced: an update status is expected."""
    back: bool = False
    """Whether it is a rollback that was asked for."""
    known: frozenset[str] = frozenset()
    """Ids of tasks that had ended before it was sent."""


def judge(service: Spec, tasks: Sequence[Spec], goal: Goal, *, begun: bool = True) -> Judged:
    """How a service stands. ``service`` as without inserted defaults, ``tasks`` are all of it; ``begun`` says that
    the engine had time to begin an update."""
    fresh = [task for task in tasks if task.get("ID") not in goal.known]
    failures = [task for task in fresh if _state(task) in _BAD]
    error = _error(failures)
    status = service.get("UpdateStatus") or {}
    state = str(status.get("State") or "")
    live = [task for task in tasks if task.get("DesiredState") in ("running", "ready", "complete")]
    template = reach(service, "Spec", "TaskTemplate") or {}
    wanted, done = _wanted(service, live, tasks), _done(service, live, tasks, template)
    counts = f"{done} of {wanted} {'completed' if _job(service) else 'run'}"
    if goal.rolls and state in ("paused", "rollback_paused"):
        return Judged(Progress.FAILING, _why("the update is paused", error, status), error)
    if goal.rolls and state == "rollback_completed" and not goal.back:
        return Judged(Progress.FAILING, _why("it was rolled back", error, status), error)
    if goal.rolls and state in ("updating", "rollback_started"):
        verb = "rolling back" if state == "rollback_started" else "updating"
        return Judged(Progress.GOING, f"{verb}, {counts}", error)
    if goal.rolls and not state and not begun:
        return Judged(Progress.GOING, counts, error)
    over = [
        t for t in tasks if t.get("DesiredState") in ("shutdown", "remove") and _state(t) in ("running", "starting")
    ]
    if done >= wanted and not over:
        return Judged(Progress.FULL, counts, error)
    if len(failures) >= FAILURES:
        return Judged(Progress.FAILING, _why(f"its tasks fail, {counts}", error, {}), error)
    waiting = next((t for t in live if _state(t) == "pending" and reach(t, "Status", "Err")), None)
    if waiting is not None:
        why = str(reach(waiting, "Status", "Err"))
        return Judged(Progress.GOING, f"{counts}; {why}", why, waits=True)
    return Judged(Progress.GOING, counts, error)


def _state(task: Spec) -> str:
    return str(reach(task, "Status", "State") or "")


def _job(service: Spec) -> bool:
    mode = reach(service, "Spec", "Mode") or {}
    return "ReplicatedJob" in mode or "GlobalJob" in mode


def _wanted(service: Spec, live: Sequence[Spec], tasks: Sequence[Spec]) -> int:
    mode = reach(service, "Spec", "Mode") or {}
    if isinstance(mode.get("Replicated"), dict):
        count = mode["Replicated"].get("Replicas")
        return 1 if count is None else int(count)
    if isinstance(mode.get("ReplicatedJob"), dict):
        return int(mode["ReplicatedJob"].get("TotalCompletions") or mode["ReplicatedJob"].get("MaxConcurrent") or 1)
    if "GlobalJob" in mode:
        return len(_iteration(service, tasks))
    return len(live)


def _iteration(service: Spec, tasks: Iterable[Spec]) -> list[Spec]:
    """Tasks of the present run of a job."""
    index = reach(service, "JobStatus", "JobIteration", "Index") or 0
    return [task for task in tasks if (reach(task, "JobIteration", "Index") or 0) == index]


def _done(service: Spec, live: Sequence[Spec], tasks: Sequence[Spec], template: Spec) -> int:
    if _job(service):
        return sum(1 for task in _iteration(service, tasks) if _state(task) == "complete")
    return sum(1 for task in live if _state(task) == "running" and _of(task, template))


def _of(task: Spec, template: Spec) -> bool:
    """Whether a task is made by the present spec, as far as its container tells."""
    spec = task.get("Spec") or {}
    return bool(
        spec.get("ContainerSpec") == template.get("ContainerSpec")
        and (spec.get("ForceUpdate") or 0) == (template.get("ForceUpdate") or 0)
    )


def _error(failures: Sequence[Spec]) -> str:
    newest = max(failures, key=lambda task: str(reach(task, "Status", "Timestamp") or ""), default=None)
    if newest is None:
        return ""
    return str(reach(newest, "Status", "Err") or reach(newest, "Status", "Message") or "")


def _why(what: str, error: str, status: Spec) -> str:
    return f"{what}: {error or status.get('Message') or 'no reason was given'}"
