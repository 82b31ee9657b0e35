"""A private unix socket here whose connections are SSH channels: bytes go from one callback into the other.

Through streams and tasks the same is half as fast. Each side that cannot take more stops the other from reading.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from backends.ssh.exchange import Exchange
from backends.ssh.requests import use_of
from backends.ssh.sessions import Place, Use

if TYPE_CHECKING:
    from asyncssh.channel import SSHChannel

#: Bytes that may wait for a local reader before the channel is stopped.
_HIGH_WATER = 1024 * 1024
_SOCKET_BUFFER = 512 * 1024
#: As much of what a command says on stderr is kept.
_MOST_WORDS = 4096

Opener = Callable[["Client"], Awaitable["SSHChannel[bytes]"]]
"""Opens a channel with the client's ``remote`` as its session; raises where that fails."""


class Client(asyncio.Protocol):
    """One local connection and its channel. To asyncio it is the local end's protocol, to asyncssh the session of
    the channel; the two have most names in common, so each way has an object of its own."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self.transport: asyncio.Transport | None = None
        self.channel: SSHChannel[bytes] | None = None
        self.remote = _Remote(self)
        self.words = b""
        """What the other side's command said on stderr."""
        self.status: int | None = None
        """Its exit code, once it has ended by itself."""
        self.exchange: Exchange | None = None
        """Set where the connection holds a session of the server, which it may have to give up when it is idle."""
        self.use = Use.SHORT
        """What such a session is wanted for: known with the first request, before which none is opened."""
        self.place: Place | None = None
        self._first = b""
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected: nothing is read until there is a channel."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.pause_reading()
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        made = transport.get_extra_info("socket")
        if made is not None:
            with contextlib.suppress(OSError):
                made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
        if self._relay.counted:
            self.exchange = Exchange()
            transport.resume_reading()
            self._relay.came(self)
        else:
            self._relay.opening(self)

    @property
    def waits(self) -> bool:
        """Whether it has no place for its session yet."""
        return self.exchange is not None and (self.place is None or not self.place.held)

    def opened(self, channel: SSHChannel[bytes]) -> None:
        """The channel is there."""
        self.channel = channel
        if self.transport is None or self.transport.is_closing():
            channel.close()
            return
        self.transport.resume_reading()
        first, self._first = self._first, b""
        if first:
            self.data_received(first)
        if self._ended:
            self.eof_received()

    def data_received(self, data: bytes) -> None:
        """From the local end."""
        if self.exchange is not None and not self._counts(data):
            return
        if self.channel is not None:
            with contextlib.suppress(OSError):  # it is just being closed
                self.channel.write(data)

    def _leaves(self) -> None:
        """Its session ends soon, though the server frees that only after a while: it is none that lasts any more, and
        takes no room from the streams that come after it."""
        if self.place is not None:
            self.use = Use.SHORT
            self.place.turn(self.use)

    def _counts(self, data: bytes) -> bool:
        """What is sent over a session of the server: of each request the first line says what it takes. Returns
        whether it may be passed on now."""
        assert self.exchange is not None
        if self.channel is not None:
            use = use_of(data) if self.exchange.idle else self.use
            self.exchange.sent()
            if use is not None and use is not self.use:
                self.use = use
                if self.place is None or not self.place.turn(use):
                    self.drop()
                    return False
            return True
        self._first += data
        use = use_of(self._first)
        if use is not None and self.transport is not None and self.transport.is_reading():
            self.use = use
            self.transport.pause_reading()
            self._relay.opening(self)
        return False

    def eof_received(self) -> bool:
        """The local end sends no more, but may still read."""
        if self.channel is not None:
            with contextlib.suppress(OSError):
                self.channel.write_eof()
            if self.use is Use.SPARE:
                self._leaves()  # nobody reads a stream whose request they have ended
        elif self._first and self.transport is not None and self.transport.is_reading():
            self.use = Use.LONG  # no request at all
            self.transport.pause_reading()
            self._relay.opening(self)
        self._ended = True
        return self.channel is not None or bool(self._first)

    def pause_writing(self) -> None:
        """The local end takes no more for now."""
        if self.channel is not None:
            self.channel.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        if self.channel is not None:
            self.channel.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The local end has gone."""
        self.transport = None
        if self.channel is not None:
            self.channel.close()
            self._leaves()
        self._relay.gone(self)

    def answered(self) -> None:
        """An exchange is over, and the connection idle."""
        if self.place is not None:
            self.use = Use.SHORT
            self.place.turn(self.use)
        if self._relay.wanted():
            self.retire()

    def retire(self) -> bool:
        """Ends an idle connection in good order, for another to have its session; returns whether it did."""
        transport, channel = self.transport, self.channel
        if self.exchange is None or not self.exchange.idle or transport is None or channel is None:
            return False
        made = transport.get_extra_info("socket")
        waiting = select.poll()
        waiting.register(made.fileno(), select.POLLIN)
        if waiting.poll(0):
            return False  # the next request has just come
        # Told at once, so that nobody sends a request on it any more.
        transport.write_eof()
        transport.close()
        channel.close()
        return True

    def give_up(self) -> bool:
        """Ends a stream that can be done without; returns whether it was one."""
        if self.use is not Use.SPARE or self.channel is None or self.transport is None:
            return False
        self.drop()
        return True

    def drop(self) -> None:
        """Ends both."""
        if self.channel is not None:
            self.channel.close()
        if self.transport is not None:
            self.transport.abort()


class _Remote:
    """Stands in for ``asyncssh.SSHClientSession`` and ``SSHUNIXSession``."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.on_end: Callable[[], None] | None = None
        """Called once, when the channel has ended."""

    def connection_made(self, chan: SSHChannel[bytes]) -> None:
        """The channel is being opened."""

    def session_started(self) -> None:
        """It is open."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """From the other side; ``datatype`` says that it is stderr."""
        client = self._client
        if datatype is not None:
            client.words = (client.words + data)[:_MOST_WORDS]
        elif client.transport is not None:
            client.transport.write(data)
            if client.exchange is not None and client.exchange.received(data):
                client.answered()

    def eof_received(self) -> bool:
        """The other side sends no more, but may still read."""
        transport = self._client.transport
        if transport is not None and not transport.is_closing():
            with contextlib.suppress(OSError):
                transport.write_eof()
        return True

    def pause_writing(self) -> None:
        """The other side takes no more for now."""
        if self._client.transport is not None:
            self._client.transport.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        if self._client.transport is not None:
            self._client.transport.resume_reading()

    def exit_status_received(self, status: int) -> None:
        """The command has ended."""
        self._client.status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """The command was killed."""
        self._client.status = -1

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel has ended: what has come is still delivered."""
        self._client.channel = None
        if self._client.transport is not None:
            self._client.transport.close()
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()


