"""The flags of ``docker service create`` and ``update``: resources, health, rollouts and restarts.

Each is declared once; see ``service_flags``.
"""

from __future__ import annotations

from backends.change import health_part, keyed_parts
from backends.change import value_types as types
from backends.change.flag_makers import RESOURCES, listed, scalar
from backends.change.flags import Flag, Section, Source
from backends.change.scalar_parts import RESTART, Resource, rollout

_UPDATE = rollout("update", "UpdateConfig")
_ROLLBACK = rollout("rollback", "RollbackConfig")
_ORDERS = ("stop-first", "start-first")

RESOURCE_FLAGS = tuple(
    scalar(name, type, Section.RESOURCES, (*RESOURCES, *path), help, default=default, since=since, kind=Resource)
    for name, type, path, help, default, since in (
        ("limit-cpu", types.CPUS, ("Limits", "NanoCPUs"), "Limit CPUs", "", ""),
        ("limit-memory", types.BYTES, ("Limits", "MemoryBytes"), "Limit memory", "", ""),
        ("limit-pids", types.INT, ("Limits", "Pids"), "Limit maximum number of processes", "0, unlimited", "1.41"),
        ("reserve-cpu", types.CPUS, ("Reservations", "NanoCPUs"), "Reserve CPUs", "", ""),
        ("reserve-memory", types.BYTES, ("Reservations", "MemoryBytes"), "Reserve memory", "", ""),
    )
)
GENERIC_FLAGS = listed(
    "generic-resource",
    types.GENERIC,
    Section.RESOURCES,
    keyed_parts.GENERIC_RESOURCES,
    ("User defined resources", "Add a Generic resource", "Remove a Generic resource"),
)

HEALTH_FLAGS = (
    Flag(
        "health-cmd", types.STRING, "Command to run to check health", Section.HEALTH, health_part.HEALTH, since="1.25"
    ),
    *(
        Flag(name, type, help, Section.HEALTH, health_part.HEALTH, since=since)
        for name, type, help, since in (
            ("health-interval", types.SPAN, "Time between running the check", "1.25"),
            ("health-timeout", types.SPAN, "Maximum time to allow one check to run", "1.25"),
            ("health-retries", types.INT, "Consecutive failures needed to report unhealthy", "1.25"),
            (
                "health-start-period",
                types.SPAN,
                "Start period for the container to initialize before counting retries towards unstable",
                "1.29",
            ),
            (
                "health-start-interval",
                types.SPAN,
                "Time between running the check during the start period",
                "1.44",
            ),
            ("no-healthcheck", types.BOOL, "Disable any container-specified HEALTHCHECK", "1.25"),
        )
    ),
)


def _rollout(prefix: str, what: str, section: Section, actions: tuple[str, ...], since: str) -> tuple[Flag, ...]:
    part = _UPDATE if prefix == "update" else _ROLLBACK
    order_since = "1.29"
    return (
        Flag(
            f"{prefix}-parallelism",
            types.UINT,
            f"Maximum number of tasks {what} simultaneously (0 for all at once)",
            section,
            part,
            default="1",
            since="" if prefix == "update" else since,
        ),
        Flag(
            f"{prefix}-delay",
            types.DURATION,
            f"Delay between tasks being {what}",
            section,
            part,
            default="0s",
            since="" if prefix == "update" else since,
        ),
        Flag(
            f"{prefix}-monitor",
            types.DURATION,
            f"Duration after each task is {what} to monitor for failure",
            section,
            part,
            default="5s",
            since=since,
        ),
        Flag(
            f"{prefix}-failure-action",
            types.STRING,
            "Action on failure",
            section,
            part,
            default="pause",
            since="" if prefix == "update" else since,
            source=Source.CHOICES,
            choices=actions,
        ),
        Flag(
            f"{prefix}-max-failure-ratio",
            types.FLOAT,
            "Failure rate to tolerate",
            section,
            part,
            default="0",
            since=since,
        ),
        Flag(
            f"{prefix}-order",
            types.STRING,
            "Whether the old task stops first or the new one starts first",
            section,
            part,
            default="stop-first",
            since=order_since,
            source=Source.CHOICES,
            choices=_ORDERS,
        ),
    )


ROLLOUT_FLAGS = (
    *_rollout("update", "updated", Section.UPDATE, ("pause", "continue", "rollback"), "1.25"),
    *_rollout("rollback", "rolled back", Section.ROLLBACK, ("pause", "continue"), "1.28"),
)

RESTART_FLAGS = (
    Flag(
        "restart-condition",
        types.STRING,
        "Restart when condition is met",
        Section.RESTART,
        RESTART,
        default="any",
        source=Source.CHOICES,
        choices=("any", "on-failure", "none"),
    ),
    Flag("restart-delay", types.DURATION, "Delay between restart attempts", Section.RESTART, RESTART, default="5s"),
    Flag(
        "restart-max-attempts",
        types.UINT,
        "Maximum number of restarts before giving up",
        Section.RESTART,
        RESTART,
        default="0, unlimited",
    ),
    Flag(
        "restart-window",
        types.DURATION,
        "Window used to evaluate the restart policy",
        Section.RESTART,
        RESTART,
        default="0s",
    ),
)
