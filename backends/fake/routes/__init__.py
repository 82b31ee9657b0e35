"""Handlers, one module per group of the Engine API; importing this registers them all."""

from __future__ import annotations

from backends.fake.routes import (
    change_local,
    change_swarm,
    control,
    execs,
    read_local,
    read_swarm,
    streams,
    system,
)

__all__ = [
    "change_local",
    "change_swarm",
    "control",
    "execs",
    "read_local",
    "read_swarm",
    "streams",
    "system",
]
