"""Flags that are about the command and not about the object; the same for many verbs."""

from __future__ import annotations

from backends.change import value_types as types
from backends.change.flags import Flag, Section

DETACH = Flag(
    "detach",
    types.BOOL,
    "Exit immediately instead of waiting for the service to converge",
    Section.SENDING,
    short="d",
    since="1.29",
)
QUIET = Flag("quiet", types.BOOL, "Suppress progress output", Section.SENDING, short="q")
