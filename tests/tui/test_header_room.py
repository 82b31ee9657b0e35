"""What row 0 gives up first where there is little room."""

from __future__ import annotations

import pytest

from tests.tui.stage import NOW, FakeCluster, live
from tui.frame.header import header
from tui.frame.session import Session
from tui.frame.tally import Counts
from tui.tables.spec import Moment
from tui.text.span import plain
from tui.widgets.bar import BarItem, place_items

BAD = (("down", "err", 1),)


def shown(counts: Counts, width: int) -> str:
    session = Session(cluster=FakeCluster(live()), context="demo", demo=True, readonly=True)
    found = header(Moment(live(), NOW), session, counts, width)
    left = [BarItem(piece.row, piece.act, piece.drop) for piece in found.left]
    right = [BarItem(piece.row, piece.act, piece.drop) for piece in found.right]
    return "".join(plain(one.item.row) for one in place_items(left, right, width))


@pytest.mark.parametrize("width", [56, 58, 60, 62])
def test_a_count_with_something_wrong_outlasts_the_name_of_the_node(width: int) -> None:
    # WHEN a node is down and there is no room for all
    row = shown(Counts(nodes=BAD), width)
    # THEN that is said, and where this runs is not
    assert "nodes 2 ✗1" in row
    assert "manager-1" not in row


def test_a_count_without_faults_goes_before_it() -> None:
    row = shown(Counts(services=(("failing", "err", 1),)), 62)
    assert "svc 2 ✗1" in row
    assert "nodes" not in row
