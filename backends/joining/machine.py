"""A machine on which commands can be run: this one, or another one over SSH; and what it says of itself."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_interface
from typing import TYPE_CHECKING, Protocol

from backends.api import ExecSession
from backends.ssh.names import is_address

if TYPE_CHECKING:
    from backends.ssh.run import Completed

#: Seconds that a machine may take to tell of itself.
_LIMIT = 15.0
#: Kernel modules without which a part of the Swarm's networks does not work.
MODULES = ("vxlan", "ip_vs", "br_netfilter")


class Machine(Protocol):
    """Where commands can be run."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    @property
    def sudo(self) -> bool:
        """Whether ``sudo -n`` may be put before what needs it."""
        ...

    @property
    def python(self) -> str:
        """Path of a Python 3 there that is known beforehand; empty where it has to be looked for."""
        ...

    async def run(self, command: str, *, limit: float = 30.0) -> Completed:
        """One command of its shell, run to its end. Raises ``BackendError``."""
        ...

    async def start(self, command: str) -> ExecSession:
        """A command that goes on, without a terminal. Raises ``BackendError``."""
        ...


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of a machine."""

    name: str
    address: str
    prefix: int
    mtu: int = 0
    up: bool = True

    @property
    def subnet(self) -> str:
        """``10.20.0.0/16``."""
        return str(ip_interface(f"{self.address}/{self.prefix}").network)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a machine says of itself; what it does not say is empty."""

    hostname: str = ""
    root: bool = False
    python: str = ""
    """Path of python3."""
    bash: str = ""
    ahead: float | None = None
    """Seconds by which its clock is ahead of the one of this process."""
    unsure: float = 0.0
    """Seconds by which that may be wrong: half of the way there and back."""
    interfaces: tuple[Interface, ...] = ()
    default: str = ""
    """The interface of the default route."""
    missing: tuple[str, ...] = ()
    """Kernel modules that are neither loaded nor there to be loaded."""
    uplink: str = ""
    """The address from which it speaks to the one that was asked for."""
    tcp: frozenset[int] | None = None
    """Ports on which something listens; ``None`` where that could not be read."""
    udp: frozenset[int] | None = None


_SCRIPT = """
say() { printf '%s=%s\\n' "$1" "$2"; }
say hostname "$(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)"
say uid "$(id -u)"
say python "$(command -v python3)"
say bash "$(command -v bash)"
for m in MODULES; do
  if [ -d /sys/module/$m ] || grep -qs "/$m.ko" "/lib/modules/$(uname -r)/modules.builtin" ||
     PATH=$PATH:/sbin:/usr/sbin modprobe -nq $m 2>/dev/null; then :; else say missing $m; fi
done
say tcp "$(awk '$4=="0A"{sub(/.*:/,"",$2); printf "%s ",$2}' /proc/net/tcp /proc/net/tcp6 2>/dev/null)"
say udp "$(awk '$2~/:/{sub(/.*:/,"",$2); printf "%s ",$2}' /proc/net/udp /proc/net/udp6 2>/dev/null)"
export PATH=$PATH:/sbin:/usr/sbin
ip -o addr show 2>/dev/null | while read -r n i f a rest; do say addr "$i $a"; done
for p in /sys/class/net/*; do say link "${p##*/} $(cat $p/mtu 2>/dev/null) $(cat $p/operstate 2>/dev/null)"; done
say default "$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n1)"
[ -n "TO" ] && say uplink "$(ip -o route get TO 2>/dev/null | sed -n 's/.* src \\([^ ]*\\).*/\\1/p' | head -n1)"
"""


async def ask_facts(machine: Machine, *, towards: str = "") -> Facts:
    """What a machine says of itself; ``towards`` is the address whose way is asked for. Raises ``BackendError``."""
    script = _SCRIPT.replace("MODULES", " ".join(MODULES)).replace("TO", towards if _plain(towards) else "")
    done = await machine.run(f"sh -c {shlex.quote(script)}", limit=_LIMIT)
    facts = read_facts(done.stdout.decode("utf-8", "replace"))
    before, began = asyncio.get_running_loop().time(), time.time()
    clock = await machine.run("date +%s.%N", limit=_LIMIT)
    took = asyncio.get_running_loop().time() - before
    try:
        there = float(clock.stdout.decode("ascii", "replace").strip().rstrip("N"))
    except ValueError:
        return facts
    return replace(facts, ahead=there - (began + took / 2), unsure=took / 2)


def read_facts(text: str) -> Facts:
    """Reads what the script wrote."""
    lines = [line.partition("=")[::2] for line in text.splitlines() if "=" in line]
    told = dict(lines)
    tcp = _ports(told.get("tcp"))
    links = [value.split() for name, value in lines if name == "link"]
    mtus = {words[0]: (int(words[1]), words[-1] != "down") for words in links if len(words) > 1 and words[1].isdigit()}
    return Facts(
        hostname=told.get("hostname", ""),
        root=told.get("uid") == "0",
        python=told.get("python", ""),
        bash=told.get("bash", ""),
        interfaces=_interfaces([value for name, value in lines if name == "addr"], mtus),
        default=told.get("default", ""),
        missing=tuple(value for name, value in lines if name == "missing"),
        uplink=told.get("uplink", ""),
        tcp=tcp,
        # There may be none of these, but where one list can be read the other can.
        udp=_ports(told.get("udp")) or (frozenset() if tcp is not None else None),
    )


def _ports(text: str | None) -> frozenset[int] | None:
    """Ports in hexadecimal, as ``/proc/net`` has them; every machine has some where they can be read."""
    try:
        return frozenset(int(word, 16) for word in (text or "").split()) or None
    except ValueError:
        return None


def _interfaces(rows: Sequence[str], mtus: dict[str, tuple[int, bool]]) -> tuple[Interface, ...]:
    found = []
    for row in rows:
        name, _, text = row.partition(" ")
        try:
            address = ip_interface(text.strip())
        except ValueError:
            continue
        if address.is_link_local:
            continue
        mtu, up = mtus.get(name.partition("@")[0], (0, True))
        found.append(Interface(name.partition("@")[0], str(address.ip), address.network.prefixlen, mtu, up))
    return tuple(found)


def _plain(text: str) -> bool:
    """Whether it is an address, and nothing that a shell would read otherwise."""
    return is_address(text) and "%" not in text
