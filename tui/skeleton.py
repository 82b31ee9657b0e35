"""The first characters: the frame of the start view by plain escape codes, while the heavy half is being imported.

Standard library only, and little of it. The app paints over it; :meth:`Skeleton.restore` gives the terminal back
as it was found, whatever happens in between.
"""

from __future__ import annotations

import os

from tui.frame import views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui.cli import Options

#: (token, dark hex, light hex, dark 256, light 256): what the skeleton needs of ``tui.look.tokens``, which needs
#: Rich; a test holds them together.
COLOURS: dict[str, tuple[str, str, int, int]] = {
    "bg": ("0f131a", "fbfbf9", 233, 231),
    "surf": ("151b24", "f1f3f1", 234, 255),
    "text": ("d6dde7", "22303c", 253, 236),
    "strong": ("f2f6fb", "0b141c", 231, 233),
    "muted": ("8e9baa", "55626f", 247, 240),
    "faint": ("647182", "7a8794", 243, 244),
    "line": ("303b49", "c3cad1", 238, 250),
    "accent": ("5cb8f5", "0a63ad", 75, 25),
    "onaccent": ("07121c", "ffffff", 233, 231),
    "chg": ("c6a2f2", "7439ad", 183, 91),
}
#: SGR codes of the 16 colour rendering (foreground, background).
_ANSI = {
    "faint": ("90", ""),
    "line": ("90", ""),
    "accent": ("36", "46"),
    "onaccent": ("30", ""),
    "chg": ("35", ""),
    "muted": ("2", ""),
    "strong": ("1", ""),
}


