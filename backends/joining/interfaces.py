"""Which address of a machine the others of a Swarm should reach it at. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_interface

from backends.routes import Machine

#: Interfaces that lead to containers of this machine only.
_INNER = ("docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "podman", "lxc", "lxd")
#: Tunnels: their packets are small.
_TUNNELS = ("tun", "tap", "wg", "tailscale", "ppp", "zt", "nebula", "ipsec")
#: Bytes below which overlay packets have to be made smaller by hand.
_USUAL_MTU = 1500


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a machine."""

    text: str
    interface: str
    prefix: int = 0
    mtu: int = 0
    up: bool = True
    way_out: bool = False
    """Whether its interface is that of the default route."""

    @property
    def inner(self) -> bool:
        """Whether it leads to containers of this machine only."""
        return self.interface.startswith(_INNER)

    @property
    def tunnel(self) -> bool:
        """Whether it is a tunnel, or its packets are as small as those of one."""
        return self.interface.startswith(_TUNNELS) or 0 < self.mtu < _USUAL_MTU

    @property
    def subnet(self) -> str:
        """``10.20.0.0/16``."""
        return str(ip_interface(f"{self.text}/{self.prefix}").network)

    @property
    def note(self) -> str:
        """What speaks for or against it, in a few words."""
        if self.inner:
            return "containers of this machine only"
        if not self.up:
            return "down"
        if self.tunnel:
            return "tunnel: small packets"
        return "way out of this machine" if self.way_out else "another network"


def addresses_of(machine: Machine | None) -> tuple[Address, ...]:
    """All addresses of a machine, the best first."""
    found: list[Address] = []
    for interface in machine.interfaces if machine is not None else ():
        for text in interface.addresses:
            try:
                address = ip_interface(text)
            except ValueError:
                continue
            way_out = machine is not None and interface.name == machine.way_out
            prefix = address.network.prefixlen
            found.append(Address(str(address.ip), interface.name, prefix, interface.mtu, interface.up, way_out))
    return tuple(sorted(found, key=_rank))


def _rank(one: Address) -> tuple[bool, bool, bool, bool, bool]:
    return one.inner, not one.up, ":" in one.text, not one.way_out, one.tunnel


def best(found: Sequence[Address]) -> Address:
    """The one that is meant where nothing is said. Raises ``IndexError`` where there is none."""
    return found[0]
