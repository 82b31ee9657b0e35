"""Who holds a network, as rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backends.change.network_users import Holder, Holds
from backends.state.wording import listing
from tui.look.symbols import sym
from tui.text.fit import cut_line, fit, wrap
from tui.text.span import BLANK, Line, line

#: Holders shown at once; tasks of a service give way first.
MOST = 14
_KINDS = {Holds.STOPPED: "stopped", Holds.STALE: "stale"}


def held_rows(
    held: Sequence[Holder],
    numbers: Mapping[int, int],
    here: Holder | None,
    cells: int,
    *,
    sentence: str,
    missing: Sequence[tuple[str, str]],
    lost: Sequence[str],
    tried: str,
    said: str,
    tasks: bool = True,
) -> list[Line]:
    """Sentence, holders, who was not asked, what would be lost, the engine's words. ``numbers`` are those of the keys,
    by ``id`` of the holder. ``tasks`` shows those of each service too."""
    held = [h for h in held if tasks or h.how is not Holds.TASK]
    rows: list[Line] = [BLANK, *_wrapped(f"{sym('fail')} {sentence}", cells, "err"), BLANK]
    wide = cells >= 90
    sizes = _sizes(held, cells, wide)
    head = [("HELD BY", sizes[0]), ("KIND", sizes[1])]
    head += [("NODE", sizes[2]), ("ADDRESS", sizes[3])] if wide else []
    rows.append(line(" ", *((title.ljust(size), "muted") for title, size in head), ("TO LET GO", "muted")))
    for holder in _shown(held):
        rows.append(_row(holder, numbers.get(id(holder), 0), holder is here, sizes, wide, cells))
    hidden = len(held) - len(_shown(held))
    if hidden:
        rows.append(((f" and {hidden} tasks more", "muted"),))
    if missing:
        rows += [
            BLANK,
            *_wrapped(f"not asked  {missing_words(missing)}: a container there may hold it too", cells, "muted"),
        ]
    if lost:
        rows += [BLANK, (("What would be lost", "strong bold"),)]
        for text in lost[:3]:
            rows += _wrapped(text, cells)
        rows += _wrapped(
            "A network cannot be swapped under what runs: make the new one first (n), then move them.", cells
        )
    rows += [BLANK, line((f"{'tried' if said else 'equals':<10}", "muted"), tried)]
    if said:
        for number, text in enumerate(wrap(said, cells - 10, limit=3)):
            rows.append(line((f"{'it says' if number == 0 else '':<10}", "muted"), (text, "faint")))
    return rows


def missing_words(missing: Sequence[tuple[str, str]]) -> str:
    """``worker-4 (host key changed), worker-5 and worker-6 (down)``: by reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in missing:
        reasons.setdefault(why, []).append(name)
    return ", ".join(f"{listing(names, 3)} ({why})" for why, names in list(reasons.items())[:4])


def _sizes(held: Sequence[Holder], cells: int, wide: bool) -> tuple[int, int, int, int]:
    names = max((len(h.name) + (2 if h.how is Holds.TASK else 0) for h in held), default=8)
    room = 26 if wide else max(12, cells - 44)
    return min(max(names + 2, 14), room), 11, 13, 18


def _shown(held: Sequence[Holder]) -> list[Holder]:
    if len(held) <= MOST:
        return list(held)
    return [h for h in held if h.how is not Holds.TASK][:MOST]


def _row(holder: Holder, number: int, here: bool, sizes: Sequence[int], wide: bool, cells: int) -> Line:
    task = holder.how is Holds.TASK
    name = f"  {holder.name}" if task else holder.name
    style = "muted" if task or holder.how is Holds.BALANCER else "strong"
    parts: list[Line] = [fit(((name, style),), sizes[0] - 1, cut="m"), ((" ", ""),)]
    parts.append(fit(((_KINDS.get(holder.how, holder.how.value), "muted"),), sizes[1]))
    if wide:
        parts.append(fit(((holder.node, ""),), sizes[2]))
        parts.append(fit(((holder.address, "muted"),), sizes[3]))
    key: Line = ((f"{number} ", "strong bold"), (_way(holder, wide), "")) if number else ()
    if holder.how is Holds.BALANCER:
        key = (("goes by itself", "muted"),)
    cost: Line = (("   ", ""), (holder.cost, "muted")) if holder.cost else ()
    bar = (sym("cursor") if here else " ", "accent")
    return cut_line(line(bar, *parts, key, cost if number else (cost[1:] if cost else ())), cells)


def _way(holder: Holder, wide: bool) -> str:
    if holder.how is not Holds.SERVICE:
        return "detach it"
    return "take it out of the service" if wide else "take it out"


def _wrapped(text: str, cells: int, style: str = "") -> list[Line]:
    return [((row, style),) for row in wrap(text, cells, limit=3)]
