"""Changes to what is of one node alone: its containers, its networks. Planned with the whole Swarm in sight, sent to
the engine of that node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from msgspec.structs import replace as changed

from backends.api import Engine
from backends.change.changer import Changer, Prepared
from backends.change.find import find_container
from backends.change.network_users import host_name, seen_from
from backends.change.part import reach
from backends.change.plan import Plan
from backends.change.requests import NetworkConnect, NetworkDisconnect, NetworkRemove, Request
from backends.change.steps import segment
from backends.errors import BackendError
from backends.model import Snapshot
from backends.network_survey import survey


@dataclass(frozen=True, slots=True)
class NodeChanger(Changer):
    """Makes changes on the engine of a node."""

    node_id: str = ""
    at: Engine | None = None
    """The node's engine; ``None`` is that of the cluster."""
    just_seen: Snapshot | None = None
    """What was asked a moment ago, where several changes stand on the same."""

    @property
    def engine(self) -> Engine:
        """What changes are sent to."""
        return self.at or self.cluster.engine

    async def survey(self, request: Request) -> Snapshot:
        """Networks and containers of every node, asked anew, as this node's engine sees them. Raises
        ``BackendError``."""
        known = self.just_seen
        if known is None:
            known = (await survey(self.cluster)).snapshot
        known = seen_from(known, self.node_id)
        return await self._with_names(request, known) if isinstance(request, NetworkDisconnect) else known

    async def _with_names(self, request: NetworkDisconnect, known: Snapshot) -> Snapshot:
        """The names by which a container is found: a listing does not tell them."""
        container = find_container(known, request.container)
        if container is None:
            return known
        try:
            told = await self.engine.call("GET", f"/containers/{segment(container.id)}/json")
        except BackendError:
            return known
        networks = reach(told, "NetworkSettings", "Networks") if isinstance(told, dict) else None
        ends = networks if isinstance(networks, dict) else {}
        attached = tuple(
            changed(a, aliases=tuple(map(str, reach(ends, a.network, "Aliases") or a.aliases)))
            for a in container.networks
        )
        named = {**known.containers, container.id: changed(container, networks=attached)}
        return replace(known, containers=MappingProxyType(named))

    def _prepared(self, found: Plan, known: Snapshot) -> Prepared:
        prepared = Changer._prepared(self, found, known)
        if self.at is None:
            return prepared
        where = host_name(self.node_id, known)
        return replace(prepared, entry=replace(prepared.entry, what=f"{prepared.entry.what} on {where}"))


async def changer_at(
    changer: Changer, node_id: str, request: Request | None = None, just_seen: Snapshot | None = None
) -> Changer:
    """The one that sends to a node's engine, connected first where need be; the same for our own, unless it stands on
    what was just seen, or on who is on a network. Raises ``BackendError``."""
    if not node_id and isinstance(request, NetworkConnect | NetworkDisconnect):
        # A line that was typed names a container, on whichever node it is; one of our own of that name comes first.
        container = find_container(changer.cluster.snapshot, request.container)
        if container is None:
            just_seen = (await survey(changer.cluster)).snapshot
            container = find_container(just_seen, request.container)
        node_id = container.node_id if container is not None else ""
    own = node_id in ("", changer.cluster.snapshot.node_id)
    if own and just_seen is None and not isinstance(request, NetworkConnect | NetworkDisconnect | NetworkRemove):
        return changer
    engine = None if own else await changer.cluster.engine_at(node_id)
    return NodeChanger(
        changer.cluster,
        changer.journal,
        changer.context,
        changer.readonly,
        changer.now,
        changer.clock,
        node_id,
        engine,
        just_seen,
    )
