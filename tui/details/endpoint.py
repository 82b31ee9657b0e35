"""Who is on a network: its tasks on all nodes, containers of the nodes that were asked, load balancers of this one."""

from __future__ import annotations

from backends.model import Attachment, Container, Endpoint, Key, Kind, Network, Snapshot, Task, Value
from backends.state.health import container_health
from backends.state.relations import relations
from backends.state.severity import SEVERITIES
from backends.state.wording import listing
from tui.details.container import container_name
from tui.details.sheet import Sheet, host, one_row, spaced
from tui.details.task import task_name, task_state
from tui.look.symbols import state
from tui.tables.spec import Detail, Moment
from tui.text.span import Line, line


class EndpointRow(Value, frozen=True, kw_only=True):
    """One place on a network."""

    key: Key
    """The task's or the container's; for load balancers one of no object."""
    name: str
    network_id: str
    node_id: str = ""
    ipv4: str = ""
    """Without prefix length."""
    ipv6: str = ""
    mac: str = ""
    gateway: str = ""
    endpoint_id: str = ""
    aliases: tuple[str, ...] = ()
    balancer: bool = False
    task: Task | None = None
    container: Container | None = None

    @property
    def service_id(self) -> str:
        """The service whose task it is, or empty."""
        return self.task.service_id if self.task else self.container.service_id if self.container else ""


def endpoints_of(network: Network, snapshot: Snapshot) -> tuple[EndpointRow, ...]:
    """All that is known to be on a network, by name; load balancers last."""
    known = relations(snapshot)
    rows = [of_task(t, network, snapshot) for t in known.tasks_in(network.id) if not t.is_over]
    told = {r.container.id for r in rows if r.container} | {r.task.container_id for r in rows if r.task}
    for container in known.containers_in(network):
        if container.id not in told and holds_place(container) and _stands_alone(container, snapshot):
            rows.append(of_container(container, network, snapshot))
            told.add(container.id)
    rows += [_of_endpoint(e, network) for e in network.endpoints if not e.container_id or e.container_id not in told]
    return tuple(sorted(rows, key=lambda r: (r.balancer, r.name, r.key)))


def endpoint_of(key: Key, network: Network, snapshot: Snapshot) -> EndpointRow | None:
    """The endpoint of one task or container; ``None`` where it has none (or is told as its task's)."""
    if key.kind is Kind.TASK:
        task = snapshot.tasks.get(key.id)
        if task is None or task.is_over or all(a.network_id != network.id for a in task.networks):
            return None
        return of_task(task, network, snapshot)
    if key.kind is Kind.CONTAINER:
        container = snapshot.containers.get(key.id)
        if container is None or not holds_place(container) or not _stands_alone(container, snapshot):
            return None
        attached = relations(snapshot).attachment(container, network)
        return None if attached is None else of_container(container, network, snapshot)
    return next((r for r in endpoints_of(network, snapshot) if r.key == key), None)


def holds_place(container: Container) -> bool:
    """Whether a container is on its networks: one that does not run keeps their names, but no address."""
    return container.state in ("running", "paused")


def _stands_alone(container: Container, snapshot: Snapshot) -> bool:
    """Whether a container is told by itself, not as the place of its task."""
    task = snapshot.tasks.get(container.task_id)
    return task is None or task.is_over


def of_task(task: Task, network: Network, snapshot: Snapshot) -> EndpointRow:
    """A task's endpoint; MAC and aliases where its node was asked."""
    known = relations(snapshot)
    container = known.container_of(task)
    attached = known.attachment(container, network) if container else None
    inspected = next((e for e in network.endpoints if e.container_id and e.container_id == task.container_id), None)
    addresses = [a for n in task.networks if n.network_id == network.id for a in n.addresses]
    v4 = next((host(a) for a in addresses if ":" not in a), "") or (attached.ipv4 if attached else "")
    v6 = next((host(a) for a in addresses if ":" in a), "") or (attached.ipv6 if attached else "")
    return EndpointRow(
        key=task.key,
        name=task_name(task, snapshot),
        network_id=network.id,
        node_id=task.node_id,
        ipv4=host(v4),
        ipv6=host(v6),
        mac=attached.mac if attached and attached.mac else inspected.mac if inspected else "",
        gateway=attached.gateway if attached else "",
        endpoint_id=attached.endpoint_id if attached else inspected.endpoint_id if inspected else "",
        aliases=attached.aliases if attached else (),
        task=task,
        container=container,
    )


