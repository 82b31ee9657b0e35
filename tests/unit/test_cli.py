"""The command line: what it takes, what it refuses and with which words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tui import cli
from tui.frame import views


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """dnet-tui as a process without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def test_options_are_read_in_all_ways_that_docker_takes_them() -> None:
    # GIVEN one option written in four ways
    ways = (["-H", "unix:///a"], ["-Hunix:///a"], ["--host", "unix:///a"], ["--host=unix:///a"])
    # WHEN each is parsed, THEN they mean the same
    assert {cli.parse(way).host for way in ways} == {"unix:///a"}


def test_switches_and_values_stand_beside_each_other() -> None:
    # WHEN several are given
    options = cli.parse(["--demo", "--view", "services", "--readonly", "--theme=light", "--ascii"])
    # THEN all are there
    assert (options.demo, options.view, options.readonly, options.theme, options.ascii) == (
        True,
        "services",
        True,
        "light",
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--viwe", "x"], "there is no option --viwe"),
        (["pods"], "there is no argument pods"),
        (["--view"], "--view needs a value"),
        (["--view", "--demo"], "--view needs a value"),
        (["--view="], "--view needs a value"),
        (["--demo=1"], "--demo takes no value"),
        (["--theme", "blue"], "themes are auto, dark, light, ansi"),
        (["-H", "unix:///a", "--context", "b"], "give one of them"),
        (["--demo", "-H", "unix:///a"], "cluster of its own"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(arguments: list[str], words: str) -> None:
    # WHEN it is parsed, THEN the sentence says what would be right
    with pytest.raises(cli.UsageError, match=words):
        cli.parse(arguments)


def test_an_unknown_view_names_the_valid_ones() -> None:
    # WHEN dnet-tui is started in a view that does not exist
    done = run("--view", "pods")
    # THEN it ends with usage and lists all views
    assert done.returncode == 2
    assert done.stderr.startswith("dnet-tui: there is no view pods")
    assert all(name in done.stderr for name in views.names())


def test_without_a_terminal_it_says_so() -> None:
    # WHEN output is no terminal
    done = run("--demo")
    # THEN one sentence says what it needs
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "must be a terminal" in done.stderr


def test_help_names_every_option_that_is_not_hidden() -> None:
    # WHEN help is asked for
    done = run("--help")
    # THEN every option is there but the one for development
    assert done.returncode == 0
    shown = {option for option, _, _, text in cli._OPTIONS if text}
    assert all(option in done.stdout for option in shown)
    assert "--scene" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 110


def test_version_is_that_of_the_package() -> None:
    # GIVEN what the build file says
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    # WHEN the version is asked for, THEN it is the same
    assert run("--version").stdout.strip() == f"dnet-tui {project['version']}"


def test_a_crash_is_one_sentence_and_a_log(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN an error that nobody caught
    options = cli.Options()
    try:
        raise RuntimeError("the roof is off\nand more")
    except RuntimeError as error:
        # WHEN it ends the program
        code = cli.crashed(options, error)
    # THEN one sentence is on stderr, and the story in the log
    said = capsys.readouterr().err
    assert (code, said.count("\n")) == (1, 1)
    assert "the roof is off" in said
    with open(cli.log_path()) as log:
        assert "Traceback" in log.read()


@pytest.mark.parametrize(
    ("state", "folder"), [("/s", "/s/dnet-tui"), ("s", "/h/.local/state/dnet-tui"), ("", "/h/.local/state/dnet-tui")]
)
def test_the_state_folder_is_where_it_belongs(state: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN the environment
    monkeypatch.setenv("HOME", "/h")
    monkeypatch.setenv("XDG_STATE_HOME", state)
    # WHEN the folder is asked for, THEN XDG's rules hold: a relative one is to be ignored
    assert cli.state_dir() == folder
