"""The lists: every cell of every row at every width, what a change touches, where enter leads."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from backends.model import Changes, Container, Key, Kind, Snapshot
from tests.unit.tables_world import EVENTS, Log, bare, hostile, moment, world
from tui.places import Place
from tui.tables.events import events_table
from tui.tables.registry import TABLES, table_of
from tui.tables.spec import Moment, TableSpec
from tui.text.fit import line_width
from tui.text.span import ATTRIBUTES, TOKENS, Line, plain

SCOPES = {
    "services": (
        Key(Kind.STACK, "shop"),
        Key(Kind.NETWORK, "net-ingress"),
        Key(Kind.CONFIG, "cfg-1"),
        Key(Kind.NODE, "id-worker-1"),
    ),
    "tasks": (
        Key(Kind.SERVICE, "svc-shop_worker"),
        Key(Kind.NODE, "id-worker-1"),
        Key(Kind.STACK, "shop"),
        Key(Kind.NETWORK, "net-ingress"),
    ),
    "networks": (
        Key(Kind.SERVICE, "svc-webapp1"),
        Key(Kind.CONTAINER, "c-adminer"),
        Key(Kind.STACK, "shop"),
        Key(Kind.TASK, "gone"),
    ),
    "containers": (
        Key(Kind.NODE, "id-manager-1"),
        Key(Kind.VOLUME, "id-manager-1/adminer-data"),
        Key(Kind.SERVICE, "svc-webapp1"),
    ),
    "endpoints": (
        Key(Kind.NETWORK, "net-myoverlaynetwork"),
        Key(Kind.NETWORK, "net-ingress"),
        Key(Kind.NETWORK, "gone"),
    ),
    "events": (Key(Kind.SERVICE, "svc-webapp1"), Key(Kind.NODE, "id-manager-1"), Key(Kind.STACK, "shop")),
}
PLACES = [Place(view) for view in (*TABLES, "overview")] + [
    Place(v, (key,)) for v, keys in SCOPES.items() for key in keys
]
WORLDS = {"world": world, "bare": bare, "hostile": hostile, "empty": Snapshot}


def check_line(row: Line | str) -> None:
    for text, style in ((row, ""),) if isinstance(row, str) else row:
        assert isinstance(text, str)
        assert set(style.split()) <= TOKENS | ATTRIBUTES | {f"on_{t}" for t in TOKENS}, style


def rows_of(place: Place, snapshot: Snapshot) -> tuple[TableSpec[Any], list[Any]]:
    spec = table_of(place, Log(*EVENTS))
    return spec, list(spec.rows(snapshot, place))


def cell(place: Place, snapshot: Snapshot, key: Key, column: str) -> str:
    spec, rows = rows_of(place, snapshot)
    row = next(r for r in rows if spec.key(r) == key)
    found = next(c for c in spec.columns if c.id == column).cell(row, moment(snapshot))
    return found if isinstance(found, str) else plain(found)


def under(place: Place, snapshot: Snapshot, key: Key, cells: int = 90) -> list[str]:
    spec, rows = rows_of(place, snapshot)
    assert spec.under is not None
    return [plain(row) for row in spec.under(next(r for r in rows if spec.key(r) == key), moment(snapshot), cells)]


@pytest.mark.parametrize("snapshot", WORLDS)
@pytest.mark.parametrize("place", PLACES, ids=lambda p: f"{p.view}-{p.scope[-1].kind if p.scope else 'all'}")
def test_every_row_renders(place: Place, snapshot: str) -> None:
    # GIVEN any list over a full, an almost empty and a hostile swarm
    state = WORLDS[snapshot]()
    now: Moment = moment(state)
    spec, rows = rows_of(place, state)
    # WHEN all that a list can say of each row is asked for
    for row in rows:
        key = spec.key(row)
        for column in spec.columns:
            check_line(column.cell(row, now))
            if column.sort is not None:
                assert column.sort(row, now) == column.sort(row, now)
        if spec.group is not None:
            spec.group(row, now)
        for size in (40, 76, 120):
            for line in spec.under(row, now, size) if spec.under else ():
                check_line(line)
                # THEN nothing is wider than it may be
                assert line_width(line) <= size
        for reader in (*spec.filters.values(), *((spec.haystack,) if spec.haystack else ())):
            assert isinstance(reader(row, now), str)
        if spec.fault is not None:
            spec.fault(row, now)
        # AND a row is found again by its key
        if spec.row is not None and place.view != "events":
            again = spec.row(state, place, key)
            assert again is not None
            assert spec.key(again) == key
    # AND keys are unique
    assert len({spec.key(row) for row in rows}) == len(rows)
    if spec.note is not None:
        assert isinstance(spec.note(now, place), str)
    for line in spec.footer(now, place, 100) if spec.footer is not None else ():
        check_line(line)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.id)
def test_columns_are_declared_soundly(table: TableSpec[Any]) -> None:
    # GIVEN letters that act in lists (design, section 8; arrange, open, look)
    taken = set("TEDXMRFJGAKh")
    # WHEN the columns of a list are read
    letters = [column.sort_key for column in table.columns if column.sort_key]
    ids = [column.id for column in table.columns]
    # THEN sort letters clash with nothing, ids are unique, and its own order is by columns that sort
    assert len(set(letters)) == len(letters)
    assert not taken & set(letters)
    assert len(set(ids)) == len(ids)
    assert all(next(c for c in table.columns if c.id == name).sort for name in table.order)
    assert sum(column.width == 0 for column in table.columns) <= 1
    assert all(part.endswith((".", "…", "!")) or ":" in part for part in table.empty if part)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.id)
def test_a_change_that_means_nothing_touches_nothing(table: TableSpec[Any]) -> None:
    # WHEN an object of a kind that no list is made of changes
    changes = Changes(frozenset({Key(Kind.SWARM, "x")}), frozenset({Kind.SWARM}))
    assert table.affected is not None
    # THEN no row is made anew
    assert list(table.affected(world(), Place(table.id), changes) or ()) == []


def test_a_container_that_changes_touches_one_row() -> None:
    # WHEN one container changes
    key = Key(Kind.CONTAINER, "c-adminer")
    changes = Changes(frozenset({key}), frozenset({Kind.CONTAINER}))
    affected = TABLES["containers"].affected
    assert affected is not None
    # THEN its row is the only one
    assert affected(world(), Place("containers"), changes) == {key}


def test_a_task_that_changes_touches_the_row_of_its_service() -> None:
    changes = Changes(frozenset({Key(Kind.TASK, "task-worker-3-12")}), frozenset({Kind.TASK}))
    affected = TABLES["services"].affected
    assert affected is not None
    assert affected(world(), Place("services"), changes) == {Key(Kind.SERVICE, "svc-shop_worker")}


def test_a_container_that_went_is_no_row() -> None:
    spec = TABLES["containers"]
    assert spec.row is not None
    assert spec.row(world(containers={}), Place("containers"), Key(Kind.CONTAINER, "c-adminer")) is None


def test_a_failing_service_is_loud() -> None:
    # GIVEN one of four replicas of shop_worker runs and others failed
    key = Key(Kind.SERVICE, "svc-shop_worker")
    # THEN its row says so
    assert cell(Place("services"), world(), key, "replicas") == "1/4"
    assert cell(Place("services"), world(), key, "state") == "✗ failing"


def test_a_rollout_says_how_far_it_is() -> None:
    assert cell(Place("services"), world(), Key(Kind.SERVICE, "svc-shop_api"), "state") == "◐ updating 1/2"


def test_host_ports_are_marked() -> None:
    key = Key(Kind.SERVICE, "svc-observe_node-exporter")
    assert cell(Place("services"), world(), key, "ports") == "9100 host"


def test_an_error_of_a_task_stands_in_full_below_it_once() -> None:
    # GIVEN the tasks of a crash-looping service
    place = Place("tasks", (Key(Kind.SERVICE, "svc-shop_worker"),))
    # WHEN its current failure is rendered
    text = " ".join(under(place, world(), Key(Kind.TASK, "task-worker-3-12")))
    # THEN the whole error is below it
    assert text.endswith('exec: "/app/worker": permission denied: unknown')
    # AND equal errors of past tasks are folded
    assert cell(place, world(), Key(Kind.TASK, "task-worker-3-26"), "error") == "same error"
    assert under(place, world(), Key(Kind.TASK, "task-worker-3-26")) == []
    # AND another one is told
    assert cell(place, world(), Key(Kind.TASK, "task-worker-3-360"), "error") == "node worker-5 is down"


def test_past_tasks_have_their_own_group() -> None:
    place = Place("tasks", (Key(Kind.SERVICE, "svc-shop_worker"),))
    spec, rows = rows_of(place, world())
    assert spec.group is not None
    groups = {spec.key(row).id: spec.group(row, moment()) for row in rows}
    assert groups["task-worker-3-12"] == ""
    assert groups["task-worker-3-26"].startswith("Past tasks  newest first")


def test_a_delayed_task_says_when_it_starts() -> None:
    place = Place("tasks", (Key(Kind.SERVICE, "svc-shop_worker"),))
    key = Key(Kind.TASK, "task-shop_worker-4-worker-2-ready")
    assert cell(place, world(), key, "state") == "▲ waiting"
    assert under(place, world(), key)[0].startswith("next start in 3 s, restart delay 5 s")


def test_the_name_of_a_containers_task_is_short() -> None:
    assert cell(Place("containers"), world(), Key(Kind.CONTAINER, "c-webapp1-1"), "name") == "webapp1.1"


def test_containers_say_which_nodes_are_missing() -> None:
    spec = TABLES["containers"]
    assert spec.note is not None
    assert spec.footer is not None
    assert spec.note(moment(), Place("containers")) == "on 1 of 7 nodes"
    assert "not asked" in plain(spec.footer(moment(), Place("containers"), 100)[-1])


def test_networks_of_the_swarm_come_before_the_local_ones() -> None:
    spec, rows = rows_of(Place("networks"), world())
    assert spec.group is not None
    groups = {spec.key(row).id: spec.group(row, moment()) for row in rows}
    assert groups["net-ingress"] == ""
    assert groups["net-bridge"] == "Local to each node  of manager-1"


def test_a_full_network_is_flagged() -> None:
    key = Key(Kind.NETWORK, "net-observe_metrics")
    assert "▲ full" in cell(Place("networks"), world(), key, "flags")


def test_endpoints_of_all_nodes_are_listed_from_the_tasks() -> None:
    place = Place("endpoints", (Key(Kind.NETWORK, "net-myoverlaynetwork"),))
    spec, rows = rows_of(place, world())
    assert [row.name for row in rows] == ["mysql.1", "webapp1.1", "webapp1.2", "webapp1.3", "lb-myoverlaynetwork"]
    assert cell(place, world(), spec.key(rows[1]), "mac") == "02:42:0a:00:09:05"


def test_a_container_that_ended_is_no_endpoint() -> None:
    # GIVEN a network on which a container ran once, and another that runs
    place = Place("endpoints", (Key(Kind.NETWORK, "net-bridge"),))
    base = world()
    ended = msgspec.structs.replace(
        base.containers["c-adminer"], id="c-ended", name="ended", state="exited", exit_code=1
    )
    snapshot = world(containers={**base.containers, ended.id: ended})
    spec, rows = rows_of(place, snapshot)
    # THEN only the living one is on it, in the list as in the count
    assert "ended" not in [row.name for row in rows]
    assert spec.row is not None
    assert spec.row(snapshot, place, ended.key) is None
    assert cell(Place("networks"), snapshot, Key(Kind.NETWORK, "net-bridge"), "endpoints") == str(
        len([row for row in rows if not row.balancer])
    )


def test_new_events_touch_only_their_rows() -> None:
    # GIVEN a list of events that was shown
    log = Log(*EVENTS[:3])
    spec = events_table(log)
    place = Place("events")
    assert len(list(spec.rows(world(), place))) == 3
    assert spec.affected is not None
    assert spec.row is not None
    # WHEN two more come
    log.events += EVENTS[3:]
    keys = list(spec.affected(world(), place, Changes(events=2)) or ())
    # THEN two rows are new
    rows = [spec.row(world(), place, key) for key in keys]
    assert [row.number for row in rows if row] == [3, 4]
    assert spec.affected(world(), place, Changes(events=0)) == ()


def test_rows_about_an_object_name_it() -> None:
    # GIVEN lists in which one object may have several rows
    for view in ("events", "ports", "overview"):
        spec, rows = rows_of(Place(view), world())
        assert spec.subject is not None
        # THEN actions find the object, or nothing for a mark in the stream
        subjects = [spec.subject(row) for row in rows]
        assert any(subjects)
        assert all(key is None or key.kind is not Kind.ENGINE for key in subjects)


def test_a_container_of_a_silent_node_is_dimmed() -> None:
    from backends.model import Link, LinkState

    link = Link(endpoint="ssh://w", node_id="id-worker-5", state=LinkState.STALE, since=1, fresh=1)
    container = Container(id="far", name="far", node_id="id-worker-5", state="running")
    state = world(links={"id-worker-5": link}, containers={"far": container})
    spec, rows = rows_of(Place("containers"), state)
    assert spec.style is not None
    assert spec.style(rows[0], moment(state)) == "faint"
    assert cell(Place("containers"), state, container.key, "state").startswith("? ")


def test_the_line_of_a_change_is_whole_in_both_details_and_copied_as_one() -> None:
    from backends.change.journal import Entry
    from tui.tables.journal import JOURNAL

    # GIVEN a change whose line is longer than the list and the detail are wide
    asked = "docker service update --image registry.example/team/shop/api:2.8.1 --env-add LOG_LEVEL=debug"
    asked += " --constraint-add node.labels.disk==ssd --label-add owner=team shop_api"
    sent = f"POST /services/{'c5r1' * 6}/update?registryAuthFrom=spec&version=48102"
    entry = Entry(0.0, "prod", asked, "done", "shop_api updated", "1", "service shop_api", sent=(sent,))
    assert JOURNAL.detail is not None
    # WHEN it is described, beside the list or below it
    detail = JOURNAL.detail(entry, moment(), 38)
    for rows in (detail.lines, detail.compact):
        texts = ["".join(text for text, _ in row) for row in rows]
        # THEN all of it is there, on as many rows as it needs
        assert all(len(text) <= 38 for text in texts)
        assert asked.replace(" ", "") in "".join(texts).replace(" ", "")
    # and the requests too
    assert sent.replace(" ", "") in "".join(text for row in detail.lines for text, _ in row).replace(" ", "")
    # and one line is copied
    assert detail.command == asked
