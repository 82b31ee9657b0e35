"""Rollouts judged by their update status and by what runs; not by the CLI's idea of converged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from backends.change.convergence import Progress, Standing, Watch, judge
from backends.change.line import parse_line
from backends.change.node_watch import NodeWatch, judge_node
from backends.change.outcome import Outcome, State
from backends.change.requests import Request
from backends.change.steps import Compiled, Target
from backends.change.watch import Watcher, is_watched, watch, watch_to_end, watches
from backends.model import Changes, Link, LinkState, ManagerStatus, Mode, Snapshot, UpdateStatus
from tests.unit.change_world import NOW, by_id, task, world


def _world(*tasks: Any, update: UpdateStatus | None = None, **service: Any) -> Snapshot:
    """Only service ``web`` with these tasks."""
    web = msgspec.structs.replace(world().services["s-web"], **{"update": update, "version": 9, **service})
    return replace(world(), services=by_id(web), tasks=by_id(*tasks))


OLD = frozenset({"old1", "old2"})
UPDATE = Watch("s-web", True, OLD, 5.0, version=8)
CREATE = Watch("s-web", replaces=False)
OLD_TASKS = (task("old1", "s-web", 1, "mgr"), task("old2", "s-web", 2, "w1"))
NEW_TASKS = (task("new1", "s-web", 1, "mgr", created=NOW), task("new2", "s-web", 2, "w1", created=NOW))


def _status(state: str, message: str = "") -> UpdateStatus:
    return UpdateStatus(state=state, message=message, started=NOW)


# -- the judgement -----------------------------------------------------------------------------------------------


def test_a_new_service_converges_when_all_ran_for_its_monitor_time() -> None:
    # GIVEN both tasks running
    snapshot = _world(*NEW_TASKS)
    # THEN they are watched for five seconds first
    waiting = judge(CREATE, snapshot, elapsed=4.0, steady=1.0)
    assert (waiting.progress, waiting.running, waiting.wanted, waiting.wait) == (Progress.WORKING, 2, 2, 4.0)
    assert judge(CREATE, snapshot, elapsed=9.0, steady=5.0).progress is Progress.CONVERGED


def test_a_service_on_its_way_names_what_waits() -> None:
    # GIVEN a task that finds no node
    pending = task(
        "new2", "s-web", 2, "", "pending", error="no suitable node (host-mode port already in use on 3 nodes)"
    )
    found = judge(CREATE, _world(NEW_TASKS[0], pending), elapsed=9.0)
    # THEN the whole reason is told, replica by replica
    assert found.progress is Progress.WORKING
    assert found.failures == (pending.error,)
    assert "1 of 2 run. no suitable node" in found.sentence
    assert [(r.name, r.node, r.state, r.error) for r in found.replicas] == [
        ("web.1", "mgr", "running", ""),
        ("web.2", "", "pending", pending.error),
    ]


def test_a_rollback_by_the_engine_is_no_success() -> None:
    # GIVEN a rollout that failed and was rolled back, with all old tasks running again
    failed = task("new1", "s-web", 1, "mgr", "failed", error="task: non-zero exit (1)", desired_state="shutdown")
    snapshot = _world(*OLD_TASKS, failed, update=_status("rollback_completed", "rollback completed"))
    found = judge(UPDATE, snapshot, elapsed=20.0, steady=20.0)
    # THEN the change is not there, and why is told
    assert found.progress is Progress.ROLLED_BACK
    assert "did not work. task: non-zero exit (1)" in found.sentence
    # but a rollback that was asked for is
    assert judge(replace(UPDATE, rolling_back=True), snapshot, elapsed=20.0).progress is Progress.CONVERGED


def test_a_paused_rollout_is_an_end() -> None:
    # GIVEN a rollout that paused
    failed = task("new1", "s-web", 1, "mgr", "rejected", error="No such image: web:nosuch")
    found = judge(UPDATE, _world(OLD_TASKS[1], failed, update=_status("paused", "update paused due to failure")))
    # THEN it says so with the task's own error
    assert found.progress is Progress.PAUSED
    assert found.sentence == "The update of web paused. No such image: web:nosuch"
    assert judge(UPDATE, _world(update=_status("rollback_paused"))).progress is Progress.PAUSED


def test_a_rollout_that_goes_on_over_failures_is_judged_by_what_runs() -> None:
    # GIVEN an update that the engine calls completed, with nothing running
    failed = [task(f"new{i}", "s-web", 1 + i % 2, "mgr", "failed", error="exit (1)", created=NOW + i) for i in range(4)]
    found = judge(UPDATE, _world(*failed, update=_status("completed", "update completed")), elapsed=9.0)
    # THEN it failed
    assert found.progress is Progress.FAILED
    assert "No task of web runs: exit (1)" in found.sentence


def test_a_rollout_under_way_counts_only_the_new_tasks() -> None:
    # GIVEN one of two replaced
    leaving = msgspec.structs.replace(OLD_TASKS[0], desired_state="shutdown")
    found = judge(UPDATE, _world(leaving, OLD_TASKS[1], NEW_TASKS[0], update=_status("updating")))
    # THEN one of two is done, and the other is of before
    assert (found.progress, found.running) == (Progress.WORKING, 1)
    assert {r.name: r.new for r in found.replicas} == {"web.1": True, "web.2": False}


def test_an_older_rollout_is_not_taken_for_ours() -> None:
    # GIVEN a service whose last rollout was paused before we changed it
    before = UpdateStatus(state="paused", started=5.0)
    snapshot = _world(*OLD_TASKS, update=before)
    # WHEN ours has not begun yet
    assert judge(UPDATE, snapshot, elapsed=0.1).progress is Progress.WORKING
    # THEN after a moment there was nothing to replace, and what runs counts
    assert judge(UPDATE, snapshot, elapsed=10.0, steady=9.0).progress is Progress.CONVERGED


def test_nothing_is_told_before_the_change_is_seen() -> None:
    # GIVEN a snapshot from before the change, in which all runs well
    snapshot = _world(*OLD_TASKS, version=8)
    # THEN that is not taken for the change, however long it takes
    found = judge(UPDATE, snapshot, elapsed=60.0, steady=60.0)
    assert (found.progress, found.running) == (Progress.WORKING, 0)


def test_scaling_down_waits_until_the_others_are_gone() -> None:
    # GIVEN one replica wanted, and the second on its way out
    leaving = msgspec.structs.replace(NEW_TASKS[1], desired_state="remove")
    watched = Watch("s-web", replaces=False, started_before=0.0)
    # THEN it is done when that is gone
    assert (
        judge(watched, _world(NEW_TASKS[0], leaving, replicas=1), elapsed=9.0, steady=9.0).progress is Progress.WORKING
    )
    assert judge(watched, _world(NEW_TASKS[0], replicas=1), elapsed=9.0, steady=9.0).progress is Progress.CONVERGED
    assert judge(watched, _world(replicas=0), elapsed=1.0).progress is Progress.CONVERGED


@pytest.mark.parametrize(
    ("states", "progress"),
    [
        (("complete", "complete"), Progress.CONVERGED),
        (("complete", "running"), Progress.WORKING),
        (("failed", "failed"), Progress.FAILED),
        (("failed", "running"), Progress.WORKING),
    ],
)
def test_a_job_is_done_when_its_tasks_completed(states: tuple[str, ...], progress: Progress) -> None:
    # GIVEN a job of two
    tasks = [
        task(f"j{i}", "s-web", i, "mgr", state, error="exit (1)" if state == "failed" else "")
        for i, state in enumerate(states, 1)
    ]
    # THEN only completed tasks count
    assert judge(CREATE, _world(*tasks, mode=Mode.REPLICATED_JOB), elapsed=9.0).progress is progress


def test_a_service_that_goes_is_an_end() -> None:
    # THEN, but not before it can have been seen
    empty = replace(world(), services=by_id())
    assert judge(CREATE, empty, elapsed=9.0).progress is Progress.WORKING
    assert judge(CREATE, empty, elapsed=31.0).progress is Progress.GONE
    assert judge(UPDATE, empty, elapsed=0.5).progress is Progress.GONE
    # and at once where it was there
    watcher = Watcher(CREATE, Hand(empty))
    assert watcher.look(empty).progress is Progress.WORKING
    assert watcher.look(_world()).progress is Progress.WORKING
    assert watcher.look(empty).progress is Progress.GONE


def test_the_engines_count_stands_in_for_tasks_that_are_not_listed() -> None:
    # GIVEN a snapshot without a task list
    snapshot = replace(_world(running=2), listed={})
    # THEN the count of the service is taken
    assert judge(CREATE, snapshot, elapsed=9.0, steady=9.0).progress is Progress.CONVERGED


# -- watching ----------------------------------------------------------------------------------------------------


class Hand:
    """A clock and a cluster moved by hand."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot, self.now = snapshot, 0.0
        self._listeners: list[Callable[[Changes], None]] = []
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def show(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        for listener in tuple(self._listeners):
            listener(Changes())

    def time(self) -> float:
        return NOW + self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((self.now + seconds, future))
        await future

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for when, future in self._waiting:
            if when <= self.now and not future.done():
                future.set_result(None)


async def test_a_watch_follows_the_cluster_and_asks_nobody() -> None:
    # GIVEN a service that is watched from its creation
    hand: Any = Hand(_world())
    seen: list[Standing] = []

    async def follow() -> None:
        async for standing in watch(CREATE, hand, clock=hand):
            seen.append(standing)

    watching = asyncio.create_task(follow())
    await asyncio.sleep(0)
    # WHEN its tasks come up one after the other, and time passes
    for tasks in (NEW_TASKS[:1], NEW_TASKS):
        hand.show(_world(*tasks))
        await _turns()
    hand.pass_time(5.0)
    await _turns()
    hand.pass_time(5.0)
    await asyncio.wait_for(watching, 60)
    # THEN each step is told once, and the last is the end
    assert [standing.running for standing in seen][:3] == [0, 1, 2]
    assert seen[-1].progress is Progress.CONVERGED
    assert hand._listeners == []


async def _turns() -> None:
    """Lets what is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_watch_with_a_limit_ends_still_working() -> None:
    # GIVEN a service that never comes up
    hand: Any = Hand(_world())
    watching = asyncio.create_task(watch_to_end(CREATE, hand, clock=hand, limit=30.0))
    await _turns()
    # WHEN its time is over
    hand.pass_time(31.0)
    # THEN the last word is that it is still at it
    assert (await asyncio.wait_for(watching, 60)).progress is Progress.WORKING


async def test_a_watcher_begins_its_count_anew_when_a_task_fails() -> None:
    # GIVEN a service that ran for four seconds
    hand: Any = Hand(_world(*NEW_TASKS))
    watcher = Watcher(CREATE, hand)
    watcher.look(hand.snapshot)
    hand.pass_time(4.0)
    # WHEN a task fails and comes back
    failed = task("new2", "s-web", 2, "w1", "failed", error="exit (1)")
    watcher.look(_world(NEW_TASKS[0], failed))
    watcher.look(_world(*NEW_TASKS))
    hand.pass_time(2.0)
    # THEN the five seconds begin again
    assert watcher.look(_world(*NEW_TASKS)).progress is Progress.WORKING
    hand.pass_time(5.0)
    assert watcher.look(_world(*NEW_TASKS)).progress is Progress.CONVERGED


async def test_a_rollout_that_stopped_waits_a_moment_for_its_reason() -> None:
    # GIVEN a service that is told to have paused before its tasks are listed
    hand: Any = Hand(_world(*OLD_TASKS, update=_status("paused", "update paused due to failure")))
    watcher = Watcher(UPDATE, hand)
    assert watcher.look(hand.snapshot).progress is Progress.WORKING
    # WHEN the failed task comes
    failed = task("new1", "s-web", 1, "mgr", "rejected", error="No such image: x")
    found = watcher.look(_world(*OLD_TASKS, failed, update=_status("paused")))
    # THEN it ends with its error; and without one it ends after a moment
    assert (found.progress, found.failures) == (Progress.PAUSED, ("No such image: x",))
    hand.pass_time(4.0)
    assert watcher.look(hand.snapshot).progress is Progress.PAUSED


async def test_a_task_that_finds_no_node_for_long_is_a_failure() -> None:
    # GIVEN a replica that waits for a node
    pending = task("new2", "s-web", 2, "", "pending", error="no suitable node (insufficient memory on 3 nodes)")
    hand: Any = Hand(_world(NEW_TASKS[0], pending))
    watcher = Watcher(CREATE, hand)
    assert watcher.look(hand.snapshot).progress is Progress.WORKING
    # WHEN that lasts
    hand.pass_time(16.0)
    found = watcher.look(hand.snapshot)
    # THEN it is said, with the reason, and stays said
    assert found.progress is Progress.FAILED
    assert found.sentence == "web finds no node: no suitable node (insufficient memory on 3 nodes)"
    assert watcher.look(_world(*NEW_TASKS)) is found


async def test_an_engine_that_is_silent_for_long_leaves_it_unknown() -> None:
    # GIVEN a rollout under way, and a connection that is lost
    lost = Link(endpoint="unix:///x", state=LinkState.STALE, problem="The engine does not answer.")
    hand: Any = Hand(_world(*NEW_TASKS))
    watcher, patient = Watcher(CREATE, hand), Watcher(CREATE, hand, patient=True)
    gone = replace(hand.snapshot, link=lost)
    found = watcher.look(gone)
    # THEN what is known of before is not taken for the end
    assert found.progress is Progress.WORKING
    assert "not known: The engine does not answer." in found.sentence
    patient.look(gone)
    # WHEN it lasts, THEN that is the end for who cannot wait
    hand.pass_time(61.0)
    assert watcher.look(gone).progress is Progress.LOST
    assert patient.look(gone).progress is Progress.WORKING
    # and who waits sees it go on
    assert patient.look(hand.snapshot).progress is Progress.CONVERGED


async def test_how_long_it_took_is_until_all_ran() -> None:
    # GIVEN tasks that run three seconds after it was sent
    hand: Any = Hand(_world())
    watcher = Watcher(CREATE, hand)
    watcher.look(hand.snapshot)
    hand.pass_time(3.0)
    watcher.look(_world(*NEW_TASKS))
    # WHEN they were watched for five more
    hand.pass_time(5.0)
    found = watcher.look(_world(*NEW_TASKS))
    # THEN these do not count
    assert (found.progress, found.took) == (Progress.CONVERGED, 3.0)


async def test_a_rollout_that_the_swarm_calls_complete_was_watched_by_it() -> None:
    # GIVEN a completed update with all new tasks running
    snapshot = _world(*NEW_TASKS, update=_status("completed"))
    # THEN it is not watched for five seconds more
    assert judge(UPDATE, snapshot, elapsed=2.0).progress is Progress.CONVERGED


# -- nodes -------------------------------------------------------------------------------------------------------


def _nodes(**changed: Any) -> Snapshot:
    before = world()
    w1 = msgspec.structs.replace(before.nodes["w1"], version=5, **changed)
    return replace(before, nodes={**before.nodes, "w1": w1})


def test_a_drained_node_is_done_when_its_tasks_are_gone() -> None:
    # GIVEN a node that is to be drained
    target = NodeWatch("w1", "w1", version=4, drained=True, listed=NOW - 1)
    full = _nodes(availability="drain")
    # THEN it is worked on until a listing of later than that shows no task
    assert judge_node(target, world()).progress is Progress.WORKING
    assert judge_node(target, full).sentence == "3 tasks left on w1."
    empty = replace(full, tasks={id: t for id, t in full.tasks.items() if t.node_id != "w1"})
    assert judge_node(target, empty).progress is Progress.CONVERGED
    assert judge_node(replace(target, listed=NOW), empty).progress is Progress.WORKING


def test_a_promoted_node_is_done_when_the_managers_reach_it() -> None:
    # GIVEN a worker that is promoted
    target = NodeWatch("w1", "w1", version=4, role="manager")
    assert judge_node(target, _nodes(role="manager")).progress is Progress.WORKING
    reached = _nodes(role="manager", manager=ManagerStatus(reachability="reachable"))
    assert judge_node(target, reached).progress is Progress.CONVERGED
    # and a demoted one when it is no manager any more
    down = replace(target, role="worker")
    assert judge_node(down, reached).progress is Progress.WORKING
    assert judge_node(down, _nodes()).progress is Progress.CONVERGED
    # also where that is the one we look from: it can tell nothing more
    blind = replace(_nodes(), manager_problem="This node is no manager.")
    assert judge_node(NodeWatch("mgr", "mgr", 4, role="worker"), blind).progress is Progress.CONVERGED


# -- what is watched ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "watched"),
    [
        ("service create nginx", True),
        ("service create -d nginx", False),
        ("service scale web=2", True),
        ("service scale -d web=2", False),
        ("service update --force web", True),
        ("service rollback web", True),
        ("service rm web", False),
        ("network create n", False),
        ("node update --availability drain w1", True),
        ("node update --availability active w1", False),
        ("node update --label-add a=b w1", False),
        ("node promote w1", True),
        ("node demote mgr", True),
    ],
)
def test_what_goes_on_is_watched_unless_it_is_detached(line: str, watched: bool) -> None:
    # THEN
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request)
    assert is_watched(request) is watched


def test_what_to_watch_comes_from_what_was_sent() -> None:
    # GIVEN an update that only adds a label, and one that changes the image
    request = parse_line("docker service update --label-add a=b web")
    assert isinstance(request, Request)
    before: dict[str, Any] = {"Labels": {}, "TaskTemplate": {"ContainerSpec": {"Image": "a"}}}
    after: dict[str, Any] = {"Labels": {}, "TaskTemplate": {"ContainerSpec": {"Image": "b"}}}
    done = Outcome(request, State.DONE, "Done.")
    snapshot = _world(*OLD_TASKS, update=UpdateStatus(state="completed", started=7.0))

    def watched(new: dict[str, Any]) -> Watch:
        target = Target("service", "s-web", "web", 1, before, new)
        (found,) = watches(done, Compiled(request, (), (), (target,)), snapshot)
        assert isinstance(found, Watch)
        return found

    # THEN only the second waits for tasks to be replaced; both know what was there before
    assert watched({**before, "Labels": {"a": "b"}}) == Watch("s-web", False, OLD, 7.0, version=1)
    assert watched(after) == Watch("s-web", True, OLD, 7.0, version=1)
    # and a new service is watched by the ID that it got
    created = parse_line("docker service create nginx")
    assert isinstance(created, Request)
    outcome = Outcome(created, State.DONE, "Done.", answers=({"ID": "abc"},))
    assert watches(outcome, Compiled(created, ()), snapshot) == (Watch("abc", replaces=False),)
    assert watches(replace(outcome, state=State.UNKNOWN), Compiled(created, ()), snapshot) == ()
