"""Channels of a connection: a socket there, or a command. Bytes only: asyncssh's default, text in UTF-8, ends the
whole connection at the first byte that is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from backends.errors import Disconnected, TimedOut
from backends.ssh import problems
from backends.ssh.link import Link
from backends.ssh.sessions import LAG, Place, Use

if TYPE_CHECKING:
    from asyncssh import SSHClientChannel, SSHUNIXChannel

#: Bytes that may be under way to us on one channel: at 30 ms of round trip 4 MiB are 130 MB/s.
WINDOW = 4 * 1024 * 1024
#: Seconds that opening a channel may take, the wait for a place included.
CHANNEL_LIMIT = 15.0


class Session(Protocol):
    """What runs on a session's channel: it has the methods of ``asyncssh.SSHClientSession``, and calls ``on_end``
    from its ``connection_lost``."""

    on_end: Callable[[], None] | None


async def open_unix(link: Link, session: object, path: str) -> SSHUNIXChannel[bytes]:
    """A channel to a socket there, its data given to ``session`` (the methods of ``asyncssh.SSHUNIXSession``).
    Raises ``asyncssh.ChannelOpenError``, which says nothing about why, or ``BackendError``."""
    connection = await link.up()
    made: Any = session
    try:
        with _in_words(link):
            async with asyncio.timeout(CHANNEL_LIMIT):
                channel, _ = await connection.create_unix_connection(lambda: made, path, encoding=None, window=WINDOW)
    except TimeoutError as error:
        raise TimedOut(f"{link.target.host} did not open {path} within {CHANNEL_LIMIT:g} s.") from error
    return channel


async def open_session(
    link: Link,
    session: Session,
    command: str | None,
    use: Use = Use.SHORT,
    placed: Callable[[Place], None] = lambda _: None,
    **options: Any,
) -> SSHClientChannel[bytes]:
    """A channel that runs a command, or the login shell without one; queued while the server allows no more. What
    lasts (``use``) leaves one place to what is over soon. ``placed`` is told the place that was taken.

    Raises ``TimedOut`` where no place came free, ``asyncssh.ChannelOpenError`` where there is none at all, and
    ``Unreachable`` at once for a stream that can be done without.
    """
    import asyncssh

    made: Any = session
    try:
        async with asyncio.timeout(CHANNEL_LIMIT):
            while True:
                connection = await link.up()
                place = await link.sessions.take(use)
                session.on_end = place.free
                placed(place)
                try:
                    with _in_words(link):
                        channel, _ = await connection.create_session(
                            lambda: made, command, encoding=None, window=WINDOW, **options
                        )
                    return channel
                except asyncssh.ChannelOpenError:
                    place.free(opened=False)
                    if not link.sessions.refused():
                        raise
                except BaseException:
                    place.free()
                    raise
                await asyncio.sleep(LAG)
    except TimeoutError as error:
        raise TimedOut(
            f"{link.target.host} allows no more sessions on one connection, and none came free.",
            hint="MaxSessions in its sshd_config allows more; allowing socket forwarding needs none.",
        ) from error


@contextlib.contextmanager
def _in_words(link: Link) -> Iterator[None]:
    import asyncssh

    try:
        yield
    except asyncssh.ChannelOpenError as error:
        if not link.standing:
            raise Disconnected(f"The SSH connection to {link.target.host} was lost.", original=str(error)) from error
        raise
    except (asyncssh.Error, OSError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise problems.lost(link.target, error) from error
