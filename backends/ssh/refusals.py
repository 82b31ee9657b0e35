"""Logins and host keys that were refused: remembered as long as the session lasts, since servers ban for tries that
a program repeats by itself, and a connection that nobody needs for a moment must not make it forget."""

from __future__ import annotations

from dataclasses import dataclass

from backends.errors import AuthRefused, BackendError, HostKeyRefused, HostKeyUnknown
from backends.ssh.target import Target, hop_target


@dataclass(frozen=True, slots=True)
class Refusal:
    """One target's; ``of_hop`` says that it was a hop on the way that refused, or was refused."""

    error: AuthRefused | HostKeyRefused
    of_hop: bool = False

    @property
    def may_be_asked(self) -> bool:
        """Whether it is the target's own key that is unknown: a hop's is asked about by the hop."""
        return isinstance(self.error, HostKeyUnknown) and not self.of_hop


class Refusals:
    """By target."""

    def __init__(self) -> None:
        self._known: dict[Target, Refusal] = {}

    def get(self, target: Target) -> Refusal | None:
        """Why a target must not be tried; ``None`` where it may."""
        return self._known.get(target)

    def note(self, target: Target, error: BackendError, *, of_hop: bool) -> bool:
        """Notes an error that is a refusal; returns whether it is one."""
        if not isinstance(error, (AuthRefused, HostKeyRefused)):
            return False
        self._known[target] = Refusal(error, of_hop)
        return True

    def drop(self, target: Target) -> None:
        """It may be tried again."""
        self._known.pop(target, None)

    def passable(self, hop: Target) -> None:
        """A login that was refused, or waited for an answer, is open: those who stopped at it may try again."""
        for known, refusal in tuple(self._known.items()):
            if refusal.of_hop and known.jump and hop_target(known) == hop:
                del self._known[known]

    def allow(self, target: Target | None) -> None:
        """A person says so: of one target and the hops before it, or of all."""
        if target is None:
            self._known.clear()
            return
        ways = {(target.host, target.port), *((hop.host, hop.port) for hop in target.jump)}
        for known in tuple(self._known):
            if (known.host, known.port) in ways:
                del self._known[known]
