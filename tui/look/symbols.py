"""Symbols, state words, gauges and histograms; every one has an ASCII form (``design/README.md`` section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tui.text.span import Line

#: name: (symbol, ASCII)
SYMBOLS: Final[Mapping[str, tuple[str, str]]] = {
    "ok": ("●", "o"),
    "changing": ("◐", "~"),
    "look": ("▲", "!"),
    "fail": ("✗", "x"),
    "ended": ("○", "."),
    "drained": ("▽", "v"),
    "paused": ("‖", "="),
    "unknown": ("?", "?"),
    "leader": ("★", "*"),
    "marked": ("◆", "#"),
    "unmarked": ("◇", "<"),
    "check": ("✓", "+"),
    "cursor": ("▌", ">"),
    "step": ("›", ">"),
    "to": ("→", ">"),
    "cut": ("…", "~"),
    "heavy": ("━", "="),
    "thin": ("─", "-"),
    "bus": ("═", "="),
    "cross": ("╪", "|"),
    "tap": ("│", "|"),
    "gap": ("╌", "-"),
    "more": ("▸", ">"),
    "sorted": ("▾", "v"),
    "sorted-up": ("▴", "^"),
}

#: ASCII for what else we draw or write ourselves; characters of boxes and punctuation.
_OTHER: Final[Mapping[str, str]] = {
    **dict.fromkeys("┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋╭╮╯╰╒╕╘╛╞╡╤╧┝┥┯┷┿", "+"),
    **dict.fromkeys("┃║╎╏┆┇", "|"),
    **dict.fromkeys("╍┄┅┈┉–—−‐‑", "-"),
    **dict(zip("▁▂▃▄▅▆▇█", "__.:-=##", strict=True)),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”„«»", '"'),
    "‹": "<",
    "←": "<",
    "⇄": "=",
    "↑": "^",
    "↓": "v",
    "↵": "|",
    "␣": "_",
    "�": "?",
    "×": "x",
    "·": ".",
    "•": "*",
    "◂": "<",
    "±": "~",
    "≥": ">",
    "≤": "<",
    "≠": "!",
    "µ": "u",
    "▐": "|",
    "▕": "|",
    "▏": "|",
    "░": ".",
    "▒": ":",
    "▓": "#",
}

#: Every symbol and its ASCII form, both one cell wide.
ASCII: Final[Mapping[str, str]] = {**_OTHER, **dict(SYMBOLS.values())}


def sym(name: str, ascii: bool = False) -> str:
    """A symbol by name; unknown names raise ``KeyError``. Painters turn symbols into ASCII by themselves, so a
    renderer asks for ASCII only where its layout depends on it."""
    return SYMBOLS[name][ascii]


def _all(words: str, symbol: str, token: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(words.split(), (symbol, token))


#: The one list of state words: word → (symbol's name, token). Docker's words for tasks, nodes, containers, updates
#: and events are in it beside the design's own.
STATES: Final[Mapping[str, tuple[str, str]]] = {
    **_all("running healthy ready reachable live active up pass valid start started simulated", "ok", "ok"),
    **_all("starting updating connecting new allocated assigned accepted preparing restarting", "changing", "chg"),
    **_all("creating removing rollback_started rolling-back update health", "changing", "chg"),
    **_all("pending waiting filling stale degraded unhealthy orphaned full locked addresses skipped", "look", "warn"),
    **_all(
        "failing failed down refused rejected dead error oom unreachable denied invalid disconnected", "fail", "err"
    ),
    # A job that is complete ended as meant: ``off``, as section 2 has it.
    **_all("complete completed shutdown stopped exited created remove removed absent", "ended", "off"),
    **_all("inactive none die kill stop destroy unused", "ended", "off"),
    **_all("drained drain", "drained", "off"),
    **_all("paused pause", "paused", "off"),
    "unknown": ("unknown", "muted"),
}
_NOT_KNOWN: Final = ("unknown", "muted")


def state_of(word: str) -> tuple[str, str]:
    """Symbol and token of a state word; a word that is not in the list is not known."""
    name, token = STATES.get(word, _NOT_KNOWN)
    return SYMBOLS[name][0], token


def state(word: str, said: str = "", token: str = "") -> Line:
    """``● healthy``: the dot in its colour, the word only where it is trouble or change (healthy is quiet).
    ``said`` is written instead of the word (``updating 3/8``, ``up 6m``), ``token`` outranks the word's colour."""
    symbol, own = state_of(word)
    tone = token or own
    word_style = {"ok": "", "off": "muted", "muted": "muted"}.get(tone, tone)
    return ((symbol, tone), (" ", ""), (said or word, word_style))


def gauge(used: float, total: float, cells: int, tone: str = "") -> Line:
    """One row: ``━`` for what is used (``muted`` unless ``tone``), ``─`` in ``line`` for the rest. Anything used
    shows at least one cell, anything free leaves one. Always write "27 of 29" beside it."""
    if cells <= 0:
        return ()
    full = 0
    if total > 0 and used > 0:
        full = round(cells * min(used / total, 1.0))
        full = cells if used >= total else max(1, min(full, cells - 1))
    out: list[tuple[str, str]] = []
    if full:
        out.append((SYMBOLS["heavy"][0] * full, tone or "muted"))
    if full < cells:
        out.append((SYMBOLS["thin"][0] * (cells - full), "line"))
    return tuple(out)


_BARS: Final = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], cells: int, style: str = "muted", top: float = 0.0) -> Line:
    """A histogram of one row: the last ``cells`` values, the newest right; ``top`` 0 scales to the largest.
    No value is a blank; zero is the lowest bar."""
    shown = list(values[-cells:]) if cells > 0 else []
    scale = top or max((value for value in shown if value == value), default=0.0)
    bars = [
        " " if value != value else _BARS[min(7, int(max(value, 0.0) / scale * 7.999))] if scale > 0 else _BARS[0]
        for value in shown
    ]
    return ((" " * (cells - len(bars)), ""), ("".join(bars), style))
