"""What somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """`` Nearest is X.`` with a blank in front, or nothing where nothing is near."""
    candidates = list(dict.fromkeys(known))
    for candidate in candidates:
        if word and candidate.startswith(word):
            return f" Nearest is {candidate}."
    # Read only when something was mistyped: it is not needed for a start.
    from difflib import get_close_matches

    close = get_close_matches(word, candidates, n=1, cutoff=0.5)
    return f" Nearest is {close[0]}." if close else ""
