"""How a connection stands, as values for the screen."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from backends.errors import BackendError
from backends.ssh.target import Target


class LinkPhase(enum.StrEnum):
    """Where one SSH connection stands."""

    IDLE = "idle"
    """Nobody has needed it yet."""
    OPENING = "opening"
    ASKING = "asking"
    """It waits for an answer of a person; see ``Answers.waiting``."""
    UP = "up"
    LOST = "lost"
    """It stood, and is tried again by itself."""
    FAILED = "failed"
    """It has not come up; whoever needs it tries again."""
    REFUSED = "refused"
    """Login or host key: not tried again until a person says so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: ``connect``, ``host key``, ``login``, ``forward``, ``dial-stdio``, ``sudo``."""

    name: str
    ok: bool
    seconds: float
    """After the start of the attempt."""
    text: str


@dataclass(frozen=True, slots=True)
class LinkReport:
    """One SSH connection. Times are seconds since the epoch."""

    target: Target
    phase: LinkPhase = LinkPhase.IDLE
    since: float = 0.0
    login: str = ""
    """What got us in: ``agent key``, ``key /path``, ``certificate``, ``password``, ``keyboard-interactive``."""
    server: str = ""
    """``SSH-2.0-OpenSSH_9.2p1 Debian-2``, as the server says."""
    fingerprint: str = ""
    """``SHA256:…`` of the host key that was trusted."""
    steps: tuple[Step, ...] = ()
    problem: BackendError | None = None
    attempt: int = 0
    """Attempts since it last stood."""
    next_try: float | None = None
