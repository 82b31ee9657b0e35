"""A rollout in words: what changes, how far it is, what failed and what may, its policy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backends.rollouts.rollout import Lane, Phase, Rollout, Step
from backends.state.wording import listing, short_image
from tui.details.node import node_name
from tui.details.sheet import spaced
from tui.look.symbols import gauge, sym
from tui.tables.spec import Moment
from tui.text.ago import ago, clock, duration, plural
from tui.text.fit import cut_line, fit, fit_image, image_line, line_width
from tui.text.span import BLANK, Line, Span, line

#: (symbol, tone) of a phase.
PHASES: Mapping[Phase, tuple[str, str]] = MappingProxyType(
    {
        Phase.UPDATING: ("changing", "chg"),
        Phase.ROLLING_BACK: ("changing", "warn"),
        Phase.STARTING: ("changing", "chg"),
        Phase.PAUSED: ("paused", "err"),
        Phase.ROLLBACK_PAUSED: ("paused", "err"),
        Phase.ROLLED_BACK: ("look", "warn"),
        Phase.FAILED: ("fail", "err"),
        Phase.DONE: ("ok", "ok"),
    }
)
#: (symbol, tone, word below the gauge) of a step.
STEPS: Mapping[Step, tuple[str, str, str]] = MappingProxyType(
    {
        Step.DONE: ("check", "ok", "new"),
        Step.WATCHED: ("changing", "chg", "new"),
        Step.STARTING: ("changing", "chg", "starts"),
        Step.AGAIN: ("changing", "chg", "again"),
        Step.PENDING: ("look", "warn", "pending"),
        Step.FAILED: ("fail", "err", "failed"),
        Step.STOPPING: ("changing", "chg", "stops"),
        Step.NEXT: ("ended", "off", "next"),
        Step.WAITS: ("ended", "off", "old"),
        Step.KEPT: ("ended", "off", "old"),
        Step.GOES_BACK: ("ended", "warn", "tried"),
    }
)
#: Cells of one replica in the gauge, with the blank behind it.
SEGMENT = 11
_LABEL = 12
#: A service that was written down last within so many seconds of its birth was not changed since.
_BORN = 5.0
#: Cells kept for the counts beside the gauge.
_COUNTS = 44


def phase_line(run: Rollout) -> Line:
    """``◐ updating``; a good end is quiet."""
    name, tone = PHASES[run.phase]
    return ((sym(name), tone), (f" {run.phase}", "" if tone == "ok" else f"{tone} bold"))


def step_line(step: Step) -> Line:
    """``✓ done``."""
    name, tone, _ = STEPS[step]
    return ((sym(name), tone), (f" {step}", tone if tone in ("err", "warn", "chg") else ""))


def tag(image: str) -> str:
    """What tells two versions of one image apart: its tag; the head of its digest where it has none."""
    name, _, digest = image.partition("@")
    head, colon, found = name.rpartition(":")
    if colon and "/" not in found:
        return found
    return digest.removeprefix("sha256:")[:12] if digest else name or head


def versions(run: Rollout) -> tuple[str, str]:
    """What is called before and after in legends: the tags, or plain words where only settings differ."""
    parts = run.sides
    if not parts.images_differ:
        return ("before", "tried") if parts.back else ("before", "new")
    before, after = (parts.image, parts.other) if parts.back else (parts.other, parts.image)
    same = short_image(before).rpartition(":")[0] == short_image(after).rpartition(":")[0]
    return (tag(before), tag(after)) if same else (fit_image(before, 24), fit_image(after, 24))


def change_line(run: Rollout, cells: int = 0, what: Sequence[str] = ()) -> Line:
    """``shop/api:2.8.0 → shop/api:2.8.1``; where no image differs what is known of the change. Within ``cells`` the
    second image loses what it shares with the first. ``what`` names the settings that differ, where they were read."""
    parts = run.sides
    if not parts.images_differ:
        image = image_line(short_image(parts.image))
        if run.service.update is None:
            made, told = run.service.created, run.service.updated
            # The Swarm writes a service down again once it has its addresses.
            born = made is not None and told is not None and told - made < _BORN
            return spaced(image, ("new service" if born else "nothing to replace", "muted"))
        return spaced(image, (listing(what, most=3) or "other settings, or a restart", "muted"))
    old, new = parts.other, parts.image
    to: Span = (f" {sym('to')} ", "muted")
    back: Span = ("back to " if parts.back else "", "muted")
    also: Span = (f" and {listing(what, most=2)}" if what else "", "muted")
    whole = line(_bold(old), to, back, _bold(new), also)
    if not cells or line_width(whole) <= cells:
        return whole
    first = short_image(old)
    same = first.rpartition(":")[0] == short_image(new).rpartition(":")[0]
    return line(_bold(old), to, back, ((tag(new), "bold"),) if same else _bold(new), also)


def _bold(image: str) -> Line:
    *head, (name, _) = image_line(short_image(image))
    base, colon, found = name.rpartition(":")
    return (*head, (base + colon, ""), (found, "bold"))


def time_line(run: Rollout, moment: Moment, *, short: bool = False) -> Line:
    """``since 14:31:24, 43 s        about 40 s left``; of one that ended when that was. ``short`` has no clock."""
    if run.started is None:
        return ()
    if run.ended is not None:
        took = duration(max(1.0, run.ended - run.started))
        return line(("ended ", "muted"), ago(run.ended, moment.now), (", after ", "muted"), took)
    if run.phase is Phase.DONE:
        return line(("changed ", "muted"), ago(run.started, moment.now))
    spent = duration(moment.now - run.started)
    since = line(spent) if short else line(("since ", "muted"), clock(run.started, moment.now), ", ", spent)
    eta = run.eta(moment.now)
    left = line(("about ", "muted"), duration(eta), (" left", "muted")) if eta is not None else ()
    return spaced(since, left, gap=2 if short else 6)


def counts_line(run: Rollout, *, short: bool = False) -> Line:
    """``3 of 8 on the new image``; ``short`` is ``3 of 8 new``."""
    if not run.known:
        return (("its tasks are not read yet", "muted"),)
    if run.phase.back:
        what = (
            "back" if short else f"back on {fit_image(run.sides.image, 24)}" if run.sides.images_differ else "as before"
        )
    elif run.service.update is None:
        what = "runs" if run.wanted == 1 else "run"
    else:
        what = "new" if short else "on the new image" if run.sides.images_differ else "replaced"
    return line((f"{run.done} of {run.wanted}", "strong bold"), f" {what}")


_ENDS = MappingProxyType({"pause": ("pause", "pauses it"), "rollback": ("rollback", "rolls it back")})


def failures_line(run: Rollout) -> Line:
    """``1 failure of 2 allowed before rollback``: how near it is to what its policy does then."""
    count = plural(run.failures, "failure")
    tone = "err bold" if run.failures else "muted"
    if run.service.update is None:
        return ((count, tone),) if run.failures else ()
    if run.allowed is None:
        said = "it goes on whatever fails"
        return line((count, tone), (f"; {said}", "muted")) if run.failures else ((said, "muted"),)
    noun, verb = _ENDS.get(run.action, (run.action, f"ends in {run.action}"))
    if run.phase in (Phase.PAUSED, Phase.ROLLBACK_PAUSED) or (run.phase.back and run.failures):
        return line((count, tone), (f", {run.allowed or 'none'} allowed", "muted"))
    if run.phase in (Phase.ROLLED_BACK, Phase.DONE):
        return ((count, "muted"),) if run.failures else ()
    if run.failures or run.allowed:
        return line(
            (count if run.failures else "no failure", tone), (f" of {run.allowed} allowed before {noun}", "muted")
        )
    return ((f"the first failure {verb}", "muted"),)


def cause(run: Rollout) -> str:
    """Why it stopped or what it waits for, as the judge says it, in whole; empty while all goes well."""
    if run.phase in (Phase.UPDATING, Phase.STARTING, Phase.ROLLING_BACK):
        return run.standing.failures[0] if run.standing.failures else ""
    return "" if run.phase is Phase.DONE else run.standing.sentence


def head_lines(run: Rollout, moment: Moment, cells: int, what: Sequence[str] = ()) -> tuple[Line, ...]:
    """Six rows at the top of the page: always as many, so that nothing below them moves."""
    first = spaced(phase_line(run), change_line(run, cells - 50, what), time_line(run, moment), gap=6)
    said = cause(run)
    tone = PHASES[run.phase][1] if not run.phase.moves else "err"
    below: Line = line(" " * _LABEL, (said, tone)) if said else BLANK
    bars, words = _gauge(run, moment, cells)
    counts, failed = counts_line(run), failures_line(run)
    return (
        BLANK,
        cut_line(first, cells),
        cut_line(below, cells),
        cut_line(spaced(bars, counts), cells),
        cut_line(spaced(words, failed), cells),
        BLANK,
    )


def _gauge(run: Rollout, moment: Moment, cells: int) -> tuple[Line, Line]:
    label = line(("replicas".ljust(_LABEL), "muted"))
    pad: Line = ((" " * _LABEL, ""),)
    room = cells - _LABEL - _COUNTS
    if run.lanes and len(run.lanes) * SEGMENT <= room:
        bars: list[Span] = []
        words: list[Span] = []
        for lane in run.lanes:
            _, tone, _ = STEPS[lane.step]
            bars += [(sym("heavy") * (SEGMENT - 1), "line" if tone == "off" else tone), (" ", "")]
            words += fit(lane_word(lane, run, moment), SEGMENT)
        return (*label, *bars), (*pad, *words)
    wide = max(10, min(60, room))
    bar = gauge(run.done, max(1, run.wanted), wide, "ok" if run.done else "")
    return (*label, *bar), fit((*pad, *step_counts(run)), _LABEL + wide)


def lane_word(lane: Lane, run: Rollout, moment: Moment, short: bool = False) -> Line:
    """``4 ◐ again``: a replica below its part of the gauge."""
    name, tone, word = STEPS[lane.step]
    if lane.step is Step.DONE:
        kept = lane.current is not None and not run.sides.fresh(lane.current)
        word = "back" if run.phase.back else "runs" if kept or run.service.update is None else "new"
    who = str(lane.slot) if lane.slot else fit(node_name(moment.snapshot, lane.node_id), 7, cut="m").rstrip()
    bold = f"{tone} bold" if tone in ("err", "warn") else tone if tone == "chg" else ""
    said = "" if short or (not lane.slot and len(who) > 3) else f" {word}"
    return line((f"{who} ", ""), (sym(name), tone), (said, bold))


def step_counts(run: Rollout) -> Line:
    """``3 done   1 again   4 waits``: where the replicas have no room each."""
    if not run.known:
        return ()
    found: dict[Step, int] = {}
    for lane in run.lanes:
        found[lane.step] = found.get(lane.step, 0) + 1
    return spaced(*(line(f"{count} ", step_line(step)) for step, count in sorted(found.items(), key=_order)), gap=2)


def _order(item: tuple[Step, int]) -> int:
    return list(Step).index(item[0])


def compact_lines(run: Rollout, moment: Moment, cells: int, what: Sequence[str] = ()) -> tuple[Line, ...]:
    """Three rows for 80x24."""
    said = cause(run)
    when = time_line(run, moment, short=True)
    first = spaced(phase_line(run), change_line(run, cells - 34, what), gap=2)
    if what and run.sides.images_differ and line_width(first) + 3 + line_width(when) > cells:
        # How long it takes tells more than what else is in it.
        first = spaced(phase_line(run), change_line(run, cells - line_width(when) - 18), gap=2)
    if line_width(first) + 3 + line_width(when) <= cells:
        first = (*fit(first, cells - line_width(when)), *when)
    bar = gauge(run.done, max(1, run.wanted), 12, "ok" if run.done else "")
    second = spaced(line(bar, " ", counts_line(run, short=True)), failures_line(run))
    # While it goes on the errors stand with their replicas, below.
    third: Line = ((said, PHASES[run.phase][1]),) if said and not run.phase.moves else ()
    if not third:
        words = spaced(*(lane_word(lane, run, moment) for lane in run.lanes), gap=2)
        third = words if line_width(words) <= cells else step_counts(run)
    return cut_line(first, cells), cut_line(second, cells), cut_line(third, cells)
