"""The files in a simulated container: enough to look around in, and what one writes stays."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from backends.fake.bus import Obj
from backends.fake.profiles import Profile

_DIRECTORIES = (
    "bin",
    "dev",
    "etc",
    "home",
    "lib",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
)


class Files:
    """Path to text; a directory has no text."""

    def __init__(self, box: Obj, profile: Profile, hosts: Mapping[str, str]) -> None:
        self._tree: dict[str, str | None] = {"/": None}
        for name in _DIRECTORIES:
            self._tree[f"/{name}"] = None
        short = box["Config"]["Hostname"]
        name = profile.os or "scratch"
        self.write("/etc/hostname", f"{short}\n")
        self.write("/etc/os-release", f'PRETTY_NAME="{name}"\nNAME="{name.split(" ")[0]}"\n')
        self.write("/etc/resolv.conf", "search .\nnameserver 127.0.0.11\noptions ndots:0\n")
        lines = ["127.0.0.1\tlocalhost", *(f"{address}\t{name}" for address, name in hosts.items())]
        self.write("/etc/hosts", "\n".join(lines) + "\n")
        self.write("/etc/passwd", f"root:x:0:0:root:/root:/bin/sh\n{profile.user}:x:1000:1000::/:/bin/sh\n")
        self.make(profile.workdir)
        for shell in profile.shells:
            self.write(f"/bin/{shell}", "\x7fELF")
        for path, text in profile.files.items():
            self.write(path, text)
        for mount in box["Mounts"]:
            target = mount["Destination"]
            if target and "secrets" in mount["Source"]:
                self.write(target, "simulated-secret\n")
            elif target and "." in posixpath.basename(target):
                if target not in self._tree:
                    self.write(target, "# simulated\n")
            elif target:
                self.make(target)

    def make(self, path: str) -> None:
        """A directory, with those above it."""
        while path not in ("/", ""):
            self._tree.setdefault(path, None)
            path = posixpath.dirname(path)

    def write(self, path: str, text: str) -> None:
        """A file, with the directories above it."""
        self.make(posixpath.dirname(path))
        self._tree[path] = text

    def exists(self, path: str) -> bool:
        """Whether there is a file or directory."""
        return path in self._tree

    def is_directory(self, path: str) -> bool:
        """Whether it is one."""
        return path in self._tree and self._tree[path] is None

    def read(self, path: str) -> str | None:
        """A file's text; ``None`` where there is none."""
        return self._tree.get(path)

    def names(self, path: str) -> list[str]:
        """What is in a directory, sorted."""
        base = path.rstrip("/") + "/"
        return sorted({p[len(base) :].partition("/")[0] for p in self._tree if p.startswith(base) and p != base} - {""})

    def remove(self, path: str) -> None:
        """Takes away a file, or a directory with all in it."""
        for key in [p for p in self._tree if p == path or p.startswith(path.rstrip("/") + "/")]:
            if key != "/":
                del self._tree[key]
