"""What is unusual about an engine, each with what it means and how to end it. Sources: moby ``daemon/info_unix.go``
(the texts of ``docker info``) and Docker's manual."""

from __future__ import annotations

from dataclasses import dataclass

from backends.model import EngineInfo


@dataclass(frozen=True, slots=True)
class Unusual:
    """One thing that is not as it mostly is."""

    what: str
    means: str
    end: str = ""
    """How to end it; empty where nothing has to be done."""
    grave: bool = True
    """Whether it is a warning, or only worth knowing."""


#: A piece of an engine's warning, what it means, how to end it.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        "bridge-nf-call-iptables",
        "packet filters do not see traffic inside one bridge; a published port may answer wrongly from its own network",
        "sudo modprobe br_netfilter",
    ),
    ("bridge-nf-call-ip6tables", "the same for IPv6", "sudo modprobe br_netfilter"),
    (
        "No swap limit",
        "a memory limit does not hold swap: a container may use as much swap as there is",
        "start the kernel with swapaccount=1, or use cgroups v2",
    ),
    (
        "No memory limit",
        "memory limits of containers and services are ignored",
        "start the kernel with cgroup_enable=memory",
    ),
    ("No pids limit", "limits on processes are ignored", "a kernel with CONFIG_CGROUP_PIDS"),
    ("No kernel memory limit", "limits on kernel memory are ignored; newer engines have none", ""),
    ("No oom kill disable", "--oom-kill-disable is ignored, as on all machines with cgroups v2", ""),
    ("No cpu cfs quota", "--cpus and --limit-cpu are ignored", "a kernel with CONFIG_CFS_BANDWIDTH"),
    ("No cpu cfs period", "--cpu-period is ignored", "a kernel with CONFIG_CFS_BANDWIDTH"),
    ("No cpu shares", "--cpu-shares is ignored", "a kernel with CONFIG_FAIR_GROUP_SCHED"),
    ("No cpuset", "--cpuset-cpus is ignored", "a kernel with CONFIG_CPUSETS"),
    ("No blkio", "limits on disk throughput are ignored", "a kernel with CONFIG_BLK_DEV_THROTTLING, cgroups with io"),
    ("No io.", "limits on disk throughput are ignored", "a kernel and cgroups with the io controller"),
    (
        "IPv4 forwarding is disabled",
        "containers reach nothing outside, and published ports nothing inside",
        "sudo sysctl -w net.ipv4.ip_forward=1",
    ),
    (
        "API is accessible on",
        "whoever reaches that port is root on this machine",
        "use TLS or ssh:// and take tcp:// out of the hosts",
    ),
    ("Access to the remote API is equivalent to root", "", ""),
    (
        "storage-driver is deprecated",
        "the next engine may not start with it",
        "move to overlay2 and pull the images again",
    ),
    (
        "storage driver is deprecated",
        "the next engine may not start with it",
        "move to overlay2 and pull the images again",
    ),
    ("userspace storage driver", "slow, and not made for production", "use overlay2"),
    ("d_type", "the file system below cannot hold images properly", "make it anew with ftype=1"),
    ("cgroup v1", "the next engines will not run on it", "start the system with cgroups v2"),
    ("Running in rootless-mode without cgroups", "limits are ignored", "cgroups v2 with systemd delegation"),
)


def unusual(engine: EngineInfo) -> tuple[Unusual, ...]:
    """What is not as it mostly is: the engine's own warnings first, then what follows from its settings."""
    found: list[Unusual] = []
    said = ""
    for text in engine.warnings:
        what = text.strip().removeprefix("WARNING:").strip()
        if not what:
            continue
        means, end = next(((m, e) for piece, m, e in _KNOWN if piece.lower() in what.lower()), ("", ""))
        found.append(Unusual(what, means, end))
        said += what.lower() + "\n"
    for piece, holds, known in (
        ("ipv4 forwarding", engine.ipv4_forwarding, "IPv4 forwarding is disabled"),
        ("bridge-nf-call-iptables", engine.bridge_nf_iptables, "bridge-nf-call-iptables is disabled"),
        ("bridge-nf-call-ip6tables", engine.bridge_nf_ip6tables, "bridge-nf-call-ip6tables is disabled"),
        ("memory limit", engine.memory_limit, "No memory limit support"),
        ("swap limit", engine.swap_limit, "No swap limit support"),
        ("pids limit", engine.pids_limit, "No pids limit support"),
    ):
        if not holds and piece not in said:
            means, end = next(((m, e) for p, m, e in _KNOWN if p.lower() in known.lower()), ("", ""))
            found.append(Unusual(known, means, end))
    found += _settings(engine)
    return tuple(found)


#: Registries on this machine need no encryption; engines list them by themselves.
_LOOPBACK = frozenset({"127.0.0.0/8", "::1/128"})


def _settings(engine: EngineInfo) -> list[Unusual]:
    found: list[Unusual] = []
    in_swarm = engine.swarm.state not in ("", "inactive")
    if engine.live_restore and in_swarm:
        found.append(
            Unusual(
                "live-restore is on",
                "a swarm does not work with it: the engine refuses one or the other",
                "set live-restore to false in daemon.json",
            )
        )
    insecure = [r for r in engine.insecure_registries if r not in _LOOPBACK]
    if insecure:
        found.append(
            Unusual(
                f"insecure registries: {', '.join(insecure)}",
                "images from there are neither encrypted nor proven",
                "take them out of insecure-registries in daemon.json",
            )
        )
    if engine.rootless and in_swarm:
        found.append(
            Unusual("runs without root", "overlay networks do not work so", "run the engine as root for a swarm")
        )
    if engine.api_version and _number(engine.api_version) < (1, 44):
        found.append(
            Unusual(
                f"speaks API {engine.api_version}",
                "an old engine: newer clients will refuse it",
                "a newer engine (25 or later speaks 1.44)",
                False,
            )
        )
    if engine.cgroup_version == "1":
        found.append(
            Unusual("cgroups v1", "newer engines and systems end it", "start the system with cgroups v2", False)
        )
    if engine.experimental:
        found.append(
            Unusual(
                "experimental features are on",
                "they may change or go with any version",
                "set experimental to false in daemon.json",
                False,
            )
        )
    if engine.debug:
        found.append(
            Unusual(
                "debug is on", "the engine writes far more into its log", "set debug to false in daemon.json", False
            )
        )
    if engine.http_proxy or engine.https_proxy:
        found.append(Unusual("pulls through a proxy", f"not for: {engine.no_proxy or 'nothing'}", "", False))
    return found


def _number(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(p) for p in parts if p.isdecimal())
