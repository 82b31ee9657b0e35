"""How one join goes: its steps, what came of it, and the ways on where nothing has come of it yet."""

from __future__ import annotations

from types import MappingProxyType

from backends.joining.board import Row
from backends.joining.join import STEPS, Phase
from tui.frame import titles
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import duration
from tui.text.fit import cut_line, fit, line_width, wrap, wrap_line
from tui.text.span import BLANK, Line, Span, line

_STEP_WORDS = MappingProxyType(
    {
        "connect": "connect",
        "token": "token read",
        "join": "join sent",
        "certificate": "certificate",
        "ready": "ready",
        "networks": "networks",
    }
)


def rule(title: str, note: str, cells: int) -> Line:
    """A thin rule with a title, and a note at its right end."""
    tail = f" {note} ──" if note else ""
    head = f"── {title} "
    tail = "" if line_width(((head + tail, ""),)) > cells else tail
    room = cells - line_width(((head + tail, ""),))
    return cut_line(((head, "muted"), ("─" * max(0, room), "line"), (tail, "muted")), cells)


def joining_rows(row: Row, moment: Moment, cells: int) -> list[Line]:
    """How a join stands: its steps, what came of it, the ways on."""
    progress = row.progress
    assert progress is not None
    out = [rule("Joining", row.name, cells), BLANK, *_steps(row, cells), BLANK]
    room = max(20, cells - 4)
    tone = {Phase.PENDING: "warn", Phase.REFUSED: "err", Phase.JOINED: "strong"}.get(progress.phase, "")
    out += [((f"  {text}", tone),) for text in wrap(progress.sentence, room)] if progress.sentence else []
    if progress.phase is Phase.PENDING:
        out += pending_rows(row, moment, cells)
    elif progress.hint:
        out += [((f"  {text}", "muted"),) for text in wrap(progress.hint, room)]
    if progress.said and progress.said not in progress.sentence:
        out += [BLANK, *(((f"  {text}", "muted"),) for text in wrap(f"It says: {progress.said}", room))]
    if progress.phase is Phase.JOINED:
        out += [BLANK, line("  ", titles.keys(("esc", "back to Nodes"), ("a", "another machine")))]
    return [*out, BLANK, *command_rows(row, cells)]


def pending_rows(row: Row, moment: Moment, cells: int) -> list[Line]:
    """What is known of a join without a result, and the ways on."""
    progress = row.progress
    if progress is None:
        return []
    since = duration(max(0, int(moment.now - progress.began)))
    there = progress.there or "no answer yet"
    ways = (
        ("1", f"ends the attempt: docker swarm leave --force on {row.name}; it is a plain engine again"),
        ("2", f"rotates the {progress.role} token: the attempt can then never succeed, wherever {row.name} is"),
        ("", "or open 2377/tcp of this manager for it: it then joins by itself within seconds"),
    )
    out: list[Line] = [BLANK]
    for key, text in ways:
        for index, part in enumerate(wrap(text, max(20, cells - 6))):
            out.append(line((f"  {key if index == 0 else '':<3}", "strong bold"), part))
    asked = f"   asked {duration(max(0, int(moment.now - progress.asked)))} ago, every 5 s" if progress.asked else ""
    return [
        *out,
        BLANK,
        line(("  there     ", "muted"), (f"{sym('look')} ", "warn"), f"{there}, for {since}", (asked, "muted")),
        line(("  here      ", "muted"), f"no node {row.name} in the list"),
    ]


def _steps(row: Row, cells: int) -> list[Line]:
    progress = row.progress
    assert progress is not None
    spans: list[Line] = []
    for name in STEPS:
        if name in progress.done:
            mark: Span = (f"{sym('check')} ", "ok")
        elif name == progress.step and progress.phase in (Phase.RUNNING, Phase.PENDING):
            pending = progress.phase is Phase.PENDING
            mark = (f"{sym('look')} ", "warn") if pending else (f"{sym('changing')} ", "chg")
        elif name == progress.step and progress.phase is Phase.REFUSED:
            mark = (f"{sym('fail')} ", "err")
        else:
            mark = (f"{sym('ended')} ", "faint")
        spans.append((mark, (_STEP_WORDS[name], "" if name in progress.done else "muted")))
    needed = [line_width(one) for one in spans]
    gap = min(6, (cells - 2 - sum(needed)) // len(STEPS))
    if gap < 1:
        return [line("  ", *one) for one in spans]
    bars: list[Span] = [("  ", "")]
    words: list[Span] = [("  ", "")]
    for name, one, size in zip(STEPS, spans, needed, strict=True):
        bars += [(sym("heavy") * (size + max(0, gap - 2)), "ok" if name in progress.done else "line")]
        bars.append((" " * min(gap, 2), ""))
        words += fit(one, size + gap)
    return [tuple(bars), tuple(words)]


def command_rows(row: Row, cells: int) -> list[Line]:
    """The docker line that the join equals; nothing before it is joined."""
    if row.progress is None or not row.progress.command:
        return []
    told = "A token joins any machine that has it; it never stands in a log, a journal or a process list."
    out = [rule("Equal command", "", cells)]
    out += wrap_line(((f"  {row.progress.command}", ""),), cells, indent=4)
    return [*out, BLANK, *(((f"  {text}", "faint"),) for text in wrap(told, max(20, cells - 4)))]
