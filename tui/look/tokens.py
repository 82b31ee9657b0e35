"""What the terminal can show, and the tokens of the design as Rich styles for it (``design/README.md`` section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from rich.style import Style


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
        """Name of the palette and of the Textual theme: ``dnet-dark``, ``dnet-light-256``, ``dnet-ansi``, …"""
        return f"dnet-{'dark' if self.dark else 'light'}-{self.depth}"

    @property
    def ansi(self) -> bool:
        """Whether Textual must pass ANSI colours through (``App(ansi_color=…)``)."""
        return self.depth in (Depth.C16, Depth.MONO)

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables to set before Textual is imported, so that its console agrees with us."""
        return {}


def detect(environ: Mapping[str, str], theme: str = "auto", color: str = "auto") -> Choice:
    """What to draw with. ``theme`` is ``auto dark light``, ``color`` is ``auto truecolor 256 16 none``."""
    return Choice()


@dataclass(frozen=True, slots=True)
class Palette:
    """The tokens for one :class:`Choice`."""

    choice: Choice

    def resolve(self, style: str) -> Style:
        """The Rich style of words such as ``"err bold on_sel"``; later words win. Cached. Unknown words raise
        ``KeyError``."""
        return Style()


def palette(choice: Choice) -> Palette:
    """The palette of a choice (one object each)."""
    return Palette(choice)


Tone = Literal["ok", "chg", "warn", "err", "off", "muted", "text"]
