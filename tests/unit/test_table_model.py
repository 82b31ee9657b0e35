"""Rows projected, filtered, grouped and sorted, with cursor and marks by key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backends.model import Changes, Key, Kind
from tests.unit.table_sample import PLACE, Thing, World, by_group, key, names, touched
from tui.tables.model import TableModel


def model_of(world: World, **fields: object) -> TableModel[Thing]:
    model = TableModel(world.spec(**fields), PLACE)
    model.set(world.moment())
    return model


def ids(model: TableModel[Thing]) -> str:
    return " ".join(key.id for key in model.order)


def test_rows_come_in_the_lists_own_order() -> None:
    # GIVEN rows in any order WHEN the list is filled THEN they stand by name, equal names by key
    world = World(Thing("2", "b"), Thing("3", "a"), Thing("1", "b"))
    assert ids(model_of(world)) == "3 1 2"


def test_a_change_of_one_row_touches_one_row() -> None:
    # GIVEN a thousand rows
    world = World(*names(1000))
    model = model_of(world)
    # WHEN one changes, beside one that did not although the changes name it
    changes = world.change("id00007", cpu=5.0) | touched([key("id00009")])
    delta = model.update(world.moment(), changes)
    # THEN only that one is touched, and nothing moves
    assert delta.rows == {key("id00007")}
    assert not delta.moved
    assert not delta.everything


def test_rows_that_come_and_go_find_their_places() -> None:
    world = World(Thing("a", "a"), Thing("c", "c"))
    model = model_of(world)
    # WHEN one comes in between and the first goes
    delta = model.update(world.moment(), world.put(Thing("b", "b")) | world.drop("a"))
    # THEN they stand where they sort
    assert ids(model) == "b c"
    assert delta.moved


def test_a_column_sorts_both_ways_and_the_own_order_breaks_ties() -> None:
    world = World(Thing("1", "b", cpu=1), Thing("2", "a", cpu=9), Thing("3", "a", cpu=1))
    model = model_of(world)
    # WHEN it is sorted by load, which is from high to low at first, THEN the other way round
    model.sort_by("cpu")
    assert ids(model) == "2 3 1"
    model.sort_by("cpu", reverse=True)
    # THEN equal ones stay in the list's own order
    assert ids(model) == "3 1 2"
    model.sort_by("name", reverse=True)
    assert ids(model) == "1 2 3"
    model.sort_by("")
    assert ids(model) == "2 3 1"


def test_a_column_that_does_not_sort_is_refused() -> None:
    world = World(Thing("1", "a"))
    model = model_of(world)
    for column in ("id", "nothing"):
        with pytest.raises(LookupError):
            model.sort_by(column)


def test_groups_come_by_their_text_and_the_one_without_first() -> None:
    world = World(
        Thing("1", "a", group="Past"), Thing("2", "b"), Thing("3", "c", group="Past"), Thing("4", "d", group="Local")
    )
    model = model_of(world, group=by_group)
    assert ids(model) == "2 4 1 3"
    assert model.headings() == [(1, "Local"), (2, "Past")]


def test_a_filter_and_faults_only_hide_rows() -> None:
    world = World(Thing("1", "web"), Thing("2", "web", state="failing"), Thing("3", "db", state="failing"))
    model = model_of(world)
    model.filter_by(lambda thing, moment: "web" in thing.name)
    assert ids(model) == "1 2"
    model.faults_only(True)
    assert ids(model) == "2"
    # WHEN a hidden row comes to match and a shown one does not any more
    model.update(world.moment(), world.change("1", state="down") | world.change("2", name="api"))
    # THEN they change places
    assert ids(model) == "1"
    assert len(model.rows) == 3


def test_the_cursor_follows_its_object() -> None:
    world = World(*names(5))
    model = model_of(world)
    model.move_to(key("id00002"))
    # WHEN rows come above, and it is sorted the other way round, and all is made anew
    model.update(world.moment(), world.put(Thing("x", "a"), Thing("y", "b")))
    model.sort_by("name", reverse=True)
    model.set(world.moment())
    # THEN the cursor is where it was
    assert model.cursor == key("id00002")


def test_where_the_object_goes_the_cursor_takes_the_next() -> None:
    world = World(*names(4))
    model = model_of(world)
    model.move_to(key("id00001"))
    # WHEN its object goes THEN the next has the cursor; when the last goes, the one before
    model.update(world.moment(), world.drop("id00001"))
    assert model.cursor == key("id00002")
    model.move(5)
    model.update(world.moment(), world.drop("id00003"))
    assert model.cursor == key("id00002")
    model.update(world.moment(), world.drop("id00000", "id00002"))
    assert model.cursor is None


def test_a_filter_that_hides_all_gives_the_cursor_back() -> None:
    world = World(*names(4))
    model = model_of(world)
    model.move_to(key("id00002"))
    # WHEN a filter hides everything and goes again
    model.filter_by(lambda thing, moment: False)
    assert model.cursor is None
    model.filter_by(None)
    # THEN the cursor is where it was
    assert model.cursor == key("id00002")


def test_a_place_remembers_the_cursor_until_its_row_comes() -> None:
    # GIVEN a place with a cursor on an object that is not there yet
    world = World(Thing("a", "a"))
    model = TableModel(world.spec(), replace(PLACE, cursor=key("z")))
    model.set(world.moment())
    assert model.cursor == key("a")
    # WHEN it comes
    model.update(world.moment(), world.put(Thing("z", "z")))
    # THEN it has the cursor
    assert model.cursor == key("z")


def test_moving_gives_up_on_a_row_that_has_not_come() -> None:
    world = World(Thing("a", "a"), Thing("b", "b"))
    model = TableModel(world.spec(), replace(PLACE, cursor=key("z")))
    model.set(world.moment())
    model.move(1)
    model.update(world.moment(), world.put(Thing("z", "z")))
    assert model.cursor == key("b")


def test_a_list_that_was_empty_has_its_cursor_where_it_was() -> None:
    # GIVEN the cursor on the second of two rows
    world = World(Thing("a", "a"), Thing("b", "b"))
    model = model_of(world)
    model.move(1)
    # WHEN all go and come back at once, THEN it stands there again
    model.update(world.moment(), world.drop("a", "b"))
    assert model.targets() == ()
    model.update(world.moment(), world.put(Thing("a", "a"), Thing("b", "b")))
    assert model.cursor == key("b")
    # WHEN all go, and another comes first, THEN that has the cursor and keeps it
    model.update(world.moment(), world.drop("a", "b"))
    model.update(world.moment(), world.put(Thing("c", "c")))
    model.update(world.moment(), world.put(Thing("b", "b")))
    assert model.cursor == key("c")


def test_rows_keep_their_places_while_somebody_works() -> None:
    world = World(Thing("a", "a", cpu=3), Thing("b", "b", cpu=2), Thing("c", "c", cpu=1))
    model = model_of(world)
    model.sort_by("cpu")
    # WHEN the order turns round, and one comes, while the list is held
    model.update(world.moment(), world.change("c", cpu=9) | world.put(Thing("d", "d", cpu=2.5)), hold=True)
    # THEN what was there stays where it was, and the new one comes in where it sorts
    assert ids(model) == "a d b c"
    assert not model.settled
    # WHEN all is made anew and still held THEN it stays so; WHEN it settles THEN all is right
    model.set(world.moment(), hold=True)
    assert ids(model) == "a d b c"
    assert model.settle()
    assert ids(model) == "c a d b"
    assert not model.settle()


def test_marks_are_kept_by_object() -> None:
    world = World(*names(6))
    model = model_of(world)
    model.mark()
    model.move(3)
    model.mark_range()
    # THEN all between are marked, in the order shown, hidden ones last
    assert [one.id for one in model.targets()] == ["id00000", "id00001", "id00002", "id00003"]
    model.filter_by(lambda thing, moment: thing.id >= "id00002")
    assert [one.id for one in model.targets()][:2] == ["id00002", "id00003"]
    assert len(model.targets()) == 4
    # WHEN a marked one goes THEN its mark goes
    model.update(world.moment(), world.drop("id00000", "id00003"))
    assert len(model.marks) == 2


def test_marking_all_twice_marks_none() -> None:
    world = World(*names(3))
    model = model_of(world)
    model.mark_all()
    assert len(model.targets()) == 3
    model.mark_all()
    assert model.targets() == (key("id00000"),)


def test_without_marks_the_target_is_the_row_under_the_cursor() -> None:
    world = World(Thing("a", "a"))
    assert model_of(world).targets() == (key("a"),)
    assert model_of(World()).targets() == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (Changes(frozenset({key("a"), Key(Kind.NODE, "n")}), frozenset({Kind.SERVICE, Kind.NODE})), [key("a")]),
        (Changes(frozenset({Key(Kind.TASK, "t")}), frozenset({Kind.TASK})), None),
        (Changes(links=True), None),
        (Changes(events=3), []),
    ],
)
def test_which_rows_a_change_touches(changes: Changes, expected: list[Key] | None) -> None:
    # GIVEN a list of services that also shows tasks
    world = World(Thing("a", "a"))
    model = model_of(world, depends=frozenset({Kind.TASK}))
    # THEN a change of its own kind touches that row, one of another kind it depends on touches all
    assert model.touched(world.moment().snapshot, changes) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("abc", max_size=3), st.integers(0, 3)), max_size=30), st.booleans())
def test_the_order_never_depends_on_the_way_there(rows: list[tuple[str, int]], reverse: bool) -> None:
    # GIVEN things put in one by one, and all at once
    things = [Thing(f"{index}", name, cpu=cpu) for index, (name, cpu) in enumerate(rows)]
    slow, fast = World(), World(*things)
    one, two = model_of(slow), model_of(fast)
    for model in (one, two):
        model.sort_by("cpu", reverse)
    # WHEN the order is compared THEN it is the same
    for thing in things:
        one.update(slow.moment(), slow.put(thing))
    assert one.order == two.order


class Lists(RuleBasedStateMachine):
    """A list that changes in every way, beside a plain description of what must hold."""

    @initialize(count=st.integers(0, 20))
    def start(self, count: int) -> None:
        self.world = World(*names(count))
        self.model = model_of(self.world, group=by_group)
        self.needle = ""

    def _update(self, changes: Changes, hold: bool) -> None:
        before = self.model.cursor
        order = list(self.model.order)
        self.model.update(self.world.moment(), changes, hold)
        if before is not None and self.model.shows(before):
            assert self.model.cursor == before
        elif before in order and self.model.order:
            after = [one for one in order[order.index(before) + 1 :] if self.model.shows(one)]
            if after:
                assert self.model.cursor == after[0]

    @rule(id=st.text("xyz", min_size=1, max_size=3), name=st.text("abt", max_size=2), hold=st.booleans())
    def put(self, id: str, name: str, hold: bool) -> None:
        self._update(self.world.put(Thing(id, name, group=name[:1])), hold)

    @rule(data=st.data(), cpu=st.integers(0, 9), hold=st.booleans())
    def change(self, data: st.DataObject, cpu: int, hold: bool) -> None:
        if self.world.things:
            id = data.draw(st.sampled_from(sorted(one.id for one in self.world.things)))
            self._update(self.world.change(id, cpu=float(cpu)), hold)

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        if self.world.things:
            count = data.draw(st.integers(1, min(3, len(self.world.things))))
            gone = data.draw(st.permutations(sorted(one.id for one in self.world.things)))[:count]
            self._update(self.world.drop(*gone), hold=False)

    @rule(column=st.sampled_from(["", "name", "cpu", "age"]), reverse=st.booleans())
    def sort(self, column: str, reverse: bool) -> None:
        before = self.model.cursor
        self.model.sort_by(column, reverse)
        assert self.model.cursor == before

    @rule(needle=st.sampled_from(["", "t", "a", "zzz"]))
    def filter(self, needle: str) -> None:
        self.needle = needle
        self.model.filter_by((lambda thing, moment: needle in thing.name) if needle else None)

    @rule(by=st.integers(-5, 5))
    def move(self, by: int) -> None:
        self.model.move(by)

    @rule(hold=st.booleans())
    def again(self, hold: bool) -> None:
        self.model.set(self.world.moment(), hold)

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "model"):
            return
        model = self.model
        shown = {name for name, thing in self.world.things.items() if self.needle in thing.name}
        assert set(model.order) == shown
        assert len(model.order) == len(shown)
        assert (model.cursor in shown) if shown else model.cursor is None
        assert [model.index(name) for name in model.order] == list(range(len(shown)))
        if model.settled:
            fresh = TableModel(self.world.spec(group=by_group), PLACE)
            fresh.set(self.world.moment())
            fresh.filter_by(model.predicate)
            fresh.sort_by(model.sort, model.reverse)
            assert fresh.order == model.order


TestLists = Lists.TestCase
TestLists.settings = settings(deadline=None, max_examples=60)
