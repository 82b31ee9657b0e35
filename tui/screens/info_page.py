"""``:info``: what the engine and the Swarm say of themselves."""

from __future__ import annotations

from backends.model import Key, Kind
from tui.details.info import info, info_title
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import Line


class InfoPage(TextPage):
    """The whole width belongs to the facts: their blocks have margins of their own."""

    MARGIN = 0

    def __init__(self, place: Place) -> None:
        super().__init__(place, "Info", lambda moment, _, width: info(moment, width), frozenset({Kind.NODE}))

    @property
    def targets(self) -> tuple[Key, ...]:
        """Facts are about no row."""
        return ()

    def title(self, moment: Moment) -> Line:
        """Whose facts they are."""
        return (("Info", ""), (f"  {info_title(moment)}", "muted"))
