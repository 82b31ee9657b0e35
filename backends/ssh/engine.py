"""How the engine of a machine is reached over its SSH connection: its socket forwarded, or a command that speaks
for it. A server refuses a forward for many reasons and names none, so the reason is what the command says."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass

from backends.contexts import DEFAULT_SOCKET
from backends.errors import BackendError, PermissionRefused, Unreachable
from backends.ssh.channels import open_unix
from backends.ssh.link import Link
from backends.ssh.report import Step
from backends.ssh.run import Collector, ask, run

_PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
_LIMIT = 15.0
#: Asks once, in any shell: who we are, what the docker command there would use, whose the socket is.
_FACTS = (
    'sh -c \'id -un; id -Gn; echo "$DOCKER_HOST"; '
    'docker context inspect --format "{{{{.Endpoints.docker.Host}}}}" 2>/dev/null || echo; '
    'stat -L -c "%U:%G, mode 0%a" {socket} 2>/dev/null || echo\''
)


@dataclass(frozen=True, slots=True)
class Way:
    """A way that has worked. One of ``socket`` (forwarded) and ``command`` (speaks HTTP on its standard streams)."""

    how: str
    """``ssh``, ``ssh, dial-stdio`` or ``ssh, with sudo``."""
    socket: str = ""
    command: str = ""
    note: str = ""
    """Why it is not the plain one, for people; empty where it is."""


@dataclass(frozen=True, slots=True)
class _Facts:
    user: str = ""
    groups: tuple[str, ...] = ()
    socket: str = ""
    """Another socket that the docker command there uses; empty where it is the usual one."""
    owner: str = ""


class _Probe:
    """A session that only finds out whether a channel opens."""

    def connection_made(self, chan: object) -> None: ...

    def session_started(self) -> None: ...

    def data_received(self, data: bytes, datatype: object) -> None: ...

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None: ...

    def resume_writing(self) -> None: ...

    def connection_lost(self, exc: Exception | None) -> None: ...


class WayFinder:
    """Finds the way to one engine. ``sudo`` says whether ``sudo -n`` may be tried."""

    def __init__(self, link: Link, *, socket: str = "", sudo: bool = False) -> None:
        self._link, self._socket, self._sudo = link, socket or DEFAULT_SOCKET, sudo
        self._given = bool(socket)
        self._began = 0.0
        self.steps: list[Step] = []

    async def find(self) -> Way:
        """The first way that works. Raises ``PermissionRefused`` or ``Unreachable`` with what the engine's side
        says, else what the connection says."""
        self._began = asyncio.get_running_loop().time()
        if await self._opens(self._socket):
            return Way("ssh", socket=self._socket)
        facts = await self._facts()
        if facts.socket and not self._given and facts.socket != self._socket and await self._opens(facts.socket):
            return Way("ssh", socket=facts.socket, note=f"The docker command there uses {facts.socket}.")
        option = f"--host {shlex.quote(f'unix://{self._socket}')} " if self._given else ""
        command = f"docker {option}system dial-stdio"
        reason = await self._speaks("dial-stdio", command)
        if reason is None:
            note = "Its sshd does not forward the socket: each connection takes 100 to 200 ms."
            return Way("ssh, dial-stdio", command=command, note=note)
        if self._sudo:
            refused = await self._speaks("sudo", f"sudo -n {command}")
            if refused is None:
                note = f"{facts.user or self._link.target.user} may not open the socket; sudo asks for no password."
                return Way("ssh, with sudo", command=f"sudo -n {command}", note=note)
            raise self._refusal(facts, reason, refused)
        raise self._refusal(facts, reason, "")

    async def _opens(self, path: str) -> bool:
        import asyncssh

        try:
            channel = await open_unix(self._link, _Probe(), path)
        except asyncssh.ChannelOpenError:
            self._noted("forward", False, f"the server does not open {path}; it gives no reason")
            return False
        channel.close()
        self._noted("forward", True, path)
        return True

    async def _speaks(self, name: str, command: str) -> str | None:
        """``None`` where an engine answers through the command, else what was said instead."""
        collector = Collector(enough=b"\r\n\r\n")
        await ask(self._link, command, collector, stdin=_PING, limit=_LIMIT, end_input=False)
        if collector.stdout.startswith(b"HTTP/1."):
            self._noted(name, True, command)
            return None
        words = (
            collector.stderr.decode("utf-8", "replace").strip() or collector.stdout.decode("utf-8", "replace").strip()
        )
        reason = words.splitlines()[-1].strip() if words else f"it ended with exit code {collector.status}"
        reason = reason.removeprefix("failed to open the raw stream connection: ")
        self._noted(name, False, reason)
        return reason

    async def _facts(self) -> _Facts:
        command = _FACTS.format(socket=shlex.quote(self._socket))
        try:
            done = await run(self._link, command, limit=_LIMIT, cap=8192)
        except Unreachable:
            return _Facts()  # no commands there: dial-stdio will say so
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        if len(lines) < 5:
            return _Facts()
        user, groups, host, context, owner = (line.strip() for line in lines[-5:])
        chosen = host or context
        path = chosen.removeprefix("unix://") if chosen.startswith("unix:///") else ""
        return _Facts(user, tuple(groups.split()), path, owner)

    def _refusal(self, facts: _Facts, reason: str, sudo_reason: str) -> BackendError:
        target = self._link.target
        user, where = facts.user or target.user, target.host
        original = f"{reason}; {sudo_reason}" if sudo_reason else reason
        if "permission denied" in reason.lower():
            owned = f" It belongs to {facts.owner}." if facts.owner else ""
            groups = f" {user} is in: {', '.join(facts.groups)}." if facts.groups else ""
            hint = f"{owned}{groups}".strip()
            if sudo_reason:
                hint += f" sudo says: {sudo_reason}."
            elif not self._sudo:
                hint += " Allowing sudo in the mapping may help where it asks for no password."
            hint += f" To join: sudo usermod -aG docker {user}, which means being root there."
            return PermissionRefused(
                f"The login works, but {user} may not use the engine of {where}.", hint=hint.strip(), original=original
            )
        if "command not found" in reason or "not found" in reason:
            return Unreachable(
                f"The login at {where} works, but it forwards no socket and has no docker command: {reason}.",
                hint="AllowStreamLocalForwarding and AllowTcpForwarding in its sshd_config, or docker in the path"
                " of logins without a terminal, would do.",
                original=original,
            )
        return Unreachable(
            f"The login at {where} works, but no engine answers there: {reason}.",
            hint="Is Docker running there? systemctl status docker",
            original=original,
        )

    def _noted(self, name: str, ok: bool, text: str) -> None:
        self.steps.append(Step(name, ok, asyncio.get_running_loop().time() - self._began, text))
