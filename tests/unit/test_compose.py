"""What is asked of an engine before anything heavy is read."""

from __future__ import annotations

import pytest

from tui.compose import _first_kinds
from tui.frame.interest import ALWAYS
from tui.tables.registry import TABLES


@pytest.mark.parametrize("view", TABLES)
def test_what_a_view_is_made_of_is_asked_for_first(view: str) -> None:
    # WHEN one starts in a view, THEN no kind that its list waits for is left to be asked for later
    assert {kind.value for kind in TABLES[view].needs | ALWAYS} <= _first_kinds(view)
