"""Transports: every kind of endpoint ends as a private unix socket."""

from __future__ import annotations

from backends.transport.base import register, transport_for

__all__ = ["register", "transport_for"]
