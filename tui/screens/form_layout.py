"""Where the parts of a form are at which size."""

from __future__ import annotations

from textual.geometry import Region

#: From this width on sections and the right column stand beside the fields.
BESIDE = 120
#: Cells of the list of sections.
SECTIONS = 25
#: Cells of the right column at 160.
_SIDE = 46
#: From this height on there is room for a row below each field.
ROOMY = 38


def regions(width: int, height: int) -> dict[str, Region]:
    """Three columns, or the fields alone; the equal line and the button below."""
    foot = 7 if height >= ROOMY else 5 if height >= 16 else 3
    body = max(1, height - foot - 1)
    equal = {
        "form-title": Region(0, 0, width, 1),
        "form-equal-rule": Region(0, height - foot, width, 1),
        "form-equal": Region(0, height - foot + 1, width, foot - 1),
    }
    if width < BESIDE:
        return {**equal, "form-fields": Region(0, 1, width, body)}
    side = min(64, _SIDE + max(0, width - 160) // 2)
    middle = width - SECTIONS - side - 2
    return {
        **equal,
        "form-sections": Region(0, 1, SECTIONS, body),
        "form-line-left": Region(SECTIONS, 1, 1, body),
        "form-fields": Region(SECTIONS + 1, 1, middle, body),
        "form-line-right": Region(SECTIONS + 1 + middle, 1, 1, body),
        "form-side": Region(SECTIONS + middle + 2, 1, side, body),
    }
