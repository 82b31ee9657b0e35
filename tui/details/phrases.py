"""Parts of a spec said in words: rollouts, restarts, limits, mounts, checks."""

from __future__ import annotations

from backends.model import (
    ContainerMount,
    Healthcheck,
    Mode,
    MountSpec,
    PublishedPort,
    Resources,
    RestartPolicy,
    RolloutConfig,
    Service,
)
from tui.details.command import check_line
from tui.look.symbols import sym
from tui.text.ago import cpu, duration, size
from tui.text.span import Line, line


def pace(config: RolloutConfig | None) -> str:
    """``1 at a time, 10 s apart, pause on failure``; empty where the spec leaves it to the engine."""
    if config is None:
        return ""
    parts = ["all at once" if not config.parallelism else f"{config.parallelism} at a time"]
    if config.delay and config.parallelism:
        parts.append(f"{duration(config.delay)} apart")
    parts.append("new before old" if config.order == "start-first" else "")
    parts.append(f"{config.failure_action} on failure")
    if config.max_failure_ratio:
        parts.append(f"{config.max_failure_ratio:.0%} may fail")
    return ", ".join(part for part in parts if part)


def restarts(policy: RestartPolicy, job: bool = False) -> str:
    """``whenever it ends, after 5 s, no limit``."""
    if policy.condition == "none":
        return "never"
    when = "on failure" if policy.condition == "on-failure" or job else "whenever it ends"
    limit = f"at most {policy.max_attempts} times" if policy.max_attempts else "no limit"
    if policy.max_attempts and policy.window:
        limit += f" in {duration(policy.window)}"
    return f"{when}, after {duration(policy.delay)}, {limit}"


def mode(service: Service) -> str:
    """``replicated``, ``global``, ``replicated job``."""
    return service.mode.value.replace("-", " ")


def limits(resources: Resources) -> Line:
    """``0.50 cpu, 256 MiB   reserves 128 MiB``; empty without any."""
    limit = _amounts(resources.limit_cpu, resources.limit_memory)
    if resources.limit_pids:
        limit = ", ".join(filter(None, (limit, f"{resources.limit_pids} processes")))
    reserve = _amounts(resources.reserve_cpu, resources.reserve_memory)
    out: Line = ((limit, ""),) if limit else ()
    if reserve:
        out = line(out, "   " if limit else "none   ", ("reserves ", "muted"), reserve)
    return out


def _amounts(cpus: int, memory: int) -> str:
    return ", ".join(filter(None, (cpu(cpus) if cpus else "", size(memory) if memory else "")))


def mount_line(mount: MountSpec | ContainerMount) -> Line:
    """``volume loki-data → /loki   read only``."""
    if isinstance(mount, MountSpec):
        source, target = mount.source, mount.target
    else:
        source, target = mount.name or mount.source, mount.destination
    shown = source or ("anonymous" if mount.type == "volume" else "")
    parts: list[tuple[str, str]] = [(mount.type, "muted")]
    if shown:
        parts.append((f" {shown}", ""))
    parts += [(f" {sym('to')} ", "muted"), (target, "")]
    if mount.read_only:
        parts.append(("   read only", "muted"))
    return tuple(parts)


def check(healthcheck: Healthcheck | None) -> Line:
    """``curl -f http://localhost   every 30 s``; says so where the service sets none."""
    if healthcheck is None or not healthcheck.test:
        return line(("the image's, if it has one", "muted"))
    if healthcheck.test[0] == "NONE":
        return line("switched off")
    parts = [
        f"every {duration(healthcheck.interval)}" if healthcheck.interval else "",
        f"at most {duration(healthcheck.timeout)}" if healthcheck.timeout else "",
        f"{healthcheck.retries} failures are unhealthy" if healthcheck.retries else "",
        f"first {duration(healthcheck.start_period)} do not count" if healthcheck.start_period else "",
    ]
    said = ", ".join(part for part in parts if part)
    return line(check_line(healthcheck.test), (f"   {said}" if said else "", "muted"))


def port_line(port: PublishedPort) -> Line:
    """``8001 → 80/tcp    ingress, on every node``."""
    where = "ingress, on every node" if port.mode == "ingress" else "host, on the nodes that run a task"
    shown = (str(port.published), "strong bold") if port.published else ("a free port", "muted")
    return line(shown, (f" {sym('to')} ", "muted"), f"{port.target}/{port.protocol}", (f"    {where}", "muted"))


def wanted_word(service: Service) -> str:
    """What its tasks are called: replicas, or tasks of a global service or job."""
    return "replicas" if service.mode is Mode.REPLICATED else "tasks"
