"""Where the user was: the way back and forward, and the last place of each view."""

from __future__ import annotations

from tui.actions.views import PAGE_IDS
from tui.places import Place

#: Steps that are kept; older ones are forgotten.
LIMIT = 100


class History:
    """Places seen, as a browser keeps them: going somewhere new forgets what was forward."""

    def __init__(self, start: Place) -> None:
        self._steps = [start]
        self._at = 0
        self._of_view: dict[str, Place] = {}
        self.last: Place | None = None
        """The place before this one, whichever way one came."""
        self._remember(start)

    @property
    def place(self) -> Place:
        """Where the user is."""
        return self._steps[self._at]

    def amend(self, place: Place) -> None:
        """Replaces where the user is (its cursor, filter or order changed); leaves no step."""
        self._steps[self._at] = place
        self._remember(place)

    def go(self, place: Place) -> None:
        """A step to a new place."""
        self.last = self.place
        del self._steps[self._at + 1 :]
        self._steps.append(place)
        del self._steps[:-LIMIT]
        self._at = len(self._steps) - 1
        self._remember(place)

    def walk(self, step: int) -> Place | None:
        """Moves along the steps, -1 back or +1 forward; ``None`` at the end."""
        at = self._at + step
        if not 0 <= at < len(self._steps):
            return None
        self.last = self.place
        self._at = at
        self._remember(self.place)
        return self.place

    def of_view(self, view: str) -> Place:
        """The place a view was last left at: its order, filter and cursor, but none of what was drilled into."""
        return self._of_view.get(view, Place(view))

    def parent(self) -> Place | None:
        """One level up, ``None`` at the top. Out of a page: the step before it. Out of a list that was drilled
        into: the last step that lies less deep, else the list that the last object of its path stands in."""
        here = self.place
        if here.view in PAGE_IDS or here.argument:
            return self._steps[self._at - 1] if self._at else Place("overview")
        if not here.scope:
            return None
        for step in reversed(self._steps[: self._at]):
            if len(step.scope) < len(here.scope) and step.view not in PAGE_IDS:
                return step
        *outer, last = here.scope
        return Place(f"{last.kind.value}s", tuple(outer), cursor=last)

    def go_up(self, place: Place) -> None:
        """To ``place`` as a step back where it is the one before, else as a new step."""
        if self._at and self._steps[self._at - 1] == place:
            self.walk(-1)
        else:
            self.go(place)

    def _remember(self, place: Place) -> None:
        if not place.scope and not place.argument:
            self._of_view[place.view] = place
