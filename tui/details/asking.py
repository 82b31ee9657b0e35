"""What only a person can answer, in words: passphrases, passwords, codes, host keys that are unknown or changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from backends.errors import HostKeyChanged, HostKeyRefused
from backends.model import Node
from backends.state.wording import listing
from tui.details.reach import address, place_name, question_of
from tui.details.sheet import Sheet
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import duration
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from backends.transport.ssh import Reach

#: Cells from the start of a label to its value in a box.
LABEL = 13
#: Dots that stand for what is typed, however long it is.
DOTS = 12
#: OpenSSH's file of a host's own public key, by the algorithm (sshd_config(5), ``HostKey``).
_FILES = {
    "ssh-ed25519": "ssh_host_ed25519_key.pub",
    "ssh-rsa": "ssh_host_rsa_key.pub",
    "rsa-sha2-256": "ssh_host_rsa_key.pub",
    "rsa-sha2-512": "ssh_host_rsa_key.pub",
}


def short_path(path: str) -> str:
    """A path with ``~`` for the home folder."""
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if home != "/" and path.startswith(f"{home}/") else path


def compare_command(algorithm: str) -> str:
    """What prints the fingerprint of a host's key on its own console."""
    name = _FILES.get(algorithm, "ssh_host_ecdsa_key.pub" if "ecdsa" in algorithm else "ssh_host_*_key.pub")
    return f"ssh-keygen -lf /etc/ssh/{name}"


def waiting_nodes(question: Question, moment: Moment) -> list[Node]:
    """The nodes that wait for an answer, by name."""
    nodes = moment.snapshot.nodes
    found = [nodes[i] for i, reach in moment.reach.items() if i in nodes and question_of(reach, moment) == question]
    return sorted(found, key=lambda node: node.name)


def question_title(question: Question, moment: Moment) -> str:
    """``Passphrase of ~/.ssh/id_deploy``, ``Unknown host key of db-old``."""
    match question.kind:
        case "passphrase":
            return f"Passphrase of {short_path(question.what)}"
        case "password":
            return f"Password of {question.what}"
        case "host key":
            return f"Unknown host key of {place_name(question.what.partition(' ')[0], moment)}"
    return f"{question.wanted_by} asks"


def secret_rows(
    question: Question, moment: Moment, cells: int, edit: LineEdit, *, shown: bool, active: bool
) -> list[Line]:
    """A question with one line to type: who wants it, the line, what becomes of the answer."""
    sheet = Sheet(moment, cells, label=LABEL)
    sheet.gap()
    nodes = waiting_nodes(question, moment)
    sheet.rows.append(BLANK)
    sheet.fact("machine", question.wanted_by, (f" through {question.via}" if question.via else "", "muted"))
    sheet.fact("wanted by", listing([node.name for node in nodes], most=6))
    if question.kind == "passphrase":
        sheet.fact("key file", short_path(question.what))
        sheet.fact("", question.algorithm)
        if question.fingerprint:
            _fingerprint(sheet, "", question.fingerprint, "muted")
    if question.instruction:
        sheet.gap()
        sheet.words(question.instruction, "muted")
    if question.problem:
        sheet.gap()
        sheet.text((f"{sym('fail')} ", "err"), question.problem, hang=2)
    sheet.gap()
    label = {"passphrase": "Passphrase", "password": "Password"}.get(question.kind, "Answer")
    said = question.prompt.strip().rstrip(":") if question.prompt else ""
    sheet.text(
        (label, "strong bold"), (f"   it says: {said}" if said and question.kind != "passphrase" else "", "muted")
    )
    sheet.rows.append(field_row(edit, cells, hidden=not (shown or question.echo), active=active))
    sheet.gap()
    if question.kind == "prompt":
        sheet.text(("Sent once, and forgotten: never written, never logged.", "muted"))
    else:
        what = "key" if question.kind == "passphrase" else "login"
        sheet.text(
            (f"Kept in memory until you quit, for this {what} only: never written, logged or passed on.", "muted")
        )
        sheet.text(("A wrong one is tried once, never again by itself.", "muted"))
    if question.kind == "passphrase":
        sheet.gap()
        sheet.text(("Without asking next time: ", "muted"), f"ssh-add {short_path(question.what)}")
    return list(sheet.lines)


