"""Descriptions, pages and strips: they fit every width, survive missing facts, and say what they should."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType

import msgspec
import pytest

from backends.model import Container, Event, EventSource, Key, Kind, Mode, Network, PublishedPort, Service, Snapshot
from tests.unit.tables_world import EVENTS, EXTRA, HOSTILE, NOW, Log, bare, hostile, moment, world
from tui.details.command import check_line, command_lines, flag_bytes, flag_cpus, flag_duration
from tui.details.container import container_state_line
from tui.details.container_command import container_command
from tui.details.describe import describe
from tui.details.drivers import DRIVER_TABLE, driver_detail, driver_rows
from tui.details.events import event_key, event_line, newest
from tui.details.info import info
from tui.details.network_command import network_command
from tui.details.network_model import model_lines
from tui.details.service_command import service_command
from tui.details.sheet import shortened
from tui.details.task import meaning
from tui.details.warnings import unusual
from tui.details.why import why
from tui.frame.interest import interest_of
from tui.places import Place
from tui.tables.registry import TABLES, table_of
from tui.tables.spec import Detail
from tui.text.fit import line_width
from tui.text.span import ATTRIBUTES, TOKENS, Line, joined, plain

WIDTHS = (40, 52, 80, 118, 160, 200)
WORLDS: dict[str, Callable[[], Snapshot]] = {"world": world, "bare": bare, "hostile": hostile, "empty": Snapshot}
STYLES = TOKENS | ATTRIBUTES | {f"on_{token}" for token in TOKENS}


def fits(lines: Iterable[Line], cells: int) -> None:
    for row in lines:
        assert line_width(row) <= cells, (line_width(row), plain(row))
        for _, style in row:
            assert set(style.split()) <= STYLES, style


def keys(snapshot: Snapshot) -> list[Key]:
    kinds = (
        snapshot.nodes, snapshot.services, snapshot.tasks, snapshot.containers, snapshot.networks,
        snapshot.volumes, snapshot.images, snapshot.configs, snapshot.secrets, snapshot.stacks,
    )  # fmt: skip
    return [value.key for found in kinds for value in found.values()]


def described(kind: Kind, ident: str, cells: int = 80, snapshot: Snapshot | None = None) -> Detail:
    found = describe(Key(kind, ident), moment(snapshot), cells)
    assert found is not None
    return found


def text(detail: Detail) -> str:
    return " ".join(joined(detail.lines).split())


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("name", WORLDS)
def test_every_description_fits(name: str, cells: int) -> None:
    # GIVEN a full, an almost empty and a hostile swarm
    state = WORLDS[name]()
    for key in keys(state):
        # WHEN an object is described on a page, with and without what inspecting it told
        for extra in (None, EXTRA):
            found = describe(key, moment(state), cells, extra)
            # THEN there is something to read, and no row is wider than the pane
            assert found is not None
            assert found.lines
            fits((*found.lines, *found.compact), cells)
            assert len(found.compact) <= 6


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("name", WORLDS)
def test_every_detail_of_a_list_fits(name: str, cells: int) -> None:
    state = WORLDS[name]()
    for view in (*TABLES, "overview"):
        place = Place(view, (Key(Kind.NETWORK, "net-myoverlaynetwork"),) if view == "endpoints" else ())
        spec = table_of(place, Log(*EVENTS))
        assert spec.detail is not None
        for row in spec.rows(state, place):
            found = spec.detail(row, moment(state), cells)
            fits((*found.lines, *found.compact), cells)
            assert len(found.compact) <= 6


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("name", WORLDS)
def test_every_page_fits(name: str, cells: int) -> None:
    state = WORLDS[name]()
    fits(info(moment(state), cells), cells)
    fits(model_lines(moment(state), cells, "overlay"), cells)
    for row in driver_rows(state):
        fits(driver_detail(row, moment(state), cells).lines, cells)
    for key in keys(state):
        found = why(key, moment(state), cells)
        if found is not None:
            fits(found.lines, cells)


@pytest.mark.parametrize("cells", [20, 40, 75, 80, 104, 160])
def test_every_event_fits(cells: int) -> None:
    hostile_events = tuple(msgspec.structs.replace(e, name="".join(HOSTILE), text="".join(HOSTILE)) for e in EVENTS)
    stream = Event(time=NOW, source=EventSource.STREAM, action="ended", text="replayed on return")
    for event in (*EVENTS, *hostile_events, stream, Event(time=0.0)):
        fits([event_line(event, moment(), cells)], cells)


def test_an_object_that_is_gone_is_not_described() -> None:
    assert describe(Key(Kind.SERVICE, "gone"), moment(), 80) is None
    assert describe(Key(Kind.SWARM, "swarm-1"), moment(), 80) is None


# -- services


def test_a_healthy_service_is_described_in_words() -> None:
    # GIVEN webapp1, three replicas on three nodes
    said = joined(described(Kind.SERVICE, "svc-webapp1").lines)
    # THEN the page says so, where they run, whom it reaches and what changed
    assert "state      ● healthy, 3 of 3 replicas, 3 nodes" in said
    assert "reaches  mysql over myoverlaynetwork" in said
    assert "8001 → 80/tcp    ingress, on every node" in said
    assert "hshar/webapp:1.3 → latest   took 41 s" in said
    assert "1 at a time, 10 s apart, pause on failure" in said
    assert "limits     0.50 cpu, 256 MiB   reserves 128 MiB" in said


def test_a_failing_service_tells_its_whole_error() -> None:
    # WHEN a crash-looping service is described in the narrowest pane
    said = text(described(Kind.SERVICE, "svc-shop_worker", 44))
    # THEN nothing of the error is cut, and what worked before is named
    assert 'process: exec: "/app/worker": permission denied: unknown' in said
    assert "docker service rollback shop_worker" in said


def test_a_pending_task_says_why() -> None:
    said = text(described(Kind.TASK, "task-observe_loki-1--pending"))
    assert "no suitable node (scheduling constraints not satisfied on 6 nodes" in said
    assert "label disk=ssd" in said


def test_a_container_is_described_with_what_inspecting_told() -> None:
    found = describe(Key(Kind.CONTAINER, "c-adminer"), moment(), 80, EXTRA)
    assert found is not None
    said = joined(found.lines)
    assert "pid 48122" in said
    assert "entrypoint.sh php -S [::]:8080" in said
    assert "sandbox 0b9d33f1aaaa" in said
    assert "privileged" in said


def test_a_network_shows_who_hangs_on_it() -> None:
    said = joined(described(Kind.NETWORK, "net-myoverlaynetwork").lines)
    assert "├─ mysql" in said
    assert "● 10.0.9.5  webapp1.1   manager-1" in said
    assert "peers      10.20.9.9 and manager-1" in said


def test_a_node_that_is_down_says_so_first() -> None:
    found = described(Kind.NODE, "id-worker-5")
    assert plain(found.lines[0]).startswith("state      ✗ down 6m")


def test_a_stack_tells_what_else_is_of_it() -> None:
    said = text(described(Kind.STACK, "shop"))
    assert "✗ 1 failing ◐ 1 updating" in said
    assert "secret webapp1_db_password" in said


# -- equal commands


def test_the_equal_command_of_a_service_makes_the_same_service() -> None:
    # GIVEN webapp1
    command = service_command(world().services["svc-webapp1"], world())
    words = shlex.split(command)
    # THEN its line is one that a shell reads back word for word
    assert words[:5] == ["docker", "service", "create", "--name", "webapp1"]
    assert words[-1] == "hshar/webapp:latest"
    following = set(itertools.pairwise(words))
    for pair in (
        ("--replicas", "3"),
        ("--network", "myoverlaynetwork"),
        ("--publish", "8001:80"),
        ("--limit-memory", "256m"),
        ("--env", "GREETING=hello world"),
        ("--config", "source=webapp1_php.ini,target=/usr/local/etc/php/php.ini"),
        ("--secret", "webapp1_db_password"),
        ("--update-delay", "10s"),
    ):
        assert pair in following


def test_the_equal_command_of_a_hostile_service_stays_quoted() -> None:
    service = Service(id="s", name="$(reboot)", image="a;b", env=("X=`id`",), args=("-c", "echo 'x'"))
    words = shlex.split(service_command(service, world()))
    assert "$(reboot)" in words
    assert "X=`id`" in words
    assert words[-3:] == ["a;b", "-c", "echo 'x'"]


def test_host_ports_take_the_long_form() -> None:
    service = Service(
        id="s", name="s", image="i", ports=(PublishedPort(target=53, published=53, protocol="udp", mode="host"),)
    )
    assert "published=53,target=53,protocol=udp,mode=host" in service_command(service, world())


def test_the_equal_command_of_a_network() -> None:
    assert network_command(world().networks["net-vlan120"]) == (
        "docker network create --driver macvlan --scope swarm --subnet 10.20.120.0/26 --gateway 10.20.120.1 "
        "--opt parent=eth0.120 vlan120"
    )
    assert network_command(world().networks["net-bridge"]) == "docker network inspect bridge"
    assert "--config-only" in network_command(Network(id="p", name="p", config_only=True))


def test_the_equal_command_of_a_container() -> None:
    command = container_command(world().containers["c-adminer"], EXTRA)
    words = shlex.split(command)
    assert words[:2] == ["docker", "run"]
    assert "--publish 8080:8080" in command
    assert "type=volume,source=adminer-data,target=/data" in words
    assert "--restart unless-stopped" in command
    assert "com.docker.compose.project=tools" not in command
    assert words[-4:] == ["adminer:4.8.1", "php", "-S", "[::]:8080"]
    assert container_command(Container(id="c" * 64)).endswith(" ''")


def test_the_container_of_a_service_is_made_by_the_swarm() -> None:
    assert container_command(world().containers["c-webapp1-1"]).startswith("docker inspect webapp1.1.")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (flag_duration(90), "1m30s"),
        (flag_duration(0.5), "500ms"),
        (flag_duration(3600), "1h"),
        (flag_duration(5), "5s"),
        (flag_duration(0), "0s"),
        (flag_bytes(256 << 20), "256m"),
        (flag_bytes(1 << 30), "1g"),
        (flag_bytes(1000), "1000"),
        (flag_cpus(500_000_000), "0.5"),
        (flag_cpus(2_000_000_000), "2"),
        (check_line(("CMD-SHELL", "curl x || exit 1")), "curl x || exit 1"),
        (check_line(("CMD", "a b", "c")), "'a b' c"),
        (check_line(()), ""),
    ],
)
def test_values_are_written_as_flags_take_them(said: str, wanted: str) -> None:
    assert said == wanted


def test_a_command_is_broken_between_its_words() -> None:
    rows = [plain(row) for row in command_lines("docker service create --name web --env 'A=b c' image", 24)]
    assert rows == ["docker service create", "  --name web", "  --env 'A=b c' image"]


# -- events


def test_an_event_says_what_happened_where_there_is_room() -> None:
    # GIVEN a container that died
    wide = plain(event_line(EVENTS[2], moment(), 156))
    narrow = plain(event_line(EVENTS[2], moment(), 76))
    # THEN node and type are there when it is wide, object and action always
    assert "manager-1" in wide
    assert "container" in wide
    assert "manager-1" not in narrow
    assert narrow.split()[1:] == ["webapp1.1.m0qd", "▲", "die", "exit", "126"]


def test_health_checks_do_not_drown_a_strip() -> None:
    # GIVEN two events, and then many of commands that ran in a container
    checks = [
        msgspec.structs.replace(EVENTS[2], action=action, text="", severity="")
        for action in ("exec_create: /bin/sh -c true", "exec_start: /bin/sh -c true", "exec_die") * 40
    ]
    log = Log(EVENTS[0], EVENTS[2], *checks)
    # WHEN a strip of five rows asks for the newest, THEN it gets what matters, newest first
    assert newest(log, 5) == [EVENTS[2], EVENTS[0]]
    assert newest(log, 1) == [EVENTS[2]]


def test_a_gap_is_a_dashed_rule() -> None:
    row = plain(event_line(EVENTS[1], moment(), 100))
    assert "╌╌╌ ▲ gap events from 14:28:10 to 14:28:55 may be missing ╌╌╌" in row
    assert event_key(EVENTS[1]) is None


# -- pages


def test_info_says_first_what_is_unusual() -> None:
    # GIVEN an engine with two warnings and an insecure registry
    said = [plain(row) for row in info(moment(), 160)]
    # THEN they come first, each with what it means
    assert said[0] == "  ▲ 3 things to look at"
    assert "packet filters do not see traffic inside one bridge" in said[1]
    assert "sudo modprobe br_netfilter" in said[2] or "sudo modprobe br_netfilter" in said[1]
    # AND what differs between the nodes is named
    assert any("27.3.1  worker-2" in row for row in said)


def test_an_engine_as_it_should_be_is_not_unusual() -> None:
    engine = world().engine
    assert engine is not None
    plain_engine = msgspec.structs.replace(engine, warnings=(), insecure_registries=("127.0.0.0/8",))
    assert unusual(plain_engine) == ()
    assert [u.what for u in unusual(msgspec.structs.replace(plain_engine, debug=True))] == ["debug is on"]
    assert [u.what for u in unusual(msgspec.structs.replace(plain_engine, swap_limit=False))] == [
        "No swap limit support"
    ]


def test_a_warning_that_is_said_twice_is_told_once() -> None:
    engine = world().engine
    assert engine is not None
    both = msgspec.structs.replace(engine, bridge_nf_iptables=False, swap_limit=False)
    assert len([u for u in unusual(both) if "swap" in u.what]) == 1


def test_drivers_count_the_networks_here() -> None:
    rows = {row.name: row for row in driver_rows(world())}
    here = next(c for c in DRIVER_TABLE.columns if c.id == "here").cell
    count = here(rows["overlay"], moment())
    assert not isinstance(count, str)
    assert plain(count) == "4 networks"
    assert rows["weave"].plugin
    said = text(driver_detail(rows["overlay"], moment(), 53))
    assert "UDP 4789" in said


def test_the_model_is_drawn_with_real_names() -> None:
    said = joined(model_lines(moment(), 118, "overlay"))
    for name in ("dockerd on each node", "overlay", "myoverlaynetwork", "10.0.9.5", "mysql.1", "sandbox"):
        assert name in said


def test_why_works_it_out_node_by_node() -> None:
    # WHEN a pending service is asked about
    found = why(Key(Kind.SERVICE, "svc-observe_loki"), moment(), 132)
    # THEN each node has its verdict, and the command that would help comes with it
    assert found is not None
    assert found.title == "Why is observe_loki.1 pending"
    said = joined(found.lines)
    assert "No node passes every test." in said
    assert "worker-5" in said
    assert "swarm says no suitable node" in said


def test_why_a_service_fails() -> None:
    found = why(Key(Kind.SERVICE, "svc-shop_worker"), moment(), 100)
    assert found is not None
    assert "The file that is to be run is in the image but may not be executed there." in text(found)
    assert found.command == "docker service rollback shop_worker"


def test_meanings_are_only_told_where_they_are_known() -> None:
    assert meaning("some new error", None) == ""
    assert "too little memory" in meaning("", 137)


def test_a_strip_leaves_out_what_would_hide_all_others() -> None:
    # GIVEN health checks, and a node written down again for no reason that is told
    noise = (
        Event(time=NOW, type="container", action="exec_start: check", id="c", name="c"),
        Event(time=NOW, type="node", action="update", id="n", name="n"),
    )
    told = Event(time=NOW, type="node", action="update", id="n", name="n", text="ready → down")
    # THEN they are not told, a change of the node is
    assert newest(Log(*noise, told, *noise), 5) == [told]


@pytest.mark.parametrize(
    ("state", "code", "task", "expected"),
    [
        ("exited", 3, "shutdown", "✗ exited 3"),
        ("exited", 137, "shutdown", "○ exited 137"),
        ("exited", 137, "failed", "✗ exited 137"),
        ("exited", 0, "complete", "○ exited 0"),
        ("created", None, "starting", "◐ created"),
    ],
)
def test_a_container_that_ended_is_judged_as_its_task_is(state: str, code: int, task: str, expected: str) -> None:
    # GIVEN the container of a task
    base = world()
    container = next(c for c in base.containers.values() if c.task_id)
    owner = base.tasks[container.task_id]
    container = msgspec.structs.replace(container, state=state, exit_code=code, health="")
    tasks = {**base.tasks, owner.id: msgspec.structs.replace(owner, state=task, desired_state="shutdown")}
    snapshot = world(containers={container.id: container}, tasks=tasks)
    # THEN both say the same of its end
    assert plain(container_state_line(container, moment(snapshot))) == expected


def test_tasks_are_read_once_where_addresses_are_counted() -> None:
    # GIVEN a Swarm whose tasks were never read
    base = replace(world(), listed=MappingProxyType({}), tasks_of=MappingProxyType({}))
    asked = interest_of(TABLES["networks"], Place("networks"), (), None, base)
    # THEN they are wanted for the networks, and for nothing else
    assert asked.services == base.services.keys()
    assert not interest_of(TABLES["nodes"], Place("nodes"), (), None, base).services
    # WHEN they have been read, THEN no more
    read = replace(base, tasks_of=MappingProxyType(dict.fromkeys(base.services, 1.0)))
    assert not interest_of(TABLES["networks"], Place("networks"), (), None, read).services


def test_what_a_list_is_of_is_kept_fresh_with_it() -> None:
    # GIVEN the networks of one container, which only the container tells
    key = Key(Kind.CONTAINER, "c")
    # THEN containers are wanted too, as they are not for all services
    assert Kind.CONTAINER in interest_of(TABLES["networks"], Place("networks", (key,)), (), None, None).kinds
    assert Kind.CONTAINER not in interest_of(TABLES["services"], Place("services"), (), None, None).kinds
    # AND for all networks: their addresses are held by containers that nothing else tells of
    assert Kind.CONTAINER in interest_of(TABLES["networks"], Place("networks"), (), None, None).kinds


def test_addresses_side_by_side_are_told_whole_once() -> None:
    assert shortened(["10.0.9.5/24", "10.0.9.6", "", "10.0.9.7", "10.0.8.1", "fd00::5", "fd00::6"]) == [
        "10.0.9.5", ".6", "", ".7", "10.0.8.1", "fd00::5", ":6",
    ]  # fmt: skip


def test_replicas_that_were_not_read_yet_are_being_read() -> None:
    # GIVEN a service whose tasks were never read
    base = replace(world(), listed=MappingProxyType({}), tasks_of=MappingProxyType({}), tasks=MappingProxyType({}))
    said = describe(Key(Kind.SERVICE, "svc-webapp1"), moment(base), 80)
    assert said is not None
    # THEN its detail says so in place of an empty row
    assert "◐ reading its tasks" in joined(said.lines)
    assert "◐ reading its tasks" in joined(said.compact)


def test_tasks_of_a_global_service_stand_in_the_order_of_their_nodes() -> None:
    # GIVEN nodes whose ids sort otherwise than their names
    base = world()
    first, second = (base.nodes[f"id-{name}"] for name in ("worker-1", "worker-2"))
    swapped = {
        first.id: msgspec.structs.replace(first, hostname="zeta"),
        second.id: msgspec.structs.replace(second, hostname="alpha"),
    }
    service = msgspec.structs.replace(base.services["svc-mysql"], mode=Mode.GLOBAL)
    one = next(t for t in base.tasks.values() if t.service_id == service.id)
    tasks = {
        f"g-{node}": msgspec.structs.replace(one, id=f"g-{node}", slot=0, node_id=node, state="running")
        for node in swapped
    }
    snapshot = world(services={service.id: service}, tasks=tasks, nodes={**base.nodes, **swapped})
    said = describe(service.key, moment(snapshot), 120)
    assert said is not None
    text = joined(said.compact)
    assert text.index("alpha") < text.index("zeta")


def test_whom_a_service_reaches_takes_the_rows_that_are_free() -> None:
    # GIVEN a service that reaches five of long names, and publishes nothing
    base = world()
    mine = msgspec.structs.replace(base.services["svc-webapp1"], ports=())
    others = [
        msgspec.structs.replace(base.services["svc-mysql"], id=f"svc-{n}", name=f"a-service-of-a-long-name-{n}")
        for n in range(4)
    ]
    services = {**base.services, mine.id: mine, **{one.id: one for one in others}}
    # WHEN its detail has six rows of 80
    said = describe(mine.key, moment(replace(base, services=MappingProxyType(services))), 80)
    assert said is not None
    # THEN none of them is cut off
    assert all(one.name in joined(said.compact) for one in others)
    assert len(said.compact) <= 6
