"""Runs one sub-command from start to end: opens the cluster, minds signals, and turns what went wrong into one
sentence and an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

from backends.api import Interest
from backends.cluster import LocalCluster
from backends.contexts import EndpointSpec, resolve
from backends.engine.client import SdkEngine
from backends.errors import BackendError, ReadOnly
from backends.model import Kind
from backends.swarm import open_swarm
from backends.transport import transport_for
from tui.cli import Options, UsageError
from tui.config import Config, config_path, load
from tui.headless import plain
from tui.headless.arguments import Arguments
from tui.headless.opened import Opened

#: As a shell names a command that a signal ended.
_BY_SIGNAL = 128
#: What ``yes | head`` is told as well.
_PIPE = _BY_SIGNAL + int(signal.SIGPIPE)
_KINDS = {
    "ps": frozenset({Kind.CONTAINER}),
    "tasks": frozenset({Kind.TASK}),
    "services": frozenset({Kind.SERVICE, Kind.NETWORK}),
    # Each node's own engine is asked, also where nothing else is listed of it.
    "networks": frozenset({Kind.NETWORK, Kind.ENGINE}),
    "nodes": frozenset({Kind.ENGINE}),
    "events": frozenset({Kind.CONTAINER}),
    "exec": frozenset({Kind.CONTAINER}),
    "plan": frozenset[Kind](),
    "do": frozenset[Kind](),
}
#: Sub-commands that a read-only session refuses, and how that is said.
_CHANGING = {"exec": "exec may", "do": "do does"}


def run(options: Options, given: Arguments) -> int:
    """Runs the sub-command; the exit code."""
    _log(options)
    config, problems = load(config_path(os.environ), os.environ)
    for problem in problems:
        plain.say(str(problem))
    caught: list[int] = []
    try:
        return asyncio.run(_minding_signals(_run(options, config, given), caught))
    except (asyncio.CancelledError, KeyboardInterrupt):
        return _BY_SIGNAL + (caught[0] if caught else int(signal.SIGINT))
    except UsageError as problem:
        plain.say(str(problem))
        return 2
    except BackendError as error:
        plain.complain(error)
        return 1
    except BrokenPipeError:
        return _PIPE
    finally:
        _part()


def _part() -> None:
    """Writes what is left; where nobody reads it, Python must not complain about that at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


async def _minding_signals(work: Coroutine[None, None, int], caught: list[int]) -> int:
    """Ends the work in good order on SIGINT, SIGTERM and SIGHUP, so that terminal and engine are left as found."""
    task = asyncio.ensure_future(work)
    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()

        def end(number: int) -> None:
            caught.append(number)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays what it is
                loop.add_signal_handler(number, end, int(number))
    return await task


async def _run(options: Options, config: Config, given: Arguments) -> int:
    style = plain.Style.detect(os.environ, no_color=options.no_color or config.color == "none", wide=given.wide)
    async with _opened(options, config, given) as opened:
        cluster = opened.cluster
        if given.command in ("plan", "do"):
            from tui.headless import changes

            return await changes.run(opened, given)
        if given.command == "exec":
            if given.nodes:
                from tui.headless import machines

                return await machines.run(cluster, given, style)
            if given.all:
                from tui.headless import everywhere

                return await everywhere.run(cluster, given, style)
            from tui.headless import running

            return await running.run(cluster, given)
        if given.command == "events":
            from tui.headless import events

            return await events.run(cluster, given, style)
        from tui.headless import listing

        return await listing.run(cluster, given, style)


@contextlib.asynccontextmanager
async def _opened(options: Options, config: Config, given: Arguments) -> AsyncIterator[Opened]:
    """The cluster that the options mean, connecting. Raises ``BackendError`` where they make no sense."""
    async with contextlib.AsyncExitStack() as stack:
        readonly, context, production = options.readonly or config.readonly, "demo", False
        interest = Interest(kinds=_KINDS[given.command])
        if options.demo or options.scene:
            spec = EndpointSpec(f"unix://{_demo(options.scene, stack)}")
        else:
            spec = resolve(options.host or None, options.context or None, os.environ, Path.home())
            marks = config.context(spec.context)
            readonly, production = readonly or marks.readonly, marks.mark == "production"
            context = spec.url if options.host else spec.context
        if readonly and given.command in _CHANGING:
            raise ReadOnly(
                f"This session changes nothing, and {_CHANGING[given.command]}.",
                hint="--readonly, or the configuration, says so.",
            )
        if options.demo or options.scene:
            cluster: LocalCluster = LocalCluster(SdkEngine(transport_for(spec)), interest=interest)
        else:
            cluster = open_swarm(
                spec,
                engine_for=SdkEngine,
                mappings=config.mappings,
                sudo=config.ssh_sudo,
                interest=interest,
                reach=config.ssh,
            )
            cluster.watch(interest)
        stack.push_async_callback(cluster.aclose)
        await cluster.start()
        demo = bool(options.demo or options.scene)
        yield Opened(cluster, context, readonly, production, demo)


def _demo(scene: str, stack: contextlib.AsyncExitStack) -> str:
    from backends.fake import ThreadedFakeServer
    from backends.fake.scenario import SCENARIOS

    if scene and scene not in SCENARIOS:
        raise UsageError(f"there is no scene {scene}; scenes are {', '.join(SCENARIOS)}")
    server = ThreadedFakeServer(scene or "demo").start()
    stack.callback(server.stop)
    return server.socket_path


def _log(options: Options) -> None:
    """Nothing but sentences goes to stderr; a log is written where one is asked for."""
    root = logging.getLogger()
    handler: logging.Handler = logging.NullHandler()
    if options.log_file or options.debug:
        from tui.cli import log_path

        path = options.log_file or log_path()
        try:
            os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
            handler = logging.FileHandler(path, encoding="utf-8")
        except OSError as problem:
            plain.say(f"nothing is logged: {path} cannot be written: {problem.strerror}")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        root.setLevel(logging.DEBUG if options.debug else logging.WARNING)
    root.addHandler(handler)