def field_row(edit: LineEdit, cells: int, *, hidden: bool, active: bool) -> Line:
    """A line being typed on its own tint; hidden text is a fixed number of dots."""
    style = "strong on_fieldf" if active else "on_field"
    room = max(4, cells - 2)
    bar = (sym("cursor") if active else " ", f"accent {style.split()[-1]}")
    if hidden:
        text = "•" * DOTS if edit.text else ""
        cursor = (" ", f"reverse {style}") if active else (" ", style)
        return line(bar, (text, style), cursor, (" " * max(0, room - len(text)), style))
    before, at, after = edit.parts
    before = before[-room:]
    after = after[: max(0, room - len(before) - 1)]
    under = (at or " ", f"reverse {style}") if active else (at or " ", style)
    used = len(before) + 1 + len(after)
    return line(bar, (before, style), under, (after, style), (" " * max(0, room + 1 - used), style))


def unknown_key_rows(question: Question, moment: Moment, cells: int) -> list[Line]:
    """A host key that is not known: what it is, how to be sure, what a yes writes and where."""
    sheet = Sheet(moment, cells, label=LABEL)
    nodes = waiting_nodes(question, moment)
    sheet.rows.append(BLANK)
    sheet.text(
        (f"{sym('look')} ", "warn"),
        "This machine has never been seen from here. It was sent nothing but the greeting.",
        hang=2,
    )
    sheet.gap()
    via = f"   through {question.via}" if question.via else ""
    sheet.fact("machine", question.wanted_by, (via, "muted"))
    sheet.fact("node", listing([node.name for node in nodes], most=6))
    sheet.fact("key", question.algorithm)
    _fingerprint(sheet, "fingerprint", question.fingerprint)
    sheet.fact("says it is", (question.server, "muted"))
    sheet.gap()
    sheet.text(
        ("To be sure, run this on its console, or where you are logged in already; it must print the same:", "muted")
    )
    sheet.text(compare_command(question.algorithm), indent=2)
    sheet.gap()
    files = [short_path(path) for path in question.files]
    sheet.fact("looked in", ", ".join(files) + ": no key of it" if files else "no file")
    if question.known_as:
        sheet.fact("same key", (f"{sym('look')} ", "warn"), f"also of {listing(question.known_as, most=3)}")
    else:
        sheet.fact("same key", (f"{sym('check')} ", "ok"), "none of the machines known here has this key")
    if files:
        sheet.gap()
        sheet.text(
            (
                f"If you trust it, one line goes to the end of {files[0]}, where ssh finds it too. Then it connects.",
                "muted",
            )
        )
    return list(sheet.lines)


def _fingerprint(sheet: Sheet, label: str, fingerprint: str, style: str = "strong bold") -> None:
    """Never cut: where it does not fit beside its label it stands below it."""
    if len(fingerprint) <= sheet.cells - sheet.label:
        sheet.fact(label, (fingerprint, style))
        return
    if label:
        sheet.text((label, "muted"))
    for start in range(0, len(fingerprint), sheet.cells):
        sheet.rows.append(((fingerprint[start : start + sheet.cells], style),))


