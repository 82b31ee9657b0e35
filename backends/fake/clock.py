"""What time it is in the simulated world. Delays are another matter: see ``agenda``."""

from __future__ import annotations

import time
from typing import Protocol

#: The moment that the screens of the design show: 24 November 2026, 14:32:07 UTC.
DESIGN_MOMENT = 1795530727.5


class Clock(Protocol):
    """Seconds since the epoch."""

    def now(self) -> float:
        """The time of the simulated world."""
        ...


class SystemClock:
    """This machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()


class FixedClock:
    """A time that stands still until it is moved: screenshots and tests."""

    def __init__(self, at: float = DESIGN_MOMENT) -> None:
        self.at = at

    def now(self) -> float:
        """The fixed time."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Moves it on."""
        self.at += seconds
