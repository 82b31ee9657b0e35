"""What a request would do, in words, from what is known: sentence, warnings, how much is to be asked first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from backends.change.flag_error import FlagError
from backends.change.requests import OneNamed, Request
from backends.change.verbs import verb_of
from backends.changing import plan_network, plan_node, plan_service, plan_swarm
from backends.changing.drain import Moving
from backends.changing.quorum import Quorum
from backends.changing.redaction import redacted_line
from backends.changing.told import Grade, Told
from backends.model import Snapshot

__all__ = ["Grade", "Plan", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would happen. Names in it are as engines give them: hostile text."""

    request: Request
    title: str
    """Verb and name: ``Drain worker-1``."""
    sentence: str
    """What happens, in one sentence."""
    grade: Grade = Grade.ADDS
    warnings: tuple[str, ...] = ()
    """What to know first, a sentence each."""
    facts: tuple[tuple[str, str], ...] = ()
    """(word, text) for further rows: ``room``, ``undo``."""
    moving: tuple[Moving, ...] = ()
    quorum: Quorum | None = None
    typed: str = ""
    """What has to be typed where the context is marked production: the name, or the verb where there are many."""

    @property
    def fatal(self) -> bool:
        """Whether it would leave the Swarm without a majority: refused unless ``typed`` is typed."""
        return self.quorum is not None and self.quorum.fatal

    @property
    def command(self) -> str:
        """The docker line it equals, secrets left out."""
        return redacted_line(self.request)


def plan(request: Request, snapshot: Snapshot) -> Plan | FlagError:
    """What a request would do, or the one thing that is wrong with it as far as is known here."""
    told = _TELLERS.get(type(request), _other)(request, snapshot)
    if isinstance(told, FlagError):
        return told
    return Plan(
        request=request,
        title=told.title,
        sentence=told.sentence,
        grade=told.grade,
        warnings=told.warnings,
        facts=told.facts,
        moving=told.moving,
        quorum=told.quorum,
        typed=_typed(request),
    )


def _typed(request: Request) -> str:
    many = getattr(request, "names", None) or [name for name, _ in getattr(request, "replicas", ())]
    names = [request.name] if isinstance(request, OneNamed) else many
    return names[0] if len(names) == 1 else verb_of(request).words[1]


def _other(request: Request, _: Snapshot) -> Told:
    verb = verb_of(request)
    name = request.arguments[0] if request.arguments else ""
    if verb.words[1] == "create":
        return Told(f"Create {verb.words[0]} {name}", f"Creates the {verb.words[0]} {name}.")
    return Told(
        f"Remove {verb.words[0]} {name}",
        f"Removes {', '.join(request.arguments)}; it cannot be taken back.",
        Grade.LOSES,
    )


#: The request's own type differs per entry; the tables' keys hold them together.
_Teller = Callable[[Any, Snapshot], "Told | FlagError"]
_TELLERS: Mapping[type[Request], _Teller] = MappingProxyType(
    {**plan_service.TELLERS, **plan_network.TELLERS, **plan_node.TELLERS, **plan_swarm.TELLERS}
)
