"""An engine on a machine that is reached over SSH, relayed to a private unix socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from backends.contexts import EndpointSpec
from backends.errors import (
    AuthRefused,
    BackendError,
    BadAddress,
    Disconnected,
    HostKeyRefused,
    HostKeyUnknown,
    TimedOut,
    Unreachable,
)
from backends.ssh.channels import open_session, open_unix
from backends.ssh.engine import Way, WayFinder
from backends.ssh.link import Link
from backends.ssh.pool import Pool
from backends.ssh.relay import Client, Relay
from backends.ssh.report import LinkPhase, LinkReport, Step
from backends.ssh.resolve import Resolution, Resolver
from backends.ssh.sessions import Place, Sessions
from backends.ssh.target import Target
from backends.transport.base import PrivateDirectory, TransportFactory

if TYPE_CHECKING:
    from asyncssh.channel import SSHChannel

Resolve = Callable[[], Awaitable[Resolution]]


@dataclass(frozen=True, slots=True)
class Reach:
    """How a node is reached, or why not, for the screen."""

    targets: tuple[Target, ...] = ()
    """All that are tried, the best first; the mapping's, the host name's, the address's, through the manager."""
    link: LinkReport | None = None
    """Of the target in use, or tried last."""
    how: str = ""
    """``ssh``, ``ssh, dial-stdio`` or ``ssh, with sudo``; empty as long as no engine has answered."""
    note: str = ""
    steps: tuple[Step, ...] = ()
    """What was tried, in order, the login's steps first."""
    problem: BackendError | None = None
    passed_over: tuple[str, ...] = ()


