"""Can the lab run on this machine, and if not, why?"""

from __future__ import annotations

import os
import shutil
import sys

from tests.lab import cgroups

_COMMANDS = {
    "dockerd": "docker.io",
    "docker": "docker.io, or docker-cli from Debian 13 on",
    "containerd": "containerd",
    "iptables": "iptables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "pkill": "procps",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "busybox": "busybox-static",
    "bash": "bash",
    "nano": "nano",
}


def search_administrators_folders() -> None:
    """Let programs in the sbin folders be found, which su leaves out of PATH."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for folder in ("/usr/local/sbin", "/usr/sbin", "/sbin"):
        if folder not in folders:
            folders.append(folder)
    os.environ["PATH"] = os.pathsep.join(folders)


def why_not() -> str | None:
    """One sentence on why the lab cannot run here; None if it can."""
    if sys.platform != "linux":
        return "the lab needs Linux"
    if os.geteuid() != 0:
        return "the lab needs root"
    search_administrators_folders()
    missing = [package for name, package in _COMMANDS.items() if shutil.which(name) is None]
    if missing:
        return f"the lab needs packages: {'; '.join(missing)} (tests/lab/packages.sh installs them)"
    if not cgroups.hierarchies():
        return "the lab needs cgroups at /sys/fs/cgroup"
    return None
