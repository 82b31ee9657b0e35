"""What the machine says to a Swarm that is being started on it, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backends.change import subnets
from backends.change.candidates import Candidate
from backends.change.finding import Finding, Severity, warning
from backends.joining.interfaces import Address
from backends.joining.machine import Facts
from tui.forms.marks import bad, doubt, good, quiet
from tui.forms.spec import FormView, Offer
from tui.text.ago import number
from tui.text.span import Line

#: Where a pool is looked for that holds none of the machine's own networks, with how large it is to be.
POOLS = (("10.0.0.0/8", 12), ("172.16.0.0/12", 14), ("192.168.0.0/16", 18))


@dataclass(frozen=True, slots=True)
class Read:
    """What was asked when the form opened."""

    addresses: tuple[Address, ...] = ()
    facts: Facts | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    """Why its interfaces could not be read, by host name."""


def read(view: FormView) -> Read:
    """What was asked of the machine."""
    extra = view.gathered.extra
    return extra if isinstance(extra, Read) else Read()


def address_at(view: FormView, name: str) -> Address | None:
    """The address that a field means, by itself or by its interface."""
    host = _host(view.text(name))
    return next((one for one in read(view).addresses if host in (one.text, one.interface)), None)


def _host(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _port(text: str) -> int:
    tail = text.rpartition(":")[2] if text.count(":") == 1 or "]:" in text else ""
    return int(tail) if tail.isdecimal() else 2377


# Addresses


def address_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """The addresses of the machine, the best first."""
    return tuple(
        Candidate(one.text, f"{one.interface}, /{one.prefix}, mtu {one.mtu or '?'}: {one.note}")
        for one in read(view).addresses
        if typed in one.text or typed in one.interface or typed == view.text(view.here)
    )


def listen_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """All addresses, or one of them."""
    found = [Candidate("0.0.0.0:2377", "all addresses of this machine: the default")]
    found += [Candidate(f"{_shown(one.text)}:2377", one.interface) for one in read(view).addresses if not one.inner]
    return tuple(one for one in found if one.text.startswith(typed))


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def advertise_verdict(view: FormView) -> Line | None:
    """Whether others can reach it."""
    if not view.text("advertise-addr"):
        if not read(view).addresses:
            return quiet("not known: say one")
        several = len([one for one in read(view).addresses if not one.inner and one.up]) > 1
        return doubt("several to choose from") if several else quiet("the only one")
    one = address_at(view, "advertise-addr")
    if one is None:
        return quiet("not of this machine") if read(view).addresses else None
    if one.inner:
        return bad(f"{one.interface}: this machine only")
    return doubt(f"{one.interface}: small packets") if one.tunnel else good(one.interface)


def advertise_below(view: FormView) -> Line | None:
    """What it is."""
    one = address_at(view, "advertise-addr")
    if one is None:
        missing = next(iter(read(view).missing.values()), "")
        return quiet(f"its interfaces are not known: {missing}") if missing and not read(view).addresses else None
    return quiet(f"{one.interface}, {one.subnet}, mtu {one.mtu or '?'}: {one.note}")


def advertise_offer(view: FormView) -> Offer | None:
    """The best one, where another stands there."""
    found = read(view).addresses
    if not found or found[0].text == _host(view.text("advertise-addr")):
        return None
    return Offer(found[0].text, (found[0].text,))


def listen_verdict(view: FormView) -> Line | None:
    """Whether the port is free."""
    return _tcp(view, _port(view.text("listen-addr") or "0.0.0.0:2377"))


def _tcp(view: FormView, port: int) -> Line | None:
    facts = read(view).facts
    if facts is None or facts.tcp is None:
        return None
    return bad(f"{port} is in use") if port in facts.tcp else good(f"{port} is free")


def data_verdict(view: FormView) -> Line | None:
    """Over which interface containers speak."""
    if not view.text("data-path-addr"):
        return quiet("as advertised")
    one = address_at(view, "data-path-addr")
    return None if one is None else bad(one.interface) if one.inner else good(one.interface)


def port_verdict(view: FormView) -> Line | None:
    """Whether the port is free."""
    text = view.text("data-path-port")
    port = int(text) if text.isdecimal() and text != "0" else 4789
    facts = read(view).facts
    if facts is None or facts.udp is None:
        return quiet("the default") if not text else None
    return bad(f"{port} is in use") if port in facts.udp else good(f"{port} is free")


# Pools


def pools(view: FormView) -> tuple[str, ...]:
    """The pools that are meant."""
    return tuple(part for text in view.list("default-addr-pool") for part in text.split(",")) or (
        subnets.SWARM_POOL[0],
    )


def free_pools(view: FormView) -> tuple[str, ...]:
    """Pools that hold none of the machine's networks."""
    found: tuple[str, ...] = view.once("free-pools", lambda: _free(view))
    return found


