"""The ``docker network create`` line that makes the same network again."""

from __future__ import annotations

from backends.model import Network
from tui.details.command import given, pairs, shell

#: Networks that each engine brings along; nobody creates them.
BUILT_IN = frozenset({"bridge", "host", "none", "docker_gwbridge"})


def network_command(network: Network) -> str:
    """One line, quoted; for a network that the engine brings along the line that shows it."""
    if network.name in BUILT_IN and not network.is_swarm:
        return shell((("docker", "network", "inspect"), (network.name,)))
    words: list[tuple[str, ...]] = [("docker", "network", "create")]
    if network.config_only:
        words.append(("--config-only",))
    elif network.driver:
        words.append(("--driver", network.driver))
    if network.is_swarm and network.driver != "overlay":
        words.append(("--scope", "swarm"))
    words += given("--config-from", network.config_from)
    for flag, on in (
        ("--attachable", network.attachable),
        ("--internal", network.internal),
        ("--ingress", network.ingress),
        ("--ipv6", network.ipv6),
    ):
        if on:
            words.append((flag,))
    if network.ipam.driver not in ("", "default"):
        words.append(("--ipam-driver", network.ipam.driver))
    words += pairs("--ipam-opt", network.ipam.options)
    for config in network.ipam.configs:
        words += given("--subnet", config.subnet) + given("--ip-range", config.ip_range)
        words += given("--gateway", config.gateway)
        words += pairs("--aux-address", config.aux)
    # The engine writes the VXLAN numbers into the options by itself; as a flag they would be refused.
    words += pairs("--opt", {k: v for k, v in network.options.items() if not k.endswith(".vxlanid_list")})
    words += pairs("--label", network.labels)
    words.append((network.name,))
    return shell(tuple(words))
