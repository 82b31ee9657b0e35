"""What belongs to what in a snapshot: indices that cost next to nothing when little changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backends.model import (
    EMPTY,
    Attachment,
    Container,
    Key,
    Kind,
    Network,
    Service,
    Snapshot,
    Task,
)
from backends.state.addresses import AddressUse, address_use
from backends.state.grouping import Grouping, Memo
from backends.state.ports import PublishedAt, published


@dataclass(frozen=True, slots=True)
class Reach:
    """A service that another can talk to, and over which networks."""

    service: Service
    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Users:
    """Who uses a network, volume, image, config or secret."""

    services: tuple[Service, ...] = ()
    containers: tuple[Container, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.services or self.containers)


class Relations:
    """Indices of one snapshot; get one with ``relations(snapshot)``. Answers are tuples of the snapshot's own
    objects; the same tuple again for as long as none of its members changed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    # -- tasks ------------------------------------------------------------------------------------------

    def tasks_of(self, service_id: str) -> tuple[Task, ...]:
        """Tasks of a service by slot (global ones by node), the newest of each first."""
        return _TASKS_BY_SERVICE.of(self.snapshot.tasks, service_id)

    def tasks_on(self, node_id: str) -> tuple[Task, ...]:
        """Tasks of a node by service and slot, past ones included."""
        return _TASKS_BY_NODE.of(self.snapshot.tasks, node_id)

    def tasks_in(self, network_id: str) -> tuple[Task, ...]:
        """Tasks attached to a network, past ones included."""
        return _TASKS_BY_NETWORK.of(self.snapshot.tasks, network_id)

    def task_of(self, container: Container) -> Task | None:
        """The task that a container runs for, where it is listed."""
        return self.snapshot.tasks.get(container.task_id)

    def task_name(self, task: Task) -> str:
        """``service.slot``, or ``service.node`` for global services: how Docker's own tools name it."""
        service = self.snapshot.services.get(task.service_id)
        name = service.name if service else task.service_id[:12]
        if task.slot:
            return f"{name}.{task.slot}"
        node = self.snapshot.nodes.get(task.node_id)
        return f"{name}.{node.name if node else task.node_id[:12] or task.id[:12]}"

    # -- containers -------------------------------------------------------------------------------------

    def containers_of(self, service_id: str) -> tuple[Container, ...]:
        """Containers of a service on the nodes that were asked, by name."""
        return _CONTAINERS.of(self.snapshot.containers, f"service:{service_id}") if service_id else ()

    def containers_on(self, node_id: str) -> tuple[Container, ...]:
        """Containers of a node, by name."""
        return _CONTAINERS.of(self.snapshot.containers, f"node:{node_id}")

    def containers_in(self, network: Network) -> tuple[Container, ...]:
        """Containers attached to a network, by name."""
        source = self.snapshot.containers
        members = _CONTAINERS.of(source, f"network:{network.id}")
        # A container that never started knows its networks by name only.
        named = _CONTAINERS.of(source, f"network-name:{network.name}")
        if named:
            at = network.node_id
            members += tuple(c for c in named if (not at or c.node_id == at) and c not in members)
        return members

    def containers_of_stack(self, stack: str) -> tuple[Container, ...]:
        """Containers that carry a stack's label, by name."""
        return _CONTAINERS.of(self.snapshot.containers, f"stack:{stack}") if stack else ()

    def container_of(self, task: Task) -> Container | None:
        """The container of a task, where its node was asked."""
        if task.container_id in self.snapshot.containers:
            return self.snapshot.containers[task.container_id]
        found = _CONTAINERS.of(self.snapshot.containers, f"task:{task.id}")
        return found[0] if found else None

    # -- networks ---------------------------------------------------------------------------------------

    def network(self, target: str) -> Network | None:
        """A network by ID, or by name as old stack specs write it (those of the whole Swarm first)."""
        networks = self.snapshot.networks
        if target in networks:
            return networks[target]
        named = _NETWORKS_BY_NAME.of(networks, target)
        return next((n for n in named if n.is_swarm), named[0] if named else None)

    def networks_of(self, service: Service) -> tuple[Network, ...]:
        """Networks of a service by name, ``ingress`` included where it publishes through it."""
        found: dict[str, Network] = {}
        for target in (*(n.target for n in service.networks), *(v.network_id for v in service.virtual_ips)):
            network = self.network(target)
            if network is not None:
                found[network.id] = network
        return tuple(sorted(found.values(), key=lambda n: n.name))

    def services_on(self, network: Network) -> tuple[Service, ...]:
        """Services attached to a network, by name."""
        source = self.snapshot.services
        members = _SERVICES.of(source, f"network:{network.id}")
        named = _SERVICES.of(source, f"network:{network.name}")
        if named and self.network(network.name) is network:
            return tuple(sorted({s.id: s for s in members + named}.values(), key=_by_name))
        return members

    def attachment(self, container: Container, network: Network) -> Attachment | None:
        """A container's endpoint on a network."""
        for a in container.networks:
            if a.network_id == network.id or (not a.network_id and a.network == network.name):
                return a
        return None

    def reaches(self, service: Service) -> tuple[Reach, ...]:
        """Services that share a network with this one, by name. ``ingress`` does not count: it carries only
        what comes in from outside."""
        shared: dict[str, list[Network]] = {}
        others: dict[str, Service] = {}
        for network in self.networks_of(service):
            if network.ingress:
                continue
            for other in self.services_on(network):
                if other.id != service.id:
                    others[other.id] = other
                    shared.setdefault(other.id, []).append(network)
        return tuple(Reach(s, tuple(shared[s.id])) for s in sorted(others.values(), key=_by_name))

    def addresses(self, network: Network) -> AddressUse:
        """How many of a network's addresses are taken. Computed, see ``AddressUse``."""
        services = self.services_on(network)
        tasks: tuple[Task, ...] | None = self.tasks_in(network.id)
        if Kind.TASK not in self.snapshot.listed and any(s.id not in self.snapshot.tasks_of for s in services):
            tasks = None
        nodes = self.snapshot.nodes
        containers = self.containers_in(network)
        memo = _ADDRESSES.setdefault(network.id, Memo())
        if len(_ADDRESSES) > 2 * len(self.snapshot.networks) + 64:
            _ADDRESSES.clear()
        return memo.get(
            (network, services, tasks, containers, nodes),
            lambda: address_use(network, services, tasks, containers, nodes),
        )

    # -- ports, users, stacks ---------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[PublishedAt, ...]:
        """All published ports, by number, with who is in whose way."""
        s = self.snapshot
        standing = _CONTAINERS.of(s.containers, "published")

        def build() -> tuple[PublishedAt, ...]:
            hosting = {i.id: self.tasks_of(i.id) for i in s.services.values() if any(p.mode == "host" for p in i.ports)}
            return published(s.services.values(), hosting, standing, s.nodes)

        return _PORTS.get((s.services, s.tasks, standing, s.nodes), build)

    def ports_of(self, key: Key) -> tuple[PublishedAt, ...]:
        """Published ports of one service or container."""
        return tuple(p for p in self.ports if key.id in (p.service_id, p.container_id))

    def users(self, key: Key) -> Users:
        """Who uses a network, volume, image, config or secret; nobody for other kinds. A container counts
        whether or not it runs: a stopped one holds its volume and image all the same."""
        s = self.snapshot
        if key.kind is Kind.NETWORK and key.id in s.networks:
            network = s.networks[key.id]
            return Users(self.services_on(network), self.containers_in(network))
        if key.kind in (Kind.CONFIG, Kind.SECRET):
            return Users(_SERVICES.of(s.services, f"{key.kind.value}:{key.id}"))
        if key.kind is Kind.VOLUME and key.id in s.volumes:
            volume = s.volumes[key.id]
            held = _CONTAINERS.of(s.containers, f"volume:{volume.id}")
            return Users(_SERVICES.of(s.services, f"volume:{volume.name}"), held)
        if key.kind is Kind.IMAGE and key.id in s.images:
            image = s.images[key.id]
            services: dict[str, Service] = {}
            for reference in (*image.tags, *image.digests):
                services |= {i.id: i for i in _SERVICES.of(s.services, f"image:{reference}")}
            held = _CONTAINERS.of(s.containers, f"image:{image.id}")
            return Users(tuple(sorted(services.values(), key=_by_name)), held)
        return Users()

    def services_of_stack(self, stack: str) -> tuple[Service, ...]:
        """Services of a stack, by name."""
        return _SERVICES.of(self.snapshot.services, f"stack:{stack}") if stack else ()


