"""Whether a service has come to what was asked of it, judged by its update status and its running tasks.

The docker CLI calls a rollback "converged" and a rollout that goes on over failures "completed"; here the first is a
failure, and the second is judged by what runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from backends.model import Kind, Service, Snapshot, Task
from backends.state.relations import relations
from backends.state.wording import duration, listing, plural


class Progress(StrEnum):
    """Where a change stands."""

    WORKING = "working"
    CONVERGED = "converged"
    PAUSED = "paused"
    """The rollout stopped at failures, as the service's failure action says."""
    ROLLED_BACK = "rolled back"
    """The engine went back by itself: the change is not there."""
    FAILED = "failed"
    """Nothing that was asked runs, and nothing more is tried."""
    GONE = "gone"
    """The service was removed meanwhile."""
    LOST = "lost"
    """The engine has not answered for long: how it stands is not known."""

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come by itself."""
        return self is not Progress.WORKING


@dataclass(frozen=True, slots=True)
class Replica:
    """One slot (or node, of a global service) on its way."""

    name: str
    """``web.1``."""
    node: str
    """Host name; empty where none was chosen yet."""
    state: str
    """The newest task's state."""
    error: str = ""
    """The newest failure, whole."""
    new: bool = True
    """Whether its task is of what was asked, or still of before."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is waited for."""

    service_id: str
    replaces: bool = True
    """Whether tasks are replaced (``restarts``); else only their number counts."""
    old_tasks: frozenset[str] = frozenset()
    """IDs of the service's tasks before the change was sent. No clocks are compared: those of nodes differ."""
    started_before: float | None = None
    """``UpdateStatus.StartedAt`` before it was sent, 0 where there was none: an older rollout is not ours. ``None``
    is a new service."""
    rolling_back: bool = False
    """Whether a rollback was asked for: then it is what was wanted."""
    version: int = 0
    """The service's version index before it was sent: until another one is seen, nothing can be told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is."""

    progress: Progress
    sentence: str
    running: int = 0
    wanted: int = 0
    replicas: tuple[Replica, ...] = ()
    failures: tuple[str, ...] = ()
    """Whole errors of failed and waiting tasks, the newest first, each once."""
    wait: float | None = None
    """Seconds until it may be judged anew although nothing changes; ``None`` waits for a change."""
    took: float = 0.0
    """Seconds from sending until all of it ran, of one that has ended; without the time in which that was watched."""

    @property
    def name(self) -> str:
        """The service's, as its replicas are named."""
        return self.replicas[0].name.rpartition(".")[0] if self.replicas else "it"

    @property
    def waiting(self) -> str:
        """Why a task that was asked for finds no node; empty where none waits for one."""
        return next((r.error for r in self.replicas if r.new and r.state == "pending" and r.error), "")


_Facts = tuple[int, int, tuple[Replica, ...], tuple[str, ...]]


def judge(
    watch: Watch, snapshot: Snapshot, *, elapsed: float = 0.0, steady: float = 0.0, seen: float | None = None
) -> Standing:
    """Where the change stands in a snapshot. ``elapsed`` is how many seconds ago it was sent, ``steady`` for how many
    seconds all that was asked has been seen running, ``seen`` for how many seconds the change itself has been seen in
    the service; ``None`` where it was not yet."""
    service = snapshot.services.get(watch.service_id)
    if service is None:
        if elapsed < _UNSEEN and watch.version == 0 and seen is None:
            return Standing(Progress.WORKING, "The service has yet to be seen.", wait=_UNSEEN - elapsed)
        return Standing(Progress.GONE, "The service is gone.")
    tasks = relations(snapshot).tasks_of(service.id)
    if service.version <= watch.version:
        wanted, replicas = _wanted(service, snapshot), _replicas(tasks, watch, snapshot)
        return Standing(Progress.WORKING, f"The change of {service.name} has yet to be seen.", 0, wanted, replicas)
    elapsed = elapsed if seen is None else seen
    ours = _rollout(service, watch)
    # Where no rollout began, there was nothing to replace.
    watch = replace(watch, replaces=watch.replaces and (ours is not None or elapsed < _LEAD))
    fresh = [t for t in tasks if _is_new(t, watch)]
    running = sum(1 for t in fresh if t.state == "running" and t.desired_state == "running")
    if not watch.replaces and not _tasks_known(service, snapshot) and service.has_counts:
        running = service.running
    facts = (running, _wanted(service, snapshot), _replicas(tasks, watch, snapshot), _failures(fresh))
    if service.is_job:
        return _job(service, fresh, facts)
    if ours in _ROLLOUT_WORDS:
        return _under_way(ours, service, watch, facts)
    if watch.replaces and ours is None and watch.started_before is not None:
        return Standing(Progress.WORKING, f"{service.name} has yet to begin.", *facts, wait=_LEAD - elapsed)
    # The Swarm itself has watched the tasks of a rollout that it calls complete.
    left = 0.0 if ours == "completed" else _monitor(service) - steady
    return _counted(service, watch, tasks, facts, left, _leaving(tasks, snapshot))


#: A rollout is marked in the service within this many seconds; later there was nothing to replace.
_LEAD = 3.0
#: A new service is heard of within this many seconds, also where the engine or the way to it is slow.
_UNSEEN = 30.0
#: So many failures in a row without one that runs are no accident.
_HOPELESS = 3
_ROLLOUT_WORDS = {
    "updating": "updating",
    "paused": "update",
    "rollback_started": "rolling back",
    "rollback_paused": "rollback",
    "rollback_completed": "rolled back",
}


