"""A cluster that a sub-command works on, and what the configuration says of its context."""

from __future__ import annotations

from dataclasses import dataclass

from backends.api import Cluster


@dataclass(frozen=True, slots=True)
class Opened:
    """Connecting, or connected."""

    cluster: Cluster
    context: str = ""
    """Its name, or its address where it has none."""
    readonly: bool = False
    production: bool = False
    demo: bool = False
