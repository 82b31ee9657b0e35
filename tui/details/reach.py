"""How each node is reached over SSH, or why not: a word for a list, a sentence for a pinned row, all for a detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backends.errors import (
    AuthRefused,
    HostKeyChanged,
    HostKeyRefused,
    HostKeyRevoked,
    HostKeyUnknown,
    PermissionRefused,
    TimedOut,
)
from backends.model import Link, LinkState, Node
from tui.details.sheet import Sheet, grid
from tui.look.symbols import state, sym
from tui.tables.spec import Moment
from tui.text.ago import age, clock, duration
from tui.text.span import Line, Span, line, plain

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from backends.ssh.target import Target
    from backends.transport.ssh import Reach

#: What a node waits for a person to give, by the kind of the question.
_WANTED = {
    "passphrase": "a passphrase",
    "password": "a password",
    "prompt": "an answer",
    "host key": "its host key",
}
#: Ways to the engine once the login stands, for people.
_WAYS = {
    "ssh": "its socket, forwarded",
    "ssh, dial-stdio": "docker system dial-stdio",
    "ssh, with sudo": "sudo -n docker system dial-stdio",
}


def reached_line(node: Node, moment: Moment) -> Line:
    """``● this engine``, ``● ssh deploy``, ``● ssh via manager-1``, ``✗ host key changed``, ``? no answer, 6m``,
    ``◐ connecting``, ``▲ waits for a passphrase``."""
    if node.id == moment.snapshot.node_id:
        return state("ready", "this engine")
    link, reach = moment.snapshot.links.get(node.id), moment.reach.get(node.id)
    if link is None:
        return (("through the managers", "muted"),)
    if _phase(reach) == "asking":
        return ((f"{sym('look')} waits for {wanted(reach, moment)}", "warn"),)
    if link.state is LinkState.LIVE:
        return state("ready", _way(link, reach, moment))
    if link.state is LinkState.CONNECTING or (link.state is LinkState.DENIED and _phase(reach) == "opening"):
        return state("connecting")
    return trouble_line(link, reach, moment)


def reached_words(node: Node, moment: Moment) -> str:
    """The same as a text without a symbol, with what a detail says beside it: the login, who said so and the way to
    the engine, or what is wrong."""
    word = plain(reached_line(node, moment))
    link, reach = moment.snapshot.links.get(node.id), moment.reach.get(node.id)
    if link is None:
        return word.partition(" ")[2] if node.id == moment.snapshot.node_id else word
    word = word.partition(" ")[2]
    if link.state is not LinkState.LIVE:
        problem = str((reach.problem if reach is not None else None) or link.problem)
        return word if not problem or problem == word else f"{word}: {problem}"
    if reach is None or reach.link is None:
        return word
    target = reach.link.target
    via = f" through {', '.join(place_name(hop.host, moment) for hop in target.jump)}" if target.jump else ""
    told = (f"{address(target)}{via}", f"from {_origin(target)}", _WAYS.get(reach.how, reach.how))
    return f"{word}: {'; '.join(part for part in told if part and part != 'from ')}"


def trouble_line(link: Link, reach: Reach | None, moment: Moment) -> Line:
    """Why a node is not reached, in as few words as a column has."""
    problem = reach.problem if reach is not None else None
    match problem:
        case HostKeyChanged():
            return state("refused", "host key changed")
        case HostKeyRevoked():
            return state("refused", "host key revoked")
        case HostKeyUnknown():
            return state("refused", "host key unknown")
        case HostKeyRefused():
            return state("refused", "host key refused")
        case AuthRefused():
            return state("refused", "login refused")
        case PermissionRefused():
            return state("refused", "engine forbidden")
    if link.state is LinkState.DENIED:
        return state("refused", link.problem or "refused")
    since = age(link.fresh or link.since, moment.now)
    if link.state is LinkState.STALE or isinstance(problem, TimedOut):
        return state("unknown", f"no answer, {since}" if since else "no answer")
    return state("unreachable", "not reached" if problem is not None else link.problem or "not reached")


def wanted(reach: Reach | None, moment: Moment) -> str:
    """What a node waits for: ``a passphrase``, ``an answer``."""
    question = question_of(reach, moment)
    return _WANTED.get(question.kind, "an answer") if question is not None else "an answer"


def question_of(reach: Reach | None, moment: Moment) -> Question | None:
    """The question that a node waits for, among those that are open."""
    if reach is None or reach.link is None or _phase(reach) != "asking":
        return None
    hops = (*reach.link.target.jump, reach.link.target)
    for question, _ in moment.waiting:
        if any(_is_about(question, target) for target in hops):
            return question
    return None


def _is_about(question: Question, target: Target) -> bool:
    match question.kind:
        case "passphrase":
            return question.what in target.keys
        case "host key":
            return question.what.startswith(f"{target.key_name} ")
    return question.what == str(target) or question.what.startswith(f"{target} ")


def logins_waiting(moment: Moment) -> int:
    """How many logins wait for a person: of each question as many as nodes want its answer."""
    nodes = [question_of(reach, moment) for reach in moment.reach.values()] if moment.waiting else []
    return sum(max(1, count, nodes.count(question)) for question, count in moment.waiting)


def is_silent(node_id: str, moment: Moment) -> bool:
    """Whether what is known of a node is old: its engine answered before and does not now, or is refused."""
    link = moment.snapshot.links.get(node_id)
    return link is not None and link.state not in (LinkState.LIVE, LinkState.CONNECTING)


def _phase(reach: Reach | None) -> str:
    return str(reach.link.phase) if reach is not None and reach.link is not None else ""


def _way(link: Link, reach: Reach | None, moment: Moment) -> str:
    if reach is None or reach.link is None:
        return link.endpoint
    target = reach.link.target
    if "sudo" in reach.how:
        return "ssh, with sudo"
    if target.jump:
        return f"ssh via {place_name(target.jump[-1].host, moment)}"
    if target.proxy_command:
        return "ssh via ProxyCommand"
    return f"ssh {target.user}"


def place_name(host: str, moment: Moment) -> str:
    """A host as the Swarm calls it, where it is one of its nodes."""
    return next((n.name for n in moment.snapshot.nodes.values() if host in (n.address, n.hostname)), host)


# -- a row below a list ---------------------------------------------------------------------------------


def missing_line(node: Node, moment: Moment, held: str) -> tuple[int, Line, Line]:
    """(its place, first 0: what only a person can answer, then what is wrong, then what is old; why a node could not
    be asked; the key that helps). ``held`` is what is known of it from before (``5 containers``), or empty."""
    link, reach = moment.snapshot.links.get(node.id), moment.reach.get(node.id)
    if link is None:
        return 4, _row("unknown", "muted", node.name, "not asked yet"), ()
    if _phase(reach) == "asking":
        return (
            0,
            _row("look", "warn", node.name, f"waits for {wanted(reach, moment)}"),
            _keys(moment, ("A", "opens it")),
        )
    if link.state is LinkState.CONNECTING:
        return 3, _row("changing", "chg", node.name, "connecting"), ()
    problem = reach.problem if reach is not None else None
    if isinstance(problem, HostKeyChanged):
        why = "not asked: its host key has changed. What runs there is not known."
        return 1, _row("fail", "err", node.name, why), _keys(moment, ("K", "shows the keys"))
    if isinstance(problem, HostKeyUnknown):
        return (
            1,
            _row("fail", "err", node.name, "not asked: its host key is not known here."),
            _keys(moment, ("t", "asks")),
        )
    if link.state is LinkState.STALE:
        when = link.fresh or link.since
        verb = "is" if held.startswith("1 ") else "are"
        old = f" Its {held}, as of {clock(when, moment.now)}, {verb} dimmed." if held else ""
        since = duration(int(max(0.0, moment.now - when)))
        return 2, _row("unknown", "muted", node.name, f"no answer for {since}.{old}"), _keys(moment, ("t", "tries now"))
    why = _part(str(problem or link.problem) or "it does not answer")
    return 1, _row("fail", "err", node.name, f"not asked: {why}"), _keys(moment, ("t", "tries again"))


def _part(text: str) -> str:
    """A sentence as part of one; a name at its start keeps its case."""
    first = text.partition(" ")[0]
    said = text[:1].lower() + text[1:] if first in ("The", "It", "No", "There", "This") else text
    return said.removesuffix(".")


def _row(symbol: str, tone: str, name: str, why: str) -> Line:
    return line((f"{sym(symbol)} ", tone), (f"{name}  ", tone if tone == "err" else ""), (why, ""))


# -- the block of a detail ------------------------------------------------------------------------------


def reach_block(sheet: Sheet, node: Node) -> None:
    """How a node is reached: the login, who said so, its key, the way to the engine; what was tried where that
    failed."""
    moment = sheet.moment
    link, reach = moment.snapshot.links.get(node.id), moment.reach.get(node.id)
    here = node.id == moment.snapshot.node_id
    keys = () if here or not moment.reaching else _keys(moment, ("s", "shell on it"), ("M", "mapping"))
    sheet.head("Reached by", keys)
    if here or link is None or reach is None:
        sheet.fact("engine", reached_line(node, moment))
        if link is not None:
            sheet.fact("why", link.problem)
            sheet.fact("helps", link.hint)
        elif not here:
            sheet.text(("Its tasks are known from the managers, its own containers are not.", "muted"))
        return
    _login(sheet, node, link, reach)
    if link.state is not LinkState.LIVE or sheet.full:
        _tried(sheet, reach)


def _keys(moment: Moment, *pairs: tuple[str, str]) -> Line:
    out: list[Span] = []
    for key, word in pairs:
        out += [*([("  ", "")] if out else []), (moment.hint(key), "strong bold"), (f" {word}", "muted")]
    return tuple(out)


def _login(sheet: Sheet, node: Node, link: Link, reach: Reach) -> None:
    moment = sheet.moment
    report = reach.link
    live = link.state is LinkState.LIVE
    target = report.target if report is not None else reach.targets[0] if reach.targets else None
    word = reached_line(node, moment)
    if target is not None:
        via = f" through {', '.join(place_name(hop.host, moment) for hop in target.jump)}" if target.jump else ""
        said = (word[0], (" ", ""), (address(target), ""), (via, "muted")) if live else word
        sheet.fact("ssh", said)
        if not live:
            sheet.fact("to", address(target), (via, "muted"))
        sheet.fact("from", _origin(target))
    else:
        sheet.fact("ssh", word)
    if not live:
        sheet.fact("why", str(reach.problem or link.problem))
        sheet.fact("helps", reach.problem.hint if reach.problem is not None else link.hint)
        if link.next_try is not None and link.state is not LinkState.DENIED:
            left = max(0.0, link.next_try - moment.now)
            sheet.fact("next try", f"in {duration(left)}" if left >= 1 else "now")
    if report is not None:
        sheet.fact("login", report.login)
        sheet.fact("key", (f"{report.fingerprint}, known" if report.fingerprint else ""))
    if live:
        sheet.fact("engine", _WAYS.get(reach.how, reach.how))
        sheet.fact("", (reach.note, "muted"))
    for sentence in reach.passed_over:
        sheet.fact("passed over", (sentence, "muted"))
    if sheet.full and target is not None:
        sheet.rows += facts_grid(target, sheet.cells)


def address(target: Target) -> str:
    """``deploy@10.20.1.21:22``: with the port always, since that is what one looks for here."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{target.user}@{host}:{target.port}"


