"""Lines that were run at ``:``, to be walked with the arrows; kept for the session."""

from __future__ import annotations

LIMIT = 200


class CommandHistory:
    """Oldest first; a line that is run again moves to the end."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._at = 0
        self._draft = ""

    @property
    def walking(self) -> bool:
        """Whether a line of the past stands in the line now."""
        return self._at < len(self._lines)

    def begin(self) -> None:
        """A new line is begun."""
        self._at, self._draft = len(self._lines), ""

    def add(self, line: str) -> None:
        """A line was run."""
        if line in self._lines:
            self._lines.remove(line)
        self._lines.append(line)
        del self._lines[:-LIMIT]
        self.begin()

    def walk(self, step: int, typed: str) -> str | None:
        """The line before (-1) or after (1); behind the newest stands what was ``typed``. ``None`` at the ends."""
        at = self._at + step
        if not 0 <= at <= len(self._lines):
            return None
        if self._at == len(self._lines):
            self._draft = typed
        self._at = at
        return self._draft if at == len(self._lines) else self._lines[at]
