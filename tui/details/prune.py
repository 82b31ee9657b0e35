"""What a prune of networks takes and leaves, as rows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backends.change.network_prune import Goes, Pruning, Stays, comes_to
from backends.state.wording import plural
from tui.look.symbols import sym
from tui.text.ago import ago
from tui.text.fit import fit, wrap
from tui.text.span import BLANK, Line, line


def prune_rows(found: Pruning, marked: Collection[str], here: str, now: float, cells: int) -> tuple[list[Line], int]:
    """(the rows, that of the network with the cursor). ``marked`` and ``here`` are IDs of networks."""
    rows: list[Line] = [*_wrapped("Removes the networks that nothing uses, each by its name on its own node.", cells)]
    rows += [BLANK, _rule("Goes", "space keeps one" if found.goes else "", cells)]
    at = len(rows)
    wide = cells >= 90
    sizes = (24, 10, 13, 17, 11) if wide else (max(12, min(22, cells - 48)), 8, 11, 0, 0)
    if found.goes:
        heads = ("NAME", "DRIVER", "NODE", "SUBNET", "MADE")
        shown = [(title, size) for title, size in zip(heads, sizes, strict=True) if size]
        rows.append(line("   ", *((title.ljust(size), "muted") for title, size in shown), ("WHY", "muted")))
    else:
        rows.append((("   Nothing: every network that may go is in use.", "muted"),))
    for goes in found.goes:
        cursor = goes.network.id == here
        if cursor:
            at = len(rows)
        rows += _going(goes, goes.network.id in marked, cursor, sizes, now, cells)
    rows += [BLANK, _rule("Stays", "", cells)]
    for stays in found.stays:
        rows += _staying(stays, sizes, cells)
    return rows, at


def _going(goes: Goes, marked: bool, here: bool, sizes: Sequence[int], now: float, cells: int) -> list[Line]:
    network = goes.network
    texts = (
        network.name,
        network.driver,
        goes.node,
        ", ".join(network.subnets) or "none",
        ago(network.created, now) if network.created is not None else "",
    )
    mark = (f"{sym('marked' if marked else 'unmarked')} ", "accent" if marked else "muted")
    style = "strong" if marked else "muted"
    parts = [
        fit(((text, style if n == 0 else "muted"),), size, cut="m" if n == 0 else "r")
        for n, (text, size) in enumerate(zip(texts, sizes, strict=True))
        if size
    ]
    used = 3 + sum(sizes)
    room = max(10, cells - used)
    why = wrap(goes.why, room, limit=2) or [""]
    bar = (sym("cursor") if here else " ", "accent")
    rows = [line(bar, mark, *parts, (why[0], ""))]
    rows += [line(" " * used, (text, "")) for text in why[1:]]
    return [tuple((t, f"{s} on_sel" if here else s) for t, s in row) for row in rows]


def _staying(stays: Stays, sizes: Sequence[int], cells: int) -> list[Line]:
    texts = (stays.name, stays.driver, stays.node)
    parts = [
        fit(((text, "muted"),), size, cut="m" if n == 0 else "r")
        for n, (text, size) in enumerate(zip(texts, sizes[:3], strict=True))
    ]
    used = 3 + sum(sizes[:3])
    room = max(16, cells - used)
    mark: Line = ((f"{sym('look')} ", "warn"),) if stays.grave else ((), ())[:0]
    why = wrap(stays.why, room - (2 if stays.grave else 0), limit=3) or [""]
    style = "" if stays.grave else "muted"
    rows = [line("   ", *parts, mark, (why[0], style))]
    pad = " " * (used + (2 if stays.grave else 0))
    return rows + [line(pad, (text, style)) for text in why[1:]]


def summary_rows(going: Sequence[Goes], older: float, label: str, cells: int) -> list[Line]:
    """What it comes to: what is free afterwards, how it is taken back, the line that it equals."""
    frees = f"{comes_to(going)}; nothing stops, no container is touched" if going else "nothing"
    rows = _fact("frees", frees, cells)
    rows += _fact("undo", ":journal keeps the line that makes each again", cells)
    if going:
        first = going[0]
        where = "" if first.network.is_swarm else f"   on {first.node}"
        rest = len(going) - 1
        more = f", and {plural(rest, 'more like it', 'more like it')}" if rest else ""
        rows += _fact("equals", f"docker network rm {first.network.name}{where}{more}", cells)
    only = [f"older than {_span(older)}" if older else "", f"with label {label}" if label else ""]
    if any(only):
        rows += _fact("only", " and ".join(filter(None, only)), cells)
    return rows


def _span(seconds: float) -> str:
    for size, word in ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            return plural(round(seconds / size), word)
    return plural(round(seconds), "second")


def _fact(word: str, text: str, cells: int) -> list[Line]:
    rows = wrap(text, max(20, cells - 10), limit=2) or [""]
    return [line((f"{word if n == 0 else '':<10}", "muted"), row) for n, row in enumerate(rows)]


def _rule(title: str, right: str, cells: int) -> Line:
    tail = f" {right} ──" if right else ""
    fill = max(0, cells - len(title) - 4 - len(tail))
    return line(("── ", "line"), (title, "strong bold"), (f" {'─' * fill}", "line"), (tail, "muted"))


def _wrapped(text: str, cells: int) -> list[Line]:
    return [((row, ""),) for row in wrap(text, cells, limit=2)]
