"""The page on which a node's mapping is edited, in words: the form, and how the node came to be reached as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.model import Node
from tui.details.asking import field_row, short_path
from tui.details.reach import address, facts_grid, reached_line, step_rows
from tui.details.sheet import Sheet
from tui.frame.line_edit import LineEdit
from tui.frame.mapping import FIELDS, SUDO, Draft, entry_lines, problem, ssh_line
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.fit import cut_line, fit, wrap, wrap_line
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from backends.ssh.target import Target
    from backends.transport.ssh import Reach

#: Cells of the labels of the form.
_LABEL = 9
#: Cells of who said so, and the width from which there is room for it.
_SOURCE, _ROOMY = 20, 48
_LABELS = {"host": "Host", "port": "Port", "user": "User", "key": "Key", "jump": "Jump", "socket": "Socket"}
_LABELS |= {"sudo": "Sudo", "name": "For"}
_USUAL = {"jump": "directly", "socket": "/var/run/docker.sock", "key": "the agent's, then ~/.ssh/id_*"}


@dataclass(frozen=True, slots=True)
class Form:
    """All that the form shows."""

    draft: Draft
    saved: Draft
    at: int
    """Number of the field with the cursor; one past the last is the button."""
    edit: LineEdit
    names: Sequence[str]
    """Names that the entry may have."""
    path: str
    active: bool = True
    target: Target | None = None
    """What is used now: what it says stands behind empty fields."""
    hostname: str = ""
    save_key: str = "^s"


def form_rows(form: Form, cells: int) -> tuple[list[Line], list[int]]:
    """(rows, the first row of each field and of the button) of the form at a width."""
    facts = {fact.field: fact for fact in form.target.facts} if form.target is not None else {}
    defaults = {field: fact.value for field, fact in facts.items()}
    rows: list[Line] = [BLANK]
    begins: list[int] = []
    for number, field in enumerate(FIELDS):
        begins.append(len(rows))
        rows += _field(form, field, form.active and number == form.at, defaults, facts, cells)
    rows.append(BLANK)
    button = form.active and form.at == len(FIELDS)
    begins.append(len(rows))
    changed = form.draft != form.saved
    save = ("  Save  ", "onaccent on_accent bold" if button else "strong on_field")
    rows.append(
        line(
            " " * _LABEL,
            save,
            (f"   {form.save_key}", "strong bold"),
            ("" if changed else "   nothing is changed", "muted"),
        )
    )
    rows.append(BLANK)
    same = form.draft == form.saved
    rows += _wrapped(f"Goes into {short_path(form.path)}", cells, "strong bold")
    for text in entry_lines(form.draft, same=same):
        rows += _wrapped(text, cells, "muted")
    rows += [*_wrapped("No password or passphrase is ever written.", cells, "faint"), BLANK]
    by_hand = ssh_line(form.draft, form.target, form.hostname)
    return [*rows, (("The same by hand", "strong bold"),), *_wrapped(by_hand, cells)], begins


def _wrapped(text: str, cells: int, style: str = "") -> list[Line]:
    return list(wrap_line(((text, style),), cells, indent=2))


def _field(
    form: Form, field: str, here: bool, defaults: Mapping[str, str], facts: Mapping[str, object], cells: int
) -> list[Line]:
    value = form.draft.value(field)
    changed = value != form.saved.value(field)
    mark = (sym("marked") if changed else " ", "accent")
    head = line(mark, " ", *fit(((_LABELS[field], "strong bold" if here else "muted"),), _LABEL - 2))
    source = _source(field, value, facts)
    room = max(12, cells - _LABEL - (_SOURCE + 2 if cells >= _ROOMY else 0))
    if field in ("sudo", "name"):
        body = _choice(form, field, value, here, room)
    elif here:
        body = field_row(form.edit, room, hidden=False, active=True)
    elif value:
        body = line((" ", "on_field"), *((t, "strong on_field") for t, _ in fit(((value, ""),), room - 1)))
    else:
        shown = short_path(defaults.get(field, "")) if field != "jump" else defaults.get(field, "")
        shown = "" if shown == "none" else shown
        body = line(
            (" ", "on_field"),
            *((t, "muted on_field") for t, _ in fit(((shown or _USUAL.get(field, ""), ""),), room - 1)),
        )
    tail = line("  ", *fit(((source, "muted"),), _SOURCE)) if cells >= _ROOMY else ()
    return [(*head, *body, *tail), *_below(form, field, here, changed, cells)]


def _below(form: Form, field: str, here: bool, changed: bool, cells: int) -> list[Line]:
    """What is wrong with a field, or what it was, or what it is for; at least one row, so that nothing jumps."""
    wrong = problem(form.draft, field)
    if wrong:
        rows = wrap(f"{sym('fail')} {wrong}", max(10, cells - _LABEL))
        return [line(" " * _LABEL, (row, "err")) for row in rows]
    was = f"was {form.saved.value(field) or 'empty'}" if changed else _about(field) if here else ""
    return [cut_line(line(" " * _LABEL, (was, "faint")), cells)]


def _choice(form: Form, field: str, value: str, here: bool, room: int) -> Line:
    words = {"": "as the general setting", "yes": "yes", "no": "no"}
    options = [(one, words[one]) for one in SUDO] if field == "sudo" else [(name, name) for name in form.names]
    style = "strong on_fieldf" if here else "on_field"
    shown = next((word for one, word in options if one == value), value)
    arrows = ("← → ", f"muted {style.split()[-1]}") if here and len(options) > 1 else (" ", style)
    return line(arrows, *((t, style) for t, _ in fit(((shown, ""),), max(4, room - len(arrows[0])))))


def _source(field: str, value: str, facts: Mapping[str, object]) -> str:
    if field == "name":
        return "which nodes"
    if value:
        return "set here"
    return str(getattr(facts.get(field), "source", ""))


def _about(field: str) -> str:
    return {
        "host": "name or address; empty takes the node's own",
        "port": "1 to 65535; empty is what ssh says",
        "user": "login name; empty is what ssh says",
        "key": "path of a private key; no other is tried then",
        "jump": "[user@]host[:port], several with commas; none is directly",
        "socket": "path of the engine's socket there",
        "sudo": "runs sudo -n docker system dial-stdio there",
        "name": "this node, or all like it",
    }[field]


def story_rows(
    node: Node, reach: Reach | None, tested: Reach | None, trying: str, moment: Moment, cells: int
) -> list[Line]:
    """How a node came to be reached as it is; above it what a test of the draft showed."""
    sheet = Sheet(moment, cells, label=11)
    if trying:
        sheet.text((f"{sym('changing')} ", "chg"), trying)
        sheet.gap()
    elif tested is not None:
        _tested(sheet, tested)
    sheet.fact("now", reached_line(node, moment))
    used = reach.link.target if reach is not None and reach.link is not None else None
    if reach is None or (used is None and not reach.targets):
        sheet.text(
            ("Nobody needed this node yet; ", "muted"), (moment.hint("t"), "strong bold"), (" connects.", "muted")
        )
        return list(sheet.lines)
    target = used or reach.targets[0]
    sheet.fact("login", address(target), (f"  {reach.link.login}" if reach.link is not None else "", "muted"))
    others = [address(one) for one in reach.targets if one is not target]
    sheet.fact("else tried", (", ".join(others), "muted"))
    if reach.problem is not None:
        sheet.fact("why", (str(reach.problem), "err"))
        sheet.fact("helps", reach.problem.hint)
    for sentence in reach.passed_over:
        sheet.fact("passed over", (sentence, "muted"))
    sheet.head("How it came to this", "first that says so wins")
    sheet.rows += facts_grid(target, cells)[1:]
    if reach.steps:
        sheet.head("What was tried")
        for row in step_rows(reach):
            sheet.text(row, hang=9)
    if reach.note:
        sheet.text((reach.note, "muted"))
    sheet.gap()
    sheet.text(("A refused login is never tried again by itself: servers ban for it.", "muted"))
    return list(sheet.lines)


def _tested(sheet: Sheet, tested: Reach) -> None:
    sheet.head("Test of this draft")
    if tested.problem is None:
        sheet.text((f"{sym('ok')} ", "ok"), f"The engine answers: {tested.how}.")
    else:
        sheet.text((f"{sym('fail')} ", "err"), str(tested.problem), hang=2)
        sheet.text((tested.problem.hint, "muted"), indent=2)
    for row in step_rows(tested):
        sheet.text(row, hang=9)
    sheet.gap()
