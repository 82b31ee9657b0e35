"""Lines typed at ``:``, walked with up and down, kept in the state folder for the next run."""

from __future__ import annotations

import os
from pathlib import Path

#: Lines kept, in memory and in the file.
MOST = 500


def worth_keeping(line: str) -> bool:
    """Whether a line may be written down: one with a value of a name like PASSWORD, TOKEN or KEY is not."""
    if "=" not in line and "SWM" not in line:
        return True
    from backends.change.redaction import redacted_text

    return redacted_text(line) == line


class CommandHistory:
    """Lines, oldest first, each once. Reading and writing never raise: a history that cannot be kept is none."""

    def __init__(self, path: Path | None = None) -> None:
        """``path`` ``None`` keeps it in memory only (demo, tests)."""
        self._path = path
        self._lines = self._read()
        self._at = len(self._lines)
        self._draft = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, oldest first."""
        return tuple(self._lines)

    def add(self, line: str) -> None:
        """Remembers a line that was run. One with a blank in front is not, as in shells."""
        kept = line.rstrip()
        if kept and not kept[0].isspace() and kept.isprintable():
            self._lines = [*(known for known in self._lines if known != kept), kept][-MOST:]
            self._write()
        self.begin()

    @property
    def walking(self) -> bool:
        """Whether a line of the past stands in the line now."""
        return self._at < len(self._lines)

    def begin(self) -> None:
        """A new line is begun."""
        self._at, self._draft = len(self._lines), ""

    def walk(self, step: int, typed: str) -> str | None:
        """The line before (-1) or after (1) that begins with what was typed when the walk began; behind the newest
        stands that itself. ``None`` at the ends."""
        if not self.walking:
            self._draft = typed
        at = self._at + step
        while 0 <= at < len(self._lines):
            if self._lines[at].startswith(self._draft) and self._lines[at] != typed:
                self._at = at
                return self._lines[at]
            at += step
        if step > 0 and self.walking:
            self._at = len(self._lines)
            return self._draft
        return None

    def _read(self) -> list[str]:
        if self._path is None:
            return []
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.split("\n") if line and line.isprintable()][-MOST:]

    def _write(self) -> None:
        if self._path is None:
            return
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A line may name what is nobody else's business, so the file is private from its first byte.
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write("\n".join(self._lines) + "\n")
            os.replace(new, self._path)
        except OSError:
            self._path = None
