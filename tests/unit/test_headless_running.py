"""exec: bytes, streams and exit codes, on sessions that do what a test wants."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from backends.api import Cluster, ExecRequest, ExecSession
from backends.engine.exec import NoShell
from backends.errors import ApiError, BackendError, Conflict, Disconnected, Unreachable
from backends.model import Changes, Container, EngineInfo, Key, Kind, Link, LinkState, Node, Service, Snapshot
from backends.model import SwarmMembership as Membership
from tui.cli import UsageError
from tui.headless import running
from tui.headless.arguments import Arguments
from tui.headless.pipes import Inlet, Outlet


@dataclass
class Ran:
    """A command's session: what it will write, and the code it ends with."""

    out: bytes = b""
    err: bytes = b""
    code: int = 0
    command: tuple[str, ...] = ("x",)
    closed: bool = False

    def __post_init__(self) -> None:
        self._left = [("stdout", self.out), ("stderr", self.err), ("stdout", b"")]
        self._left = [part for part in self._left[:2] if part[1]] + self._left[2:]
        self.given = b""

    async def read_stream(self) -> tuple[str, bytes]:
        return self._left.pop(0)

    async def read(self) -> bytes:
        return (await self.read_stream())[1]

    async def write(self, data: bytes) -> None:
        self.given += data

    async def write_eof(self) -> None: ...

    async def resize(self, columns: int, rows: int) -> None: ...

    async def wait(self) -> int:
        return self.code

    async def close(self) -> None:
        self.closed = True


class Swarm:
    """As much of a cluster as exec needs: one manager, one service."""

    def __init__(self, containers: dict[str, Ran | BackendError]) -> None:
        self.sessions = containers
        self.requests: list[ExecRequest] = []
        labels = {"com.docker.swarm.service.id": "s1", "com.docker.swarm.service.name": "web"}
        self.snapshot = Snapshot(
            link=Link(endpoint="unix://x", state=LinkState.LIVE),
            engine=EngineInfo(
                id="e", name="mgr", swarm=Membership(node_id="n1", state="active", control_available=True)
            ),
            nodes={"n1": Node(id="n1", hostname="mgr", state="ready")},
            services={"s1": Service(id="s1", name="web", running=len(containers))},
            containers={
                name: Container(id=name, name=name, node_id="n1", state="running", labels=labels) for name in containers
            },
            listed={Kind.NODE: 1.0, Kind.SERVICE: 1.0, Kind.CONTAINER: 1.0},
            listed_on={(Kind.CONTAINER, "n1"): 1.0},
            tasks_of={"s1": 1.0},
        )

    @property
    def cluster(self) -> Cluster:
        """As what it stands for."""
        return cast(Cluster, self)

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        return lambda: None

    def watch(self, interest: object) -> None: ...

    async def exec(self, key: Key, request: ExecRequest) -> ExecSession:
        self.requests.append(request)
        found = self.sessions[key.id]
        if isinstance(found, BackendError):
            raise found
        return found


def wanted(**more: object) -> Arguments:
    return Arguments("exec", target="web", words=("x",), **more)  # type: ignore[arg-type]


async def test_all_bytes_pass_and_streams_stay_apart(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    # GIVEN a command that writes every byte there is
    every = bytes(range(256)) * 64
    session = Ran(every, err=every[::-1], code=9)
    # WHEN it is run
    code = await running.run(Swarm({"web.1": session}).cluster, wanted())
    # THEN they come out as they are, each on its own stream
    said = capfdbinary.readouterr()
    assert (code, said.out, said.err) == (9, every, every[::-1])
    assert session.closed


async def test_environment_is_ours_where_only_a_name_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("NOPE", raising=False)
    swarm = Swarm({"web.1": Ran()})
    # WHEN variables are given with and without values
    await running.run(swarm.cluster, wanted(env=("A=1", "LANG", "NOPE"), user="u", workdir="/w", privileged=True))
    # THEN the engine gets them as docker exec sends them
    (request,) = swarm.requests
    assert request.env == ("A=1", "LANG=C.UTF-8", "NOPE")
    assert (request.user, request.workdir, request.privileged, request.tty) == ("u", "/w", True, False)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ApiError("x", status=400, original='exec: "x": executable file not found in $PATH'), 127),
        (ApiError("x", status=400, original="stat /x: no such file or directory"), 127),
        (ApiError("x", status=400, original="exec: /etc: permission denied"), 126),
        (NoShell("There is no shell."), 127),
        (Conflict("It does not run.", status=409), 1),
        (Disconnected("permission denied"), 1),
    ],
)
async def test_a_command_that_does_not_start_has_the_shells_codes(
    error: BackendError, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await running.run(Swarm({"web.1": error}).cluster, wanted()) == code
    assert capfd.readouterr().err == f"dnet-tui: {error}\n"


async def test_env_without_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="-e takes NAME=VALUE"):
        await running.run(Swarm({"web.1": Ran()}).cluster, wanted(env=("=x",)))


async def test_a_pipe_that_nobody_reads_is_told() -> None:
    # GIVEN a pipe whose reader has gone
    source, sink = os.pipe()
    os.close(source)
    outlet = Outlet(sink)
    # WHEN something is written, THEN it fails as a write does
    await outlet.put(b"x")
    with pytest.raises(BrokenPipeError):
        await outlet.finish()
    os.close(sink)


async def test_more_than_a_pipe_holds_goes_through_a_descriptor_that_does_not_block() -> None:
    # GIVEN a pipe that somebody else made non-blocking
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    inlet, outlet = Inlet(source), Outlet(sink)
    data = os.urandom(1 << 20)

    # WHEN more than it holds is written at once
    got = b""
    for at in range(0, len(data), 1 << 17):
        await outlet.put(data[at : at + (1 << 17)])
        got += await inlet.read()
    finishing = outlet.finish()
    while len(got) < len(data):
        got += await inlet.read()
    await finishing
    # THEN all of it comes, in order, and then the end
    assert got == data
    os.close(sink)
    assert await inlet.read() == b""
    os.close(source)


async def test_output_that_ends_without_an_exit_code_is_a_lost_connection() -> None:
    # GIVEN a command whose connection is cut in its middle: its output ends, and the engine cannot be asked
    class Cut(Ran):
        async def wait(self) -> int:
            raise Unreachable("The connection to the engine ended during GET /exec/e0/json.")

    # WHEN it is run THEN it is said which connection was lost, and that the command may go on
    with pytest.raises(Disconnected, match=r"The connection to web\.1 on mgr was lost: .* x may go on there"):
        await running.run(Swarm({"web.1": Cut(b"half")}).cluster, wanted())
