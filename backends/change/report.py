"""What came of a change, in words: past tense, with the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backends.change import requests
from backends.change.convergence import Progress, Standing
from backends.change.journal import Ending
from backends.change.outcome import Outcome, State
from backends.change.part import reach
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.verbs import verb_of
from backends.change.watch import is_watched
from backends.state.wording import listing, short_image


@dataclass(frozen=True, slots=True)
class End:
    """How a change ended."""

    ending: Ending
    sentence: str
    """For people, without a full stop where it is done: ``webapp1 scaled from 3 to 5 in 4 s``."""
    outcome: Outcome
    seconds: float = 0.0
    """Until all of it ran."""
    hint: str = ""
    """What would help."""

    @property
    def text(self) -> str:
        """The sentence, and what would help."""
        return f"{self.sentence.rstrip('.')}. {self.hint}" if self.hint else self.sentence

    @property
    def good(self) -> bool:
        """Whether what was asked for is so, or was left to become so."""
        return self.ending in (Ending.DONE, Ending.TAKEN)


_BAD = (Progress.PAUSED, Progress.ROLLED_BACK, Progress.FAILED, Progress.GONE)
_DONE = {"rm": "removed", "create": "created", "promote": "promoted", "demote": "demoted", "rollback": "rolled back"}
_SWARM = {"init": "started", "join": "joined", "leave": "left", "update": "updated", "unlock": "unlocked"}


def end_of(compiled: Compiled, outcome: Outcome, standings: Sequence[Standing] = ()) -> End:
    """What came of a change: of what the engine said to it, and of what was then seen of it."""
    name = listing(names_of(compiled.request)) or verb_of(compiled.request).words[0]
    if outcome.state is not State.DONE:
        sentence = outcome.sentence if name in outcome.sentence else f"{name}: {outcome.sentence}"
        return End(Ending(outcome.state.value), sentence, outcome, hint=outcome.hint)
    bad = next((one for one in standings if one.progress in _BAD), None)
    seconds = max((one.took for one in standings), default=0.0)
    if bad is not None:
        hint = "" if bad.progress is Progress.ROLLED_BACK else _help(compiled.request)
        return End(Ending.FAILING, bad.sentence, outcome, seconds, hint)
    lost = next((one for one in standings if one.progress is Progress.LOST), None)
    if lost is not None:
        sentence = f"{name} {done(compiled)}. {lost.sentence}"
        return End(Ending.UNKNOWN, sentence, outcome, seconds, "It goes on by itself; look again later.")
    if is_watched(compiled.request) and (not standings or any(not one.progress.ended for one in standings)):
        return End(Ending.TAKEN, f"{name} {done(compiled)}; it goes on by itself", outcome, seconds)
    took = f" in {_seconds(seconds)}" if standings else ""
    return End(Ending.DONE, f"{name} {done(compiled)}{took}", outcome, seconds)


def _help(request: Request) -> str:
    if isinstance(request, requests.ServiceUpdate) and not request.options.flag("rollback"):
        return "docker service rollback takes it back."
    return ""


def subject(request: Request) -> str:
    """What it is about: ``service web``, ``node worker-1``."""
    return f"{verb_of(request).words[0]} {listing(names_of(request))}".strip()


def names_of(request: Request) -> list[str]:
    """Names of what it changes."""
    if isinstance(request, requests.ServiceCreate):
        return [request.options.text("name") or request.image]
    if isinstance(request, requests.ServiceScale):
        return [name for name, _ in request.replicas]
    if isinstance(request, requests.NetworkConnect | requests.NetworkDisconnect):
        return [request.container]
    if isinstance(request, requests.ManyNamed):
        return list(request.names)
    name = getattr(request, "name", "")
    return [name] if name else []


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0, round(seconds))} s"
    return f"{int(seconds) // 60} min {round(seconds) % 60} s"


def done(compiled: Compiled) -> str:
    """``scaled from 3 to 5``."""
    request = compiled.request
    options = request.options
    if isinstance(request, requests.ServiceScale):
        if len(compiled.targets) == 1:
            return f"scaled from {_replicas(compiled.targets[0].before)} to {request.replicas[0][1]}"
        return "scaled"
    if isinstance(request, requests.ServiceUpdate):
        if options.flag("rollback"):
            return "rolled back"
        if "image" in options:
            return f"updated to {short_image(options.text('image'))}"
        return "restarted" if options.flag("force") and len(options.items) == 1 else "updated"
    if isinstance(request, requests.NodeUpdate) and "availability" in options and "role" not in options:
        word = options.text("availability").lower()
        return {"drain": "drained", "pause": "paused", "active": "takes tasks again"}.get(word, "updated")
    if isinstance(request, requests.NetworkConnect):
        return f"connected to {request.network}"
    if isinstance(request, requests.NetworkDisconnect):
        return f"disconnected from {request.network}"
    if isinstance(request, requests.NetworkPrune):
        return "pruned"
    words = verb_of(request).words
    if options.flag("rotate"):
        return "has a new secret"
    if words[0] == "swarm":
        return _SWARM.get(words[1], "done")
    return _DONE.get(words[1], "updated")


def _replicas(spec: Any) -> object:
    mode = reach(spec, "Mode") if isinstance(spec, dict) else None
    replicated = (mode or {}).get("Replicated") or (mode or {}).get("ReplicatedJob") or {}
    return replicated.get("Replicas", replicated.get("TotalCompletions", 1))