class Skeleton:
    """The frame drawn before the app, and the terminal's state before that."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._attributes: list[object] | None = None
        self._shown = False
        self.size = (80, 24)

    def show(self) -> None:
        """Enters the alternate screen, draws, and keeps what is typed meanwhile from being echoed."""
        try:
            size = os.get_terminal_size(1)
            self.size = (size.columns or 80, size.lines or 24)
        except OSError:
            pass
        self._quiet()
        environ = dict(os.environ)
        text = frame(self._options, *self.size, environ, configured(environ))
        _write(text)
        self._shown = True
        self._mind_signals()

    def _mind_signals(self) -> None:
        """Until the app does: a signal ends the program with the terminal given back."""
        import signal

        def end(number: int, _: object) -> None:
            self.restore()
            raise SystemExit(128 + number)

        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, end)

    def restore(self) -> None:
        """Leaves the alternate screen and sets the terminal as it was found; again is harmless."""
        if self._shown:
            # All that Textual may have switched on, too: it may have died half way.
            _write("\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2048l")
            _write("\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h")
            self._shown = False
        if self._attributes is not None:
            import termios

            try:
                termios.tcsetattr(0, termios.TCSADRAIN, self._attributes)  # type: ignore[arg-type]
            except termios.error:
                pass
            self._attributes = None

    def left(self) -> None:
        """The app has left the alternate screen itself."""
        self._shown = False

    def _quiet(self) -> None:
        import termios

        try:
            self._attributes = termios.tcgetattr(0)
            quiet = termios.tcgetattr(0)
            quiet[3] &= ~(termios.ECHO | termios.ICANON)
            quiet[0] &= ~termios.IXON  # the terminal would keep ctrl+q for itself, which quits
            termios.tcsetattr(0, termios.TCSANOW, quiet)
        except termios.error:
            self._attributes = None


def _write(text: str) -> None:
    try:
        # Not by way of sys.stdout, which has an encoding of its own; what is no UTF-8 terminal gets ASCII only.
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            data = data[os.write(1, data) :]
    except OSError:
        pass  # the terminal is gone


def configured(environ: dict[str, str]) -> dict[str, str]:
    """``theme``, ``color`` and ``ascii`` from the configuration, read without a TOML parser: what stands in the
    first table on lines of its own. The app reads it properly; here a wrong guess costs one flash."""
    found: dict[str, str] = {}
    base = environ.get("XDG_CONFIG_HOME", "")
    base = base if base.startswith("/") else environ.get("HOME", "/") + "/.config"
    try:
        with open(environ.get("DNET_TUI_CONFIG") or f"{base}/dnet-tui/config.toml", encoding="utf-8") as file:
            for text in file:
                if text.lstrip().startswith("["):
                    break
                name, _, value = text.partition("=")
                found[name.strip()] = value.partition("#")[0].strip().strip("\"'")
    except (OSError, UnicodeDecodeError):
        pass
    for name in ("theme", "color", "ascii"):
        found[name] = environ.get(f"DNET_TUI_{name.upper()}") or found.get(name, "")
    return found


def frame(
    options: Options, width: int, height: int, environ: dict[str, str], config: dict[str, str] | None = None
) -> str:
    """The escape codes that draw the frame of ``width`` x ``height`` cells; ``config`` as ``configured`` gives it."""
    config = config or {}
    ink = _Ink(options, environ, config)
    plain = _ascii(options, environ, config.get("ascii", ""))
    heavy, thin, cut = ("=", "-", "~") if plain else ("━", "─", "…")
    dot = "~" if heavy == "=" else "◐"
    tabs = height >= 15
    view = options.view or "overview"

    out = ["\x1b[?1049h\x1b[?25l\x1b[?7l", ink("bg", "text"), "\x1b[2J\x1b[H"]
    head, room = _context(options, environ), f"{dot} connecting "
    out.append(_row(1, width, ink("surf", "text")))
    out += [" ", ink("surf", "accent", bold=True), "dnet", ink("surf", "text"), "  "]
    for text, token in head:
        out += [ink("surf", token, bold=token == "strong"), text]
    out += [f"\x1b[1;{max(1, width - len(room) + 1)}H", ink("surf", "chg"), dot, ink("surf", "text"), room[1:]]
    line = 2
    if tabs:
        out.append(_row(2, width, ink("surf", "muted")))
        out.append(" ")
        for _, key, word, active in views.tab_labels(view, width):
            if active:
                out += [ink("accent", "onaccent", bold=True), f" {key} {word} "]
            else:
                gap = "" if word == "…" else " "
                word = cut if word == "…" else word
                out += [ink("surf", "faint"), f" {key}", ink("surf", "muted"), f"{gap}{word} "]
            if width >= 120:
                out += [ink("surf", "muted"), " "]
        line = 3
    name = views.title(view)
    out += [f"\x1b[{line};1H", ink("bg", "accent"), heavy * 2, ink("bg", "strong", bold=True), f" {name} "]
    out += [ink("bg", "accent"), heavy * max(0, width - len(name) - 4)]
    out += [ink("bg", "line")]
    for row, length in enumerate((14, 11, 9, 16, 12, 10, 13)):
        if line + 2 + row < height:
            out.append(f"\x1b[{line + 2 + row};3H" + thin * min(length, max(0, width - 4)))
    out.append(_row(height, width, ink("surf", "muted")))
    help_ = ": command  ? help "
    out += [f"\x1b[{height};{max(1, width - len(help_) + 1)}H", help_[:width]]
    return "".join(out)


def _context(options: Options, environ: dict[str, str]) -> list[tuple[str, str]]:
    """What can be said of the engine without reading a file."""
    if options.demo:
        return [(" DEMO ", "accent"), (" demo", "strong")]
    where = options.context or environ.get("DOCKER_CONTEXT", "")
    if options.host or where:
        return [("asking ", "muted"), (_safe(options.host or where), "text")]
    host = environ.get("DOCKER_HOST", "")
    return [("asking ", "muted"), (_safe(host) or "the engine", "text")]


def _safe(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:40]


def _row(number: int, width: int, style: str) -> str:
    """A whole row in one background."""
    return f"\x1b[{number};1H{style}{' ' * width}\x1b[{number};1H"


def _ascii(options: Options, environ: dict[str, str], config: str = "") -> bool:
    """As ``tui.look.tokens.wants_ascii``; a test holds them together."""
    if config.lower() in ("no", "false", "0", "off") and not options.ascii:
        return False
    if options.ascii or config.lower() in ("yes", "true", "1", "on"):
        return True
    if environ.get("TERM", "").lower() in ("dumb", "linux", "vt100", "vt220"):
        return True
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    charset = locale.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return bool(charset) and charset != "utf8"


class _Ink:
    """Colours as SGR codes, in what the terminal can show."""

    def __init__(self, options: Options, environ: dict[str, str], config: dict[str, str]) -> None:
        theme = options.theme or config.get("theme", "")
        color = config.get("color", "")
        self.light = theme == "light" or (theme in ("", "auto", "ansi") and _light(environ))
        if options.no_color:
            self.depth = "none"
        elif theme == "ansi":
            self.depth = "16"
        elif color in ("truecolor", "256", "16", "none"):
            self.depth = "true" if color == "truecolor" else color
        else:
            self.depth = _depth(environ)

    def __call__(self, background: str, foreground: str, bold: bool = False) -> str:
        codes = ["0"] + (["1"] if bold else [])
        if self.depth == "none":
            codes += ["7"] if background == "accent" else []
        elif self.depth == "16":
            codes += [code for code in (_ANSI.get(foreground, ("", ""))[0], _ANSI.get(background, ("", ""))[1]) if code]
        else:
            codes += [self._code(foreground, "38"), self._code(background, "48")]
        return f"\x1b[{';'.join(codes)}m"

    def _code(self, token: str, layer: str) -> str:
        colour = COLOURS[token]
        if self.depth == "256":
            return f"{layer};5;{colour[3] if self.light else colour[2]}"
        value = int(colour[1] if self.light else colour[0], 16)
        return f"{layer};2;{value >> 16};{value >> 8 & 255};{value & 255}"


#: Terminals that show 24 bit colour without saying so, as ``tui.look.tokens`` has them.
_TRUE_TERMS = ("xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty", "contour", "rio")


def _depth(environ: dict[str, str]) -> str:
    term = environ.get("TERM", "").lower()
    if environ.get("NO_COLOR") or term in ("dumb", "unknown"):
        return "none"
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or environ.get("WT_SESSION"):
        return "true"
    if term.startswith(_TRUE_TERMS) or term.endswith("-direct"):
        return "true"
    return "256" if "256" in term else "16"


def _light(environ: dict[str, str]) -> bool:
    """Whether the terminal says (``COLORFGBG``, e.g. ``0;15``) that its background is light."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return background.isdigit() and int(background) >= 7 and int(background) != 8
