"""Interfaces and routes of a Linux machine from the texts in which its kernel tells them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

#: Files below ``/proc/net`` that are read, by which the sections of :data:`COMMAND` are named.
FILES = ("route", "ipv6_route", "fib_trie", "if_inet6")
#: What another machine is asked: one command, nothing but ``sh``, ``cat`` and ``grep``.
COMMAND = (
    'sh -c \'cd /proc/net; for f in route ipv6_route fib_trie if_inet6; do echo "== $f"; cat $f; done 2>/dev/null;'
    ' echo "== net"; grep -H . /sys/class/net/*/mtu /sys/class/net/*/operstate 2>/dev/null; true\''
)
_LOCAL = re.compile(r"\|-- (\d+\.\d+\.\d+\.\d+)\n\s+/32 host LOCAL")
_NET = re.compile(r"/sys/class/net/([^/\n]+)/(mtu|operstate):(\S+)")
#: Routes that lead nowhere, or to the machine itself: RTF_REJECT, RTF_LOCAL (``linux/ipv6_route.h``).
_REJECT, _LOCAL_FLAG = 0x0200, 0x80000000


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface that is not the loopback."""

    name: str
    addresses: tuple[str, ...] = ()
    """In CIDR form: ``10.20.0.11/16``; link-local ones are left out."""
    mtu: int = 0
    """Bytes; 0 is unknown."""
    up: bool = True


@dataclass(frozen=True, slots=True)
class RouteLine:
    """One route that leads somewhere, the default ones left out."""

    subnet: str
    interface: str
    direct: bool = True
    """Whether the interface itself is in the subnet: no router between."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one machine says."""

    routes: tuple[RouteLine, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    way_out: str = ""
    """The interface of the default route; empty where there is none."""


def sections(text: str) -> dict[str, str]:
    """The answer to :data:`COMMAND` by the names of its sections."""
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for row in text.splitlines():
        if row.startswith("== "):
            rows = found.setdefault(row[3:].strip(), [])
        else:
            rows.append(row)
    return {name: "\n".join(part) for name, part in found.items()}


def told(files: Mapping[str, str]) -> Told:
    """What the sections say together; one that is missing or odd is taken as empty."""
    four, out = _routes4(files.get("route", ""))
    six = _routes6(files.get("ipv6_route", ""))
    routes = tuple(dict.fromkeys([*four, *six]))
    return Told(routes, _interfaces(files, routes), out)


def _routes4(text: str) -> tuple[list[RouteLine], str]:
    rows = [row.split() for row in text.splitlines()[1:]]
    rows = [row for row in rows if len(row) > 7]
    order = _order(row[7] for row in rows)
    found, out = [], ""
    for row in rows:
        try:
            network = IPv4Network((_four(row[1], order), str(_four(row[7], order))))
            flags, direct = int(row[3], 16), int(row[2], 16) == 0
        except ValueError:
            continue
        if flags & _REJECT or network.is_loopback or row[0] == "lo":
            continue
        if not network.prefixlen:
            out = out or row[0]
        else:
            found.append(RouteLine(str(network), row[0], direct))
    return found, out


def _order(masks: Iterable[str]) -> str:
    """In which order of bytes the numbers are written: the kernel's own. Only in the right one masks have no gaps."""
    for mask in masks:
        try:
            number = int(mask, 16)
        except ValueError:
            continue
        inverse = number ^ 0xFFFFFFFF
        if number and inverse & (inverse + 1) == 0 and number != 0xFFFFFFFF:
            return "big"
    return "little"


def _four(text: str, order: str) -> IPv4Address:
    return IPv4Address(int.from_bytes(bytes.fromhex(text), "big" if order == "big" else "little"))


def _routes6(text: str) -> list[RouteLine]:
    found = []
    for row in (line.split() for line in text.splitlines()):
        if len(row) < 10:
            continue
        try:
            network = IPv6Network((int(row[0], 16), int(row[1], 16)), strict=False)
            flags, direct = int(row[8], 16), int(row[4], 16) == 0
        except ValueError:
            continue
        local = network.is_link_local or network.is_multicast or network.prefixlen in (0, 128)
        if not local and row[9] != "lo" and not flags & (_REJECT | _LOCAL_FLAG):
            found.append(RouteLine(str(network), row[9], direct))
    return found


def _interfaces(files: Mapping[str, str], routes: Sequence[RouteLine]) -> tuple[Interface, ...]:
    addresses: dict[str, list[str]] = {}
    near = [(IPv4Network(r.subnet), r.interface) for r in routes if r.direct and ":" not in r.subnet]
    for text in dict.fromkeys(_LOCAL.findall(files.get("fib_trie", ""))):
        address = ip_address(text)
        holding = [(net, name) for net, name in near if address in net]
        if holding and not address.is_loopback:
            net, name = max(holding, key=lambda pair: pair[0].prefixlen)
            addresses.setdefault(name, []).append(f"{address}/{net.prefixlen}")
    for row in (line.split() for line in files.get("if_inet6", "").splitlines()):
        if len(row) == 6 and row[5] != "lo":
            try:
                six = IPv6Address(int(row[0], 16))
                length = int(row[2], 16)
            except ValueError:
                continue
            if not six.is_link_local:
                addresses.setdefault(row[5], []).append(f"{six}/{length}")
    more: dict[str, dict[str, str]] = {}
    for name, what, value in _NET.findall(files.get("net", "")):
        more.setdefault(name, {})[what] = value
    names = dict.fromkeys([*more, *addresses, *(r.interface for r in routes)])
    return tuple(
        Interface(
            name,
            tuple(addresses.get(name, ())),
            int(more.get(name, {}).get("mtu", "0")) if more.get(name, {}).get("mtu", "0").isdecimal() else 0,
            more.get(name, {}).get("operstate", "up") != "down",
        )
        for name in names
        if name != "lo"
    )
