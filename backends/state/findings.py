"""What needs attention in a snapshot, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backends.model import Container, Key, Kind, Node, Snapshot
from backends.state.grouping import Grouping, Memo
from backends.state.health import Severity, container_health, network_health, node_health, quorum
from backends.state.judged import health_of, listed_tasks, services_health
from backends.state.placement import why_pending
from backends.state.ports import PublishedAt
from backends.state.relations import Relations, relations
from backends.state.service_health import ServiceHealth
from backends.state.wording import duration, listing, plural, short_image

__all__ = ["Finding", "findings", "health_of", "listed_tasks", "services_health"]

#: A root certificate that ends within this many seconds is worth a line.
_CA_SOON = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs attention."""

    kind: Kind
    key: Key
    name: str
    severity: Severity
    word: str
    """A state word: ``failing``, ``down``, ``pending``, …"""
    sentence: str
    error: str = ""
    """The engine's whole text where there is one and the sentence does not have it."""
    since: float | None = None
    suggestions: tuple[str, ...] = ()
    """Action ids that help: ``logs``, ``open``, ``why``, ``rollback``, ``activate``, ``inspect``."""
    hint: str = ""
    """What an action would do, where its title does not say: ``roll back to shop/worker:1.9``."""


def findings(snapshot: Snapshot, now: float) -> tuple[Finding, ...]:
    """All that needs attention, worst first. ``now`` in seconds since the epoch."""
    health = services_health(snapshot, now)
    s = snapshot
    # Containers change with every event; what rests on the other kinds must not be worked out again for that.
    slow = _SLOW.get(
        (health, s.engine, s.nodes, s.networks, s.swarm, s.tasks),
        lambda: (
            *_of_swarm(snapshot, now),
            *_of_services(snapshot, health),
            *_of_nodes(snapshot),
            *_of_networks(snapshot),
        ),
        tick=int(now // 5),
    )
    ports = relations(snapshot).ports
    quick = _QUICK.get((ports,), lambda: tuple(_of_ports(ports)))
    troubled = _TROUBLE.of(s.containers, "trouble")
    return _SORTED.get(
        (slow, quick, troubled),
        lambda: tuple(sorted((*slow, *quick, *_of_containers(troubled)), key=_urgency)),
    )


_BY_SEVERITY = {"err": 0, "warn": 1, "chg": 2}
_BY_KIND = {Kind.SWARM: 0, Kind.SERVICE: 1, Kind.NODE: 2, Kind.NETWORK: 3, Kind.CONTAINER: 4}


def _urgency(f: Finding) -> tuple[int, int, float, str]:
    return (_BY_SEVERITY.get(f.severity, 3), _BY_KIND.get(f.kind, 5), -(f.since or 0.0), f.name)


def _of_swarm(s: Snapshot, now: float) -> Iterator[Finding]:
    membership = s.engine.swarm if s.engine else None
    if membership is None or membership.state in ("", "inactive"):
        return
    key = Key(Kind.SWARM, s.swarm.id if s.swarm else membership.cluster_id)
    if membership.state in ("locked", "error", "pending"):
        sentence = {
            "locked": "this manager is locked; its key opens it: docker swarm unlock",
            "pending": "this node is still joining the swarm",
            "error": "this node cannot take part in the swarm",
        }[membership.state]
        word = "waiting" if membership.state == "pending" else "failed"
        yield Finding(
            Kind.SWARM, key, "swarm", "warn" if word == "waiting" else "err", word, sentence, membership.error
        )
        return
    if not membership.control_available:
        return
    q = quorum(s)
    if q.word == "failed":
        sentence = (
            f"no quorum: {q.reachable} of {plural(q.managers, 'manager')} up, {q.needed} needed; "
            "the swarm runs on, but nothing in it can be changed"
        )
        yield Finding(Kind.SWARM, key, "swarm", "err", "failed", sentence, q.problem, None, ("nodes",))
    elif s.manager_problem:
        # Nothing is known of the managers: an engine that was asked for the first time now, or one that waits.
        sentence = "no quorum: the swarm runs on, but nothing in it can be changed"
        yield Finding(Kind.SWARM, key, "swarm", "err", "failed", sentence, s.manager_problem, None, ("nodes",))
    elif q.word == "degraded":
        lost = [n.name for n in s.nodes.values() if n.manager and n.manager.reachability != "reachable"]
        sentence = (
            f"{q.reachable} of {plural(q.managers, 'manager')} reachable, {listing(lost)} not; "
            f"survives the loss of {q.survives} more"
        )
        yield Finding(Kind.SWARM, key, "swarm", "warn", "degraded", sentence, "", None, ("nodes",))
    if s.swarm is not None and s.swarm.ca_expires is not None and s.swarm.ca_expires - now < _CA_SOON:
        left = s.swarm.ca_expires - now
        sentence = f"its root certificate ends in {duration(left)}" if left > 0 else "its root certificate ended"
        yield Finding(Kind.SWARM, key, "swarm", "warn" if left > 0 else "err", "degraded", sentence)


def _of_services(s: Snapshot, health: Mapping[str, ServiceHealth]) -> Iterator[Finding]:
    for service in s.services.values():
        h = health[service.id]
        if h.word not in ("failing", "pending", "degraded", "updating"):
            continue
        sentence, error, suggestions, hint = h.reason, h.error, ["open"], ""
        if h.word == "failing":
            suggestions = ["logs", "open"]
        elif h.word == "pending":
            suggestions = ["why", "open"]
            why = why_pending(service, s)
            if why is not None and not why.fitting and why.nodes:
                sentence = f"{h.running} of {h.wanted} replicas; no suitable node: {why.summary}"
        if h.word in ("failing", "degraded") and service.previous_image not in ("", service.image):
            suggestions.append("rollback")
            hint = f"roll back to {short_image(service.previous_image)}"
        if error and error in sentence:
            error = ""
        yield Finding(
            Kind.SERVICE,
            service.key,
            service.name,
            "chg" if h.severity == "chg" else "warn" if h.severity == "warn" else "err",
            h.word,
            sentence,
            error,
            h.since,
            tuple(suggestions),
            hint,
        )


def _of_nodes(s: Snapshot) -> Iterator[Finding]:
    index = relations(s)
    for node in s.nodes.values():
        h = node_health(node)
        if h.word not in ("down", "unknown", "degraded"):
            continue
        if h.word == "degraded" and s.engine is not None and s.engine.swarm.control_available:
            continue  # said of the Swarm as a whole
        sentence = "; ".join(p for p in (h.reason, _moved(node, index)) if p)
        yield Finding(
            Kind.NODE,
            node.key,
            node.name,
            "err" if h.word == "down" else "warn",
            h.word,
            sentence,
            "",
            node.updated,
            ("open",),
        )


def _moved(node: Node, index: Relations) -> str:
    """What became of a lost node's tasks, as far as tasks are listed."""
    tasks = [t for t in index.tasks_on(node.id) if t.state == "running" and t.slot]
    if not tasks:
        return ""
    replaced = sum(
        1
        for t in tasks
        if any(o.slot == t.slot and o.node_id != node.id and o.state == "running" for o in index.tasks_of(t.service_id))
    )
    if replaced == len(tasks):
        return f"its {plural(replaced, 'task')} {'was' if replaced == 1 else 'were'} started on other nodes"
    return f"{replaced} of its {plural(len(tasks), 'task')} run elsewhere"


def _of_networks(s: Snapshot) -> Iterator[Finding]:
    index = relations(s)
    for network in s.networks.values():
        if not network.is_swarm:
            continue
        h = network_health(network, index.addresses(network))
        if h.word in ("filling", "failing"):
            severity: Severity = "err" if h.word == "failing" else "warn"
            yield Finding(Kind.NETWORK, network.key, network.name, severity, h.word, h.reason, "", None, ("open",))


def _of_ports(ports: Sequence[PublishedAt]) -> Iterator[Finding]:
    told: set[tuple[int, str]] = set()
    for p in ports:
        if not p.conflict or (p.port, p.protocol) in told:
            continue
        told.add((p.port, p.protocol))
        key = Key(Kind.SERVICE, p.service_id) if p.service_id else Key(Kind.CONTAINER, p.container_id)
        sentence = f"wants port {p.port}/{p.protocol} too: {p.conflict}"
        yield Finding(key.kind, key, p.name, "warn", "degraded", sentence, "", None, ("open",))


def _of_containers(troubled: Sequence[Container]) -> Iterator[Finding]:
    for container in troubled:
        h = container_health(container)
        word, sentence = h.word, h.reason
        if container.state == "restarting":
            code = "" if container.exit_code is None else f" (exit {container.exit_code})"
            word, sentence = "failing", f"its engine restarts it again and again{code}"
        elif container.state == "dead":
            sentence = "its engine could not remove it"
        since = container.started
        name = container.name
        yield Finding(Kind.CONTAINER, container.key, name, "err", word, sentence, "", since, ("logs", "open"))


def _trouble(container: Container) -> tuple[str, ...]:
    bad = container.state in ("restarting", "dead") or container.health == "unhealthy"
    return ("trouble",) if bad else ()


_TROUBLE: Grouping[Container] = Grouping(_trouble, lambda c: (c.name, c.id))
_SLOW: Memo[tuple[Finding, ...]] = Memo()
_QUICK: Memo[tuple[Finding, ...]] = Memo()
_SORTED: Memo[tuple[Finding, ...]] = Memo()
