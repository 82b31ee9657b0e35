"""Docker's own command lines, as far as they look: which view or verb of ours shows the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from backends.model import Kind
from tui.actions.near import nearest


@dataclass(frozen=True, slots=True)
class DockerLine:
    """One ``docker`` command and the verb of ours that it means."""

    words: tuple[str, ...]
    verb: str
    kinds: tuple[Kind, ...] = ()
    """What its name may be, in the order looked through; empty takes no name."""
    valued: frozenset[str] = frozenset()
    """Options that take a value, which is read over."""
    raw: bool = False
    """Whether all words behind it go to the verb as they stand (``exec``)."""
    field: str = ""
    """For lists that Docker narrows by a name: the field of ours that does."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a typed line means in our verbs."""

    verb: str
    rest: str = ""
    """A filter, for verbs that show a list."""
    names: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    """For ``exec``: the words behind it."""
    typed: str = ""
    """The command without what it is applied to: ``docker service ls``."""


_LIST_OPTIONS = frozenset({"-f", "--filter", "--format", "-n", "--last"})
_LOG_OPTIONS = frozenset({"-n", "--tail", "--since", "--until"})
#: In the order in which ``docker inspect`` tries the kinds.
_INSPECTED = (
    *(Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK, Kind.NODE, Kind.SERVICE),
    *(Kind.TASK, Kind.CONFIG, Kind.SECRET),
)
_FORMAT = frozenset({"-f", "--format", "--type"})


def _ls(noun: str, verb: str, *also: str) -> Iterator[DockerLine]:
    for word in ("ls", "list", *also):
        yield DockerLine((noun, word), verb, valued=_LIST_OPTIONS)


def _inspect(noun: str, kind: Kind) -> DockerLine:
    return DockerLine((noun, "inspect"), "json", (kind,), _FORMAT)


LINES: tuple[DockerLine, ...] = (
    *_ls("service", "services"),
    DockerLine(("service", "ps"), "open", (Kind.SERVICE,), _LIST_OPTIONS),
    DockerLine(("service", "logs"), "logs", (Kind.SERVICE, Kind.TASK), _LOG_OPTIONS),
    _inspect("service", Kind.SERVICE),
    *_ls("node", "nodes"),
    DockerLine(("node", "ps"), "open", (Kind.NODE,), _LIST_OPTIONS),
    _inspect("node", Kind.NODE),
    *_ls("network", "networks"),
    _inspect("network", Kind.NETWORK),
    *_ls("stack", "stacks"),
    DockerLine(("stack", "services"), "open", (Kind.STACK,), _LIST_OPTIONS),
    DockerLine(("stack", "ps"), "tasks", (Kind.STACK,), _LIST_OPTIONS, field="stack"),
    *_ls("container", "containers", "ps"),
    DockerLine(("ps",), "containers", valued=_LIST_OPTIONS),
    _inspect("container", Kind.CONTAINER),
    DockerLine(("container", "logs"), "logs", (Kind.CONTAINER,), _LOG_OPTIONS),
    DockerLine(("logs",), "logs", (Kind.CONTAINER,), _LOG_OPTIONS),
    DockerLine(("container", "exec"), "exec", raw=True),
    DockerLine(("exec",), "exec", raw=True),
    *_ls("volume", "volumes"),
    _inspect("volume", Kind.VOLUME),
    *_ls("image", "images"),
    DockerLine(("images",), "images", valued=_LIST_OPTIONS),
    _inspect("image", Kind.IMAGE),
    *_ls("config", "configs"),
    _inspect("config", Kind.CONFIG),
    *_ls("secret", "secrets"),
    _inspect("secret", Kind.SECRET),
    DockerLine(
        ("inspect",),
        "json",
        _INSPECTED,
        _FORMAT,
    ),
    DockerLine(("info",), "info", valued=_FORMAT),
    DockerLine(("system", "info"), "info", valued=_FORMAT),
    DockerLine(("version",), "info", valued=_FORMAT),
    DockerLine(("events",), "events", valued=_LIST_OPTIONS | _LOG_OPTIONS),
    DockerLine(("system", "events"), "events", valued=_LIST_OPTIONS | _LOG_OPTIONS),
    DockerLine(("context", "ls"), "ctx", valued=_FORMAT),
    DockerLine(("context", "list"), "ctx", valued=_FORMAT),
    DockerLine(("context", "use"), "ctx", raw=True),
)
_BY_WORDS = MappingProxyType({line.words: line for line in LINES})
_NOUNS = frozenset(line.words[0] for line in LINES if len(line.words) == 2) | {"swarm"}

