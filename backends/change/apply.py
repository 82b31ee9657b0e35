"""Sends what was compiled. The one door through which this program changes anything."""

from __future__ import annotations

from dataclasses import replace

from backends.api import Json
from backends.change.engine_words import explained
from backends.change.follow import follow
from backends.change.merge import merge
from backends.change.outcome import Outcome, State
from backends.change.part import as_object, reach
from backends.change.requests import NetworkRemove, Request, SwarmJoin
from backends.change.settle import Reconnect, Seen, made, settle
from backends.change.steps import Compiled, Lookup, Step, Target, query, segment
from backends.change.verbs import verb_of
from backends.errors import BackendError, Disconnected, NotFound, ReadOnly, TimedOut
from backends.state.clock import Clock, SystemClock

#: A join answers after up to 20 s, a write without quorum after up to 20 s.
_WRITE_LIMIT = 40.0
#: How often a spec that only moved on by itself is sent again.
_TRIES = 4
#: A join that is answered so may still happen by itself.
_GOES_ON = "Timeout was reached before node joined"


_FOUND = "Done; the answer was lost on the way, and it was found done."


async def _nothing() -> None:
    return None


async def apply(
    compiled: Compiled,
    engine: Lookup,
    *,
    readonly: bool = False,
    reconnect: Reconnect = _nothing,
    clock: Clock | None = None,
) -> Outcome:
    """Sends the writes of a compiled request, one after the other.

    ``reconnect`` is the engine's ``connect``, for looking after what was lost on the way. Never raises
    ``backends.errors``: what goes wrong is in the outcome. Raises ``ReadOnly`` before anything is sent.
    """
    if readonly and compiled.writes:
        raise ReadOnly("This session is read-only: nothing is changed.", hint="Start without --readonly.")
    sender = _Sender(compiled, engine, reconnect, clock or SystemClock())
    outcome = await sender.send()
    if outcome.state is State.DONE:
        outcome = replace(outcome, shown=await follow(outcome, compiled, engine))
    return outcome


async def look_again(
    outcome: Outcome, compiled: Compiled, engine: Lookup, reconnect: Reconnect, clock: Clock
) -> Outcome:
    """Looks once more for what was not known, now that the engine answers; nothing is sent."""
    if outcome.lost is None:
        return outcome
    step, target = outcome.lost
    if await settle(step, target, engine, reconnect, clock) is not Seen.DONE:
        return outcome
    done = (*outcome.done, step)
    answers = (*outcome.answers, await made(step, engine))
    left = len(compiled.writes) - len(done)
    sentence = f"{len(done)} of {len(compiled.writes)} done; the rest was not sent." if left else _FOUND
    state = State.REFUSED if left else State.DONE
    return replace(outcome, state=state, sentence=sentence, done=done, answers=answers, error=None, hint="", lost=None)


