"""``dnet-tui plan --json`` prints the requests of a line, and needs no more of an engine than they ask for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.change import network_flags
from tests.recorder.record import stand_in
from tests.recorder.server import Served, serving
from tests.recorder.state import write_files
from tests.unit.change_support import SERVICE_ID


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[tuple[Served, Path]]:
    """The stand-in engine behind a socket; it has no lists, and ends the stream of events at once."""
    socket = tmp_path / "e.sock"
    with serving(socket) as served:
        yield served, socket


def _plan(socket: Path, line: str) -> subprocess.CompletedProcess[str]:
    home = socket.parent
    return subprocess.run(
        [sys.executable, "-m", "tui", "plan", "--json", "--host", f"unix://{socket}", "--", *line.split()],
        capture_output=True,
        text=True,
        input="in",
        timeout=120,
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "FROM_ENV": "yes"},
    )


@pytest.mark.parametrize(
    ("line", "requests"),
    [
        ("docker network create app", ["POST /networks/create"]),
        ("sudo docker service create -d web:1", ["GET /distribution/web:1/json", "POST /services/create"]),
        (
            "service update --image web:2 web",
            [
                "GET /services/web?insertDefaults=false",
                "GET /distribution/web:2/json",
                f"POST /services/{SERVICE_ID}/update?registryAuthFrom=spec&version=31",
            ],
        ),
        ("docker swarm join-token worker", ["GET /swarm"]),
        ("docker secret create key -", ["POST /secrets/create"]),
    ],
)
def test_the_requests_are_printed(engine: tuple[Served, Path], line: str, requests: list[str]) -> None:
    # GIVEN an engine that answers what the docker CLI asks, and little else
    served, socket = engine
    served.stand_in = stand_in({"api": "1.45", "before": 0})
    # WHEN a line is planned
    done = _plan(socket, line)
    # THEN its requests are printed, look-ups and all
    assert (done.returncode, done.stderr) == (0, "")
    assert [f"{step['method']} {step['path']}" for step in json.loads(done.stdout)] == requests
    # and nothing has been changed
    assert all(step["method"] == "GET" for step in served.seen)


@pytest.mark.parametrize(
    ("line", "told", "marked"),
    [
        ("docker service create --naem web web:1", "unknown flag: --naem; did you mean --name?", "--naem"),
        (
            "docker service create -p 80:http web:1",
            'invalid argument "80:http" for "-p, --publish" flag: invalid containerPort: http',
            "http",
        ),
        ("docker service create --network nosuch web:1", "network nosuch not found", "nosuch"),
        ("docker service create --oom-score-adj 1 web:1", '"--oom-score-adj" requires API version 1.46', "1"),
        ("docker service update --replicas 2 web", "replicas can only be used with replicated mode", "2"),
    ],
)
def test_a_broken_line_ends_with_2(engine: tuple[Served, Path], line: str, told: str, marked: str) -> None:
    # GIVEN an engine of API 1.45 with a global service
    served, socket = engine
    served.stand_in = stand_in({"api": "1.45", "before": 2})
    # WHEN a broken line is planned
    done = _plan(socket, line)
    # THEN one sentence tells what is wrong, what is wrong is marked, and nothing is printed
    assert (done.returncode, done.stdout) == (2, "")
    sentence, shown, mark = done.stderr.splitlines()
    assert sentence.startswith(f"dnet-tui: {told}")
    assert shown.strip() == line
    begin = mark.index("^")
    assert shown[begin : begin + mark.count("^")] == marked
    # and nothing has been changed
    assert all(step["method"] == "GET" for step in served.seen)


def test_help_tells_of_each_flag(engine: tuple[Served, Path]) -> None:
    # WHEN the help of a docker command is asked for
    done = _plan(engine[1], "docker network connect --help")
    # THEN its usage and its flags are printed, and nothing is asked of the engine for it
    assert (done.returncode, done.stderr) == (0, "")
    usage, _, _, *flags = done.stdout.splitlines()
    assert usage == "Usage: docker network connect [OPTIONS] NETWORK CONTAINER"
    assert {flag.split()[0] for flag in flags} == {f"--{name}" for name in network_flags.CONNECT}
    # but not where it belongs to the container's own command
    assert '"--help"' in _plan(engine[1], "docker service create web:1 tool --help").stdout


def test_files_are_those_of_the_folder(engine: tuple[Served, Path], tmp_path: Path) -> None:
    # GIVEN a file of environment variables
    _, socket = engine
    write_files(tmp_path)
    # WHEN a line names it
    done = _plan(socket, f"service create --no-resolve-image --env-file {tmp_path}/ENVFILE -e A=9 web:1")
    # THEN its variables are in the request, and those of the line
    (write,) = json.loads(done.stdout)
    found = write["body"]["TaskTemplate"]["ContainerSpec"]["Env"]
    assert sorted(found) == ["A=9", "B=from file", "FROM_ENV=yes"]