def _origin(target: Target) -> str:
    sources = dict.fromkeys(fact.source for fact in target.facts if fact.source and fact.field == "host")
    return ", ".join(dict.fromkeys((target.origin, *sources))) if target.origin else ", ".join(sources)


def facts_grid(target: Target, cells: int) -> list[Line]:
    """Each part of a login, who said so, and what was asked too."""
    rows: list[list[Line | str]] = [
        [((fact.field, "muted"),), fact.value or "none", ((fact.source, "muted"),), ((fact.also, "muted"),)]
        for fact in target.facts
    ]
    return [(), *grid(("", "taken", "from", "also asked"), rows, cells, cuts="lmrr")] if rows else []


def _tried(sheet: Sheet, reach: Reach) -> None:
    if reach.steps:
        sheet.head("What was tried")
        for row in step_rows(reach):
            sheet.text(row, hang=8)


def step_rows(reach: Reach) -> list[Line]:
    """``0.1 s  ✓ login  key ~/.ssh/id``: what was tried, in order."""
    return [
        line(
            (f"{step.seconds:4.1f} s  ", "muted"),
            (sym("check") if step.ok else sym("fail"), "ok" if step.ok else "err"),
            (f" {step.name}  ", "muted"),
            step.text,
        )
        for step in reach.steps
    ]
