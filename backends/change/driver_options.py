"""Options of network drivers that are known: what each is for, what it takes. Pure.

From moby's ``libnetwork/drivers`` and ``netlabel``, and Docker's manual. Others may be given all the same: plugins
have their own, and newer engines more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType

#: Drivers that every engine brings and that networks can be made of, in the order in which they are offered.
BUILT_IN = ("bridge", "overlay", "macvlan", "ipvlan")
#: Drivers of which there is one network on each node, and never another.
SINGLE = ("host", "null")
MTU = "com.docker.network.driver.mtu"
ENCRYPTED = "encrypted"
PARENT = "parent"
VXLAN = "com.docker.network.driver.overlay.vxlanid_list"
_BRIDGE = "com.docker.network.bridge."


@dataclass(frozen=True, slots=True)
class DriverOption:
    """One option."""

    key: str
    takes: str
    """``true or false``, ``a number``, …: what may stand behind ``=``."""
    help: str
    """What it does, as a sentence part."""
    values: tuple[str, ...] = ()
    """All that it takes, where these are few."""
    needed: bool = False
    """Whether the network makes little sense without it."""


_BOOL = ("true", "false")
_MTU = DriverOption(MTU, "bytes, 68 to 65535", "largest packet")
_IFNAMES = DriverOption(
    "com.docker.network.container_iface_prefix", "a prefix", "how interfaces are called inside: eth unless set"
)
OPTIONS: Mapping[str, tuple[DriverOption, ...]] = MappingProxyType(
    {
        "bridge": (
            DriverOption(
                f"{_BRIDGE}name", "an interface name", "how the bridge is called on the node: br-ID unless set"
            ),
            DriverOption(f"{_BRIDGE}enable_icc", "true or false", "false keeps its containers apart", _BOOL),
            DriverOption(
                f"{_BRIDGE}enable_ip_masquerade",
                "true or false",
                "false sends packets out with their own address",
                _BOOL,
            ),
            DriverOption(f"{_BRIDGE}host_binding_ipv4", "an address", "where ports are published: 0.0.0.0 unless set"),
            DriverOption(
                f"{_BRIDGE}gateway_mode_ipv4",
                "nat, routed, isolated or nat-unprotected",
                "how it is reached from outside",
                ("nat", "routed", "isolated", "nat-unprotected"),
            ),
            DriverOption(
                f"{_BRIDGE}gateway_mode_ipv6",
                "nat, routed, isolated or nat-unprotected",
                "the same for IPv6",
                ("nat", "routed", "isolated", "nat-unprotected"),
            ),
            DriverOption(
                f"{_BRIDGE}inhibit_ipv4", "true or false", "true gives the bridge no address of its own", _BOOL
            ),
            DriverOption(
                f"{_BRIDGE}trusted_host_interfaces", "names, parted by :", "interfaces that may reach all ports"
            ),
            _MTU,
            _IFNAMES,
        ),
        "overlay": (
            DriverOption(
                ENCRYPTED, "nothing, or true or false", "IPsec between the nodes, protocol 50; costs speed", _BOOL
            ),
            _MTU,
            DriverOption(VXLAN, "numbers from 256, parted by commas", "the VXLAN IDs, one for each subnet"),
        ),
        "macvlan": (
            DriverOption(
                PARENT, "an interface of the node", "the interface below it, or a VLAN: eth0.120", needed=True
            ),
            DriverOption(
                "macvlan_mode",
                "bridge, vepa, private or passthru",
                "bridge unless set",
                ("bridge", "vepa", "private", "passthru"),
            ),
            _MTU,
        ),
        "ipvlan": (
            DriverOption(PARENT, "an interface of the node", "the interface below it", needed=True),
            DriverOption("ipvlan_mode", "l2, l3 or l3s", "l2 unless set; in l3 the node routes", ("l2", "l3", "l3s")),
            DriverOption("ipvlan_flag", "bridge, private or vepa", "bridge unless set", ("bridge", "private", "vepa")),
            _MTU,
        ),
    }
)
#: Shorter or older names of the same, as engines take them.
_SAME = MappingProxyType({"com.docker.network.mtu": MTU, "com.docker.network.bridge.mtu": MTU})


def options_of(driver: str) -> tuple[DriverOption, ...]:
    """Those of a driver; none of a plugin."""
    return OPTIONS.get(driver, ())


def option_of(driver: str, key: str) -> DriverOption | None:
    """One of them; ``None`` where it is not known."""
    wanted = _SAME.get(key, key)
    return next((one for one in options_of(driver) if one.key == wanted), None)


def value_problem(option: DriverOption, value: str) -> str:
    """Why a value cannot be, as a sentence; empty where it may be."""
    if option.key == MTU:
        return (
            "" if value.isdecimal() and 68 <= int(value[:6]) <= 65535 else f"An MTU of {value or 'nothing'} cannot be."
        )
    if option.key == VXLAN:
        good = all(part.strip().isdecimal() and 256 <= int(part.strip()[:9]) < 1 << 24 for part in value.split(","))
        return "" if good else f"{value or 'nothing'} is no list of VXLAN IDs from 256 to 16777215."
    if option.key == f"{_BRIDGE}host_binding_ipv4":
        try:
            return "" if ip_address(value).version == 4 else f"{value} is no IPv4 address."
        except ValueError:
            return f"{value or 'nothing'} is no address."
    if option.key in (f"{_BRIDGE}name", PARENT):
        if not value:
            return "" if option.key == PARENT else "A bridge needs a name, or leave the option out."
        return "" if len(value) <= 15 and "/" not in value and " " not in value else f"{value} is no interface name."
    if option.values and value not in option.values and not (option.key == ENCRYPTED and value in ("", "1", "0")):
        return f"{option.key.rpartition('.')[2]} takes {option.takes}, not {value or 'nothing'}."
    return ""
