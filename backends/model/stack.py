"""Stacks: not an object of the engine, only a label that services and networks share."""

from __future__ import annotations

from backends.model.base import Key, Kind, Value


class Stack(Value, frozen=True, kw_only=True):
    """What carries one ``com.docker.stack.namespace``; ids of its parts, sorted."""

    name: str
    services: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    created: float | None = None
    """The oldest creation time of its services."""

    @property
    def id(self) -> str:
        """Its name: stacks have no other identity."""
        return self.name

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.STACK, self.name)
