"""The lab by hand: ``python -m tests.lab up|status|down|exec|shell|run``."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from tests.lab import lab as labs
from tests.lab.lab import Lab, LabError
from tests.lab.node import CommandError
from tests.lab.spec import REPOSITORY, SWARM_OF_THREE, LabSpec, default_name, plain_engines


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; its exit code."""
    options = _parser().parse_args(argv)
    commands = {
        "up": _up,
        "status": _status,
        "down": _down,
        "exec": _exec,
        "shell": _exec,
        "run": _run,
    }
    try:
        return commands[options.command](options)
    except (LabError, CommandError, TimeoutError, ValueError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=labs.__doc__)
    parser.add_argument("--name", default=default_name(), help="lab to use (DNET_LAB_NAME, or lab)")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start it, or say that it runs")
    run = commands.add_parser("run", help="start it, run a command on the manager, take it down")
    for command in (up, run):
        command.add_argument("--no-swarm", action="store_true", help="plain engines, not joined")
        command.add_argument("--plain", type=int, metavar="N", help="N such engines, on machines one, two, ...")
        command.add_argument("--seed", action="store_true", help="with the images hshar/webapp and hshar/mysql:5.5")
        command.add_argument("--nat", action="store_true", help="virtual addresses and published ports carry traffic")
        command.add_argument("--no-sample", action="store_true", help="no services")
    commands.add_parser("status", help="show what runs")
    down = commands.add_parser("down", help="take it down, whatever is left of it")
    down.add_argument("--all", action="store_true", help="every lab on this machine")
    down.add_argument("--orphaned", action="store_true", help="only if its owner has died")
    shell = commands.add_parser("shell", help="a login shell on a node")
    shell.add_argument("node")
    execute = commands.add_parser("exec", help="run a command on a node")
    execute.add_argument("node")
    for command in (execute, run):
        command.add_argument("argv", nargs="*", metavar="CMD", help="after --")
    return parser


def _spec(options: argparse.Namespace) -> LabSpec:
    if options.plain:
        nodes, swarm = plain_engines(options.plain), False
    else:
        nodes, swarm = SWARM_OF_THREE, not options.no_swarm
    sample = swarm and not options.no_sample
    return LabSpec(options.name, nodes, swarm=swarm, sample=sample, seed=options.seed, nat=options.nat)


def _up(options: argparse.Namespace) -> int:
    began = time.monotonic()
    running = labs.attach(options.name)
    if running:
        print(f"lab {options.name} is already running; 'down' ends it")
    lab = running or labs.up(_spec(options))
    _print(lab)
    print(f"up in {time.monotonic() - began:.1f} s")
    return 0


def _status(options: argparse.Namespace) -> int:
    for name in sorted({*labs.all_names(), options.name}):
        lab = labs.attach(name)
        if lab:
            _print(lab)
        elif labs.leftovers(name):
            print(f"lab {name}: not running, remains are there ('down' removes them)")
        elif name == options.name:
            print(f"lab {name}: not running")
    return 0 if labs.attach(options.name) else 3


def _print(lab: Lab) -> None:
    owner = f", owned by process {lab.owner.pid}" if lab.owner else ""
    print(f"lab {lab.name}: running{owner}")
    for node in lab.nodes.values():
        print(f"  {node.name:10} {node.address:15} pid {node.pid:<7} {node.socket}")


def _down(options: argparse.Namespace) -> int:
    if options.all and "DNET_LAB_NAME" in os.environ:
        raise LabError("--all ends the labs of others too: unset DNET_LAB_NAME if that is meant")
    names = labs.all_names() if options.all else [options.name]
    for name in names:
        began = time.monotonic()
        if labs.down(name, only_orphaned=options.orphaned):
            print(f"lab {name}: down in {time.monotonic() - began:.1f} s")
    labs.reap_orphans()
    return 0


def _exec(options: argparse.Namespace) -> int:
    lab = labs.attach(options.name)
    if lab is None:
        raise LabError(f"lab {options.name} is not running")
    if options.node not in lab.nodes:
        raise LabError(f"no node {options.node}; there are {', '.join(lab.nodes)}")
    argv = ["bash", "-l"] if options.command == "shell" else options.argv
    if not argv:
        raise LabError("no command given")
    command = lab.nodes[options.node].enter(argv)
    os.execvp(command[0], command)


def _run(options: argparse.Namespace) -> int:
    # A closed terminal or a kill must end the lab too, by way of finally.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, _leave)
    argv = options.argv or [str(REPOSITORY / ".venv/bin/dnet-tui")]
    if not shutil.which(argv[0]):
        raise LabError(f"no such command: {argv[0]}")
    running = labs.attach(options.name)
    if not running:
        print("Starting a Swarm of three nodes on this machine ...", file=sys.stderr)
    lab = running or labs.up(_spec(options), owner=os.getpid())
    try:
        return _run_inside(lab, argv)
    finally:
        if running:
            print(f"lab {lab.name} was running before and goes on", file=sys.stderr)
        else:
            # A second Ctrl-C must not leave half of it.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            lab.down()


def _run_inside(lab: Lab, argv: Sequence[str]) -> int:
    child = subprocess.Popen(lab.manager.enter(argv, cwd=REPOSITORY))
    while True:
        # Ctrl-C goes to the child as well, which decides what it means.
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
