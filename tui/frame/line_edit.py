"""One line of text being typed: a value and the keys that change it, without any widget.

The keys are those of readline and of Docker's users' shells: ``ctrl+a/e`` ends, ``ctrl+u/k`` cuts to either end,
``ctrl+w`` cuts a word, arrows by character, with ``ctrl`` by word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Text and the place of the cursor in it (0 is before the first character)."""

    text: str = ""
    cursor: int = 0

    @classmethod
    def of(cls, text: str) -> LineEdit:
        """Text with the cursor behind it."""
        return cls(text, len(text))

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before the cursor, the character under it (empty at the end), and the rest."""
        return self.text[: self.cursor], self.text[self.cursor : self.cursor + 1], self.text[self.cursor + 1 :]

    def insert(self, text: str) -> LineEdit:
        """Puts text in at the cursor; line breaks (of a paste) become spaces, a trailing ``\\`` before one goes."""
        *before, last = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        # Only one that hides a line break: a typed one is a character like any other.
        flat = " ".join((*(row.removesuffix("\\") for row in before), last))
        flat = flat if last else flat.rstrip(" ")
        flat = "".join(char for char in flat.replace("\t", " ") if char.isprintable())
        return LineEdit(self.text[: self.cursor] + flat + self.text[self.cursor :], self.cursor + len(flat))

    def key(self, key: str, character: str | None) -> LineEdit | None:
        """What a key makes of it; ``None`` where the key is not one of an editor."""
        text, at = self.text, self.cursor
        match key:
            case "left" | "ctrl+b":
                return replace(self, cursor=max(0, at - 1))
            case "right" | "ctrl+f":
                return replace(self, cursor=min(len(text), at + 1))
            case "home" | "ctrl+a":
                return replace(self, cursor=0)
            case "end" | "ctrl+e":
                return replace(self, cursor=len(text))
            case "ctrl+left" | "alt+left" | "alt+b":
                return replace(self, cursor=self._word_before())
            case "ctrl+right" | "alt+right" | "alt+f":
                return replace(self, cursor=self._word_after())
            case "backspace" | "ctrl+h":
                return LineEdit(text[: at - 1] + text[at:], at - 1) if at else self
            case "delete" | "ctrl+d":
                return LineEdit(text[:at] + text[at + 1 :], at)
            case "ctrl+u":
                return LineEdit(text[at:], 0)
            case "ctrl+k":
                return LineEdit(text[:at], at)
            case "ctrl+w" | "alt+backspace" | "ctrl+backspace":
                start = self._word_before()
                return LineEdit(text[:start] + text[at:], start)
        if character and character.isprintable():
            return self.insert(character)
        return None

    def _word_before(self) -> int:
        at = self.cursor
        while at and self.text[at - 1] == " ":
            at -= 1
        while at and self.text[at - 1] != " ":
            at -= 1
        return at

    def _word_after(self) -> int:
        at, end = self.cursor, len(self.text)
        while at < end and self.text[at] == " ":
            at += 1
        while at < end and self.text[at] != " ":
            at += 1
        return at
