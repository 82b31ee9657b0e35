"""The way to a machine below SSH: its name looked up, a TCP connection made, and watched by the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Sequence
from typing import Any

from backends.engine.pool import CallPool
from backends.errors import TimedOut

#: Look-ups at once: the resolver of a dead network blocks a thread for many seconds.
_LOOKUPS = 16
#: Seconds until the next address is tried while the one before has not answered (RFC 8305, section 5).
_STAGGER = 0.25

#: A cut link is noticed after 9 s: kernel probes cost us nothing, where SSH's own keepalives of 300 connections
#: would keep a core busy. ``TCP_USER_TIMEOUT`` holds for data that is under way, the probes for a quiet connection
#: (tcp(7)).
NOTICE = 9.0
_PROBES = (("TCP_KEEPIDLE", 3), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 2), ("TCP_USER_TIMEOUT", int(NOTICE * 1000)))

#: ``tcpi_last_data_recv`` and ``tcpi_last_ack_recv`` of ``struct tcp_info`` (linux/tcp.h), in ms.
_LAST_HEARD = struct.Struct("=52xII")

Address = tuple[int, int, int, str, Any]


class Lookups:
    """Names to addresses on daemon threads, so that a resolver that hangs keeps neither us nor the end waiting."""

    def __init__(self) -> None:
        self._pool = CallPool(_LOOKUPS)

    async def find(self, host: str, port: int, family: int, limit: float) -> Sequence[Address]:
        """The addresses of a host. Raises ``socket.gaierror``, or ``TimeoutError``."""

        def look_up(_left: float) -> Sequence[Address]:
            return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)

        try:
            return await self._pool.run(look_up, limit, f"a look-up of {host}")
        except TimedOut as error:
            raise TimeoutError("name") from error

    def close(self) -> None:
        """Lets the threads end."""
        self._pool.close()


async def dial(addresses: Sequence[Address], limit: float) -> socket.socket:
    """A connected socket to the first address that answers. Raises what the last one said (``OSError``), or
    ``TimeoutError``."""
    waiting = list(addresses)
    running: set[asyncio.Task[socket.socket]] = set()
    error: OSError = TimeoutError("connect")
    try:
        async with asyncio.timeout(limit):
            while waiting or running:
                if waiting:
                    running.add(asyncio.create_task(_connect(waiting.pop(0))))
                done, running = await asyncio.wait(
                    running, timeout=_STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                winners = [task.result() for task in done if task.exception() is None]
                for spare in winners[1:]:
                    spare.close()
                if winners:
                    return winners[0]
                for task in done:
                    failed = task.exception()
                    error = failed if isinstance(failed, OSError) else error
    finally:
        for task in running:
            task.cancel()
        for result in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(result, socket.socket):
                result.close()
    raise error


#: What makes the sockets; tests put them into another network namespace.
make_socket = socket.socket


async def _connect(address: Address) -> socket.socket:
    family, kind, protocol, _, where = address
    made = make_socket(family, kind, protocol)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, where)
        watch(made)
    except BaseException:
        made.close()
        raise
    return made


def watch(connection: socket.socket) -> bool:
    """Lets the kernel notice a cut link; returns whether it can."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option, value in _PROBES:
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return kernel_watches()


def kernel_watches() -> bool:
    """Whether this system can notice a cut link by itself, also with data under way."""
    return hasattr(socket, "TCP_USER_TIMEOUT")


def silence(connection: socket.socket) -> float:
    """Seconds in which nothing at all has come from the other side, not even an acknowledgement; 0 where this system
    does not tell. The probes make a quiet connection speak every 3 s. The kernel's own time limit begins anew with
    every write into a dead link, so that one written to just before its end would be missed twice as late."""
    if not hasattr(socket, "TCP_INFO"):
        return 0.0
    try:
        said = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_HEARD.size)
        data, answer = _LAST_HEARD.unpack(said)
        return float(min(data, answer)) / 1000.0
    except (OSError, struct.error):
        return 0.0
