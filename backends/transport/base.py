"""The registry of transports: from an endpoint's scheme to what brings it to a private unix socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Callable

from backends.api import Transport
from backends.contexts import EndpointSpec
from backends.errors import Unreachable, Unsupported

#: Longest path that fits into ``sockaddr_un.sun_path`` with its closing zero (unix(7)).
MAX_SOCKET_PATH = 107

_PREFIX = "dnet-"
#: Seconds: a folder that is younger may just be on its way to its socket.
_YOUNG = 60.0

TransportFactory = Callable[[EndpointSpec], Transport]

_factories: dict[str, TransportFactory] = {}


def register(scheme: str, factory: TransportFactory) -> None:
    """Makes ``factory`` the transport of all endpoints with ``scheme``; the last one registered counts."""
    _factories[scheme] = factory


def transport_for(spec: EndpointSpec) -> Transport:
    """The transport of an endpoint, not opened yet. Raises ``Unsupported`` for a scheme nobody registered."""
    factory = _factories.get(spec.scheme) or _built_in(spec.scheme)
    if factory is None:
        raise Unsupported(
            f"{spec.url} of {spec.origin} needs a transport for {spec.scheme}, and this build has none.",
            hint="Start dnet-tui on the manager itself, or use a tcp:// endpoint with TLS.",
        )
    return factory(spec)


def _built_in(scheme: str) -> TransportFactory | None:
    """Imports only what the scheme needs: the TLS relay would pull in ssl for a local socket."""
    if scheme == "unix":
        from backends.transport.local import LocalTransport

        return LocalTransport
    if scheme == "tcp":
        from backends.transport.tls import TcpTransport

        return TcpTransport
    if scheme == "ssh":
        from backends.transport.ssh import default_transport

        return default_transport
    return None


class PrivateDirectory:
    """A folder that only this user may enter (0700), for sockets; removed by ``remove``. The first one of a process
    removes those that killed ones have left behind."""

    _swept = False

    def __init__(self) -> None:
        base = tempfile.gettempdir()
        if len(os.fsencode(base)) > MAX_SOCKET_PATH - 40:
            base = "/tmp"  # a deep TMPDIR would make every socket path in it too long
        if not PrivateDirectory._swept:
            PrivateDirectory._swept = True
            sweep(base)
        try:
            self.path = tempfile.mkdtemp(prefix=_PREFIX, dir=base)
        except OSError as error:
            raise Unreachable(
                f"No folder for a private socket could be made in {base}: {error.strerror}.", original=str(error)
            ) from error

    def socket(self, name: str) -> str:
        """Path of a socket in it, at most ``MAX_SOCKET_PATH`` bytes long."""
        return os.path.join(self.path, name)

    def remove(self) -> None:
        """Removes it with all that is in it; harmless when it is gone."""
        shutil.rmtree(self.path, ignore_errors=True)


def sweep(base: str) -> None:
    """Removes folders of this user in ``base`` in which there is nothing but sockets on which nobody listens. What is
    younger than a minute stays, and so does whatever cannot be looked at."""
    with contextlib.suppress(OSError), os.scandir(base) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                with contextlib.suppress(OSError):
                    _remove_dead(entry)


def _remove_dead(folder: os.DirEntry[str]) -> None:
    info = folder.stat(follow_symlinks=False)
    private = stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not info.st_mode & 0o077
    if not private or time.time() - info.st_mtime < _YOUNG:
        return
    paths = [os.path.join(folder.path, name) for name in os.listdir(folder.path)]
    if all(_is_dead(path) for path in paths):
        for path in paths:
            os.unlink(path)
        os.rmdir(folder.path)


def _is_dead(path: str) -> bool:
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        return False
    # Of another type than what listens, which is told apart from nobody, and connects to nothing.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False
