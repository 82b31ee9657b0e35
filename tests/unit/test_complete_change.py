"""Completion of docker lines that change something at ``:``: words, flags, values, files, and the form of a line."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from backends.model import Kind, Secret
from tests.unit.actions_support import WEB, by_id
from tests.unit.change_world import world
from tests.unit.test_command import known
from tui.actions.complete import Completion, changing, complete
from tui.actions.history import worth_keeping
from tui.actions.line_form import has_form, place_of_line
from tui.actions.paths import engine_here, paths
from tui.places import Place
from tui.screens.command_pane import taken
from tui.screens.command_rows import Shown, marker_row, pane_rows
from tui.text.fit import line_width
from tui.text.span import plain


def at(line: str) -> tuple[Completion, ...]:
    """With the cursor at ``|``, or at the end."""
    cursor = line.index("|") if "|" in line else len(line)
    return complete(line.replace("|", "", 1), cursor, known())


@pytest.mark.parametrize(
    ("line", "first", "becomes"),
    [
        ("docker service cr", "create", "docker service create "),
        ("service up", "update", "service update "),
        (":service up", "update", ":service update "),
        ("sudo docker network con", "connect", "sudo docker network connect "),
        ("service create --net", "--network", "service create --network "),
        ("service create --network ", "front", "service create --network front "),
        ("service create --na| nginx", "--name", "service create --name nginx"),
        ("plan docker service create --net", "--network", "plan docker service create --network "),
        ("plan service scale w", "web=", "plan service scale web="),
        ("service scale w", "web=", "service scale web="),
        ("service update w", "web", "service update web "),
        ("service update --image shop", "shop/web:1", "service update --image shop/web:1 "),
        ("node update --availability d", "drain", "node update --availability drain "),
        ("docker swarm ini", "init", "docker swarm init "),
        ("docker network create -d over", "overlay", "docker network create -d overlay "),
    ],
)
def test_the_word_at_the_cursor_is_completed(line: str, first: str, becomes: str) -> None:
    # GIVEN a docker line WHEN completed THEN the best word comes first, and what is behind the cursor stays
    found = at(line)
    assert (found[0].text, found[0].insert) == (first, becomes)
    edit = taken(found[0])
    assert edit.text == becomes
    assert edit.text[: edit.cursor].rstrip().endswith(first)


def test_flags_have_one_line_of_help() -> None:
    # GIVEN all flags of a verb WHEN listed THEN each says what it is, and none stands twice
    found = at("service create --")
    assert {one.title for one in found} == {"Flags"}
    assert all(one.what for one in found)
    assert len({one.text for one in found}) == len(found) > 60


def test_values_are_headed_by_their_flag() -> None:
    # GIVEN a flag that waits for its value
    assert at("service create --network ")[0].title == "--network"
    assert at("service create ")[0].title == "Images"


def test_lines_that_look_are_offered_beside_those_that_change() -> None:
    # GIVEN a noun WHEN its verbs are completed THEN those of both kinds are there, each once
    found = [one.text.removeprefix(":docker service ") for one in at("docker service ")]
    assert {"ls", "ps", "logs", "create", "update", "scale", "rm", "rollback"} <= set(found)
    assert len(found) == len(set(found))
    # AND behind a noun that is a view of ours its filter comes first
    assert at("service ")[0].text.startswith(":service ")


def test_what_only_looks_is_as_before() -> None:
    # GIVEN lines that change nothing WHEN completed THEN they are not taken for changes
    for line in ("logs w", "svc w", "docker logs w", "services web"):
        assert changing(line, len(line), known()) is None
    assert [one.insert for one in at("docker service ps w")] == ["docker service ps web"]


def test_a_kind_that_is_not_listed_is_asked_for() -> None:
    # GIVEN a swarm whose secrets nobody listed WHEN a secret is to be named THEN that is what is wanted
    line = "service create --secret "
    found = changing(line, len(line), known())
    assert found is not None
    assert (found.wanted, found.words) == (Kind.SECRET, ())
    # WHEN they are listed THEN they are offered
    here = known()
    listed = MappingProxyType({**here.snapshot.listed, Kind.SECRET: 1.0})
    here = replace(here, snapshot=replace(here.snapshot, secrets=by_id(Secret(id="s1", name="db_pass")), listed=listed))
    found = changing(line, len(line), here)
    assert found is not None
    assert (found.wanted, [word.text for word in found.words]) == (None, ["db_pass"])


def test_files_of_this_machine_complete_what_is_read_here(tmp_path: Path) -> None:
    # GIVEN a folder with a file of variables, and one that is hidden
    (tmp_path / "web.env").write_text("A=1")
    (tmp_path / "wide").mkdir()
    (tmp_path / ".hidden").write_text("")
    assert paths(f"{tmp_path}/w") == ((f"{tmp_path}/web.env", "file"), (f"{tmp_path}/wide/", "folder"))
    assert paths(f"{tmp_path}/none/x") == ()
    assert paths("a\x00b/") == ()
    # WHEN one is named for --env-file THEN it is offered; a folder is gone into
    here = replace(known(), paths=paths)
    line = f"service create --env-file {tmp_path}/w"
    found = complete(line, len(line), here)
    assert [one.insert for one in found] == [
        f"service create --env-file {tmp_path}/web.env ",
        f"service create --env-file {tmp_path}/wide/",
    ]
    # AND a bind mount is of another machine: nothing is offered
    line = f"service create --mount type=bind,source={tmp_path}/w"
    assert complete(line, len(line), here) == ()
    # UNLESS the engine is on this one
    found = complete(line, len(line), replace(here, here=True))
    assert [one.insert for one in found] == [f"{line}eb.env", f"{line}ide/"]
    # AND a file that is an argument is offered too
    line = f"config create web {tmp_path}/we"
    assert [one.insert for one in complete(line, len(line), here)] == [f"{line}b.env "]


def test_a_path_below_the_own_folder_is_written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a file in the folder of the user
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my vars").write_text("A=1")
    # WHEN it is named with ~ THEN the line has the whole path, quoted: nobody would read the ~ later
    line = "service create --env-file ~/m"
    found = complete(line, len(line), replace(known(), paths=paths))
    assert [one.insert for one in found] == [f"service create --env-file '{tmp_path}/my vars' "]


def test_where_the_engine_is_tells_whose_paths_a_bind_mount_has() -> None:
    # GIVEN an engine with the name of another machine, and one with that of this one
    snapshot = world()
    assert snapshot.engine is not None
    own = replace(snapshot, engine=structs.replace(snapshot.engine, name=socket.gethostname()))
    other = replace(snapshot, engine=structs.replace(snapshot.engine, name="elsewhere.example"))
    # THEN only a socket of this one is here
    assert engine_here("unix:///run/docker.sock", own)
    assert not engine_here("unix:///run/docker.sock", other)
    assert not engine_here("tcp://10.0.0.1:2376", own)
    assert not engine_here("unix:///run/docker.sock", replace(snapshot, engine=None))


def test_names_of_variables_complete_env() -> None:
    # GIVEN variables of this program THEN their names are offered, never their values
    here = replace(known(), environ={"DB_TOKEN": "hush"})
    line = "service create --env DB"
    found = complete(line, len(line), here)
    assert [one.insert for one in found] == ["service create --env DB_TOKEN "]
    assert "hush" not in repr(found)
    assert "hush" not in repr(here)


@given(st.text(max_size=40), st.integers(0, 40))
def test_no_change_line_raises(text: str, cursor: int) -> None:
    # GIVEN any text behind a verb, the cursor anywhere WHEN completed THEN there is always an answer
    line = f"service create {text}"
    for one in complete(line, min(cursor, len(line)), known()):
        assert one.text


def test_a_line_with_a_form_opens_it() -> None:
    # GIVEN lines of verbs with and without a form
    assert has_form("service create --name x")
    assert has_form("plan docker network create x")
    assert not has_form("service scale web=3")
    assert not has_form("logs web")
    # WHEN one is opened THEN the form is filled from the line, and of an edit about its object
    found = place_of_line("service create --name x nginx", known())
    assert found == Place("form", (), argument="service-create docker service create --name x nginx")
    assert place_of_line("docker service create", known()) == Place("form", (), argument="service-create")
    edit = place_of_line("service update --image nginx:2 web", known())
    assert isinstance(edit, Place)
    assert edit.scope == (WEB,)
    # AND without a name it says what is missing
    assert place_of_line("service update --image nginx:2", known()) == (
        "The form needs the name of what it changes: type that first."
    )
    assert place_of_line("service update --image nginx:2 nope", known()) == "nope is not there."
    assert place_of_line("service scale web=3", known()) == "This line has no form."


def test_what_is_wrong_is_pointed_at() -> None:
    # GIVEN a line with a wrong word, seen whole
    shown = Shown("service create --replicas x", (), 0, (("wrong", "err"),), (26, 27))
    assert plain(marker_row(shown, 70)) == " " * 28 + "▾"
    # WHEN the line is longer than its room THEN the marker goes with it, or is not there
    assert plain(marker_row(shown, 20)) == " " * 21 + "▾"
    assert marker_row(Shown("x" * 100, (), 0, (), (0, 5)), 50) == ()
    assert marker_row(Shown("abc", (), 0, ()), 50) == ()


@pytest.mark.parametrize("cells", [40, 80, 110])
def test_rows_stay_within_their_width(cells: int) -> None:
    # GIVEN more candidates than there is room for WHEN drawn THEN none is wider, and the last ones can be reached
    found = at("service create --")
    shown = Shown("service create --", found, len(found) - 1, (("a flag", ""),), form=True)
    rows = pane_rows(shown, cells, cells - 6)
    assert all(line_width(row) <= cells for row, _ in rows)
    assert any(found[-1].text[:12] in plain(row) for row, _ in rows)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("docker service create --name x nginx", True),
        ("service create -e LOG=debug nginx", True),
        ("service create -e DB_PASSWORD=hush nginx", False),
        ("exec web -e API_TOKEN=hush -- env", False),
        ("swarm join --token SWMTKN-1-abc-def 10.0.0.1:2377", False),
    ],
)
def test_lines_with_secrets_are_not_written_down(line: str, kept: bool) -> None:
    # GIVEN a line WHEN it was run THEN the file of lines has it, or not
    assert worth_keeping(line) is kept


@pytest.mark.parametrize(
    "line",
    [
        "docker service create --network cache",
        "docker service create --network=cache",
        "docker service create --network name=cache",
        "docker service update --network-add cache",
    ],
)
def test_a_network_that_is_not_there_can_be_made_from_the_line(line: str) -> None:
    # GIVEN a network that nobody has WHEN it is named THEN the last of the list makes it, and says so
    engine = world().engine
    here = known()
    here = replace(here, snapshot=replace(here.snapshot, engine=engine))

    def makes(line: str) -> list[Completion]:
        return [one for one in complete(line, len(line), here) if one.makes]

    found = complete(line, len(line), here)
    assert (found[-1].makes, found[-1].text) == ("cache", "+ create “cache”")
    assert found[-1].insert == f"{line} "
    # AND what is there, or is to be taken off, is not made
    assert not makes(line.replace("cache", "front"))
    assert not makes("docker service update --network-rm cache")
