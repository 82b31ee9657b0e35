"""One SSH connection, shared by all channels of a host: opened when it is needed, kept, and brought back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backends.errors import BackendError, Disconnected, HostKeyUnknown, Unreachable
from backends.ssh import dial, library, problems
from backends.ssh.attempt import Attempt
from backends.ssh.login import Login
from backends.ssh.offers import Wanted
from backends.ssh.report import LinkPhase, LinkReport, Step
from backends.ssh.sessions import Sessions
from backends.ssh.target import Target, hop_target

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection

    from backends.ssh.pool import Pool
    from backends.ssh.proxy import Proxy

#: Seconds between attempts after a loss; the last one holds. With an attempt that takes 2.5 s at most, a link is
#: back within 5 s of its return.
BACKOFF = (0.2, 1.0, 2.0)


class Link:
    """Made by ``Pool.lease``. All methods belong to one event loop."""

    def __init__(self, target: Target, pool: Pool) -> None:
        self.target = target
        self._pool = pool
        self._connection: SSHClientConnection | None = None
        self._login: Login | None = None
        self._opening: asyncio.Task[SSHClientConnection] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._stood = False
        self._closed = False
        self.sessions = Sessions()
        self.holders = 0
        self._holding: contextlib.AsyncExitStack | None = None
        self._proxy: Proxy | None = None
        self.addresses: tuple[str, ...] = ()
        """What the host's name was found to mean."""
        self.report = LinkReport(target, since=time.time())
        self.ended_for: Exception | None = None
        """Why we ended the last connection ourselves: asyncssh does not tell that those whose channels end with it."""

    # -- coming and going -------------------------------------------------------------------------------

    @property
    def standing(self) -> bool:
        """Whether the connection stands now."""
        return self._connection is not None

    async def up(self, *, ask_host_key: bool = True) -> SSHClientConnection:
        """The connection, opened now if need be; all who want it meanwhile share the attempt. Waits as long as a
        person takes to answer.

        Raises ``AuthRefused`` or ``HostKeyRefused``, again and without asking the server until
        ``Pool.allow``; else
        ``Unreachable`` or ``TimedOut``. With ``ask_host_key`` a person is asked about an unknown key first.
        """
        while True:
            if self._closed:
                raise Disconnected(f"The SSH connection to {self.target.host} has been closed.")
            if self._connection is not None:
                return self._connection
            refusal = self._pool.refusals.get(self.target)
            if refusal is None:
                if self._opening is None:
                    self._opening = asyncio.create_task(self._open(), name=f"ssh {self.target}")
                    self._opening.add_done_callback(self._opened)
                opening = self._opening
                try:
                    return await asyncio.shield(opening)
                except asyncio.CancelledError:
                    if opening.cancelled() and not _cancelling():
                        continue  # it was closed under us, which is no reason for us to end
                    raise
                except HostKeyUnknown:
                    refusal = self._pool.refusals.get(self.target)
                    if refusal is None:
                        continue  # somebody has allowed it meanwhile
            if not ask_host_key or not refusal.may_be_asked:
                self._tell(phase=LinkPhase.REFUSED, problem=refusal.error)
                raise refusal.error.with_traceback(None)
            await self._ask_about(refusal.error)

    def allowed(self) -> None:
        """A person has said that it is to be tried again."""
        self._wake.set()
        if self.report.phase is LinkPhase.REFUSED:
            self._tell(phase=LinkPhase.IDLE, problem=None)

    def wake(self) -> None:
        """Something suggests that the machine is back: a lost connection is tried now."""
        self._wake.set()

    def look(self) -> None:
        """Ends the connection where the machine has been silent for too long: all that waits on it hears of it."""
        connection, login = self._connection, self._login
        if connection is None or login is None:
            return
        made = connection.get_extra_info("socket")
        if made is not None and dial.silence(made) > dial.NOTICE:
            self.ended_for = TimeoutError("silent")
            self._lost(login, self.ended_for)
            connection.abort()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls ``listener`` after each change of ``report``; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    async def close(self) -> None:
        """Ends the connection and all that goes over it."""
        self._closed = True
        tasks = [task for task in (self._opening, self._keeper) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1.0):
                    await connection.wait_closed()
        await self._release_way()
        self._tell(phase=LinkPhase.IDLE)

    # -- inside -----------------------------------------------------------------------------------------

    async def _open(self, quick: bool = False) -> SSHClientConnection:
        await library.load()
        async with contextlib.AsyncExitStack() as stack:
            tunnel = None
            if self.target.jump:
                # Before the gate: those who wait for a hop must not keep it from being opened.
                hop = await stack.enter_async_context(self._pool.lease(hop_target(self.target)))
                try:
                    tunnel = await hop.up()
                except BackendError as error:
                    self._failed(error, hop.report.steps, of_hop=True)
                    raise
            while True:
                attempt = self._attempt(quick)
                try:
                    self._tell(phase=LinkPhase.OPENING, attempt=self.report.attempt + 1, next_try=None)
                    connection = await attempt.connect(tunnel)
                    break
                except Wanted as wanted:
                    self._tell(phase=LinkPhase.ASKING)
                    await wanted.settle()
                except BackendError as error:
                    self._learn(attempt)
                    self._failed(error, tuple(attempt.steps))
                    raise
            if connection.is_closed():
                raise problems.lost(self.target, None)
            self._stand(connection, attempt)
            if self.target.jump:
                self._holding = stack.pop_all()  # the hop is held as long as what goes through it
        return connection

    def _attempt(self, quick: bool) -> Attempt:
        attempt = Attempt(
            self.target,
            answers=self._pool.answers,
            ring=self._pool.ring,
            known_hosts=self._pool.known_hosts,
            lookups=self._pool.lookups,
            gate=self._pool.gate,
            asking=lambda asking: self._tell(phase=LinkPhase.ASKING if asking else LinkPhase.OPENING),
            quick=quick,
        )
        attempt.login.lost = lambda error: self._lost(attempt.login, error)
        return attempt

    def _opened(self, task: asyncio.Task[SSHClientConnection]) -> None:
        self._opening = None
        if not task.cancelled():
            task.exception()  # whoever waited has it

    def _stand(self, connection: SSHClientConnection, attempt: Attempt) -> None:
        self._connection, self._login, self._proxy = connection, attempt.login, attempt.proxy
        self._stood, self.ended_for = True, None
        self._pool.refusals.passable(self.target)
        self._pool.watch()
        self.sessions.reset()
        self.addresses = attempt.addresses or self.addresses
        key = connection.get_server_host_key()
        self._tell(
            phase=LinkPhase.UP,
            login=attempt.login.record.used,
            server=str(connection.get_extra_info("server_version") or ""),
            fingerprint=key.get_fingerprint() if key is not None else "",
            steps=tuple(attempt.steps),
            problem=None,
            attempt=0,
            next_try=None,
        )

    def _learn(self, attempt: Attempt) -> None:
        self.addresses = attempt.addresses or self.addresses
        if attempt.login.server:
            self._tell(server=attempt.login.server)

    def _failed(self, error: BackendError, steps: tuple[Step, ...], *, of_hop: bool = False) -> None:
        refused = self._pool.refusals.note(self.target, error, of_hop=of_hop)
        phase = LinkPhase.REFUSED if refused else LinkPhase.LOST if self._stood else LinkPhase.FAILED
        self._tell(phase=phase, problem=error, steps=steps)

    async def _ask_about(self, unknown: BackendError) -> None:
        """Asks whether our own unknown key is to be trusted; raises it again where it is not."""
        assert isinstance(unknown, HostKeyUnknown)
        self._tell(phase=LinkPhase.ASKING, problem=unknown)
        try:
            trusted = await self._pool.trusting.ask(self.target, unknown, self.report.server)
        except Unreachable as error:
            # The next tries, which do not ask, have it still.
            unknown.hint = f"{error} {unknown.hint}"
            raise
        finally:
            self._tell(phase=LinkPhase.REFUSED)
        if not trusted:
            raise unknown.with_traceback(None)
        self._pool.refusals.drop(self.target)

    def _lost(self, login: Login, error: Exception | None) -> None:
        """Called by asyncssh when a connection has ended; those that never stood are none of ours."""
        if login is not self._login or self._connection is None:
            return
        self._connection = self._login = None
        if self._closed:
            return
        self._tell(phase=LinkPhase.LOST, problem=problems.lost(self.target, error))
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._bring_back(), name=f"ssh {self.target} again")

    async def _bring_back(self) -> None:
        """Tries until it stands again, or is refused, or nobody needs it."""
        tries = 0
        await self._release_way()
        while self.holders and self._connection is None and not self._closed and not self._refused():
            pause = BACKOFF[min(tries, len(BACKOFF) - 1)]
            self._tell(next_try=time.time() + pause)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            tries += 1
            if self._opening is None and self._connection is None:
                self._opening = asyncio.create_task(self._open(quick=True), name=f"ssh {self.target}")
                self._opening.add_done_callback(self._opened)
            if self._opening is not None:
                with contextlib.suppress(BackendError):
                    await asyncio.shield(self._opening)

    def _refused(self) -> bool:
        return self._pool.refusals.get(self.target) is not None

    async def _release_way(self) -> None:
        """Lets the hop go that a connection went through, or ends its proxy command."""
        proxy, self._proxy = self._proxy, None
        if proxy is not None:
            await proxy.finish()
        holding, self._holding = self._holding, None
        if holding is not None:
            await holding.aclose()

    def _tell(self, **changes: Any) -> None:
        phase = changes.get("phase", self.report.phase)
        if phase is not self.report.phase:
            changes["since"] = time.time()
        self.report = replace(self.report, **changes)
        for listener in tuple(self._listeners):
            listener()


def _cancelling() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
