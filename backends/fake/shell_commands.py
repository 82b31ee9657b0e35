"""The commands of the simulated shell. Each takes the shell, its arguments and its input, and gives back
an exit code and what it writes."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.fake.shell import Shell

Result = tuple[int, str]
Command = Callable[["Shell", list[str], str], Result]
COMMANDS: dict[str, Command] = {}


def command(*names: str) -> Callable[[Command], Command]:
    """Registers a command under its names."""

    def register(function: Command) -> Command:
        for name in names:
            COMMANDS[name] = function
        return function

    return register


def options(args: list[str]) -> tuple[set[str], list[str]]:
    """Single-letter options, and what else there is."""
    flags = {c for a in args if a.startswith("-") and a != "-" for c in a.lstrip("-")}
    return flags, [a for a in args if not a.startswith("-") or a == "-"]


@command("echo")
def _echo(sh: Shell, args: list[str], stdin: str) -> Result:
    bare = bool(args) and args[0] == "-n"
    return 0, " ".join(args[1:] if bare else args) + ("" if bare else "\n")


@command("printf")
def _printf(sh: Shell, args: list[str], stdin: str) -> Result:
    text = args[0] if args else ""
    for value in args[1:]:
        text = text.replace("%s", value, 1).replace("%d", value, 1)
    return 0, text.replace("\\n", "\n").replace("\\t", "\t")


@command("pwd")
def _pwd(sh: Shell, args: list[str], stdin: str) -> Result:
    return 0, f"{sh.cwd}\n"


@command("cd")
def _cd(sh: Shell, args: list[str], stdin: str) -> Result:
    target = sh.path(args[0] if args else sh.env.get("HOME", "/root"))
    if not sh.files.exists(target):
        return 1, sh.complain(f"cd: can't cd to {args[0]}: No such file or directory")
    if not sh.files.is_directory(target):
        return 1, sh.complain(f"cd: {args[0]}: Not a directory")
    sh.cwd = target
    return 0, ""


@command("ls", "ll")
def _ls(sh: Shell, args: list[str], stdin: str) -> Result:
    flags, paths = options(args)
    out, code = [], 0
    for given in paths or ["."]:
        path = sh.path(given)
        if not sh.files.exists(path):
            out.append(f"ls: {given}: No such file or directory\n")
            code = 1
            continue
        names = sh.files.names(path) if sh.files.is_directory(path) else [given]
        shown = [n for n in names if "a" in flags or not n.startswith(".")]
        if "l" in flags:
            out += [_long(sh, posixpath.join(path, n) if n != given else path, n) for n in shown]
        elif "1" in flags or not sh.tty:
            out += [f"{n}\n" for n in shown]
        else:
            out.append("  ".join(shown) + ("\n" if shown else ""))
    return code, "".join(out)


def _long(sh: Shell, path: str, name: str) -> str:
    directory = sh.files.is_directory(path)
    size = 4096 if directory else len(sh.files.read(path) or "")
    return f"{'drwxr-xr-x' if directory else '-rw-r--r--'}    1 {sh.user:8} {sh.user:8} {size:9} Nov 24 14:00 {name}\n"


@command("cat", "less", "more")
def _cat(sh: Shell, args: list[str], stdin: str) -> Result:
    out, code = [] if args else [stdin], 0
    for given in args:
        path = sh.path(given)
        text = sh.files.read(path)
        if given == "-":
            out.append(stdin)
        elif sh.files.is_directory(path):
            out.append(f"cat: read error: Is a directory: {given}\n")
            code = 1
        elif text is None:
            out.append(f"cat: can't open '{given}': No such file or directory\n")
            code = 1
        else:
            out.append(text)
    return code, "".join(out)


def _text(sh: Shell, paths: list[str], stdin: str) -> str:
    return "".join(sh.files.read(sh.path(p)) or "" for p in paths) if paths else stdin


@command("head", "tail")
def _ends(sh: Shell, args: list[str], stdin: str) -> Result:
    count, rest = 10, list(args)
    if len(rest) > 1 and rest[0] == "-n":
        count, rest = int(rest[1]) if rest[1].isdigit() else 10, rest[2:]
    elif rest and rest[0][1:].isdigit() and rest[0].startswith("-"):
        count, rest = int(rest[0][1:]), rest[1:]
    lines = _text(sh, rest, stdin).splitlines(keepends=True)
    return 0, "".join(lines[:count] if sh.running == "head" else lines[-count:])


@command("grep")
def _grep(sh: Shell, args: list[str], stdin: str) -> Result:
    flags, rest = options(args)
    if not rest:
        return 2, "Usage: grep PATTERN [FILE]...\n"
    wanted = rest[0].lower() if "i" in flags else rest[0]
    lines = _text(sh, rest[1:], stdin).splitlines(keepends=True)
    hits = [x for x in lines if (wanted in (x.lower() if "i" in flags else x)) != ("v" in flags)]
    return (0 if hits else 1), "".join(hits)


@command("wc")
def _wc(sh: Shell, args: list[str], stdin: str) -> Result:
    flags, paths = options(args)
    text = _text(sh, paths, stdin)
    counts = {"l": text.count("\n"), "w": len(text.split()), "c": len(text)}
    return 0, " ".join(str(n) for f, n in counts.items() if not flags or f in flags) + "\n"


@command("sort")
def _sort(sh: Shell, args: list[str], stdin: str) -> Result:
    lines = _text(sh, options(args)[1], stdin).splitlines()
    return 0, "".join(f"{x}\n" for x in sorted(lines))


@command("touch")
def _touch(sh: Shell, args: list[str], stdin: str) -> Result:
    for given in args:
        if not sh.files.exists(sh.path(given)):
            sh.files.write(sh.path(given), "")
    return 0, ""


@command("mkdir")
def _mkdir(sh: Shell, args: list[str], stdin: str) -> Result:
    for given in options(args)[1]:
        sh.files.make(sh.path(given))
    return 0, ""


@command("rm")
def _rm(sh: Shell, args: list[str], stdin: str) -> Result:
    flags, paths = options(args)
    for given in paths:
        path = sh.path(given)
        if not sh.files.exists(path) and "f" not in flags:
            return 1, f"rm: can't remove '{given}': No such file or directory\n"
        if sh.files.is_directory(path) and "r" not in flags:
            return 1, f"rm: '{given}' is a directory\n"
        sh.files.remove(path)
    return 0, ""
