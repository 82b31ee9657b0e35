"""Row 0: whose Swarm this is, how it stands with its managers, what is wrong, how fresh that is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backends.model import Kind, Link, LinkState
from backends.state.health import quorum
from tui.details.reach import logins_waiting
from tui.frame import states
from tui.frame.session import Session
from tui.frame.states import State, state_of
from tui.frame.tally import Counts, by_class
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import duration, plural
from tui.text.span import Line, Span, line

#: From here on row 0 has words; below, it has signs and figures.
ROOMY = 140
_SIGNS = {"err": "fail", "warn": "look", "chg": "changing", "ok": "ok", "off": "ended"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a one-row bar: what it says, the act a click means, and when it is dropped for lack of room."""

    row: Line
    act: str = ""
    drop: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """Row 0 as it is to be shown."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    base: str
    """Style below it: ``on_prodbar`` in a context marked production."""


def header(moment: Moment, session: Session, counts: Counts, width: int, *, events: str = "") -> Header:
    """Row 0 at a width in cells. ``events`` is what the folded events strip would say, or empty."""
    roomy = width >= ROOMY
    gap = "   " if roomy else "  "
    left = [Piece(line(" ", ("dnet", "accent bold"), " "))]
    left += [Piece(chip) for chip in chips(session, short=not roomy)]
    if roomy or not session.demo:
        left.append(Piece(line(" " if len(left) == 1 else "", (session.context, "strong bold"), gap[1:])))
    state = state_of(moment.snapshot)
    if state is State.LIVE:
        left += _about(moment, session, counts, roomy)
        left += _unanswered(moment, gap)
        if events:
            left.append(Piece(line(("events ", "muted"), events, gap), "events", 2))
    else:
        left.append(Piece(_trouble(moment, session, state)))
    base = "on_prodbar" if session.mark == "production" else "on_surf"
    right = [*_logins(moment, roomy), Piece(line(" ", standing(moment, session, state), " "))]
    return Header(tuple(left), tuple(right), base)


def _logins(moment: Moment, roomy: bool) -> list[Piece]:
    """``▲ 3 logins wait  A opens`` and ``ssh 5 of 7``."""
    out: list[Piece] = []
    if moment.joining:
        what = f"join of {moment.joining[0]} pending" if roomy and len(moment.joining) == 1 else "join pending"
        out.append(Piece(line((f" {sym('look')} {what}", "warn bold"), ("  :join", "strong bold"), "  ")))
    count = logins_waiting(moment)
    key = moment.hint("A")
    if count:
        words = f"{plural(count, 'login')} wait{'s' if count == 1 else ''}" if roomy else plural(count, "login")
        opens: Line = ((f"  {key}", "strong bold"), (" opens" if roomy else "", "muted"))
        out.append(Piece(line((f" {sym('look')} {words}", "warn bold"), opens, "  "), f"key:{key}"))
    links = moment.snapshot.links
    if links and moment.reaching:
        live = sum(1 for link in links.values() if link.state is LinkState.LIVE)
        figures = f"{live} of {len(links)}" if roomy else f"{live}/{len(links)}"
        tone = "" if live == len(links) else "warn"
        out.append(Piece(line((" ssh ", "muted"), (figures, tone), " "), "nodes", drop=1))
    return out


def chips(session: Session, *, short: bool) -> list[Line]:
    """DEMO, PRODUCTION or STAGING, and READ-ONLY, as far as they hold; each with a space behind it."""
    out: list[Line] = []
    if session.demo:
        out.append(line((" DEMO ", "onaccent on_accent bold"), " "))
    if session.mark == "production":
        out.append(line((" PROD " if short else " PRODUCTION ", "strong on_prodbg bold"), " "))
    elif session.mark == "staging":
        out.append(line((" STAGE " if short else " STAGING ", "strong on_stagebg bold"), " "))
    if session.readonly:
        out.append(line((" R/O " if short else " READ-ONLY ", "text bold reverse"), " "))
    return out


def standing(moment: Moment, session: Session, state: State) -> Line:
    """The right end: live, stale since when, connecting for how long."""
    link = moment.snapshot.link
    match state:
        case State.LIVE if link.problem:
            return line((f"{sym('look')} live in part", "warn bold"))
        case State.LIVE if session.demo:
            return line((sym("ok"), "accent"), " simulated")
        case State.LIVE:
            return line((sym("ok"), "ok"), " live")
        case State.STALE:
            return line((f"{sym('look')} stale {_since(moment, link)}", "warn bold"))
        case State.CONNECTING:
            return line((f"{sym('changing')} connecting", "chg"), f" {_since(moment, link)}" if link.since else "")
        case _:
            return line(("? not connected", "muted"))


def _since(moment: Moment, link: Link) -> str:
    return duration(int(max(0.0, moment.now - link.since)))


def _trouble(moment: Moment, session: Session, state: State) -> Line:
    link = moment.snapshot.link
    where = link.endpoint or session.endpoint
    fail = sym("fail")
    match state:
        case State.CONNECTING:
            return line((" asking ", "muted"), where)
        case State.DENIED:
            return line((f" {fail} ", "err"), ("permission denied", "err bold"))
        case State.UNREACHABLE:
            return line((f" {fail} ", "err"), ("no engine", "err bold"), (f" at {where}", "muted"))
        case _:
            pass
    words = f" for {_since(moment, link)}; {states.part_of_sentence(link.problem) or where}"
    if link.next_try is not None:
        left = link.next_try - moment.now
        words += f"; next try in {duration(int(left))}" if left >= 1 else "; trying now"
        if link.attempt > 1:
            words += f", the {_ordinal(link.attempt)}"
    return line((f" {fail} ", "err"), ("engine gone", "err bold"), (words, "muted"))


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}" + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _about(moment: Moment, session: Session, counts: Counts, roomy: bool) -> list[Piece]:
    snapshot = moment.snapshot
    gap = "   " if roomy else "  "
    out = [Piece(row, drop=4) for row in [_here(moment, roomy)] if row]
    if session.demo:
        words = "a made-up swarm; nothing here is real" if roomy else "a made-up swarm"
        out.append(Piece(line((words, "muted"), gap), drop=1))
    if snapshot.engine is not None and not snapshot.in_swarm:
        out.append(Piece(line((f"{sym('look')} no swarm", "warn"), gap)))
        if snapshot.containers:
            running = sum(1 for one in snapshot.containers.values() if one.state == "running")
            text = f"{running} of {len(snapshot.containers)} run" if roomy else f"{running}/{len(snapshot.containers)}"
            out.append(Piece(line(("containers " if roomy else "ctr ", "muted"), text, gap), "containers", 3))
        return out
    if snapshot.in_swarm and not snapshot.is_manager:
        state = snapshot.engine.swarm.state if snapshot.engine is not None else ""
        word = {"locked": "locked", "pending": "joining"}.get(state, "not a manager")
        out.append(Piece(line((f"{sym('look')} {word}", "warn bold"), gap)))
        return out
    row = _quorum(moment, roomy)
    if row:
        out.append(Piece(line(row, gap), "overview"))
    # A count with something wrong in it outlasts the name of this node, one without goes before.
    if snapshot.nodes:
        drop = 5 if counts.nodes else 2
        out.append(Piece(line(_count("nodes", len(snapshot.nodes), counts.nodes, roomy), gap), "nodes", drop))
    if snapshot.services or Kind.SERVICE in snapshot.listed:
        noun, drop = "services" if roomy else "svc", 6 if counts.services else 3
        out.append(Piece(line(_count(noun, len(snapshot.services), counts.services, roomy), gap), "services", drop))
    return out


def _unanswered(moment: Moment, gap: str) -> list[Piece]:
    """What the engine does not answer although it is there: what depends on that is as it was answered last."""
    problem = states.part_of_sentence(moment.snapshot.link.problem)
    return [Piece(line((f"{sym('look')} ", "warn"), (problem, "warn"), gap))] if problem else []


def _here(moment: Moment, roomy: bool) -> Line:
    engine = moment.snapshot.engine
    if engine is None:
        return ()
    node = moment.snapshot.nodes.get(moment.snapshot.node_id)
    name = node.hostname if node and node.hostname else engine.name
    if not name:
        return ()
    star: list[Span] = [(f" {sym('leader')}", "accent")] if node and node.is_leader else []
    if roomy:
        return (("on ", "muted"), (name, ""), *star, ("   ", ""))
    return ((name, "muted"), *star, ("  ", ""))


def _quorum(moment: Moment, roomy: bool) -> Line:
    held = quorum(moment.snapshot)
    problem = moment.snapshot.manager_problem
    if not held.managers and not problem:
        return ()
    if not held.held or problem:
        locked = moment.snapshot.engine is not None and moment.snapshot.engine.swarm.state == "locked"
        words = "locked" if locked else "no quorum"
        told = roomy and words == "no quorum" and held.managers
        up = f" {held.reachable} of {held.managers} managers up" if told else ""
        return line((f"{sym('fail')} {words}", "err bold"), (up, "muted"))
    whole = held.reachable == held.managers
    sign: Span = (sym("ok" if whole else "look") + " ", "ok" if whole else "warn")
    figures = f"{held.reachable} of {held.managers}" if roomy else f"{held.reachable}/{held.managers}"
    text: Span = (figures, "" if whole else "warn bold")
    return line(("quorum ", "muted"), sign, text) if roomy else (sign, text)


def _count(noun: str, total: int, wrong: tuple[tuple[str, str, int], ...], roomy: bool) -> Line:
    parts: list[Span] = [(f"{noun} ", "muted"), (f"{total:,}", "")]
    if roomy:
        parts += [(f" {sym(_SIGNS[tone])} {count:,} {word}", tone) for word, tone, count in wrong]
    else:
        parts += [(f" {sym(_SIGNS[tone])}{count:,}", tone) for tone, count in by_class(wrong).items()]
    return tuple(parts)


def folded_events(new: int) -> str:
    """What row 0 says for the strip that has no room: how many events came since it was looked at."""
    return plural(new, "new", "new") if new else ""
