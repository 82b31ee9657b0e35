"""Stacks, derived from the label that their parts share."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Config, Network, Secret, Service, Stack


def stacks_of(
    services: Iterable[Service],
    networks: Iterable[Network],
    configs: Iterable[Config],
    secrets: Iterable[Secret],
) -> dict[str, Stack]:
    """All stacks by name."""
    parts: dict[str, tuple[list[str], list[str], list[str], list[str]]] = {}
    created: dict[str, float] = {}
    kinds: tuple[Iterable[Service | Network | Config | Secret], ...] = (services, networks, configs, secrets)
    for place, things in enumerate(kinds):
        for thing in things:
            if not (name := thing.stack):
                continue
            parts.setdefault(name, ([], [], [], []))[place].append(thing.id)
            if place == 0 and thing.created is not None:
                created[name] = min(thing.created, created.get(name, thing.created))
    return {
        name: Stack(
            name=name,
            services=tuple(sorted(ids[0])),
            networks=tuple(sorted(ids[1])),
            configs=tuple(sorted(ids[2])),
            secrets=tuple(sorted(ids[3])),
            created=created.get(name),
        )
        for name, ids in parts.items()
    }
