"""What speaks for and against a machine joining, judged from what was asked of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from backends.errors import BackendError
from backends.joining.machine import MODULES, Facts
from backends.joining.ports import GOSSIP_PORT, MANAGER_PORT, Arrives, Probe, Tried
from backends.model import EngineInfo, Snapshot
from backends.state.wording import listing, plural

#: Seconds of clock skew that are worth a word, and from which a certificate of now may not be valid there: swarmkit
#: dates certificates back by an hour.
SKEW, TOO_MUCH = 1.0, 3300.0


class Mark(StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARN = "warn"
    """It may join, and this is worth knowing."""
    FAIL = "fail"
    """It may join, and would not work as it should: joined only where a person says so."""
    STOP = "stop"
    """It cannot join as it stands."""
    UNKNOWN = "unknown"
    """It was not tested, for a reason."""
    WAIT = "wait"
    """It is being asked."""
    NONE = "none"
    """It could not be asked: something before it failed."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing about a machine."""

    id: str
    """``ssh``, ``engine``, ``swarm``, ``name``, ``clock``, ``modules``, ``managers``, or a port: ``7946/udp``."""
    mark: Mark
    short: str = ""
    """For a cell of a table."""
    sentence: str = ""
    """In full, where there is anything to say."""
    mend: str = ""
    """A line to run on the machine that mends it; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was asked of a machine so far; ``None`` is not asked yet."""

    login: str = ""
    problem: BackendError | None = None
    """Why it is not reached."""
    rtt: float | None = None
    """Seconds of one way there and back."""
    facts: Facts | None = None
    engine: EngineInfo | None = None
    engine_problem: BackendError | None = None
    tried: Tried | None = None
    ahead: float | None = None
    """Seconds by which its clock is ahead of this manager's."""


def ports_of(data_port: int) -> tuple[tuple[int, str], ...]:
    """(port, protocol) of all that is tried, in the order in which it is shown."""
    return ((MANAGER_PORT, "tcp"), (GOSSIP_PORT, "tcp"), (GOSSIP_PORT, "udp"), (data_port, "udp"))


def judge(looked: Looked, role: str, snapshot: Snapshot, *, managers_beside: int = 0) -> tuple[Check, ...]:
    """All checks of a machine that is to be a ``worker`` or a ``manager``. ``managers_beside`` counts the others that
    are to join as managers with it."""
    data_port = snapshot.swarm.data_path_port if snapshot.swarm is not None else 4789
    found = [_ssh(looked)]
    blocked = Mark.NONE if looked.problem is not None else Mark.WAIT
    info = looked.engine
    if info is None:
        if looked.engine_problem is not None:
            found.append(Check("engine", Mark.STOP, "none", _said(looked.engine_problem)))
            blocked = Mark.NONE
        else:
            found.append(Check("engine", blocked))
        found += [Check(id, blocked) for id in ("swarm", "name")]
    else:
        found += [_engine(info, snapshot), _membership(info, snapshot), _name(info, snapshot)]
    found.append(_clock(looked) if looked.facts is not None else Check("clock", blocked))
    tried = looked.tried
    if tried is not None and info is not None and info.swarm.state not in ("", "inactive"):
        tried = replace(tried, busy=())  # its own engine has them
    if tried is None:
        found += [Check(f"{port}/{protocol}", blocked) for port, protocol in ports_of(data_port)]
    else:
        found += [_port(tried, port, protocol, role) for port, protocol in ports_of(data_port)]
    found.append(_modules(looked.facts) if looked.facts is not None else Check("modules", blocked))
    if role == "manager":
        found += _managers(snapshot, managers_beside)
    return tuple(found)


def _said(error: BackendError) -> str:
    return f"{error} {error.hint}".strip()


def _ssh(looked: Looked) -> Check:
    if looked.problem is not None:
        short = {"HostKeyChanged": "key", "HostKeyUnknown": "key", "HostKeyRevoked": "key", "AuthRefused": "login"}
        return Check("ssh", Mark.STOP, short.get(type(looked.problem).__name__, "none"), _said(looked.problem))
    if looked.rtt is None:
        return Check("ssh", Mark.WAIT)
    return Check("ssh", Mark.OK, f"{max(1, round(looked.rtt * 1000))} ms")


