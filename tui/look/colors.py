"""The colour tables of ``design/README.md`` section 2, (dark, light), chosen by hand for each depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Pair = tuple[str, str]

TRUE: Final[Mapping[str, Pair]] = {
    "bg": ("#0f131a", "#fbfbf9"),
    "surf": ("#151b24", "#f1f3f1"),
    "raised": ("#1b232e", "#ffffff"),
    "field": ("#1b232e", "#eef1f3"),
    "fieldf": ("#22303f", "#dcebf8"),
    "sel": ("#1a344e", "#cfe4f6"),
    "selx": ("#1c2632", "#e6eaed"),
    "shade": ("#0b0e13", "#e3e5e4"),
    "line": ("#303b49", "#c3cad1"),
    "text": ("#d6dde7", "#22303c"),
    "strong": ("#f2f6fb", "#0b141c"),
    "muted": ("#8e9baa", "#55626f"),
    "faint": ("#647182", "#7a8794"),
    "accent": ("#5cb8f5", "#0a63ad"),
    "onaccent": ("#07121c", "#ffffff"),
    "ok": ("#6fc98b", "#1a7335"),
    "chg": ("#c6a2f2", "#7439ad"),
    "warn": ("#e8b65a", "#8a5700"),
    "err": ("#f47c7c", "#b3261e"),
    "off": ("#8e9baa", "#55626f"),
    "errbg": ("#3a1d22", "#fbe3e1"),
    "prodbg": ("#a4262c", "#b3261e"),
    "prodbar": ("#25161a", "#f8e7e5"),
    "stagebg": ("#8a5a00", "#8a5700"),
    "term": ("#0a0d12", "#ffffff"),
    "r1": ("#7cc4ff", "#0a63ad"),
    "r2": ("#f0b27a", "#9a4f00"),
    "r3": ("#8fd19e", "#1a7335"),
    "r4": ("#e59ad6", "#96307f"),
    "r5": ("#d8c97a", "#6b5d00"),
    "r6": ("#9db4ff", "#3f4fb5"),
}

#: Indices of the 256 colours.
INDEX: Final[Mapping[str, tuple[int, int]]] = {
    "bg": (233, 231),
    "surf": (234, 255),
    "raised": (235, 231),
    "field": (235, 254),
    "fieldf": (237, 195),
    "sel": (236, 153),
    "selx": (235, 254),
    "shade": (232, 254),
    "line": (238, 250),
    "text": (253, 236),
    "strong": (231, 233),
    "muted": (247, 240),
    "faint": (243, 244),
    "accent": (75, 25),
    "onaccent": (233, 231),
    "ok": (78, 22),
    "chg": (183, 91),
    "warn": (179, 94),
    "err": (210, 124),
    "off": (247, 240),
    "errbg": (52, 224),
    "prodbg": (124, 124),
    "prodbar": (234, 224),
    "stagebg": (94, 94),
    "term": (232, 231),
    "r1": (117, 25),
    "r2": (216, 94),
    "r3": (115, 23),
    "r4": (176, 96),
    "r5": (186, 58),
    "r6": (147, 61),
}

#: The terminal's own 16 colours; what is absent is its default.
ANSI: Final[Mapping[str, int]] = {
    "line": 8,
    "faint": 8,
    "accent": 6,
    "onaccent": 0,
    "ok": 2,
    "chg": 5,
    "warn": 3,
    "err": 9,
    "prodbg": 1,
    "stagebg": 3,
    "r1": 12,
    "r2": 3,
    "r3": 2,
    "r4": 5,
    "r5": 6,
    "r6": 7,
}


def rgb_of_index(index: int) -> tuple[int, int, int]:
    """A colour that Rich turns back into exactly this index (16 to 255) of the 256.

    Textual converts every palette colour to RGB on its way to the terminal, and Rich takes the nearest index again.
    For the cube its answer is the index we began with. For the greys it divides by 25 steps of lightness, which does
    not meet the terminal's own greys (8, 18, … 238); so the middle of its step stands for them.
    """
    if 232 <= index <= 255 or index == 231:
        level = 255 if index == 231 else round((index - 231) * 255 / 25)
        return level, level, level
    steps = (0, 95, 135, 175, 215, 255)
    cube = index - 16
    return steps[cube // 36], steps[cube // 6 % 6], steps[cube % 6]
