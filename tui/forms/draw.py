"""The fields of a form as lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backends.change.candidates import Candidate
from backends.change.finding import Finding, Severity
from tui.forms import listed
from tui.forms.fields import Field, Shape
from tui.forms.listing import Listing
from tui.forms.model import Form
from tui.forms.registry import sent_as
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.text.clean import clean
from tui.text.fit import cut_line, fit, head, tail, width, wrap, wrap_line
from tui.text.span import BLANK, Line, Span, line

#: ``A=1,B=2``: two assignments in one value. Values of long forms (``type=bind,…``) begin with a lower case name.
_ONE_OF_TWO = re.compile(r"[A-Z_][A-Z0-9_]*=[^,]*,[A-Z_][A-Z0-9_]*=").match

#: Entries of the list below a field that are seen at once.
MOST = 6
#: Dots that stand for a hidden value, whatever its length.
_DOTS = 12
_WORDS = {Severity.ERROR: ("fail", "err"), Severity.WARNING: ("look", "warn"), Severity.NOTE: ("", "muted")}


@dataclass(frozen=True, slots=True)
class Spot:
    """A row of a field: where it begins, and which it is."""

    row: int
    at: int
    number: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The lines of a page of fields."""

    lines: tuple[Line, ...]
    spots: tuple[Spot, ...]
    here: tuple[int, int]
    """First and last row of the field with the cursor."""


@dataclass(frozen=True, slots=True)
class _Size:
    label: int
    value: int
    verdict: int

    @property
    def cells(self) -> int:
        """Of all of it, the mark and the gaps included."""
        return 1 + self.label + 1 + self.value + 2 + self.verdict


