"""What a name that is not there may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from backends.state.wording import listing


def meant(name: str, known: Iterable[str]) -> str:
    """``did you mean web?``, or the names that there are; a sentence part, empty where there is none."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else listing(names, 6)
