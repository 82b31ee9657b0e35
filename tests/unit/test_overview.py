"""The Overview: findings worst first with what helps, and the blocks for each size of screen."""

from __future__ import annotations

import msgspec
import pytest

from backends.model import EngineInfo, Snapshot, SwarmMembership
from tests.unit.tables_world import ENGINE, bare, hostile, moment, world
from tui.details.findings import FINDINGS
from tui.details.overview import overview
from tui.places import Place
from tui.text.fit import line_width
from tui.text.span import joined, plain
from tui.widgets.rows import lines_wanted, place_columns, render, under_lines

PLACE = Place("overview")


def engine(**more: object) -> EngineInfo:
    return msgspec.structs.replace(ENGINE, **more)


@pytest.mark.parametrize("size", [(40, 12), (52, 20), (80, 9), (118, 14), (120, 14), (160, 26), (200, 40), (30, 2)])
@pytest.mark.parametrize("snapshot", [world(), bare(), hostile(), Snapshot(), world(services={}, stacks={}, tasks={})])
def test_it_fits(snapshot: Snapshot, size: tuple[int, int]) -> None:
    # WHEN it is laid out
    lines = overview(moment(snapshot), *size)
    # THEN it is no larger than the room there is
    assert len(lines) <= size[1]
    assert all(line_width(row) <= size[0] for row in lines)


def test_it_shows_the_whole_swarm_when_there_is_room() -> None:
    said = joined(overview(moment(), 160, 26))
    for part in (
        "── Swarm ─", "quorum     ● healthy, 3 of 3 managers", "survives the loss of 1 manager",
        "★ manager-1, this node", "✗ down 6m", "▽ drain", "✗ failing    1  shop_worker 1/4",
        "8001/tcp", "├── Stacks ─", "observe_metrics",
    ):  # fmt: skip
        assert part in said


def test_it_says_the_most_important_on_a_small_screen() -> None:
    lines = [plain(row) for row in overview(moment(), 80, 9)]
    assert "quorum    ● 3 of 3, survives the loss of 1   leader ★ manager-1, this node" in lines[1]
    assert "✗ 1 down" in lines[2]
    assert lines[5].startswith("── Networks ─")


def test_findings_are_worst_first_with_what_helps() -> None:
    # GIVEN a swarm with troubles
    rows = list(FINDINGS.rows(world(), PLACE))
    # THEN errors come before warnings, those before changes
    order = [row.finding.severity for row in rows]
    assert order == sorted(order, key=["err", "warn", "chg"].index)
    # AND the failing service tells its whole error and the keys that help
    failing = next(row for row in rows if row.finding.name == "shop_worker")
    assert FINDINGS.under is not None
    said = " ".join(" ".join(plain(line) for line in FINDINGS.under(failing, moment(), 144)).split())
    assert 'exec: "/app/worker": permission denied: unknown' in said
    assert "try l logs enter tasks docker service rollback shop_worker goes back to shop/worker:1.9" in said


@pytest.mark.parametrize("cells", [60, 80, 99, 100, 120, 160, 200])
def test_a_sentence_that_does_not_fit_goes_on_below(cells: int) -> None:
    # GIVEN the findings as the list widget lays them out
    slots = place_columns(FINDINGS, cells, False)
    at = next(index for index, slot in enumerate(slots) if slot.column.id == "what")
    for row in FINDINGS.rows(world(), PLACE):
        below = [plain(line).strip() for line in under_lines(FINDINGS, row, moment(), slots, cells)]
        # THEN the column ends with a whole word, and the next one is the first below it
        shown = plain(render(FINDINGS, row, moment(), slots, cells).cells[at]).strip()
        if shown.endswith("…"):
            shown = " ".join([shown[:-1], *below])
        assert shown.startswith(row.finding.sentence)


def test_the_room_for_findings_is_counted() -> None:
    rows = list(FINDINGS.rows(world(), PLACE))
    below = [len(under_lines(FINDINGS, row, moment(), place_columns(FINDINGS, 160, False), 160)) for row in rows]
    assert lines_wanted(FINDINGS, rows, moment(), 160) == len(rows) + sum(below)
    # AND where only one of them is open, that one counts
    below = [len(under_lines(FINDINGS, row, moment(), place_columns(FINDINGS, 80, False), 80)) for row in rows]
    assert lines_wanted(FINDINGS, rows, moment(), 80) == len(rows) + max(below)
    assert lines_wanted(FINDINGS, (), moment(), 80) == 0


def test_all_is_well_when_nothing_is_wrong() -> None:
    assert list(FINDINGS.rows(Snapshot(), PLACE)) == []
    assert FINDINGS.empty[0] == "All is well."


def test_a_worker_does_not_say_that_all_is_well() -> None:
    assert FINDINGS.empty_here is not None
    assert FINDINGS.empty_here(moment()) is None
    worker = Snapshot(engine=engine(swarm=SwarmMembership(state="active", node_id="n1")))
    found = FINDINGS.empty_here(moment(worker))
    assert found is not None
    assert "this node" in found[0]


def test_an_engine_without_a_swarm_says_how_to_start_one() -> None:
    state = Snapshot(engine=engine(swarm=SwarmMembership(node_addr="10.0.0.5")))
    said = joined(overview(moment(state), 100, 30))
    assert "docker swarm init --advertise-addr 10.0.0.5" in said
    assert "docker swarm join" in said


def test_a_worker_says_where_the_managers_are() -> None:
    member = SwarmMembership(state="active", node_id="w", remote_managers=(("m", "10.0.0.1:2377"),))
    said = joined(overview(moment(Snapshot(engine=engine(swarm=member))), 100, 30))
    assert "member, a worker" in said
    assert "dnet-tui -H ssh://USER@10.0.0.1" in said


def test_a_locked_manager_says_how_to_unlock_it() -> None:
    state = Snapshot(engine=engine(swarm=SwarmMembership(state="locked")))
    assert "docker swarm unlock" in joined(overview(moment(state), 80, 30))


def test_without_quorum_it_says_what_is_needed() -> None:
    member = msgspec.structs.replace(ENGINE.swarm, error="The swarm does not have a leader.")
    state = world(engine=engine(swarm=member))
    assert "✗ failed" in joined(overview(moment(state), 160, 26))


def test_before_the_engine_answered_there_is_nothing() -> None:
    assert overview(moment(Snapshot()), 160, 26) == ()
