"""Sub-commands on the command line: what they take, where, and what they refuse."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tui import cli
from tui.headless import arguments
from tui.headless.arguments import Arguments


def parse(*words: str) -> tuple[cli.Options, Arguments]:
    options = cli.parse(list(words))
    return options, arguments.parse(options)


def test_global_options_stand_before_and_behind_the_name() -> None:
    # WHEN the engine is named on either side, THEN it is the same
    assert parse("-H", "unix:///a", "ps")[0].host == parse("ps", "-H", "unix:///a")[0].host == "unix:///a"
    assert parse("ps", "--context=prod")[0].context == "prod"


@pytest.mark.parametrize(
    "words",
    [
        ["exec", "-itu", "root", "web", "ls", "-l"],
        ["exec", "web", "-it", "--user=root", "--", "ls", "-l"],
        ["exec", "-i", "-t", "-uroot", "web", "--", "ls", "-l"],
        ["exec", "-it", "-u=root", "--", "web", "ls", "-l"],
    ],
)
def test_exec_is_written_as_with_docker_or_with_dashes(words: list[str]) -> None:
    # WHEN one command is written in its ways
    _, given = parse(*words)
    # THEN each means the same
    assert (given.target, given.words, given.user) == ("web", ("ls", "-l"), "root")
    assert given.interactive
    assert given.tty


def test_environment_and_filters_add_up() -> None:
    # WHEN an option that may be repeated is
    assert parse("exec", "web", "-e", "A=1", "--env=B=2", "--", "env")[1].env == ("A=1", "B=2")
    # THEN all of it counts
    assert parse("ps", "-f", "web", "--filter", "node=worker-1")[1].filter == "web node=worker-1"


def test_what_follows_the_command_is_the_commands() -> None:
    # WHEN a command has options that we have as well
    _, given = parse("exec", "web", "--", "tool", "--json", "-H", "x", "--")
    # THEN they are left alone
    assert given.words == ("tool", "--json", "-H", "x", "--")
    assert not given.json


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ps", "--colour"], "there is no option --colour; dnet-tui ps --help"),
        (["ps", "web"], "ps takes no argument web; --filter web"),
        (["ps", "--json=1"], "--json takes no value"),
        (["ps", "--filter"], "--filter needs a value"),
        (["ps", "--timeout", "soon"], "--timeout takes a time"),
        (["ps", "--timeout", "0"], "cannot be 0"),
        (["--view", "nodes", "ps"], "--view is for the screen"),
        (["ps", "--theme", "dark"], "there is no option --theme"),
        (["ps", "--demo", "-H", "unix:///a"], "cluster of its own"),
        (["exec"], "exec needs the name"),
        (["exec", "-iz", "web"], "there is no option -z in -iz"),
        (["exec", "web", "--json", "--", "id"], "--json is for --all"),
        (["exec", "--all", "web"], "--all needs a command"),
        (["exec", "--all", "-t", "web", "--", "id"], "leave -i and -t out"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(words: list[str], sentence: str) -> None:
    # WHEN it is parsed, THEN the sentence says what would be right
    with pytest.raises(cli.UsageError) as refused:
        parse(*words)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("90s", 910.0), ("10m", 400.0), ("1m30s", 910.0), ("5", 995.0), ("1700000000", 1.7e9)],
)
def test_since_is_a_span_or_a_moment(text: str, wanted: float) -> None:
    # WHEN a time is read at second 1,000, THEN it is so long before, or that moment
    assert arguments.since(text, 1000.0) == wanted


def test_since_takes_dates_with_a_zone() -> None:
    assert arguments.since("2026-01-31T14:32:07Z", 0.0) == 1769869927.0
    with pytest.raises(cli.UsageError, match="not yesterday"):
        arguments.since("yesterday", 0.0)


@pytest.mark.parametrize("command", [name for name, _ in cli.COMMANDS])
def test_each_command_has_help_that_names_all_its_options(command: str) -> None:
    # WHEN help is asked for behind the name
    done = subprocess.run([sys.executable, "-m", "tui", command, "--help"], capture_output=True, text=True, timeout=60)
    # THEN all options are there, the shared ones as well, within a terminal's width
    assert (done.returncode, done.stderr) == (0, "")
    assert all(row[0] in done.stdout for row in arguments.OPTIONS[command])
    assert "--context" in done.stdout
    assert "--theme" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110


def test_the_program_s_help_names_all_commands() -> None:
    assert all(f"  {name} " in cli.help_text() for name, _ in cli.COMMANDS)
    assert set(arguments.OPTIONS) == {name for name, _ in cli.COMMANDS}
