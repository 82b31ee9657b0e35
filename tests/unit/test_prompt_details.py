"""What follows of a value while it is typed: room, what stops, which images there are."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from backends.model import Image, Kind, Mode, Resources, RolloutConfig, Service, Snapshot, UpdateStatus
from tests.unit.change_world import GIB, NOW, by_id, world
from tests.unit.test_tables import check_line
from tui.details.prompts import effect, failing, pace, scale_rows, tags
from tui.tables.spec import Moment
from tui.text.fit import line_width
from tui.text.span import joined


def web(snapshot: Snapshot | None = None, **fields: Any) -> tuple[Service, Moment]:
    base = snapshot or world()
    service: Service = msgspec.structs.replace(base.services["s-web"], **fields)
    services = MappingProxyType({**base.services, service.id: service})
    return service, Moment(replace(base, services=services), NOW)


def rows(now: int, cells: int = 76, snapshot: Snapshot | None = None, **fields: Any) -> str:
    service, moment = web(snapshot, **fields)
    found = scale_rows(service, now, moment, cells)
    for row in found:
        check_line(row)
        assert line_width(row) <= cells
    return joined(found)


def test_more_tasks_need_room() -> None:
    # GIVEN a service of two replicas WHEN more are typed THEN where they find room is told
    assert rows(3) == "room      3 nodes   memory ✓ none reserved   addresses ✓ 250 free"
    # AND where it is not enough, for how many it is, and what is short
    short = rows(12, resources=Resources(reserve_memory=3 * GIB))
    assert "room      3 nodes   memory ▲ 18 GiB free" in short
    assert "▲ room for 4 only (memory: 18 GiB free); the rest would wait" in short
    # AND what is not known is said so
    base = world()
    listed: dict[Kind, float] = {kind: at for kind, at in base.listed.items() if kind is not Kind.TASK}
    unread = replace(base, listed=MappingProxyType(listed))
    assert "memory ?" in rows(3, snapshot=unread, resources=Resources(reserve_memory=GIB))


def test_no_node_at_all() -> None:
    # GIVEN a constraint that no node meets THEN that is the answer
    assert "▲ no node would take one more" in rows(3, constraints=("node.labels.none==x",))
    empty: Snapshot = replace(world(), nodes=MappingProxyType({}))
    assert "no node is known" in rows(3, snapshot=empty)


def test_fewer_tasks_stop_somewhere() -> None:
    # GIVEN two replicas WHEN one is too many THEN which may stop is told, and who chooses
    assert rows(1) == "stops     1 of 1 mgr and 2 w1; the swarm chooses"
    assert rows(0) == "stops     all of 1 mgr and 2 w1"


@pytest.mark.parametrize(("was", "now", "said"), [(3, 5, "+2 tasks; nothing restarts"), (3, 2, "−1 task"), (3, 3, "")])
def test_the_effect_of_a_number(was: int, now: int, said: str) -> None:
    # GIVEN two numbers THEN the difference is said
    assert effect(was, now) == said


def test_images_are_offered_by_tag() -> None:
    # GIVEN images of this node and another, and one that it had before
    service, moment = web()
    images = [
        Image(image_id="a", node_id="mgr", tags=("shop/web:2", "shop/web:1"), created=NOW - 10_800),
        Image(image_id="b", node_id="w1", tags=("shop/web:2",), created=NOW - 20_000),
        Image(image_id="c", node_id="mgr", tags=("nginx:1",)),
    ]
    found = tags(service, "shop/web:1", images, moment)
    # THEN the one of before comes first, the rest by name, and the one it has is left out
    assert [(one.reference, one.shown, one.what) for one in found] == [
        ("shop/web:0", "0", "before this one"),
        ("shop/web:2", "2", "made 3 h ago, on 2 nodes"),
    ]
    # WHEN another name is typed THEN what begins so
    assert [one.reference for one in tags(service, "ngi", images, moment)] == ["nginx:1"]


def test_what_a_new_image_costs() -> None:
    # GIVEN a service with a policy and a last rollout
    last = UpdateStatus(state="completed", started=NOW - 100, completed=NOW - 59)
    service, _ = web(update=last, update_config=RolloutConfig(parallelism=1))
    assert pace(service) == "2 tasks restart, 1 at a time, ~ 41 s"
    assert pace(web(replicas=1)[0]) == "1 task restarts"
    assert pace(web(replicas=0)[0]) == "nothing runs: nothing restarts"
    # AND what happens where it fails
    assert failing(service, "^l") == "pauses after the first task that fails; ^l takes it back"
    rolls = RolloutConfig(failure_action="rollback", max_failure_ratio=0.25)
    assert failing(web(update_config=rolls)[0], "^l") == "rolls back once more than 25% fail"
    goes = RolloutConfig(failure_action="continue")
    assert failing(web(update_config=goes)[0], "^l") == "goes on over tasks that fail; ^l takes it back"
    assert failing(web(mode=Mode.REPLICATED_JOB)[0], "^l") == "a job is not rolled back"


def test_hostile_names_stay_in_their_place() -> None:
    # GIVEN tags and nodes that no engine should have
    service, moment = web()
    name = "shop/web:[red]\x1b[31m"
    found = tags(service, "shop/web:1", [Image(image_id="a", node_id="mgr", tags=(name,))], moment)
    assert [one.reference for one in found] == ["shop/web:0", name]
    assert by_id(*moment.snapshot.nodes.values())
