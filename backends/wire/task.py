"""Tasks: ``GET /tasks``."""

from __future__ import annotations

from backends.model import Task, TaskAttachment
from backends.model.task import ENDED
from backends.wire import rfc3339
from backends.wire.common import Named, Pool, Version
from backends.wire.lenient import Many, StrList, StrMap, Wire


class _ContainerStatus(Wire):
    ContainerID: str = ""
    PID: int = 0
    ExitCode: int = 0


class _Status(Wire):
    Timestamp: str = ""
    State: str = "new"
    Message: str = ""
    Err: str = ""
    ContainerStatus: _ContainerStatus | None = None


class _Image(Wire):
    Image: str = ""


class _Plugin(Wire):
    Remote: str = ""


class _AttachmentSpec(Wire):
    ContainerID: str = ""


class _Spec(Wire):
    ContainerSpec: _Image | None = None
    PluginSpec: _Plugin | None = None
    NetworkAttachmentSpec: _AttachmentSpec | None = None


class _Network(Wire):
    ID: str = ""
    Spec: Named | None = None


class _Attachment(Wire):
    Network: _Network | None = None
    Addresses: StrList = None


class _Task(Wire):
    ID: str = ""
    Version: Version | None = None
    CreatedAt: str = ""
    UpdatedAt: str = ""
    Labels: StrMap = None
    Spec: _Spec | None = None
    ServiceID: str = ""
    Slot: int = 0
    NodeID: str = ""
    Status: _Status | None = None
    DesiredState: str = "running"
    NetworksAttachments: list[_Attachment] | None = None


_TASKS = Many(_Task)


def tasks(data: bytes) -> list[Task]:
    """All tasks, past ones included; raises ``BadAnswer`` where ``data`` is no listing.

    A container attached by hand to an overlay has a task without a service, which is told only where the
    filter ``runtime=attachment`` asks for it (moby ``daemon/cluster/tasks.go``).
    """
    pool = Pool()
    share = pool.text
    result = []
    for t in _TASKS.decode(data):
        if not t.ID:
            continue
        status = t.Status or _Status()
        box = status.ContainerStatus
        spec = t.Spec
        image = ""
        container_id = box.ContainerID if box else ""
        if spec is not None:
            if spec.ContainerSpec is not None:
                image = spec.ContainerSpec.Image
            elif spec.PluginSpec is not None:
                image = spec.PluginSpec.Remote
            elif spec.NetworkAttachmentSpec is not None:
                container_id = container_id or spec.NetworkAttachmentSpec.ContainerID
        result.append(
            Task(
                id=t.ID,
                version=t.Version.Index if t.Version else 0,
                service_id=share(t.ServiceID),
                node_id=share(t.NodeID),
                slot=t.Slot,
                state=share(status.State),
                desired_state=share(t.DesiredState),
                message=share(status.Message),
                error=share(status.Err),
                container_id=container_id,
                # Go's zero is indistinguishable from "still running" unless the task is over
                exit_code=box.ExitCode if box and box.ContainerID and status.State in ENDED else None,
                pid=box.PID if box else 0,
                image=share(image),
                networks=_networks(t.NetworksAttachments, pool) if t.NetworksAttachments else (),
                labels=pool.map(t.Labels),
                created=rfc3339.parse(t.CreatedAt),
                updated=rfc3339.parse(t.UpdatedAt),
                since=rfc3339.parse(status.Timestamp),
            )
        )
    return result


def _networks(found: list[_Attachment], pool: Pool) -> tuple[TaskAttachment, ...]:
    return tuple(
        TaskAttachment(
            network_id=pool.text(a.Network.ID),
            network_name=pool.text(a.Network.Spec.Name) if a.Network.Spec else "",
            addresses=tuple(a.Addresses or ()),
        )
        for a in found
        if a.Network is not None
    )
