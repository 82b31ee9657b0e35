"""How the screen is divided, as a pure function of its size (``design/README.md`` section 4)."""

from __future__ import annotations

from dataclasses import dataclass

#: How much of the detail is shown; ``v`` walks them.
DETAIL_SIZES = ("normal", "bigger", "off")


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes in cells. ``detail_width`` is 0 where the detail is not beside the list, ``detail_height`` 0 where
    it is not below it."""

    detail_width: int = 0
    detail_height: int = 0
    events: int = 0
    """Rows of the events strip without its rule; 0 where it is folded away."""
    only_detail: bool = False
    """The detail has the list's place."""
    tabs: bool = True
    classes: frozenset[str] = frozenset()
    """Classes the screen has for it: ``-narrow``, ``-list-over``, ``-wide``, ``-huge``, ``-short``, ``-low``."""


def layout(width: int, height: int, detail: str = "normal") -> Layout:
    """Divides a screen of ``width`` x ``height``; ``detail`` is one of ``DETAIL_SIZES``."""
    classes: set[str] = set()
    if width < 80:
        classes.add("-narrow")
    elif width < 120:
        classes.add("-list-over")
    else:
        classes.add("-wide")
        if width >= 200:
            classes.add("-huge")
    if height < 24:
        classes.add("-short")
    tabs = height >= 15
    if not tabs:
        classes.add("-low")
    # Rows 0 and 1 and the keys; what is left holds the panes with their rules.
    body = height - 2 - (1 if tabs else 0)

    if height >= 40:
        events = max(3, body // 3)
    elif height >= 30:
        events = min(10, max(1, body - 20))
    elif height >= 24:
        events = 1
    else:
        events = 0
    if width < 80:
        events = 0

    detail_width = detail_height = 0
    only_detail = False
    if width >= 200:
        detail_width = {"normal": 64, "bigger": width // 2, "off": 0}[detail]
    elif width >= 120:
        detail_width = {"normal": min(54, max(44, width // 3)), "bigger": width // 2, "off": 0}[detail]
    elif width >= 80:
        small = 6 if height >= 20 else (3 if height >= 15 else 0)
        detail_height = {"normal": small, "bigger": max(6, body // 2), "off": 0}[detail]
        if height < 15 and detail == "bigger":
            detail_height, only_detail = 0, True
    else:
        only_detail = detail == "bigger"
    return Layout(detail_width, detail_height, events, only_detail, tabs, frozenset(classes))
