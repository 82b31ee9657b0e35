"""Sending what was compiled: each write once, within a time limit. What was not answered is looked up, never sent
again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backends.api import Json
from backends.change.compile import compile_request
from backends.change.flag_error import FlagError
from backends.change.steps import Compiled, Lookup, Target, segment
from backends.change.surroundings import Surroundings
from backends.changing.journal import Ending
from backends.errors import BackendError, Conflict, Disconnected, NotFound, TimedOut

#: Seconds that a write may take: without quorum it hangs for 10 to 20 s before the engine says so.
LIMIT = 30.0
#: How often a write whose object has moved meanwhile is compiled anew.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """How far the writes came."""

    compiled: Compiled
    """As it was sent in the end."""
    answers: tuple[Json, ...] = ()
    """Of the writes that were taken, in their order."""
    ending: Ending = Ending.DONE
    """``DONE`` (taken), ``REFUSED`` or ``UNKNOWN``."""
    text: str = ""
    """Why not, as a sentence."""
    hint: str = ""


async def send(compiled: Compiled, engine: Lookup, around: Surroundings | None = None) -> Sent:
    """Sends the writes in their order. An object that only moved (a rollout counts its version up) is read again
    and the same is sent; one that somebody else has changed meanwhile is refused."""
    answers: list[Json] = []
    number = 0
    tries = 0
    writes = compiled.writes
    while number < len(writes):
        step = writes[number]
        try:
            answers.append(
                await engine.call(step.method, step.path, body=step.body, headers=step.headers, timeout=LIMIT)
            )
        except Conflict as error:
            again = await _again(compiled, number, engine, around) if tries < _TRIES else None
            if again is None:
                return Sent(compiled, tuple(answers), Ending.REFUSED, _partly(error, answers), error.hint)
            tries += 1
            compiled, writes = again, again.writes
            continue
        except (TimedOut, Disconnected) as error:
            if await _taken(compiled, number, engine):
                answers.append(None)
            else:
                text = f"The request was sent, and no answer came ({_plain(error)}). It may still happen."
                return Sent(compiled, tuple(answers), Ending.UNKNOWN, text, "Look before you do it again.")
        except BackendError as error:
            return Sent(compiled, tuple(answers), Ending.REFUSED, _partly(error, answers), error.hint)
        number += 1
    return Sent(compiled, tuple(answers))


def _plain(error: BackendError) -> str:
    return str(error).rstrip(".")


def _partly(error: BackendError, answers: list[Json]) -> str:
    return f"{error} What came before it was done." if answers else str(error)


async def _again(compiled: Compiled, number: int, engine: Lookup, around: Surroundings | None) -> Compiled | None:
    """The same request on what the engine has now, where nobody else has changed that; else ``None``."""
    if number >= len(compiled.targets):
        return None
    try:
        fresh = await compile_request(compiled.request, engine, around)
    except BackendError:
        return None
    if not isinstance(fresh, Compiled) or len(fresh.targets) != len(compiled.targets):
        return None
    for old, new in zip(compiled.targets[number:], fresh.targets[number:], strict=True):
        if old.before != new.before:
            return None
    return fresh


async def _taken(compiled: Compiled, number: int, engine: Lookup) -> bool:
    """Whether a write that was not answered has been done after all, as far as the engine can tell."""
    step = compiled.writes[number]
    try:
        if number < len(compiled.targets):
            target = compiled.targets[number]
            if target.kind == "swarm" or target.before == target.after:
                return False
            found = await engine.call("GET", _path(target))
            return isinstance(found, dict) and found.get("Spec") == target.after
        if step.method == "DELETE":
            try:
                await engine.call("GET", step.path.partition("?")[0])
            except NotFound:
                return True
            return False
        name = step.body.get("Name") if isinstance(step.body, dict) else None
        if step.path in ("/services/create", "/networks/create") and isinstance(name, str):
            # Names were free when it was planned: one that is there now is ours.
            found = await engine.call("GET", f"/{step.path.split('/')[1]}/{segment(name)}")
            return isinstance(found, dict)
    except BackendError:
        return False
    return False


def _path(target: Target) -> str:
    tail = "?insertDefaults=false" if target.kind == "service" else ""
    return f"/{target.kind}s/{segment(target.id)}{tail}"


async def compiled_for(request: Any, engine: Lookup, around: Surroundings) -> Compiled | tuple[FlagError, ...]:
    """``compile_request``, where names that the engine does not know are errors of the line."""
    try:
        return await compile_request(request, engine, around)
    except NotFound as error:
        return (FlagError(str(error), instead=error.hint),)
