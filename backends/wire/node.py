"""Nodes: ``GET /nodes``."""

from __future__ import annotations

from backends.model import ManagerStatus, Node, Plugin
from backends.wire import rfc3339
from backends.wire.common import Version
from backends.wire.lenient import Many, StrMap, Wire


class _Spec(Wire):
    Name: str = ""
    Role: str = "worker"
    Availability: str = "active"
    Labels: StrMap = None


class _Platform(Wire):
    Architecture: str = ""
    OS: str = ""


class _Resources(Wire):
    NanoCPUs: int = 0
    MemoryBytes: int = 0


class _Plugin(Wire):
    Type: str = ""
    Name: str = ""


class _Engine(Wire):
    EngineVersion: str = ""
    Labels: StrMap = None
    Plugins: list[_Plugin] | None = None


class _Description(Wire):
    Hostname: str = ""
    Platform: _Platform | None = None
    Resources: _Resources | None = None
    Engine: _Engine | None = None


class _Status(Wire):
    State: str = "unknown"
    Message: str = ""
    Addr: str = ""


class _Manager(Wire):
    Leader: bool = False
    Reachability: str = "unknown"
    Addr: str = ""


class _Node(Wire):
    ID: str = ""
    Version: Version | None = None
    CreatedAt: str = ""
    UpdatedAt: str = ""
    Spec: _Spec | None = None
    Description: _Description | None = None
    Status: _Status | None = None
    ManagerStatus: _Manager | None = None


_NODES = Many(_Node)


def _address(n: _Node) -> str:
    """The node's address; a manager that sees itself as 0.0.0.0 is known by its raft address."""
    seen = n.Status.Addr if n.Status else ""
    if seen in ("", "0.0.0.0", "127.0.0.1") and n.ManagerStatus and n.ManagerStatus.Addr:
        raft = n.ManagerStatus.Addr.rpartition(":")[0].strip("[]")
        return raft if raft not in ("", "0.0.0.0") else seen
    return seen


def _node(n: _Node) -> Node:
    spec = n.Spec or _Spec()
    what = n.Description or _Description()
    engine = what.Engine or _Engine()
    platform = what.Platform or _Platform()
    size = what.Resources or _Resources()
    status = n.Status or _Status()
    m = n.ManagerStatus
    return Node(
        id=n.ID,
        version=n.Version.Index if n.Version else 0,
        hostname=what.Hostname,
        role=spec.Role,
        availability=spec.Availability,
        state=status.State,
        message=status.Message,
        address=_address(n),
        manager=ManagerStatus(leader=m.Leader, reachability=m.Reachability, address=m.Addr) if m else None,
        engine_version=engine.EngineVersion,
        os=platform.OS,
        architecture=platform.Architecture,
        nano_cpus=size.NanoCPUs,
        memory=size.MemoryBytes,
        labels=spec.Labels or {},
        engine_labels=engine.Labels or {},
        plugins=tuple(Plugin(type=p.Type, name=p.Name) for p in engine.Plugins or ()),
        created=rfc3339.parse(n.CreatedAt),
        updated=rfc3339.parse(n.UpdatedAt),
    )


def nodes(data: bytes) -> list[Node]:
    """All nodes; raises ``BadAnswer`` where ``data`` is no listing."""
    return [_node(n) for n in _NODES.decode(data) if n.ID]
