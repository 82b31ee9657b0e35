"""Which forms there are; each is read when it is first opened."""

from __future__ import annotations

from importlib import import_module

from backends.model import Key
from tui.forms.spec import FormSpec
from tui.places import Place

#: Form id to ``module:name`` of its spec.
FORMS: dict[str, str] = {
    "network-create": "tui.forms.network_create:SPEC",
    "network-connect": "tui.forms.network_connect:SPEC",
    "service-create": "tui.forms.service_create:SPEC",
    "swarm-init": "tui.forms.swarm_init:SPEC",
    "swarm-update": "tui.forms.swarm_update:SPEC",
    "swarm-ca": "tui.forms.swarm_ca:SPEC",
    "node-update": "tui.forms.swarm_node:SPEC",
    "service-edit": "tui.forms.service_edit:SPEC",
    "service-duplicate": "tui.forms.service_edit:DUPLICATE",
}
#: The form that a pasted docker line fills, by its words; what a form sends has the same words.
BY_WORDS: dict[tuple[str, str], str] = {
    ("network", "create"): "network-create",
    ("network", "connect"): "network-connect",
    ("service", "create"): "service-create",
    ("swarm", "init"): "swarm-init",
    ("swarm", "update"): "swarm-update",
    ("swarm", "ca"): "swarm-ca",
    ("node", "update"): "node-update",
    ("service", "update"): "service-edit",
}


def form(form_id: str) -> FormSpec:
    """A form by id; raises ``LookupError`` for an unknown one."""
    module, _, name = FORMS[form_id].partition(":")
    spec: FormSpec = getattr(import_module(module), name)
    return spec


def sent_as(spec: FormSpec) -> str:
    """The docker command that a form sends: ``service update`` where its fields are those of ``service create``."""
    return next((" ".join(words) for words, form_id in BY_WORDS.items() if form_id == spec.id), spec.verb.name)


def form_place(form_id: str, key: Key | None = None, line: str = "") -> Place:
    """Where a form is; ``line`` is a docker line that fills it when it opens."""
    return Place("form", (key,) if key is not None else (), argument=f"{form_id} {line}".strip())


def asked(place: Place) -> tuple[str, str]:
    """(form id, docker line to fill it from) of a place."""
    name, _, line = place.argument.partition(" ")
    return name, line
