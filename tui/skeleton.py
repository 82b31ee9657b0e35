"""The first characters: the frame of the start view by plain escape codes, while the heavy half is being imported.

Standard library only, and little of it. The app paints over it; :meth:`Skeleton.restore` gives the terminal back
as it was found, whatever happens in between.
"""

from __future__ import annotations

import os
import sys

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
        text = frame(self._options, *self.size, dict(os.environ))
        _write(text)
        self._shown = True

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
            termios.tcsetattr(0, termios.TCSANOW, quiet)
        except termios.error:
            self._attributes = None


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def frame(options: Options, width: int, height: int, environ: dict[str, str]) -> str:
    """The escape codes that draw the frame of ``width`` x ``height`` cells."""
    ink = _Ink(options, environ)
    heavy, thin, cut = ("=", "-", "~") if _ascii(options, environ) else ("━", "─", "…")
    dot = "~" if heavy == "=" else "◐"
    tabs = height >= 15
    view = options.view or "overview"

    out = ["\x1b[?1049h\x1b[?25l", ink("bg", "text"), "\x1b[2J\x1b[H"]
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


def _ascii(options: Options, environ: dict[str, str]) -> bool:
    if options.ascii:
        return True
    encoding = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C.UTF-8"
    return "utf" not in encoding.lower()


class _Ink:
    """Colours as SGR codes, in what the terminal can show."""

    def __init__(self, options: Options, environ: dict[str, str]) -> None:
        self._light = options.theme == "light" or (options.theme in ("", "auto") and _light(environ))
        colour = environ.get("COLORTERM", "").lower()
        if options.no_color or environ.get("NO_COLOR"):
            self._depth = "none"
        elif options.theme == "ansi":
            self._depth = "16"
        elif colour in ("truecolor", "24bit"):
            self._depth = "true"
        else:
            self._depth = "256" if "256" in environ.get("TERM", "") else "16"

    def __call__(self, background: str, foreground: str, bold: bool = False) -> str:
        codes = ["0"] + (["1"] if bold else [])
        if self._depth == "none":
            codes += ["7"] if background == "accent" else []
        elif self._depth == "16":
            codes += [code for code in (_ANSI.get(foreground, ("", ""))[0], _ANSI.get(background, ("", ""))[1]) if code]
        else:
            codes += [self._code(foreground, "38"), self._code(background, "48")]
        return f"\x1b[{';'.join(codes)}m"

    def _code(self, token: str, layer: str) -> str:
        colour = COLOURS[token]
        if self._depth == "256":
            return f"{layer};5;{colour[3] if self._light else colour[2]}"
        value = int(colour[1] if self._light else colour[0], 16)
        return f"{layer};2;{value >> 16};{value >> 8 & 255};{value & 255}"


def _light(environ: dict[str, str]) -> bool:
    """Whether the terminal says (``COLORFGBG``, e.g. ``0;15``) that its background is light."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return background in ("7", "15")
