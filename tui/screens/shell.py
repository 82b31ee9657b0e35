"""A shell in a container or on a machine: it is found first, then lent the real terminal; the app is back as it was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from backends.api import ExecRequest, ExecSession
from backends.errors import BackendError, Disconnected, TimedOut, Unreachable
from backends.model import Key, Kind, Snapshot
from tui.actions.objects import is_here, name_of, node_name
from tui.details.container import container_name
from tui.terminal.handover import Ending, hand_over, hold, raw, window
from tui.text.clean import clean

if TYPE_CHECKING:
    from tui.app import DnetApp

#: Seconds that an exit code is waited for: the engine may be gone.
CODE_WAIT = 3.0
#: Back on the terminal's own screen, with the cursor seen and nothing set, whatever the command had set.
_PLAIN = "\x1b[?1047l\x1b7\x1b[r\x1b8\x1b[0m\x1b[?25h"
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


def outcome(title: str, command: str, ending: Ending, code: int | None, *, node: bool = False) -> tuple[str, bool]:
    """The sentence afterwards, and whether it is bad news. ``node``: it ran on a machine, in no container."""
    title = f"on {title}" if node else f"in {title}"
    if ending.problem:
        return f"the connection to {command} {title} was lost: {ending.problem}", True
    if ending.left:
        # Engines do not end a command whose terminal goes away: it was sent ctrl-c and ctrl-d, which not all programs
        # end at. sshd hangs up on it.
        return f"left {command} {title}" + ("" if node else "; what ran in it may go on"), False
    if code is None:
        return f"{command} {title} ended", False
    meaning = f", {_MEANING[code]}" if code in _MEANING else ""
    return f"{command} {title} ended, exit {code}{meaning}", False


async def run_shell(app: DnetApp, key: Key, request: ExecRequest) -> None:
    """Starts the command, lends the terminal until it ends or is left, and says how it went.

    Raises ``BackendError`` where it could not be started (no shell in it, not running any more); the screen has
    not been given away then.
    """
    screen = app.main
    snapshot = screen.cluster.snapshot
    title, node_id = _where(snapshot, key)
    columns, rows = window(1)
    sized = replace(request, env=request.env or ("TERM=xterm-256color",), size=(columns, rows))
    if is_here(snapshot, node_id):
        screen.hint(f"opening {title}")
    else:
        screen.hint(f"connecting to {node_name(snapshot, node_id)}; esc gives up")
        screen.asking.cause(node_id)
    try:
        session = await _start(app, key, sized)
    finally:
        screen.asking.done(node_id)
    command = " ".join(session.command) or "the login shell"
    try:
        greeting = banner(app, title, command)
        ending, code = await _lend(app, session, greeting, lambda lost: _lost(title, command, lost, key))
    except BaseException:
        await session.close()
        raise
    text, bad = outcome(title, command, ending, code, node=key.kind is Kind.NODE)
    # Ending one takes a moment: whoever is back may open the next meanwhile.
    screen.begin(_tell(app, session, text, bad=bad), "shell")


async def _tell(app: DnetApp, session: ExecSession, text: str, *, bad: bool) -> None:
    await session.close()
    app.main.say(text, bad=bad)


def _lost(title: str, command: str, ending: Ending, key: Key) -> str:
    """What is said on the shell's own screen, where somebody may be typing."""
    text, _ = outcome(title, command, ending, None, node=key.kind is Kind.NODE)
    says = "what is typed goes nowhere; ctrl+] or enter comes back"
    return f"{_PLAIN}\r\n\x1b[7m {clean(text)} \x1b[0m\r\n\x1b[2m{says}\x1b[0m\r\n"


def _where(snapshot: Snapshot, key: Key) -> tuple[str, str]:
    """(what stands in the banner, the node): as short as people say it, ``db.1 on worker1``."""
    node_id, name = "", name_of(snapshot, key)
    if key.kind is Kind.NODE:
        return name, key.id
    if key.kind is Kind.TASK and key.id in snapshot.tasks:
        node_id = snapshot.tasks[key.id].node_id
    container = snapshot.containers.get(key.id)
    if container is not None:
        node_id, name = container.node_id, container_name(container, snapshot)
    return name + (f" on {node_name(snapshot, node_id)}" if node_id else ""), node_id


async def _start(app: DnetApp, key: Key, request: ExecRequest) -> ExecSession:
    cluster = app.main.cluster
    if key.kind is not Kind.NODE:
        return await cluster.exec(key, request)
    if cluster.nodes is None:
        raise Unreachable("Other nodes are not reached from here.")
    return await cluster.nodes.shell(key.id, request)


async def _lend(
    app: DnetApp, session: ExecSession, greeting: str, lost: Callable[[Ending], str]
) -> tuple[Ending, int | None]:
    """Lends the terminal until the command ends or is left; where its connection is lost, until that was seen."""
    app.pause()
    failure: Exception | None = None
    ending, code = Ending(), None
    try:
        with app.suspend(), raw(0):
            os.write(1, greeting.encode("utf-8", "replace"))
            try:
                ending, code = await conclude(session, await hand_over(session))
                if ending.problem:
                    os.write(1, lost(ending).encode("utf-8", "replace"))
                    await hold()
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
    return ending, code


async def conclude(session: ExecSession, ending: Ending) -> tuple[Ending, int | None]:
    """How it ended, and its exit code. Output that merely ends may be a loss of the connection: the code tells."""
    if ending.left or ending.problem:
        return ending, None
    try:
        return ending, await asyncio.wait_for(session.wait(), CODE_WAIT)
    except (Disconnected, TimedOut, Unreachable, TimeoutError):
        return replace(ending, problem="no exit code came, and it may run on there"), None
    except BackendError:
        return ending, None  # the container is gone, and the command with it
