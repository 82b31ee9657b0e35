"""The ``docker service create`` line that makes the same service again, from what the model knows of its spec."""

from __future__ import annotations

import shlex

from backends.model import Healthcheck, Mode, MountSpec, PublishedPort, RolloutConfig, Service, Snapshot
from backends.state.relations import relations
from backends.state.wording import short_image
from tui.details.command import (
    Words,
    check_line,
    csv,
    each,
    flag_bytes,
    flag_cpus,
    flag_duration,
    given,
    pairs,
    shell,
)

#: The CLI's own defaults for ``--update-*`` and ``--rollback-*``: flags that say the same are left out.
_CLI_ROLLOUT = RolloutConfig()


def service_command(service: Service, snapshot: Snapshot) -> str:
    """One line, quoted. Options follow the order of ``docker service create --help`` by subject."""
    known = relations(snapshot)
    words: list[tuple[str, ...]] = [("docker", "service", "create"), ("--name", service.name)]
    if service.mode is not Mode.REPLICATED:
        words.append(("--mode", service.mode.value))
    if service.replicas not in (None, 1):
        words.append(("--replicas", str(service.replicas)))
    for attached in service.networks:
        network = known.network(attached.target)
        name = network.name if network else attached.target
        aliases = [a for a in attached.aliases if a != service.name]
        words.append(("--network", csv(f"name={name}", *(f"alias={a}" for a in aliases)) if aliases else name))
    words += [("--publish", published(port)) for port in service.ports]
    if service.endpoint_mode == "dnsrr":
        words.append(("--endpoint-mode", "dnsrr"))
    words += _placement(service)
    words += _resources(service)
    words += each("--env", service.env)
    words += [("--mount", mount(m)) for m in service.mounts]
    words += [("--config", csv(f"source={name}", f"target={path}")) for name, path in service.configs]
    words += [
        ("--secret", name if file in ("", name) else csv(f"source={name}", f"target={file}"))
        for name, file in service.secrets
    ]
    words += given("--user", service.user) + given("--workdir", service.workdir)
    words += given("--hostname", service.hostname)
    words += _health(service.healthcheck)
    words += _restart(service)
    words += _rollout("--update", service.update_config) + _rollout("--rollback", service.rollback_config)
    words += given("--log-driver", service.log_driver)
    words += pairs("--label", service.labels) + pairs("--container-label", service.container_labels)
    if service.command:
        words.append(("--entrypoint", shlex.join(service.command)))
    words.append((short_image(service.image), *service.args))
    return shell(tuple(words))


def published(port: PublishedPort) -> str:
    """A port as ``--publish`` takes it: ``8001:80``, ``53:53/udp``; in long form for host mode."""
    if port.mode == "host":
        number = f"published={port.published}" if port.published else ""
        return csv(number, f"target={port.target}", f"protocol={port.protocol}", "mode=host")
    suffix = "" if port.protocol == "tcp" else f"/{port.protocol}"
    return f"{port.published}:{port.target}{suffix}" if port.published else f"{port.target}{suffix}"


def mount(spec: MountSpec) -> str:
    """A mount as ``--mount`` takes it."""
    source = f"source={spec.source}" if spec.source else ""
    return csv(f"type={spec.type}", source, f"target={spec.target}", "readonly" if spec.read_only else "")


def _placement(service: Service) -> Words:
    words = each("--constraint", service.constraints) + each("--placement-pref", service.preferences)
    if service.max_per_node:
        words += (("--replicas-max-per-node", str(service.max_per_node)),)
    return words


def _resources(service: Service) -> Words:
    r = service.resources
    return (
        given("--limit-cpu", flag_cpus(r.limit_cpu) if r.limit_cpu else "")
        + given("--limit-memory", flag_bytes(r.limit_memory) if r.limit_memory else "")
        + given("--limit-pids", str(r.limit_pids) if r.limit_pids else "")
        + given("--reserve-cpu", flag_cpus(r.reserve_cpu) if r.reserve_cpu else "")
        + given("--reserve-memory", flag_bytes(r.reserve_memory) if r.reserve_memory else "")
    )


def _health(check: Healthcheck | None) -> Words:
    if check is None or not check.test:
        return ()
    if check.test[0] == "NONE":
        return (("--no-healthcheck",),)
    test = check_line(check.test)
    words: Words = (("--health-cmd", test),)
    for flag, seconds in (
        ("--health-interval", check.interval),
        ("--health-timeout", check.timeout),
        ("--health-start-period", check.start_period),
    ):
        words += given(flag, flag_duration(seconds) if seconds else "")
    return words + given("--health-retries", str(check.retries) if check.retries else "")


def _restart(service: Service) -> Words:
    r = service.restart
    condition = r.condition if r.condition != ("on-failure" if service.is_job else "any") else ""
    return (
        given("--restart-condition", condition)
        + given("--restart-delay", flag_duration(r.delay) if r.delay != 5 else "")
        + given("--restart-max-attempts", str(r.max_attempts) if r.max_attempts else "")
        + given("--restart-window", flag_duration(r.window) if r.window else "")
    )


def _rollout(prefix: str, config: RolloutConfig | None) -> Words:
    if config is None:
        return ()
    plain = _CLI_ROLLOUT
    changed: list[tuple[str, str]] = []
    if config.parallelism != plain.parallelism:
        changed.append(("parallelism", str(config.parallelism)))
    if config.delay != plain.delay:
        changed.append(("delay", flag_duration(config.delay)))
    if config.failure_action != plain.failure_action:
        changed.append(("failure-action", config.failure_action))
    if config.monitor not in (0, plain.monitor):
        changed.append(("monitor", flag_duration(config.monitor)))
    if config.max_failure_ratio != plain.max_failure_ratio:
        changed.append(("max-failure-ratio", f"{config.max_failure_ratio:g}"))
    if config.order != plain.order:
        changed.append(("order", config.order))
    return tuple((f"{prefix}-{name}", value) for name, value in changed)
