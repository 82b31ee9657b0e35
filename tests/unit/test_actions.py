"""What actions do: each run on a user interface that writes down what it was asked."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from backends.api import ExecRequest
from backends.model import Key, Kind, Link, LinkState
from tests.unit.actions_support import DB, MANAGER, WEB, WORKER, FakeUi, by_id, container, on, services_table, swarm
from tui.actions.calls import CALLS, Calls
from tui.actions.copying import copy_text
from tui.actions.keymap import Keymap, verdict
from tui.actions.look import previous_task
from tui.actions.objects import find, name_of
from tui.actions.opening import owner_of
from tui.actions.program import size
from tui.actions.registry import ACTIONS, actions_for
from tui.actions.shell import container_for, parse_exec
from tui.actions.spec import ActionContext
from tui.actions.views import LISTS
from tui.places import Place

KEYMAP = Keymap(actions_for({"services": services_table()}))
TASK = Key(Kind.TASK, "task-web-1")
FAR = Key(Kind.TASK, "task-web-2")
NETWORK = Key(Kind.NETWORK, "net-front")
STACK = Key(Kind.STACK, "shop")
CONTAINER = Key(Kind.CONTAINER, "ctr-web-1")
PLAIN = Key(Kind.CONTAINER, "ctr-plain")
VOLUME = Key(Kind.VOLUME, f"{MANAGER}/data")
IMAGE = Key(Kind.IMAGE, f"{MANAGER}/sha256:0123456789abcdef")


def run(action_id: str, context: ActionContext) -> tuple[Any, ...]:
    """The one thing an action asked for."""
    action = KEYMAP.by_id(action_id)
    assert action is not None
    action.run(context)
    ui = context.ui
    assert isinstance(ui, FakeUi)
    assert len(ui.asked) == 1
    return ui.asked[0]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_act_that_is_called_is_declared(action: Any) -> None:
    # GIVEN an action that is one named act of the frame WHEN it runs THEN the name is declared
    if isinstance(action.run, Calls):
        context = on()
        action.run(context)
        assert context.ui.asked[0][1] in CALLS  # type: ignore[attr-defined]


def test_every_declared_act_is_called_by_an_action() -> None:
    # GIVEN the declared acts WHEN the actions are asked THEN none is there for nothing
    called = {action.run.name for action in ACTIONS if isinstance(action.run, Calls)}
    assert set(CALLS) - called == {"context", "node-try", "node-keys"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
@pytest.mark.parametrize("targets", [(), (WEB,), (TASK,), (CONTAINER,), (Key(Kind.NODE, "gone"),)])
def test_no_action_raises_whatever_is_under_the_cursor(action: Any, targets: tuple[Key, ...]) -> None:
    # GIVEN any row, none, or one that is gone WHEN an action is asked whether it applies
    context = on(*targets)
    answer = verdict(action, context)
    # THEN it says so, or why not in words, and runs where it does
    assert answer is True or (isinstance(answer, str) and answer)
    if answer is True:
        action.run(context)
        assert context.ui.asked  # type: ignore[attr-defined]


@pytest.mark.parametrize("view", LISTS, ids=lambda view: view.id)
def test_views_are_gone_to_with_a_filter(view: Any) -> None:
    # GIVEN a view's verb with words behind WHEN run THEN it is shown, filtered
    assert run(f"view.{view.id}", on(arguments=("web !db",))) == ("go", Place(view.id, filter="web !db"), False)


def test_zero_walks_the_views_behind_more() -> None:
    # GIVEN a list WHEN 0 is pressed again and again THEN Volumes, Images and so on follow each other
    seen = ["services"]
    for _ in range(6):
        seen.append(run("view.more", on(view=seen[-1]))[1].view)
    assert seen[1:] == ["volumes", "images", "configs", "secrets", "ports", "volumes"]


@pytest.mark.parametrize(
    ("action", "target", "view", "expected"),
    [
        ("open.stack", STACK, "stacks", Place("services", (STACK,))),
        ("open.service", WEB, "services", Place("tasks", (STACK, WEB))),
        ("open.network", NETWORK, "networks", Place("endpoints", (STACK, NETWORK))),
        ("open.container", PLAIN, "containers", Place("describe", (STACK, PLAIN))),
        ("open.task", TASK, "tasks", Place("describe", (STACK, TASK, CONTAINER))),
        ("open.task", FAR, "tasks", Place("describe", (STACK, FAR))),
        ("describe", WEB, "services", Place("describe", (STACK, WEB))),
        ("yaml", WEB, "services", Place("yaml", (STACK, WEB))),
        ("json", WEB, "services", Place("yaml", (STACK, WEB), argument="json")),
        ("logs", WEB, "services", Place("logs", (STACK, WEB))),
        ("why.service", WEB, "services", Place("why", (STACK, WEB))),
        ("used.network", NETWORK, "networks", Place("services", (STACK, NETWORK))),
    ],
)
def test_going_in_adds_a_step_to_the_path(action: str, target: Key, view: str, expected: Place) -> None:
    # GIVEN a list inside a stack WHEN a row is gone into THEN the path grows by it
    assert run(action, on(target, view=view, scope=(STACK,))) == ("go", expected, False)


@pytest.mark.parametrize(
    ("task", "path"),
    [
        (TASK, (TASK, CONTAINER)),  # it runs on this node
        (FAR, (FAR,)),  # on another one
        (Key(Kind.TASK, "task-web-1-old"), (Key(Kind.TASK, "task-web-1-old"),)),  # it failed: its container may be gone
    ],
)
def test_a_container_of_this_node_is_gone_into_before_any_was_listed(task: Key, path: tuple[Key, ...]) -> None:
    # GIVEN an engine whose containers nobody needed so far
    unread = replace(swarm(), containers=MappingProxyType({}))
    # WHEN a task is gone into, THEN its container is where it can be
    assert run("open.task", on(task, view="tasks", snapshot=unread)) == ("go", Place("describe", path), False)


def test_a_path_begins_anew_from_the_overview() -> None:
    # GIVEN a row of the overview WHEN it is gone into THEN the path is the row alone
    assert run("open.service", on(WEB, view="overview")) == ("go", Place("tasks", (WEB,)), False)


def test_a_page_about_the_same_thing_adds_no_step() -> None:
    # GIVEN the description of a service WHEN its yaml is asked for THEN the path stays
    assert run("yaml", on(WEB, view="describe", scope=(WEB,))) == ("go", Place("yaml", (WEB,)), False)


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (TASK, Key(Kind.NODE, MANAGER)),
        (Key(Kind.TASK, "task-web-3"), "web.3 has no node yet"),
        (CONTAINER, TASK),
        (PLAIN, "nginx was not started by a service"),
        (WEB, STACK),
        (DB, "db belongs to no stack"),
        (VOLUME, Key(Kind.NODE, MANAGER)),
        (Key(Kind.SERVICE, "gone"), "gone is gone"),
    ],
)
def test_an_object_has_an_owner_or_a_reason(key: Key, owner: Key | str) -> None:
    # GIVEN an object WHEN its owner is asked for THEN it is that, or a sentence
    assert owner_of(swarm(), key) == owner


def test_the_owner_of_a_container_is_shown_among_its_services_tasks() -> None:
    # GIVEN a container of a service WHEN o is pressed THEN its task has the cursor
    asked = run("owner.task", on(CONTAINER, view="containers"))
    assert asked == ("go", Place("tasks", (WEB,), cursor=TASK), False)


def test_a_healthy_service_has_no_why() -> None:
    # GIVEN a service that runs as wanted WHEN why is asked THEN the answer is a reason, not a page
    action = KEYMAP.by_id("why.service")
    assert action is not None
    assert verdict(action, on(DB)) == "db runs as wanted, 1 of 1"
    assert verdict(action, on(WEB)) is True


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (TASK, "task-web-1-old"),
        (FAR, "no task before web.2 ran"),
        (WEB, "task-web-1-old"),
        (DB, "no task of db has ended"),
    ],
)
def test_past_logs_are_of_the_task_before(key: Key, expected: str) -> None:
    # GIVEN a task or service WHEN its past is asked for THEN it is the task before, or a sentence
    found = previous_task(swarm(), key)
    assert (found if isinstance(found, str) else found.id) == expected


def test_tasks_that_were_never_listed_are_not_called_none() -> None:
    # GIVEN a service whose tasks were not asked for WHEN its past is asked for THEN the sentence says so
    unasked = replace(swarm(), listed={}, tasks={})
    assert previous_task(unasked, DB) == "the tasks of db are not listed yet; enter shows them"


# Shells


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (CONTAINER, "ctr-web-1"),
        (TASK, "ctr-web-1"),
        (WEB, "ctr-web-1"),
        (FAR, "web.2 runs on worker-1, which is not reached from here"),
        (DB, "db runs on worker-1, which is not reached from here"),
        (Key(Kind.TASK, "task-web-1-old"), "web.1 is failed; a shell needs it running"),
        (Key(Kind.TASK, "task-web-3"), "web.3 is pending; a shell needs it running"),
        (Key(Kind.CONTAINER, "ctr-stopped"), "old is exited; a shell needs it running"),
        (Key(Kind.CONTAINER, "gone"), "gone is gone"),
        (NETWORK, "a network has no shell; a container, task, service or node has"),
    ],
)
def test_a_shell_finds_its_container_or_says_why_not(key: Key, expected: str) -> None:
    # GIVEN an object WHEN a shell is to open in it THEN it is its container on this node, or a sentence
    found = container_for(swarm(), key)
    assert (found if isinstance(found, str) else found.id) == expected


@pytest.mark.parametrize("key", [FAR, DB])
def test_a_shell_says_why_its_node_is_not_reached(key: Key) -> None:
    # GIVEN a node whose reason is known WHEN a shell is to open in what runs there, as dnet-tui exec does
    link = Link(endpoint="ssh://worker-1", state=LinkState.DENIED, problem="Its host key has changed.")
    found = container_for(replace(swarm(), links={WORKER: link}), key)
    # THEN the sentence has it
    assert str(found).endswith("runs on worker-1, which is not reached from here: Its host key has changed")


def test_a_services_shell_opens_in_the_healthiest_replica() -> None:
    # GIVEN two replicas here, the first of them unhealthy
    both = by_id(
        container("c1", "web.1.a", "task-web-1", "svc-web", health="unhealthy"),
        container("c2", "web.4.b", "task-web-4", "svc-web", health="healthy"),
    )
    # WHEN a shell is to open in the service THEN it is the healthy one
    found = container_for(replace(swarm(), containers=both), WEB)
    assert not isinstance(found, str)
    assert found.id == "c2"


def test_a_node_with_a_live_link_is_reached() -> None:
    # GIVEN a container on another node whose engine answers
    there = replace(
        swarm(),
        containers=by_id(container("ctr-web-2", "web.2.x", "task-web-2", "svc-web", node_id=WORKER)),
        links={WORKER: Link(endpoint="ssh://worker-1", state=LinkState.LIVE)},
    )
    # WHEN its task is entered THEN it is that container
    found = container_for(there, FAR)
    assert not isinstance(found, str)
    assert found.id == "ctr-web-2"


def test_x_runs_a_shell() -> None:
    # GIVEN a service with a replica here WHEN x is pressed THEN a shell is asked for in its container
    assert run("shell", on(WEB)) == ("shell", CONTAINER, ExecRequest())


def test_exec_takes_dockers_options() -> None:
    # GIVEN a whole line WHEN it runs THEN the request has it all
    words = ("web", "-u", "www-data", "-w", "/srv", "-e", "A=1", "--env=B=2", "--", "ls", "-la")
    request = ExecRequest(command=("ls", "-la"), user="www-data", workdir="/srv", env=("A=1", "B=2"))
    assert run("shell.exec", on(arguments=words)) == ("shell", CONTAINER, request)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["web", "-u"], "-u needs a value: -u USER."),
        (["web", "-e", "A"], "-e takes NAME=VALUE, not A."),
        (["web", "-x"], "exec does not know -x; it takes -u USER, -w DIR, -e NAME=VALUE and -- COMMAND."),
        (["-d", "web"], "A command without a terminal is not started from here; leave -d out."),
    ],
)
def test_a_broken_exec_line_is_a_sentence(words: list[str], sentence: str) -> None:
    # GIVEN a line with a mistake WHEN it is read THEN a sentence says what would be right
    assert parse_exec(words) == sentence


def test_dockers_own_exec_line_is_read() -> None:
    # GIVEN what people type in a shell WHEN it is read THEN switches are taken and the command begins behind the name
    line = parse_exec(["-it", "-uroot", "web", "bash", "-c", "echo -u"])
    assert not isinstance(line, str)
    assert (line.name, line.request.user, line.request.command) == ("web", "root", ("bash", "-c", "echo -u"))


# Arranging, copying, the program


def test_sorting_is_a_place() -> None:
    # GIVEN a list in its own order WHEN it is sorted by a column twice THEN the second turns it round
    first = run("sort.services.replicas", on())[1]
    assert (first.sort, first.reverse) == ("replicas", True)
    second = run("sort.services.replicas", on(sort="replicas", reverse=True))
    assert second == ("go", Place("services", sort="replicas", reverse=False), True)


def test_f1_walks_the_columns_that_sort() -> None:
    # GIVEN a list WHEN F1 is pressed again and again THEN it is sorted by each column, then as at first
    at, seen = "", []
    for _ in range(3):
        at = run("sort.next", on(sort=at))[1].sort
        seen.append(at)
    assert seen == ["name", "replicas", ""]


def test_faults_only_is_a_place() -> None:
    # GIVEN a list WHEN F2 is pressed THEN it stays where it is, without a step in the history
    assert run("list.faults", on()) == ("go", Place("services", faults=True), True)


@pytest.mark.parametrize(
    ("key", "name", "ident", "command"),
    [
        (WEB, "web", "svc-web", "docker service inspect web"),
        (TASK, "web.1", "task-web-1", "docker inspect task-web-1"),
        (VOLUME, "data", "data", "docker volume inspect data"),
        (IMAGE, "nginx:1.27", "sha256:0123456789abcdef", "docker image inspect nginx:1.27"),
        (STACK, "shop", "shop", "docker stack services shop"),
        (Key(Kind.NODE, WORKER), "worker-1", WORKER, "docker node inspect worker-1"),
    ],
)
def test_an_object_is_copied_three_ways(key: Key, name: str, ident: str, command: str) -> None:
    # GIVEN an object WHEN it is copied THEN as name, ID or the line that shows it
    assert [copy_text(key, swarm(), what) for what in ("name", "id", "command")] == [name, ident, command]


def test_a_hostile_name_is_quoted_in_a_command() -> None:
    # GIVEN a name that a shell would run WHEN its line is copied THEN it is quoted
    bad = replace(swarm(), containers=by_id(container("c1", "a; rm -rf ~")))
    assert copy_text(Key(Kind.CONTAINER, "c1"), bad, "command") == "docker container inspect 'a; rm -rf ~'"


def test_marked_rows_are_copied_together() -> None:
    # GIVEN two marked rows WHEN copied THEN one line each
    assert run("copy", on(WEB, DB)) == ("copy", "web\ndb", "2 lines")


def test_the_cost_is_said() -> None:
    # GIVEN what was asked of the engine WHEN :debug runs THEN a sentence has it
    asked = run("debug", on())
    assert asked[1] == "1,234 requests and 3.1 MB asked of the engine; most to /services 40, /tasks 2"


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000_000, "2.5 GB")])
def test_sizes_have_units(count: int, text: str) -> None:
    # GIVEN a number of bytes WHEN shown THEN in a unit that reads well
    assert size(count) == text


def test_ctx_goes_to_the_list_or_connects() -> None:
    # GIVEN :ctx WHEN a name is behind it THEN it connects, else the contexts are listed
    assert run("context", on()) == ("go", Place("contexts"), False)
    assert run("context", on(arguments=("prod-eu",))) == ("call", "context", "prod-eu")


def test_help_knows_what_it_is_about() -> None:
    # GIVEN a list inside a stack WHEN ? is pressed THEN the page is about that place; on it ? leads back
    assert run("help", on(scope=(STACK,), cursor=WEB)) == (
        "go",
        Place("help", (STACK,), cursor=WEB, argument="services"),
        False,
    )
    assert run("help", on(view="help")) == ("back",)


# Names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web", WEB),
        ("web.2", FAR),
        ("nginx", PLAIN),
        ("self", Key(Kind.NODE, MANAGER)),
        ("task-web-3", Key(Kind.TASK, "task-web-3")),
        ("ctr-pl", PLAIN),
        ("svc-", "2 IDs begin with svc-; give more of it."),
        ("wbe", "There is no service, task, container or node wbe. Nearest is web."),
    ],
)
def test_names_and_ids_find_objects(name: str, expected: Key | str) -> None:
    # GIVEN a name, an ID or its head WHEN looked for THEN it is one object, or a sentence
    assert find(swarm(), name, (Kind.SERVICE, Kind.TASK, Kind.CONTAINER, Kind.NODE)) == expected


def test_a_name_on_two_nodes_asks_for_the_id() -> None:
    # GIVEN one container name on two nodes WHEN looked for THEN the sentence names the nodes
    two = replace(swarm(), containers=by_id(container("c1", "app"), container("c2", "app", node_id=WORKER)))
    found = find(two, "app", (Kind.CONTAINER,))
    assert found == "2 containers are called app (on manager-1, worker-1); give the ID."


def test_what_is_gone_is_called_by_its_id() -> None:
    # GIVEN a key of nothing WHEN named THEN by the head of its ID
    assert name_of(swarm(), Key(Kind.SERVICE, "0123456789abcdef")) == "0123456789ab"
