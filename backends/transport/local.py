"""An engine on this machine, reached through its own unix socket."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import re
import socket
import stat

from backends.contexts import EndpointSpec
from backends.errors import BackendError, PermissionRefused, TimedOut, Unreachable
from backends.transport.base import MAX_SOCKET_PATH, PrivateDirectory

_CONNECT_LIMIT = 5.0
#: What the docker SDK can take as a socket path without reading more into it than a path.
_PLAIN = re.compile(r"[\w./@+=,-]+\Z", re.ASCII)


class LocalTransport:
    """The socket itself, probed on each ``open``; a link in a private folder where its path is too long."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._directory: PrivateDirectory | None = None

    @property
    def endpoint(self) -> str:
        """``unix:///…``"""
        return self._spec.url

    async def open(self) -> str:
        """Returns a path that reaches the socket. Raises ``Unreachable`` or ``PermissionRefused`` with why not."""
        path = self._reachable_path()
        deadline = asyncio.get_running_loop().time() + _CONNECT_LIMIT
        while True:
            try:
                # On a unix socket this never waits: it connects, or fails, or the queue of the listener is full.
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                    probe.setblocking(False)
                    probe.connect(path)
                    return path
            except BlockingIOError as error:
                if asyncio.get_running_loop().time() >= deadline:
                    raise TimedOut(
                        f"{self._spec.path} does not take connections: the engine behind it hangs.",
                        hint="See systemctl status docker and the engine's log.",
                        original=str(error),
                    ) from error
                await asyncio.sleep(0.1)
            except OSError as error:
                raise explain(self._spec.path, error) from error

    async def close(self) -> None:
        """Removes the link, if one was needed."""
        if self._directory is not None:
            self._directory.remove()
            self._directory = None

    def _reachable_path(self) -> str:
        path = self._spec.path
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH and _PLAIN.match(path):
            return path
        if self._directory is None:
            self._directory = PrivateDirectory()
        link = self._directory.socket("engine.sock")
        if not os.path.islink(link):
            os.symlink(os.path.abspath(path), link)
        return link


def explain(path: str, error: OSError) -> BackendError:
    """Turns a failed connect into one sentence with what would help, from what the file system says."""
    original = str(error)
    if isinstance(error, FileNotFoundError):
        return Unreachable(
            f"There is no socket {path}.",
            hint="Is Docker installed, and its engine running? Try: systemctl start docker",
            original=original,
        )
    if isinstance(error, PermissionError):
        return _denied(path, original)
    if _is_other_file(path):
        return Unreachable(f"{path} is not a socket.", hint="Check --host or DOCKER_HOST.", original=original)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(
            f"Nothing listens at {path}: the socket is left over from an engine that ended.",
            hint="Start the engine: systemctl start docker",
            original=original,
        )
    if isinstance(error, NotADirectoryError):
        return Unreachable(f"{path} is no path of a socket: a part of it is a file.", original=original)
    return Unreachable(f"{path} cannot be reached: {error.strerror or error}.", original=original)


def _is_other_file(path: str) -> bool:
    try:
        return not stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False


def _denied(path: str, original: str) -> PermissionRefused:
    user, groups = _user(), _groups()
    me = f"You are {user}, in {'group' if len(groups) == 1 else 'groups'} {', '.join(groups)}."
    try:
        status = os.stat(path)
    except OSError:
        closed = _closed_folder(path)
        return PermissionRefused(
            f"{user} may not enter {closed}, the folder of the engine's socket {path}.", hint=me, original=original
        )
    owner, group = _user_name(status.st_uid), _group_name(status.st_gid)
    message = (
        f"{user} may not use {path}: it belongs to {owner}, group {group}, "
        f"with mode {stat.S_IMODE(status.st_mode):04o}."
    )
    if group in groups or not status.st_mode & stat.S_IWGRP or group == "root":
        return PermissionRefused(message, hint=f"{me} Run dnet-tui as {owner}, or ask who runs it.", original=original)
    if user in _members(status.st_gid):
        hint = f"{user} is in group {group} since this session began: log in again, or run newgrp {group}."
    else:
        hint = f"{me} To join: sudo usermod -aG {group} {user}, then log in again."
    return PermissionRefused(message, hint=hint, original=original)


def _closed_folder(path: str) -> str:
    """The outermost folder on the way that may not be entered."""
    folder = os.path.abspath(path)
    parents = []
    while folder != "/":
        folder = os.path.dirname(folder)
        parents.append(folder)
    return next((f for f in reversed(parents) if not os.access(f, os.X_OK)), os.path.dirname(path))


def _user() -> str:
    return _user_name(os.geteuid())


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []


def _groups() -> list[str]:
    return sorted({_group_name(gid) for gid in {os.getegid(), *os.getgroups()}})