def _under_way(state: str, service: Service, watch: Watch, facts: _Facts) -> Standing:
    running, wanted, _, failures = facts
    word = _ROLLOUT_WORDS[state]
    if state == "rollback_completed" and not watch.rolling_back:
        sentence = _because(f"{service.name} was rolled back: the change did not work.", service, failures)
        return Standing(Progress.ROLLED_BACK, sentence, *facts)
    if state in ("paused", "rollback_paused"):
        sentence = _because(f"The {word} of {service.name} paused.", service, failures)
        return Standing(Progress.PAUSED, sentence, *facts)
    if state == "rollback_completed":
        return Standing(Progress.CONVERGED, f"{service.name} is rolled back.", *facts)
    return Standing(Progress.WORKING, f"{service.name} is {word}: {running} of {wanted} run.", *facts)


def _is_new(task: Task, watch: Watch) -> bool:
    return not watch.replaces or task.id not in watch.old_tasks


def _tasks_known(service: Service, snapshot: Snapshot) -> bool:
    return Kind.TASK in snapshot.listed or service.id in snapshot.tasks_of


def _rollout(service: Service, watch: Watch) -> str | None:
    """The state of the rollout that this change began, or ``None`` where there is none."""
    update = service.update
    if update is None or watch.started_before is None or update.started in (None, watch.started_before):
        return None
    return update.state


def _wanted(service: Service, snapshot: Snapshot) -> int:
    if service.replicas is not None:
        return service.replicas
    if service.has_counts:
        return service.desired
    return sum(1 for node in snapshot.nodes.values() if node.takes_tasks)


def _replicas(tasks: Sequence[Task], watch: Watch, snapshot: Snapshot) -> tuple[Replica, ...]:
    """The newest task of each slot, or of each node."""
    found: dict[tuple[int, str], Task] = {}
    for task in tasks:
        key = (task.slot, "" if task.slot else task.node_id)
        known = found.get(key)
        if known is None or (task.created or 0.0) > (known.created or 0.0):
            found[key] = task
    name = relations(snapshot).task_name
    return tuple(_replica(t, watch, snapshot, name(t)) for t in found.values() if t.desired_state != "remove")


def _replica(task: Task, watch: Watch, snapshot: Snapshot, name: str) -> Replica:
    node = snapshot.nodes.get(task.node_id)
    error = task.error if task.failed or task.state in ("pending", "new") else ""
    return Replica(name, node.name if node is not None else "", task.state, error, _is_new(task, watch))


def _failures(tasks: Sequence[Task]) -> tuple[str, ...]:
    bad = [t for t in tasks if t.error and (t.failed or t.state in ("pending", "new"))]
    bad.sort(key=lambda t: -(t.created or 0.0))
    return tuple(dict.fromkeys(task.error for task in bad))


def _because(sentence: str, service: Service, failures: Sequence[str]) -> str:
    reason = failures[0] if failures else service.update.message if service.update is not None else ""
    return f"{sentence} {reason}".strip()


def _job(service: Service, tasks: Sequence[Task], facts: _Facts) -> Standing:
    running, wanted, _, failures = facts
    done = sum(1 for t in tasks if t.state == "complete")
    if done >= wanted > 0:
        return Standing(Progress.CONVERGED, f"{service.name} completed: {plural(done, 'task')}.", *facts)
    if failures and not any(not t.is_over for t in tasks):
        return Standing(Progress.FAILED, f"{service.name} failed: {failures[0]}", *facts)
    return Standing(Progress.WORKING, f"{done} of {wanted} completed, {running} running.", *facts)


def _leaving(tasks: Sequence[Task], snapshot: Snapshot) -> bool:
    """Whether tasks are still on their way out. Those of a node that is down stay so for a day: nobody waits."""
    up = {id for id, node in snapshot.nodes.items() if node.state == "ready"}
    return any(t.desired_state != "running" and not t.is_over and t.node_id in up for t in tasks)


def _monitor(service: Service) -> float:
    """Seconds for which all has to run."""
    return service.update_config.monitor if service.update_config is not None else 5.0


def _counted(
    service: Service, watch: Watch, tasks: Sequence[Task], facts: _Facts, left: float, leaving: bool
) -> Standing:
    """``left`` is for how many seconds more all has to run."""
    count, wanted, _, failures = facts
    if count == wanted and not leaving:
        if left > 0 and wanted:
            sentence = (
                f"{'It runs' if wanted == 1 else f'All {wanted} run'}; watched for {duration(_monitor(service))}."
            )
            return Standing(Progress.WORKING, sentence, *facts, wait=left)
        return Standing(Progress.CONVERGED, f"{service.name} converged: {plural(wanted, 'task')} running.", *facts)
    tried = [t for t in tasks if t.failed and _is_new(t, watch)]
    given_up = not any(not t.is_over for t in tasks) and bool(tried)
    if wanted and not count and (given_up or len(tried) >= max(_HOPELESS, wanted)):
        return Standing(Progress.FAILED, f"No task of {service.name} runs: {listing(failures[:1])}", *facts)
    waiting = f" {failures[0]}" if failures else ""
    return Standing(Progress.WORKING, f"{count} of {wanted} run.{waiting}", *facts)