def of_container(container: Container, network: Network, snapshot: Snapshot) -> EndpointRow:
    """The endpoint of a container that is no task's."""
    attached = relations(snapshot).attachment(container, network) or Attachment(network=network.name)
    return EndpointRow(
        key=container.key,
        name=container_name(container, snapshot),
        network_id=network.id,
        node_id=container.node_id,
        ipv4=host(attached.ipv4),
        ipv6=host(attached.ipv6),
        mac=attached.mac,
        gateway=attached.gateway,
        endpoint_id=attached.endpoint_id,
        aliases=attached.aliases,
        container=container,
    )


def _of_endpoint(endpoint: Endpoint, network: Network) -> EndpointRow:
    ident = endpoint.container_id or endpoint.endpoint_id or endpoint.name
    return EndpointRow(
        key=Key(Kind.ENGINE, f"endpoint/{network.id}/{ident}"),
        name=endpoint.name or ident[:12],
        network_id=network.id,
        node_id=endpoint.node_id,
        ipv4=host(endpoint.ipv4),
        ipv6=host(endpoint.ipv6),
        mac=endpoint.mac,
        endpoint_id=endpoint.endpoint_id,
        # The routing mesh's own is filed under "ingress-sbox".
        balancer=not endpoint.container_id or endpoint.container_id.endswith("-sbox"),
    )


def endpoint_state(row: EndpointRow, moment: Moment) -> tuple[str, str]:
    """Its state word and what is written for it: ``in use``, ``balancer``, or the state of its task."""
    if row.balancer:
        return "none", "balancer"
    if row.task is not None:
        word = task_state(row.task, moment)
    elif row.container is not None:
        word = container_health(row.container).word
    else:
        return "unknown", "not listed"
    return word, "in use" if word in ("running", "healthy") else word


def endpoint_state_line(row: EndpointRow, moment: Moment) -> Line:
    """``● in use``."""
    word, said = endpoint_state(row, moment)
    return state(word, said, SEVERITIES.get(word, ""))


def endpoint_detail(row: EndpointRow, moment: Moment, cells: int) -> Detail:
    """The description of an endpoint: its place on the network and the sandbox it belongs to."""
    snapshot = moment.snapshot
    network = snapshot.networks.get(row.network_id)
    node = snapshot.nodes.get(row.node_id)
    sheet = Sheet(moment, cells)
    sheet.fact("state", endpoint_state_line(row, moment), ", a load balancer of the engine" if row.balancer else "")
    sheet.fact("network", spaced(network.name if network else row.network_id[:12], (_driver(network), "muted")))
    sheet.fact("node", node.name if node else row.node_id[:12])
    service = snapshot.services.get(row.service_id)
    sheet.fact("belongs to", f"service {service.name}" if service else "")
    sheet.head("Endpoint", "an interface on the network")
    for label, value in (
        ("IPv4", row.ipv4),
        ("IPv6", row.ipv6),
        ("MAC", row.mac),
        ("gateway", row.gateway),
        ("id", row.endpoint_id),
        ("aliases", listing(row.aliases, most=8)),
    ):
        sheet.fact(label, value)
    if row.container is not None:
        sheet.grid(
            ("Sandbox", "address", ""),
            [
                (line(a.network), line(host(a.ipv4) or "-"), (("this one", "muted"),) if _same(a, network) else ())
                for a in row.container.networks
            ],
        )
        sheet.text(
            ("The sandbox holds the interfaces, routes and DNS of the container: one endpoint a network.", "muted")
        )
    elif row.balancer:
        sheet.head("What it is for")
        sheet.text("Each node has one per overlay network: it spreads what goes to a virtual address over the tasks.")
    elif not row.balancer:
        sheet.head("Sandbox", "not known here")
        sheet.text(("Its container is on a node whose engine was not asked.", "muted"))
    command = f"docker network inspect --verbose {network.name}" if network else ""
    sheet.command(command)
    compact = (
        one_row("state", endpoint_state_line(row, moment), cells=cells),
        one_row("node", node.name if node else row.node_id[:12], cells=cells),
        one_row("address", spaced(row.ipv4, row.ipv6, (row.mac, "muted")), cells=cells),
        one_row("aliases", listing(row.aliases, most=5) or ("none known", "muted"), cells=cells),
    )
    return Detail(row.name, sheet.lines, compact, command)


def _driver(network: Network | None) -> str:
    return f"{network.driver} {', '.join(network.subnets)}" if network else ""


def _same(attachment: Attachment, network: Network | None) -> bool:
    return network is not None and network.id == attachment.network_id
