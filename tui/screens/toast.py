"""An error that must be read: over the lower right corner until a key is pressed."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from tui.text.fit import wrap
from tui.text.span import Line
from tui.widgets.paint import painter_of

#: Cells of its text at most, and rows.
WIDTH, ROWS = 62, 8


class Toast(Widget):
    """Not boxed, since it takes no keys: a bar in ``err`` beside the text."""

    DEFAULT_CSS = """
    Toast { layer: toast; display: none; position: absolute; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._text = ""
        self._rows: list[Line] = []
        self._tone = "err"

    @property
    def text(self) -> str:
        """What it says, or empty."""
        return self._text

    def say(self, text: str, tone: str = "err") -> None:
        """Shows a text; the one before is gone. What is said before there is a screen is shown with it."""
        self._text, self._tone = text, tone
        self.display = True
        if self.is_attached:
            self.fit()

    def on_mount(self) -> None:
        """The size of the screen is known from here on."""
        self.fit()

    def hide(self) -> None:
        """Takes it away."""
        self._text = ""
        self.display = False

    def seen(self) -> None:
        """A key was pressed: whoever pressed it has seen the text."""
        if self._text:
            self.hide()

    def fit(self) -> None:
        """Lays it out for the size of the screen, above the last row."""
        if not self._text:
            return
        width, height = self.screen.size
        room = max(8, min(WIDTH, width - 6))
        texts = wrap(self._text, room, limit=max(1, min(ROWS, height - 4)))
        cells = max(len(text) for text in texts) + 4
        self._rows = [(), *(((text, ""),) for text in texts), ()]
        self.styles.width = min(width, cells)
        self.styles.height = len(self._rows)
        self.styles.offset = (max(0, width - cells - 1), max(0, height - len(self._rows) - 1))
        self.refresh(layout=True)

    def on_click(self) -> None:
        """A click is as good as a key."""
        self.hide()

    def render_line(self, y: int) -> Strip:
        """One row."""
        painter = painter_of(self)
        row = self._rows[y] if y < len(self._rows) else ()
        return painter.strip((("▌", self._tone), (" ", ""), *row), self.size.width, "on_raised")
