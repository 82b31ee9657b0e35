"""A shell in a container: found first, then the real terminal is lent to it, then the app is back as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from backends.api import ExecRequest, ExecSession
from backends.errors import BackendError
from backends.model import Key
from tui.actions.objects import name_of, node_name
from tui.terminal.handover import Ending, hand_over, window
from tui.text.clean import clean

if TYPE_CHECKING:
    from tui.app import DnetApp

#: Seconds that an exit code is waited for: the engine may be gone.
CODE_WAIT = 3.0
_MEANING = {126: "it cannot be executed", 127: "it was not found", 130: "interrupted", 137: "killed", 143: "ended"}


def banner(app: DnetApp, title: str, command: str) -> str:
    """What stands above the shell: where one is, and how to come back. The chip of production stays lit."""
    session = app.session
    chip = {"production": "\x1b[1;97;41m PRODUCTION \x1b[0m ", "staging": "\x1b[30;43m STAGING \x1b[0m "}.get(
        session.mark, ""
    )
    if "NO_COLOR" in os.environ and chip:
        chip = f"\x1b[7m {session.mark.upper()} \x1b[0m "
    return f"\r\n{chip}\x1b[1m{clean(title)}\x1b[0m  {clean(command)}   \x1b[2mexit or ctrl+] comes back\x1b[0m\r\n"


def outcome(title: str, command: str, ending: Ending, code: int | None) -> tuple[str, bool]:
    """The sentence afterwards, and whether it is bad news."""
    if ending.problem:
        return f"{title}: the connection to {command} was lost: {ending.problem}", True
    if ending.left:
        # Neither the engine nor docker exec ends a command whose terminal goes away.
        return f"left {command} in {title}; it runs on there", False
    if code is None:
        return f"{command} in {title} ended", False
    meaning = f", {_MEANING[code]}" if code in _MEANING else ""
    return f"{command} in {title} ended, exit {code}{meaning}", False


async def run_shell(app: DnetApp, key: Key, request: ExecRequest) -> None:
    """Starts the command, lends the terminal until it ends or is left, and says how it went.

    Raises ``BackendError`` where it could not be started (no shell in it, not running any more); the screen has
    not been given away then.
    """
    screen = app.main
    snapshot = screen.cluster.snapshot
    container = snapshot.containers.get(key.id)
    where = node_name(snapshot, container.node_id) if container and container.node_id else ""
    title = name_of(snapshot, key) + (f" on {where}" if where else "")
    columns, rows = window(1)
    sized = ExecRequest(
        command=request.command,
        tty=request.tty,
        stdin=request.stdin,
        user=request.user,
        workdir=request.workdir,
        env=request.env or ("TERM=xterm-256color",),
        privileged=request.privileged,
        size=(columns, rows),
    )
    screen.hint(f"opening {title}")
    session = await screen.cluster.exec(key, sized)
    command = " ".join(session.command)
    try:
        ending = await _lend(app, session, banner(app, title, command))
        code = await _exit_code(session, ending)
    finally:
        await session.close()
    text, bad = outcome(title, command, ending, code)
    screen.say(text, bad=bad)


async def _lend(app: DnetApp, session: ExecSession, greeting: str) -> Ending:
    app.pause()
    failure: Exception | None = None
    ending = Ending()
    try:
        with app.suspend():
            os.write(1, greeting.encode("utf-8", "replace"))
            try:
                ending = await hand_over(session)
            except Exception as error:
                # Textual takes the terminal back only where nothing is raised in here.
                failure = error
            if ending.left:
                # The prompt it was left at stays on the terminal's own screen; what comes there next begins a line.
                os.write(1, b"\r\n")
    except SuspendNotSupported:
        ending = Ending(problem="this terminal cannot be lent to a shell")
    # Not where it was cancelled: that is the end of the app, and there is nothing to draw on.
    app.resume()
    if failure is not None:
        raise failure
    return ending


async def _exit_code(session: ExecSession, ending: Ending) -> int | None:
    if ending.left or ending.problem:
        return None
    with contextlib.suppress(TimeoutError, BackendError):
        return await asyncio.wait_for(session.wait(), CODE_WAIT)
    return None
