"""The list of what may be meant that opens below a field while it is typed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backends.change.candidates import Candidate, candidates
from backends.change.completion import value_candidates
from backends.change.flags import Source
from tui.forms.fields import Field, Shape
from tui.forms.listed import Piece
from tui.forms.spec import FormView

#: Sources whose values must be there: the first that fits is chosen, so that ``tab`` takes it.
_CLOSED = frozenset(
    {
        Source.NETWORK,
        Source.SERVICE,
        Source.CONTAINER,
        Source.NODE,
        Source.NODE_LABEL,
        Source.SECRET,
        Source.CONFIG,
        Source.LOG_DRIVER,
        Source.NETWORK_DRIVER,
        Source.CAPABILITY,
        Source.SIGNAL,
        Source.ADDRESS,
        Source.FILE,
    }
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What may stand in place of a part of the field's text."""

    found: tuple[Candidate, ...]
    piece: Piece
    """The part of the text that one of them replaces."""
    at: int = -1
    """The chosen one; -1 chooses none, and ``tab`` goes on."""

    @property
    def chosen(self) -> Candidate | None:
        """What ``tab`` takes."""
        return self.found[self.at] if 0 <= self.at < len(self.found) else None

    def moved(self, by: int) -> Listing:
        """Another one chosen."""
        if self.at < 0:
            return replace(self, at=0 if by > 0 else len(self.found) - 1)
        return replace(self, at=(self.at + by) % len(self.found))


def listing(field: Field, piece: Piece, view: FormView, *, asked: bool = False) -> Listing | None:
    """The list for what is typed; ``asked`` opens it also for nothing. ``None`` where there is nothing to offer."""
    typed = piece.value
    if not typed and not asked:
        return None
    found = _candidates(field, typed, view)
    exact = any(one.text == typed and not one.makes for one in found)
    if not found or (len(found) == 1 and exact):
        return None
    # What would have to be made first is never chosen by itself.
    there = not exact and not found[0].makes
    chosen = typed and there and (field.source in _CLOSED or found[0].more) and _begins(found[0], typed)
    return Listing(found, piece, 0 if chosen else -1)


def _begins(candidate: Candidate, typed: str) -> bool:
    return typed.lower() in candidate.text.lower()


def _candidates(field: Field, typed: str, view: FormView) -> tuple[Candidate, ...]:
    if field.shape in (Shape.SWITCH, Shape.CHOICE, Shape.WORDS):
        return ()
    own = view.spec.lists.get(field.name)
    if own is not None:
        return tuple(own(view, typed))
    if field.flag is not None:
        others = set(view.list(field.name)) - {typed} if field.shape is Shape.LIST else set()
        return tuple(one for one in value_candidates(field.flag, typed, view.known) if one.text not in others)
    wanted = typed.lower()
    fitting = [one for one in candidates(field.source, view.known) if wanted in one.text.lower()]
    return tuple(sorted(fitting, key=lambda one: not one.text.lower().startswith(wanted)))