def _size(form: Form, cells: int) -> _Size:
    longest = max((width(clean(field.label)) + 2 for field in form.group.fields), default=10)
    label = max(12, min(longest, cells // 3, 27))
    room = max(16, cells - label - 4)
    verdict = max(8, min(30, room * 2 // 5))
    return _Size(label, room - verdict, verdict)


def field_rows(form: Form, cells: int, *, roomy: bool) -> Drawn:
    """The page of fields at a width; ``roomy`` leaves a row below each, where an error then stands."""
    size = _size(form, cells)
    rows: list[Line] = [BLANK] if roomy else []
    spots: list[Spot] = []
    here = (0, 0)
    for at, field in enumerate(form.group.fields):
        begin = len(rows)
        active = at == form.at
        for number, part in enumerate(_parts(form, field, active, size)):
            spots.append(Spot(len(rows), at, number))
            rows += part
        rows += _below(form, field, active, size, roomy)
        if active:
            here = (begin, len(rows) - 1)
        if roomy:
            rows.append(BLANK)
    if not form.group.fields:
        rows += [BLANK, ((" Nothing is changed so far.", "muted"),)]
    return Drawn(tuple(rows), tuple(spots), here)


def _parts(form: Form, field: Field, active: bool, size: _Size) -> Iterator[list[Line]]:
    """The rows of a field, each with what stands below it."""
    texts = form.rows_of(field)
    for number, text in enumerate(texts):
        here = active and number == form.row
        label = field.label + ("*" if field.needed else "") if number == 0 else ""
        mark = (sym("marked") if number == 0 and form.changed(field.name) else " ", "accent")
        shown = line(mark, *fit(((label, "strong bold" if active else "muted"),), size.label))
        verdict = _verdict(form, field, active, len(texts)) if number == 0 else ()
        value = _value(form, field, text, here, size.value)
        rows = [line(shown, value, "  ", cut_line(verdict, size.verdict))]
        if here and form.listing is not None:
            rows += _list_rows(form.listing, size)
        problem = _row_problem(form, field, number, texts)
        rows += _said(problem, size, 2) if problem is not None else []
        yield rows


def _row_problem(form: Form, field: Field, number: int, texts: tuple[str, ...]) -> Finding | None:
    """What is wrong with this value of several, where each has its own row."""
    if field.shape is not Shape.LIST or not form.by_rows or not texts[number]:
        return None
    before = sum(1 for text in texts[:number] if text)
    return form.judged.rows.get((field.name, before))


def _value(form: Form, field: Field, text: str, here: bool, cells: int) -> Line:
    fixed = field.name in form.spec.fixed
    tint = "on_fieldf" if here else "on_field"
    bar = (sym("cursor") if here else " ", f"accent {tint}" if not fixed else "accent")
    if fixed:
        return line(bar, *fit(((text, "muted"),), cells))
    if field.shape in (Shape.SWITCH, Shape.CHOICE):
        return line(bar, *_chosen(field, text, here, cells, tint))
    if field.flag is not None and field.flag.secret:
        dots = sym("ok") * _DOTS if text else ""
        return line(bar, *((t, f"{tint}") for t, _ in fit(((dots, ""),), cells)))
    if here:
        return line(bar, *typed(form.edit, cells, f"strong {tint}"))
    if text:
        return line(bar, *((t, f"strong {tint}") for t, _ in fit(((text, ""),), cells)))
    default = field.flag.default if field.flag is not None else ""
    return line(bar, *((t, f"faint {tint}") for t, _ in fit(((default, ""),), cells)))


def _chosen(field: Field, text: str, here: bool, cells: int, tint: str) -> Line:
    default = field.flag.default if field.flag is not None else ""
    if field.shape is Shape.SWITCH:
        shown = {"true": "on", "false": "off"}.get(text) or ("on" if default == "true" else "off")
    else:
        shown = text or default
    style = f"strong {tint}" if text else f"muted {tint}"
    if here:
        style = f"strong bold {tint}" if text else f"bold {tint}"
    return tuple((t, style) for t, _ in fit(((shown, ""),), cells))


def typed(edit: LineEdit, cells: int, style: str) -> Line:
    """A text being typed within exactly ``cells``, the cursor in it."""
    before, at, after = (clean(part) for part in edit.parts)
    room = max(2, cells - 1)
    left = tail(before, room)
    if len(left) < len(before) and room > 2:
        left = "…" + tail(before, room - 1)
    under = at or " "
    right = head(after, max(0, cells - width(left) - width(under)))
    used = width(left) + width(under) + width(right)
    return ((left, style), (under, f"reverse {style}"), (right, style), (" " * max(0, cells - used), style))


def _verdict(form: Form, field: Field, active: bool, rows: int) -> Line:
    own = form.spec.verdicts.get(field.name)
    said = own(form.view) if own is not None else None
    if said is not None:
        return said
    count = len(form.values.get(field.name, ()))
    if field.needed and not count:
        return (("needed", "muted"),)
    if active and field.name not in form.spec.fixed:
        if field.shape is Shape.SWITCH:
            return (("space turns", "muted"),)
        if field.shape is Shape.CHOICE:
            return ((f"← → of {len([c for c in form.choices(field) if c.text])}", "muted"),)
    if field.shape is Shape.LIST and count > 1 and rows == 1:
        return ((f"{count} values", "muted"),)
    if active and field.shape is Shape.TEXT and field.flag is not None and field.flag.type.hint and not count:
        return ((field.flag.type.hint, "faint"),)
    return ()


def _list_rows(listing: Listing, size: _Size) -> list[Line]:
    found, at = listing.found, listing.at
    first = max(0, min(at - MOST + 1, len(found) - MOST)) if at >= MOST else 0
    shown = found[first : first + MOST]
    pad = (" " * (1 + size.label), "")
    room = size.value + 2 + size.verdict
    names = min(max((width(clean(_entry(one))) for one in shown), default=0) + 2, room * 3 // 5)
    rows: list[Line] = []
    for number, one in enumerate(shown, first):
        here = number == at
        base = "on_sel" if here else "on_raised"
        bar = (sym("cursor") if here else " ", f"accent {base}")
        name = fit(((_entry(one), f"{'strong bold' if here else 'text'} {base}"),), names, cut="m")
        detail = fit(((one.detail, f"muted {base}"),), max(0, room - names))
        rows.append(line(pad, bar, *((t, s or base) for t, s in (*name, *detail))))
    more = f"{len(found)} in all   " if len(found) > len(shown) else ""
    takes = "tab goes on" if listing.chosen is None else "tab opens its form" if listing.chosen.makes else "tab takes"
    rows.append(line(pad, (f" {more}↓ ↑ choose   {takes}   esc closes", "faint")))
    return rows


def _entry(one: Candidate) -> str:
    return f"+ create “{one.makes}”" if one.makes else one.text


def _below(form: Form, field: Field, active: bool, size: _Size, roomy: bool) -> list[Line]:
    """What is wrong with a field, what it was, what it is for."""
    by_row = {id(f) for (name, _), f in form.judged.rows.items() if name == field.name}
    shown_by_row = field.shape is Shape.LIST and form.by_rows
    rows: list[Line] = []
    found = [f for f in form.findings if f.flag == field.name and not (shown_by_row and id(f) in by_row)]
    found = [f for f in found if f.severity is not Severity.NOTE or active]
    if active and form.listing is not None and form.listing.chosen is not None:
        found = []  # a name that is half typed is not there yet
    key = form.keys.shown("form.offer")
    for number, finding in enumerate(found[:3]):
        offer = form.offer if active and number == 0 else None
        rows += _said(finding, size, 3 if active else 1, (key, f" takes {offer.words}") if offer is not None else None)
    if active and not found and form.offer is not None:
        rows += _text(size, f"{key} takes {form.offer.words}", "muted", 1)
    # What a person types first for two values; the CLI's values hold commas, so that only a blank behind one parts.
    texts = form.values.get(field.name, ())
    if active and not found and field.shape is Shape.LIST and not form.by_rows and any(_ONE_OF_TWO(t) for t in texts):
        rows += _text(size, "one value; a second one stands behind a comma and a blank", "muted", 2)
    if form.changed(field.name):
        old = form.saved.get(field.name, ())
        was = listed.join(old) if field.shape is Shape.LIST else (old[0] if old else "")
        if field.shape is Shape.SWITCH:
            was = "on" if was == "true" else "off"
        rows += _text(size, f"was {was or 'empty'}", "muted", 2 if active else 1)
    own = form.spec.below.get(field.name) if roomy or active else None
    said = own(form.view) if own is not None else None
    if said is not None and not found:
        rows.append(line((" " * (2 + size.label), ""), cut_line(said, size.value + 2 + size.verdict)))
    if active and form.frozen:
        rows += _text(size, form.frozen, "muted", 2)
    if active and form.about:
        rows += about_rows(form, field, size.cells, indent=2 + size.label)
    return rows


def _said(finding: Finding, size: _Size, most: int, offer: tuple[str, str] | None = None) -> list[Line]:
    symbol, style = _WORDS[finding.severity]
    said: list[Span] = [(f"{sym(symbol)} " if symbol else "", style), (finding.sentence.strip(), style)]
    if finding.instead:
        said.append((f"   {finding.instead}", "muted"))
    if offer is not None:
        said += [("   ", ""), (offer[0], "strong bold"), (offer[1], "muted")]
    room = max(20, size.value + 1 + size.verdict)
    rows = wrap_line(tuple(said), room)
    if len(rows) > most:
        rows = [*rows[: most - 1], cut_line(line(rows[most - 1], " " * room), room)]
    return [line(" " * (2 + size.label), row) for row in rows]


def _text(size: _Size, text: str, style: str, most: int) -> list[Line]:
    room = max(20, size.value + 1 + size.verdict)
    pad = " " * (2 + size.label)
    return [line(pad, (row, style)) for row in wrap(text, room, limit=most)]


def about_rows(form: Form, field: Field, cells: int, indent: int = 0) -> list[Line]:
    """What a field is for: its flag, the CLI's help, what it takes, since when."""
    flag = field.flag
    texts = []
    if flag is not None:
        said = [flag.type.name, "repeatable" if flag.repeatable else ""]
        said += [f"default {flag.default}" if flag.default else "", f"API {flag.since}" if flag.since else ""]
        texts.append((f"{flag.spelled}  {', '.join(filter(None, said))}", "strong"))
        texts.append((f"{flag.help}.", ""))
        if flag.type.hint:
            texts.append((f"Takes {flag.type.hint}.", "muted"))
    elif field.name not in form.spec.about:
        texts.append((f"{field.name} in {form.spec.verb.usage}", "strong"))
    if field.name in form.spec.about:
        texts.append((form.spec.about[field.name], "muted"))
    if field.shape is Shape.LIST and not form.by_rows:
        texts.append(('Parted by a comma and a blank; a value with these in it stands in "quotes".', "muted"))
    elif field.shape is Shape.LIST:
        texts.append(("Each value has its own row; enter makes the next one.", "muted"))
    pad = " " * indent
    return [line(pad, (row, style)) for text, style in texts for row in wrap(text, max(20, cells - indent))]


def needs_line(form: Form) -> Line:
    """The row below the fields."""
    star = "* needed. " if any(field.needed for field in form.group.fields) else ""
    rest = f"Every other flag of docker {sent_as(form.spec)} is in the sections." if form.page == 0 else ""
    return ((f" {star}{rest}", "faint"),)
