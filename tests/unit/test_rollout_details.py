"""Rollouts in words and pictures, at every width, whatever names and errors hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from backends.model import Changes, Container, Key, Kind, Mode, RolloutConfig, Snapshot, Task
from backends.rollouts.rollout import Rollout, rollout
from tests.unit.change_world import by_id
from tests.unit.rollout_world import NOW, REJECTED, gone, midway, new, old, rolled_back, unread, world
from tests.unit.tables_world import HOSTILE
from tests.unit.test_tables import check_line
from tui.details.rollout import compact_lines, failures_line, head_lines, tag
from tui.details.rollout_attempt import LastWords, attempt_detail
from tui.details.rollout_timeline import Scale, timeline
from tui.places import Place
from tui.tables.rollout import ROLLOUT, attempts, rollout_table
from tui.tables.rollouts import ROLLOUTS
from tui.tables.spec import Moment
from tui.text.fit import line_width
from tui.text.span import joined, plain

PLACE = Place("rollout", (Key(Kind.SERVICE, "s-api"),))


def at(snapshot: Snapshot, now: float = NOW) -> Moment:
    return Moment(snapshot, now)


def stand(snapshot: Snapshot, now: float = NOW) -> Rollout:
    return rollout(snapshot.services["s-api"], snapshot, now)


def paused() -> Snapshot:
    policy = RolloutConfig(failure_action="pause")
    return world(gone(1), new(1, "rejected"), old(2), old(3), old(4), state="paused", update_config=policy)


def everywhere() -> Snapshot:
    """A global service."""
    tasks = [
        Task(id=f"g-{n}", service_id="s-api", node_id=n, state="running", image="shop/api:2", created=NOW, since=NOW)
        for n in ("m1", "w1", "w2")
    ]
    return world(*tasks, mode=Mode.GLOBAL, replicas=None, running=3, desired=3)


def many() -> Snapshot:
    return world(*[old(n) for n in range(1, 1001)], replicas=1000, running=1000, desired=1000)


def hostile() -> Snapshot:
    base = midway()
    name = "".join(HOSTILE)
    service = msgspec.structs.replace(base.services["s-api"], name=name, image=f"x/{name}:2", previous_image=name)
    tasks = [msgspec.structs.replace(t, error=f"{name}\n{t.error}" if t.error else "") for t in base.tasks.values()]
    return replace(base, services=by_id(service), tasks=by_id(*tasks))


WORLDS: dict[str, Callable[[], Snapshot]] = {
    "midway": midway,
    "rolled back": rolled_back,
    "paused": paused,
    "unread": lambda: unread(midway()),
    "global": everywhere,
    "many": many,
    "hostile": hostile,
    "scaled": lambda: world(old(1), old(2), state=""),
    "none": lambda: world(replicas=0, state=""),
}


@pytest.mark.parametrize("cells", [40, 76, 156, 196])
@pytest.mark.parametrize("name", WORLDS)
def test_everything_renders_within_its_width(name: str, cells: int) -> None:
    # GIVEN any rollout
    snapshot = WORLDS[name]()
    run, moment = stand(snapshot), at(snapshot)
    # WHEN head, timeline and details are rendered THEN nothing is wider than it may be, and the head keeps its height
    head, small = head_lines(run, moment, cells), compact_lines(run, moment, cells)
    assert (len(head), len(small)) == (6, 3)
    rows, _ = timeline(run, moment, cells, 9, (500, ""))
    assert len(rows) in (0, 9)
    found = list(ROLLOUT.rows(snapshot, PLACE))[:20]
    assert ROLLOUT.detail is not None
    details = [ROLLOUT.detail(row, moment, cells) for row in found]
    for row in (*head, *small, *rows, *(line for one in details for line in (*one.lines, *one.compact))):
        check_line(row)
        assert line_width(row) <= cells
    assert all(len(one.compact) <= 6 for one in details)


def test_the_head_tells_the_whole_story() -> None:
    # GIVEN a rollout midway
    text = joined(head_lines(stand(midway()), at(midway()), 150))
    assert "◐ updating      shop/api:1 → shop/api:2" in text
    assert ", 43 s      about 2 min 9 s left" in text
    assert "1 of 4 on the new image" in text
    assert "1 failure of 1 allowed before rollback" in text
    assert "1 ✓ new    2 ◐ again  3 ○ old    4 ○ old" in text
    assert REJECTED in text


def test_a_rollback_says_what_was_given_up_and_why() -> None:
    # GIVEN a service that was rolled back by the engine
    text = joined(head_lines(stand(rolled_back()), at(rolled_back()), 150))
    assert "▲ rolled back      shop/api:2 → back to shop/api:1" in text
    assert f"api was rolled back: the change did not work. {REJECTED}" in text
    assert "4 of 4 back on shop/api:1" in text
    assert "converged" not in text


@pytest.mark.parametrize(
    ("action", "ratio", "failed", "said"),
    [
        ("pause", 0.0, 0, "the first failure pauses it"),
        ("rollback", 0.0, 0, "the first failure rolls it back"),
        ("rollback", 0.5, 0, "no failure of 2 allowed before rollback"),
        ("pause", 0.5, 1, "1 failure of 2 allowed before pause"),
        ("continue", 0.0, 0, "it goes on whatever fails"),
        ("continue", 0.0, 1, "1 failure; it goes on whatever fails"),
    ],
)
def test_failures_are_told_against_what_is_allowed(action: str, ratio: float, failed: int, said: str) -> None:
    # GIVEN a policy and so many failures THEN one sentence part says how near it is
    policy = RolloutConfig(failure_action=action, max_failure_ratio=ratio)
    tasks = [new(1, "rejected")] if failed else [old(1)]
    run = stand(world(*tasks, old(2), old(3), old(4), update_config=policy))
    assert plain(failures_line(run)) == said


def test_errors_stand_whole_below_their_try_and_once() -> None:
    # GIVEN two replicas that failed with one error
    snapshot = world(
        gone(1), new(1, "rejected"), new(1, "ready", 1), gone(2), new(2, "rejected"), new(2, "ready", 1), old(3), old(4)
    )
    moment = at(snapshot)
    rows = attempts(stand(snapshot))
    # THEN the first tells it, the second points there
    assert [(r.slot, str(r.step), r.number, r.first) for r in rows[:4]] == [
        (1, "failed", 1, True),
        (1, "again", 2, False),
        (2, "failed", 1, True),
        (2, "again", 2, False),
    ]
    assert ROLLOUT.under is not None
    assert [plain(row) for row in ROLLOUT.under(rows[0], moment, 90)] == [REJECTED]
    assert [plain(row) for row in ROLLOUT.under(rows[2], moment, 90)] == ["same error as slot 1"]
    assert "attempt 2" in plain(ROLLOUT.under(rows[1], moment, 90)[0])


def test_a_try_is_described_with_its_last_words_and_the_policy() -> None:
    # GIVEN the try that failed, and the end of its log
    run = stand(midway())
    lane = run.lanes[1]
    words = {lane.tried[0].id: LastWords(("starting", "no route to db"))}
    detail = attempt_detail(lane, lane.tried[0], 1, run, at(midway()), 60, words)
    text = joined(detail.lines)
    assert detail.title == "Slot 2, first try"
    for part in ("✗ failed, after 2 s", REJECTED, "no route to db", "1 at a time, 1 s apart", "If it rolls back"):
        assert part in text
    assert "rolls back, once more than 30% fail" in text
    assert detail.command == "docker service update --image shop/api:2 api"
    # AND a log that cannot be read says why
    words = {lane.tried[0].id: LastWords(problem="its log cannot be read: gone")}
    assert "cannot be read" in joined(attempt_detail(lane, lane.tried[0], 1, run, at(midway()), 60, words).lines)
    assert "asking for it" in joined(
        attempt_detail(lane, lane.tried[0], 1, run, at(midway()), 60, {lane.tried[0].id: LastWords(waiting=True)}).lines
    )


def test_the_timeline_grows_in_a_fixed_frame() -> None:
    # GIVEN a rollout at two moments
    def rows(now: float) -> list[str]:
        run = stand(midway(), now)
        return [plain(row) for row in timeline(run, at(midway(), now), 100, 7)[0]]

    early, late = rows(NOW), rows(NOW + 4)
    # THEN each replica has its row, the failure its cross, and only the right end moves
    assert [row.split("  ")[0] for row in early[1:5]] == ["slot 1", "slot 2", "slot 3", "slot 4"]
    assert "✗" in early[2]
    assert early[0] == late[0]
    assert len(late[4].rstrip()) > len(early[4].rstrip())
    assert "1   ━ starting   ━ 2 runs   ✗ failed" in early[-1]


def test_a_scale_holds_what_it_is_made_for() -> None:
    # GIVEN rollouts of a second up to a week THEN the whole of each is in the frame
    for length in (1.0, 43.0, 600.0, 86_400.0, 600_000.0):
        scale = Scale(NOW, NOW + length, 90)
        assert 0 <= scale.cell(NOW) < scale.cell(NOW + length) + 1 <= 90
    assert tag("registry:5000/shop/api") == "registry:5000/shop/api"
    assert tag("shop/api@sha256:" + "ab" * 32) == "abababababab"


def test_the_list_of_rollouts_has_what_moves_first() -> None:
    # GIVEN three services: one that is done lately, one that updates, one that nobody touched
    base = midway()
    service = base.services["s-api"]
    done = msgspec.structs.replace(service, id="a-done", name="done", update=None, updated=NOW - 60, replicas=0)
    still = msgspec.structs.replace(done, id="a-still", name="still", updated=NOW - 1e6)
    snapshot = replace(base, services=by_id(done, still, service))
    rows = list(ROLLOUTS.rows(snapshot, Place("rollouts")))
    # THEN two are listed, and what goes on comes first
    assert sorted(row.service.name for row in rows) == ["api", "done"]
    sort = next(column.sort for column in ROLLOUTS.columns if column.id == "state")
    assert sort is not None
    assert [r.service.name for r in sorted(rows, key=lambda r: sort(r, at(snapshot)))] == ["api", "done"]
    cells = {c.id: c.cell(next(r for r in rows if r.service.name == "api"), at(snapshot)) for c in ROLLOUTS.columns}
    assert plain(as_line(cells["progress"])).endswith("1 of 4 new")
    assert plain(as_line(cells["change"])) == "shop/api:1 → shop/api:2"


def as_line(cell: Any) -> tuple[tuple[str, str], ...]:
    return ((cell, ""),) if isinstance(cell, str) else cell


def test_a_change_of_another_service_touches_nothing() -> None:
    # GIVEN the list of one rollout WHEN tasks of others change THEN no row is made anew
    snapshot = midway()
    other = Task(id="x", service_id="other")
    snapshot = replace(snapshot, tasks=MappingProxyType({**snapshot.tasks, "x": other}))
    assert ROLLOUT.affected is not None
    assert ROLLOUT.affected(snapshot, PLACE, Changes(keys=frozenset({other.key}))) == ()
    assert ROLLOUT.affected(snapshot, PLACE, Changes(keys=frozenset({Key(Kind.TASK, "old3")}))) is None


def test_health_is_told_where_the_container_is_known() -> None:
    # GIVEN a container of a replica with a health check
    snapshot = midway()
    task = msgspec.structs.replace(snapshot.tasks["new1-0"], container_id="c1")
    box = Container(id="c1", name="api.1", node_id="w1", state="running", health="healthy")
    snapshot = replace(snapshot, tasks=MappingProxyType({**snapshot.tasks, task.id: task}), containers=by_id(box))
    table = rollout_table(lambda s, _: stand(s))
    row = table.row(snapshot, PLACE, task.key) if table.row else None
    column = next(c for c in table.columns if c.id == "health")
    assert row is not None
    assert plain(as_line(column.cell(row, at(snapshot)))) == "● healthy"


def test_images_of_two_repositories_with_one_tag_are_told_apart() -> None:
    # GIVEN a change of the image to another repository with the same tag
    base = midway()
    service = msgspec.structs.replace(base.services["s-api"], image="lab/nope:2", previous_image="shop/api:2")
    task = Task(id="t-new", service_id="s-api", slot=1, state="rejected", image="lab/nope:2", created=NOW)
    changed = replace(base, services=MappingProxyType({**base.services, "s-api": service}))
    row = msgspec.structs.replace(attempts(stand(base))[0], task=task)
    # WHEN its try is listed THEN the name stands with the tag
    image = next(column for column in ROLLOUT.columns if column.id == "image")
    assert image.cell(row, at(changed)) == (("nope:2", ""),)
    # AND of one repository the tag is enough
    service = msgspec.structs.replace(service, previous_image="lab/nope:1")
    changed = replace(base, services=MappingProxyType({**base.services, "s-api": service}))
    assert image.cell(row, at(changed)) == (("2", ""),)
