"""Times as the Engine API takes them in queries."""

from __future__ import annotations

from backends.wire import rfc3339


def moment(text: str, now: float) -> float | None:
    """Seconds with fraction, RFC 3339, or a span before now (``10m``), in seconds since the epoch."""
    if not text or text == "0":
        return None
    try:
        return float(text)
    except ValueError:
        pass
    units = {"s": 1, "m": 60, "h": 3600}
    if text[-1] in units and text[:-1].replace(".", "").isdigit():
        return now - float(text[:-1]) * units[text[-1]]
    return rfc3339.parse(text)


def nano(text: str, now: float) -> int | None:
    """The same in nanoseconds, all nine digits kept."""
    whole, _, fraction = text.partition(".")
    if whole.isdigit() and (fraction.isdigit() or not fraction):
        return int(whole) * 1_000_000_000 + int((fraction + "000000000")[:9]) or None
    at = moment(text, now)
    return None if at is None else int(at * 1e9)