class _Sender:
    """One change on its way."""

    def __init__(self, compiled: Compiled, engine: Lookup, reconnect: Reconnect, clock: Clock) -> None:
        self._compiled, self._engine = compiled, engine
        self._reconnect, self._clock = reconnect, clock
        self._targets = list(compiled.targets)
        self._done: list[Step] = []
        self._answers: list[Json] = []
        self._refused: list[BackendError] = []
        self._found = False
        """Whether the answer to one of them was lost, and it was found done."""

    @property
    def _request(self) -> Request:
        return self._compiled.request

    async def send(self) -> Outcome:
        for step in self._compiled.writes:
            target = self._targets.pop(0) if self._targets else None
            ended = await self._one(step, target)
            if ended is not None:
                return ended
        if self._refused:
            return self._refusal(self._refused[0])
        return self._outcome(State.DONE, _FOUND if self._found else "Done.")

    async def _one(self, step: Step, target: Target | None) -> Outcome | None:
        """Sends one write; the outcome where nothing further is to be sent."""
        for _ in range(_TRIES):
            try:
                answer = await self._engine.call(
                    step.method, step.path, body=step.body, headers=step.headers or None, timeout=_WRITE_LIMIT
                )
            except (Disconnected, TimedOut) as error:
                return await self._lost(step, target, error)
            except BackendError as error:
                if "out of sequence" in error.original and target is not None:
                    moved = await self._moved(step, target)
                    if isinstance(moved, Outcome):
                        return moved
                    step, target = moved
                    continue
                return self._bad(error)
            self._done.append(step)
            self._answers.append(answer)
            return None
        return self._outcome(
            State.CONFLICT, "It keeps changing: somebody else is at it.", hint="Try again in a moment."
        )

    def _bad(self, error: BackendError) -> Outcome | None:
        """A refusal. Several names are independent of each other: the rest is done all the same."""
        forced = isinstance(self._request, NetworkRemove) and self._request.options.flag("force")
        if isinstance(error, NotFound) and forced:
            return None
        if isinstance(self._request, SwarmJoin) and _GOES_ON in error.original:
            finding = explained(error)
            return self._outcome(State.UNKNOWN, finding.sentence, error=error, finding=finding, hint=finding.instead)
        self._refused.append(error)
        return None if len(self._request.arguments) > 1 else self._refusal(error)

    def _refusal(self, error: BackendError) -> Outcome:
        flags = frozenset(verb_of(self._request).table)
        finding = explained(error, flags)
        sentence = finding.sentence
        if self._done:
            sentence = f"{len(self._done)} of {len(self._compiled.writes)} done; then: {sentence}"
        return self._outcome(State.REFUSED, sentence, error=error, finding=finding, hint=finding.instead)

    async def _moved(self, step: Step, target: Target) -> tuple[Step, Target] | Outcome:
        """The object has another version by now. Where its spec is as it was (a rollout moves the version too), the
        same is sent again; else both changes are put side by side and nothing is sent."""
        try:
            found = await self._engine.call("GET", _path(target))
        except BackendError as error:
            return self._refusal(error)
        current = found if isinstance(found, dict) else {}
        version = int(reach(current, "Version", "Index") or 0)
        theirs = current.get("Spec")
        both = merge(as_object(target.before), as_object(target.after), as_object(theirs))
        fresh = replace(step, path=_with_version(step.path, target.version, version), body=both.merged)
        renewed = replace(target, version=version, before=both.theirs, after=both.merged)
        if both.moved_only:
            return fresh, renewed
        sentence = f"{target.name or target.kind} was changed by somebody else meanwhile."
        return self._outcome(
            State.CONFLICT,
            sentence,
            merge=both,
            retry=Compiled(self._request, (fresh,), self._compiled.warnings, (renewed,)),
            hint="See both changes and send them together, or leave it.",
        )

    async def _lost(self, step: Step, target: Target | None, error: BackendError) -> Outcome | None:
        """The outcome where it was not found done; what follows is sent only behind what is known to be done."""
        seen = await settle(step, target, self._engine, self._reconnect, self._clock)
        if seen is Seen.DONE:
            self._done.append(step)
            self._answers.append(await made(step, self._engine))
            self._found = True
            return None
        words = {
            Seen.NOT_YET: "As of now it is not done; it was not sent again.",
            Seen.UNSURE: "Whether it was done cannot be told; it was not sent again.",
        }
        sentence = f"{error} {words[seen]}"
        hint = "Look at it before trying again."
        return self._outcome(State.UNKNOWN, sentence, error=error, hint=hint, lost=(step, target))

    def _outcome(self, state: State, sentence: str, **more: object) -> Outcome:
        warnings = [*self._compiled.warnings]
        for answer in self._answers:
            told = answer.get("Warnings") or answer.get("Warning") if isinstance(answer, dict) else None
            warnings += [str(w) for w in told] if isinstance(told, list) else [str(told)] if told else []
        outcome = Outcome(self._request, state, sentence, tuple(self._done), tuple(self._answers))
        return replace(outcome, warnings=tuple(warnings), **more)  # type: ignore[arg-type]


def _path(target: Target) -> str:
    if target.kind == "service":
        return f"/services/{segment(target.id)}{query(insertDefaults='false')}"
    return "/swarm" if target.kind == "swarm" else f"/nodes/{segment(target.id)}"


def _with_version(path: str, old: int, new: int) -> str:
    head, mark, tail = path.partition("?")
    fields = [f"version={new}" if field == f"version={old}" else field for field in tail.split("&")]
    return f"{head}{mark}{'&'.join(fields)}"
