"""One service's rollout as a value: its phase, its replicas, its failures against what its policy allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from backends.change.convergence import Progress, Standing, Watch, judge
from backends.model import RolloutConfig, Service, Snapshot, Task
from backends.rollouts.sides import Sides, sides
from backends.state.judged import listed_tasks
from backends.state.service_health import SlotHealth, service_health, slots_of


class Phase(StrEnum):
    """How the rollout stands, in the words of the lists."""

    UPDATING = "updating"
    ROLLING_BACK = "rolling back"
    PAUSED = "paused"
    ROLLBACK_PAUSED = "rollback paused"
    ROLLED_BACK = "rolled back"
    STARTING = "starting"
    """No rollout: tasks that are wanted do not run yet."""
    FAILED = "failed"
    DONE = "done"

    @property
    def moves(self) -> bool:
        """Whether the Swarm is at work on it."""
        return self in (Phase.UPDATING, Phase.ROLLING_BACK, Phase.STARTING)

    @property
    def back(self) -> bool:
        """Whether it goes, or went, to the spec of before."""
        return self in (Phase.ROLLING_BACK, Phase.ROLLBACK_PAUSED, Phase.ROLLED_BACK)


class Step(StrEnum):
    """How far one replica is."""

    DONE = "done"
    WATCHED = "watched"
    """It runs, for less than the policy's monitor time."""
    STARTING = "starting"
    AGAIN = "again"
    """A further try after one that failed."""
    PENDING = "pending"
    """No node takes it."""
    FAILED = "failed"
    STOPPING = "stopping"
    """The task of before is on its way out."""
    NEXT = "next"
    WAITS = "waits"
    KEPT = "kept"
    """Of before, and left so: the rollout has stopped."""
    GOES_BACK = "goes back"
    """Of what is given up, not replaced yet."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One replica: a slot, or a node of a global service."""

    slot: int
    """0 for global services."""
    node_id: str
    step: Step
    current: Task | None
    """The task that is meant to run, else the newest."""
    tried: tuple[Task, ...] = ()
    """Tasks of this change that failed or ended before the current one, oldest first."""
    tasks: tuple[Task, ...] = ()
    """All that are known, oldest first."""

    @property
    def attempts(self) -> int:
        """How many tasks were made of it by this change."""
        return len(self.tried) + (self.current is not None and self.current not in self.tried)


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout, or the last change of a service that replaced nothing."""

    service: Service
    phase: Phase
    standing: Standing
    """What the judge says of it: whether it has ended and why."""
    sides: Sides
    started: float | None
    ended: float | None
    lanes: tuple[Lane, ...] = ()
    known: bool = True
    """Whether the service's tasks were read."""
    done: int = 0
    """Replicas that run what the service's spec says now."""
    wanted: int = 0
    failures: int = 0
    """Failures that count: of each replica its first task of this change, as swarmkit's updater does."""
    allowed: int | None = None
    """So many may fail; one more and ``action`` follows. ``None`` goes on whatever fails."""
    action: str = "pause"
    """``pause``, ``rollback`` or ``continue``."""

    @property
    def config(self) -> RolloutConfig:
        """The policy that it goes by; swarmkit's defaults where the spec says nothing."""
        return policy(self.service, back=self.phase.back)

    @property
    def left(self) -> int:
        """Replicas still to be replaced."""
        return max(0, self.wanted - self.done)

    def eta(self, now: float) -> float | None:
        """Seconds that the rest may take at the pace so far; ``None`` where that cannot be told."""
        if self.started is None or self.phase is not Phase.UPDATING or not 0 < self.done < self.wanted:
            return None
        return max(1.0, (now - self.started) * self.left / self.done)


def policy(service: Service, *, back: bool = False) -> RolloutConfig:
    """The update policy, or that of rollbacks; swarmkit's defaults where the spec says nothing."""
    return (service.rollback_config if back else service.update_config) or RolloutConfig()


def rollout(service: Service, snapshot: Snapshot, now: float, rolled_at: float | None = None) -> Rollout:
    """How a service's last change stands. ``rolled_at`` is when its rollback began, where events tell: where only
    settings differ, not the image, nothing else tells tasks of before and after it apart."""
    tasks = listed_tasks(service, snapshot)
    parts = sides(service, tasks or (), rolled_at)
    update = service.update
    standing = _judge(service, tasks or (), parts, snapshot)
    phase = _phase(service, standing)
    if phase is Phase.DONE and tasks is not None:
        health = service_health(service, tasks, snapshot.nodes, now)
        if health.word == "failing":
            # What ends a moment after each start runs whenever one looks.
            phase, standing = Phase.FAILED, replace(standing, sentence=f"{service.name}: {health.reason}.")
    config = policy(service, back=phase.back)
    slots = _slots(tasks, snapshot, standing.wanted, now) if tasks is not None else ()
    lanes = _lanes(slots, parts, phase, config, now)
    done = sum(1 for lane in lanes if lane.step in (Step.DONE, Step.WATCHED))
    action = "pause" if phase.back and config.failure_action == "rollback" else config.failure_action
    return Rollout(
        service=service,
        phase=phase,
        standing=standing,
        sides=parts,
        started=update.started if update is not None else service.updated,
        ended=update.completed if update is not None and not phase.moves else None,
        lanes=lanes,
        known=tasks is not None,
        done=done if tasks is not None else standing.running,
        wanted=standing.wanted,
        failures=_failures(lanes, parts),
        allowed=None if action == "continue" else int(config.max_failure_ratio * len(lanes) + 1e-6),
        action=action,
    )


