"""fold, by property: whatever happens in whatever order, it comes to what the engine would say."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.model import EMPTY, Container, Event, Key, Kind, Network, Node, Service, Snapshot, Task, Value
from backends.state.fold import fold
from backends.state.inputs import Dirty, EngineEvents, Input, Listing, Scope

N = "node-1"
IDS = ("a", "b", "c")
ACTIONS = ("create", "start", "die", "pause", "unpause", "rename", "destroy", "healthy", "unhealthy", "exec", "kill")


@dataclass
class Model:
    """An engine that does what it is told, and its events."""

    now: float = 100.0
    containers: dict[str, Container] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    lives: dict[str, int] = field(default_factory=dict)

    def act(self, action: str, name: str) -> None:
        self.now += 1.0
        # An engine never gives an ID twice.
        id = f"{name}{self.lives.get(name, 0)}"
        c = self.containers.get(id)
        attributes = {"name": c.name if c else name}
        told = action
        if action == "create" and c is None:
            self.containers[id] = Container(id=id, name=name, node_id=N, state="created", started=self.now)
        elif c is None:
            return
        elif action == "start" and c.state in ("created", "exited"):
            self.containers[id] = replace(c, state="running", started=self.now, exit_code=None, health="")
        elif action == "die" and c.state == "running":
            attributes["exitCode"] = "3"
            self.containers[id] = replace(c, state="exited", started=self.now, exit_code=3, health="")
        elif action == "pause" and c.state == "running":
            self.containers[id] = replace(c, state="paused")
        elif action == "unpause" and c.state == "paused":
            self.containers[id] = replace(c, state="running")
        elif action == "rename":
            attributes["name"] = f"{name}-{self.now}"
            self.containers[id] = replace(c, name=attributes["name"])
        elif action == "destroy" and c.state != "running":
            del self.containers[id]
            self.lives[name] = self.lives.get(name, 0) + 1
        elif action in ("healthy", "unhealthy") and c.state == "running":
            told = f"health_status: {action}"
            self.containers[id] = replace(c, health=action)
        elif action in ("exec", "kill"):
            told = "exec_create: sh" if action == "exec" else "kill"
        else:
            return
        self.events.append(
            Event(
                time=self.now,
                time_nano=int(self.now * 1e9),
                type="container",
                action=told,
                id=id,
                name=attributes["name"],
                node_id=N,
                attributes=attributes,
            )
        )

    def listing(self) -> Listing:
        return Listing(Kind.CONTAINER, tuple(self.containers.values()), self.now + 0.5, N)


ops = st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(IDS)), max_size=40)


def content(s: Snapshot) -> dict[str, object]:
    skip = {"taken"}
    return {
        f.name: dict(v) if hasattr(v := getattr(s, f.name), "items") else v for f in fields(s) if f.name not in skip
    }


def play(steps: list[tuple[str, str]], model: Model | None = None) -> Model:
    model = model or Model()
    for action, name in steps:
        model.act(action, name)
    return model


@given(ops, ops, st.integers(0, 80))
def test_any_prefix_and_a_listing_converge_to_the_listing(
    before: list[tuple[str, str]], after: list[tuple[str, str]], prefix: int
) -> None:
    model = play(before)
    first = model.listing()
    model.events.clear()
    play(after, model)
    inputs: list[Input] = [first, EngineEvents(model.events[:prefix]), model.listing()]
    assert fold(EMPTY, inputs).snapshot.containers == model.containers


@given(ops, ops)
def test_events_after_a_listing_come_to_the_truth_or_ask(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    model = play(before)
    first = model.listing()
    model.events.clear()
    play(after, model)
    folded = fold(EMPTY, [first, EngineEvents(model.events)])
    asked = {d.id for d in folded.dirty}
    for id in model.containers.keys() | folded.snapshot.containers.keys():
        assert folded.snapshot.containers.get(id) == model.containers.get(id) or id in asked


@given(ops, ops, ops)
def test_a_listing_that_was_under_way_undoes_nothing(
    before: list[tuple[str, str]], during: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    # GIVEN a listing asked in the middle and answered at the end
    model = play(before)
    first = model.listing()
    model.events.clear()
    play(during, model)
    late = model.listing()
    play(after, model)
    folded = fold(EMPTY, [first, EngineEvents(model.events), late])
    asked = {d.id for d in folded.dirty}
    for id in model.containers.keys() | folded.snapshot.containers.keys():
        assert folded.snapshot.containers.get(id) == model.containers.get(id) or id in asked


@given(ops, ops, st.data())
def test_doubles_change_nothing(
    before: list[tuple[str, str]], after: list[tuple[str, str]], data: st.DataObject
) -> None:
    model = play(before)
    first = model.listing()
    model.events.clear()
    play(after, model)
    once = fold(EMPTY, [first, EngineEvents(model.events)]).snapshot
    start = data.draw(st.integers(0, len(model.events)))
    again = fold(once, [EngineEvents(model.events[start:])]).snapshot
    assert content(again) == content(once)


@given(ops, ops)
def test_a_batch_is_its_parts_one_by_one(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    model = play(before)
    first = model.listing()
    model.events.clear()
    play(after, model)
    at_once = fold(EMPTY, [first, EngineEvents(model.events), model.listing()])
    snapshot, dirty = EMPTY, set[Dirty]()
    events: list[Event] = []
    keys: frozenset[Key] = frozenset()
    parts: list[Input] = [first, *(EngineEvents([e]) for e in model.events), model.listing()]
    for part in parts:
        one = fold(snapshot, [part])
        snapshot, keys = one.snapshot, keys | one.changes.keys
        events += one.events
        dirty |= one.dirty
    assert content(snapshot) == content(at_once.snapshot)
    assert tuple(events) == at_once.events
    assert keys == at_once.changes.keys
    assert dirty == at_once.dirty


def _independent() -> list[Input]:
    model = play([("create", "a"), ("create", "b"), ("start", "a")])
    return [
        Listing(Kind.SERVICE, (Service(id="s", labels={"com.docker.stack.namespace": "x"}),), 5.0),
        Listing(Kind.NODE, (Node(id="n"),), 6.0),
        Listing(Kind.NETWORK, (Network(id="w", labels={"com.docker.stack.namespace": "x"}),), 7.0, N),
        Listing(Kind.TASK, (Task(id="t", service_id="s"),), 8.0, "", Scope(services=frozenset({"s"}))),
        model.listing(),
    ]


@given(st.permutations(range(5)))
def test_the_order_of_independent_inputs_does_not_matter(order: list[int]) -> None:
    inputs = _independent()
    assert content(fold(EMPTY, [inputs[i] for i in order]).snapshot) == content(fold(EMPTY, inputs).snapshot)


# -- tasks ----------------------------------------------------------------------------------------------

STATES = ("new", "pending", "assigned", "running", "complete", "failed", "rejected", "shutdown")
task_lists = st.dictionaries(
    st.sampled_from(("t1", "t2", "t3")), st.tuples(st.sampled_from(STATES), st.booleans()), max_size=3
)


def _tasks(states: dict[str, tuple[str, bool]], at: float, before: dict[str, Task]) -> dict[str, Task]:
    """Tasks as a listing at ``at`` would have them: times differ only where the state does."""
    found: dict[str, Task] = {}
    for id, (state, wrong) in states.items():
        old = before.get(id)
        error = "some error" if wrong and state == "pending" else ""
        if old is not None and (old.state, old.error) == (state, error):
            found[id] = old
        else:
            created = old.created if old is not None else at
            same = old is not None and old.state == state != "pending"
            since = old.since if same and old is not None else at
            found[id] = Task(
                id=id, service_id="s", slot=1, state=state, error=error, created=created, since=since, version=int(at)
            )
    return found


@given(task_lists, task_lists, task_lists)
def test_what_two_listings_tell_agrees_with_one_that_skips_between(
    a: dict[str, tuple[str, bool]], b: dict[str, tuple[str, bool]], c: dict[str, tuple[str, bool]]
) -> None:
    one = _tasks(a, 10.0, {})
    two = _tasks(b, 20.0, one)
    three = _tasks(c, 30.0, {**one, **two})
    base = fold(EMPTY, [Listing(Kind.TASK, tuple(one.values()), 10.0)]).snapshot
    second = Listing(Kind.TASK, tuple(two.values()), 20.0)
    third = Listing(Kind.TASK, tuple(three.values()), 30.0)
    stepwise = fold(base, [second, third])
    directly = fold(base, [third])
    assert stepwise.snapshot.tasks == directly.snapshot.tasks == three
    told = [(e.id, e.action, e.time_nano, e.text) for e in stepwise.events]
    for e in directly.events:
        assert (e.id, e.action, e.time_nano, e.text) in told
    # AND nothing is told twice
    assert len(told) == len(set(told))


@given(ops, ops)
@settings(max_examples=30)
def test_nothing_that_is_given_is_changed(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    model = play(before)
    base = fold(EMPTY, [model.listing()]).snapshot
    was = copy.deepcopy(content(base))
    model.events.clear()
    play(after, model)
    events: list[Value] = list(copy.deepcopy(model.events))
    fold(base, [EngineEvents(model.events), model.listing()])
    assert content(base) == was
    assert model.events == events
    assert EMPTY.containers == {}
