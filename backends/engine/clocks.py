"""How far an engine's clock is from ours, by an answer of its."""

from __future__ import annotations

from backends.model import ClockOffset

#: What the time in an HTTP header is rounded down to.
_HEADER_GRAIN = 1.0
#: Nothing finer is worth telling of clocks.
_FINEST = 0.001


def measured(said: float, asked: float, answered: float, grain: float = 0.0) -> ClockOffset:
    """What an answer tells that says it was ``said`` there, of a question sent at ``asked`` and answered at
    ``answered`` by our clock, all in seconds. ``grain`` is the unit that the answer is rounded down to."""
    trip = max(0.0, answered - asked)
    return ClockOffset(ahead=said + grain / 2 - (asked + trip / 2), error=(trip + grain) / 2 + _FINEST, at=asked + trip)


def offset(said: float | None, date: str, asked: float, answered: float) -> ClockOffset | None:
    """The same of an answer that may not say its time: then by its ``Date`` header, in whole seconds; ``None`` where
    there is neither."""
    if said is not None:
        return measured(said, asked, answered)
    from email.utils import parsedate_to_datetime

    try:
        return measured(parsedate_to_datetime(date).timestamp(), asked, answered, _HEADER_GRAIN)
    except (ValueError, OverflowError, OSError):
        return None
