"""Completion of a docker line that changes something: what is being typed at the cursor, and what may be meant."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from backends.change.candidates import (
    Candidate,
    Known,
    candidates,
    choices,
    new_network,
    path_candidates,
    preferences,
    removable,
    service_networks,
)
from backends.change.flag_error import FlagError
from backends.change.flags import Flag, Source
from backends.change.line import docker_words
from backends.change.mount_value import MOUNT_KEYS, MOUNT_TYPES
from backends.change.reference_value import ULIMITS
from backends.change.surroundings import newer
from backends.change.verbs import BY_WORDS, Verb
from backends.change.words import Word, line_words
from backends.model import Node, Service, Snapshot


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand between ``start`` and ``end`` of the line: whole words, quoted as the line needs it. A candidate
    that is not ``more`` is followed by a blank."""

    start: int
    end: int
    candidates: tuple[Candidate, ...] = ()
    flag: str = ""
    """The flag whose value it is."""
    source: Source = Source.NONE
    """Where the candidates come from."""
    typed: str = ""
    """What of the value is there already."""


#: Keys of long values, by flag type, with what may stand behind them.
_FIELDS: Mapping[str, Mapping[str, tuple[str, ...] | Source]] = MappingProxyType(
    {
        "mount": {
            **dict.fromkeys(MOUNT_KEYS, ()),
            "type": MOUNT_TYPES,
            "source": Source.VOLUME,
            "readonly": ("true", "false"),
            "bind-propagation": ("rprivate", "private", "rshared", "shared", "rslave", "slave"),
            "bind-recursive": ("enabled", "disabled", "writable", "readonly"),
            "volume-nocopy": ("true", "false"),
        },
        "port": {"published": (), "target": (), "protocol": ("tcp", "udp", "sctp"), "mode": ("ingress", "host")},
        "network": {"name": Source.NETWORK, "alias": (), "driver-opt": ()},
        "secret": {"source": Source.SECRET, "target": (), "uid": (), "gid": (), "mode": ()},
        "config": {"source": Source.CONFIG, "target": (), "uid": (), "gid": (), "mode": ()},
    }
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known besides the cluster: the whole line, since what it is about stands at its end."""

    all: Known
    line: tuple[Word, ...]

    def subject(self, noun: str) -> Service | Node | None:
        """The service or node that the line is about."""
        words = {word.text for word in self.line[2:]}
        snapshot = self.all.snapshot
        things: Iterable[Service | Node] = snapshot.services.values() if noun == "service" else snapshot.nodes.values()
        return next((thing for thing in things if thing.name in words or thing.id in words), None)


def complete(text: str, cursor: int, known: Known) -> Completion:
    """What may be meant where the cursor stands; what is behind it is left as it is. Empty where nothing is known."""
    head = text[:cursor]
    words = _words(head)
    if words is None:
        return Completion(cursor, cursor)
    typed = words[-1] if words and words[-1].end >= len(head) else Word("", cursor, cursor)
    before = words[:-1] if typed.text or typed.start < cursor else words
    rest = docker_words(before)
    if isinstance(rest, FlagError):
        return Completion(cursor, cursor)
    found = _at(tuple(word.text for word in rest), typed.text, _Known(known, _words(text) or ()))
    return replace(found, start=typed.start, end=cursor)


def _words(head: str) -> tuple[Word, ...] | None:
    """Words of the line so far; a quote that is open is closed."""
    for closing in ("", "'", '"'):
        words = line_words(head + closing)
        if not isinstance(words, FlagError):
            return words
    return None


def _at(before: tuple[str, ...], typed: str, known: _Known) -> Completion:
    if not before:
        return _completion(typed, (Candidate(noun) for noun in dict.fromkeys(noun for noun, _ in BY_WORDS)))
    if len(before) == 1:
        verbs = {v: verb for (noun, v), verb in BY_WORDS.items() if noun == before[0] and v != "remove"}
        return _completion(typed, (Candidate(name, verb.arguments) for name, verb in verbs.items()))
    verb = BY_WORDS.get((before[0], before[1]))
    if verb is None:
        return Completion(0, 0)
    where = _walk(verb, before[2:])
    if where.awaiting is not None:
        return _value(where.awaiting, "", typed, before[0], known)
    if not where.ended and typed.startswith("-"):
        name, equals, value = typed[2:].partition("=")
        flag = verb.table.get(name) if typed.startswith("--") else None
        if equals:
            return _value(flag, f"--{name}=", value, before[0], known) if flag is not None else Completion(0, 0)
        return _completion(typed, _flags(verb, where.given, known))
    return _argument(verb, where, typed, known)


@dataclass(slots=True)
class _Where:
    """How far a line has come."""

    awaiting: Flag | None = None
    """The flag whose value is next."""
    arguments: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    ended: bool = False
    """Whether no flag may follow."""


def _walk(verb: Verb, words: Sequence[str]) -> _Where:
    where = _Where()
    for word in words:
        if where.awaiting is not None:
            where.awaiting = None
        elif where.ended or len(word) < 2 or not word.startswith("-"):
            where.arguments += (word,)
            where.ended = where.ended or not verb.interspersed
        elif word == "--":
            where.ended = True
        elif word.startswith("--"):
            name, equals, _ = word[2:].partition("=")
            _met(where, verb.table.get(name), bool(equals))
        else:
            _letters(where, verb, word[1:])
    return where


def _met(where: _Where, flag: Flag | None, valued: bool) -> None:
    if flag is not None:
        where.given |= {flag.name}
        where.awaiting = None if valued or flag.is_bool else flag


def _letters(where: _Where, verb: Verb, letters: str) -> None:
    for i, letter in enumerate(letters):
        flag = verb.table.short(letter)
        _met(where, flag, i + 1 < len(letters))
        if flag is None or not flag.is_bool:
            return


def _flags(verb: Verb, given: frozenset[str], known: _Known) -> Iterator[Candidate]:
    """Flags that may still be given and that the engine has."""
    for flag in verb.table.values():
        if (flag.repeatable or flag.name not in given) and not newer(flag.since, known.all.api_version):
            yield Candidate(f"--{flag.name}", flag.help)


def _argument(verb: Verb, where: _Where, typed: str, known: _Known) -> Completion:
    number = len(where.arguments)
    if verb.most is not None and number >= verb.most:
        return _completion(typed, () if where.ended else _flags(verb, where.given, known))
    source = verb.sources[min(number, len(verb.sources) - 1)] if verb.sources else Source.NONE
    if source is Source.CHOICES:
        found: Iterable[Candidate] = (Candidate(role) for role in ("worker", "manager"))
    else:
        # Each name once: ``service rm web web`` is nothing that is meant.
        used = {argument.partition("=")[0] for argument in where.arguments} if verb.most is None else set()
        paths = source is Source.FILE
        some = path_candidates(typed, known.all) if paths else candidates(source, known.all)
        found = (c for c in some if c.text not in used)
        found = (c for c in found if _sensible(verb.name, c.text, where, known.all.snapshot))
    if verb.name == "service scale":
        found = (Candidate(f"{c.text}=", _replicas(c.text, known) or c.detail, more=True) for c in found)
    return replace(_completion(typed, found, source), source=source, typed=typed)


def _sensible(verb: str, text: str, where: _Where, snapshot: Snapshot) -> bool:
    """Whether a thing is one that a verb can be about: a worker to promote, a container that is on the network."""
    if verb in ("node promote", "node demote"):
        role = "worker" if verb == "node promote" else "manager"
        return any(node.role == role for node in snapshot.nodes.values() if text in (node.hostname, node.id))
    if verb == "network rm":
        return text not in ("bridge", "host", "none")
    if verb == "network disconnect" and where.arguments:
        boxes = [c for c in snapshot.containers.values() if c.name == text]
        return any(where.arguments[0] in (n.network, n.network_id) for c in boxes for n in c.networks)
    return True


def _replicas(name: str, known: _Known) -> str:
    service = next((s for s in known.all.snapshot.services.values() if s.name == name), None)
    return f"now {service.replicas}" if service is not None and service.replicas is not None else ""


def _value(flag: Flag, ahead: str, typed: str, noun: str, known: _Known) -> Completion:
    """``ahead`` is what of the word is no value: ``--network=``."""
    inner, typed, among, source, more = _of_value(flag, typed, noun, known)
    found = _found(flag, ahead + inner, typed, among, source, more=more)
    new = (one for one in _made(flag, ahead + inner, typed, source, known.all) if shlex.quote(one.text) == one.text)
    return replace(found, candidates=(*found.candidates, *new))


def _of_value(flag: Flag, typed: str, noun: str, known: _Known) -> tuple[str, str, Iterable[Candidate], Source, bool]:
    """(what of the value stands already, what is typed of its last part, what that may be, its source, whether more
    follows)."""
    keys = _FIELDS.get(flag.type.name)
    done, comma, field = typed.rpartition(",")
    key, equals, value = field.partition("=")
    if keys is not None and (comma or equals):
        ahead = f"{done}{comma}"
        if not equals:
            rest = (k for k in keys if f",{k}=" not in f",{done}")
            return ahead, field, tuple(Candidate(f"{k}=", more=True) for k in rest), Source.NONE, False
        behind = keys.get(key.lower(), ())
        if behind is Source.VOLUME and "type=volume" not in done and "type=" in done:
            behind = Source.FILE if "type=bind" in done else ()
        of = behind if isinstance(behind, Source) else Source.NONE
        among = tuple(map(Candidate, behind)) if isinstance(behind, tuple) else _of_source(flag, of, value, known.all)
        return f"{ahead}{key}=", value, among, of, True
    return "", typed, _plain(flag, typed, noun, known), flag.source, False


def value_candidates(flag: Flag, typed: str, known: Known) -> tuple[Candidate, ...]:
    """What may be meant by a flag's value in a field of a form: whole values, nothing quoted."""
    ahead, rest, among, source, more = _of_value(flag, typed, "", _Known(known, ()))
    found = tuple(Candidate(ahead + c.text, c.detail, c.more or more) for c in _fitting(rest, among, source))
    return (*found, *_made(flag, ahead, rest, source, known))


def _made(flag: Flag, ahead: str, typed: str, source: Source, known: Known) -> Iterator[Candidate]:
    """What is named and not there, to be made: below all that is there."""
    if flag.type.name == "network" and source is Source.NETWORK and not flag.name.endswith("-rm"):
        for one in new_network(typed, known):
            yield replace(one, text=ahead + one.text)


def _plain(flag: Flag, typed: str, noun: str, known: _Known) -> Iterable[Candidate]:
    if flag.choices or flag.is_bool:
        return choices(flag)
    if flag.name.endswith("-rm"):
        subject = known.subject(noun)
        return removable(flag.name.removesuffix("-rm"), subject, known.all) if subject is not None else ()
    if flag.name.startswith("placement-pref"):
        return preferences(known.all)
    if flag.type.name == "mount":
        return (Candidate(f"type={kind},", more=True) for kind in MOUNT_TYPES)
    if flag.type.name == "ulimit":
        return (Candidate(f"{name}=", more=True) for name in ULIMITS)
    return _of_source(flag, flag.source, typed, known.all)


def _of_source(flag: Flag, source: Source, typed: str, known: Known) -> Iterable[Candidate]:
    if source is Source.FILE:
        # The source of a bind mount is a path of the machine on which the task runs.
        return path_candidates(typed, known) if known.here or flag.type.name != "mount" else ()
    return service_networks(known) if flag.type.name == "network" else candidates(source, known)


def _found(
    flag: Flag, ahead: str, typed: str, among: Iterable[Candidate], source: Source, *, more: bool = False
) -> Completion:
    fitting = _fitting(typed, among, source)
    whole = tuple(Candidate(shlex.quote(ahead + c.text), c.detail, c.more or more) for c in fitting)
    return Completion(0, 0, whole, flag.name, source, typed)


def _completion(typed: str, among: Iterable[Candidate], source: Source = Source.NONE) -> Completion:
    """Those that begin with what is typed, then those that hold it."""
    fitting = _fitting(typed, among, source)
    return Completion(0, 0, tuple(replace(c, text=shlex.quote(c.text)) for c in fitting))


def _fitting(typed: str, among: Iterable[Candidate], source: Source = Source.NONE) -> list[Candidate]:
    """Paths fit already, also where their begin is written out (``~/``)."""
    if source is Source.FILE:
        return list(among)
    wanted = typed.lower()
    return sorted((c for c in among if wanted in c.text.lower()), key=lambda c: not c.text.lower().startswith(wanted))
