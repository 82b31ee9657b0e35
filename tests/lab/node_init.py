"""The first process of a node: makes its namespaces, then reaps its orphans.

Run as ``python -m tests.lab.node_init CONFIG``; prints the process's number as
the machine sees it once the node is ready for its network and its engine.
Killing that process ends everything in the node.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

from tests.lab import kernel
from tests.lab.spec import EMPTY_FOLDERS, OWN_FOLDERS, REPOSITORY


def main() -> int:
    """Start the node's first process and wait until it is ready."""
    config = json.loads(Path(sys.argv[1]).read_text())
    kernel.unshare(
        kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWNET | kernel.CLONE_NEWPID
    )
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_init(Path(config["folder"]), config["name"], writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    if answer != "ready":
        print(answer or "the first process of the node died", file=sys.stderr)
        return 1
    print(child)
    return 0


def _be_init(folder: Path, name: str, ready: int) -> NoReturn:
    try:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        # Whoever started the lab must not wait for our copies of its pipes.
        null = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.chdir("/")
        _mount_all(folder)
        socket.sethostname(name)
        os.write(ready, b"ready")
    except BaseException as error:
        os.write(ready, f"node {name}: {error}".encode())
        os._exit(1)
    os.close(ready)
    while True:
        signal.sigwait({signal.SIGCHLD})
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass


def _mount_all(folder: Path) -> None:
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    _drop_foreign_namespaces()
    kernel.mount("proc", "/proc", "proc")
    _mount_sys(folder / "cgroup")
    repository = folder / "repository"
    hidden = any(Path(own) in REPOSITORY.parents for own in OWN_FOLDERS)
    if hidden:
        # The overlay would show it, but not follow what is edited meanwhile.
        repository.mkdir(exist_ok=True)
        kernel.mount(str(REPOSITORY), str(repository), flags=kernel.MS_BIND)
    for own in OWN_FOLDERS:
        layers = folder / own.strip("/")
        kernel.mount(
            "overlay",
            own,
            "overlay",
            data=f"lowerdir={own},upperdir={layers}/upper,workdir={layers}/work",
        )
    if hidden:
        kernel.mount(str(repository), str(REPOSITORY), flags=kernel.MS_MOVE)
    for empty in EMPTY_FOLDERS:
        kernel.mount("tmpfs", empty, "tmpfs", data="mode=755")
    for needed in ("/run/sshd", "/run/lock"):
        os.mkdir(needed, 0o755)
    os.makedirs("/var/lib/docker", exist_ok=True)
    kernel.mount(str(folder / "docker"), "/var/lib/docker", flags=kernel.MS_BIND)


def _drop_foreign_namespaces() -> None:
    """Copies of mounted namespaces would keep those alive after their end."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    for line in mounts:
        fields, _, kind = line.partition(" - ")
        if kind.split()[0] == "nsfs":
            with contextlib.suppress(OSError):
                kernel.detach(fields.split()[4])


def _mount_sys(keep: Path) -> None:
    """A /sys that shows the node's own interfaces, with the same cgroups."""
    keep.mkdir(exist_ok=True)
    kernel.mount("/sys/fs/cgroup", str(keep), flags=kernel.MS_BIND | kernel.MS_REC)
    # Where it may not be mounted anew the machine's /sys does as well.
    with contextlib.suppress(OSError):
        kernel.mount("sysfs", "/sys", "sysfs")
        kernel.mount(str(keep), "/sys/fs/cgroup", flags=kernel.MS_MOVE)
        return
    kernel.detach(str(keep))


if __name__ == "__main__":
    sys.exit(main())
