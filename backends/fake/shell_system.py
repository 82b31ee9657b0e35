"""Commands of the simulated shell that tell of the machine, its network and its terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backends.fake.shell_commands import COMMANDS, Result, command, options

if TYPE_CHECKING:
    from backends.fake.shell import Shell


@command("hostname")
def _hostname(sh: Shell, args: list[str], stdin: str) -> Result:
    if "i" in options(args)[0]:
        return 0, " ".join(sh.addresses.values()) + "\n"
    return 0, f"{sh.hostname}\n"


@command("whoami")
def _whoami(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, f"{sh.user}\n"


@command("id")
def _id(sh: Shell, args: list[str], stdin: str) -> Result:
    number = 0 if sh.user == "root" else 1000
    return 0, f"uid={number}({sh.user}) gid={number}({sh.user}) groups={number}({sh.user})\n"


@command("env", "printenv", "set")
def _env(sh: Shell, args: list[str], stdin: str) -> Result:
    if args:
        return (0, f"{sh.env[args[0]]}\n") if args[0] in sh.env else (1, "")
    return 0, "".join(f"{k}={v}\n" for k, v in sh.env.items())


@command("export")
def _export(sh: Shell, args: list[str], stdin: str) -> Result:
    for given in args:
        name, equals, value = given.partition("=")
        if equals:
            sh.env[name] = value
    return 0, ""


@command("ps")
def _ps(sh: Shell, args: list[str], stdin: str) -> Result:
    rows = [f"{n:5} {user:9} 0:0{n % 10} {what}" for n, user, what in sh.processes()]
    return 0, "\n".join(["  PID USER      TIME COMMAND", *rows]) + "\n"


@command("uname")
def _uname(sh: Shell, args: list[str], stdin: str) -> Result:
    flags = options(args)[0]
    if "a" in flags:
        return 0, f"Linux {sh.hostname} 6.1.0-28-amd64 #1 SMP x86_64 GNU/Linux\n"
    return 0, "6.1.0-28-amd64\n" if "r" in flags else "x86_64\n" if "m" in flags else "Linux\n"


@command("date")
def _date(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime(sh.now())) + "\n"


@command("uptime")
def _uptime(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, time.strftime(" %H:%M:%S", time.gmtime(sh.now())) + " up 41 days,  load average: 0.31, 0.28, 0.22\n"


@command("ip", "ifconfig")
def _ip(sh: Shell, args: list[str], stdin: str) -> Result:
    if args and args[0].startswith("r"):
        return 0, "default via 172.18.0.1 dev eth0\n"
    lines = ["1: lo: <LOOPBACK,UP> mtu 65536", "    inet 127.0.0.1/8 scope host lo"]
    for n, address in enumerate(sh.addresses.values()):
        lines += [f"{n + 2}: eth{n}: <BROADCAST,MULTICAST,UP> mtu 1450", f"    inet {address}/24 scope global eth{n}"]
    return 0, "\n".join(lines) + "\n"


@command("nslookup", "getent")
def _nslookup(sh: Shell, args: list[str], stdin: str) -> Result:
    name = args[-1] if args else ""
    found = sh.resolve(name)
    if sh.running == "getent":
        return (0, f"{found:15} {name}\n") if found else (2, "")
    head = "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n"
    if not found:
        return 1, f"{head}** server can't find {name}: NXDOMAIN\n"
    return 0, f"{head}Non-authoritative answer:\nName:\t{name}\nAddress: {found}\n"


@command("ping")
def _ping(sh: Shell, args: list[str], stdin: str) -> Result:
    name = options(args)[1][-1] if options(args)[1] else ""
    found = sh.resolve(name)
    if not found:
        return 1, f"ping: bad address '{name}'\n"
    lines = [f"PING {name} ({found}): 56 data bytes"]
    lines += [f"64 bytes from {found}: seq={n} ttl=64 time=0.{80 + n} ms" for n in range(3)]
    return 0, "\n".join(
        [*lines, "", f"--- {name} ping statistics ---", "3 packets transmitted, 3 packets received, 0% packet loss"]
    ) + "\n"


@command("stty")
def _stty(sh: Shell, args: list[str], stdin: str) -> Result:
    if not sh.tty:
        return 1, "stty: standard input: not a tty\n"
    columns, rows = sh.size()
    return 0, f"{rows} {columns}\n" if args == ["size"] else f"speed 38400 baud; rows {rows}; columns {columns};\n"


@command("tty")
def _tty(sh: Shell, args: list[str], stdin: str) -> Result:
    return (0, "/dev/pts/0\n") if sh.tty else (1, "not a tty\n")


@command("clear")
def _clear(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, "\x1b[H\x1b[2J"


@command("true", ":")
def _true(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, ""


@command("false")
def _false(sh: Shell, args: list[str], stdin: str) -> Result:
    return 1, ""


@command("which", "type", "command")
def _which(sh: Shell, args: list[str], stdin: str) -> Result:
    names = [a for a in args if not a.startswith("-")]
    found = [f"/bin/{n}" for n in names if n in COMMANDS or n in sh.profile.shells]
    return (0 if found else 127), "".join(f"{p}\n" for p in found)


@command("history")
def _history(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, "".join(f"{n:5}  {line}\n" for n, line in enumerate(sh.history, 1))


@command("help")
def _help(sh: Shell, args: list[str], stdin: str) -> Result:
    words = " ".join(sorted(COMMANDS))
    return 0, f"This container is part of a simulated swarm. Its shell knows:\n{words} sleep exit\n"
