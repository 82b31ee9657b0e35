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
