"""The ``docker run`` line that makes the same container again."""

from __future__ import annotations

from backends.model import Container, ContainerDetail, ContainerMount
from backends.state.wording import short_image
from tui.details.command import Words, check_line, csv, each, flag_bytes, flag_cpus, given, pairs, shell

#: Labels that Compose and Swarm write; a container made by hand would only pretend with them.
_OWNED = ("com.docker.compose.", "com.docker.swarm.", "com.docker.stack.")


def container_command(container: Container, extra: ContainerDetail | None = None) -> str:
    """One line, quoted. A container of a service is made by the Swarm: its line shows it instead.

    Without ``extra`` only what a listing tells is in it.
    """
    if container.service_id:
        return shell((("docker", "inspect"), (container.name or container.id[:12],)))
    words: list[tuple[str, ...]] = [("docker", "run"), ("--detach",), ("--name", container.name or container.id[:12])]
    words += _networks(container)
    words += _ports(container)
    words += _mounts(extra.mounts if extra else container.mounts)
    if extra is not None:
        words += _options(extra)
    words += pairs("--label", {k: v for k, v in container.labels.items() if not k.startswith(_OWNED)})
    if extra is not None and extra.entrypoint:
        words.append(("--entrypoint", extra.entrypoint[0]))
        words.append((short_image(container.image), *extra.entrypoint[1:], *extra.command))
    else:
        words.append((short_image(container.image), *(extra.command if extra else ())))
    return shell(tuple(words))


def _networks(container: Container) -> Words:
    mode = container.network_mode
    names = [a.network for a in container.networks if a.network]
    if mode in ("host", "none") or mode.startswith("container:"):
        return (("--network", mode),)
    return tuple(("--network", name) for name in names if name != "bridge")


def _ports(container: Container) -> Words:
    seen: dict[tuple[str, int, int, str], None] = {}
    for port in container.ports:
        if port.host_port:
            address = "" if port.host_ip in ("", "0.0.0.0", "::") else port.host_ip
            seen[address, port.host_port, port.container_port, port.protocol] = None
    out: list[tuple[str, ...]] = []
    for address, host, inside, protocol in seen:
        shown = f"[{address}]:" if ":" in address else f"{address}:" if address else ""
        out.append(("--publish", f"{shown}{host}:{inside}" + ("" if protocol == "tcp" else f"/{protocol}")))
    return tuple(out)


def _mounts(mounts: tuple[ContainerMount, ...]) -> Words:
    return tuple(
        (
            "--mount",
            csv(
                f"type={m.type}",
                f"source={m.name or m.source}" if m.name or m.source else "",
                f"target={m.destination}",
                "readonly" if m.read_only else "",
            ),
        )
        for m in mounts
    )


def _options(extra: ContainerDetail) -> Words:
    words: Words = each("--env", extra.env)
    words += given("--user", extra.user) + given("--workdir", extra.workdir)
    if extra.hostname and not extra.id.startswith(extra.hostname):
        words += (("--hostname", extra.hostname),)
    for flag, on in (
        ("--tty", extra.tty),
        ("--interactive", extra.open_stdin),
        ("--init", extra.init),
        ("--privileged", extra.privileged),
        ("--read-only", extra.read_only),
    ):
        if on:
            words += ((flag,),)
    if extra.restart_policy not in ("", "no"):
        limit = f":{extra.restart_max}" if extra.restart_max else ""
        words += (("--restart", extra.restart_policy + limit),)
    words += given("--cpus", flag_cpus(extra.nano_cpus) if extra.nano_cpus else "")
    words += given("--memory", flag_bytes(extra.memory) if extra.memory else "")
    words += given("--pids-limit", str(extra.pids_limit) if extra.pids_limit > 0 else "")
    words += each("--cap-add", extra.cap_add) + each("--cap-drop", extra.cap_drop)
    words += each("--dns", extra.dns) + each("--dns-search", extra.dns_search) + each("--add-host", extra.extra_hosts)
    words += each("--security-opt", extra.security) + pairs("--sysctl", extra.sysctls) + each("--device", extra.devices)
    words += tuple(("--ulimit", f"{name}={soft}:{hard}") for name, soft, hard in extra.ulimits)
    words += given("--stop-signal", extra.stop_signal)
    if extra.stop_timeout is not None:
        words += (("--stop-timeout", f"{extra.stop_timeout:g}"),)
    if extra.health_test:
        if extra.health_test[0] == "NONE":
            words += (("--no-healthcheck",),)
        else:
            words += (("--health-cmd", check_line(extra.health_test)),)
    if extra.log_driver not in ("", "json-file"):
        words += (("--log-driver", extra.log_driver),)
    return words + pairs("--log-opt", extra.log_options)
