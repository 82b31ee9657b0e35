"""The closed tree of what can go wrong when talking to engines.

Each error is one sentence for people (``str(error)``), with ``hint`` saying what would help and
``original`` keeping the engine's own words where ours differ.
"""

from __future__ import annotations


class BackendError(Exception):
    """Base of all. ``hint`` may be empty; ``original`` is the engine's text, whole."""

    def __init__(self, message: str, *, hint: str = "", original: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.original = original or message


class Unreachable(BackendError):
    """No engine answers at the endpoint: no such socket, refused, name not found, TLS trouble."""


class BadAddress(Unreachable):
    """The endpoint makes no sense (no such docker context, an address without a host): asking it again changes
    nothing, so that nobody does but by hand."""


class WrongEngine(Unreachable):
    """What answers is the engine of another node than the one that was meant: nothing of it is taken for that."""


class PermissionRefused(BackendError):
    """The endpoint is there, but this user may not use it."""


class TimedOut(BackendError):
    """The engine did not answer within the time limit."""


class Disconnected(BackendError):
    """The connection ended in the middle of an answer or a stream."""


class BadAnswer(BackendError):
    """The engine's answer could not be understood (not JSON, or not the JSON that belongs there)."""


class ApiError(BackendError):
    """The engine refused. ``status`` is its HTTP status."""

    def __init__(self, message: str, *, status: int, hint: str = "", original: str = "") -> None:
        super().__init__(message, hint=hint, original=original)
        self.status = status


class NotFound(ApiError):
    """The object is not there (404)."""


class Conflict(ApiError):
    """The object changed meanwhile, or its name is taken (409, or 500 ``update out of sequence``)."""


class NotManager(ApiError):
    """The question needs a Swarm manager, and this engine is none."""


class NoQuorum(ApiError):
    """The Swarm has no leader: nothing in it can be read afresh or changed."""


class Unsupported(BackendError):
    """The engine's API version cannot do this."""


class ReadOnly(BackendError):
    """This session refuses every change (``--readonly``)."""


class AuthRefused(PermissionRefused):
    """The SSH server refused the login, or a question about it was not answered. Never tried again by itself:
    servers ban for it."""


class HostKeyRefused(PermissionRefused):
    """The SSH server's host key is not one to go on with; nothing but the greeting was sent to it.

    ``fingerprint`` is the shown key's (``SHA256:…``), ``algorithm`` its type (``ssh-ed25519``), ``files`` the
    known_hosts files that were looked in.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        original: str = "",
        fingerprint: str = "",
        algorithm: str = "",
        files: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, original=original)
        self.fingerprint, self.algorithm, self.files = fingerprint, algorithm, files


class HostKeyUnknown(HostKeyRefused):
    """No key of this host is known. ``key`` is the shown one as a line of OpenSSH (``ssh-ed25519 AAAA…``);
    ``known_as`` names other hosts that have the same key."""

    def __init__(
        self,
        message: str,
        *,
        key: str,
        known_as: tuple[str, ...] = (),
        hint: str = "",
        original: str = "",
        fingerprint: str = "",
        algorithm: str = "",
        files: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            message, hint=hint, original=original, fingerprint=fingerprint, algorithm=algorithm, files=files
        )
        self.key, self.known_as = key, known_as


class HostKeyChanged(HostKeyRefused):
    """Another key of this host is known, at ``line`` of ``file``; it is never overridden here. ``old_fingerprint``
    and ``old_algorithm`` are that key's."""

    def __init__(
        self,
        message: str,
        *,
        old_fingerprint: str,
        old_algorithm: str,
        file: str,
        line: int,
        known_as: tuple[str, ...] = (),
        hint: str = "",
        original: str = "",
        fingerprint: str = "",
        algorithm: str = "",
        files: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            message, hint=hint, original=original, fingerprint=fingerprint, algorithm=algorithm, files=files
        )
        self.old_fingerprint, self.old_algorithm = old_fingerprint, old_algorithm
        self.file, self.line, self.known_as = file, line, known_as


class HostKeyRevoked(HostKeyRefused):
    """The shown key is marked as revoked; it is never overridden here."""