def _engine(info: EngineInfo, snapshot: Snapshot) -> Check:
    if info.live_restore:
        return Check(
            "engine",
            Mark.STOP,
            info.version,
            "live-restore is on, which swarm mode forbids.",
            'take "live-restore" out of /etc/docker/daemon.json, then: systemctl restart docker',
        )
    short = info.version.partition("+")[0]
    versions = [node.engine_version for node in snapshot.nodes.values() if node.engine_version]
    usual = max(set(versions), key=versions.count) if versions else info.version
    if info.version != usual:
        also = listing([n.name for n in snapshot.nodes.values() if n.engine_version == info.version], 3)
        tail = (
            f"; {also} {'is' if ',' not in also and ' and ' not in also else 'are'} of that version too" if also else ""
        )
        sentence = (
            f"{info.version}; the swarm has {usual} on {plural(versions.count(usual), 'node')}. It may join{tail}."
        )
        return Check("engine", Mark.WARN, short, sentence)
    return Check("engine", Mark.OK, short)


def _membership(info: EngineInfo, snapshot: Snapshot) -> Check:
    member, own = info.swarm, snapshot.engine.swarm if snapshot.engine is not None else None
    if member.state in ("", "inactive"):
        return Check("swarm", Mark.OK, "none")
    if member.node_id in snapshot.nodes or (
        own is not None and member.cluster_id and member.cluster_id == own.cluster_id
    ):
        return Check("swarm", Mark.STOP, "this", "It is a node of this swarm already.")
    if member.state == "pending":
        sentence = "An attempt to join a swarm is under way there; it goes on until it is ended."
        return Check("swarm", Mark.STOP, "pending", sentence, "docker swarm leave --force")
    if member.state == "locked":
        return Check("swarm", Mark.STOP, "locked", "It is a locked manager of a swarm.", "docker swarm leave --force")
    managers = listing([address for _, address in member.remote_managers], 2)
    sentence = f"It is in another swarm{f', of {managers}' if managers else ''}: {member.error or member.state}."
    if member.control_available:
        sentence += " It is a manager there: leaving may cost that swarm its quorum, or all of it."
    return Check(
        "swarm", Mark.STOP, "other", sentence, f"docker swarm leave{' --force' if member.control_available else ''}"
    )


def _name(info: EngineInfo, snapshot: Snapshot) -> Check:
    same = [node for node in snapshot.nodes.values() if node.hostname == info.name and node.id != info.swarm.node_id]
    if not same:
        return Check("name", Mark.OK, "free")
    if all(node.state == "down" for node in same):
        sentence = (
            f"A node {info.name} is in the list and down. If that was this machine, remove the old entry afterwards."
        )
        return Check("name", Mark.WARN, "down", sentence)
    sentence = (
        f"Its host name is {info.name}, which is a node of this swarm already: two of one name are hard to tell apart."
    )
    return Check("name", Mark.FAIL, "taken", sentence, f"hostnamectl set-hostname {_other(info.name, snapshot)}")


def _other(name: str, snapshot: Snapshot) -> str:
    """A name like it that is free."""
    stem = name.rstrip("0123456789") or f"{name}-"
    taken = {node.hostname for node in snapshot.nodes.values()}
    return next(text for text in (f"{stem}{number}" for number in range(1, 10_000)) if text not in taken)


def _clock(looked: Looked) -> Check:
    ahead, unsure = looked.ahead, looked.facts.unsure if looked.facts is not None else 0.0
    if ahead is None:
        return Check("clock", Mark.UNKNOWN, "", "Its clock could not be read: not tested.")
    short = f"{'+' if ahead >= 0 else '−'}{_span(abs(ahead))}" if abs(ahead) > unsure else f"±{_span(unsure)}"
    if abs(ahead) - unsure <= SKEW:
        return Check("clock", Mark.OK, short)
    where = "ahead of" if ahead > 0 else "behind"
    sentence = f"Its clock is {_span(abs(ahead))} {where} this manager's"
    mend = "timedatectl set-ntp true"
    if abs(ahead) >= TOO_MUCH:
        return Check("clock", Mark.FAIL, short, f"{sentence}: certificates may not be valid there.", mend)
    return Check("clock", Mark.WARN, short, f"{sentence}: times of events and logs will be off.", mend)


def _span(seconds: float) -> str:
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{round(seconds / 3600)} h"


