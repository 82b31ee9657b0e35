"""An SSH server in this process that does what a test wants: kinds of login, refusals, limits, hanging."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncssh

from backends.ssh.questions import Question
from backends.ssh.target import Target


@functools.cache
def key(name: str) -> asyncssh.SSHKey:
    """The same key for the same name, for the whole run."""
    return asyncssh.generate_private_key("ssh-ed25519", comment=name)


@functools.cache
def rsa_key(name: str) -> asyncssh.SSHKey:
    """A key of another type."""
    return asyncssh.generate_private_key("ssh-rsa", key_size=2048, comment=name)


@dataclass
class Rules:
    """How a server behaves; may be changed while it runs."""

    passwords: dict[str, str] = field(default_factory=dict)
    keys: list[asyncssh.SSHKey] = field(default_factory=list)
    authorities: list[asyncssh.SSHKey] = field(default_factory=list)
    prompts: list[tuple[str, bool, str]] = field(default_factory=list)
    """Keyboard-interactive: (prompt, echo, right answer)."""
    open_door: bool = False
    """No login is needed."""
    sockets: dict[str, str] = field(default_factory=dict)
    """Forwarded sockets: path there to path here; others are refused."""
    tcp: bool = True
    sessions: int = 10
    commands: dict[str, Callable[[asyncssh.SSHServerProcess[bytes]], Any]] = field(default_factory=dict)
    """By the command's beginning; without one that fits it is "not found"."""


@dataclass
class SshHost:
    """A running server and what it has seen."""

    rules: Rules
    port: int
    host_key: asyncssh.SSHKey
    acceptor: asyncssh.SSHAcceptor
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    """What was tried: ``password``, ``key``, ``prompt``."""
    commands: list[str] = field(default_factory=list)
    running: int = 0

    def target(self, folder: Path, **changes: Any) -> Target:
        """A target that leads here, its known_hosts in ``folder``."""
        made = Target(
            host="127.0.0.1",
            port=self.port,
            user="ops",
            known_hosts=(str(folder / "known_hosts"),),
        )
        return replace(made, **changes)

    def known(self, folder: Path, host_key: asyncssh.SSHKey | None = None) -> Path:
        """Writes a known_hosts file that has this server's key, or another."""
        path = folder / "known_hosts"
        line = (host_key or self.host_key).export_public_key("openssh").decode().split()
        with path.open("a") as file:
            file.write(f"[127.0.0.1]:{self.port} {line[0]} {line[1]}\n")
        return path

    def hang_up(self) -> None:
        """Drops all connections as a machine that was switched off and on would."""
        for connection in tuple(self.connections):
            connection.abort()

    async def down(self) -> None:
        """Stops listening, and hangs up."""
        self.acceptor.close()
        self.hang_up()
        await self.acceptor.wait_closed()


class _Server(asyncssh.SSHServer):
    def __init__(self, host: SshHost) -> None:
        self._host = host
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._host.connections.append(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        assert self._connection is not None
        self._host.connections.remove(self._connection)

    def begin_auth(self, username: str) -> bool:
        return not self._host.rules.open_door

    def public_key_auth_supported(self) -> bool:
        return bool(self._host.rules.keys or self._host.rules.authorities)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._host.logins.append("key")
        return any(key.public_data == known.public_data for known in self._host.rules.keys)

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return any(key.public_data == known.public_data for known in self._host.rules.authorities)

    def password_auth_supported(self) -> bool:
        return bool(self._host.rules.passwords)

    def validate_password(self, username: str, password: str) -> bool:
        self._host.logins.append("password")
        return self._host.rules.passwords.get(username) == password

    def kbdint_auth_supported(self) -> bool:
        return bool(self._host.rules.prompts)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "Two steps", "Type them all", "en", [(prompt, echo) for prompt, echo, _ in self._host.rules.prompts]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        if not responses:
            return False
        self._host.logins.append("prompt")
        return list(responses) == [right for _, _, right in self._host.rules.prompts]

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return self._host.rules.tcp

    def unix_connection_requested(self, dest_path: str) -> Any:
        here = self._host.rules.sockets.get(dest_path)
        if here is None:
            return False
        assert self._connection is not None
        return self._connection.forward_unix_connection(here)

    def session_requested(self) -> Any:
        if self._host.running >= self._host.rules.sessions:
            return False
        self._host.running += 1

        async def run(process: asyncssh.SSHServerProcess[bytes]) -> None:
            command = process.command or ""
            self._host.commands.append(command)
            try:
                for start, action in self._host.rules.commands.items():
                    if command.startswith(start):
                        await action(process)
                        return
                process.stderr.write(f"sh: {command.split()[0] if command else ''}: command not found\n".encode())
                process.exit(127)
            except (OSError, asyncssh.Error):
                pass
            finally:
                self._host.running -= 1
                process.close()

        return asyncssh.SSHServerProcess(run, None, 3, False)


@contextlib.asynccontextmanager
async def ssh_host(
    rules: Rules | None = None, host_key: asyncssh.SSHKey | None = None, port: int = 0, **options: Any
) -> AsyncIterator[SshHost]:
    """Runs a server until the end of the block."""
    used = host_key or key("host")
    host: SshHost
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_factory=lambda: _Server(host),
        server_host_keys=[used],
        encoding=None,
        line_editor=False,
        allow_scp=False,
        **options,
    )
    host = SshHost(rules or Rules(open_door=True), acceptor.get_port(), used, acceptor)
    try:
        yield host
    finally:
        await host.down()


def dial_stdio(socket_path: str) -> Callable[[asyncssh.SSHServerProcess[bytes]], Any]:
    """What ``docker system dial-stdio`` does."""

    async def act(process: asyncssh.SSHServerProcess[bytes]) -> None:
        reader, writer = await asyncio.open_unix_connection(socket_path)

        async def up() -> None:
            while data := await process.stdin.read(65536):
                writer.write(data)
                await writer.drain()
            writer.write_eof()

        async def down() -> None:
            while data := await reader.read(65536):
                process.stdout.write(data)
                await process.stdout.drain()
            process.stdout.write_eof()

        sending = asyncio.create_task(up())
        try:
            await down()
            process.exit(0)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            writer.close()

    return act


def says(*, stdout: str = "", stderr: str = "", status: int = 0) -> Callable[[asyncssh.SSHServerProcess[bytes]], Any]:
    """A command that writes and ends."""

    async def act(process: asyncssh.SSHServerProcess[bytes]) -> None:
        process.stdout.write(stdout.encode())
        process.stderr.write(stderr.encode())
        process.exit(status)

    return act


class Person:
    """Answers questions as told, and remembers what was asked."""

    def __init__(self, *answers: str | None, wait: bool = False) -> None:
        """With ``wait`` each question waits until ``go`` is set."""
        self.answers = list(answers)
        self.asked: list[Question] = []
        self.withdrawn: list[Question] = []
        self.go = asyncio.Event()
        if not wait:
            self.go.set()

    async def ask(self, question: Question) -> str | None:
        """The next answer; ``None`` when there are no more."""
        self.asked.append(question)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.withdrawn.append(question)
            raise
        return self.answers.pop(0) if self.answers else None


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for a condition; fails at the deadline."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
