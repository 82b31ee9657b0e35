"""Ages, times, sizes and numbers in words. Pure: the present is given, the time zone may be."""

from __future__ import annotations

from datetime import datetime, tzinfo

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86_400, 365 * 86_400


def age(since: float | None, now: float) -> str:
    """``12s 6m 3h 41d``, from 1,000 days on ``3y``; empty if not known. A clock ahead of ours counts as now."""
    return "" if since is None else span(now - since)


def span(seconds: float) -> str:
    """A length of time in one unit: ``12s 6m 3h 41d 3y``."""
    value = max(0, int(seconds))
    if value < _MINUTE:
        return f"{value}s"
    if value < _HOUR:
        return f"{value // _MINUTE}m"
    if value < _DAY:
        return f"{value // _HOUR}h"
    days = value // _DAY
    return f"{days}d" if days < 1000 else f"{value // _YEAR}y"


def ago(since: float | None, now: float) -> str:
    """``12 d ago``; ``just now`` below a second; empty if not known."""
    if since is None:
        return ""
    value = max(0, int(now - since))
    return "just now" if value < 1 else f"{_one_unit(value)} ago"


def _one_unit(value: int) -> str:
    if value < _MINUTE:
        return f"{value} s"
    if value < _HOUR:
        return f"{value // _MINUTE} min"
    if value < _DAY:
        return f"{value // _HOUR} h"
    return f"{value // _DAY:,} d"


def duration(seconds: float) -> str:
    """How long something takes, in at most two units: ``0.3 s``, ``41 s``, ``3 min 20 s``, ``2 h 5 min``, ``1 d``,
    from 1,000 days on ``19 y 354 d``."""
    if 0 < seconds < 1:
        return f"{seconds:.1f} s" if seconds >= 0.05 else f"{seconds * 1000:.0f} ms"
    value = max(0, int(seconds))
    if value < _MINUTE:
        return f"{value} s"
    if value < _HOUR:
        first, rest, unit = f"{value // _MINUTE} min", value % _MINUTE, "s"
    elif value < _DAY:
        first, rest, unit = f"{value // _HOUR} h", value % _HOUR // _MINUTE, "min"
    elif value < 1000 * _DAY:
        first, rest, unit = f"{value // _DAY:,} d", value % _DAY // _HOUR, "h"
    else:
        first, rest, unit = f"{value // _YEAR:,} y", value % _YEAR // _DAY, "d"
    return f"{first} {rest} {unit}" if rest else first


def clock(when: float | None, now: float, zone: tzinfo | None = None) -> str:
    """``14:32:07`` today, ``Nov 23 14:32`` before, ``2024 Nov 23`` in another year. Local time unless ``zone``."""
    if when is None:
        return ""
    then, present = _moment(when, zone), _moment(now, zone)
    if then.date() == present.date():
        return f"{then:%H:%M:%S}"
    if then.year == present.year:
        return f"{_MONTHS[then.month - 1]} {then.day:>2} {then:%H:%M}"
    return f"{then.year} {_MONTHS[then.month - 1]} {then.day:>2}"


#: English whatever the locale, like all our words.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _moment(when: float, zone: tzinfo | None) -> datetime:
    try:
        return datetime.fromtimestamp(when, zone).astimezone(zone)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, zone).astimezone(zone)


def size(count: float | None) -> str:
    """Bytes in binary units: ``0 B``, ``97 MiB``, ``1.5 GiB``; empty if not known."""
    if count is None:
        return ""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1023.5 or unit == "TiB":
            break
        value /= 1024
    digits = 0 if unit == "B" or abs(value) >= 9.95 or value == int(value) else 1
    return f"{value:,.{digits}f} {unit}"


def number(count: float | None) -> str:
    """With thousands separators: ``14,203``; empty if not known."""
    return "" if count is None else f"{count:,.0f}"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 service``, ``14 services``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def cpu(billionths: int) -> str:
    """Billionths of a core as the design writes it: ``0.50 cpu``."""
    return f"{billionths / 1e9:.2f} cpu"
