"""A form on the world of ``change_world``, without any screen."""

from __future__ import annotations

from typing import Any

from backends.change.candidates import Known
from backends.change.surroundings import Surroundings
from backends.model import Snapshot
from tests.unit.change_world import NOW, world
from tui.forms.keys import press
from tui.forms.model import Form
from tui.forms.registry import form
from tui.forms.spec import FormSpec
from tui.tables.spec import Moment


def no_file(path: str) -> bytes:
    """There are no files in these tests."""
    raise FileNotFoundError(2, "no such file or directory")


def make(form_id: str | FormSpec, snapshot: Snapshot | None = None, api_version: str = "1.51", **known: Any) -> Form:
    """A form that was just opened; ``known`` is what else ``Known`` has."""
    spec = form(form_id) if isinstance(form_id, str) else form_id
    found = world() if snapshot is None else snapshot
    around = Surroundings(environ={}, read_file=no_file, folder="/", api_version=api_version)
    return Form(spec, Moment(found, NOW), Known(found, {}, api_version=api_version, **known), around)


def type_in(form: Form, text: str) -> None:
    """Types a text, key by key."""
    for character in text:
        press(form, {" ": "space"}.get(character, character), character)


def keys(form: Form, *names: str) -> None:
    """Presses keys by name."""
    for name in names:
        press(form, name, None)


def sentences(form: Form, name: str) -> list[str]:
    """What is said at a field."""
    return [finding.sentence for finding in form.findings if finding.flag == name]


def listed_texts(form: Form) -> list[str]:
    """What the list at the cursor offers; nothing where it is closed."""
    return [one.text for one in form.listing.found] if form.listing is not None else []
