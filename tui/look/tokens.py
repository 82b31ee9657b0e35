"""What the terminal can show, and the tokens of the design as Rich styles for it (``design/README.md`` section 2)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rich.color import Color
from rich.style import Style

from tui.look.colors import ANSI, INDEX, TRUE, rgb_of_index
from tui.text.span import ATTRIBUTES, TOKENS


class Depth(StrEnum):
    """How many colours there are."""

    TRUE = "truecolor"
    C256 = "256"
    C16 = "16"
    MONO = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """How we draw: what :func:`detect` found or the user asked for."""

    depth: Depth = Depth.TRUE
    dark: bool = True

    @property
    def name(self) -> str:
        """Name of the palette and of the Textual theme: ``dnet-dark-truecolor``, ``dnet-light-256``, …"""
        return f"dnet-{'dark' if self.dark else 'light'}-{self.depth}"

    @property
    def ansi(self) -> bool:
        """Whether Textual must pass the terminal's own colours through; give it to ``App(ansi_color=…)``."""
        return self.depth in (Depth.C16, Depth.MONO)


#: Terminals that show 24 bit colour without saying so in ``COLORTERM`` (which SSH seldom forwards).
_TRUE_TERMS = ("xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty", "contour", "rio")
_DEPTHS = {"truecolor": Depth.TRUE, "24bit": Depth.TRUE, "256": Depth.C256, "16": Depth.C16, "none": Depth.MONO}


def detect(environ: Mapping[str, str], theme: str = "auto", color: str = "auto") -> Choice:
    """What to draw with. ``theme`` is ``auto dark light``, ``color`` is ``auto truecolor 256 16 none``; other words
    raise ``ValueError``. An explicit option outranks ``NO_COLOR``, which outranks what the terminal says."""
    if theme not in ("auto", "dark", "light"):
        raise ValueError(f"theme must be auto, dark or light, not {theme}")
    if color != "auto" and color not in _DEPTHS:
        raise ValueError(f"color must be auto, truecolor, 256, 16 or none, not {color}")
    dark = _dark(environ) if theme == "auto" else theme == "dark"
    return Choice(_depth(environ) if color == "auto" else _DEPTHS[color], dark)


def _depth(environ: Mapping[str, str]) -> Depth:
    term = environ.get("TERM", "").lower()
    if environ.get("NO_COLOR") or term in ("dumb", "unknown"):
        return Depth.MONO
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or environ.get("WT_SESSION"):
        return Depth.TRUE
    if term.startswith(_TRUE_TERMS) or term.endswith("-direct"):
        return Depth.TRUE
    return Depth.C256 if "256" in term else Depth.C16


