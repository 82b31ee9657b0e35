"""``docker network``: from a request to what the CLI sends (docker/cli ``cli/command/network``)."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Sequence

from backends.change import network_flags
from backends.change.flag_error import refuse
from backends.change.options import Options
from backends.change.part import Spec, assign
from backends.change.requests import NetworkConnect, NetworkCreate, NetworkDisconnect, NetworkPrune, NetworkRemove
from backends.change.steps import Compiled, Recorder, filters, named, query
from backends.change.surroundings import Surroundings, newer
from backends.errors import NotFound


def new_network(request: NetworkCreate, api_version: str = "") -> Spec:
    """The body of ``POST /networks/create``. Raises ``Refused``."""
    options = request.options
    body: Spec = {
        "Driver": options.text("driver", "bridge"),
        "Scope": options.text("scope"),
        "IPAM": {
            "Driver": options.text("ipam-driver", "default"),
            "Options": _map(options, "ipam-opt"),
            "Config": ipam_configs(options),
        },
        "Internal": options.flag("internal"),
        "Attachable": options.flag("attachable"),
        "Ingress": options.flag("ingress"),
        "ConfigOnly": options.flag("config-only"),
        "ConfigFrom": {"Network": options.text("config-from")} if options.text("config-from") else None,
        "Options": _map(options, "opt"),
        "Labels": _map(options, "label"),
        "Name": request.name,
    }
    for flag, key in (("ipv4", "EnableIPv4"), ("ipv6", "EnableIPv6")):
        if flag in options:
            body[key] = options.flag(flag)
    if newer("1.44", api_version):
        body["CheckDuplicate"] = True
    return body


def _map(options: Options, flag: str) -> dict[str, str]:
    pairs = (text.partition("=") for text in options.values(flag))
    return {key: value for key, _, value in pairs}


def strings(options: Options, flag: str) -> list[str]:
    """The values of a flag that takes several at once, separated by commas."""
    parse = network_flags.CREATE.get(flag, network_flags.CONNECT.get(flag))
    return [text for value in options.values(flag) for text in (parse.type.parse(value) if parse else [value])]


def ipam_configs(options: Options) -> list[Spec]:
    """Subnets, each with the range, gateway and auxiliary addresses that lie in it. Raises ``Refused``."""
    subnets, ranges, gateways = (strings(options, flag) for flag in ("subnet", "ip-range", "gateway"))
    if len(subnets) < len(ranges) or len(subnets) < len(gateways):
        flag = "ip-range" if len(subnets) < len(ranges) else "gateway"
        raise refuse("every ip-range or gateway must have a corresponding subnet", flag, "add --subnet")
    configs: dict[str, Spec] = {}
    for subnet in subnets:
        if any(_within(subnet, other) or _within(other, subnet) for other in configs):
            raise refuse(
                "multiple overlapping subnet configuration is not supported", "subnet", "subnets that share nothing"
            )
        configs[subnet] = {"Subnet": subnet}
    _place(configs, ranges, "IPRange", "ip-range", "range", "ranges")
    _place(configs, gateways, "Gateway", "gateway", "gateway", "gateways")
    for text in options.values("aux-address"):
        name, _, address = text.partition("=")
        if not address:
            raise refuse(f"no matching subnet for aux-address {text}: it has no address", "aux-address", "NAME=ADDRESS")
        matching = [subnet for subnet in configs if _within(address, subnet)]
        if not matching:
            raise refuse(f"no matching subnet for aux-address {address}", "aux-address", "an address of a --subnet")
        for subnet in matching:
            configs[subnet].setdefault("AuxiliaryAddresses", {})[name] = address
    return list(configs.values())


def _place(configs: dict[str, Spec], values: Sequence[str], key: str, flag: str, noun: str, nouns: str) -> None:
    for value in values:
        matching = [subnet for subnet in configs if _within(value, subnet)]
        if not matching:
            raise refuse(f"no matching subnet for {noun} {value}", flag, "one that lies in a --subnet")
        for subnet in matching:
            present = configs[subnet].get(key)
            if present:
                where = f"on the same subnet ({subnet})" if flag == "ip-range" else f"for the same subnet ({subnet})"
                raise refuse(f"cannot configure multiple {nouns} ({value}, {present}) {where}", flag)
            assign(configs[subnet], key, value)


def _within(inner: str, subnet: str) -> bool:
    """Whether an address, or the first address of a network, lies in a subnet. Raises ``Refused``."""
    try:
        network = ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        raise refuse(
            f"invalid subnet: invalid CIDR address: {subnet}".strip(), "subnet", "such as 10.20.0.0/24"
        ) from None
    if "/" not in subnet:
        raise refuse(f"invalid subnet: invalid CIDR address: {subnet}".strip(), "subnet", "such as 10.20.0.0/24")
    try:
        return ipaddress.ip_interface(inner).ip in network
    except ValueError:
        if "/" in inner:
            raise refuse(f"invalid CIDR address: {inner}", "ip-range", "such as 10.20.0.128/25") from None
        return False


async def create(request: NetworkCreate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``network create``."""
    recorder.write("POST", "/networks/create", new_network(request, recorder.api_version))
    return Compiled(request, tuple(recorder.steps))