def relations(snapshot: Snapshot) -> Relations:
    """The indices of a snapshot; cheap to call for every frame."""
    # Once a row, so there is no time for more than this.
    known = _RELATIONS[0]
    if known.snapshot is not snapshot:
        known = _RELATIONS[0] = Relations(snapshot)
    return known


def _by_name(thing: Service | Container | Network) -> tuple[str, str]:
    return (thing.name, thing.id)


def _by_slot(task: Task) -> tuple[int, str, float, str]:
    return (task.slot, "" if task.slot else task.node_id, -(task.created or 0.0), task.id)


def _groups_of_service(service: Service) -> Iterable[str]:
    # The same group named twice is one group.
    names = {f"network:{n.target}" for n in service.networks}
    names |= {f"network:{v.network_id}" for v in service.virtual_ips}
    names |= {f"config:{i}" for i in service.config_ids}
    names |= {f"secret:{i}" for i in service.secret_ids}
    names |= {f"volume:{m.source}" for m in service.mounts if m.type == "volume" and m.source}
    tag, _, digest = service.image.partition("@")
    names.add(f"image:{tag}")
    if digest:
        repository = tag.rpartition(":")[0] if ":" in tag.rpartition("/")[2] else tag
        names.add(f"image:{repository}@{digest}")
    if service.stack:
        names.add(f"stack:{service.stack}")
    return names


