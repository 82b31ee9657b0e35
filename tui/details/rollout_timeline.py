"""What ran in each replica, on one row each: the frame is fixed, time grows to the right. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from backends.rollouts.rollout import Lane, Rollout
from backends.rollouts.timeline import Part, Piece, pieces, span
from tui.details.node import node_name
from tui.details.rollout import versions
from tui.details.sheet import spaced
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import clock
from tui.text.fit import cut_line, fit
from tui.text.span import BLANK, Line, Span, line

#: Cells of a mark on the scale.
MARK = 12
#: Seconds that a mark may stand for.
UNITS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400, 604_800)
#: Room that is kept to the right of the present.
_AHEAD = 6
_TONES = {Part.BEFORE: "muted", Part.STARTING: "chg", Part.NEW: "ok"}


class Scale:
    """Cells for times: ``unit`` seconds a mark, from ``start`` on."""

    def __init__(self, begin: float, end: float, cells: int) -> None:
        self.cells = max(MARK, cells)
        room = max(1, self.cells - MARK - _AHEAD)
        length = max(1.0, end - begin)
        self.unit = next((unit for unit in UNITS if length / unit * MARK <= room), UNITS[-1])
        # A whole mark of what was before stands at the left.
        self.start = (begin // self.unit - (1 if begin % self.unit < self.unit / 2 else 0)) * self.unit

    def cell(self, when: float) -> int:
        """Where a time stands; may lie outside."""
        return int((when - self.start) / self.unit * MARK)

    def head(self, now: float) -> Line:
        """``14:31:20       :30            :40``: a full time at the first mark and at each new minute."""
        out, told = "", ""
        for at in range(0, self.cells - 8, MARK):
            when = self.start + at / MARK * self.unit
            text = clock(when, now)
            short = text[-3:] if told and len(text) == 8 and text[:5] == told[:5] else text
            told = text
            out = out.ljust(at) + ("  " if out[at:] else "") + short
        return ((out[: self.cells], "muted"),)


def said_unit(scale: Scale) -> str:
    """``10 s a mark``."""
    unit = scale.unit
    if unit < 60:
        return f"{unit} s a mark"
    return f"{unit // 60} min a mark" if unit < 3600 else f"{unit // 3600} h a mark"


def timeline(
    run: Rollout, moment: Moment, cells: int, height: int, cursor: tuple[int, str] | None = None
) -> tuple[tuple[Line, ...], str]:
    """Rows of the timeline within ``height``, and what a mark is. ``cursor`` is the slot and node that must be among
    those shown."""
    if not run.lanes or height < 3 or cells < 40:
        return (), ""
    label = 9 if all(lane.slot for lane in run.lanes) else 14
    begin, end = span(run, moment.now)
    scale = Scale(begin, end, cells - label)
    rows: list[Line] = [line(" " * label, scale.head(moment.now))]
    legend = height >= 5
    for lane in _shown(run.lanes, height - 1 - legend, cursor):
        who = f"slot {lane.slot}" if lane.slot else node_name(moment.snapshot, lane.node_id)
        rows.append((*fit(((who, "muted"),), label, cut="m"), *_row(lane, run, scale, moment, end)))
    if legend:
        rows += [BLANK] * (height - 1 - len(rows))
        rows.append(cut_line(line(" " * label, _legend(run)), cells))
    return tuple(rows), said_unit(scale)


def _shown(lanes: Sequence[Lane], most: int, cursor: tuple[int, str] | None) -> Sequence[Lane]:
    if len(lanes) <= most:
        return lanes
    at = next((i for i, lane in enumerate(lanes) if (lane.slot, lane.node_id if not lane.slot else "") == cursor), 0)
    first = max(0, min(at - most // 2, len(lanes) - most))
    return lanes[first : first + most]


def _row(lane: Lane, run: Rollout, scale: Scale, moment: Moment, end: float) -> Line:
    last = max(1, min(scale.cells - 1, scale.cell(end)))
    cells: list[Span] = [(sym("gap"), "faint")] * last
    for piece in pieces(lane, run, moment.now):
        _draw(cells, piece, scale)
    now = moment.now <= end
    mark: Span = ("▏" if now else " ", "accent")
    return (*_joined(cells), mark)


def _draw(cells: list[Span], piece: Piece, scale: Scale) -> None:
    first, last = max(0, scale.cell(piece.start)), min(len(cells), scale.cell(piece.end) + 1)
    if first >= len(cells) or last <= 0:
        return
    for at in range(first, max(last, first + 1)):
        cells[at] = (sym("heavy"), _TONES[piece.part])
    if piece.failed:
        cells[max(last, first + 1) - 1] = (sym("fail"), "err bold")


def _joined(cells: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for text, style in cells:
        if out and out[-1][1] == style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
    return out


def _legend(run: Rollout) -> Line:
    before, after = versions(run)
    bar = sym("heavy")
    return spaced(
        line((bar, "muted"), (f" {before}", "muted")),
        line((bar, "chg"), (" starting", "muted")),
        line((bar, "ok"), (f" {after} runs", "muted")),
        line((sym("fail"), "err"), (" failed", "muted")),
        line((sym("gap"), "faint"), (" nothing runs", "muted")),
    )
