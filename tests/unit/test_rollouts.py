"""Rollouts as they stand: phases, steps of replicas, failures that count, and what ran when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backends.model import Event, RolloutConfig, Service, Snapshot, UpdateStatus
from backends.rollouts.recent import LATELY, LATELY_BACK, is_recent, recent, turned_back
from backends.rollouts.rollout import Phase, Rollout, Step, rollout
from backends.rollouts.timeline import Part, pieces, span
from tests.unit.rollout_world import (
    NOW,
    POLICY,
    REJECTED,
    STARTED,
    gone,
    midway,
    new,
    old,
    rolled_back,
    task,
    unread,
    world,
)


def stand(snapshot: Snapshot, now: float = NOW, rolled_at: float | None = None) -> Rollout:
    return rollout(snapshot.services["s-api"], snapshot, now, rolled_at)


def steps(run: Rollout) -> list[Step]:
    return [lane.step for lane in run.lanes]


def test_a_rollout_midway_tells_each_replica() -> None:
    # GIVEN one replica replaced, one tried again, two of before
    run = stand(midway())
    # THEN each has its step, the first task of a replica that failed counts, and the ratio is told
    assert (run.phase, run.done, run.wanted) == (Phase.UPDATING, 1, 4)
    assert steps(run) == [Step.DONE, Step.AGAIN, Step.WAITS, Step.WAITS]
    assert (run.failures, run.allowed, run.action) == (1, 1, "rollback")
    assert [t.error for t in run.lanes[1].tried] == [REJECTED]
    assert run.lanes[1].attempts == 2
    assert run.standing.failures == (REJECTED,)
    # AND the pace so far says how long the rest takes
    assert run.eta(NOW) == pytest.approx(43.0 * 3)


def test_what_the_restart_policy_tries_again_counts_once() -> None:
    # GIVEN a replica that failed three times
    tries = [new(2, "rejected", number) for number in range(3)]
    run = stand(world(old(1), gone(2), *tries, new(2, "ready", 3), old(3), old(4)))
    # THEN that is one failure for the updater, and all of them are shown
    assert run.failures == 1
    assert len(run.lanes[1].tried) == 3


def test_the_last_ones_are_next() -> None:
    # GIVEN one replica left THEN it is known which is next; of several it is not
    run = stand(world(*[t for n in (1, 2, 3) for t in (gone(n), new(n))], old(4)))
    assert steps(run)[-1] is Step.NEXT


def test_a_young_task_is_watched() -> None:
    # GIVEN a task that runs for less than the monitor time THEN it is watched, later done
    run = world(gone(1), new(1, since=NOW - 2.0), old(2), old(3), old(4))
    assert steps(stand(run))[0] is Step.WATCHED
    assert steps(stand(run, NOW + 10.0))[0] is Step.DONE


@pytest.mark.parametrize(
    ("current", "step"),
    [
        (old(1, desired_state="shutdown"), Step.STOPPING),
        (new(1, "starting"), Step.STARTING),
        (new(1, "pending", error="no suitable node"), Step.PENDING),
        (new(1, "rejected"), Step.FAILED),
    ],
    ids=["stopping", "starting", "pending", "failed"],
)
def test_steps_of_a_replica(current: Any, step: Step) -> None:
    # GIVEN a replica in some state THEN its step says so
    assert steps(stand(world(current, old(2), old(3), old(4))))[0] is step


def test_a_pause_keeps_the_rest() -> None:
    # GIVEN a rollout that stopped at its first failure
    policy = RolloutConfig(failure_action="pause")
    run = stand(world(gone(1), new(1, "rejected"), old(2), old(3), old(4), state="paused", update_config=policy))
    assert run.phase is Phase.PAUSED
    assert steps(run) == [Step.FAILED, Step.KEPT, Step.KEPT, Step.KEPT]
    assert (run.failures, run.allowed, run.action) == (1, 0, "pause")
    assert run.standing.sentence == f"The update of api paused. {REJECTED}"


def test_a_rollback_is_never_converged() -> None:
    # GIVEN the engine's own rollback, complete
    run = stand(rolled_back())
    # THEN all runs what was before, and it is told for what it is, with the reason and the image that was tried
    assert (run.phase, run.done, run.wanted) == (Phase.ROLLED_BACK, 4, 4)
    assert not run.sides.by_hand
    assert (run.sides.image, run.sides.other) == ("shop/api:1", "shop/api:2")
    assert "was rolled back" in run.standing.sentence
    assert REJECTED in run.standing.sentence
    assert [len(lane.tried) for lane in run.lanes] == [1, 1, 0, 0]
    # AND one that was asked for is one as well
    asked = stand(world(*[old(n) for n in (1, 2, 3, 4)], state="rollback_completed", image="shop/api:1"))
    assert asked.phase is Phase.ROLLED_BACK


def test_a_rollback_under_way_goes_back_replica_by_replica() -> None:
    # GIVEN one replica back, one still on what is given up
    back = task("back1", 1, created=NOW - 3, since=NOW - 1)
    run = stand(world(gone(1), new(1, "rejected"), back, gone(2), new(2), old(3), old(4), state="rollback_started"))
    # (an own rollback has no spec to go back to any more)
    own = replace_service(run.service, image="shop/api:1", previous_image="")
    snapshot = world(gone(1), new(1, "rejected"), back, gone(2), new(2), old(3), old(4), state="rollback_started")
    snapshot = replace(snapshot, services={"s-api": own})
    run = stand(snapshot)
    assert run.phase is Phase.ROLLING_BACK
    assert steps(run) == [Step.DONE, Step.GOES_BACK, Step.DONE, Step.DONE]
    assert run.eta(NOW) is None
    # A rollback is never rolled back itself.
    assert run.action == "pause"


def replace_service(service: Service, **fields: Any) -> Service:
    import msgspec

    return msgspec.structs.replace(service, **fields)


def test_where_only_settings_differ_the_time_of_the_turn_tells() -> None:
    # GIVEN an update of settings that was rolled back: all tasks have one image
    same = {"image": "shop/api:1", "previous_image": ""}
    tried = task("tried", 1, state="failed", created=NOW - 30, since=NOW - 28, error="task: non-zero exit (1)")
    back = task("back", 1, created=NOW - 20, since=NOW - 18)
    snapshot = world(tried, back, old(2), old(3), old(4), state="rollback_started", **same)
    # WHEN events told when it turned THEN what ran between start and turn is what was given up
    run = stand(snapshot, rolled_at=NOW - 25)
    assert steps(run) == [Step.DONE] * 4
    assert [t.id for t in run.lanes[0].tried] == ["tried"]


def test_a_completed_rollout_is_judged_by_what_runs() -> None:
    # GIVEN an update that went on over failures until it completed, with nothing running in one replica
    policy = RolloutConfig(failure_action="continue")
    tasks = [t for n in (1, 2, 3) for t in (gone(n), new(n))]
    run = stand(world(*tasks, gone(4), new(4, "failed", error="exit"), state="completed", update_config=policy))
    assert run.phase is Phase.STARTING
    assert steps(run)[3] is Step.FAILED
    assert run.allowed is None
    # WHEN all run THEN it is done
    assert stand(world(*tasks, gone(4), new(4), state="completed")).phase is Phase.DONE


def test_a_change_that_replaces_nothing_is_counted() -> None:
    # GIVEN a service scaled from 3 to 4
    run = stand(world(old(1), old(2), old(3), task("young", 4, state="preparing", created=NOW), state=""))
    assert (run.phase, run.done, run.wanted) == (Phase.STARTING, 3, 4)
    assert steps(run)[3] is Step.STARTING


def test_what_fails_a_moment_after_each_start_is_not_done() -> None:
    # GIVEN a service that runs whenever one looks, and has failed again and again
    tries = [
        task(f"t{n}", 1, state="failed", created=NOW - 60 + 10 * n, since=NOW - 55 + 10 * n, error="exit 3")
        for n in range(4)
    ]
    run = stand(world(*tries, task("now", 1, created=NOW - 4, since=NOW - 2), state="", replicas=1))
    # THEN it has not become what was wanted
    assert run.phase is Phase.FAILED
    assert "slot 1 has failed at least 4 times" in run.standing.sentence
    # AND once it has run for long enough it has
    assert stand(world(task("now", 1, created=NOW - 4, since=NOW - 2), state="", replicas=1)).phase is Phase.DONE


def test_nothing_is_made_up_before_tasks_are_read() -> None:
    # GIVEN a service whose tasks nobody asked for
    run = stand(unread(midway()))
    assert (run.known, run.lanes, run.phase) == (False, (), Phase.UPDATING)


def test_pieces_of_time() -> None:
    # GIVEN the replica that is tried again
    run = stand(midway())
    found = pieces(run.lanes[1], run, NOW)
    # THEN it ran of before, failed, and starts
    assert [(piece.part, piece.failed) for piece in found] == [
        (Part.BEFORE, False),
        (Part.STARTING, True),
        (Part.STARTING, False),
    ]
    assert span(run, NOW) == (STARTED, NOW)
    # AND of one that is done, starting comes before running
    assert [piece.part for piece in pieces(run.lanes[0], run, NOW)] == [Part.BEFORE, Part.STARTING, Part.NEW]
    # AND what has ended does not grow
    ended = stand(rolled_back())
    assert span(ended, NOW + 500.0) == (STARTED, NOW - 3.0)


def test_lately_is_an_hour_and_a_rollback_a_day() -> None:
    # GIVEN services in all states, long ago and just now
    def service(state: str, ago: float) -> Service:
        status = UpdateStatus(state=state, started=NOW - ago - 60, completed=NOW - ago) if state else None
        return Service(id=f"{state}{ago}", update=status, updated=NOW - ago)

    assert is_recent(service("updating", 1e6), NOW)
    assert is_recent(service("paused", 1e6), NOW)
    assert is_recent(service("completed", LATELY - 1), NOW)
    assert not is_recent(service("completed", LATELY + 61), NOW)
    assert is_recent(service("rollback_completed", LATELY_BACK - 1), NOW)
    assert not is_recent(service("", LATELY + 1), NOW)
    assert [s.name for s in recent(midway(), NOW)] == ["api"]


def test_when_it_turned_is_told_by_events() -> None:
    # GIVEN events of two rollbacks and another service
    def event(time: float, id: str, state: str) -> Event:
        return Event(time=time, type="service", action="update", id=id, attributes={"updatestate.new": state})

    events = [
        event(1.0, "s-api", "rollback_started"),
        event(2.0, "s-api", "rollback_started"),
        event(3.0, "other", "rollback_started"),
        event(4.0, "s-api", "rollback_completed"),
    ]
    assert turned_back(events, "s-api") == 2.0
    assert turned_back(events, "none") is None


def test_the_policy_of_before_is_swarmkits() -> None:
    # GIVEN a spec without a policy THEN one at a time, the first failure pauses
    run = stand(world(old(1), old(2), old(3), old(4), update_config=None))
    assert (run.config.parallelism, run.action, run.allowed) == (1, "pause", 0)
    assert stand(midway()).config == POLICY
