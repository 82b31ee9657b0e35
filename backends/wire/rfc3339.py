"""Times as Go's ``encoding/json`` writes them: RFC 3339 with up to nine digits of fraction."""

from __future__ import annotations

from datetime import UTC, datetime


def parse(text: str | None) -> float | None:
    """Seconds since the epoch, or ``None`` for nothing, Go's zero time, or what is no time at all."""
    if not text or text.startswith("0001-01-01"):
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def render(seconds: float) -> str:
    """The way Docker writes a time: UTC, with a fraction and ``Z``."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}000Z"
