"""One exec of a container: what was asked for, and how it went."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field

from backends.fake import shell
from backends.fake.api import Api
from backends.fake.bus import Obj
from backends.fake.profiles import profile_of
from backends.fake.shell_commands import COMMANDS
from backends.fake.shell_files import Files


@dataclass(eq=False)
class Execution:
    """State of one exec, for ``GET /exec/ID/json``."""

    id: str
    container_id: str
    argv: list[str]
    tty: bool = False
    user: str = ""
    workdir: str = ""
    env: list[str] = field(default_factory=list)
    privileged: bool = False
    stdin: bool = False
    running: bool = False
    exit_code: int | None = None
    pid: int = 0
    size: tuple[int, int] = (80, 24)
    task: asyncio.Task[int] | None = None

    def end(self, code: int) -> None:
        """It was killed, for example with its container."""
        if self.running:
            self.running = False
            self.exit_code = code
            if self.task is not None:
                self.task.cancel()

    def json(self) -> Obj:
        """As the engine tells it."""
        return {
            "ID": self.id,
            "Running": self.running,
            "ExitCode": self.exit_code,
            "ProcessConfig": {
                "tty": self.tty,
                "entrypoint": self.argv[0] if self.argv else "",
                "arguments": self.argv[1:],
                "privileged": self.privileged,
                "user": self.user,
            },
            "OpenStdin": self.stdin,
            "OpenStderr": True,
            "OpenStdout": True,
            "CanRemove": False,
            "ContainerID": self.container_id,
            "DetachKeys": "",
            "Pid": self.pid,
        }


class Pipe:
    """A hijacked connection as a shell's terminal: frames its output where there is no tty."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, tty: bool, head: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._tty = tty
        # the headers wait for the first output, so that both leave in one segment, as a real engine's may
        self._out = [head]

    def write(self, data: bytes) -> None:
        """Output, kept until the next ``flush``."""
        if data:
            self._out.append(data if self._tty else struct.pack(">BxxxL", 1, len(data)) + data)

    async def flush(self) -> None:
        """Sends it; waits while the other side does not take it."""
        if self._out:
            self._writer.write(b"".join(self._out))
            self._out.clear()
            await self._writer.drain()

    async def read(self) -> bytes:
        """Input; sends what was written before."""
        await self.flush()
        return await self._reader.read(65536)


def refusal(execution: Execution, shells: tuple[str, ...], api_version: str) -> tuple[int, str] | None:
    """(exit code, the runtime's words) where the program is not in the image."""
    program = execution.argv[0] if execution.argv else ""
    name = program.rpartition("/")[2]
    # an image without any shell has no other tools either
    if name in shells or (shells and (name in COMMANDS or name in ("sleep", "exit"))):
        return None
    where = "no such file or directory" if "/" in program else "executable file not found in $PATH"
    if "/" in program:
        where = f"stat {program}: {where}"
    code = 127 if tuple(map(int, api_version.split("."))) >= (1, 44) else 126
    return code, (
        f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{program}": {where}: unknown'
    )


def files_of(api: Api, box: Obj) -> Files:
    """The container's files, the same for all who look."""
    known = api.host.info.setdefault("_files", {})
    if box["Id"] not in known:
        ends = box["NetworkSettings"]["Networks"].values()
        hosts = {e["IPAddress"]: box["Config"]["Hostname"] for e in ends if e["IPAddress"]}
        known[box["Id"]] = Files(box, profile_of(box["Config"]["Image"]), hosts)
    files: Files = known[box["Id"]]
    return files


def resolver(api: Api, box: Obj) -> dict[str, str]:
    """What the DNS inside a container knows: services on its networks, and containers of this machine."""
    names: dict[str, str] = {"localhost": "127.0.0.1"}
    ends = box["NetworkSettings"]["Networks"]
    ids = {e["NetworkID"] for e in ends.values()}
    for service in api.world.services.values():
        for vip in service["Endpoint"].get("VirtualIPs") or ():
            if vip["NetworkID"] in ids:
                names.setdefault(service["Spec"]["Name"], vip["Addr"].partition("/")[0])
    for other in api.host.containers.values():
        for name, end in other["NetworkSettings"]["Networks"].items():
            if name in ends and end["IPAddress"]:
                names.setdefault(other["Name"].removeprefix("/"), end["IPAddress"])
    return names


async def run(api: Api, execution: Execution, box: Obj, pipe: Pipe) -> int:
    """Runs it to its end; returns the exit code."""
    profile = profile_of(box["Config"]["Image"])
    refused = refusal(execution, profile.shells, api.host.api)
    if refused is not None:
        pipe.write(refused[1].encode() + b"\r\n")
        await pipe.flush()
        return refused[0]
    name = execution.argv[0].rpartition("/")[2]
    names = resolver(api, box)
    session = shell.Shell(
        box,
        files_of(api, box),
        pipe,
        name=name if name in profile.shells else "sh",
        tty=execution.tty,
        user=execution.user,
        workdir=execution.workdir,
        env=execution.env,
        now=api.world.now,
        size=lambda: execution.size,
        resolve=lambda wanted: names.get(wanted, ""),
    )
    try:
        if name not in profile.shells:
            code = await session.words(execution.argv)
        elif len(execution.argv) > 2 and execution.argv[1].startswith("-") and execution.argv[1].endswith("c"):
            code = await session.script(execution.argv[2])
        else:
            code = await session.interact()
    except shell.Exit as end:
        code = end.code
    await pipe.flush()
    return code
