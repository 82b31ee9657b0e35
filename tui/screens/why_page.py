"""Why something is not as it should be, worked out from what is known."""

from __future__ import annotations

from collections.abc import Sequence

from tui.details.why import why
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line


class WhyPage(TextPage):
    """Its place's last step is the object."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "why", self._lines)

    def _lines(self, moment: Moment, place: Place, width: int) -> Sequence[Line]:
        found = why(place.scope[-1], moment, width) if place.scope else None
        if found is None:
            return (BLANK, (("It is gone.", "strong bold"),), (("esc", "strong bold"), (" goes back.", "muted")))
        return found.lines