def _judge(service: Service, tasks: Sequence[Task], parts: Sides, snapshot: Snapshot) -> Standing:
    """The one judgement, with all the time that it waits for behind it: what is watched here began before."""
    old = frozenset(task.id for task in tasks if (task.created or 0.0) < parts.started)
    began = None if service.update is None else 0.0
    back = service.update is not None and service.update.state.startswith("rollback") and parts.by_hand
    watch = Watch(service.id, service.update is not None, old, began, back, version=-1)
    return judge(watch, snapshot, elapsed=1e9, steady=1e9)


_PHASES = {
    "updating": Phase.UPDATING,
    "paused": Phase.PAUSED,
    "rollback_started": Phase.ROLLING_BACK,
    "rollback_paused": Phase.ROLLBACK_PAUSED,
    "rollback_completed": Phase.ROLLED_BACK,
}
_ENDS = {Progress.CONVERGED: Phase.DONE, Progress.FAILED: Phase.FAILED, Progress.GONE: Phase.FAILED}


def _phase(service: Service, standing: Standing) -> Phase:
    """A rollback that was asked for has converged for the judge; here it is told for what it is."""
    state = service.update.state if service.update is not None else ""
    return _PHASES.get(state) or _ENDS.get(standing.progress, Phase.STARTING)


def _slots(tasks: Sequence[Task], snapshot: Snapshot, wanted: int, now: float) -> tuple[SlotHealth, ...]:
    """The replicas that are meant, and, where these are too few, those whose task has just been told to go: a replica
    does not leave the list between its task of before and its new one."""
    found = slots_of(tasks, snapshot.nodes, now)
    if len(found) >= wanted:
        return found
    here = {(slot.slot, slot.node_id if not slot.slot else "") for slot in found}
    rest = [t for t in tasks if (t.slot, t.node_id if not t.slot else "") not in here and t.desired_state != "remove"]
    for task in sorted(rest, key=lambda t: (t.is_over, -(t.since or 0.0))):
        key = (task.slot, task.node_id if not task.slot else "")
        if key not in here and len(found) < wanted:
            here.add(key)
            found += slots_of([t for t in rest if (t.slot, "" if t.slot else t.node_id) == key], snapshot.nodes, now)
    return tuple(sorted(found, key=lambda slot: (slot.slot, slot.node_id)))


def _lanes(
    slots: Sequence[SlotHealth], parts: Sides, phase: Phase, config: RolloutConfig, now: float
) -> tuple[Lane, ...]:
    found = [_lane(slot, parts, phase, config, now) for slot in slots]
    waiting = sum(1 for lane in found if lane.step is Step.WAITS)
    # The updater takes replicas in no order that can be seen: which is next is known of the last ones only.
    if phase.moves and 0 < waiting <= (config.parallelism or waiting):
        found = [_with(lane, Step.NEXT) if lane.step is Step.WAITS else lane for lane in found]
    return tuple(found)


def _with(lane: Lane, step: Step) -> Lane:
    return Lane(lane.slot, lane.node_id, step, lane.current, lane.tried, lane.tasks)


def _lane(slot: SlotHealth, parts: Sides, phase: Phase, config: RolloutConfig, now: float) -> Lane:
    current = slot.current
    every = [*slot.past, *((current,) if current is not None else ())]
    every.sort(key=lambda task: task.created or 0.0)
    first = _first(every, parts)
    tried = tuple(
        t
        for t in every
        if parts.fresh(t) and t.is_over and t is not current and (t.failed or t.error) and (t.created or 0.0) > first
    )
    step = _step(current, tried, parts, phase, config, now) if current is not None else Step.WAITS
    return Lane(slot.slot, slot.node_id, step, current, tried, tuple(every))


def _first(tasks: Sequence[Task], parts: Sides) -> float:
    """Tries made before this are of an earlier change to the same image: only a rollback that was asked for knows its
    tries by their image alone."""
    if not (parts.by_hand and parts.images_differ):
        return 0.0
    return max((t.created or 0.0 for t in tasks if parts.wanted(t) and (t.created or 0.0) < parts.started), default=0.0)


def _step(task: Task, tried: Sequence[Task], parts: Sides, phase: Phase, config: RolloutConfig, now: float) -> Step:
    going = task.desired_state in ("shutdown", "remove") and not task.is_over
    if not parts.wanted(task):
        if phase.back:
            return Step.STOPPING if going else Step.GOES_BACK if phase.moves else Step.KEPT
        if not phase.moves:
            return Step.KEPT
        return Step.STOPPING if going else Step.WAITS
    if task.state == "complete":
        return Step.DONE
    if task.is_over:
        return Step.FAILED
    if task.state == "running":
        young = task.since is not None and now - task.since < config.monitor
        return Step.WATCHED if young and phase.moves and parts.fresh(task) else Step.DONE
    if task.state == "pending" and task.error:
        return Step.PENDING
    return Step.AGAIN if tried else Step.STARTING


def _failures(lanes: Sequence[Lane], parts: Sides) -> int:
    """What the restart policy starts after a failure is no task of the updater: it counts each replica once."""
    count = 0
    for lane in lanes:
        first = next((task for task in lane.tasks if parts.counted(task)), None)
        count += first is not None and first.failed
    return count
