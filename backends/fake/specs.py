"""Whether two specs mean the same: swarmkit compares what Go decoded, to which left out and empty are one."""

from __future__ import annotations


def meaning(value: object) -> object:
    """``value`` without what is empty, zero or false, at any depth."""
    if isinstance(value, dict):
        pairs = ((key, meaning(part)) for key, part in value.items())
        return {key: part for key, part in pairs if part}
    if isinstance(value, list):
        return [meaning(part) for part in value]
    return value or None


def same(one: object, other: object) -> bool:
    """Whether a task made from one of these task templates need not be replaced for the other."""
    return one == other or meaning(one) == meaning(other)
