"""Between the fields of a form and a request: both ways, with the verb's own parsers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backends.change.flag_error import FlagError, Refused
from backends.change.line import is_change, parse_line
from backends.change.options import Options
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from backends.change.value_types import COMMAND
from backends.change.verbs import verb_of
from backends.change.words import command_words
from tui.forms.fields import Shape, all_fields, arguments
from tui.forms.spec import FormSpec, Values


@dataclass(frozen=True, slots=True)
class Built:
    """A request, or what keeps it from being one."""

    request: Request | None
    errors: tuple[FlagError, ...] = ()
    stood_in: frozenset[str] = frozenset()
    """Arguments that are empty, for which something else stands in the request."""


def build(spec: FormSpec, values: Values) -> Built:
    """The request of the verb that the fields come to. Texts of flags stand in it as typed, right or wrong."""
    words: list[str] = []
    stood_in: set[str] = set()
    fields = all_fields(spec)
    for name in arguments(spec):
        given = values.get(name, ())
        field = fields[name]
        if field.shape is Shape.WORDS:
            try:
                words += command_words(given[0]) if given else []
            except ValueError as error:
                return Built(None, (FlagError(f"{field.label}: {error}.", name, instead=COMMAND.hint),))
        elif field.shape is Shape.LIST and given:
            words += given
        elif given and given[0].strip():
            words.append(given[0])
        elif field.needed:
            stood_in.add(name)
            words.append(spec.stand_in.get(name, name))
    given_flags = {name: texts for name, texts in spec.fold(values).items() if name in spec.verb.table}
    try:
        request = spec.verb.make(tuple(words), Options.of(spec.verb.table, given_flags))
    except Refused as refused:
        return Built(None, refused.errors, frozenset(stood_in))
    return Built(request, (), frozenset(stood_in))


def values_of(spec: FormSpec, request: Request) -> dict[str, tuple[str, ...]]:
    """What the fields hold for a request of the form's verb."""
    found: dict[str, tuple[str, ...]] = dict(request.options.items)
    rest = list(request.arguments)
    fields = all_fields(spec)
    for name in arguments(spec):
        if fields[name].shape is Shape.WORDS:
            if rest:
                found[name] = (COMMAND.show(rest),)
        elif fields[name].shape is Shape.LIST:
            found[name] = tuple(rest)
        elif rest:
            found[name] = (rest.pop(0),)
    return dict(spec.unfold(found))


@dataclass(frozen=True, slots=True)
class Pasted:
    """A docker line that was pasted."""

    words: tuple[str, str]
    """``("service", "create")``."""
    request: Request | None
    errors: tuple[FlagError, ...] = ()


def pasted_line(text: str, around: Surroundings | None = None) -> Pasted | None:
    """What a pasted text is where it is a docker line that changes something, right or wrong; else ``None``.

    ``docker`` must be said: a value may begin with any word.
    """
    head = text.lstrip()[:200]
    if "docker" not in head.split() or not is_change(text):
        return None
    parsed = parse_line(text, around)
    if isinstance(parsed, Request):
        return Pasted(verb_of(parsed).words, parsed)
    words = head.split()
    at = words.index("docker")
    return Pasted((words[at + 1], words[at + 2] if len(words) > at + 2 else ""), None, parsed)


def cleaned(values: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Without fields and values that are empty."""
    kept = {name: tuple(text for text in texts if text) for name, texts in values.items()}
    return {name: texts for name, texts in kept.items() if texts}
