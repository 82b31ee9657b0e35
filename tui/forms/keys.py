"""The keys of a form: moving, choosing, typing. Those that send, copy or leave are the page's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tui.forms.fields import Field, Shape, all_fields, groups_of
from tui.forms.model import Form
from tui.frame.line_edit import LineEdit


def modes(form: Form) -> tuple[str, ...]:
    """What the form is doing, as modes of ``tui.actions.own``, the most exact first."""
    if form.finding is not None:
        return ("form.find",)
    found = []
    if form.listing is not None:
        found += ["form.chosen", "form.list"] if form.listing.chosen is not None else ["form.list"]
    if form.about:
        found.append("form.about")
    return (*found, "form")


def _choose(form: Form, step: int) -> None:
    if form.listing is not None:
        form.listing = form.listing.moved(step)


def _begin_finding(form: Form) -> None:
    form.finding, form.found_at = LineEdit(), 0
    form.close_list()


def _find(form: Form, step: int) -> None:
    found = matches(form)
    if found:
        form.found_at = (form.found_at + step) % len(found)


def _go_to_found(form: Form) -> None:
    found = matches(form)
    form.finding = None
    if found:
        form.go(found[min(form.found_at, len(found) - 1)].name, -1)


def _turn_about(form: Form, on: bool) -> None:
    form.about = on


def _stop_finding(form: Form) -> None:
    form.finding = None


#: What the actions of ``tui.actions.form_keys`` do to a form, by their ids; those of the page are not here.
ACTS: Mapping[str, Callable[[Form], object]] = MappingProxyType(
    {
        "form.next": lambda form: form.move(1),
        "form.previous": lambda form: form.move(-1),
        "form.down": lambda form: form.move(1, rows=True),
        "form.up": lambda form: form.move(-1, rows=True),
        "form.enter": lambda form: form.move(1, rows=True),
        "form.section": lambda form: form.turn(1),
        "form.section-before": lambda form: form.turn(-1),
        "form.find": _begin_finding,
        "form.values": lambda form: form.list_all(),
        "form.about": lambda form: _turn_about(form, not form.about),
        "form.about-close": lambda form: _turn_about(form, False),
        "form.as-read": lambda form: form.as_it_was(),
        "form.changed": lambda form: form.turn_only_changed(),
        "form.list-down": lambda form: _choose(form, 1),
        "form.list-up": lambda form: _choose(form, -1),
        "form.list-take": lambda form: form.take(),
        "form.list-close": lambda form: form.close_list(),
        "form.find-down": lambda form: _find(form, 1),
        "form.find-up": lambda form: _find(form, -1),
        "form.find-go": _go_to_found,
        "form.find-close": _stop_finding,
    }
)


def press(form: Form, key: str, character: str | None) -> bool:
    """Takes a key in a form that stands on no page of its own; ``False`` where it means nothing in it."""
    found = form.keys.find(key, modes(form))
    if found is None or found.id not in ACTS or (found.id == "form.changed" and not form.spec.edits):
        return type_key(form, key, character)
    ACTS[found.id](form)
    return True


def type_key(form: Form, key: str, character: str | None) -> bool:
    """Types, or chooses where nothing is typed; ``False`` where the key does neither."""
    if form.finding is not None:
        changed = form.finding.key(key, character)
        if changed is not None:
            form.finding, form.found_at = changed, 0
        return True
    return _type(form, key, character)


def _type(form: Form, key: str, character: str | None) -> bool:
    field = form.field
    if field is None:
        return False
    if field.shape in (Shape.SWITCH, Shape.CHOICE):
        if key in ("left", "right", "space"):
            form.choose(-1 if key == "left" else 1)
        elif key in ("backspace", "delete"):
            form.set(field.name, ())
        elif character and character.isalnum():
            form.choose(letter=character)
        else:
            return False
        return True
    changed = form.edit.key(key, character)
    if changed is None:
        return False
    form.type(changed)
    return True


def matches(form: Form) -> tuple[Field, ...]:
    """The fields that what is looked for may mean: by label, flag or help."""
    wanted = form.finding.text.lower().split() if form.finding is not None else []
    found = []
    for field in all_fields(form.spec).values():
        text = f"{field.label} --{field.name} {field.help}".lower()
        if all(word in text for word in wanted):
            found.append(field)
    return tuple(sorted(found, key=lambda one: not one.label.lower().startswith(" ".join(wanted))))


def page_of(form: Form, field: Field) -> str:
    """The title of the page that a field stands on."""
    return next((group.title for group in groups_of(form.spec) if field in group.fields), "")