class SshTransport:
    """Implements ``backends.api.Transport``. Holds its SSH connection from ``open`` to ``close``."""

    def __init__(
        self,
        resolve: Resolve,
        pool: Pool,
        *,
        endpoint: str,
        sudo: bool = False,
        on_return: Callable[[], None] | None = None,
    ) -> None:
        """``resolve`` is asked at the first ``open`` and after ``allow``. ``sudo`` lets ``sudo -n docker`` be tried
        where the mapping says nothing of it. ``on_return`` is called when a lost connection stands again by itself."""
        self._resolve, self._pool, self._endpoint, self._sudo = resolve, pool, endpoint, sudo
        self.on_return = on_return
        self._resolution: Resolution | None = None
        self._stack = contextlib.AsyncExitStack()
        self._link: Link | None = None
        self._way: Way | None = None
        self._directory: PrivateDirectory | None = None
        self._relay: Relay | None = None
        self._opening = asyncio.Lock()
        self._was_up = False
        self.reach = Reach()
        self.told: Callable[[], None] = lambda: None
        """Called whenever ``reach`` has changed."""

    @property
    def endpoint(self) -> str:
        """``ssh://user@host:port`` once it is known, else what it was made from."""
        return self._link.target.url if self._link is not None else self._endpoint

    @property
    def how(self) -> str:
        """``ssh``, ``ssh, dial-stdio`` or ``ssh, with sudo``; empty before the first ``open``."""
        return self._way.how if self._way is not None else ""

    @property
    def link(self) -> Link | None:
        """The connection in use, for shells and commands on the machine itself."""
        return self._link

    async def open(self) -> str:
        """Connects where need be, finds the way to the engine, and relays it. Waits while a person is asked.

        Raises ``AuthRefused`` or ``HostKeyRefused`` (again at once, until ``allow``), ``PermissionRefused``,
        ``Unreachable`` or ``TimedOut``.
        """
        async with self._opening:
            try:
                return await self._open()
            except BackendError as error:
                self._note(problem=error)
                raise

    async def close(self) -> None:
        """Ends the relay and lets the connection go."""
        if self._relay is not None:
            await self._relay.close()
            self._relay = None
        self._link = None
        await self._stack.aclose()
        if self._directory is not None:
            self._directory.remove()
            self._directory = None

    async def allow(self) -> None:
        """A person says "try again": resolves anew, and takes back what was refused or declined."""
        for target in self.reach.targets:
            self._pool.allow(target)
        self._resolution = None
        if self._link is None or self._link.report.phase is not LinkPhase.UP or self._narrow:
            await self._let_go()  # also where the server may have been told another number of sessions

    async def _open(self) -> str:
        if self._resolution is None:
            self._resolution = await self._resolve()
            self._note(targets=self._resolution.targets, passed_over=self._resolution.passed_over)
            if self._link is not None and self._link.target not in self._resolution.targets:
                await self._let_go()  # another login is wanted now
            if not self._resolution.targets:
                raise Unreachable("This is the node itself: it is not reached over SSH.")
        if self._link is None:
            self._link = await self._connect(self._resolution.targets)
        link = self._link
        await link.up()
        self._was_up = True
        if self._narrow:
            raise _narrow_refusal(link)
        sudo = self._sudo if self._resolution.sudo is None else self._resolution.sudo
        finder = WayFinder(link, socket=self._resolution.socket, sudo=sudo)
        try:
            self._way = await finder.find()
        finally:
            self._note(link=link.report, steps=(*link.report.steps, *finder.steps))
        self._note(how=self._way.how, note=self._way.note, problem=None)
        if self._relay is None or self._directory is None:
            self._directory = PrivateDirectory()
            self._relay = Relay(
                self._channel, self._sessions_wanted, lambda: self._way is not None and not self._way.socket
            )
            await self._relay.listen(self._directory.socket("engine.sock"))
        return self._directory.socket("engine.sock")

    async def _let_go(self) -> None:
        self._link = None
        await self._stack.aclose()

    async def _connect(self, targets: tuple[Target, ...]) -> Link:
        """The link of the first target that comes up. One that refuses us is the machine's own word: the others
        lead to the same machine, and a second refused login is one nearer to a ban."""
        first: BackendError | None = None
        unknown: Target | None = None
        dead: set[str] = set()
        for target in targets:
            if not target.jump and target.host in dead:
                continue
            async with contextlib.AsyncExitStack() as stack:
                link = await stack.enter_async_context(self._pool.lease(target))
                try:
                    with self._followed(link):
                        await link.up(ask_host_key=len(targets) == 1)
                except HostKeyUnknown:
                    # It may be known under the node's other name; only then is a person asked.
                    unknown = unknown or target
                except (AuthRefused, HostKeyRefused):
                    self._note(link=link.report, steps=link.report.steps)
                    raise
                except (Unreachable, TimedOut, Disconnected) as error:
                    first = first or error
                    dead.update(link.addresses)
                else:
                    self._keep(stack, link)
                    return link
                self._note(link=link.report, steps=link.report.steps)
        if unknown is not None:
            async with contextlib.AsyncExitStack() as stack:
                link = await stack.enter_async_context(self._pool.lease(unknown))
                try:
                    with self._followed(link):
                        await link.up()
                finally:
                    self._note(link=link.report, steps=link.report.steps)
                self._keep(stack, link)
                return link
        raise first or Unreachable(f"{self._endpoint} cannot be reached.")

    @contextlib.contextmanager
    def _followed(self, link: Link) -> Iterator[None]:
        """Tells how a link stands while it is being opened: that may take as long as a person takes to answer."""
        end = link.on_change(lambda: self._note(link=link.report))
        try:
            yield
        finally:
            end()

    def _keep(self, stack: contextlib.AsyncExitStack, link: Link) -> None:
        self._stack = stack.pop_all()
        self._stack.callback(link.on_change(lambda: self._changed(link)))
        for asked, give in ((link.sessions.make_room, self._make_room), (link.sessions.give_up, self._give_up)):
            asked.append(give)
            self._stack.callback(asked.remove, give)

    def _changed(self, link: Link) -> None:
        """A connection that ends takes all relayed ones with it, by itself; here it is told that it is back."""
        self._note(link=link.report)
        phase = link.report.phase
        if phase is LinkPhase.LOST:
            self._was_up = False
            self._note(problem=link.report.problem)
        elif phase is LinkPhase.UP and not self._was_up and not self._opening.locked():
            self._was_up = True
            if self.on_return is not None:
                self.on_return()

    async def _channel(self, client: Client) -> SSHChannel[bytes]:
        link, way = self._link, self._way
        if link is None or way is None or link.report.phase is not LinkPhase.UP:
            raise Disconnected("There is no SSH connection.")  # open() brings it back, and has the reason
        if way.socket:
            return await open_unix(link, client.remote, way.socket)

        def placed(place: Place) -> None:
            client.place = place

        return await open_session(link, client.remote, way.command, client.use, placed)

    @property
    def _narrow(self) -> bool:
        """Whether it has shown that the server has one session only: following events takes it, and then there is none
        for any question."""
        link, way = self._link, self._way
        return link is not None and way is not None and bool(way.command) and link.sessions.limit < 2

    def _sessions_wanted(self) -> bool:
        return self._link is not None and self._link.sessions.wanted

    def _make_room(self) -> bool:
        return self._relay is not None and self._relay.make_room()

    def _give_up(self) -> bool:
        return self._relay is not None and self._relay.give_up()

    @property
    def crowded(self) -> str:
        """Why there is no room for streams although the connection stands; empty where there is some."""
        sessions = self._counted
        if sessions is None or not sessions.crowded:
            return ""
        return f"its sshd allows {sessions.limit} sessions, and shells or commands have all but the one for questions"

    def starved(self, since: float) -> bool:
        """Whether, while the connection stands, a question found no room since then, in monotonic seconds."""
        sessions = self._counted
        return sessions is not None and sessions.starved(since)

    @property
    def _counted(self) -> Sessions | None:
        """The sessions of a connection that stands and whose every use takes one."""
        link, way = self._link, self._way
        if link is None or way is None or way.socket or link.report.phase is not LinkPhase.UP:
            return None
        return link.sessions

    def _note(self, **changes: object) -> None:
        self.reach = replace(self.reach, **changes)  # type: ignore[arg-type]
        self.told()


