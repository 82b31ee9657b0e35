"""Reads a line from a terminal, with the little editing that a kernel and a small shell do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.fake.shell import Terminal


class LineReader:
    """Echoes what is typed; knows backspace, ^U, ^W, ^L, ^C, ^D and the arrows up and down."""

    def __init__(self, terminal: Terminal, *, echo: bool, history: list[str]) -> None:
        self._terminal = terminal
        self._echo = echo
        self._history = history
        self._pending = b""

    async def line(self, prompt: str) -> str | None:
        """The next line without its end; ``None`` at the end of input."""
        self._out(prompt)
        text = bytearray()
        place = len(self._history)
        while True:
            if not self._pending:
                self._pending = await self._terminal.read()
                if not self._pending:
                    return text.decode("utf-8", "surrogateescape") if text else None
            byte, self._pending = self._pending[:1], self._pending[1:]
            if byte in (b"\r", b"\n"):
                self._out("\r\n")
                return text.decode("utf-8", "surrogateescape")
            if not self._echo:
                text += byte
            elif byte == b"\x04":
                if not text:
                    return None
            elif byte == b"\x03":
                self._out("^C\r\n")
                self._out(prompt)
                text.clear()
            elif byte in (b"\x7f", b"\x08"):
                self._erase(text, 1)
            elif byte == b"\x15":
                self._erase(text, len(text))
            elif byte == b"\x17":
                before, space, _ = text.rstrip(b" ").rpartition(b" ")
                self._erase(text, len(text) - len(before) - len(space))
            elif byte == b"\x0c":
                self._out("\x1b[H\x1b[2J" + prompt + text.decode("utf-8", "replace"))
            elif byte == b"\x1b":
                place = self._arrow(text, place)
            elif byte == b"\t" or byte >= b" ":
                text += byte
                self._terminal.write(byte)

    def _out(self, text: str) -> None:
        if self._echo:
            self._terminal.write(text.encode())

    def _erase(self, text: bytearray, count: int) -> None:
        removed = text[len(text) - count :].decode("utf-8", "replace")
        # a character of several bytes goes as a whole
        while text and count and text[len(text) - count] & 0xC0 == 0x80:
            count += 1
            removed = text[len(text) - count :].decode("utf-8", "replace")
        if count and text:
            del text[len(text) - count :]
            self._out("\b \b" * len(removed))

    def _arrow(self, text: bytearray, place: int) -> int:
        if self._pending[:2] not in (b"[A", b"[B"):
            if self._pending[:1] == b"[":
                self._pending = self._pending[2:]
            return place
        step = -1 if self._pending[:2] == b"[A" else 1
        self._pending = self._pending[2:]
        place = max(0, min(len(self._history), place + step))
        self._erase(text, len(text))
        text += (self._history[place] if place < len(self._history) else "").encode("utf-8", "surrogateescape")
        self._terminal.write(bytes(text))
        return place