def _free(view: FormView) -> tuple[str, ...]:
    used = subnets.taken(view.snapshot, view.gathered.routes)
    return tuple(text for base, size in POOLS for text in subnets.free(used, ((base, size),), 1))


def held(view: FormView) -> str:
    """The first network of the machine that a pool holds, with what it is; empty where none does."""
    used = subnets.taken(view.snapshot, view.gathered.routes)
    for text in pools(view):
        pool = subnets.read(text)
        for other in subnets.overlapping(pool, used) if pool is not None else ():
            return f"{other.subnet}, {other.what}"
    return ""


def pool_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """The default, and pools that are free."""
    found = [Candidate(text, "holds none of this machine's networks") for text in free_pools(view)]
    if subnets.SWARM_POOL[0] not in {one.text for one in found}:
        found.append(Candidate(subnets.SWARM_POOL[0], "the default"))
    return tuple(one for one in found if one.text.startswith(typed))


def pool_verdict(view: FormView) -> Line | None:
    """Whether a pool holds networks of the machine."""
    if any(one.severity is Severity.ERROR for one in view.errors("default-addr-pool")):
        return None
    if held(view):
        return doubt(f"holds {held(view).partition(',')[0]}")
    which = subnets.SWARM_POOL[0] if not view.list("default-addr-pool") else ""
    return good(f"{which} by default" if which else "apart from all here")


def pool_offer(view: FormView) -> Offer | None:
    """A pool apart, where the one that is meant is not."""
    found = free_pools(view)
    return Offer(found[0], (found[0],)) if held(view) and found else None


def size_verdict(view: FormView) -> Line | None:
    """How many networks there can be."""
    text = view.text("default-addr-pool-mask-length") or "24"
    if not text.isdecimal() or view.errors("default-addr-pool-mask-length"):
        return None
    count = sum(1 << max(0, int(text) - pool.prefixlen) for pool in map(subnets.read, pools(view)) if pool is not None)
    return quiet(f"{number(count)} networks")


# The rest


def availability_verdict(view: FormView) -> Line | None:
    """What it means."""
    words = {"pause": "takes no new tasks", "drain": "a manager only"}
    return quiet(words.get(view.text("availability"), "takes tasks"))


def autolock_verdict(view: FormView) -> Line | None:
    """What it means."""
    if view.text("autolock") == "true":
        return doubt("the key is shown once it runs: keep it")
    return quiet("no key is asked for")


def checks(view: FormView) -> list[Finding]:
    """What is wrong with addresses that are not this machine's, or lead nowhere."""
    return list(_checks(view))


def _checks(view: FormView) -> Iterator[Finding]:
    for name in ("advertise-addr", "data-path-addr"):
        one = address_at(view, name)
        if one is not None and one.inner:
            yield warning(f"{one.interface} leads to containers of this machine only: no other reaches it.", name)
    facts = read(view).facts
    port = _port(view.text("listen-addr") or "0.0.0.0:2377")
    if facts is not None and facts.tcp is not None and port in facts.tcp:
        yield warning(f"Something listens on {port} already: the manager could not.", "listen-addr", "another port")
