"""What stands behind a sub-command's name: options as Docker's own commands take them, and their help."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui import cli
from tui.cli import Options, UsageError

#: (option, short, value name or empty, help), as in ``tui.cli``.
_Row = tuple[str, str, str, str]
_TIMEOUT: _Row = ("--timeout", "", "SECONDS", "how long to wait for answers; 10 by default")
_JSON: _Row = ("--json", "", "", "one JSON object a line; the fields are in docs/headless.md")
_FILTER: _Row = (
    "--filter",
    "-f",
    "EXPR",
    "only what passes, in the language of / on the screen: web, !web, node=worker-1, label=tier=web; may be "
    "repeated, all must hold",
)
_WIDE: _Row = ("--wide", "-w", "", "all columns, and rows that are not cut on a terminal")
_LIST = (_FILTER, _JSON, _WIDE, _TIMEOUT)

OPTIONS: dict[str, tuple[_Row, ...]] = {
    "ps": (("--all", "-a", "", "those that do not run as well"), *_LIST),
    "nodes": _LIST,
    "services": _LIST,
    "tasks": (("--all", "-a", "", "past ones as well, which the swarm keeps for a while"), *_LIST),
    "networks": _LIST,
    "events": (
        ("--since", "", "TIME", "from then on: 10m, 90s, 1h, or a time as in 2026-01-31T14:32:07Z"),
        ("--follow", "", "", "go on with what happens, until Ctrl-C"),
        _FILTER,
        _JSON,
        _TIMEOUT,
    ),
    "exec": (
        ("--node", "", "NODE", "on this node; needed where a name is on several"),
        ("--interactive", "-i", "", "pass input on"),
        ("--tty", "-t", "", "a terminal for the command"),
        ("--user", "-u", "USER", "as this user, or user:group"),
        ("--workdir", "-w", "DIR", "in this folder"),
        ("--env", "-e", "NAME=VALUE", "more environment; NAME alone takes ours"),
        ("--privileged", "", "", "with all capabilities"),
        ("--all", "", "", "on all replicas of a service, outputs side by side, equal ones once"),
        ("--nodes", "", "", "on all nodes themselves, over SSH and not in containers; with --node on one"),
        ("--json", "", "", "with --all and --nodes: one JSON object a replica or node"),
        _TIMEOUT,
    ),
    "plan": (
        ("--json", "", "", "the exact requests as JSON: a list of objects with method, path and body"),
        _TIMEOUT,
    ),
    "do": (
        (
            "--yes",
            "-y",
            "",
            "do not ask; a context marked production still wants --confirm for what may lose something",
        ),
        ("--confirm", "", "NAME", "the name that would have to be typed, for production and for the loss of quorum"),
        ("--json", "", "", "the outcome as one JSON object: outcome, text, seconds, ids"),
        _TIMEOUT,
    ),
}

_USAGE = {
    "exec": "[options] SERVICE|TASK|CONTAINER [-- COMMAND ...]\n       dnet-tui exec --nodes [options] -- COMMAND ...",
    "events": "[options]",
    "plan": "[options] -- docker service|network|swarm|node|secret|config VERB ...",
    "do": "[options] -- docker service|network|swarm|node|secret|config VERB ...",
}
_MORE = {
    "exec": (
        "Without a command, and with a terminal, a shell is opened: bash, ash, then sh; ctrl+] leaves it. Of a\n"
        "service the healthiest replica is taken. The exit code is the command's own; 126 it cannot be executed,\n"
        "127 it was not found, 1 it could not be started, 2 what was asked for makes no sense or has several\n"
        "meanings. With --all and --nodes it is the worst of all, and 3 where some could not be asked.\n"
        "With --nodes a COMMAND of one word is a line for the shell there: --nodes -- 'df -h / | tail -1'.\n"
    ),
    "plan": (
        "Looks and changes nothing: what would happen, what to know first, and what would be sent. With --json the\n"
        "exact requests alone; with --help behind the docker command, its flags.\n"
        "Exit code: 0, 1 the engine did not answer, 2 the line is wrong.\n"
    ),
    "do": (
        "Sends what the docker CLI would send of the same line, and waits until it has converged; with -d in the\n"
        "line only until the engine has taken it. What stops something is asked about in one line, what may lose\n"
        "data or quorum with its plan. Each change is written into the journal.\n"
        "Exit code: 0 it has converged, 1 it was refused or fails, 2 the line is wrong or was not confirmed, 3 it was\n"
        "sent and its outcome is not known: it is not sent again.\n"
    ),
    "events": ("Without --since: of the last hour, as far as the engines still know it; with --follow what is new.\n"),
}
#: Sub-commands behind which a docker line stands.
_LINES = ("plan", "do")
_CODES = "Exit code: 0, 1 no answer, 2 usage, 3 some nodes could not be asked (which and why is said on stderr).\n"

_SPAN = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")


@dataclass(slots=True)
class Arguments:
    """What was asked for. Times are in seconds."""

    command: str
    all: bool = False
    json: bool = False
    wide: bool = False
    filter: str = ""
    """All filters, side by side."""
    timeout: float = 10.0
    since: str = ""
    follow: bool = False
    node: str = ""
    target: str = ""
    interactive: bool = False
    tty: bool = False
    user: str = ""
    workdir: str = ""
    env: tuple[str, ...] = ()
    privileged: bool = False
    nodes: bool = False
    """On the machines themselves; there is no ``target`` then."""
    words: tuple[str, ...] = ()
    """The command to run, for ``exec``; empty asks for a shell. The docker line, for ``plan`` and ``do``."""
    yes: bool = False
    confirm: str = ""


def parse(options: Options) -> Arguments:
    """Reads ``options.words``; options that all commands share are set in ``options``. Raises ``UsageError``."""
    for name in ("view", "theme", "demo_if_none"):
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} is for the screen; {options.command} has none")
    given = Arguments(options.command)
    rest = list(options.words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            _behind(given, rest)
            break
        if word.startswith("-") and word != "-":
            _option(options, given, word, rest)
        elif given.command in _LINES:
            given.words = (word, *rest)
            break
        elif given.command != "exec":
            raise UsageError(f"{given.command} takes no argument {word}; --filter {word} shows what has it in it")
        elif given.nodes:
            given.words = (word, *rest)
            break
        elif not given.target:
            given.target = word
        else:
            given.words = (word, *rest)
            break
    cli.check(options)
    if not options.help and not options.version:
        _check(given)
    return given


def _behind(given: Arguments, rest: list[str]) -> None:
    if given.command in _LINES:
        given.words = tuple(rest)
    elif given.command != "exec":
        if rest:
            raise UsageError(f"{given.command} takes no argument {rest[0]}")
    elif not given.target:
        # Docker's own way of an option's end: `exec -i -- NAME COMMAND`.
        given.target, given.words = (rest[0] if rest else ""), tuple(rest[1:])
    else:
        given.words = tuple(rest)


def _option(options: Options, given: Arguments, word: str, rest: list[str]) -> None:
    rows = OPTIONS[given.command]
    if not word.startswith("--"):
        if _letters(given, rows, word, rest):
            return
    else:
        name, equals, value = word.partition("=")
        row = next((row for row in rows if row[0] == name), None)
        if row is not None:
            if not row[2] and equals:
                raise UsageError(f"{name} takes no value")
            _set(given, row, value if equals else None, rest)
            return
    cli.take(options, word, rest, cli.SHARED)


def _letters(given: Arguments, rows: tuple[_Row, ...], word: str, rest: list[str]) -> bool:
    """``-it``, ``-uroot``, ``-itu root``: switches together, the last one may have a value."""
    short = {row[1][1:]: row for row in rows if row[1]}
    if word[1] not in short:
        return False
    for at, letter in enumerate(word[1:], 2):
        row = short.get(letter)
        if row is None:
            raise UsageError(f"there is no option -{letter} in {word}; dnet-tui {given.command} --help lists all")
        if row[2]:
            value = word[at:].removeprefix("=")
            _set(given, row, value or None, rest)
            return True
        _set(given, row, None, rest)
    return True


def _set(given: Arguments, row: _Row, value: str | None, rest: list[str]) -> None:
    name, _, wanted, _ = row
    field = name.removeprefix("--")
    if not wanted:
        setattr(given, field, True)
        return
    if value is None:
        if not rest or rest[0] == "--":
            raise UsageError(f"{name} needs a value: {name} {wanted}")
        value = rest.pop(0)
    if field == "env":
        given.env = (*given.env, value)
    elif field == "filter":
        given.filter = f"{given.filter} {value}".strip()
    elif field == "timeout":
        given.timeout = _seconds(value, name)
        if not given.timeout:
            raise UsageError(f"{name} is how long to wait; it cannot be 0")
    elif not value:
        raise UsageError(f"{name} needs a value: {name} {wanted}")
    else:
        setattr(given, field, value)


def _check(given: Arguments) -> None:
    if given.command in _LINES and not given.words:
        raise UsageError(f"{given.command} needs a line: dnet-tui {given.command} -- docker service scale web=3")
    if given.command != "exec":
        return
    if given.nodes:
        _check_nodes(given)
        return
    if not given.target:
        raise UsageError("exec needs the name of a service, task or container: dnet-tui exec NAME -- COMMAND")
    if given.json and not given.all:
        raise UsageError("--json is for --all and --nodes; without it the output is the command's own")
    if given.all:
        if not given.words:
            raise UsageError("--all needs a command: dnet-tui exec --all SERVICE -- COMMAND")
        if given.interactive or given.tty:
            raise UsageError("--all runs without input and terminal; leave -i and -t out")


def _check_nodes(given: Arguments) -> None:
    if given.target and not given.words:
        given.target, given.words = "", (given.target,)  # what stands behind `--` is the command alone
    elif given.target:
        given.target, given.words = "", (given.target, *given.words)
    if not given.words:
        raise UsageError("--nodes needs a command: dnet-tui exec --nodes -- uptime")
    for name in ("all", "interactive", "tty", "user", "workdir", "env", "privileged"):
        if getattr(given, name):
            raise UsageError(f"--nodes runs a command on machines, as who logs in there; leave --{name} out")


def _seconds(text: str, name: str) -> float:
    found = _SPAN.fullmatch(text)
    if not text or found is None:
        raise UsageError(f"{name} takes a time such as 90s, 10m or 1h30m, not {text}")
    hours, minutes, seconds = (float(part) if part else 0.0 for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def since(text: str, now: float) -> float:
    """Seconds since the epoch of ``10m`` ago, of a time with a date, or of such seconds themselves. Raises
    ``UsageError``. A time without a zone is local."""
    from datetime import datetime

    if re.fullmatch(r"\d{9,}(\.\d+)?", text):
        return float(text)
    if _SPAN.fullmatch(text):
        return now - _seconds(text, "--since")
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"--since takes 90s, 10m, 1h or a time like 2026-01-31T14:32:07Z, not {text}") from None


def help_text(command: str) -> str:
    """What ``dnet-tui COMMAND --help`` prints."""
    about = dict(cli.COMMANDS)[command]
    codes = "" if command in ("exec", *_LINES) else _CODES
    return (
        f"usage: dnet-tui {command} {_USAGE.get(command, '[options]')}\n\n"
        f"{about[0].upper()}{about[1:]}.\n\n"
        f"{cli.option_rows(OPTIONS[command])}\n\n"
        f"as for dnet-tui itself:\n{cli.shared_rows()}\n\n"
        f"{_MORE.get(command, '')}{codes}"
    )
