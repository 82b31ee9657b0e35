"""Tells the escape key from what begins with its byte, where both come in one piece.

A terminal sends ``ESC`` for the escape key and for alt with another key alike, and over a slow link two keys that
were pressed one after the other come together: Textual then reads ``ESC : q`` as ``: q`` and ``ESC 6`` as ``§``. Alt
means nothing here but with the keys of :data:`META`, so everything else is the escape key and then the other one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Letters that alt makes something of while a line is edited: a word back, a word on, a word away.
META = "bf\x7f"
#: What may follow ``ESC`` in a sequence (ECMA-48: CSI, SS3, DCS, SOS, ST, OSC, PM, APC), and another ``ESC``.
_SEQUENCES = "\x1b[OPX\\]^_"
_KEY = re.compile(rf"\x1b(?=[^{re.escape(_SEQUENCES + META)}\t])")
_BEGIN, _END = "\x1b[200~", "\x1b[201~"
#: Seconds of silence after which a paste that never ended is ended: no key would do anything any more.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Escape:
    """The escape key."""


class Escapes:
    """Splits what a terminal sends; text in brackets of a paste stays as it is."""

    def __init__(self) -> None:
        self._held = ""
        self._pasting = False
        self._heard = 0.0

    def feed(self, text: str, now: float) -> list[str | Escape]:
        """Pieces for the parser, and escape keys between them. ``now`` in seconds of a steady clock."""
        self._heard = now
        text, self._held = self._held + text, ""
        found: list[str | Escape] = []
        while text:
            mark = _END if self._pasting else _BEGIN
            head, there, tail = text.partition(mark)
            if not there:
                # The beginning of a mark, or an escape key: which of them is known when more comes, or nothing does.
                begun = next((n for n in range(len(mark) - 1, 0, -1) if head.endswith(mark[:n])), 0)
                head, self._held = head[: len(head) - begun], head[len(head) - begun :]
            piece = head + there
            found += ([piece] if piece else []) if self._pasting else _split(piece)
            self._pasting ^= bool(there)
            text = tail
        return found

    def tick(self, now: float) -> list[str | Escape]:
        """Nothing has come for a moment."""
        held, self._held = self._held, ""
        if held:
            return [Escape()] if held == "\x1b" and not self._pasting else [held]
        if self._pasting and now - self._heard > PATIENCE:
            self._pasting = False
            return [_END]
        return []


def _split(piece: str) -> list[str | Escape]:
    found: list[str | Escape] = []
    for number, part in enumerate(_KEY.split(piece)):
        found += [Escape()] if number else []
        found += [part] if part else []
    return found
