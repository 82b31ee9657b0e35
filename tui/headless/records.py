"""What the lists tell of each object as JSON. The names of the fields are kept: scripts rely on them
(``docs/headless.md``). Unknown is ``null``; times are RFC 3339 in UTC; sizes are bytes."""

from __future__ import annotations

from typing import Any

from backends.api import Json
from backends.model import Event, LinkState, Snapshot
from backends.state.health import node_health
from backends.state.relations import relations
from tui.actions.objects import node_name
from tui.details.events import event_node
from tui.details.reach import reached_words
from tui.headless.plain import stamp
from tui.tables.containers import ContainerRow
from tui.tables.networks import NetworkRow
from tui.tables.nodes import NodeRow
from tui.tables.services import ServiceRow, health
from tui.tables.spec import Moment
from tui.tables.tasks import TaskRow

Record = dict[str, Json]


def _node(snapshot: Snapshot, node_id: str) -> str:
    if not node_id:
        # A plain engine has no node id; its machine has a name all the same.
        return snapshot.engine.name if snapshot.engine and not snapshot.in_swarm else ""
    return node_name(snapshot, node_id)


def container(row: ContainerRow, moment: Moment) -> Record:
    """One container. ``name`` is short (``web.2``), ``full_name`` the engine's."""
    c = row.container
    return {
        "id": c.id,
        "name": row.name,
        "full_name": c.name,
        "node": _node(moment.snapshot, c.node_id),
        "node_id": c.node_id,
        "state": c.state,
        "health": c.health,
        "exit_code": c.exit_code,
        "status": c.status,
        "image": c.image,
        "command": c.command,
        "created": stamp(c.created),
        "since": stamp(c.started),
        "ports": [
            {"host_ip": p.host_ip, "host_port": p.host_port, "container_port": p.container_port, "protocol": p.protocol}
            for p in c.ports
        ],
        "addresses": [{"network": a.network, "ipv4": a.ipv4, "ipv6": a.ipv6} for a in c.networks],
        "service": c.service_name,
        "task_id": c.task_id,
        "stack": c.stack,
        "project": c.project,
        "labels": dict(c.labels),
    }


def node(row: NodeRow, moment: Moment) -> Record:
    """One node. ``reached`` is ``self``, ``live``, or why its engine was not asked: ``stale``, ``denied``,
    ``unreachable``, ``connecting``, ``no``; ``reached_how`` says it in the words of the screen."""
    n = row.node
    link = moment.snapshot.links.get(n.id)
    own = n.id == moment.snapshot.node_id
    if own:
        link = moment.snapshot.link
    return {
        "id": n.id,
        "name": n.name,
        "role": n.role,
        "leader": n.is_leader,
        "state": n.state,
        "status": node_health(n).word,
        "availability": n.availability,
        "message": n.message,
        "address": n.address,
        "engine": n.engine_version,
        "os": n.os,
        "architecture": n.architecture,
        "cpus": n.nano_cpus / 1e9,
        "memory": n.memory,
        "labels": dict(n.labels),
        "reached": "self" if own else "no" if link is None else link.state.value,
        "reached_by": link.endpoint if link and (own or link.state is LinkState.LIVE) else "",
        "reached_how": reached_words(n, moment),
        "problem": "" if own or link is None else link.problem,
        "hint": "" if own or link is None else link.hint,
    }


def service(row: ServiceRow, moment: Moment) -> Record:
    """One service. ``state`` is what the screen says (``healthy``, ``failing``, ``pending``, …)."""
    s = row.service
    h = health(s, moment)
    return {
        "id": s.id,
        "name": s.name,
        "mode": s.mode.value,
        "running": h.running,
        "wanted": h.wanted,
        "state": h.word,
        "reason": h.reason,
        "error": h.error,
        "image": s.image,
        "ports": [
            {"published": p.published, "target": p.target, "protocol": p.protocol, "mode": p.mode} for p in s.ports
        ],
        "networks": [n.name for n in relations(moment.snapshot).networks_of(s)],
        "stack": s.stack,
        "update": s.update.state if s.update else "",
        "created": stamp(s.created),
        "updated": stamp(s.updated),
        "labels": dict(s.labels),
    }


def task(row: TaskRow, moment: Moment) -> Record:
    """One task. ``past`` is whether another has its place now, or none is meant to; ``last_error`` is its own error,
    or that of the one it is started again for."""
    t = row.task
    found = moment.snapshot.services.get(t.service_id)
    return {
        "id": t.id,
        "name": row.name,
        "service": found.name if found else "",
        "service_id": t.service_id,
        "slot": t.slot,
        "node": _node(moment.snapshot, t.node_id) if t.node_id else "",
        "node_id": t.node_id,
        "state": t.state,
        "desired_state": t.desired_state,
        "past": row.past,
        "message": t.message,
        "error": t.error,
        "last_error": row.error,
        "exit_code": t.exit_code if t.is_over else None,
        "container_id": t.container_id,
        "image": t.image,
        "addresses": [{"network": a.network_name, "address": x} for a in t.networks for x in a.addresses],
        "created": stamp(t.created),
        "updated": stamp(t.updated),
        "since": stamp(t.since),
    }


def network(row: NetworkRow, moment: Moment) -> Record:
    """One network; ``node`` is empty for those of the whole Swarm."""
    n = row.network
    local = n.node_id or not moment.snapshot.in_swarm
    return {
        "id": n.id,
        "name": n.name,
        "driver": n.driver,
        "scope": n.scope,
        "node": _node(moment.snapshot, n.node_id) if local else "",
        "node_id": n.node_id,
        "subnets": [{"subnet": c.subnet, "gateway": c.gateway} for c in n.ipam.configs],
        "internal": n.internal,
        "attachable": n.attachable,
        "ingress": n.ingress,
        "encrypted": n.driver == "overlay" and n.encrypted,
        "ipv6": n.ipv6,
        "config_only": n.config_only,
        "services": [s.name for s in relations(moment.snapshot).services_on(n)],
        "stack": n.stack,
        "created": stamp(n.created),
        "labels": dict(n.labels),
    }


def event(found: Event, snapshot: Snapshot) -> Record:
    """One event. ``source`` is ``engine``, or ``derived``, ``gap`` and ``stream`` for what dnet-tui itself tells;
    ``time_nano`` is by the clock there, which is ``clock_ahead`` seconds ahead, and ``time`` by ours."""
    attributes: dict[str, Any] = dict(found.attributes)
    return {
        "time": stamp(found.at),
        "time_nano": found.time_nano or int(found.time * 1e9),
        "clock_ahead": round(found.ahead, 3),
        "node": event_node(found, snapshot) or _node(snapshot, found.node_id),
        "node_id": found.node_id,
        "source": found.source.value,
        "scope": found.scope,
        "type": found.type,
        "action": found.action,
        "id": found.id,
        "name": found.name,
        "severity": found.severity,
        "text": found.text,
        "attributes": attributes,
    }
