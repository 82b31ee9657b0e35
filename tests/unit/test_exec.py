"""Commands in containers: no byte lost, every end told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from backends.api import ExecRequest
from backends.engine import exec as execs
from backends.engine.client import SdkEngine
from backends.engine.exec import ContainerGone, NoShell
from backends.errors import ApiError, BackendError, Conflict, Disconnected, NotFound, TimedOut
from tests.unit.engine_double import EngineDouble, Exchange, engine_double

UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
Program = Callable[[Exchange], Awaitable[int]]


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@dataclass
class Container:
    """Programs by the first word of the command; anything else is not there (exit code 126, as runc says it)."""

    double: EngineDouble
    programs: dict[str, Program] = field(default_factory=dict)
    specs: list[dict[str, object]] = field(default_factory=list)
    codes: list[int | None] = field(default_factory=list)

    def install(self) -> None:
        self.double.on("POST /containers/c1/exec", self._create)

    async def _create(self, exchange: Exchange) -> None:
        spec = json.loads(exchange.body)
        number = len(self.specs)
        self.specs.append(spec)
        self.codes.append(None)
        self.double.on(f"POST /exec/e{number}/start", self._starter(number))
        self.double.on(f"GET /exec/e{number}/json", self._inspector(number))
        self.double.replies(f"POST /exec/e{number}/resize", b"")
        await exchange.reply({"Id": f"e{number}"}, 201)

    def _starter(self, number: int) -> Callable[[Exchange], Awaitable[None]]:
        async def start(exchange: Exchange) -> None:
            spec = self.specs[number]
            command = spec["Cmd"]
            assert isinstance(command, list)
            program = self.programs.get(command[0])
            if program is None:
                await exchange.send(UPGRADED + frame(1, b"OCI runtime exec failed: executable file not found\r\n"))
                self.codes[number] = 126
            else:
                self.codes[number] = await program(exchange)
            await exchange.drop()

        return start

    def _inspector(self, number: int) -> Callable[[Exchange], Awaitable[None]]:
        async def inspect(exchange: Exchange) -> None:
            code = self.codes[number]
            await exchange.reply({"Running": code is None, "ExitCode": code})

        return inspect


@contextlib.asynccontextmanager
async def container(**programs: Program) -> AsyncIterator[tuple[Container, SdkEngine]]:
    async with engine_double() as double, double.engine() as engine:
        made = Container(double, programs)
        made.install()
        yield made, engine


async def output(session: execs.HijackedExec) -> bytes:
    data = b""
    while more := await session.read():
        data += more
    return data


async def start(engine: SdkEngine, *command: str, tty: bool = True) -> execs.HijackedExec:
    return await engine.exec("c1", ExecRequest(command, tty=tty))


async def prompt(exchange: Exchange) -> int:
    await exchange.send(UPGRADED + b"root@c1:/# ")
    return 0


async def echo(exchange: Exchange) -> int:
    await exchange.send(UPGRADED)
    data = await exchange.reader.read()
    await exchange.send(frame(1, data) + frame(2, b"done"))
    return 3


async def waits(exchange: Exchange) -> int:
    await exchange.send(UPGRADED)
    await exchange.hang()
    return 0


async def test_bytes_in_the_segment_of_the_header_are_kept() -> None:
    async with container(top=prompt) as (_, engine):
        session = await start(engine, "top")
        assert await output(session) == b"root@c1:/# "
        assert await session.wait() == 0


async def test_without_a_terminal_both_streams_come_apart_and_input_can_be_closed() -> None:
    async with container(cat=echo) as (_, engine):
        session = await start(engine, "cat", tty=False)
        await session.write(b"abc")
        await session.write_eof()
        assert await session.read_stream() == ("stdout", b"abc")
        assert await session.read_stream() == ("stderr", b"done")
        assert await session.read() == b""
        assert await session.wait() == 3


async def test_what_is_asked_of_the_engine() -> None:
    async with container(top=prompt) as (made, engine):
        request = ExecRequest(("top",), user="u", workdir="/w", env=("A=1",), privileged=True, size=(100, 40))
        session = await engine.exec("c1", request)
        spec = made.specs[0]
        assert (spec["User"], spec["WorkingDir"], spec["Env"], spec["Privileged"]) == ("u", "/w", ["A=1"], True)
        assert spec["ConsoleSize"] == [40, 100]
        assert not str(spec["DetachKeys"]).startswith("ctrl-p")
        await session.close()


async def test_an_older_engine_is_told_the_size_after_the_start() -> None:
    async with container(top=prompt) as (made, engine):
        made.double.replies("GET /version", {"ApiVersion": "1.41"})
        await engine.connect()
        session = await start(engine, "top")
        assert "ConsoleSize" not in made.specs[0]
        assert made.double.requests[-1] == "POST /v1.41/exec/e0/resize?h=24&w=80"
        await session.close()


async def test_resize() -> None:
    async with container(top=waits) as (made, engine):
        session = await start(engine, "top")
        await session.resize(132, 50)
        assert made.double.requests[-1] == "POST /v1.45/exec/e0/resize?h=50&w=132"
        made.double.replies("POST /exec/e0/resize", {"message": "process does not exist"}, 500)
        await session.resize(1, 1)
        await session.close()


async def test_closing_a_terminal_says_what_a_person_types_to_leave() -> None:
    got: list[bytes] = []

    async def shell(exchange: Exchange) -> int:
        await exchange.send(UPGRADED)
        # It misses the first ctrl-d, as one does that has not got its prompt again, and ends at the second.
        while got.count(b"\x04") < 2:
            got.append(await exchange.reader.readexactly(1))
        return 0

    async with container(sh=shell) as (_, engine):
        session = await start(engine, "sh")
        await session.close()
        assert got == [b"\x03", b"\x04", b"\x04"]


async def test_closing_a_terminal_in_which_nobody_heeds_the_keys_takes_no_longer() -> None:
    got: list[bytes] = []

    async def deaf(exchange: Exchange) -> int:
        await exchange.send(UPGRADED)
        got.append(await exchange.reader.read())
        return 0

    async with container(sh=deaf) as (_, engine):
        session = await start(engine, "sh")
        await session.close()
        async with asyncio.timeout(60):
            while not got:
                await asyncio.sleep(0.005)
        assert got == [b"\x03\x04\x04\x04"]


async def test_writing_to_what_has_ended_is_an_error() -> None:
    async with container(top=prompt) as (_, engine):
        session = await start(engine, "top")
        await output(session)

        async def flood() -> None:
            for _ in range(100):
                await session.write(b"x" * 65536)

        with pytest.raises(Disconnected):
            await flood()


@pytest.mark.parametrize("shell", ["bash", "ash", "sh"])
async def test_the_shell_that_sh_knows_of(shell: str) -> None:
    async def sh(exchange: Exchange) -> int:
        await exchange.send(UPGRADED + frame(1, f"/usr/bin/{shell}\n".encode()))
        return 0

    async with container(sh=sh, **({} if shell == "sh" else {shell: prompt})) as (made, engine):
        session = await engine.exec("c1", ExecRequest())
        assert session.command == (shell,)
        assert len(made.specs) == 2
        await session.close()


async def test_bash_without_sh_is_found() -> None:
    async def bash(exchange: Exchange) -> int:
        await exchange.send(UPGRADED)
        return 0

    async with container(bash=bash) as (_, engine):
        assert await execs.find_shell(engine, "c1") == "bash"


async def test_an_sh_without_command_v_is_still_a_shell() -> None:
    async def sh(exchange: Exchange) -> int:
        await exchange.send(UPGRADED)
        return 127 if len(made.specs) == 1 else 0

    async with container(sh=sh) as (made, engine):
        assert await execs.find_shell(engine, "c1") == "sh"


async def test_no_shell_at_all_is_a_sentence_with_choices() -> None:
    async with container() as (_, engine):
        with pytest.raises(NoShell, match="no shell in this container") as caught:
            await engine.exec("c1", ExecRequest())
        assert caught.value.hint


async def test_engines_that_refuse_a_missing_program_before_the_start() -> None:
    async with container() as (made, engine):
        made.double.on("POST /containers/c1/exec", made._create)
        message = 'OCI runtime exec failed: exec: "sh": executable file not found in $PATH: unknown'

        for number in range(4):
            made.double.routes.pop(f"POST /exec/e{number}/start", None)

        async def refuse(exchange: Exchange) -> None:
            await exchange.reply({"message": message}, 400)

        made._starter = lambda number: refuse  # type: ignore[method-assign]
        with pytest.raises(NoShell):
            await engine.exec("c1", ExecRequest())


async def test_an_unknown_user_is_not_taken_for_a_missing_shell() -> None:
    async with container(sh=prompt) as (made, engine):

        async def refuse(exchange: Exchange) -> None:
            await exchange.reply({"message": "unable to find user x: no matching entries in passwd file"}, 400)

        made._starter = lambda number: refuse  # type: ignore[method-assign]
        with pytest.raises(ApiError, match="nable to find user"):
            await engine.exec("c1", ExecRequest(user="x"))


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (409, Conflict)])
async def test_a_container_that_is_not_there_or_does_not_run(status: int, kind: type[BackendError]) -> None:
    async with container() as (made, engine):
        made.double.replies("POST /containers/c1/exec", {"message": "Container c1 is not running"}, status)
        with pytest.raises(kind) as caught:
            await engine.exec("c1", ExecRequest(("top",)))
        assert caught.value.hint == "Start the container first."


@pytest.mark.parametrize(
    ("message", "status"), [("No such exec instance: e0", 404), ("Container c1 is not running: Exited (137)", 409)]
)
async def test_a_container_that_stops_meanwhile(message: str, status: int) -> None:
    async with container(top=prompt) as (made, engine):
        session = await start(engine, "top")
        made.double.replies("GET /exec/e0/json", {"message": message}, status)
        await output(session)
        with pytest.raises(ContainerGone):
            await session.wait()


async def test_wait_asks_until_the_command_has_ended() -> None:
    async with container(top=waits) as (_, engine):
        session = await start(engine, "top", tty=False)
        waiting = asyncio.create_task(session.wait())
        await session.write_eof()
        assert await output(session) == b""
        assert await waiting == 0


async def test_output_that_ends_while_the_command_runs_is_a_lost_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a connection that merely ends, and an engine that is back at once and says that the command runs
    monkeypatch.setattr(execs, "_LATE", 0.1)
    async with container(top=prompt) as (made, engine):
        session = await start(engine, "top")
        made.double.replies("GET /exec/e0/json", {"Running": True, "ExitCode": None})
        # WHEN its output has ended THEN its exit code is not waited for until it ends there, which may be never
        await output(session)
        with pytest.raises(Disconnected, match="was lost"):
            await session.wait()


async def test_a_start_that_hangs_is_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(exchange: Exchange) -> int:
        await exchange.hang()
        return 0

    monkeypatch.setattr(execs, "_START_LIMIT", 0.2)
    async with container(top=silent) as (_, engine):
        with pytest.raises(TimedOut):
            await start(engine, "top")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 101", b"SSH-2.0-x\r\n\r\n", b"x" * 600_000])
async def test_a_start_that_breaks_off_is_a_lost_connection(answer: bytes) -> None:
    async def cut(exchange: Exchange) -> int:
        await exchange.send(answer)
        return 0

    async with container(top=cut) as (_, engine):
        with pytest.raises(Disconnected):
            await start(engine, "top")


async def test_closing_the_engine_closes_the_session() -> None:
    async with container(top=waits) as (_, engine):
        session = await engine.exec("c1", ExecRequest(("top",)))
        await engine.aclose()
        async with asyncio.timeout(60):
            assert await session.read() == b""
