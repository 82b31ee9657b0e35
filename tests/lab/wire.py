"""The wire between the nodes: a bridge in a network namespace of its own.

Run as ``python -m tests.lab.wire CONFIG``; prints its process's number when it
is ready. Nothing beyond the bridge can be reached, and says so at once: names
do not exist and connections are refused, since an engine that waits for a
time-out delays every task. It also watches whoever started the lab and takes
the lab down when that process is gone.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from tests.lab import kernel
from tests.lab import state as states
from tests.lab.spec import ANCHOR_VARIABLE, REPOSITORY

BRIDGE = "wire0"

_STATE_SECONDS = 10.0


def main() -> int:
    """Make the namespace and stay in it as a daemon."""
    config = json.loads(Path(sys.argv[1]).read_text())
    gateway = str(config["gateway"])
    kernel.unshare(kernel.CLONE_NEWNET)
    commands = [
        "link set lo up",
        f"link add {BRIDGE} type bridge",
        f"addr add {gateway}/24 dev {BRIDGE}",
        f"link set {BRIDGE} up",
        # Everything outside is "here", where no port is open.
        "route add local default dev lo table main",
    ]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)
    resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    resolver.bind((gateway, 53))
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir("/")
        null = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        _serve(resolver, str(config["name"]))
    print(child)
    return 0


def no_such_name(query: bytes) -> bytes | None:
    """The answer NXDOMAIN to a DNS query, or None where there is no query."""
    end = 12
    while end < len(query) and query[end]:
        end += query[end] + 1
    end += 5
    if len(query) < end:
        return None
    return query[:2] + b"\x81\x83\x00\x01" + bytes(6) + query[12:end]


def _serve(resolver: socket.socket, lab: str) -> NoReturn:
    began = time.monotonic()
    while True:
        if select.select([resolver], [], [], 1.0)[0]:
            query, client = resolver.recvfrom(4096)
            answer = no_such_name(query)
            if answer is not None:
                resolver.sendto(answer, client)
        else:
            state = states.load(lab)
            # No state yet: whoever starts the lab is about to write it, or died.
            if state.orphaned if state else time.monotonic() - began > _STATE_SECONDS:
                _take_down(lab)


def _take_down(lab: str) -> NoReturn:
    # Without the mark, by which it would count itself to the lab.
    environment = {k: v for k, v in os.environ.items() if k != ANCHOR_VARIABLE}
    subprocess.Popen(
        [sys.executable, "-m", "tests.lab", "--name", lab, "down", "--orphaned"],
        cwd=REPOSITORY,
        env=environment,
        start_new_session=True,
    )
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
