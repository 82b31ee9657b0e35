"""One SSH connection, shared by all channels of a host: opened when it is needed, kept, and brought back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from backends.errors import AuthRefused, BackendError, Disconnected, HostKeyRefused, HostKeyUnknown, TimedOut
from backends.ssh import hostkeys, library, problems
from backends.ssh.attempt import Attempt
from backends.ssh.login import Login, Wanted
from backends.ssh.questions import YES, Question, QuestionKind
from backends.ssh.report import LinkPhase, LinkReport
from backends.ssh.sessions import LAG, Sessions
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHClientChannel, SSHClientConnection, SSHUNIXChannel

    from backends.ssh.pool import Pool

#: Seconds between attempts after a loss; the last one holds. With an attempt that takes 2.5 s at most, a link is
#: back within 6 s of its return.
BACKOFF = (0.2, 1.0, 2.0, 3.0)
#: Bytes that may be under way to us on one channel: at 30 ms of round trip 4 MiB are 130 MB/s.
WINDOW = 4 * 1024 * 1024
#: Seconds that opening a channel may take.
_CHANNEL_LIMIT = 15.0


class Session(Protocol):
    """What runs on a session's channel: it has the methods of ``asyncssh.SSHClientSession``, and calls ``on_end``
    from its ``connection_lost``."""

    on_end: Callable[[], None] | None


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
        self._refusal: BackendError | None = None
        self._listeners: list[Callable[[], None]] = []
        self._stood = False
        self._closed = False
        self.sessions = Sessions()
        self.holders = 0
        self._holding: contextlib.AsyncExitStack | None = None
        self.addresses: tuple[str, ...] = ()
        """What the host's name was found to mean."""
        self.report = LinkReport(target, since=time.time())

    # -- coming and going -------------------------------------------------------------------------------

    async def up(self, *, ask_host_key: bool = True) -> SSHClientConnection:
        """The connection, opened now if need be; all who want it meanwhile share the attempt. Waits as long as a
        person takes to answer.

        Raises ``AuthRefused`` or ``HostKeyRefused``, again and without asking the server until ``allow``; else
        ``Unreachable`` or ``TimedOut``. With ``ask_host_key`` a person is asked about an unknown key first.
        """
        while True:
            if self._closed:
                raise Disconnected(f"The SSH connection to {self.target.host} has been closed.")
            if self._connection is not None:
                return self._connection
            if self._refusal is not None:
                if not ask_host_key or not isinstance(self._refusal, HostKeyUnknown):
                    raise self._refusal.with_traceback(None)
            else:
                if self._opening is None:
                    self._opening = asyncio.create_task(self._open(), name=f"ssh {self.target}")
                    self._opening.add_done_callback(self._opened)
                try:
                    return await asyncio.shield(self._opening)
                except HostKeyUnknown:
                    if not ask_host_key:
                        raise
            unknown = self._refusal
            if isinstance(unknown, HostKeyUnknown) and not await self._trusted(unknown):
                raise unknown.with_traceback(None)

    def allow(self) -> None:
        """A person says that it is to be tried again: what was refused or declined is asked anew."""
        self._refusal = None
        self._wake.set()
        if self.report.phase is LinkPhase.REFUSED:
            self._tell(phase=LinkPhase.IDLE, problem=None)

    def wake(self) -> None:
        """Something suggests that the machine is back: a lost connection is tried now."""
        self._wake.set()

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
        await self._release_hop()
        if connection is not None:
            connection.abort()
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1.0):
                    await connection.wait_closed()
        self._tell(phase=LinkPhase.IDLE)

    # -- channels ---------------------------------------------------------------------------------------

    async def unix(self, session: object, path: str) -> SSHUNIXChannel[bytes]:
        """A channel to a socket there, its data given to ``session`` (the methods of ``asyncssh.SSHUNIXSession``).
        Raises ``asyncssh.ChannelOpenError``, which says nothing about why, or ``BackendError``."""
        connection = await self.up()
        made: Any = session
        try:
            with self._in_words():
                async with asyncio.timeout(_CHANNEL_LIMIT):
                    channel, _ = await connection.create_unix_connection(
                        lambda: made, path, encoding=None, window=WINDOW
                    )
        except TimeoutError as error:
            raise TimedOut(f"{self.target.host} did not open {path} within {_CHANNEL_LIMIT:g} s.") from error
        return channel

    async def session(self, session: Session, command: str | None, **options: Any) -> SSHClientChannel[bytes]:
        """A channel that runs a command, or the login shell without one; queued while the server allows no more.

        Raises ``TimedOut`` where no place came free, ``asyncssh.ChannelOpenError`` where there is none at all.
        """
        import asyncssh

        made: Any = session
        try:
            async with asyncio.timeout(_CHANNEL_LIMIT):
                while True:
                    connection = await self.up()
                    place = await self.sessions.take()
                    session.on_end = place.free
                    try:
                        with self._in_words():
                            channel, _ = await connection.create_session(
                                lambda: made, command, encoding=None, window=WINDOW, **options
                            )
                        return channel
                    except asyncssh.ChannelOpenError:
                        place.free(opened=False)
                        if not self.sessions.refused():
                            raise
                    except BaseException:
                        place.free()
                        raise
                    await asyncio.sleep(LAG)
        except TimeoutError as error:
            raise TimedOut(
                f"{self.target.host} allows no more sessions on one connection, and none came free.",
                hint="MaxSessions in its sshd_config allows more; allowing socket forwarding needs none.",
            ) from error

    @contextlib.contextmanager
    def _in_words(self) -> Any:
        import asyncssh

        try:
            yield
        except asyncssh.ChannelOpenError as error:
            if self._connection is None:
                raise Disconnected(
                    f"The SSH connection to {self.target.host} was lost.", original=str(error)
                ) from error
            raise
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise problems.lost(self.target, error) from error

    # -- inside -----------------------------------------------------------------------------------------

    async def _open(self, quick: bool = False) -> SSHClientConnection:
        await library.load()
        async with contextlib.AsyncExitStack() as stack:
            tunnel = None
            if self.target.jump:
                # Before the gate: those who wait for a hop must not keep it from being opened.
                hop = await stack.enter_async_context(self._pool.lease(hop_target(self.target)))
                tunnel = await hop.up()
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
                    self._failed(error, attempt)
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
        self._connection, self._login = connection, attempt.login
        self._stood = True
        self.sessions.reset()
        self.addresses = attempt.addresses or self.addresses
        key = connection.get_server_host_key()
        self._tell(
            phase=LinkPhase.UP,
            login=attempt.login.used,
            server=str(connection.get_extra_info("server_version") or ""),
            fingerprint=key.get_fingerprint() if key is not None else "",
            steps=tuple(attempt.steps),
            problem=None,
            attempt=0,
            next_try=None,
        )

    def _failed(self, error: BackendError, attempt: Attempt) -> None:
        self.addresses = attempt.addresses or self.addresses
        if attempt.login.server:
            self._tell(server=attempt.login.server)
        refused = isinstance(error, (AuthRefused, HostKeyRefused))
        if refused:
            self._refusal = error
        phase = LinkPhase.REFUSED if refused else LinkPhase.LOST if self._stood else LinkPhase.FAILED
        self._tell(phase=phase, problem=error, steps=tuple(attempt.steps))

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
        await self._release_hop()
        while self.holders and self._connection is None and self._refusal is None and not self._closed:
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

    async def _release_hop(self) -> None:
        holding, self._holding = self._holding, None
        if holding is not None:
            await holding.aclose()

    async def _trusted(self, unknown: HostKeyUnknown) -> bool:
        """Asks about an unknown key, and remembers it on yes."""
        question = Question(
            kind=QuestionKind.HOST_KEY,
            what=f"{self.target.key_name} {unknown.fingerprint}",
            wanted_by=str(self.target),
            via=self.target.via,
            fingerprint=unknown.fingerprint,
            algorithm=unknown.algorithm,
            server=self.report.server,
            files=unknown.files,
            known_as=unknown.known_as,
        )
        if self.target.batch:
            return False
        self._tell(phase=LinkPhase.ASKING)
        answers = self._pool.answers
        try:
            answer = await answers.get(question)
        finally:
            self._tell(phase=LinkPhase.REFUSED)
        answers.drop(question.key)  # on yes known_hosts has the answer from now on
        if answer != YES:
            return False
        async with self._pool.remembering:
            trusted = self._pool.known_hosts.trust(self.target).keys
            if all(key.get_fingerprint() != unknown.fingerprint for key in trusted):
                await asyncio.to_thread(hostkeys.remember, self.target, unknown.key)
        self._refusal = None
        return True

    def _tell(self, **changes: Any) -> None:
        phase = changes.get("phase", self.report.phase)
        if phase is not self.report.phase:
            changes["since"] = time.time()
        self.report = replace(self.report, **changes)
        for listener in tuple(self._listeners):
            listener()


def hop_target(target: Target) -> Target:
    """The last hop before a target, with the hops before that one."""
    return replace(target.jump[-1], jump=target.jump[:-1])