class Relay:
    """The listening socket; what a connection to it leads to is decided by ``opener``, anew for each."""

    def __init__(
        self, opener: Opener, wanted: Callable[[], bool] = lambda: False, counts: Callable[[], bool] = lambda: False
    ) -> None:
        """``wanted`` says whether somebody waits for a session of the server, ``counts`` whether each connection takes
        one."""
        self._opener, self.wanted, self._counts = opener, wanted, counts
        self._server: asyncio.AbstractServer | None = None
        self._clients: set[Client] = set()
        self._tasks: dict[Client, asyncio.Task[None]] = {}

    async def listen(self, path: str) -> None:
        """Begins to listen; ``path`` lies in a folder that only this user may enter."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._server = await loop.create_unix_server(lambda: Client(self), path)

    @property
    def counted(self) -> bool:
        """Whether each connection takes a session of the server."""
        return self._counts()

    def came(self, client: Client) -> None:
        """A client is there, and has said nothing yet."""
        self._clients.add(client)

    def opening(self, client: Client) -> None:
        """A client wants a channel."""
        self._clients.add(client)
        task = asyncio.get_running_loop().create_task(self._open(client))
        self._tasks[client] = task
        task.add_done_callback(lambda _: self._tasks.pop(client, None))

    def gone(self, client: Client) -> None:
        """A client has left; it waits for no place any more. A channel that is being opened is, and closed then: one
        that nobody waits for would stay."""
        self._clients.discard(client)
        if client in self._tasks and client.waits:
            self._tasks[client].cancel()

    def make_room(self) -> bool:
        """Gives up the session of an idle connection; returns whether there was one."""
        return any(client.retire() for client in tuple(self._clients))

    def give_up(self) -> bool:
        """Ends a stream that can be done without; returns whether there was one."""
        return any(client.give_up() for client in tuple(self._clients))

    def drop_all(self) -> None:
        """Ends what goes through it now; it goes on listening."""
        for client in tuple(self._clients):
            client.drop()

    async def close(self) -> None:
        """Ends everything."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        self.drop_all()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)

    async def _open(self, client: Client) -> None:
        try:
            client.opened(await self._opener(client))
        except Exception:
            client.drop()  # it sees its connection end, and asks the transport's open() why
