"""The keys of a form: moving, choosing, typing. Those that send, copy or leave are the page's."""

from __future__ import annotations

from tui.forms.fields import Field, Shape, all_fields, groups_of
from tui.forms.model import Form
from tui.frame.line_edit import LineEdit


def press(form: Form, key: str, character: str | None) -> bool:
    """Takes a key; ``False`` where it means nothing in a form."""
    if form.finding is not None:
        return _find(form, key, character)
    if form.listing is not None and _list(form, key):
        return True
    match key:
        case "tab":
            form.move(1)
        case "shift+tab":
            form.move(-1)
        case "down":
            form.move(1, rows=True)
        case "up":
            form.move(-1, rows=True)
        case "enter":
            form.move(1, rows=True)
        case "f4":
            form.turn(1)
        case "f3":
            form.turn(-1)
        case "ctrl+f":
            form.finding, form.found_at = LineEdit(), 0
            form.close_list()
        case "ctrl+space" | "ctrl+@":
            form.list_all()
        case "f1":
            form.about = not form.about
        case "ctrl+z":
            form.as_it_was()
        case "ctrl+t" if form.spec.edits:
            form.turn_only_changed()
        case _:
            return _type(form, key, character)
    return True


def _list(form: Form, key: str) -> bool:
    listing = form.listing
    if listing is None:
        return False
    match key:
        case "down":
            form.listing = listing.moved(1)
        case "up":
            form.listing = listing.moved(-1)
        case "tab" | "enter":
            return form.take()
        case "escape":
            form.close_list()
        case _:
            return False
    return True


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


def _find(form: Form, key: str, character: str | None) -> bool:
    found = matches(form)
    match key:
        case "escape":
            form.finding = None
        case "down" | "up" if found:
            form.found_at = (form.found_at + (1 if key == "down" else -1)) % len(found)
        case "enter" | "tab":
            form.finding = None
            if found:
                form.go(found[min(form.found_at, len(found) - 1)].name, -1)
        case _:
            changed = form.finding.key(key, character) if form.finding is not None else None
            if changed is not None:
                form.finding, form.found_at = changed, 0
    return True
