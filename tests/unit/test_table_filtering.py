"""A list that is filtered letter by letter shows what it would show if it were filtered at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.table_sample import PLACE, Thing, World
from tui.actions.filter import compile_filter
from tui.tables.model import TableModel

_TEXTS = st.lists(st.text(alphabet="abAB !=.*", max_size=4), min_size=1, max_size=6)
_NAMES = st.lists(st.text(alphabet="abAB.", min_size=1, max_size=4), max_size=12)


@given(_NAMES, _TEXTS, st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_each_letter_shows_what_the_whole_text_shows(
    names: list[str], texts: list[str], changing: set[int], holding: set[int]
) -> None:
    # GIVEN a list whose filter is typed, while rows come and change
    world = World(*(Thing(f"{number}", name) for number, name in enumerate(names)))
    spec = world.spec()
    model = TableModel(spec, PLACE)
    model.set(world.moment())
    before = None
    for turn, text in enumerate(texts):
        found = compile_filter(text, spec)
        model.filter_by(found.predicate if found else None, found.within(before))
        before = found
        # THEN the same rows stand in the same order as in a list that was never filtered before
        fresh = TableModel(spec, PLACE)
        fresh.predicate = model.predicate
        fresh.set(world.moment())
        assert model.order == fresh.order
        if turn in changing:
            changes = world.put(Thing("new", f"ab{turn}")) | world.put(Thing("0", f"bA{turn}"))
            model.update(world.moment(), changes, turn in holding)
            model.settle()


def test_one_more_letter_is_looked_for_in_what_is_shown_only() -> None:
    world = World(Thing("1", "alpha"), Thing("2", "beta"))
    spec = world.spec()
    model = TableModel(spec, PLACE)
    model.set(world.moment())
    first, second = compile_filter("lph", spec), compile_filter("lpha", spec)
    model.filter_by(first.predicate)
    looked: list[str] = []

    def counted(row: Thing, moment: object) -> bool:
        looked.append(row.name)
        return True

    assert second.within(first) is first.predicate
    model.filter_by(counted, second.within(first))
    assert looked == ["alpha"]


def test_what_may_show_more_is_never_taken_for_less() -> None:
    spec = World().spec()

    def narrows(text: str, before: str) -> bool:
        return compile_filter(text, spec).within(compile_filter(before, spec)) is not None

    assert narrows("web", "we")
    assert narrows("weB", "we")
    assert narrows("web api", "web")
    assert not narrows("web", "wE")
    assert not narrows("we", "web")
    assert not narrows("!web", "!we")
    assert not narrows("we*", "we")
    assert not narrows("id=we", "id")
