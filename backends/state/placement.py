"""Where a service can run, and why not elsewhere: the scheduler's tests, worked out node by node.

Source of the tests: swarmkit ``manager/scheduler/filter.go`` (ready, resources, plugins, constraints,
platform, host ports, replicas per node). The scheduler itself is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from backends.model import Kind, Mode, Node, Service, Snapshot, Task
from backends.state.constraints import Constraint, parse_constraint, platform_fits, satisfies
from backends.state.relations import Relations, relations
from backends.state.wording import listing, plural


@dataclass(frozen=True, slots=True)
class Test:
    """One test of one node. ``passed`` is ``None`` where it cannot be told from what is known."""

    __test__ = False  # pytest takes any class of this name for its own

    name: str
    """Column head: ``up``, ``availability``, a constraint, ``platform``, ``cpu``, ``memory``, ``ports``,
    ``addresses``, ``plugins``, ``per node``."""
    passed: bool | None
    text: str = ""
    """What was found where it failed: ``down``, ``drain``, ``1.1 GiB free``."""


@dataclass(frozen=True, slots=True)
class NodeVerdict:
    """All tests of one node."""

    node: Node
    tests: tuple[Test, ...]

    @property
    def fits(self) -> bool:
        """Whether no test failed."""
        return all(t.passed is not False for t in self.tests)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What failed, in words: ``down``, ``no label disk=ssd``."""
        return tuple(t.text for t in self.tests if t.passed is False)


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that would let it run. ``command`` is the equal docker line, or empty."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a service can run now."""

    service: Service
    summary: str
    """One sentence part: ``6 nodes lack label disk=ssd; worker-5 has it and is down``."""
    nodes: tuple[NodeVerdict, ...]
    says: str = ""
    """What the Swarm itself says of its pending task, whole."""
    remedies: tuple[Remedy, ...] = ()

    @property
    def fitting(self) -> tuple[Node, ...]:
        """Nodes that pass every test."""
        return tuple(v.node for v in self.nodes if v.fits)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the tests, in the order of each verdict."""
        return tuple(t.name for t in self.nodes[0].tests) if self.nodes else ()


def placement(service: Service, snapshot: Snapshot, says: str = "") -> Placement:
    """Tests each node of the Swarm for one more task of ``service``. Resources and host ports are unknown
    unless the whole task list is there."""
    index = relations(snapshot)
    constraints = [c for c in map(parse_constraint, service.constraints) if c is not None]
    nodes = sorted(snapshot.nodes.values(), key=lambda n: (n.role, n.name))
    # What is the same for every node is worked out once.
    addresses, drivers = _addresses(service, index), _drivers(service, index)
    verdicts = tuple(NodeVerdict(n, tuple(_tests(service, n, constraints, index, addresses, drivers))) for n in nodes)
    summary = _summary(verdicts, constraints)
    return Placement(service, summary, verdicts, says, _remedies(service, verdicts, constraints))


def why_pending(subject: Task | Service, snapshot: Snapshot) -> Placement | None:
    """Why a task, or a service's newest pending task, finds no node; ``None`` where nothing is pending or
    the service is not known."""
    index = relations(snapshot)
    if isinstance(subject, Task):
        service = snapshot.services.get(subject.service_id)
        task: Task | None = subject
    else:
        service = subject
        waiting = [t for t in index.tasks_of(service.id) if t.state == "pending"]
        task = max(waiting, key=lambda t: t.created or 0.0, default=None)
    if service is None or task is None:
        return None
    return placement(service, snapshot, task.error or task.message)


def _tests(
    service: Service,
    node: Node,
    constraints: Sequence[Constraint],
    index: Relations,
    addresses: list[Test],
    drivers: set[tuple[str, str]],
) -> list[Test]:
    tests = [
        Test("up", node.state == "ready", "" if node.state == "ready" else node.state),
        Test("availability", node.availability == "active", _availability(node)),
    ]
    for c in constraints:
        passed = satisfies(node, c)
        tests.append(Test(c.text, passed, "" if passed else f"{'no' if c.equal else 'has'} {c.subject}"))
    if service.platforms:
        passed = platform_fits(node, service.platforms)
        tests.append(Test("platform", passed, "" if passed else f"is {node.os}/{node.architecture}"))
    tests += _resources(service, node, index)
    tests += _ports(service, node, index)
    tests += addresses
    tests += _plugins(node, drivers)
    if service.max_per_node and service.mode in (Mode.REPLICATED, Mode.REPLICATED_JOB):
        held = sum(1 for t in index.tasks_of(service.id) if t.node_id == node.id and holds_room(t))
        passed = held < service.max_per_node
        tests.append(Test("per node", passed, "" if passed else f"has {held} of {service.max_per_node}"))
    return tests


def holds_room(task: Task) -> bool:
    """Whether a task takes up room: it is not over, and not on its way out."""
    return not task.is_over and task.desired_state in ("running", "ready", "accepted", "complete")


def _availability(node: Node) -> str:
    return {"active": "", "drain": "drained", "pause": "paused"}.get(node.availability, node.availability)


def _resources(service: Service, node: Node, index: Relations) -> list[Test]:
    tests: list[Test] = []
    wants = service.resources
    known = Kind.TASK in index.snapshot.listed
    for name, wanted, size, reserve in (
        ("cpu", wants.reserve_cpu, node.nano_cpus, "reserve_cpu"),
        ("memory", wants.reserve_memory, node.memory, "reserve_memory"),
    ):
        if not wanted:
            continue
        services = index.snapshot.services
        held = sum(
            getattr(services[t.service_id].resources, reserve)
            for t in index.tasks_on(node.id)
            if holds_room(t) and t.service_id in services
        )
        free = size - held
        passed = None if node.state != "ready" else False if free < wanted else True if known else None
        room = f"{free / 1e9:.3g} cpu free" if name == "cpu" else f"{free / 2**30:.3g} GiB free"
        tests.append(Test(name, passed, room if passed is False else ""))
    return tests


def _ports(service: Service, node: Node, index: Relations) -> list[Test]:
    wanted = {(p.published, p.protocol) for p in service.ports if p.mode == "host" and p.published}
    if not wanted:
        return []
    for p in index.ports:
        if p.mode == "host" and (p.port, p.protocol) in wanted and node.id in p.node_ids:
            return [Test("ports", False, f"port {p.port} taken by {p.name}")]
    return [Test("ports", True if Kind.TASK in index.snapshot.listed else None)]


def _addresses(service: Service, index: Relations) -> list[Test]:
    for network in index.networks_of(service):
        if not network.is_swarm or network.driver != "overlay":
            continue
        use = index.addresses(network)
        if use.free == 0:
            return [Test("addresses", False, f"no free address in {network.name}")]
    return [Test("addresses", True)] if service.networks else []


def _drivers(service: Service, index: Relations) -> set[tuple[str, str]]:
    """(type, name) of the plugins that a node must have."""
    wanted = {("network", n.driver) for n in index.networks_of(service) if n.driver and not n.ingress}
    if service.log_driver and service.log_driver != "none":
        wanted.add(("log", service.log_driver))
    return wanted


def _plugins(node: Node, wanted: set[tuple[str, str]]) -> list[Test]:
    if not wanted:
        return []
    have = {(p.type.lower(), p.name.partition(":")[0].lower()) for p in node.plugins}
    types = {kind for kind, _ in have}
    missing = sorted(
        name for kind, name in wanted if kind in types and (kind, name.partition(":")[0].lower()) not in have
    )
    return [Test("plugins", not missing, f"no plugin {listing(missing)}" if missing else "")]


def _summary(verdicts: Sequence[NodeVerdict], constraints: Sequence[Constraint]) -> str:
    if not verdicts:
        return "no node is known"
    fitting = [v for v in verdicts if v.fits]
    if fitting:
        return f"{plural(len(fitting), 'node')} of {len(verdicts)} would take it"
    lasting = {c.text for c in constraints} | {"platform", "plugins"}
    parts: list[str] = []
    able: list[NodeVerdict] = []
    groups: dict[tuple[Test, ...], list[NodeVerdict]] = {}
    for v in verdicts:
        unmet = tuple(t for t in v.tests if t.passed is False and t.name in lasting)
        if unmet:
            groups.setdefault(unmet, []).append(v)
        else:
            able.append(v)
    for unmet, members in sorted(groups.items(), key=lambda g: -len(g[1])):
        who = members[0].node.name if len(members) == 1 else f"{len(members)} nodes"
        parts.append(f"{who} {_unmet(unmet, len(members) == 1, constraints)}")
    subject = _asked(constraints)
    for v in able[:3]:
        said = f"{subject} and " if subject and groups else ""
        parts.append(f"{v.node.name} {said}{listing([_reason(t) for t in v.tests if t.passed is False])}")
    if len(able) > 3:
        parts.append(f"{len(able) - 3} more match and cannot take it now")
    return "; ".join(parts)


def _reason(test: Test) -> str:
    """A failed test as what the node is or has: ``is down``, ``has no free address in net``."""
    verb = "is" if test.name in ("up", "availability") else "has"
    text = test.text.removeprefix("has ")
    return f"{verb} {text}"


def _unmet(tests: Sequence[Test], one: bool, constraints: Sequence[Constraint]) -> str:
    words: list[str] = []
    by_text = {c.text: c for c in constraints}
    for t in tests:
        c = by_text.get(t.name)
        if c is None:
            words.append(("is" if one else "are") + f" unfit: {t.text}")
        elif c.equal:
            words.append(f"{'lacks' if one else 'lack'} {c.subject}")
        else:
            words.append(f"{'has' if one else 'have'} {c.subject}")
    return listing(words)


def _asked(constraints: Sequence[Constraint]) -> str:
    """``has it`` where there is one constraint that asks for something."""
    if not constraints:
        return ""
    if len(constraints) == 1:
        return "has it" if constraints[0].equal else "has it not"
    return "meets them"


def _remedies(
    service: Service, verdicts: Sequence[NodeVerdict], constraints: Sequence[Constraint]
) -> tuple[Remedy, ...]:
    if any(v.fits for v in verdicts):
        return ()
    found: list[Remedy] = []
    for v in verdicts:
        failed = [t for t in v.tests if t.passed is False]
        if [t.name for t in failed] == ["up"]:
            found.append(Remedy(f"bring {v.node.name} back"))
        elif [t.name for t in failed] == ["availability"]:
            command = f"docker node update --availability active {quote(v.node.name)}"
            found.append(Remedy(f"let {v.node.name} take tasks again", command))
    for c in constraints:
        others = [
            v.node
            for v in verdicts
            if all(t.passed is not False for t in v.tests if t.name != c.text) and not satisfies(v.node, c)
        ]
        if c.equal and others and c.key.lower().startswith("node.labels."):
            label = f"{c.key[len('node.labels.') :]}={c.value}"
            command = f"docker node update --label-add {quote(label)} {quote(others[0].name)}"
            found.append(Remedy("label another node", command))
        if others:
            command = f"docker service update --constraint-rm {quote(c.text)} {quote(service.name)}"
            found.append(Remedy("drop the constraint", command))
    return tuple(found[:6])
