"""The mapping of a node: what the form takes, and how it is written into the configuration file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from backends.ssh.target import NodeMapping
from tests.unit import reach_world as world
from tui.config import load
from tui.config_nodes import ConfigRefused, NodeMappings, save_node
from tui.details.mapping import Form, form_rows, story_rows
from tui.frame.line_edit import LineEdit
from tui.frame.mapping import (
    FIELDS,
    Draft,
    draft_of,
    entries_for,
    entry,
    first_problem,
    mapping,
    problem,
    ssh_line,
)
from tui.text.fit import line_width
from tui.text.span import joined

EXAMPLE = Path(__file__).parents[2] / "docs" / "config.example.toml"


@pytest.mark.parametrize(
    ("field", "value", "right"),
    [
        ("host", "10.20.1.23", True),
        ("host", "fd00::1", True),
        ("host", "-oProxyCommand=x", False),
        ("host", "a b", False),
        ("port", "22", True),
        ("port", "0", False),
        ("port", "٢٢", False),
        ("port", "99999", False),
        ("user", "deploy", True),
        ("user", "$(reboot)", False),
        ("jump", "ops@gate:2222,second", True),
        ("jump", "none", True),
        ("jump", "a b", False),
        ("jump", "-x", False),
        ("socket", "/var/run/docker.sock", True),
        ("socket", "docker.sock", False),
        ("key", "/no/such/file", False),
        ("key", str(EXAMPLE), True),
    ],
)
def test_a_field_says_what_would_be_right(field: str, value: str, right: bool) -> None:
    draft = Draft("worker-1").with_value(field, value)
    assert bool(problem(draft, field)) is not right
    assert first_problem(draft) == ("" if right else field)
    if not right:
        with pytest.raises(ValueError, match=r"\."):
            mapping(draft)


@pytest.mark.parametrize(
    "known",
    [
        NodeMapping(),
        NodeMapping(host="h", user="u", port=2222, jump="gate", socket="/s", sudo=True),
        NodeMapping(sudo=False),
    ],
)
def test_a_mapping_comes_back_from_its_draft(known: NodeMapping) -> None:
    assert mapping(draft_of("worker-1", known)) == known


def test_an_entry_leaves_out_what_is_empty() -> None:
    draft = Draft("worker-1", user="ops", port="2222", sudo="no")
    assert entry(draft) == {"user": "ops", "port": 2222, "sudo": False}
    assert entry(Draft("worker-1")) == {}


def test_the_line_by_hand_has_all_of_it() -> None:
    draft = Draft("worker-1", user="ops", port="2222", key="~/.ssh/id", jump="gate", sudo="yes")
    line = ssh_line(draft, world.target("10.0.0.3"), "worker-3")
    assert line == "ssh -i '~/.ssh/id' -p 2222 -J gate ops@10.0.0.3 sudo -n docker system dial-stdio"


def test_an_entry_may_be_for_all_nodes_alike() -> None:
    assert entries_for("worker-3", {}, "") == ("worker-3", "worker-*")
    assert entries_for("gate", {}, "g*") == ("g*", "gate")


# -- the file ------------------------------------------------------------------------------------------


def test_saving_keeps_comments_and_all_else(tmp_path: Path) -> None:
    # GIVEN a file with comments and settings
    path = tmp_path / "config.toml"
    before = EXAMPLE.read_text()
    path.write_text(before)
    path.chmod(0o640)
    # WHEN one entry is changed and another one made
    save_node(path, "worker-1", {"user": "ops2", "port": 22})
    save_node(path, "worker-*", {"sudo": True})
    # THEN nothing else is another, the mode included
    after = path.read_text()
    head = before[: before.index('[nodes."worker-1"]')]
    assert after.startswith(head)
    assert tomllib.loads(after)["nodes"] == {"worker-1": {"user": "ops2", "port": 22}, "worker-*": {"sudo": True}}
    assert path.stat().st_mode & 0o777 == 0o640
    # AND it is read back without a problem
    config, problems = load(path, {})
    assert problems == ()
    assert config.mappings()["worker-*"].sudo is True
    # WHEN an entry is emptied THEN it is gone
    save_node(path, "worker-*", {})
    assert tomllib.loads(path.read_text())["nodes"] == {"worker-1": {"user": "ops2", "port": 22}}
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    store = NodeMappings(path, {})
    known = store.save("a.b", NodeMapping(host="h"), {"host": "h"})
    assert known == {"a.b": NodeMapping(host="h")}
    assert tomllib.loads(path.read_text()) == {"nodes": {"a.b": {"host": "h"}}}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_behind_a_link_is_written_where_it_lies(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("theme = 'dark'\n")
    path = tmp_path / "config.toml"
    path.symlink_to(real)
    save_node(path, "w", {"user": "u"})
    assert path.is_symlink()
    assert tomllib.loads(real.read_text())["nodes"] == {"w": {"user": "u"}}


@pytest.mark.parametrize("text", ["this is = = no TOML", "nodes = 5\n"])
def test_a_broken_file_is_left_alone(tmp_path: Path, text: str) -> None:
    # GIVEN a file that is not what we write WHEN an entry is saved THEN that is refused in a sentence
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigRefused, match=r"\.$"):
        save_node(path, "w", {"user": "u"})
    # AND the file is as it was
    assert path.read_text() == text


def test_an_entry_that_is_no_table_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[nodes]\nw = "x"\n')
    save_node(path, "w", {"user": "u"})
    assert tomllib.loads(path.read_text()) == {"nodes": {"w": {"user": "u"}}}


def test_a_file_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    # GIVEN a file where its folder should be
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigRefused, match="cannot be"):
        save_node(tmp_path / "file" / "config.toml", "w", {"user": "u"})


# -- the page ------------------------------------------------------------------------------------------


def form(draft: Draft, saved: Draft, at: int = 0, **more: object) -> Form:
    """A form on ``worker-3``."""
    edit = LineEdit.of(draft.value(FIELDS[at])) if at < len(FIELDS) else LineEdit()
    names = ("worker-3", "worker-*")
    return Form(draft, saved, at, edit, names, "/home/me/config.toml", True, world.target("10.0.0.3"), "worker-3")


@pytest.mark.parametrize("cells", [30, 52, 74])
@pytest.mark.parametrize("at", range(len(FIELDS) + 1))
def test_the_form_fits_at_every_field(cells: int, at: int) -> None:
    draft = Draft("worker-3", host="bad host", user="ops", port="99999", sudo="yes")
    rows, begins = form_rows(form(draft, Draft("worker-3"), at), cells)
    assert len(begins) == len(FIELDS) + 1
    assert begins == sorted(begins)
    text = joined(rows)
    assert "A port is a number" in " ".join(text.split())
    assert 'user = "ops"' in text
    assert all(line_width(row) <= cells for row in rows)


def test_what_ssh_says_stands_behind_empty_fields() -> None:
    rows, _ = form_rows(form(Draft("worker-3"), Draft("worker-3"), 7), 74)
    text = joined(rows)
    assert "deploy" in text
    assert "~/.ssh/config" in text
    assert "nothing is said of it there" in text


def test_the_story_tells_how_it_came_to_this() -> None:
    moment = world.moment()
    node = moment.snapshot.nodes["n10"]
    text = joined(story_rows(node, moment.reach["n10"], moment.reach["n4"], "", moment, 90))
    for part in ("Test of this draft", "engine forbidden", "How it came to this", "What was tried", "Host worker-*"):
        assert part in text
