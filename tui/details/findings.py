"""What needs attention, as a list: worst first, each with its whole error and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.model import Changes, Key, Kind, Service, Snapshot, Value
from backends.state.findings import Finding, findings
from backends.state.severity import SEVERITIES
from tui.details.container import container_detail
from tui.details.network import network_detail
from tui.details.node import node_detail
from tui.details.service import service_detail
from tui.look.symbols import state
from tui.places import Place
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.ago import clock
from tui.text.clean import clean
from tui.text.fit import width, words_within, wrap, wrap_line
from tui.text.span import Line, Span

#: Cells that a pane has beside the lines below a row, and beside those below the open row of a narrow pane.
_MARGINS, _MARGINS_OPENED = 10, 6
#: Cells that WHAT has at least in a narrow pane, where it outranks SINCE and KIND.
_WHAT = 45

_KINDS = {
    Kind.NODE: "node",
    Kind.SERVICE: "service",
    Kind.NETWORK: "network",
    Kind.CONTAINER: "container",
    Kind.SWARM: "swarm",
}


class FindingRow(Value, frozen=True, kw_only=True):
    """One finding."""

    key: Key
    """Its object's, unless another finding has that already."""
    place: int
    finding: Finding


def _rows(snapshot: Snapshot, place: Place) -> Iterable[FindingRow]:
    rows: dict[Key, FindingRow] = {}
    for index, finding in enumerate(findings(snapshot, snapshot.taken)):
        key = finding.key
        if key in rows:
            key = Key(Kind.ENGINE, f"finding/{finding.key.kind}/{finding.key.id}/{finding.word}/{index}")
        rows[key] = FindingRow(key=key, place=index, finding=finding)
    return rows.values()


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> Iterable[Key] | None:
    # When a kind was read says which of two answers is the newer one, and so how a service is.
    return None if changes.keys or changes.links or changes.kinds else ()


def _what(row: FindingRow, moment: Moment) -> Line:
    return ((row.finding.sentence, ""),)


def _since(row: FindingRow, moment: Moment) -> Line:
    when = clock(row.finding.since, moment.now)
    if len(when) == 8 and when[2] == ":":
        when = when[:5]
    return ((f"since {when}" if when else "", "muted"),)


def _under(row: FindingRow, moment: Moment, cells: int) -> Sequence[Line]:
    """The rest of a sentence that did not fit, the whole error, and the ways to go on."""
    f = row.finding
    # What the other columns leave for WHAT.
    rest = _rest(f.sentence, cells + _MARGINS - 4 - (10 + 8 + 17 + 11 + 4 * 2))
    rows = _labelled("", ((rest, ""),), cells) if rest else []
    if f.error:
        style = "err" if f.severity == "err" else "warn"
        for index, part in enumerate(wrap(f.error, max(cells - 9, 20))):
            rows.append((("error    " if index == 0 else " " * 9, style), (part, "")))
    if f.severity == "err" and f.suggestions != ("open",):
        rows += _labelled("try", tries(f, moment), cells)
    return rows


def _opened(row: FindingRow, moment: Moment, cells: int) -> Sequence[Line]:
    """In a narrow pane: the rest of the sentence and the error. More findings in sight tell more than keys, which
    the footer has too."""
    f = row.finding
    room = cells + _MARGINS_OPENED - 4
    with_since = room - (10 + 17 + 11 + 3 * 2)
    rest = _rest(f.sentence, max(8, with_since if with_since >= _WHAT else room - (10 + 17 + 2 * 2)))
    return [((part, ""),) for text in (rest, f.error) for part in wrap(text, max(cells, 20))]


def _rest(sentence: str, beside: int) -> str:
    """What follows the words that the column shows; empty where it shows all."""
    text = clean(sentence)
    return "" if width(text) <= beside else text[len(words_within(text, beside - 1)) :].lstrip()


def _labelled(label: str, row: Line, cells: int) -> list[Line]:
    return [
        ((f"{label if index == 0 else '':<9}", "muted"), *part)
        for index, part in enumerate(wrap_line(row, max(cells - 9, 20)))
        if row
    ]


def tries(finding: Finding, moment: Moment) -> Line:
    """``l logs   enter tasks   docker service rollback shop_worker``: keys that help, and lines to type."""
    opens = {Kind.SERVICE: "tasks", Kind.NODE: "tasks", Kind.NETWORK: "endpoints"}.get(finding.kind, "describe")
    keys = {"logs": ("l", "logs"), "open": ("enter", opens), "why": ("w", "why"), "nodes": ("2", "nodes")}
    out: list[Span] = []
    for name in finding.suggestions:
        if out and (name in keys or name == "rollback"):
            out.append(("   ", ""))
        if name in keys:
            key, word = keys[name]
            out += [(moment.hint(key), "strong bold"), (f" {word}", "muted")]
        elif name == "rollback":
            out += [
                (f"docker service rollback {finding.name}", ""),
                (f"  {finding.hint.replace('roll back', 'goes back')}", "muted"),
            ]
    return tuple(out)


def _detail(row: FindingRow, moment: Moment, cells: int) -> Detail:
    """The detail of the object it is about."""
    snapshot, key = moment.snapshot, row.finding.key
    service: Service | None = snapshot.services.get(key.id)
    if service is not None:
        return service_detail(service, moment, cells)
    if key.id in snapshot.nodes:
        return node_detail(snapshot.nodes[key.id], moment, cells)
    if key.id in snapshot.networks:
        return network_detail(snapshot.networks[key.id], moment, cells)
    if key.id in snapshot.containers:
        return container_detail(snapshot.containers[key.id], moment, cells)
    f = row.finding
    return Detail(f.name, tuple(((part, ""),) for part in wrap(f"{f.sentence}\n{f.error}".strip(), max(cells, 20))))


def _little_known(moment: Moment) -> tuple[str, str] | None:
    """One node that looks well says nothing about the others."""
    snapshot = moment.snapshot
    if not snapshot.in_swarm or snapshot.is_manager:
        return None
    why = "Of the rest of the swarm only a manager tells."
    return "Nothing on this node needs attention.", why


FINDINGS: TableSpec[FindingRow] = TableSpec(
    id="overview",
    title="Needs attention",
    kind=None,
    rows=_rows,
    key=lambda r: r.key,
    subject=lambda r: r.finding.key,
    affected=_affected,
    columns=(
        Column(
            "state",
            "",
            10,
            lambda r, m: state(r.finding.word, "", SEVERITIES.get(r.finding.word, "")),
            lambda r, m: r.place,
            keep=True,
        ),
        Column("kind", "", 8, lambda r, m: ((_KINDS.get(r.finding.kind, r.finding.kind.value), "muted"),), drop=1),
        Column("name", "", 17, lambda r, m: ((r.finding.name, "bold"),), cut="m", keep=True),
        Column("what", "", 0, _what, cut="w", keep=True, narrow=_WHAT),
        Column("since", "", 11, _since, align="r", drop=2),
    ),
    order=("state",),
    under=_under,
    opened=_opened,
    follows=True,
    filters={
        "state": lambda r, m: r.finding.word,
        "kind": lambda r, m: r.finding.kind.value,
        "name": lambda r, m: r.finding.name,
    },
    haystack=lambda r, m: f"{r.finding.word} {r.finding.kind.value} {r.finding.name} {r.finding.sentence}",
    fault=lambda r, m: r.finding.severity in ("err", "warn"),
    detail=_detail,
    empty=("All is well.", "Nothing here needs attention."),
    empty_here=_little_known,
    needs=frozenset({Kind.NETWORK, Kind.CONTAINER}),
)
