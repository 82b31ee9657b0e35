"""What came of a change, in words: past tense, with the number."""

from __future__ import annotations

from backends.change import requests
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.verbs import verb_of
from backends.changing.converging import Outcome
from backends.changing.journal import Ending
from backends.state.wording import listing, short_image

_DONE = {"rm": "removed", "create": "created", "promote": "promoted", "demote": "demoted", "rollback": "rolled back"}


def subject(compiled: Compiled | Request) -> str:
    """What it is about: ``service web``, ``node worker-1``."""
    request = compiled.request if isinstance(compiled, Compiled) else compiled
    verb = verb_of(request)
    return f"{verb.words[0]} {listing(_names(request))}".strip()


def _names(request: Request) -> list[str]:
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


def sentence(compiled: Compiled, outcome: Outcome, *, detached: bool = False) -> str:
    """``webapp1 scaled from 3 to 5 in 4 s``; for what failed, why."""
    name = listing(_names(compiled.request)) or verb_of(compiled.request).words[0]
    if outcome.ending is Ending.DONE:
        took = "" if detached else f" in {_seconds(outcome.seconds)}"
        return f"{name} {_done(compiled)}{took}"
    if outcome.ending is Ending.FAILING:
        return f"{name} is failing: {outcome.text}"
    return f"{name}: {outcome.text}"


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0, round(seconds))} s"
    return f"{int(seconds) // 60} min {round(seconds) % 60} s"


def _done(compiled: Compiled) -> str:
    request = compiled.request
    if isinstance(request, requests.ServiceScale):
        if len(compiled.targets) == 1:
            return f"scaled from {_replicas(compiled.targets[0].before)} to {request.replicas[0][1]}"
        return "scaled"
    options = request.options
    if isinstance(request, requests.ServiceUpdate):
        if "image" in options:
            return f"updated to {short_image(options.text('image'))}"
        return "restarted" if options.flag("force") else "updated"
    if isinstance(request, requests.NodeUpdate) and "availability" in options:
        word = options.text("availability").lower()
        return {"drain": "drained", "pause": "paused", "active": "takes tasks again"}.get(word, "updated")
    if isinstance(request, requests.NetworkConnect):
        return f"connected to {request.network}"
    if isinstance(request, requests.NetworkDisconnect):
        return f"disconnected from {request.network}"
    words = verb_of(request).words
    if words[0] == "swarm":
        return {
            "init": "started",
            "join": "joined",
            "leave": "left",
            "update": "updated",
            "unlock": "unlocked",
        }.get(words[1], "done")
    return _DONE.get(words[1], "updated")


def _replicas(spec: object) -> object:
    mode = spec.get("Mode") if isinstance(spec, dict) else None
    replicated = (mode or {}).get("Replicated") or (mode or {}).get("ReplicatedJob") or {}
    return replicated.get("Replicas", replicated.get("TotalCompletions", 1))
