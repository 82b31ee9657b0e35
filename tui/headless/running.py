"""``exec``: one command in one container, its bytes and its exit code passed through."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Protocol, runtime_checkable

from backends.api import Cluster, ExecRequest, ExecSession
from backends.engine.exec import NoShell
from backends.errors import ApiError, BackendError, Disconnected, TimedOut, Unreachable
from backends.model import Container
from tui.cli import UsageError
from tui.headless import plain
from tui.headless.arguments import Arguments
from tui.headless.pipes import Inlet, Outlet
from tui.headless.settle import Watch
from tui.headless.target import Finder
from tui.terminal.handover import hand_over, window

#: What a shell says of a command that it cannot execute, or does not find; docker exec says the same.
CANNOT, NOT_FOUND = 126, 127
#: Left by the leave key, or the terminal went: the command was hung up on.
HUNG_UP = 129
_ABSENT = ("executable file not found", "no such file or directory")
_FORBIDDEN = ("permission denied", "exec format error", "is a directory")


@runtime_checkable
class Apart(Protocol):
    """A session that keeps stdout and stderr apart, as engines do where there is no terminal."""

    async def read_stream(self) -> tuple[str, bytes]:
        """(``stdout`` or ``stderr``, bytes); no bytes at the end."""
        ...


async def next_bytes(session: ExecSession) -> tuple[str, bytes]:
    """The next bytes with the stream they came from; no bytes at the end."""
    if isinstance(session, Apart):
        return await session.read_stream()
    return "stdout", await session.read()


def refused(error: BackendError) -> int:
    """The exit code for a command that could not be started."""
    text = error.original.lower()
    if isinstance(error, NoShell):
        return NOT_FOUND
    if isinstance(error, ApiError):
        if any(words in text for words in _ABSENT):
            return NOT_FOUND
        if any(words in text for words in _FORBIDDEN):
            return CANNOT
    return 1


def request(given: Arguments) -> ExecRequest:
    """What is to be run, as the engine takes it; the terminal's size is that of ours. Raises ``UsageError`` where
    there is no terminal to give."""
    tty, interactive = given.tty, given.interactive
    if not given.words and not interactive:
        if not (os.isatty(0) and os.isatty(1)):
            raise UsageError("there is no terminal for a shell; give a command: dnet-tui exec NAME -- COMMAND")
        tty = interactive = True
    if tty and interactive and not os.isatty(0):
        raise UsageError("-t needs a terminal as input; leave it out where input comes from a pipe or file")
    env = tuple(_env(word) for word in given.env)
    if tty and not any(word.startswith("TERM=") for word in env):
        env = (*env, "TERM=xterm-256color")
    return ExecRequest(
        command=given.words,
        tty=tty,
        stdin=interactive,
        user=given.user,
        workdir=given.workdir,
        env=env,
        privileged=given.privileged,
        size=window(1 if os.isatty(1) else 0),
    )


def _env(word: str) -> str:
    """``NAME`` alone takes our value, as with docker exec; a name that has none is taken away there."""
    if word.startswith("="):
        raise UsageError(f"-e takes NAME=VALUE, not {word}")
    return word if "=" in word or word not in os.environ else f"{word}={os.environ[word]}"


async def run(cluster: Cluster, given: Arguments) -> int:
    """Runs the command; its exit code. Raises ``UsageError`` and ``BackendError``."""
    wanted = request(given)
    watch = Watch(cluster)
    try:
        finder = Finder(cluster, watch, given.timeout)
        container = await finder.one(given.target, given.node)
        name = _title(finder, container)
    finally:
        watch.close()
    try:
        session = await cluster.exec(container.key, wanted)
    except BackendError as error:
        plain.complain(error)
        return refused(error)
    try:
        return await _attend(session, wanted, name)
    finally:
        await session.close()


def _title(finder: Finder, container: Container) -> str:
    node = finder.node(container)
    return finder.name(container) + (f" on {node}" if node else "")


async def _attend(session: ExecSession, wanted: ExecRequest, name: str) -> int:
    if wanted.tty and wanted.stdin:
        ending = await hand_over(session)
        if ending.problem:
            raise Disconnected(f"The connection to {name} was lost: {ending.problem}")
        if ending.left:
            plain.say(f"left {' '.join(session.command)} in {name}")
            return HUNG_UP
        return await _code(session, name)
    try:
        await _pass_on(session, wanted.stdin)
        return await _code(session, name)
    except asyncio.CancelledError:
        # Engines send no signal when a connection without a terminal ends.
        plain.say(f"{name}: not waited for any more; {' '.join(session.command)} may go on there")
        raise


async def _code(session: ExecSession, name: str) -> int:
    """Its exit code. Output that ends without one is a connection that was lost."""
    try:
        return await session.wait()
    except (Disconnected, TimedOut, Unreachable) as error:
        raise Disconnected(
            f"The connection to {name} was lost: no exit code came, and {' '.join(session.command)} may go on there.",
            original=error.original or str(error),
        ) from error


async def _pass_on(session: ExecSession, with_input: bool) -> None:
    outlets = {"stdout": Outlet(1), "stderr": Outlet(2)}
    feeding = asyncio.create_task(_feed(session)) if with_input else None
    try:
        while True:
            stream, data = await next_bytes(session)
            if not data:
                break
            await outlets[stream].put(data)
        for outlet in outlets.values():
            await outlet.finish()
    finally:
        if feeding is not None:
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding


async def _feed(session: ExecSession) -> None:
    source = Inlet(0)
    try:
        while data := await source.read():
            await session.write(data)
        await session.write_eof()
    except BackendError:
        pass  # it takes no more: it has ended, or is about to
