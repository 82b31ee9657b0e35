"""Machines that are to join the Swarm: the table of what was asked of them, what is to be mended, how joins go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from backends.joining.board import Row
from backends.joining.checks import Check, Mark
from backends.joining.ports import Arrives, Probe
from tui.details.join_progress import command_rows, joining_rows, rule
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import duration, plural
from tui.text.fit import cut_line, fit, wrap, wrap_line
from tui.text.span import BLANK, Line, Span, line

#: From this width on a cell says more than a mark.
WIDE = 130

_MARKS: Mapping[Mark, tuple[str, str]] = MappingProxyType(
    {
        Mark.OK: ("check", "ok"),
        Mark.WARN: ("look", "warn"),
        Mark.FAIL: ("fail", "err"),
        Mark.STOP: ("fail", "err"),
        Mark.UNKNOWN: ("unknown", "muted"),
        Mark.WAIT: ("changing", "chg"),
    }
)
#: (id of the check, heading where there is room, where there is none, cells of each).
_COLUMNS: tuple[tuple[str, str, str, int, int], ...] = (
    ("ssh", "SSH", "SSH", 9, 4),
    ("engine", "ENGINE", "ENG", 12, 4),
    ("swarm", "SWARM", "SWM", 9, 4),
    ("name", "NAME", "NAM", 8, 4),
    ("clock", "CLOCK", "CLK", 10, 4),
    ("2377/tcp", "2377", "2377", 8, 5),
    ("7946/tcp", "7946 TCP", "TCP", 10, 4),
    ("7946/udp", "7946 UDP", "UDP", 10, 4),
    ("data", "UDP", "4789", 10, 5),
    ("modules", "MODULES", "MOD", 9, 4),
)


@dataclass(frozen=True, slots=True)
class Form:
    """All that the page shows."""

    rows: Sequence[Row]
    at: int = 0
    """Number of the row with the cursor."""
    edit: LineEdit | None = None
    """The machine being typed; ``None`` while the list has the keys."""
    problem: str = ""
    """Why what was typed is no machine."""
    offers: Sequence[str] = ()
    """Hosts of ssh_config that fit what is typed."""
    hidden: bool = False
    """Whether the cursor is not shown: another page has the keys."""


def standing(row: Row, short: bool = False) -> Line:
    """``● ready to join`` and its like; ``short`` is one word."""
    stops = sum(check.mark in (Mark.STOP, Mark.FAIL) for check in row.checks)
    words = {
        "ready": ("ok", "ok", "ready to join"),
        "mend": ("fail", "err", f"{plural(stops, 'thing')} to mend"),
        "refused": ("fail", "err", "cannot join"),
        "asking": ("changing", "chg", "asking"),
        "joining": ("changing", "chg", "joining"),
        "joined": ("ok", "ok", "joined"),
        "pending": ("look", "warn", "no result yet"),
        "failed": ("fail", "err", "not joined"),
        "ended": ("ended", "muted", "attempt ended"),
    }
    symbol, tone, word = words[row.standing]
    if row.armed:
        word = "joins when ready"
    if short:
        word = {"refused": "no", "pending": "pending", "failed": "failed"}.get(row.standing, word.split()[0])
        word = f"{stops} wrong" if row.standing == "mend" else "ended" if row.standing == "ended" else word
    loud = tone if tone in ("err", "warn") else ""
    return ((f"{sym(symbol)} ", tone), (word, loud))


def join_rows(form: Form, moment: Moment, cells: int) -> tuple[list[Line], int]:
    """(rows of the page at a width, number of the row with the cursor)."""
    out: list[Line] = [BLANK]
    if form.edit is not None:
        out += _typing(form, cells)
    if not form.rows:
        return [*out, *_nothing(moment, cells)], 1
    wide = cells >= WIDE
    out.append(cut_line(_heads(form.rows, wide), cells))
    cursor = len(out)
    for number, row in enumerate(form.rows):
        here = number == form.at
        if here:
            cursor = len(out)
        out.append(_row(row, here and form.edit is None, moment, wide, cells))
    out.append(BLANK)
    row = form.rows[min(form.at, len(form.rows) - 1)]
    out += _about(row, moment, cells)
    return out, cursor


def _typing(form: Form, cells: int) -> list[Line]:
    edit = form.edit or LineEdit()
    before, at, after = edit.parts
    room = max(20, min(50, cells - 14))
    shown = line((before, "strong on_fieldf"), (at or " ", "strong reverse"), (after, "strong on_fieldf"))
    field = line((" ", "on_fieldf"), *((t, s or "on_fieldf") for t, s in fit(shown, room - 1)))
    out = [line(("  Machine   ", "strong bold"), field)]
    if form.problem:
        said = wrap(f"{sym('fail')} {form.problem}", max(20, cells - 12))
        return [*out, *(line(" " * 12, (text, "err")) for text in said), BLANK]
    told = "user@host, or a Host of ~/.ssh/config"
    if form.offers:
        told = "tab takes " + "  ".join(form.offers[:6])
    return [*out, cut_line(line(" " * 12, (told, "muted")), cells), BLANK]


def _nothing(moment: Moment, cells: int) -> list[Line]:
    told = (
        "The machine is asked over SSH: its engine, its clock, its name, and whether the ports of a swarm are open "
        "both ways. Nothing is changed on it until you join it. Its token never stands in a command line or a file."
    )
    return [((f"  {text}", "muted"),) for text in wrap(told, max(20, min(96, cells - 4)))]


def _heads(rows: Sequence[Row], wide: bool) -> Line:
    first, role = (24, 10) if wide else (17, 8)
    out: list[Span] = [("  " + "MACHINE".ljust(first) + "ROLE".ljust(role), "muted")]
    data = _data_id(rows[0])
    for id, long, short, many, few in _COLUMNS:
        text = (f"{data.partition('/')[0]} {long}" if wide else data.partition("/")[0]) if id == "data" else ""
        out.append(((text or (long if wide else short)).ljust(many if wide else few), "muted"))
    return tuple(out)


def _data_id(row: Row) -> str:
    """The port of overlay traffic: the last that is tried."""
    ports = [check.id for check in row.checks if check.id.endswith("/udp")]
    return ports[-1] if ports else "4789/udp"


def _row(row: Row, here: bool, moment: Moment, wide: bool, cells: int) -> Line:
    first, role = (24, 10) if wide else (17, 8)
    found = {check.id: check for check in row.checks}
    name_style = "strong bold" if here else ""
    out: list[Span] = [(f"{sym('cursor')} " if here else "  ", "accent")]
    out += fit(((row.text, name_style),), first - 1, cut="m")
    out += [(" ", ""), (row.role.ljust(role), "" if row.role == "worker" else "strong")]
    for id, _, _, many, few in _COLUMNS:
        check = found.get(_data_id(row) if id == "data" else id)
        size = many if wide else few
        out += fit(_cell(check, wide, row, moment), size - 1)
        out.append((" ", ""))
    out += standing(row, short=not wide)
    return cut_line(tuple(out), cells)


def _cell(check: Check | None, wide: bool, row: Row, moment: Moment) -> Line:
    if check is None or check.mark is Mark.NONE:
        return (("·", "faint"),)
    symbol, tone = _MARKS[check.mark]
    if check.mark is Mark.WAIT:
        shown = f" {duration(max(0, int(moment.now - row.since)))}" if check.id == "ssh" and wide else ""
        return ((sym(symbol), tone), (shown, "muted")) if check.id == "ssh" else (("·", "faint"),)
    short = check.short if wide or check.short in ("→", "←", "⇄") else ""
    loud = tone if tone in ("err", "warn") else "muted"
    return ((sym(symbol), tone), (f" {short}" if short else "", loud))


def _about(row: Row, moment: Moment, cells: int) -> list[Line]:
    """What is known of the machine under the cursor, the worst first."""
    if row.progress is not None:
        found = _findings(row, cells)
        return [*joining_rows(row, moment, cells), *([BLANK, *found] if found else [])]
    name = row.name if row.name == row.text else f"{row.name}, {row.looked.login or row.text}"
    go = moment.keys.get("join.go", "^s")
    told = {"mend": "what to mend, in this order", "refused": "why it cannot join", "ready": f"{go} joins it"}
    out = [rule(name, told.get(row.standing, ""), cells), BLANK]
    found = _findings(row, cells)
    if found:
        out += found
    elif row.standing == "ready":
        out.append(cut_line((("  Nothing speaks against it.", ""),), cells))
    else:
        out.append(cut_line((("  It is being asked; this takes some seconds.", "muted"),), cells))
    return [*out, *_matrix(row, cells), *command_rows(row, cells)]


def _matrix(row: Row, cells: int) -> list[Line]:
    """What of each port came through between the machine and each node, there and back."""
    tried = row.looked.tried
    if tried is None or not tried.probes:
        return []
    ports = list(dict.fromkeys((p.port, p.protocol) for p in sorted(tried.probes, key=_by_port)))
    heads = [f"{port} {protocol.upper()}" if port != 2377 else "2377" for port, protocol in ports]
    out = [BLANK, rule("From each node", "there, back", cells), BLANK]
    out.append(cut_line((("  " + "NODE".ljust(16) + "".join(head.ljust(11) for head in heads), "muted"),), cells))
    for node in dict.fromkeys(p.node for p in tried.probes):
        own = {(p.port, p.protocol, p.inward): p for p in tried.probes if p.node == node}
        spans: list[Span] = [("  ", ""), *fit(((node, ""),), 15, cut="m"), (" ", "")]
        for port, protocol in ports:
            for inward in (True, False):
                spans += _arrival(own.get((port, protocol, inward)))
            spans.append(("       ", ""))
        notes = list(dict.fromkeys(p.note for p in own.values() if p.arrives is not Arrives.YES and p.note))
        reason = notes[0] if len(notes) == 1 and all(p.arrives is Arrives.UNKNOWN for p in own.values()) else ""
        out.append(cut_line(line(*spans, (reason, "muted")), cells))
    return out


def _by_port(probe: Probe) -> tuple[bool, int, str]:
    return probe.port != 2377, -probe.port, probe.protocol


def _arrival(probe: Probe | None) -> list[Span]:
    if probe is None:
        return [("· ", "faint")]
    symbol, tone = {
        Arrives.YES: ("check", "ok"), Arrives.NO: ("fail", "err"), Arrives.UNKNOWN: ("unknown", "muted")
    }[probe.arrives]  # fmt: skip
    return [(f"{sym(symbol)} ", tone)]


_ORDER = {Mark.STOP: 0, Mark.FAIL: 1, Mark.WARN: 2, Mark.UNKNOWN: 3, Mark.OK: 4}


def _findings(row: Row, cells: int) -> list[Line]:
    out: list[Line] = []
    number = 0
    said = [check for check in row.checks if check.sentence]
    told: set[str] = set()
    for check in sorted(said, key=lambda one: _ORDER.get(one.mark, 5)):
        symbol, tone = _MARKS[check.mark] if check.mark is not Mark.OK else _MARKS[Mark.UNKNOWN]
        if check.sentence in told and not check.mend:
            continue  # the same of another port
        told.add(check.sentence)
        word = "ports" if check.mark in (Mark.OK, Mark.UNKNOWN) and "/" in check.id else check.id
        head = line((f"  {sym(symbol)} ", tone), (word.ljust(10), tone if tone in ("err", "warn") else "muted"))
        for index, text in enumerate(wrap(check.sentence, max(20, cells - 15))):
            out.append(line(head if index == 0 else " " * 14, text))
        if check.mend:
            number += 1
            shown = line(" " * 14, (f"{number} ", "strong bold"), ("copies  ", "muted"), (check.mend, "accent"))
            out += wrap_line(shown, cells, indent=24)
    return out


def mends(row: Row) -> tuple[str, ...]:
    """The lines that mend something, by the number that stands before them."""
    said = [check for check in row.checks if check.sentence and check.mend]
    return tuple(check.mend for check in sorted(said, key=lambda one: _ORDER.get(one.mark, 5)))
