"""The ``:`` line: what is typed, what it means, how it completes."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.model import Key, Kind
from tests.unit.actions_support import DB, WEB, FakeUi, services_table, swarm
from tui.actions import docker_lines
from tui.actions.command import Command, Known, explain, parse
from tui.actions.complete import complete
from tui.actions.history import CommandHistory
from tui.actions.keymap import Keymap
from tui.actions.registry import actions_for
from tui.places import Place

TABLES = {"services": services_table()}
KEYMAP = Keymap(actions_for(TABLES))
CONTAINER = Key(Kind.CONTAINER, "ctr-web-1")


def known(*targets: Key, view: str = "services", readonly: bool = False, **more: Any) -> Known:
    place = Place(view, **more)
    ui = FakeUi(place, readonly)
    return Known(
        keymap=KEYMAP,
        ui=ui,
        snapshot=swarm(),
        place=place,
        targets=targets,
        tables=TABLES,
        contexts=("default", "prod-eu"),
    )


def asked(text: str, here: Known | None = None) -> tuple[Any, ...]:
    """What the user interface is asked for when a line runs."""
    found = parse(text, here or known())
    assert isinstance(found, Command), found
    found.action.run(found.context)
    ui = found.context.ui
    assert isinstance(ui, FakeUi)
    return ui.asked[0]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("svc", Place("services")),
        (":services", Place("services")),
        ("  net  ", Place("networks")),
        ("node", Place("nodes")),
        ("ctr", Place("containers")),
        ("ps", Place("containers")),
        ("stk", Place("stacks")),
        ("task", Place("tasks")),
        ("vol", Place("volumes")),
        ("img", Place("images")),
        ("ev", Place("events")),
        ("topo", Place("topology")),
        ("ports", Place("ports")),
        ("info", Place("info")),
        ("drivers", Place("drivers")),
        ("ctx", Place("contexts")),
        ("svc web !db", Place("services", filter="web !db")),
        ('svc "a b"', Place("services", filter='"a b"')),
        ("svc state=failing", Place("services", filter="state=failing")),
        ("SVC", Place("services")),
    ],
)
def test_views_have_short_words(text: str, place: Place) -> None:
    # GIVEN a view's word, with a filter or without WHEN it runs THEN the view is shown
    assert asked(text) == ("go", place, False)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("logs web", Place("logs", (WEB,))),
        ("log db", Place("logs", (DB,))),
        ("describe nginx", Place("describe", (Key(Kind.CONTAINER, "ctr-plain"),))),
        ("inspect worker-1", Place("describe", (Key(Kind.NODE, "node-worker-id"),))),
        ("yaml front", Place("yaml", (Key(Kind.NETWORK, "net-front"),))),
        ("open shop", Place("services", (Key(Kind.STACK, "shop"),))),
        ("open worker-1", Place("tasks", (Key(Kind.NODE, "node-worker-id"),))),
        ("why web", Place("why", (WEB,))),
        ("used front", Place("services", (Key(Kind.NETWORK, "net-front"),))),
        ("owner web.1", Place("nodes", cursor=Key(Kind.NODE, "node-manager-id"))),
        ("web", Place("tasks", (WEB,))),
        ("front", Place("endpoints", (Key(Kind.NETWORK, "net-front"),))),
    ],
)
def test_verbs_take_names(text: str, place: Place) -> None:
    # GIVEN a verb with a name WHEN it runs THEN it is done to what has the name, on a path of its own
    assert asked(text, known(view="tasks", scope=(DB,))) == ("go", place, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker service ls", Place("services")),
        ("sudo docker service ls", Place("services")),
        ("$ docker service ls -q", Place("services")),
        ("service ls", Place("services")),
        ("docker service ls --filter name=web", Place("services", filter="web")),
        ("docker service ls -f label=tier", Place("services", filter="label=tier")),
        ("docker ps -a --no-trunc", Place("containers")),
        ("docker container ls --format '{{.ID}}'", Place("containers")),
        ("docker node ls", Place("nodes")),
        ("node ls", Place("nodes")),
        ("docker network ls", Place("networks")),
        ("docker network inspect front", Place("yaml", (Key(Kind.NETWORK, "net-front"),), argument="json")),
        ("docker service ps web", Place("tasks", (WEB,))),
        ("docker service ps --no-trunc web", Place("tasks", (WEB,))),
        ("docker service logs -f --tail 100 web", Place("logs", (WEB,))),
        ("docker service logs web.2", Place("logs", (Key(Kind.TASK, "task-web-2"),))),
        ("docker logs -f nginx", Place("logs", (Key(Kind.CONTAINER, "ctr-plain"),))),
        ("docker service inspect --pretty web", Place("describe", (WEB,))),
        ("docker inspect nginx", Place("yaml", (Key(Kind.CONTAINER, "ctr-plain"),), argument="json")),
        ("docker inspect -f '{{.Id}}' web", Place("yaml", (WEB,), argument="json")),
        ("docker stack ls", Place("stacks")),
        ("docker stack services shop", Place("services", (Key(Kind.STACK, "shop"),))),
        ("docker stack ps shop", Place("tasks", filter="stack=shop")),
        (
            "docker stack ps --no-trunc -f desired-state=running shop",
            Place("tasks", filter="stack=shop desired=running"),
        ),
        ("docker node ps worker-1", Place("tasks", (Key(Kind.NODE, "node-worker-id"),))),
        ("docker info", Place("info")),
        ("docker system info", Place("info")),
        ("docker events --since 5m", Place("events")),
        ("docker images nginx", Place("images", filter="nginx")),
        ("docker context ls", Place("contexts")),
    ],
)
def test_dockers_lines_mean_views(text: str, expected: Place) -> None:
    # GIVEN a docker line that looks WHEN it runs THEN the view that shows the same is shown
    assert asked(text) == ("go", expected, False)


def test_dockers_exec_opens_a_shell() -> None:
    # GIVEN what people type WHEN it runs THEN a command runs in the container
    what, key, request = asked("docker exec -it -u root nginx bash -l")
    assert (what, key) == ("shell", Key(Kind.CONTAINER, "ctr-plain"))
    assert (request.command, request.user) == (("bash", "-l"), "root")


def test_docker_context_use_connects() -> None:
    # GIVEN a context's name WHEN docker's line runs THEN it is connected to
    assert asked("docker context use prod-eu") == ("call", "context", "prod-eu")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Type a view, a verb or a docker line."),
        ("servcies", "There is no verb or name servcies. Nearest is services."),
        ("qqqqqq", "There is no verb or name qqqqqq. :help lists the verbs, tab what may stand here."),
        ("logs wbe", "There is no service, task or container wbe. Nearest is web."),
        ("logs front", "There is no service, task or container front."),
        ("logs web db", ":logs takes one name."),
        ("logs", ":logs needs the name of a service, task or container: :logs NAME."),
        ("why db", "db runs as wanted, 1 of 1."),
        ("owner db", "db belongs to no stack."),
        ("shell db", "db runs on worker-1, which is not reached from here."),
        ("exec", "exec needs a name: :exec NAME -- COMMAND."),
        ("exec db -- ls", "db runs on worker-1, which is not reached from here."),
        ("exec web -u", "-u needs a value: -u USER."),
        ("exec 'web", "A quote is not closed."),
        ("quit now", ":quit takes nothing behind it."),
        ("theme", ":theme takes one of auto, dark, light, ansi."),
        ("theme drak", ":theme takes one of auto, dark, light, ansi, not drak. Nearest is dark."),
        ("ctx prod", ":ctx takes one of default, prod-eu, not prod. Nearest is prod-eu."),
        ("sort foo", ":sort takes one of name, replicas, not foo."),
        ("since 5m", ":since works in Logs, not in Services."),
        ("docker", "docker needs a command behind it, such as service ls."),
        ("docker service", "docker service needs one of ls, list, ps, logs, inspect."),
        ("docker -H tcp://x ps", "The engine is chosen with :ctx; leave -H out."),
        ("docker service scale web", "invalid scale specifier 'web'; SERVICE=REPLICAS."),
        ("docker service create --replicaz 3 nginx", "unknown flag: --replicaz; did you mean --replicas?"),
        ("docker run nginx", "docker run changes things, and this line only looks."),
        ("docker servic ls", "docker servic ls has no view here. Nearest is service ls."),
        ("docker logs", "docker logs needs a name."),
        ("docker service ps nope", "There is no service nope."),
    ],
)
def test_what_means_nothing_is_a_sentence(text: str, sentence: str) -> None:
    # GIVEN a line with a mistake WHEN it is read THEN a sentence says what would be right
    assert parse(text, known()) == sentence


def test_a_verb_without_a_name_is_done_to_the_row() -> None:
    # GIVEN a service under the cursor inside a stack WHEN its verb is typed alone THEN it is meant, path and all
    stack = Key(Kind.STACK, "shop")
    here = known(WEB, scope=(stack,))
    assert asked("logs", here) == ("go", Place("logs", (stack, WEB)), False)


def test_since_takes_a_span_in_the_logs() -> None:
    # GIVEN the logs WHEN a span is typed THEN it goes along; one that is none is a sentence
    assert asked("since 5m", known(view="logs")) == ("call", "logs-since", "5m")
    assert parse("since yesterday", known(view="logs")) == (
        "yesterday is no time span; write one like 90s, 5m, 2h, 1d or all."
    )


def test_a_read_only_session_refuses_a_shell() -> None:
    # GIVEN a read-only session WHEN a shell is typed THEN the reason is said
    assert parse("shell web", known(readonly=True)) == "This session is read-only."


@pytest.mark.parametrize(
    ("text", "sentence", "runs"),
    [
        ("svc", "Services: list of services.", True),
        ("svc web", "Services: list of services, filtered by web.", True),
        ("logs web", "Follows the log; of a service that of all its tasks: service web.", True),
        ("ctx prod-eu", "Connects to the docker context prod-eu.", True),
        ("exec web -u root -- id", "Runs id in container web.1.abc as root, with the whole terminal.", True),
        ("docker node ls", "Nodes: list of nodes.", True),
        ("nope", "There is no verb or name nope. Nearest is open.", False),
    ],
)
def test_what_enter_would_do_is_said_before(text: str, sentence: str, runs: bool) -> None:
    # GIVEN a line WHEN it is looked at THEN its sentence, and whether enter runs it
    assert explain(text, known()) == (sentence, runs)


def lines(text: str, here: Known | None = None) -> list[str]:
    return [one.insert for one in complete(text, len(text), here or known())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ser", ["services "]),
        ("sv", ["svc "]),
        ("S", ["save ", "scale ", "secrets ", "services ", "shell ", "since ", "sort ", "ssh ", "stacks "]),
        ("theme ", ["theme auto", "theme dark", "theme light", "theme ansi"]),
        ("theme d", ["theme dark"]),
        ("ctx p", ["ctx prod-eu"]),
        ("sort ", ["sort name", "sort replicas"]),
        ("since 1", ["since 1m", "since 15m", "since 1h", "since 1d"]),
        ("logs w", ["logs web", "logs web.1", "logs web.1.abc", "logs web.2", "logs web.3"]),
        ("logs eb.3", ["logs web.3"]),
        ("svc w", ["svc web"]),
        ("svc !db re", ["svc !db replicas="]),
        ("exec ngi", ["exec nginx "]),
        ("exec nginx -", ["exec nginx -u ", "exec nginx -w ", "exec nginx -e ", "exec nginx -- "]),
        ("exec nginx -- ls", []),
        ("docker serv", ["docker service "]),
        ("docker service p", ["docker service ps "]),
        ("docker service ps w", ["docker service ps web"]),
        ("sudo docker logs ng", ["sudo docker logs nginx"]),
        ("docker exec -it ngi", ["docker exec -it nginx"]),
        ("quit ", []),
        ("nonsense x", []),
    ],
)
def test_lines_complete(text: str, expected: list[str]) -> None:
    # GIVEN the beginning of a line WHEN completed THEN all that it may become, best first
    found = lines(text)
    if text == "S":
        # By their names, before the aliases; which others there are is no matter here.
        assert [one for one in found if one in expected] == expected
    else:
        assert found == expected


def test_a_verb_is_offered_for_the_row() -> None:
    # GIVEN a service under the cursor WHEN a verb begins THEN the whole line is offered, with its key
    (found,) = complete("lo", 2, known(WEB))
    assert (found.text, found.insert, found.key) == (":logs web", "logs web", "l")


def test_names_are_offered_bare() -> None:
    # GIVEN the beginning of a name WHEN completed THEN the name is there with what it is
    found = complete("ngi", 3, known())
    assert [(one.text, one.what) for one in found] == [
        (":nginx", "container; goes to it"),
        (":nginx:1.27", "image; goes to it"),
    ]


def test_what_stands_behind_the_cursor_is_not_looked_at() -> None:
    # GIVEN the cursor inside the line WHEN completed THEN only what is before it counts
    assert [one.insert for one in complete("themexyz", 5, known())] == ["theme "]


@given(st.text(max_size=60))
def test_no_line_raises(text: str) -> None:
    # GIVEN any text WHEN read, explained and completed THEN there is always an answer
    here = known(WEB)
    assert isinstance(parse(text, here), Command | str)
    assert explain(text, here)[0]
    complete(text, len(text), here)


@given(
    st.lists(st.sampled_from([word for line in docker_lines.LINES for word in line.words] + ["web", "-f", "--", "'"]))
)
def test_no_docker_line_raises(words: list[str]) -> None:
    # GIVEN docker words in any order WHEN read THEN there is always an answer
    assert parse(" ".join(["docker", *words]), known())


# History


def test_lines_are_walked_and_come_back() -> None:
    # GIVEN two lines that were run, and one begun
    history = CommandHistory()
    history.add("svc")
    history.add("logs web")
    # WHEN walked up and down THEN each is there, and at the end what was typed
    assert history.walk(-1, "") == "logs web"
    assert history.walk(-1, "logs web") == "svc"
    assert history.walk(-1, "svc") is None
    assert history.walk(1, "svc") == "logs web"
    assert history.walk(1, "logs web") == ""
    assert history.walk(1, "") is None


def test_what_is_typed_narrows_the_walk() -> None:
    # GIVEN lines of two verbs WHEN one is begun THEN only its lines are walked
    history = CommandHistory()
    for line in ("logs web", "svc", "logs db"):
        history.add(line)
    assert history.walk(-1, "lo") == "logs db"
    assert history.walk(-1, "logs db") == "logs web"
    assert history.walk(-1, "logs web") is None


def test_history_is_private_and_kept(tmp_path: Path) -> None:
    # GIVEN a file in the state folder WHEN a line is run THEN it is there next time, for its owner alone
    path = tmp_path / "state" / "dnet-tui" / "history"
    CommandHistory(path).add("svc")
    CommandHistory(path).add("logs web")
    CommandHistory(path).add("svc")
    assert CommandHistory(path).lines == ("logs web", "svc")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_history_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    # GIVEN a path below a file WHEN a line is run THEN nothing is raised, and it is kept in memory
    (tmp_path / "file").write_text("")
    history = CommandHistory(tmp_path / "file" / "history")
    history.add("svc")
    assert history.lines == ("svc",)


def test_a_line_with_a_blank_in_front_is_not_kept() -> None:
    # GIVEN what shells do WHEN a line begins with a blank THEN it is forgotten
    history = CommandHistory()
    history.add(" exec web -e TOKEN=x")
    assert history.lines == ()
