"""What the cluster must keep fresh for what is on screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backends.api import Interest
from backends.model import Key, Kind, Snapshot
from backends.state.inputs import LOCAL_KINDS
from tui.places import Place
from tui.tables.spec import TableSpec

#: Row 0 counts nodes and services; details name networks, whatever the list.
ALWAYS = frozenset({Kind.NODE, Kind.SERVICE, Kind.NETWORK})

#: Views that tell how each node is reached, or what all nodes do: they want every node's engine.
REACHING = frozenset({"nodes", "networks", "endpoints", "events"})


#: Views that count the addresses of networks. Who holds one is known from tasks only: those of each service are
#: read once, so that a number is not estimated in one view and exact in the next one. They are in ``MOST`` services
#: at most; of larger Swarms it is estimated everywhere until their tasks were read.
COUNTING = frozenset({"overview", "networks"})
MOST = 50


def interest_of(
    spec: TableSpec[Any], place: Place, visible: Iterable[Key], cursor: Key | None, snapshot: Snapshot | None
) -> Interest:
    """Kinds that a list is made of; of services their tasks where they are on screen or under the cursor; of
    networks their endpoints where they are drilled into or under the cursor."""
    services = {key.id for key in place.scope if key.kind is Kind.SERVICE}
    networks = {key.id for key in place.scope if key.kind is Kind.NETWORK}
    # What it is the list of is part of it: the networks of a container are told by the container.
    kinds = set(spec.needs | ALWAYS | {key.kind for key in place.scope} & LOCAL_KINDS)
    if services and Kind.TASK in kinds:
        # The tasks of these services are enough: a whole listing may be 10,000 rows.
        kinds.discard(Kind.TASK)
    if place.view in REACHING:
        kinds.add(Kind.ENGINE)
    services |= {key.id for key in visible if key.kind is Kind.SERVICE}
    if place.view == "networks":
        # Containers of their own hold addresses too, and no other listing tells of them.
        kinds.add(Kind.CONTAINER)
    if place.view in COUNTING and snapshot is not None and len(snapshot.services) <= MOST:
        services |= unread(snapshot)
    if cursor is not None:
        if cursor.kind is Kind.SERVICE:
            services.add(cursor.id)
        elif cursor.kind is Kind.NETWORK:
            networks.add(cursor.id)
        elif cursor.kind is Kind.STACK and snapshot is not None:
            services |= {one.id for one in snapshot.services.values() if one.stack == cursor.id}
    return Interest(frozenset(kinds), frozenset(services), frozenset(networks))


def unread(snapshot: Snapshot) -> frozenset[str]:
    """Services on networks whose tasks were never read."""
    if Kind.TASK in snapshot.listed or not snapshot.is_manager:
        return frozenset()
    known = snapshot.tasks_of
    return frozenset(one.id for one in snapshot.services.values() if one.id not in known)
