"""What stands around the fields of a form: its sections, the equal line, the button. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from backends.change.finding import Finding, Severity
from backends.state.wording import listing, plural
from tui.details.command import command_lines
from tui.forms.fields import Group, all_fields
from tui.forms.keys import matches, page_of
from tui.forms.model import Form
from tui.look.symbols import sym
from tui.text.fit import cut_line, fit, line_width, wrap
from tui.text.span import BLANK, Line, line


def section_rows(form: Form, cells: int) -> list[Line]:
    """The list of sections with what is set, changed or wrong in each; keys below it."""
    rows: list[Line] = [(("  SECTION", "muted"),)]
    for number, group in enumerate(form.groups):
        here = number == form.page
        said = counted(form, group)
        room = max(4, cells - line_width(said) - 4)
        title = fit(((group.title, "strong bold" if here else ""),), room)
        bar = (sym("cursor") if here else " ", "accent")
        row = line(bar, " ", title, " ", said)
        pad = (" " * max(0, cells - line_width(row)), "")
        rows.append(tuple((t, f"{s} on_sel" if here else s) for t, s in line(row, pad)))
    rows.append(BLANK)
    key = form.keys.shown
    sections = f"{key('form.section-before')} {key('form.section')}".strip()
    keys = [(sections, "section"), (key("form.find"), "find a field"), (key("form.values"), "what there is")]
    if form.spec.edits:
        rows += [line("  ", (sym("marked"), "accent"), (" changed here", "muted")), BLANK]
        keys += [(key("form.as-read"), "field as it was"), (key("form.changed"), "only changed")]
    rows += [line("  ", (shown, "strong bold"), (f" {word}", "muted")) for shown, word in keys if shown]
    rows.append(BLANK)
    rows += [(("  " + row, "faint"),) for row in wrap("Paste a docker line anywhere to fill it in", cells - 3)]
    return rows


def counted(form: Form, group: Group) -> Line:
    """``1 error``, ``◆ 2``, ``5 set``."""
    names = {field.name for field in group.fields}
    bad = sum(1 for f in form.findings if f.flag in names and f.severity is Severity.ERROR)
    if bad:
        return ((plural(bad, "error"), "err"),)
    if any(f.flag in names and f.severity is Severity.WARNING for f in form.findings):
        return ((sym("look"), "warn"),)
    if form.spec.edits:
        changed = sum(1 for name in names if form.changed(name))
        if changed:
            return ((f"{sym('marked')} {changed}", "accent"),)
    count = sum(len(form.values.get(name, ())) for name in names)
    return ((f"{count} set", "muted"),) if count else ()


def equal_rows(form: Form, cells: int, most: int) -> list[Line]:
    """The docker line that the form equals, cut at ``most`` rows."""
    text = form.judged.line
    if form.spec.edits and text and not form.touched:
        text = ""
    nothing: Line = (("no change" if form.spec.edits else "nothing yet", "faint"),)
    rows = command_lines(text, cells) if text else [nothing]
    if len(rows) > most:
        more = f" … {len(rows) - most} more rows"
        rows = [*rows[: most - 1], line(*cut_line(rows[most - 1], max(8, cells - len(more))), (more, "faint"))]
    return rows


def button_row(form: Form, mark: str, sending: str, cells: int) -> Line:
    """The button, and what keeps it from being pressed, or what it costs."""
    here = form.field is None and form.finding is None
    errors = [f for f in form.findings if f.severity is Severity.ERROR]
    blocked = form.judged.request is None or (form.spec.edits and not form.touched) or bool(sending)
    label = f"  {form.spec.button}{'…' if mark == 'production' and form.spec.edits else ''}  "
    style = "onaccent on_accent bold" if here and not blocked else "strong bold on_field"
    if blocked:
        style = "muted on_fieldf" if here else "faint on_field"
    chip: Line = ((" PRODUCTION ", "strong bold on_prodbg"), ("  ", "")) if mark == "production" else ()
    row = line(" ", chip, (label, style), "   ", _state(form, errors, sending))
    return cut_line(row, cells)


def needed_words(form: Form) -> str:
    """``Image and name are needed``."""
    labels = [all_fields(form.spec)[name].label for name in form.judged.missing]
    labels = [labels[0], *(label[:1].lower() + label[1:] for label in labels[1:])]
    return f"{listing(labels)} {'is' if len(labels) == 1 else 'are'} needed"


def _state(form: Form, errors: Sequence[Finding], sending: str) -> Line:
    if sending:
        return line((f"{sym('changing')} ", "chg"), sending)
    if not form.ready and form.gathered.problem:
        return ((f"{sym('fail')} {form.gathered.problem}", "err"),)
    if not form.ready:
        return line((f"{sym('changing')} ", "chg"), "reading it")
    if errors:
        where = next((g.title for g in form.groups if errors[0].flag in {x.name for x in g.fields}), "")
        at = f" in {where}" if where else ""
        said = f"{sym('fail')} {plural(len(errors), 'error')}{at}"
        if not errors[0].flag:
            return ((f"{sym('fail')} {errors[0].sentence}", "err"),)
        goes = form.keys.shown("form.error")
        return line((said, "err"), (" first; ", "muted"), (goes, "strong bold"), (" goes to it", "muted"))
    if form.judged.missing:
        return ((f"{needed_words(form)}.", "muted"),)
    warnings = [f for f in form.findings if f.severity is Severity.WARNING]
    price = form.spec.price(form.view)
    if price is not None:
        return price
    if warnings:
        text = f"{sym('look')} {plural(len(warnings), 'warning')}"
        return line((text, "warn"), (": you may do it all the same", "muted"))
    if form.spec.edits and not form.touched:
        return (("nothing is changed", "muted"),)
    return line((form.keys.shown("form.send"), "strong bold"), (f" {form.spec.button.lower()}s it", "muted"))


def find_rows(form: Form, cells: int) -> tuple[list[Line], int]:
    """(the fields that are looked for, the row of the chosen one)."""
    from tui.forms.draw import typed

    edit = form.finding
    rows: list[Line] = []
    if edit is not None:
        rows.append(line((" Find a field  ", "strong bold"), *typed(edit, max(10, cells - 18), "strong on_fieldf")))
    rows.append(BLANK)
    found = matches(form)
    at = min(form.found_at, max(0, len(found) - 1))
    for number, field in enumerate(found):
        here = number == at
        flag = f"--{field.name}" if field.flag is not None else field.name
        cells_of = [(field.label, "strong bold" if here else "", 26), (flag, "muted", 24)]
        row = line((sym("cursor") if here else " ", "accent"))
        for text, style, size in cells_of:
            row = line(row, *fit(((text, style),), size), " ")
        row = line(row, *fit(((page_of(form, field), "muted"),), 18), (field.help, "faint"))
        row = cut_line(row, cells)
        rows.append(tuple((t, f"{s} on_sel") for t, s in row) if here else row)
    if not found:
        rows.append(((" No field is called so.", "muted"),))
    return rows, 2 + at
