"""One object in words, over the whole screen: what its detail says, and all the rest."""

from __future__ import annotations

from collections.abc import Sequence

from tui.details.describe import describe
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line


class DescribePage(TextPage):
    """Its place's last step is the object."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "describe", self._lines)

    def _lines(self, moment: Moment, place: Place, width: int) -> Sequence[Line]:
        found = describe(place.scope[-1], moment, width) if place.scope else None
        if found is None:
            return (BLANK, (("It is gone.", "strong bold"),), (("esc", "strong bold"), (" goes back.", "muted")))
        return found.lines