_CHANGING = MappingProxyType(
    {
        "service": "create update scale rm remove rollback",
        "node": "update promote demote rm remove",
        "network": "create rm remove connect disconnect prune",
        "stack": "deploy up rm remove down",
        "swarm": "init join leave update ca unlock unlock-key join-token",
        "container": "create run start stop restart kill rm remove pause unpause prune rename update commit cp",
        "volume": "create rm remove prune update",
        "image": "pull push rm remove prune build tag load import",
        "config": "create rm remove",
        "secret": "create rm remove",
        "context": "create rm remove update import",
        "system": "prune",
        "": "run create start stop restart kill rm rmi pull push build tag rename update pause unpause cp commit load",
    }
)


def is_docker_line(words: Sequence[str]) -> bool:
    """Whether a line without ``docker`` in front is one of Docker's: a noun and a verb of it."""
    if len(words) < 2 or words[0] not in _NOUNS:
        return False
    return tuple(words[:2]) in _BY_WORDS or words[1] in _CHANGING.get(words[0], "").split()


def stripped(words: Sequence[str]) -> tuple[str, ...] | None:
    """What stands behind ``docker``, ``sudo docker`` or a pasted prompt; ``None`` where none of them does."""
    rest = list(words)
    if rest and rest[0] in ("$", "#"):
        rest.pop(0)
    if rest and rest[0] == "sudo":
        rest.pop(0)
        while rest and rest[0].startswith("-"):
            rest.pop(0)
    return tuple(rest[1:]) if rest and rest[0] == "docker" else None


def read(words: Sequence[str]) -> Meaning | str:
    """What a docker line (without ``docker``) means here; a sentence where it means nothing, or a change."""
    if not words:
        return "docker needs a command behind it, such as service ls."
    if words[0].startswith("-"):
        return f"The engine is chosen with :ctx; leave {words[0]} out."
    line = _BY_WORDS.get(tuple(words[:2])) or _BY_WORDS.get(tuple(words[:1]))
    if line is None:
        return _unknown(words)
    typed = f"docker {' '.join(line.words)}"
    rest = list(words[len(line.words) :])
    if line.raw:
        return Meaning(line.verb, words=tuple(rest), typed=typed)
    return _read_options(line, rest, typed)


def _read_options(line: DockerLine, rest: list[str], typed: str) -> Meaning | str:
    names: list[str] = []
    filters: list[str] = []
    verb = line.verb
    while rest:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            names.append(word)
            continue
        if option in line.valued:
            if not equals:
                if not rest:
                    return f"{option} needs a value."
                value = rest.pop(0)
            if option in ("-f", "--filter") and "--filter" in line.valued:
                filters.append(_filter(value))
        elif option == "--pretty":
            verb = "describe"
    if line.kinds and not names:
        return f"{typed} needs a name."
    if line.field:
        filters.insert(0, f"{line.field}={names[0]}")
        names = []
    elif not line.kinds and names:
        # `docker images nginx`: what it shows is narrowed.
        filters += names
        names = []
    return Meaning(verb, " ".join(filters), tuple(names[:1]), line.kinds, typed=typed)


#: Docker's names of filters where ours differ; a bare word is looked for in the name.
_FILTERS = MappingProxyType({"name": "", "desired-state": "desired", "status": "state", "ancestor": "image"})


def _filter(text: str) -> str:
    name, _, value = text.partition("=")
    ours = _FILTERS.get(name)
    return text if ours is None else f"{ours}={value}" if ours else value


def _unknown(words: Sequence[str]) -> str:
    noun, verb = words[0], words[1] if len(words) > 1 else ""
    if verb in _CHANGING.get(noun, "").split():
        return f"docker {noun} {verb} changes things, and this line only looks."
    if noun in _CHANGING[""].split():
        return f"docker {noun} changes things, and this line only looks."
    if noun in _NOUNS and not verb:
        verbs = [line.words[1] for line in LINES if line.words[0] == noun and len(line.words) == 2]
        return f"docker {noun} needs one of {', '.join(dict.fromkeys(verbs))}." if verbs else _nothing(words)
    return _nothing(words)


def _nothing(words: Sequence[str]) -> str:
    typed = " ".join(words[:2])
    near = nearest(typed, (" ".join(line.words) for line in LINES))
    return f"docker {typed} has no view here.{near}"
