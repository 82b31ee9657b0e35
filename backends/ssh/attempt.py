"""One attempt to connect and log in, with its clock: from a target to a connection, or to an error in words."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

from backends.errors import BackendError
from backends.ssh import dial, problems
from backends.ssh.hostkeys import KnownHosts, Trust
from backends.ssh.keys import KeyRing
from backends.ssh.login import Login
from backends.ssh.names import is_address
from backends.ssh.offers import Wanted
from backends.ssh.proxy import Proxy
from backends.ssh.questions import Answers
from backends.ssh.report import Step
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection

#: Seconds for the TCP connection, for the server's greeting after it, and for the login.
CONNECT_LIMIT, GREETING_LIMIT, LOGIN_LIMIT = 5.0, 8.0, 30.0
#: Seconds for the TCP connection to a machine that was there a moment ago: a SYN that was lost is sent again after
#: 1 s and 3 s, and a fresh one finds a link that is back sooner.
QUICK_LIMIT = 2.5
#: (seconds, unanswered ones) of SSH's own keepalive. The kernel notices a cut link; this one notices a frozen sshd.
#: Behind a hop the kernel sees only the hop.
_KEEPALIVE, _KEEPALIVE_BEHIND = (30, 2), (3, 2)
#: Ciphers in hardware come first: asyncssh does AES-GCM about twice as fast as ChaCha20.
_FAST = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")


class Attempt:
    """Made for one try. ``gate`` bounds how many are made at once; it is given back while a person types."""

    def __init__(
        self,
        target: Target,
        *,
        answers: Answers,
        ring: KeyRing,
        known_hosts: KnownHosts,
        lookups: dial.Lookups,
        gate: asyncio.Semaphore,
        asking: Callable[[bool], None],
        quick: bool = False,
    ) -> None:
        """``asking`` is told when a person is asked, and when no more."""
        self._target, self._known_hosts, self._lookups = target, known_hosts, lookups
        self._gate, self._asking, self._quick = gate, asking, quick
        self._holding = False
        self._clock: asyncio.Timeout | None = None
        self._limit = 0.0
        self._began = 0.0
        self._dialled = self._done = False
        self.proxy: Proxy | None = None
        self.login = Login(target, answers, ring, self._pause, self._login_begins)
        self.addresses: tuple[str, ...] = ()
        self.steps: list[Step] = []

    async def connect(self, tunnel: SSHClientConnection | None) -> SSHClientConnection:
        """The connection, logged in. Raises ``Wanted`` where a person must answer first, else ``BackendError``."""
        loop = asyncio.get_running_loop()
        await self._take_gate()
        self._began = loop.time()
        trust: Trust | None = None
        made: socket.socket | None = None
        try:
            trust = self._known_hosts.trust(self._target)
            async with asyncio.timeout(None) as self._clock:
                if self._target.proxy_command:
                    self.proxy = Proxy(self._target.proxy_command)
                    made = await self.proxy.start()
                    self.login.ended = self.proxy.end
                elif tunnel is None:
                    made = await self._dial()
                self._dialled = True
                self._allow(GREETING_LIMIT)
                connection = await self._greet(trust, made, tunnel)
                made = None
            self._done = True
            self._noted("login", True, self.login.record.used)
            return connection
        except Wanted:
            raise
        except Exception as error:
            pending, self.login.pending = self.login.pending, None
            if pending is not None:
                raise pending from error
            if self.proxy is not None:
                await self.proxy.settled()
            known = self._explained(error, trust)
            self._noted(self._failed_step(known), False, str(known))
            raise known from error
        finally:
            self._clock = None
            if made is not None:
                made.close()
            self.login.close()
            self._give_gate()
            if not self._done and self.proxy is not None:
                await self.proxy.finish()

    def _explained(self, error: Exception, trust: Trust | None) -> BackendError:
        import asyncssh

        shown = self.login.shown
        if isinstance(error, asyncssh.HostKeyNotVerifiable) and trust is not None:
            if shown is not None:
                return self._known_hosts.refusal(self._target, trust, shown, str(error))
            if "revoked" in str(error) and trust.revoked:
                return self._known_hosts.refusal(self._target, trust, trust.revoked[0], str(error))
        if isinstance(error, asyncssh.PermissionDenied):
            self.login.refused()
        said = self.proxy.words if self.proxy is not None else ""
        return problems.explain(self._target, error, self.login if self._dialled else None, self._limit, said)

    async def _dial(self) -> socket.socket:
        target = self._target
        self._allow(QUICK_LIMIT if self._quick else target.limit or CONNECT_LIMIT)
        if is_address(target.host) and "%" not in target.host:
            family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
            where = (target.host, target.port, 0, 0) if ":" in target.host else (target.host, target.port)
            found: Sequence[dial.Address] = [(family, socket.SOCK_STREAM, 0, "", where)]
        else:
            found = await self._lookups.find(target.host, target.port, target.family, self._limit)
        self.addresses = tuple(dict.fromkeys(str(address[4][0]) for address in found))
        made = await dial.dial(found, self._limit)
        self._noted("connect", True, f"{made.getpeername()[0]} port {target.port} answers")
        return made

    async def _greet(
        self, trust: Trust, made: socket.socket | None, tunnel: SSHClientConnection | None
    ) -> SSHClientConnection:
        import asyncssh

        target = self._target
        behind = made is None or self.proxy is not None or not dial.kernel_watches()
        interval, count = _KEEPALIVE_BEHIND if behind else _KEEPALIVE
        more: dict[str, object] = {}
        if tunnel is not None:
            more["tunnel"] = tunnel
        else:
            more["sock"] = made
        if target.macs:
            more["mac_algs"] = _supported(target.macs, asyncssh.mac.get_mac_algs())
        if target.exchanges:
            more["kex_algs"] = _supported(target.exchanges, asyncssh.kex.get_kex_algs())
        connection: SSHClientConnection = await asyncssh.connect(
            target.host,
            target.port,
            config=None,
            client_factory=lambda: self.login,
            username=target.user,
            known_hosts=lambda host, address, port: (trust.keys, trust.authorities, trust.revoked, (), (), (), ()),
            host_key_alias=target.host_key_alias or None,
            server_host_key_algs=trust.algorithms(target.host_key_types),
            encryption_algs=_ciphers(target.ciphers),
            compression_algs=None,
            x509_trusted_certs=None,
            client_keys=None,  # the login hands them out itself, and the agent's
            agent_path=None,
            gss_host=None,
            host_based_auth=False,
            preferred_auth=target.methods,
            connect_timeout=None,
            login_timeout=0,
            keepalive_interval=interval,
            keepalive_count_max=count,
            **more,
        )
        key = connection.get_server_host_key()
        if key is not None:
            self._noted("host key", True, f"{key.get_algorithm()} {key.get_fingerprint()}")
        return connection

    # -- the clock --------------------------------------------------------------------------------------

    def _allow(self, seconds: float) -> None:
        self._limit = seconds
        if self._clock is not None:
            with contextlib.suppress(RuntimeError):  # it has just run out
                self._clock.reschedule(asyncio.get_running_loop().time() + seconds)

    def _login_begins(self) -> None:
        self._allow(LOGIN_LIMIT)

    @contextlib.asynccontextmanager
    async def _pause(self) -> AsyncIterator[None]:
        if self._clock is not None:
            with contextlib.suppress(RuntimeError):
                self._clock.reschedule(None)
        self._give_gate()
        self._asking(True)
        try:
            yield
        finally:
            self._asking(False)
            self._allow(LOGIN_LIMIT)
        await self._take_gate()

    async def _take_gate(self) -> None:
        await self._gate.acquire()
        self._holding = True

    def _give_gate(self) -> None:
        if self._holding:
            self._holding = False
            self._gate.release()

    # -- what was tried ---------------------------------------------------------------------------------

    def _noted(self, name: str, ok: bool, text: str) -> None:
        self.steps.append(Step(name, ok, asyncio.get_running_loop().time() - self._began, text))

    def _failed_step(self, error: BackendError) -> str:
        from backends.errors import HostKeyRefused

        if isinstance(error, HostKeyRefused):
            return "host key"
        return "login" if self.login.phase == "login" else "connect"


def _supported(wanted: Sequence[str], known: Sequence[bytes]) -> list[str] | tuple[()]:
    """Those that asyncssh knows, which refuses a list with others; its own choice where it knows none."""
    return [name for name in wanted if name.encode() in known] or ()


def _ciphers(wanted: Sequence[str]) -> list[str] | tuple[()]:
    import asyncssh

    default = [name.decode() for name in asyncssh.encryption.get_default_encryption_algs()]
    allowed = _supported(wanted, asyncssh.encryption.get_encryption_algs()) or default
    return [*(name for name in _FAST if name in allowed), *(name for name in allowed if name not in _FAST)]