def _groups_of_container(container: Container) -> Iterable[str]:
    names = {f"node:{container.node_id}"}
    if service := container.service_id:
        names.add(f"service:{service}")
    elif any(b.host_port for b in container.ports):
        names.add("published")
    if task := container.task_id:
        names.add(f"task:{task}")
    if stack := container.stack:
        names.add(f"stack:{stack}")
    for a in container.networks:
        names.add(f"network:{a.network_id}" if a.network_id else f"network-name:{a.network}")
    for m in container.mounts:
        if m.type == "volume" and m.name:
            names.add(f"volume:{container.node_id}/{m.name}")
    if container.image_id:
        names.add(f"image:{container.node_id}/{container.image_id}")
    return names


def _same_groups(old: Container, new: Container) -> bool:
    """An event changes a container's state and leaves these very objects alone."""
    return (
        old.labels is new.labels
        and old.networks is new.networks
        and old.mounts is new.mounts
        and old.ports is new.ports
        and old.node_id == new.node_id
        and old.image_id == new.image_id
    )


# Indices follow whichever snapshot is asked about; there is one set per process, used from one thread.
_TASKS_BY_SERVICE: Grouping[Task] = Grouping(lambda t: (t.service_id,), _by_slot)
_TASKS_BY_NODE: Grouping[Task] = Grouping(
    lambda t: (t.node_id,) if t.node_id else (), lambda t: (t.service_id, *_by_slot(t))
)
_TASKS_BY_NETWORK: Grouping[Task] = Grouping(lambda t: {a.network_id for a in t.networks}, _by_slot)
_CONTAINERS: Grouping[Container] = Grouping(_groups_of_container, _by_name, _same_groups)
_SERVICES: Grouping[Service] = Grouping(_groups_of_service, _by_name)
_NETWORKS_BY_NAME: Grouping[Network] = Grouping(lambda n: (n.name,), _by_name)
_PORTS: Memo[tuple[PublishedAt, ...]] = Memo()
_ADDRESSES: dict[str, Memo[AddressUse]] = {}
_RELATIONS: list[Relations] = [Relations(EMPTY)]

__all__ = ["AddressUse", "PublishedAt", "Reach", "Relations", "Users", "relations"]
