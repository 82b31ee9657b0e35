"""``exec --nodes``: commands on machines, as scripts see them."""

from __future__ import annotations

import json
from typing import cast

import pytest

from backends.api import Cluster
from backends.cluster import LocalCluster
from backends.errors import Unreachable
from backends.model import Kind, Node
from backends.ssh.run import Completed
from tests.unit.scripted import NODE, HandClock, ScriptedEngine, populate
from tui import cli
from tui.cli import UsageError
from tui.headless import arguments, machines
from tui.headless.arguments import Arguments
from tui.headless.plain import Style


class Machines:
    """The machines of a Swarm that say what a test wants."""

    over_ssh = True
    local = False

    def __init__(self, said: dict[str, Completed | Exception]) -> None:
        self.said, self.lines = said, list[str]()

    async def run(self, node_id: str, command: str, *, limit: float = 30.0) -> Completed:
        self.lines.append(command)
        said = self.said[node_id]
        if isinstance(said, Exception):
            raise said
        return said


class Swarm(LocalCluster):
    """Three nodes."""

    machines: Machines | None = None

    @property
    def nodes(self) -> Machines | None:  # type: ignore[override]
        return self.machines


async def ran(said: dict[str, Completed | Exception], given: Arguments) -> tuple[int, Machines]:
    clock = HandClock()
    engine = ScriptedEngine(clock)
    populate(engine)
    engine.drop(*[node.key for node in engine.objects[Kind.NODE].values()])  # type: ignore[attr-defined]
    engine.put(*(Node(id=name, hostname=name) for name in (NODE, "w1", "w2")))
    cluster = Swarm(engine, clock=clock)
    cluster.machines = Machines(said)
    await cluster.start()
    try:
        await clock.advance(1.0)
        return await machines.run(cast(Cluster, cluster), given, Style()), cluster.machines
    finally:
        await cluster.aclose()


def fine(out: bytes, status: int = 0) -> Completed:
    return Completed(status, out, b"")


async def test_equal_answers_are_told_once_and_who_was_not_asked_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    # GIVEN two machines that say the same, and one that is not reached
    said: dict[str, Completed | Exception] = {
        NODE: fine(b"6.1\n"),
        "w1": fine(b"6.1\n"),
        "w2": Unreachable("No route."),
    }
    # WHEN a command is run on all
    code, asked = await ran(said, Arguments("exec", nodes=True, words=("uname", "-r")))
    # THEN both are told together, the third with its reason
    out, err = capfd.readouterr()
    assert out == f"{NODE}, w1  exit 0\n  6.1\n"
    assert err == "dnet-tui: w2 could not be asked: No route.\n"
    assert (code, set(asked.lines)) == (3, {"uname -r"})


async def test_the_worst_code_wins_and_json_tells_each(capfd: pytest.CaptureFixture[str]) -> None:
    said: dict[str, Completed | Exception] = {NODE: fine(b"a"), "w1": fine(b"b", 4), "w2": Completed(-1, b"", b"")}
    code, _ = await ran(said, Arguments("exec", nodes=True, json=True, words=("x",)))
    rows = {row["name"]: row for row in map(json.loads, capfd.readouterr().out.splitlines())}
    assert code == 4
    assert [rows[name]["exit_code"] for name in (NODE, "w1", "w2")] == [0, 4, None]
    assert rows["w1"]["node"] == "w1"
    assert "signal" in rows["w2"]["problem"]


async def test_one_node_alone(capfd: pytest.CaptureFixture[str]) -> None:
    code, asked = await ran({"w1": fine(b"", 7)}, Arguments("exec", nodes=True, node="w1", words=("exit 7",)))
    assert (code, asked.lines) == (7, ["exit 7"])


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("df -h | tail -1",), "df -h | tail -1"),
        (("echo", "a b", "$HOME"), "echo 'a b' '$HOME'"),
        (("uptime",), "uptime"),
    ],
)
def test_one_word_is_a_line_and_several_are_arguments(words: tuple[str, ...], line: str) -> None:
    assert machines.line_of(words) == line


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--nodes", "--", "uptime"], ("uptime",)),
        (["--nodes", "--", "sh", "-c", "exit 1"], ("sh", "-c", "exit 1")),
        (["--nodes", "sh", "-c", "exit 1"], ("sh", "-c", "exit 1")),
        (["--nodes", "--node", "w1", "--json", "uptime"], ("uptime",)),
    ],
)
def test_what_stands_behind_is_the_command(given: list[str], words: tuple[str, ...]) -> None:
    found = arguments.parse(cli.parse(["exec", *given]))
    assert (found.nodes, found.target, found.words) == (True, "", words)


@pytest.mark.parametrize("given", [["--nodes"], ["--nodes", "-t", "--", "x"], ["--nodes", "-u", "me", "--", "x"]])
def test_what_makes_no_sense_is_refused(given: list[str]) -> None:
    with pytest.raises(UsageError, match="--nodes"):
        arguments.parse(cli.parse(["exec", *given]))
