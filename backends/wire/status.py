"""The words of a container's ``Status`` column, which a listing gives instead of times."""

from __future__ import annotations

import re
from typing import NamedTuple

_UNITS = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 7 * 86400.0,
    "month": 30 * 86400.0,
    "year": 365 * 86400.0,
}
# github.com/docker/go-units HumanDuration: "Less than a second", "About a minute", "About an hour", "3 weeks".
_AGE = re.compile(
    r"(?P<less>Less than a second)|(?:About an? |(?P<n>\d+) )(?P<unit>second|minute|hour|day|week|month|year)s?"
)
_CODE = re.compile(r"\((-?\d+)\)")
_HEALTH = re.compile(r"\((?:health: )?(starting|healthy|unhealthy)\)$")


class Status(NamedTuple):
    """What the words say."""

    age: float | None = None
    """Seconds since it came into its state, as coarse as the words are."""
    health: str = ""
    exit_code: int | None = None


def parse(words: str) -> Status:
    """Reads ``Up 2 days (healthy)``, ``Exited (137) 3 minutes ago``, ``Restarting (1) 4 seconds ago`` …"""
    age = None
    if found := _AGE.search(words):
        age = 0.0 if found["less"] else int(found["n"] or 1) * _UNITS[found["unit"]]
    code = _CODE.search(words) if words.startswith(("Exited", "Restarting")) else None
    health = _HEALTH.search(words) if words.startswith("Up") else None
    return Status(age, health[1] if health else "", int(code[1]) if code else None)