async def connect(request: NetworkConnect, recorder: Recorder, around: Surroundings) -> Compiled:
    """``network connect``: always a complete endpoint."""
    options = request.options
    addresses: Spec = {}
    assign(addresses, "IPv4Address", options.text("ip"))
    assign(addresses, "IPv6Address", options.text("ip6"))
    assign(addresses, "LinkLocalIPs", strings(options, "link-local-ip"))
    endpoint: Spec = {
        "IPAMConfig": addresses,
        "Links": list(options.values("link")) or None,
        "Aliases": strings(options, "alias"),
        "MacAddress": "",
        "DriverOpts": driver_options(strings(options, "driver-opt")),
        "GwPriority": network_flags.CONNECT["gw-priority"].type.parse(options.text("gw-priority", "0")),
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": None,
    }
    body: Spec = {"Container": request.container, "EndpointConfig": endpoint}
    _membership(request, recorder, "connect", body)
    return Compiled(request, tuple(recorder.steps))


def _membership(request: NetworkConnect | NetworkDisconnect, recorder: Recorder, what: str, body: Spec) -> None:
    network = named("network", request.network)
    named("container", request.container)
    recorder.write("POST", f"/networks/{network}/{what}", body)


def driver_options(texts: Sequence[str]) -> dict[str, str]:
    """``KEY=VALUE`` each. Raises ``Refused``."""
    found: dict[str, str] = {}
    for text in texts:
        key, given, value = text.partition("=")
        if not given or not key.strip():
            raise refuse("invalid key/value pair format in driver options", "driver-opt", "KEY=VALUE")
        found[key.strip()] = value.strip()
    return found


async def disconnect(request: NetworkDisconnect, recorder: Recorder, around: Surroundings) -> Compiled:
    """``network disconnect``."""
    body: Spec = {"Container": request.container, "Force": request.options.flag("force")}
    _membership(request, recorder, "disconnect", body)
    return Compiled(request, tuple(recorder.steps))


async def remove(request: NetworkRemove, recorder: Recorder, around: Surroundings) -> Compiled:
    """``network rm``: looks at each first, as the CLI does to ask about the routing mesh."""
    for name in request.names:
        path = f"/networks/{named('network', name)}"
        with contextlib.suppress(NotFound):
            await recorder.get(path)
        recorder.write("DELETE", path)
    return Compiled(request, tuple(recorder.steps))


async def prune(request: NetworkPrune, recorder: Recorder, around: Surroundings) -> Compiled:
    """``network prune`` as the CLI sends it. What really goes is planned and removed by name, see ``plan``."""
    wanted: dict[str, list[str]] = {}
    for text in request.options.values("filter"):
        name, value = network_flags.PRUNE["filter"].type.parse(text)
        if name:
            wanted.setdefault(name, []).append(value)
    tail = query(filters=filters(**wanted)) if wanted else ""
    recorder.write("POST", f"/networks/prune{tail}")
    return Compiled(request, tuple(recorder.steps))
