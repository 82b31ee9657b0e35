"""The command line: options, help, the first characters on the screen; everything heavy is imported behind it.

Only the standard library's lightest modules are imported at the top, since ``--help`` has to answer at once and
the skeleton frame has to stand before Textual is read.
"""

from __future__ import annotations

import os
import sys

from tui.frame import views

VERSION = "0.1.0"

#: (option, short, value name or empty, help); an empty help hides it.
_OPTIONS: tuple[tuple[str, str, str, str], ...] = (
    ("--host", "-H", "URL", "engine to start on: unix:///path, tcp://host:2376 or ssh://user@host"),
    ("--context", "-c", "NAME", "docker context to use, as `docker context ls` names it"),
    ("--demo", "", "", "the built-in demo cluster: a made-up Swarm, nothing in it is real"),
    ("--demo-if-none", "", "", "the demo where no engine answers, and say why"),
    ("--scene", "", "NAME", ""),
    ("--view", "-v", "NAME", "view to start in: " + ", ".join(views.names())),
    ("--readonly", "", "", "change nothing: every act that would is refused"),
    ("--theme", "", "NAME", "auto, dark, light or ansi (16 colours of the terminal)"),
    ("--ascii", "", "", "draw with ASCII only"),
    ("--no-color", "", "", "no colours, as with NO_COLOR set"),
    ("--log-file", "", "PATH", "where to log; by default a file in the state folder"),
    ("--debug", "", "", "log more: requests and frames, with how long each took"),
    ("--help", "-h", "", "this text"),
    ("--version", "-V", "", "the version"),
)

THEMES = ("auto", "dark", "light", "ansi")

#: Sub-commands, which need no terminal: (name, help). ``tui.headless`` reads what stands behind the name.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("exec", "run a command in a container, a task or a service, on all its replicas with --all"),
    ("ps", "list containers of all nodes that can be asked"),
    ("nodes", "list nodes, and how each is reached"),
    ("services", "list services with their state"),
    ("tasks", "list tasks with their errors"),
    ("networks", "list networks of the swarm and of nodes"),
    ("events", "print what happened on all nodes; --follow goes on"),
    ("plan", "say what a docker line would do and send, and change nothing"),
    ("do", "do what a docker line says, and wait until it has converged"),
)
#: Options that mean something to sub-commands as well, before or behind their name.
SHARED = frozenset(
    {"--host", "--context", "--demo", "--scene", "--readonly", "--ascii", "--no-color", "--log-file", "--debug"}
    | {"--help", "--version"}
)


class UsageError(Exception):
    """The command line cannot be meant; the text is one sentence for the person who typed it."""


class Options:
    """What was asked for on the command line."""

    def __init__(self) -> None:
        self.host = ""
        self.context = ""
        self.demo = False
        self.demo_if_none = False
        self.scene = ""
        self.view = ""
        self.readonly = False
        self.theme = ""
        self.ascii = False
        self.no_color = False
        self.log_file = ""
        self.debug = False
        self.help = False
        self.version = False
        self.command = ""
        self.words: list[str] = []


def parse(arguments: list[str]) -> Options:
    """Reads options; raises ``UsageError`` with a sentence that says what would be right."""
    options = Options()
    commands = {name for name, _ in COMMANDS}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in commands:
            options.command, options.words = word, rest
            break
        take(options, word, rest)
    check(options)
    return options


def take(options: Options, word: str, rest: list[str], known: frozenset[str] = frozenset()) -> str:
    """Reads one option, whose value may be the first of ``rest``; returns its long name. Raises ``UsageError``,
    also for one that is not in ``known`` where that is given."""
    long = {option: value for option, _, value, _ in _OPTIONS}
    short = {letter: option for option, letter, _, _ in _OPTIONS if letter}
    name, equals, given = word.partition("=")
    if not word.startswith("--") and word[:2] in short:
        # -H URL, -HURL and -H=URL, as docker takes them.
        name, given = short[word[:2]], word[2:].removeprefix("=")
        equals = given
    if name not in long or (known and name not in known):
        what = "option" if word.startswith("-") else "argument"
        command = f" {options.command}" if options.command else ""
        raise UsageError(f"there is no {what} {word}; dnet-tui{command} --help lists all")
    attribute = name.removeprefix("--").replace("-", "_")
    if not long[name]:
        if equals:
            raise UsageError(f"{name} takes no value")
        setattr(options, attribute, True)
        return name
    if not equals:
        if not rest or (rest[0].startswith("-") and rest[0] != "-"):
            raise UsageError(f"{name} needs a value: {name} {long[name]}")
        given = rest.pop(0)
    if not given:
        raise UsageError(f"{name} needs a value: {name} {long[name]}")
    setattr(options, attribute, given)
    return name