def _dark(environ: Mapping[str, str]) -> bool:
    """``COLORFGBG`` (rxvt, Konsole) names the background's colour last: 7 and the bright ones but 8 are light."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return not (background.isdigit() and int(background) >= 7 and int(background) != 8)


def wants_ascii(environ: Mapping[str, str], option: str = "auto") -> bool:
    """Whether to draw with ASCII only: ``option`` is ``auto yes no``. A locale that names another character set than
    UTF-8, and terminals without our symbols, want it; no locale (``C``) says nothing, as is usual over SSH."""
    if option != "auto":
        return option == "yes"
    if environ.get("TERM", "").lower() in ("dumb", "linux", "vt100", "vt220"):
        return True
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    charset = locale.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return bool(charset) and charset != "utf8"


def prepare(choice: Choice, environ: MutableMapping[str, str]) -> None:
    """Tells Textual what we draw with. Textual reads ``TEXTUAL_COLOR_SYSTEM`` while it is imported and ``NO_COLOR``
    when an app is made: call it before, with ``os.environ``."""
    environ["TEXTUAL_COLOR_SYSTEM"] = {Depth.TRUE: "truecolor", Depth.C256: "256"}.get(choice.depth, "standard")
    if choice.depth is Depth.MONO:
        environ["NO_COLOR"] = "1"
    else:
        environ.pop("NO_COLOR", None)


#: With less than 256 colours these backgrounds are attributes …
_BACK16: Final = {"sel": "reverse", "selx": "bold", "shade": "dim", "field": "underline", "fieldf": "underline"}
#: … and without any colour what must stand out is reversed.
_BACK_MONO: Final = _BACK16 | dict.fromkeys(
    ("accent", "prodbg", "stagebg", "ok", "chg", "warn", "err", "text", "strong"), "reverse"
)
_FORE_MONO: Final = {"err": "bold", "faint": "dim", "line": "dim"}
_FORE16: Final = {"muted": "dim", "off": "dim"}
_CURSOR: Final = ("sel", "selx")


class Palette:
    """The tokens for one :class:`Choice`; see :mod:`tui.text.span` for the words."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self._styles: dict[str, Style] = {}

    def color(self, token: str) -> Color:
        """The colour of a token, the terminal's default where it has none of its own."""
        if token not in TOKENS:
            raise KeyError(token)
        side = 0 if self.choice.dark else 1
        match self.choice.depth:
            case Depth.TRUE:
                return Color.parse(TRUE[token][side])
            case Depth.C256:
                return Color.from_rgb(*rgb_of_index(INDEX[token][side]))
            case Depth.C16:
                index = ANSI.get(token)
                return Color.default() if index is None else Color.from_ansi(index)
            case Depth.MONO:
                return Color.default()

    def resolve(self, style: str) -> Style:
        """The Rich style of words such as ``"err bold on_sel"``; of two colours the later wins, attributes add up;
        without a colour it is ``text`` on ``bg``. Cached. Unknown words raise ``KeyError``."""
        found = self._styles.get(style)
        if found is None:
            found = self._styles[style] = self._parse(style)
        return found

    def _parse(self, style: str) -> Style:
        fore, back = "text", "bg"
        attributes: set[str] = set()
        for word in style.split():
            if word in ATTRIBUTES:
                attributes.add(word)
            elif word in TOKENS:
                fore = word
            elif word.startswith("on_") and word[3:] in TOKENS:
                back = word[3:]
            else:
                raise KeyError(f"no style word {word!r} in {style!r}")
        if back in _CURSOR and fore == "faint":
            fore = "muted"
        depth = self.choice.depth
        if depth in (Depth.C16, Depth.MONO):
            extra = (_BACK_MONO if depth is Depth.MONO else _BACK16).get(back)
            if extra:
                attributes.add(extra)
            if extra == "reverse":
                fore = "strong" if fore in ("strong", "err") and depth is Depth.MONO else "text"
            softer = (_FORE_MONO if depth is Depth.MONO else _FORE16).get(fore)
            if softer and not (softer == "dim" and "bold" in attributes):
                attributes.add(softer)
            if depth is Depth.MONO:
                return Style.parse(" ".join(sorted(attributes)))
        foreground = self._over(fore, back) if back in ("prodbg", "stagebg") else self.color(fore)
        background = Color.default() if depth is Depth.C16 and back in _BACK16 else self.color(back)
        return Style.parse(" ".join(sorted(attributes))) + Style(color=foreground, bgcolor=background)

    def _over(self, fore: str, back: str) -> Color:
        """Words of the chips are white in both themes: ``strong`` of the light one is dark."""
        if fore not in ("text", "strong", "onaccent"):
            return self.color(fore)
        match self.choice.depth:
            case Depth.TRUE:
                return Color.parse("#ffffff")
            case Depth.C256:
                return Color.from_rgb(*rgb_of_index(231))
            case _:
                return Color.from_ansi(15 if back == "prodbg" else 0)


@lru_cache(maxsize=16)
def palette(choice: Choice) -> Palette:
    """The palette of a choice (one object each)."""
    return Palette(choice)