def _modules(facts: Facts) -> Check:
    if not facts.missing:
        return Check("modules", Mark.OK)
    what = {
        "vxlan": "overlay networks carry nothing",
        "ip_vs": "virtual IPs and the routing mesh answer nothing there",
        "br_netfilter": "overlay traffic may pass by the packet filter",
    }
    effects = listing([what[name] for name in facts.missing if name in what], 3)
    names = listing(facts.missing, 3)
    return Check(
        "modules", Mark.WARN, names, f"Its kernel lacks {names}: {effects}.", f"modprobe {' '.join(facts.missing)}"
    )


def _port(tried: Tried, port: int, protocol: str, role: str) -> Check:
    id = f"{port}/{protocol}"
    probes = [p for p in tried.probes if p.port == port and p.protocol == protocol]
    if port in tried.busy and protocol == "tcp":
        sentence = "Something else listens on it there: the engine could not."
        return Check(id, Mark.FAIL, "in use", sentence)
    if port == MANAGER_PORT and role == "worker":
        # Nobody connects to a worker there; it counts once it is promoted.
        probes = [p for p in probes if not p.inward] or probes
    there = [p for p in probes if p.inward and p.arrives is Arrives.NO]
    back = [p for p in probes if not p.inward and p.arrives is Arrives.NO]
    if there or back:
        arrow = "⇄" if there and back else "→" if there else "←"
        mend = _filter(port, protocol) if there else ""
        return Check(id, Mark.FAIL, arrow, " ".join(_lost(protocol, probes, there, back)), mend)
    if not probes:
        return Check(id, Mark.UNKNOWN, "", "Not tested: no node of the swarm could be asked.")
    unknown = [p for p in probes if p.arrives is Arrives.UNKNOWN]
    if unknown:
        mark = Mark.UNKNOWN if len(unknown) == len(probes) else Mark.OK
        return Check(id, mark, "?" if mark is Mark.OK else "", f"Not tested {_untested(unknown)}.")
    return Check(id, Mark.OK)


def _untested(probes: Sequence[Probe]) -> str:
    """``with worker-4: its host key has changed``."""
    by_reason: dict[str, dict[str, None]] = {}
    for probe in probes:
        by_reason.setdefault(probe.note, {})[probe.node] = None
    return "; ".join(f"with {listing(list(nodes), 3)}: {reason}" for reason, nodes in by_reason.items())


def _lost(protocol: str, probes: Sequence[Probe], there: Sequence[Probe], back: Sequence[Probe]) -> Iterator[str]:
    verb = "Does not arrive" if protocol == "udp" else "Gets no connection"
    if there:
        of = sum(1 for p in probes if p.inward and p.arrives is not Arrives.UNKNOWN)
        many = f"any of {plural(of, 'node')}" if len(there) == of and of > 1 else listing([p.node for p in there], 3)
        yield f"{verb} there from {many} ({there[0].note})."
    if back:
        yield f"{verb} from there at {listing([p.node for p in back], 3)} ({back[0].note})."
    if there and not back and any(p.arrives is Arrives.YES for p in probes if not p.inward):
        yield "From there it does: a packet filter on that machine, or before it."
    elif back and not there:
        where = back[0].node if len(back) == 1 else "the nodes"
        yield f"A packet filter at {where}, or one there that lets nothing out."


def _filter(port: int, protocol: str) -> str:
    return f"iptables -I INPUT -p {protocol} --dport {port} -j ACCEPT"


def _managers(snapshot: Snapshot, beside: int) -> Iterator[Check]:
    before = sum(1 for node in snapshot.nodes.values() if node.role == "manager")
    after = before + beside + 1
    if after % 2:
        return
    sentence = (
        f"{after} managers bear the loss of {(after - 1) // 2}, as {after - 1} do. An odd number is better: "
        f"{after + 1}, or keep {after - 1}."
    )
    yield Check("managers", Mark.WARN, f"{after}", sentence)


def worst(checks: Sequence[Check]) -> Mark:
    """What counts: ``STOP`` before ``FAIL`` before ``WAIT`` before ``OK``."""
    marks = {check.mark for check in checks}
    return next((mark for mark in (Mark.STOP, Mark.FAIL, Mark.WAIT) if mark in marks), Mark.OK)


__all__ = ["MODULES", "Check", "Looked", "Mark", "judge", "ports_of", "worst"]