def check(options: Options) -> None:
    """Raises ``UsageError`` for values, or combinations of options, that cannot be meant."""
    if options.help or options.version:
        return
    if options.view and options.view not in views.names():
        raise UsageError(f"there is no view {options.view}; views are {', '.join(views.names())}")
    if options.theme and options.theme not in THEMES:
        raise UsageError(f"there is no theme {options.theme}; themes are {', '.join(THEMES)}")
    if options.host and options.context:
        raise UsageError("--host and --context both name an engine; give one of them")
    if (options.demo or options.scene) and (options.host or options.context):
        raise UsageError("--demo is a cluster of its own; it cannot be combined with --host or --context")


def option_rows(options: tuple[tuple[str, str, str, str], ...], known: frozenset[str] = frozenset()) -> str:
    """Options as ``--help`` lists them, one row or more each; of ``known`` ones only, where that is given."""
    rows = []
    for option, letter, value, text in options:
        if not text or (known and option not in known):
            continue
        head = f"{letter}, {option}" if letter else f"    {option}"
        rows.append(f"  {head + (' ' + value if value else ''):<24}{_wrapped(text, 26, 78)}")
    return "\n".join(rows)


def shared_rows() -> str:
    """The options that sub-commands share with the program itself."""
    return option_rows(_OPTIONS, SHARED)


def help_text() -> str:
    """What ``--help`` prints."""
    commands = "\n".join(f"  {name:<24}{_wrapped(text, 26, 78)}" for name, text in COMMANDS)
    return (
        "dnet-tui  the cockpit for Docker Swarm and Docker networks in a terminal\n\n"
        "usage: dnet-tui [options]\n"
        "       dnet-tui [options] COMMAND ...    without the screen, for scripts; COMMAND --help says more\n\n"
        + option_rows(_OPTIONS)
        + "\n\ncommands:\n"
        + commands
        + "\n\n"
        "Which engine: --host, --context, DOCKER_HOST (with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH), the current\n"
        "docker context, the default socket; the first of these that is set.\n"
        "Inside: ? lists all keys, : takes commands, ctrl+q quits.\n"
    )


def _wrapped(text: str, indent: int, width: int) -> str:
    out, room = "", width - indent
    for word in text.split():
        gap = " " if out else ""
        if len(out.rsplit("\n", 1)[-1].lstrip()) + len(gap + word) > room:
            gap = "\n" + " " * indent
        out += gap + word
    return out


def main(arguments: list[str] | None = None) -> int:
    """Runs ``dnet-tui``; returns the exit code: 0, 1 for a crash or an engine that cannot be named, 2 for usage."""
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
    except UsageError as problem:
        sys.stderr.write(f"dnet-tui: {problem}\n")
        return 2
    if options.command:
        try:
            from tui.headless import main as headless

            return headless(options)
        except Exception as crash:
            return crashed(options, crash)
    if options.help:
        sys.stdout.write(help_text())
        return 0
    if options.version:
        sys.stdout.write(f"dnet-tui {VERSION}\n")
        return 0
    if not (os.isatty(0) and os.isatty(1)):
        sys.stderr.write("dnet-tui: input and output must be a terminal; with ssh, ask for one: ssh -t HOST dnet-tui\n")
        return 2
    if os.environ.get("TERM", "") in ("", "dumb"):
        sys.stderr.write("dnet-tui: TERM is not set to a terminal that can be drawn on, such as xterm-256color\n")
        return 2
    return _run(options)


def _run(options: Options) -> int:
    from tui.skeleton import Skeleton

    skeleton = Skeleton(options)
    skeleton.show()
    try:
        # The heavy half. Cyclic garbage is not worth looking for while modules are being made.
        import gc

        gc.disable()
        from tui.compose import run

        return run(options, skeleton)
    except KeyboardInterrupt:
        return 130
    except UsageError as problem:
        skeleton.restore()
        sys.stderr.write(f"dnet-tui: {problem}\n")
        return 2
    except Exception as crash:
        skeleton.restore()
        return crashed(options, crash)
    finally:
        skeleton.restore()


def crashed(options: Options, crash: Exception) -> int:
    """Says in one sentence that the program ended on an error of its own, the story in the log; the exit code."""
    import traceback

    path = options.log_file or log_path()
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        with open(path, "a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(crash)))
        where = f"the details are in {path}"
    except OSError as problem:
        where = f"the details could not be written to {path}: {problem.strerror}"
    sentence = str(crash).strip().partition("\n")[0] or type(crash).__name__
    sys.stderr.write(f"dnet-tui stopped on an error of its own: {sentence}; {where}\n")
    return 1


def state_dir() -> str:
    """Where logs and history are kept (XDG base directory specification)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "dnet-tui")


def log_path() -> str:
    """The log file where ``--log-file`` names none."""
    return os.path.join(state_dir(), "dnet-tui.log")


if __name__ == "__main__":
    sys.exit(main())
