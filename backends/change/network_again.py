"""The request that makes a network once more, from what is known of it. Pure."""

from __future__ import annotations

from backends.change import network_flags
from backends.change.driver_options import VXLAN
from backends.change.options import Options
from backends.change.requests import NetworkCreate
from backends.model import Network


def network_again(network: Network) -> NetworkCreate:
    """Name, driver, addresses, options and labels as they are; its ID and its VXLAN ID will be others."""
    given: dict[str, list[str]] = {
        "driver": [network.driver] if network.driver and not network.config_only else [],
        "config-from": [network.config_from] if network.config_from else [],
    }
    for flag in ("attachable", "internal", "ingress", "config_only"):
        if getattr(network, flag):
            given[flag.replace("_", "-")] = ["true"]
    if not network.config_from:
        for config in network.ipam.configs:
            for flag, text in (
                ("subnet", config.subnet),
                ("gateway", config.gateway.partition("/")[0]),
                ("ip-range", config.ip_range),
            ):
                if text:
                    given.setdefault(flag, []).append(text)
            given.setdefault("aux-address", []).extend(f"{name}={address}" for name, address in config.aux.items())
        if network.ipv6:
            given["ipv6"] = ["true"]
        if network.ipam.driver not in ("", "default"):
            given["ipam-driver"] = [network.ipam.driver]
        given["ipam-opt"] = [f"{key}={value}" for key, value in network.ipam.options.items()]
        given["opt"] = [f"{key}={value}" if value else key for key, value in network.options.items() if key != VXLAN]
    if network.is_swarm and network.driver not in ("", "overlay"):
        given["scope"] = ["swarm"]
    given["label"] = [f"{key}={value}" for key, value in network.labels.items()]
    return NetworkCreate(
        name=network.name, options=Options.of(network_flags.CREATE, {flag: v for flag, v in given.items() if v})
    )
