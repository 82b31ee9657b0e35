"""Values of a service's flags that no engine takes, or takes and cannot run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backends.change.finding import Finding, error, warning
from backends.change.flag_error import BadValue
from backends.change.flags import FlagTable
from backends.change.keyed_parts import capability
from backends.change.options import Options

#: Linux capabilities (``capabilities(7)``, up to kernel 6.12) without their prefix.
CAPABILITIES = (
    *("AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN"),
    *("DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE"),
    *("LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST"),
    *("NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT"),
    *("SYSLOG", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME"),
    *("SYS_TTY_CONFIG", "WAKE_ALARM"),
)
#: Signals by name, without SIG.
SIGNALS = (
    *("ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "KILL", "PIPE", "POLL", "PROF"),
    *("PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2"),
    *("VTALRM", "WINCH", "XCPU", "XFSZ"),
)
_MIB = 1 << 20
_SIGNAL = re.compile(r"(?:SIG)?(?:RTMIN(?:\+\d{1,2})?|RTMAX(?:-\d{1,2})?)\Z|[1-9]\d?\Z", re.IGNORECASE)
#: Kernel parameters that each container has its own of.
_SYSCTLS = re.compile(
    r"(?:net|fs\.mqueue)\.|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)\Z"
)


def check_values(options: Options, table: FlagTable) -> Iterator[Finding]:
    """Each flag by itself, then those that go together."""
    yield from _choices(options, table)
    yield from _ranges(options, table)
    for flag in ("cap-add", "cap-drop"):
        for text in options.values(flag):
            name = capability(text)
            if name not in ("ALL", "RESET") and name.removeprefix("CAP_") not in CAPABILITIES:
                yield error(
                    f'unknown capability: "{name}": the engine would take it and reject every task.',
                    flag,
                    "such as NET_ADMIN, SYS_TIME or ALL",
                )
    signal = options.text("stop-signal")
    if signal and signal.upper().removeprefix("SIG") not in SIGNALS and not _SIGNAL.match(signal):
        yield error(f"Invalid signal: {signal}", "stop-signal", "such as SIGTERM, SIGINT or 9")
    for flag in ("sysctl", "sysctl-add"):
        for text in options.values(flag):
            name, _, value = text.partition("=")
            if not _SYSCTLS.match(name):
                yield warning(
                    f"sysctl '{name}' is not one that a container has of its own: tasks may not start.",
                    flag,
                    "net.…, fs.mqueue.… or one of kernel.msg… and kernel.shm…",
                )
            elif not value:
                yield error(f"sysctl '{name}' has no value.", flag, f"{name}=1")


def _choices(options: Options, table: FlagTable) -> Iterator[Finding]:
    """The CLI sends any word; the engine refuses those it does not know."""
    for name, values in options.items:
        flag = table[name]
        wrong = [text for text in values if flag.choices and text and text.lower() not in flag.choices]
        if name in ("isolation", "mode"):
            continue  # one is for Windows only, the other is refused before
        for text in wrong:
            what = name.replace("-", " ")
            yield error(f'invalid {what}: "{text}"', name, " or ".join(filter(None, (", ".join(flag.choices),))))


def _ranges(options: Options, table: FlagTable) -> Iterator[Finding]:
    def value(name: str) -> float | None:
        if name not in options or name not in table:
            return None
        try:
            found = table[name].type.parse(options.text(name))
        except BadValue:
            return None
        return float(found)

    for flag in ("limit-memory", "reserve-memory"):
        memory = value(flag)
        if memory is not None and 0 < memory < 4 * _MIB:
            yield error(f"invalid memory value {memory:.0f}: Must be at least 4MiB", flag, "4m or more, or 0 for none")
    for flag in ("limit-cpu", "reserve-cpu"):
        cpu = value(flag)
        if cpu is not None and (cpu < 0 or 0 < cpu < 1e6):
            yield error(
                f"invalid cpu value {cpu / 1e9:g}: Must be at least 0.001", flag, "0.001 or more, or 0 for none"
            )
    for limit, reserve in (("limit-memory", "reserve-memory"), ("limit-cpu", "reserve-cpu")):
        most, least = value(limit), value(reserve)
        if most and least and least > most:
            sentence = f"More {limit.partition('-')[2]} is reserved than the limit allows."
            yield error(sentence, reserve, "at most the limit")
    score = value("oom-score-adj")
    if score is not None and not -1000 <= score <= 1000:
        yield error(
            f"Invalid value {score:.0f}, range for oom score adj is [-1000, 1000]", "oom-score-adj", "-1000 to 1000"
        )
    for flag in ("update-max-failure-ratio", "rollback-max-failure-ratio"):
        ratio = value(flag)
        if ratio is not None and not 0 <= ratio <= 1:
            yield error(f"{flag.replace('-', ' ')} must be between 0 and 1", flag, "such as 0.25")
    for flag in ("health-interval", "health-timeout", "health-start-period", "health-start-interval"):
        span = value(flag)
        if span is not None and 0 < span < 1e6:
            yield error(f"{flag.replace('-', ' ')} cannot be less than 1ms", flag, "1ms or more, or 0 to inherit")
    retries = value("health-retries")
    if retries is not None and retries < 0:
        yield error("Retries in healthcheck cannot be negative", "health-retries", "0 to inherit, or more")
    for flag in _NEGATIVE:
        span = value(flag)
        if span is not None and span < 0:
            yield error(f"{flag.replace('-', ' ')} cannot be negative", flag, "0s or more")
    pids = value("limit-pids")
    if pids is not None and pids < 0:
        yield error("PidsLimit cannot be negative", "limit-pids", "0 for none, or more")
    replicas = value("replicas")
    if replicas is not None and replicas > 10_000:
        yield warning(f"{replicas:.0f} replicas are more than a Swarm usually bears.", "replicas", "start with fewer")


_NEGATIVE = (
    *("update-delay", "update-monitor", "rollback-delay", "rollback-monitor"),
    *("restart-delay", "restart-window", "stop-grace-period"),
)
