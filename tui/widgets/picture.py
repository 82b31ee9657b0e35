"""A widget that is not painted again while nothing of it changed."""

from __future__ import annotations

from typing import Self

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget


class Picture(Widget):
    """Keeps what it painted last. Of every frame Textual asks all widgets within the rectangle around all changes
    for all of their lines; those that said nothing (:meth:`refresh`) need not look at each."""

    _picture: tuple[Region, Size, list[Strip]] | None = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Something of it changed."""
        self._picture = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Its styles changed."""
        self._picture = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of last time, or new ones."""
        kept = self._picture
        if kept is not None and kept[0] == crop and kept[1] == self.size:
            return kept[2]
        lines = super().render_lines(crop)
        self._picture = (crop, self.size, lines)
        return lines
