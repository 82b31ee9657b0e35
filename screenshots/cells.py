"""Draws a screen of cells as a PNG, with a monospace font of the system."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.strip import Strip

if TYPE_CHECKING:
    from PIL import ImageFont

#: Where Debian's fonts-dejavu-core puts them.
FONTS = Path("/usr/share/fonts/truetype/dejavu")
CELL = (9, 18)


def fonts() -> dict[bool, ImageFont.FreeTypeFont] | None:
    """Fonts by whether they are bold, or ``None`` where they or Pillow are not installed."""
    try:
        from PIL import ImageFont
    except ImportError:
        return None
    names = {False: "DejaVuSansMono.ttf", True: "DejaVuSansMono-Bold.ttf"}
    if not all((FONTS / name).exists() for name in names.values()):
        return None
    return {bold: ImageFont.truetype(str(FONTS / name), 15) for bold, name in names.items()}


def draw(strips: Sequence[Strip], path: Path) -> None:
    """Writes the picture. Colours are those of the segments; a colour that is none is the terminal's own."""
    from PIL import Image, ImageDraw
    from rich.cells import cell_len
    from rich.terminal_theme import DIMMED_MONOKAI

    found = fonts()
    assert found is not None
    width, height = CELL
    columns = max(strip.cell_length for strip in strips)
    picture = Image.new("RGB", (columns * width, len(strips) * height), "#101014")
    pen = ImageDraw.Draw(picture)
    for row, strip in enumerate(strips):
        x = 0
        for segment in strip:
            style = segment.style
            if segment.control or style is None:
                continue
            front, back = "#e0e0e0", "#101014"
            if style.color:
                front = style.color.get_truecolor(DIMMED_MONOKAI).hex
            if style.bgcolor:
                back = style.bgcolor.get_truecolor(DIMMED_MONOKAI, foreground=False).hex
            if style.reverse:
                front, back = back, front
            for character in segment.text:
                cells = cell_len(character)
                box = (x * width, row * height, (x + max(cells, 1)) * width - 1, row * height + height - 1)
                pen.rectangle(box, fill=back)
                if character.strip():
                    pen.text(box[:2], character, fill=front, font=found[bool(style.bold)])
                if style.underline:
                    pen.line((box[0], box[3] - 1, box[2], box[3] - 1), fill=front)
                x += cells
    picture.quantize(256, Image.Quantize.FASTOCTREE).save(path, optimize=True)
