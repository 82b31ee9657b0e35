"""Host names, user names and ports from outside: what may be one at all.

Names come from the Swarm, where every node chooses its own: one that begins with a dash would be an option of
``ssh``, one with ``$(…)`` a command in somebody's ``ProxyCommand``. OpenSSH refuses such names since 9.6
(``valid_hostname`` and ``valid_ruser`` of ssh.c); here they never come as far.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,254}\Z")
_ZONED = re.compile(r"[0-9A-Fa-f:.]{2,45}%[A-Za-z0-9_.-]{1,30}\Z")
_USER = re.compile(r"""[^\s\x00-\x1f\x7f'"`;&<>|(){}$\\:/-][^\s\x00-\x1f\x7f'"`;&<>|(){}$:/]{0,127}\Z""")
_HOP = re.compile(r"(?:ssh://)?(?:(?P<user>.+)@)?(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d{1,5}))?\Z")


def is_host(text: str) -> bool:
    """Whether it may be a host name or an address (IPv6 without brackets)."""
    if ":" in text:
        return is_address(text)
    return bool(_HOST.match(text))


def is_address(text: str) -> bool:
    """Whether it is an IP address; IPv6 ones may carry a zone."""
    if "%" in text and not _ZONED.match(text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_user(text: str) -> bool:
    """Whether it may be a login name."""
    return bool(_USER.match(text))


def reachable_address(text: str) -> str:
    """The host part of what a node says its address is (``10.0.0.1``, ``10.0.0.1:2377``, ``[fd00::1]:2377``);
    empty where that leads nowhere from another machine: a manager may say ``0.0.0.0`` or ``127.0.0.1``."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    nowhere = address.is_unspecified or address.is_loopback or address.is_multicast
    return "" if nowhere or not is_address(host) else host


@dataclass(frozen=True, slots=True)
class Hop:
    """``[user@]host[:port]``; what was not said is empty or 0."""

    host: str
    user: str = ""
    port: int = 0


def hop(text: str) -> Hop:
    """Reads ``[user@]host[:port]`` as ``ssh -J`` takes it. Raises ``ValueError`` where it is none."""
    found = _HOP.match(text.strip())
    if found is None:
        # An IPv6 address without brackets has no port.
        user, at, host = text.strip().rpartition("@")
        if is_address(host) and (not at or is_user(user)):
            return Hop(host, user)
        raise ValueError(f"{text!r} is not [user@]host[:port]")
    made = Hop(found["v6"] or found["host"], found["user"] or "", int(found["port"] or 0))
    if not is_host(made.host) or (made.user and not is_user(made.user)) or made.port > 65535:
        raise ValueError(f"{text!r} is not [user@]host[:port]")
    return made


def hops(text: str) -> tuple[Hop, ...]:
    """Reads a jump chain, ``a,b``; ``none`` and nothing are the empty one. Raises ``ValueError``."""
    if not text or text.lower() == "none":
        return ()
    return tuple(hop(part) for part in text.split(","))


def written(host: str, port: int = 22, user: str = "") -> str:
    """``user@host:port``, the port only where it is not 22, IPv6 in brackets then."""
    name = f"[{host}]:{port}" if port != 22 and ":" in host else f"{host}:{port}" if port != 22 else host
    return f"{user}@{name}" if user else name
