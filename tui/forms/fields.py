"""The fields of a form and their sections, made of the verb's arguments and flag table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from backends.change.flags import Flag, Section, Source
from tui.forms.spec import FormSpec

ESSENTIALS = "Essentials"
#: Titles of sections that are shorter in the list of sections than they are.
_TITLES = {
    Section.BASIC: "Basics",
    Section.MODE: "Mode",
    Section.DATA: "Configs, secrets",
    Section.UPDATE: "Update policy",
    Section.ROLLBACK: "Rollback policy",
    Section.RESTART: "Restart policy",
    Section.SECURITY: "Rights and limits",
}
_ACRONYMS = {"cpu": "CPU", "dns": "DNS", "ip": "IP", "ip6": "IPv6", "ipam": "IPAM", "ipv4": "IPv4", "ipv6": "IPv6"}
_ACRONYMS |= {"tty": "TTY", "oom": "OOM", "ca": "CA", "pids": "PIDs", "cmd": "command", "addr": "address"}
_ACRONYMS |= {"opt": "option", "pref": "preference", "cert": "certificate"}


class Shape(Enum):
    """How a field is filled in."""

    TEXT = "text"
    SWITCH = "switch"
    """Space turns it."""
    CHOICE = "choice"
    """``← →`` go through its choices."""
    LIST = "list"
    """Several values."""
    WORDS = "words"
    """A command with its arguments, quoted as in a shell."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field."""

    name: str
    label: str
    section: Section
    shape: Shape
    flag: Flag | None = None
    source: Source = Source.NONE
    needed: bool = False

    @property
    def help(self) -> str:
        """What it is, in the CLI's words."""
        return self.flag.help if self.flag is not None else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One page of fields."""

    title: str
    fields: tuple[Field, ...]


def label_of(spec: FormSpec, name: str) -> str:
    """``Memory limit`` as the form says, else the flag's name in words."""
    given = spec.labels.get(name)
    if given:
        return given
    words = [_ACRONYMS.get(word, word) for word in name.lower().split("-")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=64)
def groups_of(spec: FormSpec) -> tuple[Group, ...]:
    """The essentials, then one group for each section that has a field, in the order of ``Section``."""
    return tuple(_groups(spec))


@lru_cache(maxsize=64)
def all_fields(spec: FormSpec) -> dict[str, Field]:
    """Every field by name, in the order of the form."""
    return {field.name: field for group in groups_of(spec) for field in group.fields}


def _groups(spec: FormSpec) -> Iterator[Group]:
    fields = {field.name: field for field in (*_arguments(spec), *_flags(spec))}
    yield Group(ESSENTIALS, tuple(fields[name] for name in spec.essentials))
    for section in Section:
        own = tuple(field for field in fields.values() if field.section is section)
        if all(field.name in spec.essentials for field in own) and (not own or section is Section.BASIC):
            continue
        yield Group(spec.sections.get(section) or _TITLES.get(section, section.value), own)


def _flags(spec: FormSpec) -> Iterator[Field]:
    for flag in (*spec.verb.table.values(), *spec.extra):
        if flag.name not in spec.hidden:
            yield Field(flag.name, label_of(spec, flag.name), flag.section, _shape(spec, flag), flag, flag.source)


def _shape(spec: FormSpec, flag: Flag) -> Shape:
    if flag.is_bool:
        return Shape.SWITCH
    if flag.repeatable:
        return Shape.LIST
    return Shape.CHOICE if flag.choices or flag.name in spec.choices else Shape.TEXT


def arguments(spec: FormSpec) -> tuple[str, ...]:
    """Names of the arguments' fields in order. What follows the needed ones without a number is one field."""
    return tuple(field.name for field in _arguments(spec))


def _arguments(spec: FormSpec) -> Iterable[Field]:
    verb = spec.verb
    count = verb.least + 1 if verb.most is None else verb.most
    found: list[Field] = []
    for number in range(count):
        rest = verb.most is None and number == count - 1
        name = verb.argument(number)
        if rest and number and name in (field.name for field in found):
            # ``SERVICE [SERVICE...]``: the first field takes all of them.
            found[-1] = Field(name, label_of(spec, name), found[-1].section, Shape.LIST, None, found[-1].source, True)
            break
        source = verb.sources[min(number, len(verb.sources) - 1)] if verb.sources else Source.NONE
        shape = Shape.WORDS if rest else Shape.CHOICE if name in spec.choices else Shape.TEXT
        section = spec.placed.get(name, Section.BASIC)
        found.append(Field(name, label_of(spec, name), section, shape, None, source, number < verb.least))
    return found