def _narrow_refusal(link: Link) -> Unreachable:
    host = link.target.host
    return Unreachable(
        f"The login at {host} works, but its sshd forwards no socket and has one session only.",
        hint="In its sshd_config, MaxSessions of 2 or more would do, or AllowStreamLocalForwarding and"
        " AllowTcpForwarding.",
    )


def ssh_factory(pool: Pool, resolver: Resolver, *, sudo: bool = False) -> TransportFactory:
    """Makes transports of ``ssh://[user@]host[:port][/path/of/docker.sock]`` endpoints on a pool of one's own, for
    ``backends.transport.register("ssh", …)``."""

    def make(spec: EndpointSpec) -> SshTransport:
        return transport_of(spec, pool, resolver, sudo=sudo)

    return make


def transport_of(spec: EndpointSpec, pool: Pool, resolver: Resolver, *, sudo: bool = False) -> SshTransport:
    """The transport of an ``ssh://`` endpoint, not opened yet."""

    parts = urlsplit(spec.url)

    async def resolve() -> Resolution:
        if parts.password:
            raise BadAddress(
                f"The address of {spec.origin} has a password in it, where everybody can read it.",
                hint="Take it out: it is asked for when it is needed.",
            )
        try:
            host, port = parts.hostname or "", parts.port or 0
        except ValueError as error:
            raise BadAddress(f"The address of {spec.origin} makes no sense: {error}.") from error
        target = await resolver.login(host, unquote(parts.username or ""), port, spec.origin)
        path = unquote(parts.path) if parts.path not in ("", "/") else ""
        return Resolution((target,), socket=path)

    shown = f"ssh://{parts.netloc.rpartition('@')[2]}" if parts.password else spec.url
    return SshTransport(resolve, pool, endpoint=shown, sudo=sudo)


def default_transport(spec: EndpointSpec) -> SshTransport:
    """For programs that made no pool of their own: nobody is asked, nothing is shared with other endpoints."""
    return transport_of(spec, Pool(), Resolver())
