"""Tasks: one slot of a service on one node, now or in the past."""

from __future__ import annotations

from backends.model.base import Key, Kind, Value

#: States of a task that is over (swarmkit ``api.TaskState``, terminal ones).
ENDED = frozenset({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})
#: States in which a task has not started its container yet.
BEFORE_RUNNING = frozenset({"new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting"})


class TaskAttachment(Value, frozen=True, kw_only=True):
    """A task's place on one network; addresses in CIDR form."""

    network_id: str
    network_name: str = ""
    addresses: tuple[str, ...] = ()


class Task(Value, frozen=True, kw_only=True):
    """A task (``GET /tasks``). Tasks send no events: their changes are derived from two listings."""

    id: str
    version: int = 0
    service_id: str = ""
    node_id: str = ""
    slot: int = 0
    """0 for tasks of global services."""
    state: str = "new"
    desired_state: str = "running"
    message: str = ""
    error: str = ""
    """Whole error text of the engine, never cut."""
    container_id: str = ""
    exit_code: int | None = None
    pid: int = 0
    image: str = ""
    networks: tuple[TaskAttachment, ...] = ()
    labels: dict[str, str] = {}
    created: float | None = None
    updated: float | None = None
    since: float | None = None
    """When it came into its state (``Status.Timestamp``)."""

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.TASK, self.id)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is only kept as history."""
        return self.state in ENDED

    @property
    def failed(self) -> bool:
        """Whether it ended badly."""
        return self.state in ("failed", "rejected", "orphaned")