def changed_key_rows(node: Node, reach: Reach, error: HostKeyChanged, moment: Moment, cells: int) -> list[Line]:
    """A host key that is another than the known one: both, what it may be, what helps to tell, the steps by hand."""
    sheet = Sheet(moment, cells, label=LABEL)
    sheet.rows.append(BLANK)
    sheet.text(
        (f"{sym('fail')} ", "err"),
        f"{node.name} shows another key than the one known. It is not connected, and nothing was sent to it.",
        hang=2,
    )
    sheet.gap()
    sheet.fact("known", error.old_algorithm)
    _fingerprint(sheet, "", error.old_fingerprint)
    sheet.fact("", (f"{short_path(error.file)} line {error.line}", "muted"))
    sheet.fact("shown now", error.algorithm)
    _fingerprint(sheet, "", error.fingerprint)
    target = reach.link.target if reach.link is not None else None
    sheet.fact("", (address(target) if target is not None else "", "muted"))
    sheet.head("What it may be")
    sheet.fact("harmless", "the machine was set up anew, or its address was given to another one")
    sheet.fact("hostile", f"somebody sits between here and {node.name} and would read all that you type")
    sheet.text("From here the two look the same, so nothing in this program goes past it.")
    sheet.head("What helps to tell")
    if node.state == "ready":
        known = "" if node.created is None else f" it has had for {duration(int(moment.now - node.created))}"
        sheet.fact("swarm", f"{node.name} is ready under the ID{known}: its disk was hardly set up anew")
    else:
        sheet.fact("swarm", f"{node.name} is {node.state}")
    if target is not None and node.address:
        same = target.host in (node.address, node.hostname)
        sheet.fact(
            "address", f"{node.address} is what the swarm has for it" + ("" if same else f"; {target.host} was asked")
        )
    if error.known_as:
        sheet.fact(
            "same key", (f"{sym('look')} ", "warn"), f"the new key is also that of {listing(error.known_as, most=3)}"
        )
    else:
        sheet.fact("same key", "no other machine known here has the new key")
    sheet.head("What to do, by hand")
    for number, (text, command, after) in enumerate(_steps(error, target.key_name if target else node.name, moment), 1):
        sheet.text((f"{number}  ", "muted"), text, (command, "strong bold"), after, hang=3)
    return list(sheet.lines)


def _steps(error: HostKeyChanged, name: str, moment: Moment) -> list[tuple[str, str, str]]:
    return [
        ("On its console: ", compare_command(error.algorithm), "   must print the key shown now"),
        ("If it does, here: ", forget_command(error, name), "   takes the old key out"),
        (f"Then {moment.hint('t')}: it is asked about like any unknown key", "", ""),
        ("If it does not: leave it alone, and tell whoever looks after the network", "", ""),
    ]


def forget_command(error: HostKeyChanged, name: str) -> str:
    """What takes the old key out, run by hand."""
    quoted = f"'{name}'" if not name.replace(".", "").replace("-", "").isalnum() else name
    return f"ssh-keygen -R {quoted} -f {short_path(error.file)}"


def copied_lines(error: HostKeyChanged, name: str) -> str:
    """What ``Copy the lines`` copies."""
    return f"{compare_command(error.algorithm)}\n{forget_command(error, name)}\n"


def known_key_rows(node: Node, reach: Reach | None, moment: Moment, cells: int) -> list[Line]:
    """The host key of a node that is known, or why it is refused."""
    sheet = Sheet(moment, cells, label=LABEL)
    sheet.rows.append(BLANK)
    report = reach.link if reach is not None else None
    if reach is None or report is None:
        sheet.text(f"{node.name} has not been connected to: its key is not known here.")
        return list(sheet.lines)
    error = reach.problem
    sheet.fact("machine", address(report.target))
    sheet.fact("known as", report.target.key_name)
    if isinstance(error, HostKeyRefused):
        sheet.fact("key", error.algorithm)
        _fingerprint(sheet, "shown now", error.fingerprint)
        sheet.gap()
        for row in wrap(str(error), cells):
            sheet.rows.append(((row, "err"),))
        for row in wrap(error.hint, cells):
            sheet.rows.append(((row, "muted"),))
        sheet.gap()
        sheet.text((f"{moment.hint('t')} asks about it anew.", "muted"))
    else:
        shown = next((step.text for step in report.steps if step.name == "host key" and step.ok), "")
        sheet.fact("key", shown.partition(" ")[0])
        _fingerprint(sheet, "fingerprint", report.fingerprint or shown.partition(" ")[2] or "not shown yet")
        if report.fingerprint:
            sheet.fact("", (f"{sym('check')} ", "ok"), "known, and the same as before")
    files = (*report.target.known_hosts, *report.target.system_known_hosts)
    sheet.fact("looked in", (", ".join(map(short_path, files)), "muted"))
    sheet.fact("says it is", (report.server, "muted"))
    if isinstance(error, HostKeyRefused) or report.fingerprint:
        sheet.gap()
        algorithm = error.algorithm if isinstance(error, HostKeyRefused) else "ssh-ed25519"
        sheet.text(("To compare, on its console: ", "muted"), compare_command(algorithm))
    return list(sheet.lines)
